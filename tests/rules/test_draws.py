"""A draw is what was promised, nobody can steer it, and `sha256sum` alone checks it."""

import hashlib
from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.errors import Refused
from mediation.rules import draws
from mediation.rules.draws import Listed
from mediation.rules.negotiation import Side

SEED = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
MO, MING, QI = Listed("01", "莫文"), Listed("02", "明哲"), Listed("03", "齐放")
LIST = "01 莫文\n02 明哲\n03 齐放\n"
NUMBERS = {Side.BORROWER: "7", Side.LENDER: "20250924"}

NAMES = st.text(st.characters(whitelist_categories=("L", "N")), min_size=1, max_size=8)
CANDIDATES = st.lists(st.builds(Listed, st.uuids().map(str), NAMES), min_size=2, max_size=8, unique_by=lambda c: c.id)
GIVEN = st.dictionaries(st.sampled_from(Side), st.from_regex(r"\A[0-9]{1,20}\Z"))
SEEDS = st.binary(min_size=32, max_size=32).map(bytes.hex)


def test_the_list_is_a_line_for_each_by_id() -> None:
    assert draws.list_text([QI, MO, MING]) == LIST


def test_the_list_reads_back_what_it_says() -> None:
    assert draws.read_list(LIST) == (MO, MING, QI)


def test_one_candidate_is_no_draw() -> None:
    with pytest.raises(Refused, match="draw:too-few"):
        draws.list_text([MO])


@pytest.mark.parametrize("other", [Listed("01", "别人"), Listed("0 2", "明哲"), Listed("02", "明\n哲")])
def test_a_list_that_could_be_read_in_two_ways_is_none(other: Listed) -> None:
    with pytest.raises(ValueError, match=r"twice|one line"):
        draws.list_text([MO, other])


def test_the_promise_is_the_plain_sha256_of_the_seed_as_written() -> None:
    # echo -n 9f86…0a08 | sha256sum
    assert draws.commitment(SEED) == hashlib.sha256(SEED.encode("ascii")).hexdigest()


@pytest.mark.parametrize(("typed", "number"), [("7", "7"), (" 0042 ", "0042"), ("１２３", "123"), ("9" * 20, "9" * 20)])
def test_any_digits_are_a_number(typed: str, number: str) -> None:
    assert draws.read_number(typed) == number


@pytest.mark.parametrize("typed", ["", " ", "1 2", "-1", "1.5", "七", "9" * 21, "7|8", "0x1"])
def test_nothing_but_digits_is_a_number(typed: str) -> None:
    with pytest.raises(Refused, match="draw:number-mistyped"):
        draws.read_number(typed)


def test_a_number_that_was_not_given_is_a_dash() -> None:
    assert draws.ticket_text("s", "l", {Side.LENDER: "5"}, "01") == "s|l|-|5|01"


def test_the_order_is_that_of_the_tickets() -> None:
    expected = sorted(
        ("01", "02", "03"),
        key=lambda one: hashlib.sha256(
            f"{SEED}|{hashlib.sha256(LIST.encode()).hexdigest()}|7|20250924|{one}".encode()
        ).hexdigest(),
    )
    assert [ticket.candidate.id for ticket in draws.order(SEED, LIST, NUMBERS)] == expected


@given(CANDIDATES, SEEDS, GIVEN)
def test_everybody_has_one_place_and_the_draw_checks(
    candidates: list[Listed], seed: str, numbers: Mapping[Side, str]
) -> None:
    text = draws.list_text(candidates)
    tickets = draws.order(seed, text, numbers)
    first = draws.drawn(tickets, [one.id for one in candidates])
    assert {ticket.candidate for ticket in tickets} == {*candidates}
    assert first == tickets[0]
    assert checked(seed, text, numbers, drawn_id=first.candidate.id).fits


@given(CANDIDATES, SEEDS, GIVEN, SEEDS)
def test_another_seed_is_found_out(
    candidates: list[Listed], seed: str, numbers: Mapping[Side, str], other: str
) -> None:
    text = draws.list_text(candidates)
    first = draws.order(other, text, numbers)[0].candidate.id
    assert checked(seed, text, numbers, drawn_id=first, revealed=other).fits is (seed == other)


def test_another_list_is_found_out() -> None:
    first = draws.order(SEED, LIST, NUMBERS)[0].candidate.id
    result = draws.check(
        promised=draws.commitment(SEED), list_sha256=draws.sha256_of(LIST), seed=SEED, text=LIST + "04 别人\n",
        numbers=NUMBERS, passed_over=[], drawn_id=first,
    )  # fmt: skip
    assert not result.list_fits


def test_whoever_came_second_is_found_out_unless_the_first_is_named_as_passed_over() -> None:
    first, second, _ = (ticket.candidate.id for ticket in draws.order(SEED, LIST, NUMBERS))
    assert not checked(SEED, LIST, NUMBERS, drawn_id=second).drawn_fits
    assert checked(SEED, LIST, NUMBERS, drawn_id=second, passed_over=[first]).fits


def test_whoever_can_no_longer_be_asked_is_passed_over() -> None:
    tickets = draws.order(SEED, LIST, NUMBERS)
    assert draws.drawn(tickets, [tickets[2].candidate.id, tickets[1].candidate.id]) == tickets[1]
    assert draws.drawn(tickets, []) is None


def test_over_many_numbers_everybody_comes_first_about_as_often() -> None:
    # 3 000 draws among three: 1 000 each, give or take five standard deviations of 25.8.
    firsts = Counter(draws.order(SEED, LIST, {Side.BORROWER: str(n)})[0].candidate.id for n in range(3000))
    assert all(870 < firsts[one] < 1130 for one in ("01", "02", "03"))


def checked(
    seed: str,
    text: str,
    numbers: Mapping[Side, str],
    *,
    drawn_id: str,
    revealed: str = "",
    passed_over: list[str] | None = None,
) -> draws.Checked:
    return draws.check(
        promised=draws.commitment(seed), list_sha256=draws.sha256_of(text), seed=revealed or seed, text=text,
        numbers=numbers, passed_over=passed_over or [], drawn_id=drawn_id,
    )  # fmt: skip
