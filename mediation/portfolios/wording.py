"""Facts of a loan, readings and rules of rounding in the reader's words."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.numbers import get_currency_name

from mediation import i18n
from mediation.errors import Refused
from mediation.i18n import N_, NP_
from mediation.portfolios.cells import CellError
from mediation.portfolios.columns import DAY_FIELDS, MONEY_FIELDS, Field
from mediation.portfolios.loan_rows import LoanRow
from mediation.portfolios.models import DUE_DAY, MONTH_ONLY, ImportState, Loan
from mediation.rules.money import RateUnit, Rounding, RoundingRule
from mediation.web import refusals
from mediation.web.pages import locale

FACTS = {
    Field.CONTRACT_NUMBER: NP_("fact of a loan", "Contract number"),
    Field.BORROWER_NAME: NP_("fact of a loan", "Borrower's name"),
    Field.PHONE: NP_("fact of a loan", "Telephone"),
    Field.ID_NUMBER: NP_("fact of a loan", "Identity number"),
    Field.EMAIL: NP_("fact of a loan", "E-mail address"),
    Field.ADDRESS: NP_("fact of a loan", "Address"),
    Field.PRODUCT: NP_("fact of a loan", "Product"),
    Field.PRINCIPAL: NP_("fact of a loan", "Amount lent"),
    Field.YEARLY_RATE: NP_("fact of a loan", "Yearly rate"),
    Field.MONTHLY_RATE: NP_("fact of a loan", "Monthly rate"),
    Field.TERM: NP_("fact of a loan", "Number of instalments"),
    Field.INSTALMENT: NP_("fact of a loan", "Instalment"),
    Field.DISBURSED_ON: NP_("fact of a loan", "Paid out on"),
    Field.FIRST_DUE_ON: NP_("fact of a loan", "First instalment due on"),
    Field.DUE_DAY: NP_("fact of a loan", "Day of the month when due"),
    Field.OUTSTANDING_PRINCIPAL: NP_("fact of a loan", "Outstanding principal"),
    Field.PAID_INSTALMENTS: NP_("fact of a loan", "Instalments paid"),
    Field.PAID_TOTAL: NP_("fact of a loan", "Paid in all"),
    Field.OVERDUE_SINCE_ON: NP_("fact of a loan", "Overdue since"),
    Field.OVERDUE_DAYS: NP_("fact of a loan", "Days overdue"),
    Field.INTEREST_DUE: NP_("fact of a loan", "Interest due"),
    Field.PENALTY_DUE: NP_("fact of a loan", "Penalty due"),
    Field.FEES_DUE: NP_("fact of a loan", "Fees due"),
    Field.STATUS: NP_("fact of a loan", "Status"),
    Field.ORIGINAL_LENDER: NP_("fact of a loan", "Original lender"),
    Field.ORIGINAL_CONTRACT: NP_("fact of a loan", "Original contract number"),
}
STATES = {
    ImportState.UPLOADED: NP_("import", "Not imported yet"),
    ImportState.IMPORTED: NP_("import", "Imported"),
    ImportState.DISCARDED: NP_("import", "Put aside"),
}
RATE_UNITS = {
    RateUnit.PERCENT: N_("Numbers without a sign were read as per cent: 15.6 is 15.6%%."),
    RateUnit.FRACTION: N_("Numbers without a sign were read as fractions: 0.156 is 15.6%%."),
}
ROUNDINGS = {
    Rounding.HALF_UP: N_("Half and more up, to %(unit)s"),
    Rounding.HALF_EVEN: N_("Half to the even figure, to %(unit)s"),
    Rounding.UP: N_("Always up, to %(unit)s"),
    Rounding.DOWN: N_("Always down, to %(unit)s"),
}


@dataclass(frozen=True, slots=True)
class Stated:
    """One fact of a loan as its page shows it; empty where the file states nothing."""

    label: str
    text: str


def fact_words(fact: Field) -> str:
    """What the fact is called."""
    return i18n.translations(locale()).pgettext("fact of a loan", FACTS[fact])


def fact_choices() -> list[tuple[str, str]]:
    """Every fact that a column may state, with its name."""
    return [(fact.value, fact_words(fact)) for fact in Field]


def state_words(state: ImportState) -> str:
    """Where an import stands."""
    return i18n.translations(locale()).pgettext("import", STATES[state])


def currency_words(code: str) -> str:
    """The currency's code with its name behind it."""
    return f"{code} {get_currency_name(code, locale=locale())}"


def error_words(error: CellError) -> str:
    """Why a cell or a row cannot be read."""
    no = Refused(error.key)
    no.facts.update(error.facts)
    return refusals.sentence(no)


def problem_words(error: CellError) -> str:
    """The same with the column's name before it, as it stands in the file of problems."""
    sentence = error_words(error)
    return f"{error.column}: {sentence}" if error.column else sentence


def rate_words(unit: RateUnit) -> str:
    """How bare numbers in a column of rates were read."""
    return i18n.translations(locale()).gettext(RATE_UNITS[unit]) % {}


def rounding_words(rule: RoundingRule, currency: str) -> str:
    """The rule in words, with the amount to whose multiples it rounds."""
    words = i18n.translations(locale()).gettext(ROUNDINGS[rule.mode])
    return words % {"unit": i18n.money(rule.multiple, currency, locale())}


def facts_of(loan: Loan) -> list[Stated]:
    """Every fact that a file may state, in the order of the columns' choices."""
    facts = (fact for fact in Field if fact is not Field.MONTHLY_RATE)
    return [Stated(fact_words(fact), loan_fact(loan, fact)) for fact in facts]


def attributes_of(loan: Loan) -> list[tuple[str, str]]:
    """The other columns of the file, by their own headers."""
    return [(name, value) for name, value in loan.attributes.items() if name not in (DUE_DAY, MONTH_ONLY)]


def row_fact(row: LoanRow, fact: Field, currency: str) -> str:
    """A fact of a row as it will be kept; empty where the row states nothing."""
    if fact is Field.MONTHLY_RATE:
        return _written(fact, row.yearly_rate / 12 if row.yearly_rate is not None else None, currency)
    return _written(fact, getattr(row, fact.value), currency, month_only=fact in row.month_only)


def loan_fact(loan: Loan, fact: Field) -> str:
    """A fact of a loan as its page shows it; empty where the file stated nothing."""
    if fact is Field.ID_NUMBER:
        return tail_words(loan.id_tail)
    if fact is Field.DUE_DAY:
        return loan.attributes.get(DUE_DAY, "")
    month_only = fact.value in loan.attributes.get(MONTH_ONLY, "").split()
    return _written(fact, getattr(loan, fact.value), loan.currency, month_only=month_only)


def tail_words(tail: str) -> str:
    """An identity number by its last characters, or nothing."""
    return i18n.translations(locale()).gettext("Ends in %(tail)s") % {"tail": tail} if tail else ""


def _written(fact: Field, value: object, currency: str, *, month_only: bool = False) -> str:
    if value is None:
        return ""
    if fact in MONEY_FIELDS and isinstance(value, int):
        return i18n.money(value, currency, locale())
    if isinstance(value, Decimal):
        return i18n.percent(value, locale(), places=4)
    if fact in DAY_FIELDS and isinstance(value, date):
        return f"{value:%Y-%m}" if month_only else i18n.day(value, locale())
    return str(value)
