"""A document that only the mediator saw is opened to both sides by its owner, with every version, for good."""

import hashlib
from datetime import datetime
from uuid import UUID

from mediation import audit
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_roles
from mediation.disclosures.consents import check_may_pass_on
from mediation.disclosures.document_models import DocumentRelease
from mediation.disclosures.document_selections import Paper, document_seen_by
from mediation.errors import NotFound, Refused, Stale
from mediation.rules.access import Role
from mediation.rules.chain import canonical
from mediation.rules.negotiation import Side


def release_document(seat: Seat, document_id: UUID, *, seen_sha256: str, at: datetime) -> DocumentRelease:
    """Both sides see the document from here on: its title, each version that lies there, and each that follows."""
    seat.require("document:release")
    paper = own_paper(seat, document_id)
    check_open(seat, paper)
    if shown_sha256(paper) != seen_sha256:
        raise Stale("document:changed")
    assert seat.account_id is not None
    release = DocumentRelease(document_id=paper.id, released_by=seat.account_id, released_at=at)
    seat.session.add(release)
    seat.session.flush()
    body = {"document": str(paper.id), "versions": len(paper.versions), "sha256": paper.newest.sha256}
    audit.record(seat, "document:released", {**body, "shown_sha256": seen_sha256}, at=at)
    other = Role.LENDER if paper.side is Side.BORROWER else Role.BORROWER
    tell_roles(seat.session, seat.case, "document:added", (other, Role.MEDIATOR), at=at)
    return release


def check_open(seat: Seat, paper: Paper) -> None:
    """Raise where there is nothing left to open, or where passing on was taken back."""
    if not paper.is_private:
        raise Refused("document:already-open")
    check_may_pass_on(seat)


def own_paper(seat: Seat, document_id: UUID) -> Paper:
    """A document of one's own side: nobody opens what somebody else put on file."""
    paper = document_seen_by(seat, document_id)
    if not paper.is_mine:
        raise NotFound
    return paper


def shown_sha256(paper: Paper) -> str:
    """What binds a confirmation to this title and to exactly these versions."""
    versions = [
        {"number": one.number, "sha256": one.sha256, "dated_on": one.dated_on.isoformat()} for one in paper.versions
    ]
    value = {"document": str(paper.id), "kind": paper.kind.value, "title": paper.title, "versions": versions}
    return hashlib.sha256(canonical(value)).hexdigest()
