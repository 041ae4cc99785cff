"""An XLSX file: what it may hold before it is opened, and the rows of its first visible sheet as text."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

from mediation.errors import Refused

LARGEST_UNPACKED = 300 * 1024 * 1024
LARGEST_RATIO = 100
MOST_PARTS = 2_000
MOST_CELLS = 6_000_000
FORMULA_ERROR = "#ERROR!"


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheet that is read, the visible sheets that are not, and the rows from the first, again and again."""

    title: str
    others: tuple[str, ...]
    records: Callable[[], Iterator[list[str]]]


def open_workbook(content: bytes) -> Workbook:
    """The first visible sheet with data; formulas give their kept values, dates the words of ISO 8601.

    Refused before anything is unpacked for good: import:not-a-workbook, import:open-document,
    import:unpacks-too-large, import:workbook-too-large, import:unusual-workbook, import:too-many-formula-errors,
    import:no-rows.
    """
    scans = _scan(content)
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        visible = [
            (place, meta.name)
            for place, meta in enumerate(book.sheets_metadata)
            if meta.visible == SheetVisibleEnum.Visible and meta.typ == SheetTypeEnum.WorkSheet
        ]
        filled = [(name, sheet) for place, name in visible if (sheet := book.get_sheet_by_index(place)).start]
    except CalamineError:
        raise Refused("import:not-a-workbook") from None
    if not filled:
        raise Refused("import:no-rows")
    name, sheet = filled[0]
    errors = _errors_of(content, name, scans)
    return Workbook(name, tuple(other for other, _ in filled[1:]), lambda: _records(sheet, errors))


def cell_text(value: object) -> str:
    """A typed cell as the words that Excel shows: whole numbers without a point, days in ISO 8601.

    Excel keeps 15 digits, so a longer number is written in powers of ten: what it lost stays visible.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


_CHUNK = 1 << 20
_FIFTEEN_DIGITS = 10**15
_LONGEST_TAG = 4 << 20
_MOST_ERRORS = 10_000
_OPENED = re.compile(rb"<(?:\w+:)?c[\s/>]")
_CELL = re.compile(rb"""<(?:\w+:)?c\s(?:[^<>]*?\s)?r\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["'][^<>]*?(/?)>""")
_USUAL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')
_UNUSUAL = (b":c ", b":c>", b":c/", b":c\t", b":c\n", b":c\r", b"<c\t", b"<c\n", b"<c\r")
_USUAL_COLUMNS = 256
_ERROR_TYPE = re.compile(rb"""\st\s*=\s*["']e["']""")
_ERROR_CELL = re.compile(rb"""<(?:\w+:)?c\s[^<>]*?\st\s*=\s*["']e["'][^<>]*>""")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(slots=True)
class _Scan:
    """How far the filled cells of one part reach, and which of them hold a formula's error."""

    rows: int = 0
    columns: int = 0
    errors: set[tuple[int, int]] = field(default_factory=set)


