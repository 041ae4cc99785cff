"""A mediator found by a draw: promised with its list, a number of each side, made once both gave or time is up."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation import audit, outbox
from mediation.accounts.models import Account
from mediation.audit import RecordThread
from mediation.cases import appointments, moves
from mediation.cases.panel import available_mediators, candidates_for, open_draw_of
from mediation.cases.panel_models import Draw, DrawNumber, DrawState
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_account, tell_roles
from mediation.db import new_key
from mediation.errors import Refused
from mediation.keys import pack, ring_of, unpack
from mediation.rules import draws, lifecycle
from mediation.rules.access import NEEDS_MEDIATOR, Role, Thread
from mediation.rules.deadlines import Term, is_over, last_day
from mediation.rules.draws import Checked, Listed, Ticket
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import Side

PARTIES = (Role.BORROWER, Role.LENDER)


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a made draw lays open, read from the record alone and computed again: nothing of it has to be believed."""

    seed: str
    numbers: Mapping[Side, str]
    tickets: Sequence[Ticket]
    passed_over: Sequence[str]
    drawn: Listed
    checked: Checked


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The newest draw of a case as a seat reads it; `made` once it is, `numbers_given` by which sides so far."""

    id: UUID
    state: DrawState
    candidates: Sequence[Listed]
    left_out: int
    list_text: str
    list_sha256: str
    seed_sha256: str
    opened_at: datetime
    until: date
    is_over: bool
    numbers_given: frozenset[Side]
    made: Made | None

    def is_open_to(self, side: Side | None) -> bool:
        """Whether this side may still add its number."""
        return side is not None and self.state is DrawState.OPEN and not self.is_over and side not in self.numbers_given


def open_draw(seat: Seat, *, at: datetime) -> Draw:
    """The seed is promised by its SHA-256 and the list is fixed, in one entry; each side may now add a number."""
    seat.require("mediator:appoint")
    appointments.release_if_left(Seat.system(seat.session, seat.case), at=at)
    if appointments.check_place_is_free(seat) is not None:
        raise Refused("draw:somebody-is-asked")
    candidates = candidates_for(seat, at=at)
    eligible = [Listed(str(each.account_id), each.name) for each in candidates if not each.hindrances]
    text, seed = draws.list_text(eligible), secrets.token_bytes(draws.SEED_BYTES).hex()
    draw = _keep(seat, text, seed, left_out=len(candidates) - len(eligible), at=at)
    if seat.stage is Stage.JOINED:
        moves.await_turn(seat.case, None, until=draw.ends_at, kind=Term.GIVE_DRAW_NUMBER.value, at=at)
    body = {
        "draw": str(draw.id),
        "seed_sha256": draw.seed_sha256,
        "list": text,
        "list_sha256": draw.list_sha256,
        "left_out": draw.left_out,
        "ends_at": draw.ends_at.isoformat(),
    }
    audit.record(seat, "draw:opened", body, at=at)
    outbox.enqueue(
        seat.session, "draw:make", {"case": str(seat.case_id)}, at=at, run_at=draw.ends_at, dedup=f"draw:make:{draw.id}"
    )
    facts = {"until": last_day(draw.ends_at, seat.zone).isoformat()}
    tell_roles(seat.session, seat.case, "draw:opened", PARTIES, at=at, facts=facts)
    return draw


def give_number(seat: Seat, text: str, *, at: datetime) -> None:
    """This side has added its number, once; when both have, nobody waits any longer and the draw is made."""
    seat.require("draw:give-number")
    draw, side = open_draw_of(seat.session, seat.case_id), seat.side
    if draw is None:
        raise Refused("draw:none")
    assert side is not None
    if is_over(draw.ends_at, at):
        raise Refused("draw:window-over", ends_at=draw.ends_at)
    if side in numbers_of(seat.session, draw.id):
        raise Refused("draw:number-given")
    number = draws.read_number(text)
    given = DrawNumber(draw_id=draw.id, side=side, number=number, given_by=seat.account_id, given_at=at)
    seat.session.add(given)
    seat.session.flush()
    body = {"draw": str(draw.id), "side": side.value, "number": number}
    audit.record(seat, "draw:number-given", body, at=at)
    make_draw_if_due(Seat.system(seat.session, seat.case), at=at)


def make_due_draw(seat: Seat, *, at: datetime) -> None:
    """The registrar need not wait for the worker once the time for numbers is over."""
    seat.require("mediator:appoint")
    draw = open_draw_of(seat.session, seat.case_id)
    if draw is None:
        raise Refused("draw:none")
    if not is_over(draw.ends_at, at):
        raise Refused("draw:window-runs", ends_at=draw.ends_at)
    make_draw_if_due(Seat.system(seat.session, seat.case), at=at)


def make_draw_if_due(seat: Seat, *, at: datetime) -> None:
    """Once both sides gave a number or the time is over, the first in the drawn order who can be asked is asked."""
    seat.require("time:pass")
    draw = open_draw_of(seat.session, seat.case_id)
    if draw is None:
        return
    if lifecycle.is_over(seat.case.stage):
        _close(seat, draw, DrawState.VOID, at)
        return
    numbers = numbers_of(seat.session, draw.id)
    if seat.case.stage not in NEEDS_MEDIATOR or not (is_over(draw.ends_at, at) or len(numbers) == len(Side)):
        return
    seed = _seed_of(seat.session, draw)
    tickets = draws.order(seed, draw.list_text, numbers)
    still = {str(each) for each in available_mediators(seat.session, seat.case)}
    first = draws.drawn(tickets, still)
    if first is None:
        _nobody(seat, draw, at)
        return
    _name(seat, draw, seed, numbers, tickets, first, at)


def draw_seen_by(seat: Seat, *, at: datetime) -> Shown | None:
    """The newest draw of this case, the same for every seat that reads the case; its seed only once it is made."""
    seat.require("case:read")
    found = select(Draw).where(Draw.case_id == seat.case_id).order_by(Draw.opened_at.desc(), Draw.id.desc())
    draw = seat.session.scalars(found.limit(1)).first()
    if draw is None:
        return None
    return Shown(
        id=draw.id,
        state=draw.state,
        candidates=draws.read_list(draw.list_text),
        left_out=draw.left_out,
        list_text=draw.list_text,
        list_sha256=draw.list_sha256,
        seed_sha256=draw.seed_sha256,
        opened_at=draw.opened_at,
        until=last_day(draw.ends_at, seat.zone),
        is_over=is_over(draw.ends_at, at),
        numbers_given=frozenset(numbers_of(seat.session, draw.id)),
        made=_made(seat, draw) if draw.state is DrawState.DRAWN else None,
    )


def numbers_of(session: Session, draw_id: UUID) -> dict[Side, str]:
    """The numbers that the sides have given to a draw."""
    found = select(DrawNumber.side, DrawNumber.number).where(DrawNumber.draw_id == draw_id)
    return dict(session.execute(found).all())


def _keep(seat: Seat, text: str, seed: str, *, left_out: int, at: datetime) -> Draw:
    draw_id = new_key()
    draw = Draw(
        id=draw_id,
        case_id=seat.case_id,
        state=DrawState.OPEN,
        seed_sealed=pack(ring_of(seat.session).encrypt(seed.encode(), context=_context(draw_id))),
        seed_sha256=draws.commitment(seed),
        list_text=text,
        list_sha256=draws.sha256_of(text),
        left_out=left_out,
        opened_by=seat.account_id,
        opened_at=at,
        ends_at=moves.deadline_of(seat.case, Term.GIVE_DRAW_NUMBER, at=at).ends_at,
    )
    seat.session.add(draw)
    seat.session.flush()
    return draw


def _name(
    seat: Seat,
    draw: Draw,
    seed: str,
    numbers: Mapping[Side, str],
    tickets: Sequence[Ticket],
    first: Ticket,
    at: datetime,
) -> None:
    passed_over = [each.candidate.id for each in tickets[: tickets.index(first)]]
    mediator_id = UUID(first.candidate.id)
    appointment = appointments.ask_drawn(seat, mediator_id, opened_by=draw.opened_by, at=at)
    draw.appointment_id, draw.passed_over = appointment.id, " ".join(passed_over)
    _close(seat, draw, DrawState.DRAWN, at)
    body = {
        "draw": str(draw.id),
        "seed": seed,
        "list_sha256": draw.list_sha256,
        "numbers": {side.value: numbers[side] for side in Side if side in numbers},
        "passed_over": passed_over,
        "drawn": first.candidate.id,
        "appointment": str(appointment.id),
    }
    audit.record(seat, "mediator:drawn", body, at=at)
    account = seat.session.get_one(Account, mediator_id)
    tell_account(seat.session, seat.case, "mediator:proposed", account, Role.MEDIATOR, at=at)
    tell_roles(seat.session, seat.case, "draw:made", (*PARTIES, Role.REGISTRAR), at=at)


def _nobody(seat: Seat, draw: Draw, at: datetime) -> None:
    _close(seat, draw, DrawState.VOID, at)
    if seat.case.stage is Stage.JOINED:
        moves.await_turn(seat.case, Role.REGISTRAR, until=None, kind="", at=at)
    audit.record(seat, "draw:void", {"draw": str(draw.id)}, at=at)
    tell_roles(seat.session, seat.case, "mediator:vacant", (Role.REGISTRAR,), at=at)


def _close(seat: Seat, draw: Draw, state: DrawState, at: datetime) -> None:
    draw.state, draw.closed_at = state, at
    seat.session.flush()


def _made(seat: Seat, draw: Draw) -> Made | None:
    """The draw as the record alone tells it; None where the record does not tell of it."""
    told = {kind: body for kind, body in _entries(seat) if body is not None and body.get("draw") == str(draw.id)}
    opened, made = told.get("draw:opened"), told.get("mediator:drawn")
    if opened is None or made is None:
        return None
    numbers = {Side(side): number for side, number in made["numbers"].items()}
    checked = draws.check(
        promised=opened["seed_sha256"],
        list_sha256=opened["list_sha256"],
        seed=made["seed"],
        text=opened["list"],
        numbers=numbers,
        passed_over=made["passed_over"],
        drawn_id=made["drawn"],
    )
    tickets = draws.order(made["seed"], opened["list"], numbers)
    named = next(each.candidate for each in tickets if each.candidate.id == made["drawn"])
    return Made(
        seed=made["seed"],
        numbers=numbers,
        tickets=tickets,
        passed_over=made["passed_over"],
        drawn=named,
        checked=checked,
    )


def _entries(seat: Seat) -> list[tuple[str, Any]]:
    thread = seat.session.scalars(
        select(RecordThread).where(RecordThread.case_id == seat.case_id, RecordThread.name == Thread.CASE)
    ).one()
    return [(entry.kind, entry.body) for entry in audit.read(seat.session, thread, limit=10_000)]


def _seed_of(session: Session, draw: Draw) -> str:
    return ring_of(session).decrypt(unpack(draw.seed_sealed), context=_context(draw.id)).decode()


def _context(draw_id: UUID) -> bytes:
    return b"draw-seed/" + draw_id.bytes
