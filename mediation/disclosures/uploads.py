"""A file on its way in: what its name says, how it begins and what it really is must agree; pictures are made anew."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from mediation.errors import Refused
from mediation.i18n import N_

LARGEST_UPLOAD = 20 * 1024 * 1024
MOST_PIXELS = 50_000_000
MOST_PAGES = 1000
# A page scanned in colour at 600 dots an inch is 100 MB once unfolded.
MOST_IN_A_STREAM = 160 * 1024 * 1024
MOST_UNFOLDED = 512 * 1024 * 1024
PIECE = 16 * 1024 * 1024
JPEG_QUALITY = 90

PDF_HEAD, PNG_HEAD, JPEG_HEAD = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
PICTURE_ENDS = {"PNG": b"IEND\xaeB`\x82", "JPEG": b"\xff\xd9"}
FINAL = re.compile(rb"%%EOF[\s\x00\x1a]*\Z")
STREAM = re.compile(rb"stream[ \t]*(?:\r\n|\r|\n)")
FLATE_HEADS = (b"\x78", b"\x58", b"\x68", b"\x48", b"\x38", b"\x28", b"\x18", b"\x08")
OLD_FILTER = re.compile(rb"/LZW(?:Decode)?[\s/\]>]")
PACKED = frozenset({"/FlateDecode", "/Fl", "/RunLengthDecode", "/RL"})
ACTS = frozenset({"/JavaScript", "/Launch"})

SENTENCES: dict[str, str] = {
    "document:none": N_("Choose a file first."),
    "document:empty": N_("There is nothing in this file. Choose it again."),
    "document:too-large": N_(
        "This file has %(megabytes)s MB; at most %(most)s MB can be taken. Send fewer pages, or a smaller picture."
    ),
    "document:kind-not-taken": N_("Send a PDF, a JPEG or a PNG; other files are not taken."),
    "document:not-what-its-name-says": N_(
        "The name of this file ends in %(name)s, but it is something else inside. Save it anew as PDF, JPEG or PNG."
    ),
    "document:cut-off": N_("This file cannot be read to its end. It may have been cut off; save it anew and send it."),
    "document:mixed": N_("This file holds something else besides the document. Print it to a new PDF and send that."),
    "document:locked": N_("This PDF is locked by a password. Save it without one and send it again."),
    "document:acts": N_("This PDF carries a program. Print it to a new PDF and send that."),
    "document:unfolds": N_(
        "This file would become far larger when it is opened. Print it to a new PDF, or take a picture of the page."
    ),
    "document:old-packing": N_("This PDF is packed in an old way. Print it to a new PDF and send that."),
    "document:too-many-pages": N_("A PDF may have at most %(most)s pages. Send it in parts."),
    "document:too-many-pixels": N_(
        "This picture has %(width)s by %(height)s points, more than can be taken. Send it at a smaller size."
    ),
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is what it says: its bytes as they are kept, and its media type."""

    content: bytes
    media_type: str


def read_upload(content: bytes, name: str) -> Upload:
    """The file as it is kept: a PDF as it came, a picture made anew without what hides in it.

    `name` is the sender's and only its ending counts; it is never kept. Raises Refused at the field `file`.
    """
    try:
        return _read(content, name)
    except Refused as no:
        no.field = "file"
        raise


