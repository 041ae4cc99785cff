"""An adviser reads what the side gave and nothing else, decides nothing, and is gone at a word."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from mediation import audit, notices
from mediation.accounts import actions as accounts
from mediation.accounts.models import Account
from mediation.cases import advice, advisers, panel
from mediation.cases.seats import seat_of
from mediation.disclosures.document_models import Audience, Kind
from mediation.errors import NotFound, NotPermitted, Refused
from mediation.jobs import run_due
from mediation.messages import actions as messages
from mediation.rules.access import GRANTS, SCOPED, Role, Room, Scope, Seat, Thread
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import Side
from mediation.web import guard
from tests.documents.made import add
from tests.offers.table import accept, offer, show
from tests.sides.made import EVERYTHING, HEARS, READS_FILE, WRITES, adviser, ask, days_on, kept, page, status
from tests.stories import a_case
from tests.world import World

# All that an adviser may ever do, whatever the scope; everything else is for the side itself.
EVER = {
    "case:read", "claim:read", "room:read", "message:send", "message:take-back", "offer:read", "means:read",
    "document:read", "ledger:read", "agreement:read", "adviser:read", "adviser:leave", "advice:give",
}  # fmt: skip


def say(world: World, number: str, name: str, room: Room, text: str) -> None:
    """That person says that in that room, and it is heard."""
    with world.seat(name, number) as seat:
        messages.send_message(seat, room, text, at=world.clock())
    world.clock.move(minutes=1)
    run_due(world.engine, world.info, world.clock)


def seat_at(world: World, name: str, number: str):  # type: ignore[no-untyped-def]
    """That person's seat, or None."""
    with world.reading() as session:
        return seat_of(session, world.people[name], number)


def test_an_adviser_decides_nothing() -> None:
    granted = {permission for permission, roles in GRANTS.items() if Role.ADVISER in roles}
    assert granted - {"payment:read"} <= EVER
    assert not [
        one for one in granted if one.split(":")[1] in ("make", "answer", "withdraw", "sign", "state", "release")
    ]


@pytest.mark.parametrize("permission", sorted(SCOPED))
def test_without_its_scope_a_permission_is_not_there(permission: str) -> None:
    def seat(scope: frozenset[Scope]) -> Seat:
        return Seat(
            account_id=uuid4(),
            institution_id=uuid4(),
            case_id=uuid4(),
            role=Role.ADVISER,
            stage=Stage.SIGNING,
            advises=Side.BORROWER,
            scope=scope,
        )

    assert not seat(frozenset(Scope) - SCOPED[permission]).may(permission)
    assert all(seat(frozenset({one})).may(permission) for one in SCOPED[permission])
    with pytest.raises(NotPermitted):
        seat(frozenset(Scope) - SCOPED[permission]).require(permission)


def test_an_adviser_with_the_file_hears_no_caucus(world: World) -> None:
    number = a_case(world)
    adviser(world, number, scope=READS_FILE)
    assert seat_at(world, "an", number).rooms() == (Room.JOINT,)
    assert status(world, "an", f"/cases/{number}/rooms/caucus-borrower/news") == 404


def test_an_adviser_hears_only_the_caucus_of_the_side(world: World) -> None:
    number = a_case(world)
    adviser(world, number, scope=EVERYTHING)
    adviser(world, number, "lu", "shi", scope=HEARS)
    assert seat_at(world, "an", number).rooms() == (Room.JOINT, Room.CAUCUS_BORROWER)
    assert seat_at(world, "shi", number).rooms() == (Room.JOINT, Room.CAUCUS_LENDER)


def test_an_adviser_with_the_caucus_alone_sees_no_plans(world: World) -> None:
    number = a_case(world)
    adviser(world, number, scope=frozenset({Scope.CAUCUS}))
    show(world, number, "lu")
    assert status(world, "an", f"/cases/{number}/offers") == 403
    assert status(world, "an", f"/cases/{number}/ledger") == 403
    assert status(world, "an", f"/cases/{number}/documents") == 403
    assert seat_at(world, "an", number).rooms() == (Room.CAUCUS_BORROWER,)


def test_an_adviser_never_reads_the_record_nor_the_notes(world: World) -> None:
    number = a_case(world)
    adviser(world, number, scope=EVERYTHING)
    assert status(world, "an", f"/cases/{number}/record") == 403
    assert seat_at(world, "an", number).threads() == ()
    assert status(world, "an", f"/cases/{number}/rooms/notes/news") == 404


def test_the_private_papers_of_a_side_go_with_its_private_talk(world: World) -> None:
    number = a_case(world)
    add(world, number, "bai", kind=Kind.INCOME, title="只给调解员", audience=Audience.MEDIATOR)
    adviser(world, number, scope=READS_FILE)
    adviser(world, number, name="shi", scope=HEARS)
    assert "只给调解员" not in page(world, "an", f"/cases/{number}/documents")
    assert "只给调解员" in page(world, "shi", f"/cases/{number}/documents")


