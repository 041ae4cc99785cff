"""A file of loans as rows of text under headers, whatever the file was written with."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice

from mediation.errors import Refused
from mediation.portfolios.text_files import open_text
from mediation.portfolios.workbooks import open_workbook

LARGEST_FILE = 20 * 1024 * 1024
MOST_ROWS = 100_000
MOST_COLUMNS = 200
LONGEST_HEADER = 200
# The column of problems that we add to a lender's file starts so, and is left out when the file comes back.
PROBLEM_MARK = "⚠"


class SheetKind(StrEnum):
    """What a file of loans may be."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: the file's own number, its cells (as many as there are headers), and how many the file gave."""

    number: int
    cells: tuple[str, ...]
    width: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """The headers of a file of loans and the rows below them; `rows()` starts again at the first each time.

    `width` counts the header cells of the file, which may have a column of problems more than `headers`.
    """

    headers: tuple[str, ...]
    header_number: int
    row_count: int
    kind: SheetKind
    encoding: str = ""
    delimiter: str = ""
    width: int = 0
    title: str = ""
    other_sheets: tuple[str, ...] = ()
    _records: Callable[[], Iterator[list[str]]] = field(default=lambda: iter(()), repr=False)

    def rows(self) -> Iterator[SheetRow]:
        """The rows that hold anything, one at a time, with the numbers that the file's own program shows."""
        named = len(self.headers)
        padding = [""] * named
        for number, record in self.records():
            if number <= self.header_number or not any(map(str.strip, record)):
                continue
            yield SheetRow(number, tuple((record + padding)[:named]), _reach(record, self.width))

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Everything in the file from its first row: titles, headers, empty rows."""
        return enumerate(self._records(), 1)

    def first_rows(self, count: int) -> tuple[SheetRow, ...]:
        """The first rows, for a preview."""
        return tuple(islice(self.rows(), count))


def read_sheet(content: bytes, filename: str) -> Sheet:
    """The file's headers and rows; what the file is, its content says, not its name.

    Refused: import:empty-file, import:too-large, import:old-excel, import:password, import:web-page,
    import:no-header, import:no-rows, import:too-many-rows, import:too-many-columns, import:header-too-long,
    and those of `open_text` and `open_workbook`.
    """
    if not content.strip():
        raise Refused("import:empty-file", field="file", name=filename)
    if len(content) > LARGEST_FILE:
        raise Refused("import:too-large", field="file", name=filename, megabytes=LARGEST_FILE >> 20)
    _check_known(content, filename)
    if content.startswith(b"PK"):
        book = open_workbook(content)
        found = Sheet((), 0, 0, SheetKind.XLSX, title=book.title, other_sheets=book.others, _records=book.records)
    else:
        text = open_text(content)
        found = Sheet((), 0, 0, SheetKind.CSV, text.encoding, text.delimiter, _records=text.records)
    return _measured(found)


_LOOKED_AT = 50
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|meta|\?xml|head|style|script)\b", re.IGNORECASE)


def _check_known(content: bytes, filename: str) -> None:
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        locked = "EncryptedPackage".encode("utf-16-le") in content
        raise Refused("import:password" if locked else "import:old-excel", field="file", name=filename)
    if _MARKUP.match(content[:2000]):
        raise Refused("import:web-page", field="file", name=filename)


def _measured(sheet: Sheet) -> Sheet:
    number, cells = _header_of(sheet)
    headers = cells[:-1] if len(cells) > 1 and cells[-1].startswith(PROBLEM_MARK) else cells
    sheet = replace(sheet, headers=headers, header_number=number, width=len(cells))
    count = 0
    for count, row in enumerate(sheet.rows(), 1):
        if count > MOST_ROWS:
            raise Refused("import:too-many-rows", field="file", limit=MOST_ROWS)
        if row.width > MOST_COLUMNS:
            raise Refused("import:too-many-columns", field="file", limit=MOST_COLUMNS)
    if not count:
        raise Refused("import:no-rows", field="file")
    return replace(sheet, row_count=count)


def _header_of(sheet: Sheet) -> tuple[int, tuple[str, ...]]:
    """The first row that fills most of the width: titles and notes above it fill one cell or two."""
    top = list(islice(sheet._records(), _LOOKED_AT))
    filled = [sum(1 for cell in record if cell.strip()) for record in top]
    widest = max(filled, default=0)
    if widest < 2:
        raise Refused("import:no-header", field="file")
    place = next(place for place, count in enumerate(filled) if count >= 2 and count >= 0.6 * widest)
    headers = [" ".join(cell.split()) for cell in top[place]]
    while not headers[-1]:
        headers.pop()
    if len(headers) > MOST_COLUMNS:
        raise Refused("import:too-many-columns", field="file", limit=MOST_COLUMNS)
    long = next((header for header in headers if len(header) > LONGEST_HEADER), None)
    if long:
        raise Refused("import:header-too-long", field="file", column=long[:40], limit=LONGEST_HEADER)
    return place + 1, tuple(headers)


def _reach(record: list[str], width: int) -> int:
    """How many cells the file gave, without the empty ones beyond the headers."""
    reach = len(record)
    while reach > width and not record[reach - 1].strip():
        reach -= 1
    return reach
