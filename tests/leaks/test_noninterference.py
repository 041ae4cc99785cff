"""The same history twice, once with what the lender's side does in private: the borrower cannot tell which is which."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from mediation import posting
from mediation.db import make_engine
from mediation.notices import Notice
from mediation.rules.access import Room
from tests.approvals.limits import BANDS, ask, authorise, set_limits, take_back
from tests.databases import Handout
from tests.messages import talking
from tests.offers.table import accept, make, offer, show, terms, withdraw
from tests.stories import a_case
from tests.world import World, make_world

# What chance alone decides, and so differs between any two histories.
CHANCE = re.compile(
    r'name="(?:_key|csrf_token)" value="[^"]*"'
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\b[0-9a-f]{8,64}\b|\b[0-9a-f]{4,8}(?:[\s\u2009\u00a0]+[0-9a-f]{4,8})+\b"
)


@pytest.fixture(scope="module")
def engines(databases: Handout, database_kind: str) -> Iterator[tuple[Engine, Engine]]:
    """Two fresh databases of one kind."""
    source = databases(database_kind)
    urls = source.fresh(), source.fresh()
    engines = make_engine(urls[0]), make_engine(urls[1])
    yield engines
    for engine, url in zip(engines, urls, strict=True):
        engine.dispose()
        source.drop(url)


def test_what_the_lender_does_in_private_changes_nothing_that_the_borrower_gets(
    engines: tuple[Engine, Engine],
) -> None:
    plain, busy = (
        history(make_world(engine), private=private) for engine, private in zip(engines, (False, True), strict=True)
    )
    assert {moment: set(pages) for moment, pages in plain.items()} == {m: set(pages) for m, pages in busy.items()}
    differing = [(m, path) for m, pages in plain.items() for path, answer in pages.items() if busy[m][path] != answer]
    assert not differing


def test_the_comparison_would_notice_one_word_in_the_joint_room(world: World) -> None:
    number = a_case(world)
    before = everything_got(world, number)
    say(world, number, "lu", Room.JOINT, "一句话")
    after = everything_got(world, number)
    assert {path.partition("?")[2] for path in before if before[path] != after[path]} >= {"room=joint"}


def history(world: World, *, private: bool) -> dict[str, dict[str, object]]:
    """A case from its first word to the agreed terms, and all that the borrower got at six moments of it."""
    number = a_case(world)
    say(world, number, "mo", Room.JOINT, "大家好")
    seen = {"at first": everything_got(world, number)}
    world.clock.move(minutes=1)
    if private:
        say(world, number, "lu", Room.CAUCUS_LENDER, "我们的底线")
        say(world, number, "mo", Room.CAUCUS_LENDER, "知道了")
        say(world, number, "mo", Room.NOTES, "只有我知道")
        authorise(world, "lu")
        set_limits(world, "lu", [replace(BANDS[1], from_days=0, most_months=30)])
        waiting = ask(world, number, "lu", terms(36))
        seen["while something waits in the lender's house"] = everything_got(world, number)
        take_back(world, number, waiting)
        held = make(world, number, "lu", terms(7))
        seen["while it is held"] = everything_got(world, number)
        withdraw(world, number, "lu", held)
    else:
        seen["while something waits in the lender's house"] = everything_got(world, number)
        seen["while it is held"] = everything_got(world, number)
    world.clock.move(minutes=30)
    seen["afterwards"] = everything_got(world, number)
    first = show(world, number, "lu", terms(24))
    seen["when a plan is shown"] = everything_got(world, number)
    accept(world, number, "bai", first, sha256=offer(world, first).sha256)
    seen["when it is agreed"] = everything_got(world, number)
    return seen


def say(world: World, number: str, name: str, room: Room, text: str) -> None:
    """That person says that in that room."""
    talking.say(world, number, name, room, text)


def everything_got(world: World, number: str) -> dict[str, object]:
    """Every answer to the borrower at every address, with its headers, and every letter."""
    client = world.client("bai")
    rules = [str(rule) for rule in world.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    paths = [rule.replace("<number>", number).replace("<room>", "joint") for rule in rules]
    paths = [path for path in paths if "<" not in path] + [f"/cases/{number}/rooms?room={room.value}" for room in Room]
    found: dict[str, object] = {}
    for path in sorted(paths):
        response = client.get(path)
        headers = sorted((k, v) for k, v in response.headers if k not in ("Date", "Set-Cookie", "ETag"))
        found[path] = (
            response.status_code,
            CHANCE.sub("", str(headers)),
            CHANCE.sub("", response.get_data(as_text=True)),
        )
        response.close()
    return {**found, "letters": _letters(world)}


def _letters(world: World) -> list[str]:
    with world.reading() as session:
        told = session.scalars(select(Notice).where(Notice.account_id == world.people["bai"]).order_by(Notice.made_at))
        return [
            CHANCE.sub("", posting.letter_of(session, one, locale="en", public_url="http://localhost").text)
            for one in told
        ]
