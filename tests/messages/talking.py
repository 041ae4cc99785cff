"""Something said in a room and heard there: its fifteen seconds have passed, though the clock of the test stands."""

from uuid import UUID

from sqlalchemy import select

from mediation import audit
from mediation.cases.seats import Seat
from mediation.messages import actions, holding, selections
from mediation.messages.models import HeldMessage, Message
from mediation.rules.access import Room, Thread
from tests.world import World


def say(world: World, number: str, name: str, room: Room, text: str = "一句话", *, may_pass_on: bool = False) -> None:
    """That person says it there, and it is heard."""
    send(world, number, name, room, text, may_pass_on=may_pass_on)
    let_pass(world, number)


def send(world: World, number: str, name: str, room: Room, text: str = "一句话", *, may_pass_on: bool = False) -> None:
    """That person sends it, and may still take it back."""
    with world.seat(name, number) as seat:
        actions.send_message(seat, room, text, may_pass_on=may_pass_on, at=world.clock())


def let_pass(world: World, number: str) -> None:
    """What waits in that case is said."""
    with world.seat("ren", number) as seat:
        holding.say_due(Seat.system(seat.session, seat.case), at=world.clock() + holding.HELD_FOR)


def heard(world: World, number: str, name: str, room: Room) -> list[str]:
    """What that person hears there now, oldest first."""
    with world.seat(name, number) as seat:
        return [said.text for said in selections.talk_heard_by(seat, room).messages]


def entries(world: World, number: str, thread: Thread, name: str = "mo") -> list[audit.Entry]:
    """What the record has of it."""
    with world.seat(name, number) as seat:
        return audit.entries_seen_by(seat, thread)


def held_id(world: World) -> UUID:
    """The one message that waits."""
    with world.reading() as session:
        return session.scalars(select(HeldMessage.id)).one()


def said_id(world: World, room: Room) -> UUID:
    """The one message that was said there."""
    with world.reading() as session:
        return session.scalars(select(Message.id).where(Message.room == room)).one()
