"""Stages of a case, an appointment and an agreement, and the moves between them: the only tables."""

from collections.abc import Hashable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from mediation.errors import Refused
from mediation.rules.negotiation import Side


class Stage(StrEnum):
    """Where a case stands: the line, three places beside it, the ways out."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    INVITED = "invited"
    JOINED = "joined"
    APPOINTED = "appointed"
    OPEN = "open"
    TERMS_AGREED = "terms_agreed"
    SIGNING = "signing"
    IN_FORCE = "in_force"
    PERFORMED = "performed"
    BREACHED = "breached"
    CURED = "cured"
    ENDED = "ended"

    UNREACHABLE = "unreachable"
    PAUSED = "paused"
    SUSPENDED = "suspended"

    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    UNSUITABLE = "unsuitable"
    REFERRED = "referred"
    NOT_SETTLED = "not_settled"


class Move(StrEnum):
    """What happens to a case."""

    SUBMIT = "submit"
    ACCEPT = "accept"  # 受理: the registrar's acceptance, before anything reaches a borrower
    REJECT = "reject"
    INVITE = "invite"
    NOT_ME = "not_me"
    JOIN = "join"
    DECLINE = "decline"
    LAPSE = "lapse"
    APPOINT = "appoint"
    VACATE = "vacate"
    OPEN = "open"
    AGREE_TERMS = "agree_terms"
    START_SIGNING = "start_signing"
    RETURN_TO_TERMS = "return_to_terms"
    RETURN_TO_TABLE = "return_to_table"
    SEAL = "seal"
    PERFORM = "perform"
    BREACH = "breach"
    CURE = "cure"
    END = "end"
    PAUSE = "pause"
    SUSPEND = "suspend"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    FIND_UNSUITABLE = "find_unsuitable"
    REFER = "refer"
    CLOSE_UNSETTLED = "close_unsettled"


# A mediator who has accepted the seat makes the case `appointed`; the confirmed appointment opens it. After
# that a change of mediator moves the appointment, not the case: what the parties put on the table stands.
_LINE: Mapping[tuple[Stage, Move], Stage] = {
    (Stage.DRAFT, Move.SUBMIT): Stage.SUBMITTED,
    (Stage.SUBMITTED, Move.ACCEPT): Stage.ACCEPTED,
    (Stage.SUBMITTED, Move.REJECT): Stage.REJECTED,
    (Stage.ACCEPTED, Move.INVITE): Stage.INVITED,
    (Stage.INVITED, Move.INVITE): Stage.INVITED,
    (Stage.INVITED, Move.NOT_ME): Stage.UNREACHABLE,
    (Stage.UNREACHABLE, Move.INVITE): Stage.INVITED,
    (Stage.INVITED, Move.JOIN): Stage.JOINED,
    (Stage.INVITED, Move.DECLINE): Stage.DECLINED,
    (Stage.INVITED, Move.LAPSE): Stage.LAPSED,
    (Stage.UNREACHABLE, Move.LAPSE): Stage.LAPSED,
    (Stage.JOINED, Move.APPOINT): Stage.APPOINTED,
    (Stage.APPOINTED, Move.VACATE): Stage.JOINED,
    (Stage.APPOINTED, Move.OPEN): Stage.OPEN,
    (Stage.OPEN, Move.AGREE_TERMS): Stage.TERMS_AGREED,
    (Stage.TERMS_AGREED, Move.START_SIGNING): Stage.SIGNING,
    (Stage.TERMS_AGREED, Move.RETURN_TO_TABLE): Stage.OPEN,
    (Stage.SIGNING, Move.RETURN_TO_TERMS): Stage.TERMS_AGREED,
    (Stage.SIGNING, Move.RETURN_TO_TABLE): Stage.OPEN,
    (Stage.SIGNING, Move.SEAL): Stage.IN_FORCE,
    (Stage.IN_FORCE, Move.PERFORM): Stage.PERFORMED,
    (Stage.IN_FORCE, Move.BREACH): Stage.BREACHED,
    (Stage.IN_FORCE, Move.END): Stage.ENDED,
    (Stage.BREACHED, Move.CURE): Stage.CURED,
    (Stage.BREACHED, Move.END): Stage.ENDED,
    (Stage.CURED, Move.PERFORM): Stage.PERFORMED,
    (Stage.CURED, Move.BREACH): Stage.BREACHED,
    (Stage.CURED, Move.END): Stage.ENDED,
}

_AT_THE_TABLE = (Stage.JOINED, Stage.APPOINTED, Stage.OPEN, Stage.TERMS_AGREED, Stage.SIGNING)
_ACCEPTED_ON = (Stage.ACCEPTED, Stage.INVITED, Stage.UNREACHABLE, *_AT_THE_TABLE)
_BEFORE_EFFECT = (Stage.DRAFT, Stage.SUBMITTED, *_ACCEPTED_ON)
_BESIDE = (Stage.PAUSED, Stage.SUSPENDED)
_WAYS_OUT = (
    (Move.PAUSE, Stage.PAUSED, _AT_THE_TABLE),
    (Move.SUSPEND, Stage.SUSPENDED, (*_ACCEPTED_ON, Stage.PAUSED)),
    (Move.WITHDRAW, Stage.WITHDRAWN, (*_BEFORE_EFFECT, *_BESIDE)),
    (Move.FIND_UNSUITABLE, Stage.UNSUITABLE, (*_ACCEPTED_ON, *_BESIDE)),
    (Move.REFER, Stage.REFERRED, (*_ACCEPTED_ON, *_BESIDE)),
    (Move.CLOSE_UNSETTLED, Stage.NOT_SETTLED, (*_AT_THE_TABLE, *_BESIDE)),
)

MOVES: Mapping[tuple[Stage, Move], Stage] = MappingProxyType(
    {**_LINE, **{(stage, move): out for move, out, stages in _WAYS_OUT for stage in stages}}
)

# Resuming leads back to where the case was left, so it is the one move that needs a second stage.
RESUMES: Mapping[Stage, frozenset[Stage]] = MappingProxyType(
    {Stage.PAUSED: frozenset(_AT_THE_TABLE), Stage.SUSPENDED: frozenset(_ACCEPTED_ON)}
)

EXITS = frozenset({Stage.DECLINED, Stage.LAPSED, Stage.WITHDRAWN, Stage.UNSUITABLE, Stage.REFERRED,
                   Stage.NOT_SETTLED})  # fmt: skip
ENDED_STAGES = EXITS | {Stage.REJECTED, Stage.PERFORMED, Stage.ENDED}
OPEN_STAGES = frozenset(Stage) - ENDED_STAGES
ORDER = (Stage.SUBMITTED, Stage.ACCEPTED, Stage.INVITED, Stage.JOINED, Stage.APPOINTED, Stage.OPEN,
         Stage.TERMS_AGREED, Stage.SIGNING, Stage.IN_FORCE, Stage.PERFORMED)  # fmt: skip


def next_stage(stage: Stage, move: Move, *, left: Stage | None = None) -> Stage:
    """The stage after that move.

    `left` is the stage at which a paused or suspended case left the line; only `resume` reads it.
    Raises Refused("case:wrong-stage", stage, move) for every pair the table does not hold.
    """
    if move is Move.RESUME and left is not None and left in RESUMES.get(stage, frozenset()):
        return left
    following = MOVES.get((stage, move))
    if following is None:
        raise Refused("case:wrong-stage", stage=stage, move=move)
    return following


def moves_from(stage: Stage) -> frozenset[Move]:
    """Every move that this stage allows."""
    resume = {Move.RESUME} if stage in RESUMES else set()
    return frozenset(move for at_stage, move in MOVES if at_stage is stage) | resume


def is_over(stage: Stage) -> bool:
    """Whether nothing more can happen to the case; it no longer blocks a second one on the same contract."""
    return stage in ENDED_STAGES


def step_of(stage: Stage) -> int | None:
    """Position in ORDER, from 0, for the progress tracker; None for a case that is not on the line."""
    return ORDER.index(stage) if stage in ORDER else None


# --- appointment of the mediator ---


class AppointmentState(StrEnum):
    """Where one mediator's appointment to one case stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    OBJECTION_WINDOW = "objection_window"
    CONFIRMED = "confirmed"
    OBJECTED = "objected"
    REPLACED = "replaced"
    DECLINED = "declined"
    RECUSED = "recused"


