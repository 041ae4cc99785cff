"""Work it out first: what a loan costs a year and where the ceiling lies, for anybody, with nothing kept."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import DateField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from mediation import lawbook
from mediation.cases.cost_words import COST_SENTENCES
from mediation.cases.findings import SaidFinding, said
from mediation.errors import Refused
from mediation.i18n import N_
from mediation.rules.cost import AllIn
from mediation.rules.law import ClaimFacts
from mediation.rules.legal_facts import UNKNOWN_HISTORY
from mediation.rules.lenders import LenderType
from mediation.rules.loan_cost import LoanFlows, lowest_ceiling
from mediation.rules.loans import MOST_INSTALMENTS, ClaimFigures
from mediation.rules.rate_caps import CURRENCY, Ceiling, rate_findings
from mediation.rules.recasts import Recast
from mediation.web import guard
from mediation.web.forms import Form, MoneyField
from mediation.web.limits import limiter
from mediation.web.pages import locale, render

blueprint = Blueprint("explore", __name__)

SENTENCES = COST_SENTENCES
LENDERS = [
    (LenderType.CONSUMER_FINANCE.value, N_("A consumer finance company")),
    (LenderType.BANK.value, N_("A bank")),
    (LenderType.MICRO_LENDER.value, N_("A small-loan company")),
    (LenderType.PRIVATE.value, N_("A private person or company without a licence to lend")),
    ("", N_("I do not know")),
]


class ExploreForm(Form):
    """A loan as people know it; nothing of it is kept."""

    disbursed = MoneyField(N_("Sum that you received"))
    fee_up_front = MoneyField(N_("Fees on the first day"), may_be_empty=True)
    instalments = IntegerField(
        N_("Number of monthly instalments"), validators=[InputRequired(), NumberRange(1, MOST_INSTALMENTS)]
    )
    instalment = MoneyField(N_("Each instalment"))
    paid_count = IntegerField(N_("How many of them are paid"), validators=[Optional(), NumberRange(0)])
    lender = SelectField(N_("Who lent the money?"), choices=LENDERS, default="")
    contract_on = DateField(N_("Day of the contract"), validators=[Optional()])

    def flows(self) -> LoanFlows:
        """The loan as money that moved; refused at the field that does not fit."""
        fee, paid = self.fee_up_front.minor or 0, self.paid_count.data or 0
        assert self.disbursed.minor is not None
        assert self.instalment.minor is not None
        if fee >= self.disbursed.minor:
            raise Refused("contract:fee-above-loan", field="fee_up_front")
        if paid > self.instalments.data:
            raise Refused("contract:paid-out-of-range", field="paid_count", most=self.instalments.data)
        return LoanFlows(
            disbursed=self.disbursed.minor,
            fee_up_front=fee,
            instalment=self.instalment.minor,
            fee_each=0,
            instalments=self.instalments.data,
            paid_count=paid,
        )


@dataclass(frozen=True)
class Worked:
    """What came out."""

    flows: LoanFlows
    cost: AllIn
    ceiling: Ceiling | None
    recast: Recast | None
    findings: list[SaidFinding]


@blueprint.get("/explore")
@guard.public()
def show(who: guard.Visitor, *, at: datetime) -> ResponseReturnValue:
    """The empty form; no name is asked."""
    return _page(who, ExploreForm(formdata=None), at=at)


def _page(who: guard.Visitor, form: ExploreForm, *, at: datetime, worked: Worked | None = None) -> ResponseReturnValue:
    return render("explore/show.html", form=form, worked=worked, currency=CURRENCY)


@blueprint.post("/explore")
@limiter.limit("60/5 minutes")
@guard.public(form=ExploreForm, again=_page)
def work_out(who: guard.Visitor, form: ExploreForm, *, at: datetime) -> ResponseReturnValue:
    """The figures worked out, and forgotten."""
    flows = form.flows()
    try:
        cost = flows.cost()
    except Refused as no:
        raise Refused(no.key, field="instalment", **no.facts) from no
    facts = _facts(form, flows, cost, at.date())
    ceiling = lowest_ceiling(facts, lawbook.law())
    left = None
    if ceiling is not None and flows.paid_count and cost.with_fees.nominal > ceiling.yearly_rate:
        left = flows.recast_at(ceiling)
    findings = said(rate_findings(facts, lawbook.law()), locale())
    return _page(who, form, at=at, worked=Worked(flows, cost, ceiling, left, findings))


def _facts(form: ExploreForm, flows: LoanFlows, cost: AllIn, on: date) -> ClaimFacts:
    figures: dict[str, Any] = dict.fromkeys(("principal_not_due", "interest", "penalty", "fees"), 0)
    left = flows.left_by_contract
    return ClaimFacts(
        figures=ClaimFigures(version=1, currency=CURRENCY, principal_due=left, **figures),
        on=on,
        lender=LenderType(form.lender.data) if form.lender.data else None,
        contract_on=form.contract_on.data,
        fees=flows.fee_up_front,
        all_in_yearly_rate=cost.with_fees.nominal,
        history=UNKNOWN_HISTORY,
    )
