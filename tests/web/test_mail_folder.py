"""The mail folder of a demonstration shows its letters a page at a time."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from mediation.app import create_app
from mediation.posting import Envelope, Letter, _lay_down, message_of
from mediation.web.mail_views import PAGE
from tests.world import World

WRITTEN = datetime(2025, 9, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
def client(world: World) -> FlaskClient:
    """A browser at a demonstration with one letter more than a page holds."""
    settings = replace(world.settings, mode="demo")
    app = create_app(settings, engine=world.engine, now=world.clock, durable=False)
    for number in range(PAGE + 1):
        letter = Letter(f"Letter {number}", "text", "<p>text</p>")
        made_at = WRITTEN.replace(minute=number % 60, second=number // 60)
        envelope = Envelope(UUID(int=uuid4().int), "bai@example.org", "House", made_at, letter)
        _lay_down(message_of(envelope, sender="house@example.org", host="localhost"), envelope, settings.mail_folder)
    browser = app.test_client()
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def test_the_newest_fifty_come_first_and_the_rest_on_the_next_page(client: FlaskClient) -> None:
    first = client.get("/demo/mail").get_data(as_text=True)
    assert (first.count("/demo/mail/"), "Letter 50<" in first, "Letter 0<" in first) == (PAGE, True, False)
    assert 'rel="next" href="/demo/mail?page=1"' in first
    second = client.get("/demo/mail?page=1").get_data(as_text=True)
    assert (second.count("/demo/mail/"), "Letter 0<" in second) == (1, True)
    assert 'rel="prev" href="/demo/mail?page=0"' in second


@pytest.mark.parametrize("page", ["-1", "x", "9" * 30])
def test_a_page_that_is_no_number_is_the_first(client: FlaskClient, page: str) -> None:
    assert "Letter 50<" in client.get(f"/demo/mail?page={page}").get_data(as_text=True)