class AppointmentMove(StrEnum):
    """What happens to an appointment."""

    ACCEPT = "accept"
    DECLINE = "decline"
    ANNOUNCE = "announce"
    OBJECT = "object"
    CONFIRM = "confirm"
    RECUSE = "recuse"
    REPLACE = "replace"


_A, _AM = AppointmentState, AppointmentMove
_SEATED = (_A.ACCEPTED, _A.OBJECTION_WINDOW, _A.CONFIRMED)
_REPLACEABLE = (_A.PROPOSED, _A.DECLINED, _A.OBJECTED, _A.RECUSED, _A.CONFIRMED)

APPOINTMENT_MOVES: Mapping[tuple[AppointmentState, AppointmentMove], AppointmentState] = MappingProxyType(
    {
        (_A.PROPOSED, _AM.ACCEPT): _A.ACCEPTED,
        (_A.PROPOSED, _AM.DECLINE): _A.DECLINED,
        (_A.ACCEPTED, _AM.ANNOUNCE): _A.OBJECTION_WINDOW,
        (_A.OBJECTION_WINDOW, _AM.CONFIRM): _A.CONFIRMED,
        (_A.OBJECTION_WINDOW, _AM.OBJECT): _A.OBJECTED,
        **dict.fromkeys(((state, _AM.RECUSE) for state in _SEATED), _A.RECUSED),
        **dict.fromkeys(((state, _AM.REPLACE) for state in _REPLACEABLE), _A.REPLACED),
    }
)


