"""A document is on file for whom it was meant, version beside version, and nothing is taken away."""

import hashlib
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from mediation import audit, files
from mediation.cases import appointments
from mediation.disclosures import document_selections as selections
from mediation.disclosures.document_models import Audience, DocumentVersion, Kind
from mediation.errors import NotFound, NotPermitted
from mediation.notices import Notice
from mediation.rules.access import Thread
from mediation.rules.lifecycle import Stage
from tests.documents.made import DAY, a_pdf, a_picture, add, replace
from tests.house import everything_in
from tests.offers.table import refusal
from tests.stories import a_case
from tests.world import World

NOTHING = UUID("01a20b44-3335-772a-b4b4-cd9c1d5e1841")


def titles(world: World, name: str, number: str) -> list[str]:
    with world.seat(name, number) as seat:
        return [paper.title for paper in selections.documents_seen_by(seat)]


def kinds_in(world: World, number: str, name: str, thread: Thread) -> list[str]:
    with world.seat(name, number) as seat:
        return [entry.kind for entry in audit.entries_seen_by(seat, thread)]


def told(world: World) -> list[tuple[str, str]]:
    names = {account: name for name, account in world.people.items()}
    with world.reading() as session:
        return [(names[one.account_id or NOTHING], one.kind) for one in session.scalars(select(Notice))]


def test_a_shared_document_is_seen_by_both_sides_and_the_mediator(world: World) -> None:
    number = a_case(world)
    add(world, number, "lu", title="借款合同", kind=Kind.CONTRACT)
    assert [titles(world, name, number) for name in ("bai", "lu", "mo")] == [["借款合同"]] * 3


def test_a_private_document_is_seen_by_its_side_and_the_mediator_alone(world: World) -> None:
    number = a_case(world)
    add(world, number, "bai", title="诊断证明", kind=Kind.HEALTH, audience=Audience.MEDIATOR)
    assert [titles(world, name, number) for name in ("bai", "lu", "mo")] == [["诊断证明"], [], ["诊断证明"]]


def test_the_registrar_sees_no_document(world: World) -> None:
    number = a_case(world)
    add(world, number, "lu")
    with world.seat("ren", number) as seat, pytest.raises(NotPermitted):
        selections.documents_seen_by(seat)


def test_a_shared_document_is_one_entry_in_the_case_with_its_hash(world: World) -> None:
    number, content = a_case(world), a_pdf("the contract")
    document_id = add(world, number, "lu", content, kind=Kind.CONTRACT, title="借款合同")
    with world.seat("bai", number) as seat:
        (entry,) = audit.entries_seen_by(seat, Thread.CASE)
    assert entry.kind == "document:added"
    assert entry.body == {
        "document": str(document_id),
        "version": 1,
        "kind": "contract",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "media_type": "application/pdf",
        "dated_on": "2025-09-01",
        "title_sha256": hashlib.sha256("借款合同".encode()).hexdigest(),
    }


@pytest.mark.parametrize(("name", "thread", "other"), [("bai", Thread.CAUCUS_BORROWER, "lu"),
                                                       ("lu", Thread.CAUCUS_LENDER, "bai")])  # fmt: skip
def test_a_private_document_is_one_entry_in_its_own_sides_thread(
    world: World, name: str, thread: Thread, other: str
) -> None:
    number = a_case(world)
    add(world, number, name, audience=Audience.MEDIATOR)
    assert kinds_in(world, number, name, thread) == kinds_in(world, number, "mo", thread) == ["document:added"]
    assert kinds_in(world, number, other, thread) == kinds_in(world, number, other, Thread.CASE) == []


def test_whoever_may_see_it_is_told_and_nobody_else(world: World) -> None:
    number = a_case(world)
    add(world, number, "bai", audience=Audience.MEDIATOR)
    assert told(world) == [("mo", "document:added")]
    add(world, number, "bai")
    assert sorted(told(world)[1:]) == [("lu", "document:added"), ("mo", "document:added")]


def test_nothing_of_the_case_itself_moves(world: World) -> None:
    number = a_case(world)

    def standing() -> tuple[object, ...]:
        with world.seat("ren", number) as seat:
            return seat.case.moved_at, seat.case.turn, seat.case.deadline_at, seat.case.stage

    before = standing()
    world.clock.move(hours=1)
    add(world, number, "bai", audience=Audience.MEDIATOR)
    assert standing() == before


def test_a_newer_version_stands_before_the_earlier_one_which_stays(world: World) -> None:
    number, first, second = a_case(world), a_pdf("first"), a_pdf("second")
    document_id = add(world, number, "lu", first)
    assert replace(world, number, "lu", document_id, second) == 2
    with world.seat("bai", number) as seat:
        paper = selections.document_seen_by(seat, document_id)
        contents = [selections.file_seen_by(seat, document_id, n).content for n in (None, 2, 1)]
    assert [version.number for version in paper.versions] == [2, 1]
    assert contents == [second, second, first]
    assert kinds_in(world, number, "bai", Thread.CASE) == ["document:added", "document:replaced"]


def test_the_same_file_is_no_newer_version(world: World) -> None:
    number, content = a_case(world), a_pdf()
    document_id = add(world, number, "lu", content)
    assert refusal(replace, world, number, "lu", document_id, content) == "document:same-file"


def test_only_its_own_side_puts_a_newer_version(world: World) -> None:
    number = a_case(world)
    document_id = add(world, number, "lu")
    with pytest.raises(NotFound):
        replace(world, number, "bai", document_id, a_pdf("other"))
    with pytest.raises(NotPermitted):
        replace(world, number, "mo", document_id, a_pdf("other"))


