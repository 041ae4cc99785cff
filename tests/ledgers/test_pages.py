"""The pages of the ledger: rows checked one by one, payments typed and brought, and the same picture for both sides."""

import re
from datetime import date
from io import BytesIO
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from mediation.disclosures.ledgers import Grounds, PaidRow
from mediation.rules.ledger import Standing, Verdict
from mediation.rules.lifecycle import Stage
from tests.guards.words import words_found
from tests.ledgers.accounts import INSTALMENT, PAID, answer, ledger, pay, state
from tests.offers.test_pages import text_of
from tests.stories import a_case
from tests.world import World

HISTORY = "还款日期,还款金额,备注\n" + "".join(f'{row.paid_on},"4,713.47",代扣\n' for row in PAID)
SECRET = "那个月我在住院"


def page(client: FlaskClient, number: str, path: str = "") -> tuple[int, str]:
    response = client.get(f"/cases/{number}/ledger{path}")
    return response.status_code, text_of(response.data)


def send(client: FlaskClient, number: str, path: str, **form: object) -> tuple[int, str]:
    response = client.post(f"/cases/{number}/ledger{path}", data=form, content_type="multipart/form-data")
    return response.status_code, response.location or text_of(response.data)


def bring(client: FlaskClient, number: str, text: str = HISTORY, name: str = "payments.csv") -> tuple[int, str]:
    return send(client, number, "/files", file=(BytesIO(text.encode()), name))


# --- the claim, row by row ------------------------------------------------------------------------------------


def test_the_borrower_is_led_from_row_to_row_and_back_to_the_account(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    led = []
    for component in ("principal_due", "principal_not_due", "interest", "penalty"):
        form = {"verdict": "agreed", "seen_version": "1"}
        led.append(send(client, number, f"/claim/{component}", **form)[1].rpartition("/ledger")[2])
    assert led == ["/claim/principal_not_due", "/claim/interest", "/claim/penalty", ""]
    assert ledger(world, number).claim.agreed == 3_299_054


def test_what_is_disputed_moves_the_totals_of_the_page_at_once(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    form = {"verdict": "disputed", "disputed": "500", "reason": "利率不对", "seen_version": "1"}
    send(client, number, "/claim/interest", **form)
    shown = page(client, number)[1]
    assert all(words in shown for words in ("500.00", "Why: 利率不对", "32,490.54."))


def test_an_answer_is_found_again_in_its_form(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    answer(world, number, "bai", "penalty", Verdict.DISPUTED, Grounds("太高", "合同第八条", 3_027))
    shown = client.get(f"/cases/{number}/ledger/claim/penalty").data.decode()
    assert re.search(r'value="disputed" checked', shown)
    assert all(words in shown for words in ("太高", "合同第八条", 'value="30.27"'))


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({"seen_version": "1"}, 409, "Choose one of the three answers."),
        ({"verdict": "perhaps", "seen_version": "1"}, 409, "Choose one of the three answers."),
        ({"verdict": "agreed"}, 409, "The claim has changed since this page"),
        ({"verdict": "disputed", "disputed": "530.28", "seen_version": "1"}, 409, "at most what is claimed"),
        ({"verdict": "disputed", "disputed": "much", "seen_version": "1"}, 422, "Write the amount in figures"),
    ],
)
def test_a_slip_is_said_at_its_row_and_what_was_typed_stays(
    world: World, form: dict[str, str], status: int, sentence: str
) -> None:
    number = a_case(world)
    found = send(world.client("bai"), number, "/claim/penalty", **form, reason=SECRET)
    assert found[0] == status
    assert sentence in found[1]
    assert SECRET in found[1]
    assert ledger(world, number).component("penalty").answer is None


# --- payments -------------------------------------------------------------------------------------------------


def test_a_payment_is_typed_and_stands_on_the_page_of_both_sides(world: World) -> None:
    number = a_case(world)
    form = {"paid_on": "2025-01-15", "amount": "4,713.47", "note": "微信转账"}
    status, location = send(world.client("bai"), number, "/payments", **form)
    assert (status, location.endswith("/ledger#payments")) == (303, True)
    for name in ("bai", "lu", "mo"):
        shown = page(world.client(name), number)[1]
        assert all(words in shown for words in ("4,713.47", "微信转账", "Only one side states it")), name


def test_one_payment_after_the_other_can_be_typed(world: World) -> None:
    form = {"paid_on": "2025-01-15", "amount": "1", "step": "another"}
    assert send(world.client("bai"), a_case(world), "/payments", **form)[1].endswith("/ledger/payments/new")


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"amount": "1"}, "Write the day of the payment."),
        ({"paid_on": "2025-01-15"}, "Fill in the amount."),
        ({"paid_on": "2025-01-15", "amount": "0"}, "more than nothing"),
        ({"paid_on": "2026-01-15", "amount": "1"}, "a day up to today"),
    ],
)
def test_a_payment_that_cannot_have_been_is_said_at_its_field(
    world: World, form: dict[str, str], sentence: str
) -> None:
    status, shown = send(world.client("bai"), a_case(world), "/payments", **form)
    assert status in (409, 422)
    assert sentence in shown


