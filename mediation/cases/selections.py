"""What may be read of cases: the loan to open one from, the claim, the people, the registrar's list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_

from mediation.accounts.desks import Desk
from mediation.accounts.models import Engagement, Organisation
from mediation.cases.advisers import seated_beside
from mediation.cases.further_borrowers import names_of_further
from mediation.cases.models import Case, Claim, Rejection, Undertaking
from mediation.cases.seats import Seat
from mediation.cases.telling import people_of
from mediation.errors import NotFound
from mediation.portfolios.models import Loan, LoanImport
from mediation.rules.access import Role
from mediation.rules.lifecycle import OPEN_STAGES, Stage
from mediation.rules.negotiation import Side

PAGE = 50
DECIDED = (Stage.ACCEPTED, Stage.INVITED, Stage.UNREACHABLE, Stage.REJECTED, Stage.DECLINED, Stage.LAPSED)


@dataclass(frozen=True)
class SeatedPerson:
    """Somebody at the table: as what, and under which name."""

    role: Role
    name: str
    # Of an adviser: beside whom.
    beside: Side | None = None


@dataclass(frozen=True)
class Twin:
    """Another case in the institution that names the same contract."""

    number: str
    organisation_name: str
    stage: Stage
    is_open: bool
    same_lender: bool


@dataclass(frozen=True)
class RegistryLine:
    """One case as the registrar's list shows it."""

    id: UUID
    number: str
    borrower_name: str
    organisation_name: str
    stage: Stage
    moved_at: datetime


def loan_read_by(desk: Desk, loan_id: UUID) -> Loan:
    """The loan of this officer's own lender at this institution; any other does not exist."""
    loan = desk.session.get(Loan, loan_id)
    if loan is None or (loan.institution_id, loan.organisation_id) != (desk.institution_id, desk.organisation_id):
        raise NotFound
    return loan


def loan_of(seat: Seat) -> Loan:
    """The loan that the case is about."""
    return seat.session.get_one(Loan, seat.case.loan_id)


def lender_of(desk: Desk) -> Organisation:
    """The lender whose officer sits at this desk."""
    if desk.organisation_id is None:
        raise NotFound
    return desk.session.get_one(Organisation, desk.organisation_id)


def engagement_of(desk: Desk) -> Engagement | None:
    """The lender as this institution has it on file; nothing when the registrar has not kept it yet."""
    found = select(Engagement).where(
        Engagement.institution_id == desk.institution_id, Engagement.organisation_id == desk.organisation_id
    )
    return desk.session.scalars(found).first()


def rounding_of(desk: Desk, loan: Loan) -> str:
    """The rule by which the lender's own file was found to round."""
    return desk.session.get_one(LoanImport, loan.import_id).rounding


def open_case_on(desk: Desk, contract_number: str) -> str | None:
    """The number of this lender's open case on that contract, if there is one."""
    found = select(Case.number).where(
        Case.institution_id == desk.institution_id,
        Case.organisation_id == desk.organisation_id,
        Case.contract_number == contract_number,
        Case.stage.in_(OPEN_STAGES),
    )
    return desk.session.scalar(found)


def open_cases_on(desk: Desk, contract_numbers: Sequence[str], /) -> Mapping[str, str]:
    """The numbers of this lender's open cases on these contracts, by contract."""
    found = select(Case.contract_number, Case.number).where(
        Case.institution_id == desk.institution_id,
        Case.organisation_id == desk.organisation_id,
        Case.contract_number.in_(contract_numbers),
        Case.stage.in_(OPEN_STAGES),
    )
    return {row.contract_number: row.number for row in desk.session.execute(found)}


def claim_seen_by(seat: Seat) -> Claim | None:
    """The version of the claim that stands, where this seat may read it."""
    if not seat.may("claim:read"):
        return None
    found = select(Claim).where(Claim.case_id == seat.case_id, Claim.version == seat.case.claim_version)
    return seat.session.scalars(found).one()


