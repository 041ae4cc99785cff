"""The demonstration: an institution with its people, and cases at every stage, made by the product's own actions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from mediation import audit, db, jobs
from mediation.accounts import actions as accounts
from mediation.accounts import credentials, desks
from mediation.accounts.models import Account, Institution, Membership, Organisation
from mediation.cases import actions as cases
from mediation.cases import answers, appointments, identification, invitations, particulars, seats
from mediation.cases.claims import Claimed, Contact, Opening, Standstill
from mediation.cases.models import Case, CourtStatus, DeclineReason, Purpose
from mediation.cases.particulars import Particulars
from mediation.demo.people import Debtor
from mediation.keys import pack, ring_of
from mediation.portfolios.models import ImportState, Loan, LoanImport
from mediation.rules.access import Role
from mediation.rules.appointing import Payer
from mediation.rules.lenders import LenderType
from mediation.rules.lifecycle import Answer

ZONE = ZoneInfo("Asia/Shanghai")
BEGAN = datetime(2025, 1, 6, 1, 0, tzinfo=UTC)
PASSWORD = "round-table-demo"  # noqa: S105
STAFF = (
    ("ren", "任敏", Role.REGISTRAR, ""),
    ("mo", "莫文", Role.MEDIATOR, "消费金融"),
    ("ming", "明哲", Role.MEDIATOR, "小额贷款"),
    ("lu", "陆远", Role.LENDER, ""),
    ("shen", "申正", Role.AUDITOR, ""),
)
STANDSTILL = Standstill(
    collection_paused=True, outsourcing_paused=True, assignment_paused=True, interest_runs=False, penalty_runs=False
)
CONSENTS = {
    Purpose.MEDIATION: "我愿意参加本次调解。",
    Purpose.PERSONAL_DATA: "我同意调解组织为本次调解处理我的个人信息。",
    Purpose.ELECTRONIC_SERVICE: "我同意以电子方式接收通知。",
}


@dataclass
class Play:
    """The database, a clock of its own, and the people; every step is an action of the product."""

    engine: Engine
    info: dict[str, Any]
    at: datetime
    hashed: str
    institution_id: UUID
    organisation_id: UUID

    @contextmanager
    def seat(self, name: str, number: str) -> Iterator[seats.Seat]:
        """That person's seat at a case, in one transaction."""
        with db.transaction(self.engine, self.info) as session:
            found = seats.seat_of(session, account_id(session, name), number, locking=True)
            assert found is not None, f"{name} at {number}"
            yield found

    @contextmanager
    def desk(self, name: str) -> Iterator[desks.Desk]:
        """That person's desk, in one transaction."""
        with db.transaction(self.engine, self.info) as session:
            found = desks.desk_of(session, account_id(session, name))
            assert found is not None, name
            yield found

    def later(self, **by: float) -> None:
        """Time passes, and the worker does what falls due."""
        self.at += timedelta(**by)
        jobs.run_due(self.engine, self.info, lambda: self.at)


def is_laid_out(engine: Engine) -> bool:
    """Whether the database already holds an institution."""
    with db.reading(engine) as session:
        return session.scalar(select(Institution.id).limit(1)) is not None


def set_up(engine: Engine, info: dict[str, Any]) -> Play:
    """The institution, the lender with its account to be paid, and everybody who works there."""
    hashed = credentials.hash_new_password(PASSWORD)
    with db.transaction(engine, info) as session:
        institution = _institution(session)
        organisation = Organisation(
            name="江岸消费金融有限公司（演示）", credit_code="91420100MA4K8G7D2W", created_at=BEGAN
        )
        session.add(organisation)
        session.flush()
        audit.open_threads(session, institution.id, host=info["settings"].host)
        _staff(session, institution, organisation, hashed)
        return Play(engine, info, BEGAN, hashed, institution.id, organisation.id)


