"""An old debt: the warning before each act that may acknowledge it, and the borrower's separate yes."""

from datetime import datetime

from mediation import audit
from mediation.cases import contracts
from mediation.cases.seats import Seat
from mediation.rules import law
from mediation.rules.law import AcknowledgingAct
from mediation.rules.negotiation import Side


def confirm_if_old(seat: Seat, act: AcknowledgingAct, *, confirmed: bool, at: datetime) -> None:
    """The borrower has confirmed apart that this act may acknowledge an old debt; refused where that is missing.

    Any other seat, and a debt that is not old, passes untouched: only the borrower can give the defence away.
    """
    if seat.side is not Side.BORROWER:
        return
    limitation = contracts.limitation_of(seat, at=at)
    law.check_confirmed(limitation, confirmed=confirmed)
    if law.needs_confirmation(limitation):
        said = {"act": act.value, "limitation": limitation.state.value}
        audit.record(seat, "old-debt:confirmed", said, at=at)
