"""Every deadline of the product: working-day calendars, the cut-off hour, and one engine for all dates.

Source: product.md, "Deadlines". The start day is not counted; an act after the cut-off hour starts its
period on the next working day; a period that would end on a day off ends on the next working day; it ends at
24:00 local time.

An act on a day off also starts on the next working day: it comes after the cut-off of the last working day,
and a later act must never lapse sooner than an earlier one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from mediation.errors import Refused

CUT_OFF = time(16)
REMINDER_DAYS = (5, 1, 0)

_DAY = timedelta(days=1)


class Unit(StrEnum):
    """What a period is counted in: calendar days unless it says working days."""

    DAYS = "days"
    WORKING_DAYS = "working_days"


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time, in whole days of one unit; at least one."""

    count: int
    unit: Unit = Unit.DAYS

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("a period has at least one day")


@dataclass(frozen=True, slots=True)
class Deadline:
    """From `starts_on` (not counted) to 24:00 of `ends_on`; an act before `ends_at` (UTC) is in time."""

    starts_on: date
    ends_on: date
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days off, weekends included, among all days from `first` to `last`; a make-up workday is not one.

    From `provisional_from` on the days are not yet those of the published notice.
    """

    name: str
    first: date
    last: date
    days_off: frozenset[date] = field(repr=False)
    provisional_from: date | None = None

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError("a calendar ends after it begins")
        if self.days_off and not (self.first <= min(self.days_off) and max(self.days_off) <= self.last):
            raise ValueError("a day off lies outside its calendar")

    def is_working_day(self, on: date) -> bool:
        """Whether work is done on that day; refuses a day the calendar does not know."""
        self._check_known(on)
        return on not in self.days_off

    def next_working_day(self, on: date) -> date:
        """The first working day after that day; refuses a day the calendar does not know."""
        self._check_known(on)
        return self.working_day_from(on + _DAY)

    def working_day_from(self, on: date) -> date:
        """That day, or the first working day after it; refuses a day the calendar does not know."""
        while not self.is_working_day(on):
            on += _DAY
        return on

    def previous_working_day(self, on: date) -> date:
        """The last working day before that day; refuses a day the calendar does not know."""
        self._check_known(on)
        on -= _DAY
        while not self.is_working_day(on):
            on -= _DAY
        return on

    def is_provisional(self, on: date) -> bool:
        """Whether that day rests on a calendar that is not yet published and may still move."""
        return self.provisional_from is not None and on >= self.provisional_from

    def _check_known(self, on: date) -> None:
        first, last = self.first, self.last
        if not first <= on <= last:
            raise Refused("calendar:out-of-range", calendar=self.name, on=on, first=first, last=last)


class Term(StrEnum):
    """The periods that product.md names."""

    RESPOND_TO_INVITATION = "respond-to-invitation"
    RESPOND_EXTENSION = "respond-extension"
    REPLY_TO_OFFER = "reply-to-offer"
    GIVE_IDENTITY = "give-identity"
    SIGN = "sign"
    CONFIRM_AGREEMENT = "confirm-agreement"
    OBJECT_TO_MEDIATOR = "object-to-mediator"
    GIVE_DRAW_NUMBER = "give-draw-number"
    DECIDE_OBJECTION = "decide-objection"
    CONTACT_PARTIES = "contact-parties"
    MEDIATION = "mediation"
    MEDIATION_EXTENSION = "mediation-extension"
    PAUSE = "pause"
    CERTIFICATE_OF_SETTLEMENT = "certificate-of-settlement"
    APPLY_TO_COURT = "apply-to-court"


@dataclass(frozen=True, slots=True)
class Allowed:
    """A named period's default and the bounds within which another count of its unit may be chosen."""

    default: Period
    least: int
    most: int


def _fixed(count: int, unit: Unit = Unit.DAYS) -> Allowed:
    return Allowed(Period(count, unit), least=count, most=count)


PERIODS: Mapping[Term, Allowed] = MappingProxyType(
    {
        Term.RESPOND_TO_INVITATION: _fixed(14),
        Term.RESPOND_EXTENSION: _fixed(14),
        Term.REPLY_TO_OFFER: Allowed(Period(7), least=3, most=14),
        Term.GIVE_IDENTITY: _fixed(7),
        Term.SIGN: _fixed(7),
        Term.CONFIRM_AGREEMENT: _fixed(2, Unit.WORKING_DAYS),
        Term.OBJECT_TO_MEDIATOR: _fixed(2, Unit.WORKING_DAYS),
        Term.GIVE_DRAW_NUMBER: _fixed(1, Unit.WORKING_DAYS),
        Term.DECIDE_OBJECTION: _fixed(2, Unit.WORKING_DAYS),
        Term.CONTACT_PARTIES: _fixed(2, Unit.WORKING_DAYS),
        Term.MEDIATION: _fixed(30),
        Term.MEDIATION_EXTENSION: _fixed(30),
        Term.PAUSE: Allowed(Period(60), least=1, most=60),
        Term.CERTIFICATE_OF_SETTLEMENT: _fixed(7, Unit.WORKING_DAYS),
        Term.APPLY_TO_COURT: _fixed(30),
    }
)

STALLED_ALERTS = (Period(2, Unit.WORKING_DAYS), Period(5), Period(7))


