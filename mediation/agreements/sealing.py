"""The institution's seal on a confirmed paper, with a line in each box for whoever confirmed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mediation import i18n
from mediation.agreements import paper, pdf, seal


@dataclass(frozen=True)
class Confirmed:
    """One confirmation as the paper shows it."""

    place: str
    signed_at: datetime


@dataclass(frozen=True)
class Sealing:
    """What is needed to seal a confirmed file."""

    pdf: bytes
    number: str
    institution: str
    zone: str
    confirmed: Sequence[Confirmed]


def put_seal(facts: Sealing, info: Mapping[str, Any], *, at: datetime) -> tuple[bytes, datetime]:
    """The sealed file, and the instant of the seal, from which it is in effect."""
    settings = info["settings"]
    stamp = usable_seal(settings, at=at)
    places = pdf.places(facts.pdf)
    place = places[paper.SEAL_PLACE]
    zone = ZoneInfo(facts.zone)
    sealed = stamp.apply(
        facts.pdf,
        field_name="institution_seal",
        page=place.page,
        box=place.box,
        lines=(facts.institution, "电子签章", f"生效时间 {_written(at, zone)}"),
        at=at,
        reason=f"调解协议 {facts.number}",
        location=facts.institution,
        notes=[seal.Note(places[one.place], (f"已确认 {_written(one.signed_at, zone)}",)) for one in facts.confirmed],
    )
    return sealed, at


def usable_seal(settings: Any, *, at: datetime) -> seal.Seal:
    """The seal of this deployment; refused when it cannot be used at this moment."""
    if settings.seal_file is None:
        raise seal.SealUnusable("seal:not-configured")
    stamp = _loaded(settings.seal_file, settings.seal_passphrase, at)
    stamp.check_usable(at)
    return stamp


def _written(at: datetime, zone: ZoneInfo) -> str:
    return i18n.moment(at, zone, "zh_Hans")


_kept: dict[Path, seal.Seal] = {}


def _loaded(path: Path, passphrase: str, at: datetime) -> seal.Seal:
    """The key is read once per process."""
    if path not in _kept:
        _kept[path] = seal.Seal.load(path, passphrase, at=at)
    return _kept[path]
