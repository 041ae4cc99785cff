"""Whether a borrower consents that what it releases is passed on to the lender."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.models import Consent, ConsentEnd, Purpose


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
