"""The seal on the paper, and every way of changing the paper after it."""

import io
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pypdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from mediation.agreements import pdf, seal
from mediation.agreements.demo_seal import DemoSeal, make_demo_seal
from mediation.agreements.seal import Afterwards, Note, Seal, SealUnusable, SignatureStep, check
from mediation.errors import Refused
from tests.agreements.papers import BORROWER, FACTS, INSTITUTION, OFFICER, pdf_of, rows

MADE_AT = datetime(2025, 1, 1, tzinfo=UTC)
SEALED_AT = datetime(2025, 10, 9, 7, 30, tzinfo=UTC)
LATER = SEALED_AT + timedelta(days=1)
ENDS_AT = MADE_AT + timedelta(days=730)


@dataclass(frozen=True)
class Sealed:
    """A paper before and after its seal, and what it is checked with."""

    unsigned: bytes
    content: bytes
    seal: Seal
    roots: list[bytes]

    def check(self, content: bytes | None = None) -> seal.SealCheck:
        return check(self.content if content is None else content, roots=self.roots, at=LATER)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSeal:
    return make_demo_seal(tmp_path_factory.mktemp("seal"), INSTITUTION, at=MADE_AT)


@pytest.fixture(scope="session")
def paper(demo: DemoSeal) -> Sealed:
    unsigned = pdf_of(replace(FACTS, rows=rows(1)))
    places = pdf.places(unsigned)
    stamp = Seal.load(demo.p12, demo.passphrase.read_text(), at=SEALED_AT)
    content = stamp.apply(
        unsigned,
        field_name="institution_seal",
        page=places["seal"].page,
        box=places["seal"].box,
        lines=(INSTITUTION, "电子签章 100%", "生效时间 2025年10月9日 15:30"),
        at=SEALED_AT,
        reason="调解协议生效",
        location="上海",
        notes=[
            Note(places["borrower-1"], (BORROWER, "已确认 2025年10月8日 14:02")),
            Note(places["lender-1"], (OFFICER, "已确认 2025年10月8日 10:21")),
        ],
    )
    return Sealed(unsigned, content, stamp, [demo.root.read_bytes()])


def run(*command: str, content: bytes, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(content)
    return subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)


def test_a_sealed_paper_is_what_was_sealed(paper: Sealed) -> None:
    found = paper.check()
    assert (found.ok, found.covers_whole_file, found.reasons) == (True, True, ())
    assert (found.signer, found.signed_at) == (paper.seal.name, SEALED_AT)
    assert found.fingerprint == paper.seal.fingerprint


def test_pdfsig_finds_one_valid_signature_over_the_whole_file(paper: Sealed, tmp_path: Path) -> None:
    said = run("pdfsig", content=paper.content, tmp_path=tmp_path).stdout
    assert said.count("Signature #") == 1
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said


