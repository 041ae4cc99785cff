"""A seal for demonstrations: its own root, its own key, and DEMO in every name."""

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

KEY_BITS = 3072


@dataclass(frozen=True, slots=True)
class DemoSeal:
    """The files of a demonstration seal, and the root certificate that vouches for it and for nothing else."""

    p12: Path
    passphrase: Path
    root: Path


def make_demo_seal(folder: Path, institution_name: str, *, at: datetime, years: int = 2) -> DemoSeal:
    """Make a seal for demonstrations, named as one, from a root that is thrown away after this one use."""
    root_key, key = _new_key(), _new_key()
    ends_at = at + timedelta(days=365 * years)
    root_name = _x509_name("演示根证书 DEMO ROOT", "演示 DEMO")
    root = _certificate(root_name, root_name, root_key.public_key(), root_key, at, ends_at, authority=True)
    name = _x509_name(f"{institution_name[:40]} 演示签章 DEMO", institution_name[:60])
    certificate = _certificate(name, root_name, key.public_key(), root_key, at, ends_at, authority=False)
    passphrase = secrets.token_urlsafe(24)
    sealed = serialization.BestAvailableEncryption(passphrase.encode())
    p12 = pkcs12.serialize_key_and_certificates(b"demo seal", key, certificate, [root], sealed)
    files = DemoSeal(folder / "demo-seal.p12", folder / "demo-seal.passphrase", folder / "demo-root.pem")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_private(files.p12, p12)
    _write_private(files.passphrase, passphrase.encode())
    _write_private(files.root, root.public_bytes(serialization.Encoding.PEM))
    return files


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def _x509_name(common: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, issuer_key: rsa.RSAPrivateKey,
    begins_at: datetime, ends_at: datetime, *, authority: bool,
) -> x509.Certificate:  # fmt: skip
    usage = x509.KeyUsage(
        digital_signature=not authority, content_commitment=not authority, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=authority, crl_sign=authority,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    issuer_identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins_at.astimezone(UTC))
        .not_valid_after(ends_at.astimezone(UTC))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(issuer_identifier, critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
