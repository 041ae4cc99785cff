"""The record in words: one sentence for each kind of entry and each reader, and what the threads are called."""

from collections.abc import Mapping
from typing import Any

from mediation.docket.appointing_said import APPOINTING
from mediation.docket.beside_said import BESIDE
from mediation.docket.said import Said
from mediation.i18n import N_, NP_
from mediation.rules.access import Role, Thread
from mediation.rules.chain import Flaw

WHO = {
    Role.BORROWER: NP_("who did it", "The borrower"),
    Role.LENDER: NP_("who did it", "The lender"),
    Role.MEDIATOR: NP_("who did it", "The mediator"),
    Role.REGISTRAR: NP_("who did it", "The registrar"),
    Role.ADVISER: NP_("who did it", "The adviser"),
    Role.AUDITOR: NP_("who did it", "The auditor"),
    Role.SYSTEM: NP_("who did it", "The clock"),
}

SAID: Mapping[str, Said] = {
    **APPOINTING,
    **BESIDE,
    "case:opened": Said(N_("%(who)s drew up the case."), "", N_("Your side drew up the case.")),
    "case:submitted": Said(
        N_("%(who)s gave the standstill undertaking and submitted the case."),
        "",
        N_("Your side gave the standstill undertaking and submitted the case."),
    ),
    "case:accepted": Said(N_("%(who)s accepted the case for mediation."), N_("You accepted the case for mediation.")),
    "case:rejected": Said(N_("%(who)s did not accept the case."), N_("You did not accept the case.")),
    "case:withdrawn": Said(
        N_("%(who)s withdrew from mediation."),
        N_("You withdrew from mediation."),
        N_("Your side withdrew from mediation."),
    ),
    "case:not-settled": Said(
        N_("%(who)s closed the mediation without a settlement."), N_("You closed the mediation without a settlement.")
    ),
    "invitation:issued": Said(
        N_("The borrower was invited to take part."), N_("You had the borrower invited to take part.")
    ),
    "invitation:renewed": Said(N_("The borrower was invited anew."), N_("You had the borrower invited anew.")),
    "invitation:identified": Said(
        N_("The person invited answered the identity question."), N_("You answered the identity question.")
    ),
    "invitation:contact-wrong": Said(N_("The contact details turned out to be wrong.")),
    "invitation:declined": Said(N_("%(who)s does not take part."), N_("You chose not to take part.")),
    "invitation:lapsed": Said(N_("The time to answer the invitation passed. Silence is not consent.")),
    "consent:given": Said(
        N_("%(who)s takes part and consented to each purpose on its own."),
        N_("You take part and consented to each purpose on its own."),
    ),
    "old-debt:confirmed": Said(
        N_("%(who)s confirmed apart that the next step may acknowledge an old debt."),
        N_("You confirmed apart that the next step may acknowledge an old debt."),
    ),
    "contract:stated": Said(
        N_("%(who)s stated what the loan contract provides."),
        N_("You stated what the loan contract provides."),
        N_("Your side stated what the loan contract provides."),
    ),
    "capacity:reported": Said(
        N_("The registrar was asked to look at a question first; no plan can be agreed meanwhile."),
        N_("You asked the registrar to look at a question first; no plan can be agreed meanwhile."),
    ),
    "capacity:cleared": Said(
        N_("The registrar settled the question; mediation goes on."),
        N_("You settled the question; mediation goes on."),
    ),
    "mediator:proposed": Said(N_("%(who)s put a mediator forward."), N_("You put a mediator forward.")),
    "mediator:accepted": Said(
        N_("%(who)s declared every tie to either side and accepted the case."),
        N_("You declared every tie to either side and accepted the case."),
    ),
    "mediator:declined": Said(N_("The mediator put forward did not take the case."), N_("You did not take the case.")),
    "mediator:agreed": Said(
        N_("%(who)s accepted the mediator."),
        N_("You accepted the mediator."),
        N_("Your side accepted the mediator."),
    ),
    "mediator:objected": Said(
        N_("%(who)s objected to the mediator. No reason is asked for."),
        N_("You objected to the mediator. No reason is asked for."),
        N_("Your side objected to the mediator. No reason is asked for."),
    ),
    "mediator:confirmed": Said(N_("The mediator's appointment stands.")),
    "mediator:recused": Said(
        N_("The mediator stepped back; a new one is sought."), N_("You stepped back from the case.")
    ),
    "mediator:left": Said(N_("The mediator is no longer on the panel; a new one is sought.")),
    "room:opened": Said(N_("%(who)s opened the joint room."), N_("You opened the joint room.")),
    "room:closed": Said(N_("%(who)s closed the joint room."), N_("You closed the joint room.")),
    "message:sent": Said(N_("%(who)s wrote a message."), N_("You wrote a message."), N_("Your side wrote a message.")),
    "message:passed-on": Said(
        N_("%(who)s passed on something that the other side had said in private and allowed to be passed on."),
        N_("You passed on something that the other side had said in private and allowed to be passed on."),
    ),
    "message:leave-used": Said(
        N_("%(who)s passed on to the other side a message of this thread, as its author had allowed."),
        N_("You passed on to the other side a message of this thread, as its author had allowed."),
    ),
    "offer:made": Said(
        N_("%(who)s put a plan on the table."),
        N_("You put a plan on the table."),
        N_("Your side put a plan on the table."),
    ),
    "offer:withdrawn": Said(
        N_("%(who)s took the plan back."), N_("You took your plan back."), N_("Your side took its plan back.")
    ),
    "offer:declined": Said(
        N_("%(who)s did not accept the plan."),
        N_("You did not accept the plan."),
        N_("Your side did not accept the plan."),
    ),
    "offer:accepted": Said(
        N_("%(who)s agreed to exactly this plan. It has no effect before it is signed."),
        N_("You agreed to exactly this plan. It has no effect before it is signed."),
        N_("Your side agreed to exactly this plan. It has no effect before it is signed."),
    ),
    "offer:accepted-by-one": Said(
        N_("One person of a side accepted the plan. It is agreed once everybody who signs there has.")
    ),
    "offer:lapsed": Said(N_("The plan lapsed without an answer. Silence is not consent.")),
    "proposal:made": Said(
        N_("%(who)s put a proposal to both sides. Each answers in private."),
        N_("You put a proposal to both sides. Each answers in private."),
    ),
    "proposal:answered": Said(
        N_("%(who)s answered the mediator's proposal. How is written down nowhere."),
        N_("You answered the mediator's proposal. How is written down nowhere."),
        N_("Your side answered the mediator's proposal. How is written down nowhere."),
    ),
    "proposal:agreed": Said(
        N_("Both sides agreed to exactly the mediator's proposal. It has no effect before it is signed.")
    ),
    "proposal:not-agreed": Said(N_("The mediator's proposal was not agreed to by both. Silence is not consent.")),
    "proposal:taken-back": Said(
        N_("%(who)s took the proposal back. What was answered is gone unread."),
        N_("You took the proposal back. What was answered is gone unread."),
    ),
    "proposal:void": Said(
        N_("The mediator's proposal no longer stands. What was answered is gone unread."),
    ),
    "assumptions:changed": Said(
        N_("%(who)s set for this case what is assumed without an agreement; the reason stands beside the plans."),
        N_("You set for this case what is assumed without an agreement; the reason stands beside the plans."),
    ),
    "means:stated": Said(
        N_("%(who)s stated income and spending to the mediator."),
        N_("You stated your income and spending to the mediator."),
    ),
    "means:verified": Said(
        N_("%(who)s saw a document for a line of the statement of means."),
        N_("You saw a document for a line of the statement of means."),
    ),
    "means:unverified": Said(
        N_("%(who)s took back that a document was seen for a line of the statement of means."),
        N_("You took back that a document was seen for a line of the statement of means."),
    ),
    "document:added": Said(
        N_("%(who)s put a document on file."),
        N_("You put a document on file."),
        N_("Your side put a document on file."),
    ),
    "document:replaced": Said(
        N_("%(who)s put a newer version of a document on file; the earlier one stays."),
        N_("You put a newer version of a document on file; the earlier one stays."),
        N_("Your side put a newer version of a document on file; the earlier one stays."),
    ),
    "document:released": Said(
        N_("%(who)s opened to both sides a document that the mediator alone had seen."),
        N_("You opened to both sides a document that the mediator alone had seen."),
        N_("Your side opened to both sides a document that the mediator alone had seen."),
    ),
    "fact:told": Said(
        N_("%(who)s told the mediator something in confidence."),
        N_("You told the mediator something in confidence."),
        N_("Your side told the mediator something in confidence."),
    ),
    "fact:proof-seen": Said(
        N_("%(who)s saw proof of something told in confidence."), N_("You saw proof of something told in confidence.")
    ),
    "fact:verified": Said(
        N_("%(who)s let the other side know that the mediator has verified something."),
        N_("You let the other side know that the mediator has verified something."),
        N_("Your side let the other side know that the mediator has verified something."),
    ),
    "fact:shared": Said(
        N_("%(who)s let the other side read something that only the mediator knew."),
        N_("You let the other side read something that only the mediator knew."),
        N_("Your side let the other side read something that only the mediator knew."),
    ),
    "earlier:released": Said(
        N_("%(who)s opened to the new mediator what an earlier one had been told."),
        N_("You opened to the new mediator what an earlier one had been told."),
        N_("Your side opened to the new mediator what an earlier one had been told."),
    ),
    "duty:stated": Said(
        N_("%(who)s stated a fact that it owed to both."), "", N_("Your side stated a fact that it owed to both.")
    ),
    "duty:overdue": Said(N_("The lender's time to lay open the loan's papers passed, and something was missing.")),
    "ledger:stated": Said(
        N_("%(who)s stated payments for the account of this loan."),
        N_("You stated payments for the account of this loan."),
        N_("Your side stated payments for the account of this loan."),
    ),
    "ledger:taken-back": Said(
        N_("%(who)s took back payments that had been stated."),
        N_("You took back payments that you had stated."),
        N_("Your side took back payments that it had stated."),
    ),
    "ledger:row-agreed": Said(
        N_("%(who)s agreed to a row of the account."),
        N_("You agreed to a row of the account."),
        N_("Your side agreed to a row of the account."),
    ),
    "ledger:row-disputed": Said(
        N_("%(who)s disputed a row of the account."),
        N_("You disputed a row of the account."),
        N_("Your side disputed a row of the account."),
    ),
    "ledger:row-left-open": Said(
        N_("%(who)s left a row of the account open. That is no consent."),
        N_("You left a row of the account open. That is no consent."),
        N_("Your side left a row of the account open. That is no consent."),
    ),
    "identity:given": Said(
        N_("%(who)s put the details of a signer on file."),
        N_("Your details for signing were put on file."),
        N_("The details of your side's signer were put on file."),
    ),
    "agreement:drafted": Said(N_("%(who)s drew up the agreement."), N_("You drew up the agreement.")),
    "agreement:rendered": Said(N_("The agreement was made into the file that all sign.")),
    "agreement:declined": Said(
        N_("%(who)s chose not to sign; the talks are open again."),
        N_("You chose not to sign; the talks are open again."),
        N_("Your side chose not to sign; the talks are open again."),
    ),
    "agreement:signed": Said(
        N_("%(who)s confirmed exactly this file as signer."),
        N_("You confirmed exactly this file as signer."),
        N_("Your side confirmed exactly this file as signer."),
    ),
    "agreement:sealed": Said(N_("The seal was put on the agreement. It is in force from this moment.")),
    "agreement:lapsed": Said(N_("The time to sign passed without a signature. Nobody is bound.")),
    "agreement:voided": Said(N_("Not everybody signed in time. The file is void and nobody is bound.")),
    "agreement:taken-back": Said(
        N_("%(who)s took the paper back to draw it up again. Nobody is bound by it."),
        N_("You took the paper back to draw it up again. Nobody is bound by it."),
    ),
    "agreement:dropped": Said(N_("Mediation ended before the seal. The file is void and nobody is bound.")),
    "terms:left": Said(
        N_("%(who)s left the agreed plan before it was signed; the talks are open again."),
        N_("You left the agreed plan before it was signed; the talks are open again."),
        N_("Your side left the agreed plan before it was signed; the talks are open again."),
    ),
    "consent:taken-back": Said(
        N_("%(who)s took a consent back. What was done under it before stands."),
        N_("You took a consent back. What was done under it before stands."),
    ),
    "policy:kept": Said(N_("New limits for your side's officers were set."), N_("You set new limits.")),
    "approval:asked": Said(N_("An officer asked a second officer to approve something outside the limits.")),
    "approval:given": Said(N_("A second officer approved something outside the limits.")),
    "approval:returned": Said(N_("A second officer returned something outside the limits.")),
    "approval:taken-back": Said(N_("An officer took back what waited for a second officer.")),
    "adviser:invited": Said(
        N_("%(who)s invited an adviser."), N_("You invited an adviser."), N_("Your side invited an adviser.")
    ),
    "adviser:joined": Said(
        N_("An adviser sits beside one side from now on; the overview says who and beside whom."),
        N_("You sit beside one side as its adviser from now on."),
    ),
    "adviser:ended": Said(N_("An adviser's part in the case ended.")),
    "borrower:invited": Said(
        N_("%(who)s invited a further person to the borrower's side."),
        N_("You invited a further person to the borrower's side."),
    ),
    "borrower:uninvited": Said(
        N_("%(who)s took the invitation of a further person back."),
        N_("You took the invitation of a further person back."),
    ),
    "borrower:joined": Said(
        N_("A further person joined the borrower's side and consented to each purpose on their own.")
    ),
    "loans:imported": Said(N_("%(who)s imported a file of loans."), "", N_("Your side imported a file of loans.")),
    "member:joined": Said(N_("%(who)s gave somebody a place here."), N_("You gave somebody a place here.")),
    "member:left": Said(N_("%(who)s ended somebody's place here."), N_("You ended somebody's place here.")),
    "rounds:kept": Said(
        N_("%(who)s set how many plans each side may put forward."),
        N_("You set how many plans each side may put forward."),
    ),
    "lender:kept": Said(
        N_("%(who)s put a lender's particulars on file."), N_("You put a lender's particulars on file.")
    ),
    "authority:kept": Said(
        N_("%(who)s put an officer's authority on file."), N_("You put an officer's authority on file.")
    ),
}

