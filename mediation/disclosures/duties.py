"""The lender's duty of disclosure: how each item stands, a fact in place of a document, what blocks a last word."""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select

from mediation import audit, lawbook
from mediation.cases.clocks import kept_end
from mediation.cases.models import Appointment, Claim, ClaimBasis
from mediation.cases.pauses import pauses_of
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.db import new_key
from mediation.disclosures.document_models import (
    Audience,
    Document,
    DocumentRelease,
    DutyOverdue,
    DutyStatement,
    Kind,
)
from mediation.errors import Refused
from mediation.keys import pack, ring_of, unpack
from mediation.rules import deadlines, duties
from mediation.rules.access import Role
from mediation.rules.duties import DutyState, Item, OwedItem
from mediation.rules.lifecycle import AppointmentState, Stage
from mediation.rules.negotiation import Side

FACT_LEAST, FACT_MOST = 4, 1000
AT_THE_TABLE = frozenset({Stage.OPEN, Stage.TERMS_AGREED, Stage.SIGNING})
TOLD = (Role.LENDER, Role.BORROWER, Role.MEDIATOR)


@dataclass(frozen=True)
class Stated:
    """A fact that the lender stated in place of a document."""

    text: str
    stated_at: datetime


@dataclass(frozen=True)
class Line:
    """One item of the checklist as everybody at the table reads it."""

    item: Item
    state: DutyState
    due_on: date | None
    came_late: bool
    documents: Sequence[UUID]
    stated: Sequence[Stated]

    @property
    def is_open(self) -> bool:
        """Whether it is still owed."""
        return self.state is not DutyState.FULFILLED


def checklist_seen_by(seat: Seat, *, at: datetime) -> Sequence[Line]:
    """What the lender owes in this case and how it stands; both sides and the mediator read the same."""
    seat.require("document:read")
    shared, stated = _shared(seat), _stated(seat)
    return [
        Line(
            item=one.item,
            state=one.state(at),
            due_on=None if one.ends_at is None else deadlines.last_day(one.ends_at, seat.zone),
            came_late=one.came_late,
            documents=[document_id for document_id, _ in shared.get(one.item, ())],
            stated=[_opened(seat, row) for row in stated.get(one.item, ())],
        )
        for one in _items(seat, at)
    ]


def state_fact(seat: Seat, item: Item, text: str, *, at: datetime) -> DutyStatement:
    """The fact stands in place of a document; what was stated before stays beside it."""
    seat.require("duty:answer")
    text = _plain_fact(text)
    if item not in _owed(seat):
        raise Refused("duty:not-owed")
    assert seat.account_id is not None
    statement_id, plain = new_key(), text.encode()
    sealed = ring_of(seat.session).encrypt(plain, context=_context(seat.case_id, statement_id))
    statement = DutyStatement(
        id=statement_id,
        case_id=seat.case_id,
        item=item,
        text_sealed=pack(sealed),
        text_sha256=hashlib.sha256(plain).hexdigest(),
        stated_by=seat.account_id,
        stated_at=at,
    )
    seat.session.add(statement)
    seat.session.flush()
    audit.record(seat, "duty:stated", {"item": item.value, "text_sha256": statement.text_sha256}, at=at)
    tell_roles(seat.session, seat.case, "document:added", (Role.BORROWER, Role.MEDIATOR), at=at)
    return statement


def check_final_offer(seat: Seat, *, at: datetime) -> None:
    """Raise `duty:overdue` where the lender would say its last word before laying open what it owes."""
    seat.require("offer:make")
    if seat.side is Side.LENDER:
        duties.check_nothing_overdue(_items(seat, at), at=at)


def note_overdue(seat: Seat, *, at: datetime) -> None:
    """It is on the record that the time to disclose passed with something missing, and everybody is told; once."""
    seat.require("time:pass")
    missing = duties.not_in_time(_items(seat, at), at=at)
    if not missing or seat.stage not in AT_THE_TABLE or seat.session.get(DutyOverdue, seat.case_id) is not None:
        return
    named = [item.value for item in missing]
    seat.session.add(DutyOverdue(case_id=seat.case_id, items=" ".join(named), noted_at=at))
    audit.record(seat, "duty:overdue", {"items": named}, at=at)
    tell_roles(seat.session, seat.case, "duty:overdue", TOLD, at=at)


def end_to_note(seat: Seat, *, at: datetime) -> datetime | None:
    """When to look what is missing; none before the table opens, after it closed, or where no calendar reaches."""
    seat.require("time:pass")
    return _ends_at(seat, at) if seat.stage in AT_THE_TABLE else None


