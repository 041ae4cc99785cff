"""Anybody works out what a loan costs, without a name, and nothing of it is kept."""

import pytest

from tests.house import everything_in
from tests.world import World

LOAN = {
    "disbursed": "20000",
    "fee_up_front": "299",
    "instalments": "12",
    "instalment": "2006",
    "paid_count": "8",
    "lender": "consumer_finance",
    "contract_on": "2025-01-10",
}


def test_hidden_fees_are_uncovered_without_signing_in(world: World) -> None:
    page = world.client().post("/explore", data=LOAN).text
    for figure in ("38.71%", "46.38%", "35.68%", "5,865.42", "8,024.00", "24%"):
        assert figure in page, figure


def test_nothing_of_it_is_kept(world: World) -> None:
    client = world.client()
    client.get("/explore")
    before = everything_in(world.engine)
    client.post("/explore", data=LOAN)
    after = everything_in(world.engine)
    assert {name for name in after if after[name] != before[name]} <= {"rate_count"}


def test_without_a_lender_the_ceiling_is_left_open(world: World) -> None:
    page = world.client().post("/explore", data={**LOAN, "lender": ""}).text
    assert "not known" in page
    assert "38.71%" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("disbursed", ""),
        ("disbursed", "NaN"),
        ("disbursed", "1000000000000000000"),
        ("instalments", "0"),
        ("instalments", "1000"),
        ("instalment", "-1"),
        ("instalment", "0"),
        ("paid_count", "13"),
        ("fee_up_front", "20000"),
        ("lender", "nobody"),
        ("contract_on", "soon"),
    ],
)
def test_bad_figures_get_a_sentence_and_keep_the_rest(world: World, field: str, value: str) -> None:
    answer = world.client().post("/explore", data={**LOAN, field: value})
    assert answer.status_code in (409, 422)
    assert "error-summary" in answer.text
    assert 'value="12"' in answer.text or field == "instalments"