def _scan(content: bytes) -> dict[str, _Scan]:
    """Every part measured while it is unpacked and thrown away, so that what opens next is known to fit."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        raise Refused("import:not-a-workbook") from None
    names = {part.filename for part in parts}
    if "content.xml" in names and "mimetype" in names:
        raise Refused("import:open-document")
    if "xl/workbook.xml" not in names or len(names) != len(parts) or len(parts) > MOST_PARTS:
        raise Refused("import:not-a-workbook")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > LARGEST_UNPACKED or unpacked > max(LARGEST_RATIO * len(content), _CHUNK):
        raise Refused("import:unpacks-too-large", limit=LARGEST_UNPACKED)
    return {part.filename: _scan_part(content, part) for part in parts}


def _scan_part(content: bytes, part: zipfile.ZipInfo) -> _Scan:
    scan = _Scan()
    rest = b""
    for chunk in _unpacked(content, part):
        text = rest + chunk
        cut = text.rfind(b"<")
        if cut < 0 or len(text) - cut > _LONGEST_TAG:
            cut = len(text)
        _measure(text[:cut], scan)
        rest = text[cut:]
    _measure(rest, scan)
    return scan


def _measure(text: bytes, scan: _Scan) -> None:
    if _ERROR_TYPE.search(text):
        _note_errors(text, scan)
    if _measured_fast(text, scan):
        return
    cells = _CELL.findall(text)
    # A cell that does not say where it stands could stand anywhere.
    if len(cells) != len(_OPENED.findall(text)):
        raise Refused("import:unusual-workbook")
    columns = {letters for letters, _, closed in cells if not closed}
    rows = {row for _, row, closed in cells if not closed}
    scan.columns = max(scan.columns, *map(_column, columns), 0)
    scan.rows = max(scan.rows, *map(int, rows), 0)
    if scan.rows * scan.columns > MOST_CELLS:
        raise Refused("import:workbook-too-large", rows=scan.rows, columns=scan.columns, limit=MOST_CELLS)


def _measured_fast(text: bytes, scan: _Scan) -> bool:
    """Whether the text is written as Excel writes it and stays small even if each styled cell counts as filled."""
    if any(unusual in text for unusual in _UNUSUAL):
        return False
    cells = _USUAL.findall(text)
    if len(cells) != text.count(b"<c ") + text.count(b"<c>") + text.count(b"<c/"):
        return False
    columns = max(map(_column, {letters for letters, _ in cells}), default=0)
    rows = max(map(int, {row for _, row in cells}), default=0)
    if columns > _USUAL_COLUMNS or max(rows, scan.rows) * max(columns, scan.columns) > MOST_CELLS:
        return False
    scan.columns, scan.rows = max(scan.columns, columns), max(scan.rows, rows)
    return True


def _note_errors(text: bytes, scan: _Scan) -> None:
    for tag in _ERROR_CELL.findall(text):
        place = _PLACE.search(tag)
        if place:
            scan.errors.add((int(place[2]), _column(place[1])))
    if len(scan.errors) > _MOST_ERRORS:
        raise Refused("import:too-many-formula-errors", limit=_MOST_ERRORS)


def _unpacked(content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part in pieces, and a refusal as soon as it is longer than its entry says."""
    head = content[part.header_offset : part.header_offset + 30]
    start = part.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    packed = memoryview(content)[start : start + part.compress_size]
    if len(head) < 30 or part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused("import:not-a-workbook")
    pieces = _stored(packed) if part.compress_type == zipfile.ZIP_STORED else _inflated(packed)
    size = 0
    try:
        for piece in pieces:
            size += len(piece)
            if size > part.file_size:
                raise Refused("import:unpacks-too-large", limit=LARGEST_UNPACKED)
            yield piece
    except zlib.error:
        raise Refused("import:not-a-workbook") from None


def _stored(packed: memoryview) -> Iterator[bytes]:
    for start in range(0, len(packed), _CHUNK):
        yield bytes(packed[start : start + _CHUNK])


def _inflated(packed: memoryview) -> Iterator[bytes]:
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    for start in range(0, len(packed), _CHUNK):
        piece = inflating.decompress(packed[start : start + _CHUNK], _CHUNK)
        yield piece
        while inflating.unconsumed_tail:
            yield inflating.decompress(inflating.unconsumed_tail, _CHUNK)
    yield inflating.flush(_CHUNK)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _errors_of(content: bytes, name: str, scans: dict[str, _Scan]) -> set[tuple[int, int]]:
    """Where the sheet of this name holds a formula's error: the reader would show an empty cell there."""
    if not any(scan.errors for scan in scans.values()):
        return set()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        try:
            book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
            relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        except (ElementTree.ParseError, KeyError, zipfile.BadZipFile):
            raise Refused("import:not-a-workbook") from None
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for sheet in book.iter():
        if sheet.tag.endswith("}sheet") and sheet.get("name") == name:
            target = PurePosixPath("/xl", targets.get(sheet.get(_RELATION), "")).relative_to("/")
            return scans[str(target)].errors if str(target) in scans else set()
    return set()


def _number_text(number: float) -> str:
    if -_FIFTEEN_DIGITS < number < _FIFTEEN_DIGITS:
        if number.is_integer():
            return str(int(number))
        shown = format(number, ".15g")
        return format(Decimal(shown), "f") if "e" in shown else shown
    return format(number, ".15g").upper()


def _records(sheet: Any, errors: set[tuple[int, int]]) -> Iterator[list[str]]:
    first_column = sheet.start[1] + 1
    for number, values in enumerate(sheet.iter_rows(), 1):
        row = [cell_text(value) for value in values]
        if errors:
            for place in range(len(row)):
                if (number, first_column + place) in errors:
                    row[place] = FORMULA_ERROR
        yield row
