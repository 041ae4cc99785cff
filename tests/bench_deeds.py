"""What is measured besides lists: a talkative case, an offer accepted, a file imported, an agreement printed."""

import re
from collections.abc import Iterator
from functools import partial

from sqlalchemy import update

from mediation.accounts.models import Institution
from mediation.portfolios import actions as portfolios
from mediation.portfolios.cells import Reading
from mediation.rules.access import Room
from tests.agreements.papers import FACTS, pdf_of
from tests.benched import ROUNDS, Subject, cookie_of, get, post
from tests.messages.talking import say
from tests.offers.table import offer, show, terms, withdraw
from tests.portfolios.lender_files import HEADERS, csv_file, wide_files
from tests.stories import a_case
from tests.world import World

MESSAGES, OFFERS, LOANS = 200, 30, 1_000
ACCEPTED_A_ROUND = 6
VERSION = re.compile(r'name="seen_version"[^>]*value="(\d+)"')


def deeds(world: World) -> list[Subject]:
    """The subjects, with everything that they need made beforehand."""
    number = _talkative(world)
    waiting = _open_offers(world, ROUNDS * ACCEPTED_A_ROUND + 1)
    files, wide = _files(ROUNDS + 1), wide_files()[-1]
    wides = _renamed(wide.content, ROUNDS + 1)
    cookies = {name: cookie_of(world, name) for name in ("mo", "bai")}
    return [
        Subject(f"case page, {MESSAGES} messages, {OFFERS} offers", get(world.app, f"/cases/{number}", cookies["mo"])),
        Subject("  its room", get(world.app, f"/cases/{number}/rooms?room=joint", cookies["mo"])),
        Subject("  its offers", get(world.app, f"/cases/{number}/offers", cookies["mo"])),
        Subject("  its record", get(world.app, f"/cases/{number}/record", cookies["mo"]), portions=3),
        Subject(
            "accepting an offer", lambda: post(world.app, cookies["bai"], *next(waiting)), portions=ACCEPTED_A_ROUND
        ),
        Subject(f"importing {LOANS:,} loans", lambda: _import(world, next(files), "CNY", LOANS), portions=1),
        Subject(
            f"importing {wide.rows:,} wide rows", lambda: _import(world, next(wides), "USD", wide.rows), portions=1
        ),
        Subject("an agreement as PDF", partial(pdf_of, FACTS), portions=1),
    ]


def _talkative(world: World) -> str:
    number = a_case(world, contract="TALK-1")
    with world.writing() as session:
        session.execute(update(Institution).values(round_limit=OFFERS * 2))
    for place in range(MESSAGES):
        world.clock.move(minutes=1)
        name, text = ("bai", "lu", "mo")[place % 3], f"第{place}条：我们再看一看每月能承担多少。"
        say(world, number, name, Room.JOINT, text)
    for place in range(OFFERS):
        offer_id = show(world, number, "bai", terms(12 + place))
        if place < OFFERS - 1:
            withdraw(world, number, "bai", offer_id)
    return number


def _open_offers(world: World, count: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Cases in which the lender's offer awaits the borrower: where to accept it, and the form that does."""
    made = []
    for place in range(count):
        number = a_case(world, contract=f"ACCEPT-{place}")
        offer_id = show(world, number, "lu")
        path = f"/cases/{number}/offers/{offer_id}"
        seen = VERSION.findall(world.client("bai").get(path).text)[0]
        made.append((f"{path}/acceptance", {"sha256": offer(world, offer_id).sha256, "seen_version": seen}))
    return iter(made)


def _files(count: int) -> Iterator[bytes]:
    """Files of loans that nobody has seen before, each of so many rows."""
    for batch in range(count):
        rows = (
            (f"IM-{batch:03d}-{place:05d}", "白云", "13812345678", "", "50,000.00", "23.4%", "12期", "4713.47元",
             "2025/1/5", "30564.30")
            for place in range(LOANS)
        )  # fmt: skip
        yield csv_file(HEADERS, *rows)


def _renamed(content: bytes, count: int) -> Iterator[bytes]:
    """The same file with contract numbers of its own each time, for a file that is known changes nothing."""
    head, *lines = content.decode().splitlines()
    for batch in range(count):
        yield "\n".join([head, *(f"{batch}-{line}" for line in lines)]).encode()


def _import(world: World, content: bytes, currency: str, rows: int) -> None:
    with world.desk("lu") as desk:
        counts = portfolios.import_file(desk, content, "loans.csv", Reading(currency), at=world.clock())
    if counts.new != rows:
        raise AssertionError(f"{counts} of {rows} loans")
