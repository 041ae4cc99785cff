"""A file of loans is read whatever it was written with, and what cannot be read is refused by name."""

import io
import struct
import zipfile
from datetime import date, datetime

import pytest

from mediation.errors import Refused
from mediation.portfolios import sheets, workbooks
from mediation.portfolios.sentences import SENTENCES
from mediation.portfolios.sheets import PROBLEM_MARK, SheetKind, read_sheet
from tests.portfolios.lender_files import (
    BAI,
    HEADERS,
    WideFile,
    csv_file,
    sheet_of,
    wide_files,
    with_part,
    xlsx_file,
)


def refusal(content: bytes, name: str = "loans.csv") -> str:
    with pytest.raises(Refused) as no:
        list(read_sheet(content, name).rows())
    assert SENTENCES[no.value.key] % no.value.facts
    return no.value.key


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_encoding_and_delimiter_gives_the_same_rows(encoding: str, delimiter: str) -> None:
    sheet = read_sheet(csv_file(HEADERS, BAI, encoding=encoding, delimiter=delimiter), "贷款.csv")
    assert (sheet.headers, [row.cells for row in sheet.rows()]) == (HEADERS, [BAI])
    assert (sheet.encoding, sheet.delimiter, sheet.kind) == (encoding, delimiter, SheetKind.CSV)


def test_text_in_big_endian_order_is_read_too() -> None:
    content = b"\xfe\xff" + csv_file(HEADERS, BAI, encoding="utf-16-be", delimiter="\t")
    assert read_sheet(content, "x.txt").headers == HEADERS


def test_a_first_line_may_name_the_delimiter() -> None:
    sheet = read_sheet(b"sep=;\r\na;b\r\n1,5;2\r\n", "x.csv")
    assert (sheet.headers, sheet.header_number, sheet.first_rows(1)[0].number) == (("a", "b"), 2, 3)


def test_rows_keep_the_numbers_that_the_file_shows() -> None:
    rows = sheet_of(("某某消费金融 逾期清单",), (), HEADERS, BAI, (), BAI[:4] + ("第一行\n第二行",) + BAI[5:], BAI)
    assert [(row.number, row.cells[4]) for row in rows.rows()] == [
        (4, "50,000.00"), (6, "第一行\n第二行"), (7, "50,000.00"),
    ]  # fmt: skip


def test_rows_can_be_read_again() -> None:
    sheet = sheet_of(HEADERS, BAI)
    assert list(sheet.rows()) == list(sheet.rows())


def test_a_row_says_how_many_cells_the_file_gave() -> None:
    sheet = sheet_of(("a", "b"), ("1",), ("1", "2", "3"), ("1", "2", "", ""))
    assert [(row.cells, row.width) for row in sheet.rows()] == [(("1", ""), 1), (("1", "2"), 3), (("1", "2"), 2)]


def test_our_own_column_of_problems_is_left_out_when_the_file_comes_back() -> None:
    sheet = sheet_of(("a", "b", f"{PROBLEM_MARK} 问题"), ("1", "2", "金额看不懂"), ("3", "4"))
    assert (sheet.headers, [row.width > sheet.width for row in sheet.rows()]) == (("a", "b"), [False, False])


def test_a_workbook_gives_days_and_numbers_as_excel_shows_them() -> None:
    row = ("白", 13812345678, 0.1 + 0.2, date(2025, 1, 5), datetime(2025, 1, 5, 14, 30), True, 110101199003070003, 1e-7)  # noqa: DTZ001
    sheet = read_sheet(xlsx_file([f"h{place}" for place in range(8)], row), "x.xlsx")
    assert next(sheet.rows()).cells == (
        "白", "13812345678", "0.3", "2025-01-05", "2025-01-05 14:30:00", "TRUE", "1.1010119900307E+17", "0.0000001",
    )  # fmt: skip


def test_the_first_visible_sheet_with_data_is_read() -> None:
    content = xlsx_file(("a", "b"), (1, 2), sheets=(("秘密", False), ("空", True), ("贷款", True)))
    sheet = read_sheet(content, "x.xlsx")
    assert (sheet.title, sheet.headers, sheet.other_sheets) == ("贷款", ("a", "b"), ())


def test_a_table_that_starts_further_down_and_right_keeps_its_row_numbers() -> None:
    sheet = read_sheet(xlsx_file(("a", "b"), (1, 2), at=3), "x.xlsx")
    assert [(row.number, row.cells[-2:]) for row in sheet.rows()] == [(5, ("1", "2"))]


def test_formulas_give_their_values_and_failed_ones_show() -> None:
    content = xlsx_file(("a", "b"), (1, 2))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        page = archive.read("xl/worksheets/sheet1.xml")
    page = page.replace(b'<c r="A2"><v>1</v></c>', b'<c r="A2"><f>3*4</f><v>12</v></c>')
    page = page.replace(b'<c r="B2"><v>2</v></c>', b'<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>')
    sheet = read_sheet(with_part(content, "xl/worksheets/sheet1.xml", page), "x.xlsx")
    assert next(sheet.rows()).cells == ("12", workbooks.FORMULA_ERROR)


