"""Files that people send, made small and in one line; and documents put on file in a case."""

import io
import struct
import zlib
from datetime import date
from typing import Any
from uuid import UUID

import pikepdf
from PIL import Image

from mediation import files
from mediation.disclosures import documents, duties
from mediation.disclosures.document_models import Audience, Kind
from mediation.disclosures.documents import Filed
from mediation.disclosures.uploads import read_upload
from mediation.rules.duties import Item
from tests.world import World

DAY = date(2025, 9, 1)


def a_pdf(text: str = "pay slip", *, pages: int = 1, **saved: Any) -> bytes:
    """A PDF of so many pages, with the text as a comment in each page's content."""
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            page = pdf.add_blank_page()
            page.Contents = pdf.make_stream(f"% {text}\n".encode())
        pdf.save(made, **saved)
    return made.getvalue()


def a_picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **saved: Any) -> bytes:
    """A picture of one colour."""
    made = io.BytesIO()
    Image.new(mode, size).save(made, kind, **saved)
    return made.getvalue()


def a_huge_png(width: int = 50_000, height: int = 50_000) -> bytes:
    """A PNG whose head claims that many points, and that is a few bytes long."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(100))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def add(world: World, number: str, name: str, content: bytes | None = None, **said: Any) -> UUID:
    """That person puts a document on file now; for both sides unless said otherwise."""
    given = {"kind": Kind.OTHER, "audience": Audience.BOTH, "title": "一份材料", **said}
    dated_on = given.pop("dated_on", DAY)
    with world.seat(name, number) as seat:
        filed = laid(seat, content or a_pdf(str(given["title"])), dated_on=dated_on)
        return documents.add_document(seat, filed, at=world.clock(), **given).id


def replace(world: World, number: str, name: str, document_id: UUID, content: bytes) -> int:
    """That person puts a newer version beside the earlier ones; its number."""
    with world.seat(name, number) as seat:
        return documents.replace_document(seat, document_id, laid(seat, content), at=world.clock()).number


def fulfil(world: World, number: str, *items: Item) -> None:
    """The lender lays these items open to both sides."""
    for item in items:
        add(world, number, "lu", a_pdf(item.value), kind=Kind(item.value), title=item.value)


def state(world: World, number: str, item: Item, text: str = "没有转让过。") -> None:
    """The lender states a fact in place of a document."""
    with world.seat("lu", number) as seat:
        duties.state_fact(seat, item, text, at=world.clock())


def laid(seat: Any, content: bytes, *, dated_on: date = DAY, name: str = "") -> Filed:
    """The file lies in the store, read and checked as from the form."""
    ending = name or ("x.pdf" if content.startswith(b"%PDF") else "x.png" if content[1:4] == b"PNG" else "x.jpg")
    upload = read_upload(content, ending)
    kept = files.lay_down(seat.session, upload.content, institution_id=seat.institution_id)
    return Filed(kept=kept, media_type=upload.media_type, dated_on=dated_on)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
