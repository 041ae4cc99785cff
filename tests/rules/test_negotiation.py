"""The table of offers: whose turn, what may answer what, what time brings about, who sees what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.errors import NotFound, Refused, Stale
from mediation.rules.negotiation import (
    CLOSED,
    HOLD,
    Change,
    Offer,
    OfferState,
    Side,
    Table,
    accepted_by_all,
    accepted_on,
    check_may_answer,
    check_may_offer,
    check_may_withdraw,
    check_seen,
    held_by,
    new_offer,
    on_the_table,
    place_of,
    rounds_of,
    seen_version,
    settle,
    settled,
    state_at,
    state_on,
    turn,
    visible_to,
    with_change,
    with_offer,
)

BAI, LU, MO = Side.BORROWER, Side.LENDER, None
NOON = datetime(2025, 9, 25, 4, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)


def minutes(n):
    return NOON + timedelta(minutes=n)


def offered(table, side, at=NOON, lapses_at=None):
    return with_offer(table, new_offer(table, side, at=at, lapses_at=lapses_at or at + WEEK))


def closed(table, number, state, at):
    return with_change(settled(table, at), Change(number=number, state=state, at=at))


def refusal(check, *args):
    with pytest.raises(Refused) as no:
        check(*args)
    return no.value.key


EMPTY = Table()
OPEN = offered(EMPTY, LU)  # offer 1 of the lender, shown from minute 10
COUNTER_HELD = offered(OPEN, BAI, minutes(20))  # offer 2 of the borrower, shown from minute 30


# --- one offer ---


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (NOON, OfferState.HELD),
        (NOON + HOLD - SECOND, OfferState.HELD),
        (NOON + HOLD, OfferState.OPEN),
        (NOON + WEEK - SECOND, OfferState.OPEN),
        (NOON + WEEK, OfferState.LAPSED),
        (NOON + WEEK + SECOND, OfferState.LAPSED),
    ],
)
def test_an_offer_is_held_then_open_then_lapsed(at, state):
    assert state_at(OPEN.offers[0], at) is state


@pytest.mark.parametrize("at", [minutes(59), minutes(60), NOON + WEEK])
def test_an_offer_stays_what_it_was_closed_as_even_when_a_clock_steps_back(at):
    table = closed(OPEN, 1, OfferState.DECLINED, minutes(60))
    assert state_on(table, 1, at) is OfferState.DECLINED
    assert refusal(check_may_withdraw, table, 1, LU, at) == "offer:declined"


@pytest.mark.parametrize(
    "wrong",
    [
        {"shows_at": NOON - SECOND},
        {"lapses_at": NOON + HOLD},
        {"closed_as": OfferState.DECLINED},
        {"closed_at": NOON},
        {"closed_as": OfferState.OPEN, "closed_at": NOON},
        {"closed_as": OfferState.HELD, "closed_at": NOON},
    ],
)
def test_an_offer_that_cannot_be_is_not_made(wrong):
    sound = {"number": 1, "by": LU, "made_at": NOON, "shows_at": NOON + HOLD, "lapses_at": NOON + WEEK}
    with pytest.raises(ValueError, match="offer|time"):
        Offer(**(sound | wrong))


# --- whose turn ---


def test_both_may_speak_first():
    assert turn(EMPTY, NOON) is None
    assert check_may_offer(EMPTY, BAI, NOON) is None
    assert check_may_offer(EMPTY, LU, NOON) is None


def test_a_held_offer_gives_nobody_the_turn():
    assert turn(OPEN, minutes(5)) is None
    assert on_the_table(OPEN, minutes(5)) is None
    assert held_by(OPEN, LU, minutes(5)).number == 1


def test_an_open_offer_gives_the_turn_to_the_other_side():
    assert turn(OPEN, minutes(10)) is BAI


def test_a_held_counter_leaves_the_turn_as_the_other_side_sees_it():
    assert turn(COUNTER_HELD, minutes(25)) is BAI
    assert turn(COUNTER_HELD, minutes(30)) is LU


def test_nobody_offers_twice_in_a_row():
    assert refusal(check_may_offer, OPEN, LU, minutes(10)) == "offer:waiting-for-answer"
    assert refusal(check_may_offer, OPEN, LU, minutes(5)) == "offer:still-held"


def test_a_side_may_speak_again_after_a_decline_a_withdrawal_or_a_lapse():
    for state in (OfferState.DECLINED, OfferState.WITHDRAWN):
        assert check_may_offer(closed(OPEN, 1, state, minutes(60)), LU, minutes(60)) is None
    assert check_may_offer(OPEN, LU, NOON + WEEK) is None


def test_nobody_offers_once_terms_are_accepted():
    table = closed(OPEN, 1, OfferState.ACCEPTED, minutes(60))
    assert refusal(check_may_offer, table, BAI, minutes(61)) == "offer:accepted"
    assert accepted_on(table, minutes(61)).number == 1


def test_a_new_offer_waits_ten_minutes_and_names_what_it_counters():
    assert COUNTER_HELD.offers[1].shows_at == minutes(30)
    assert COUNTER_HELD.offers[1].counters == 1
    assert OPEN.offers[0].counters is None


def test_rounds_are_limited_and_an_offer_taken_back_unseen_does_not_count():
    table = replace(closed(OPEN, 1, OfferState.WITHDRAWN, minutes(5)), round_limit=1)
    table = offered(table, LU, minutes(6))
    assert rounds_of(table, LU, minutes(6)) == 1
    table = closed(table, 2, OfferState.DECLINED, minutes(60))
    assert refusal(check_may_offer, table, LU, minutes(61)) == "offer:round-limit"
    assert check_may_offer(table, BAI, minutes(61)) is None


# --- answering and withdrawing ---


def test_the_other_side_may_answer_an_open_offer():
    assert check_may_answer(OPEN, 1, BAI, minutes(10)) is None


def test_nobody_accepts_their_own_offer():
    assert refusal(check_may_answer, OPEN, 1, LU, minutes(10)) == "offer:own"


@pytest.mark.parametrize("at", [NOON, NOON + HOLD - SECOND])
def test_a_held_offer_looks_exactly_like_one_that_does_not_exist(at):
    answers = []
    for number in (1, 99):
        for check in (check_may_answer, check_may_withdraw):
            with pytest.raises(NotFound) as no:
                check(OPEN, number, BAI, at)
            answers.append((no.value.key, no.value.facts))
    assert len({key for key, _ in answers}) == 1
    assert not any(facts for _, facts in answers)


def test_an_offer_taken_back_in_its_hold_never_existed_for_the_other_side():
    table = closed(OPEN, 1, OfferState.WITHDRAWN, minutes(5))
    with pytest.raises(NotFound):
        check_may_answer(table, 1, BAI, minutes(60))


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_what_is_gone_is_answered_with_how_it_went(state):
    table = closed(OPEN, 1, state, minutes(60))
    assert refusal(check_may_answer, table, 1, BAI, minutes(60)) == f"offer:{state}"
    assert refusal(check_may_withdraw, table, 1, LU, minutes(60)) == f"offer:{state}"


def test_the_last_second_is_in_time_and_the_deadline_is_not():
    assert check_may_answer(OPEN, 1, BAI, NOON + WEEK - SECOND) is None
    assert refusal(check_may_answer, OPEN, 1, BAI, NOON + WEEK) == "offer:lapsed"
    assert refusal(check_may_answer, OPEN, 1, BAI, NOON + WEEK + SECOND) == "offer:lapsed"


def test_a_side_withdraws_its_own_offer_held_or_open_and_no_other():
    assert check_may_withdraw(OPEN, 1, LU, minutes(5)) is None
    assert check_may_withdraw(OPEN, 1, LU, minutes(50)) is None
    assert refusal(check_may_withdraw, OPEN, 1, BAI, minutes(50)) == "offer:not-yours"


@pytest.mark.parametrize(
    ("members", "yes", "done"),
    [
        ({"bai"}, {"bai"}, True),
        ({"bai", "guarantor"}, {"bai"}, False),
        ({"bai", "guarantor"}, {"bai", "guarantor"}, True),
        ({"bai"}, {"bai", "former member"}, True),
        (set(), set(), False),
    ],
)
def test_a_side_accepts_when_all_its_signing_members_have(members, yes, done):
    assert accepted_by_all(members, yes) is done


# --- an open offer meets a held one ---


def test_a_counter_closes_what_it_answers_at_the_moment_it_shows():
    assert state_on(COUNTER_HELD, 1, minutes(30) - SECOND) is OfferState.OPEN
    assert settle(COUNTER_HELD, minutes(99)) == (Change(number=1, state=OfferState.COUNTERED, at=minutes(30)),)


def test_a_countered_offer_is_not_accepted_even_before_anybody_wrote_that_down():
    assert refusal(check_may_answer, COUNTER_HELD, 1, BAI, minutes(30)) == "offer:countered"
    assert check_may_answer(COUNTER_HELD, 2, LU, minutes(30)) is None


def test_a_held_counter_must_be_taken_back_before_answering():
    assert refusal(check_may_answer, COUNTER_HELD, 1, BAI, minutes(25)) == "offer:take-back-first"


def test_a_counter_taken_back_leaves_the_earlier_offer_open():
    table = closed(COUNTER_HELD, 2, OfferState.WITHDRAWN, minutes(25))
    assert on_the_table(table, minutes(60)).number == 1
    assert check_may_answer(table, 1, BAI, minutes(60)) is None


def test_a_counter_voided_before_it_shows_leaves_the_earlier_offer_open():
    table = closed(COUNTER_HELD, 2, OfferState.VOID, minutes(25))
    assert on_the_table(table, minutes(60)).number == 1


def test_a_counter_withdrawn_after_it_showed_does_not_revive_what_it_answered():
    unwritten = with_change(COUNTER_HELD, Change(number=2, state=OfferState.WITHDRAWN, at=minutes(40)))
    assert state_on(unwritten, 1, minutes(60)) is OfferState.COUNTERED
    assert on_the_table(unwritten, minutes(60)) is None


def test_a_counter_withdrawn_at_the_very_moment_it_shows_has_been_seen():
    table = closed(COUNTER_HELD, 2, OfferState.WITHDRAWN, minutes(30))
    assert state_on(table, 1, minutes(30)) is OfferState.COUNTERED
    assert visible_to(table.offers[1], LU, minutes(30))


def test_an_offer_withdrawn_while_its_counter_is_held_lets_the_counter_show_by_itself():
    table = closed(COUNTER_HELD, 1, OfferState.WITHDRAWN, minutes(25))
    assert on_the_table(table, minutes(26)) is None
    assert on_the_table(table, minutes(30)).number == 2
    assert state_on(table, 1, minutes(30)) is OfferState.WITHDRAWN


@pytest.mark.parametrize("lapses_at", [minutes(25), minutes(30)])
def test_an_offer_that_lapses_before_its_counter_shows_has_lapsed(lapses_at):
    table = offered(offered(EMPTY, LU, lapses_at=lapses_at), BAI, minutes(20))
    assert settle(table, minutes(30)) == (Change(number=1, state=OfferState.LAPSED, at=lapses_at),)
    assert on_the_table(table, minutes(30)).number == 2


def test_the_maker_of_the_open_offer_learns_nothing_of_a_held_counter():
    assert refusal(check_may_offer, COUNTER_HELD, LU, minutes(25)) == "offer:waiting-for-answer"
    with pytest.raises(NotFound):
        check_may_answer(COUNTER_HELD, 2, LU, minutes(25))


def test_two_offers_made_blind_to_each_other_cross_and_the_later_stands():
    table = offered(OPEN, BAI, minutes(5))
    assert table.offers[1].counters is None
    assert on_the_table(table, minutes(10)).number == 1
    assert settle(table, minutes(15)) == (Change(number=1, state=OfferState.SUPERSEDED, at=minutes(15)),)
    assert turn(table, minutes(15)) is LU


def test_two_offers_made_in_the_same_instant_leave_one_open():
    table = offered(OPEN, BAI, NOON)
    assert state_on(table, 1, minutes(10)) is OfferState.SUPERSEDED
    assert on_the_table(table, minutes(10)).number == 2


def test_a_change_is_written_once():
    table = closed(OPEN, 1, OfferState.ACCEPTED, minutes(60))
    assert refusal(with_change, table, Change(number=1, state=OfferState.WITHDRAWN, at=minutes(60))) == (
        "offer:accepted"
    )


def test_changes_come_in_the_order_in_which_they_became_true():
    table = offered(COUNTER_HELD, LU, minutes(40), lapses_at=NOON + WEEK)
    changes = settle(table, NOON + WEEK)
    assert [(c.number, c.state) for c in changes] == [
        (1, OfferState.COUNTERED),
        (2, OfferState.COUNTERED),
        (3, OfferState.LAPSED),
    ]


# --- who sees what ---


@pytest.mark.parametrize(("reader", "sees"), [(LU, True), (BAI, False), (MO, False)])
def test_a_held_offer_is_seen_by_its_own_side_alone(reader, sees):
    assert visible_to(OPEN.offers[0], reader, minutes(5)) is sees


@pytest.mark.parametrize("reader", [LU, BAI, MO])
def test_a_shown_offer_is_seen_by_all(reader):
    assert visible_to(OPEN.offers[0], reader, minutes(10))


@pytest.mark.parametrize("state", sorted(CLOSED))
@pytest.mark.parametrize("reader", [BAI, MO])
def test_what_never_showed_is_never_seen(reader, state):
    table = closed(OPEN, 1, state, minutes(5))
    assert not visible_to(table.offers[0], reader, NOON + WEEK)


def test_an_offer_taken_back_leaves_no_gap_in_the_numbers_that_others_see():
    table = offered(closed(OPEN, 1, OfferState.WITHDRAWN, minutes(5)), LU, minutes(6))
    assert place_of(table, 2, BAI, minutes(20)) == 1
    assert place_of(table, 1, BAI, minutes(20)) is None
    assert place_of(table, 2, LU, minutes(7)) == 1


@pytest.mark.parametrize("reader", [LU, MO])
def test_the_version_that_others_carry_does_not_move_in_a_hold(reader):
    with_secret = closed(COUNTER_HELD, 2, OfferState.WITHDRAWN, minutes(25))
    for at in (minutes(15), minutes(22), minutes(25), minutes(60)):
        assert seen_version(with_secret, reader, at) == seen_version(OPEN, reader, at)


def test_a_page_older_than_the_table_is_told_so():
    before = seen_version(COUNTER_HELD, LU, minutes(25))
    assert check_seen(COUNTER_HELD, LU, before, minutes(29)) is None
    with pytest.raises(Stale) as no:
        check_seen(COUNTER_HELD, LU, before, minutes(30))
    assert no.value.key == "negotiation:changed"


# --- whatever happens, in any order ---

STEP = st.tuples(
    st.sampled_from(["offer", "accept", "decline", "withdraw", "void", "write"]),
    st.sampled_from(list(Side)),
    st.integers(0, 15),
    st.integers(11, 40),
    st.integers(1, 6),
)
STORIES = st.lists(STEP, max_size=40)


def scenes(story, *, writes=True):
    """The table and the moment after each step; a step is kept only where the checks allow it."""
    table, at = replace(EMPTY, round_limit=6), NOON
    for verb, side, wait, life, number in story:
        at += timedelta(minutes=wait)
        table = spoken(table, verb, side, at, life, number, writes=writes)
        yield table, at


def told(story, *, writes=True):
    """The table and the moment at the end of a story."""
    return [(EMPTY, NOON), *scenes(story, writes=writes)][-1]


def spoken(table, verb, side, at, life, number, *, writes):
    if verb == "write":
        return settled(table, at) if writes else table
    try:
        if verb == "offer":
            return offered(table, side, at, at + timedelta(minutes=life))
        if verb == "void":
            unclosed = [o.number for o in settled(table, at).offers if state_at(o, at) not in CLOSED]
            return closed(table, unclosed[0], OfferState.VOID, at) if unclosed else table
        check = check_may_withdraw if verb == "withdraw" else check_may_answer
        check(table, number, side, at)
    except (Refused, NotFound):
        return table
    state = {"accept": "accepted", "decline": "declined", "withdraw": "withdrawn"}[verb]
    return closed(table, number, OfferState(state), at)


@given(STORIES)
def test_there_are_never_two_open_nor_two_accepted_nor_an_open_beside_an_accepted(story):
    for table, last in scenes(story):
        for at in (last, last + HOLD, last + WEEK):
            states = [state_on(table, o.number, at) for o in table.offers]
            assert states.count(OfferState.OPEN) + states.count(OfferState.ACCEPTED) <= 1


@given(STORIES)
def test_a_side_never_has_two_offers_in_the_air(story):
    for table, at in scenes(story):
        in_the_air = [o.by for o in table.offers if state_on(table, o.number, at) not in CLOSED]
        assert len(in_the_air) == len(set(in_the_air))


@given(STORIES, st.integers(0, 60))
def test_writing_down_what_time_did_changes_nothing_and_needs_doing_once(story, later):
    table, last = told(story)
    at = last + timedelta(minutes=later)
    written = settled(table, at)
    assert settle(written, at) == ()
    for moment in (at, at + HOLD, at + WEEK):
        assert [state_on(written, o.number, moment) for o in table.offers] == [
            state_on(table, o.number, moment) for o in table.offers
        ]


@given(STORIES)
def test_it_does_not_matter_whether_the_worker_came_by(story):
    table, at = told(story)
    unwritten, _ = told(story, writes=False)
    assert settled(table, at).offers == settled(unwritten, at).offers


@given(STORIES)
def test_the_checks_say_what_the_states_say(story):
    table, at = told(story)
    for offer in table.offers:
        state, other = state_on(table, offer.number, at), offer.by.other
        may_answer = state is OfferState.OPEN and held_by(table, other, at) is None
        assert allowed(check_may_answer, table, offer.number, other, at) is may_answer
        assert not allowed(check_may_answer, table, offer.number, offer.by, at)
        assert allowed(check_may_withdraw, table, offer.number, offer.by, at) is (state not in CLOSED)
        assert not allowed(check_may_withdraw, table, offer.number, other, at)


@given(STORIES)
def test_somebody_may_always_speak_until_terms_are_accepted(story):
    table, last = told(story)
    table, at = replace(table, round_limit=100), last + HOLD
    can = [side for side in Side if allowed(check_may_offer, table, side, at)]
    assert bool(can) is (accepted_on(table, at) is None)


@given(STORIES)
def test_every_change_by_time_carries_the_moment_at_which_it_became_true(story):
    table, at = told(story)
    for change in settle(table, at):
        assert change.at <= at
        assert state_on(table, change.number, change.at) is change.state
        assert state_on(table, change.number, change.at - timedelta(microseconds=1)) not in CLOSED


@given(STORIES, st.sampled_from([BAI, LU, MO]))
def test_the_version_seen_never_goes_back(story, reader):
    seen = [seen_version(table, reader, at) for table, at in scenes(story)]
    assert seen == sorted(seen)


@given(STORIES, st.sampled_from(list(Side)))
def test_a_side_cannot_tell_whether_the_other_took_an_offer_back_unseen(story, side):
    table, at = told(story)
    unseen = [o for o in table.offers if o.by is side and o.closed_at and o.closed_at < o.shows_at]
    without = replace(table, offers=tuple(o for o in table.offers if o not in unseen))
    assert view_of(table, without, side.other, at) == view_of(without, without, side.other, at)


def view_of(table, named, reader, at):
    places = [place_of(table, o.number, reader, at) for o in named.offers]
    return seen_version(table, reader, at), turn(table, at), places


def allowed(check, *args):
    try:
        check(*args)
    except (Refused, NotFound):
        return False
    return True
