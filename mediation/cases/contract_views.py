"""The loan and its cost: what each side says of the contract, what it costs a year, what the law says to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mediation import i18n, lawbook
from mediation.cases import contracts, stating
from mediation.cases.contract_forms import ContractForm
from mediation.cases.contract_models import Product
from mediation.cases.contracts import AMOUNTS, Stated
from mediation.cases.findings import OLD_DEBT_SENTENCES, said
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.i18n import N_
from mediation.rules.cost import AllIn
from mediation.rules.limitation import InterruptionKind
from mediation.rules.loan_cost import LoanFlows, lowest_ceiling
from mediation.rules.negotiation import Side
from mediation.rules.rate_caps import Ceiling
from mediation.rules.recasts import Recast
from mediation.web import guard
from mediation.web.pages import locale, see

blueprint = Blueprint("contracts", __name__)

SENTENCES = {
    "contract:paid-out-of-range": N_("At most %(most)s instalments can have been paid."),
    "contract:fee-above-instalment": N_("The fees are part of the instalment, so they cannot be more than it."),
    "contract:fee-above-loan": N_("Fees on the first day must be less than the sum that was lent."),
    "contract:day-in-future": N_("This day has not come yet."),
    "contract:act-needs-day": N_("Say what happened and on which day, or leave both empty."),
    **OLD_DEBT_SENTENCES,
}
PRODUCTS = {
    Product.LOAN: N_("A loan from the lender's own money"),
    Product.ASSISTED: N_("A bank's loan arranged by a platform"),
    Product.CARD: N_("A credit card"),
}
ACTS = {
    InterruptionKind.BORROWER_AGREED: N_("The borrower paid, or promised to pay"),
    InterruptionKind.DEMAND: N_("The lender asked for it in writing"),
    InterruptionKind.SUIT: N_("A court or an arbitrator was asked"),
    InterruptionKind.MEDIATION_ASKED: N_("A mediation body was asked"),
}
LABELS = {
    "product": N_("What kind of credit is it?"),
    "contract_on": N_("Day of the contract"),
    "principal": N_("Sum that the contract lends"),
    "disbursed": N_("Sum that reached the borrower"),
    "fee_up_front": N_("Fees on the first day"),
    "instalments": N_("Number of monthly instalments"),
    "instalment": N_("Each instalment"),
    "fee_each": N_("Of it fees"),
    "paid_count": N_("How many of them are paid"),
    "yearly_rate": N_("Interest by the contract, per cent a year"),
    "penalty_daily_rate": N_("Penalty by the contract, per cent a day"),
    "is_capitalised": N_("Was unpaid interest ever turned into principal?"),
    "last_due_on": N_("Last due date by the contract"),
    "last_act": N_("What happened about this debt last?"),
    "last_act_on": N_("On which day"),
}


@dataclass(frozen=True)
class Lens:
    """What a loan costs by one side's word: the yearly cost, the ceiling, and what is left at it."""

    side: Side
    flows: LoanFlows
    cost: AllIn
    ceiling: Ceiling | None
    recast: Recast | None


@dataclass(frozen=True)
class Line:
    """One thing said of the contract, by each side, in the reader's words; empty where a side has not said it."""

    label: str
    cells: tuple[str, ...]
    differs: bool


@blueprint.get("/cases/<number>/cost")
@guard.seated("claim:read")
def show(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What both sides say of the contract, what the loan costs, and what the law says to the claim."""
    stated = {side: contracts.said_by(seat, side) for side in Side}
    findings = contracts.findings_seen_by(seat, contracts.said_by_both(seat), at=at)
    return render_case(
        "contracts/show.html",
        seat,
        current="cost",
        at=at,
        lines=_lines(seat, stated),
        lenses=[lens for side in (Side.LENDER, Side.BORROWER) if (lens := _lens(seat, side, stated[side], at))],
        findings=said(findings, locale()),
        has_spoken=seat.side is not None and contracts.statement_of(seat, seat.side) is not None,
    )


@blueprint.get("/cases/<number>/cost/edit")
@guard.seated("contract:state")
def edit(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The form: what this side said last, or what the lender's own file says."""
    assert seat.side is not None
    form = ContractForm(formdata=None)
    form.show(contracts.said_by(seat, seat.side), seat.case.currency)
    return _edit_page(seat, form, at=at)


def _edit_page(seat: Seat, form: ContractForm, *, at: datetime) -> ResponseReturnValue:
    return render_case("contracts/edit.html", seat, current="cost", at=at, form=form)


@blueprint.post("/cases/<number>/cost")
@guard.seated("contract:state", form=ContractForm, again=_edit_page)
def update(seat: Seat, form: ContractForm, *, at: datetime) -> ResponseReturnValue:
    """This side has said it."""
    stating.state_contract(seat, form.stated(), at=at)
    return see("contracts.show", number=seat.case.number)


def _lens(seat: Seat, side: Side, stated: Stated, at: datetime) -> Lens | None:
    flows = stated.flows
    cost = None if flows is None else flows.cost_or_none()
    if flows is None or cost is None:
        return None
    ceiling = lowest_ceiling(contracts.facts_of(seat, stated, at=at), lawbook.law())
    left = None
    if ceiling is not None and flows.paid_count and cost.with_fees.nominal > ceiling.yearly_rate:
        left = flows.recast_at(ceiling)
    return Lens(side, flows, cost, ceiling, left)


def _lines(seat: Seat, stated: dict[Side, Stated]) -> list[Line]:
    """Every thing that at least one side has said, the differences first."""
    words = i18n.translations(locale())
    found = []
    for name, label in LABELS.items():
        values = [getattr(stated[side], name) for side in (Side.LENDER, Side.BORROWER)]
        if all(value is None for value in values):
            continue
        cells = tuple("" if value is None else _worded(name, value, seat.case.currency) for value in values)
        differs = None not in values and values[0] != values[1]
        found.append(Line(words.gettext(label), cells, differs))
    return sorted(found, key=lambda line: not line.differs)


def _worded(name: str, value: Any, currency: str) -> str:
    words = i18n.translations(locale())
    if name in AMOUNTS:
        return i18n.money(value, currency, locale())
    if name in ("yearly_rate", "penalty_daily_rate"):
        return i18n.percent(value, locale(), places=4)
    if name == "is_capitalised":
        return words.gettext(N_("Yes")) if value else words.gettext(N_("No"))
    if isinstance(value, Product):
        return words.gettext(PRODUCTS[value])
    if isinstance(value, InterruptionKind):
        return words.gettext(ACTS[value])
    return i18n.number(value, locale()) if isinstance(value, int) else i18n.day(value, locale())
