"""The plan search: nothing that somebody would want is lost, nothing that is beaten is kept, scenario A has its 26."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules.bargaining import (
    Basis,
    Candidate,
    Dropped,
    Easing,
    Grid,
    Limits,
    Name,
    Search,
    candidate,
    figures,
    search,
)
from mediation.rules.cost import Flow, present_value
from mediation.rules.frontier import undominated
from mediation.rules.money import HALF_UP, Rounding, RoundingRule
from mediation.rules.plans import (
    ClaimFigures,
    Disputed,
    Frequency,
    Grace,
    Schedule,
    Terms,
    Waivers,
    check_terms,
    schedule,
)

CLAIM = ClaimFigures(2, "CNY", 1695791, 1360639, 189597, 53027, 0)
DAY = date(2025, 10, 1)
BASIS = Basis(CLAIM, on=DAY, first_due_on=date(2025, 10, 31), discount_rate=Decimal("0.06"))
NO_INTEREST = (Decimal(0),)
GRID = Grid((Waivers(penalty=53027),), NO_INTEREST, (Easing(),), (0,), tuple(range(1, 61)))
CAP = 126_000
NO_PLAN = 1 + list(Dropped).index(Dropped.NO_PLAN)

Triple = tuple[int, int, int]


def kept(plans: list[Triple]) -> list[int]:
    columns = np.array(plans, np.int64).reshape(-1, 3).T
    return undominated(*columns).tolist()


def dominates(one: Triple, other: Triple) -> bool:
    no_worse = one[0] >= other[0] and one[1] <= other[1] and one[2] <= other[2]
    return no_worse and one != other


def kept_by_comparing_all(plans: list[Triple]) -> list[int]:
    return [
        place
        for place, plan in enumerate(plans)
        if plan not in plans[:place] and not any(dominates(other, plan) for other in plans)
    ]


TRIPLES = st.lists(st.tuples(*[st.integers(0, 6)] * 3) | st.tuples(*[st.integers(0, 10**13)] * 3), max_size=40)


@given(plans=TRIPLES)
def test_the_frontier_is_what_comparing_each_with_each_leaves(plans: list[Triple]) -> None:
    assert kept(plans) == kept_by_comparing_all(plans)


@given(plans=TRIPLES)
def test_what_is_left_out_is_beaten_by_or_equal_to_something_kept(plans: list[Triple]) -> None:
    stays = [plans[place] for place in kept(plans)]
    assert all(plan in stays or any(dominates(one, plan) for one in stays) for plan in plans)


@given(plans=TRIPLES, shuffled=st.randoms(use_true_random=False))
def test_the_order_of_the_plans_changes_nothing_but_which_equal_one_stays(plans: list[Triple], shuffled) -> None:  # type: ignore[no-untyped-def]
    other = list(plans)
    shuffled.shuffle(other)
    assert sorted(plans[place] for place in kept(plans)) == sorted(other[place] for place in kept(other))


def test_of_equal_plans_the_first_is_kept() -> None:
    assert kept([(5, 9, 9), (5, 3, 8), (5, 3, 8), (4, 3, 8)]) == [1]


def test_each_measure_alone_keeps_a_plan() -> None:
    assert kept([(9, 5, 5), (5, 1, 5), (5, 5, 1), (5, 5, 5)]) == [0, 1, 2]


def test_plans_none_of_which_beats_another_all_stay() -> None:
    assert kept([(7, place, 1000 - place) for place in range(1000)]) == list(range(1000))


def test_figures_of_unlike_length_are_no_plans() -> None:
    with pytest.raises(ValueError, match="one figure of each plan"):
        undominated(np.zeros(2, np.int64), np.zeros(2, np.int64), np.zeros(3, np.int64))


def named(found: Search) -> dict[Name, Candidate]:
    return dict(found.named)


def dropped(found: Search) -> dict[Dropped, int]:
    return {why: count for why, count in found.dropped if count}


def amounts(terms: Terms) -> list[int]:
    return [row.amount for row in schedule(terms, rounding=HALF_UP).instalments]


def test_scenario_a_has_twenty_six_as_its_smallest_term_within_the_cap() -> None:
    found = search(BASIS, GRID, Limits(CAP))
    assert found.fewest_instalments == (26,)
    assert dropped(found) == {Dropped.CAP: 25}


def test_scenario_a_is_soonest_finished_with_the_mediators_proposal() -> None:
    soonest = named(search(BASIS, GRID, Limits(CAP)))[Name.SOONEST_FINISHED]
    assert soonest.terms.agreed_total == 3246027
    assert amounts(soonest.terms) == [124847] * 25 + [124852]
    assert (soonest.monthly, soonest.total, soonest.last_due_on) == (124852, 3246027, date(2027, 11, 30))


def test_the_lenders_twenty_four_are_over_the_cap_of_scenario_a() -> None:
    found = figures(BASIS, GRID, Limits(CAP))
    assert (found.monthly[23], found.monthly[23] - CAP) == (135254, 9254)
    assert list(Dropped)[found.dropped[23] - 1] is Dropped.CAP


@pytest.mark.parametrize(("cap", "fewest"), [(124852, 26), (124851, 27), (54127, 60), (54126, None)])
def test_the_last_instalment_keeps_to_the_cap_too_and_exactly_the_cap_is_allowed(cap: int, fewest: int) -> None:
    assert search(BASIS, GRID, Limits(cap)).fewest_instalments == (fewest,)


def test_a_first_instalment_that_carries_the_interest_of_a_grace_keeps_to_the_cap_too() -> None:
    grid = replace(GRID, yearly_rates=(Decimal("0.12"),), easings=(Easing(Grace.FULL, 6),), instalments=(60,))
    terms = candidate(BASIS, grid, figures(BASIS, grid, Limits(CAP)), 0).terms
    first, second = amounts(terms)[:2]
    assert (first, second) == (72206 + 194762, 72206)
    assert dropped(search(BASIS, grid, Limits(first - 1))) == {Dropped.CAP: 1}
    assert dropped(search(BASIS, grid, Limits(first))) == {}


def test_weekly_instalments_are_held_to_the_cap_by_what_they_come_to_in_a_month() -> None:
    basis = replace(BASIS, frequency=Frequency.WEEKLY)
    grid = replace(GRID, instalments=tuple(range(100, 140)))
    found = search(basis, grid, Limits(CAP))
    # 1,260.00 × 12/52 is 290.76 a week; of 112 the last is 290.25, of 111 it is 292.97.
    assert found.fewest_instalments == (112,)
    assert named(found)[Name.SOONEST_FINISHED].monthly == 125775


def test_a_down_payment_is_outside_the_cap_and_within_the_savings() -> None:
    grid = replace(GRID, down_payments=(0, 200_000, 200_001))
    found = search(BASIS, grid, Limits(CAP, savings=200_000))
    assert found.fewest_instalments == (25,)
    assert dropped(found)[Dropped.SAVINGS] == 60
    assert amounts(named(found)[Name.SOONEST_FINISHED].terms) == [200_000] + [121841] * 24 + [121843]


def test_a_rate_at_the_ceiling_is_possible_and_one_above_is_not() -> None:
    grid = replace(GRID, yearly_rates=(Decimal("0.24"), Decimal("0.240001")), instalments=(60,))
    found = search(BASIS, grid, Limits(CAP, rate_ceiling=Decimal("0.24")))
    assert (found.kept.tolist(), dropped(found)) == ([0], {Dropped.RATE: 1})


def test_no_plan_has_more_instalments_or_a_later_last_day_than_allowed() -> None:
    found = search(BASIS, GRID, Limits(CAP, most_instalments=30, last_due_by=date(2028, 1, 31)))
    assert [place + 1 for place in found.kept.tolist()] == [26, 27, 28]
    assert dropped(found) == {Dropped.TOO_LONG: 32, Dropped.CAP: 25}


def test_a_case_in_which_no_plan_is_possible_names_none() -> None:
    found = search(BASIS, GRID, Limits(cap=0))
    assert (found.kept.tolist(), found.named, found.fewest_instalments) == ([], (), (None,))


def test_each_waiver_has_its_own_smallest_term() -> None:
    grid = replace(GRID, waivers=(Waivers(), Waivers(penalty=53027), Waivers(interest=189597, penalty=53027)))
    assert search(BASIS, grid, Limits(CAP)).fewest_instalments == (27, 26, 25)


def test_the_disputed_part_is_left_out_of_every_plan() -> None:
    basis = replace(BASIS, disputed=Disputed(principal=1_000_000))
    found = search(basis, GRID, Limits(CAP))
    assert named(found)[Name.LOWEST_TOTAL].total == 2246027
    assert found.fewest_instalments == (18,)


def test_a_plan_that_no_schedule_has_is_not_possible() -> None:
    grid = replace(GRID, easings=(Easing(Grace.INTEREST_ONLY, 3),), instalments=(30, 40))
    assert dropped(search(BASIS, grid, Limits(CAP))) == {Dropped.NO_PLAN: 2}


def test_half_a_cent_of_present_value_is_rounded_up() -> None:
    basis = replace(BASIS, first_due_on=date(2026, 10, 1), discount_rate=Decimal(1))
    assert figures(basis, replace(GRID, instalments=(1,)), Limits(CAP)).present_value.tolist() == [1623014]


def test_amounts_that_no_float_holds_to_the_cent_are_valued_to_the_cent() -> None:
    claim = ClaimFigures(2, "CNY", 1695791999999, 1360639777777, 189597555555, 53027333333, 0)
    basis = replace(BASIS, claim=claim)
    easings = (Easing(), Easing(Grace.INTEREST_ONLY, 1), Easing(Grace.FULL, 3))
    grid = Grid((Waivers(),), (Decimal("0.12"),), easings, (0, 98765432109), (1, 2, 7, 26))
    found = figures(basis, grid, Limits(CAP))
    values = [
        valued(basis, plan)
        for place in range(grid.size)
        if (plan := planned(basis, candidate(basis, grid, found, place).terms))
    ]
    assert len(values) == 22
    assert [value for value in found.present_value.tolist() if value] == values


@pytest.mark.parametrize(
    ("basis", "grid", "key", "field"),
    [
        ({}, {"waivers": ()}, "search:nothing-to-try", "waivers"),
        ({}, {"instalments": ()}, "search:nothing-to-try", "instalments"),
        ({}, {"down_payments": tuple(range(9000))}, "search:too-many-plans", "instalments"),
        ({"discount_rate": Decimal(0)}, {}, "search:discount-rate-not-positive", "discount_rate"),
        ({"discount_rate": Decimal("NaN")}, {}, "search:discount-rate-not-positive", "discount_rate"),
        ({}, {"waivers": (Waivers(), Waivers(penalty=53028))}, "plan:waiver-out-of-range", "waived_penalty"),
        ({}, {"yearly_rates": (Decimal(2),)}, "plan:rate-out-of-range", "yearly_rate"),
        ({}, {"yearly_rates": (Decimal("0.0000001"),)}, "plan:rate-too-fine", "yearly_rate"),
        ({}, {"easings": (Easing(Grace.FULL, 61),)}, "plan:grace-periods-out-of-range", "grace_periods"),
        ({}, {"instalments": (12, 601)}, "plan:instalments-out-of-range", "instalments"),
        ({}, {"instalments": (0,)}, "plan:instalments-out-of-range", "instalments"),
        ({}, {"down_payments": (-1,)}, "plan:down-payment-out-of-range", "down_payment"),
        ({"first_due_on": DAY}, {"down_payments": (1,)}, "plan:down-payment-too-late", "down_payment_on"),
        ({"first_due_on": date(2025, 9, 30)}, {}, "plan:first-date-too-early", "first_due_on"),
        (
            {"first_due_on": date(2035, 9, 30)},
            {"easings": (Easing(), Easing(Grace.FULL, 1))},
            "plan:first-date-too-late",
            "first_due_on",
        ),
    ],
)
def test_a_search_that_makes_no_sense_is_refused_at_its_own_field(
    basis: dict[str, object], grid: dict[str, object], key: str, field: str
) -> None:
    with pytest.raises(Refused) as no:
        search(replace(BASIS, **basis), replace(GRID, **grid), Limits(CAP))
    assert (no.value.key, no.value.field) == (key, field)


def few(values: st.SearchStrategy[object], most: int) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(values, min_size=1, max_size=most).map(tuple)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Basis, Grid, Limits]:
    # Of the larger amounts no float tells the minor units.
    most = draw(st.sampled_from([10**6, 10**6, 10**12]))
    claim = ClaimFigures(1, "CNY", *(draw(st.integers(1, most)) for _ in range(5)))
    amounts = [claim.principal, claim.interest, claim.penalty, claim.fees]
    waivers = st.builds(Waivers, *(st.integers(0, amount - 1) for amount in amounts))
    easings = st.builds(Easing, st.sampled_from([Grace.INTEREST_ONLY, Grace.FULL]), st.integers(1, 4))
    rates = st.sampled_from([Decimal(0), Decimal("0.000001"), Decimal("0.06"), Decimal("0.24"), Decimal(1)])
    basis = Basis(
        claim,
        on=draw(st.dates(date(2024, 1, 1), date(2026, 12, 31))),
        first_due_on=date(2027, 1, 31),
        discount_rate=draw(st.sampled_from([Decimal("0.01"), Decimal("0.155"), Decimal(1)])),
        frequency=draw(st.sampled_from(Frequency)),
        rounding=RoundingRule(draw(st.sampled_from(Rounding)), draw(st.sampled_from([1, 10]))),
    )
    grid = Grid(
        draw(few(waivers, 2)),
        draw(few(rates, 2)),
        draw(few(st.just(Easing()) | easings, 2)),
        draw(few(st.integers(0, most), 2)),
        draw(few(st.integers(1, 12), 3)),
    )
    cap, savings = draw(st.integers(most // 100, most)), draw(st.integers(0, most))
    return basis, grid, Limits(cap, savings, draw(st.none() | rates))


def planned(basis: Basis, terms: Terms) -> Schedule | None:
    try:
        return check_terms(terms, basis.claim, not_before=basis.on, rounding=basis.rounding)
    except Refused:
        return None


def valued(basis: Basis, plan: Schedule) -> int:
    payments = [Flow(row.due_on, row.amount) for row in plan.instalments]
    return present_value(payments, basis.discount_rate, on=basis.on)


def weighed(basis: Basis, limits: Limits, terms: Terms) -> Triple | None:
    """What a plan is to the lender and to the borrower, from its own schedule; None where it cannot be."""
    plan = planned(basis, terms)
    if plan is None or (limits.rate_ceiling is not None and terms.yearly_rate > limits.rate_ceiling):
        return None
    largest = max(row.amount for row in plan.instalments[bool(terms.down_payment) :])
    periods = terms.frequency.periods_in_a_year
    if terms.down_payment > limits.savings or largest * periods > limits.cap * 12:
        return None
    return valued(basis, plan), -(-largest * periods // 12), plan.total


@given(case=cases())
def test_the_search_keeps_what_comparing_every_schedule_with_every_other_keeps(
    case: tuple[Basis, Grid, Limits],
) -> None:
    basis, grid, limits = case
    found = search(basis, grid, limits)
    all_terms = [candidate(basis, grid, found.figures, place).terms for place in range(grid.size)]
    plans = [(place, plan) for place, terms in enumerate(all_terms) if (plan := weighed(basis, limits, terms))]
    assert [place for place, _ in plans] == found.figures.possible.tolist()
    assert found.kept.tolist() == [plans[at][0] for at in kept_by_comparing_all([plan for _, plan in plans])]


@given(case=cases())
def test_the_figures_of_every_candidate_are_those_of_its_schedule(case: tuple[Basis, Grid, Limits]) -> None:
    basis, grid, limits = case
    found = figures(basis, grid, limits)
    for place in range(grid.size):
        one = candidate(basis, grid, found, place)
        plan = planned(basis, one.terms)
        assert (plan is None) == (
            list(Dropped)[found.dropped[place] - 1] is Dropped.NO_PLAN and found.dropped[place] > 0
        )
        if plan is not None:
            assert (one.total, one.present_value) == (plan.total, valued(basis, plan))
            assert one.last_due_on == plan.instalments[-1].due_on


@given(case=cases())
def test_the_named_plans_are_kept_and_are_what_they_are_called(case: tuple[Basis, Grid, Limits]) -> None:
    found = search(*case)
    at = found.figures.possible
    assert bool(found.named) == bool(at.size)
    assert {one.place for _, one in found.named} <= set(found.kept.tolist())
    for name, one in found.named:
        if name is Name.LOWEST_MONTHLY:
            assert one.monthly == found.figures.monthly[at].min()
        if name is Name.LOWEST_TOTAL:
            assert one.total == found.figures.total[at].min()
        if name is Name.SOONEST_FINISHED:
            assert one.last_due_on.toordinal() == found.figures.last_due_on[found.kept].min()
