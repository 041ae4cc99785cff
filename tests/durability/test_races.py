"""Two people act at the same moment on a real server of two processes: always exactly one winner."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep

import pytest

from mediation.offers.models import Offer
from mediation.rules.negotiation import OfferState
from tests.durability.conftest import Arena
from tests.durability.laid import COUNTER, Sent, Table, a_key, forms, lay_tables, state_of, violations
from tests.durability.web_server import Answer, Browser

Rounds = Callable[[int], int]
Act = Callable[[], Answer]
pytestmark = pytest.mark.durable

LINES = 4
AHEAD = 0.006
WINNER = {OfferState.ACCEPTED: "This plan was accepted on", OfferState.WITHDRAWN: "This plan was taken back on"}


def test_accepting_against_taking_back_has_one_winner_each_time(arena: Arena, rounds: Rounds) -> None:
    tables = lay_tables(arena.world, rounds(2000))
    carried, ring = forms(arena.world, tables[0]), Ring(arena, "bai", "lu")
    broken: list[str] = []
    for table in tables:
        yes, back = {**carried["bai"], "sha256": table.sha256, "_key": a_key()}, {**carried["lu"], "_key": a_key()}
        answers = ring.at_once((f"{table.path}/acceptance", yes), (f"{table.path}/withdrawal", back))
        sent = [Sent(act, form["_key"], answer) for act, form, answer in zip(WINNER, (yes, back), answers, strict=True)]
        won = state_of(arena.world, table)
        ring.count(won, answers)
        expected = [303, 409] if won is OfferState.ACCEPTED else [409, 303]
        broken += violations(arena.world, table, sent)
        broken += [] if [one.status for one in answers] == expected else [f"{table.number}: {answers}"]
        broken += [f"{table.number}: no word of the winner" for one in answers if not says_who_won(one, won)]
    ring.report("accept against withdraw", broken)
    assert broken == []
    assert set(ring.won) == set(WINNER), "the race is only one where each side wins at times"


def test_one_form_sent_twice_at_once_accepts_once(arena: Arena, rounds: Rounds) -> None:
    tables = lay_tables(arena.world, rounds(500))
    carried, ring = forms(arena.world, tables[0]), Ring(arena, "bai", "bai")
    broken: list[str] = []
    for table in tables:
        yes = {**carried["bai"], "sha256": table.sha256, "_key": a_key()}
        answers = ring.at_once(*[(f"{table.path}/acceptance", yes)] * 2)
        ring.count(state_of(arena.world, table), answers)
        broken += violations(arena.world, table, [Sent(OfferState.ACCEPTED, yes["_key"], one) for one in answers])
        led = {(one.status, one.location) for one in answers}
        broken += [] if led == {(303, table.path)} else [f"{table.number}: {led}"]
    ring.report("one form sent twice", broken)
    assert broken == []


def test_two_forms_sent_at_once_accept_once(arena: Arena, rounds: Rounds) -> None:
    tables = lay_tables(arena.world, rounds(500))
    carried, ring = forms(arena.world, tables[0]), Ring(arena, "bai", "bai")
    broken: list[str] = []
    for table in tables:
        two = [{**carried["bai"], "sha256": table.sha256, "_key": a_key()} for _ in range(2)]
        answers = ring.at_once(*((f"{table.path}/acceptance", form) for form in two))
        won = state_of(arena.world, table)
        ring.count(won, answers)
        sent = [Sent(OfferState.ACCEPTED, form["_key"], one) for form, one in zip(two, answers, strict=True)]
        broken += violations(arena.world, table, sent)
        broken += [] if sorted(one.status for one in answers) == [303, 409] else [f"{table.number}: {answers}"]
        broken += [f"{table.number}: no word of the winner" for one in answers if not says_who_won(one, won)]
    ring.report("two forms of one person", broken)
    assert broken == []


def test_of_two_counter_offers_at_once_one_is_made_and_none_replaced_in_silence(arena: Arena, rounds: Rounds) -> None:
    tables = lay_tables(arena.world, rounds(500))
    carried, ring = forms(arena.world, tables[0]), Ring(arena, "bai", "bai")
    broken: list[str] = []
    for table in tables:
        two = [{**carried["bai"], **COUNTER, "_key": a_key()} for _ in range(2)]
        answers = ring.at_once(*((f"/cases/{table.number}/offers", form) for form in two))
        ring.count(OfferState.HELD, answers)
        broken += [] if sorted(one.status for one in answers) == [303, 409] else [f"{table.number}: {answers}"]
        with arena.world.reading() as session:
            made = session.query(Offer).filter(Offer.counters.is_not(None), Offer.case_id == case_id(session, table))
            broken += [] if made.count() == 1 else [f"{table.number}: {made.count()} counter-offers"]
    ring.report("two counter-offers", broken)
    assert broken == []


class Ring:
    """The connections of the two who act, let go at the same moment, first the one a little ahead, then the other."""

    def __init__(self, arena: Arena, *names: str) -> None:
        self.arena, self.random = arena, random.Random(20250924)
        self.lines = [lines_of(arena, name) for name in names]
        self.pool = ThreadPoolExecutor(len(names))
        self.won: Counter[OfferState] = Counter()
        self.apart, self.waits = 0, list[float]()

    def at_once(self, *acts: tuple[str, dict[str, str]]) -> list[Answer]:
        """The answers, in the order of the acts."""
        gate = Barrier(len(acts))
        delays = [self.random.uniform(0, AHEAD) for _ in acts]

        def let_go(line: Browser, act: tuple[str, dict[str, str]], delay: float) -> Answer:
            gate.wait()
            sleep(delay)
            return line.post(*act)

        chosen = self.random.choices(range(LINES), k=len(acts))
        lines = [lines[n] for lines, n in zip(self.lines, chosen, strict=True)]
        return list(self.pool.map(let_go, lines, acts, delays))

    def count(self, won: OfferState, answers: Sequence[Answer]) -> None:
        """Keep the figures of this round."""
        self.won[won] += 1
        self.apart += len({one.process for one in answers}) > 1
        self.waits += [one.seconds for one in answers]

    def report(self, what: str, broken: Sequence[str]) -> None:
        """Print the figures; nobody acts any more."""
        self.pool.shutdown()
        waits = sorted(self.waits)
        slow = waits[int(len(waits) * 0.99)]
        won = ", ".join(f"{state} {count}" for state, count in sorted(self.won.items()))
        print(
            f"{what} on {self.arena.kind}: {sum(self.won.values())} rounds, {self.apart} across processes, "
            f"{won}, broken {len(broken)}; p50 {waits[len(waits) // 2] * 1000:.0f} ms, p99 {slow * 1000:.0f} ms"
        )


def lines_of(arena: Arena, name: str) -> list[Browser]:
    """That person's connections; which process answers on which is left to the server."""
    first = arena.server.browser(name)
    return [first, *(first.another() for _ in range(LINES - 1))]


def says_who_won(answer: Answer, won: OfferState) -> bool:
    """A no names what has happened instead; a yes need not."""
    return answer.status == 303 or WINNER[won] in answer.body


def case_id(session: object, table: Table) -> object:
    """The case of a table."""
    return session.get_one(Offer, table.offer_id).case_id  # type: ignore[attr-defined]
