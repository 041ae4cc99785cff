"""Further persons of the borrower's side: invited by the registrar, each with consents and a signature of their own."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from mediation import audit
from mediation.cases import side_codes
from mediation.cases.contacts import read_email, read_telephone
from mediation.cases.models import Case
from mediation.cases.seats import Seat
from mediation.cases.side_models import SideInvitation
from mediation.errors import NotFound, Refused
from mediation.rules.access import Role
from mediation.rules.negotiation import Side

MOST = 5
TAIL = 4
TAKEN_BACK = "taken-back"


@dataclass(frozen=True, kw_only=True)
class Further:
    """One further person as the registrar sees it: invited, there, or not coming; the code only while it opens."""

    id: UUID
    name: str
    joined_at: datetime | None
    ended_at: datetime | None
    is_open: bool
    code: str


def invite_borrower(seat: Seat, *, name: str, id_tail: str, phone: str, email: str, at: datetime) -> SideInvitation:
    """One more person is invited to the borrower's side; nothing of the case is shown before they answer."""
    seat.require("borrower:add")
    assert seat.account_id is not None
    name = " ".join(unicodedata.normalize("NFC", name).split())
    tail = "".join(sign for sign in unicodedata.normalize("NFKC", id_tail).upper() if sign.isalnum())
    phone, email = read_telephone(phone, field="phone"), read_email(email, field="email")
    if not name:
        raise Refused("borrower:name-missing", field="name")
    if len(tail) != TAIL:
        raise Refused("borrower:tail-missing", field="id_tail")
    if not phone and not email:
        raise Refused("borrower:contact-missing", field="phone")
    _check_few(seat, at)
    invitation = SideInvitation(
        case_id=seat.case_id,
        role=Role.BORROWER,
        side=Side.BORROWER,
        name=name,
        phone=phone,
        email=email,
        id_tail=tail,
        invited_by=seat.account_id,
    )
    side_codes.send_code(seat.session, seat.case, invitation, at=at)
    audit.record(seat, "borrower:invited", {"invitation": str(invitation.id)}, at=at)
    return invitation


def take_invitation_back(seat: Seat, invitation_id: UUID, *, at: datetime) -> None:
    """The code opens nothing any more; whoever has come already stays."""
    seat.require("borrower:add")
    invitation = seat.session.get(SideInvitation, invitation_id)
    if invitation is None or (invitation.case_id, invitation.role) != (seat.case_id, Role.BORROWER):
        raise NotFound
    if invitation.joined_at is not None or invitation.ended_at is not None:
        raise Refused("borrower:invitation-over")
    side_codes.close(seat.session, invitation, TAKEN_BACK, at)
    audit.record(seat, "borrower:uninvited", {"invitation": str(invitation.id)}, at=at)


def further_seen_by(seat: Seat, *, now: datetime) -> Sequence[Further]:
    """Everybody who was invited to the borrower's side beside the borrower, in the order invited."""
    seat.require("borrower:add")
    found = _of(seat.case_id).order_by(SideInvitation.issued_at, SideInvitation.id)
    return [
        Further(
            id=one.id,
            name=one.name,
            joined_at=one.joined_at,
            ended_at=one.ended_at,
            is_open=one.ended_at is None and one.joined_at is None and now < one.expires_at,
            code=side_codes.code_of(seat.session, one, now=now),
        )
        for one in seat.session.scalars(found)
    ]


def names_of_further(seat: Seat) -> Sequence[str]:
    """The further persons who sit on the borrower's side: for everybody in the case."""
    here = SideInvitation.joined_at.is_not(None), SideInvitation.ended_at.is_(None)
    found = _of(seat.case_id).where(*here).order_by(SideInvitation.joined_at)
    return [one.name for one in seat.session.scalars(found)]


def name_and_tail_of(seat: Seat) -> tuple[str, str]:
    """The name, and the end of the identity number, that are on file of the borrower who sits here."""
    found = _of(seat.case_id).where(SideInvitation.account_id == seat.account_id, SideInvitation.joined_at.is_not(None))
    case: Case = seat.case
    own = seat.session.scalars(found).first() if seat.is_further else None
    return (own.name, own.id_tail) if own else (case.borrower_name, case.borrower_id_tail)


def _of(case_id: UUID) -> Select[SideInvitation]:
    return select(SideInvitation).where(SideInvitation.case_id == case_id, SideInvitation.role == Role.BORROWER)


def _check_few(seat: Seat, at: datetime) -> None:
    found = select(func.count(SideInvitation.id)).where(
        SideInvitation.case_id == seat.case_id,
        SideInvitation.role == Role.BORROWER,
        SideInvitation.ended_at.is_(None),
        or_(SideInvitation.joined_at.is_not(None), SideInvitation.expires_at > at),
    )
    if (seat.session.scalar(found) or 0) >= MOST:
        raise Refused("borrower:enough", most=MOST)