class Answer(StrEnum):
    """What a party says to an announced mediator."""

    ACCEPT = "accept"
    OBJECT = "object"


def next_appointment(state: AppointmentState, move: AppointmentMove) -> AppointmentState:
    """The appointment after that move, or Refused("appointment:wrong-state", state, move)."""
    following = APPOINTMENT_MOVES.get((state, move))
    if following is None:
        raise Refused("appointment:wrong-state", state=state, move=move)
    return following


def check_may_answer_appointment(
    answers: Mapping[Side, Answer],
    side: Side,
    answer: Answer,
    *,
    ends_at: datetime,
    at: datetime,
    objected_before: AbstractSet[Side] = frozenset(),
) -> None:
    """Each party answers once, before the window ends, and objects to one mediator of the case at most.

    `ends_at` is the exclusive end of the 2 working days; `objected_before` names the sides that already
    turned down an earlier mediator. Raises Refused: appointment:already-answered, appointment:window-over,
    appointment:objection-used.
    """
    if side in answers:
        raise Refused("appointment:already-answered", answer=answers[side])
    if after_answers(answers, ends_at=ends_at, at=at) is not AppointmentState.OBJECTION_WINDOW:
        raise Refused("appointment:window-over", ends_at=ends_at)
    if answer is Answer.OBJECT and side in objected_before:
        raise Refused("appointment:objection-used")


def after_answers(answers: Mapping[Side, Answer], *, ends_at: datetime, at: datetime) -> AppointmentState:
    """What the parties' answers and time make of an announced appointment.

    One objection is enough; two acceptances end the window early; silence to its end lets it stand.
    """
    if Answer.OBJECT in answers.values():
        return AppointmentState.OBJECTED
    if all(side in answers for side in Side) or at >= ends_at:
        return AppointmentState.CONFIRMED
    return AppointmentState.OBJECTION_WINDOW


# --- agreement and its signatures ---


class AgreementState(StrEnum):
    """Where a settlement agreement stands."""

    DRAFT = "draft"
    GATE_PASSED = "gate_passed"
    SIGNING = "signing"
    AWAITING_MEDIATOR = "awaiting_mediator"
    AWAITING_SEAL = "awaiting_seal"
    AWAITING_TIME_STAMP = "awaiting_time_stamp"
    SEALED = "sealed"
    SUPERSEDED = "superseded"
    ENDED = "ended"
    DECLINED = "declined"
    LAPSED = "lapsed"
    VOIDED = "voided"


class AgreementMove(StrEnum):
    """What happens to an agreement."""

    PASS_GATE = "pass_gate"
    RETURN_TO_DRAFT = "return_to_draft"
    START_SIGNING = "start_signing"
    PARTIES_SIGNED = "parties_signed"
    MEDIATOR_SIGNED = "mediator_signed"
    SEAL = "seal"
    SEAL_AWAITING_STAMP = "seal_awaiting_stamp"
    TIME_STAMP = "time_stamp"
    DECLINE = "decline"
    LAPSE = "lapse"
    VOID = "void"
    SUPERSEDE = "supersede"
    END = "end"


_G, _GM = AgreementState, AgreementMove
_UNSIGNED = (_G.DRAFT, _G.GATE_PASSED, _G.SIGNING, _G.AWAITING_MEDIATOR)