def test_what_a_file_is_its_content_says() -> None:
    assert read_sheet(xlsx_file(("a", "b"), (1, 2)), "loans.csv").kind is SheetKind.XLSX


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b" \r\n", "import:empty-file"),
        (b"a,b\n1,\x00\n", "import:not-text"),
        (b"%PDF-1.7\n\x01\x02", "import:not-text"),
        (b"\xef\xbb\xbfa,b\n\xff\xfe,1\n", "import:not-text"),
        (b"a,b\n\xff\xff\xff,1\n", "import:unknown-encoding"),
        (b"\xff\xfea\x00,", "import:not-text"),
        ("\ufeffa,\x00b\n".encode("utf-16-le"), "import:not-text"),
        (b"one\ntwo\nthree\n", "import:no-columns"),
        (b"a,b\n", "import:no-rows"),
        (b'a,b\n1,"open\n2,3\n', "import:broken-quotes"),
        (b'a,b\n1,"' + b"x" * 140_000 + b'"\n', "import:cell-too-long"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "import:web-page"),
        (b'<?xml version="1.0"?><Workbook/>', "import:web-page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "import:old-excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "import:password"),
        (b"PK\x03\x04 not an archive", "import:not-a-workbook"),
        (b"a" * 300 + b",b\n1,2\n", "import:header-too-long"),
        (b",".join([b"c"] * 201) + b"\n" + b",".join([b"1"] * 201) + b"\n", "import:too-many-columns"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(content: bytes, key: str) -> None:
    assert refusal(content) == key


def test_an_open_quote_names_its_row() -> None:
    with pytest.raises(Refused) as no:
        read_sheet(b'a,b\n1,2\n3,"open\n4,5\n', "x.csv")
    assert (no.value.key, no.value.facts) == ("import:broken-quotes", {"row": 3})


def test_a_file_of_more_than_20_megabytes_is_refused() -> None:
    assert refusal(b"a,b\n" + b"1,2\n" * 5_500_000) == "import:too-large"


def test_more_rows_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    assert read_sheet(b"a,b\n" + b"1,2\n" * 3, "x.csv").row_count == 3
    assert refusal(b"a,b\n" + b"1,2\n" * 4) == "import:too-many-rows"


def archive(**parts: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, part in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), part)
    return written.getvalue()


def test_other_archives_are_no_workbooks() -> None:
    assert refusal(archive(word__document_xml=b"<w/>")) == "import:not-a-workbook"
    assert refusal(archive(mimetype=b"application/vnd.oasis", content_xml=b"<o/>")) == "import:open-document"


def test_an_archive_that_unpacks_to_far_more_is_refused_unopened() -> None:
    assert refusal(archive(xl__workbook_xml=b"0" * 30_000_000)) == "import:unpacks-too-large"


def test_an_archive_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(with_part(xlsx_file(("a", "b"), (1, 2)), "xl/media/x.bin", b"0" * 5_000_000))
    entry = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", content, entry + 24, 1000)
    assert refusal(bytes(content)) == "import:unpacks-too-large"


@pytest.mark.parametrize("far", [b"XFD1048576", b"ZZ90000"])
def test_one_cell_far_away_does_not_fill_the_memory(far: bytes) -> None:
    page = (
        b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="%s"><v>1</v></c></row></sheetData></worksheet>'
    )
    content = with_part(xlsx_file(("a", "b"), (1, 2)), "xl/worksheets/sheet1.xml", page % far)
    assert refusal(content) == "import:workbook-too-large"


def test_an_empty_cell_far_away_is_harmless() -> None:
    content = xlsx_file(("a", "b"), (1, 2))
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        page = opened.read("xl/worksheets/sheet1.xml")
    page = page.replace(b"</row></sheetData>", b'<c r="XFD2" s="1"/></row></sheetData>')
    assert read_sheet(with_part(content, "xl/worksheets/sheet1.xml", page), "x.xlsx").headers == ("a", "b")


def test_a_cell_that_does_not_say_where_it_stands_is_refused() -> None:
    page = b"<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>"
    content = with_part(xlsx_file(("a", "b"), (1, 2)), "xl/worksheets/sheet1.xml", page)
    assert refusal(content) == "import:unusual-workbook"


@pytest.mark.parametrize("file", wide_files(), ids=str)
def test_every_row_and_column_of_a_wide_file_is_read(file: WideFile) -> None:
    sheet = read_sheet(file.content, "loans.csv")
    assert (sheet.row_count, len(sheet.headers), sheet.encoding) == (file.rows, 56, "utf-8")
