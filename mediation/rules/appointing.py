"""Whom a registrar is advised to appoint: languages, ties, load, and how much of a mediator's work one lender is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from mediation.errors import Refused

LEAST_PERCENT, MOST_PERCENT = 1, 100
MOST_FROM_CASES = 1000


class Language(StrEnum):
    """A language in which a mediator can hold talks; the values are ISO 639-3."""

    MANDARIN = "cmn"
    CANTONESE = "yue"
    ENGLISH = "eng"
    UYGHUR = "uig"
    TIBETAN = "bod"
    MONGOLIAN = "mon"
    SIGN = "csl"


class Payer(StrEnum):
    """Who pays for a mediator's work."""

    PUBLIC = "public"
    INSTITUTION = "institution"
    LENDER = "lender"
    BOTH_SIDES = "both_sides"


class Hindrance(StrEnum):
    """What speaks against one mediator in one case; the order is the order in which they weigh."""

    TIE = "tie"
    SHARE = "share"
    LANGUAGE = "language"
    LOAD = "load"


# Against these a registrar appoints only with a reason that both sides read; the others merely rank.
NEEDS_REASON = frozenset({Hindrance.TIE, Hindrance.SHARE})
PARTIES_PAY = frozenset({Payer.LENDER, Payer.BOTH_SIDES})


@dataclass(frozen=True, slots=True)
class ShareLimit:
    """The most, in whole percent, that one lender may be of a mediator's cases, counted from that many cases on."""

    percent: int
    from_cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A mediator as the advice weighs one; counts of cases, `most_open` 0 where there is no bound.

    in_year, with_lender: cases that run, or ended in the last 12 months; of all lenders, and of this case's lender.
    """

    key: str
    open_cases: int
    most_open: int = 0
    languages: frozenset[Language] = frozenset({Language.MANDARIN})
    in_year: int = 0
    with_lender: int = 0
    has_tie: bool = False


def hindrances(candidate: Candidate, *, language: Language, limit: ShareLimit | None) -> tuple[Hindrance, ...]:
    """What speaks against this mediator in a case that is heard in that language; empty for one without a but."""
    found = {
        Hindrance.TIE: candidate.has_tie,
        Hindrance.SHARE: is_over_share(candidate, limit),
        Hindrance.LANGUAGE: language not in candidate.languages,
        Hindrance.LOAD: 0 < candidate.most_open <= candidate.open_cases,
    }
    return tuple(each for each in Hindrance if found[each])


def share_with(candidate: Candidate) -> Fraction:
    """What this lender would be of the mediator's cases once this case is one of them, from 0 to 1."""
    return Fraction(candidate.with_lender + 1, candidate.in_year + 1)


def is_over_share(candidate: Candidate, limit: ShareLimit | None) -> bool:
    """Whether one more case of this lender would be more of the mediator's work than the institution allows."""
    if limit is None or candidate.in_year + 1 < limit.from_cases:
        return False
    return share_with(candidate) * 100 > limit.percent


def recommended(
    candidates: Collection[Candidate], *, language: Language, limit: ShareLimit | None
) -> Sequence[tuple[Candidate, tuple[Hindrance, ...]]]:
    """Everybody with what speaks against them, the best first.

    First whoever has nothing against them, then the lighter hindrances; among equals the fewest open cases, then
    the smaller part with this lender, then the key, so that the order never depends on how the list came.
    """
    weighed = [(each, hindrances(each, language=language, limit=limit)) for each in candidates]
    return sorted(weighed, key=lambda pair: (_weight(pair[1]), pair[0].open_cases, share_with(pair[0]), pair[0].key))


def check_share_limit(percent: int, from_cases: int) -> ShareLimit:
    """The limit of those figures; Refused: panel:percent-out-of-range, panel:from-cases-out-of-range."""
    if not LEAST_PERCENT <= percent <= MOST_PERCENT:
        raise Refused("panel:percent-out-of-range", field="percent", least=LEAST_PERCENT, most=MOST_PERCENT)
    if not 1 <= from_cases <= MOST_FROM_CASES:
        raise Refused("panel:from-cases-out-of-range", field="from_cases", least=1, most=MOST_FROM_CASES)
    return ShareLimit(percent, from_cases)


def check_fee(paid_by: Payer, fee: int) -> None:
    """A fee (minor units) stands exactly where the parties pay one; Refused: panel:fee-not-paid, panel:fee-missing."""
    if fee < 0 or (fee > 0 and paid_by not in PARTIES_PAY):
        raise Refused("panel:fee-not-paid", field="fee")
    if fee == 0 and paid_by in PARTIES_PAY:
        raise Refused("panel:fee-missing", field="fee")


def language_of(locale: str) -> Language:
    """The language in which somebody is heard who reads these pages in that locale; Mandarin where it is unknown."""
    return Language.ENGLISH if locale.startswith("en") else Language.MANDARIN


def _weight(found: tuple[Hindrance, ...]) -> tuple[bool, ...]:
    return tuple(each in found for each in Hindrance)