def test_qpdf_finds_nothing_wrong(paper: Sealed, tmp_path: Path) -> None:
    checked = run("qpdf", "--check", content=paper.content, tmp_path=tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_seal_leaves_every_byte_that_was_confirmed_as_it_was(paper: Sealed) -> None:
    assert paper.content.startswith(paper.unsigned)


def test_the_unsigned_paper_was_pdf_a_and_the_seal_violates_nothing(paper: Sealed) -> None:
    assert pdf.check_pdfa(paper.unsigned) == []
    assert [one for one in pdf.check_pdfa(paper.content) if one.startswith("[violation]")] == []


def test_every_font_is_embedded_after_the_seal_too(paper: Sealed, tmp_path: Path) -> None:
    lines = run("pdffonts", content=paper.content, tmp_path=tmp_path).stdout.splitlines()[2:]
    assert len(lines) >= 4
    assert all(" CID Type 0C" in line and line.split()[-5] == "yes" for line in lines)


def test_who_confirmed_when_is_printed_in_their_boxes_by_code_point(paper: Sealed) -> None:
    page = pypdf.PdfReader(io.BytesIO(paper.content)).pages[pdf.places(paper.unsigned)["seal"].page]
    words = page.extract_text()
    assert words.count(BORROWER) == 2
    assert words.count(OFFICER) == 2
    assert "已确认 2025年10月8日 14:02" in words


def test_the_seal_shows_its_lines_with_their_per_cent_sign(paper: Sealed) -> None:
    field = pypdf.PdfReader(io.BytesIO(paper.content)).get_fields()["institution_seal"]
    shown = field.indirect_reference.get_object()["/AP"]["/N"].get_object()
    embedded = PdfFileReader(io.BytesIO(paper.content)).embedded_signatures[0]
    assert embedded.sig_object["/Reason"] == "调解协议生效"
    assert b" Tj" in shown.get_data() or b" TJ" in shown.get_data()


def test_the_seal_stands_in_the_place_kept_for_it(paper: Sealed) -> None:
    widget = pypdf.PdfReader(io.BytesIO(paper.content)).get_fields()["institution_seal"].indirect_reference
    assert [int(one) for one in widget.get_object()["/Rect"]] == list(pdf.places(paper.unsigned)["seal"].box)


def flipped(content: bytes) -> bytes:
    place = len(content) // 3
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def with_another_page(content: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    page, _ = writer.find_page_for_modification(0)
    del page.get_object()["/Contents"]
    writer.update_container(page.get_object())
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_other_terms(content: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    stream = writer.root["/AF"][0]["/EF"]["/F"]
    stream._data = b'{"agreed_total":1}'
    stream._encoded_data = None
    writer.mark_update(writer.root["/AF"][0]["/EF"].raw_get("/F"))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def rewritten(content: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        document.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (flipped, "seal:content-changed"),
        (with_another_page, "seal:changed-afterwards"),
        (with_other_terms, "seal:changed-afterwards"),
        (rewritten, "seal:content-changed"),
        (lambda content: content + b"\n", "seal:bytes-after-signature"),
        (lambda content: content + b"%PDF-1.7 something else", "seal:bytes-after-signature"),
    ],
)
def test_a_paper_changed_after_the_seal_is_not_ok(paper: Sealed, change: Callable[[bytes], bytes], reason: str) -> None:
    found = paper.check(change(paper.content))
    assert not found.ok
    assert reason in found.reasons


@pytest.mark.parametrize("kept", [0, 1, 100, 0.3, 0.9, 0.999])
def test_a_truncated_paper_is_not_ok(paper: Sealed, kept: float) -> None:
    length = int(kept if kept >= 1 else len(paper.content) * kept)
    assert not paper.check(paper.content[:length]).ok


def test_a_paper_without_a_seal_is_not_ok(paper: Sealed) -> None:
    assert paper.check(paper.unsigned).reasons == ("seal:none",)


def test_what_is_no_pdf_at_all_is_not_ok(paper: Sealed) -> None:
    assert paper.check(b"<html>").reasons == ("seal:file-unreadable",)


def test_a_seal_of_another_root_is_not_trusted(paper: Sealed, tmp_path: Path) -> None:
    other = make_demo_seal(tmp_path / "other", INSTITUTION, at=MADE_AT)
    found = check(paper.content, roots=[other.root.read_bytes()], at=LATER)
    assert (found.ok, found.reasons) == (False, ("seal:certificate-not-trusted",))


def test_nobody_signs_after_the_seal(paper: Sealed) -> None:
    with pytest.raises(SealUnusable, match="seal:signature-forbidden"):
        paper.seal.sign(paper.content, SignatureStep(field_name="intruder", place=None), at=LATER)


@pytest.fixture(scope="session")
def row(paper: Sealed) -> bytes:
    places = pdf.places(paper.unsigned)
    steps = [SignatureStep(field_name="technical", place=None, afterwards=Afterwards.SIGNING)]
    steps += [
        SignatureStep(field_name=name, place=places[name], lines=("已签署",), afterwards=Afterwards.SIGNING)
        for name in ("borrower-1", "lender-1", "mediator")
    ]
    steps += [SignatureStep(field_name="institution_seal", place=places["seal"], lines=(INSTITUTION,))]
    content = seal.reserve(paper.unsigned, steps)
    for step in steps:
        content = paper.seal.sign(content, step, at=SEALED_AT)
    return content


def test_of_signers_in_a_row_every_signature_holds_when_the_seal_comes_last(paper: Sealed, row: bytes) -> None:
    assert len(PdfFileReader(io.BytesIO(row)).embedded_signatures) == 5
    assert paper.check(row).reasons == ()


def test_a_signature_smuggled_in_behind_the_seal_is_found(paper: Sealed, row: bytes) -> None:
    intruder = SignatureStep(field_name="intruder", place=None, afterwards=Afterwards.SIGNING)
    found = paper.check(paper.seal.sign(row, intruder, at=LATER))
    assert (found.ok, found.reasons) == (False, ("seal:changed-afterwards",))


def test_a_row_cut_off_before_the_seal_is_seen_by_who_signed_last(paper: Sealed, row: bytes) -> None:
    last = PdfFileReader(io.BytesIO(row)).embedded_signatures[-2]
    cut = row[: last.byte_range[2] + last.byte_range[3]]
    assert [one.field_name for one in PdfFileReader(io.BytesIO(cut)).embedded_signatures][-1] == "mediator"
    assert check(cut, roots=paper.roots, at=LATER).last_field == "mediator"


def test_notes_are_never_printed_under_a_signature(paper: Sealed) -> None:
    place = pdf.places(paper.unsigned)["mediator"]
    with pytest.raises(ValueError, match="notes would break"):
        paper.seal.sign(
            paper.content, SignatureStep(field_name="late", place=None), at=LATER, notes=[Note(place, ("x",))]
        )


def test_a_sign_that_cannot_be_printed_is_refused_before_sealing(paper: Sealed) -> None:
    place = pdf.places(paper.unsigned)["seal"]
    step = SignatureStep(field_name="institution_seal", place=place, lines=("石\U00031350",))
    with pytest.raises(Refused, match="agreement:character-not-printable"):
        paper.seal.sign(paper.unsigned, step, at=SEALED_AT)


@pytest.mark.parametrize(
    ("at", "key"),
    [
        (MADE_AT - timedelta(seconds=1), "seal:certificate-not-yet-valid"),
        (ENDS_AT - timedelta(days=29), "seal:certificate-expiring"),
        (ENDS_AT + timedelta(days=1), "seal:certificate-expiring"),
    ],
)
def test_a_certificate_outside_its_time_seals_nothing(demo: DemoSeal, paper: Sealed, at: datetime, key: str) -> None:
    with pytest.raises(Refused, match=key):
        Seal.load(demo.p12, demo.passphrase.read_text(), at=at)
    with pytest.raises(Refused, match=key):
        paper.seal.sign(paper.unsigned, SignatureStep(field_name="seal", place=None), at=at)


def test_thirty_days_before_its_end_a_certificate_still_seals(demo: DemoSeal) -> None:
    loaded = Seal.load(demo.p12, demo.passphrase.read_text(), at=ENDS_AT - timedelta(days=30))
    assert loaded.certificate.not_valid_after_utc == ENDS_AT


def test_a_seal_is_not_trusted_once_its_certificate_has_ended(paper: Sealed) -> None:
    found = check(paper.content, roots=paper.roots, at=ENDS_AT + timedelta(days=1))
    assert "seal:certificate-not-trusted" in found.reasons


def test_a_wrong_passphrase_opens_nothing(demo: DemoSeal) -> None:
    with pytest.raises(SealUnusable, match="seal:not-readable"):
        Seal.load(demo.p12, "wrong", at=SEALED_AT)


def test_a_missing_file_is_no_seal(tmp_path: Path) -> None:
    with pytest.raises(SealUnusable, match="seal:not-readable"):
        Seal.load(tmp_path / "nowhere.p12", "x", at=SEALED_AT)


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)])
def test_a_key_of_another_kind_or_too_short_is_refused(
    paper: Sealed, tmp_path: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
) -> None:
    path = tmp_path / "weak.pem"
    path.write_bytes(pem_of(key))
    (tmp_path / "weak.crt").write_bytes(paper.seal.certificate.public_bytes(serialization.Encoding.PEM))
    with pytest.raises(SealUnusable, match="seal:key-unfit"):
        Seal.load_pem(path, tmp_path / "weak.crt", None, at=SEALED_AT)


