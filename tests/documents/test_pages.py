"""Documents through the browser: put on file, refused at the field, downloaded and never shown as a page."""

import io
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from mediation.disclosures.document_models import Audience, Document, Kind
from mediation.disclosures.duties import check_final_offer
from mediation.files import StoredFile
from mediation.rules.access import Room
from mediation.rules.duties import Item
from mediation.web.limits import limiter
from tests.documents.made import a_huge_png, a_pdf, a_picture, add, fulfil, replace, state
from tests.guards.words import words_found
from tests.offers.table import refusal
from tests.stories import a_case
from tests.world import World

PDF = a_pdf("the whole of it")


def send(client: FlaskClient, number: str, content: bytes = PDF, name: str = "scan.pdf", **said: str) -> TestResponse:
    """The form of a new document, filled in."""
    form = {"title": "八月工资条", "kind": "other", "audience": "both", "dated_on": "2025-09-01", **said}
    boundary, body = encode_multipart({**form, "file": FileStorage(io.BytesIO(content), filename=name)})
    kind = f'multipart/form-data; boundary="{boundary}"'
    return client.post(f"/cases/{number}/documents", data=body, content_type=kind)


def page(world: World, name: str, path: str, *, language: str = "en") -> str:
    answer = world.client(name, language=language).get(path)
    assert answer.status_code == 200, answer.status
    return answer.get_data(as_text=True)


def the_document(world: World) -> Document:
    with world.reading() as session:
        return session.scalars(select(Document)).one()


def test_a_document_is_put_on_file_and_listed(world: World) -> None:
    number = a_case(world)
    answer = send(world.client("bai"), number)
    assert (answer.status_code, answer.location) == (303, f"/cases/{number}/documents")
    for name in ("bai", "lu", "mo"):
        assert "八月工资条" in page(world, name, f"/cases/{number}/documents")


def test_the_same_form_sent_twice_is_one_document(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    assert {send(client, number, _key="one-key").status_code for _ in range(2)} == {303}
    assert the_document(world).kind is Kind.OTHER


def test_a_file_is_handed_out_as_a_download_and_as_nothing_else(world: World) -> None:
    number = a_case(world)
    document_id = add(world, number, "bai", PDF, title="<b>script</b>.html", kind=Kind.INCOME)
    answer = world.client("lu").get(f"/cases/{number}/documents/{document_id}/file")
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"] == f"attachment; filename={number}-income-v1.pdf"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_each_version_is_handed_out_by_its_number(world: World) -> None:
    number, newer = a_case(world), a_picture("PNG")
    document_id = add(world, number, "bai", PDF)
    replace(world, number, "bai", document_id, newer)
    client, path = world.client("mo"), f"/cases/{number}/documents/{document_id}/file"
    assert client.get(f"{path}?version=1").data == PDF
    assert client.get(path).headers["Content-Disposition"].endswith("-v2.png")
    assert [client.get(f"{path}?version={asked}").status_code for asked in ("3", "0", "x", "1.0", "²")] == [404] * 5


def test_a_newer_version_is_put_through_the_page_of_its_document(world: World) -> None:
    number = a_case(world)
    document_id = add(world, number, "bai", PDF)
    data = {"dated_on": "2025-09-20", "file": (io.BytesIO(a_pdf("newer")), "newer.pdf")}
    path = f"/cases/{number}/documents/{document_id}"
    answer = world.client("bai").post(f"{path}/versions", data=data, content_type="multipart/form-data")
    assert (answer.status_code, answer.location) == (303, path)
    assert "Version 2" in page(world, "lu", path)


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "scan.pdf", "There is nothing in this file."),
        (b"MZ\x90", "scan.pdf", "something else inside"),
        (PDF[:-60], "scan.pdf", "cannot be read to its end"),
        (PDF + b"PK\x03\x04 more", "scan.pdf", "holds something else besides"),
        (a_huge_png(), "photo.png", "50000 by 50000 points"),
        (b"%PDF-" + bytes(21 * 2**20), "scan.pdf", "has 22 MB; at most 20 MB"),
        (PDF, "scan.docx", "Send a PDF, a JPEG or a PNG"),
    ],
    ids=["empty", "program", "cut off", "polyglot", "huge picture", "21 MB", "docx"],
)
def test_a_bad_file_is_refused_at_the_field_and_keeps_nothing(
    world: World, content: bytes, name: str, sentence: str
) -> None:
    number = a_case(world)
    answer = send(world.client("bai"), number, content, name)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert text.count(sentence) == 2  # above the form, and at the field
    assert 'id="file-error"' in text
    assert 'value="八月工资条"' in text
    with world.reading() as session:
        assert session.scalars(select(StoredFile)).all() == []


