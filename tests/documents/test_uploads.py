"""What a file says it is, how it begins and what it is must agree; whatever does not gets a sentence at its field."""

import io
import zipfile
import zlib

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mediation.disclosures import uploads
from mediation.disclosures.uploads import LARGEST_UPLOAD, Upload, read_upload
from mediation.errors import Refused
from tests.documents.made import a_huge_png, a_pdf, a_picture

PLACE = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00"


def refused(content: bytes, name: str) -> str:
    """The key with which the file is refused, at the field of the file; 'taken' where it is not."""
    no: Refused | None = None
    try:
        read_upload(content, name)
    except Refused as refusal:
        no = refusal
    if no is None:
        return "taken"
    assert no.field == "file"
    assert uploads.SENTENCES[no.key] % no.facts
    return no.key


def an_archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("inside.txt", "something else")
    return made.getvalue()


def a_bomb(size: int = uploads.MOST_IN_A_STREAM + 2**20) -> bytes:
    """A PDF of a few hundred kilobytes that unfolds beyond measure."""
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        page.Contents = pikepdf.Stream(pdf, zlib.compress(bytes(size), 9), Filter=pikepdf.Name.FlateDecode)
        pdf.save(made)
    return made.getvalue()


def a_bomb_within_a_bomb() -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        twice = zlib.compress(zlib.compress(bytes(2**20)))
        filters = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode])
        page.Contents = pikepdf.Stream(pdf, twice, Filter=filters)
        pdf.save(made, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return made.getvalue()


def a_pdf_that_acts(kind: str = "/JavaScript") -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name(kind), JS="app.alert(1)")
        pdf.save(made)
    return made.getvalue()


def an_old_pdf() -> bytes:
    """A stream whose filter is LZW, its name written so that a plain search misses it."""
    plain = a_pdf(compress_streams=False)
    return plain.replace(b"<< /Length", b"<< /Filter /LZ#57Decode /Length", 1)


LOCKED = a_pdf(encryption=pikepdf.Encryption(owner="owner", user="secret"))
RESTRICTED = a_pdf(encryption=pikepdf.Encryption(owner="owner", user=""))
JPEG, PNG, PDF = a_picture("JPEG"), a_picture("PNG"), a_pdf()


def test_a_pdf_is_kept_as_it_came() -> None:
    assert read_upload(PDF, "合同.PDF") == Upload(PDF, "application/pdf")


@pytest.mark.parametrize(("content", "name", "kind"), [(JPEG, "a.jpg", "image/jpeg"), (JPEG, "a.JPEG", "image/jpeg"),
                                                       (PNG, "a.png", "image/png")])  # fmt: skip
def test_a_picture_is_made_anew(content: bytes, name: str, kind: str) -> None:
    upload = read_upload(content, name)
    assert upload.media_type == kind
    assert Image.open(io.BytesIO(upload.content)).size == (40, 30)