def test_a_document_that_is_not_seen_is_as_one_that_is_not_there(world: World) -> None:
    number, elsewhere = a_case(world), a_case(world, contract="C-2", borrower="shi", mediator="ming")
    private = add(world, number, "bai", audience=Audience.MEDIATOR)
    foreign = add(world, elsewhere, "shi", audience=Audience.MEDIATOR)
    for document_id in (private, foreign, NOTHING):
        with world.seat("lu", number) as seat, pytest.raises(NotFound):
            selections.file_seen_by(seat, document_id)


def test_a_document_of_another_case_is_not_found_in_this_one(world: World) -> None:
    number, elsewhere = a_case(world), a_case(world, contract="C-2", borrower="shi", mediator="ming")
    foreign = add(world, elsewhere, "lu")
    with world.seat("lu", number) as seat, pytest.raises(NotFound):
        selections.document_seen_by(seat, foreign)


def test_a_version_that_is_not_there_is_not_found(world: World) -> None:
    number = a_case(world)
    document_id = add(world, number, "lu")
    with world.seat("bai", number) as seat, pytest.raises(NotFound):
        selections.file_seen_by(seat, document_id, 2)


def test_a_successor_sees_what_is_shared_and_nothing_that_was_private_before(world: World) -> None:
    number = a_case(world)
    add(world, number, "bai", title="分享", kind=Kind.OTHER)
    private = add(world, number, "bai", title="私下", audience=Audience.MEDIATOR)
    _change_mediator(world, number)
    assert titles(world, "ming", number) == ["分享"]
    assert replace(world, number, "bai", private, a_pdf("for the new one")) == 2
    with world.seat("ming", number) as seat:
        paper = selections.document_seen_by(seat, private)
        assert [version.number for version in paper.versions] == [2]
        with pytest.raises(NotFound):
            selections.file_seen_by(seat, private, 1)


def test_nothing_private_is_put_down_while_no_mediator_sits(world: World) -> None:
    number = a_case(world)
    with world.seat("mo", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    assert refusal(add, world, number, "bai", audience=Audience.MEDIATOR) == "document:no-mediator"
    assert refusal(add, world, number, "bai") == "done"


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        (Stage.JOINED, "case:wrong-stage"),
        (Stage.APPOINTED, "done"),
        (Stage.SIGNING, "done"),
        (Stage.IN_FORCE, "case:wrong-stage"),
    ],
)
def test_documents_are_put_on_file_while_there_are_talks(world: World, stage: Stage, answer: str) -> None:
    assert refusal(add, world, a_case(world, stage), "lu") == answer


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"title": "  "}, "document:title-missing"),
        ({"title": "长" * 121}, "document:title-too-long"),
        ({"title": "pay\u202eslip"}, "document:title-hides"),
        ({"kind": Kind.FEES}, "document:kind-unknown"),
        ({"dated_on": date(2025, 9, 25)}, "document:date-out-of-range"),
        ({"dated_on": date(1979, 12, 31)}, "document:date-out-of-range"),
        ({"dated_on": date(2025, 9, 24)}, "done"),
    ],
)
def test_what_is_said_of_it_is_checked(world: World, said: dict[str, object], key: str) -> None:
    assert refusal(add, world, a_case(world), "bai", **said) == key


def test_the_title_is_kept_encrypted(world: World) -> None:
    number = a_case(world)
    add(world, number, "bai", title="canarytitle", audience=Audience.MEDIATOR)
    values = [value for rows in everything_in(world.engine).values() for row in rows for value in row]
    written = [value if isinstance(value, bytes) else str(value).encode() for value in values]
    assert not [value for value in written if b"canarytitle" in value]


def test_the_file_lies_encrypted_under_a_key_of_its_own(world: World) -> None:
    number = a_case(world)
    for name in ("bai", "lu"):
        add(world, number, name, a_pdf(f"plainwords {name}", compress_streams=False))
    blobs = [path.read_bytes() for path in world.settings.blob_folder.rglob("*") if path.is_file()]
    assert len(blobs) == 2
    assert not [blob for blob in blobs if b"plainwords" in blob or b"%PDF" in blob]
    with world.reading() as session:
        keys = session.scalars(select(files.StoredFile.wrapped_key)).all()
    assert len(set(keys)) == 2


def test_a_refused_document_keeps_no_row(world: World) -> None:
    number = a_case(world)
    assert refusal(add, world, number, "bai", title="") == "document:title-missing"
    with world.reading() as session:
        rows = session.scalar(select(func.count()).select_from(DocumentVersion))
    assert rows == 0


def test_a_picture_is_on_file_as_it_was_made_anew(world: World) -> None:
    number = a_case(world)
    document_id = add(world, number, "bai", a_picture("JPEG", comment=b"at home"))
    with world.seat("mo", number) as seat:
        found = selections.file_seen_by(seat, document_id)
    assert found.version.media_type == "image/jpeg"
    assert found.version.sha256 == hashlib.sha256(found.content).hexdigest()
    assert b"at home" not in found.content
    assert found.version.dated_on == DAY


def _change_mediator(world: World, number: str) -> None:
    with world.seat("mo", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    world.clock.move(hours=1)
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people["ming"], at=world.clock())
    with world.seat("ming", number) as seat:
        appointments.accept_appointment(seat, at=world.clock() + timedelta(minutes=1))
    world.clock.move(minutes=2)
