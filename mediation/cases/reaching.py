"""What became of the invitation on its way: for each channel sent, waiting or failed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.invitations import current_invitation, notice_of
from mediation.cases.models import Invitation
from mediation.cases.seats import Seat
from mediation.notices import Channel, Delivery, DeliveryState, Notice
from mediation.outbox import Job
from mediation.rules.access import Role
from mediation.rules.lifecycle import Stage

ON_ITS_WAY = frozenset({Stage.INVITED, Stage.UNREACHABLE})
READERS = frozenset({Role.REGISTRAR, Role.LENDER})


class Sending(StrEnum):
    """How far one channel has got."""

    WAITING = "waiting"
    SENT = "sent"
    TRIED = "tried"
    FAILED = "failed"
    TO_PRINT = "to-print"


@dataclass(frozen=True)
class Way:
    """One channel of the invitation; the address only for the registrar, who may change it."""

    channel: Channel
    sending: Sending
    at: datetime | None = None
    again_at: datetime | None = None
    address: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether nothing more is tried, so that a new invitation or a letter is needed."""
        return self.sending is Sending.FAILED


def ways_seen_by(seat: Seat) -> tuple[Way, ...]:
    """The channels of the invitation while it is out, for the registrar and the lender."""
    if seat.role not in READERS or seat.stage not in ON_ITS_WAY:
        return ()
    invitation = current_invitation(seat.session, seat.case_id)
    if invitation is None or invitation.ended_at is not None or invitation.used_at is not None:
        return ()
    return (way_of(seat.session, invitation, with_address=seat.role is Role.REGISTRAR),)


def way_of(session: Session, invitation: Invitation, *, with_address: bool) -> Way:
    """How this invitation travels and how far it has got."""
    notice = notice_of(session, invitation)
    if notice is None or notice.channel is not Channel.MAIL:
        return Way(Channel.LETTER, Sending.TO_PRINT)
    address = notice.address if with_address else ""
    tried = select(Delivery).where(Delivery.notice_id == notice.id).order_by(Delivery.attempt.desc())
    last = session.scalars(tried.limit(1)).first()
    if last is None:
        return Way(Channel.MAIL, Sending.WAITING, address=address)
    if last.state is DeliveryState.SENT:
        return Way(Channel.MAIL, Sending.SENT, at=last.tried_at, address=address)
    again_at = _tried_again_at(session, notice)
    sending = Sending.FAILED if again_at is None else Sending.TRIED
    return Way(Channel.MAIL, sending, at=last.tried_at, again_at=again_at, address=address)


def _tried_again_at(session: Session, notice: Notice) -> datetime | None:
    """When the post tries this notice again; none once it has given up."""
    found = select(Job.run_at).where(Job.dedup == f"notice:{notice.id}", Job.done_at.is_(None))
    return session.scalar(found)
