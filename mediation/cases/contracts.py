"""What each side says of the contract, and the cost and the findings that follow from it for all three alike."""

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from mediation import lawbook
from mediation.accounts.models import Engagement
from mediation.cases.claims import figures_of
from mediation.cases.contract_models import ContractStatement, Product
from mediation.cases.models import Claim
from mediation.cases.moves import local_day
from mediation.cases.seats import Seat
from mediation.cases.selections import loan_of
from mediation.portfolios.models import Loan
from mediation.rules import law
from mediation.rules.law import AcknowledgingAct, ClaimFacts, DebtHistory, Finding, Interruption
from mediation.rules.lenders import LenderType
from mediation.rules.limitation import InterruptionKind
from mediation.rules.loan_cost import LoanFlows
from mediation.rules.loans import Frequency, due_dates
from mediation.rules.negotiation import Side

AMOUNTS = ("principal", "disbursed", "fee_up_front", "instalment", "fee_each")


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What one side says of the contract; None is always: not said. Money in minor units, rates as fractions.

    `disbursed` is what reached the borrower before `fee_up_front`; `instalment` includes `fee_each`. Either
    `last_act` and its day, or `no_act_since` the last due date, or neither.
    """

    product: Product | None = None
    contract_on: date | None = None
    principal: int | None = None
    disbursed: int | None = None
    fee_up_front: int | None = None
    instalments: int | None = None
    instalment: int | None = None
    fee_each: int | None = None
    paid_count: int | None = None
    yearly_rate: Decimal | None = None
    penalty_daily_rate: Decimal | None = None
    is_capitalised: bool | None = None
    last_due_on: date | None = None
    last_act: InterruptionKind | None = None
    last_act_on: date | None = None
    no_act_since: bool | None = None

    def or_else(self, other: "Stated") -> "Stated":
        """What is said here, and where nothing is, what the other says."""
        mine, theirs = asdict(self), asdict(other)
        return Stated(**{name: theirs[name] if mine[name] is None else mine[name] for name in mine})

    @property
    def flows(self) -> LoanFlows | None:
        """The loan as money that moved; None while the sum, the number or the amount of instalments is not said."""
        sum_lent = self.disbursed if self.disbursed is not None else self.principal
        if not sum_lent or not self.instalments or not self.instalment:
            return None
        return LoanFlows(
            disbursed=sum_lent,
            fee_up_front=self.fee_up_front or 0,
            instalment=self.instalment,
            fee_each=self.fee_each or 0,
            instalments=self.instalments,
            paid_count=self.paid_count or 0,
        )


SILENT = Stated()


def statement_of(seat: Seat, side: Side) -> ContractStatement | None:
    """That side's newest statement; nothing where this seat may not read the claim either."""
    if not seat.may("claim:read"):
        return None
    found = select(ContractStatement).where(ContractStatement.case_id == seat.case_id, ContractStatement.side == side)
    return seat.session.scalars(found.order_by(ContractStatement.version.desc()).limit(1)).first()


def stated_in(row: ContractStatement | None) -> Stated:
    """A statement as values; silence where there is none."""
    return SILENT if row is None else Stated(**{each.name: getattr(row, each.name) for each in fields(Stated)})


def said_by(seat: Seat, side: Side) -> Stated:
    """What that side says of the contract; where the lender has not spoken, what its own file of loans says."""
    stated = stated_in(statement_of(seat, side))
    return stated.or_else(stated_by_file(loan_of(seat))) if side is Side.LENDER else stated


def said_by_both(seat: Seat) -> Stated:
    """What is said of the contract by either side, the lender's word first: it owes the contract."""
    return (
        stated_in(statement_of(seat, Side.LENDER))
        .or_else(said_by(seat, Side.BORROWER))
        .or_else(stated_by_file(loan_of(seat)))
    )


