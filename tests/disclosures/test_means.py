"""The statement of means as actions keep it: drafts, versions, the cap, documents seen, and who reads what."""

import hashlib

import pytest
from sqlalchemy import func, select

from mediation import audit
from mediation.cases import appointments
from mediation.cases.models import Case, Consent, ConsentEnd, Purpose, Seating
from mediation.disclosures import actions, drafts, means
from mediation.disclosures.answers import Answer
from mediation.disclosures.models import MeansSection, MeansStatement, Section
from mediation.disclosures.questions import question_at
from mediation.disclosures.sharing import Band, Readers, band_of
from mediation.errors import NotFound, NotPermitted, Refused, Stale
from mediation.notices import Notice
from mediation.rules.access import OF_NO_CASE, Role, Thread
from mediation.rules.affordability import Profile, Standing
from mediation.rules.lifecycle import Stage
from tests.disclosures.household import CAP, SUMMARIES, fill, given, keep, said, share, state, stated_case
from tests.stories import a_case
from tests.world import World


def draft(world: World, number: str) -> drafts.Draft:
    with world.seat("bai", number) as seat:
        return drafts.draft_of(seat)


def cap_seen(world: World, number: str, name: str) -> int | None:
    with world.seat(name, number) as seat:
        return means.cap_seen_by(seat)


def shared(world: World, number: str) -> means.Shared:
    with world.seat("lu", number) as seat:
        return means.shared_with(seat)


def verify(world: World, number: str, section: Section, key: str, sha256: str) -> None:
    with world.seat("mo", number) as seat:
        actions.verify_line(seat, section, key, seen_sha256=sha256, at=world.clock())


def kinds(world: World, number: str, name: str, thread: Thread) -> list[str]:
    with world.seat(name, number) as seat:
        return [entry.kind for entry in audit.entries_seen_by(seat, thread)]


# --- drafts ---


def test_a_draft_keeps_exactly_what_was_typed(world: World) -> None:
    number = a_case(world)
    keep(world, number, Section.INCOME, "wage", given("1,200", "weekly"))
    assert draft(world, number).section(Section.INCOME).answers["wage"] == given("1,200", "weekly")


def test_what_does_not_hold_yet_is_kept_as_typed_and_not_counted(world: World) -> None:
    number = a_case(world)
    with world.seat("bai", number) as seat:
        question = question_at(Section.SPENDING, "food", Profile.CHINA)
        assert question
        actions.keep_as_typed(seat, question, given("about 1,1"), at=world.clock())
    kept = draft(world, number)
    assert (kept.section(Section.SPENDING).answers["food"].amount, kept.lines(Section.SPENDING)) == ("about 1,1", ())
    assert [each.key for each in kept.unread()] == ["food"]


def test_an_empty_draft_does_not_undo_what_was_answered(world: World) -> None:
    number = a_case(world)
    keep(world, number, Section.SPENDING, "elders", Answer(told="withheld"))
    with world.seat("bai", number) as seat:
        question = question_at(Section.SPENDING, "elders", Profile.CHINA)
        assert question
        actions.keep_as_typed(seat, question, given(""), at=world.clock())
    assert draft(world, number).section(Section.SPENDING).answers["elders"].told == "withheld"


def test_two_questions_of_one_section_do_not_overwrite_each_other(world: World) -> None:
    number = a_case(world)
    keep(world, number, Section.INCOME, "wage", given("5,200"))
    keep(world, number, Section.INCOME, "pension", given("800"))
    assert set(draft(world, number).section(Section.INCOME).answers) == {"wage", "pension"}


def test_there_is_one_row_for_each_section(world: World) -> None:
    fill(world, number := a_case(world))
    with world.reading() as session:
        rows = session.scalar(select(func.count()).select_from(MeansSection))
    assert (rows, draft(world, number).is_done(Section.SPENDING)) == (4, True)


