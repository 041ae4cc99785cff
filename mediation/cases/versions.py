"""The versions of a claim that its readers have known, and what changed from each to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from mediation.cases.claims import COMPONENTS, figures_of
from mediation.cases.models import Claim
from mediation.cases.payment_models import PaymentOutcome, ReportedPayment
from mediation.cases.seats import Seat
from mediation.rules.loans import ClaimFigures


@dataclass(frozen=True)
class Version:
    """One version: its place from 1, its figures, how much less than the one before, and the payment that made it."""

    place: int
    figures: ClaimFigures
    kept_at: datetime
    less: int
    less_by: tuple[tuple[str, int], ...]
    paid_on: date | None
    paid: int | None


def versions_seen_by(seat: Seat) -> Sequence[Version]:
    """From the claim as it was submitted to the one that stands, the oldest first; nothing where it may not be read."""
    if not seat.may("claim:read"):
        return []
    found = select(Claim).where(Claim.case_id == seat.case_id).order_by(Claim.version)
    rows, paid, submitted_at = list(seat.session.scalars(found)), _paid(seat), seat.case.submitted_at
    # What the lender wrote before it submitted the case was a draft, and nobody else's to read.
    drafts = [row for row in rows if row.version not in paid and (submitted_at is None or row.kept_at <= submitted_at)]
    rows = rows[max(len(drafts) - 1, 0) :]
    versions: list[Version] = []
    for place, row in enumerate(rows, 1):
        figures, made_by = figures_of(row), paid.get(row.version)
        before = versions[-1].figures if versions else figures
        less_by = tuple((name, getattr(before, name) - getattr(figures, name)) for name in COMPONENTS)
        day, amount = (made_by.paid_on, made_by.amount) if made_by else (None, None)
        changed = tuple(each for each in less_by if each[1])
        versions.append(Version(place, figures, row.kept_at, before.total - figures.total, changed, day, amount))
    return versions


def _paid(seat: Seat) -> dict[int, ReportedPayment]:
    found = (
        select(PaymentOutcome.claim_version, ReportedPayment)
        .join(ReportedPayment, ReportedPayment.id == PaymentOutcome.payment_id)
        .where(ReportedPayment.case_id == seat.case_id, PaymentOutcome.claim_version.is_not(None))
    )
    return {version: row for version, row in seat.session.execute(found) if version is not None}
