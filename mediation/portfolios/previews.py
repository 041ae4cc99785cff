"""What an import would do, as its officer looks at it: rows in doubt first, then what will be kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mediation.portfolios.checking import Checked, OddInstalment, RowErrors
from mediation.portfolios.columns import Columns, Field, attribute_names
from mediation.portfolios.parsing import Parsed
from mediation.portfolios.sheets import Sheet, SheetRow
from mediation.portfolios.wording import error_words, fact_words, rate_words, rounding_words, row_fact
from mediation.rules.money import RoundingRule

MOST_SHOWN = 50
SAMPLES = 2
FIRST_ROWS = 3


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column of the file: where it stands, what it is called, and what stands in its first rows."""

    place: int
    name: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoubtfulCell:
    """One cell of a row in doubt, and whether it is the one that cannot be read."""

    text: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class DoubtfulRow:
    """A row of the lender's own file, by its own number, with what is wrong in it."""

    number: int
    cells: tuple[DoubtfulCell, ...]
    sentences: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """The first rows in doubt, under the columns that matter for them; `total` counts all of them."""

    headers: tuple[str, ...]
    rows: tuple[DoubtfulRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Score:
    """How many stated instalments a rule of rounding explains."""

    words: str
    matched: int
    is_best: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """The rules and their scores, the best first, and the instalments that the best one does not explain."""

    best: str
    matched: int
    total: int
    scores: tuple[Score, ...]
    odd: tuple[OddInstalment, ...]
    odd_total: int


@dataclass(frozen=True, slots=True)
class KeptTable:
    """The first rows as they will be kept: each fact with its value in each of them."""

    row_numbers: tuple[int, ...]
    facts: tuple[tuple[str, tuple[str, ...]], ...]


def column_lines(sheet: Sheet) -> list[ColumnLine]:
    """Every column with the first values that stand in it."""
    names = attribute_names(sheet.headers)
    samples: list[list[str]] = [[] for _ in names]
    for row in sheet.first_rows(200):
        for found, cell in zip(samples, row.cells, strict=True):
            if len(found) < SAMPLES and cell.strip():
                found.append(cell.strip()[:60])
    return [ColumnLine(place, name, tuple(samples[place])) for place, name in enumerate(names)]


def doubt_of(parsed: Parsed, columns: Columns) -> Doubt | None:
    """The rows that keep the file from being imported; None where every row is a loan."""
    errors = parsed.checked.errors
    if not errors:
        return None
    shown = errors[:MOST_SHOWN]
    places = _places_shown(parsed.sheet, columns, shown)
    names = attribute_names(parsed.sheet.headers)
    rows = _rows_numbered(parsed.sheet, {error.row_number for error in shown})
    return Doubt(
        tuple(names[place] for place in places),
        tuple(_doubtful(error, rows[error.row_number], names, places) for error in shown),
        len(errors),
    )


def fit_of(checked: Checked) -> Fit | None:
    """The lender's instalments held against ours, under every rule; None where the file states too little."""
    fit = checked.fit
    if fit is None:
        return None

    def words(rule: RoundingRule) -> str:
        return rounding_words(rule, checked.currency)

    ranked = sorted(fit.per_rule, key=lambda score: (score[0] != fit.rule, -score[1]))
    return Fit(
        words(fit.rule),
        fit.matched,
        fit.total,
        tuple(Score(words(rule), matched, rule == fit.rule) for rule, matched in ranked),
        fit.odd[:MOST_SHOWN],
        len(fit.odd),
    )


def rates_read(checked: Checked) -> list[tuple[str, str]]:
    """How bare numbers were read in each column of rates."""
    return [(fact_words(fact), rate_words(unit)) for fact, unit in checked.rate_units]


def kept_table(checked: Checked, columns: Columns) -> KeptTable:
    """The first rows with every fact that their columns state."""
    facts = [fact for _, fact in sorted(columns.items())]
    rows = checked.rows[:FIRST_ROWS]
    return KeptTable(
        tuple(row.row_number for row in rows),
        tuple((fact_words(fact), tuple(row_fact(row, fact, checked.currency) for row in rows)) for fact in facts),
    )


def attributes_kept(sheet: Sheet, columns: Columns) -> list[str]:
    """The names of the columns that are kept as they stand."""
    return [name for place, name in enumerate(attribute_names(sheet.headers)) if place not in columns]


def _places_shown(sheet: Sheet, columns: Columns, errors: Sequence[RowErrors]) -> list[int]:
    """The columns that tell a row apart, and those in which something is wrong; all of a narrow file."""
    if len(sheet.headers) <= 8:
        return list(range(len(sheet.headers)))
    wrong = {error.column for row in errors for error in row.errors}
    telling = {Field.CONTRACT_NUMBER, Field.BORROWER_NAME, Field.PRINCIPAL}
    names = attribute_names(sheet.headers)
    return [place for place, name in enumerate(names) if name in wrong or columns.get(place) in telling]


def _rows_numbered(sheet: Sheet, numbers: set[int]) -> Mapping[int, SheetRow]:
    found: dict[int, SheetRow] = {}
    for row in sheet.rows():
        if row.number in numbers:
            found[row.number] = row
            if len(found) == len(numbers):
                break
    return found


def _doubtful(row: RowErrors, found: SheetRow, names: Sequence[str], places: Sequence[int]) -> DoubtfulRow:
    bad = {error.column for error in row.errors}
    cells = tuple(DoubtfulCell(found.cells[place].strip()[:60], names[place] in bad) for place in places)
    return DoubtfulRow(row.row_number, cells, tuple((error.column, error_words(error)) for error in row.errors))
