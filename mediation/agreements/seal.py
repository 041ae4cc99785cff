"""The institution's seal on a paper (PAdES), and the question whether a sealed paper is still what it was."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12
from cryptography.x509.oid import NameOID

from mediation.agreements import pdf as paper
from mediation.errors import MediationError, Refused

SMALLEST_KEY_BITS = 3072
LONGEST_NOTICE = timedelta(days=30)
INK = (0.56, 0.11, 0.09)
BLACK = (0.0, 0.0, 0.0)

Box = tuple[int, int, int, int]


class SealUnusable(MediationError):
    """The seal's key or certificate cannot be used: missing, of the wrong kind, or not belonging together."""


class Afterwards(StrEnum):
    """What may still be done to a file after a signature without breaking it."""

    NOTHING = "nothing"
    SIGNING = "signing"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureStep:
    """One signature of a file: its field, where it shows, and what it permits to those who come after.

    The first signature of a file certifies it. Whoever is to be followed by another signer permits SIGNING;
    the institution's seal comes last and permits NOTHING. `place` None is a signature that does not show.
    `timestamper` is pyHanko's; without one the moment is what the signing machine says.
    """

    field_name: str
    place: paper.Place | None
    lines: tuple[str, ...] = ()
    reason: str = ""
    location: str = ""
    afterwards: Afterwards = Afterwards.NOTHING
    timestamper: Any = None


@dataclass(frozen=True, slots=True)
class Note:
    """Lines printed into a place left free: who confirmed the paper, and when."""

    place: paper.Place
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SealCheck:
    """What a paper's signatures say: whether it is still what was sealed, by whom and when; else why not.

    A file cut off before its last signature is sound in itself: who expects the seal compares `last_field`.
    """

    ok: bool
    signer: str
    signed_at: datetime | None
    covers_whole_file: bool
    reasons: tuple[str, ...]
    fingerprint: str = ""
    last_field: str = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """A key with its certificate, ready to sign; the key is read once and kept."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    key: rsa.RSAPrivateKey = field(repr=False)

    @classmethod
    def load(cls, path: Path, passphrase: str, *, at: datetime) -> Self:
        """Return the seal in this PKCS #12 file; refused when its certificate ends within 30 days."""
        try:
            key, certificate, others = pkcs12.load_key_and_certificates(path.read_bytes(), passphrase.encode())
        except (OSError, ValueError) as error:
            raise SealUnusable("seal:not-readable", path=str(path)) from error
        return cls._of(key, certificate, tuple(others), at)

    @classmethod
    def load_pem(cls, key_path: Path, certificate_path: Path, passphrase: str | None, *, at: datetime) -> Self:
        """Return the seal of a PEM key and its certificate, which may be followed by its chain."""
        try:
            key = load_pem_private_key(key_path.read_bytes(), passphrase.encode() if passphrase else None)
            certificate, *others = x509.load_pem_x509_certificates(certificate_path.read_bytes())
        except (OSError, ValueError, TypeError) as error:
            raise SealUnusable("seal:not-readable", path=str(key_path)) from error
        return cls._of(key, certificate, tuple(others), at)

    @classmethod
    def _of(cls, key: Any, certificate: Any, chain: tuple[x509.Certificate, ...], at: datetime) -> Self:
        if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < SMALLEST_KEY_BITS:
            # Another kind of key makes the file claim PDF 2.0, and it is no PDF/A-3 any more.
            raise SealUnusable("seal:key-unfit", smallest=SMALLEST_KEY_BITS)
        if certificate is None or certificate.public_key() != key.public_key():
            raise SealUnusable("seal:certificate-of-another-key")
        seal = cls(certificate, chain, key)
        seal.check_usable(at)
        return seal

    @property
    def name(self) -> str:
        """Return the name that the certificate gives its holder."""
        return _common_name(self.certificate)

    @property
    def fingerprint(self) -> str:
        """Return the certificate's SHA-256."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def check_usable(self, at: datetime) -> None:
        """Refused before the certificate begins and from 30 days before it ends."""
        if at < self.certificate.not_valid_before_utc:
            raise Refused("seal:certificate-not-yet-valid", begins_at=self.certificate.not_valid_before_utc)
        if self.certificate.not_valid_after_utc - at < LONGEST_NOTICE:
            raise Refused("seal:certificate-expiring", ends_at=self.certificate.not_valid_after_utc)

    def apply(
        self, pdf: bytes, *, field_name: str, page: int, box: Box, lines: Sequence[str], at: datetime,
        reason: str, location: str, notes: Sequence[Note] = (),
    ) -> bytes:  # fmt: skip
        """Return the paper with these notes printed and this seal on it, after which nothing may change."""
        step = SignatureStep(
            field_name=field_name, place=paper.Place(page, box), lines=tuple(lines), reason=reason, location=location
        )
        return self.sign(pdf, step, at=at, notes=notes)

    def sign(self, pdf: bytes, step: SignatureStep, *, at: datetime, notes: Sequence[Note] = ()) -> bytes:
        """Return the paper with one more signature, as an addition that leaves every earlier byte as it is."""
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.general import SigningError

        self.check_usable(at)
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        first = not list(writer.prev.embedded_signatures)
        if notes and not first:
            raise ValueError("notes would break the signatures that are already there")
        _print_notes(writer, notes)
        try:
            out: io.BytesIO = self._signer(step, at, first=first).sign_pdf(writer)
        except SigningError as error:
            raise SealUnusable("seal:signature-forbidden", field_name=step.field_name) from error
        return out.getvalue()

    def _signer(self, step: SignatureStep, at: datetime, *, first: bool) -> Any:
        from pyhanko.sign import PdfSignatureMetadata
        from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

        final = step.afterwards is Afterwards.NOTHING
        metadata = PdfSignatureMetadata(
            field_name=step.field_name,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            reason=step.reason or None,
            location=step.location or None,
            name=self.name,
            certify=first,
            docmdp_permissions=MDPPerm.NO_CHANGES if final else MDPPerm.FILL_FORMS,
        )
        return _at(at)(
            metadata,
            signer=_key_holder()(self),
            timestamper=step.timestamper,
            stamp_style=_stamp_style(step.lines, INK, framed=True) if step.lines else None,
            new_field_spec=_field(step, first=first),
        )


def reserve(pdf: bytes, steps: Sequence[SignatureStep]) -> bytes:
    """Return the paper with an empty field for each step, in the order of signing, the certifying one first.

    Needed when several sign: after a certifying signature a field may be filled, but none added.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import append_signature_field

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    for number, step in enumerate(steps):
        append_signature_field(writer, _field(step, first=number == 0))
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def check(pdf: bytes, *, roots: Sequence[bytes], at: datetime) -> SealCheck:
    """Return whether every signature holds, none was followed by a change, and nothing stands after the last.

    `roots` are the certificates trusted (PEM). Nothing is fetched: addresses inside the file stay unvisited.
    """
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    # A file from outside may be broken in any way; that it cannot be read is the answer, not a fault.
    malformed = (PdfError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)
    try:
        signatures = list(PdfFileReader(io.BytesIO(pdf)).embedded_signatures)
    except malformed:
        return _not_ok("seal:file-unreadable")
    if not signatures:
        return _not_ok("seal:none")
    try:
        return _verdict(pdf, signatures, roots, at)
    except malformed:
        return _not_ok("seal:signature-unreadable")


