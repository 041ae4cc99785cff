"""What becomes of the mediator's proposal by time, by its mediator's leaving, and by what else happens in the case."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from mediation import audit
from mediation.cases.models import Appointment, Claim
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.errors import Stale
from mediation.offers.proposal_models import Proposal, ProposalAnswer
from mediation.rules.access import Role
from mediation.rules.lifecycle import Stage
from mediation.rules.proposals import Proposal as Ruled
from mediation.rules.proposals import ProposalState, standing

EVERYBODY = (Role.BORROWER, Role.LENDER, Role.MEDIATOR)
# While the mediation is paused no time runs out; what lies open stays there.
STANDS_AT = frozenset({Stage.OPEN, Stage.TERMS_AGREED, Stage.PAUSED})


@dataclass(frozen=True)
class Put:
    """A proposal as it is kept, and as the rules see it."""

    row: Proposal
    ruled: Ruled


def newest_proposal(case_seat: Seat) -> Put | None:
    """The newest proposal in this case, with what has ended it meanwhile though nobody has written it down yet."""
    found = select(Proposal).where(Proposal.case_id == case_seat.case_id)
    row = case_seat.session.scalars(found.order_by(Proposal.made_at.desc(), Proposal.id.desc())).first()
    return None if row is None else Put(row, ruled(case_seat, row))


def ruled(case_seat: Seat, row: Proposal) -> Ruled:
    """The proposal as the rules see it: void from the moment at which its mediator left or its claim was replaced."""
    if row.status is not ProposalState.OPEN:
        return Ruled(made_at=row.made_at, ends_at=row.ends_at, closed_as=row.status, closed_at=row.closed_at)
    void_at = _void_at(case_seat, row)
    if void_at is None or void_at >= row.ends_at:
        return Ruled(made_at=row.made_at, ends_at=row.ends_at)
    return Ruled(made_at=row.made_at, ends_at=row.ends_at, closed_as=ProposalState.VOID, closed_at=void_at)


def close_if_due(case_seat: Seat, *, at: datetime) -> bool:
    """What has ended the open proposal is written down and told, as of its own moment; whether anything had."""
    case_seat.require("time:pass")
    put = newest_proposal(case_seat)
    if put is None or put.row.status is not ProposalState.OPEN or case_seat.stage is Stage.PAUSED:
        return False
    state = standing(put.ruled, at)
    if state is ProposalState.OPEN:
        return False
    close(case_seat, put.row, state, closed_at=put.ruled.closed_at or put.row.ends_at)
    if case_seat.stage is Stage.OPEN:
        kind = "proposal:void" if state is ProposalState.VOID else "proposal:not-agreed"
        audit.record(case_seat, kind, named(put.row), at=at)
        tell_roles(case_seat.session, case_seat.case, kind, EVERYBODY, at=at)
    return True


def close_for_agreement(case_seat: Seat, *, at: datetime) -> None:
    """Another plan was agreed on: an open proposal is void, and what was answered to it is gone unread."""
    case_seat.require("time:pass")
    put = newest_proposal(case_seat)
    if put is not None and put.row.status is ProposalState.OPEN:
        close(case_seat, put.row, ProposalState.VOID, closed_at=at)


def close(case_seat: Seat, row: Proposal, state: ProposalState, *, closed_at: datetime) -> None:
    """The proposal has that state; its answers are deleted. Stale where somebody was quicker."""
    written = case_seat.session.execute(
        update(Proposal)
        .where(Proposal.id == row.id, Proposal.status == ProposalState.OPEN)
        .values(status=state, closed_at=closed_at)
        .execution_options(synchronize_session=False)
    )
    if written.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale("negotiation:changed")
    gone = delete(ProposalAnswer).where(ProposalAnswer.proposal_id == row.id)
    case_seat.session.execute(gone.execution_options(synchronize_session=False))
    case_seat.session.refresh(row)


def named(row: Proposal) -> dict[str, str]:
    """What the record says of a proposal: its name and its hash; never an answer."""
    return {"proposal": str(row.id), "sha256": row.sha256}


def _void_at(case_seat: Seat, row: Proposal) -> datetime | None:
    """When its mediator left, its claim was replaced, or the case moved away from the table; the first of these."""
    session, case = case_seat.session, case_seat.case
    left = session.scalar(select(Appointment.ended_at).where(Appointment.id == row.appointment_id))
    newer = select(Claim.kept_at).where(Claim.case_id == case.id, Claim.version > row.claim_version)
    replaced = session.scalar(newer.order_by(Claim.version).limit(1))
    ended = None if case.stage in STANDS_AT else case.moved_at
    moments = [max(one, row.made_at) for one in (left, replaced, ended) if one is not None]
    return min(moments) if moments else None
