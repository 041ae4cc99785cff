"""The forms of the ledger: a payment, a file of payments, and an answer to a row of the other side."""

from typing import Any

from flask import g
from wtforms import BooleanField, DateField, FileField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from mediation.disclosures.ledger_reading import RowProblem
from mediation.disclosures.ledger_words import NOTE_MOST, PROOF_MOST, REASON_MOST, VERDICT_CHOICES
from mediation.disclosures.ledgers import Grounds, PaidRow
from mediation.errors import Refused
from mediation.i18n import N_
from mediation.portfolios.days import DayOrder
from mediation.rules.ledger import Verdict
from mediation.web.forms import Form, MoneyField, uploads


class LedgerForm(Form):
    """A form about the ledger; amounts are read in the currency of the case."""

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Read the amounts in the currency of the case."""
        for field in self:
            if isinstance(field, MoneyField):
                field.currency = g.who.case.currency
        return bool(super().validate(*args, **kwargs))


class PaymentForm(LedgerForm):
    """One payment, typed."""

    paid_on = DateField(N_("Day of the payment"), validators=[Optional()])
    amount = MoneyField(N_("Amount paid"))
    note = StringField(N_("Note"), validators=[Length(max=NOTE_MOST)])
    old_debt_confirmed = BooleanField()
    step = HiddenField()

    def row(self) -> PaidRow:
        """The payment; refused at the day where it is missing."""
        if self.paid_on.data is None:
            raise Refused("ledger:day-missing", field="paid_on")
        return PaidRow(self.paid_on.data, self.amount.minor or 0, (self.note.data or "").strip())


class PaymentFileForm(Form):
    """A file of payments, and what its days leave open."""

    file = FileField(N_("File of payments"))
    old_debt_confirmed = BooleanField()
    day_order = SelectField(
        N_("Dates such as 05/01/2025"),
        default="",
        choices=[
            ("", N_("The file has none, or each can be read in one way only")),
            (DayOrder.DAY_FIRST.value, N_("The day stands first")),
            (DayOrder.MONTH_FIRST.value, N_("The month stands first")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.problems: tuple[RowProblem, ...] = ()

    def content(self) -> tuple[bytes, str]:
        """The file and its name; refused where none was chosen."""
        sent = uploads(self.file)
        if not sent:
            raise Refused("ledger:file-missing", field="file")
        return sent[0].stream.read(), str(sent[0].filename)

    @property
    def order(self) -> DayOrder | None:
        """Which number stands first in a date, where it was said."""
        return DayOrder(self.day_order.data) if self.day_order.data else None

    def refuse(self, no: Refused) -> None:
        """Whatever is wrong is wrong with the file."""
        no.field = "file"
        super().refuse(no)


class AnswerForm(LedgerForm):
    """What a side says of one row."""

    verdict = RadioField(N_("Your answer"), choices=VERDICT_CHOICES, validate_choice=False)
    disputed = MoneyField(N_("How much of it is not right"), may_be_empty=True)
    reason = TextAreaField(N_("Why"), validators=[Length(max=REASON_MOST)])
    shown_by = StringField(N_("What shows it"), validators=[Length(max=PROOF_MOST)])
    instead = BooleanField(N_("It is the same payment as mine; mine is taken back"))
    old_debt_confirmed = BooleanField()
    seen_version = HiddenField()

    @property
    def chosen(self) -> Verdict:
        """The answer; refused where none was chosen."""
        if self.verdict.data not in set(Verdict):
            raise Refused("ledger:choose", field="verdict")
        return Verdict(self.verdict.data)

    @property
    def seen(self) -> int:
        """The version of the claim that the page showed."""
        text = str(self.seen_version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1

    def grounds(self) -> Grounds:
        """Why, what shows it, and how much."""
        return Grounds((self.reason.data or "").strip(), (self.shown_by.data or "").strip(), self.disputed.minor)
