"""What people are told about their mediator and their rooms, in words that give nothing away."""

import pytest
from sqlalchemy import select

from mediation import posting
from mediation.cases import appointments
from mediation.i18n import LOCALES
from mediation.messages import actions
from mediation.notices import Notice
from mediation.rules.access import Room
from mediation.rules.lifecycle import Answer, Stage
from tests.guards.words import words_found
from tests.messages import talking
from tests.stories import a_case
from tests.world import World


def walked(world: World) -> list[Notice]:
    """Every notice of a walk from the first mediator asked to a message in each room."""
    number = a_case(world, Stage.JOINED)
    ask_and_accept(world, number, "mo")
    with world.seat("bai", number) as seat:
        appointments.answer_appointment(seat, Answer.OBJECT, at=world.clock())
    ask_and_accept(world, number, "ming")
    for name in ("bai", "lu"):
        with world.seat(name, number) as seat:
            appointments.answer_appointment(seat, Answer.ACCEPT, at=world.clock())
    with world.seat("ming", number) as seat:
        actions.open_joint_room(seat, at=world.clock())
        actions.close_joint_room(seat, at=world.clock())
    talking.say(world, number, "ming", Room.CAUCUS_BORROWER, "您好")
    with world.reading() as session:
        return list(session.scalars(select(Notice).order_by(Notice.id)))


def ask_and_accept(world: World, number: str, mediator: str) -> None:
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people[mediator], at=world.clock())
    with world.seat(mediator, number) as seat:
        appointments.accept_appointment(seat, at=world.clock())


def letters(world: World, locale: str) -> list[posting.Letter]:
    found = walked(world)
    with world.reading() as session:
        return [
            posting.letter_of(session, each, locale=locale, public_url="https://tiaojie.example.cn") for each in found
        ]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_notice_of_the_walk_has_its_words(world: World, locale: str) -> None:
    for letter in letters(world, locale):
        assert "WH-2025-" in letter.subject
        assert len(letter.text) > len(letter.subject)


def test_no_notice_names_the_lender_an_amount_or_a_forbidden_word(world: World) -> None:
    for letter in letters(world, "zh_Hans"):
        assert "江岸" not in letter.text
        assert not words_found(letter.text)


def test_the_walk_tells_every_kind_to_whom_it_concerns(world: World) -> None:
    names = {account_id: name for name, account_id in world.people.items()}
    told = {(notice.kind, names[notice.account_id]) for notice in walked(world) if notice.account_id}
    assert told == {
        *(("mediator:proposed", name) for name in ("mo", "ming")),
        *(("mediator:accepted", name) for name in ("bai", "lu")),
        ("mediator:vacant", "ren"),
        ("mediator:replaced", "lu"),
        ("mediator:released", "mo"),
        *(("mediator:confirmed", name) for name in ("bai", "lu", "ming")),
        *((kind, name) for kind in ("room:opened", "room:closed") for name in ("bai", "lu")),
        ("message:sent", "bai"),
    }


def test_only_the_borrower_is_written_to_by_mail(world: World) -> None:
    addressed = {notice.account_id for notice in walked(world) if notice.address}
    assert addressed == {world.people["bai"]}
