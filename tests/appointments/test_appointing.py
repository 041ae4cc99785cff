"""How a mediator comes to a case: asked, accepted, objected to, confirmed by silence, replaced."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from mediation import audit, jobs
from mediation.accounts import actions as accounts
from mediation.accounts import selections
from mediation.cases import appointment_duties, appointments, panel, seats
from mediation.cases.models import Appointment, Case
from mediation.cases.seats import Seat
from mediation.errors import Refused
from mediation.notices import Notice
from mediation.outbox import Job
from mediation.rules.access import Role, Thread
from mediation.rules.lifecycle import Answer, AppointmentState, Stage
from tests.stories import a_case
from tests.world import World

# Asked and accepted on Wednesday 24 September 2025 at 10:00; two working days end on Friday at 24:00 in Shanghai.
WINDOW_ENDS_AT = datetime(2025, 9, 26, 16, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def propose(world: World, number: str, mediator: str = "mo") -> None:
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people[mediator], at=world.clock())


def accept(world: World, number: str, mediator: str = "mo") -> None:
    with world.seat(mediator, number) as seat:
        appointments.accept_appointment(seat, at=world.clock())


def answer(world: World, number: str, name: str, what: Answer) -> None:
    with world.seat(name, number) as seat:
        appointments.answer_appointment(seat, what, at=world.clock())


def announced(world: World) -> str:
    """A case whose mediator has accepted, with the window for objections running."""
    number = a_case(world, Stage.JOINED)
    propose(world, number)
    accept(world, number)
    return number


def case_of(world: World, number: str) -> Case:
    with world.reading() as session:
        return session.scalars(select(Case).where(Case.number == number)).one()


def pass_time(world: World, number: str) -> None:
    """The worker does its duty now."""
    with world.writing() as session:
        payload = {"case": str(case_of(world, number).id)}
        appointment_duties.DUTIES["appointment:confirm"].keep(session, payload, None, at=world.clock())


def refused(world: World, number: str, name: str, what: Answer) -> str:
    with pytest.raises(Refused) as no, world.seat(name, number) as seat:
        appointments.answer_appointment(seat, what, at=world.clock())
    return no.value.key


def kinds(world: World, number: str, name: str, thread: Thread = Thread.CASE) -> list[str]:
    with world.seat(name, number) as seat:
        return [entry.kind for entry in audit.entries_seen_by(seat, thread)]


def told(world: World, name: str) -> list[str]:
    with world.reading() as session:
        return list(session.scalars(select(Notice.kind).where(Notice.account_id == world.people[name])))


# --- asking ---------------------------------------------------------------------------------------------------


def test_the_registrar_asks_a_member_of_the_panel(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    propose(world, number)
    case = case_of(world, number)
    assert (case.mediator_id, case.stage, case.turn) == (world.people["mo"], Stage.JOINED, Role.MEDIATOR)
    assert told(world, "mo") == ["mediator:proposed"]


@pytest.mark.parametrize("name", ["bai", "lu", "shi", "audit"])
def test_nobody_outside_the_panel_is_asked(world: World, name: str) -> None:
    number = a_case(world, Stage.JOINED)
    with pytest.raises(Refused, match="appointment:not-on-panel"):
        propose(world, number, name)


@pytest.mark.parametrize("name", ["bai", "lu"])
def test_no_party_appoints_the_mediator(world: World, name: str) -> None:
    number = a_case(world, Stage.JOINED)
    with world.seat(name, number) as seat:
        assert not seat.may("mediator:appoint")


def test_who_was_asked_sees_names_and_nothing_else(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    propose(world, number)
    with world.seat("mo", number) as seat:
        allowed = [each for each in ("claim:read", "room:read", "offer:read", "record:read") if seat.may(each)]
        assert seat.may("case:read")
        assert (allowed, seat.rooms(), seat.threads()) == ([], (), ())


def test_the_parties_hear_of_a_mediator_only_once_accepted(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    propose(world, number)
    with world.seat("bai", number) as seat:
        assert panel.appointment_seen_by(seat, at=world.clock()) is None
    assert told(world, "bai") == []


def test_the_panel_names_open_cases_and_cases_with_this_lender(world: World) -> None:
    a_case(world, Stage.OPEN, contract="XF-OTHER-1", mediator="ming")
    a_case(world, Stage.PERFORMED, contract="XF-OTHER-2", mediator="ming")
    world.clock.move(seconds=1)
    number = a_case(world, Stage.JOINED)
    with world.seat("ren", number) as seat:
        found = {
            each.name: (each.open_cases, each.with_lender) for each in panel.candidates_for(seat, at=world.clock())
        }
    assert found == {"莫文": (0, 0), "明哲": (1, 2)}


def test_choosing_somebody_else_ends_what_was_asked_before(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    propose(world, number, "mo")
    propose(world, number, "ming")
    with world.reading() as session:
        assert seats.seat_of(session, world.people["mo"], number) is None
        assert seats.seat_of(session, world.people["ming"], number) is not None


def test_no_second_mediator_is_asked_once_one_has_accepted(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    with pytest.raises(Refused, match="appointment:mediator-in-place"):
        propose(world, number, "ming")


# --- declaring ------------------------------------------------------------------------------------------------


def test_accepting_announces_the_mediator_and_starts_the_window(world: World) -> None:
    case = case_of(world, announced(world))
    assert (case.stage, case.turn, case.deadline_at) == (Stage.APPOINTED, None, WINDOW_ENDS_AT)
    assert told(world, "bai") == told(world, "lu") == ["mediator:accepted"]


def test_thirty_days_of_mediation_count_from_the_mediators_acceptance(world: World) -> None:
    case = case_of(world, announced(world))
    assert case.mediation_ends_at == datetime(2025, 10, 24, 16, 0, tzinfo=UTC)


def test_a_tie_to_one_side_ends_the_seat_of_who_declared_it(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    propose(world, number)
    with world.seat("mo", number) as seat:
        appointments.decline_appointment(seat, "出借方是我的旧雇主", at=world.clock())
    case = case_of(world, number)
    assert (case.mediator_id, case.turn, case.stage) == (None, Role.REGISTRAR, Stage.JOINED)
    with world.reading() as session:
        assert seats.seat_of(session, world.people["mo"], number) is None


def test_what_ties_a_mediator_is_read_by_the_registrar_alone(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    propose(world, number)
    with world.seat("mo", number) as seat:
        appointments.decline_appointment(seat, "出借方是我的旧雇主", at=world.clock())
    for name, expected in (("ren", ["出借方是我的旧雇主"]), ("bai", []), ("lu", [])):
        with world.seat(name, number) as seat:
            assert [each.declaration for each in panel.ended_appointments_seen_by(seat)] == expected
    for name in ("bai", "lu", "ren"):
        with world.seat(name, number) as seat:
            assert "旧雇主" not in str(audit.entries_seen_by(seat, Thread.CASE))


def test_nobody_is_asked_twice_in_one_case(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    propose(world, number)
    with world.seat("mo", number) as seat:
        appointments.decline_appointment(seat, "", at=world.clock())
    with pytest.raises(Refused, match="appointment:not-on-panel"):
        propose(world, number, "mo")


# --- answering ------------------------------------------------------------------------------------------------


def test_two_acceptances_open_the_case_before_the_window_ends(world: World) -> None:
    number = announced(world)
    answer(world, number, "bai", Answer.ACCEPT)
    answer(world, number, "lu", Answer.ACCEPT)
    case = case_of(world, number)
    assert (case.stage, case.turn, case.deadline_kind) == (Stage.OPEN, Role.MEDIATOR, "contact-parties")
    assert case.deadline_at == WINDOW_ENDS_AT


def test_one_acceptance_leaves_the_other_side_its_time(world: World) -> None:
    number = announced(world)
    answer(world, number, "bai", Answer.ACCEPT)
    assert case_of(world, number).stage is Stage.APPOINTED


def test_each_side_answers_once(world: World) -> None:
    number = announced(world)
    answer(world, number, "bai", Answer.ACCEPT)
    assert refused(world, number, "bai", Answer.OBJECT) == "appointment:already-answered"


@pytest.mark.parametrize("name", ["bai", "lu"])
def test_an_objection_ends_the_mediators_access_at_once(world: World, name: str) -> None:
    number = announced(world)
    mediator = world.client("mo")
    assert mediator.get(f"/cases/{number}/rooms").status_code == 200
    answer(world, number, name, Answer.OBJECT)
    assert mediator.get(f"/cases/{number}/rooms").status_code == 404
    assert mediator.get(f"/cases/{number}/appointment").status_code == 404


def test_after_an_objection_the_registrar_chooses_anew(world: World) -> None:
    number = announced(world)
    answer(world, number, "bai", Answer.OBJECT)
    case = case_of(world, number)
    assert (case.stage, case.turn, case.mediator_id, case.mediation_ends_at) == (
        Stage.JOINED, Role.REGISTRAR, None, None,
    )  # fmt: skip


def test_the_other_side_learns_only_that_a_new_mediator_is_sought(world: World) -> None:
    number = announced(world)
    answer(world, number, "bai", Answer.OBJECT)
    assert told(world, "lu") == ["mediator:accepted", "mediator:replaced"]
    assert "mediator:objected" not in kinds(world, number, "lu")
    assert "mediator:objected" in kinds(world, number, "bai", Thread.CAUCUS_BORROWER)


def test_a_side_objects_to_one_mediator_of_a_case_at_most(world: World) -> None:
    number = announced(world)
    answer(world, number, "bai", Answer.OBJECT)
    propose(world, number, "ming")
    accept(world, number, "ming")
    assert refused(world, number, "bai", Answer.OBJECT) == "appointment:objection-used"
    answer(world, number, "lu", Answer.OBJECT)
    assert case_of(world, number).stage is Stage.JOINED


# --- silence --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "stage"),
    [(-SECOND, Stage.APPOINTED), (0 * SECOND, Stage.OPEN), (SECOND, Stage.OPEN)],
)
def test_silence_lets_the_appointment_stand_exactly_at_the_windows_end(
    world: World, moment: timedelta, stage: Stage
) -> None:
    number = announced(world)
    world.clock.at = WINDOW_ENDS_AT + moment
    pass_time(world, number)
    assert case_of(world, number).stage is stage


@pytest.mark.parametrize(("moment", "status"), [(-SECOND, 303), (0 * SECOND, 409), (SECOND, 409)])
def test_an_objection_is_in_time_before_the_windows_end_and_not_at_it(
    world: World, moment: timedelta, status: int
) -> None:
    number = announced(world)
    world.clock.at = WINDOW_ENDS_AT + moment
    response = world.client("bai").post(f"/cases/{number}/appointment/answer", data={"answer": "object"})
    assert response.status_code == status


def test_a_late_worker_keeps_nobody_out(world: World) -> None:
    number = announced(world)
    world.clock.at = WINDOW_ENDS_AT
    with world.app.test_request_context():
        page = world.client("bai").get(f"/cases/{number}/appointment").get_data(as_text=True)
    assert "The appointment stands" in page
    assert case_of(world, number).stage is Stage.APPOINTED


def test_the_first_writer_after_the_window_writes_what_time_decided(world: World) -> None:
    number = announced(world)
    world.clock.at = WINDOW_ENDS_AT + timedelta(hours=9)
    sent = world.client("bai").post(f"/cases/{number}/rooms/caucus-borrower/messages", data={"text": "您好"})
    assert sent.status_code == 303
    assert case_of(world, number).stage is Stage.OPEN
    assert "mediator:confirmed" in kinds(world, number, "bai")


def test_however_late_the_worker_the_mediators_time_counts_from_the_windows_end(world: World) -> None:
    number = announced(world)
    world.clock.at = WINDOW_ENDS_AT + timedelta(days=5)
    pass_time(world, number)
    # The window ended on Friday at 24:00; the Sunday after is a make-up workday, so Sunday, Monday and Tuesday work.
    assert case_of(world, number).deadline_at == datetime(2025, 9, 30, 16, 0, tzinfo=UTC)


def test_confirming_twice_changes_nothing(world: World) -> None:
    number = announced(world)
    world.clock.at = WINDOW_ENDS_AT
    pass_time(world, number)
    pass_time(world, number)
    assert kinds(world, number, "bai").count("mediator:confirmed") == 1


def test_the_duty_of_an_objected_appointment_confirms_nobody(world: World) -> None:
    number = announced(world)
    answer(world, number, "lu", Answer.OBJECT)
    propose(world, number, "ming")
    world.clock.at = WINDOW_ENDS_AT
    pass_time(world, number)
    assert case_of(world, number).stage is Stage.JOINED


def test_the_duty_is_promised_for_the_windows_end(world: World) -> None:
    announced(world)
    with world.reading() as session:
        due = session.scalars(select(Job.run_at).where(Job.kind == "appointment:confirm")).all()
    assert due == [WINDOW_ENDS_AT]


# --- stepping back --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [Stage.APPOINTED, Stage.OPEN, Stage.TERMS_AGREED, Stage.SIGNING])
def test_stepping_back_ends_access_at_once_at_any_stage(world: World, stage: Stage) -> None:
    number = a_case(world, stage)
    mediator = world.client("mo")
    assert mediator.post(f"/cases/{number}/appointment/recusal").status_code == 303
    assert mediator.get(f"/cases/{number}/appointment").status_code == 404


def test_stepping_back_at_the_table_leaves_the_turn_where_it_was(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        case.turn, case.deadline_at = Role.BORROWER, WINDOW_ENDS_AT
    with world.seat("mo", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    case = case_of(world, number)
    assert (case.stage, case.turn, case.deadline_at) == (Stage.OPEN, Role.BORROWER, WINDOW_ENDS_AT)


def test_a_successor_at_the_table_sees_names_alone_until_accepting(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    with world.seat("mo", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    propose(world, number, "ming")
    with world.seat("ming", number) as seat:
        assert (seat.rooms(), seat.may("claim:read"), seat.may("offer:read")) == ((), False, False)
    accept(world, number, "ming")
    with world.seat("ming", number) as seat:
        assert seat.may("offer:read")


def test_a_successor_at_the_table_may_be_objected_to_and_the_case_stays_open(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    with world.seat("mo", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    propose(world, number, "ming")
    accept(world, number, "ming")
    answer(world, number, "bai", Answer.OBJECT)
    case = case_of(world, number)
    assert (case.stage, case.mediator_id) == (Stage.OPEN, None)


def test_each_decision_is_one_entry_of_the_record(world: World) -> None:
    number = announced(world)
    answer(world, number, "bai", Answer.ACCEPT)
    answer(world, number, "lu", Answer.ACCEPT)
    assert kinds(world, number, "bai") == [
        "mediator:proposed", "mediator:accepted", "mediator:agreed", "mediator:agreed", "mediator:confirmed",
    ]  # fmt: skip


def test_an_appointment_that_gave_way_names_its_successor(world: World) -> None:
    number = announced(world)
    answer(world, number, "bai", Answer.OBJECT)
    propose(world, number, "ming")
    with world.reading() as session:
        found = session.scalars(select(Appointment).order_by(Appointment.id)).all()
    assert [each.state for each in found] == [AppointmentState.REPLACED, AppointmentState.PROPOSED]
    with world.seat("bai", number) as seat:
        entry = audit.entries_seen_by(seat, Thread.CASE)[-1]
    assert entry.body is not None
    assert UUID(entry.body["replaces"]) == found[0].id


def test_only_time_confirms(world: World) -> None:
    number = announced(world)
    with world.seat("ren", number) as seat:
        assert not seat.may("time:pass")
    with world.writing() as session:
        assert Seat.system(session, seats.lock_case(session, case_of(world, number).id)).may("time:pass")


# --- whose place on the panel ends ------------------------------------------------------------------------------


def end_place(world: World, name: str = "mo") -> None:
    with world.desk("ren") as desk:
        place = next(each for each in selections.members_at(desk) if each.account.id == world.people[name])
        accounts.end_member(desk, place.membership.id, at=world.clock())


def test_a_mediator_whose_place_has_ended_finds_no_case_at_once(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    mo, shi = world.client("mo"), world.client("shi")
    end_place(world)
    with world.reading() as session:
        assert seats.seat_of(session, world.people["mo"], number) is None
    signed_in_again = world.client("mo")
    gone = signed_in_again.get(f"/cases/{number}/messages?room=caucus-borrower")
    absent = shi.get(f"/cases/{number}/messages?room=caucus-borrower")
    assert (gone.status_code, gone.data, mo.get("/account").status_code) == (404, absent.data, 303)
    assert signed_in_again.post(f"/cases/{number}/messages", data={"text": "x"}).status_code == 404


def test_the_seat_of_a_mediator_who_has_left_the_panel_is_empty_without_waiting_for_the_worker(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    end_place(world)
    propose(world, number, "ming")
    assert kinds(world, number, "ren")[-2:] == ["mediator:left", "mediator:proposed"]
    run_due(world)
    assert case_of(world, number).mediator_id == world.people["ming"]
    assert kinds(world, number, "ren").count("mediator:left") == 1


@pytest.mark.parametrize("stage", [Stage.JOINED, Stage.APPOINTED, Stage.OPEN, Stage.SIGNING])
def test_the_worker_empties_each_seat_of_whoever_left_and_tells_the_registrar(world: World, stage: Stage) -> None:
    number = a_case(world, stage)
    if stage is Stage.JOINED:
        propose(world, number)
    end_place(world)
    run_due(world)
    case = case_of(world, number)
    expected = Stage.JOINED if stage is Stage.APPOINTED else stage
    assert (case.mediator_id, case.stage) == (None, expected)
    assert kinds(world, number, "ren")[-1] == "mediator:left"
    assert "mediator:vacant" in told(world, "ren")
    propose(world, number, "ming")


def test_a_case_that_is_over_keeps_its_mediator_when_the_place_ends(world: World) -> None:
    number = a_case(world, Stage.IN_FORCE)
    end_place(world)
    run_due(world)
    assert case_of(world, number).mediator_id == world.people["mo"]
    with world.reading() as session:
        assert seats.seat_of(session, world.people["mo"], number) is None


def run_due(world: World) -> None:
    jobs.run_due(world.engine, world.info, world.clock)
