"""Who a signer is, on file before anybody signs: name, number and service address encrypted, and how it was checked."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from mediation import audit
from mediation.cases import capacity, drafting, moves
from mediation.cases.further_borrowers import name_and_tail_of, names_of_further
from mediation.cases.models import CapacityReport, Identity, Seating
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.errors import Refused
from mediation.keys import KeyRing, pack, ring_of, unpack
from mediation.portfolios.numbers import check_id_number
from mediation.rules.access import Role
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import Side

OF_AGE = 18
TAIL = 4
LEAST_ADDRESS = 6
NUMBER_PLACE, ADDRESS_PLACE = b"identity-number/", b"identity-address/"
CHINESE = 18  # characters of a number of GB 11643


class HowChecked(StrEnum):
    """How the institution knows that this is so."""

    STATED = "stated"
    MATCHES_FILE = "matches_file"
    ID_CARD_SEEN = "id_card_seen"


@dataclass(frozen=True, slots=True)
class IdentityOnFile:
    """An identity with its secrets in clear; the number and the address stay out of every repr."""

    name: str
    number: str = field(repr=False)
    address: str = field(repr=False)
    number_tail: str
    how_checked: str
    given_at: datetime


def give_identity(
    seat: Seat, *, name: str, number: str, address: str, at: datetime, is_other_name: bool = False
) -> Identity:
    """The signer's identity is on file; a borrower under age goes to the registrar, and no plan is made meanwhile."""
    seat.require("identity:give")
    assert seat.account_id is not None
    if seat.stage is Stage.SIGNING:
        raise Refused("identity:in-the-agreement")
    number, name, address = _number(seat, number), _spoken(name, "name", 1), _spoken(address, "address", LEAST_ADDRESS)
    how = _how_checked(seat, number)
    if differs_from_file(seat, name) and not is_other_name:
        raise Refused("identity:other-name", field="name", on_file=name_and_tail_of(seat)[0])
    kept = _keep(seat, name, number, address, how, at)
    audit.record(seat, "identity:given", {"side": seat.role.value, "how": how.value}, at=at)
    if seat.side is Side.BORROWER and _is_under_age(seat, number, at):
        _report_age(seat, at)
    if seat.stage is Stage.TERMS_AGREED and seat.case.turn is Role.BORROWER and not drafting.lacks_identity(seat):
        drafting.await_drafting(seat, at=at)
        tell_roles(seat.session, seat.case, "identity:given", (Role.MEDIATOR,), at=at)
    return kept


def identity_of(session: Session, case_id: UUID, account_id: UUID) -> IdentityOnFile | None:
    """This person's identity in that case as it is on file, or nothing."""
    kept = _row(session, case_id, account_id)
    if kept is None:
        return None
    ring = ring_of(session)
    return IdentityOnFile(
        name=kept.name,
        number=_open(ring, kept.number_sealed, NUMBER_PLACE, account_id),
        address=_open(ring, kept.address_sealed, ADDRESS_PLACE, account_id),
        number_tail=kept.number_tail,
        how_checked=kept.how_checked,
        given_at=kept.given_at,
    )


def differs_from_file(seat: Seat, name: str) -> bool:
    """Whether a borrower writes another name than the lender's file has; blanks and width do not count."""
    return seat.side is Side.BORROWER and _plain(name) != _plain(name_and_tail_of(seat)[0])


def name_given(session: Session, case_id: UUID, account_id: UUID) -> str:
    """The name in the identity of a borrower of that case, or nothing where there is none."""
    borrows = exists().where(
        Seating.case_id == case_id, Seating.account_id == account_id, Seating.role == Role.BORROWER
    )
    found = select(Identity.name).where(Identity.case_id == case_id, Identity.account_id == account_id, borrows)
    return session.scalar(found) or ""


