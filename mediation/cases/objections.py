"""Objections to a mediator with a reason, beyond the one that needs none: made by a side, decided by the registrar."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation import audit
from mediation.accounts.desks import Desk
from mediation.accounts.models import Account
from mediation.cases import appointments, moves
from mediation.cases.models import Appointment, Case
from mediation.cases.panel import current_appointment
from mediation.cases.panel_models import ReasonedObjection
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.db import new_key
from mediation.errors import NotFound, Refused
from mediation.keys import pack, ring_of, unpack
from mediation.rules.access import CAUCUS_OF, ROOM_THREADS, Role, Thread
from mediation.rules.deadlines import Term, last_day
from mediation.rules.negotiation import Side

REASON_MOST = 2000
ROLE_OF = {Side.BORROWER: Role.BORROWER, Side.LENDER: Role.LENDER}
OTHER = {Role.BORROWER: Role.LENDER, Role.LENDER: Role.BORROWER}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An objection as its side and the registrar read it; nobody else reads of it."""

    id: UUID
    side: Side
    mediator: str
    reason: str
    made_at: datetime
    due_on: date
    upheld: bool | None
    answer: str
    decided_at: datetime | None
    fell_away: bool

    @property
    def is_waiting(self) -> bool:
        """Whether the registrar has still to decide; not where the mediator is gone anyway."""
        return self.upheld is None and not self.fell_away


@dataclass(frozen=True)
class Waiting:
    """An objection that the registrar has to decide, in the list of the panel's desk."""

    number: str
    mediator: str
    made_at: datetime


def object_with_reason(seat: Seat, reason: str, *, at: datetime) -> ReasonedObjection:
    """The registrar has an objection to decide in two working days; until then the appointment goes on as it was."""
    seat.require("objection:make")
    reason, side = reason.strip(), seat.side
    assert side is not None
    appointment = _in_place(seat)
    if not reason:
        raise Refused("objection:reason-missing", field="reason")
    if len(reason) > REASON_MOST:
        raise Refused("objection:reason-too-long", field="reason", most=REASON_MOST)
    if _waiting_of(seat.session, appointment.id, side) is not None:
        raise Refused("objection:waiting")
    objection_id = new_key()
    objection = ReasonedObjection(
        id=objection_id,
        case_id=seat.case_id,
        appointment_id=appointment.id,
        side=side,
        reason_sealed=_sealed(seat.session, objection_id, reason),
        made_by=seat.account_id,
        made_at=at,
        due_at=moves.deadline_of(seat.case, Term.DECIDE_OBJECTION, at=at).ends_at,
    )
    seat.session.add(objection)
    seat.session.flush()
    body = {
        "objection": str(objection_id),
        "appointment": str(appointment.id),
        "reason_sha256": hashlib.sha256(reason.encode()).hexdigest(),
    }
    audit.record(seat, "mediator:contested", body, at=at, thread=_thread_of(side))
    facts = {"until": last_day(objection.due_at, seat.zone).isoformat()}
    tell_roles(seat.session, seat.case, "objection:made", (Role.REGISTRAR,), at=at, facts=facts)
    return objection


def decide_objection(seat: Seat, objection_id: UUID, *, upheld: bool, answer: str, at: datetime) -> None:
    """The objection is decided with a reason for its side: upheld, the mediator's access has ended at once."""
    seat.require("objection:decide")
    objection = seat.session.get(ReasonedObjection, objection_id)
    if objection is None or objection.case_id != seat.case_id:
        raise NotFound
    answer = answer.strip()
    if not answer:
        raise Refused("objection:answer-missing", field="answer")
    if len(answer) > REASON_MOST:
        raise Refused("objection:answer-too-long", field="answer", most=REASON_MOST)
    appointment = seat.session.get_one(Appointment, objection.appointment_id)
    if objection.decided_at is not None:
        raise Refused("objection:decided")
    if appointment.ended_at is not None:
        raise Refused("objection:fell-away")
    objection.upheld, objection.answer_sealed = upheld, _sealed(seat.session, objection_id, answer)
    objection.decided_by, objection.decided_at = seat.account_id, at
    seat.session.flush()
    body = {
        "objection": str(objection_id),
        "appointment": str(appointment.id),
        "answer_sha256": hashlib.sha256(answer.encode()).hexdigest(),
    }
    kind = "objection:upheld" if upheld else "objection:not-upheld"
    audit.record(seat, kind, body, at=at, thread=_thread_of(objection.side))
    if upheld:
        seat = appointments.replace_objected(seat, appointment, at=at)
    _tell(seat, objection.side, upheld, at)


