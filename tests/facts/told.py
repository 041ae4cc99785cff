"""Things told in confidence, proof seen and steps taken, each in one line; and a mediator who gives way to another."""

from datetime import timedelta
from uuid import UUID

from mediation import audit
from mediation.cases import appointments, handovers
from mediation.cases.handovers import Earlier
from mediation.disclosures import document_releases, facts
from mediation.disclosures import fact_selections as selections
from mediation.disclosures.document_selections import document_seen_by
from mediation.disclosures.fact_selections import Fact, Released
from mediation.rules.access import Thread
from tests.world import World

TITLE, TEXT, WORDS = "长期患病", "二月确诊，每月药费 1,200 元。", "一种影响收入的长期疾病"


def tell(world: World, number: str, name: str = "bai", *, title: str = TITLE, text: str = TEXT,
         document_id: UUID | None = None) -> UUID:  # fmt: skip
    """That person tells the mediator something in confidence."""
    with world.seat(name, number) as seat:
        return facts.tell_fact(seat, title=title, text=text, document_id=document_id, at=world.clock()).id


def prove(world: World, number: str, fact_id: UUID, name: str = "mo") -> None:
    """The mediator has seen proof of it as it stands."""
    with world.seat(name, number) as seat:
        seen = selections.fact_seen_by(seat, fact_id).sha256
        facts.note_proof(seat, fact_id, seen_sha256=seen, at=world.clock())


def let_know(world: World, number: str, fact_id: UUID, name: str = "bai", *, words: str = WORDS) -> None:
    """The owner lets the other side know these words, as they were shown."""
    with world.seat(name, number) as seat:
        shown = selections.verified_shown(seat, selections.fact_seen_by(seat, fact_id), words)
        facts.release_verified(seat, fact_id, words=words, seen_sha256=shown.sha256, at=world.clock())


def share(world: World, number: str, fact_id: UUID, name: str = "bai") -> None:
    """The owner lets the other side read it, as it was shown."""
    with world.seat(name, number) as seat:
        shown = selections.shared_shown(selections.fact_seen_by(seat, fact_id))
        facts.share_fact(seat, fact_id, seen_sha256=shown.sha256, at=world.clock())


def open_paper(world: World, number: str, document_id: UUID, name: str = "bai") -> None:
    """The owner opens a document to both sides, as it was shown."""
    with world.seat(name, number) as seat:
        seen = document_releases.shown_sha256(document_seen_by(seat, document_id))
        document_releases.release_document(seat, document_id, seen_sha256=seen, at=world.clock())


def hand_over(world: World, number: str, name: str) -> None:
    """That person's side opens to the new mediator what it told before, as it was shown."""
    with world.seat(name, number) as seat:
        earlier = handovers.earlier_of(seat)
        seen = earlier.sha256 if earlier else ""
        handovers.release_earlier(seat, seen_sha256=seen, at=world.clock())


def step_back(world: World, number: str, name: str = "mo") -> None:
    """The mediator steps back, a minute later."""
    world.clock.move(minutes=1)
    with world.seat(name, number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())


def succeed(world: World, number: str, name: str = "ming", *, earlier: str = "mo") -> None:
    """The earlier mediator steps back, and this one is asked and accepts; a minute passes each time."""
    step_back(world, number, earlier)
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people[name], at=world.clock())
    world.clock.move(minutes=1)
    with world.seat(name, number) as seat:
        appointments.accept_appointment(seat, at=world.clock())
    world.clock.at += timedelta(minutes=1)


def seen(world: World, name: str, number: str) -> list[Fact]:
    """What that person reads of what was told in confidence."""
    with world.seat(name, number) as seat:
        return list(selections.facts_seen_by(seat))


def let_see(world: World, name: str, number: str) -> list[Released]:
    """What that person reads of what a side let the other see."""
    with world.seat(name, number) as seat:
        return list(selections.releases_seen_by(seat))


def earlier(world: World, name: str, number: str) -> Earlier | None:
    """What of that person's side lies closed to the mediator who sits."""
    with world.seat(name, number) as seat:
        return handovers.earlier_of(seat)


def kinds(world: World, number: str, name: str, thread: Thread = Thread.CASE) -> list[str]:
    """The kinds of a thread's entries as that person reads them."""
    with world.seat(name, number) as seat:
        return [entry.kind for entry in audit.entries_seen_by(seat, thread)]
