"""What the borrower agreed to, purpose by purpose, and taking it back: what was done under it before stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from mediation import audit
from mediation.cases.models import Consent, ConsentEnd, Purpose
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.errors import NotFound, Refused
from mediation.rules.access import Role

# Without these two there is no mediation to take part in; every other purpose is as free as taking part.
NEEDED = (Purpose.MEDIATION, Purpose.PERSONAL_DATA)
TOLD = (Role.MEDIATOR, Role.REGISTRAR)


@dataclass(frozen=True)
class Given:
    """One consent of the reader, and since when it is taken back, if it is."""

    purpose: Purpose
    given_at: datetime
    taken_back_at: datetime | None

    @property
    def ends_mediation(self) -> bool:
        """Whether mediation cannot go on without it."""
        return self.purpose in NEEDED


def consents_of(seat: Seat) -> Sequence[Given]:
    """What this borrower consented to in this case, in the order of the purposes."""
    seat.require("consent:take-back")
    order = list(Purpose)
    found = [
        Given(consent.purpose, consent.given_at, end.taken_back_at if end else None)
        for consent, end in seat.session.execute(_of(seat))
    ]
    return sorted(found, key=lambda one: order.index(one.purpose))


def take_back(seat: Seat, purpose: Purpose, *, at: datetime) -> None:
    """From here nothing is done under this consent any more."""
    seat.require("consent:take-back")
    row = seat.session.execute(_of(seat).where(Consent.purpose == purpose)).first()
    if row is None:
        raise NotFound
    consent, end = row
    if end is not None:
        raise Refused("consent:taken-back-already")
    seat.session.add(ConsentEnd(consent_id=consent.id, taken_back_at=at))
    seat.session.flush()
    audit.record(seat, "consent:taken-back", {"purpose": purpose.value, "side": seat.role.value}, at=at)
    tell_roles(seat.session, seat.case, "consent:taken-back", TOLD, at=at)


def _of(seat: Seat) -> Select[Consent, ConsentEnd]:
    return (
        select(Consent, ConsentEnd)
        .outerjoin(ConsentEnd, ConsentEnd.consent_id == Consent.id)
        .where(Consent.case_id == seat.case_id, Consent.account_id == seat.account_id)
    )