# The body's one value that shows which text or file an entry means.
FINGERPRINTS = {
    "document:added": "sha256",
    "document:replaced": "sha256",
    "duty:stated": "text_sha256",
    "means:stated": "sha256",
    "ledger:stated": "sha256",
    "offer:made": "sha256",
    "offer:withdrawn": "sha256",
    "assumptions:changed": "sha256",
    "offer:declined": "sha256",
    "offer:accepted": "sha256",
    "offer:accepted-by-one": "sha256",
    "offer:lapsed": "sha256",
    "proposal:made": "sha256",
    "proposal:answered": "sha256",
    "proposal:agreed": "sha256",
    "proposal:not-agreed": "sha256",
    "proposal:taken-back": "sha256",
    "proposal:void": "sha256",
    "offer:superseded": "sha256",
    "agreement:rendered": "pdf_sha256",
    "agreement:signed": "pdf_sha256",
    "agreement:sealed": "pdf_sha256",
    "mediator:accepted": "card_sha256",
    "draw:opened": "seed_sha256",
    "mediator:drawn": "list_sha256",
}

FLAWS = {
    Flaw.GAP: N_("An entry is missing."),
    Flaw.HASH: N_("An entry does not match its fingerprint."),
    Flaw.FORM: N_("An entry is not written as entries are."),
    Flaw.LOG: N_("An entry belongs to another thread."),
    Flaw.ORDER: N_("The entries are not in the order of time."),
    Flaw.SIZE: N_("The number of entries is not the one that was kept."),
    Flaw.ROOT: N_("The fingerprint of the whole does not match its entries."),
    Flaw.BODY: N_("The content of an entry is not the one that was recorded."),
}


def sentence_for(kind: str, reader: Role, doer: Role) -> str:
    """The sentence, still to be translated and given its `who`."""
    return SAID[kind].to(reader, doer)


def doer_of(actor: str, body: Mapping[str, Any] | None) -> Role:
    """Who did it: what the clock made known was done by the side that the body names."""
    role = Role(actor)
    side = (body or {}).get("side")
    return Role(side) if role is Role.SYSTEM and side in (Role.BORROWER.value, Role.LENDER.value) else role


def thread_words(thread: Thread, reader: Role) -> str:
    """What this reader calls a thread, still to be translated in the context `thread`."""
    if thread is Thread.CASE:
        return NP_("thread", "The case")
    if thread is Thread.INSTITUTION:
        return NP_("thread", "The institution")
    if thread is Thread.LENDER:
        return NP_("thread", "Your side alone")
    if thread is Thread.NOTES:
        return NP_("thread", "Your notes")
    if reader is not Role.MEDIATOR:
        return NP_("thread", "You and the mediator in private")
    borrowers = thread is Thread.CAUCUS_BORROWER
    return NP_("thread", "In private with the borrower") if borrowers else NP_("thread", "In private with the lender")
