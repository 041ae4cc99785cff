"""Numbers in a series, per institution and year: one row, raised in the transaction that uses it; no gap, no race."""

from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mediation.cases.models import CaseCounter


def next_number(session: Session, institution_id: UUID, *, series: str, year: int) -> int:
    """The next number of the series; whoever asks at the same time waits."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    first = insert(CaseCounter).values(institution_id=institution_id, year=year, series=series, last=1)
    raised = first.on_conflict_do_update(
        index_elements=["institution_id", "year", "series"], set_={"last": CaseCounter.last + 1}
    ).returning(CaseCounter.last)
    return int(session.execute(raised).scalar_one())
