"""How many plans each side may put forward at a table: the institution's own setting, for tables laid from then on."""

from datetime import datetime

from mediation import audit
from mediation.accounts.desks import Desk
from mediation.accounts.models import Institution
from mediation.errors import Refused

LEAST_ROUNDS, MOST_ROUNDS = 2, 50


def round_limit_at(desk: Desk) -> int:
    """How many plans a side may put forward at a table that is laid now."""
    return desk.session.get_one(Institution, desk.institution_id).round_limit


def keep_round_limit(desk: Desk, limit: int, *, at: datetime) -> None:
    """Tables laid from now on have that limit for both sides; a table keeps the one with which it was laid."""
    desk.require("rounds:keep")
    if not LEAST_ROUNDS <= limit <= MOST_ROUNDS:
        raise Refused("rounds:out-of-range", field="limit", lowest=LEAST_ROUNDS, highest=MOST_ROUNDS)
    institution = desk.session.get_one(Institution, desk.institution_id)
    if institution.round_limit == limit:
        return
    institution.round_limit = limit
    desk.session.flush()
    audit.record_at_desk(desk, "rounds:kept", {"limit": limit}, at=at)
