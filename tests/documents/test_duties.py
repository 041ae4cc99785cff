"""What the lender owes both sides, by when, and what happens when it does not come."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from mediation import audit, jobs
from mediation.cases.models import Appointment, Case, Claim, ClaimBasis
from mediation.disclosures import duties, duty_jobs
from mediation.disclosures.document_models import Audience, DutyOverdue, Kind
from mediation.errors import NotPermitted, Refused
from mediation.notices import Notice
from mediation.outbox import Job
from mediation.rules import duties as rules
from mediation.rules.access import Thread
from mediation.rules.duties import DutyState, Item, OwedItem
from mediation.rules.lifecycle import Stage
from tests.documents.made import a_pdf, add, fulfil, state
from tests.offers.table import refusal, system
from tests.stories import a_case
from tests.world import World

OWED = (Item.CONTRACT, Item.DISBURSEMENT, Item.PAYMENTS, Item.FEES, Item.CREDIT_REPORT)
# The table opened on 2025-09-24; seven days end on 10-01, in the long holiday, so on the first working day after it.
END = datetime(2025, 10, 9, 16, 0, tzinfo=UTC)


def states(world: World, name: str, number: str) -> dict[Item, DutyState]:
    with world.seat(name, number) as seat:
        return {line.item: line.state for line in duties.checklist_seen_by(seat, at=world.clock())}


def final_offer(world: World, number: str, name: str = "lu") -> str:
    with world.seat(name, number) as seat:
        return refusal(duties.check_final_offer, seat, at=world.clock())


def tick(world: World, at: datetime) -> None:
    """The worker sweeps and does what is due at that moment."""
    world.clock.at = at
    jobs.sweep(world.engine, at=at)
    jobs.run_due(world.engine, world.info, world.clock)


def overdue_entries(world: World, number: str, name: str = "bai") -> list[object]:
    with world.seat(name, number) as seat:
        found = audit.entries_seen_by(seat, Thread.CASE)
    return [dict(entry.body or {}) for entry in found if entry.kind == "duty:overdue"]


def assign(world: World, number: str) -> None:
    """The lender claims by assignment, in a version of the claim of its own."""
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        first = session.scalars(select(Claim).where(Claim.case_id == case.id)).one()
        given = {column.name: getattr(first, column.name) for column in Claim.__table__.columns if column.name != "id"}
        session.add(Claim(**{**given, "version": 2, "basis": ClaimBasis.ASSIGNED}))
        case.claim_version = 2


# --- the rule -----------------------------------------------------------------------------------------------


def test_the_chain_of_assignments_is_owed_only_by_an_assignee() -> None:
    assert rules.owed(is_assigned=False) == OWED
    assert set(rules.owed(is_assigned=True)) - set(OWED) == {Item.ASSIGNMENT}


@pytest.mark.parametrize(
    ("fulfilled_at", "at", "expected"),
    [
        (None, END - timedelta(microseconds=1), DutyState.AWAITED),
        (None, END, DutyState.OVERDUE),
        (END - timedelta(days=1), END, DutyState.FULFILLED),
        (END + timedelta(days=1), END + timedelta(days=1), DutyState.FULFILLED),
    ],
)
def test_an_item_is_overdue_from_its_end_on_until_it_is_there(
    fulfilled_at: datetime | None, at: datetime, expected: DutyState
) -> None:
    assert OwedItem(Item.FEES, END, fulfilled_at).state(at) is expected


def test_before_the_table_opens_nothing_is_overdue() -> None:
    assert OwedItem(Item.FEES, None).state(END) is DutyState.AWAITED


def test_what_came_late_is_there_and_was_late() -> None:
    late = OwedItem(Item.FEES, END, END)
    assert (late.came_late, rules.overdue([late], at=END), rules.not_in_time([late], at=END)) == (
        True,
        (),
        (Item.FEES,),
    )


def test_what_came_in_time_is_not_among_the_late() -> None:
    assert rules.not_in_time([OwedItem(Item.FEES, END, END - timedelta(seconds=1))], at=END) == ()


def test_the_refusal_says_how_many_are_missing() -> None:
    with pytest.raises(Refused, match="duty:overdue") as no:
        rules.check_nothing_overdue([OwedItem(Item.FEES, END), OwedItem(Item.CONTRACT, END)], at=END)
    assert no.value.facts == {"count": 2}


# --- the checklist ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bai", "lu", "mo"])
def test_everybody_at_the_table_reads_the_same_list(world: World, name: str) -> None:
    number = a_case(world)
    with world.seat(name, number) as seat:
        lines = duties.checklist_seen_by(seat, at=world.clock())
    assert [(line.item, line.state, line.due_on) for line in lines] == [
        (item, DutyState.AWAITED, date(2025, 10, 9)) for item in OWED
    ]


def test_a_claim_by_assignment_adds_the_chain(world: World) -> None:
    number = a_case(world)
    assign(world, number)
    assert Item.ASSIGNMENT in states(world, "bai", number)


def test_a_shared_document_of_its_kind_fulfils_an_item(world: World) -> None:
    number = a_case(world)
    fulfil(world, number, Item.CONTRACT)
    assert [item for item, how in states(world, "bai", number).items() if how is DutyState.FULFILLED] == [Item.CONTRACT]


def test_a_document_for_the_mediator_alone_fulfils_nothing(world: World) -> None:
    number = a_case(world)
    add(world, number, "lu", kind=Kind.CONTRACT, audience=Audience.MEDIATOR)
    for name in ("bai", "lu", "mo"):
        assert states(world, name, number)[Item.CONTRACT] is DutyState.AWAITED


def test_what_the_borrower_puts_down_fulfils_nothing_of_the_lenders(world: World) -> None:
    number = a_case(world)
    add(world, number, "bai", kind=Kind.CONTRACT)
    assert states(world, "bai", number)[Item.CONTRACT] is DutyState.AWAITED


def test_a_stated_fact_fulfils_an_item_and_both_read_it(world: World) -> None:
    number = a_case(world)
    state(world, number, Item.FEES, "除利息外没有收过任何费用。")
    with world.seat("bai", number) as seat:
        (line,) = [one for one in duties.checklist_seen_by(seat, at=world.clock()) if one.item is Item.FEES]
        kinds = [entry.kind for entry in audit.entries_seen_by(seat, Thread.CASE)]
    assert (line.state, [fact.text for fact in line.stated]) == (DutyState.FULFILLED, ["除利息外没有收过任何费用。"])
    assert kinds == ["duty:stated"]


def test_a_second_statement_stands_beside_the_first(world: World) -> None:
    number = a_case(world)
    for text in ("没有费用。", "有一笔会员费。"):
        world.clock.move(minutes=1)
        state(world, number, Item.FEES, text)
    with world.seat("bai", number) as seat:
        (line,) = [one for one in duties.checklist_seen_by(seat, at=world.clock()) if one.item is Item.FEES]
    assert [fact.text for fact in line.stated] == ["没有费用。", "有一笔会员费。"]


def test_what_is_not_owed_is_not_stated(world: World) -> None:
    assert refusal(state, world, a_case(world), Item.ASSIGNMENT) == "duty:not-owed"


@pytest.mark.parametrize(("text", "key"), [(" 无 ", "duty:fact-missing"), ("长" * 1001, "duty:fact-too-long"),
                                           ("没有\u202e费用的", "duty:fact-hides")])  # fmt: skip
def test_a_statement_is_a_sentence_that_can_be_read(world: World, text: str, key: str) -> None:
    assert refusal(state, world, a_case(world), Item.FEES, text) == key


def test_only_the_lender_states_what_the_lender_owes(world: World) -> None:
    number = a_case(world)
    for name in ("bai", "mo"):
        with world.seat(name, number) as seat, pytest.raises(NotPermitted):
            duties.state_fact(seat, Item.FEES, "没有费用。", at=world.clock())


def test_a_change_of_mediator_gives_no_more_time(world: World) -> None:
    number = a_case(world)
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        given = {"case_id": case.id, "mediator_id": world.people["ming"], "proposed_by": world.people["ren"]}
        later = world.clock() + timedelta(days=5)
        session.add(Appointment(**given, state="confirmed", proposed_at=later, accepted_at=later, confirmed_at=later))
    with world.seat("bai", number) as seat:
        assert duties.checklist_seen_by(seat, at=world.clock())[0].due_on == date(2025, 10, 9)


def test_the_time_begins_when_the_table_opens_also_where_no_worker_has_written_it(world: World) -> None:
    number = a_case(world, Stage.APPOINTED)
    with world.seat("lu", number) as seat:
        assert duties.checklist_seen_by(seat, at=world.clock())[0].due_on is None
        later = world.clock() + timedelta(days=3)
        assert duties.checklist_seen_by(seat, at=later)[0].due_on == date(2025, 10, 9)


def test_where_no_calendar_reaches_nothing_is_overdue_and_the_page_still_stands(world: World) -> None:
    number = a_case(world)
    with world.writing() as session:
        session.execute(update(Appointment).values(confirmed_at=datetime(2039, 12, 30, tzinfo=UTC)))
    with world.seat("bai", number) as seat:
        lines = duties.checklist_seen_by(seat, at=datetime(2040, 6, 1, tzinfo=UTC))
    assert {(line.state, line.due_on) for line in lines} == {(DutyState.AWAITED, None)}


# --- the last word ------------------------------------------------------------------------------------------


def test_the_lender_says_its_last_word_while_nothing_is_overdue(world: World) -> None:
    number = a_case(world)
    world.clock.at = END - timedelta(seconds=1)
    assert final_offer(world, number) == "done"


def test_an_overdue_item_blocks_the_lenders_last_word(world: World) -> None:
    number = a_case(world)
    fulfil(world, number, *OWED[:-1])
    world.clock.at = END
    assert final_offer(world, number) == "duty:overdue"
    state(world, number, Item.CREDIT_REPORT, "没有报送过逾期。")
    assert final_offer(world, number) == "done"


def test_the_borrowers_last_word_hangs_on_nothing_that_the_lender_owes(world: World) -> None:
    number = a_case(world)
    world.clock.at = END
    assert final_offer(world, number, "bai") == "done"


def test_the_mediator_makes_no_offer(world: World) -> None:
    number = a_case(world)
    with world.seat("mo", number) as seat, pytest.raises(NotPermitted):
        duties.check_final_offer(seat, at=world.clock())


# --- what time does -----------------------------------------------------------------------------------------


def test_what_is_overdue_is_on_the_record_once_and_everybody_is_told(world: World) -> None:
    number = a_case(world)
    fulfil(world, number, Item.CONTRACT)
    tick(world, world.clock())
    tick(world, END)
    tick(world, END + timedelta(hours=2))
    assert overdue_entries(world, number) == [{"items": ["disbursement", "payments", "fees", "credit_report"]}]
    with world.reading() as session:
        told = session.scalars(select(Notice.account_id).where(Notice.kind == "duty:overdue")).all()
        noted = session.scalars(select(DutyOverdue.items)).all()
    assert sorted(told) == sorted(world.people[name] for name in ("bai", "lu", "mo"))
    assert noted == ["disbursement payments fees credit_report"]


def test_the_end_is_promised_for_its_own_moment(world: World) -> None:
    a_case(world)
    tick(world, world.clock())
    with world.reading() as session:
        assert session.scalars(select(Job.run_at).where(Job.kind == duty_jobs.KIND)).all() == [END]


def test_what_came_late_but_before_the_worker_is_noted_as_well(world: World) -> None:
    number = a_case(world)
    fulfil(world, number, *OWED[:-1])
    tick(world, world.clock())
    world.clock.at = END + timedelta(minutes=5)
    fulfil(world, number, OWED[-1])
    tick(world, END + timedelta(minutes=10))
    assert overdue_entries(world, number) == [{"items": ["credit_report"]}]


def test_a_lender_that_laid_all_open_has_nothing_noted(world: World) -> None:
    number = a_case(world)
    fulfil(world, number, *OWED)
    tick(world, world.clock())
    tick(world, END)
    assert overdue_entries(world, number) == []


@pytest.mark.parametrize("stage", [Stage.IN_FORCE, Stage.WITHDRAWN])
def test_nothing_is_noted_where_there_is_no_table_any_more(world: World, stage: Stage) -> None:
    number = a_case(world)
    tick(world, world.clock())
    with world.writing() as session:
        session.execute(update(Case).values(stage=stage))
    tick(world, END)
    assert overdue_entries(world, number) == []


def test_only_the_clock_notes(world: World) -> None:
    number = a_case(world)
    with world.seat("mo", number) as seat, pytest.raises(NotPermitted):
        duties.note_overdue(seat, at=END)
    with system(world, number) as seat:
        duties.note_overdue(seat, at=END)
    assert len(overdue_entries(world, number)) == 1


def test_a_version_of_a_document_keeps_the_item_fulfilled_since_its_first(world: World) -> None:
    from tests.documents.made import replace

    number = a_case(world)
    document_id = add(world, number, "lu", kind=Kind.FEES)
    world.clock.at = END + timedelta(days=1)
    replace(world, number, "lu", document_id, a_pdf("newer"))
    with world.seat("bai", number) as seat:
        (line,) = [one for one in duties.checklist_seen_by(seat, at=world.clock()) if one.item is Item.FEES]
    assert (line.state, line.came_late) == (DutyState.FULFILLED, False)
