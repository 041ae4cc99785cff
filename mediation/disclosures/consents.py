"""Whether a borrower consents that what it releases is passed on to the lender."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.models import Consent, ConsentEnd, Purpose
from mediation.cases.seats import Seat
from mediation.errors import Refused


class Passing(StrEnum):
    """What a borrower has said about passing on: nothing yet, yes, or yes and then no."""

    UNASKED = "unasked"
    GIVEN = "given"
    TAKEN_BACK = "taken_back"


def passing_of(session: Session, case_id: UUID, account_id: UUID | None) -> Passing:
    """How this person's consent to pass on stands in that case."""
    found = (
        select(Consent.id, ConsentEnd.consent_id)
        .outerjoin(ConsentEnd, ConsentEnd.consent_id == Consent.id)
        .where(
            Consent.case_id == case_id, Consent.account_id == account_id, Consent.purpose == Purpose.SHARE_WITH_LENDER
        )
    )
    rows = session.execute(found).all()
    if not rows:
        return Passing.UNASKED
    return Passing.GIVEN if any(ended is None for _, ended in rows) else Passing.TAKEN_BACK


def check_may_pass_on(seat: Seat) -> None:
    """Raise where this person took back that anything is passed on: then nothing more is, however deliberate the act.

    Whoever was never asked agrees by the act itself, on a page that shows every word of what is passed on.
    """
    if passing_of(seat.session, seat.case_id, seat.account_id) is Passing.TAKEN_BACK:
        raise Refused("release:consent-taken-back")
