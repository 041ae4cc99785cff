"""Two histories of payments are matched to the cent, in any order, and silence is never taken for consent."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules import ledger
from mediation.rules.ledger import Likeness, Matching, Payment, Shares, Standing, Verdict
from mediation.rules.negotiation import Side
from mediation.rules.plan_kinds import Disputed

FIRST = date(2025, 2, 15)
INSTALMENT = 471_347  # scenario A


def paid(key: str, day: int = 0, amount: int = INSTALMENT) -> Payment:
    return Payment(key, FIRST + timedelta(days=day), amount)


def keys(found: Matching) -> dict[str, list[str]]:
    """The keys of each part, the pairs as own-other."""
    return {
        **{
            name: [f"{pair.own.key}-{pair.other.key}" for pair in getattr(found, name)]
            for name in ("same", "days_differ", "suggestions")
        },
        **{name: [row.key for row in getattr(found, name)] for name in ("own_only", "other_only")},
    }


def histories(*, smallest: int = 0) -> st.SearchStrategy[tuple[list[Payment], list[Payment]]]:
    """Two histories whose days and amounts often meet, as those of a loan do."""
    rows = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), min_size=smallest, max_size=12)
    return st.tuples(rows, rows).map(
        lambda both: tuple(
            [paid(f"{side}{place:02}", day, amount * 100) for place, (day, amount) in enumerate(rows)]
            for side, rows in zip("bl", both, strict=True)
        )
    )  # type: ignore[return-value]


# --- matching -------------------------------------------------------------------------------------------------


def test_the_five_payments_of_scenario_a_match_on_both_sides() -> None:
    days = [date(2025, month, 15) for month in range(1, 6)]
    own = [Payment(f"b{on.month}", on, INSTALMENT) for on in days]
    other = [Payment(f"l{on.month}", on, INSTALMENT) for on in days]
    found = ledger.match(own, other[::-1])
    assert keys(found)["same"] == ["b1-l1", "b2-l2", "b3-l3", "b4-l4", "b5-l5"]
    assert (found.days_differ, found.own_only, found.other_only, found.suggestions) == ((), (), (), ())


def test_the_same_day_goes_before_a_near_one() -> None:
    found = ledger.match([paid("b", 1)], [paid("near", 0), paid("same", 1)])
    assert (keys(found)["same"], keys(found)["other_only"]) == (["b-same"], ["near"])


def test_the_nearest_day_is_taken_first() -> None:
    found = ledger.match([paid("early", 0), paid("late", 3)], [paid("l", 2)])
    assert (keys(found)["days_differ"], keys(found)["own_only"]) == (["late-l"], ["early"])


def test_of_two_days_equally_near_the_earlier_is_taken() -> None:
    found = ledger.match([paid("b", 2)], [paid("after", 4), paid("before", 0)])
    assert (keys(found)["days_differ"], keys(found)["other_only"]) == (["b-before"], ["after"])


def test_rows_further_apart_than_the_tolerance_stay_alone() -> None:
    assert keys(ledger.match([paid("b")], [paid("l", 4)]))["days_differ"] == []
    assert keys(ledger.match([paid("b")], [paid("l", 3)]))["days_differ"] == ["b-l"]
    assert keys(ledger.match([paid("b")], [paid("l", 4)], tolerance_days=4))["days_differ"] == ["b-l"]


def test_a_pair_taken_from_between_leaves_its_neighbours_to_each_other() -> None:
    found = ledger.match([paid("b1", 0), paid("b3", 2)], [paid("l2", 1), paid("l4", 3)])
    assert keys(found)["days_differ"] == ["b1-l2", "b3-l4"]
    assert keys(ledger.match([paid("b", 0), paid("b2", 5)], [paid("l", 4), paid("l2", 8)], tolerance_days=8))[
        "days_differ"
    ] == ["b-l2", "b2-l"]


def test_another_amount_on_the_same_day_is_a_suggestion_and_no_match() -> None:
    found = ledger.match([paid("b", 0, 50_000)], [paid("l", 0, 60_000)])
    assert keys(found) == {
        "same": [], "days_differ": [], "suggestions": ["b-l"], "own_only": ["b"], "other_only": ["l"]
    }  # fmt: skip


def test_another_amount_on_another_day_is_not_even_a_suggestion() -> None:
    assert ledger.match([paid("b", 0, 50_000)], [paid("l", 1, 50_001)]).suggestions == ()


def test_of_several_amounts_on_a_day_the_closest_are_suggested() -> None:
    found = ledger.match([paid("b", 0, 500)], [paid("l1", 0, 100), paid("l2", 0, 501), paid("l3", 0, 900)])
    assert keys(found)["suggestions"] == ["b-l2"]


def test_two_equal_payments_on_a_day_match_two_and_leave_the_third() -> None:
    found = ledger.match([paid("b1"), paid("b2"), paid("b3")], [paid("l1"), paid("l2")])
    assert (keys(found)["same"], keys(found)["own_only"]) == (["b1-l1", "b2-l2"], ["b3"])


def test_a_row_added_later_leaves_the_exact_pairs_as_they_were() -> None:
    before = ledger.match([paid("01"), paid("03")], [paid("02"), paid("04")]).same
    after = ledger.match([paid("01"), paid("03"), paid("05")], [paid("02"), paid("04"), paid("06")]).same
    assert after[:2] == before


def test_a_row_that_stands_twice_is_refused() -> None:
    for own, other in (([paid("x"), paid("x", 1)], []), ([paid("x")], [paid("x", 1)])):
        with pytest.raises(Refused, match="ledger:row-twice"):
            ledger.match(own, other)


@given(histories())
def test_no_row_is_used_twice_and_none_is_lost(both: tuple[list[Payment], list[Payment]]) -> None:
    found = ledger.match(*both)
    for rows, name, left in ((both[0], "own", found.own_only), (both[1], "other", found.other_only)):
        used = [getattr(pair, name).key for pair in (*found.same, *found.days_differ)] + [row.key for row in left]
        assert sorted(used) == sorted(row.key for row in rows)
    suggested = [row.key for pair in found.suggestions for row in (pair.own, pair.other)]
    assert len(set(suggested)) == len(suggested)
    assert set(suggested) <= {row.key for row in (*found.own_only, *found.other_only)}


@given(histories())
def test_every_pair_is_what_its_part_says(both: tuple[list[Payment], list[Payment]]) -> None:
    found = ledger.match(*both)
    assert all((pair.own.on, pair.own.amount) == (pair.other.on, pair.other.amount) for pair in found.same)
    for pair in found.days_differ:
        assert pair.own.amount == pair.other.amount
        assert 0 < abs((pair.own.on - pair.other.on).days) <= ledger.TOLERANCE_DAYS
    for pair in found.suggestions:
        assert pair.own.on == pair.other.on
        assert pair.own.amount != pair.other.amount


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(both: tuple[list[Payment], list[Payment]], order) -> None:  # type: ignore[no-untyped-def]
    shuffled = tuple(order.sample(rows, len(rows)) for rows in both)
    assert ledger.match(*shuffled) == ledger.match(*both)


@given(histories())
def test_the_other_side_finds_the_same_pairs(both: tuple[list[Payment], list[Payment]]) -> None:
    own, other = ledger.match(*both), ledger.match(both[1], both[0])
    assert [(pair.own, pair.other) for pair in own.same + own.days_differ + own.suggestions] == [
        (pair.other, pair.own) for pair in other.same + other.days_differ + other.suggestions
    ]
    assert (own.own_only, own.other_only) == (other.other_only, other.own_only)


@given(histories())
def test_nothing_that_could_match_is_left_on_both_sides(both: tuple[list[Payment], list[Payment]]) -> None:
    found = ledger.match(*both)
    for own in found.own_only:
        for other in found.other_only:
            near = abs((own.on - other.on).days) <= ledger.TOLERANCE_DAYS
            assert not (own.amount == other.amount and near), (own, other)


@given(histories(smallest=1))
def test_the_nearest_of_all_is_always_taken(both: tuple[list[Payment], list[Payment]]) -> None:
    """Nobody could do better together than both do alone: the pairs by amount are stable."""
    found = ledger.match(*both)
    gap = {
        row.key: abs((pair.own.on - pair.other.on).days)
        for pair in (*found.same, *found.days_differ)
        for row in (pair.own, pair.other)
    }
    for own in both[0]:
        for other in both[1]:
            apart = abs((own.on - other.on).days)
            if own.amount == other.amount and apart <= ledger.TOLERANCE_DAYS:
                assert apart >= min(gap.get(own.key, 99), gap.get(other.key, 99))


# --- standing -------------------------------------------------------------------------------------------------


def one_line(borrower: list[Payment], lender: list[Payment], **verdicts: Verdict) -> ledger.Line:
    found = ledger.reconcile(borrower, lender, verdicts).lines
    assert len(found) == 1
    return found[0]


def test_what_each_side_stated_alike_is_confirmed_by_both() -> None:
    line = one_line([paid("b")], [paid("l")])
    assert (line.standing, line.likeness, line.counts) == (Standing.CONFIRMED, Likeness.SAME, paid("b"))


@pytest.mark.parametrize("verdicts", [{}, {"l": Verdict.UNKNOWN}])
def test_silence_and_not_knowing_are_no_consent(verdicts: dict[str, Verdict]) -> None:
    line = one_line([], [paid("l")], **verdicts)
    assert (line.standing, line.counts) == (Standing.OPEN, None)


def test_a_row_to_which_the_other_side_agreed_is_confirmed() -> None:
    line = one_line([], [paid("l")], l=Verdict.AGREED)
    assert (line.standing, line.counts) == (Standing.CONFIRMED, paid("l"))


def test_days_that_differ_stay_open_until_one_side_agrees_to_the_others() -> None:
    assert one_line([paid("b", 0)], [paid("l", 2)]).standing is Standing.OPEN
    agreed = one_line([paid("b", 0)], [paid("l", 2)], l=Verdict.AGREED)
    assert (agreed.standing, agreed.counts) == (Standing.CONFIRMED, paid("l", 2))


def test_where_each_agreed_to_the_others_day_the_earlier_counts() -> None:
    line = one_line([paid("b", 2)], [paid("l", 0)], b=Verdict.AGREED, l=Verdict.AGREED)
    assert line.counts == paid("l", 0)


@pytest.mark.parametrize("day", [0, 2])
def test_a_dispute_outweighs_that_the_rows_are_alike(day: int) -> None:
    line = one_line([paid("b")], [paid("l", day)], l=Verdict.DISPUTED, b=Verdict.AGREED)
    assert (line.standing, line.counts) == (Standing.DISPUTED, None)


def test_lines_stand_in_the_order_of_days() -> None:
    found = ledger.reconcile([paid("b", 9), paid("c", 0)], [paid("l", 5, 100)], {})
    assert [line.first.key for line in found.lines] == ["c", "l", "b"]


@given(histories(), st.data())
def test_the_sums_add_up_to_the_cent(both: tuple[list[Payment], list[Payment]], data: st.DataObject) -> None:
    rows = [row.key for side in both for row in side]
    said = data.draw(st.dictionaries(st.sampled_from(rows), st.sampled_from(Verdict))) if rows else {}
    found = ledger.reconcile(*both, said)
    stated = [sum(row.amount for row in rows) for rows in both]
    assert [found.stated_by(Side.BORROWER), found.stated_by(Side.LENDER)] == stated
    twice = sum(line.amount for line in found.lines if line.borrower and line.lender)
    assert sum(found.total(standing) for standing in Standing) == sum(stated) - twice


@given(histories(), st.data())
def test_only_what_both_said_is_confirmed(both: tuple[list[Payment], list[Payment]], data: st.DataObject) -> None:
    rows = [row.key for side in both for row in side]
    said = data.draw(st.dictionaries(st.sampled_from(rows), st.sampled_from(Verdict))) if rows else {}
    for line in ledger.reconcile(*both, said).lines:
        if line.standing is Standing.CONFIRMED:
            both_stated = line.borrower and line.lender and line.borrower.on == line.lender.on
            assert both_stated or (line.counts and said.get(line.counts.key) is Verdict.AGREED)
            assert not any(said.get(row.key) is Verdict.DISPUTED for row in (line.borrower, line.lender) if row)


# --- what is paid and when ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "amount", "key", "field"),
    [
        (FIRST, 0, "ledger:amount-not-positive", "amount"),
        (FIRST, -1, "ledger:amount-not-positive", "amount"),
        (FIRST, 10**13 + 1, "money:too-large", "amount"),
        (date(2025, 9, 25), 1, "ledger:day-in-future", "paid_on"),
        (date(1979, 12, 31), 1, "ledger:day-too-early", "paid_on"),
    ],
)
def test_a_payment_that_cannot_have_been_is_refused(on: date, amount: int, key: str, field: str) -> None:
    with pytest.raises(Refused, match=key) as no:
        ledger.check_payment(on, amount, today=date(2025, 9, 24), currency="CNY")
    assert no.value.field == field


def test_a_payment_of_today_and_of_one_cent_is_taken() -> None:
    assert ledger.check_payment(FIRST, 1, today=FIRST, currency="CNY") is None


# --- the claim ------------------------------------------------------------------------------------------------


def test_a_component_that_nobody_spoke_of_is_open() -> None:
    for verdict in (None, Verdict.UNKNOWN):
        assert (ledger.shares(189_597, verdict), ledger.shares(189_597, verdict).open) == (Shares(189_597), 189_597)


def test_an_agreed_component_is_agreed_whole_and_a_disputed_one_as_far_as_was_said() -> None:
    assert ledger.shares(189_597, Verdict.AGREED) == Shares(189_597, agreed=189_597)
    assert ledger.shares(189_597, Verdict.DISPUTED) == Shares(189_597, disputed=189_597)
    part = ledger.shares(189_597, Verdict.DISPUTED, disputed=89_597)
    assert (part.agreed, part.disputed, part.open) == (0, 89_597, 100_000)


def test_a_new_claim_takes_back_no_dispute_and_stretches_no_agreement() -> None:
    assert ledger.shares(200, Verdict.AGREED, is_current=False) == Shares(200)
    assert ledger.shares(200, Verdict.DISPUTED, is_current=False) == Shares(200, disputed=200)
    assert ledger.shares(200, Verdict.DISPUTED, disputed=50, is_current=False) == Shares(200, disputed=50)
    assert ledger.shares(40, Verdict.DISPUTED, disputed=50, is_current=False) == Shares(40, disputed=40)


@pytest.mark.parametrize("disputed", [0, -1, 201])
def test_more_than_is_claimed_or_nothing_cannot_be_disputed(disputed: int) -> None:
    with pytest.raises(Refused, match="ledger:disputed-out-of-range"):
        ledger.shares(200, Verdict.DISPUTED, disputed=disputed)


def test_what_is_disputed_falls_under_the_components_of_a_plan() -> None:
    found = ledger.disputed_by_component(
        {
            "principal_due": Shares(1_695_791, disputed=100),
            "principal_not_due": Shares(1_360_639, disputed=20),
            "interest": Shares(189_597, agreed=189_597),
            "penalty": Shares(53_027, disputed=53_027),
            "fees": Shares(0),
        }
    )
    assert (found, found.total) == (Disputed(principal=120, penalty=53_027), 53_147)


def test_every_component_of_a_claim_falls_under_one_of_a_plan() -> None:
    assert set(ledger.FOLDED.values()) == {"principal", "interest", "penalty", "fees"}


@given(st.integers(0, 10**9), st.sampled_from([None, *Verdict]), st.integers(1, 10**9), st.booleans())
def test_the_shares_of_a_component_add_up(claimed: int, verdict: Verdict | None, part: int, is_current: bool) -> None:
    found = ledger.shares(claimed, verdict, disputed=min(part, claimed) or None, is_current=is_current)
    assert found.agreed + found.disputed + found.open == claimed
    assert min(found.agreed, found.disputed, found.open) >= 0
    assert not (found.agreed and verdict is not Verdict.AGREED)
