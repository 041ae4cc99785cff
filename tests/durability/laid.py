"""Many cases at once, each with the lender's offer open on its table, and what must hold of each afterwards."""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select

from mediation import audit
from mediation.audit import RecordThread
from mediation.cases.models import Case
from mediation.cases.seats import seat_of
from mediation.offers import readings
from mediation.offers.models import Acceptance, Offer
from mediation.rules.access import Thread
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import HOLD, OfferState
from mediation.web.idempotency import IdempotencyKey
from tests.durability.web_server import Answer
from tests.offers.table import FIRST, make, offer
from tests.stories import a_case
from tests.world import World

AT_ONE_GO = 100


@dataclass(frozen=True)
class Table:
    """A case, and the offer that lies open there."""

    number: str
    offer_id: UUID
    sha256: str

    @property
    def path(self) -> str:
        """The address of the offer."""
        return f"/cases/{self.number}/offers/{self.offer_id}"


@dataclass(frozen=True)
class Sent:
    """One form that was sent, and what came back: nothing at all, where nobody knows what it did."""

    act: OfferState
    key: str
    answer: Answer | None

    @property
    def is_done(self) -> bool:
        """Whether its sender was told that it is done."""
        return self.answer is not None and self.answer.status == 303


def lay_tables(world: World, count: int) -> list[Table]:
    """So many cases, each with an offer of the lender, shown by now and written down as open by nobody yet."""
    laid: list[Table] = []
    with world.reading() as session:
        before = session.scalar(select(func.count()).select_from(Case)) or 0
    now = world.clock.at
    world.clock.at = now - HOLD - timedelta(seconds=1)
    for start in range(0, count, AT_ONE_GO):
        with _in_one_transaction(world) as one:
            for n in range(start, min(start + AT_ONE_GO, count)):
                number = a_case(one, contract=f"XF-2025-{before + n:06}")
                laid.append(Table(number, make(one, number, "lu"), ""))
    world.clock.at = now
    with world.reading() as session:
        hashes = {row.id: row.sha256 for row in session.execute(select(Offer.id, Offer.sha256))}
    return [dataclasses.replace(one, sha256=hashes[one.offer_id]) for one in laid]


def forms(world: World, table: Table) -> dict[str, dict[str, str]]:
    """What the pages of borrower and lender carry at such a table; the same at every one of them."""
    with world.reading() as session:
        seen = {}
        for name in ("bai", "lu"):
            seat = seat_of(session, world.people[name], table.number)
            assert seat is not None
            seen[name] = str(readings.choices_of(seat, at=world.clock()).seen)
    return {name: {"seen_version": version} for name, version in seen.items()}


def a_key() -> str:
    """The key of one form."""
    return str(uuid4())


COUNTER = {
    "chosen_by": "count",
    "instalments": "24",
    "frequency": "monthly",
    "first_due_on": FIRST.isoformat(),
    "grace": "none",
    "reply_days": "7",
}


def violations(world: World, table: Table, sent: Sequence[Sent]) -> list[str]:
    """What is broken at this table after these forms; nothing, where everything holds."""
    with world.reading() as session:
        case = session.scalars(select(Case).where(Case.number == table.number)).one()
        rows = session.scalars(select(Offer).where(Offer.case_id == case.id)).all()
        states = Counter(row.status for row in rows)
        accepted = states[OfferState.ACCEPTED]
        kinds = _kinds(world, session, case)
        found = select(func.count()).where(Acceptance.offer_id.in_([row.id for row in rows]))
        yeses = session.scalar(found.select_from(Acceptance)) or 0
        keys = {one.key for one in sent}
        kept = set(session.scalars(select(IdempotencyKey.key).where(IdempotencyKey.key.in_(keys))))
    done = {one.act for one in sent if one.is_done}
    effects = accepted + states[OfferState.WITHDRAWN]
    claims = {
        "more than one offer is accepted": accepted > 1,
        "the case's stage does not agree": (case.stage is Stage.TERMS_AGREED) != (accepted == 1),
        "acceptances do not agree": yeses != accepted,
        "the record of acceptance does not agree": kinds["offer:accepted"] != accepted,
        "the record of taking back does not agree": kinds["offer:withdrawn"] != states[OfferState.WITHDRAWN],
        "a key is kept without its effect, or an effect without its key": len(kept) != effects,
        "what was acknowledged is not there": any(states[act] != 1 for act in done),
        "both were told that it is done": len(done) > 1,
        "an answer is neither yes nor no": any(one.answer and one.answer.status not in (303, 409) for one in sent),
    }
    return [f"{table.number}: {claim}" for claim, broken in claims.items() if broken]


def broken_threads(world: World, tables: Sequence[Table]) -> list[str]:
    """The threads of these cases' records that do not verify."""
    with world.reading() as session:
        found = select(RecordThread).join(Case, Case.id == RecordThread.case_id)
        threads = session.scalars(found.where(Case.number.in_([table.number for table in tables]))).all()
        return [thread.origin for thread in threads if not audit.verify(session, thread).verdict.ok]


def state_of(world: World, table: Table) -> OfferState:
    """Where the offer stands by what is kept."""
    return offer(world, table.offer_id).status


def _kinds(world: World, session: object, case: Case) -> Counter[str]:
    found = select(RecordThread).where(RecordThread.case_id == case.id, RecordThread.name == Thread.CASE)
    thread = session.scalars(found).one()  # type: ignore[attr-defined]
    return Counter(entry.kind for entry in audit.read(session, thread))  # type: ignore[arg-type]


@contextmanager
def _in_one_transaction(world: World) -> Iterator[World]:
    """The same world, whose every act goes into one transaction: a thousand commits to a disk take their time."""
    with world.writing() as session:
        one = dataclasses.replace(world)
        one.writing = lambda: nullcontext(session)  # type: ignore[method-assign,assignment,return-value]
        yield one