def test_what_is_missing_is_said_at_each_field(world: World) -> None:
    number = a_case(world)
    answer = send(world.client("bai"), number, title="", kind="", audience="", dated_on="")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for sentence in ("Choose what kind of document it is.", "Choose who may see it.", "Say which day it bears."):
        assert sentence in text


def test_no_file_is_said_at_the_field(world: World) -> None:
    number = a_case(world)
    form = {"title": "x", "kind": "other", "audience": "both", "dated_on": "2025-09-01"}
    answer = world.client("bai").post(f"/cases/{number}/documents", data=form)
    assert (answer.status_code, "Choose a file first." in answer.get_data(as_text=True)) == (409, True)


def test_a_side_is_offered_its_own_kinds(world: World) -> None:
    number = a_case(world)
    borrowers, lenders = (page(world, name, f"/cases/{number}/documents/new") for name in ("bai", "lu"))
    assert ("Proof of illness" in borrowers, "Proof of illness" in lenders) == (True, False)
    assert ("List of fees" in borrowers, "List of fees" in lenders) == (False, True)


def test_from_the_checklist_the_kind_and_both_sides_are_chosen(world: World) -> None:
    number = a_case(world)
    text = page(world, "lu", f"/cases/{number}/documents/new?kind=fees")
    assert '<option selected value="fees">' in text
    assert 'value="both" checked' in text
    assert "checked" not in page(world, "lu", f"/cases/{number}/documents/new?kind=nonsense")


@pytest.mark.parametrize("name", ["bai", "mo", "lu"])
def test_the_checklist_says_what_is_owed_why_by_when_and_how_it_stands(world: World, name: str) -> None:
    number = a_case(world)
    fulfil(world, number, Item.CONTRACT)
    world.clock.move(days=20)
    state(world, number, Item.FEES, "除利息外没有收过任何费用。")
    text = page(world, name, f"/cases/{number}/documents")
    assert "by the end of 9 October 2025" in text
    assert (text.count(">Overdue<"), text.count(">There<"), text.count("after its day")) == (3, 2, 1)
    assert "除利息外没有收过任何费用。" in text
    assert "Every fee counts toward the cost of the loan" in text


def test_the_lender_alone_is_shown_the_ways_to_fulfil_an_item(world: World) -> None:
    number = a_case(world)
    shown = {name: page(world, name, f"/cases/{number}/documents").count("/duties/fees/statement") for name in
             ("bai", "lu", "mo")}  # fmt: skip
    assert shown == {"bai": 0, "lu": 1, "mo": 0}


def test_a_fact_is_stated_through_its_page(world: World) -> None:
    number, client = a_case(world), world.client("lu")
    path = f"/cases/{number}/duties/credit_report/statement"
    assert client.get(path).status_code == 200
    assert client.post(path, data={"text": "没有报送过。"}).status_code == 303
    assert "没有报送过。" in page(world, "bai", f"/cases/{number}/documents")
    assert client.post(path, data={"text": ""}).status_code == 409
    assert [client.get(f"/cases/{number}/duties/{item}/statement").status_code for item in ("assignment", "x")] == [
        404,
        404,
    ]


