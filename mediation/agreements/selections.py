"""Agreements of a case as its seats may read them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.accounts.models import Account
from mediation.agreements.models import Agreement, Signature
from mediation.cases.identities import name_given
from mediation.cases.seats import Seat
from mediation.errors import NotFound
from mediation.rules.lifecycle import DOWNLOADABLE, REOPENS_NEGOTIATION, AgreementState

READ_BEFORE_SIGNING = frozenset(
    {AgreementState.SIGNING, AgreementState.AWAITING_MEDIATOR, AgreementState.AWAITING_SEAL}
)


def current_agreement(seat: Seat) -> Agreement | None:
    """The agreement that is drawn up, being signed or in effect; a declined, lapsed or void one is none."""
    found = select(Agreement).where(Agreement.case_id == seat.case_id, Agreement.state.not_in(REOPENS_NEGOTIATION))
    return seat.session.scalars(found.order_by(Agreement.version.desc())).first()


def agreements_seen_by(seat: Seat) -> Sequence[Agreement]:
    """Every version, the newest first; of one that failed only the fact that it did."""
    seat.require("agreement:read")
    found = select(Agreement).where(Agreement.case_id == seat.case_id).order_by(Agreement.version.desc())
    return seat.session.scalars(found).all()


def readable_file(seat: Seat, agreement_id: UUID) -> tuple[Agreement, str]:
    """The agreement and the SHA-256 of the file that may be read now: before signing, or sealed; else NotFound."""
    found = select(Agreement).where(Agreement.case_id == seat.case_id, Agreement.id == agreement_id)
    agreement = seat.session.scalars(found).first()
    if agreement is not None and agreement.state in DOWNLOADABLE and agreement.sealed_sha256:
        return agreement, agreement.sealed_sha256
    if agreement is not None and agreement.state in READ_BEFORE_SIGNING and agreement.unsigned_sha256:
        return agreement, agreement.unsigned_sha256
    raise NotFound


def signatures_on(session: Session, agreement_id: UUID) -> Sequence[Signature]:
    """The confirmations given so far, in order."""
    found = select(Signature).where(Signature.agreement_id == agreement_id).order_by(Signature.signed_at)
    return session.scalars(found).all()


def name_of(seat: Seat, account_id: UUID) -> str:
    """The name under which that account signs: a borrower's as the identity says, anybody else's as the account."""
    return name_given(seat.session, seat.case_id, account_id) or seat.session.get_one(Account, account_id).name