def _items(seat: Seat, at: datetime) -> tuple[OwedItem, ...]:
    shared, stated = _shared(seat), _stated(seat)
    fulfilled = {
        item: min([moment for _, moment in shared.get(item, ())] + [row.stated_at for row in stated.get(item, ())])
        for item in {*shared, *stated}
    }
    return duties.checklist(_owed(seat), fulfilled, ends_at=_ends_at(seat, at))


def _owed(seat: Seat) -> tuple[Item, ...]:
    found = select(Claim.basis).where(Claim.case_id == seat.case_id, Claim.version == seat.case.claim_version)
    return duties.owed(is_assigned=seat.session.scalar(found) is ClaimBasis.ASSIGNED)


def _ends_at(seat: Seat, at: datetime) -> datetime | None:
    """Counted from the first appointment that stood: a change of mediator gives the lender no more time."""
    began_at = _began_at(seat, at)
    if began_at is None:
        return None
    calendar = lawbook.calendar(seat.case.calendar)
    try:
        ends_at = deadlines.deadline(began_at, duties.TIME_TO_DISCLOSE, calendar=calendar, zone=seat.zone).ends_at
        return _without_pauses(seat, began_at, ends_at)
    except Refused:
        # Next year's calendar is not out yet: nothing is overdue before the day can be said.
        return None


def _without_pauses(seat: Seat, began_at: datetime, ends_at: datetime) -> datetime:
    """The end once the days on which mediation rested are left out; of a pause that lasts, all of it."""
    for pause in pauses_of(seat.session, seat.case_id):
        if pause.paused_at >= began_at:
            resumed_at = pause.ended_at or pause.until_at
            ends_at = kept_end(seat.case, ends_at, paused_at=pause.paused_at, resumed_at=resumed_at) or ends_at
    return ends_at


def _began_at(seat: Seat, at: datetime) -> datetime | None:
    """When the table opened, also where the worker has not written it yet."""
    here = Appointment.case_id == seat.case_id
    stood: datetime | None = seat.session.scalar(select(func.min(Appointment.confirmed_at)).where(here))
    if stood is not None:
        return stood
    window = select(Appointment.objections_end_at).where(
        here, Appointment.state == AppointmentState.OBJECTION_WINDOW, Appointment.objections_end_at <= at
    )
    return seat.session.scalar(window.limit(1))


def _shared(seat: Seat) -> Mapping[Item, list[tuple[UUID, datetime]]]:
    """The lender's documents that both sides see, by the item that each fulfils, and since when they see it."""
    laid_open_at = func.coalesce(DocumentRelease.released_at, Document.put_at)
    found = (
        select(Document.kind, Document.id, laid_open_at)
        .outerjoin(DocumentRelease, DocumentRelease.document_id == Document.id)
        .where(
            Document.case_id == seat.case_id,
            Document.side == Side.LENDER,
            or_(Document.audience == Audience.BOTH, DocumentRelease.document_id.is_not(None)),
            Document.kind.in_([Kind(item.value) for item in Item]),
        )
        .order_by(laid_open_at, Document.id)
    )
    rows: dict[Item, list[tuple[UUID, datetime]]] = {}
    for kind, document_id, put_at in seat.session.execute(found):
        rows.setdefault(Item(kind.value), []).append((document_id, put_at))
    return rows


def _stated(seat: Seat) -> Mapping[Item, list[DutyStatement]]:
    found = select(DutyStatement).where(DutyStatement.case_id == seat.case_id)
    rows: dict[Item, list[DutyStatement]] = {}
    for row in seat.session.scalars(found.order_by(DutyStatement.stated_at, DutyStatement.id)):
        rows.setdefault(row.item, []).append(row)
    return rows


def _opened(seat: Seat, row: DutyStatement) -> Stated:
    plain = ring_of(seat.session).decrypt(unpack(row.text_sealed), context=_context(row.case_id, row.id))
    return Stated(plain.decode(), row.stated_at)


def _plain_fact(text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) < FACT_LEAST:
        raise Refused("duty:fact-missing", field="text")
    if len(text) > FACT_MOST:
        raise Refused("duty:fact-too-long", field="text", most=FACT_MOST, length=len(text))
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Cf") and letter not in "\n\t" for letter in text):
        raise Refused("duty:fact-hides", field="text")
    return text


def _context(case_id: UUID, statement_id: UUID) -> bytes:
    return f"duty-statement/{case_id}/{statement_id}".encode()
