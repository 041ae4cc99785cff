"""The record: for a seat its threads in sentences and whether they verify, for a desk the check of all threads."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from mediation import i18n
from mediation.accounts.desks import Desk
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.docket import threads
from mediation.docket.sentences import FINGERPRINTS, FLAWS, WHO, doer_of, sentence_for, thread_words
from mediation.docket.threads import Reading
from mediation.i18n import N_
from mediation.rules.access import Role, Thread
from mediation.rules.chain import Verdict
from mediation.web import guard
from mediation.web.pages import is_uuid, locale, render

blueprint = Blueprint("record", __name__)

SENTENCES: dict[str, str] = {}
SHORT = 16
PRIVATE = {Thread.CAUCUS_BORROWER: "private", Thread.CAUCUS_LENDER: "private", Thread.NOTES: "notes"}
ERASED = N_("The content was erased; the proof of this entry stands.")


@dataclass(frozen=True)
class ThreadLine:
    """A thread as its reader sees it: name, length, root, and whether it verifies."""

    key: str
    label: str
    url: str
    size: int
    root: str
    verifies: bool
    flaw: str
    channel: str


@dataclass(frozen=True)
class EntryLine:
    """One entry as a sentence."""

    number: int
    at: datetime
    role: str
    sentence: str
    fingerprint: str
    note: str
    leaf: str


@blueprint.get("/cases/<number>/record")
@guard.seated("record:read")
def index(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The threads that this seat may read, and the entries of the chosen one."""
    states = threads.states_for(seat)
    lines = [_thread_line(state, seat.role, "record.index", number=seat.case.number) for state in states]
    chosen = next((one for one in states if one.thread.value == request.args.get("thread")), states[0])
    reading = threads.reading_for(seat, chosen.thread, size=chosen.verdict.size, before=_before())
    return render_case(
        "record/index.html",
        seat,
        current="record",
        at=at,
        threads=lines,
        chosen=next(line for line in lines if line.key == chosen.thread.value),
        entries=_entry_lines(reading, seat.role),
        **_ways(reading, "record.index", number=seat.case.number, thread=chosen.thread.value),
    )


@blueprint.get("/record")
@guard.at_desk("record:verify")
def verify(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """Every thread of the institution is checked, part by part, and no content of a case is shown."""
    after = request.args.get("after", "")
    check = threads.check_threads(desk, after=UUID(after) if is_uuid(after) else None)
    so_far = _number("checked") + check.checked
    state = threads.institution_state(desk)
    reading = (
        threads.institution_reading(desk, size=state.verdict.size, before=_before()) if state else Reading((), None)
    )
    return render(
        "record/verify.html",
        check=check,
        checked=so_far,
        flaw=_gettext(FLAWS[check.broken.flaw]) if check.broken else "",
        onward_url=url_for("record.verify", after=check.last, checked=so_far) if check.last else "",
        own=_thread_line(state, desk.role, "record.verify") if state else None,
        entries=_entry_lines(reading, desk.role),
        **_ways(reading, "record.verify"),
    )


def _thread_line(state: Any, reader: Role, endpoint: str, **values: str) -> ThreadLine:
    verdict: Verdict = state.verdict
    key = state.thread.value
    url = url_for(endpoint, thread=key, **values) if values else url_for(endpoint)  # type: ignore[arg-type]
    label = i18n.translations(locale()).pgettext("thread", thread_words(state.thread, reader))
    flaw = "" if verdict.flaw is None else _gettext(FLAWS[verdict.flaw])
    channel = PRIVATE.get(state.thread, "shared")
    return ThreadLine(key, label, url, state.size, state.root.hex(), verdict.ok, flaw, channel)


def _entry_lines(reading: Reading, reader: Role) -> list[EntryLine]:
    return [_entry_line(entry, reader) for entry in reading.entries]


def _entry_line(entry: Any, reader: Role) -> EntryLine:
    doer = doer_of(entry.actor, entry.body)
    who = i18n.translations(locale()).pgettext("who did it", WHO[doer])
    key = FINGERPRINTS.get(entry.kind, "")
    return EntryLine(
        number=entry.seq + 1,
        at=datetime.fromtimestamp(entry.at_ms / 1000, UTC),
        role=doer.value,
        sentence=_gettext(sentence_for(entry.kind, reader, doer)) % {"who": who},
        fingerprint=str((entry.body or {}).get(key, ""))[:SHORT] if key else "",
        note=_gettext(ERASED) if entry.body is None else "",
        leaf=entry.leaf_hash.hex(),
    )


def _ways(reading: Reading, endpoint: str, **values: str) -> dict[str, str]:
    older = url_for(endpoint, before=reading.older, **values) if reading.older is not None else ""  # type: ignore[arg-type]
    newest = url_for(endpoint, **values) if _before() is not None else ""  # type: ignore[arg-type]
    return {"older_url": older, "newest_url": newest}


def _before() -> int | None:
    return _number("before") or None


def _number(name: str) -> int:
    """A count in the address; anything else counts as none."""
    written = request.args.get(name, "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0


def _gettext(message: str) -> str:
    return i18n.translations(locale()).gettext(message)