def other_names_seen_by(seat: Seat) -> Sequence[str]:
    """The names that borrowers have given and that the lender's file does not have, for mediator and registrar."""
    if seat.role not in (Role.MEDIATOR, Role.REGISTRAR):
        return []
    found = (
        select(Identity.name)
        .join(Seating, (Seating.case_id == Identity.case_id) & (Seating.account_id == Identity.account_id))
        .where(Identity.case_id == seat.case_id, Seating.role == Role.BORROWER, Seating.ended_at.is_(None))
    )
    on_file = {_plain(name) for name in (seat.case.borrower_name, *names_of_further(seat))}
    return [name for name in seat.session.scalars(found) if _plain(name) not in on_file]


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _number(seat: Seat, text: str) -> str:
    try:
        return check_id_number(unicodedata.normalize("NFKC", text), chinese=seat.case.currency == "CNY")
    except Refused:
        raise Refused("identity:number-not-right", field="number") from None


def _spoken(text: str, field_name: str, least: int) -> str:
    tidy = " ".join(unicodedata.normalize("NFC", text).split())
    if len(tidy) < least:
        raise Refused(f"identity:{field_name}-missing", field=field_name)
    return tidy


def _how_checked(seat: Seat, number: str) -> HowChecked:
    """A borrower's number must end as the lender's file says, for it was this person who was invited."""
    if seat.side is not Side.BORROWER:
        return HowChecked.STATED
    on_file = name_and_tail_of(seat)[1].upper()
    if not on_file:
        return HowChecked.STATED
    if number[-TAIL:] != on_file:
        raise Refused("identity:other-number", field="number")
    return HowChecked.MATCHES_FILE


def _keep(seat: Seat, name: str, number: str, address: str, how: HowChecked, at: datetime) -> Identity:
    assert seat.account_id is not None
    ring = ring_of(seat.session)
    kept = _row(seat.session, seat.case_id, seat.account_id)
    if kept is None:
        kept = Identity(case_id=seat.case_id, account_id=seat.account_id)
        seat.session.add(kept)
    kept.name, kept.how_checked, kept.given_at = name, how.value, at
    kept.number_sealed = _seal(ring, number, NUMBER_PLACE, seat.account_id)
    kept.number_tail = number[-TAIL:]
    kept.address_sealed = _seal(ring, address, ADDRESS_PLACE, seat.account_id)
    seat.session.flush()
    return kept


def _row(session: Session, case_id: UUID, account_id: UUID) -> Identity | None:
    found = select(Identity).where(Identity.case_id == case_id, Identity.account_id == account_id)
    return session.scalars(found).first()


def _seal(ring: KeyRing, text: str, place: bytes, account_id: UUID) -> bytes:
    return pack(ring.encrypt(text.encode(), context=place + account_id.bytes))


def _open(ring: KeyRing, sealed: bytes, place: bytes, account_id: UUID) -> str:
    return ring.decrypt(unpack(sealed), context=place + account_id.bytes).decode()


def _is_under_age(seat: Seat, number: str, at: datetime) -> bool:
    if len(number) != CHINESE or not number[:17].isdigit():
        return False
    born_on, today = date(int(number[6:10]), int(number[10:12]), int(number[12:14])), moves.local_day(seat.case, at)
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day)) < OF_AGE


def _report_age(seat: Seat, at: datetime) -> None:
    """As capacity.report_capacity does, but nobody accuses: the entry names the system and not the side."""
    if capacity.open_report(seat) is not None:
        return
    report = seat.session.get(CapacityReport, seat.case_id) or CapacityReport(case_id=seat.case_id)
    seat.session.add(report)
    assert seat.account_id is not None
    report.side, report.reported_by, report.reported_at, report.cleared_at = Side.BORROWER, seat.account_id, at, None
    seat.session.flush()
    audit.record(Seat.system(seat.session, seat.case), "capacity:reported", {}, at=at)
    tell_roles(seat.session, seat.case, "capacity:reported", (Role.REGISTRAR, Role.MEDIATOR), at=at)
