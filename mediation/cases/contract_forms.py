"""The form in which a side says what the contract provides; an empty line is a thing not said."""

from decimal import Decimal
from typing import Any

from flask import g
from wtforms import DateField, IntegerField, RadioField
from wtforms.validators import Optional

from mediation.cases.contract_models import Product
from mediation.cases.contracts import AMOUNTS, Stated
from mediation.i18n import N_
from mediation.rules.limitation import InterruptionKind
from mediation.web.forms import Form, MoneyField, PercentField

NOT_SAID, NOTHING = "", "nothing"
PERIODS = ("instalments", "paid_count")
DAYS = ("contract_on", "last_due_on", "last_act_on")
RATES = ("yearly_rate", "penalty_daily_rate")


def _amount(label: str) -> MoneyField:
    return MoneyField(label, may_be_empty=True)


class ContractForm(Form):
    """The contract as one side knows it."""

    product = RadioField(
        N_("What kind of credit is it?"),
        choices=[
            (Product.LOAN.value, N_("A loan from the lender's own money")),
            (Product.ASSISTED.value, N_("A bank's loan arranged by a platform")),
            (Product.CARD.value, N_("A credit card")),
            (NOT_SAID, N_("I do not know")),
        ],
        default=NOT_SAID,
    )
    contract_on = DateField(N_("Day of the contract"), validators=[Optional()])
    principal = _amount(N_("Sum that the contract lends"))
    disbursed = _amount(N_("Sum that reached the borrower"))
    fee_up_front = _amount(N_("Fees on the first day"))
    instalments = IntegerField(N_("Number of monthly instalments"), validators=[Optional()])
    instalment = _amount(N_("Each instalment"))
    fee_each = _amount(N_("Of it fees"))
    paid_count = IntegerField(N_("How many of them are paid"), validators=[Optional()])
    yearly_rate = PercentField(N_("Interest by the contract, per cent a year"))
    penalty_daily_rate = PercentField(N_("Penalty by the contract, per cent a day"))
    capitalised = RadioField(
        N_("Was unpaid interest ever turned into principal?"),
        choices=[("no", N_("No")), ("yes", N_("Yes")), (NOT_SAID, N_("I do not know"))],
        default=NOT_SAID,
    )
    last_due_on = DateField(N_("Last due date by the contract"), validators=[Optional()])
    last_act = RadioField(
        N_("What happened about this debt last?"),
        choices=[
            (InterruptionKind.BORROWER_AGREED.value, N_("The borrower paid, or promised to pay")),
            (InterruptionKind.DEMAND.value, N_("The lender asked for it in writing")),
            (InterruptionKind.SUIT.value, N_("A court or an arbitrator was asked")),
            (InterruptionKind.MEDIATION_ASKED.value, N_("A mediation body was asked")),
            (NOTHING, N_("Nothing since the last due date")),
            (NOT_SAID, N_("I do not know")),
        ],
        default=NOT_SAID,
    )
    last_act_on = DateField(N_("On which day"), validators=[Optional()])

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Read the amounts in the currency of the case."""
        for name in AMOUNTS:
            self[name].currency = g.who.case.currency
        return bool(super().validate(*args, **kwargs))

    def stated(self) -> Stated:
        """What is said, as values."""
        act = self.last_act.data
        return Stated(
            product=Product(self.product.data) if self.product.data else None,
            is_capitalised={"yes": True, "no": False}.get(self.capitalised.data),
            last_act=InterruptionKind(act) if act not in (NOT_SAID, NOTHING) else None,
            no_act_since=True if act == NOTHING else None,
            **{name: self[name].minor for name in AMOUNTS},
            **{name: self[name].data for name in (*PERIODS, *DAYS)},
            yearly_rate=self._rate("yearly_rate"),
            penalty_daily_rate=self._rate("penalty_daily_rate"),
        )

    def show(self, stated: Stated, currency: str) -> None:
        """Write what was said into the form as a person would."""
        for name in AMOUNTS:
            self[name].currency = currency
            self[name].show(getattr(stated, name))
        for name in (*PERIODS, *DAYS):
            self[name].data = getattr(stated, name)
        for name in RATES:
            rate = getattr(stated, name)
            self[name].data = "" if rate is None else format((rate * 100).normalize(), "f")
        self.product.data = stated.product.value if stated.product else NOT_SAID
        self.capitalised.data = {True: "yes", False: "no", None: NOT_SAID}[stated.is_capitalised]
        self.last_act.data = stated.last_act.value if stated.last_act else NOTHING if stated.no_act_since else NOT_SAID

    def _rate(self, name: str) -> Decimal | None:
        return self[name].rate if (self[name].data or "").strip() else None
