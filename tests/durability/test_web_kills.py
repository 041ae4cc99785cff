"""kill -9 of the web server in the middle of accepting: nothing acknowledged is lost, nothing is half-done."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import monotonic, sleep

import pytest

from mediation.rules.negotiation import OfferState
from tests.durability.conftest import Arena
from tests.durability.laid import Sent, Table, a_key, broken_threads, forms, lay_tables, state_of, violations
from tests.durability.web_server import Answer, Browser

pytestmark = pytest.mark.durable

AT_ONCE = 4
SWEPT_OVER = 2.0  # times what four forms take when nobody ends the server
WHOLE_EVERY = 10


def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(arena: Arena, rounds: Callable[[int], int]) -> None:
    kills = rounds(100)
    tables = lay_tables(arena.world, (kills + 1) * AT_ONCE)
    carried = forms(arena.world, tables[0])["bai"]
    lines = [arena.server.browser("bai")]
    lines += [lines[0].another() for _ in range(AT_ONCE - 1)]
    span = SWEPT_OVER * seconds_undisturbed(lines, tables[-AT_ONCE:], carried)
    broken: list[str] = []
    figures: Counter[str] = Counter()
    for kill in range(kills):
        group = tables[kill * AT_ONCE : (kill + 1) * AT_ONCE]
        sent = [{**carried, "sha256": table.sha256, "_key": a_key()} for table in group]
        end = arena.server.kill_whole if kill % WHOLE_EVERY == WHOLE_EVERY - 1 else arena.server.kill_processes
        answers = killed_while_accepting(lines, group, sent, end, after=span * kill / max(1, kills - 1))
        arena.server.wait()
        broken += judged(arena, group, sent, answers, figures)
        broken += sent_again(arena, lines[0], group, sent, answers)
    broken += broken_threads(arena.world, tables)
    unknown = figures["unknown"] / (kills * AT_ONCE)
    print(f"kill -9 of the web on {arena.kind}: {kills} kills, {dict(figures)}, unknown {unknown:.0%}, broken {broken}")
    assert broken == []
    assert figures["unknown"], "no kill met a form on its way"
    assert figures["acknowledged"], "no form was answered before its server was killed"


def seconds_undisturbed(lines: Sequence[Browser], group: Sequence[Table], carried: dict[str, str]) -> float:
    """How long so many forms at once take when nobody ends the server."""
    sent = [{**carried, "sha256": table.sha256, "_key": a_key()} for table in group]
    began = monotonic()
    answers = killed_while_accepting(lines, group, sent, lambda: None, after=0)
    assert all(answer is not None and answer.status == 303 for answer in answers), answers
    return monotonic() - began


def killed_while_accepting(
    lines: Sequence[Browser],
    group: Sequence[Table],
    sent: Sequence[dict[str, str]],
    end: Callable[[], None],
    *,
    after: float,
) -> list[Answer | None]:
    """What came back of the forms that were sent so shortly before the end."""
    gate = Barrier(len(group) + 1)

    def accept(line: Browser, table: Table, form: dict[str, str]) -> Answer | None:
        gate.wait()
        return line.post_or_lose(f"{table.path}/acceptance", form)

    for line in lines:
        line.line.close()
        line.get("/sign-in")
    with ThreadPoolExecutor(len(group)) as pool:
        coming = [pool.submit(accept, *each) for each in zip(lines, group, sent, strict=True)]
        gate.wait()
        sleep(after)
        end()
        return [each.result() for each in coming]


def judged(
    arena: Arena,
    group: Sequence[Table],
    sent: Sequence[dict[str, str]],
    answers: Sequence[Answer | None],
    figures: Counter[str],
) -> list[str]:
    """What is broken after the end; the figures of what came back and what was kept."""
    broken = []
    for table, form, answer in zip(group, sent, answers, strict=True):
        is_kept = state_of(arena.world, table) is OfferState.ACCEPTED
        figures["acknowledged"] += answer is not None and answer.status == 303
        figures["unknown"] += answer is None
        figures["unknown, yet kept"] += answer is None and is_kept
        figures["lost"] += answer is not None and answer.status == 303 and not is_kept
        broken += violations(arena.world, table, [Sent(OfferState.ACCEPTED, form["_key"], answer)])
    return broken


def sent_again(
    arena: Arena,
    line: Browser,
    group: Sequence[Table],
    sent: Sequence[dict[str, str]],
    answers: Sequence[Answer | None],
) -> list[str]:
    """What is broken when each form is sent once more with its own key: the first answer, and one effect."""
    broken = []
    line.line.close()
    for table, form, first in zip(group, sent, answers, strict=True):
        again = line.post(f"{table.path}/acceptance", form)
        expected = (303, table.path if first is None else first.location)
        broken += [] if (again.status, again.location) == expected else [f"{table.number}: again {again.status}"]
        broken += violations(arena.world, table, [Sent(OfferState.ACCEPTED, form["_key"], again)])
    return broken
