"""Cases brought to a stage directly, so that a feature's tests need not walk there."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from mediation import audit
from mediation.cases.models import (
    Appointment,
    Case,
    Claim,
    ClaimBasis,
    Consent,
    CourtStatus,
    Identity,
    Purpose,
    Seating,
    Undertaking,
)
from mediation.cases.outcomes import Terms, record_outcome
from mediation.cases.seats import Seat
from mediation.keys import pack, ring_of
from mediation.messages.models import JointRoom
from mediation.portfolios.models import ImportState, Loan, LoanImport
from mediation.rules.access import Role
from mediation.rules.lifecycle import ORDER, AppointmentState, Stage
from tests.world import World

ID_NUMBER = "420106199003071529"
ADDRESS = "江城市湖滨路8号"


@dataclass(frozen=True)
class Figures:
    """A claim by component, in minor units; the default is scenario A of the product's description."""

    principal_due: int = 1_695_791
    principal_not_due: int = 1_360_639
    interest: int = 189_597
    penalty: int = 53_027
    fees: int = 0

    @property
    def total(self) -> int:
        """The whole claim."""
        return self.principal_due + self.principal_not_due + self.interest + self.penalty + self.fees


def a_loan(world: World, *, contract: str = "XF-2025-0001", name: str = "白露") -> UUID:
    """Scenario A's loan in the lender's portfolio."""
    with world.writing() as session:
        return _loan(session, world, contract, name).id


def a_case(
    world: World,
    stage: Stage = Stage.OPEN,
    *,
    contract: str = "XF-2025-0001",
    figures: Figures | None = None,
    borrower: str = "bai",
    mediator: str = "mo",
) -> str:
    """A case at that stage with everybody in the seat that the stage gives them; its number."""
    figures = figures or Figures()
    with world.writing() as session:
        account = world.account(borrower)
        loan = _loan(session, world, contract, account.name)
        case = _case(session, world, stage, loan, figures)
        _claim(session, world, case, loan, figures)
        audit.open_threads(session, world.institution_id, host=world.settings.host, case_id=case.id)
        if _reached(stage, Stage.JOINED):
            _join(session, world, case, borrower)
        if _reached(stage, Stage.APPOINTED):
            _appoint(session, world, case, mediator, stage)
        if _reached(stage, Stage.TERMS_AGREED):
            _identify(session, world, case, borrower)
        if _reached(stage, Stage.IN_FORCE):
            record_outcome(Seat.system(session, case), Terms(claimed=figures.total), at=world.clock())
        return case.number


def identify(world: World, number: str, borrower: str = "bai") -> None:
    """The borrower's identity and service address are on file."""
    with world.writing() as session:
        _identify(session, world, session.query(Case).filter(Case.number == number).one(), borrower)


def _reached(stage: Stage, milestone: Stage) -> bool:
    return stage in ORDER and ORDER.index(stage) >= ORDER.index(milestone)


def _loan(session: Session, world: World, contract: str, name: str) -> Loan:
    at = world.clock()
    batch = LoanImport(
        institution_id=world.institution_id,
        organisation_id=world.organisation_id,
        account_id=world.people["lu"],
        file_name="loans.csv",
        file_sha256="0" * 64,
        currency="CNY",
        state=ImportState.IMPORTED,
        row_count=1,
        new_count=1,
        created_at=at,
        imported_at=at,
    )
    session.add(batch)
    session.flush()
    loan = Loan(
        institution_id=world.institution_id,
        organisation_id=world.organisation_id,
        import_id=batch.id,
        row_number=2,
        row_sha256="0" * 64,
        contract_number=contract,
        borrower_name=name,
        phone="+8613800000007",
        email="bai@example.org",
        id_tail=ID_NUMBER[-4:],
        currency="CNY",
        principal=5_000_000,
        yearly_rate=Decimal("0.234"),
        term=12,
        instalment=471_347,
        first_due_on=date(2025, 1, 15),
        outstanding_principal=3_056_430,
        overdue_since_on=date(2025, 6, 15),
        overdue_days=102,
        imported_at=at,
    )
    session.add(loan)
    session.flush()
    return loan


