"""The forms of the statement of means: one question, who reads a section, the statement itself."""

from enum import StrEnum

from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from mediation.disclosures.answers import NO, REMOVED, YES, Answer
from mediation.disclosures.questions import Kind
from mediation.disclosures.words import PERIOD_CHOICES
from mediation.i18n import N_
from mediation.rules.affordability import Period, Told
from mediation.web.forms import Form


class Step(StrEnum):
    """What a button of a question does; a draft is what a script keeps meanwhile."""

    SAVE = "save"
    DRAFT = "draft"
    UNKNOWN = "unknown"
    WITHHELD = "withheld"
    REMOVE = "remove"


TOLD = {Step.UNKNOWN: Told.UNKNOWN.value, Step.WITHHELD: Told.WITHHELD.value, Step.REMOVE: REMOVED}
TEXT_OF = {Kind.COUNT: "count", Kind.YES_NO: "yes", Kind.WORDS: "words", Kind.DEBT: "creditor"}


class AnswerForm(Form):
    """One answer; which fields count is for the question to say, and whether they hold for the rules."""

    step = StringField()
    amount = StringField(N_("How much"), validators=[Length(max=60)])
    period = RadioField(N_("How often"), choices=PERIOD_CHOICES, default=Period.MONTHLY.value, validate_choice=False)
    count = StringField(N_("How many"), validators=[Length(max=10)])
    yes = RadioField(N_("Your answer"), choices=[(YES, N_("Yes")), (NO, N_("No"))], validate_choice=False)
    words = TextAreaField(N_("In your own words"), validators=[Length(max=4000)])
    creditor = StringField(N_("To whom"), validators=[Length(max=120)])
    priority = RadioField(
        N_("Is it one of these: rent or mortgage, water or electricity, tax, support ordered by a court?"),
        choices=[(YES, N_("Yes")), (NO, N_("No, something else"))],
        validate_choice=False,
    )
    balance = StringField(N_("How much is still owed in all"), validators=[Length(max=60)])

    @property
    def chosen(self) -> Step:
        """The button that was pressed; the first one where a script or the return key pressed none."""
        return Step(self.step.data) if self.step.data in set(Step) else Step.SAVE

    def answer(self, kind: Kind) -> Answer:
        """What was typed and chosen."""
        text = getattr(self, TEXT_OF[kind]).data or "" if kind in TEXT_OF else ""
        is_money = kind in (Kind.MONEY, Kind.SUM, Kind.DEBT)
        return Answer(
            told=TOLD.get(self.chosen, Told.GIVEN.value),
            amount=(self.amount.data or "").strip() if is_money else "",
            period=self.period.data or "" if kind in (Kind.MONEY, Kind.DEBT) else "",
            text=text,
            priority=self.priority.data or "" if kind is Kind.DEBT else "",
            balance=(self.balance.data or "").strip() if kind is Kind.DEBT else "",
        )

    def show(self, kind: Kind, answer: Answer) -> None:
        """Put an answer back as it was typed."""
        self.amount.data, self.balance.data, self.priority.data = answer.amount, answer.balance, answer.priority
        self.period.data = answer.period or Period.MONTHLY.value
        if kind in TEXT_OF:
            getattr(self, TEXT_OF[kind]).data = answer.text


class ReadersForm(Form):
    """Who reads a section; the choices are the section's own."""

    readers = RadioField(N_("Who may read this section"), validate_choice=False, choices=[])


class StatementForm(Form):
    """This is complete: exactly the answers that were shown."""

    seen = HiddenField(validators=[InputRequired(), Length(max=64)])
    consent = BooleanField()


class VerificationForm(Form):
    """One line of exactly the statement that was shown."""

    section = HiddenField(validators=[InputRequired(), Length(max=40)])
    item = HiddenField(validators=[InputRequired(), Length(max=40)])
    sha256 = HiddenField(validators=[InputRequired(), Length(min=64, max=64)])
