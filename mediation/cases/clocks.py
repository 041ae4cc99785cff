"""Clocks that stand still while a case is paused: what each still had when the pause began, it has when it ends."""

from datetime import datetime
from zoneinfo import ZoneInfo

from mediation import lawbook
from mediation.cases.models import Case
from mediation.rules import deadlines
from mediation.rules.deadlines import PERIODS, Term, Unit


def unit_of(kind: str) -> Unit:
    """What the period of that name is counted in; calendar days where it has none."""
    return PERIODS[Term(kind)].default.unit if kind in set(Term) else Unit.DAYS


def kept_end(
    case: Case, ends_at: datetime | None, *, paused_at: datetime, resumed_at: datetime, unit: Unit = Unit.DAYS
) -> datetime | None:
    """The end of a period that stood still meanwhile; one that was over before stays as it was."""
    if ends_at is None or deadlines.is_over(ends_at, paused_at):
        return ends_at
    calendar, zone = lawbook.calendar(case.calendar), ZoneInfo(case.zone)
    return deadlines.resumed(
        ends_at, paused_at=paused_at, resumed_at=resumed_at, calendar=calendar, zone=zone, unit=unit
    ).ends_at