def import_loans(play: Play, debtors: list[Debtor]) -> dict[str, UUID]:
    """The lender's portfolio: the ids of its loans by contract."""
    with db.transaction(play.engine, play.info) as session:
        batch = LoanImport(
            institution_id=play.institution_id,
            organisation_id=play.organisation_id,
            account_id=account_id(session, "lu"),
            file_name="demo-loans.csv",
            file_sha256="0" * 64,
            currency="CNY",
            state=ImportState.IMPORTED,
            row_count=len(debtors),
            new_count=len(debtors),
            created_at=play.at,
            imported_at=play.at,
        )
        session.add(batch)
        session.flush()
        return {debtor.contract: _loan(session, play, batch.id, n, debtor).id for n, debtor in enumerate(debtors, 2)}


def open_case(play: Play, debtor: Debtor, loan_id: UUID, *, submit: bool = True) -> str:
    """The lender opens the case, and submits it; its number."""
    opening = Opening(
        claim=_claimed(debtor),
        contact=Contact(name=debtor.name, phone=debtor.phone, email=debtor.email, id_tail=debtor.id_number[-4:]),
        court_status=CourtStatus.NONE,
        standstill=STANDSTILL,
    )
    with play.desk("lu") as desk:
        seat = cases.open_case(desk, loan_id, opening, at=play.at)
        number = seat.case.number
    if submit:
        with play.seat("lu", number) as seat:
            cases.submit_case(seat, opening, at=play.at)
    return number


def accept(play: Play, number: str) -> None:
    """The registrar accepts the case, and the invitation is on its way."""
    with play.seat("ren", number) as seat:
        cases.accept_case(seat, at=play.at)


def identify(play: Play, number: str, debtor: Debtor) -> str:
    """The invitee types the code and answers the question; the name under which they sign in from then on."""
    with db.transaction(play.engine, play.info) as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        invitation = invitations.current_invitation(session, case.id)
        assert invitation is not None
        answered = identification.answer_identity(
            session, invitation.id, debtor.id_number[-4:], signed_in=None, locale="zh_Hans", at=play.at
        )
        assert answered.account_id is not None, answered
        return session.get_one(Account, answered.account_id).sign_in_name


def join(play: Play, number: str, name: str) -> None:
    """The borrower takes part."""
    joining = answers.Joining(
        words=CONSENTS, court_status=CourtStatus.NONE, locale="zh_Hans", password_hash=play.hashed
    )
    with play.seat(name, number) as seat:
        answers.join_mediation(seat, joining, at=play.at)


def decline(play: Play, number: str, name: str) -> None:
    """The borrower does not take part."""
    with play.seat(name, number) as seat:
        answers.decline_invitation(seat, DeclineReason.WANT_COURT, at=play.at)


def appoint(play: Play, number: str, mediator: str = "mo") -> None:
    """The registrar puts a mediator forward, who accepts: the window for objections is open."""
    with play.seat("ren", number) as seat:
        appointments.propose_mediator(seat, account_id(seat.session, mediator), at=play.at)
    with play.seat(mediator, number) as seat:
        appointments.accept_appointment(seat, at=play.at)


def agree_on_mediator(play: Play, number: str, borrower: str) -> None:
    """Both sides accept the mediator, so that talk begins at once."""
    for name in (borrower, "lu"):
        with play.seat(name, number) as seat:
            appointments.answer_appointment(seat, Answer.ACCEPT, at=play.at)


def at_ten(on: date) -> datetime:
    """Ten in the morning of that day, in the institution's zone."""
    return datetime.combine(on, time(10), ZONE).astimezone(UTC)


Step = Callable[[Play], None]


def _institution(session: Session) -> Institution:
    institution = Institution(
        code="JC",
        name="江城人民调解委员会（演示）",
        name_en="Jiangcheng People's Mediation Committee (demonstration)",
        domain="tiaojie.example.cn",
        telephone="027-5550 0110",
        legal_aid="江城法律援助中心（演示）",
        legal_aid_telephone="12348",
        agreement_number_pattern="江城调字〔{year}〕第{number:05d}号",
        created_at=BEGAN,
    )
    session.add(institution)
    session.flush()
    return institution


