"""The independence card: made when a mediator accepts, read by both sides before they answer, computed again later."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation import audit
from mediation.accounts.desks import Desk
from mediation.accounts.models import Account
from mediation.audit import RecordThread
from mediation.cases.models import Appointment, Case
from mediation.cases.outcomes import fingerprint
from mediation.cases.panel_models import AppointmentReason, CaseOutcome, IndependenceCard
from mediation.cases.particulars import particulars_of, share_limit_of
from mediation.cases.pasts import pasts_of
from mediation.cases.seats import Seat
from mediation.rules import chain
from mediation.rules.access import Thread
from mediation.rules.appointing import Hindrance, Language, Payer
from mediation.rules.independence import PER_MILLE, YEAR, Figures, figures_of

PAGE = 20
SETTLING = "agreement:sealed"


@dataclass(frozen=True, kw_only=True)
class Card:
    """A card as it is read: who, paid by whom, what the year says, and what spoke against the appointment."""

    name: str
    field: str
    body: str
    paid_by: Payer
    fee: int
    languages: tuple[Language, ...]
    figures: Figures
    currency: str
    despite: tuple[Hindrance, ...]
    reason: str
    made_at: datetime
    sha256: str

    @property
    def waiver(self) -> Decimal | None:
        """The average part of the claim that was waived, as a rate; None where too few cases stand behind it."""
        return None if self.figures.waiver is None else Decimal(self.figures.waiver) / PER_MILLE


@dataclass(frozen=True)
class Compared:
    """One figure of a card, as it was shown and as it comes out of what is on file; None: too few cases to show."""

    name: str
    shown: int | None
    found: int | None

    @property
    def fits(self) -> bool:
        """Whether both say the same."""
        return self.shown == self.found


@dataclass(frozen=True, kw_only=True)
class Audited:
    """A card with everything that speaks for it: its text, the record's entry, each figure, each outcome behind it."""

    appointment_id: UUID
    number: str
    mediator: str
    lender: str
    made_at: datetime
    text_fits: bool
    is_on_record: bool
    figures: Sequence[Compared]
    outcomes: int
    outcomes_unrecorded: int

    @property
    def fits(self) -> bool:
        """Whether nothing differs."""
        figures = all(each.fits for each in self.figures)
        return self.text_fits and self.is_on_record and figures and not self.outcomes_unrecorded


def make_card(session: Session, case: Case, appointment: Appointment, *, at: datetime) -> IndependenceCard:
    """What both sides will read of this mediator is written down, to the letter."""
    figures = _figures(session, case, appointment.mediator_id, at)
    told = particulars_of(session, case.institution_id, appointment.mediator_id)
    limit = share_limit_of(session, case.institution_id)
    document = {
        "appointment": str(appointment.id),
        "mediator": str(appointment.mediator_id),
        "name": session.get_one(Account, appointment.mediator_id).name,
        "field": told.field,
        "body": told.body,
        "paid_by": told.paid_by.value,
        "fee": told.fee,
        "currency": case.currency,
        "languages": [each.value for each in told.languages],
        "figures": asdict(figures),
        "share_limit": None if limit is None else limit.percent,
        "made_at": at.isoformat(),
    }
    text = chain.canonical(document).decode()
    card = IndependenceCard(
        appointment_id=appointment.id,
        institution_id=case.institution_id,
        document=text,
        sha256=_sha256(text),
        made_at=at,
    )
    session.add(card)
    session.flush()
    return card


def card_seen_by(seat: Seat, appointment_id: UUID) -> Card | None:
    """The card of this appointment, the same for every seat that reads the case; none before the mediator accepted."""
    seat.require("case:read")
    kept = seat.session.get(IndependenceCard, appointment_id)
    return None if kept is None else _read(kept, seat.session.get(AppointmentReason, appointment_id))


def fee_of(session: Session, case: Case) -> int:
    """What the parties pay for this mediation, as the card of the mediator in place told them; minor units."""
    found = (
        select(IndependenceCard.document)
        .join(Appointment, Appointment.id == IndependenceCard.appointment_id)
        .where(Appointment.case_id == case.id, Appointment.ended_at.is_(None))
    )
    document = session.scalars(found).first()
    return 0 if document is None else int(_parsed(document)["fee"])


