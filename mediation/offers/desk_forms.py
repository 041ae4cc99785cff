"""The forms of the mediator's desk: what is tried, and what is assumed where no plan is agreed."""

import re
from decimal import Decimal
from typing import Any

from flask import g
from wtforms import DateField, IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, StopValidation

from mediation import i18n
from mediation.errors import Refused
from mediation.i18n import N_, NP_
from mediation.offers.assumptions import Chosen
from mediation.offers.desk import USUAL_LONGEST, Asked, Start, Waived
from mediation.offers.forms import percent_text
from mediation.rules.candidates import Easing
from mediation.rules.money import read_amount, read_rate
from mediation.rules.plan_kinds import Grace
from mediation.web import refusals
from mediation.web.forms import Form, MoneyField, PercentField

MOST_IN_A_LIST = 20
SEPARATORS = re.compile(r"[;；、\n]+")
WAIVED = {
    Waived.NOTHING: NP_("waived", "Nothing"),
    Waived.PENALTY: NP_("waived", "The penalty"),
    Waived.INTEREST: NP_("waived", "The penalty, the fees and the interest"),
    Waived.PRINCIPAL: NP_("waived", "All of these and a part of the principal"),
}
EASINGS = {
    "interest_only:3": N_("At first interest alone, 3 instalments"),
    "interest_only:6": N_("At first interest alone, 6 instalments"),
    "full:1": N_("Payments begin a month later"),
    "full:3": N_("Payments begin three months later"),
}


class _ListField(StringField):  # type: ignore[misc]
    """Several values in one line, with semicolons between."""

    def _texts(self) -> list[str]:
        texts = [text.strip() for text in SEPARATORS.split(self.data or "") if text.strip()]
        if len(texts) > MOST_IN_A_LIST:
            raise Refused("desk:list-too-long", most=MOST_IN_A_LIST)
        return texts

    def pre_validate(self, form: Any) -> None:
        """Read every value; the first that cannot be read is said."""
        try:
            self.read()
        except Refused as no:
            raise StopValidation(refusals.sentence(no)) from no

    def read(self) -> None:
        """Reads what was written."""
        raise NotImplementedError


class AmountsField(_ListField):
    """Amounts; `minor` are what they mean in the currency that the form sets."""

    currency = "CNY"
    minor: tuple[int, ...] = ()

    def read(self) -> None:
        """Reads amounts in the currency of the case."""
        self.minor = tuple(dict.fromkeys(read_amount(text, self.currency) for text in self._texts()))


class RatesField(_ListField):
    """Yearly rates in per cent; `rates` are the fractions that they mean."""

    rates: tuple[Decimal, ...] = ()

    def read(self) -> None:
        """Reads rates as per cent a year."""
        written = (text if text.endswith(("%", "％")) else f"{text}%" for text in self._texts())
        self.rates = tuple(dict.fromkeys(map(read_rate, written)))


class DeskForm(Form):
    """What the mediator tries; the cap is typed or taken from the borrower's statement, and kept nowhere."""

    cap = MoneyField(N_("At most, each month"))
    longest = IntegerField(N_("At most so many instalments"), validators=[InputRequired()], default=USUAL_LONGEST)
    first_due_on = DateField(N_("First payment on"), validators=[InputRequired()])
    waived = SelectMultipleField(N_("What might be waived"))
    principal_share = PercentField(N_("That part of the principal, per cent"))
    yearly_rates = RatesField(N_("Interest rates to try, per cent a year"), default="0")
    easings = SelectMultipleField(N_("Gentler starts to try as well"))
    down_payments = AmountsField(N_("Sums that the borrower is ready to pay at once"))
    discount_rate = PercentField(N_("Later money is worth less by, per cent a year"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = i18n.translations(g.get("locale") or "zh_Hans")
        self.waived.choices = [(each.value, words.pgettext("waived", said)) for each, said in WAIVED.items()]
        self.easings.choices = [(value, words.gettext(said)) for value, said in EASINGS.items()]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Read the amounts in the currency of the case."""
        self.cap.currency = self.down_payments.currency = g.who.case.currency
        return bool(super().validate(*args, **kwargs))

    def begin(self, start: Start) -> None:
        """The form as it stands before anything is chosen."""
        self.cap.currency = start.claim.currency
        self.cap.show(start.cap or None)
        self.first_due_on.data = start.first_due_on
        self.waived.data = [Waived.NOTHING.value, Waived.PENALTY.value, Waived.INTEREST.value]
        self.yearly_rates.data = "0"
        self.discount_rate.data = percent_text(start.discount_rate) if start.discount_rate is not None else ""

    def asked(self) -> Asked:
        """What the form asks to be tried."""
        return Asked(
            cap=self.cap.minor or 0,
            longest=self.longest.data,
            first_due_on=self.first_due_on.data,
            waived=tuple(map(Waived, self.waived.data or ())),
            principal_share=self._part_of_principal(),
            yearly_rates=self.yearly_rates.rates,
            easings=(Easing(), *map(_easing, self.easings.data or ())),
            down_payments=tuple(dict.fromkeys((0, *self.down_payments.minor))),
            discount_rate=self._discount_rate(),
        )

    def _part_of_principal(self) -> Decimal:
        share: Decimal = self.principal_share.rate
        if Waived.PRINCIPAL in (self.waived.data or ()) and not 0 < share < 1:
            raise Refused("desk:principal-share-out-of-range", field="principal_share")
        return share

    def _discount_rate(self) -> Decimal:
        rate: Decimal = self.discount_rate.rate
        if rate > 1:
            raise Refused("assumptions:share-out-of-range", field="discount_rate")
        return rate


class AssumptionsForm(Form):
    """What the mediator assumes in this case, and why; both sides read the reason."""

    recovery_low = PercentField(N_("At least, per cent"), validators=[InputRequired()])
    recovery_high = PercentField(N_("At most, per cent"), validators=[InputRequired()])
    months_low = IntegerField(N_("At least, months"), validators=[InputRequired()])
    months_high = IntegerField(N_("At most, months"), validators=[InputRequired()])
    court_fee_low = PercentField(N_("At least, per cent"), validators=[InputRequired()])
    court_fee_high = PercentField(N_("At most, per cent"), validators=[InputRequired()])
    discount_rate = PercentField(N_("Per cent a year"), validators=[InputRequired()])
    reason = TextAreaField(N_("Why other figures fit this case better"))

    def show(self, chosen: Chosen) -> None:
        """The figures that hold now."""
        for name in PERCENTS:
            self[name].data = percent_text(getattr(chosen, name))
        self.months_low.data, self.months_high.data = chosen.months_low, chosen.months_high

    def chosen(self) -> Chosen:
        """The figures as values."""
        rates = {name: self[name].rate for name in PERCENTS}
        return Chosen(months_low=self.months_low.data, months_high=self.months_high.data, **rates)


PERCENTS = ("recovery_low", "recovery_high", "court_fee_low", "court_fee_high", "discount_rate")


def _easing(written: str) -> Easing:
    kind, _, periods = written.partition(":")
    return Easing(Grace(kind), int(periods))