def _field(step: SignatureStep, *, first: bool) -> Any:
    from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec

    final = step.afterwards is Afterwards.NOTHING
    lock = FieldMDPSpec(FieldMDPAction.ALL) if final else None
    return SigFieldSpec(
        step.field_name,
        on_page=step.place.page if step.place else 0,
        box=step.place.box if step.place else None,
        field_mdp_spec=lock,
        # The certifying signature says the same in its own words; a later one can only say it in its field.
        doc_mdp_update_value=MDPPerm.NO_CHANGES if lock and not first else None,
        readable_field_name=step.reason or step.field_name,
    )


def _print_notes(writer: Any, notes: Sequence[Note]) -> None:
    from pyhanko.pdf_utils.layout import BoxConstraints

    for note in notes:
        left, bottom, right, top = note.place.box
        box = BoxConstraints(width=right - left, height=top - bottom)
        stamp = _stamp_style(note.lines, BLACK, framed=False).create_stamp(writer, box, {})
        stamp.apply(note.place.page, left, bottom)


def _stamp_style(lines: Sequence[str], ink: tuple[float, float, float], *, framed: bool) -> Any:
    from pyhanko.pdf_utils import layout
    from pyhanko.pdf_utils.text import TextBoxStyle
    from pyhanko.stamp import TextStampStyle

    paper.check_glyphs("".join(lines))
    text = "\n".join(paper.centred(lines) if framed else lines)
    across = layout.AxisAlignment.ALIGN_MID if framed else layout.AxisAlignment.ALIGN_MIN
    down = layout.AxisAlignment.ALIGN_MID if framed else layout.AxisAlignment.ALIGN_MAX
    tight = layout.SimpleBoxLayoutRule(across, down, layout.Margins(0, 0, 0, 0))
    return TextStampStyle(
        stamp_text=text.replace("%", "%%"),
        text_box_style=TextBoxStyle(
            font=_font_of()(text), font_size=9, leading=14, text_color=ink, box_layout_rule=tight
        ),
        inner_content_layout=layout.SimpleBoxLayoutRule(
            across, down, layout.Margins(6, 6, 6, 6) if framed else layout.Margins(0, 0, 0, 0)
        ),
        border_width=2 if framed else 0,
        border_color=ink,
    )


