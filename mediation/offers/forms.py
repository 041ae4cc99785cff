"""The form of a plan: what a person writes, and the terms that it means."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask import g
from wtforms import BooleanField, DateField, HiddenField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from mediation import i18n
from mediation.errors import Refused
from mediation.i18n import N_
from mediation.offers.fewest import fewest_within
from mediation.offers.words import FREQUENCIES, GRACES, METHODS
from mediation.rules import plans
from mediation.rules.deadlines import PERIODS, Term
from mediation.rules.money import RoundingRule
from mediation.rules.plans import Frequency, Grace, Method
from mediation.web.forms import Form, MoneyField, PercentField

REPLY_DAYS = PERIODS[Term.REPLY_TO_OFFER].default.count
# What is given up first where only the sum is named: what was added on top, and the principal last.
GIVEN_UP_FIRST = ("penalty", "fees", "interest", "principal")
BY_COUNT, BY_AMOUNT = "count", "amount"
ROLLS, STAYS = "next", "same"
YES, NO = "yes", "no"


class TableForm(Form):
    """A form about the table; it carries the version of the table that its page showed."""

    seen_version = HiddenField()
    old_debt_confirmed = BooleanField()

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
    down_payment = MoneyField(N_("Down payment"), may_be_empty=True)
    down_payment_on = DateField(N_("Down payment on"), validators=[Optional()])
    step_after = IntegerField(N_("How many first instalments"), validators=[Optional()])
    step_amount = MoneyField(N_("Amount of each of these"), may_be_empty=True)
    balloon = MoneyField(N_("Left for the last instalment"), may_be_empty=True)
    method = SelectField(N_("How it is divided"), default=Method.EQUAL_INSTALMENTS.value)
    yearly_rate = PercentField(N_("Interest during the plan, per cent a year"))
    grace = SelectField(N_("A gentler start"), default=Grace.NONE.value)
    grace_periods = IntegerField(N_("For how many instalments"), validators=[Optional()])
    rolls = RadioField(
        N_("If a payment falls on a day off"),
        choices=[(ROLLS, N_("It is due on the next working day")), (STAYS, N_("It is due on that day all the same"))],
        default=ROLLS,
    )
    disputed_penalty = MoneyField(N_("Left open of the penalty"), may_be_empty=True)
    disputed_fees = MoneyField(N_("Left open of the fees"), may_be_empty=True)
    disputed_interest = MoneyField(N_("Left open of the interest"), may_be_empty=True)
    disputed_principal = MoneyField(N_("Left open of the principal"), may_be_empty=True)
    reply_days = IntegerField(N_("Days to answer"), validators=[InputRequired()], default=REPLY_DAYS)
    is_final = BooleanField(N_("This is our final offer"))
    step = HiddenField()
    sure = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = i18n.translations(g.get("locale") or "zh_Hans")
        self.frequency.choices = [(each.value, words.pgettext("how often", FREQUENCIES[each])) for each in Frequency]
        self.frequency.choices.reverse()
        self.grace.choices = [(each.value, words.pgettext("grace", GRACES[each])) for each in Grace]
        self.method.choices = [(each.value, words.pgettext("method", METHODS[each])) for each in Method]

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
            getattr(self, f"disputed_{name}").show(getattr(terms.disputed, name) or None)
        for name in ("down_payment", "step_amount", "balloon"):
            getattr(self, name).show(getattr(terms, name) or None)
        self.instalments.data = terms.instalments
        self.frequency.data = terms.frequency.value
        self._show_days(terms, not_before)
        self.step_after.data = terms.step_after or None
        self.method.data = terms.method.value
        self.rolls.data = ROLLS if terms.rolls else STAYS
        self.yearly_rate.data = percent_text(terms.yearly_rate) if terms.yearly_rate else ""
        self.yearly_rate.rate = terms.yearly_rate
        self.grace.data = terms.grace.value
        self.grace_periods.data = terms.grace_periods or None

    def leave_open(self, disputed: plans.Disputed, claim: plans.ClaimFigures) -> None:
        """The plan is about what nobody disputes: the rest is left open, and no more is waived than is then left."""
        for name in GIVEN_UP_FIRST:
            left_open = getattr(disputed, name)
            waived, open_ = self[f"waived_{name}"], self[f"disputed_{name}"]
            waived.currency = open_.currency = claim.currency
            most = getattr(claim, name) - left_open
            open_.show(left_open or None)
            if waived.minor is not None and waived.minor > most:
                waived.show(most or None)
        self.agreed_total.show(None)

    def is_used(self, *names: str) -> bool:
        """Whether one of these fields says something other than what it says by itself, or has to be mended."""
        return any(self[name].errors or (self[name].data or None) != self[name].default for name in names)

    def terms(self, claim: plans.ClaimFigures, rounding: RoundingRule) -> plans.Terms:
        """The terms that this form means; refused at the field that is missing or wrong."""
        disputed = plans.Disputed(**{name: self._minor(f"disputed_{name}") for name in GIVEN_UP_FIRST})
        waivers = self._waivers(claim, disputed)
        left = claim.total - waivers.total - disputed.total
        terms = plans.Terms(
            claim_version=claim.version,
            currency=claim.currency,
            agreed_total=left if self.agreed_total.minor is None else self.agreed_total.minor,
            waivers=waivers,
            disputed=disputed,
            instalments=self.instalments.data or 0,
            frequency=Frequency(self.frequency.data),
            first_due_on=self.first_due_on.data,
            rolls=self.rolls.data == ROLLS,
            yearly_rate=self.yearly_rate.rate,
            grace=Grace(self.grace.data),
            grace_periods=(self.grace_periods.data or 0) if self.grace.data != Grace.NONE else 0,
            method=Method(self.method.data),
            step_after=self.step_after.data or 0,
            step_amount=self._minor("step_amount"),
            down_payment=self._minor("down_payment"),
            down_payment_on=self.down_payment_on.data,
            balloon=self._minor("balloon"),
        )
        if self.chosen_by.data == BY_COUNT:
            if self.instalments.data is None:
                raise Refused("plan:instalments-missing", field="instalments")
            return terms
        if self.each_at_most.minor is None:
            raise Refused("money:empty", field="each_at_most")
        return replace(terms, instalments=fewest_within(terms, self.each_at_most.minor, rounding))

    def _show_days(self, terms: plans.Terms, not_before: date) -> None:
        """Days that have passed move on; a down payment stays before the first instalment, or is dated anew."""
        self.first_due_on.data = max(terms.first_due_on, not_before)
        if terms.down_payment_on is not None:
            day = max(terms.down_payment_on, not_before)
            self.down_payment_on.data = day if day < self.first_due_on.data else None

    def _minor(self, name: str) -> int:
        return self[name].minor or 0

    def _waivers(self, claim: plans.ClaimFigures, disputed: plans.Disputed) -> plans.Waivers:
        given = {name: getattr(self, f"waived_{name}").minor for name in GIVEN_UP_FIRST}
        if any(minor is not None for minor in given.values()) or self.agreed_total.minor is None:
            return plans.Waivers(**{name: minor or 0 for name, minor in given.items()})
        return given_up(claim, claim.total - disputed.total - self.agreed_total.minor, disputed)


class AcceptForm(TableForm):
    """A yes to exactly the plan that was shown."""

    sha256 = HiddenField(validators=[InputRequired(), Length(min=64, max=64)])


class RefusalForm(TableForm):
    """A no. The lender says why, for both to read; the borrower need not, and says who reads it."""

    reason = TextAreaField(N_("Why"), validators=[Length(max=500)])
    is_released = BooleanField(N_("The lender may read this too"))


class WithdrawalForm(TableForm):
    """Taking one's own plan back."""


