"""Every date of the product, by situation: the engine of product.md's "Deadlines" and its scenario F."""

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules.deadlines import (
    PERIODS,
    Calendar,
    Deadline,
    Period,
    Term,
    Unit,
    days_left,
    deadline,
    extended,
    is_over,
    last_day,
    period,
    remaining,
    reminder_days,
    resumed,
)

CHINA = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)


def days_between(first: date, last: date) -> list[date]:
    return [first + DAY * n for n in range((last - first).days + 1)]


def a_calendar(first: date, last: date, *, holidays: list[date], made_up: list[date]) -> Calendar:
    weekends = {day for day in days_between(first, last) if day.weekday() >= 5}
    return Calendar("test", first, last, frozenset((weekends | set(holidays)) - set(made_up)))


AUTUMN = a_calendar(
    date(2025, 9, 1),
    date(2025, 12, 31),
    holidays=days_between(date(2025, 10, 1), date(2025, 10, 8)),
    made_up=[date(2025, 9, 28), date(2025, 10, 11)],
)
YEARS = a_calendar(
    date(2025, 1, 1),
    date(2027, 12, 31),
    holidays=[*days_between(date(2025, 10, 1), date(2025, 10, 8)), *days_between(date(2026, 2, 15), date(2026, 2, 23))],
    made_up=[date(2025, 9, 28), date(2025, 10, 11), date(2026, 2, 14), date(2026, 2, 28)],
)


def local(text: str, zone: ZoneInfo = CHINA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def ends_on(text: str, count: int, unit: Unit = Unit.DAYS) -> date:
    return deadline(local(text), Period(count, unit), calendar=AUTUMN, zone=CHINA).ends_on


@pytest.mark.parametrize(
    ("made", "count", "last"),
    [
        ("2025-09-30T17:00", 14, date(2025, 10, 23)),
        ("2025-09-30T15:00", 14, date(2025, 10, 14)),
        ("2025-09-24T15:00", 7, date(2025, 10, 9)),
    ],
)
def test_the_dates_of_scenario_f(made: str, count: int, last: date) -> None:
    assert ends_on(made, count) == last


def test_a_period_ends_at_midnight_of_its_last_day_in_the_zone_of_the_case() -> None:
    found = deadline(local("2025-09-30T15:00"), Period(14), calendar=AUTUMN, zone=CHINA)
    assert found == Deadline(date(2025, 9, 30), date(2025, 10, 14), datetime(2025, 10, 14, 16, tzinfo=UTC))


@pytest.mark.parametrize(
    ("moment", "starts"),
    [
        ("2025-09-25T15:59:59", date(2025, 9, 25)),
        ("2025-09-25T16:00:00", date(2025, 9, 25)),
        ("2025-09-25T16:00:00.000001", date(2025, 9, 26)),
        ("2025-09-26T17:00:00", date(2025, 9, 28)),
        ("2025-09-27T10:00:00", date(2025, 9, 28)),
        ("2025-10-01T10:00:00", date(2025, 10, 9)),
    ],
)
def test_an_act_after_the_cut_off_or_on_a_day_off_starts_on_the_next_working_day(moment: str, starts: date) -> None:
    found = deadline(local(moment), Period(3), calendar=AUTUMN, zone=CHINA)
    assert found.starts_on == starts


def test_the_cut_off_is_read_in_the_zone_of_the_case() -> None:
    at = datetime(2025, 9, 25, 7, 30, tzinfo=UTC)
    tokyo = deadline(at, Period(3), calendar=AUTUMN, zone=ZoneInfo("Asia/Tokyo"))
    china = deadline(at, Period(3), calendar=AUTUMN, zone=CHINA)
    assert (china.starts_on, tokyo.starts_on) == (date(2025, 9, 25), date(2025, 9, 26))


def test_the_cut_off_hour_is_data_of_the_rulebook() -> None:
    found = deadline(local("2025-09-25T17:30"), Period(3), calendar=AUTUMN, zone=CHINA, cutoff=time(18))
    assert found.starts_on == date(2025, 9, 25)


@pytest.mark.parametrize(
    ("made", "count", "last"),
    [
        ("2025-09-25T10:00", 2, date(2025, 9, 28)),
        ("2025-09-30T15:00", 2, date(2025, 10, 10)),
        ("2025-09-30T17:00", 2, date(2025, 10, 11)),
        ("2025-09-30T17:00", 3, date(2025, 10, 13)),
    ],
)
def test_working_days_pass_over_holidays_and_count_the_days_made_up(made: str, count: int, last: date) -> None:
    assert ends_on(made, count, Unit.WORKING_DAYS) == last


def test_an_end_on_a_make_up_workday_does_not_move() -> None:
    assert ends_on("2025-09-25T10:00", 3) == date(2025, 9, 28)


@pytest.mark.parametrize("made", ["2025-08-31T10:00", "2025-12-31T17:00", "2025-12-20T10:00"])
def test_a_day_outside_the_calendar_is_refused_and_never_guessed(made: str) -> None:
    with pytest.raises(Refused) as refused:
        ends_on(made, 14)
    assert refused.value.key == "calendar:out-of-range"
    assert refused.value.facts["last"] == date(2025, 12, 31)


def test_a_period_may_end_on_the_last_day_that_the_calendar_knows() -> None:
    assert ends_on("2025-12-17T10:00", 14) == date(2025, 12, 31)


def test_every_question_about_an_unknown_day_is_refused() -> None:
    before, after = date(2025, 8, 31), date(2026, 1, 1)
    for question, day in [
        (AUTUMN.is_working_day, before),
        (AUTUMN.is_working_day, after),
        (AUTUMN.next_working_day, date(2025, 12, 31)),
        (AUTUMN.next_working_day, before),
        (AUTUMN.previous_working_day, date(2025, 9, 1)),
        (AUTUMN.previous_working_day, after),
    ]:
        with pytest.raises(Refused, match="calendar:out-of-range"):
            question(day)


def test_the_working_days_around_a_holiday() -> None:
    assert AUTUMN.next_working_day(date(2025, 9, 30)) == date(2025, 10, 9)
    assert AUTUMN.previous_working_day(date(2025, 10, 9)) == date(2025, 9, 30)
    assert AUTUMN.working_day_from(date(2025, 10, 11)) == date(2025, 10, 11)


def test_a_calendar_keeps_its_days_inside_its_years() -> None:
    with pytest.raises(ValueError, match="outside"):
        Calendar("test", date(2025, 1, 1), date(2025, 12, 31), frozenset({date(2026, 1, 1)}))
    with pytest.raises(ValueError, match="ends after"):
        Calendar("test", date(2025, 1, 2), date(2025, 1, 1), frozenset())


def test_a_calendar_and_a_deadline_cannot_be_changed() -> None:
    found = deadline(local("2025-09-25T10:00"), Period(3), calendar=AUTUMN, zone=CHINA)
    with pytest.raises(FrozenInstanceError):
        AUTUMN.last = date(2026, 1, 1)  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        found.ends_on = date(2026, 1, 1)  # type: ignore[misc]


def test_a_provisional_day_is_labelled_as_such() -> None:
    calendar = Calendar("test", date(2026, 1, 1), date(2027, 12, 31), frozenset(), provisional_from=date(2027, 1, 1))
    assert calendar.is_provisional(date(2027, 1, 1))
    assert not calendar.is_provisional(date(2026, 12, 31))
    assert not AUTUMN.is_provisional(date(2025, 12, 31))


def test_a_moment_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="aware"):
        deadline(datetime(2025, 9, 25, 10), Period(3), calendar=AUTUMN, zone=CHINA)  # noqa: DTZ001


