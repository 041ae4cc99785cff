"""The invitation of a borrower: issued with the registrar's acceptance, reminded of, renewed, lapsed."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mediation import audit, notices, outbox
from mediation.cases import codes, moves, telling
from mediation.cases.contacts import read_email, read_telephone
from mediation.cases.models import Invitation
from mediation.cases.seats import Seat, lock_case
from mediation.errors import Refused
from mediation.keys import ring_of
from mediation.rules.access import Role
from mediation.rules.deadlines import Deadline, Term
from mediation.rules.lifecycle import Move, Stage

CODE_PURPOSE = b"join-code"
ISSUED, REMINDED = "invitation:issued", "invitation:reminder"
NOT_ME = "not-me"
MOST_NOTICES = 3  # one invitation and two reminders, whatever happens
REMINDED_BEFORE = (5, 1)
REMINDED_AT = time(9)
TOLD = (Role.REGISTRAR, Role.LENDER)
WAITING = (Stage.INVITED, Stage.UNREACHABLE)


def issue_invitation(seat: Seat, *, at: datetime) -> Invitation:
    """The borrower is invited: a code that opens the case once, and a public number to check the notice by."""
    seat.require("invitation:issue")
    return _issue(seat, seat.case.borrower_phone, seat.case.borrower_email, "invitation:issued", at)


def renew_invitation(seat: Seat, *, phone: str, email: str, at: datetime) -> Invitation:
    """The borrower has a new code at this contact, and the old code is dead."""
    seat.require("invitation:renew")
    phone, email = read_telephone(phone, field="phone"), read_email(email, field="email")
    old = current_invitation(seat.session, seat.case_id)
    _check_renewable(seat, email)
    if old is not None and old.ended_at is None:
        end(old, "renewed", at)
        stop_notices(seat.session, old, at)
    seat.case.borrower_phone, seat.case.borrower_email = phone, email
    return _issue(seat, phone, email, "invitation:renewed", at)


def current_invitation(session: Session, case_id: UUID) -> Invitation | None:
    """The newest invitation of a case, whether it still opens or not."""
    found = select(Invitation).where(Invitation.case_id == case_id)
    return session.scalars(found.order_by(Invitation.issued_at.desc(), Invitation.id.desc())).first()


def notice_of(session: Session, invitation: Invitation) -> notices.Notice | None:
    """The notice that carried this invitation, with its sealed code."""
    found = select(notices.Notice).where(notices.Notice.case_id == invitation.case_id, notices.Notice.kind == ISSUED)
    kept = session.scalars(found.order_by(notices.Notice.made_at.desc())).all()
    return next((notice for notice in kept if notice.facts["notice_number"] == codes.shown(invitation.number)), None)


def end(invitation: Invitation, how: str, moment: datetime) -> None:
    """The code opens nothing any more."""
    invitation.ended_at, invitation.ended_as = moment, how


def stop_notices(session: Session, invitation: Invitation, moment: datetime) -> None:
    """Nothing more of this case goes to that contact."""
    if invitation.email:
        notices.stop(session, invitation.case_id, invitation.email, at=moment)


def remind(session: Session, payload: dict[str, str], result: object, *, at: datetime) -> None:
    """The invitee is reminded, unless there was an answer or there were two reminders already."""
    case = lock_case(session, UUID(payload["case"]))
    invitation = session.get_one(Invitation, UUID(payload["invitation"]))
    if case.stage is not Stage.INVITED or invitation.ended_at or invitation.used_at or at >= invitation.expires_at:
        return
    first = notice_of(session, invitation)
    if first is None or not first.address or _sent_to(session, case.id, first.address) >= MOST_NOTICES:
        return
    notices.tell(
        session,
        REMINDED,
        institution_id=case.institution_id,
        case_id=case.id,
        address=first.address,
        locale=first.locale,
        facts=dict(first.facts),
        at=at,
    )


def ask_for_another_way(session: Session, payload: dict[str, str], result: object, *, at: datetime) -> None:
    """The post has given up on an invitation that is still out: the registrar is told and has the next step."""
    notice = session.get_one(notices.Notice, UUID(payload["notice"]))
    if notice.kind not in (ISSUED, REMINDED) or notice.case_id is None:
        return
    case = lock_case(session, notice.case_id)
    newest = current_invitation(session, case.id)
    if case.stage is not Stage.INVITED or newest is None or newest.ended_at or newest.verified_at:
        return
    if notice.facts["notice_number"] != codes.shown(newest.number):
        return
    moves.await_turn(case, Role.REGISTRAR, until=case.deadline_at, kind=case.deadline_kind, at=at)
    telling.tell_roles(session, case, "invitation:undelivered", (Role.REGISTRAR,), at=at)


def lapse(session: Session, payload: dict[str, str], result: object, *, at: datetime) -> None:
    """An invitation that nobody answered in time has ended the case, without a word about the borrower."""
    case = lock_case(session, UUID(payload["case"]))
    newest = current_invitation(session, case.id)
    if case.stage not in WAITING or newest is None or str(newest.id) != payload["invitation"]:
        return
    if at < newest.expires_at:
        return
    seat = Seat.system(session, case)
    if newest.ended_at is None:
        end(newest, "lapsed", at)
    case.closing_reason = "no_answer"
    seat = moves.move(seat, Move.LAPSE, at=at)
    audit.record(seat, "invitation:lapsed", {"notice": newest.number}, at=at)
    telling.tell_roles(seat.session, seat.case, "invitation:lapsed", TOLD, at=at)


def _check_renewable(seat: Seat, email: str) -> None:
    if email and email in _wrong_contacts(seat):
        raise Refused("invitation:same-contact", field="email")
    if email and _sent_to(seat.session, seat.case_id, email) >= MOST_NOTICES:
        raise Refused("invitation:enough-notices", field="email", most_notices=MOST_NOTICES)


def _wrong_contacts(seat: Seat) -> Sequence[str]:
    """Where somebody said: this is not me."""
    found = select(Invitation.email).where(Invitation.case_id == seat.case_id, Invitation.ended_as == NOT_ME)
    return seat.session.scalars(found).all()


def _sent_to(session: Session, case_id: UUID, address: str) -> int:
    found = select(func.count(notices.Notice.id)).where(
        notices.Notice.case_id == case_id,
        notices.Notice.address == address,
        notices.Notice.kind.in_((ISSUED, REMINDED)),
    )
    return session.scalar(found) or 0


def _issue(seat: Seat, phone: str, email: str, kind: str, at: datetime) -> Invitation:
    code, case = codes.new_code(), seat.case
    deadline = moves.deadline_of(case, Term.RESPOND_TO_INVITATION, at=at)
    invitation = Invitation(
        case_id=case.id,
        number=_free_number(seat.session),
        code_hash=ring_of(seat.session).token(CODE_PURPOSE, code.encode()),
        name=case.borrower_name,
        phone=phone,
        email=email,
        issued_at=at,
        expires_at=deadline.ends_at,
    )
    seat.session.add(invitation)
    seat = moves.move(seat, Move.INVITE, at=at)
    moves.await_turn(case, Role.BORROWER, until=deadline.ends_at, kind=Term.RESPOND_TO_INVITATION.value, at=at)
    body = {"notice": invitation.number, "until": deadline.ends_on.isoformat(), "by": "mail" if email else "letter"}
    audit.record(seat, kind, body, at=at)
    _send(seat, invitation, code, deadline, at)
    _promise(seat, invitation, deadline, at)
    return invitation


def _send(seat: Seat, invitation: Invitation, code: str, deadline: Deadline, at: datetime) -> None:
    """Post the notice; without an address it is kept as the letter that the registrar prints."""
    notice = notices.tell(
        seat.session,
        ISSUED,
        institution_id=seat.institution_id,
        case_id=seat.case_id,
        address=invitation.email,
        facts={
            "name": invitation.name,
            "code_sealed": notices.sealed_fact(seat.session, codes.shown(code)),
            "notice_number": codes.shown(invitation.number),
            "until": deadline.ends_on.isoformat(),
        },
        at=at,
    )
    if not invitation.email:
        notice.channel = notices.Channel.LETTER


def _promise(seat: Seat, invitation: Invitation, deadline: Deadline, at: datetime) -> None:
    named = {"case": str(seat.case_id), "invitation": str(invitation.id)}
    outbox.enqueue(
        seat.session,
        "invitation:lapse",
        named,
        at=at,
        run_at=deadline.ends_at,
        dedup=f"invitation:lapse:{invitation.id}",
    )
    for days in REMINDED_BEFORE:
        morning = datetime.combine(deadline.ends_on - timedelta(days), REMINDED_AT, seat.zone)
        dedup = f"invitation:remind:{invitation.id}:{days}"
        outbox.enqueue(seat.session, "invitation:remind", named, at=at, run_at=morning, dedup=dedup)


def _free_number(session: Session) -> str:
    while True:
        number = codes.new_number()
        if session.scalar(select(Invitation.id).where(Invitation.number == number)) is None:
            return number