class AnswerForm(Form):
    """A yes or a no to exactly the proposal that was shown; which of the two is nobody's to read."""

    sha256 = HiddenField(validators=[InputRequired(), Length(min=64, max=64)])
    answer = RadioField(
        N_("What is your answer?"),
        choices=[(YES, N_("Yes, I agree if the other side agrees too")), (NO, N_("No, I do not agree"))],
        validators=[InputRequired()],
    )
    old_debt_confirmed = BooleanField()

    @property
    def says_yes(self) -> bool:
        """Whether the answer is a yes."""
        return bool(self.answer.data == YES)


class TakeBackForm(Form):
    """The mediator takes a proposal back."""


def given_up(claim: plans.ClaimFigures, total: int, disputed: plans.Disputed) -> plans.Waivers:
    """That sum spread over what is not left open: penalty, then fees, then interest, and the principal last."""
    if total < 0:
        most = claim.total - disputed.total
        raise Refused("plan:total-above-claim", field="agreed_total", most=most, currency=claim.currency)
    left, shares = total, {}
    for name in GIVEN_UP_FIRST:
        shares[name] = min(left, max(0, getattr(claim, name) - getattr(disputed, name)))
        left -= shares[name]
    return plans.Waivers(**shares)


def first_choice(on: date) -> date:
    """The same day a month later, or the last one that month has."""
    return plans.due_dates(on, Frequency.MONTHLY, 2)[1]


def percent_text(rate: Decimal) -> str:
    """A rate as a person writes it in per cent: 0.234 is 23.4."""
    return format((rate * 100).normalize(), "f")