def test_two_files_that_say_the_same_confirm_every_payment(world: World) -> None:
    number = a_case(world)
    for name in ("bai", "lu"):
        assert bring(world.client(name), number)[0] == 303
    shown = page(world.client("mo"), number)[1]
    assert "Nothing differs: both sides state the same payments." in shown
    assert page(world.client("mo"), number, "?show=confirmed")[1].count("Both state the same") == 5
    assert ledger(world, number).payments.total(Standing.CONFIRMED) == 5 * INSTALMENT


def test_what_differs_stands_first_and_what_is_in_dispute_before_it(world: World) -> None:
    number = a_case(world)
    bring(world.client("lu"), number)
    state(world, number, "bai", [*PAID[:4], PaidRow(date(2025, 6, 1), 90_000)])
    answer(world, number, "lu", pay(world, number, "bai", on=date(2025, 7, 1)), Verdict.DISPUTED)
    shown = page(world.client("lu"), number)[1]
    days = [shown.index(words) for words in ("1 July 2025", "15 May 2025", "1 June 2025")]
    assert days == sorted(days)
    assert "15 January 2025" not in shown


def test_a_file_that_cannot_be_read_shows_its_rows_and_states_nothing(world: World) -> None:
    number = a_case(world)
    status, shown = bring(world.client("bai"), number, "还款日期,还款金额\n2025-02-30,1.00\n2025-03-15,1.00\n")
    assert status == 409
    assert all(words in shown for words in ("1 rows of this file cannot be read", "2025-02-30", "This is not a date"))
    assert ledger(world, number).payments.lines == ()