def test_what_the_borrower_shows_the_lender_its_adviser_does_not_see(world: World) -> None:
    number = a_case(world)
    add(world, number, "bai", kind=Kind.RECEIPT, title="给出借方看", audience=Audience.BOTH)
    adviser(world, number, "lu", scope=HEARS)
    assert "给出借方看" in page(world, "lu", f"/cases/{number}/documents")
    assert "给出借方看" not in page(world, "an", f"/cases/{number}/documents")


def test_an_adviser_writes_to_the_mediator_only_where_the_side_said_so(world: World) -> None:
    number = a_case(world)
    adviser(world, number, scope=HEARS)
    adviser(world, number, name="shi", scope=WRITES)
    with world.seat("an", number) as seat, pytest.raises(NotPermitted):
        messages.send_message(seat, Room.CAUCUS_BORROWER, "话", at=world.clock())
    say(world, number, "shi", Room.CAUCUS_BORROWER, "协助人说的话")
    text = page(world, "mo", f"/cases/{number}/rooms?room=caucus-borrower")
    assert "协助人说的话" in text
    assert "seat-adviser" in text


def test_an_adviser_never_speaks_in_the_joint_room(world: World) -> None:
    number = a_case(world)
    adviser(world, number, scope=WRITES)
    with world.seat("an", number) as seat, pytest.raises(Refused, match="room:only-read-here"):
        messages.send_message(seat, Room.JOINT, "话", at=world.clock())
    assert "<textarea" not in page(world, "an", f"/cases/{number}/rooms?room=joint")
    assert "<textarea" in page(world, "an", f"/cases/{number}/rooms?room=caucus-borrower")


def test_advice_is_read_by_the_side_and_nobody_else(world: World) -> None:
    number = a_case(world)
    adviser(world, number)
    world.client("an").post(f"/cases/{number}/advice", data={"text": "先问清楚罚息"})
    assert "先问清楚罚息" in page(world, "bai", f"/cases/{number}/advisers")
    assert "先问清楚罚息" in page(world, "an", f"/cases/{number}/advisers")
    assert "先问清楚罚息" not in page(world, "lu", f"/cases/{number}/advisers")
    assert status(world, "mo", f"/cases/{number}/advisers") == 403
    with world.reading() as session:
        told = session.scalars(select(notices.Notice).where(notices.Notice.kind == "advice:given")).all()
    assert {one.account_id for one in told} == {world.people["bai"]}


def test_one_adviser_does_not_read_what_another_advised(world: World) -> None:
    number = a_case(world)
    adviser(world, number)
    adviser(world, number, name="shi")
    with world.seat("an", number) as seat:
        advice.give_advice(seat, "只给本人", at=world.clock())
    assert "只给本人" not in page(world, "shi", f"/cases/{number}/advisers")


def test_empty_or_endless_advice_is_refused(world: World) -> None:
    number = a_case(world)
    adviser(world, number)
    for text, why in ((" ", "advice:empty"), ("长" * 4001, "advice:too-long")):
        with world.seat("an", number) as seat, pytest.raises(Refused, match=why):
            advice.give_advice(seat, text, at=world.clock())


def test_only_an_adviser_advises(world: World) -> None:
    number = a_case(world)
    for name in ("bai", "lu", "mo", "ren"):
        with world.seat(name, number) as seat, pytest.raises(NotPermitted):
            advice.give_advice(seat, "话", at=world.clock())


def test_the_side_ends_it_at_once(world: World) -> None:
    number = a_case(world)
    sent = adviser(world, number)
    browser = world.client("an")
    assert browser.get(f"/cases/{number}").status_code == 200
    world.client("bai").post(f"/cases/{number}/advisers/{sent.id}/end")
    assert browser.get(f"/cases/{number}").status_code == 404
    assert number not in browser.get("/home").get_data(as_text=True)
    assert "安宁" not in page(world, "lu", f"/cases/{number}")


def test_an_adviser_gives_up_the_seat(world: World) -> None:
    number = a_case(world)
    sent = adviser(world, number)
    assert status(world, "an", f"/cases/{number}/advisers/own/end", "POST") == 303
    assert seat_at(world, "an", number) is None
    assert kept(world, sent).ended_as == "left"


def test_nobody_ends_another_sides_adviser(world: World) -> None:
    number = a_case(world)
    sent = adviser(world, number)
    with world.seat("lu", number) as seat, pytest.raises(NotFound):
        advisers.end_adviser(seat, sent.id, at=world.clock())
    for name in ("mo", "ren", "an"):
        with world.seat(name, number) as seat, pytest.raises(NotPermitted):
            advisers.end_adviser(seat, sent.id, at=world.clock())


