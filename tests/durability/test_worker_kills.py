"""kill -9 of the worker while it renders or seals: one paper, one sealed file, one signature, and it completes."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from mediation import audit, files, jobs
from mediation.agreements import actions
from mediation.agreements.assembling import Choices
from mediation.agreements.demo_seal import make_demo_seal
from mediation.agreements.models import Agreement
from mediation.files import LocalStore, StoredFile
from mediation.rules.access import Thread
from mediation.rules.lifecycle import AgreementState
from tests.databases import ROOT
from tests.durability.web_server import environment_of
from tests.offers.table import accept, show
from tests.stories import a_case, identify
from tests.world import World

pytestmark = pytest.mark.durable

EACH_PHASE = 5
KINDS = ("agreement:rendered", "agreement:sealed")


@dataclass
class Workers:
    """A process that brings workers to life and ends them."""

    world: World
    host: "subprocess.Popen[str]"
    spans: list[float] = field(default_factory=list)

    def live(self, killed_after: float | None = None) -> tuple[str, float]:
        """How a worker ended who came after the lease of the one before, and after how many seconds."""
        at = self.world.clock.move(seconds=jobs.LEASE.total_seconds() + 1)
        assert self.host.stdin is not None
        assert self.host.stdout is not None
        self.host.stdin.write(f"{at.isoformat()} {'' if killed_after is None else killed_after}\n")
        self.host.stdin.flush()
        how, seconds = self.host.stdout.readline().split()
        return how, float(seconds)


@pytest.fixture
def workers(world: World) -> Iterator[Workers]:
    """The processes, with a seal to seal with."""
    make_demo_seal(world.settings.folder / "seal", "江城人民调解委员会", at=world.clock())
    call = [sys.executable, "-m", "tests.durability.worker_host"]
    host = subprocess.Popen(
        call, cwd=ROOT, env=environment_of(world), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with host:
        yield Workers(world, host)
        assert host.stdin is not None
        host.stdin.close()


def test_a_worker_killed_at_any_instant_leaves_one_paper_with_one_signature(
    workers: Workers, rounds: Callable[[int], int], tmp_path: Path
) -> None:
    world, figures = workers.world, Counter[str]()
    spans = papers_of(workers, figures)[1]
    agreements = []
    for _ in range(max(1, rounds(100) // (2 * EACH_PHASE))):
        agreements.append(papers_of(workers, figures, spans)[0])
    with world.reading() as session:
        rows = session.scalars(select(StoredFile)).all()
        orphans = {blob.name for blob in LocalStore(world.settings.blob_folder).scan()} - {row.blob for row in rows}
    print(f"kill -9 of the worker on {world.engine.dialect.name}: {dict(figures)}, orphan files {len(orphans)}")
    assert len(rows) == 2 * (len(agreements) + 1), "one paper and one sealed file of each agreement"
    assert [signatures_in(world, one, tmp_path) for one in agreements] == [1] * len(agreements)
    assert figures["killed"] > 0


def papers_of(
    workers: Workers, figures: Counter[str], spans: tuple[float, float] | None = None
) -> tuple[UUID, tuple[float, float]]:
    """One agreement from its terms to its seal, and how long rendering and sealing took at last."""
    world = workers.world
    number, agreement_id = drawn_up(world)
    rendering = worked(workers, number, agreement_id, figures, spans and spans[0])
    sha256 = kept(world, agreement_id).unsigned_sha256
    for name in ("bai", "lu", "mo"):
        with world.seat(name, number) as seat:
            actions.sign(seat, agreement_id, seen_sha256=str(sha256), at=world.clock())
    sealing = worked(workers, number, agreement_id, figures, spans and spans[1])
    agreement = kept(world, agreement_id)
    assert (agreement.state, agreement.unsigned_sha256) == (AgreementState.SEALED, sha256)
    return agreement_id, (rendering, sealing)


def worked(workers: Workers, number: str, agreement_id: UUID, figures: Counter[str], span: float | None) -> float:
    """Workers are killed all over that span, then one may finish; nothing final is ever written twice."""
    before = kept(workers.world, agreement_id).state
    final: set[tuple[str | None, str | None]] = set()
    for n in range(EACH_PHASE if span else 0):
        how, _ = workers.live(killed_after=span * (n + 0.5) / EACH_PHASE)
        figures[how] += 1
        agreement = kept(workers.world, agreement_id)
        if agreement.state is not before:
            figures["killed, yet kept"] += 1
            final.add((agreement.unsigned_sha256, agreement.sealed_sha256))
    how, seconds = workers.live()
    agreement = kept(workers.world, agreement_id)
    final.add((agreement.unsigned_sha256, agreement.sealed_sha256))
    assert (how, len(final)) == ("done", 1)
    assert agreement.state is not before
    with workers.world.seat("mo", number) as seat:
        kinds = Counter(entry.kind for entry in audit.entries_seen_by(seat, Thread.CASE))
    assert all(kinds[kind] <= 1 for kind in KINDS)
    return seconds


def drawn_up(world: World) -> tuple[str, UUID]:
    """An agreement in draft, whose paper is promised."""
    with world.reading() as session:
        count = len(session.scalars(select(Agreement.id)).all())
    number = a_case(world, contract=f"XF-2025-{count:04}")
    accept(world, number, "bai", show(world, number, "lu"))
    identify(world, number)
    with world.seat("mo", number) as seat:
        return number, actions.draw_up(seat, Choices(), at=world.clock()).id


def kept(world: World, agreement_id: UUID) -> Agreement:
    """The agreement as it is kept."""
    with world.reading() as session:
        return session.get_one(Agreement, agreement_id)


def signatures_in(world: World, agreement_id: UUID, tmp_path: Path) -> int:
    """How many signatures the sealed file carries, by another program's count."""
    agreement = kept(world, agreement_id)
    with world.reading() as session:
        sealed = files.fetch_row(session, str(agreement.sealed_sha256), institution_id=agreement.institution_id)
    path = tmp_path / f"{agreement_id}.pdf"
    path.write_bytes(sealed)
    said = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    return said.count("Signature #")
