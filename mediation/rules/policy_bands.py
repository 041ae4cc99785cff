"""What a lender's officers may agree to by themselves: bands by days overdue, and what of a plan lies outside."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from mediation.errors import Refused
from mediation.rules.loans import ClaimFigures
from mediation.rules.plan_kinds import COMPONENTS, Terms
from mediation.rules.repayment import MOST_INSTALMENTS, due_dates

MOST_BANDS = 6
MOST_MONTHS = MOST_INSTALMENTS
MOST_DAYS = 36_500
# A share is written in per cent with at most two decimals.
MOST_DECIMALS = 4


class Limit(StrEnum):
    """What a band limits. `unknown_age`: nobody knows how long the loan is overdue, so no band is known to fit."""

    MONTHS = "months"
    WAIVED_PRINCIPAL = "waived_principal"
    WAIVED_INTEREST = "waived_interest"
    WAIVED_PENALTY = "waived_penalty"
    WAIVED_FEES = "waived_fees"
    RECOVERY = "recovery"
    UNKNOWN_AGE = "unknown_age"


WAIVED: Mapping[str, Limit] = {name: Limit(f"waived_{name}") for name in COMPONENTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """A share from 0 to 1 of each component of a claim."""

    principal: Decimal = Decimal(0)
    interest: Decimal = Decimal(0)
    penalty: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What holds for loans overdue for `from_days` days or more, up to the next band's `from_days`.

    most_months: from the day on which the plan is put forward or accepted to its last payment, each month that
    has begun counted whole. most_waived: the share of each component that may be given up. least_recovery: the
    share of the whole claim that the plan must agree on; its own interest does not count, and what it leaves
    open counts as not recovered.
    """

    from_days: int
    most_months: int
    most_waived: Shares
    least_recovery: Decimal


@dataclass(frozen=True, slots=True)
class Breach:
    """One limit that a plan does not keep: what it asks, and what is allowed, in months or in minor units."""

    limit: Limit
    asked: int
    allowed: int


def check_bands(bands: Sequence[Band]) -> None:
    """Passes bands that leave no day out and hold figures that can be kept; no band at all limits nothing.

    Refused, with `field` = the figure's name and the band's place from 1 (most_months_2): bands:too-many,
    bands:first-not-zero, bands:not-ascending, bands:days-out-of-range, bands:months-out-of-range (1 to 600),
    bands:share-out-of-range (0 to 1), bands:share-too-fine.
    """
    if len(bands) > MOST_BANDS:
        raise Refused("bands:too-many", most=MOST_BANDS)
    for place, band in enumerate(bands, 1):
        _check_days(bands, place)
        if not 1 <= band.most_months <= MOST_MONTHS:
            raise Refused("bands:months-out-of-range", field=f"most_months_{place}", fewest=1, longest=MOST_MONTHS)
        for name in COMPONENTS:
            _check_share(getattr(band.most_waived, name), field=f"waived_{name}_{place}")
        _check_share(band.least_recovery, field=f"least_recovery_{place}")


def outside(
    terms: Terms, claim: ClaimFigures, bands: Sequence[Band], days_overdue: int | None, *, on: date
) -> tuple[Breach, ...]:
    """What of checked terms lies outside checked bands on `on`; nothing where there are no bands.

    Where nobody knows how long the loan is overdue, no officer is known to have the authority: unknown_age.
    """
    if not bands:
        return ()
    band = band_for(bands, days_overdue)
    return (Breach(Limit.UNKNOWN_AGE, 0, 0),) if band is None else breaches(terms, claim, band, on=on)


def band_for(bands: Sequence[Band], days_overdue: int | None) -> Band | None:
    """The band of checked bands for a loan overdue for so many days; None where that is not known."""
    if days_overdue is None:
        return None
    return next((band for band in reversed(bands) if band.from_days <= max(0, days_overdue)), None)


def days_overdue(since_on: date | None, on: date) -> int | None:
    """Whole days from the first day overdue to `on`, 0 before it; None where that day is not known."""
    return None if since_on is None else max(0, (on - since_on).days)


def breaches(terms: Terms, claim: ClaimFigures, band: Band, *, on: date) -> tuple[Breach, ...]:
    """Every limit of the band that checked terms do not keep on `on`, with both figures; none: it lies inside.

    A share of a component is compared exactly; what is allowed is told rounded to the minor unit that still
    keeps the limit: down for a waiver, up for the least recovery.
    """
    return tuple(_breaches(terms, claim, band, on))


def months_of(terms: Terms, on: date) -> int:
    """Months from `on` to the last payment as the terms name its day, a month that has begun counted whole.

    A month ends on the same day of the next one, or on its last day where it has no such day (Civil Code of
    the PRC, arts. 201 and 202). 0 where the last payment is not after `on`.
    """
    last = due_dates(terms.first_due_on, terms.frequency, terms.instalments)[-1]
    months = (last.year - on.year) * 12 + last.month - on.month
    has_begun_another = last.day > min(on.day, monthrange(last.year, last.month)[1])
    return max(0, months + has_begun_another)


def bands_document(bands: Sequence[Band]) -> list[dict[str, Any]]:
    """The bands as plain JSON values: whole numbers, and shares as text."""
    return [
        {
            "from_days": band.from_days,
            "most_months": band.most_months,
            "most_waived": {name: _text(getattr(band.most_waived, name)) for name in COMPONENTS},
            "least_recovery": _text(band.least_recovery),
        }
        for band in bands
    ]


def bands_from(document: Sequence[Mapping[str, Any]]) -> tuple[Band, ...]:
    """What `bands_document` wrote."""
    return tuple(
        Band(
            from_days=int(kept["from_days"]),
            most_months=int(kept["most_months"]),
            most_waived=Shares(**{name: Decimal(kept["most_waived"][name]) for name in COMPONENTS}),
            least_recovery=Decimal(kept["least_recovery"]),
        )
        for kept in document
    )


def _breaches(terms: Terms, claim: ClaimFigures, band: Band, on: date) -> Iterator[Breach]:
    months = months_of(terms, on)
    if months > band.most_months:
        yield Breach(Limit.MONTHS, months, band.most_months)
    for name in COMPONENTS:
        waived, most = getattr(terms.waivers, name), Fraction(getattr(band.most_waived, name)) * getattr(claim, name)
        if waived > most:
            yield Breach(WAIVED[name], waived, int(most))
    least = Fraction(band.least_recovery) * claim.total
    if terms.agreed_total < least:
        yield Breach(Limit.RECOVERY, terms.agreed_total, -int(-least // 1))


def _check_days(bands: Sequence[Band], place: int) -> None:
    field, days = f"from_days_{place}", bands[place - 1].from_days
    if not 0 <= days <= MOST_DAYS:
        raise Refused("bands:days-out-of-range", field=field, fewest=0, longest=MOST_DAYS)
    if place == 1 and days:
        raise Refused("bands:first-not-zero", field=field)
    if place > 1 and days <= bands[place - 2].from_days:
        raise Refused("bands:not-ascending", field=field, days=bands[place - 2].from_days)


def _check_share(share: Decimal, *, field: str) -> None:
    if not share.is_finite() or not 0 <= share <= 1:
        raise Refused("bands:share-out-of-range", field=field)
    if int(share.as_tuple().exponent) < -MOST_DECIMALS:
        raise Refused("bands:share-too-fine", field=field, decimals=MOST_DECIMALS - 2)


def _text(share: Decimal) -> str:
    return format(share.normalize(), "f")
