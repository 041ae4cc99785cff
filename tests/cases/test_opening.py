"""A lender opens a case: itemised, undertaken, numbered without a gap, once per contract."""

import threading
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select

from mediation import audit
from mediation.accounts.models import Account, Organisation
from mediation.cases import actions
from mediation.cases.claims import Opening, Standstill
from mediation.cases.models import Case, Claim, Undertaking
from mediation.errors import NotFound, NotPermitted, Refused
from mediation.portfolios.models import Loan, LoanImport
from mediation.rules.access import Role, Thread
from mediation.rules.lifecycle import Stage
from tests.cases.made import a_form, a_submitted_case, an_opening
from tests.stories import a_loan
from tests.world import World


def test_a_case_is_opened_with_the_claim_as_stated(world: World) -> None:
    number = a_submitted_case(world)
    with world.reading() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        claim = session.scalars(select(Claim).where(Claim.case_id == case.id)).one()
    assert (case.stage, case.claim_total, claim.version) == (Stage.SUBMITTED, 3_299_054, 1)
    assert (claim.principal_due, claim.penalty, claim.penalty_basis) == (1_695_791, 53_027, "每日0.05%")


def test_a_submitted_case_waits_for_the_registrar_and_tells_them(world: World) -> None:
    number = a_submitted_case(world)
    with world.seat("ren", number) as seat:
        entries = audit.entries_seen_by(seat, Thread.CASE)
    assert seat.case.turn is Role.REGISTRAR
    assert [entry.kind for entry in entries] == ["case:opened", "case:submitted"]


def test_the_undertaking_is_kept_as_given(world: World) -> None:
    number = a_submitted_case(world)
    with world.seat("lu", number) as seat:
        given = seat.session.get_one(Undertaking, seat.case_id)
    assert (given.collection_paused, given.interest_runs, given.penalty_runs) == (True, False, True)


def test_a_second_open_case_on_the_same_contract_is_refused(world: World) -> None:
    number = a_submitted_case(world)
    with world.seat("lu", number) as seat:
        loan_id = seat.case.loan_id
    with pytest.raises(Refused, match="case:contract-has-open-case"), world.desk("lu") as desk:
        actions.open_case(desk, loan_id, an_opening(), at=world.clock())


