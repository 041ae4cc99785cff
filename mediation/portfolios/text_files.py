"""A file of delimited text: which encoding, which delimiter, and its records one by one."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mediation.errors import Refused

DELIMITERS = ",\t;|"


@dataclass(frozen=True, slots=True)
class TextFile:
    """How the text is written, and its records from the first, as often as they are asked for."""

    encoding: str
    delimiter: str
    records: Callable[[], Iterator[list[str]]]


def open_text(content: bytes) -> TextFile:
    """The file as records; refused: import:not-text, import:unknown-encoding, import:no-columns.

    Reading the records may refuse with import:broken-quotes or import:cell-too-long, naming the row.
    """
    encoding = _encoding_of(content)
    delimiter, skipped = _delimiter_of(content, encoding)
    return TextFile(encoding, delimiter, lambda: _records(content, encoding, delimiter, skipped))


_CHUNK = 1 << 20
_SAMPLE = 1 << 16
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_SAID = re.compile(r"sep=([,;|\t])\r?\n?", re.IGNORECASE)


def _encoding_of(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _checked(content, "utf-16")
    if _CONTROL_BYTES.search(content):
        raise Refused("import:not-text")
    if content.startswith(codecs.BOM_UTF8):
        return _checked(content, "utf-8-sig")
    for encoding in ("utf-8", "gb18030"):
        if _decodes(content, encoding):
            return encoding
    raise Refused("import:unknown-encoding")


def _checked(content: bytes, encoding: str) -> str:
    if not _decodes(content, encoding):
        raise Refused("import:not-text")
    return encoding


def _decodes(content: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        for start in range(0, len(content), _CHUNK):
            text = decoder.decode(content[start : start + _CHUNK])
            if encoding == "utf-16" and _CONTROL.search(text):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter_of(content: bytes, encoding: str) -> tuple[str, int]:
    """The delimiter, and how many lines at the top only say which one it is."""
    with io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="") as text:
        sample = text.read(_SAMPLE)
        whole = not text.read(1)
    said = _SAID.match(sample)
    if said:
        return said[1], 1
    best = max(DELIMITERS, key=lambda delimiter: _agreement(sample, delimiter, whole=whole))
    if _agreement(sample, best, whole=whole) == (0, 0):
        raise Refused("import:no-columns")
    return best, 0


def _agreement(sample: str, delimiter: str, *, whole: bool) -> tuple[int, int]:
    """How many of the first records have the same number of cells, and that number; more is likelier."""
    try:
        records = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
    except csv.Error:
        return 0, 0
    # What lies behind the end of the sample belongs to its last record.
    kept = (records if whole else records[:-1])[:50]
    widths = Counter(len(record) for record in kept if len(record) > 1)
    if not widths:
        return 0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return count, width


def _records(content: bytes, encoding: str, delimiter: str, skipped: int) -> Iterator[list[str]]:
    number = 0
    with io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="") as text:
        # Strict: a quote left open would swallow the rows behind it without a word.
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            for number, record in enumerate(reader, 1):
                yield record if number > skipped else []
        except csv.Error as error:
            key = "import:cell-too-long" if "field limit" in str(error) else "import:broken-quotes"
            raise Refused(key, row=number + 1) from None
