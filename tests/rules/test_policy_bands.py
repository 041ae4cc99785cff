"""A plan is judged by the band of its loan's age, share by share, to the minor unit and to the day."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules.loans import ClaimFigures
from mediation.rules.plan_kinds import COMPONENTS, Disputed, Terms, Waivers
from mediation.rules.policy_bands import (
    Band,
    Breach,
    Limit,
    Shares,
    band_for,
    bands_document,
    bands_from,
    breaches,
    check_bands,
    days_overdue,
    months_of,
    outside,
)
from mediation.rules.repayment import Frequency

ON = date(2025, 9, 24)
# Scenario A's claim: 32,990.54 in all.
CLAIM = ClaimFigures(1, "CNY", 1_695_791, 1_360_639, 189_597, 53_027, 0)
BAND = Band(
    from_days=0,
    most_months=24,
    most_waived=Shares(principal=Decimal("0.05"), interest=Decimal("0.5"), penalty=Decimal(1)),
    least_recovery=Decimal("0.9"),
)
SHARES = st.decimals(0, 1, places=4)


def terms(instalments: int = 12, *, waived: Waivers | None = None, disputed: Disputed | None = None,
          first: date = date(2025, 10, 24), often: Frequency = Frequency.MONTHLY) -> Terms:  # fmt: skip
    waived, disputed = waived or Waivers(), disputed or Disputed()
    left = CLAIM.total - waived.total - disputed.total
    return Terms(1, "CNY", left, waived, instalments, often, first, disputed=disputed)


def found(plan: Terms, **other: object) -> tuple[Breach, ...]:
    return breaches(plan, CLAIM, replace(BAND, **other), on=ON)


def key_of(bands: list[Band]) -> tuple[str, str | None]:
    with pytest.raises(Refused) as no:
        check_bands(bands)
    return no.value.key, no.value.field


# --- months ---


@pytest.mark.parametrize(
    ("first", "instalments", "often", "months"),
    [
        (date(2025, 9, 24), 1, Frequency.MONTHLY, 0),
        (date(2025, 9, 25), 1, Frequency.MONTHLY, 1),
        (date(2025, 10, 24), 24, Frequency.MONTHLY, 24),
        (date(2025, 10, 25), 24, Frequency.MONTHLY, 25),
        (date(2025, 10, 1), 24, Frequency.MONTHLY, 24),
        (date(2025, 10, 1), 52, Frequency.WEEKLY, 12),
        (date(2026, 9, 24), 1, Frequency.MONTHLY, 12),
    ],
)
def test_months_run_from_the_day_itself_to_the_last_payment(
    first: date, instalments: int, often: Frequency, months: int
) -> None:
    assert months_of(terms(instalments, first=first, often=often), ON) == months


@pytest.mark.parametrize(
    ("on", "last", "months"),
    [
        (date(2025, 1, 31), date(2025, 2, 28), 1),
        (date(2025, 1, 31), date(2025, 3, 31), 2),
        (date(2025, 1, 30), date(2025, 3, 31), 3),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
    ],
)
def test_a_month_without_that_day_ends_on_its_last(on: date, last: date, months: int) -> None:
    assert months_of(terms(1, first=last), on) == months


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(0, 3000))
def test_a_later_last_payment_never_takes_fewer_months(on: date, days: int) -> None:
    last = on + timedelta(days=days)
    later = months_of(terms(1, first=last + timedelta(days=1)), on)
    assert 0 <= later - months_of(terms(1, first=last), on) <= 1


# --- what lies outside ---


def test_a_plan_on_every_limit_lies_inside() -> None:
    # 5 % of 30,564.30 is 1,528.215 and half of 1,895.97 is 947.985; the least, 90 % of 32,990.54, is 29,691.486.
    on_limits = Waivers(principal=152_821, interest=94_798, penalty=53_027)
    assert found(terms(24, waived=on_limits)) == ()


@pytest.mark.parametrize(
    ("waived", "breach"),
    [
        (Waivers(principal=152_822), Breach(Limit.WAIVED_PRINCIPAL, 152_822, 152_821)),
        (Waivers(interest=94_799), Breach(Limit.WAIVED_INTEREST, 94_799, 94_798)),
    ],
)
def test_one_cent_more_than_a_share_lies_outside(waived: Waivers, breach: Breach) -> None:
    assert found(terms(waived=waived)) == (breach,)


def test_what_may_not_be_given_up_at_all_may_not_be_given_up_by_a_cent() -> None:
    assert found(terms(waived=Waivers(penalty=1)), most_waived=Shares()) == (Breach(Limit.WAIVED_PENALTY, 1, 0),)


def test_one_month_more_lies_outside() -> None:
    assert found(terms(25)) == (Breach(Limit.MONTHS, 25, 24),)


@pytest.mark.parametrize(("left", "outside_by"), [(2_969_149, 0), (2_969_148, 1)])
def test_the_least_recovery_is_told_by_the_cent_that_still_keeps_it(left: int, outside_by: int) -> None:
    plan = terms(waived=Waivers(principal=CLAIM.total - left))
    breach = Breach(Limit.RECOVERY, left, 2_969_149)
    assert found(plan, most_waived=Shares(principal=Decimal(1))) == ((breach,) if outside_by else ())


def test_what_a_plan_leaves_open_is_not_recovered_by_it() -> None:
    plan = terms(disputed=Disputed(principal=400_000))
    assert [one.limit for one in found(plan)] == [Limit.RECOVERY]


def test_every_limit_that_is_not_kept_is_named() -> None:
    plan = terms(60, waived=Waivers(principal=1_000_000, interest=189_597))
    assert [one.limit for one in found(plan)] == [
        Limit.MONTHS, Limit.WAIVED_PRINCIPAL, Limit.WAIVED_INTEREST, Limit.RECOVERY,
    ]  # fmt: skip


@given(st.integers(0, CLAIM.interest), SHARES)
def test_a_waiver_is_judged_exactly_and_its_limit_still_keeps_it(waived: int, share: Decimal) -> None:
    band = replace(BAND, most_waived=replace(BAND.most_waived, interest=share), least_recovery=Decimal(0))
    said = breaches(terms(waived=Waivers(interest=waived)), CLAIM, band, on=ON)
    assert bool(said) == (waived > Fraction(share) * CLAIM.interest)
    for one in said:
        assert one.allowed <= Fraction(share) * CLAIM.interest < one.allowed + 1


@given(st.integers(0, CLAIM.total - 1), SHARES)
def test_the_least_recovery_is_judged_exactly_and_told_rounded_up(given_up: int, share: Decimal) -> None:
    band = replace(BAND, least_recovery=share, most_waived=Shares(principal=Decimal(1)))
    plan = replace(terms(), agreed_total=CLAIM.total - given_up)
    said = [one for one in breaches(plan, CLAIM, band, on=ON) if one.limit is Limit.RECOVERY]
    assert bool(said) == (CLAIM.total - given_up < Fraction(share) * CLAIM.total)
    for one in said:
        assert one.allowed - 1 < Fraction(share) * CLAIM.total <= one.allowed


# --- which band ---


def test_the_band_is_the_last_that_has_begun() -> None:
    bands = [replace(BAND, from_days=days) for days in (0, 90, 180)]
    chosen = [band_for(bands, days) for days in (0, 89, 90, 179, 180, 9_999)]
    assert [band.from_days for band in chosen if band] == [0, 0, 90, 90, 180, 180]


def test_without_bands_nothing_is_limited() -> None:
    assert outside(terms(600), CLAIM, (), None, on=ON) == ()


def test_where_nobody_knows_since_when_no_band_is_known_to_fit() -> None:
    assert outside(terms(), CLAIM, (BAND,), None, on=ON) == (Breach(Limit.UNKNOWN_AGE, 0, 0),)


def test_an_older_loan_has_the_wider_band() -> None:
    bands = (BAND, replace(BAND, from_days=90, most_months=36))
    assert [bool(outside(terms(30), CLAIM, bands, days, on=ON)) for days in (89, 90)] == [True, False]


def test_a_day_counts_once_it_has_passed() -> None:
    assert days_overdue(date(2025, 6, 15), ON) == 101
    assert days_overdue(date(2025, 12, 1), ON) == 0
    assert days_overdue(None, ON) is None


# --- bands that cannot be kept ---


def test_the_first_band_leaves_no_day_out() -> None:
    assert key_of([replace(BAND, from_days=1)]) == ("bands:first-not-zero", "from_days_1")


@pytest.mark.parametrize("days", [30, 29])
def test_a_band_begins_after_the_one_before_it(days: int) -> None:
    bands = [BAND, replace(BAND, from_days=30), replace(BAND, from_days=days)]
    assert key_of(bands) == ("bands:not-ascending", "from_days_3")


@pytest.mark.parametrize("days", [-1, 36_501])
def test_days_stay_within_a_life(days: int) -> None:
    assert key_of([BAND, replace(BAND, from_days=days)]) == ("bands:days-out-of-range", "from_days_2")


@pytest.mark.parametrize("months", [0, 601])
def test_months_stay_within_the_longest_plan(months: int) -> None:
    assert key_of([replace(BAND, most_months=months)]) == ("bands:months-out-of-range", "most_months_1")


@pytest.mark.parametrize("share", ["-0.01", "1.01", "NaN"])
def test_a_share_lies_between_nothing_and_all(share: str) -> None:
    assert key_of([replace(BAND, least_recovery=Decimal(share))]) == ("bands:share-out-of-range", "least_recovery_1")


def test_a_share_has_at_most_two_decimals_of_a_per_cent() -> None:
    too_fine = replace(BAND, most_waived=Shares(fees=Decimal("0.12345")))
    assert key_of([too_fine]) == ("bands:share-too-fine", "waived_fees_1")


def test_six_bands_and_no_more() -> None:
    bands = [replace(BAND, from_days=days) for days in range(7)]
    check_bands(bands[:6])
    assert key_of(bands) == ("bands:too-many", None)


@given(
    st.lists(
        st.builds(
            Band,
            from_days=st.integers(0, 36_500),
            most_months=st.integers(1, 600),
            most_waived=st.builds(Shares, **dict.fromkeys(COMPONENTS, SHARES)),
            least_recovery=SHARES,
        ),
        max_size=6,
    )
)
def test_bands_are_read_back_as_they_were_written(bands: list[Band]) -> None:
    assert bands_from(bands_document(bands)) == tuple(bands)