@cache
def _font_of() -> Any:
    """The typeface cut down to the signs of one stamp: pyHanko would take a second for the whole of it."""
    from pyhanko.pdf_utils.font.api import FontEngineFactory
    from pyhanko.pdf_utils.font.opentype import GlyphAccumulator

    class FontOf(FontEngineFactory):
        def __init__(self, text: str) -> None:
            self._font = _mini_font(text)

        def create_font_engine(self, writer: Any, obj_stream: Any = None) -> Any:
            return GlyphAccumulator(writer, io.BytesIO(self._font), font_size=9, obj_stream=obj_stream)

    return FontOf


def _mini_font(text: str) -> bytes:
    import uharfbuzz

    face = paper.installed_face(paper.SERIF)
    wanted = uharfbuzz.SubsetInput()
    wanted.sets(uharfbuzz.SubsetInputSets.UNICODE).set({ord(sign) for sign in text} | {0x20})
    whole = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(face.path), face.index)
    return bytes(uharfbuzz.subset(whole, wanted).blob.data)


@cache
def _key_holder() -> Any:
    """A signer that keeps the loaded key: pyHanko's own reads and proves it again for each signature."""
    from asn1crypto import x509 as asn1  # type: ignore[import-untyped]
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.signers import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class KeyHolder(Signer):
        def __init__(self, seal: Seal) -> None:
            own, *others = (
                asn1.Certificate.load(one.public_bytes(serialization.Encoding.DER))
                for one in (seal.certificate, *seal.chain)
            )
            registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
            registry.register_multiple([own, *others])
            super().__init__(signing_cert=own, cert_registry=registry)
            self._key = seal.key

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            if digest_algorithm != "sha256":
                raise SigningError("this seal signs SHA-256 only")
            if dry_run:
                return bytes(self._key.key_size // 8)
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    return KeyHolder


def _at(at: datetime) -> Any:
    """pyHanko's signer for PDF files, told the time instead of reading a clock of its own."""
    from pyhanko.sign import PdfSigner

    class SignerAt(PdfSigner):
        def init_signing_session(self, *args: Any, **options: Any) -> Any:
            session = super().init_signing_session(*args, **options)
            session.system_time = at.astimezone(UTC)
            return session

    return SignerAt


def _verdict(pdf: bytes, signatures: list[Any], roots: Sequence[bytes], at: datetime) -> SealCheck:
    last = [one for one in signatures if str(one.sig_object_type) == "/Sig"][-1]
    signed_length = max(one.byte_range[2] + one.byte_range[3] for one in signatures)
    reasons = [] if signed_length == len(pdf) else ["seal:bytes-after-signature"]
    for one in signatures:
        reasons += _faults(one, roots, at)
    certificate = x509.load_der_x509_certificate(last.signer_cert.dump())
    return SealCheck(
        ok=not reasons,
        signer=_common_name(certificate),
        signed_at=last.self_reported_timestamp,
        covers_whole_file=signed_length == len(pdf),
        reasons=tuple(dict.fromkeys(reasons)),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        last_field=last.field_name,
    )


def _faults(signature: Any, roots: Sequence[bytes], at: datetime) -> list[str]:
    from asn1crypto import pem
    from asn1crypto import x509 as asn1
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko_certvalidator import ValidationContext

    trusted = [asn1.Certificate.load(pem.unarmor(root)[2]) for root in roots]
    context = ValidationContext(trust_roots=trusted, moment=at, allow_fetching=False, revocation_mode="soft-fail")
    try:
        status = validate_pdf_signature(signature, signer_validation_context=context)
    except SignatureValidationError:
        return ["seal:signature-invalid"]
    found = {
        "seal:content-changed": not status.intact,
        "seal:signature-invalid": not status.valid,
        "seal:certificate-not-trusted": not status.trusted,
        "seal:changed-afterwards": not status.docmdp_ok,
    }
    named = [reason for reason, wrong in found.items() if wrong]
    return named if named or status.bottom_line else ["seal:signature-invalid"]


def _not_ok(reason: str) -> SealCheck:
    return SealCheck(ok=False, signer="", signed_at=None, covers_whole_file=False, reasons=(reason,))


def _common_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()