@pytest.mark.parametrize(
    ("content", "name", "key"),
    [
        (b"", "a.pdf", "document:empty"),
        (PDF, "a.exe", "document:kind-not-taken"),
        (PDF, "pdf", "document:kind-not-taken"),
        (b"<svg/>", "a.svg", "document:kind-not-taken"),
        (PNG, "a.pdf", "document:not-what-its-name-says"),
        (PDF, "a.png", "document:not-what-its-name-says"),
        (PNG, "a.jpg", "document:not-what-its-name-says"),
        (b"MZ" + PDF, "a.pdf", "document:not-what-its-name-says"),
        (b"<html>" + PDF, "a.pdf", "document:not-what-its-name-says"),
        (PDF[:-40], "a.pdf", "document:cut-off"),
        (PDF[: len(PDF) // 2], "a.pdf", "document:cut-off"),
        (b"%PDF-1.7\n%%EOF\n", "a.pdf", "document:cut-off"),
        (JPEG[:-200], "a.jpg", "document:cut-off"),
        (PNG[:50], "a.png", "document:cut-off"),
        (PNG[:30], "a.png", "document:cut-off"),
        (b"\xff\xd8\xff", "a.jpg", "document:cut-off"),
        (PDF + an_archive(), "a.pdf", "document:mixed"),
        (PDF + b"<script>alert(1)</script>", "a.pdf", "document:mixed"),
        (PNG + an_archive(), "a.png", "document:mixed"),
        (JPEG + an_archive(), "a.jpg", "document:mixed"),
        (JPEG[:20] + PDF + JPEG[20:], "a.jpg", "document:mixed"),
        (LOCKED, "a.pdf", "document:locked"),
        (RESTRICTED, "a.pdf", "document:locked"),
        (a_pdf_that_acts(), "a.pdf", "document:acts"),
        (a_pdf_that_acts("/Launch"), "a.pdf", "document:acts"),
        (a_bomb(), "a.pdf", "document:unfolds"),
        (a_bomb_within_a_bomb(), "a.pdf", "document:unfolds"),
        (an_old_pdf(), "a.pdf", "document:old-packing"),
        (a_huge_png(), "a.png", "document:too-many-pixels"),
        (a_huge_png(10_000, 9_500), "a.png", "document:too-many-pixels"),
        (a_huge_png(8_000, 7_000), "a.png", "document:too-many-pixels"),
        (PDF + bytes(21 * 2**20), "a.pdf", "document:too-large"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_own_sentence(content: bytes, name: str, key: str) -> None:
    assert refused(content, name) == key


def test_the_sentence_of_a_huge_picture_says_its_size() -> None:
    with pytest.raises(Refused) as no:
        read_upload(a_huge_png(), "a.png")
    assert no.value.facts == {"width": 50_000, "height": 50_000}


def test_the_sentence_of_a_large_file_says_what_can_be_taken() -> None:
    with pytest.raises(Refused) as no:
        read_upload(b"%PDF-" + bytes(21 * 2**20), "a.pdf")
    assert no.value.facts == {"megabytes": 22, "most": 20}


def test_a_bomb_of_many_small_streams_is_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_UNFOLDED", 16 * 2**20)
    piece = zlib.compress(bytes(2**20), 9)
    packed = b"%PDF-1.7\n" + b"".join(b"stream\n" + piece + b"\nendstream\n" for _ in range(17)) + b"%%EOF\n"
    assert len(packed) < 2**16
    assert refused(packed, "a.pdf") == "document:unfolds"


def test_a_file_of_exactly_the_limit_is_not_too_large() -> None:
    whole = b"%PDF-1.7\n" + bytes(LARGEST_UPLOAD - 9)
    assert (refused(whole, "a.pdf"), refused(whole + b"\0", "a.pdf")) == ("document:cut-off", "document:too-large")


def test_a_pdf_has_at_most_a_thousand_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_PAGES", 2)
    assert (refused(a_pdf(pages=2), "a.pdf"), refused(a_pdf(pages=3), "a.pdf")) == (
        "taken",
        "document:too-many-pages",
    )


def test_what_hides_in_a_picture_is_gone() -> None:
    hidden = Image.Exif()
    hidden[0x9286], hidden[0x010F] = "30.5928N 114.3055E", "a telephone"
    made = read_upload(a_picture("JPEG", exif=hidden, comment=b"a comment"), "a.jpg").content
    assert not [word for word in (b"30.5928", b"telephone", b"comment", b"Exif") if word in made]


def test_a_picture_stands_upright_as_it_was_seen() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    made = read_upload(a_picture("JPEG", size=(40, 30), exif=turned), "a.jpg").content
    assert Image.open(io.BytesIO(made)).size == (30, 40)


def test_what_stands_behind_a_picture_is_gone() -> None:
    made = read_upload(JPEG + b"<?php system(1) ?>" + bytes(100), "a.jpg").content
    assert b"php" not in made


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "P", "I;16"])
def test_every_way_of_keeping_colours_can_be_read(mode: str) -> None:
    assert refused(a_picture("PNG", mode=mode), "a.png") == "taken"


def test_a_grey_scan_of_sixteen_bits_stays_grey() -> None:
    made = io.BytesIO()
    Image.new("I;16", (2, 2), 0x8000).save(made, "PNG")
    seen = Image.open(io.BytesIO(read_upload(made.getvalue(), "a.png").content))
    assert (seen.mode, seen.getpixel((0, 0))) == ("L", 128)


@pytest.mark.parametrize(("whole", "name"), [(PDF, "a.pdf"), (PNG, "a.png"), (JPEG, "a.jpg")],
                         ids=["pdf", "png", "jpg"])  # fmt: skip
def test_a_file_cut_off_anywhere_before_its_end_is_refused(whole: bytes, name: str) -> None:
    ends = range(1, len(whole) - 12, max(1, len(whole) // 60))
    assert {refused(whole[:end], name) for end in ends} == {"document:cut-off", "document:not-what-its-name-says"}


@given(noise=st.binary(max_size=600), kind=st.sampled_from([(PDF, "a.pdf"), (JPEG, "a.jpg"), (PNG, "a.png")]),
       place=st.integers(0, 600))  # fmt: skip
def test_noise_in_a_file_is_refused_or_taken_and_breaks_nothing(
    noise: bytes, kind: tuple[bytes, str], place: int
) -> None:
    whole, name = kind
    assert refused(whole[:place] + noise + whole[place + len(noise) :], name) in {"taken", *uploads.SENTENCES}
