"""A file walks in: uploaded, its columns said, looked at, imported whole or not at all; twice changes nothing."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest

from mediation.errors import Refused
from mediation.keys import unpack
from mediation.portfolios import actions, parsing
from mediation.portfolios.cells import Reading
from mediation.portfolios.models import ImportState
from mediation.portfolios.parsing import fingerprint_of
from mediation.portfolios.sheets import read_sheet
from mediation.rules.lifecycle import Stage
from tests.portfolios.lender_files import BAI, HEADERS, WideFile, csv_file, wide_files, xlsx_file
from tests.portfolios.walking import (
    another_lender,
    entries_in,
    imports_of,
    loans_of,
    officer,
    tiles,
)
from tests.stories import a_case
from tests.world import World

AN = ("HT-2025-0002", "安宁", "13900000008", "", "2万", "12％", "24期", "", "2025-02-01", "18,000元")
NUMBERS = ("HT-2025-0001", BAI[1], 13812345678, BAI[3], 50000, 0.234, 12, 4713.47, date(2025, 1, 5), 30564.30)
TWO = csv_file(HEADERS, BAI, AN)
BAD = csv_file(("逾期清单",), HEADERS, BAI, ("HT-2", "白露", "138****5678", *BAI[3:]), AN)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("九月.csv", csv_file(HEADERS, BAI, encoding="utf-8-sig")),
        ("plain.csv", csv_file(HEADERS, BAI)),
        ("legacy.csv", csv_file(HEADERS, BAI, encoding="gb18030")),
        ("book.xlsx", xlsx_file(HEADERS, NUMBERS)),
        ("second sheet.xlsx", xlsx_file(HEADERS, NUMBERS, sheets=(("说明", False), ("贷款", True)), at=2)),
    ],
)
def test_a_file_is_walked_in_whatever_it_was_written_with(world: World, name: str, content: bytes) -> None:
    officer(world).bring(content, name)
    loan = loans_of(world)["HT-2025-0001"]
    assert (loan.borrower_name, loan.phone, loan.id_tail) == (BAI[1], "13812345678", "002X")
    assert (loan.principal, loan.instalment, loan.outstanding_principal) == (5_000_000, 471_347, 3_056_430)
    assert (loan.yearly_rate, loan.term, loan.disbursed_on) == (Decimal("0.234"), 12, date(2025, 1, 5))


def test_the_whole_identity_number_is_kept_sealed(world: World) -> None:
    officer(world).bring(TWO)
    sealed = loans_of(world)["HT-2025-0001"].id_number_sealed
    assert sealed is not None
    assert world.info["ring"].decrypt(unpack(sealed), context=b"loan-id-number") == BAI[3].encode()


def test_nothing_is_imported_before_the_officer_says_so(world: World) -> None:
    lu = officer(world)
    lu.send(TWO)
    lu.choose()
    assert loans_of(world) == {}
    assert ("Import 2 loans" in lu.page, tiles(lu.page)) == (True, ["2", "2", "0", "0", "0"])


def test_the_button_says_how_many_in_chinese_too(world: World) -> None:
    lu = officer(world, language="zh-CN")
    lu.send(TWO)
    lu.choose()
    assert "导入 2 件" in lu.page


def test_one_row_in_doubt_keeps_every_row_out(world: World) -> None:
    lu = officer(world)
    lu.send(BAD)
    lu.choose()
    page = lu.page
    assert ("138****5678" in page, "Part of this is hidden by asterisks" in page) == (True, True)
    assert 'name="seen"' not in page
    assert (lu.run(seen=_fingerprint(world)).status_code, loans_of(world)) == (409, {})


def test_a_row_in_doubt_stands_under_the_files_own_number(world: World) -> None:
    lu = officer(world)
    lu.send(BAD)
    lu.choose()
    row = lu.page.split('<tr class="has-error">')[1].split("</tr>")[0]
    assert '<th scope="row" class="figures">4</th>' in row
    assert '<td class="bad"><span class="amount">138****5678</span></td>' in row


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_file_of_problems_is_the_lenders_own_with_one_more_column(world: World, kind: str) -> None:
    lu = officer(world, language="zh-CN")
    lu.send(BAD, "逾期.csv")
    lu.choose()
    answer = lu.client.get(f"{lu.place}/errors?kind={kind}")
    rows = [record for _, record in read_sheet(answer.data, f"x.{kind}").records()]
    assert [row[0] for row in rows] == ["逾期清单", "合同编号", "HT-2025-0001", "HT-2", "HT-2025-0002"]
    said = [row[len(HEADERS)] for row in rows[1:4]]
    assert said == ["⚠ 问题", "", "手机号: 这里有一部分被星号遮住。请提供完整内容。"]


def test_the_mended_file_of_problems_is_imported_with_the_same_columns(world: World) -> None:
    lu = officer(world)
    lu.send(BAD)
    lu.choose()
    mended = lu.client.get(f"{lu.place}/errors?kind=csv").data.replace(b"138****5678", b"13812345678")
    lu.bring(mended, "mended.csv")
    assert set(loans_of(world)) == {"HT-2025-0001", "HT-2", "HT-2025-0002"}


def test_the_same_file_twice_changes_nothing(world: World) -> None:
    lu = officer(world)
    lu.bring(TWO)
    before, length = loans_of(world), entries_in(world)
    world.clock.move(days=1)
    page = officer(world).bring(TWO)
    after = loans_of(world)
    assert ("Nothing changed" in page, tiles(page)) == (True, ["0", "0", "2"])
    assert {number: _all_of(loan) for number, loan in after.items()} == {
        number: _all_of(loan) for number, loan in before.items()
    }
    assert entries_in(world) == length


def test_the_same_loans_in_another_shape_change_nothing(world: World) -> None:
    lu = officer(world)
    lu.bring(csv_file(HEADERS, BAI, encoding="gb18030"))
    page = lu.bring(xlsx_file(HEADERS, NUMBERS, at=3), "book.xlsx")
    assert tiles(page) == ["0", "0", "1"]


def test_a_changed_row_changes_its_loan_alone(world: World) -> None:
    lu = officer(world)
    lu.bring(TWO)
    before = loans_of(world)
    page = lu.bring(csv_file(HEADERS, BAI, (*AN[:9], "17,500元")))
    after = loans_of(world)
    assert tiles(page) == ["0", "1", "1"]
    assert (after[AN[0]].id, after[AN[0]].outstanding_principal) == (before[AN[0]].id, 1_750_000)
    assert _all_of(after["HT-2025-0001"]) == _all_of(before["HT-2025-0001"])


def test_a_file_without_identity_numbers_wipes_none(world: World) -> None:
    lu = officer(world)
    lu.bring(TWO)
    lu.bring(csv_file(("合同编号", "剩余本金"), ("HT-2025-0001", "1万")))
    loan = loans_of(world)["HT-2025-0001"]
    assert (loan.id_tail, loan.id_number_sealed is not None, loan.outstanding_principal) == ("002X", True, 1_000_000)


def test_what_was_imported_is_on_the_record_of_the_institution(world: World) -> None:
    length = entries_in(world)
    officer(world).bring(TWO)
    assert entries_in(world) == length + 1


def test_the_columns_are_remembered_for_the_next_file_of_such_headers(world: World) -> None:
    headers = ("编码甲", "编码乙", "编码丙")
    lu = officer(world)
    lu.send(csv_file(headers, ("1", "HT-1", "100")))
    assert "as their headers suggest" in lu.page
    lu.choose(**{"columns-1": "contract_number", "columns-2": "principal"})
    lu.send(csv_file(headers, ("2", "HT-2", "200")))
    assert "as you chose them last time" in lu.page
    assert (lu.choices["columns-1"], lu.choices["columns-2"]) == ("contract_number", "principal")


def test_another_lender_does_not_find_the_remembered_columns(world: World) -> None:
    headers = ("编码甲", "编码乙", "编码丙")
    another_lender(world)
    lu, wei = officer(world), officer(world, "wei")
    lu.send(csv_file(headers, ("1", "HT-1", "100")))
    lu.choose(**{"columns-1": "contract_number", "columns-2": "principal"})
    wei.send(csv_file(headers, ("1", "HT-1", "100")))
    assert wei.choices["columns-1"] == ""


def test_columns_that_make_no_loan_are_said_beside_the_choice(world: World) -> None:
    lu = officer(world)
    lu.send(TWO)
    answer = lu.choose(**{"columns-0": ""})
    assert (answer.status_code, "Say which column holds the contract number." in lu.page) == (409, True)


def test_two_columns_of_one_meaning_are_said_at_both(world: World) -> None:
    lu = officer(world)
    lu.send(TWO)
    lu.choose(**{"columns-1": "contract_number"})
    assert lu.page.count('<tr class="has-error">') == 2


def test_what_was_chosen_stays_chosen_after_a_refusal(world: World) -> None:
    lu = officer(world)
    lu.send(TWO)
    lu.choose(**{"columns-0": "", "columns-1": "product", "currency": "JPY"})
    assert '<option value="product" selected>' in lu.page.split('name="columns-1"')[1].split("</select>")[0]
    assert '<option selected value="JPY">' in lu.page


def test_the_currency_is_the_one_that_the_officer_chose(world: World) -> None:
    headers = ("loan no", "principal", "rate", "term", "instalment")
    officer(world).bring(csv_file(headers, ("A-1", "1,000,000", "12%", "12", "88,849")), currency="JPY")
    loan = loans_of(world)["A-1"]
    assert (loan.currency, loan.principal, loan.instalment) == ("JPY", 1_000_000, 88_849)


def test_other_columns_are_kept_as_they_stand(world: World) -> None:
    headers = (*HEADERS, "渠道", "", "还款日", "渠道")
    officer(world).bring(csv_file(headers, (*BAI, "线下", "=2+2", "每月15日", "旧")))
    attributes = loans_of(world)["HT-2025-0001"].attributes
    assert attributes == {"渠道": "线下", "L": "=2+2", "渠道 [N]": "旧", " due_day": "15"}


def test_a_day_of_which_the_file_gave_the_month_alone_is_known_as_such(world: World) -> None:
    officer(world).bring(csv_file(("合同号", "本金", "放款日期"), ("HT-1", "100", "2025年3月")))
    loan = loans_of(world)["HT-1"]
    assert (loan.disbursed_on, loan.attributes) == (date(2025, 3, 1), {" month_only": "disbursed_on"})


def test_what_is_rounded_is_listed_before_anything_is_imported(world: World) -> None:
    lu = officer(world)
    lu.send(csv_file(("合同号", "剩余本金"), ("HT-1", "100.125")))
    lu.choose()
    refused = "Import 1 loan" not in lu.page
    lu.choose(round_fractions="y")
    assert (refused, "Rounded in 剩余本金" in lu.page, "Import 1 loan" in lu.page) == (True, True, True)


def test_sheets_that_are_not_read_are_named(world: World) -> None:
    lu = officer(world)
    lu.send(xlsx_file(HEADERS, NUMBERS, sheets=(("旧贷款", True), ("贷款", True))), "book.xlsx")
    assert "旧贷款" not in lu.page  # an empty sheet holds nothing that could be missed
    lu.choose()
    assert "Import 1 loan" in lu.page


@pytest.mark.parametrize("content", [b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html></html>", b"a,b\n"])
def test_a_file_that_cannot_be_read_is_refused_at_the_field(world: World, content: bytes) -> None:
    answer = officer(world).send(content)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, 'id="file-error"' in page, imports_of(world)) == (409, True, [])


def test_no_file_at_all_is_said_at_the_field(world: World) -> None:
    answer = officer(world).client.post("/loans/imports", data={})
    assert (answer.status_code, "Choose the file of loans first." in answer.get_data(as_text=True)) == (409, True)


def test_a_file_that_is_put_aside_is_never_imported(world: World) -> None:
    lu = officer(world)
    lu.send(TWO)
    lu.choose()
    page = lu.page
    lu.client.post(f"{lu.place}/discard", data={})
    lu.page = page
    assert (lu.run().status_code, loans_of(world), imports_of(world)[0].state) == (409, {}, ImportState.DISCARDED)


def test_a_second_press_of_the_button_acts_once(world: World) -> None:
    lu = officer(world)
    lu.send(TWO)
    lu.choose()
    page = lu.page
    first = lu.run(key="once")
    lu.page = page
    again = lu.run(key="once")
    assert (first.status_code, again.status_code, again.location) == (303, 303, first.location)
    assert [(batch.new_count, batch.changed_count) for batch in imports_of(world)] == [(2, 0)]


def test_an_import_that_ran_cannot_run_again(world: World) -> None:
    lu = officer(world)
    lu.send(TWO)
    lu.choose()
    page = lu.page
    lu.run(key="one")
    lu.page = page
    answer = lu.run(key="other")
    assert (answer.status_code, "already" in answer.get_data(as_text=True)) == (409, True)


def test_nothing_is_imported_under_columns_that_were_not_looked_at(world: World) -> None:
    lu, other = officer(world), officer(world)
    lu.send(TWO)
    lu.choose()
    other.place, other.choices = lu.place, lu.choices
    other.choose(currency="USD")
    answer = lu.run()
    assert (answer.status_code, "chosen anew" in answer.get_data(as_text=True), loans_of(world)) == (409, True, {})


def test_officers_who_import_the_same_loans_at_once_bring_each_in_once(world: World) -> None:
    content = csv_file(HEADERS, *((f"HT-{number}", *BAI[1:]) for number in range(300)))
    officers = [officer(world) for _ in range(4)]
    for number, lu in enumerate(officers):
        lu.send(content, f"{number}.csv")
        lu.choose()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda lu: lu.run().status_code, officers))
    assert (answers, len(loans_of(world))) == ([303] * 4, 300)
    assert sorted(batch.new_count for batch in imports_of(world)) == [0, 0, 0, 300]


def test_a_process_that_never_saw_the_preview_reads_the_file_itself(world: World) -> None:
    lu = officer(world)
    lu.send(TWO)
    lu.choose()
    parsing.forget(fingerprint_of(imports_of(world)[0]))
    lu.run()
    assert len(loans_of(world)) == 2


def test_a_known_file_is_imported_in_one_go(world: World) -> None:
    with world.desk("lu") as desk:
        counts = actions.import_file(desk, TWO, "loans.csv", Reading("CNY"), at=world.clock())
    assert (counts.new, set(loans_of(world))) == (2, {"HT-2025-0001", "HT-2025-0002"})


def test_a_file_with_a_row_in_doubt_leaves_nothing_behind(world: World) -> None:
    with pytest.raises(Refused, match="import:rows-in-doubt"), world.desk("lu") as desk:
        actions.import_file(desk, BAD, "loans.csv", Reading("CNY"), at=world.clock())
    assert (imports_of(world), loans_of(world)) == ([], {})


def test_the_template_is_an_empty_file_that_is_known(world: World) -> None:
    lu = officer(world, language="zh-CN")
    content = lu.client.get("/loans/imports/template").data
    headers = next(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    row = csv_file(["HT-1" if header == "合同编号" else "100" if header == "借款金额" else "" for header in headers])
    lu.bring(content + row)
    assert loans_of(world)["HT-1"].principal == 10_000


@pytest.mark.parametrize("file", wide_files(), ids=str)
def test_a_wide_file_is_imported_whole_with_the_score_of_its_rounding(world: World, file: WideFile) -> None:
    lu = officer(world)
    lu.send(file.content)
    lu.choose(currency="USD")
    preview = lu.page
    lu.run()
    assert f"{file.rows - 1:,} of {file.rows:,} stated instalments are explained" in preview
    assert f"{file.halves_up:,} of {file.rows:,}" in preview
    assert tiles(lu.page) == [f"{file.rows:,}", "0", "0"]
    assert {loan.currency for loan in loans_of(world).values()} == {"USD"}


def _fingerprint(world: World) -> str:
    return fingerprint_of(imports_of(world)[-1])


def _all_of(loan: object) -> dict[str, object]:
    return {name: value for name, value in vars(loan).items() if not name.startswith("_")}


def test_the_preview_names_the_loans_on_which_a_case_is_open_and_what_changes_in_them(world: World) -> None:
    a_case(world, Stage.OPEN, contract=BAI[0])
    row = list(BAI)
    row[1], row[9] = "白璐", "20,000.00"
    walked = officer(world)
    walked.send(csv_file(HEADERS, row, AN))
    walked.choose()
    page = walked.page
    start = page.index("Loans on which a case is open")
    table = page[start : page.index("</table>", start)]
    assert ("白露" in table, "白璐" in table, "20,000.00" in table, "WH-2025-90001" in table) == (
        True,
        True,
        True,
        True,
    )
    assert AN[0] not in table


def test_without_an_open_case_the_preview_says_nothing_of_cases(world: World) -> None:
    walked = officer(world)
    walked.send(TWO)
    walked.choose()
    assert "Loans on which a case is open" not in walked.page
