"""Talks and offers are without prejudice: what leaves the house as a file cannot hold them, by the way it is made."""

import ast
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from uuid import UUID

import grimp
import pytest
from sqlalchemy import event

from mediation.agreements import duties, paper
from mediation.messages import actions as messages
from mediation.rules.access import Room
from mediation.rules.plans import Waivers
from tests.agreements.signing import drawn_up
from tests.guards.source import Module, called_name, module, modules
from tests.messages.talking import say, send
from tests.offers.table import CLAIM, accept, show, terms, withdraw
from tests.stories import a_case, identify
from tests.world import World

TALK = re.compile(r"\b(?:message|held_message|message_draft|leave_to_pass_on|passed_on|joint_room)\b")
SAID = "我最多能每月还一千二百元"
OFFERED_ONCE, AGREED = Waivers(penalty=53_027, interest=28_692), Waivers(penalty=53_027)
# The paper of a settlement, and whatever checks one for somebody who is no party.
PAPER = ("paper", "pdf", "seal", "sealing", "verification", "verification_views")


@cache
def graph() -> grimp.ImportGraph:
    """What imports what in the product."""
    return grimp.build_graph("mediation")


def reached_by(name: str, package: str) -> set[str]:
    """The modules of a package that this one comes to, by whatever way."""
    return {one for one in graph().find_upstream_modules(name) if one.startswith(package)}


def makers_of_files(found: list[Module]) -> list[str]:
    """The modules that send a file, or write one."""
    made = {"send_file", "send_from_directory", "write_pdf", "writer"}
    return [
        one.path.removesuffix(".py").replace("/", ".")
        for one in found
        if any(isinstance(node, ast.Call) and called_name(node) in made for node in ast.walk(one.tree))
    ]


def test_nothing_that_makes_a_file_can_come_to_what_was_said() -> None:
    makers = [name for name in makers_of_files(modules("mediation")) if not name.startswith("mediation.web")]
    assert "mediation.agreements.views" in makers
    assert {name: reached_by(name, "mediation.messages") for name in makers} == {name: set() for name in makers}


@pytest.mark.parametrize("name", PAPER)
@pytest.mark.parametrize("package", ["mediation.messages", "mediation.offers", "mediation.disclosures"])
def test_the_paper_and_its_check_come_to_no_talk_no_offer_and_no_private_paper(name: str, package: str) -> None:
    assert reached_by(f"mediation.agreements.{name}", package) == set()


def test_nothing_of_an_agreement_comes_to_what_was_said() -> None:
    of_agreements = [name for name in graph().modules if name.startswith("mediation.agreements.")]
    assert {name for name in of_agreements if reached_by(name, "mediation.messages")} == set()


def test_the_record_that_parties_may_show_comes_to_no_message() -> None:
    assert reached_by("mediation.audit", "mediation.messages") == set()
    assert reached_by("mediation.docket.record_views", "mediation.messages") == set()


def test_no_paper_is_made_from_what_was_said_or_from_a_plan_that_was_not_agreed(world: World) -> None:
    number = talked(world)
    with reading(world) as statements:
        made = settled(world, number)
    assert not [one for one in statements if TALK.search(one)]
    assert SAID not in made
    assert not [each for each in written(CLAIM - 53_027 - 28_692) if each in made]
    assert [each for each in written(CLAIM - 53_027) if each in made]


def test_the_record_names_talks_and_plans_by_their_fingerprints_alone(world: World) -> None:
    number = talked(world)
    settled(world, number)
    pages = [world.client(name).get(f"/cases/{number}/record").text for name in ("bai", "lu", "mo", "ren")]
    assert not [text for text in pages if SAID in text]
    assert not [each for text in pages for each in written(CLAIM - 53_027 - 28_692) if each in text]


def test_this_test_would_notice_a_file_made_from_talks(world: World) -> None:
    assert makers_of_files([module("from flask import send_file\nsend_file(x)")])
    assert reached_by("mediation.messages.views", "mediation.messages")
    with reading(world) as statements:
        say(world, a_case(world), "bai", Room.JOINT, SAID)
    assert [one for one in statements if TALK.search(one)]


def talked(world: World) -> str:
    """Something was said in each room, something waits, something is typed; and a plan was taken back."""
    number = a_case(world)
    for name, room in (("bai", Room.JOINT), ("bai", Room.CAUCUS_BORROWER), ("lu", Room.CAUCUS_LENDER)):
        say(world, number, name, room, SAID, may_pass_on=True)
    say(world, number, "mo", Room.NOTES, SAID)
    withdraw(world, number, "lu", show(world, number, "lu", terms(7, waived=OFFERED_ONCE)))
    world.clock.move(hours=1)
    accept(world, number, "bai", show(world, number, "lu", terms(24, waived=AGREED)))
    identify(world, number)
    with world.seat("bai", number) as seat:
        messages.keep_draft(seat, Room.JOINT, SAID, page="", seen="", at=world.clock())
    send(world, number, "bai", Room.CAUCUS_BORROWER, SAID)
    return number


def settled(world: World, number: str) -> str:
    """The terms and the page of the settlement, as the worker sets them in type."""
    agreement_id: UUID = drawn_up(world, number)
    with world.reading() as session:
        facts = duties.read_terms(session, {"agreement": str(agreement_id)}, at=world.clock())
    assert facts is not None
    page = paper.agreement_html(json.loads(facts.terms), "zh_Hans", sheet=facts.sheet, terms_sha256="0" * 64)
    return facts.terms + page


def written(amount: int) -> tuple[str, ...]:
    """An amount as a document or a page would write it."""
    return (str(amount), f"{amount / 100:,.2f}", f"{amount / 100:.2f}")


@contextmanager
def reading(world: World) -> Iterator[list[str]]:
    """Every statement that the database is asked meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(world.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(world.engine, "before_cursor_execute", note)