def _staff(session: Session, institution: Institution, organisation: Organisation, hashed: str) -> None:
    registrar: desks.Desk | None = None
    for name, title, role, field in STAFF:
        account = credentials.add_account(session, name, title, email=f"{name}@example.org", at=BEGAN)
        account.password_hash = hashed
        if registrar is None:
            session.add(Membership(account_id=account.id, institution_id=institution.id, role=role, since_at=BEGAN))
            session.flush()
            registrar = desks.desk_of(session, account.id)
            assert registrar is not None
            continue
        theirs = organisation.id if role is Role.LENDER else None
        member = accounts.add_member(registrar, account, role, organisation_id=theirs, field=field, at=BEGAN)
        if role is Role.LENDER:
            _lender(registrar, organisation, account.id)
        if role is Role.MEDIATOR:
            said = Particulars(field=field, body=institution.name, paid_by=Payer.PUBLIC, most_open=40)
            particulars.keep_particulars(registrar, member.id, said, at=BEGAN)


def _lender(registrar: desks.Desk, organisation: Organisation, officer: UUID) -> None:
    accounts.keep_lender(
        registrar,
        organisation,
        lender_type=LenderType.CONSUMER_FINANCE,
        licence="演示 L1042010000001",
        service_address="江城市滨江路1号",
        payee=(organisation.name, "江城银行滨江支行（演示）", "6200000000000000000"),
        at=BEGAN,
    )
    accounts.keep_authority(
        registrar,
        officer,
        title="授权委托书〔2025〕演示7号",
        covers_settlement=True,
        valid_from_on=date(2025, 1, 1),
        valid_until_on=date(2035, 12, 31),
        at=BEGAN,
    )


def account_id(session: Session, name: str) -> UUID:
    """The account that signs in under this name."""
    return session.scalars(select(Account.id).where(Account.sign_in_name == name)).one()


def _loan(session: Session, play: Play, import_id: UUID, row: int, debtor: Debtor) -> Loan:
    sealed = ring_of(session).encrypt(debtor.id_number.encode(), context=b"loan-id-number")
    loan = Loan(
        institution_id=play.institution_id,
        organisation_id=play.organisation_id,
        import_id=import_id,
        row_number=row,
        row_sha256=f"{row:064d}",
        contract_number=debtor.contract,
        borrower_name=debtor.name,
        phone=debtor.phone,
        email=debtor.email,
        id_tail=debtor.id_number[-4:],
        id_number_sealed=pack(sealed),
        product=debtor.product,
        currency="CNY",
        principal=debtor.loan.principal,
        yearly_rate=Decimal(str(debtor.loan.yearly_rate)),
        term=debtor.loan.term,
        instalment=debtor.instalment,
        first_due_on=debtor.loan.first_due_on,
        outstanding_principal=debtor.owed.principal_due + debtor.owed.principal_not_due,
        paid_instalments=debtor.paid,
        overdue_since_on=debtor.overdue_since_on,
        overdue_days=(debtor.as_of_on - debtor.overdue_since_on).days,
        interest_due=debtor.owed.interest,
        penalty_due=debtor.owed.penalty,
        fees_due=0,
        imported_at=play.at,
    )
    session.add(loan)
    session.flush()
    return loan


def _claimed(debtor: Debtor) -> Claimed:
    return Claimed(
        as_of_on=debtor.as_of_on,
        principal_due=debtor.owed.principal_due,
        principal_not_due=debtor.owed.principal_not_due,
        interest=debtor.owed.interest,
        penalty=debtor.owed.penalty,
        fees=0,
        principal_basis="借款合同约定的各期本金",
        interest_basis="借款合同约定的利率",
        penalty_basis="逾期各期每日0.05%",
        original_lender="江岸消费金融有限公司（演示）",
        original_contract=debtor.contract,
    )