def test_a_period_has_at_least_one_day() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Period(0)


@pytest.mark.parametrize(("seconds", "over"), [(-1, False), (0, True), (1, True)])
def test_an_act_is_in_time_before_the_end_and_not_at_it(seconds: int, over: bool) -> None:
    ends_at = local("2025-10-15T00:00")
    assert is_over(ends_at, ends_at + timedelta(seconds=seconds)) is over


def test_the_last_day_and_the_days_left_are_those_of_the_case() -> None:
    ends_at = local("2025-10-15T00:00")
    assert last_day(ends_at, CHINA) == date(2025, 10, 14)
    assert [
        days_left(ends_at, local(t), CHINA) for t in ("2025-10-12T23:59", "2025-10-14T23:59", "2025-10-15T00:00")
    ] == [2, 0, -1]


def test_reminders_are_due_five_days_and_one_day_before_and_on_the_last_day() -> None:
    assert reminder_days(date(2025, 10, 14), after=date(2025, 9, 30)) == (
        date(2025, 10, 9),
        date(2025, 10, 13),
        date(2025, 10, 14),
    )


def test_a_reminder_is_not_due_on_or_before_the_day_it_is_asked_on() -> None:
    assert reminder_days(date(2025, 10, 14), after=date(2025, 10, 9)) == (date(2025, 10, 13), date(2025, 10, 14))