def stated_by_file(loan: Loan) -> Stated:
    """What the lender's own file says of the contract; nothing is added to it."""
    last_due_on = None
    if loan.first_due_on is not None and loan.term:
        last_due_on = due_dates(loan.first_due_on, Frequency.MONTHLY, loan.term)[-1]
    return Stated(
        principal=loan.principal,
        instalments=loan.term,
        instalment=loan.instalment,
        paid_count=loan.paid_instalments,
        yearly_rate=loan.yearly_rate,
        last_due_on=last_due_on,
    )


def facts_of(seat: Seat, stated: Stated, *, at: datetime) -> ClaimFacts:
    """The claim and what is said of its contract, as the checks of the law look at it on this day."""
    claim = _claim_of(seat)
    flows, cost = stated.flows, None if stated.flows is None else stated.flows.cost_or_none()
    lent = stated.disbursed
    facts = ClaimFacts(
        figures=figures_of(claim),
        on=local_day(seat.case, at),
        lender=_lender_type_of(seat),
        is_assisted=None if stated.product is None else stated.product is Product.ASSISTED,
        is_credit_card=None if stated.product is None else stated.product is Product.CARD,
        contract_on=stated.contract_on,
        contract_principal=stated.principal,
        net_disbursed=None if lent is None else lent - (stated.fee_up_front or 0),
        paid_total=None if flows is None or stated.paid_count is None else flows.paid_total,
        yearly_rate=stated.yearly_rate,
        penalty_daily_rate=stated.penalty_daily_rate,
        fees=None if stated.fee_up_front is None or stated.fee_each is None else stated.fee_up_front + stated.fee_each,
        all_in_yearly_rate=None if cost is None else cost.with_fees.nominal,
        interest_capitalised=stated.is_capitalised,
        history=_history(stated, claim, seat),
    )
    return facts if flows is None else flows.recast_in(facts, lawbook.law())


def findings_seen_by(seat: Seat, stated: Stated, *, at: datetime) -> tuple[Finding, ...]:
    """What the law book finds on the claim by that statement: the same for everybody who may read the claim."""
    seat.require("claim:read")
    return law.findings_on_claim(facts_of(seat, stated, at=at), lawbook.law())


def limitation_of(seat: Seat, *, at: datetime) -> law.Limitation:
    """Where limitation stands on this day, by what either side has said."""
    facts = facts_of(seat, said_by_both(seat), at=at)
    return law.limitation_state(facts.history, on=facts.on, book=lawbook.law())


def warning_for(seat: Seat, act: AcknowledgingAct, *, at: datetime) -> tuple[tuple[Finding, ...], bool]:
    """What this seat reads before that act, and whether its own yes is asked; nothing for anybody but the borrower."""
    if seat.side is not Side.BORROWER:
        return (), False
    limitation = limitation_of(seat, at=at)
    findings = law.findings_before(act, limitation, lawbook.law(), confirmed=False)
    return findings, law.needs_confirmation(limitation)


def _history(stated: Stated, claim: Claim, seat: Seat) -> DebtHistory:
    acts: tuple[Interruption, ...] | None = () if stated.no_act_since else None
    if stated.last_act is not None and stated.last_act_on is not None:
        acts = (Interruption(stated.last_act, stated.last_act_on, is_shown=False),)
    return DebtHistory(
        # The first day overdue is no later than the last due date: if the period still runs from it, it runs.
        last_due_on=stated.last_due_on or seat.case.overdue_since_on,
        interruptions=acts,
        accelerated_on=claim.as_of_on if claim.accelerated else None,
        calendar=lawbook.calendar(seat.case.calendar),
    )


def _claim_of(seat: Seat) -> Claim:
    found = select(Claim).where(Claim.case_id == seat.case_id, Claim.version == seat.case.claim_version)
    return seat.session.scalars(found).one()


def _lender_type_of(seat: Seat) -> LenderType | None:
    found = select(Engagement.lender_type).where(
        Engagement.institution_id == seat.case.institution_id,
        Engagement.organisation_id == seat.case.organisation_id,
    )
    return seat.session.scalar(found)
