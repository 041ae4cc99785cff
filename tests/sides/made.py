"""Advisers and further borrowers, invited and seated in one line."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select

from mediation.cases import advisers, further_borrowers, side_codes, side_joining
from mediation.cases.advisers import Wish
from mediation.cases.identification import Answered
from mediation.cases.models import Purpose
from mediation.cases.side_models import SideInvitation
from mediation.rules.access import Scope
from tests.world import World

PHONE = "13900001234"
EVERYTHING = frozenset(Scope)
READS_FILE = frozenset({Scope.FILE})
HEARS = frozenset({Scope.FILE, Scope.CAUCUS})
WRITES = HEARS | {Scope.WRITING}
UNTIL = date(2025, 12, 31)


@dataclass(frozen=True)
class Sent:
    """An invitation to a side, with its code."""

    id: UUID
    code: str


def wish(**other: object) -> Wish:
    """An adviser as a side asks for one."""
    given: dict[str, object] = {
        "name": "安宁", "phone": PHONE, "email": "an@example.org", "scope": HEARS, "ends_on": UNTIL,
    }  # fmt: skip
    return Wish(**{**given, **other})  # type: ignore[arg-type]


def ask(world: World, number: str, inviter: str = "bai", **other: Any) -> Sent:
    """That person's side invites an adviser."""
    with world.seat(inviter, number) as seat:
        invitation = advisers.invite_adviser(seat, wish(**other), at=world.clock())
        return Sent(invitation.id, side_codes.code_of(seat.session, invitation, now=world.clock()))


def answer(world: World, sent: Sent, text: str, *, signed_in: str | None = None) -> Answered:
    """Whoever holds the code answers the question."""
    with world.writing() as session:
        who = world.people[signed_in] if signed_in else None
        return side_joining.answer_question(session, sent.id, text, signed_in=who, locale="zh_Hans", at=world.clock())


def adviser(world: World, number: str, inviter: str = "bai", name: str = "an", **other: Any) -> Sent:
    """That person sits beside the inviter's side."""
    other.setdefault("email", f"{name}@example.org")
    sent = ask(world, number, inviter, **other)
    with world.writing() as session:
        # In the tests people sign in by their short names, not by their addresses.
        session.get_one(SideInvitation, sent.id).account_id = world.people[name]
    answer(world, sent, PHONE[-4:], signed_in=name)
    with world.writing() as session:
        side_joining.join_as_adviser(
            session, world.people[name], sent.id, words="我同意", password_hash=None, at=world.clock()
        )
    return sent


def invite_further(world: World, number: str, **other: str) -> Sent:
    """The registrar invites a further person to the borrower's side."""
    given = {"name": "石川", "id_tail": "105X", "phone": "", "email": "shichuan@example.org"}
    with world.seat("ren", number) as seat:
        invitation = further_borrowers.invite_borrower(seat, **{**given, **other}, at=world.clock())
        return Sent(invitation.id, side_codes.code_of(seat.session, invitation, now=world.clock()))


def further(world: World, number: str, name: str = "shi", **other: str) -> Sent:
    """That person is on the borrower's side, too."""
    sent = invite_further(world, number, **other)
    with world.writing() as session:
        session.get_one(SideInvitation, sent.id).account_id = world.people[name]
    answer(world, sent, "105x", signed_in=name)
    words = dict.fromkeys(Purpose, "我同意")
    with world.writing() as session:
        side_joining.join_as_borrower(
            session, world.people[name], sent.id, words=words, password_hash=None, at=world.clock()
        )
    return sent


def kept(world: World, sent: Sent) -> SideInvitation:
    """The invitation as it stands."""
    with world.reading() as session:
        return session.scalars(select(SideInvitation).where(SideInvitation.id == sent.id)).one()


def status(world: World, name: str, path: str, method: str = "GET") -> int:
    """What that person's browser is answered at that address."""
    answered = world.client(name).open(path, method=method)
    answered.close()
    return answered.status_code


def page(world: World, name: str, path: str) -> str:
    """What that person reads there."""
    answered = world.client(name).get(path, follow_redirects=True)
    assert answered.status_code == 200, answered.get_data(as_text=True)
    return answered.get_data(as_text=True)


def browser_with(world: World, code: str) -> FlaskClient:
    """A stranger's browser that has typed the code."""
    client = world.client()
    client.post("/join", data={"code": code})
    return client


def days_on(count: int) -> date:
    """So many days from the day on which the tests begin."""
    return date(2025, 9, 24) + timedelta(days=count)