def test_an_extension_runs_on_from_the_last_day() -> None:
    first = deadline(local("2025-09-30T15:00"), period(Term.RESPOND_TO_INVITATION), calendar=AUTUMN, zone=CHINA)
    more = extended(first, period(Term.RESPOND_EXTENSION), calendar=AUTUMN, zone=CHINA)
    assert (more.starts_on, more.ends_on) == (date(2025, 10, 14), date(2025, 10, 28))


def test_the_named_periods_are_those_of_the_product() -> None:
    table = {term: (a.default.count, a.default.unit.value, a.least, a.most) for term, a in PERIODS.items()}
    assert table == {
        Term.RESPOND_TO_INVITATION: (14, "days", 14, 14),
        Term.RESPOND_EXTENSION: (14, "days", 14, 14),
        Term.REPLY_TO_OFFER: (7, "days", 3, 14),
        Term.SIGN: (7, "days", 7, 7),
        Term.OBJECT_TO_MEDIATOR: (2, "working_days", 2, 2),
        Term.GIVE_DRAW_NUMBER: (1, "working_days", 1, 1),
        Term.DECIDE_OBJECTION: (2, "working_days", 2, 2),
        Term.CONTACT_PARTIES: (2, "working_days", 2, 2),
        Term.MEDIATION: (30, "days", 30, 30),
        Term.MEDIATION_EXTENSION: (30, "days", 30, 30),
        Term.PAUSE: (60, "days", 1, 60),
        Term.CERTIFICATE_OF_SETTLEMENT: (7, "working_days", 7, 7),
        Term.APPLY_TO_COURT: (30, "days", 30, 30),
        Term.GIVE_IDENTITY: (7, "days", 7, 7),
        Term.CONFIRM_AGREEMENT: (2, "working_days", 2, 2),
    }


def test_the_time_to_reply_may_be_chosen_within_its_bounds() -> None:
    assert period(Term.REPLY_TO_OFFER, 3) == Period(3)
    assert period(Term.REPLY_TO_OFFER, 14) == Period(14)


@pytest.mark.parametrize("count", [0, 2, 15])
def test_a_time_to_reply_outside_its_bounds_is_refused(count: int) -> None:
    with pytest.raises(Refused) as refused:
        period(Term.REPLY_TO_OFFER, count)
    assert refused.value.key == "period:out-of-bounds"
    assert (refused.value.facts["least"], refused.value.facts["most"]) == (3, 14)


def test_a_paused_offer_keeps_its_remaining_days() -> None:
    ends_at = local("2025-11-15T00:00")
    found = resumed(
        ends_at,
        paused_at=local("2025-11-10T10:00"),
        resumed_at=local("2025-11-20T10:00"),
        calendar=AUTUMN,
        zone=CHINA,
    )
    assert (found.starts_on, found.ends_on) == (date(2025, 11, 20), date(2025, 11, 24))


def test_a_pause_within_one_working_day_changes_nothing() -> None:
    ends_at = local("2025-11-15T00:00")
    found = resumed(
        ends_at,
        paused_at=local("2025-11-10T10:00"),
        resumed_at=local("2025-11-10T10:05"),
        calendar=AUTUMN,
        zone=CHINA,
    )
    assert found.ends_at == ends_at


def test_a_clock_resumed_after_the_cut_off_starts_on_the_next_working_day() -> None:
    found = resumed(
        local("2025-11-15T00:00"),
        paused_at=local("2025-11-10T10:00"),
        resumed_at=local("2025-11-21T17:00"),
        calendar=AUTUMN,
        zone=CHINA,
    )
    assert (found.starts_on, found.ends_on) == (date(2025, 11, 24), date(2025, 11, 28))


def test_a_clock_paused_before_it_started_has_its_whole_period_left() -> None:
    made = deadline(local("2025-09-30T17:00"), Period(14), calendar=AUTUMN, zone=CHINA)
    left = remaining(made.ends_at, local("2025-09-30T17:30"), calendar=AUTUMN, zone=CHINA, starts_on=made.starts_on)
    assert left == 14


def test_a_pause_that_ends_before_an_extension_begins_takes_nothing_from_it() -> None:
    first = deadline(local("2025-11-03T10:00"), Period(7), calendar=AUTUMN, zone=CHINA)
    more = extended(first, Period(14), calendar=AUTUMN, zone=CHINA)
    found = resumed(
        more.ends_at,
        paused_at=local("2025-11-04T10:00"),
        resumed_at=local("2025-11-05T10:00"),
        calendar=AUTUMN,
        zone=CHINA,
        starts_on=more.starts_on,
    )
    assert found == more