def _case(session: Session, world: World, stage: Stage, loan: Loan, figures: Figures) -> Case:
    at = world.clock()
    count = session.query(Case).count() + 1
    case = Case(
        institution_id=world.institution_id,
        number=f"WH-2025-{90000 + count}",
        organisation_id=world.organisation_id,
        organisation_name="江岸消费金融有限公司",
        loan_id=loan.id,
        contract_number=loan.contract_number,
        borrower_name=loan.borrower_name,
        borrower_phone=loan.phone,
        borrower_email=loan.email,
        borrower_id_tail=loan.id_tail,
        borrower_address=loan.address,
        overdue_since_on=loan.overdue_since_on,
        currency="CNY",
        zone="Asia/Shanghai",
        calendar="cn",
        rounding="half_up",
        court_status=CourtStatus.NONE,
        stage=stage,
        claim_total=figures.total,
        opened_at=at,
        submitted_at=at,
        moved_at=at,
    )
    session.add(case)
    session.flush()
    session.add(
        Undertaking(
            case_id=case.id,
            collection_paused=True,
            outsourcing_paused=True,
            assignment_paused=True,
            interest_runs=False,
            penalty_runs=False,
            given_by=world.people["lu"],
            given_at=at,
        )
    )
    session.flush()
    return case


def _claim(session: Session, world: World, case: Case, loan: Loan, figures: Figures) -> None:
    session.add(
        Claim(
            case_id=case.id,
            version=1,
            as_of_on=date(2025, 9, 24),
            currency="CNY",
            principal_due=figures.principal_due,
            principal_not_due=figures.principal_not_due,
            interest=figures.interest,
            penalty=figures.penalty,
            fees=figures.fees,
            principal_basis="借款合同第三条",
            interest_basis="月利率1.95%",
            penalty_basis="每日0.05%",
            basis=ClaimBasis.ORIGINAL,
            original_lender="江岸消费金融有限公司",
            original_contract=loan.contract_number,
            kept_by=world.people["lu"],
            kept_at=world.clock(),
        )
    )
    session.flush()


def _join(session: Session, world: World, case: Case, borrower: str) -> None:
    at = world.clock()
    account_id = world.people[borrower]
    session.add(Seating(case_id=case.id, account_id=account_id, role=Role.BORROWER, since_at=at))
    for purpose in Purpose:
        session.add(Consent(case_id=case.id, account_id=account_id, purpose=purpose, text_sha256="0" * 64, given_at=at))
    case.borrower_court_status = CourtStatus.NONE
    session.flush()


def _appoint(session: Session, world: World, case: Case, mediator: str, stage: Stage) -> None:
    at = world.clock()
    case.mediator_id = world.people[mediator]
    waiting = stage is Stage.APPOINTED
    session.add(Seating(case_id=case.id, account_id=case.mediator_id, role=Role.MEDIATOR, since_at=at))
    session.add(
        Appointment(
            case_id=case.id,
            mediator_id=case.mediator_id,
            state=AppointmentState.OBJECTION_WINDOW if waiting else AppointmentState.CONFIRMED,
            proposed_by=world.people["ren"],
            proposed_at=at,
            accepted_at=at,
            objections_end_at=at + timedelta(days=2),
            confirmed_at=None if waiting else at,
        )
    )
    session.add(JointRoom(case_id=case.id, is_open=True, changed_by=case.mediator_id, changed_at=at))
    session.flush()


def _identify(session: Session, world: World, case: Case, borrower: str) -> None:
    account = world.account(borrower)
    ring = ring_of(session)
    session.add(
        Identity(
            case_id=case.id,
            account_id=account.id,
            name=account.name,
            number_sealed=pack(ring.encrypt(ID_NUMBER.encode(), context=b"identity-number/" + account.id.bytes)),
            number_tail=ID_NUMBER[-4:],
            address_sealed=pack(ring.encrypt(ADDRESS.encode(), context=b"identity-address/" + account.id.bytes)),
            how_checked="id_card_seen",
            given_at=world.clock(),
        )
    )
    session.flush()
