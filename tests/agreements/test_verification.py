"""Anybody who holds a sealed agreement can check it; whoever does not learns nothing."""

import io
import re

import pytest
from sqlalchemy import event

from mediation.agreements import verification_views
from mediation.agreements.duties import read_terms
from mediation.agreements.models import Agreement
from mediation.rules import chain
from mediation.rules.clauses import from_document
from mediation.rules.settlement import AgreementFacts
from tests.agreements.signing import SEALED, agreed, drawn_up, paper, sealed, the_agreement
from tests.invitations.test_codes import limit
from tests.stories import identify
from tests.world import World

NOTHING = "We have no sealed agreement that fits this"
FOUND = "This agreement was sealed here"


def test_number_and_code_tell_that_it_is_sealed_and_in_effect(world: World) -> None:
    agreement, code = _sealed(world)
    page = _ask(world, number=agreement.number, code=code)
    assert FOUND in page
    assert "Jiangcheng People&#39;s Mediation Committee" in page
    assert "In effect" in page
    assert _sha256_shown(page) == agreement.sealed_sha256
    assert "24 September 2025" in page


@pytest.mark.parametrize("way", ["lower", "spaced", "without"])
def test_the_code_is_read_as_people_write_it(world: World, way: str) -> None:
    agreement, code = _sealed(world)
    typed = {"lower": code.lower(), "spaced": code.replace("-", " "), "without": code.replace("-", "")}[way]
    assert FOUND in _ask(world, number=f"  {agreement.number} ", code=typed)


def test_the_page_names_no_person_and_no_amount(world: World) -> None:
    agreement, code = _sealed(world)
    page = _ask(world, number=agreement.number, code=code)
    for secret in ("白露", "陆远", "莫文", "江岸", "32,460", "1,248", "WH-2025-90001"):
        assert secret not in page


@pytest.mark.parametrize(("number", "code"), [(True, False), (False, True), (False, False)])
def test_a_wrong_number_or_code_finds_nothing_in_the_same_form(world: World, number: bool, code: bool) -> None:
    agreement, right = _sealed(world)
    page = _ask(world, number=agreement.number if number else "X-1", code=right if code else "0000-0000-0000")
    assert NOTHING in page
    assert re.findall(r"<dt>([^<]+)</dt>", page) == re.findall(
        r"<dt>([^<]+)</dt>", _ask(world, number=agreement.number, code=right)
    )


def test_what_is_not_sealed_yet_is_not_found(world: World) -> None:
    _, agreement_id = paper(world)
    agreement = the_agreement(world, agreement_id)
    assert NOTHING in _ask(world, number=agreement.number, code=_facts(agreement).verification_code)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (SEALED, "Unchanged: it is exactly the sealed file."),
        (SEALED + b" and one byte more", "Changed: it is not the sealed file."),
        (b"no PDF at all", "Not recognised"),
    ],
)
def test_a_file_is_compared_with_the_sealed_one(world: World, content: bytes, words: str) -> None:
    agreement, code = _sealed(world)
    assert words in _ask(world, number=agreement.number, code=code, content=content)


def test_the_sealed_file_alone_is_enough(world: World) -> None:
    _sealed(world)
    page = _ask(world, content=SEALED)
    assert (FOUND in page, "Unchanged" in page) == (True, True)
    assert NOTHING in _ask(world, content=SEALED + b"!")


def test_nothing_of_the_file_is_kept(world: World) -> None:
    agreement, code = _sealed(world)
    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        written.extend([statement] if not statement.startswith(("SELECT", "PRAGMA")) else [])

    event.listen(world.engine, "before_cursor_execute", note)
    try:
        _ask(world, number=agreement.number, code=code, content=SEALED)
    finally:
        event.remove(world.engine, "before_cursor_execute", note)
    assert [one for one in written if one.startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_a_file_beyond_twenty_megabytes_is_refused_at_its_field(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verification_views.MOST_BYTES == 20 * 1024 * 1024
    monkeypatch.setattr(verification_views, "MOST_BYTES", len(SEALED) - 1)
    answer = _post(world, content=SEALED)
    assert answer.status_code == 409
    assert 'id="file-error"' in answer.get_data(as_text=True)


def test_an_empty_question_is_answered_at_the_field(world: World) -> None:
    answer = _post(world)
    assert answer.status_code == 409
    assert "Write the agreement number and the verification code" in answer.get_data(as_text=True)


def test_guessing_is_slowed_down(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(world, monkeypatch)
    statuses = [_post(world, number="X", code="0000-0000-0000").status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]


def test_the_page_is_found_from_the_start_and_from_the_check_of_notices(world: World) -> None:
    for path in ("/", "/check"):
        assert 'href="/verify"' in world.client().get(path).get_data(as_text=True)


def test_the_paper_names_the_page(world: World) -> None:
    number = agreed(world)
    identify(world, number)
    agreement_id = drawn_up(world, number)
    with world.reading() as session:
        rendering = read_terms(session, {"agreement": str(agreement_id)}, at=world.clock())
    assert rendering is not None
    assert rendering.sheet.verify_at == "tiaojie.example.cn/verify"


def test_whoever_took_part_sees_both_fingerprints(world: World) -> None:
    number, agreement_id = sealed(world)
    agreement = the_agreement(world, agreement_id)
    page = world.client("bai").get(f"/cases/{number}/agreement").get_data(as_text=True)
    shown = page.split("SHA-256 of the file that every signer confirms")[1]
    confirmed, after = shown.split("SHA-256 of the sealed file")
    assert (_sha256_shown(confirmed), _sha256_shown(after)) == (agreement.unsigned_sha256, agreement.sealed_sha256)


def _sealed(world: World) -> tuple[Agreement, str]:
    _, agreement_id = sealed(world)
    agreement = the_agreement(world, agreement_id)
    return agreement, _facts(agreement).verification_code


def _facts(agreement: Agreement) -> AgreementFacts:
    document = chain.parse(agreement.document.encode())
    assert isinstance(document, dict)
    return from_document(document)[0]


def _post(world: World, *, number: str = "", code: str = "", content: bytes = b""):  # type: ignore[no-untyped-def]
    form: dict[str, object] = {"number": number, "code": code}
    if content:
        form["file"] = (io.BytesIO(content), "agreement.pdf")
    return world.client().post("/verify", data=form, content_type="multipart/form-data")


def _ask(world: World, **asked: object) -> str:
    answer = _post(world, **asked)  # type: ignore[arg-type]
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def _sha256_shown(page: str) -> str:
    found = re.search(r'class="hash"><code>(.*?)</code>', page)
    assert found is not None
    return found.group(1).replace("<wbr>", "")
