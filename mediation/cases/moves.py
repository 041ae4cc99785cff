"""How a case moves: the stage by the lifecycle table, whose turn it is, and until when by the one engine."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from mediation import lawbook
from mediation.cases.models import Case
from mediation.cases.seats import Seat
from mediation.rules import deadlines, lifecycle
from mediation.rules.access import Role
from mediation.rules.deadlines import Deadline, Term
from mediation.rules.lifecycle import Move


def move(seat: Seat, what: Move, *, at: datetime) -> Seat:
    """The case stands at the stage that the table names; the same seat at that stage is returned."""
    seat.case.stage = lifecycle.next_stage(seat.case.stage, what)
    seat.case.moved_at = at
    if lifecycle.is_over(seat.case.stage):
        await_nobody(seat.case, at=at)
    seat.session.flush()
    return seat.now_at(seat.case.stage)


def await_turn(case: Case, role: Role | None, *, until: datetime | None, kind: str, at: datetime) -> None:
    """It is this role's turn; the docket and both sides read the same end. `kind` names the deadline: a Term value.

    Without a role, time alone decides: nobody has to act before the end, and anybody may.
    """
    case.turn, case.deadline_at, case.deadline_kind, case.moved_at = role, until, kind, at


def await_nobody(case: Case, *, at: datetime) -> None:
    """Nobody has to do anything in this case now."""
    case.turn, case.deadline_at, case.deadline_kind, case.moved_at = None, None, "", at


def deadline_of(case: Case, term: Term, *, at: datetime, count: int | None = None) -> Deadline:
    """The end of a named period that begins with an act at `at`, by the case's own calendar and zone."""
    return deadlines.deadline(
        at, deadlines.period(term, count), calendar=lawbook.calendar(case.calendar), zone=ZoneInfo(case.zone)
    )


def local_day(case: Case, at: datetime) -> date:
    """The day that this moment falls on in the case's zone."""
    return at.astimezone(ZoneInfo(case.zone)).date()
