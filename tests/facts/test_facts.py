"""Told in confidence, proven, and opened by its owner alone: step by step, twice asked, on the record, for good."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from mediation import audit
from mediation.cases import consents
from mediation.cases.models import Purpose
from mediation.disclosures import fact_selections as selections
from mediation.disclosures import facts
from mediation.disclosures.document_models import Audience
from mediation.errors import NotFound, NotPermitted
from mediation.notices import Notice
from mediation.rules.access import Thread
from mediation.rules.lifecycle import Stage
from mediation.rules.releases import Level
from tests.documents.made import add
from tests.facts.told import TEXT, TITLE, WORDS, kinds, let_know, let_see, prove, seen, share, step_back, tell
from tests.offers.table import refusal
from tests.stories import a_case
from tests.world import World

NOTHING = UUID("01a20b44-3335-772a-b4b4-cd9c1d5e1841")
OWN = {"bai": Thread.CAUCUS_BORROWER, "lu": Thread.CAUCUS_LENDER}


def told(world: World) -> list[tuple[str, str]]:
    names = {account: name for name, account in world.people.items()}
    with world.reading() as session:
        return [(names[one.account_id or NOTHING], one.kind) for one in session.scalars(select(Notice))]


# --- sealed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("owner", "other"), [("bai", "lu"), ("lu", "bai")])
def test_what_is_told_in_confidence_is_read_by_its_side_and_the_mediator_alone(
    world: World, owner: str, other: str
) -> None:
    number = a_case(world)
    tell(world, number, owner)
    assert [[(fact.title, fact.text) for fact in seen(world, name, number)] for name in (owner, "mo", other)] == [
        [(TITLE, TEXT)], [(TITLE, TEXT)], [],
    ]  # fmt: skip
    assert let_see(world, other, number) == []


@pytest.mark.parametrize("name", ["ren", "audit", "shi", "ming"])
def test_nobody_outside_the_talk_reads_it(world: World, name: str) -> None:
    number = a_case(world)
    fact_id = tell(world, number)
    answers = {world.client(name).get(f"/cases/{number}/facts{ending}").status_code for ending in ("", f"/{fact_id}")}
    assert answers <= {403, 404}


def test_telling_it_is_one_entry_in_that_sides_own_thread_and_one_notice_to_the_mediator(world: World) -> None:
    number = a_case(world)
    tell(world, number)
    assert kinds(world, number, "bai", Thread.CAUCUS_BORROWER) == ["fact:told"]
    assert kinds(world, number, "lu") == []
    assert told(world) == [("mo", "fact:told")]


def test_no_entry_carries_a_word_of_it(world: World) -> None:
    number = a_case(world)
    tell(world, number)
    with world.seat("bai", number) as seat:
        (entry,) = audit.entries_seen_by(seat, Thread.CAUCUS_BORROWER)
    assert TITLE not in str(entry.body)
    assert TEXT not in str(entry.body)


def test_the_mediator_tells_nothing_in_confidence(world: World) -> None:
    number = a_case(world)
    with pytest.raises(NotPermitted), world.seat("mo", number) as seat:
        facts.tell_fact(seat, title=TITLE, text=TEXT, document_id=None, at=world.clock())


@pytest.mark.parametrize("stage", [Stage.JOINED, Stage.IN_FORCE])
def test_nothing_is_told_before_a_mediator_or_after_the_seal(world: World, stage: Stage) -> None:
    number = a_case(world, stage)
    assert refusal(tell, world, number) == "case:wrong-stage"


def test_without_a_mediator_nothing_is_told(world: World) -> None:
    number = a_case(world)
    step_back(world, number)
    assert refusal(tell, world, number) == "fact:no-mediator"


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"title": " "}, "fact:title-missing"),
        ({"title": "x" * 121}, "fact:title-too-long"),
        ({"title": "12\u202e34"}, "fact:hides"),
        ({"text": "\n"}, "fact:text-missing"),
        ({"text": "x" * 4001}, "fact:text-too-long"),
        ({"text": "a\x00b"}, "fact:hides"),
    ],
)
def test_what_is_empty_too_long_or_hidden_is_refused(world: World, given: dict[str, str], key: str) -> None:
    number = a_case(world)
    assert refusal(tell, world, number, **given) == key
    assert seen(world, "bai", number) == []


def test_a_document_of_ones_own_may_go_with_it_and_stays_as_closed_as_it_was(world: World) -> None:
    number = a_case(world)
    own = add(world, number, "bai", title="诊断证明", audience=Audience.MEDIATOR)
    share(world, number, tell(world, number, document_id=own))
    assert [fact.paper and fact.paper.title for fact in seen(world, "mo", number)] == ["诊断证明"]
    assert [(one.shown.text, one.paper) for one in let_see(world, "lu", number)] == [(TEXT, None)]


def test_a_document_that_is_open_goes_along_when_the_text_is_shared(world: World) -> None:
    number = a_case(world)
    own = add(world, number, "bai", title="诊断证明")
    share(world, number, tell(world, number, document_id=own))
    assert [one.paper and one.paper.title for one in let_see(world, "lu", number)] == ["诊断证明"]


def test_a_document_of_the_other_side_or_of_nothing_is_refused(world: World) -> None:
    number = a_case(world)
    theirs = add(world, number, "lu")
    assert [refusal(tell, world, number, document_id=one) for one in (theirs, NOTHING)] == ["fact:document-unknown"] * 2


# --- proof ----------------------------------------------------------------------------------------------------


def test_proof_seen_is_told_to_the_owner_and_to_nobody_else(world: World) -> None:
    number = a_case(world)
    prove(world, number, tell(world, number))
    assert [fact.proven_at for fact in seen(world, "bai", number)] == [world.clock()]
    assert kinds(world, number, "bai", Thread.CAUCUS_BORROWER) == ["fact:told", "fact:proof-seen"]
    assert (kinds(world, number, "lu"), let_see(world, "lu", number)) == ([], [])
    assert told(world) == [("mo", "fact:told"), ("bai", "fact:proof-seen")]


def test_proof_is_noted_once_by_the_mediator_and_of_exactly_this_text(world: World) -> None:
    number = a_case(world)
    fact_id = tell(world, number)
    with world.seat("mo", number) as seat:
        assert refusal(facts.note_proof, seat, fact_id, seen_sha256="0" * 64, at=world.clock()) == "fact:changed"
    assert refusal(prove, world, number, fact_id, "bai") == "seat:not-permitted"
    prove(world, number, fact_id)
    assert refusal(prove, world, number, fact_id) == "fact:already-proven"


# --- verified only --------------------------------------------------------------------------------------------


def test_the_other_side_learns_the_owners_words_and_the_day_and_nothing_more(world: World) -> None:
    number = a_case(world)
    fact_id = tell(world, number)
    prove(world, number, fact_id)
    world.clock.move(days=2)
    let_know(world, number, fact_id)
    (one,) = let_see(world, "lu", number)
    assert (one.shown.title, one.shown.text, one.shown.verified_on, one.paper) == (WORDS, "", date(2025, 9, 24), None)
    page = world.client("lu").get(f"/cases/{number}/facts").get_data(as_text=True)
    assert "Verified by the mediator on 24 September 2025" in page
    assert (WORDS in page, TITLE in page, "1,200" in page, str(fact_id) in page) == (True, False, False, False)


def test_before_proof_was_seen_nothing_can_be_called_verified(world: World) -> None:
    number = a_case(world)
    assert refusal(let_know, world, number, tell(world, number)) == "fact:not-proven"


def test_letting_the_other_side_know_is_one_entry_of_the_case_and_names_no_fact(world: World) -> None:
    number = a_case(world)
    fact_id = tell(world, number)
    prove(world, number, fact_id)
    let_know(world, number, fact_id)
    with world.seat("lu", number) as seat:
        (entry,) = audit.entries_seen_by(seat, Thread.CASE)
    assert (entry.kind, entry.actor) == ("fact:verified", "borrower")
    assert str(fact_id) not in str(entry.body)
    assert [one for one in told(world) if one[1] == "fact:released"] == [
        ("lu", "fact:released"),
        ("mo", "fact:released"),
    ]


# --- shared ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("owner", "other"), [("bai", "lu"), ("lu", "bai")])
def test_what_is_shared_the_other_side_reads_as_it_was_told(world: World, owner: str, other: str) -> None:
    number = a_case(world)
    share(world, number, tell(world, number, owner), owner)
    assert [(one.shown.title, one.shown.text, one.shown.verified_on) for one in let_see(world, other, number)] == [
        (TITLE, TEXT, None)
    ]
    assert kinds(world, number, other) == ["fact:shared"]


def test_proof_seen_after_sharing_widens_nothing(world: World) -> None:
    number = a_case(world)
    fact_id = tell(world, number)
    share(world, number, fact_id)
    before = world.client("lu").get(f"/cases/{number}/facts").get_data(as_text=True)
    prove(world, number, fact_id)
    after = world.client("lu").get(f"/cases/{number}/facts").get_data(as_text=True)
    assert before.partition("</main>")[0].partition("<main")[2] == after.partition("</main>")[0].partition("<main")[2]
    let_know(world, number, fact_id)
    assert {one.shown.level for one in let_see(world, "lu", number)} == {Level.SHARED, Level.VERIFIED}


def test_each_step_is_taken_once(world: World) -> None:
    number = a_case(world)
    fact_id = tell(world, number)
    prove(world, number, fact_id)
    for step in (let_know, share):
        assert [refusal(step, world, number, fact_id) for _ in range(2)] == ["done", "fact:already-released"]


@pytest.mark.parametrize("name", ["lu", "mo"])
def test_nobody_opens_what_somebody_else_told(world: World, name: str) -> None:
    number = a_case(world)
    fact_id = tell(world, number)
    prove(world, number, fact_id)
    for act in (
        lambda seat: facts.share_fact(seat, fact_id, seen_sha256="0" * 64, at=world.clock()),
        lambda seat: facts.release_verified(seat, fact_id, words=WORDS, seen_sha256="0" * 64, at=world.clock()),
    ):
        with pytest.raises((NotFound, NotPermitted)), world.seat(name, number) as seat:
            act(seat)
    assert let_see(world, "lu", number) == []


def test_what_was_not_shown_is_not_confirmed(world: World) -> None:
    number = a_case(world)
    fact_id = tell(world, number)
    prove(world, number, fact_id)
    with world.seat("bai", number) as seat:
        fact = selections.fact_seen_by(seat, fact_id)
        other = selections.verified_shown(seat, fact, "别的话").sha256
        given = {"words": WORDS, "seen_sha256": other, "at": world.clock()}
        assert refusal(facts.release_verified, seat, fact_id, **given) == "fact:changed"
        assert refusal(facts.share_fact, seat, fact_id, seen_sha256=other, at=world.clock()) == "fact:changed"


def test_the_kept_release_is_the_one_that_was_confirmed_to_the_letter(world: World) -> None:
    number = a_case(world)
    fact_id = tell(world, number)
    with world.seat("bai", number) as seat:
        confirmed = selections.shared_shown(selections.fact_seen_by(seat, fact_id)).sha256
    share(world, number, fact_id)
    (one,) = let_see(world, "lu", number)
    with world.seat("lu", number) as seat:
        (entry,) = audit.entries_seen_by(seat, Thread.CASE)
    assert entry.body is not None
    assert one.shown.sha256 == entry.body["sha256"] == confirmed


def test_whoever_took_back_that_anything_is_passed_on_opens_nothing_more(world: World) -> None:
    number = a_case(world)
    fact_id = tell(world, number)
    with world.seat("bai", number) as seat:
        consents.take_back(seat, Purpose.SHARE_WITH_LENDER, at=world.clock())
    assert refusal(share, world, number, fact_id) == "release:consent-taken-back"
    assert let_see(world, "lu", number) == []


@pytest.mark.parametrize("table", ["sealed_fact", "fact_proof", "fact_release", "document_release", "handover"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = NULL", "DELETE FROM {}"])
def test_nothing_of_it_is_changed_or_taken_away(world: World, table: str, verb: str) -> None:
    from tests.facts.told import hand_over, open_paper, succeed

    number = a_case(world)
    fact_id = tell(world, number)
    prove(world, number, fact_id)
    share(world, number, fact_id)
    open_paper(world, number, add(world, number, "bai", audience=Audience.MEDIATOR))
    succeed(world, number)
    hand_over(world, number, "bai")
    column = {"sealed_fact": "told_at", "fact_proof": "seen_at"}.get(table, "released_at")
    with pytest.raises(DBAPIError, match="append-only"), world.writing() as session:
        session.execute(text(verb.format(table, column)))


def test_the_records_verify_when_all_is_done(world: World) -> None:
    number = a_case(world)
    fact_id = tell(world, number)
    prove(world, number, fact_id)
    let_know(world, number, fact_id)
    share(world, number, fact_id)
    world.verify_records()
    assert kinds(world, number, "lu") == ["fact:verified", "fact:shared"]
