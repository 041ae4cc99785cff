"""The tables of stages and moves: what is allowed, what is refused, where it leads."""

from datetime import UTC, datetime, timedelta
from itertools import permutations, product

import pytest

from mediation.errors import Refused
from mediation.rules.lifecycle import (
    AGREEMENT_MOVES,
    APPOINTMENT_MOVES,
    DOWNLOADABLE,
    ENDED_STAGES,
    EXITS,
    MOVES,
    OPEN_STAGES,
    ORDER,
    REOPENS_NEGOTIATION,
    RESUMES,
    AgreementMove,
    AgreementState,
    Answer,
    AppointmentMove,
    AppointmentState,
    Move,
    Signer,
    Stage,
    after_answers,
    after_signature,
    after_window,
    check_may_answer_appointment,
    check_may_sign,
    is_over,
    moves_from,
    next_agreement,
    next_appointment,
    next_stage,
    signed_in_full,
    step_of,
)
from mediation.rules.negotiation import Side

ENDS = datetime(2025, 9, 26, 16, 0, tzinfo=UTC)
BEFORE = ENDS - timedelta(seconds=1)

WALK = (
    Move.SUBMIT, Move.ACCEPT, Move.INVITE, Move.JOIN, Move.APPOINT, Move.OPEN,
    Move.AGREE_TERMS, Move.START_SIGNING, Move.SEAL, Move.PERFORM,
)  # fmt: skip


def walked(*moves):
    stage = Stage.DRAFT
    for move in moves:
        stage = next_stage(stage, move)
    return stage


# --- the case ---


def test_the_straight_walk_passes_every_step_of_the_tracker():
    stages = [walked(*WALK[: n + 1]) for n in range(len(WALK))]
    assert tuple(stages) == ORDER


def test_every_stage_can_be_reached_from_a_draft():
    reached, frontier = {Stage.DRAFT}, [Stage.DRAFT]
    while frontier:
        stage = frontier.pop()
        found = {to for (source, _), to in MOVES.items() if source is stage} - reached
        reached |= found
        frontier += found
    assert reached == set(Stage)


def test_every_pair_outside_the_table_is_refused_with_the_same_key():
    for stage, move in product(Stage, Move):
        if (stage, move) in MOVES:
            continue
        with pytest.raises(Refused) as no:
            next_stage(stage, move)
        assert (no.value.key, no.value.facts) == ("case:wrong-stage", {"stage": stage, "move": move})


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        MOVES[(Stage.REJECTED, Move.INVITE)] = Stage.INVITED


def test_nothing_reaches_a_borrower_before_the_registrar_has_accepted():
    ways_in = {source for (source, move) in MOVES if move is Move.INVITE}
    assert ways_in == {Stage.ACCEPTED, Stage.INVITED, Stage.UNREACHABLE}


def test_a_wrong_contact_leads_to_unreachable_and_a_new_contact_back():
    assert next_stage(Stage.INVITED, Move.NOT_ME) is Stage.UNREACHABLE
    assert next_stage(Stage.UNREACHABLE, Move.INVITE) is Stage.INVITED


@pytest.mark.parametrize("stage", [Stage.TERMS_AGREED, Stage.SIGNING])
def test_a_failed_agreement_reopens_the_table(stage):
    assert next_stage(stage, Move.RETURN_TO_TABLE) is Stage.OPEN


def test_a_mediator_lost_before_the_opening_leaves_the_case_without_one():
    assert next_stage(Stage.APPOINTED, Move.VACATE) is Stage.JOINED


def test_a_breach_is_cured_and_may_happen_again():
    assert next_stage(Stage.BREACHED, Move.CURE) is Stage.CURED
    assert next_stage(Stage.CURED, Move.BREACH) is Stage.BREACHED


def test_a_case_may_be_withdrawn_at_any_time_before_effect_and_never_after():
    withdrawable = {stage for stage in Stage if Move.WITHDRAW in moves_from(stage)}
    assert withdrawable == OPEN_STAGES - {Stage.IN_FORCE, Stage.BREACHED, Stage.CURED}


@pytest.mark.parametrize("stage", sorted(ENDED_STAGES))
def test_nothing_leaves_an_ended_stage(stage):
    assert moves_from(stage) == frozenset()


@pytest.mark.parametrize("stage", sorted(OPEN_STAGES))
def test_something_leaves_every_open_stage(stage):
    assert moves_from(stage)


def test_a_stage_either_blocks_a_second_case_or_is_over():
    assert all(is_over(stage) != (stage in OPEN_STAGES) for stage in Stage)


