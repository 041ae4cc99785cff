"""Limitation: whether a debt can still be met with that defence, and which acts need a separate yes first.

Source: Civil Code of the PRC arts. 188-189, 192, 195, 200-203; 诉讼时效规定 (2020) arts. 8, 12, 14, 19.
"""

import calendar as months
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from mediation.errors import Refused
from mediation.rules.deadlines import Calendar
from mediation.rules.legal_rules import Fact, Finding, LawBook, Level, found


class AcknowledgingAct(StrEnum):
    """Every act of a borrower that may acknowledge a debt; on an old one each needs its own confirmation."""

    PROPOSING = "proposing"
    ACCEPTING = "accepting"
    AGREEING_LEDGER_ROW = "agreeing_ledger_row"
    ANSWERING_PROPOSAL = "answering_proposal"
    REPORTING_PAYMENT = "reporting_payment"
    SIGNING = "signing"


class InterruptionKind(StrEnum):
    """What starts the period anew (CN-L03 to CN-L06)."""

    DEMAND = "demand"
    BORROWER_AGREED = "borrower_agreed"
    SUIT = "suit"
    MEDIATION_ASKED = "mediation_asked"


class LimitationState(StrEnum):
    """Where the period stands on a day."""

    RUNNING = "running"
    PASSED = "passed"
    UNKNOWN = "unknown"


class Unsure(StrEnum):
    """Why the state is unknown."""

    DUE_DATE = "due_date"
    INTERRUPTIONS = "interruptions"
    NOT_SHOWN = "not_shown"
    ACCELERATION = "acceleration"
    ACT_AFTER_END = "act_after_end"


@dataclass(frozen=True, slots=True)
class Interruption:
    """One thing that is said to have started the period anew; `is_shown` when a document shows it."""

    kind: InterruptionKind
    on: date
    is_shown: bool


@dataclass(frozen=True, slots=True)
class DebtHistory:
    """What is known of a debt's dates. None for `last_due_on` or `interruptions` means that nobody has said.

    `accelerated_on` is the day on which everything was called due; `calendar` moves a last day that is off.
    """

    last_due_on: date | None
    interruptions: tuple[Interruption, ...] | None
    accelerated_on: date | None = None
    calendar: Calendar | None = None


@dataclass(frozen=True, slots=True)
class Limitation:
    """The state, the day the last period started (not counted) and its last day, and why it is unknown."""

    state: LimitationState
    started_on: date | None = None
    ends_on: date | None = None
    unsure: Unsure | None = None


def limitation_state(history: DebtHistory, *, on: date, book: LawBook) -> Limitation:
    """Where the period of three years from the last due date stands on a day (CN-L01 to CN-L07, CN-K09).

    The last day is still in time. Interruptions that come after the end restart nothing, and an act of the
    borrower after it makes the state unknown: whether it gave the defence away is for people to judge. Where
    readings differ (an interruption that no document shows, an acceleration), the state is unknown.
    """
    if history.last_due_on is None:
        return Limitation(LimitationState.UNKNOWN, unsure=Unsure.DUE_DATE)
    told = history.interruptions or ()
    shown = tuple(one for one in told if one.is_shown)
    plain = _read(history, history.last_due_on, told, on, book)
    if history.interruptions is None and plain.state is LimitationState.PASSED:
        return _unsure(plain, Unsure.INTERRUPTIONS)
    if _read(history, history.last_due_on, shown, on, book).state is not plain.state:
        return _unsure(plain, Unsure.NOT_SHOWN)
    called = history.accelerated_on
    if called is not None and called < history.last_due_on:
        earlier = {_read(history, called, some, on, book).state for some in (told, shown)}
        if earlier != {plain.state}:
            return _unsure(plain, Unsure.ACCELERATION)
    return plain


def needs_confirmation(limitation: Limitation) -> bool:
    """Whether each acknowledging act needs its own warning and yes: the debt is old, or nobody can say."""
    return limitation.state is not LimitationState.RUNNING


def check_confirmed(limitation: Limitation, *, confirmed: bool) -> None:
    """Passes an acknowledging act on a debt that is not old, or confirmed apart; refused: old-debt:unconfirmed."""
    if needs_confirmation(limitation) and not confirmed:
        raise Refused("old-debt:unconfirmed", field="old_debt_confirmed")


