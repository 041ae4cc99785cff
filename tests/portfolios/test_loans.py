"""A lender's officer reads its own loans, finds them, and is led to their cases; nobody else sees any."""

import re
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from mediation.portfolios.selections import PAGE
from mediation.rules.lifecycle import Stage
from tests.portfolios.lender_files import BAI, HEADERS, csv_file
from tests.portfolios.walking import another_lender, imports_of, loans_of, officer
from tests.stories import a_case
from tests.world import World

MANY = csv_file(
    ("合同编号", "姓名", "剩余本金", "逾期天数"),
    *((f"HT-{number:04}", f"借款人{number}", "100", number % 7) for number in range(120)),
)


def read(client: FlaskClient, address: str) -> str:
    return client.get(address).get_data(as_text=True)


def contracts(page: str) -> list[str]:
    return re.findall(r'<a class="mono"[^>]*>([^<]+)</a>', page)


def test_a_lender_without_loans_is_led_to_its_first_import(world: World) -> None:
    page = read(world.client("lu"), "/loans")
    assert ("There are no loans yet." in page, 'href="/loans/imports"' in page) == (True, True)


def test_a_search_that_finds_nothing_says_so_otherwise(world: World) -> None:
    officer(world).bring(MANY)
    page = read(world.client("lu"), "/loans?q=zzz")
    assert ("No loan matches." in page, "There are no loans yet." in page) == (True, False)


def test_the_pages_of_the_list_hold_every_loan_once_the_longest_overdue_first(world: World) -> None:
    officer(world).bring(MANY)
    client, address, found = world.client("lu"), "/loans", []
    while address:
        page = read(client, address)
        found += contracts(page)
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        address = onward[1].replace("&amp;", "&") if onward else ""
    days = [int(number[3:]) % 7 for number in found]
    assert (len(found), len(set(found)), days) == (120, 120, sorted(days, reverse=True))


def test_a_page_has_fifty_loans(world: World) -> None:
    officer(world).bring(MANY)
    assert len(contracts(read(world.client("lu"), "/loans"))) == PAGE


def test_overdue_only_leaves_out_what_is_paid(world: World) -> None:
    officer(world).bring(MANY)
    found = contracts(read(world.client("lu"), "/loans?overdue=yes&q=HT-000"))
    assert found == ["HT-0006", "HT-0005", "HT-0004", "HT-0003", "HT-0009", "HT-0002", "HT-0008", "HT-0001"]


@pytest.mark.parametrize("query", ["ht-0001", "借款人1", "HT-0001"])
def test_a_loan_is_found_by_the_beginning_of_its_contract_or_name(world: World, query: str) -> None:
    officer(world).bring(MANY)
    assert "HT-0001" in contracts(read(world.client("lu"), f"/loans?q={query}"))


def test_what_is_searched_for_is_no_pattern(world: World) -> None:
    officer(world).bring(MANY)
    assert contracts(read(world.client("lu"), "/loans?q=%25")) == []


@pytest.mark.parametrize("address", ["?after=x", "?after=9999999999999:a", "?overdue=no", "?after=-1:"])
def test_an_address_that_means_nothing_is_ignored_and_said_so(world: World, address: str) -> None:
    officer(world).bring(MANY)
    page = read(world.client("lu"), f"/loans{address}")
    assert ("it was left out" in page, len(contracts(page))) == (True, PAGE)


def test_a_loan_leads_to_opening_a_case(world: World) -> None:
    officer(world).bring(csv_file(HEADERS, BAI))
    loan = loans_of(world)["HT-2025-0001"]
    assert f'href="/loans/{loan.id}/case"' in read(world.client("lu"), "/loans")


@pytest.mark.parametrize("address", ["/loans", "/loans/{id}"])
def test_a_loan_with_an_open_case_leads_to_that_case(world: World, address: str) -> None:
    number = a_case(world)
    loan = loans_of(world)["XF-2025-0001"]
    page = read(world.client("lu"), address.format(id=loan.id))
    assert (f'href="/cases/{number}"' in page, f"/loans/{loan.id}/case" in page) == (True, False)