def test_a_certificate_of_another_key_is_refused(demo: DemoSeal, paper: Sealed, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(pem_of(paper.seal.key))
    with pytest.raises(SealUnusable, match="seal:certificate-of-another-key"):
        Seal.load_pem(tmp_path / "key.pem", demo.root, None, at=SEALED_AT)


def test_a_seal_may_also_be_two_pem_files(paper: Sealed, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(pem_of(paper.seal.key))
    chain = [paper.seal.certificate, *paper.seal.chain]
    (tmp_path / "chain.pem").write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain))
    loaded = Seal.load_pem(tmp_path / "key.pem", tmp_path / "chain.pem", None, at=SEALED_AT)
    assert (loaded.fingerprint, len(loaded.chain)) == (paper.seal.fingerprint, 1)


def test_a_demonstration_seal_is_named_as_one_and_private(demo: DemoSeal) -> None:
    _, certificate, _ = pkcs12.load_key_and_certificates(demo.p12.read_bytes(), demo.passphrase.read_bytes())
    root = x509.load_pem_x509_certificate(demo.root.read_bytes())
    for one in (certificate, root):
        assert one is not None
        assert "演示" in one.subject.rfc4514_string()
        assert "DEMO" in one.subject.rfc4514_string()
    assert {path.stat().st_mode & 0o777 for path in (demo.p12, demo.passphrase, demo.root)} == {0o600}


def test_a_demonstration_seal_never_replaces_one(demo: DemoSeal) -> None:
    with pytest.raises(FileExistsError):
        make_demo_seal(demo.p12.parent, INSTITUTION, at=MADE_AT)


def test_a_key_never_shows_in_a_repr(paper: Sealed) -> None:
    assert "key" not in repr(paper.seal)


def pem_of(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
