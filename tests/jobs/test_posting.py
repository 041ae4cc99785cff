"""Notices: worded in the reader's language, posted by SMTP or into a folder, never lost, recognised when repeated."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from mediation import jobs, notices
from mediation.accounts.models import Account
from mediation.notices import Delivery, DeliveryState, Notice
from mediation.outbox import Job
from tests.world import World


class Postbox:
    """A mail server that keeps what it is given, or refuses it."""

    def __init__(self) -> None:
        self.kept: list[EmailMessage] = []
        self.refusal = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.original_content, policy=default)
        assert isinstance(message, EmailMessage)
        self.kept.append(message)
        return "250 OK"


@pytest.fixture
def postbox(world: World) -> Iterator[Postbox]:
    """A real mail server on this machine, to which the world posts."""
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=_free_port())
    server.start()
    _post_to(world, f"smtp://127.0.0.1:{server.port}")
    yield box
    server.stop()


def test_a_notice_is_delivered_in_the_readers_language(world: World, postbox: Postbox) -> None:
    _tell(world, locale="zh_Hans")
    jobs.run_due(world.engine, world.info, world.clock)
    (mail,) = postbox.kept
    text = mail.get_body(("plain",)).get_content()
    assert (mail["Subject"], mail["To"]) == ("您的登录验证码", "bai@example.org")
    assert "424242" in text
    assert "027-5550 0110" in text


def test_the_sender_is_the_institution(world: World, postbox: Postbox) -> None:
    _tell(world, locale="en")
    jobs.run_due(world.engine, world.info, world.clock)
    assert postbox.kept[0]["From"].addresses[0].display_name == "Jiangcheng People's Mediation Committee"


def test_a_notice_bears_the_same_id_each_time_it_is_sent(world: World, postbox: Postbox) -> None:
    notice_id = _tell(world)
    jobs.run_due(world.engine, world.info, world.clock)
    _as_if_the_worker_had_died_before_keeping(world)
    jobs.run_due(world.engine, world.info, world.clock)
    assert [mail["Message-ID"] for mail in postbox.kept] == [f"<{notice_id}@localhost>"] * 2


def test_what_is_refused_stays_in_the_queue_and_goes_once_it_is_taken(world: World, postbox: Postbox) -> None:
    _tell(world)
    postbox.refusal = "451 not now"
    jobs.run_due(world.engine, world.info, world.clock)
    assert (postbox.kept, _undone(world)) == ([], 1)
    postbox.refusal = ""
    world.clock.move(minutes=1)
    jobs.run_due(world.engine, world.info, world.clock)
    assert (len(postbox.kept), _undone(world)) == (1, 0)
    assert _deliveries(world) == [(1, DeliveryState.FAILED, "451"), (2, DeliveryState.SENT, "")]


def test_a_server_that_is_away_loses_nothing(world: World, postbox: Postbox) -> None:
    there = world.settings.smtp_url
    _post_to(world, f"smtp://127.0.0.1:{_free_port()}")
    _tell(world)
    _tell(world)
    jobs.run_due(world.engine, world.info, world.clock)
    _post_to(world, there)
    world.clock.move(minutes=1)
    jobs.run_due(world.engine, world.info, world.clock)
    assert (len(postbox.kept), _undone(world)) == (2, 0)


@pytest.mark.parametrize("address", ["bai@example.org\nBcc: shi@example.org", "bai@example.org, shi@example.org", "no"])
def test_an_address_that_would_write_headers_of_its_own_is_never_posted(
    world: World, postbox: Postbox, address: str
) -> None:
    _tell(world, address=address)
    jobs.run_due(world.engine, world.info, world.clock)
    assert (postbox.kept, _undone(world), _deliveries(world)[0][1]) == ([], 0, DeliveryState.FAILED)


def test_a_name_that_would_write_headers_of_its_own_is_never_posted(world: World, postbox: Postbox) -> None:
    from mediation.accounts.models import Institution

    with world.writing() as session:
        session.get_one(Institution, world.institution_id).name = "江城\r\nBcc: shi@example.org"
    _tell(world, locale="zh_Hans")
    jobs.run_due(world.engine, world.info, world.clock)
    assert postbox.kept == []


def test_without_a_server_the_letter_lies_in_the_folder_once(world: World) -> None:
    notice_id = _tell(world)
    jobs.run_due(world.engine, world.info, world.clock)
    _as_if_the_worker_had_died_before_keeping(world)
    jobs.run_due(world.engine, world.info, world.clock)
    laid = sorted(path.name.partition("-")[2] for path in world.settings.mail_folder.iterdir())
    assert laid == [f"{notice_id}.eml", f"{notice_id}.html"]


def test_the_letter_in_the_folder_is_escaped(world: World) -> None:
    with world.writing() as session:
        notices.tell(session, "member:invited", institution_id=world.institution_id, address="a@example.org",
                     at=world.clock())  # fmt: skip
        from mediation.accounts.models import Institution

        session.get_one(Institution, world.institution_id).name = "<script>x</script>"
    jobs.run_due(world.engine, world.info, world.clock)
    (page,) = (path.read_text() for path in world.settings.mail_folder.glob("*.html"))
    assert ("<script>" in page, "&lt;script&gt;" in page) == (False, True)


def test_a_party_is_not_woken_at_night(world: World) -> None:
    world.clock.at = datetime(2025, 9, 24, 14, 30, tzinfo=UTC)  # 22:30 in Shanghai
    _tell(world, kind="member:invited")
    jobs.run_due(world.engine, world.info, world.clock)
    assert _run_at(world) == datetime(2025, 9, 25, 0, 5, tzinfo=UTC)
    world.clock.at = datetime(2025, 9, 25, 0, 5, tzinfo=UTC)
    jobs.run_due(world.engine, world.info, world.clock)
    assert _undone(world) == 0


def test_after_midnight_it_waits_for_the_same_morning(world: World) -> None:
    world.clock.at = datetime(2025, 9, 24, 20, 0, tzinfo=UTC)  # 04:00 in Shanghai
    _tell(world, kind="member:invited")
    jobs.run_due(world.engine, world.info, world.clock)
    assert _run_at(world) == datetime(2025, 9, 25, 0, 5, tzinfo=UTC)


def test_a_code_that_somebody_asked_for_comes_at_night_too(world: World) -> None:
    world.clock.at = datetime(2025, 9, 24, 14, 30, tzinfo=UTC)
    _tell(world)
    jobs.run_due(world.engine, world.info, world.clock)
    assert _undone(world) == 0


def _tell(world: World, *, kind: str = "sign-in:code", address: str = "bai@example.org", locale: str = "") -> Any:
    with world.writing() as session:
        facts = {"code_sealed": notices.sealed_fact(session, "424242")}
        account = session.get_one(Account, world.people["bai"])
        told = notices.tell(session, kind, institution_id=world.institution_id, account_id=account.id, address=address,
                            locale=locale, facts=facts, at=world.clock())  # fmt: skip
        return told.id


def _as_if_the_worker_had_died_before_keeping(world: World) -> None:
    with world.writing() as session:
        session.query(Delivery).delete()
        session.query(Job).update({"done_at": None, "run_at": world.clock()})


def _post_to(world: World, url: str) -> None:
    object.__setattr__(world.settings, "smtp_url", url)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _undone(world: World) -> int:
    with world.reading() as session:
        return session.query(Job).filter(Job.done_at.is_(None)).count()


def _run_at(world: World) -> datetime:
    with world.reading() as session:
        return session.query(Job).one().run_at


def _deliveries(world: World) -> list[tuple[int, DeliveryState, str]]:
    with world.reading() as session:
        found = session.query(Delivery).join(Notice, Notice.id == Delivery.notice_id).order_by(Delivery.attempt)
        return [(row.attempt, row.state, row.detail) for row in found]
