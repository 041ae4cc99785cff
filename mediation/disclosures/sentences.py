"""The sentence for every no that a statement of means can meet."""

from mediation.i18n import N_

SENTENCES = {
    "means:choose": N_("Choose one of the answers."),
    "means:number": N_("Write a whole number, for example 2."),
    "means:people-out-of-range": N_("Write a number between 0 and %(most)s."),
    "means:words-missing": N_("Write something, or choose one of the buttons below."),
    "means:words-too-long": N_("There is room for %(most)s characters; this text has %(length)s."),
    "means:creditor-missing": N_("Write who it is that you owe."),
    "means:too-many-debts": N_("The list holds %(most)s debts. Put the small ones together in one."),
    "means:not-complete": N_(
        "Something is missing without which nobody can say what is affordable. The page My situation shows what."
    ),
    "means:nothing-left": N_(
        "After what you need to live on nothing is left for a plan. The mediator can help to find another way."
    ),
    "means:no-mediator": N_(
        "There is no mediator just now to give this to. Your answers are kept; come back when one is appointed."
    ),
    "means:nothing-stated": N_("There is no answer yet. Answer at least one question first."),
    "means:unfinished": N_("Some answers were begun and cannot be read yet. They are marked on this page."),
    "means:changed": N_("Your answers have changed since this page was opened. Read them again, then confirm."),
    "means:no-consent-to-share": N_(
        "Tick this first, since some sections go to the lender; or let only the mediator read them."
    ),
    "means:consent-taken-back": N_(
        "You took back that anything is passed on to the lender. Let only the mediator read each section."
    ),
    "means:already-verified": N_("This line is marked already."),
    "means:not-verified": N_("This line is not marked."),
    "means:restated": N_("The borrower has stated the means anew. Read the new statement first."),
    "creditors:unknown": N_("This creditor is not in the list."),
    "creditors:twice": N_("The same creditor stands twice in the list."),
    "creditors:nothing-owed": N_("A creditor in the list is owed nothing."),
}
