"""Who may read a section: the mediator alone, the lender in summary, or the lender in full; and the lender's bands."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mediation.disclosures.models import Section
from mediation.rules.affordability import Reckoning, Standing
from mediation.rules.money import exponent


class Readers(StrEnum):
    """Who reads a section besides the borrower; the mediator reads each."""

    MEDIATOR = "mediator"
    SUMMARY = "summary"
    FULL = "full"


_FIGURES = (Readers.MEDIATOR, Readers.SUMMARY, Readers.FULL)
# Of words and of savings there is no summary: they are read or they are not.
CHOICES: Mapping[Section, tuple[Readers, ...]] = {
    **dict.fromkeys((Section.INCOME, Section.SPENDING, Section.HOUSEHOLD, Section.DEBTS), _FIGURES),
    **dict.fromkeys((Section.SAVINGS, Section.HARDSHIP, Section.WORDS), (Readers.MEDIATOR, Readers.FULL)),
}
# Wide enough that a band tells what may be worth proposing, and not what a household could pay at the very most.
BOUNDS = (500, 1_000, 1_500, 2_000, 3_000, 4_000, 6_000, 8_000, 10_000, 15_000, 20_000)


@dataclass(frozen=True, slots=True)
class Band:
    """Instalments from `least` up to `most` minor units a month; no most above the last bound; 0 to 0: none now."""

    least: int
    most: int | None

    @property
    def is_none(self) -> bool:
        """Whether no instalment is affordable at present."""
        return self.most == 0


def band_of(cap: int, currency: str) -> Band:
    """The band in which a cap lies; both in minor units."""
    if cap <= 0:
        return Band(0, 0)
    bounds = [0, *(bound * 10 ** exponent(currency) for bound in BOUNDS)]
    for least, most in zip(bounds, bounds[1:], strict=False):
        if cap <= most:
            return Band(least, most)
    return Band(bounds[-1], None)


def band_seen(reckoning: Reckoning, readers: Mapping[Section, Readers], currency: str) -> Band | None:
    """The band, where every section that it is computed from may at least be summarised; else none.

    The household counts among them only where a usual cost was taken for spending that was not known.
    """
    needed = {Section.INCOME, Section.SPENDING, Section.DEBTS} | ({Section.HOUSEHOLD} if reckoning.assumed else set())
    if reckoning.standing is Standing.OPEN or reckoning.cap is None:
        return None
    if any(readers.get(section, Readers.MEDIATOR) is Readers.MEDIATOR for section in needed):
        return None
    return band_of(reckoning.cap, currency)
