"""The form of a plan: what a person writes, and the terms that it means."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask import g
from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from mediation import i18n
from mediation.errors import Refused
from mediation.i18n import N_
from mediation.offers.words import FREQUENCIES, GRACES
from mediation.rules import plans
from mediation.rules.deadlines import PERIODS, Term
from mediation.rules.loans import periodic_rate
from mediation.rules.money import RoundingRule
from mediation.rules.plans import Frequency, Grace
from mediation.web.forms import Form, MoneyField, PercentField

REPLY_DAYS = PERIODS[Term.REPLY_TO_OFFER].default.count
# What is given up first where only the sum is named: what was added on top, and the principal last.
GIVEN_UP_FIRST = ("penalty", "fees", "interest", "principal")
BY_COUNT, BY_AMOUNT = "count", "amount"


class TableForm(Form):
    """A form about the table; it carries the version of the table that its page showed."""

    seen_version = HiddenField()

    @property
    def seen(self) -> int:
        """The version of the table that the page showed."""
        text = str(self.seen_version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


class PlanForm(TableForm):
    """A plan as a person writes it; `terms` reads it against the claim."""

    agreed_total = MoneyField(N_("Amount agreed in all"), may_be_empty=True)
    waived_penalty = MoneyField(N_("Waived from the penalty"), may_be_empty=True)
    waived_fees = MoneyField(N_("Waived from the fees"), may_be_empty=True)
    waived_interest = MoneyField(N_("Waived from the interest"), may_be_empty=True)
    waived_principal = MoneyField(N_("Waived from the principal"), may_be_empty=True)
    chosen_by = RadioField(
        N_("How is the plan set"),
        choices=[(BY_COUNT, N_("By the number of instalments")), (BY_AMOUNT, N_("By what can be paid each time"))],
        default=BY_COUNT,
    )
    instalments = IntegerField(N_("Number of instalments"), validators=[Optional()])
    each_at_most = MoneyField(N_("At most, each time"), may_be_empty=True)
    frequency = SelectField(N_("How often"), default=Frequency.MONTHLY.value)
    first_due_on = DateField(N_("First payment on"), validators=[InputRequired()])
    yearly_rate = PercentField(N_("Interest during the plan, per cent a year"))
    grace = SelectField(N_("A gentler start"), default=Grace.NONE.value)
    grace_periods = IntegerField(N_("For how many instalments"), validators=[Optional()])
    reply_days = IntegerField(N_("Days to answer"), validators=[InputRequired()], default=REPLY_DAYS)
    step = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = i18n.translations(g.get("locale") or "zh_Hans")
        self.frequency.choices = [(each.value, words.pgettext("how often", FREQUENCIES[each])) for each in Frequency]
        self.frequency.choices.reverse()
        self.grace.choices = [(each.value, words.pgettext("grace", GRACES[each])) for each in Grace]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Read the amounts in the currency of the case."""
        for field in self:
            if isinstance(field, MoneyField):
                field.currency = g.who.case.currency
        return bool(super().validate(*args, **kwargs))

    def show(self, terms: plans.Terms, *, not_before: date) -> None:
        """Write these terms into the form as a person would."""
        for field in self:
            if isinstance(field, MoneyField):
                field.currency = terms.currency
        for name in GIVEN_UP_FIRST:
            getattr(self, f"waived_{name}").show(getattr(terms.waivers, name) or None)
        self.instalments.data = terms.instalments
        self.frequency.data = terms.frequency.value
        self.first_due_on.data = max(terms.first_due_on, not_before)
        self.yearly_rate.data = percent_text(terms.yearly_rate) if terms.yearly_rate else ""
        self.grace.data = terms.grace.value
        self.grace_periods.data = terms.grace_periods or None

    def terms(self, claim: plans.ClaimFigures, rounding: RoundingRule) -> plans.Terms:
        """The terms that this form means; refused at the field that is missing or wrong."""
        waivers = self._waivers(claim)
        terms = plans.Terms(
            claim_version=claim.version,
            currency=claim.currency,
            agreed_total=claim.total - waivers.total if self.agreed_total.minor is None else self.agreed_total.minor,
            waivers=waivers,
            instalments=self.instalments.data or 0,
            frequency=Frequency(self.frequency.data),
            first_due_on=self.first_due_on.data,
            yearly_rate=self.yearly_rate.rate,
            grace=Grace(self.grace.data),
            grace_periods=(self.grace_periods.data or 0) if self.grace.data != Grace.NONE else 0,
        )
        if self.chosen_by.data == BY_COUNT:
            if self.instalments.data is None:
                raise Refused("plan:instalments-missing", field="instalments")
            return terms
        if self.each_at_most.minor is None:
            raise Refused("money:empty", field="each_at_most")
        return replace(terms, instalments=fewest_within(terms, self.each_at_most.minor, rounding))

    def _waivers(self, claim: plans.ClaimFigures) -> plans.Waivers:
        given = {name: getattr(self, f"waived_{name}").minor for name in GIVEN_UP_FIRST}
        if any(minor is not None for minor in given.values()) or self.agreed_total.minor is None:
            return plans.Waivers(**{name: minor or 0 for name, minor in given.items()})
        return given_up(claim, claim.total - self.agreed_total.minor)


class AcceptForm(TableForm):
    """A yes to exactly the plan that was shown."""

    sha256 = HiddenField(validators=[InputRequired(), Length(min=64, max=64)])


class RefusalForm(TableForm):
    """A no; a reason may be given, and the other side then reads it."""

    reason = TextAreaField(N_("Why, if you want to say"), validators=[Length(max=500)])


class WithdrawalForm(TableForm):
    """Taking one's own plan back."""


def given_up(claim: plans.ClaimFigures, total: int) -> plans.Waivers:
    """That sum spread over the components: penalty, then fees, then interest, and the principal last."""
    if total < 0:
        raise Refused("plan:total-above-claim", field="agreed_total", most=claim.total, currency=claim.currency)
    left, shares = total, {}
    for name in GIVEN_UP_FIRST:
        shares[name] = min(left, getattr(claim, name))
        left -= shares[name]
    return plans.Waivers(**shares)


def fewest_within(terms: plans.Terms, most: int, rounding: RoundingRule) -> int:
    """The fewest instalments of which no level one exceeds `most`; refused where even the longest plan would."""
    skipped = terms.grace_periods if terms.grace is Grace.INTEREST_ONLY else 0
    if not terms.yearly_rate:
        try:
            return plans.smallest_term(terms.agreed_total, most, rounding)
        except Refused as no:
            raise Refused("plan:cap-too-small", field="each_at_most", cap=most, currency=terms.currency) from no
    rate = periodic_rate(terms.yearly_rate, terms.frequency)
    if most > 0 and terms.agreed_total > 0:
        for count in range(1, plans.MOST_INSTALMENTS + 1 - skipped):
            if plans.level_instalment(terms.agreed_total, rate, count, rounding) <= most:
                return count + skipped
    raise Refused("plan:cap-too-small", field="each_at_most", cap=most, currency=terms.currency)


def first_choice(on: date) -> date:
    """The same day a month later, or the last one that month has."""
    return plans.due_dates(on, Frequency.MONTHLY, 2)[1]


def percent_text(rate: Decimal) -> str:
    """A rate as a person writes it in per cent: 0.234 is 23.4."""
    return format((rate * 100).normalize(), "f")