def test_the_refusal_of_a_last_word_has_its_sentence(world: World) -> None:
    number = a_case(world)
    with world.seat("lu", number) as seat:
        later = world.clock.move(days=20)
        assert refusal(check_final_offer, seat, at=later) == "duty:overdue"


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant", "en"])
def test_no_page_says_a_forbidden_word(world: World, language: str) -> None:
    number = a_case(world)
    document_id = add(world, number, "bai", kind=Kind.HEALTH, audience=Audience.MEDIATOR)
    for path in ("documents", "documents/new", f"documents/{document_id}"):
        text = page(world, "bai", f"/cases/{number}/{path}?lang={language}")
        assert words_found(text.removeprefix("<!doctype html>")) == []


def test_a_case_has_documents_among_its_parts_once_they_may_be_read(world: World) -> None:
    number = a_case(world)
    assert f'href="/cases/{number}/documents"' in page(world, "bai", f"/cases/{number}")
    assert f'href="/cases/{number}/documents"' not in page(world, "ren", f"/cases/{number}")


@pytest.mark.parametrize("name", ["lu", "ren", "shi", "ming"])
def test_the_address_of_a_private_document_answers_others_as_that_of_nothing(world: World, name: str) -> None:
    number = a_case(world)
    private = add(world, number, "bai", audience=Audience.MEDIATOR)
    nothing = UUID("01a20b44-3335-772a-b4b4-cd9c1d5e1841")
    client = world.client(name)
    for ending in ("", "/file", "/file?version=1"):
        found, empty = (client.get(f"/cases/{number}/documents/{one}{ending}") for one in (private, nothing))
        assert found.status_code == empty.status_code
        assert found.status_code in (403, 404)
        assert found.data.replace(str(private).encode(), b"") == empty.data.replace(str(nothing).encode(), b"")


def test_a_version_cannot_be_put_beside_what_one_does_not_see(world: World) -> None:
    number = a_case(world)
    private = add(world, number, "bai", audience=Audience.MEDIATOR)
    data = {"dated_on": "2025-09-01", "file": (io.BytesIO(a_pdf("x")), "x.pdf")}
    path = f"/cases/{number}/documents/{private}/versions"
    assert world.client("lu").post(path, data=data, content_type="multipart/form-data").status_code == 404


def test_a_damaged_file_is_never_handed_out(world: World) -> None:
    number = a_case(world)
    document_id = add(world, number, "bai")
    (blob,) = [path for path in world.settings.blob_folder.rglob("*") if path.is_file()]
    blob.write_bytes(blob.read_bytes()[:-1] + b"\x00")
    answer = world.client("mo").get(f"/cases/{number}/documents/{document_id}/file")
    assert (answer.status_code, answer.mimetype) == (409, "text/html")
    assert "This file is not what was kept" in answer.get_data(as_text=True)


def test_twenty_uploads_an_hour_for_each_account(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    number, client = a_case(world), world.client("bai")
    monkeypatch.setattr(limiter, "enabled", True)
    answers = [send(client, number, b"").status_code for _ in range(21)]
    assert answers == [409] * 20 + [429]
    assert send(world.client("lu"), number, b"").status_code == 409
    versions = f"/cases/{number}/documents/{add(world, number, 'bai')}/versions"
    assert client.post(versions).status_code == 429
    world.clock.move(hours=1, seconds=1)
    assert send(world.client("bai"), number).status_code == 303


def test_what_a_caucus_is_to_words_a_private_document_is_to_papers(world: World) -> None:
    number = a_case(world)
    add(world, number, "bai", title="诊断证明", audience=Audience.MEDIATOR)
    with world.seat("lu", number) as seat:
        rooms = seat.rooms()
    assert Room.CAUCUS_BORROWER not in rooms
    assert "诊断证明" not in page(world, "lu", f"/cases/{number}/documents", language="zh-CN")
    assert "对方看不到" in page(world, "mo", f"/cases/{number}/documents?lang=zh_Hans")