def test_a_loan_whose_case_has_ended_leads_to_a_new_one(world: World) -> None:
    a_case(world, Stage.WITHDRAWN)
    loan = loans_of(world)["XF-2025-0001"]
    assert f"/loans/{loan.id}/case" in read(world.client("lu"), "/loans")


def test_a_loan_shows_every_fact_and_says_what_the_file_lacks(world: World) -> None:
    officer(world).bring(csv_file((*HEADERS, "渠道", "还款日"), (*BAI, "<b>线下</b>", "15")))
    page = read(world.client("lu"), f"/loans/{loans_of(world)['HT-2025-0001'].id}")
    shown = ("¥50,000.00", "23.4%", "Ends in 002X", "5 January 2025", "&lt;b&gt;线下&lt;/b&gt;", "Row 2 of loans.csv")
    assert [words for words in shown if words not in page] == []
    assert (page.count("Not stated") > 5, BAI[3] in page) == (True, False)


def test_a_month_is_not_shown_as_a_day(world: World) -> None:
    officer(world).bring(csv_file(("合同号", "本金", "放款日期"), ("HT-1", "100", "2025年3月")))
    page = read(world.client("lu"), f"/loans/{loans_of(world)['HT-1'].id}")
    assert ("2025-03" in page, "1 March 2025" in page, "month_only" in page) == (True, False, False)


def test_another_lender_finds_no_loan_and_no_import(world: World) -> None:
    another_lender(world)
    lu = officer(world)
    lu.bring(csv_file(HEADERS, BAI))
    loan, batch = loans_of(world)["HT-2025-0001"], imports_of(world)[0]
    wei = world.client("wei")
    assert "HT-2025-0001" not in read(wei, "/loans") + read(wei, "/loans/imports")
    for address in (f"/loans/{loan.id}", f"/loans/imports/{batch.id}"):
        mine, unknown = wei.get(address), wei.get(re.sub(r"[0-9a-f-]{36}", str(uuid4()), address))
        assert (mine.status_code, unknown.status_code) == (404, 404)


@pytest.mark.parametrize("part", ["", "/columns", "/preview", "/errors"])
def test_another_lender_cannot_look_into_a_file_on_its_way(world: World, part: str) -> None:
    another_lender(world)
    lu = officer(world)
    lu.send(csv_file(HEADERS, BAI))
    assert world.client("wei").get(f"{lu.place}{part}").status_code == 404


@pytest.mark.parametrize("part", ["columns", "run", "discard"])
def test_another_lender_cannot_move_a_file_on_its_way(world: World, part: str) -> None:
    another_lender(world)
    lu = officer(world)
    lu.send(csv_file(HEADERS, BAI))
    answer = world.client("wei").post(f"{lu.place}/{part}", data={**lu.choices, "seen": "x"})
    assert (answer.status_code, loans_of(world)) == (404, {})


@pytest.mark.parametrize("name", ["ren", "mo", "audit"])
@pytest.mark.parametrize("address", ["/loans", "/loans/imports"])
def test_loans_are_the_lenders_alone(world: World, name: str, address: str) -> None:
    assert world.client(name).get(address).status_code == 403


@pytest.mark.parametrize("name", ["bai", "shi", "an"])
def test_who_sits_at_no_desk_finds_no_loans(world: World, name: str) -> None:
    assert world.client(name).get("/loans").status_code == 404


def test_two_lenders_may_have_contracts_of_one_number(world: World) -> None:
    another_lender(world)
    officer(world).bring(csv_file(HEADERS, BAI))
    officer(world, "wei").bring(csv_file(HEADERS, BAI))
    assert [batch.new_count for batch in imports_of(world)] == [1, 1]
