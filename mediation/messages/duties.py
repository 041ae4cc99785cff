"""What the worker does for messages: it says what has waited its fifteen seconds."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from mediation.messages import holding
from mediation.outbox import Duty


def keep_said(session: Session, payload: Mapping[str, str], _result: object, *, at: datetime) -> None:
    """What is due in that case has been said; done before, nothing changes."""
    holding.catch_up(session, UUID(payload["case"]), at=at)


DUTIES: Mapping[str, Duty] = {"message:say": Duty(keep=keep_said)}