def test_the_database_too_refuses_a_second_open_case(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    number = a_submitted_case(world)
    with world.seat("lu", number) as seat:
        loan_id = seat.case.loan_id
    monkeypatch.setattr(actions, "open_case_on", lambda desk, contract: None)
    with pytest.raises(Refused, match="case:contract-has-open-case"), world.desk("lu") as desk:
        actions.open_case(desk, loan_id, an_opening(), at=world.clock())


def test_a_contract_may_have_a_new_case_once_the_first_is_rejected(world: World) -> None:
    number = a_submitted_case(world)
    with world.seat("ren", number) as seat:
        actions.reject_case(seat, "材料不全", at=world.clock())
        loan_id = seat.case.loan_id
    with world.desk("lu") as desk:
        assert actions.open_case(desk, loan_id, an_opening(), at=world.clock()).stage is Stage.DRAFT


@pytest.mark.parametrize(
    ("changed", "key", "field"),
    [
        ({"interest_basis": " "}, "claim:basis-missing", "interest_basis"),
        ({"fees": None}, "claim:not-stated", "fees"),
        ({"as_of_on": date(2025, 9, 25)}, "claim:as-of-in-future", "as_of_on"),
        ({"original_lender": ""}, "claim:original-missing", "original_lender"),
        ({"penalty": -1}, "money:negative", "penalty"),
        (
            {"principal_due": 0, "principal_not_due": 0, "interest": 0, "penalty": 0},
            "claim:nothing-claimed",
            "principal_due",
        ),
    ],
)
def test_what_is_missing_in_the_claim_is_asked(world: World, changed: dict[str, object], key: str, field: str) -> None:
    assert _refusal(world, an_opening(**changed)) == (key, field)


def test_no_case_is_submitted_without_the_undertaking(world: World) -> None:
    opening = an_opening()
    bare = replace(opening, standstill=replace(opening.standstill, assignment_paused=False))
    assert _refusal(world, bare) == ("undertaking:missing", "assignment_paused")


def test_whether_interest_runs_must_be_said(world: World) -> None:
    opening = an_opening()
    silent = replace(opening, standstill=replace(opening.standstill, interest_runs=None))
    assert _refusal(world, silent) == ("undertaking:not-stated", "interest_runs")


def test_a_borrower_whom_nothing_reaches_cannot_be_invited(world: World) -> None:
    opening = an_opening()
    lost = replace(opening, contact=replace(opening.contact, phone="", email=""))
    assert _refusal(world, lost) == ("contact:no-way", "borrower_email")


def test_a_letter_is_a_way_to_the_borrower(world: World) -> None:
    opening = an_opening()
    by_letter = replace(opening, contact=replace(opening.contact, phone="", email="", by_letter=True))
    loan_id = a_loan(world)
    with world.desk("lu") as desk:
        seat = actions.open_case(desk, loan_id, by_letter, at=world.clock())
        assert actions.submit_case(seat, by_letter, at=world.clock()).stage is Stage.SUBMITTED


def test_a_draft_may_lack_figures_and_the_undertaking(world: World) -> None:
    draft = replace(an_opening(fees=None, penalty=None), standstill=Standstill())
    loan_id = a_loan(world)
    with world.desk("lu") as desk:
        seat = actions.open_case(desk, loan_id, draft, at=world.clock())
        assert (seat.stage, seat.session.get(Undertaking, seat.case_id)) == (Stage.DRAFT, None)


def test_a_changed_draft_is_the_next_version_of_the_claim(world: World) -> None:
    loan_id = a_loan(world)
    with world.desk("lu") as desk:
        seat = actions.open_case(desk, loan_id, an_opening(), at=world.clock())
        number = seat.case.number
    with world.seat("lu", number) as seat:
        actions.change_draft(seat, an_opening(fees=100, fees_basis="手续费"), at=world.clock())
        actions.change_draft(seat, an_opening(fees=100, fees_basis="手续费"), at=world.clock())
    assert (seat.case.claim_version, seat.case.claim_total) == (2, 3_299_154)


def test_nobody_but_the_lender_sees_a_draft(world: World) -> None:
    loan_id = a_loan(world)
    with world.desk("lu") as desk:
        number = actions.open_case(desk, loan_id, an_opening(), at=world.clock()).case.number
    answers = [world.client(name).get(f"/cases/{number}").status_code for name in ("lu", "ren", "mo", "shi")]
    assert answers == [200, 404, 404, 404]


def test_the_mediator_opens_no_case(world: World) -> None:
    loan_id = a_loan(world)
    with pytest.raises(NotPermitted), world.desk("mo") as desk:
        actions.open_case(desk, loan_id, an_opening(), at=world.clock())


def test_the_loans_own_rounding_and_currency_go_with_the_case(world: World) -> None:
    loan_id = a_loan(world)
    with world.writing() as session:
        loan = session.get_one(Loan, loan_id)
        session.get_one(LoanImport, loan.import_id).rounding = "up"
    with world.desk("lu") as desk:
        case = actions.open_case(desk, loan_id, an_opening(), at=world.clock()).case
    assert (case.rounding, case.currency, case.zone, case.calendar) == ("up", "CNY", "Asia/Shanghai", "cn")


def test_the_year_in_a_number_is_the_institutions_own(world: World) -> None:
    loan_id = a_loan(world)
    world.clock.at = world.clock.at.replace(month=12, day=31, hour=17)
    with world.desk("lu") as desk:
        assert actions.open_case(desk, loan_id, an_opening(), at=world.clock()).case.number == "WH-2026-00001"


def test_numbers_have_no_gap_after_a_refusal(world: World) -> None:
    first = a_submitted_case(world)
    bad = an_opening(as_of_on=date(2026, 1, 1))
    loan_id = a_loan(world, contract="XF-2025-0002")
    with pytest.raises(Refused), world.desk("lu") as desk:
        actions.open_case(desk, loan_id, bad, at=world.clock())
    assert (first, a_submitted_case(world, contract="XF-2025-0003")) == ("WH-2025-00001", "WH-2025-00002")


def test_cases_opened_at_the_same_moment_have_numbers_without_a_gap(world: World) -> None:
    loans = [a_loan(world, contract=f"XF-2025-1{i}") for i in range(6)]
    numbers: list[str] = []
    start = threading.Barrier(len(loans))

    def open_one(loan_id: object) -> None:
        start.wait()
        with world.desk("lu") as desk:
            numbers.append(actions.open_case(desk, loan_id, an_opening(), at=world.clock()).case.number)

    threads = [threading.Thread(target=open_one, args=(loan_id,)) for loan_id in loans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [f"WH-2025-{i:05d}" for i in range(1, 7)]


def test_two_officers_open_one_case_on_one_contract_at_the_same_moment(world: World) -> None:
    loan_id, found = a_loan(world), []
    start = threading.Barrier(2)

    def open_it() -> None:
        start.wait()
        try:
            with world.desk("lu") as desk:
                found.append(actions.open_case(desk, loan_id, an_opening(), at=world.clock()).case.number)
        except Refused as no:
            found.append(no.key)

    threads = [threading.Thread(target=open_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["WH-2025-00001", "case:contract-has-open-case"]


def test_a_loan_that_does_not_exist_is_not_found(world: World) -> None:
    with pytest.raises(NotFound), world.desk("lu") as desk:
        actions.open_case(desk, uuid4(), an_opening(), at=world.clock())


def test_another_lenders_loan_looks_as_if_it_did_not_exist(world: World) -> None:
    loan_id = _loan_of_another_lender(world)
    client = world.client("lu")
    absent, foreign = client.get(f"/loans/{uuid4()}/case"), client.get(f"/loans/{loan_id}/case")
    assert (absent.status_code, foreign.status_code, foreign.data) == (404, 404, absent.data)


def test_the_form_is_filled_from_the_file_and_invents_nothing(world: World) -> None:
    page = world.client("lu").get(f"/loans/{a_loan(world)}/case").get_data(as_text=True)
    assert 'value="白露"' in page
    assert 'name="principal_due" type="text" value=""' in page


def test_the_form_submits_a_case(world: World) -> None:
    answer = world.client("lu").post(f"/loans/{a_loan(world)}/case", data=a_form())
    assert (answer.status_code, answer.location) == (303, "/cases/WH-2025-00001")


def test_the_form_says_everything_that_is_missing_at_once_and_keeps_what_was_typed(world: World) -> None:
    loan_id = a_loan(world)
    answer = world.client("lu").post(
        f"/loans/{loan_id}/case", data=a_form(interest_basis="", assignment_paused="", interest_runs="")
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert page.count('class="error"') == 3
    assert "16,957.91" in page


def test_a_kept_draft_is_completed_and_submitted_later(world: World) -> None:
    client = world.client("lu")
    client.post(f"/loans/{a_loan(world)}/case", data=a_form(penalty="", collection_paused="", act="draft"))
    page = client.get("/cases/WH-2025-00001/draft").get_data(as_text=True)
    assert 'value="16,957.91"' in page
    answer = client.post("/cases/WH-2025-00001/draft", data=a_form())
    assert client.get(answer.location).get_data(as_text=True).count("Submitted, waiting for the institution") == 1


def test_an_amount_in_another_currency_than_the_loans_is_refused(world: World) -> None:
    answer = world.client("lu").post(
        f"/loans/{a_loan(world)}/case",
        data=a_form(currency="JPY", principal_due="5", principal_not_due="0", interest="0", penalty="0"),
    )
    assert answer.status_code == 409


def test_the_end_of_the_identity_number_is_asked_only_where_the_file_lacks_it(world: World) -> None:
    loan_id = a_loan(world)
    with world.writing() as session:
        session.get_one(Loan, loan_id).id_tail = ""
    client = world.client("lu")
    assert 'name="id_tail"' in client.get(f"/loans/{loan_id}/case").get_data(as_text=True)
    client.post(f"/loans/{loan_id}/case", data=a_form(id_tail="152x"))
    with world.reading() as session:
        assert session.get_one(Loan, loan_id).id_tail == "152X"


def _refusal(world: World, opening: Opening) -> tuple[str, str | None]:
    loan_id = a_loan(world)
    try:
        with world.desk("lu") as desk:
            seat = actions.open_case(desk, loan_id, opening, at=world.clock())
            actions.submit_case(seat, opening, at=world.clock())
    except Refused as no:
        return no.key, no.field
    return "submitted", None


def _loan_of_another_lender(world: World) -> object:
    loan_id = a_loan(world, contract="ZZ-1")
    with world.writing() as session:
        other = Organisation(name="北岸小额贷款有限公司", credit_code="91420100MA4K000008", created_at=world.clock())
        session.add(other)
        session.flush()
        session.get_one(Loan, loan_id).organisation_id = other.id
        assert session.get_one(Account, world.people["lu"]).name == "陆远"
    return loan_id
