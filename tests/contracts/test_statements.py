"""What each side says of the contract: stated side by side, costed to the cent, read alike by all three."""

from datetime import date

import pytest
from sqlalchemy import select

from mediation import audit
from mediation.cases import contracts, stating
from mediation.cases.contract_models import ContractStatement
from mediation.errors import Refused
from mediation.rules.access import Thread
from mediation.rules.law import LimitationState
from mediation.rules.limitation import InterruptionKind
from mediation.rules.negotiation import Side
from tests.stories import Figures, a_case
from tests.world import World

# Scenario B: 20,000 borrowed, a "membership" of 299 up front, twelve times 2,006 with the guarantee fee in it.
HIDDEN_FEES = {
    "product": "loan",
    "contract_on": "2025-01-10",
    "principal": "20,000",
    "disbursed": "20,000",
    "fee_up_front": "299",
    "instalments": "12",
    "instalment": "2,006.00",
    "fee_each": "0",
    "paid_count": "8",
    "penalty_daily_rate": "0",
    "capitalised": "no",
    "last_due_on": "2026-01-10",
    "last_act": "nothing",
}
LEFT_BY_CONTRACT = Figures(principal_due=802_400, principal_not_due=0, interest=0, penalty=0)


def test_hidden_fees_are_uncovered_to_the_cent(world: World) -> None:
    number = a_case(world, figures=LEFT_BY_CONTRACT)
    answer = world.client("bai").post(f"/cases/{number}/cost", data=HIDDEN_FEES)
    page = world.client("bai").get(answer.location).text
    for figure in ("38.71%", "46.38%", "35.68%", "8,024.00", "5,865.42", "24%", "3.226%"):
        assert figure in page, figure


def test_all_three_read_the_same_findings(world: World) -> None:
    number = a_case(world, figures=LEFT_BY_CONTRACT)
    world.client("bai").post(f"/cases/{number}/cost", data=HIDDEN_FEES)
    pages = [world.client(name).get(f"/cases/{number}/cost").text for name in ("bai", "lu", "mo")]
    found = [_findings(page) for page in pages]
    assert found[0] == found[1] == found[2]
    assert any("5,865.42" in sentence for sentence in found[0])


def test_what_the_two_sides_say_stands_side_by_side(world: World) -> None:
    number = a_case(world)
    world.client("lu").post(f"/cases/{number}/cost", data={"principal": "50,000", "fee_up_front": "0"})
    world.client("bai").post(f"/cases/{number}/cost", data={"principal": "50,000", "fee_up_front": "1,500"})
    page = world.client("mo").get(f"/cases/{number}/cost").text
    table = page[page.index('class="compare"') :]
    assert table.index("1,500.00") < table.index("50,000.00"), "what differs stands first"


def test_a_newer_statement_replaces_and_never_changes(world: World) -> None:
    number = a_case(world)
    lu = world.client("lu")
    for sum_lent in ("50,000", "40,000", "40,000"):
        lu.post(f"/cases/{number}/cost", data={"principal": sum_lent})
    with world.reading() as session:
        kept = session.scalars(select(ContractStatement).order_by(ContractStatement.version)).all()
    assert [(row.version, row.principal) for row in kept] == [(1, 5_000_000), (2, 4_000_000)]


def test_a_statement_is_on_the_record_without_its_figures(world: World) -> None:
    number = a_case(world)
    world.client("lu").post(f"/cases/{number}/cost", data={"principal": "50,000"})
    with world.seat("ren", number) as seat:
        entry = audit.entries_seen_by(seat, Thread.CASE, limit=1)[0]
    assert entry.kind == "contract:stated"
    assert set(entry.body or {}) == {"side", "version", "sha256"}


def test_the_lenders_form_begins_with_its_own_file(world: World) -> None:
    number = a_case(world)
    page = world.client("lu").get(f"/cases/{number}/cost/edit").text
    assert 'value="50,000.00"' in page
    assert 'value="4,713.47"' in page
    assert 'value="2025-12-15"' in page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("paid_count", "13", "At most 12 instalments"),
        ("paid_count", "-1", "At most 12 instalments"),
        ("fee_each", "2,007", "cannot be more than it"),
        ("fee_up_front", "20,000", "must be less than the sum"),
        ("fee_up_front", "-5", "not below zero"),
        ("contract_on", "2031-01-01", "has not come yet"),
        ("instalments", "1000", "between 1 and 600"),
        ("principal", "1000000000000000000", "larger than the platform can carry"),
        ("principal", "NaN", "amount"),
        ("last_act", "demand", "on which day"),
    ],
)
def test_a_wrong_line_is_said_at_its_field_and_the_rest_stays(
    world: World, field: str, value: str, sentence: str
) -> None:
    number = a_case(world)
    answer = world.client("bai").post(f"/cases/{number}/cost", data={**HIDDEN_FEES, field: value})
    assert answer.status_code in (409, 422)
    assert sentence in answer.text
    assert 'value="2026-01-10"' in answer.text


def test_the_mediator_and_strangers_state_nothing(world: World) -> None:
    number = a_case(world)
    answers = {
        name: world.client(name).post(f"/cases/{number}/cost", data={"principal": "1"}).status_code
        for name in ("mo", "ren", "shi")
    }
    assert answers == {"mo": 403, "ren": 403, "shi": 404}


@pytest.mark.parametrize(
    ("last_due_on", "act", "expected"),
    [
        (date(2021, 5, 1), None, LimitationState.UNKNOWN),
        (date(2024, 5, 1), None, LimitationState.RUNNING),
        (date(2021, 5, 1), "nothing", LimitationState.PASSED),
        (None, None, LimitationState.RUNNING),  # by the lender's own file: the last of 12 from January 2025
    ],
)
def test_limitation_stands_as_the_sides_say(
    world: World, last_due_on: date | None, act: str | None, expected: LimitationState
) -> None:
    number = a_case(world)
    with world.seat("bai", number) as seat:
        said = contracts.Stated(last_due_on=last_due_on, no_act_since=True if act else None)
        stating.state_contract(seat, said, at=world.clock())
        assert contracts.limitation_of(seat, at=world.clock()).state is expected


def test_an_act_without_its_day_is_refused(world: World) -> None:
    number = a_case(world)
    with pytest.raises(Refused, match="contract:act-needs-day"), world.seat("bai", number) as seat:
        stating.state_contract(seat, contracts.Stated(last_act=InterruptionKind.DEMAND), at=world.clock())


def test_the_lenders_word_counts_first_and_the_borrowers_fills_its_gaps(world: World) -> None:
    number = a_case(world)
    with world.seat("bai", number) as seat:
        stating.state_contract(seat, contracts.Stated(principal=5, fee_up_front=2), at=world.clock())
    with world.seat("lu", number) as seat:
        stating.state_contract(seat, contracts.Stated(principal=3), at=world.clock())
    with world.seat("mo", number) as seat:
        both = contracts.said_by_both(seat)
        assert contracts.statement_of(seat, Side.BORROWER) is not None
    assert (both.principal, both.fee_up_front) == (3, 2)


def _findings(page: str) -> list[str]:
    return [part.split("</p>")[0].split("</span>")[-1].strip() for part in page.split('class="finding ')[1:]]