def _read(content: bytes, name: str) -> Upload:
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in READERS:
        raise Refused("document:kind-not-taken")
    if not content:
        raise Refused("document:empty")
    if len(content) > LARGEST_UPLOAD:
        raise Refused("document:too-large", megabytes=-(-len(content) // 2**20), most=LARGEST_UPLOAD // 2**20)
    head, read = READERS[ending]
    if not content.startswith(head):
        raise Refused("document:not-what-its-name-says", name=f".{ending}")
    if _is_archive(content):
        raise Refused("document:mixed")
    return read(content)


def _is_archive(content: bytes) -> bool:
    """Whether it can also be opened as an archive, which is read from its end."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return bool(archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False


# --- PDF ----------------------------------------------------------------------------------------------------


def _read_pdf(content: bytes) -> Upload:
    if not FINAL.search(content[-2048:]):
        raise Refused("document:mixed" if b"%%EOF" in content else "document:cut-off")
    _check_unfolds(content)
    pikepdf = _careful_pikepdf()
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False) as pdf:
            if pdf.is_encrypted:
                raise Refused("document:locked")
            _check_pages(pdf)
            _check_inert(pikepdf, pdf)
    except pikepdf.PasswordError:
        raise Refused("document:locked") from None
    except (pikepdf.PdfError, ValueError, RuntimeError, KeyError, TypeError, AttributeError):
        raise Refused("document:cut-off") from None
    return Upload(content, "application/pdf")


def _check_unfolds(content: bytes) -> None:
    """Nothing in the file unfolds beyond measure: looked at before any library opens it."""
    if OLD_FILTER.search(_unescaped(content)):
        raise Refused("document:old-packing")
    left = MOST_UNFOLDED
    for begins in (found.end() for found in STREAM.finditer(content)):
        if content[begins : begins + 1] in FLATE_HEADS:
            left -= _unfolded(memoryview(content)[begins:], min(left, MOST_IN_A_STREAM))


def _unfolded(packed: memoryview, most: int) -> int:
    """How many bytes a Flate stream becomes; refused above `most`, 0 for what is none."""
    unpacker, size, piece = zlib.decompressobj(), 0, bytes(packed[:PIECE])
    offset = len(piece)
    try:
        while piece and not unpacker.eof:
            size += len(unpacker.decompress(piece, PIECE))
            if size > most:
                raise Refused("document:unfolds")
            piece = unpacker.unconsumed_tail
            if not piece:
                piece, offset = bytes(packed[offset : offset + PIECE]), offset + PIECE
    except zlib.error:
        return size
    return size


def _unescaped(content: bytes) -> bytes:
    """The file with names written out: /LZ#57Decode is the same name as /LZWDecode."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), content)


def _check_pages(pdf: Any) -> None:
    pages = len(pdf.pages)
    if not pages:
        raise Refused("document:cut-off")
    if pages > MOST_PAGES:
        raise Refused("document:too-many-pages", most=MOST_PAGES)


def _check_inert(pikepdf: Any, pdf: Any) -> None:
    """The document says something and does nothing; and each stream is packed once."""
    for one in _dictionaries(pikepdf, pdf):
        if "/JS" in one or str(one.get("/S", "")) in ACTS:
            raise Refused("document:acts")
        filters = one.get("/Filter")
        if isinstance(filters, pikepdf.Array) and sum(str(name) in PACKED for name in filters) > 1:
            raise Refused("document:unfolds")


def _dictionaries(pikepdf: Any, pdf: Any) -> Iterator[Any]:
    """Every dictionary of the file, those that stand inside others too; each once."""
    for top in pdf.objects:
        waiting = [top]
        while waiting:
            one = waiting.pop()
            if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
                yield one
                inside = [one.get(key) for key in one.keys()]  # noqa: SIM118 (a stream is walked by its keys alone)
            elif isinstance(one, pikepdf.Array):
                inside = list(one)
            else:
                continue
            waiting += [each for each in inside if isinstance(each, pikepdf.Object) and not each.is_indirect]


_limiting = Lock()
_limited: list[Any] = []


def _careful_pikepdf() -> Any:
    """The library with bounds on what it may unfold; they hold for the whole process and are set once."""
    import pikepdf

    with _limiting:
        if not _limited:
            pikepdf.settings.set_qpdf_limits(
                flate_max_memory=MOST_IN_A_STREAM, run_length_max_memory=MOST_IN_A_STREAM, max_stream_filters=4
            )
            _limited.append(pikepdf)
    return pikepdf


# --- pictures -----------------------------------------------------------------------------------------------


def _read_jpeg(content: bytes) -> Upload:
    if PDF_HEAD in content[:1024]:
        raise Refused("document:mixed")
    return Upload(_made_anew(content, "JPEG"), "image/jpeg")


def _read_png(content: bytes) -> Upload:
    return Upload(_made_anew(content, "PNG"), "image/png")


def _made_anew(content: bytes, kind: str) -> bytes:
    """The picture as it is seen, upright, and nothing else: no place, no device, no text, no second file behind it."""
    from PIL import Image, ImageOps

    if PICTURE_ENDS[kind] not in content:
        raise Refused("document:cut-off")
    try:
        with Image.open(io.BytesIO(content), formats=(kind,)) as found:
            width, height = found.size
            if width * height > MOST_PIXELS:
                raise Refused("document:too-many-pixels", width=width, height=height)
            seen = _plain(ImageOps.exif_transpose(found), kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        width, height = _size_of(content, kind)
        raise Refused("document:too-many-pixels", width=width, height=height) from None
    except (OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, zlib.error):
        raise Refused("document:cut-off") from None
    fresh = io.BytesIO()
    seen.save(fresh, kind, **({"quality": JPEG_QUALITY} if kind == "JPEG" else {}))
    return fresh.getvalue()


def _plain(picture: Any, kind: str) -> Any:
    """The points alone, in colours that every reader knows."""
    from PIL import Image

    if picture.mode.startswith("I"):
        picture = picture.point(lambda level: level / 256).convert("L")
    keeps = ("1", "L", "RGB") if kind == "JPEG" else ("1", "L", "LA", "RGB", "RGBA")
    if picture.mode not in keeps:
        clear = kind == "PNG" and (picture.mode in ("PA", "La", "RGBa") or "transparency" in picture.info)
        picture = picture.convert("RGBA" if clear else "RGB")
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    return bare


def _size_of(content: bytes, kind: str) -> tuple[int, int]:
    """Width and height as the head of the file states them, where the library would not even look."""
    if kind == "PNG":
        return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    frame = re.search(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]..\x08(..)(..)", content, re.DOTALL)
    return (int.from_bytes(frame[2]), int.from_bytes(frame[1])) if frame else (0, 0)


READERS: Mapping[str, tuple[bytes, Callable[[bytes], Upload]]] = {
    "pdf": (PDF_HEAD, _read_pdf),
    "jpg": (JPEG_HEAD, _read_jpeg),
    "jpeg": (JPEG_HEAD, _read_jpeg),
    "png": (PNG_HEAD, _read_png),
}
