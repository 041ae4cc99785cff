"""A whole file of loans, checked: its loans, what is wrong in which of its own rows, and how it rounds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from mediation.errors import Refused
from mediation.portfolios.cells import (
    LONGEST_ATTRIBUTE,
    CellError,
    CellReader,
    Reading,
    Value,
    bare_rate,
    reader_for,
    rounded_amount,
    trimmed,
)
from mediation.portfolios.columns import (
    RATE_FIELDS,
    Columns,
    Field,
    attribute_names,
    check_columns,
    column_name,
    unit_in,
)
from mediation.portfolios.loan_rows import LoanRow, loan_row, row_digest
from mediation.portfolios.sheets import Sheet, SheetKind, SheetRow
from mediation.rules.loans import Frequency, fit_rounding, level_instalment, periodic_rate
from mediation.rules.money import RateUnit, RoundingRule, exponent


@dataclass(frozen=True, slots=True)
class RowErrors:
    """What is wrong in one row of the file, by the file's own number."""

    row_number: int
    errors: tuple[CellError, ...]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A contract that stands in several rows; the first of them is the one that counts."""

    contract_number: str
    row_numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RoundedColumn:
    """A column in which amounts with fractions of a cent were rounded, halves up, and the rows where."""

    column: str
    row_numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OddInstalment:
    """A row whose stated instalment is not what the fitted rule gives, in minor units."""

    row_number: int
    contract_number: str
    stated: int
    computed: int


@dataclass(frozen=True, slots=True)
class InstalmentFit:
    """Which rounding rule explains the stated instalments best, how well, and the rows that it does not explain."""

    rule: RoundingRule
    matched: int
    total: int
    per_rule: tuple[tuple[RoundingRule, int], ...]
    odd: tuple[OddInstalment, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """Every row of a file, either among `rows` or among `errors`; a file with errors is not to be imported whole.

    `rounded` lists what was rounded: what was paid in all (it is no part of a claim), the rest only when asked;
    `rate_units` says how bare numbers in each column of rates were read; `fit` is None where no row states
    principal, rate, term and instalment together; `digests` has for each of `rows` what it says, as one hash.
    """

    rows: tuple[LoanRow, ...]
    digests: tuple[str, ...]
    errors: tuple[RowErrors, ...]
    duplicates: tuple[Duplicate, ...]
    rounded: tuple[RoundedColumn, ...]
    fit: InstalmentFit | None
    rate_units: tuple[tuple[Field, RateUnit], ...]
    currency: str


def check_rows(sheet: Sheet, columns: Columns, reading: Reading) -> Checked:
    """Every row read and checked; what is wrong with a row is among the errors, never raised.

    Refused only for the file as a whole: those of `check_columns`, and money:unknown-currency.
    """
    exponent(reading.currency)
    check_columns(sheet.headers, columns)
    units = {
        fact: reading.rate_unit or _unit_of(sheet, place, fact)
        for place, fact in columns.items()
        if fact in RATE_FIELDS and "‰" not in unit_in(sheet.headers[place])
    }
    reader = _RowReader(sheet, columns, reading, units)
    rows: list[LoanRow] = []
    errors: list[RowErrors] = []
    places: dict[str, list[int]] = {}
    for row in sheet.rows():
        loan = reader.read(row)
        if isinstance(loan, LoanRow):
            seen = places.setdefault(loan.contract_number, [])
            seen.append(loan.row_number)
            if len(seen) == 1:
                rows.append(loan)
                continue
            loan = RowErrors(row.number, (reader.twice(loan.contract_number, seen[0]),))
        errors.append(loan)
    return Checked(
        rows=tuple(rows),
        digests=tuple(row_digest(row, reading.currency) for row in rows),
        errors=tuple(errors),
        duplicates=tuple(Duplicate(contract, tuple(seen)) for contract, seen in places.items() if len(seen) > 1),
        rounded=tuple(RoundedColumn(name, tuple(numbers)) for name, numbers in reader.rounded.items()),
        fit=_fit(rows),
        rate_units=tuple((fact, unit) for fact, unit in units.items() if unit),
        currency=reading.currency,
    )


# A bare number up to here reads as a fraction, above it as per cent: 100 % a year, 10 % a month.
_LIKELY = {Field.YEARLY_RATE: Decimal(1), Field.MONTHLY_RATE: Decimal("0.1")}
_TOTALS = re.compile(r"(?:合\s*计|总\s*计|小\s*计|共\s*计|grand total|sub-?total|total)\s*[:：]?", re.IGNORECASE)
_MOST_REMEMBERED = 100_000


@dataclass(slots=True)
class _RowReader:
    """Reads rows of one file; equal attributes are kept once, for most columns repeat a few words."""

    sheet: Sheet
    columns: Columns
    reading: Reading
    units: Mapping[Field, RateUnit | None]
    facts: list[tuple[int, Field, str, CellReader]] = field(default_factory=list)
    others: list[tuple[int, str]] = field(default_factory=list)
    rounded: dict[str, list[int]] = field(default_factory=dict)
    remembered: dict[tuple[int, str], tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        headers, names = self.sheet.headers, attribute_names(self.sheet.headers)
        self.others = [(place, name) for place, name in enumerate(names) if place not in self.columns]
        for place, fact in sorted(self.columns.items()):
            unit = self.units.get(fact, self.reading.rate_unit)
            read = reader_for(fact, headers[place], replace(self.reading, rate_unit=unit))
            if fact in self.units and self.reading.rate_unit is None:
                read = _certain(read, fact, unit, _says_percent(headers[place]) and self.sheet.kind is SheetKind.CSV)
            self.facts.append((place, fact, names[place], read))

    def read(self, row: SheetRow) -> LoanRow | RowErrors:
        """The loan, or everything that is wrong with the row."""
        shape = self._shape_error(row)
        if shape:
            return RowErrors(row.number, (shape,))
        values: dict[Field, Value] = {}
        errors: list[CellError] = []
        for place, fact, name, read in self.facts:
            try:
                values[fact] = read(row.cells[place])
            except Refused as no:
                values[fact] = self._rounded(no, fact, row.cells[place])
                if values[fact] is None:
                    errors.append(_error(no, name, row.cells[place]))
                else:
                    self.rounded.setdefault(name, []).append(row.number)
        try:
            attributes = self._attributes(row, errors)
            if not errors:
                return loan_row(row.number, values, attributes)
        except Refused as no:
            errors.append(self._row_error(no, row))
        return RowErrors(row.number, tuple(errors))

    def twice(self, contract_number: str, first: int) -> CellError:
        """The error of a row whose contract stood in an earlier one."""
        return CellError("import:contract-twice", self._name(Field.CONTRACT_NUMBER), contract_number, {"first": first})

    def _shape_error(self, row: SheetRow) -> CellError | None:
        first = next(cell for cell in (*row.cells, "-") if cell.strip())
        if _TOTALS.fullmatch(first.strip()):
            return CellError("import:total-row", "", first.strip())
        if row.width > self.sheet.width:
            return CellError("import:too-many-cells", facts={"expected": self.sheet.width, "given": row.width})
        if row.width < len(self.sheet.headers):
            return CellError("import:too-few-cells", facts={"expected": self.sheet.width, "given": row.width})
        return None

    def _rounded(self, no: Refused, fact: Field, text: str) -> int | None:
        if no.key != "money:fraction" or not (self.reading.round_fractions or fact is Field.PAID_TOTAL):
            return None
        return rounded_amount(text, self.reading.currency)

    def _attributes(self, row: SheetRow, errors: list[CellError]) -> tuple[tuple[str, str], ...]:
        if len(self.remembered) > _MOST_REMEMBERED:
            self.remembered.clear()
        kept: list[tuple[str, str]] = []
        for place, name in self.others:
            text = row.cells[place]
            pair = self.remembered.get((place, text))
            if pair is None:
                pair = self.remembered[place, text] = (name, trimmed(text))
            if len(pair[1]) > LONGEST_ATTRIBUTE:
                errors.append(CellError("import:text-too-long", name, text[:80], {"limit": LONGEST_ATTRIBUTE}))
            if pair[1]:
                kept.append(pair)
        return tuple(kept)

    def _row_error(self, no: Refused, row: SheetRow) -> CellError:
        place = next((place for place, fact in self.columns.items() if fact == no.field), None)
        if place is None:
            return CellError(no.key, facts=no.facts)
        return _error(no, column_name(self.sheet.headers, place), row.cells[place])

    def _name(self, fact: Field) -> str:
        return next(column_name(self.sheet.headers, place) for place, kept in self.columns.items() if kept is fact)


def _error(no: Refused, column: str, value: str) -> CellError:
    facts = {name: fact for name, fact in no.facts.items() if name != "text"}
    return CellError(no.key, column, value.strip()[:_LONGEST_SHOWN], facts)


_LONGEST_SHOWN = 120


def _certain(read: CellReader, fact: Field, unit: RateUnit | None, told: bool) -> CellReader:
    """The reader that refuses bare numbers of which nobody can say whether they are per cent."""

    doubted = unit is RateUnit.PERCENT and not told

    def cell(text: str) -> Value:
        number = bare_rate(text)
        if number and (unit is None or (doubted and number <= _LIKELY[fact])):
            raise Refused("import:rate-unclear")
        return read(text)

    return cell


def _unit_of(sheet: Sheet, place: int, fact: Field) -> RateUnit | None:
    """What bare numbers in a column of rates mean, judged by all of them; None where they do not tell."""
    bare = [number for row in sheet.rows() if (number := bare_rate(row.cells[place]))]
    high = any(number > _LIKELY[fact] for number in bare)
    if _says_percent(sheet.headers[place]):
        # Excel hands over a cell shown as 15.6 % as 0.156, whatever the header says.
        return RateUnit.PERCENT if high or not bare or sheet.kind is SheetKind.CSV else None
    return RateUnit.PERCENT if high or not bare else RateUnit.FRACTION


def _says_percent(header: str) -> bool:
    return "%" in unit_in(header)


def _fit(rows: Sequence[LoanRow]) -> InstalmentFit | None:
    """The rows that state enough, held against the annuity under each rule."""
    stated = [
        (row, (row.principal, periodic_rate(row.yearly_rate, Frequency.MONTHLY), row.term, row.instalment))
        for row in rows
        if row.principal and row.yearly_rate is not None and row.term and row.instalment
    ]
    if not stated:
        return None
    found = fit_rounding([sample for _, sample in stated])
    odd = (stated[place] for place in found.mismatched)
    return InstalmentFit(
        found.rule, found.matched, found.total, found.per_rule,
        tuple(
            OddInstalment(
                row.row_number, row.contract_number, sample[3], level_instalment(*sample[:3], found.rule)
            )
            for row, sample in odd
        ),
    )  # fmt: skip