def objections_seen_by(seat: Seat) -> Sequence[Shown]:
    """The objections with a reason, the newest first: to the registrar all, to a party its own side's."""
    decides, makes = seat.may("objection:decide"), seat.role in OTHER
    if not decides and not makes:
        return []
    found = (
        select(ReasonedObjection, Appointment, Account.name)
        .join(Appointment, Appointment.id == ReasonedObjection.appointment_id)
        .join(Account, Account.id == Appointment.mediator_id)
        .where(ReasonedObjection.case_id == seat.case_id)
        .order_by(ReasonedObjection.made_at.desc(), ReasonedObjection.id.desc())
    )
    if not decides:
        found = found.where(ReasonedObjection.side == seat.side)
    return [_shown(seat, *row) for row in seat.session.execute(found)]


def objections_waiting_at(desk: Desk) -> Sequence[Waiting]:
    """The objections that the registrar of this institution has to decide, the oldest first."""
    desk.require("panel:keep")
    found = (
        select(Case.number, Account.name, ReasonedObjection.made_at)
        .join(Case, Case.id == ReasonedObjection.case_id)
        .join(Appointment, Appointment.id == ReasonedObjection.appointment_id)
        .join(Account, Account.id == Appointment.mediator_id)
        .where(
            Case.institution_id == desk.institution_id,
            ReasonedObjection.decided_at.is_(None),
            Appointment.ended_at.is_(None),
        )
        .order_by(ReasonedObjection.made_at, ReasonedObjection.id)
    )
    return [Waiting(*row) for row in desk.session.execute(found)]


def _in_place(seat: Seat) -> Appointment:
    appointment = current_appointment(seat.session, seat.case_id)
    if appointment is None or appointment.accepted_at is None:
        raise Refused("appointment:none")
    return appointment


def _waiting_of(session: Session, appointment_id: UUID, side: Side) -> UUID | None:
    found = select(ReasonedObjection.id).where(
        ReasonedObjection.appointment_id == appointment_id,
        ReasonedObjection.side == side,
        ReasonedObjection.decided_at.is_(None),
    )
    return session.scalar(found)


def _tell(seat: Seat, side: Side, upheld: bool, at: datetime) -> None:
    """The objecting side learns the decision; the other side only, where it is so, that a new mediator is sought."""
    role = ROLE_OF[side]
    tell_roles(seat.session, seat.case, "objection:decided", (role,), at=at)
    if upheld:
        tell_roles(seat.session, seat.case, "mediator:replaced", (OTHER[role],), at=at)
        tell_roles(seat.session, seat.case, "mediator:vacant", (Role.REGISTRAR,), at=at, but=seat.account_id)


def _shown(seat: Seat, objection: ReasonedObjection, appointment: Appointment, mediator: str) -> Shown:
    answer = objection.answer_sealed
    return Shown(
        id=objection.id,
        side=objection.side,
        mediator=mediator,
        reason=_opened(seat.session, objection.id, objection.reason_sealed),
        made_at=objection.made_at,
        due_on=last_day(objection.due_at, seat.zone),
        upheld=objection.upheld,
        answer="" if answer is None else _opened(seat.session, objection.id, answer),
        decided_at=objection.decided_at,
        fell_away=objection.upheld is None and appointment.ended_at is not None,
    )


def _thread_of(side: Side) -> Thread:
    return ROOM_THREADS[CAUCUS_OF[side]]


def _sealed(session: Session, objection_id: UUID, text: str) -> bytes:
    return pack(ring_of(session).encrypt(text.encode(), context=b"objection/" + objection_id.bytes))


def _opened(session: Session, objection_id: UUID, kept: bytes) -> str:
    return ring_of(session).decrypt(unpack(kept), context=b"objection/" + objection_id.bytes).decode()
