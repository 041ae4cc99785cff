"""The words for periods, for who reads a section, and for what the lender's range says."""

from collections.abc import Mapping

from mediation.disclosures.sharing import Readers
from mediation.i18n import N_, NP_
from mediation.rules.affordability import Doubt, Period

PERIODS: Mapping[Period, str] = {
    Period.MONTHLY: NP_("period", "%(amount)s a month"),
    Period.WEEKLY: NP_("period", "%(amount)s a week"),
    Period.TWO_WEEKLY: NP_("period", "%(amount)s every two weeks"),
    Period.FOUR_WEEKLY: NP_("period", "%(amount)s every four weeks"),
    Period.YEARLY: NP_("period", "%(amount)s a year"),
}
PERIOD_CHOICES = [
    (Period.MONTHLY.value, N_("Every month")),
    (Period.WEEKLY.value, N_("Every week")),
    (Period.TWO_WEEKLY.value, N_("Every two weeks")),
    (Period.FOUR_WEEKLY.value, N_("Every four weeks")),
    (Period.YEARLY.value, N_("Once a year")),
]
READERS: Mapping[Readers, str] = {
    Readers.MEDIATOR: NP_("who reads it", "Only the mediator"),
    Readers.SUMMARY: NP_("who reads it", "The mediator; the lender a summary"),
    Readers.FULL: NP_("who reads it", "The mediator and the lender"),
}
READER_HINTS: Mapping[Readers, str] = {
    Readers.MEDIATOR: N_("The lender cannot see this, nor that there is anything to see."),
    Readers.SUMMARY: N_(
        "No figure of yours. The lender reads a range for an instalment, and whether documents were seen."
    ),
    Readers.FULL: N_("The lender reads every answer of this section. What was read once cannot be unread."),
}
DOUBTS: Mapping[Doubt, str] = {
    Doubt.TOO_HIGH: N_("Higher than usual for a household like yours. The mediator may ask for a bill."),
    Doubt.TOO_LOW: N_("Lower than usual for a household like yours. Is everything counted? You should not go short."),
}
