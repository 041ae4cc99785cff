"""The words of the two-sided ledger: its rows, what may be said of them, where they stand, and every no."""

import unicodedata
from collections.abc import Mapping

from mediation.errors import Refused
from mediation.i18n import N_, NP_
from mediation.rules.ledger import Likeness, Standing, Verdict

COMPONENTS: Mapping[str, str] = {
    "principal_due": NP_("component of a claim", "Principal already due"),
    "principal_not_due": NP_("component of a claim", "Principal not yet due"),
    "interest": NP_("component of a claim", "Interest"),
    "penalty": NP_("component of a claim", "Penalty"),
    "fees": NP_("component of a claim", "Fees"),
}
VERDICTS: Mapping[Verdict, str] = {
    Verdict.AGREED: NP_("what a side says of a row", "Agreed"),
    Verdict.DISPUTED: NP_("what a side says of a row", "Disputed"),
    Verdict.UNKNOWN: NP_("what a side says of a row", "Not sure"),
}
VERDICT_CHOICES = [
    (Verdict.AGREED.value, N_("Yes, this is right")),
    (Verdict.DISPUTED.value, N_("No, this is not right")),
    (Verdict.UNKNOWN.value, N_("I am not sure")),
]
CLAIM_HINTS: Mapping[Verdict, str] = {
    Verdict.AGREED: N_("This amount counts as agreed. You can change your answer as long as the account is open."),
    Verdict.DISPUTED: N_("A plan can leave this part open. The lender can explain it, or state the claim anew."),
    Verdict.UNKNOWN: N_("It counts neither as agreed nor as disputed. You can ask the mediator in private."),
}
PAYMENT_HINTS: Mapping[Verdict, str] = {
    Verdict.AGREED: N_("The payment counts as confirmed by both sides, with this day and this amount."),
    Verdict.DISPUTED: N_("Both sides and the mediator see that this payment is in dispute."),
    Verdict.UNKNOWN: N_("The payment stays open. Leaving it open is no consent."),
}
UNANSWERED = NP_("what a side says of a row", "Not answered yet")
STANDINGS: Mapping[Standing, str] = {
    Standing.CONFIRMED: NP_("where a payment stands", "Confirmed by both sides"),
    Standing.DISPUTED: NP_("where a payment stands", "In dispute"),
    Standing.OPEN: NP_("where a payment stands", "Open"),
}
LIKENESSES: Mapping[Likeness, str] = {
    Likeness.SAME: NP_("two histories", "Both state the same"),
    Likeness.DAYS_DIFFER: NP_("two histories", "The same amount, the days differ"),
    Likeness.ONE_SIDE: NP_("two histories", "Only one side states it"),
}
TONES: Mapping[Standing, str] = {Standing.CONFIRMED: "done", Standing.DISPUTED: "now", Standing.OPEN: "waiting"}

SENTENCES: dict[str, str] = {
    "ledger:choose": N_("Choose one of the three answers."),
    "ledger:amount-not-positive": N_("A payment is more than nothing. Write the amount that was paid."),
    "ledger:day-missing": N_("Write the day of the payment."),
    "ledger:day-in-future": N_("A payment that was made lies on a day up to today, %(today)s."),
    "ledger:day-too-early": N_("Write a day after %(earliest)s. Check the year."),
    "ledger:row-twice": N_("A row stands twice. Open the page again."),
    "ledger:too-many-rows": N_("Each side can state up to %(most)s payments. Take back those that are not needed."),
    "ledger:disputed-out-of-range": N_("Write an amount above zero and at most what is claimed in this row."),
    "ledger:reason-missing": N_("Write why, so that the borrower can check it. A few words are enough."),
    "ledger:words-too-long": N_("There is room for %(most)s characters; this text has %(length)s."),
    "ledger:words-hide": N_("There are invisible characters in this text. Type it again."),
    "ledger:claim-changed": N_("The claim has changed since this page was opened. Look at it again."),
    "ledger:in-question": N_(
        "The institution must settle a question first. Until then no row can be agreed to, but any can be disputed."
    ),
    "ledger:own-row": N_("Your own side stated this payment. It can be taken back, not answered."),
    "ledger:file-missing": N_("Choose the file first."),
    "ledger:file-too-large": N_("This file is too large: %(megabytes)s MB are enough for a history of payments."),
    "ledger:file-stated-already": N_("Exactly this file was stated before and still counts. Nothing was added."),
    "ledger:file-without-payments": N_("There is no payment below the headers of this file."),
    "ledger:file-without-day": N_(
        "No column of this file is known as the day of payment. Name its header “Paid on”, “还款日期” or “交易日期”."
    ),
    "ledger:file-without-amount": N_(
        "No column of this file is known as the amount paid. Name its header “Amount paid”, “还款金额” or “实还金额”."
    ),
    "ledger:file-in-doubt": N_("%(count)s rows of this file cannot be read, so none was taken. They are listed below."),
    "ledger:amount-cut": N_(
        "The comma in this amount may have cut it in two. Write amounts without commas, or in quotation marks."
    ),
    "ledger:month-only": N_("This names a month and no day. Write it as 2025-01-05."),
}
NOTE_MOST, REASON_MOST, PROOF_MOST = 200, 1000, 300
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain_words(text: str, field: str, *, most: int) -> str:
    """The text composed (NFC) and without white edges; refused where it is too long or hides something."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) > most:
        raise Refused("ledger:words-too-long", field=field, most=most, length=len(text))
    # A figure could read otherwise than it was typed.
    if any(letter in _TURNING or (unicodedata.category(letter) in ("Cc", "Cs") and letter != "\n") for letter in text):
        raise Refused("ledger:words-hide", field=field)
    return text
