"""Each secret of a case is seen by those to whom it belongs, and found by nobody else anywhere."""

import logging
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import select

from mediation import audit
from mediation.db import make_engine
from mediation.rules import chain
from mediation.web import logs
from tests.databases import Handout
from tests.furnished import furnish
from tests.house import ACTORS, everything_in, open_house
from tests.leaks.canaries import ADVISERS_LETTER, Planted, letters, pages_read_by, plant, seen_in

# What stands in the clear nowhere in the database, nor in any file beside it.
ENCRYPTED = ("borrower's caucus", "lender's caucus", "mediator's notes", "joint room", "identity number",
             "service address", "join code", "reason of declining", "borrower's paper", "officer's paper",
             "borrower's fact", "officer's fact", "what was verified", "words for it",
             "advice", "adviser's code", "message that waits", "draft of a message",
             "report of conduct", "answer to a report",
             "hardship", "released income", "spending in summary", "savings in a draft",
             "limits", "asked plan", "reason of returning")  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the product keeps its files."""
    return tmp_path_factory.mktemp("house")


@pytest.fixture(scope="module")
def planted(databases: Handout, database_kind: str, folder: Path) -> Iterator[Planted]:
    """A house with secrets on one database."""
    source, place = databases(database_kind), folder / database_kind_folder(folder, database_kind)
    url, house = furnish(source, "house", open_house, place)
    engine = make_engine(url)
    yield plant(house.moved_to(engine, place))
    engine.dispose()
    source.drop(url)


@pytest.fixture(scope="module")
def logged() -> Iterator[StringIO]:
    """Everything that the product writes into its log meanwhile."""
    stream, product = StringIO(), logging.getLogger("mediation")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Line())
    level = product.level
    product.addHandler(handler)
    product.setLevel(logging.DEBUG)
    yield stream
    product.removeHandler(handler)
    product.setLevel(level)


@pytest.fixture(scope="module")
def pages(planted: Planted, logged: StringIO) -> dict[str, dict[str, str]]:
    """Every page as every actor reads it."""
    return {actor: pages_read_by(planted, actor) for actor in ACTORS}


def database_kind_folder(folder: Path, kind: str) -> str:
    """A folder for each database."""
    (folder / kind).mkdir(exist_ok=True)
    return kind


def test_a_secret_is_on_no_page_of_anybody_else(planted: Planted, pages: dict[str, dict[str, str]]) -> None:
    leaks = {
        (secret, actor, path)
        for secret, (written, readers) in planted.secrets.items()
        for actor, read in pages.items()
        for path, text in read.items()
        if actor not in readers and seen_in(text, written)
    }
    leaks -= {leak for leak in leaks if leak[2].startswith("/docket?q=") and _is_own_question(leak, planted)}
    assert not leaks


@pytest.mark.parametrize("secret", ["borrower's caucus", "lender's caucus", "mediator's notes", "joint room",
                                    "reason of declining", "held plan", "borrower's paper",
                                    "officer's paper", "borrower's fact", "officer's fact",
                                    "what was verified", "words for it", "advice", "adviser's code",
                                    "message that waits", "draft of a message",
                                    "report of conduct", "answer to a report",
                                    "hardship", "released income", "spending in summary",
                                    "savings in a draft", "limits", "asked plan",
                                    "reason of returning"])  # fmt: skip
def test_a_secret_is_seen_by_all_to_whom_it_belongs(
    planted: Planted, pages: dict[str, dict[str, str]], secret: str
) -> None:
    written, readers = planted.secrets[secret]
    seen = {
        actor for actor, read in pages.items() if any(seen_in(t, written) for p, t in read.items() if "?q=" not in p)
    }
    assert seen == readers


def test_no_letter_carries_a_secret_but_the_code_to_the_person_invited(planted: Planted) -> None:
    leaks = {
        (secret, reader)
        for secret, (written, _) in planted.secrets.items()
        for reader, texts in letters(planted).items()
        for text in texts
        if seen_in(text, written)
    }
    assert leaks == {("join code", "xinfeng@example.org"), ("adviser's code", ADVISERS_LETTER)}


def test_no_secret_is_in_the_log(planted: Planted, pages: dict[str, dict[str, str]], logged: StringIO) -> None:
    text = logged.getvalue()
    assert "request" in text
    assert [secret for secret, (written, _) in planted.secrets.items() if seen_in(text, written)] == []


def test_what_is_encrypted_stands_nowhere_in_the_clear(planted: Planted) -> None:
    found = {
        (secret, table)
        for table, rows in everything_in(planted.house.world.engine).items()
        for row in rows
        for secret in ENCRYPTED
        if any(one.encode() in _bytes(value) for value in row for one in planted.secrets[secret][0])
    }
    assert not found


def test_no_body_of_the_record_stands_in_the_clear(planted: Planted) -> None:
    with planted.house.world.reading() as session:
        kept = list(session.scalars(select(audit.RecordBody)))
        bodies = [entry for thread in audit.threads_of(session) for entry in audit.read(session, thread)]
    texts = {chain.canonical(dict(one.body)) for one in bodies if one.body}
    assert len(kept) == len(bodies)
    assert not [body for body in kept for text in texts if text in body.ciphertext + body.wrapped_key + body.salt]


def test_no_file_of_the_product_holds_a_secret_in_the_clear(planted: Planted, folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    leaks = [
        (secret, path.name)
        for path in files
        for secret in ENCRYPTED
        if any(one.encode() in path.read_bytes() for one in planted.secrets[secret][0])
    ]
    assert not leaks


def test_the_search_would_find_what_leaks(planted: Planted) -> None:
    rows, plain = everything_in(planted.house.world.engine), planted.secrets["held plan"][0]
    assert any(one.encode() in _bytes(value) for one in plain for row in rows["offer"] for value in row)


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def _is_own_question(leak: tuple[str, str, str], planted: Planted) -> bool:
    """A search field shows again what its own reader typed into it."""
    secret, _, path = leak
    return any(one in path for one in planted.secrets[secret][0])
