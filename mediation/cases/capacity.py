"""Doubtful capacity: reported to the registrar, and no plan is put forward before it is cleared."""

from datetime import datetime

from mediation import audit
from mediation.cases.models import CapacityReport
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.errors import Refused
from mediation.rules.access import Role
from mediation.rules.negotiation import Side


def report_capacity(seat: Seat, side: Side, *, at: datetime) -> None:
    """It is doubtful whether this side may bind itself: the registrar is told, and nobody makes an offer meanwhile."""
    seat.require("capacity:report")
    report = seat.session.get(CapacityReport, seat.case_id)
    if report is not None and report.cleared_at is None:
        raise Refused("capacity:already-reported")
    seat.session.merge(
        CapacityReport(case_id=seat.case_id, side=side, reported_by=seat.account_id, reported_at=at, cleared_at=None)
    )
    seat.session.flush()
    # Both sides read this thread, so the entry does not say whose capacity is in question.
    audit.record(seat, "capacity:reported", {}, at=at)
    tell_roles(
        seat.session, seat.case, "capacity:reported", (Role.REGISTRAR, Role.MEDIATOR), at=at, but=seat.account_id
    )


def clear_capacity(seat: Seat, *, at: datetime) -> None:
    """The registrar has found that the side may bind itself; plans may be put forward again."""
    seat.require("capacity:clear")
    report = open_report(seat)
    if report is None:
        raise Refused("capacity:not-reported")
    report.cleared_at = at
    audit.record(seat, "capacity:cleared", {}, at=at)
    tell_roles(seat.session, seat.case, "capacity:cleared", (Role.MEDIATOR,), at=at)


def check_capacity(seat: Seat) -> None:
    """Refuse an offer while somebody's capacity is in question; the refusal does not say whose."""
    if open_report(seat) is not None:
        raise Refused("capacity:in-question")


def open_report(seat: Seat) -> CapacityReport | None:
    """The report that the registrar has not cleared yet."""
    report = seat.session.get(CapacityReport, seat.case_id)
    return None if report is None or report.cleared_at is not None else report
