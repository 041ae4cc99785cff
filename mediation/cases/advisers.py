"""Advisers: invited by a side with a scope and an end, seated beside it, gone at a word or when the time is over."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from mediation import audit, notices
from mediation.accounts.models import Account
from mediation.cases import moves, side_codes, telling
from mediation.cases.contacts import read_email, read_telephone
from mediation.cases.models import Case, Seating
from mediation.cases.seats import Seat
from mediation.cases.side_models import SideInvitation
from mediation.errors import NotFound, Refused
from mediation.rules.access import CAUCUS_OF, ROOM_THREADS, Role, Scope, Thread
from mediation.rules.deadlines import last_day
from mediation.rules.negotiation import Side

MOST = 3  # at a time beside one side
LONGEST = timedelta(days=366)
TABLE_ROLES = (Role.BORROWER, Role.LENDER, Role.MEDIATOR)
ENDED, LEFT, OVER = "ended", "left", "over"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Whom a side wants beside it, what that person may read, and until which day."""

    name: str
    phone: str
    email: str
    scope: frozenset[Scope]
    ends_on: date


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One adviser of the reader's own side, invited, seated or gone; the code only while it opens something."""

    id: UUID
    name: str
    phone: str
    email: str
    scope: Sequence[Scope]
    ends_on: date
    joined_at: datetime | None
    ended_at: datetime | None
    is_open: bool
    code: str


def invite_adviser(seat: Seat, wish: Wish, *, at: datetime) -> SideInvitation:
    """Somebody is invited to sit beside this side; nobody else learns of it before that person comes."""
    seat.require("adviser:invite")
    assert seat.side is not None
    assert seat.account_id is not None
    name = " ".join(unicodedata.normalize("NFC", wish.name).split())
    phone, email = read_telephone(wish.phone, field="phone"), read_email(wish.email, field="email")
    _check_reachable(name, phone, email)
    _check_scope(seat.side, wish.scope)
    invitation = SideInvitation(
        case_id=seat.case_id,
        role=Role.ADVISER,
        side=seat.side,
        name=name,
        phone=phone,
        email=email,
        scope=" ".join(one.value for one in Scope if one in wish.scope),
        seat_ends_at=_end_of(seat, wish.ends_on, at),
        invited_by=seat.account_id,
    )
    _check_few(seat, at)
    side_codes.send_code(seat.session, seat.case, invitation, at=at)
    body = {"invitation": str(invitation.id), "scope": invitation.scope, "until": wish.ends_on.isoformat()}
    audit.record(seat, "adviser:invited", body, at=at, thread=_own_thread(seat.side))
    return invitation


def end_adviser(seat: Seat, invitation_id: UUID, *, at: datetime) -> None:
    """This adviser reads and writes nothing here any more, from the next request on."""
    seat.require("adviser:end")
    invitation = seat.session.get(SideInvitation, invitation_id)
    if invitation is None or not _is_of(invitation, seat):
        raise NotFound
    if invitation.ended_at is not None:
        raise Refused("adviser:ended-already")
    _end(seat, invitation, ENDED, at)


def leave_side(seat: Seat, *, at: datetime) -> None:
    """The adviser has given up the seat."""
    seat.require("adviser:leave")
    found = select(SideInvitation).where(
        SideInvitation.case_id == seat.case_id,
        SideInvitation.account_id == seat.account_id,
        SideInvitation.joined_at.is_not(None),
        SideInvitation.ended_at.is_(None),
    )
    _end(seat, seat.session.scalars(found).one(), LEFT, at)


def lapse(session: Session, payload: dict[str, str], result: object, *, at: datetime) -> None:
    """The time that the side gave its adviser is over."""
    case, invitation = side_codes.locked(session, UUID(payload["invitation"]))
    if invitation.ended_at is None and invitation.seat_ends_at is not None and at >= invitation.seat_ends_at:
        _end(Seat.system(session, case), invitation, OVER, at)


def advisers_seen_by(seat: Seat, *, now: datetime) -> Sequence[Shown]:
    """Who advises or advised this side, the newest first; an adviser finds only their own seat."""
    seat.require("adviser:read")
    found = select(SideInvitation).where(
        SideInvitation.case_id == seat.case_id,
        SideInvitation.role == Role.ADVISER,
        SideInvitation.side == seat.side,
    )
    if seat.advises is not None:
        found = found.where(SideInvitation.account_id == seat.account_id, SideInvitation.joined_at.is_not(None))
    rows = seat.session.scalars(found.order_by(SideInvitation.issued_at.desc(), SideInvitation.id.desc())).all()
    return [_shown(seat, one, now) for one in rows]


def adviser_seen_by(seat: Seat, invitation_id: UUID, *, now: datetime) -> Shown:
    """One adviser of the reader's own side; anybody else's does not exist."""
    seat.require("adviser:read")
    found = next((one for one in advisers_seen_by(seat, now=now) if one.id == invitation_id), None)
    if found is None:
        raise NotFound
    return found


