"""An uploaded file read and checked as its officer says, once for the preview and for the import behind it."""

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from mediation.accounts.desks import Desk
from mediation.portfolios.checking import Checked, check_rows
from mediation.portfolios.columns import from_kept
from mediation.portfolios.models import LoanImport
from mediation.portfolios.selections import content_of, reading_of
from mediation.portfolios.sheets import Sheet, read_sheet

# What a process keeps in its memory between a preview and its import: at most so many files, none of more rows.
MOST_KEPT = 2
MOST_ROWS_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Parsed:
    """The file's sheet, and every row of it as a loan or an error."""

    sheet: Sheet
    checked: Checked


def fingerprint_of(batch: LoanImport) -> str:
    """A name for this file read in this way: same content, columns, currency and readings."""
    said = [batch.file_sha256, batch.currency, sorted(batch.mapping.items()), sorted((batch.options or {}).items())]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def sheet_of(desk: Desk, batch: LoanImport) -> Sheet:
    """The headers and rows of an uploaded file."""
    return read_sheet(content_of(desk, batch), batch.file_name)


def parse(desk: Desk, batch: LoanImport) -> Parsed:
    """The file checked under its mapping; it was accepted at its upload, so that only its rows can be in doubt."""
    key = fingerprint_of(batch)
    found = _kept.find(key)
    if found is None:
        sheet = sheet_of(desk, batch)
        found = Parsed(sheet, check_rows(sheet, from_kept(batch.mapping), reading_of(batch)))
        _kept.keep(key, found)
    return found


def forget(fingerprint: str) -> None:
    """Nothing of the file read in this way stays in the memory of this process."""
    _kept.drop(fingerprint)


class _Shelf:
    """The files parsed last, the latest at the end; several requests may reach for it at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._files: OrderedDict[str, Parsed] = OrderedDict()

    def find(self, key: str) -> Parsed | None:
        with self._lock:
            if key in self._files:
                self._files.move_to_end(key)
            return self._files.get(key)

    def keep(self, key: str, parsed: Parsed) -> None:
        if parsed.sheet.row_count > MOST_ROWS_KEPT:
            return
        with self._lock:
            self._files[key] = parsed
            while len(self._files) > MOST_KEPT:
                self._files.popitem(last=False)

    def drop(self, key: str) -> None:
        with self._lock:
            self._files.pop(key, None)


_kept = _Shelf()
