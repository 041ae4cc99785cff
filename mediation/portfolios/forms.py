"""What an officer says about a file of loans: the file itself, its columns, its currency and its ways of writing."""

from typing import Any

from wtforms import BooleanField, FieldList, FileField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from mediation.errors import Refused
from mediation.i18n import N_
from mediation.portfolios.cells import Reading
from mediation.portfolios.columns import Columns, as_kept, from_kept
from mediation.portfolios.days import DayOrder
from mediation.portfolios.sheets import MOST_COLUMNS
from mediation.portfolios.wording import currency_words
from mediation.rules.money import EXPONENTS, RateUnit
from mediation.web import refusals
from mediation.web.forms import Form, uploads


class UploadForm(Form):
    """One file."""

    file = FileField(N_("File of loans"))

    def content(self) -> tuple[bytes, str]:
        """The file and its name; refused where none was chosen."""
        sent = uploads(self.file)
        if not sent:
            raise Refused("import:no-file", field="file")
        return sent[0].stream.read(), str(sent[0].filename)

    def refuse(self, no: Refused) -> None:
        """Whatever is wrong is wrong with the file."""
        no.field = "file"
        super().refuse(no)


class ColumnsForm(Form):
    """What each column states, by its place from 0, and what the cells leave open."""

    columns = FieldList(StringField(validators=[Length(max=40)]), max_entries=MOST_COLUMNS)
    currency = SelectField(N_("Currency of every amount in this file"), choices=[(code, code) for code in EXPONENTS])
    rate_unit = SelectField(
        N_("Rates without a sign"),
        default="",
        choices=[
            ("", N_("The file itself shows it")),
            (RateUnit.PERCENT.value, N_("15.6 means 15.6 per cent")),
            (RateUnit.FRACTION.value, N_("0.156 means 15.6 per cent")),
        ],
    )
    day_order = SelectField(
        N_("Dates such as 05/01/2025"),
        default="",
        choices=[
            ("", N_("The file has none, or each can be read in one way only")),
            (DayOrder.DAY_FIRST.value, N_("The day stands first")),
            (DayOrder.MONTH_FIRST.value, N_("The month stands first")),
        ],
    )
    round_fractions = BooleanField(N_("Round amounts that have fractions of the smallest unit"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wrong: dict[int, str] = {}
        self.currency.choices = [SelectChoice(code, currency_words(code)) for code in EXPONENTS]

    def show(self, columns: Columns, reading: Reading) -> None:
        """What was chosen or suggested, to be looked at."""
        self.chosen = as_kept(columns)
        self.currency.data = reading.currency
        self.rate_unit.data = reading.rate_unit.value if reading.rate_unit else ""
        self.day_order.data = reading.day_order.value if reading.day_order else ""
        self.round_fractions.data = reading.round_fractions

    def read(self) -> tuple[Columns, Reading]:
        """The columns and the reading as values; refused: import:unknown-field."""
        reading = Reading(
            currency=self.currency.data,
            rate_unit=RateUnit(self.rate_unit.data) if self.rate_unit.data else None,
            day_order=DayOrder(self.day_order.data) if self.day_order.data else None,
            round_fractions=bool(self.round_fractions.data),
        )
        return from_kept(self.chosen), reading

    @property
    def chosen(self) -> dict[str, str]:
        """The fact that each column was said to state, by the column's place."""
        return {entry.name.rpartition("-")[2]: entry.data or "" for entry in self.columns}

    @chosen.setter
    def chosen(self, kept: dict[str, str]) -> None:
        while len(self.columns):
            self.columns.pop_entry()
        for place in range(max(map(int, kept), default=-1) + 1):
            self.columns.append_entry(kept.get(str(place), ""))

    def refuse(self, no: Refused) -> None:
        """A refusal that names a fact is said at each column that was given it, and above the form."""
        places = [int(place) for place, fact in self.chosen.items() if fact and fact == no.field]
        self.wrong.update(dict.fromkeys(places, refusals.sentence(no)))
        super().refuse(no)


class RunForm(Form):
    """The import of what the officer has looked at."""

    seen = HiddenField()
