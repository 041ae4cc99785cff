"""The law book: China's calendar against the published notices, years added by a mediation body, one version."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mediation import lawbook
from mediation.errors import Refused
from mediation.rules.deadlines import Period, deadline

NOTICE_2026 = {
    "off": [
        "2026-01-01/2026-01-03",
        "2026-02-15/2026-02-23",
        "2026-04-04/2026-04-06",
        "2026-05-01/2026-05-05",
        "2026-06-19/2026-06-21",
        "2026-09-25/2026-09-27",
        "2026-10-01/2026-10-07",
    ],
    "worked": ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
}


@pytest.fixture(autouse=True)
def no_added_years() -> Iterator[None]:
    yield
    lawbook.use_extra_calendars(None)


def a_year(folder: Path, *, file: str = "cn-2027.json", **changed: object) -> Path:
    year = {
        "calendar": "cn",
        "year": 2027,
        "days_off": ["2027-01-01", "2027-02-05/2027-02-11"],
        "workdays": ["2027-01-30"],
        "source": "a notice made for this test",
        "provisional": False,
    }
    folder.mkdir(exist_ok=True)
    (folder / file).write_text(json.dumps(year | changed), encoding="utf-8")
    return folder


def test_china_is_known_from_2004_to_2026() -> None:
    china = lawbook.calendar("cn")
    assert (china.first, china.last) == (date(2004, 1, 1), date(2026, 12, 31))
    assert china.provisional_from is None


def test_the_year_2026_is_that_of_the_published_notice() -> None:
    china = lawbook.calendar("cn")
    weekends = {day for day in lawbook._days_between(date(2026, 1, 1), date(2026, 12, 31)) if day.weekday() >= 5}
    off, worked = lawbook._days(NOTICE_2026["off"], 2026), lawbook._days(NOTICE_2026["worked"], 2026)
    assert {day for day in china.days_off if day.year == 2026} == (weekends | off) - worked


def test_weekends_holidays_and_make_up_workdays_of_autumn_2025() -> None:
    china = lawbook.calendar("cn")
    days = ["2025-09-27", "2025-09-28", "2025-10-01", "2025-10-08", "2025-10-09", "2025-10-11"]
    assert [china.is_working_day(date.fromisoformat(day)) for day in days] == [False, True, False, False, True, True]


def test_every_day_agrees_with_the_library() -> None:
    from chinese_calendar import is_workday

    china = lawbook.calendar("cn")
    days = lawbook._days_between(china.first, china.last)
    assert all(china.is_working_day(day) == is_workday(day) for day in days)


@pytest.mark.parametrize(
    ("made", "count", "last"),
    [
        (datetime(2025, 9, 30, 9, tzinfo=UTC), 14, date(2025, 10, 23)),
        (datetime(2025, 9, 30, 7, tzinfo=UTC), 14, date(2025, 10, 14)),
        (datetime(2025, 9, 24, 7, tzinfo=UTC), 7, date(2025, 10, 9)),
    ],
)
def test_scenario_f_on_the_calendar_of_china(made: datetime, count: int, last: date) -> None:
    found = deadline(made, Period(count), calendar=lawbook.calendar("cn"), zone=ZoneInfo("Asia/Shanghai"))
    assert found.ends_on == last


def test_a_year_that_is_not_published_is_refused() -> None:
    with pytest.raises(Refused, match="calendar:out-of-range"):
        lawbook.calendar("cn").is_working_day(date(2027, 1, 4))


def test_an_unknown_calendar_is_refused() -> None:
    with pytest.raises(Refused, match="calendar:unknown"):
        lawbook.calendar("atlantis")


def test_a_mediation_body_adds_the_year_that_was_published(tmp_path: Path) -> None:
    china = lawbook.calendar("cn", extra_calendars=a_year(tmp_path))
    days = [date(2027, 1, 1), date(2027, 1, 30), date(2027, 1, 31), date(2027, 2, 11), date(2027, 2, 12)]
    assert [china.is_working_day(day) for day in days] == [False, True, False, False, True]
    assert (china.last, china.provisional_from) == (date(2027, 12, 31), None)


def test_years_added_at_start_are_in_every_calendar_handed_out(tmp_path: Path) -> None:
    lawbook.use_extra_calendars(a_year(tmp_path))
    assert lawbook.calendar("cn").last == date(2027, 12, 31)


def test_the_years_we_ship_as_provisional_are_labelled_and_only_on_request() -> None:
    china = lawbook.calendar("cn", extra_calendars=lawbook.PROVISIONAL_CALENDARS)
    assert (china.last, china.provisional_from) == (date(2028, 12, 31), date(2027, 1, 1))
    assert not china.is_working_day(date(2027, 2, 8))


def test_a_year_of_the_mediation_body_corrects_ours(tmp_path: Path) -> None:
    folder = a_year(tmp_path, year=2026, days_off=["2026-03-02"], workdays=[])
    assert not lawbook.calendar("cn", extra_calendars=folder).is_working_day(date(2026, 3, 2))


def test_a_provisional_year_never_replaces_a_published_one(tmp_path: Path) -> None:
    folder = a_year(tmp_path, year=2026, days_off=["2026-03-02"], workdays=[], provisional=True)
    china = lawbook.calendar("cn", extra_calendars=folder)
    assert china == lawbook.calendar("cn")


def test_a_folder_may_hold_another_calendar(tmp_path: Path) -> None:
    folder = a_year(tmp_path, calendar="elsewhere", workdays=[])
    assert lawbook.calendar("elsewhere", extra_calendars=folder).first == date(2027, 1, 1)


def test_a_gap_between_the_years_is_no_calendar(tmp_path: Path) -> None:
    folder = a_year(tmp_path, year=2028, days_off=[], workdays=[])
    with pytest.raises(lawbook.CalendarUnusable, match="calendar:years-missing"):
        lawbook.calendar("cn", extra_calendars=folder)


def test_a_year_written_twice_is_no_calendar(tmp_path: Path) -> None:
    folder = a_year(a_year(tmp_path), file="again.json")
    with pytest.raises(lawbook.CalendarUnusable, match="calendar:year-twice"):
        lawbook.calendar("cn", extra_calendars=folder)


def test_a_year_written_twice_is_no_calendar_even_if_provisional(tmp_path: Path) -> None:
    folder = a_year(
        a_year(tmp_path, year=2026, days_off=[], workdays=[], provisional=True),
        file="again.json",
        year=2026,
        days_off=[],
        workdays=[],
        provisional=True,
    )
    with pytest.raises(lawbook.CalendarUnusable, match="calendar:year-twice"):
        lawbook.calendar("cn", extra_calendars=folder)


@pytest.mark.parametrize(
    "mistake",
    [
        {"days_off": ["2027-02-30"]},
        {"days_off": ["2027-02-11/2027-02-05"]},
        {"days_off": ["2026-12-31"]},
        {"days_off": "2027-01-01"},
        {"days_off": [20270101]},
        {"workdays": ["2027-01-29"]},
        {"workdays": ["2027-02-06"]},
        {"year": "2027"},
        {"year": True},
        {"calendar": 7},
        {"source": " "},
        {"provisional": "no"},
        {"holydays": []},
    ],
    ids=str,
)
def test_a_mistake_in_a_file_stops_the_start_and_names_the_file(tmp_path: Path, mistake: dict[str, object]) -> None:
    folder = a_year(tmp_path, **mistake)
    with pytest.raises(lawbook.CalendarUnusable) as unusable:
        lawbook.use_extra_calendars(folder)
    assert (unusable.value.key, unusable.value.facts["file"]) == ("calendar:file-malformed", "cn-2027.json")


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"calendar": "cn"}', "\ufeff{}"])
def test_a_file_that_is_no_year_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "cn-2027.json").write_text(text, encoding="utf-8")
    with pytest.raises(lawbook.CalendarUnusable, match="calendar:file-malformed"):
        lawbook.use_extra_calendars(tmp_path)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = a_year(tmp_path) / "cn-2027.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert lawbook.calendar("cn", extra_calendars=tmp_path).last == date(2027, 12, 31)


def test_a_folder_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(lawbook.CalendarUnusable, match="calendar:folder-missing"):
        lawbook.use_extra_calendars(tmp_path / "nowhere")


def test_an_institution_is_closed_on_its_own_days_as_well() -> None:
    china = lawbook.calendar("cn")
    ours = lawbook.with_closing_days(china, [date(2026, 3, 2)])
    assert not ours.is_working_day(date(2026, 3, 2))
    assert china.is_working_day(date(2026, 3, 2))


def test_a_closing_day_outside_the_calendar_is_refused() -> None:
    with pytest.raises(Refused, match="calendar:out-of-range"):
        lawbook.with_closing_days(lawbook.calendar("cn"), [date(2031, 3, 3)])


def test_a_calendar_is_read_once() -> None:
    assert lawbook.calendar("cn") is lawbook.calendar("cn")


def test_the_version_is_dated_and_short() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d\+[0-9a-f]{12}", lawbook.version())


def test_the_version_is_the_same_in_every_process_and_with_every_folder_of_years(tmp_path: Path) -> None:
    lawbook.use_extra_calendars(a_year(tmp_path))
    print_version = "from mediation import lawbook; print(lawbook.version())"
    elsewhere = subprocess.run(
        [sys.executable, "-c", print_version],
        cwd=Path(lawbook.__file__).parents[1],
        env={"PYTHONHASHSEED": "7", "TZ": "America/New_York", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert elsewhere.stdout.strip() == lawbook.version()


def test_the_version_moves_with_any_fact_and_not_with_line_endings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lawbook, "DATA", tmp_path)
    (tmp_path / "caps.json").write_bytes(b'{\n"cap": 24}\n')
    before = lawbook._content_hash()
    (tmp_path / "caps.json").write_bytes(b'{\r\n"cap": 24}\r\n')
    assert lawbook._content_hash() == before
    (tmp_path / "caps.json").write_bytes(b'{\n"cap": 25}\n')
    assert lawbook._content_hash() != before