def test_remaining_working_days_leave_out_the_holidays() -> None:
    left = remaining(
        local("2025-10-11T00:00"), local("2025-09-30T10:00"), calendar=AUTUMN, zone=CHINA, unit=Unit.WORKING_DAYS
    )
    assert left == 2


def test_a_clock_that_is_over_cannot_be_paused() -> None:
    ends_at = local("2025-11-15T00:00")
    with pytest.raises(Refused, match="deadline:over"):
        resumed(ends_at, paused_at=ends_at, resumed_at=ends_at + DAY, calendar=AUTUMN, zone=CHINA)


def test_a_clock_is_not_resumed_before_it_was_paused() -> None:
    at = local("2025-11-10T10:00")
    with pytest.raises(ValueError, match="after it was paused"):
        resumed(local("2025-11-15T00:00"), paused_at=at, resumed_at=at - DAY, calendar=AUTUMN, zone=CHINA)


@pytest.mark.parametrize(
    ("zone", "made", "ends_at"),
    [
        ("America/New_York", "2025-10-31T10:00", "2025-11-05T05:00+00:00"),
        ("America/New_York", "2026-03-06T10:00", "2026-03-11T04:00+00:00"),
        ("Europe/London", "2025-10-24T10:00", "2025-10-29T00:00+00:00"),
        # Clocks in Cairo went from 24:00 to 01:00: the day ended when the next one began.
        ("Africa/Cairo", "2025-04-21T10:00", "2025-04-24T22:00+00:00"),
    ],
)
def test_a_period_across_a_change_of_clocks_ends_at_midnight_by_the_new_time(
    zone: str, made: str, ends_at: str
) -> None:
    here = ZoneInfo(zone)
    count = 3 if zone == "Africa/Cairo" else 4
    found = deadline(local(made, here), Period(count), calendar=YEARS, zone=here)
    assert found.ends_at == datetime.fromisoformat(ends_at)


spans = st.timedeltas(timedelta(days=1), timedelta(days=940))
moments = spans.map(lambda span: datetime(2025, 1, 1, tzinfo=UTC) + span)
zones = st.sampled_from(
    [ZoneInfo(name) for name in ("Asia/Shanghai", "America/New_York", "Europe/London", "Africa/Cairo", "UTC")]
)
periods = st.builds(Period, st.integers(1, 60), st.sampled_from(Unit))


@given(moments, st.timedeltas(timedelta(), timedelta(days=20)), periods, zones)
def test_a_later_act_never_lapses_sooner(at: datetime, later: timedelta, length: Period, zone: ZoneInfo) -> None:
    first = deadline(at, length, calendar=YEARS, zone=zone)
    second = deadline(at + later, length, calendar=YEARS, zone=zone)
    assert (first.starts_on, first.ends_at) <= (second.starts_on, second.ends_at)


@given(moments, periods, zones)
def test_a_period_starts_and_ends_on_working_days_and_no_sooner_than_counted(
    at: datetime, length: Period, zone: ZoneInfo
) -> None:
    found = deadline(at, length, calendar=YEARS, zone=zone)
    assert YEARS.is_working_day(found.starts_on)
    assert YEARS.is_working_day(found.ends_on)
    assert found.ends_on >= found.starts_on + DAY * length.count


@given(moments, periods, zones)
def test_the_end_is_the_first_moment_after_the_last_day(at: datetime, length: Period, zone: ZoneInfo) -> None:
    found = deadline(at, length, calendar=YEARS, zone=zone)
    assert found.ends_at.tzinfo is UTC
    assert found.ends_at.astimezone(zone).date() == found.ends_on + DAY
    assert last_day(found.ends_at, zone) == found.ends_on


@given(moments, st.integers(1, 60), zones)
def test_working_days_are_counted_one_by_one(at: datetime, count: int, zone: ZoneInfo) -> None:
    found = deadline(at, Period(count, Unit.WORKING_DAYS), calendar=YEARS, zone=zone)
    assert sum(map(YEARS.is_working_day, days_between(found.starts_on + DAY, found.ends_on))) == count


@given(moments, periods, st.floats(0, 1), st.timedeltas(timedelta(), timedelta(days=60)))
def test_a_pause_never_shortens_what_was_left(at: datetime, length: Period, share: float, stood: timedelta) -> None:
    made = deadline(at, length, calendar=YEARS, zone=CHINA)
    paused_at = at + (made.ends_at - at - timedelta(seconds=1)) * share
    found = resumed(
        made.ends_at,
        paused_at=paused_at,
        resumed_at=paused_at + stood,
        calendar=YEARS,
        zone=CHINA,
        unit=length.unit,
        starts_on=made.starts_on,
    )
    assert found.ends_at >= made.ends_at
