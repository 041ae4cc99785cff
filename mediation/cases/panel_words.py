"""What languages, payers, hindrances and the figures of a card are called; translated where they are shown."""

from collections.abc import Mapping

from mediation.i18n import N_, NP_
from mediation.rules.appointing import Hindrance, Language, Payer

LANGUAGES: Mapping[Language, str] = {
    Language.MANDARIN: N_("Mandarin"),
    Language.CANTONESE: N_("Cantonese"),
    Language.ENGLISH: N_("English"),
    Language.UYGHUR: N_("Uyghur"),
    Language.TIBETAN: N_("Tibetan"),
    Language.MONGOLIAN: N_("Mongolian"),
    Language.SIGN: N_("Chinese sign language"),
}

PAYERS: Mapping[Payer, str] = {
    Payer.PUBLIC: N_("Public funds; neither side pays"),
    Payer.INSTITUTION: N_("The mediation body; neither side pays"),
    Payer.LENDER: N_("The lender"),
    Payer.BOTH_SIDES: N_("Both sides, half each"),
}

HINDRANCES: Mapping[Hindrance, str] = {
    Hindrance.TIE: NP_("speaks against", "Has had a tie to this lender"),
    Hindrance.SHARE: NP_("speaks against", "Over the limit for one lender's share"),
    Hindrance.LANGUAGE: NP_("speaks against", "Does not speak the borrower's language"),
    Hindrance.LOAD: NP_("speaks against", "Has as many open cases as the panel allows"),
}

FIGURES: Mapping[str, str] = {
    "in_year": NP_("figure", "Cases in 12 months, of all lenders"),
    "with_lender": NP_("figure", "Cases with this lender in 12 months"),
    "running": NP_("figure", "of them, still running"),
    "settled": NP_("figure", "of them, settled by an agreement"),
    "not_settled": NP_("figure", "of them, ended without one"),
    "waiver": NP_("figure", "Average part of the claim that was waived"),
    "announced": NP_("figure", "Appointments announced in 12 months"),
    "objections": NP_("figure", "of them, ended by an objection"),
}