def findings_before(
    act: AcknowledgingAct, limitation: Limitation, book: LawBook, *, confirmed: bool
) -> tuple[Finding, ...]:
    """What the borrower reads before an act that may acknowledge the debt, and what stops it until confirmed.

    A block on a debt that looks old, a query where nobody can say (CN-L07); else the note that the act starts
    three years anew (CN-L04). `check_confirmed` refuses in both of the first two.
    """
    facts: dict[str, Fact] = {"act": act.value}
    if not needs_confirmation(limitation):
        years = book.rule("CN-L01").whole("years")
        return (found(Level.NOTE, "law:restarts-limitation", book.rule("CN-L04"), {"years": years, **facts}),)
    rule = book.rule("CN-L07")
    if confirmed:
        return (found(Level.NOTE, "law:old-debt-confirmed", rule, facts),)
    if limitation.state is LimitationState.UNKNOWN:
        return (found(Level.QUERY, "law:old-debt-possible", rule, facts),)
    return (found(Level.BLOCK, "law:old-debt-unconfirmed", rule, facts | _days_of(limitation)),)


def limitation_findings(limitation: Limitation, book: LawBook) -> Iterator[Finding]:
    """The state as a finding: a note while the period runs, a query once it has passed or nobody can say."""
    years = book.rule("CN-L01").whole("years")
    if limitation.state is LimitationState.UNKNOWN:
        rule = book.rule("CN-L02" if limitation.unsure is Unsure.DUE_DATE else "CN-L03")
        yield found(Level.QUERY, _UNSURE_KEYS[limitation.unsure or Unsure.DUE_DATE], rule, {"years": years})
        return
    facts: dict[str, Fact] = {"years": years} | _days_of(limitation)
    if limitation.state is LimitationState.PASSED:
        yield found(Level.QUERY, "law:limitation-passed", book.rule("CN-L01"), facts)
    else:
        yield found(Level.NOTE, "law:limitation-running", book.rule("CN-L01"), facts)


def years_later(day: date, years: int) -> date:
    """The same day of the month so many years on, or the month's last (Civil Code art. 202)."""
    year = day.year + years
    return date(year, day.month, min(day.day, months.monthrange(year, day.month)[1]))


_UNSURE_KEYS = {
    Unsure.DUE_DATE: "law:last-due-date-unknown",
    Unsure.INTERRUPTIONS: "law:interruptions-unknown",
    Unsure.NOT_SHOWN: "law:interruption-not-shown",
    Unsure.ACCELERATION: "law:acceleration-decides",
    Unsure.ACT_AFTER_END: "law:act-after-limitation",
}


def _read(
    history: DebtHistory, start: date, interruptions: Iterable[Interruption], on: date, book: LawBook
) -> Limitation:
    """One reading: from this start, with these interruptions."""
    rule = book.rule("CN-L01")
    years, farthest = rule.whole("years"), years_later(start, rule.whole("most_years"))
    since, ends_on = start, _last_day(years_later(start, years), history.calendar)
    # What came before the due date restarts nothing: the period had not begun.
    for one in sorted(interruptions, key=lambda one: one.on):
        if not start < one.on <= on:
            continue
        if one.on > ends_on:
            if one.kind is InterruptionKind.BORROWER_AGREED:
                return Limitation(LimitationState.UNKNOWN, since, ends_on, Unsure.ACT_AFTER_END)
            continue
        since = one.on
        ends_on = _last_day(min(years_later(since, years), farthest), history.calendar)
    state = LimitationState.RUNNING if on <= ends_on else LimitationState.PASSED
    return Limitation(state, since, ends_on)


def _last_day(day: date, calendar: Calendar | None) -> date:
    """The day itself, or the first working day after it where the calendar knows one."""
    if calendar is None or not calendar.first <= day <= calendar.last:
        return day
    moved = day
    while moved in calendar.days_off:
        moved += timedelta(days=1)
    return moved if moved <= calendar.last else day


def _unsure(plain: Limitation, why: Unsure) -> Limitation:
    return Limitation(LimitationState.UNKNOWN, plain.started_on, plain.ends_on, plain.unsure or why)


def _days_of(limitation: Limitation) -> dict[str, Fact]:
    days = {"started_on": limitation.started_on, "ends_on": limitation.ends_on}
    return {name: day for name, day in days.items() if day is not None}