def undertaking_seen_by(seat: Seat) -> Undertaking | None:
    """The lender's standstill, once it is given; it is read with the claim that it holds still."""
    return seat.session.get(Undertaking, seat.case_id) if seat.may("claim:read") else None


def rejection_seen_by(seat: Seat) -> Rejection | None:
    """Why the case was not accepted, for the lender and the institution."""
    return seat.session.get(Rejection, seat.case_id) if seat.stage is Stage.REJECTED else None


def people_seen_by(seat: Seat) -> tuple[SeatedPerson, ...]:
    """Who sits in the case: the borrowers, the lender, the mediator and whoever advises, with the side advised."""
    found = [
        SeatedPerson(Role.BORROWER, seat.case.borrower_name),
        *(SeatedPerson(Role.BORROWER, name) for name in names_of_further(seat)),
        SeatedPerson(Role.LENDER, seat.case.organisation_name),
    ]
    found += [SeatedPerson(Role.MEDIATOR, one.name) for one in people_of(seat.session, seat.case, Role.MEDIATOR)]
    found += [SeatedPerson(Role.ADVISER, name, side) for side, name in seated_beside(seat.session, seat.case)]
    return tuple(found)


def twins_of(seat: Seat) -> tuple[Twin, ...]:
    """The institution's other cases on the same contract, under whichever claimant; for the registrar alone."""
    seat.require("case:register")
    mine = {seat.case.contract_number, _original(seat)}
    found = (
        select(Case)
        .join(Claim, (Claim.case_id == Case.id) & (Claim.version == Case.claim_version))
        .where(
            Case.institution_id == seat.institution_id,
            Case.id != seat.case_id,
            Case.stage != Stage.DRAFT,
            or_(Case.contract_number.in_(mine), Claim.original_contract.in_(mine)),
        )
        .order_by(Case.id.desc())
        .limit(PAGE)
    )
    return tuple(_twin(seat, case) for case in seat.session.scalars(found))


def submitted_cases(desk: Desk, *, after: UUID | None = None) -> Sequence[RegistryLine]:
    """A page of the cases that wait for the registrar, the longest waiting first."""
    return _lines(desk, (Stage.SUBMITTED,), after=after)


def decided_cases(desk: Desk) -> Sequence[RegistryLine]:
    """The cases that the registrar decided last and that are not under way yet."""
    return _lines(desk, DECIDED, newest_first=True)


def count_submitted(desk: Desk) -> int:
    """How many cases wait for the registrar."""
    found = select(func.count(Case.id)).where(Case.institution_id == desk.institution_id, Case.stage == Stage.SUBMITTED)
    return desk.session.scalar(found) or 0


def _lines(
    desk: Desk, stages: tuple[Stage, ...], *, after: UUID | None = None, newest_first: bool = False
) -> Sequence[RegistryLine]:
    desk.require("registry:read")
    key = (Case.moved_at, Case.id)
    found = select(Case).where(Case.institution_id == desk.institution_id, Case.stage.in_(stages)).limit(PAGE)
    if after is not None and (last := desk.session.get(Case, after)) is not None:
        found = found.where(tuple_(*key) > (last.moved_at, last.id))
    order = [column.desc() for column in key] if newest_first else key
    return [_line(case) for case in desk.session.scalars(found.order_by(*order))]


def _line(case: Case) -> RegistryLine:
    return RegistryLine(case.id, case.number, case.borrower_name, case.organisation_name, case.stage, case.moved_at)


def _twin(seat: Seat, case: Case) -> Twin:
    same = case.organisation_id == seat.case.organisation_id
    return Twin(case.number, case.organisation_name, case.stage, case.stage in OPEN_STAGES, same)


def _original(seat: Seat) -> str:
    claim = claim_seen_by(seat)
    return claim.original_contract if claim else seat.case.contract_number
