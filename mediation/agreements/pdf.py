"""A paper set in type and kept as PDF/A-3, whose bytes are the same whenever the same words are set."""

import base64
import io
import subprocess
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from mediation.errors import MediationError, Refused

SERIF = "Noto Serif CJK SC"
SANS = "Noto Sans CJK SC"
VARIANT = "pdf/a-3b"
_RESERVED = "place-"


class FontMissing(MediationError):
    """This machine lacks the typeface that agreements are set in."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside the PDF, so that a machine can read what the page says."""

    name: str
    media_type: str
    content: bytes
    description: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a signature goes: the page counted from 0, the box in points from the page's lower left."""

    page: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Face:
    """One face of an installed typeface: the file, and which face of the collection it is."""

    path: str
    index: int


def render(html: str, *, css: str, title: str, created_at: datetime, attachments: Sequence[Attached] = ()) -> bytes:
    """Return the PDF/A-3b of this page: tagged, fonts embedded, nothing fetched, the same bytes each time."""
    import weasyprint

    fetcher, fonts = _fetcher(), _fonts()
    style = weasyprint.CSS(string=css, font_config=fonts, url_fetcher=fetcher)
    page = weasyprint.HTML(string=html, url_fetcher=fetcher)
    document = page.render(stylesheets=[style], font_config=fonts, pdf_variant=VARIANT, pdf_tags=True)
    document.metadata.title = title
    document.metadata.created = document.metadata.modified = created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    files = [_embedded(attached, created_at) for attached in attachments]
    with warnings.catch_warnings():
        # WeasyPrint leaves the colour profile it has read to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        pdf: bytes = document.write_pdf(
            pdf_variant=VARIANT, pdf_tags=True, attachments=files, finisher=_without_empty_resources
        )
    return pdf


def places(pdf: bytes) -> dict[str, Place]:
    """Return the boxes left free for signatures, by name, as the paper itself marks them.

    An element with id "place-NAME", closed by one with id "place-NAME-end" in its lower right corner, is one.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        numbers = {page.objgen: number for number, page in enumerate(document.pages)}
        corners = _destinations(document, numbers)
    return {
        name.removeprefix(_RESERVED): _place(corners[name], corners[f"{name}-end"])
        for name in corners
        if name.startswith(_RESERVED) and f"{name}-end" in corners
    }


def check_pdfa(pdf: bytes) -> list[str]:
    """Return every reason why this is not an approved PDF/A-3b; an empty list is approval."""
    from pikepdf.pdfa import validate_written

    return [str(finding) for finding in validate_written(io.BytesIO(pdf), "3b").findings]


def missing_glyphs(text: str) -> set[str]:
    """Return the characters that agreements could not show; a name with any of them must be refused."""
    return {sign for sign in text if not sign.isspace() and ord(sign) not in _coverage()}


def check_glyphs(text: str, *, field: str | None = None) -> None:
    """Refused when a character of this text could not be printed in an agreement."""
    if missing := missing_glyphs(text):
        raise Refused("agreement:character-not-printable", field=field, characters="".join(sorted(missing)))


def centred(lines: Sequence[str]) -> list[str]:
    """Return the lines, set in the serif face, with as many spaces before each as bring it to the middle."""
    space = _width(" ")
    widest = max(map(_width, lines), default=0)
    return [" " * round((widest - _width(line)) / 2 / space) + line for line in lines]


@cache
def installed_face(family: str, *, bold: bool = False) -> Face:
    """Return where the typeface lies on this machine; raises FontMissing rather than take another."""
    pattern = f"{family}:bold" if bold else f"{family}:regular"
    found = subprocess.run(  # a fixed command, no shell
        ["fc-match", "-f", "%{file}|%{index}|%{family}", pattern], capture_output=True, text=True, check=True
    ).stdout.split("|")
    if len(found) != 3 or family not in found[2].split(","):
        raise FontMissing("font:missing", family=family)
    return Face(found[0], int(found[1]))


def _width(text: str) -> int:
    import uharfbuzz

    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(_serif(), buffer)
    return sum(each.x_advance for each in buffer.glyph_positions)


@cache
def _serif() -> Any:
    import uharfbuzz

    face = installed_face(SERIF)
    return uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(face.path), face.index))


@cache
def _coverage() -> frozenset[int]:
    import uharfbuzz

    faces = [installed_face(SERIF), installed_face(SERIF, bold=True)]
    covered = [set(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(face.path), face.index).unicodes) for face in faces]
    return frozenset(covered[0] & covered[1])


@cache
def _fonts() -> Any:
    from weasyprint.text.fonts import FontConfiguration

    for family in (SERIF, SANS):
        installed_face(family)
    return FontConfiguration()


@cache
def _fetcher() -> Any:
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=("data",), fail_on_errors=True)


def _embedded(attached: Attached, created_at: datetime) -> Any:
    import weasyprint

    encoded = base64.b64encode(attached.content).decode("ascii")
    return weasyprint.Attachment(
        url=f"data:{attached.media_type};base64,{encoded}",
        url_fetcher=_fetcher(),
        name=attached.name,
        description=attached.description,
        created=created_at.astimezone(UTC),
        modified=created_at.astimezone(UTC),
        relationship="Data",
    )


def _without_empty_resources(document: Any, pdf: Any) -> None:
    for entry in pdf.objects:
        if isinstance(entry, dict):
            for key in ("Pattern", "Shading", "XObject", "ExtGState"):
                if isinstance(entry.get(key), dict) and not entry[key]:
                    del entry[key]


def _destinations(document: Any, numbers: dict[Any, int]) -> dict[str, tuple[int, float, float]]:
    names = document.Root.get("/Names", {}).get("/Dests", {}).get("/Names", [])
    return {
        str(names[at]): (numbers[names[at + 1][0].objgen], float(names[at + 1][2]), float(names[at + 1][3]))
        for at in range(0, len(names), 2)
    }


def _place(start: tuple[int, float, float], end: tuple[int, float, float]) -> Place:
    return Place(start[0], (round(start[1]), round(end[2]), round(end[1]), round(start[2])))
