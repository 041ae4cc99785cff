"""How a case moves: the stage by the lifecycle table, whose turn it is, and until when by the one engine."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from mediation import lawbook, outbox
from mediation.cases import outcomes
from mediation.cases.models import Case
from mediation.cases.seats import Seat
from mediation.rules import deadlines, lifecycle
from mediation.rules.access import Role
from mediation.rules.deadlines import Deadline, Term
from mediation.rules.lifecycle import Move, Stage


def move(seat: Seat, what: Move, *, at: datetime, back_to: Stage | None = None) -> Seat:
    """The case stands at the stage that the table names; a resumed one goes `back_to` where it left the line."""
    left = seat.case.stage
    seat.case.stage = lifecycle.next_stage(left, what, left=back_to)
    seat.case.moved_at = at
    if lifecycle.is_over(seat.case.stage):
        outcomes.keep_unsettled(seat.session, seat.case, left=left, at=at)
        await_nobody(seat.case, at=at)
        _promise_tidying(seat, at)
    seat.session.flush()
    return seat.now_at(seat.case.stage)


def await_turn(case: Case, role: Role | None, *, until: datetime | None, kind: str, at: datetime) -> None:
    """It is this role's turn; the docket and both sides read the same end. `kind` names the deadline: a Term value.

    Without a role, time alone decides: nobody has to act before the end, and anybody may.
    """
    case.turn, case.deadline_at, case.deadline_kind, case.moved_at = role, until, kind, at
    case.both_sides = False


def await_both_sides(case: Case, *, until: datetime, kind: str, at: datetime) -> None:
    """It is the turn of both parties, in any order; both find it among what needs them."""
    await_turn(case, Role.BORROWER, until=until, kind=kind, at=at)
    case.both_sides = True


def await_nobody(case: Case, *, at: datetime) -> None:
    """Nobody has to do anything in this case now."""
    case.turn, case.deadline_at, case.deadline_kind, case.moved_at = None, None, "", at
    case.both_sides = False


def waits_for(case: Case, role: Role) -> bool:
    """Whether it is this role's turn, alone or with the other side."""
    return case.turn is role or (case.both_sides and role is Role.LENDER)


def deadline_of(case: Case, term: Term, *, at: datetime, count: int | None = None) -> Deadline:
    """The end of a named period that begins with an act at `at`, by the case's own calendar and zone."""
    return deadlines.deadline(
        at, deadlines.period(term, count), calendar=lawbook.calendar(case.calendar), zone=ZoneInfo(case.zone)
    )


def local_day(case: Case, at: datetime) -> date:
    """The day that this moment falls on in the case's zone."""
    return at.astimezone(ZoneInfo(case.zone)).date()


def _promise_tidying(seat: Seat, at: datetime) -> None:
    """What stands above the cases learns of the end from the worker: a paper not yet sealed is then nobody's."""
    payload = {"case": str(seat.case_id)}
    outbox.enqueue(seat.session, "case:ended", payload, at=at, dedup=f"case:ended:{seat.case_id}")
