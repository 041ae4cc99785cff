"""Limitation to the day: when the period ends, what starts it anew, and what needs a separate yes on an old debt."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation import lawbook
from mediation.errors import Refused
from mediation.rules.deadlines import Calendar
from mediation.rules.law import check_confirmed, findings_before, limitation_state, needs_confirmation
from mediation.rules.legal_rules import Level
from mediation.rules.limitation import (
    AcknowledgingAct,
    DebtHistory,
    Interruption,
    InterruptionKind,
    Limitation,
    LimitationState,
    Unsure,
    limitation_findings,
    years_later,
)

BOOK = lawbook.law()
DUE = date(2022, 6, 15)
RUNNING, PASSED, UNKNOWN = LimitationState
DEMAND, AGREED, SUIT, MEDIATION = InterruptionKind
DAYS = st.dates(date(2018, 1, 1), date(2030, 12, 31))
INTERRUPTIONS = st.lists(st.builds(Interruption, st.sampled_from(InterruptionKind), DAYS, st.booleans()), max_size=4)


def shown(kind: InterruptionKind, on: date) -> Interruption:
    return Interruption(kind, on, is_shown=True)


def state(on: date, *interruptions: Interruption, due: date | None = DUE, **known: object) -> Limitation:
    return limitation_state(DebtHistory(due, interruptions, **known), on=on, book=BOOK)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("on", "found"), [(date(2022, 6, 15), RUNNING), (date(2025, 6, 15), RUNNING), (date(2025, 6, 16), PASSED)]
)
def test_three_years_from_the_last_due_date_its_last_day_included(on: date, found: LimitationState) -> None:
    assert state(on) == Limitation(found, DUE, date(2025, 6, 15))


def test_a_period_from_the_29th_of_february_ends_on_the_28th() -> None:
    assert state(date(2025, 1, 1), due=date(2024, 2, 29)).ends_on == date(2027, 2, 28)


def test_a_last_day_that_is_off_moves_to_the_next_working_day() -> None:
    # 2025-10-01 to 08 are off, and 2025-10-09 is a Thursday.
    found = state(date(2025, 10, 9), due=date(2022, 10, 1), calendar=lawbook.calendar("cn"))
    assert (found.state, found.ends_on) == (RUNNING, date(2025, 10, 9))


def test_a_last_day_beyond_the_calendar_is_not_moved() -> None:
    ends = date(2026, 12, 31)
    calendar = Calendar("short", date(2020, 1, 1), ends, frozenset({ends, date(2026, 12, 30)}))
    found = [state(date(2025, 1, 1), due=due, calendar=calendar).ends_on for due in (date(2023, 12, 30), DUE)]
    assert (found, state(DUE, due=date(2024, 6, 15), calendar=calendar).ends_on) == (
        [date(2026, 12, 30), date(2025, 6, 15)],
        date(2027, 6, 15),
    )


@pytest.mark.parametrize("kind", InterruptionKind)
def test_every_interruption_starts_three_years_anew(kind: InterruptionKind) -> None:
    found = state(date(2025, 6, 16), shown(kind, date(2024, 3, 1)))
    assert found == Limitation(RUNNING, date(2024, 3, 1), date(2027, 3, 1))


def test_an_interruption_on_the_last_day_is_in_time() -> None:
    assert state(date(2026, 1, 1), shown(DEMAND, date(2025, 6, 15))).ends_on == date(2028, 6, 15)


def test_what_came_before_the_due_date_or_is_yet_to_come_restarts_nothing() -> None:
    early, later = shown(DEMAND, date(2022, 1, 1)), shown(DEMAND, date(2025, 3, 1))
    assert state(date(2025, 2, 1), early, later).ends_on == date(2025, 6, 15)


@pytest.mark.parametrize("kind", [DEMAND, SUIT, MEDIATION])
def test_a_demand_after_the_end_revives_nothing(kind: InterruptionKind) -> None:
    assert state(date(2026, 1, 1), shown(kind, date(2025, 7, 1))).state is PASSED


def test_a_promise_after_the_end_is_for_people_to_judge() -> None:
    found = state(date(2026, 1, 1), shown(AGREED, date(2025, 7, 1)))
    assert (found.state, found.unsure) == (UNKNOWN, Unsure.ACT_AFTER_END)


def test_no_interruption_carries_a_debt_beyond_twenty_years() -> None:
    chain = [shown(DEMAND, date(year, 6, 1)) for year in range(2005, 2024, 2)]
    assert state(date(2024, 1, 1), *chain, due=date(2004, 6, 15)).ends_on == date(2024, 6, 15)


def test_an_unknown_due_date_is_never_passed_over() -> None:
    assert state(DUE, due=None) == Limitation(UNKNOWN, unsure=Unsure.DUE_DATE)


@pytest.mark.parametrize(("on", "found"), [(date(2025, 6, 15), RUNNING), (date(2025, 6, 16), UNKNOWN)])
def test_unknown_interruptions_matter_once_the_plain_period_is_over(on: date, found: LimitationState) -> None:
    assert limitation_state(DebtHistory(DUE, None), on=on, book=BOOK).state is found


def test_an_interruption_that_no_document_shows_leaves_the_state_unknown() -> None:
    told = Interruption(DEMAND, date(2024, 3, 1), is_shown=False)
    found = [state(on, told) for on in (date(2025, 6, 15), date(2025, 6, 16), date(2027, 3, 2))]
    assert [(each.state, each.unsure) for each in found] == [
        (RUNNING, None),
        (UNKNOWN, Unsure.NOT_SHOWN),
        (PASSED, None),
    ]


def test_an_acceleration_that_decides_leaves_the_state_unknown() -> None:
    found = state(date(2025, 3, 1), accelerated_on=date(2022, 1, 10))
    assert (found.state, found.unsure) == (UNKNOWN, Unsure.ACCELERATION)


def test_an_acceleration_that_changes_nothing_is_passed_over() -> None:
    assert state(date(2024, 3, 1), accelerated_on=date(2022, 1, 10)).state is RUNNING
    assert state(date(2024, 3, 1), accelerated_on=date(2023, 1, 10)).state is RUNNING


@given(DAYS, INTERRUPTIONS, DAYS)
def test_a_later_day_never_makes_an_old_debt_young_again(due: date, told: list[Interruption], on: date) -> None:
    known = [one for one in told if one.on <= on]
    now, later = (state(day, *known, due=due).state for day in (on, on + timedelta(days=400)))
    assert now is RUNNING or later is not RUNNING


@given(DAYS, INTERRUPTIONS, DAYS)
def test_a_known_state_agrees_with_its_last_day(due: date, told: list[Interruption], on: date) -> None:
    found = state(on, *told, due=due)
    if found.state is not UNKNOWN:
        assert found.ends_on is not None
        assert (found.state is RUNNING) == (on <= found.ends_on)


@given(DAYS, INTERRUPTIONS.map(lambda told: [shown(one.kind, one.on) for one in told]), DAYS)
def test_one_more_demand_in_time_never_shortens_the_period(due: date, told: list[Interruption], on: date) -> None:
    without = state(on, *told, due=due)
    if without.state is RUNNING and on > due:
        assert state(on, *told, shown(DEMAND, on), due=due).ends_on == min(years_later(on, 3), years_later(due, 20))


# --- acts that may acknowledge an old debt -------------------------------------------------------------------


OLD, YOUNG = state(date(2025, 6, 16)), state(date(2025, 6, 15))
DARK = state(DUE, due=None)


def test_the_acts_that_may_acknowledge_a_debt() -> None:
    assert [act.value for act in AcknowledgingAct] == [
        "proposing",
        "accepting",
        "agreeing_ledger_row",
        "answering_proposal",
        "reporting_payment",
        "signing",
    ]


@pytest.mark.parametrize("act", AcknowledgingAct)
@pytest.mark.parametrize(
    ("limitation", "confirmed", "level", "key"),
    [
        (YOUNG, False, Level.NOTE, "law:restarts-limitation"),
        (OLD, False, Level.BLOCK, "law:old-debt-unconfirmed"),
        (OLD, True, Level.NOTE, "law:old-debt-confirmed"),
        (DARK, False, Level.QUERY, "law:old-debt-possible"),
        (DARK, True, Level.NOTE, "law:old-debt-confirmed"),
    ],
)
def test_every_act_on_an_old_debt_is_warned_of(
    act: AcknowledgingAct, limitation: Limitation, confirmed: bool, level: Level, key: str
) -> None:
    (finding,) = findings_before(act, limitation, BOOK, confirmed=confirmed)
    assert (finding.level, finding.key, finding.facts["act"]) == (level, key, act.value)


@pytest.mark.parametrize("limitation", [OLD, DARK])
def test_an_act_on_an_old_debt_is_refused_until_confirmed_apart(limitation: Limitation) -> None:
    with pytest.raises(Refused) as refused:
        check_confirmed(limitation, confirmed=False)
    assert (refused.value.key, refused.value.field) == ("old-debt:unconfirmed", "old_debt_confirmed")
    check_confirmed(limitation, confirmed=True)


def test_a_debt_in_time_needs_no_confirmation() -> None:
    check_confirmed(YOUNG, confirmed=False)
    assert [needs_confirmation(each) for each in (YOUNG, OLD, DARK)] == [False, True, True]


def test_the_state_is_said_with_its_days() -> None:
    ((running,), (passed,)) = (limitation_findings(each, BOOK) for each in (YOUNG, OLD))
    assert (running.level, running.key) == (Level.NOTE, "law:limitation-running")
    assert (passed.level, passed.key, passed.rule_id) == (Level.QUERY, "law:limitation-passed", "CN-L01")
    assert dict(passed.facts) == {"years": 3, "started_on": DUE, "ends_on": date(2025, 6, 15)}


@pytest.mark.parametrize("why", Unsure)
def test_every_reason_not_to_know_is_a_query_of_its_own(why: Unsure) -> None:
    (finding,) = limitation_findings(Limitation(UNKNOWN, unsure=why), BOOK)
    assert (finding.level, finding.facts["years"]) == (Level.QUERY, 3)
