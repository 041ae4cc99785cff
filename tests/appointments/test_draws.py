"""A mediator found by a draw: promised, added to by both sides, made by time, checked by anybody from the record."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import UUID

import pytest
from sqlalchemy import select

from mediation import audit
from mediation.accounts import actions as accounts
from mediation.accounts import selections
from mediation.cases import appointment_duties, appointments, draws
from mediation.cases.draws import Shown
from mediation.cases.models import Appointment, Case
from mediation.cases.panel_models import Draw, DrawState
from mediation.errors import NotPermitted, Refused
from mediation.notices import Notice
from mediation.outbox import Job
from mediation.rules.access import Role, Thread
from mediation.rules.lifecycle import AppointmentState, Stage
from tests.stories import a_case
from tests.world import World, add_person

# Promised on Wednesday 24 September 2025 at 10:00; one working day ends on Thursday at 24:00 in Shanghai.
ENDS_AT = datetime(2025, 9, 25, 16, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def promised(world: World) -> str:
    """A case in which a draw between Mo and Ming has been promised."""
    number = a_case(world, Stage.JOINED)
    with world.seat("ren", number) as seat:
        draws.open_draw(seat, at=world.clock())
    return number


def add(world: World, number: str, name: str, digits: str) -> None:
    with world.seat(name, number) as seat:
        draws.give_number(seat, digits, at=world.clock())


def pass_time(world: World, number: str) -> None:
    """The worker does its duty now."""
    with world.writing() as session:
        payload = {"case": str(case_of(world, number).id)}
        appointment_duties.DUTIES["draw:make"].keep(session, payload, None, at=world.clock())


def case_of(world: World, number: str) -> Case:
    with world.reading() as session:
        return session.scalars(select(Case).where(Case.number == number)).one()


def shown(world: World, number: str, name: str = "bai") -> Shown:
    with world.seat(name, number) as seat:
        found = draws.draw_seen_by(seat, at=world.clock())
        assert found is not None
        return found


def entries(world: World, number: str) -> list[audit.Entry]:
    with world.seat("bai", number) as seat:
        return audit.entries_seen_by(seat, Thread.CASE)


def told(world: World, name: str) -> list[str]:
    with world.reading() as session:
        return list(session.scalars(select(Notice.kind).where(Notice.account_id == world.people[name])))


# --- promising ------------------------------------------------------------------------------------------------


def test_seed_and_list_are_promised_in_one_entry_before_anybody_adds_a_number(world: World) -> None:
    number = promised(world)
    body = entries(world, number)[-1].body
    assert body is not None
    assert hashlib.sha256(body["list"].encode()).hexdigest() == body["list_sha256"]
    assert sorted(line.split(" ", 1)[1] for line in body["list"].splitlines()) == ["明哲", "莫文"]
    assert len(body["seed_sha256"]) == 64
    assert "seed" not in body


def test_both_sides_are_told_until_when_they_may_add_a_number(world: World) -> None:
    number = promised(world)
    case = case_of(world, number)
    assert told(world, "bai") == told(world, "lu") == ["draw:opened"]
    assert (case.turn, case.deadline_at, case.deadline_kind) == (None, ENDS_AT, "give-draw-number")


def test_the_seed_lies_sealed_until_the_draw_is_made(world: World) -> None:
    number = promised(world)
    with world.reading() as session:
        draw = session.scalars(select(Draw)).one()
        seed = draws._seed_of(session, draw)
    assert seed.encode() not in draw.seed_sealed
    for name in ("bai", "lu", "ren"):
        assert seed not in world.client(name).get(f"/cases/{number}/draw").get_data(as_text=True)


@pytest.mark.parametrize("name", ["bai", "lu"])
def test_no_party_promises_a_draw(world: World, name: str) -> None:
    number = a_case(world, Stage.JOINED)
    with pytest.raises(NotPermitted), world.seat(name, number) as seat:
        draws.open_draw(seat, at=world.clock())


def test_a_draw_needs_two_mediators_with_nothing_against_them(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    with world.desk("ren") as desk:
        place = next(one for one in selections.members_at(desk) if one.account.id == world.people["ming"])
        accounts.end_member(desk, place.membership.id, at=world.clock())
    with pytest.raises(Refused, match="draw:too-few"), world.seat("ren", number) as seat:
        draws.open_draw(seat, at=world.clock())


def test_whoever_has_something_against_them_is_left_out_and_counted(world: World) -> None:
    add_person(world, "qi", "齐放", role=Role.MEDIATOR)
    earlier = a_case(world, Stage.JOINED, contract="XF-EARLIER")
    with world.seat("ren", earlier) as seat:
        appointments.propose_mediator(seat, world.people["qi"], at=world.clock())
    with world.seat("qi", earlier) as seat:
        appointments.decline_appointment(seat, "出借方是我的旧雇主", at=world.clock())
    found = shown(world, promised(world))
    assert ({one.name for one in found.candidates}, found.left_out) == ({"莫文", "明哲"}, 1)


def test_nobody_is_appointed_past_a_promised_draw(world: World) -> None:
    number = promised(world)
    with pytest.raises(Refused, match="appointment:draw-runs"), world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people["mo"], at=world.clock())


def test_no_second_draw_replaces_the_first(world: World) -> None:
    number = promised(world)
    with pytest.raises(Refused, match="appointment:draw-runs"), world.seat("ren", number) as seat:
        draws.open_draw(seat, at=world.clock())


def test_no_draw_takes_the_place_of_somebody_who_was_asked(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people["mo"], at=world.clock())
    with pytest.raises(Refused, match="draw:somebody-is-asked"), world.seat("ren", number) as seat:
        draws.open_draw(seat, at=world.clock())


# --- adding a number ------------------------------------------------------------------------------------------


def test_each_side_adds_one_number(world: World) -> None:
    number = promised(world)
    add(world, number, "bai", "7")
    with pytest.raises(Refused, match="draw:number-given"):
        add(world, number, "bai", "8")


@pytest.mark.parametrize("name", ["ren", "mo"])
def test_nobody_but_the_sides_adds_a_number(world: World, name: str) -> None:
    number = promised(world)
    assert world.client(name).post(f"/cases/{number}/draw/number", data={"number": "7"}).status_code in (403, 404)


def test_a_number_that_is_none_is_said_at_its_field(world: World) -> None:
    number = promised(world)
    answer = world.client("bai").post(f"/cases/{number}/draw/number", data={"number": "七"})
    assert answer.status_code == 409
    assert "Write a number of at most 20 digits" in answer.get_data(as_text=True)


def test_without_a_draw_there_is_nothing_to_add_to(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    with pytest.raises(Refused, match="draw:none"):
        add(world, number, "bai", "7")


@pytest.mark.parametrize(
    ("moment", "key"), [(-SECOND, ""), (0 * SECOND, "draw:window-over"), (SECOND, "draw:window-over")]
)
def test_a_number_is_in_time_before_the_end_and_not_at_it(world: World, moment: timedelta, key: str) -> None:
    number = promised(world)
    world.clock.at = ENDS_AT + moment
    if not key:
        add(world, number, "bai", "7")
        return
    with pytest.raises(Refused, match=key):
        add(world, number, "bai", "7")


def test_the_other_sides_number_is_not_shown_before_the_draw(world: World) -> None:
    number = promised(world)
    add(world, number, "bai", "4815162342")
    for name in ("lu", "ren"):
        assert "4815162342" not in world.client(name).get(f"/cases/{number}/draw").get_data(as_text=True)


# --- drawing --------------------------------------------------------------------------------------------------


def test_with_both_numbers_the_draw_is_made_at_once(world: World) -> None:
    number = promised(world)
    add(world, number, "bai", "7")
    add(world, number, "lu", "11")
    kinds = [entry.kind for entry in entries(world, number)]
    assert kinds == ["draw:opened", "draw:number-given", "draw:number-given", "mediator:drawn"]
    case, drawn = case_of(world, number), shown(world, number)
    assert drawn.made is not None
    assert str(case.mediator_id) == drawn.made.drawn.id
    assert (case.stage, case.turn) == (Stage.JOINED, Role.MEDIATOR)


@pytest.mark.parametrize(("moment", "state"), [(-SECOND, DrawState.OPEN), (0 * SECOND, DrawState.DRAWN)])
def test_without_numbers_time_makes_the_draw(world: World, moment: timedelta, state: DrawState) -> None:
    number = promised(world)
    world.clock.at = ENDS_AT + moment
    pass_time(world, number)
    assert shown(world, number).state is state


def test_the_duty_is_promised_for_the_end_of_the_window(world: World) -> None:
    promised(world)
    with world.reading() as session:
        assert session.scalars(select(Job.run_at).where(Job.kind == "draw:make")).all() == [ENDS_AT]


def test_drawing_twice_changes_nothing(world: World) -> None:
    number = promised(world)
    world.clock.at = ENDS_AT
    pass_time(world, number)
    pass_time(world, number)
    assert [entry.kind for entry in entries(world, number)].count("mediator:drawn") == 1


def test_whoever_was_drawn_is_asked_as_if_the_registrar_had_chosen(world: World) -> None:
    number = promised(world)
    world.clock.at = ENDS_AT
    pass_time(world, number)
    with world.reading() as session:
        asked = session.scalars(select(Appointment)).one()
    assert (asked.state, asked.proposed_by) == (AppointmentState.PROPOSED, world.people["ren"])
    name = next(name for name, account in world.people.items() if account == asked.mediator_id)
    assert told(world, name) == ["mediator:proposed"]
    with world.seat(name, number) as seat:
        appointments.accept_appointment(seat, at=world.clock())


def test_the_registrar_need_not_wait_for_a_late_worker_but_for_the_window(world: World) -> None:
    number = promised(world)
    assert world.client("ren").post(f"/cases/{number}/draw/making").status_code == 409
    world.clock.at = ENDS_AT
    assert world.client("ren").post(f"/cases/{number}/draw/making").status_code == 303
    assert shown(world, number).state is DrawState.DRAWN


def test_whoever_left_the_panel_meanwhile_is_passed_over(world: World) -> None:
    number = promised(world)
    leave(world, first_in_order(world))
    world.clock.at = ENDS_AT
    pass_time(world, number)
    made = shown(world, number).made
    assert made is not None
    assert len(made.passed_over) == 1
    assert made.checked.fits


def test_a_draw_that_names_nobody_goes_back_to_the_registrar(world: World) -> None:
    number = promised(world)
    for name in ("mo", "ming"):
        leave(world, world.people[name])
    world.clock.at = ENDS_AT
    pass_time(world, number)
    assert (shown(world, number).state, case_of(world, number).turn) == (DrawState.VOID, Role.REGISTRAR)
    assert entries(world, number)[-1].kind == "draw:void"


def test_a_case_that_ended_meanwhile_is_drawn_for_no_more(world: World) -> None:
    number = promised(world)
    assert world.client("bai").post(f"/cases/{number}/withdrawal", data={"sure": "y"}).status_code == 303
    world.clock.at = ENDS_AT
    pass_time(world, number)
    with world.reading() as session:
        assert session.scalars(select(Draw.state)).one() is DrawState.VOID
        assert session.scalars(select(Appointment)).all() == []


# --- checking -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bai", "lu", "ren"])
def test_everybody_at_the_case_reads_the_same_draw_and_that_it_fits(world: World, name: str) -> None:
    number = drawn(world)
    page = world.client(name).get(f"/cases/{number}/draw").get_data(as_text=True)
    assert "This page has computed the draw again from the record: it fits." in page


def test_the_commands_of_the_page_give_the_fingerprints_of_the_page(world: World) -> None:
    number = drawn(world)
    page = unescape(world.client("bai").get(f"/cases/{number}/draw").get_data(as_text=True))
    seed, ticket = re.findall(r"printf '%s' '?([^' ]+)'? \| sha256sum", page)
    made = shown(world, number).made
    assert made is not None
    assert hashlib.sha256(seed.encode()).hexdigest() == shown(world, number).seed_sha256
    assert hashlib.sha256(ticket.encode()).hexdigest() in {one.sha256 for one in made.tickets}


def test_a_draw_whose_row_was_changed_behind_the_record_is_still_told_as_the_record_has_it(world: World) -> None:
    number = drawn(world)
    before = shown(world, number).made
    with world.writing() as session:
        draw = session.scalars(select(Draw)).one()
        draw.passed_over = str(draw.id)
    assert shown(world, number).made == before


def drawn(world: World) -> str:
    number = promised(world)
    add(world, number, "bai", "7")
    add(world, number, "lu", "11")
    return number


def first_in_order(world: World) -> UUID:
    from mediation.rules.draws import order

    with world.reading() as session:
        draw = session.scalars(select(Draw)).one()
        return UUID(order(draws._seed_of(session, draw), draw.list_text, {})[0].candidate.id)


def leave(world: World, account_id: UUID) -> None:
    with world.desk("ren") as desk:
        place = next(one for one in selections.members_at(desk) if one.account.id == account_id)
        accounts.end_member(desk, place.membership.id, at=world.clock())
