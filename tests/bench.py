"""`make bench`: CPU per request as a ratio to a floor of the same run, on both databases, printed and kept."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import select

from mediation import db
from mediation.cases.models import Case
from mediation.rules.access import Role
from tests import bench_frontier
from tests.bench_deeds import deeds
from tests.bench_ledger import ledgers
from tests.bench_world import fill
from tests.benched import Figure, Subject, cookie_of, get, measure
from tests.databases import KINDS, ROOT, open_databases
from tests.world import World, make_world

RESULTS = ROOT / "bench-results"
SMALL, LARGE = 10_000, 100_000
DOCKET_AIM, GROWTH_AIM = 4.0, 1.3
FLOOR = "floor: one query, a plain table"
DOCKET = "docket"
PLAIN_TABLE = """<!doctype html><title>x</title><table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>
{%- endfor %}</tr>{% endfor %}</table>{{ filling }}"""


def main() -> int:
    """Measure every size on every database; 1 when an aim is missed."""
    asked = _arguments()
    found = {}
    for kind in asked.databases.split(","):
        for size in (SMALL // asked.shrink, LARGE // asked.shrink):
            with _world(kind, size) as world:
                found[kind, size] = measure(world.engine, _subjects(world, with_deeds=size > SMALL // asked.shrink))
            _show(kind, size, found[kind, size])
    missed = [line for kind in asked.databases.split(",") for line in _judged(kind, found)]
    missed += bench_frontier.missed()
    _keep(found)
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--databases", default=",".join(KINDS))
    parser.add_argument("--shrink", type=int, default=1, help="so many times fewer cases")
    return parser.parse_args()


@contextmanager
def _world(kind: str, size: int) -> Iterator[World]:
    """An institution with that many cases, on a database whose commits reach the disk."""
    databases = open_databases(kind, fsync=True)
    with tempfile.TemporaryDirectory(prefix="mediation-bench-") as folder:
        engine = db.make_engine(databases.fresh())
        try:
            world = make_world(engine, folder=Path(folder))
            fill(world, size)
            yield world
        finally:
            engine.dispose()
            databases.close()


def _subjects(world: World, *, with_deeds: bool) -> list[Subject]:
    world.app.testing = False
    rows = _floor(world)
    # Before anybody signs in, for making them takes hours of the world's time, in which sessions end.
    others = deeds(world) if with_deeds else []
    cookie = cookie_of(world, "mo")
    pages = {
        DOCKET: "/docket",
        "docket, waiting for others": "/docket?tab=waiting",
        "docket, all": "/docket?tab=all",
        "docket, ended": "/docket?tab=closed",
        "docket, newest movement": "/docket?tab=all&sort=moved",
        "docket, one stage": "/docket?tab=all&stage=signing",
        "docket, this week": "/docket?deadline=week",
        "docket, by number": "/docket?tab=all&sort=number",
        "docket, by claim": "/docket?tab=all&sort=claim",
        "search, a number": "/docket?q=WH-2025-000777",
        "search, a name of two": "/docket?q=%E7%8E%8B%E4%BC%9F",
        "search, a surname": "/docket?q=%E7%8E%8B",
    }
    acts = {name: get(world.app, path, cookie) for name, path in pages.items()}
    rows["filling"] = "x" * max(0, len(acts[DOCKET]()) - len(get(world.app, "/floor")()))
    return [
        Subject(FLOOR, get(world.app, "/floor")),
        *(Subject(name, act, DOCKET_AIM if name == DOCKET else None) for name, act in acts.items()),
        *ledgers(),
        *others,
    ]


def _floor(world: World) -> dict[str, str]:
    """The same server answers one indexed query for fifty rows with a plain table, without any sign-in."""
    of, more = Case.__table__.c, {"filling": ""}
    query = (
        select(of.number, of.borrower_name, of.organisation_name, of.stage, of.turn, of.deadline_at, of.claim_total,
               of.moved_at)
        .where(of.mediator_id == world.people["mo"], of.institution_id == world.institution_id,
               of.turn == Role.MEDIATOR)
        .order_by(of.deadline_at, of.id)
        .limit(50)
    )  # fmt: skip
    plain = world.app.jinja_env.from_string(PLAIN_TABLE)

    def page() -> str:
        with world.engine.connect().execution_options(write=False, postgresql_readonly=True) as connection:
            return plain.render(rows=connection.execute(query).all(), **more)

    world.app.add_url_rule("/floor", "floor", page)
    return more


def _show(kind: str, size: int, figures: list[Figure]) -> None:
    floor = figures[0].total
    print(f"\n{kind}, {size:,} cases: CPU per call in ms (process + database), and times the floor")
    for one in figures:
        print(
            f"  {one.name:<34}{one.total:9.2f}  = {one.process:7.2f} + {one.database:6.2f}   × {one.total / floor:6.2f}"
        )
    sys.stdout.flush()


def _judged(kind: str, found: dict[tuple[str, int], list[Figure]]) -> Iterator[str]:
    small, large = (figures for (of, _), figures in sorted(found.items()) if of == kind)
    ratio = _docket(large).total / large[0].total
    growth = ratio / (_docket(small).total / small[0].total)  # minutes apart, the machine itself may be slower
    for what, figure, aim in (("docket to floor", ratio, DOCKET_AIM), ("ten times the cases", growth, GROWTH_AIM)):
        print(f"{kind}: {what} × {figure:.2f}, aim × {aim}: {'reached' if figure <= aim else 'MISSED'}")
        if figure > aim:
            yield f"{kind}: {what}"


def _docket(figures: list[Figure]) -> Figure:
    return next(one for one in figures if one.name == DOCKET)


def _keep(found: dict[tuple[str, int], list[Figure]]) -> None:
    RESULTS.mkdir(exist_ok=True)
    kept = {f"{kind}, {size} cases": [asdict(one) for one in all_] for (kind, size), all_ in found.items()}
    (RESULTS / "bench.json").write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