# `seal` serves an institution without a time-stamp authority: its file waits for nothing. A file already
# rendered for signing never goes back to draft; it lapses, is declined or voided, and a new one is drawn up.
AGREEMENT_MOVES: Mapping[tuple[AgreementState, AgreementMove], AgreementState] = MappingProxyType(
    {
        (_G.DRAFT, _GM.PASS_GATE): _G.GATE_PASSED,
        (_G.GATE_PASSED, _GM.RETURN_TO_DRAFT): _G.DRAFT,
        (_G.GATE_PASSED, _GM.START_SIGNING): _G.SIGNING,
        (_G.SIGNING, _GM.PARTIES_SIGNED): _G.AWAITING_MEDIATOR,
        (_G.AWAITING_MEDIATOR, _GM.MEDIATOR_SIGNED): _G.AWAITING_SEAL,
        (_G.AWAITING_SEAL, _GM.SEAL): _G.SEALED,
        (_G.AWAITING_SEAL, _GM.SEAL_AWAITING_STAMP): _G.AWAITING_TIME_STAMP,
        (_G.AWAITING_TIME_STAMP, _GM.TIME_STAMP): _G.SEALED,
        **dict.fromkeys(((state, _GM.DECLINE) for state in _UNSIGNED), _G.DECLINED),
        (_G.SIGNING, _GM.LAPSE): _G.LAPSED,
        **dict.fromkeys(((state, _GM.VOID) for state in (*_UNSIGNED, _G.AWAITING_SEAL)), _G.VOIDED),
        (_G.SEALED, _GM.SUPERSEDE): _G.SUPERSEDED,
        (_G.SEALED, _GM.END): _G.ENDED,
    }
)

REOPENS_NEGOTIATION = frozenset({_G.DECLINED, _G.LAPSED, _G.VOIDED})
DOWNLOADABLE = frozenset({_G.SEALED, _G.SUPERSEDED, _G.ENDED})


class Signer(StrEnum):
    """Whose signature stands on an agreement; the values are those of the roles, and the seal."""

    BORROWER = "borrower"
    LENDER = "lender"
    MEDIATOR = "mediator"
    SEAL = "seal"


PARTIES = frozenset({Signer.BORROWER, Signer.LENDER})
# Who must have signed before: the parties in any order, the mediator after both, the seal after everybody.
SIGNS_AFTER: Mapping[Signer, frozenset[Signer]] = {
    Signer.BORROWER: frozenset(),
    Signer.LENDER: frozenset(),
    Signer.MEDIATOR: PARTIES,
    Signer.SEAL: PARTIES | {Signer.MEDIATOR},
}

Person = TypeVar("Person", bound=Hashable)


def next_agreement(state: AgreementState, move: AgreementMove) -> AgreementState:
    """The agreement after that move, or Refused("agreement:wrong-state", state, move)."""
    following = AGREEMENT_MOVES.get((state, move))
    if following is None:
        raise Refused("agreement:wrong-state", state=state, move=move)
    return following


def signed_in_full(required: Mapping[Signer, AbstractSet[Person]], signed: AbstractSet[Person]) -> frozenset[Signer]:
    """The signers whose every signing person has signed; a side that names nobody has not signed."""
    return frozenset(signer for signer, persons in required.items() if persons and persons <= signed)


def check_may_sign(signer: Signer, signed: AbstractSet[Signer]) -> None:
    """Borrower and lender in any order, then the mediator, the seal last; each once.

    Raises Refused: signature:already-given, signature:out-of-order (waiting_for: who must sign before).
    """
    if signer in signed:
        raise Refused("signature:already-given", signer=signer)
    missing = SIGNS_AFTER[signer] - signed
    if missing:
        raise Refused("signature:out-of-order", signer=signer, waiting_for=tuple(sorted(missing)))


def after_signature(signed: AbstractSet[Signer], *, awaits_time_stamp: bool = False) -> AgreementState:
    """The state that a set of complete signatures makes; nobody is bound before the seal is in it.

    Raises ValueError for a set that the order of signing cannot produce.
    """
    if any(SIGNS_AFTER[signer] - signed for signer in signed):
        raise ValueError("signatures out of order")
    if Signer.SEAL in signed:
        return AgreementState.AWAITING_TIME_STAMP if awaits_time_stamp else AgreementState.SEALED
    if Signer.MEDIATOR in signed:
        return AgreementState.AWAITING_SEAL
    return AgreementState.AWAITING_MEDIATOR if signed >= PARTIES else AgreementState.SIGNING


def after_window(signed: AbstractSet[Signer], *, anyone: bool) -> AgreementState:
    """What the end of the signing window makes of an agreement; `anyone`: at least one person signed.

    Both sides signed in time: it goes on. One signed, or a side in part, and another is silent: voided.
    Nobody signed: lapsed.
    """
    if signed >= PARTIES:
        return after_signature(signed)
    return AgreementState.VOIDED if anyone or signed else AgreementState.LAPSED