def seated_beside(session: Session, case: Case) -> Sequence[tuple[Side, str]]:
    """Each side that has an adviser at the table, and the adviser's name: for everybody in the case."""
    found = (
        select(SideInvitation.side, SideInvitation.name)
        .where(
            SideInvitation.case_id == case.id,
            SideInvitation.role == Role.ADVISER,
            SideInvitation.joined_at.is_not(None),
            SideInvitation.ended_at.is_(None),
        )
        .order_by(SideInvitation.joined_at)
    )
    return [(side, name) for side, name in session.execute(found)]


def tell_adviser(session: Session, case: Case, kind: str, invitation: SideInvitation, moment: datetime) -> None:
    """The adviser is told, by mail where there is an address."""
    account = session.get_one(Account, invitation.account_id)
    notices.tell(
        session,
        kind,
        institution_id=case.institution_id,
        case_id=case.id,
        account_id=account.id,
        address=account.email,
        locale=account.locale,
        facts={"number": case.number},
        at=moment,
    )


def _check_reachable(name: str, phone: str, email: str) -> None:
    if not name:
        raise Refused("adviser:name-missing", field="name")
    if not phone and not email:
        raise Refused("adviser:contact-missing", field="phone")


def _check_scope(side: Side, scope: frozenset[Scope]) -> None:
    """What the borrower released was released to the lender alone: its adviser would be one more recipient."""
    if Scope.MEANS in scope and side is not Side.BORROWER:
        raise Refused("adviser:not-yours-to-give", field="reads_means")
    if Scope.WRITING in scope and Scope.CAUCUS not in scope:
        raise Refused("adviser:writes-unheard", field="writes_caucus")
    if not scope & {Scope.FILE, Scope.CAUCUS, Scope.MEANS}:
        raise Refused("adviser:nothing-to-read", field="reads_file")


def _end_of(seat: Seat, ends_on: date, at: datetime) -> datetime:
    """The end of that day where the case is."""
    today = moves.local_day(seat.case, at)
    if ends_on <= today:
        raise Refused("adviser:end-is-past", field="ends_on")
    if ends_on - today > LONGEST:
        raise Refused("adviser:end-too-far", field="ends_on", days=LONGEST.days)
    return datetime.combine(ends_on + timedelta(days=1), time(0), seat.zone).astimezone(at.tzinfo)


def _check_few(seat: Seat, at: datetime) -> None:
    """Whose code has run out, or whose time is over, stands in nobody's way."""
    found = select(func.count(SideInvitation.id)).where(
        SideInvitation.case_id == seat.case_id,
        SideInvitation.role == Role.ADVISER,
        SideInvitation.side == seat.side,
        SideInvitation.ended_at.is_(None),
        SideInvitation.seat_ends_at > at,
        or_(SideInvitation.joined_at.is_not(None), SideInvitation.expires_at > at),
    )
    if (seat.session.scalar(found) or 0) >= MOST:
        raise Refused("adviser:enough", most=MOST)


def _is_of(invitation: SideInvitation, seat: Seat) -> bool:
    mine = (invitation.case_id, invitation.role, invitation.side)
    return mine == (seat.case_id, Role.ADVISER, seat.side)


def _own_thread(side: Side) -> Thread:
    return ROOM_THREADS[CAUCUS_OF[side]]


def _end(seat: Seat, invitation: SideInvitation, how: str, at: datetime) -> None:
    """Whoever was never seated leaves no trace for the other side."""
    was_seated = invitation.joined_at is not None
    side_codes.close(seat.session, invitation, how, at)
    seat.session.execute(
        update(Seating)
        .where(
            Seating.case_id == invitation.case_id,
            Seating.account_id == invitation.account_id,
            Seating.role == Role.ADVISER,
            Seating.ended_at.is_(None),
        )
        .values(ended_at=at)
    )
    thread = Thread.CASE if was_seated else _own_thread(invitation.side)
    audit.record(seat, "adviser:ended", {"invitation": str(invitation.id), "how": how}, at=at, thread=thread)
    if was_seated:
        telling.tell_roles(seat.session, seat.case, "adviser:ended", TABLE_ROLES, at=at, but=seat.account_id)
        if how != LEFT:
            tell_adviser(seat.session, seat.case, "adviser:ended", invitation, at)


def _shown(seat: Seat, one: SideInvitation, now: datetime) -> Shown:
    assert one.seat_ends_at is not None
    given = one.scope.split()
    opens = one.joined_at is not None or now < one.expires_at
    return Shown(
        id=one.id,
        name=one.name,
        phone=one.phone,
        email=one.email,
        scope=tuple(each for each in Scope if each.value in given),
        ends_on=last_day(one.seat_ends_at, seat.zone),
        joined_at=one.joined_at,
        ended_at=one.ended_at,
        is_open=one.ended_at is None and opens and now < one.seat_ends_at,
        code="" if seat.advises is not None else side_codes.code_of(seat.session, one, now=now),
    )