def cards_audited_at(desk: Desk, *, before: datetime | None = None) -> Sequence[Audited]:
    """The newest cards of the institution, each computed again as of its own moment."""
    desk.require("figures:read")
    found = select(IndependenceCard).where(IndependenceCard.institution_id == desk.institution_id)
    if before is not None:
        found = found.where(IndependenceCard.made_at < before)
    newest = found.order_by(IndependenceCard.made_at.desc(), IndependenceCard.appointment_id.desc()).limit(PAGE)
    return [_audited(desk.session, card) for card in desk.session.scalars(newest)]


def _audited(session: Session, card: IndependenceCard) -> Audited:
    appointment = session.get_one(Appointment, card.appointment_id)
    case = session.get_one(Case, appointment.case_id)
    shown = _parsed(card.document)
    found = asdict(_figures(session, case, appointment.mediator_id, card.made_at))
    behind = _outcomes_behind(session, case, appointment.mediator_id, card.made_at)
    return Audited(
        appointment_id=appointment.id,
        number=case.number,
        mediator=str(shown["name"]),
        lender=case.organisation_name,
        made_at=card.made_at,
        text_fits=_sha256(card.document) == card.sha256,
        is_on_record=_is_on_record(session, case.id, card),
        figures=[Compared(name, shown["figures"][name], value) for name, value in found.items()],
        outcomes=len(behind),
        outcomes_unrecorded=sum(not _is_recorded(session, outcome) for outcome in behind),
    )


def _figures(session: Session, case: Case, mediator_id: UUID, at: datetime) -> Figures:
    return figures_of(pasts_of(session, case, [mediator_id], at=at)[mediator_id])


def _outcomes_behind(session: Session, case: Case, mediator_id: UUID, at: datetime) -> Sequence[CaseOutcome]:
    found = select(CaseOutcome).where(
        CaseOutcome.mediator_id == mediator_id,
        CaseOutcome.institution_id == case.institution_id,
        CaseOutcome.case_id != case.id,
        CaseOutcome.closed_at < at,
        CaseOutcome.closed_at >= at - YEAR,
    )
    return session.scalars(found).all()


def _is_recorded(session: Session, outcome: CaseOutcome) -> bool:
    """Whether the record of its case says the same: sealed with exactly this outcome, or never sealed by then."""
    sealed = [body for body in _bodies(session, outcome.case_id, SETTLING) if body is not None]
    if not outcome.is_settled:
        return not sealed
    return any(body.get("outcome_sha256") == fingerprint(outcome) for body in sealed)


def _is_on_record(session: Session, case_id: UUID, card: IndependenceCard) -> bool:
    """Whether the entry of the mediator's acceptance carries the fingerprint of exactly this card."""
    expected = (str(card.appointment_id), card.sha256)
    told = [body or {} for body in _bodies(session, case_id, "mediator:accepted")]
    return any((body.get("appointment"), body.get("card_sha256")) == expected for body in told)


def _bodies(session: Session, case_id: UUID, kind: str) -> list[Any]:
    thread = session.scalars(
        select(RecordThread).where(RecordThread.case_id == case_id, RecordThread.name == Thread.CASE)
    ).first()
    entries = audit.read(session, thread, limit=10_000) if thread is not None else []
    return [entry.body for entry in entries if entry.kind == kind]


def _read(kept: IndependenceCard, reason: AppointmentReason | None) -> Card:
    told = _parsed(kept.document)
    return Card(
        name=told["name"],
        field=told["field"],
        body=told["body"],
        paid_by=Payer(told["paid_by"]),
        fee=told["fee"],
        languages=tuple(Language(each) for each in told["languages"]),
        figures=Figures(**told["figures"]),
        currency=told["currency"],
        despite=tuple(Hindrance(each) for each in reason.despite.split()) if reason else (),
        reason=reason.reason if reason else "",
        made_at=kept.made_at,
        sha256=kept.sha256,
    )


def _parsed(document: str) -> dict[str, Any]:
    told = chain.parse(document.encode())
    assert isinstance(told, dict)
    return told


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
