"""What is assumed in a case where no plan is agreed: the body's own figures, or the mediator's for this case."""

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from mediation import audit, lawbook
from mediation.cases.moves import local_day
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.errors import Refused
from mediation.offers.assumption_models import CaseAssumption
from mediation.rules import chain
from mediation.rules.access import Role
from mediation.rules.assumptions import MOST_DECIMALS, MOST_MONTHS, Assumptions
from mediation.rules.legal_rules import LprRow

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The figures that a mediator may set: shares from 0 to 1, months, and the effective yearly rate of discount."""

    recovery_low: Decimal
    recovery_high: Decimal
    months_low: int
    months_high: int
    court_fee_low: Decimal
    court_fee_high: Decimal
    discount_rate: Decimal


PAIRS = (("recovery_low", "recovery_high"), ("months_low", "months_high"), ("court_fee_low", "court_fee_high"))
# The part of the set of figures to which each pair belongs.
PARTS = {"recovery_share": PAIRS[0], "months": PAIRS[1], "court_fee_share": PAIRS[2]}


@dataclass(frozen=True)
class Assumed:
    """What holds in a case on a day.

    lpr: the publication from which the rate of discount comes, None where the mediator set another;
    may_lack_lpr: whether a later one may hold already. own: the parts (names of PARTS, and discount_rate) that
    differ from the body's own. set_for_case: who set them and why.
    """

    figures: Assumptions
    chosen: Chosen
    lpr: LprRow | None
    may_lack_lpr: bool
    own: frozenset[str]
    set_for_case: CaseAssumption | None


def assumed_in(seat: Seat, on: date) -> Assumed | None:
    """What is assumed in this case, with the LPR of that day; None where nothing is assumed in its currency."""
    seat.require("offer:read")
    figures, lpr = lawbook.assumptions(seat.case.currency), lawbook.law().lpr_on(on)
    if figures is None or lpr is None:
        return None
    usual, kept = _usual(figures, lpr), _newest(seat)
    chosen = usual if kept is None else Chosen(**{name: getattr(kept, name) for name in asdict(usual)})
    own = {part for part, pair in PARTS.items() if any(getattr(chosen, n) != getattr(usual, n) for n in pair)}
    if chosen.discount_rate != usual.discount_rate:
        own.add("discount_rate")
    return Assumed(
        figures=_with(figures, chosen),
        chosen=chosen,
        lpr=None if "discount_rate" in own else lpr,
        may_lack_lpr="discount_rate" not in own and lawbook.law().may_lack_lpr(on),
        own=frozenset(own),
        set_for_case=kept,
    )


def set_assumptions(seat: Seat, chosen: Chosen, reason: str, *, at: datetime) -> None:
    """From now on these figures are assumed in this case, and both sides read why."""
    seat.require("assumptions:set")
    _check(chosen, reason)
    current = assumed_in(seat, local_day(seat.case, at))
    if current is None:
        raise Refused("assumptions:none-for-currency", currency=seat.case.currency)
    version = 1 if current.set_for_case is None else current.set_for_case.version + 1
    _keep(seat, chosen, reason.strip(), version, at)
    said = {"version": version, "sha256": _sha256(chosen), "reason_sha256": _hash(reason.strip())}
    audit.record(seat, "assumptions:changed", said, at=at)
    tell_roles(seat.session, seat.case, "assumptions:changed", (Role.BORROWER, Role.LENDER), at=at)


def _usual(figures: Assumptions, lpr: LprRow) -> Chosen:
    return Chosen(
        recovery_low=figures.recovery_share.low,
        recovery_high=figures.recovery_share.high,
        months_low=figures.months.low,
        months_high=figures.months.high,
        court_fee_low=figures.court_fee_share.low,
        court_fee_high=figures.court_fee_share.high,
        discount_rate=lpr.one_year,
    )


def _with(figures: Assumptions, chosen: Chosen) -> Assumptions:
    return replace(
        figures,
        recovery_share=replace(figures.recovery_share, low=chosen.recovery_low, high=chosen.recovery_high),
        months=replace(figures.months, low=chosen.months_low, high=chosen.months_high),
        court_fee_share=replace(figures.court_fee_share, low=chosen.court_fee_low, high=chosen.court_fee_high),
    )


def _newest(seat: Seat) -> CaseAssumption | None:
    found = select(CaseAssumption).where(CaseAssumption.case_id == seat.case_id)
    return seat.session.scalars(found.order_by(CaseAssumption.version.desc()).limit(1)).first()


def _check(chosen: Chosen, reason: str) -> None:
    for name, value in asdict(chosen).items():
        if isinstance(value, int):
            if not 0 <= value <= MOST_MONTHS:
                raise Refused("assumptions:months-out-of-range", field=name, least=0, most=MOST_MONTHS)
        elif not value.is_finite() or not 0 <= value <= 1:
            raise Refused("assumptions:share-out-of-range", field=name)
        elif int(value.as_tuple().exponent) < -MOST_DECIMALS:
            raise Refused("assumptions:share-too-fine", field=name, decimals=MOST_DECIMALS - 2)
    for low, high in PAIRS:
        if getattr(chosen, low) > getattr(chosen, high):
            raise Refused("assumptions:low-above-high", field=high)
    if not reason.strip():
        raise Refused("assumptions:reason-missing", field="reason")
    if len(reason.strip()) > LONGEST_REASON:
        raise Refused("assumptions:reason-too-long", field="reason", characters=LONGEST_REASON)


def _keep(seat: Seat, chosen: Chosen, reason: str, version: int, at: datetime) -> None:
    assert seat.account_id is not None
    row = CaseAssumption(
        case_id=seat.case_id,
        version=version,
        reason=reason,
        set_by=seat.account_id,
        set_at=at,
        **asdict(chosen),
    )
    seat.session.add(row)
    seat.session.flush()


def _sha256(chosen: Chosen) -> str:
    return _hash(chain.canonical({name: str(value) for name, value in asdict(chosen).items()}).decode())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
