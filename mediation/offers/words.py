"""The words for where an offer stands, in the viewer's eyes, and for what a plan says."""

from collections.abc import Mapping
from enum import StrEnum

from mediation.i18n import NP_
from mediation.rules.negotiation import OfferState, Side
from mediation.rules.plans import Frequency, Grace, Method


class Viewer(StrEnum):
    """Whose eyes look at an offer."""

    OWN = "own"
    OTHER = "other"
    MEDIATOR = "mediator"
    OF_NEITHER = "of-neither"


def viewer_of(reader: Side | None, by: Side | None) -> Viewer:
    """The eyes with which that reader looks at an offer of that side, or at one that the mediator proposed to both."""
    if by is None:
        return Viewer.OF_NEITHER
    if reader is None:
        return Viewer.MEDIATOR
    return Viewer.OWN if reader is by else Viewer.OTHER


STATES: Mapping[tuple[OfferState, Viewer], str] = {
    (OfferState.HELD, Viewer.OWN): NP_("state of a plan", "Held back for ten minutes; only your side sees it"),
    (OfferState.OPEN, Viewer.OWN): NP_("state of a plan", "Waiting for the other side's answer"),
    (OfferState.OPEN, Viewer.OTHER): NP_("state of a plan", "Waiting for your side's answer"),
    (OfferState.OPEN, Viewer.MEDIATOR): NP_("state of a plan", "Waiting for an answer"),
    (OfferState.COUNTERED, Viewer.OWN): NP_("state of a plan", "The other side proposed changes"),
    (OfferState.COUNTERED, Viewer.OTHER): NP_("state of a plan", "Your side proposed changes"),
    (OfferState.COUNTERED, Viewer.MEDIATOR): NP_("state of a plan", "Answered with changes"),
    (OfferState.DECLINED, Viewer.OWN): NP_("state of a plan", "The other side did not accept it"),
    (OfferState.DECLINED, Viewer.OTHER): NP_("state of a plan", "Your side did not accept it"),
    (OfferState.DECLINED, Viewer.MEDIATOR): NP_("state of a plan", "Not accepted"),
    (OfferState.WITHDRAWN, Viewer.OWN): NP_("state of a plan", "Taken back by your side"),
    (OfferState.WITHDRAWN, Viewer.OTHER): NP_("state of a plan", "Taken back by the other side"),
    (OfferState.WITHDRAWN, Viewer.MEDIATOR): NP_("state of a plan", "Taken back"),
    **{(OfferState.ACCEPTED, each): NP_("state of a plan", "Both accept this plan; no effect until signed")
       for each in Viewer},
    **{(OfferState.LAPSED, each): NP_("state of a plan", "The time to answer passed without an answer")
       for each in Viewer},
    **{(OfferState.SUPERSEDED, each): NP_("state of a plan", "Something newer took its place") for each in Viewer},
    **{(OfferState.VOID, each): NP_("state of a plan", "Stands no more") for each in Viewer},
}  # fmt: skip

# How the tag of a state looks: `now` needs the reader, `done` needs nobody.
_TONES = {
    (OfferState.OPEN, Viewer.OTHER): "now",
    (OfferState.OPEN, Viewer.OWN): "waiting",
    (OfferState.OPEN, Viewer.MEDIATOR): "waiting",
    (OfferState.HELD, Viewer.OWN): "waiting",
    **{(OfferState.ACCEPTED, each): "done" for each in Viewer},
}
TONES: Mapping[tuple[OfferState, Viewer], str] = {pair: _TONES.get(pair, "plain") for pair in STATES}

# What has happened to an offer since a page was opened, in the eyes of whoever looks.
CHANGES: Mapping[tuple[OfferState, Viewer], str] = {
    (OfferState.HELD, Viewer.OWN): NP_("change of a plan", "Your side put forward a plan; it is not shown yet."),
    (OfferState.OPEN, Viewer.OWN): NP_("change of a plan", "Your side's plan now lies before the other side."),
    (OfferState.OPEN, Viewer.OTHER): NP_("change of a plan", "A plan of the other side has arrived."),
    (OfferState.COUNTERED, Viewer.OWN): NP_("change of a plan", "The other side proposed changes to your plan."),
    (OfferState.COUNTERED, Viewer.OTHER): NP_("change of a plan", "Your side proposed changes to their plan."),
    (OfferState.ACCEPTED, Viewer.OWN): NP_("change of a plan", "Your side's plan was accepted."),
    (OfferState.ACCEPTED, Viewer.OTHER): NP_("change of a plan", "Your side accepted the other side's plan."),
    (OfferState.OPEN, Viewer.OF_NEITHER): NP_("change of a plan", "The mediator's proposal came onto the table."),
    (OfferState.ACCEPTED, Viewer.OF_NEITHER): NP_("change of a plan", "Both sides agreed to the mediator's proposal."),
    (OfferState.DECLINED, Viewer.OWN): NP_("change of a plan", "The other side did not accept your side's plan."),
    (OfferState.DECLINED, Viewer.OTHER): NP_("change of a plan", "Your side did not accept the other side's plan."),
    (OfferState.WITHDRAWN, Viewer.OWN): NP_("change of a plan", "Your side took its plan back."),
    (OfferState.WITHDRAWN, Viewer.OTHER): NP_("change of a plan", "The other side took its plan back."),
    **{(OfferState.LAPSED, each): NP_("change of a plan", "The time to answer a plan has passed.") for each in Viewer},
    **{(OfferState.SUPERSEDED, each):
       NP_("change of a plan", "A newer plan or a newer claim took the place of the plan.") for each in Viewer},
    **{(OfferState.VOID, each): NP_("change of a plan", "The plan stands no more.")
       for each in Viewer},
}  # fmt: skip

FREQUENCIES: Mapping[Frequency, str] = {
    Frequency.MONTHLY: NP_("how often", "Every month"),
    Frequency.FOUR_WEEKLY: NP_("how often", "Every four weeks"),
    Frequency.TWO_WEEKLY: NP_("how often", "Every two weeks"),
    Frequency.WEEKLY: NP_("how often", "Every week"),
}
GRACES: Mapping[Grace, str] = {
    Grace.NONE: NP_("grace", "None"),
    Grace.INTEREST_ONLY: NP_("grace", "At first interest alone"),
    Grace.FULL: NP_("grace", "Payments begin later"),
}
METHODS: Mapping[Method, str] = {
    Method.EQUAL_INSTALMENTS: NP_("method", "Equal instalments"),
    Method.EQUAL_PRINCIPAL: NP_("method", "Equal principal, with interest that falls"),
}
