"""The lender's own file again, with what is wrong written beside each row."""

import csv
import io
import re
from collections.abc import Callable, Sequence

from mediation.portfolios.cells import CellError
from mediation.portfolios.checking import RowErrors
from mediation.portfolios.sheets import PROBLEM_MARK, Sheet, SheetKind


def errors_file(
    sheet: Sheet,
    errors: Sequence[RowErrors],
    *,
    heading: str,
    words: Callable[[CellError], str],
    kind: SheetKind | None = None,
) -> bytes:
    """The file's rows under their own numbers, a column of problems behind the last; XLSX, or CSV in UTF-8 with BOM.

    `words` gives the sentence for an error, `heading` names the column. No cell is a formula, and long numbers
    stay text. `read_sheet` leaves the column of problems out when the mended file comes back.
    """
    told = {row.row_number: " · ".join(map(words, row.errors)) for row in errors}
    told[sheet.header_number] = f"{PROBLEM_MARK} {heading}"
    if (kind or sheet.kind) is SheetKind.XLSX:
        return _xlsx(sheet, told)
    return _csv(sheet, told)


_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_LONG_NUMBER = re.compile(r"\d{12,}|0\d+", re.ASCII)


def _with_problem(sheet: Sheet, number: int, record: list[str], told: dict[int, str]) -> list[str]:
    """The row, its problem behind the headers: never beyond them, so that what stands there stays visible."""
    problem = told.get(number, "")
    named = len(sheet.headers)
    if number < sheet.header_number:
        return record
    row = (record + [""] * named)[:named] + [problem]
    beyond = record[sheet.width :]
    return row + beyond if any(map(str.strip, beyond)) else row


def _csv(sheet: Sheet, told: dict[int, str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for number, record in sheet.records():
        writer.writerow([_harmless(cell) for cell in _with_problem(sheet, number, record, told)])
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    if cell.startswith(_DANGEROUS):
        return "'" + cell
    # Behind a tab Excel keeps every digit; reading trims it off again.
    return "\t" + cell if _LONG_NUMBER.fullmatch(cell) else cell


def _xlsx(sheet: Sheet, told: dict[int, str]) -> bytes:
    import xlsxwriter

    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"constant_memory": True, "strings_to_formulas": False})
    page = book.add_worksheet()
    bold = book.add_format({"bold": True})
    for number, record in sheet.records():
        style = bold if number == sheet.header_number else None
        for place, cell in enumerate(_with_problem(sheet, number, record, told)):
            if cell:
                page.write_string(number - 1, place, cell, style)
    page.freeze_panes(sheet.header_number, 0)
    book.close()
    return written.getvalue()
