"""The secret codes by which advisers and further borrowers come to a side: sent, found again, and closed."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation import notices
from mediation.cases import codes, moves
from mediation.cases.models import Case
from mediation.cases.seats import lock_case
from mediation.cases.side_models import SideInvitation
from mediation.errors import Refused
from mediation.keys import ring_of
from mediation.rules.access import BEFORE_TABLE, JOINED_ONCE, TABLE, Role
from mediation.rules.deadlines import Term, last_day
from mediation.rules.lifecycle import Stage, is_over

CODE_PURPOSE = b"side-code"
NOTICES: Mapping[Role, str] = {Role.ADVISER: "adviser:invited", Role.BORROWER: "borrower:invited"}
# A further borrower answers and signs like the first, so nobody comes after a plan was agreed.
OPENS_AT: Mapping[Role, frozenset[Stage]] = {
    Role.ADVISER: frozenset(stage for stage in JOINED_ONCE if not is_over(stage)),
    Role.BORROWER: BEFORE_TABLE | TABLE,
}
LOCKED = "locked"


def send_code(session: Session, case: Case, invitation: SideInvitation, *, at: datetime) -> None:
    """The invitation is kept with the hash of a fresh code, and the code is on its way, or ready to be passed on."""
    code, until = codes.new_code(), moves.deadline_of(case, Term.RESPOND_TO_INVITATION, at=at).ends_at
    invitation.code_hash = ring_of(session).token(CODE_PURPOSE, code.encode())
    invitation.issued_at = at
    invitation.expires_at = min(until, invitation.seat_ends_at or until)
    session.add(invitation)
    session.flush()
    notice = notices.tell(
        session,
        NOTICES[invitation.role],
        institution_id=case.institution_id,
        case_id=case.id,
        address=invitation.email,
        facts={
            "invitation": str(invitation.id),
            "code_sealed": notices.sealed_fact(session, codes.shown(code)),
            "until": last_day(invitation.expires_at, ZoneInfo(case.zone)).isoformat(),
        },
        at=at,
    )
    if not invitation.email:
        notice.channel = notices.Channel.LETTER


def code_of(session: Session, invitation: SideInvitation, *, now: datetime) -> str:
    """The code in clear, for whoever invited to pass on; empty once it opens nothing."""
    if invitation.joined_at or invitation.ended_at or now >= invitation.expires_at:
        return ""
    found = select(notices.Notice).where(
        notices.Notice.case_id == invitation.case_id, notices.Notice.kind == NOTICES[invitation.role]
    )
    kept = session.scalars(found).all()
    notice = next((one for one in kept if one.facts["invitation"] == str(invitation.id)), None)
    return notices.open_facts(session, notice)["code"] if notice else ""


def invitation_by_code(session: Session, text: str, *, at: datetime) -> SideInvitation | None:
    """The invitation that this code opens; None where no such code was sent, refused where it opens no more."""
    code = codes.read_code(text)
    if code is None:
        return None
    tokens = ring_of(session).tokens(CODE_PURPOSE, code.encode())
    found = session.scalars(select(SideInvitation).where(SideInvitation.code_hash.in_(tokens))).first()
    if found is not None:
        check_opens(session, found, at)
    return found


def check_opens(session: Session, invitation: SideInvitation, moment: datetime) -> None:
    """Only who holds the code comes here, so that each case may be named."""
    if invitation.joined_at is not None:
        raise Refused("invitation:code-used", field="code")
    if invitation.ended_as == LOCKED:
        raise Refused("invitation:locked", field="code")
    if invitation.ended_at is not None:
        raise Refused("invitation:code-ended", field="code")
    if moment >= invitation.expires_at:
        raise Refused("invitation:code-expired", field="code")
    if session.get_one(Case, invitation.case_id).stage not in OPENS_AT[invitation.role]:
        raise Refused("invitation:code-ended", field="code")


def locked(session: Session, invitation_id: UUID) -> tuple[Case, SideInvitation]:
    """The case of an invitation, held until the transaction ends, and the invitation as it then stands."""
    case = lock_case(session, session.get_one(SideInvitation, invitation_id).case_id)
    invitation = session.get_one(SideInvitation, invitation_id)
    session.refresh(invitation)
    return case, invitation


def close(session: Session, invitation: SideInvitation, how: str, moment: datetime) -> None:
    """The code opens nothing any more, and what was promised to that contact is not sent."""
    invitation.ended_at, invitation.ended_as = moment, how
    if invitation.email and invitation.joined_at is None:
        notices.stop(session, invitation.case_id, invitation.email, at=moment)
    session.flush()
