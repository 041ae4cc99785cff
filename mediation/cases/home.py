"""The borrower's home: one sentence, one date, one button, from stage, turn and deadline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.cases.models import Case, Seating
from mediation.cases.seats import Seat, seat_of
from mediation.i18n import NP_
from mediation.rules.access import Role
from mediation.rules.lifecycle import Stage

AT_HOME = (Role.BORROWER, Role.ADVISER)

# What the borrower is asked to do, where it is the borrower's turn.
ASKED: Mapping[Stage, str] = {
    Stage.INVITED: NP_("home", "It is for you to decide whether to take part."),
    Stage.APPOINTED: NP_("home", "A mediator is named. You may accept, or object once."),
    Stage.OPEN: NP_("home", "It is your turn: there is a plan to answer."),
    Stage.TERMS_AGREED: NP_("home", "For the agreement we need your name, identity number and an address for letters."),
    Stage.SIGNING: NP_("home", "The agreement is ready for you to read and sign."),
}
# Whom everybody waits for, where it is somebody else's turn.
WAITING: Mapping[Role, str] = {
    Role.LENDER: NP_("home", "It is the lender's turn. You need do nothing now."),
    Role.MEDIATOR: NP_("home", "The mediator is working on it. You need do nothing now."),
    Role.REGISTRAR: NP_("home", "The mediation body is working on it. You need do nothing now."),
}
# What is asked of the borrower where both sides are asked at once.
ASKED_OF_BOTH: Mapping[Stage, str] = {
    Stage.OPEN: NP_("home", "The mediator has put a proposal to both sides, and each answers it in private."),
}
PASSED = NP_("home", "The time to answer has passed. Call us if you still want to take part.")


@dataclass(frozen=True)
class Home:
    """The one sentence, empty where the stage itself says it; and whether the borrower is asked for something."""

    sentence: str
    is_asked: bool
    to_sign: bool
    has_passed: bool = False


def seats_at_home(session: Session, account_id: UUID, *, now: datetime) -> Sequence[Seat]:
    """Every case at which this person sits as a borrower or beside one, the newest first."""
    found = (
        select(Case.number)
        .join(Seating, Seating.case_id == Case.id)
        .where(Seating.account_id == account_id, Seating.role.in_(AT_HOME), Seating.ended_at.is_(None))
        .order_by(Case.id.desc())
    )
    seats = (seat_of(session, account_id, number) for number in session.scalars(found).all())
    here = [seat for seat in seats if seat is not None and (seat.until is None or now < seat.until)]
    return [seat for seat in here if seat.may("case:read")]


def home_of(seat: Seat, *, now: datetime) -> Home:
    """What stands on this seat's home at that moment."""
    case = seat.case
    if seat.advises is not None:
        return Home("", is_asked=False, to_sign=False)
    if case.stage is Stage.INVITED and case.deadline_at is not None and now >= case.deadline_at:
        return Home(PASSED, is_asked=False, to_sign=False, has_passed=True)
    if case.turn is None:
        return Home("", is_asked=False, to_sign=False)
    if case.turn is Role.BORROWER:
        asked = ASKED_OF_BOTH if case.both_sides and case.stage in ASKED_OF_BOTH else ASKED
        return Home(asked.get(case.stage, ""), is_asked=True, to_sign=seat.may("agreement:sign"))
    return Home(WAITING.get(case.turn, ""), is_asked=False, to_sign=False)