def test_a_row_does_not_open_as_another_section(world: World) -> None:
    from mediation.keys import Unreadable

    number = a_case(world)
    keep(world, number, Section.INCOME, "wage", given("5,200"))
    with world.writing() as session:
        row = session.scalars(select(MeansSection)).one()
        session.add(
            MeansSection(
                case_id=row.case_id,
                section=Section.SPENDING,
                sealed=row.sealed,
                kept_by=row.kept_by,
                kept_at=row.kept_at,
            )
        )
    with pytest.raises(Unreadable):
        draft(world, number)


@pytest.mark.parametrize("name", ["lu", "mo"])
def test_nobody_but_the_borrower_writes_or_reads_a_draft(world: World, name: str) -> None:
    number = a_case(world)
    with pytest.raises(NotPermitted):
        keep(world, number, Section.INCOME, "wage", given("1"), name=name)
    with world.seat(name, number) as seat, pytest.raises(NotPermitted):
        drafts.draft_of(seat)


def test_a_debt_taken_off_the_list_keeps_what_was_typed_and_does_not_count(world: World) -> None:
    number = a_case(world)
    card = Answer(told="given", amount="300", period="monthly", text="银行", priority="no", balance="12,000")
    keep(world, number, Section.DEBTS, "debt-1", card)
    keep(world, number, Section.DEBTS, "debt-1", Answer("removed", *card.__getstate__()[1:]))  # type: ignore[index]
    kept = draft(world, number)
    assert (kept.lines(Section.DEBTS)[1:], kept.section(Section.DEBTS).answers["debt-1"].text) == ((), "银行")


def test_listing_a_debt_answers_whether_there_is_one(world: World) -> None:
    number = a_case(world)
    rent = Answer(told="given", amount="200", period="monthly", text="房东", priority="yes")
    keep(world, number, Section.DEBTS, "debt-1", rent)
    assert [line.key for line in draft(world, number).lines(Section.DEBTS)] == ["any", "debt-1"]


@pytest.mark.parametrize(
    ("section", "key", "answer", "refused"),
    [
        (Section.INCOME, "wage", given(""), ("money:empty", "amount")),
        (Section.INCOME, "wage", given("-5"), ("money:negative", "amount")),
        (Section.INCOME, "wage", given("5", "hourly"), ("means:choose", "period")),
        (Section.SAVINGS, "savings", given("lots"), ("money:not-an-amount", "amount")),
        (Section.HOUSEHOLD, "children", said("two"), ("means:number", "count")),
        (Section.HOUSEHOLD, "children", said("21"), ("means:people-out-of-range", "count")),
        (Section.HOUSEHOLD, "children", said("9" * 5000), ("means:people-out-of-range", "count")),
        (Section.HOUSEHOLD, "partner", said("perhaps"), ("means:choose", "yes")),
        (Section.WORDS, "text", said(" \n "), ("means:words-missing", "words")),
        (Section.WORDS, "text", said("x" * 2001), ("means:words-too-long", "words")),
        (Section.DEBTS, "debt-1", given("5"), ("means:creditor-missing", "creditor")),
        (Section.DEBTS, "debt-1", Answer("given", "5", "monthly", "银行"), ("means:choose", "priority")),
    ],
)
def test_an_answer_that_does_not_hold_is_refused_at_its_field(
    world: World, section: Section, key: str, answer: Answer, refused: tuple[str, str]
) -> None:
    number = a_case(world)
    with pytest.raises(Refused) as no:
        keep(world, number, section, key, answer)
    assert (no.value.key, no.value.field) == refused


def test_savings_and_words_have_no_summary(world: World) -> None:
    number = a_case(world)
    for section in (Section.SAVINGS, Section.HARDSHIP, Section.WORDS):
        with pytest.raises(Refused):
            share(world, number, {section: Readers.SUMMARY})


def test_a_case_of_another_jurisdiction_asks_by_the_standard_financial_statement(world: World) -> None:
    number = a_case(world)
    with world.writing() as session:
        session.scalars(select(Case)).one().calendar = "uk"
    assert draft(world, number).profile is Profile.SFS