def test_what_has_ended_does_not_end_twice(world: World) -> None:
    number = a_case(world)
    sent = adviser(world, number)
    for why in (None, "adviser:ended-already"):
        with world.seat("bai", number) as seat:
            if why is None:
                advisers.end_adviser(seat, sent.id, at=world.clock())
            else:
                with pytest.raises(Refused, match=why):
                    advisers.end_adviser(seat, sent.id, at=world.clock())


def test_it_ends_by_itself_even_before_the_worker_comes(world: World) -> None:
    number = a_case(world)
    sent = adviser(world, number, ends_on=days_on(3))
    world.clock.move(days=3, hours=13, minutes=59)
    assert status(world, "an", f"/cases/{number}") == 200
    world.clock.move(minutes=1)
    assert status(world, "an", f"/cases/{number}") == 404
    assert number not in world.client("an").get("/home").get_data(as_text=True)
    run_due(world.engine, world.info, world.clock)
    assert kept(world, sent).ended_as == "over"


def test_it_ends_with_the_case(world: World) -> None:
    number = a_case(world)
    adviser(world, number)
    world.client("bai").post(f"/cases/{number}/withdrawal")
    assert status(world, "an", f"/cases/{number}") == 404
    assert number not in world.client("an").get("/home").get_data(as_text=True)


def test_an_ending_is_on_the_record_where_the_seat_was(world: World) -> None:
    number = a_case(world)
    unused, used = ask(world, number), adviser(world, number)
    with world.seat("bai", number) as seat:
        advisers.end_adviser(seat, unused.id, at=world.clock())
        advisers.end_adviser(seat, used.id, at=world.clock())
    with world.seat("mo", number) as seat:
        private = [one.kind for one in audit.entries_seen_by(seat, Thread.CAUCUS_BORROWER)]
        shared = [one.kind for one in audit.entries_seen_by(seat, Thread.CASE)]
    assert private.count("adviser:ended") == 1
    assert shared[-2:] == ["adviser:joined", "adviser:ended"]
    with world.reading() as session:
        told = session.scalars(select(notices.Notice).where(notices.Notice.kind == "adviser:ended")).all()
    assert {one.account_id for one in told} == {world.people[name] for name in ("an", "lu", "mo")}


def test_a_code_taken_back_opens_nothing(world: World) -> None:
    number = a_case(world)
    sent = ask(world, number)
    with world.seat("bai", number) as seat:
        advisers.end_adviser(seat, sent.id, at=world.clock())
    answered = world.client().post("/join", data={"code": sent.code})
    assert answered.status_code == 409


@pytest.mark.parametrize("stage", [Stage.JOINED, Stage.APPOINTED, Stage.OPEN, Stage.TERMS_AGREED, Stage.PAUSED])
@pytest.mark.parametrize(("inviter", "scope"), [("bai", EVERYTHING), ("lu", WRITES)])
def test_every_page_that_an_adviser_may_open_opens(
    world: World, stage: Stage, inviter: str, scope: frozenset[Scope]
) -> None:
    number = a_case(world, contract="C-walk")
    adviser(world, number, inviter, scope=scope)
    if stage is Stage.TERMS_AGREED:
        made = show(world, number, "lu")
        accept(world, number, "bai", made, sha256=offer(world, made).sha256)
    with world.seat("mo", number) as seat:
        seat.case.stage = stage
    seat, app = seat_at(world, "an", number), world.app
    rules = [
        rule for rule in app.url_map.iter_rules() if rule.arguments == {"number"} and "GET" in (rule.methods or ())
    ]
    marks = {rule.rule: _permission(app, rule.endpoint) for rule in rules}
    found = {rule: status(world, "an", rule.replace("<number>", number)) for rule in marks}
    broken = {rule: code for rule, code in found.items() if (code in (200, 303)) != seat.may(marks[rule])}
    assert not broken


def _permission(app: Flask, endpoint: str) -> str:
    mark = guard.mark_of(app, endpoint)
    assert mark is not None
    assert mark.permission is not None
    return mark.permission


def test_who_has_advised_a_side_is_never_asked_to_mediate_that_case(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    sent = adviser(world, number)
    with world.seat("bai", number) as seat:
        advisers.end_adviser(seat, sent.id, at=world.clock())
    with world.desk("ren") as desk:
        accounts.add_member(desk, desk.session.get_one(Account, world.people["an"]), Role.MEDIATOR, at=world.clock())
    with world.seat("ren", number) as seat:
        may_be_asked = {each.account_id for each in panel.candidates_for(seat, at=world.clock())}
    assert may_be_asked == {world.people["mo"], world.people["ming"]}
