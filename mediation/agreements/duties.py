"""What the worker does for agreements: render the paper once, seal it, end the window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from mediation import files
from mediation.accounts.models import Institution
from mediation.agreements import actions, leaving, paper, pausing
from mediation.agreements.models import Agreement, Signature
from mediation.agreements.sealing import Confirmed, Sealing, put_seal
from mediation.agreements.selections import signatures_on
from mediation.cases.models import Case
from mediation.cases.moves import local_day
from mediation.cases.seats import Seat, lock_case
from mediation.outbox import Duty
from mediation.rules.access import Role
from mediation.rules.lifecycle import AgreementState, is_over

PDF = "application/pdf"


@dataclass(frozen=True)
class Rendering:
    """What is needed to set an agreement on paper."""

    terms: str
    sheet: paper.Sheet
    created_at: datetime


def read_terms(session: Session, payload: Mapping[str, str], *, at: datetime) -> Rendering | None:
    """The terms of the agreement; None when it has been rendered or closed meanwhile."""
    agreement = session.get_one(Agreement, UUID(payload["agreement"]))
    if agreement.state is not AgreementState.GATE_PASSED:
        return None
    seat = Seat.system(session, session.get_one(Case, agreement.case_id))
    sheet = paper.Sheet(
        case_number=seat.case.number,
        drawn_up_on=local_day(seat.case, agreement.drafted_at),
        verify_at=f"{seat.institution.domain}/verify",
        telephone=seat.institution.telephone,
        demo=session.info["settings"].is_demo,
    )
    return Rendering(agreement.document, sheet, agreement.drafted_at)


def render(facts: Rendering, info: Mapping[str, Any], *, at: datetime) -> bytes:
    """The paper as PDF/A-3b."""
    return paper.agreement_pdf(facts.terms, facts.sheet, created_at=facts.created_at)


def keep_paper(session: Session, payload: Mapping[str, str], pdf: bytes, *, at: datetime) -> None:
    """The paper lies in the store and signing begins."""
    agreement = session.get_one(Agreement, UUID(payload["agreement"]))
    seat = Seat.system(session, lock_case(session, agreement.case_id))
    if agreement.state is AgreementState.GATE_PASSED:
        kept = files.store_row(session, pdf, institution_id=agreement.institution_id, media_type=PDF, at=at)
        actions.start_signing(seat, agreement.id, kept.sha256, at=at)


def read_confirmed(session: Session, payload: Mapping[str, str], *, at: datetime) -> Sealing | None:
    """The file that everybody confirmed; None when it is sealed already, or mediation ended before the seal."""
    agreement = session.get_one(Agreement, UUID(payload["agreement"]))
    if agreement.state is not AgreementState.AWAITING_SEAL or agreement.unsigned_sha256 is None:
        return None
    if is_over(session.get_one(Case, agreement.case_id).stage):
        return None
    institution = session.get_one(Institution, agreement.institution_id)
    return Sealing(
        pdf=files.fetch_row(session, agreement.unsigned_sha256, institution_id=institution.id),
        number=agreement.number,
        institution=institution.name,
        zone=institution.zone,
        confirmed=_confirmed(signatures_on(session, agreement.id)),
    )


def keep_sealed(session: Session, payload: Mapping[str, str], sealed: tuple[bytes, datetime], *, at: datetime) -> None:
    """The sealed file lies in the store and is the agreement."""
    agreement = session.get_one(Agreement, UUID(payload["agreement"]))
    seat = Seat.system(session, lock_case(session, agreement.case_id))
    if agreement.state is AgreementState.AWAITING_SEAL:
        pdf, sealed_at = sealed
        kept = files.store_row(session, pdf, institution_id=agreement.institution_id, media_type=PDF, at=at)
        actions.keep_sealed(seat, agreement.id, kept.sha256, at=at, sealed_at=sealed_at)


def drop_paper(session: Session, payload: Mapping[str, str], result: None, *, at: datetime) -> None:
    """The case has ended, and what was not sealed with it."""
    leaving.drop_paper(Seat.system(session, lock_case(session, UUID(payload["case"]))), at=at)


def end_signing(session: Session, payload: Mapping[str, str], result: None, *, at: datetime) -> None:
    """The window is over."""
    agreement = session.get_one(Agreement, UUID(payload["agreement"]))
    actions.end_signing(Seat.system(session, lock_case(session, agreement.case_id)), agreement.id, at=at)


def end_pause(session: Session, payload: Mapping[str, str], result: None, *, at: datetime) -> None:
    """The pause has come to its end."""
    pausing.end_pause(Seat.system(session, lock_case(session, UUID(payload["case"]))), at=at)


def _confirmed(signatures: Sequence[Signature]) -> list[Confirmed]:
    """Each confirmation with the box that the paper leaves for it; parties of a side stand in the order of accounts."""
    placed = []
    for role in (Role.BORROWER, Role.LENDER, Role.MEDIATOR):
        of_role = sorted((one for one in signatures if one.role is role), key=lambda one: str(one.account_id))
        for number, one in enumerate(of_role, 1):
            place = paper.MEDIATOR_PLACE if role is Role.MEDIATOR else f"{role.value}-{number}"
            placed.append(Confirmed(place, one.signed_at))
    return placed


DUTIES: Mapping[str, Duty] = {
    "agreement:render": Duty(read=read_terms, work=render, keep=keep_paper),
    "agreement:seal": Duty(read=read_confirmed, work=put_seal, keep=keep_sealed),
    "agreement:end-signing": Duty(keep=end_signing),
    "case:ended": Duty(keep=drop_paper),
    "pause:end": Duty(keep=end_pause),
}