# --- stating ---


def test_scenario_a_stated_gives_the_mediator_a_cap_of_1260(world: World) -> None:
    stated_case(world, number := a_case(world))
    assert [cap_seen(world, number, name) for name in ("bai", "mo", "lu")] == [CAP, CAP, None]


def test_the_cap_for_a_check_is_the_same(world: World) -> None:
    stated_case(world, a_case(world))
    with world.reading() as session:
        assert means.cap_of(session, session.scalars(select(Case)).one()) == CAP


def test_before_anything_is_stated_there_is_no_cap(world: World) -> None:
    fill(world, number := a_case(world))
    assert [cap_seen(world, number, name) for name in ("bai", "mo")] == [None, None]


def test_a_deficit_is_stated_as_a_cap_of_nothing(world: World) -> None:
    number = a_case(world)
    fill(world, number, housing="4,000")
    state(world, number)
    with world.seat("mo", number) as seat:
        stated = means.statement_seen_by(seat)
    assert stated
    assert (stated.reckoning.standing, stated.reckoning.cap) == (Standing.SHORT, 0)


def test_a_statement_is_one_entry_in_the_borrowers_thread_without_a_figure(world: World) -> None:
    sha256 = stated_case(world, number := a_case(world))
    with world.seat("mo", number) as seat:
        entries = audit.entries_seen_by(seat, Thread.CAUCUS_BORROWER)
    assert [entry.kind for entry in entries] == ["means:stated"]
    assert entries[0].body
    assert set(entries[0].body) == {"statement", "sha256"}
    assert entries[0].body["sha256"] == sha256


def test_the_record_of_the_case_and_of_the_lender_does_not_know_of_it(world: World) -> None:
    stated_case(world, number := a_case(world))
    assert [kinds(world, number, "lu", thread) for thread in Thread if thread not in OF_NO_CASE] == [[]] * 4


def test_the_same_answers_have_another_fingerprint_each_time(world: World) -> None:
    number = a_case(world)
    assert stated_case(world, number) != state(world, number)


def test_the_mediator_is_told_and_nobody_else(world: World) -> None:
    stated_case(world, a_case(world))
    with world.reading() as session:
        told = session.scalars(select(Notice.account_id).where(Notice.kind == "means:stated")).all()
    assert told == [world.people["mo"]]


def test_a_new_version_takes_the_place_of_the_old_one_which_stays(world: World) -> None:
    stated_case(world, number := a_case(world))
    keep(world, number, Section.SPENDING, "housing", given("1,700"))
    assert cap_seen(world, number, "mo") == CAP
    state(world, number)
    with world.reading() as session:
        versions = session.scalars(select(MeansStatement.version).order_by(MeansStatement.version)).all()
    assert (cap_seen(world, number, "mo"), versions) == (108_000, [1, 2])


def test_what_was_not_on_the_page_is_not_stated(world: World) -> None:
    fill(world, number := a_case(world))
    with world.seat("bai", number) as seat:
        seen = drafts.fingerprint_of(seat, drafts.draft_of(seat))
    keep(world, number, Section.INCOME, "wage", given("9,999"))
    with world.seat("bai", number) as seat, pytest.raises(Stale):
        actions.state_means(seat, seen=seen, at=world.clock())


def test_an_answer_that_cannot_be_read_is_not_stated(world: World) -> None:
    fill(world, number := a_case(world))
    with world.seat("bai", number) as seat:
        question = question_at(Section.SAVINGS, "savings", Profile.CHINA)
        assert question
        actions.keep_as_typed(seat, question, given("1,2"), at=world.clock())
    with pytest.raises(Refused) as no:
        state(world, number)
    assert no.value.key == "means:unfinished"


def test_nothing_at_all_is_not_stated(world: World) -> None:
    with pytest.raises(Refused) as no:
        state(world, a_case(world))
    assert no.value.key == "means:nothing-stated"


