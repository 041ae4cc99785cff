"""What the worker does for offers: write down what time has brought about on a table."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from mediation.cases.seats import Seat, lock_case
from mediation.offers.actions import settle_negotiation
from mediation.outbox import Duty


def keep_settled(session: Session, payload: Mapping[str, str], result: object, *, at: datetime) -> None:
    """The table of that case is up to date; written twice, it changes nothing."""
    settle_negotiation(Seat.system(session, lock_case(session, UUID(payload["case"]))), at=at)


DUTIES: Mapping[str, Duty] = {
    "offer:settle": Duty(keep=keep_settled),
    "appointment:ended": Duty(keep=keep_settled),
}