def test_no_file_and_a_file_of_something_else_are_said_at_the_field(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    assert "Choose the file first." in send(client, number, "/files")[1]
    assert "No column of this file is known as the day of payment" in bring(client, number, "a,b\n1,2\n")[1]


def test_an_own_list_shows_how_many_rows_were_left_out_and_is_taken_back(world: World) -> None:
    number, client = a_case(world), world.client("lu")
    bring(client, number, HISTORY + "2025-06-15,0,未还\n")
    pay(world, number, "lu", on=date(2025, 7, 1))
    shown = client.get(f"/cases/{number}/ledger").data.decode()
    assert "left out: 1" in text_of(shown.encode())
    assert shown.count("/ledger/lists/") == 1
    path = re.search(r"/ledger(/lists/[0-9a-f-]+/withdrawal)", shown)
    assert path is not None
    assert send(client, number, path[1])[0] == 303
    assert [line.first.on for line in ledger(world, number).payments.lines] == [date(2025, 7, 1)]


def test_a_payment_of_the_other_side_is_answered(world: World) -> None:
    number = a_case(world)
    mine = pay(world, number, "bai")
    client = world.client("lu")
    shown = page(client, number, f"/payments/{mine}")[1]
    assert "The borrower states that this was paid." in shown
    assert send(client, number, f"/payments/{mine}", verdict="disputed")[0] == 409
    assert send(client, number, f"/payments/{mine}", verdict="agreed")[0] == 303
    assert ledger(world, number).payments.total(Standing.CONFIRMED) == INSTALMENT


def test_another_amount_on_the_same_day_is_shown_and_taken_back_only_when_that_is_said(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    pay(world, number, "bai", amount=50_000)
    theirs = pay(world, number, "lu", amount=60_000)
    assert "Your side states another amount on the same day" in page(client, number, f"/payments/{theirs}")[1]
    assert page(client, number)[1].count("On the same day the other side states another amount.") == 2
    send(client, number, f"/payments/{theirs}", verdict="agreed")
    assert [line.amount for line in ledger(world, number).payments.lines] == [50_000, 60_000]
    send(client, number, f"/payments/{theirs}", verdict="agreed", instead="y")
    assert [line.amount for line in ledger(world, number).payments.lines] == [60_000]


def test_long_histories_are_paged(world: World) -> None:
    number, client = a_case(world), world.client("mo")
    state(world, number, "lu", [PaidRow(date(2024, 1, 1), amount) for amount in range(1, 102)])
    assert [page(client, number, f"?page={n}")[1].count("Only one side states it") for n in (1, 2, 3)] == [50, 50, 1]
    assert [page(client, number, query)[0] for query in ("?page=4", "?page=0", "?page=x", "?show=all")] == [404] * 4


def test_what_the_file_of_loans_says_stands_beside_what_the_lender_states(world: World) -> None:
    number = a_case(world)
    assert "file of loans" not in page(world.client("mo"), number)[1]
    with world.writing() as session:
        from mediation.portfolios.models import Loan

        loan = session.query(Loan).one()
        loan.paid_total, loan.paid_instalments = 5 * INSTALMENT, 5
    state(world, number, "lu", PAID[:4])
    shown = page(world.client("mo"), number)[1]
    assert re.search(r"says in all \S*23,567.35", shown)
    assert re.search(r"Difference to what the lender states here: \S*4,713.47", shown)


# --- who reads what -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "status"), [("ren", 403), ("audit", 404), ("shi", 404), ("ming", 404), (None, 303)])
def test_nobody_else_reads_the_account(world: World, name: str | None, status: int) -> None:
    number = a_case(world)
    theirs = pay(world, number, "lu")
    for path in ("", "/payments/new", "/files/new", f"/payments/{theirs}", "/claim/penalty"):
        assert page(world.client(name), number, path)[0] == status, path


def test_the_mediator_reads_and_changes_nothing(world: World) -> None:
    number, client = a_case(world), world.client("mo")
    theirs = pay(world, number, "lu")
    shown = client.get(f"/cases/{number}/ledger").data.decode()
    assert not re.search(r"withdrawal|payments/new|files/new|ledger/claim|>Answer", shown)
    assert send(client, number, f"/payments/{theirs}", verdict="agreed")[0] == 403


def test_the_lender_has_no_row_of_the_claim_to_answer(world: World) -> None:
    number, client = a_case(world), world.client("lu")
    assert page(client, number, "/claim/penalty")[0] == 404
    assert send(client, number, "/claim/penalty", verdict="agreed", seen_version="1")[0] == 404
    assert "/ledger/claim/" not in client.get(f"/cases/{number}/ledger").data.decode()


def test_the_payment_of_another_case_is_the_same_as_none(world: World) -> None:
    number, elsewhere = a_case(world), a_case(world, contract="XF-2025-0002")
    foreign, client = pay(world, elsewhere, "lu"), world.client("bai")
    answers = [client.get(f"/cases/{number}/ledger/payments/{one}") for one in (foreign, uuid4())]
    assert {response.status_code for response in answers} == {404}
    assert len({re.sub(rb"[0-9a-f-]{36}", b"", response.data) for response in answers}) == 1


def test_once_terms_are_agreed_the_account_is_read_only(world: World) -> None:
    number, client = a_case(world, Stage.TERMS_AGREED), world.client("bai")
    shown = client.get(f"/cases/{number}/ledger").data.decode()
    assert not re.search(r"withdrawal|payments/new|files/new|ledger/claim", shown)
    assert page(client, number, "/payments/new")[0] == 409


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
@pytest.mark.parametrize("name", ["bai", "lu", "mo"])
def test_every_page_speaks_the_readers_language_without_a_forbidden_word(
    world: World, name: str, language: str
) -> None:
    number = a_case(world)
    theirs, mine = pay(world, number, "lu"), pay(world, number, "bai", on=date(2025, 6, 1))
    answer(world, number, "bai", theirs, Verdict.DISPUTED, Grounds())
    answer(world, number, "bai", "penalty", Verdict.UNKNOWN, Grounds())
    client = world.client(name, language=language)
    paths = {
        "bai": ("", "/claim/penalty", f"/payments/{theirs}", "/payments/new", "/files/new"),
        "lu": ("", f"/payments/{mine}", "/payments/new", "/files/new"),
        "mo": ("", "?show=confirmed"),
    }
    for path in paths[name]:
        status, shown = page(client, number, path)
        content = shown.partition("content")[2] or shown
        assert status == 200, path
        assert words_found(content) == [], path