def test_part_of_it_may_be_stated_and_gives_no_cap(world: World) -> None:
    number = a_case(world)
    keep(world, number, Section.HARDSHIP, "text", said("生病"))
    state(world, number)
    assert cap_seen(world, number, "mo") is None


def test_without_consent_nothing_is_released_to_the_lender_and_with_it_the_record_knows(world: World) -> None:
    fill(world, number := a_case(world))
    with world.writing() as session:
        case = session.scalars(select(Case)).one()
        session.add(
            Seating(case_id=case.id, account_id=world.people["an"], role=Role.BORROWER, since_at=world.clock())
        )  # a second borrower, who has consented to nothing yet
    state(world, number, name="an")
    share(world, number, {Section.INCOME: Readers.SUMMARY})
    with pytest.raises(Refused) as no:
        state(world, number, name="an")
    assert no.value.key == "means:no-consent-to-share"
    state(world, number, name="an", consent_words="我同意")
    with world.seat("bai", number) as seat:
        body = audit.entries_seen_by(seat, Thread.CAUCUS_BORROWER)[-1].body
    assert body
    assert body["consent_sha256"] == hashlib.sha256("我同意".encode()).hexdigest()
    state(world, number, name="an")


def test_a_consent_taken_back_closes_the_lenders_page_and_lets_nothing_more_through(world: World) -> None:
    stated_case(world, number := a_case(world), SUMMARIES)
    assert shared(world, number).band
    with world.writing() as session:
        consent = session.scalars(select(Consent).where(Consent.purpose == Purpose.SHARE_WITH_LENDER)).one()
        session.add(ConsentEnd(consent_id=consent.id, taken_back_at=world.clock()))
    assert shared(world, number) == means.Shared()
    with pytest.raises(Refused) as no:
        state(world, number, consent_words="我同意")
    assert no.value.key == "means:consent-taken-back"


