"""What a seat sees of the borrower's means: the statement, the lender's range, and the affordable cap."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from mediation.cases.hearing import heard_since, mediator_hears_since
from mediation.cases.models import Case
from mediation.cases.seats import Seat
from mediation.disclosures.answers import Line
from mediation.disclosures.consents import Passing, passing_of
from mediation.disclosures.models import Section
from mediation.disclosures.sharing import Band, Readers, band_seen
from mediation.disclosures.statements import Stated, newest_of, verified_in
from mediation.rules.access import Role
from mediation.rules.negotiation import Side


@dataclass(frozen=True)
class SharedSection:
    """What the lender reads of one section: whether documents were seen, and the lines where all of it is shared."""

    verified: int
    total: int
    lines: tuple[Line, ...] = ()
    verified_keys: frozenset[str] = frozenset()

    @property
    def is_wholly_verified(self) -> bool:
        """Whether a document was seen for every line."""
        return self.verified == self.total


@dataclass(frozen=True)
class Shared:
    """Everything that the lender reads of the borrower's means; empty where nothing was released."""

    band: Band | None = None
    sections: Mapping[Section, SharedSection] = field(default_factory=dict)


def statement_seen_by(seat: Seat) -> Stated | None:
    """The statement that counts, to the borrower, and to the mediator to whom it was given; to nobody else.

    A mediator who took the seat later reads it once the borrower opens what it told before, or states it anew.
    """
    seat.require("means:read")
    if seat.side is not Side.BORROWER and seat.role is not Role.MEDIATOR:
        return None
    stated = newest_of(seat.session, seat.case_id)
    if stated is None or seat.side is Side.BORROWER:
        return stated
    return stated if stated.stated_at >= heard_since(seat, Side.BORROWER) else None


def verified_seen_by(seat: Seat, stated: Stated) -> frozenset[tuple[Section, str]]:
    """The lines of a statement, which this seat reads, of which a document was seen."""
    seat.require("means:read")
    return verified_in(seat.session, stated)


def shared_with(seat: Seat) -> Shared:
    """What the borrower released to the lender; nothing in it moves with a section that only the mediator reads."""
    seat.require("means:read")
    stated = newest_of(seat.session, seat.case_id)
    if seat.side is not Side.LENDER or stated is None:
        return Shared()
    if passing_of(seat.session, seat.case_id, stated.stated_by) is not Passing.GIVEN:
        return Shared()
    verified = verified_in(seat.session, stated)
    sections = {
        section: _shared(section, each.lines, each.readers, verified)
        for section, each in stated.sections.items()
        if each.readers is not Readers.MEDIATOR
    }
    return Shared(band_seen(stated.reckoning, stated.readers, stated.currency), sections)


def cap_seen_by(seat: Seat) -> int | None:
    """The affordable cap in minor units a month, to the borrower and its mediator; 0 where nothing is left.

    None where nothing was stated, where a figure is missing without which nothing can be computed, and for
    everybody else.
    """
    if not seat.may("means:read"):
        return None
    stated = statement_seen_by(seat)
    return None if stated is None else stated.reckoning.cap


def cap_of(session: Session, case: Case) -> int | None:
    """The same for a check that shows the figure to nobody, such as the sign-off gate."""
    stated = newest_of(session, case.id)
    return None if stated is None else stated.reckoning.cap


def may_still_consent(seat: Seat) -> bool:
    """Whether this borrower has not been asked yet that something may be passed on to the lender."""
    seat.require("means:keep")
    return passing_of(seat.session, seat.case_id, seat.account_id) is Passing.UNASKED


def is_withheld_from_mediator(seat: Seat) -> bool:
    """Whether the borrower stated something to a mediator who has left, and not yet to the one who sits."""
    seat.require("means:read")
    stated = newest_of(seat.session, seat.case_id)
    since = mediator_hears_since(seat.session, seat.case_id, Side.BORROWER)
    return seat.side is Side.BORROWER and stated is not None and since is not None and stated.stated_at < since


def _shared(
    section: Section, lines: tuple[Line, ...], readers: Readers, verified: frozenset[tuple[Section, str]]
) -> SharedSection:
    keys = frozenset(line.key for line in lines if (section, line.key) in verified)
    if readers is Readers.SUMMARY:
        return SharedSection(len(keys), len(lines))
    return SharedSection(len(keys), len(lines), lines, keys)