def period(term: Term, count: int | None = None) -> Period:
    """The named period, of its default count unless another is chosen; refuses a count outside the bounds."""
    allowed = PERIODS[term]
    if count is None:
        return allowed.default
    if not allowed.least <= count <= allowed.most:
        raise Refused("period:out-of-bounds", term=term, count=count, least=allowed.least, most=allowed.most)
    return Period(count, allowed.default.unit)


def deadline(at: datetime, period: Period, *, calendar: Calendar, zone: ZoneInfo, cutoff: time = CUT_OFF) -> Deadline:
    """The deadline of a period that an act at `at` (aware) starts, in the days of `zone`.

    An act at the cut-off itself is not after it. Refuses `calendar:out-of-range` when a day that decides lies
    outside the calendar. Source: product.md, "Deadlines", scenario F.
    """
    starts_on = _start_day(at, calendar=calendar, zone=zone, cutoff=cutoff)
    return _deadline_from(starts_on, period.count, period.unit, calendar=calendar, zone=zone)


def extended(previous: Deadline, period: Period, *, calendar: Calendar, zone: ZoneInfo) -> Deadline:
    """The deadline of one more period that runs on from the last day of the previous one."""
    return _deadline_from(previous.ends_on, period.count, period.unit, calendar=calendar, zone=zone)


def is_over(ends_at: datetime, at: datetime) -> bool:
    """Whether an act at `at` comes too late; at `ends_at` itself it does."""
    return at >= ends_at


def last_day(ends_at: datetime, zone: ZoneInfo) -> date:
    """The last day on which an act is in time, as people write it, for a stored `ends_at`."""
    return (ends_at - timedelta(microseconds=1)).astimezone(zone).date()


def days_left(ends_at: datetime, at: datetime, zone: ZoneInfo) -> int:
    """Calendar days from the local day of `at` to the last day: 0 on the last day, negative once over."""
    return (last_day(ends_at, zone) - _local(at, zone).date()).days


def reminder_days(ends_on: date, after: date) -> tuple[date, ...]:
    """The days on which a reminder is due, 5, 1 and 0 days before the end; only those after `after`."""
    days = (ends_on - timedelta(days=before) for before in REMINDER_DAYS)
    return tuple(day for day in days if day > after)


def remaining(
    ends_at: datetime,
    at: datetime,
    *,
    calendar: Calendar,
    zone: ZoneInfo,
    unit: Unit = Unit.DAYS,
    starts_on: date | None = None,
) -> int:
    """Whole days of `unit` that a clock stopped at `at` has left; its day, as a start day, is not counted.

    A clock stopped before it started (`starts_on`) has its whole period left. Refuses `deadline:over`.
    """
    if is_over(ends_at, at):
        raise Refused("deadline:over", ends_at=ends_at, at=at)
    ends_on = last_day(ends_at, zone)
    stopped_on = max(_local(at, zone).date(), starts_on or date.min)
    if unit is Unit.DAYS:
        return (ends_on - stopped_on).days
    days = (stopped_on + timedelta(days=n) for n in range(1, (ends_on - stopped_on).days + 1))
    return sum(calendar.is_working_day(day) for day in days)


def resumed(
    ends_at: datetime,
    *,
    paused_at: datetime,
    resumed_at: datetime,
    calendar: Calendar,
    zone: ZoneInfo,
    unit: Unit = Unit.DAYS,
    starts_on: date | None = None,
    cutoff: time = CUT_OFF,
) -> Deadline:
    """The deadline of a clock that stood still from `paused_at` to `resumed_at` and keeps its remaining days.

    Resuming is an act: the cut-off moves its start too. It never ends sooner than it would have unpaused.
    Refuses `deadline:over` when it was over before the pause.
    """
    if resumed_at < paused_at:
        raise ValueError("a clock is resumed after it was paused")
    left = remaining(ends_at, paused_at, calendar=calendar, zone=zone, unit=unit, starts_on=starts_on)
    start = _start_day(resumed_at, calendar=calendar, zone=zone, cutoff=cutoff)
    return _deadline_from(max(start, starts_on or start), left, unit, calendar=calendar, zone=zone)


def _start_day(at: datetime, *, calendar: Calendar, zone: ZoneInfo, cutoff: time) -> date:
    local = _local(at, zone)
    if local.time() > cutoff:
        return calendar.next_working_day(local.date())
    return calendar.working_day_from(local.date())


def _deadline_from(starts_on: date, count: int, unit: Unit, *, calendar: Calendar, zone: ZoneInfo) -> Deadline:
    ends_on = _last_working_day(starts_on, count, unit, calendar)
    # Where clocks skip midnight, this wall time names the first moment of the day after, as it should.
    midnight = datetime.combine(ends_on + _DAY, time(), tzinfo=zone)
    return Deadline(starts_on, ends_on, midnight.astimezone(UTC))


def _last_working_day(starts_on: date, count: int, unit: Unit, calendar: Calendar) -> date:
    if unit is Unit.DAYS:
        return calendar.working_day_from(starts_on + timedelta(days=count))
    ends_on = starts_on
    for _ in range(count):
        ends_on = calendar.next_working_day(ends_on)
    return calendar.working_day_from(ends_on)


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    if at.utcoffset() is None:
        raise ValueError("a moment is aware of its zone")
    return at.astimezone(zone)
