"""Settings from the environment, typed; in production a missing secret stops the start."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MODES = ("demo", "development", "production")


class ConfigurationError(Exception):
    """A setting is missing or cannot be right; the message names it."""


@dataclass(frozen=True)
class Settings:
    """Everything that this deployment decides from outside; the README explains each name."""

    mode: str
    database_url: str
    folder: Path
    master_key_files: tuple[Path, ...]
    secret_key: str = field(repr=False)
    public_url: str
    mail_folder: Path
    smtp_url: str = field(repr=False)
    mail_from: str
    blob_folder: Path
    blob_url: str
    blob_endpoint: str
    blob_region: str
    blob_credentials: tuple[str, str] | None = field(repr=False)
    seal_file: Path | None
    seal_passphrase: str = field(repr=False)
    seal_roots: Path | None
    calendars_folder: Path | None
    trusted_proxies: int

    @property
    def is_production(self) -> bool:
        """Whether real people's cases are kept here."""
        return self.mode == "production"

    @property
    def is_demo(self) -> bool:
        """Whether every page must say that this is a demonstration."""
        return self.mode == "demo"

    @property
    def host(self) -> str:
        """The name under which the record's threads are known."""
        return self.public_url.split("://", 1)[-1].split("/", 1)[0]


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings that the environment states; raises ConfigurationError naming what is missing."""
    env = os.environ if environment is None else environment
    mode = env.get("MEDIATION_MODE", "development")
    if mode not in MODES:
        raise ConfigurationError(f"MEDIATION_MODE must be one of {', '.join(MODES)}")
    folder = Path(env.get("MEDIATION_FOLDER", "var"))
    settings = Settings(
        mode=mode,
        database_url=env.get("MEDIATION_DATABASE_URL", f"sqlite:///{folder / 'mediation.db'}"),
        folder=folder,
        master_key_files=master_key_files(env),
        secret_key=_secret(env, folder, mode),
        public_url=env.get("MEDIATION_PUBLIC_URL", "http://localhost:8000").rstrip("/"),
        mail_folder=Path(env.get("MEDIATION_MAIL_FOLDER", str(folder / "mail"))),
        smtp_url=env.get("MEDIATION_SMTP_URL", ""),
        mail_from=env.get("MEDIATION_MAIL_FROM", "mediation@localhost"),
        blob_folder=Path(env.get("MEDIATION_BLOB_FOLDER", str(folder / "blobs"))),
        **_bucket(env),
        **_seal(env, folder),
        calendars_folder=_path(env.get("MEDIATION_CALENDARS", "")),
        trusted_proxies=int(env.get("MEDIATION_TRUSTED_PROXIES", "0")),
    )
    if settings.is_production:
        _check_production(env, settings)
    return settings


def master_key_files(environment: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """The files of the master keys that the environment names, whether they are there yet or not."""
    env = os.environ if environment is None else environment
    folder = Path(env.get("MEDIATION_FOLDER", "var"))
    return _paths(env.get("MEDIATION_MASTER_KEY_FILE", "")) or (folder / "master.key",)


def write_secret(path: Path) -> None:
    """A new secret key lies in this file, for its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))


def _check_production(env: Mapping[str, str], settings: Settings) -> None:
    needed = (
        "MEDIATION_DATABASE_URL",
        "MEDIATION_MASTER_KEY_FILE",
        "MEDIATION_SECRET_KEY_FILE",
        "MEDIATION_PUBLIC_URL",
        "MEDIATION_SMTP_URL",
        "MEDIATION_MAIL_FROM",
        "MEDIATION_BLOB_URL" if settings.blob_url else "MEDIATION_BLOB_FOLDER",
        "MEDIATION_SEAL_FILE",
        "MEDIATION_SEAL_ROOTS",
    )
    missing = [name for name in needed if not env.get(name)]
    if missing:
        raise ConfigurationError(f"production needs {', '.join(missing)}")
    absent = [str(path) for path in settings.master_key_files if not path.exists()]
    if absent:
        raise ConfigurationError(f"MEDIATION_MASTER_KEY_FILE names what is not there: {', '.join(absent)}")
    if not settings.public_url.startswith("https://"):
        raise ConfigurationError("MEDIATION_PUBLIC_URL must begin with https:// in production")


def _bucket(env: Mapping[str, str]) -> dict[str, Any]:
    """The object store as named, if one is; without a file of credentials the machine's own are used."""
    url = env.get("MEDIATION_BLOB_URL", "").rstrip("/")
    if url and not url.startswith("s3://"):
        raise ConfigurationError("MEDIATION_BLOB_URL must begin with s3://")
    lines = _from_file(env.get("MEDIATION_BLOB_CREDENTIALS_FILE", "")).split()
    if lines and len(lines) != 2:
        raise ConfigurationError("MEDIATION_BLOB_CREDENTIALS_FILE holds two lines: the key's id and its secret")
    return {
        "blob_url": url,
        "blob_endpoint": env.get("MEDIATION_BLOB_ENDPOINT", ""),
        "blob_region": env.get("MEDIATION_BLOB_REGION", "us-east-1"),
        "blob_credentials": (lines[0], lines[1]) if lines else None,
    }


def _seal(env: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """The seal as named, or the demonstration's own where that was made."""
    own = folder / "seal"
    if env.get("MEDIATION_SEAL_FILE") or not (own / "demo-seal.p12").exists():
        return {
            "seal_file": _path(env.get("MEDIATION_SEAL_FILE", "")),
            "seal_passphrase": _from_file(env.get("MEDIATION_SEAL_PASSPHRASE_FILE", "")),
            "seal_roots": _path(env.get("MEDIATION_SEAL_ROOTS", "")),
        }
    return {
        "seal_file": own / "demo-seal.p12",
        "seal_passphrase": (own / "demo-seal.passphrase").read_text().strip(),
        "seal_roots": own / "demo-root.pem",
    }


def _secret(env: Mapping[str, str], folder: Path, mode: str) -> str:
    named = env.get("MEDIATION_SECRET_KEY_FILE", "")
    if named or mode == "production":
        return _from_file(named)
    kept = folder / "secret.key"
    if not kept.exists():
        write_secret(kept)
    return kept.read_text().strip()


def _from_file(name: str) -> str:
    return Path(name).read_text().strip() if name else ""


def _paths(names: str) -> tuple[Path, ...]:
    return tuple(Path(name) for name in names.split(":") if name)


def _path(name: str) -> Path | None:
    return Path(name) if name else None