def test_before_a_mediator_sits_a_draft_is_kept_and_not_stated(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    keep(world, number, Section.INCOME, "wage", given("5,200"))
    with pytest.raises(Refused) as no:
        state(world, number)
    assert no.value.key == "case:wrong-stage"


def test_a_later_mediator_reads_it_only_once_it_is_stated_anew(world: World) -> None:
    stated_case(world, number := a_case(world))
    world.clock.move(hours=1)
    with world.seat("mo", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    with pytest.raises(Refused):
        state(world, number)
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people["ming"], at=world.clock())
    with world.seat("ming", number) as seat:
        appointments.accept_appointment(seat, at=world.clock())
    with world.seat("bai", number) as seat:
        assert means.is_withheld_from_mediator(seat)
    assert cap_seen(world, number, "ming") is None
    world.clock.move(hours=1)
    state(world, number)
    assert cap_seen(world, number, "ming") == CAP


# --- documents seen ---


def test_a_document_seen_is_one_entry_in_the_borrowers_thread(world: World) -> None:
    sha256 = stated_case(world, number := a_case(world))
    verify(world, number, Section.INCOME, "wage", sha256)
    assert kinds(world, number, "bai", Thread.CAUCUS_BORROWER) == ["means:stated", "means:verified"]


def test_a_line_that_changed_has_to_be_seen_anew_and_another_not(world: World) -> None:
    sha256 = stated_case(world, number := a_case(world))
    verify(world, number, Section.INCOME, "wage", sha256)
    verify(world, number, Section.SPENDING, "housing", sha256)
    keep(world, number, Section.SPENDING, "housing", given("1,600"))
    state(world, number)
    with world.seat("mo", number) as seat:
        stated = means.statement_seen_by(seat)
        assert stated
        assert means.verified_seen_by(seat, stated) == {(Section.INCOME, "wage")}


def test_a_mark_can_be_taken_back(world: World) -> None:
    sha256 = stated_case(world, number := a_case(world))
    verify(world, number, Section.INCOME, "wage", sha256)
    with world.seat("mo", number) as seat:
        actions.take_back_verification(seat, Section.INCOME, "wage", seen_sha256=sha256, at=world.clock())
        stated = means.statement_seen_by(seat)
        assert stated
        assert not means.verified_seen_by(seat, stated)
    verify(world, number, Section.INCOME, "wage", sha256)


def test_what_was_read_before_a_new_statement_is_not_marked(world: World) -> None:
    old = stated_case(world, number := a_case(world))
    state(world, number)
    with pytest.raises(Stale):
        verify(world, number, Section.INCOME, "wage", old)


def test_a_line_that_is_not_there_is_not_marked(world: World) -> None:
    sha256 = stated_case(world, number := a_case(world))
    with pytest.raises(NotFound):
        verify(world, number, Section.SAVINGS, "savings", sha256)


@pytest.mark.parametrize("name", ["bai", "lu"])
def test_only_the_mediator_says_that_a_document_was_seen(world: World, name: str) -> None:
    sha256 = stated_case(world, number := a_case(world))
    with world.seat(name, number) as seat, pytest.raises(NotPermitted):
        actions.verify_line(seat, Section.INCOME, "wage", seen_sha256=sha256, at=world.clock())


# --- what the lender reads ---


def test_the_lender_reads_nothing_unless_it_was_released(world: World) -> None:
    stated_case(world, number := a_case(world))
    assert shared(world, number) == means.Shared()


def test_summaries_show_a_range_and_no_line(world: World) -> None:
    sha256 = stated_case(world, number := a_case(world), SUMMARIES)
    verify(world, number, Section.INCOME, "wage", sha256)
    found = shared(world, number)
    assert found.band == Band(100_000, 150_000)
    assert [each.lines for each in found.sections.values()] == [()] * 4
    assert [each.verified for each in found.sections.values()] == [1, 0, 0, 0]


@pytest.mark.parametrize("sealed", [Section.INCOME, Section.SPENDING, Section.DEBTS])
def test_there_is_no_range_where_one_of_its_sections_is_the_mediators_alone(world: World, sealed: Section) -> None:
    stated_case(world, number := a_case(world), {**SUMMARIES, sealed: Readers.MEDIATOR})
    found = shared(world, number)
    assert (found.band, sealed in found.sections) == (None, False)


def test_the_household_is_needed_for_the_range_only_where_a_usual_cost_was_taken(world: World) -> None:
    number = a_case(world)
    stated_case(world, number, {**SUMMARIES, Section.HOUSEHOLD: Readers.MEDIATOR})
    before = shared(world, number).band
    keep(world, number, Section.SPENDING, "food", Answer(told="unknown"))
    state(world, number)
    assert (before, shared(world, number).band) == (Band(100_000, 150_000), None)


def test_a_section_in_full_shows_its_lines_and_no_others(world: World) -> None:
    stated_case(world, number := a_case(world), {Section.INCOME: Readers.FULL})
    found = shared(world, number)
    assert set(found.sections) == {Section.INCOME}
    assert found.sections[Section.INCOME].lines[0].amount == 520_000


def test_a_choice_of_readers_has_no_effect_before_it_is_stated(world: World) -> None:
    stated_case(world, number := a_case(world))
    share(world, number, SUMMARIES)
    assert shared(world, number) == means.Shared()


@pytest.mark.parametrize(
    ("cap", "band"),
    [
        (0, Band(0, 0)), (1, Band(0, 50_000)), (50_000, Band(0, 50_000)), (50_001, Band(50_000, 100_000)),
        (126_000, Band(100_000, 150_000)), (2_000_000, Band(1_500_000, 2_000_000)), (2_000_001, Band(2_000_000, None)),
    ],
)  # fmt: skip
def test_a_range_is_wide_enough_to_hide_the_cap(cap: int, band: Band) -> None:
    assert band_of(cap, "CNY") == band
    assert band.most is None or band.is_none or band.most - band.least >= 50_000