def test_an_agreement_in_force_blocks_a_second_case_and_a_rejected_case_does_not():
    assert Stage.IN_FORCE in OPEN_STAGES
    assert Stage.REJECTED not in OPEN_STAGES


def test_every_exit_is_an_end():
    assert EXITS < ENDED_STAGES


@pytest.mark.parametrize(("beside", "left"), [(s, left) for s, lefts in RESUMES.items() for left in sorted(lefts)])
def test_a_case_beside_the_line_resumes_where_it_was_left(beside, left):
    assert next_stage(beside, Move.RESUME, left=left) is left


@pytest.mark.parametrize("left", [None, Stage.DRAFT, Stage.IN_FORCE, Stage.PAUSED, Stage.WITHDRAWN])
def test_a_paused_case_resumes_nowhere_else(left):
    with pytest.raises(Refused) as no:
        next_stage(Stage.PAUSED, Move.RESUME, left=left)
    assert no.value.key == "case:wrong-stage"


@pytest.mark.parametrize(("beside", "move"), [(Stage.PAUSED, Move.PAUSE), (Stage.SUSPENDED, Move.SUSPEND)])
def test_each_stage_that_resumes_is_one_that_can_be_left(beside, move):
    sources = {stage for stage in Stage if move in moves_from(stage)}
    assert RESUMES[beside] == sources - {Stage.PAUSED}


def test_time_does_not_lapse_a_paused_case():
    assert Move.LAPSE not in moves_from(Stage.PAUSED)


def test_the_tracker_knows_no_step_for_a_case_beside_the_line():
    assert step_of(Stage.PAUSED) is None
    assert step_of(Stage.SUBMITTED) == 0


# --- the appointment ---


def test_a_mediator_is_proposed_accepts_is_announced_and_confirmed():
    state = AppointmentState.PROPOSED
    for move in (AppointmentMove.ACCEPT, AppointmentMove.ANNOUNCE, AppointmentMove.CONFIRM):
        state = next_appointment(state, move)
    assert state is AppointmentState.CONFIRMED


def test_every_pair_outside_the_appointment_table_is_refused():
    for state, move in product(AppointmentState, AppointmentMove):
        if (state, move) in APPOINTMENT_MOVES:
            continue
        with pytest.raises(Refused) as no:
            next_appointment(state, move)
        assert no.value.key == "appointment:wrong-state"


def test_an_accepted_mediator_may_step_back_at_any_time():
    sources = {state for state, move in APPOINTMENT_MOVES if move is AppointmentMove.RECUSE}
    assert sources == {
        AppointmentState.ACCEPTED, AppointmentState.OBJECTION_WINDOW, AppointmentState.CONFIRMED
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "at", "state"),
    [
        ({}, BEFORE, AppointmentState.OBJECTION_WINDOW),
        ({}, ENDS, AppointmentState.CONFIRMED),
        ({Side.LENDER: Answer.ACCEPT}, BEFORE, AppointmentState.OBJECTION_WINDOW),
        ({Side.LENDER: Answer.ACCEPT}, ENDS, AppointmentState.CONFIRMED),
        ({Side.LENDER: Answer.ACCEPT, Side.BORROWER: Answer.ACCEPT}, BEFORE, AppointmentState.CONFIRMED),
        ({Side.BORROWER: Answer.OBJECT}, BEFORE, AppointmentState.OBJECTED),
        ({Side.LENDER: Answer.ACCEPT, Side.BORROWER: Answer.OBJECT}, ENDS, AppointmentState.OBJECTED),
    ],
)
def test_the_window_stands_falls_or_is_confirmed(answers, at, state):
    assert after_answers(answers, ends_at=ENDS, at=at) is state


def test_a_party_may_object_in_the_last_second():
    assert answer_of_bai({}, Answer.OBJECT, at=BEFORE) is None


@pytest.mark.parametrize(
    ("answers", "answer", "at", "before", "key"),
    [
        ({Side.BORROWER: Answer.ACCEPT}, Answer.OBJECT, BEFORE, frozenset(), "appointment:already-answered"),
        ({Side.LENDER: Answer.OBJECT}, Answer.ACCEPT, BEFORE, frozenset(), "appointment:window-over"),
        ({}, Answer.OBJECT, ENDS, frozenset(), "appointment:window-over"),
        ({}, Answer.OBJECT, BEFORE, frozenset({Side.BORROWER}), "appointment:objection-used"),
    ],
)
def test_an_answer_out_of_place_is_refused(answers, answer, at, before, key):
    with pytest.raises(Refused) as no:
        answer_of_bai(answers, answer, at=at, before=before)
    assert no.value.key == key


def test_who_objected_before_may_still_accept():
    assert answer_of_bai({}, Answer.ACCEPT, at=BEFORE, before=frozenset({Side.BORROWER})) is None


def answer_of_bai(answers, answer, *, at, before=frozenset()):
    return check_may_answer_appointment(answers, Side.BORROWER, answer, ends_at=ENDS, at=at, objected_before=before)


# --- the agreement ---


def test_every_pair_outside_the_agreement_table_is_refused():
    for state, move in product(AgreementState, AgreementMove):
        if (state, move) in AGREEMENT_MOVES:
            continue
        with pytest.raises(Refused) as no:
            next_agreement(state, move)
        assert no.value.key == "agreement:wrong-state"


def test_a_sealed_agreement_is_never_declined_lapsed_or_voided():
    moves = {move for state, move in AGREEMENT_MOVES if state is AgreementState.SEALED}
    assert moves == {AgreementMove.SUPERSEDE, AgreementMove.END}


def test_no_failed_agreement_is_downloadable():
    assert not DOWNLOADABLE & REOPENS_NEGOTIATION


def test_nothing_before_the_seal_is_downloadable_as_an_agreement():
    assert {AgreementState.SEALED, AgreementState.SUPERSEDED, AgreementState.ENDED} == DOWNLOADABLE


@pytest.mark.parametrize("order", list(permutations(Signer)))
def test_only_parties_then_mediator_then_seal_is_an_order_of_signing(order):
    signed = set()
    refused = None
    for signer in order:
        try:
            check_may_sign(signer, signed)
        except Refused as no:
            refused = no.key
            break
        signed.add(signer)
    right = order[2:] == (Signer.MEDIATOR, Signer.SEAL)
    assert refused == (None if right else "signature:out-of-order")


def test_a_refused_signature_names_who_must_sign_before():
    with pytest.raises(Refused) as no:
        check_may_sign(Signer.MEDIATOR, {Signer.LENDER})
    assert no.value.facts["waiting_for"] == (Signer.BORROWER,)


def test_nobody_signs_twice():
    with pytest.raises(Refused) as no:
        check_may_sign(Signer.BORROWER, {Signer.BORROWER})
    assert no.value.key == "signature:already-given"


@pytest.mark.parametrize(
    ("signed", "state"),
    [
        ((), AgreementState.SIGNING),
        (("lender",), AgreementState.SIGNING),
        (("borrower", "lender"), AgreementState.AWAITING_MEDIATOR),
        (("borrower", "lender", "mediator"), AgreementState.AWAITING_SEAL),
        (("borrower", "lender", "mediator", "seal"), AgreementState.SEALED),
    ],
)
def test_the_signatures_make_the_state(signed, state):
    assert after_signature(frozenset(Signer(s) for s in signed)) is state


def test_a_seal_that_waits_for_its_time_stamp_is_not_final():
    state = after_signature(frozenset(Signer), awaits_time_stamp=True)
    assert next_agreement(state, AgreementMove.TIME_STAMP) is AgreementState.SEALED


@pytest.mark.parametrize("signed", [{Signer.MEDIATOR}, {Signer.SEAL}, {Signer.BORROWER, Signer.SEAL}])
def test_signatures_out_of_order_are_no_state_at_all(signed):
    with pytest.raises(ValueError, match="out of order"):
        after_signature(signed)


def test_a_side_has_signed_when_all_its_signing_persons_have():
    required = {Signer.BORROWER: {"bai", "guarantor"}, Signer.LENDER: {"lu"}, Signer.MEDIATOR: frozenset()}
    assert signed_in_full(required, {"bai", "lu"}) == {Signer.LENDER}
    assert signed_in_full(required, {"bai", "lu", "guarantor"}) == {Signer.BORROWER, Signer.LENDER}


@pytest.mark.parametrize(
    ("signed", "anyone", "state"),
    [
        (frozenset(), False, AgreementState.LAPSED),
        (frozenset(), True, AgreementState.VOIDED),
        (frozenset({Signer.LENDER}), True, AgreementState.VOIDED),
        (frozenset({Signer.BORROWER}), True, AgreementState.VOIDED),
        (frozenset({Signer.BORROWER, Signer.LENDER}), True, AgreementState.AWAITING_MEDIATOR),
    ],
)
def test_silence_past_the_window_voids_what_another_signed(signed, anyone, state):
    assert after_window(signed, anyone=anyone) is state
