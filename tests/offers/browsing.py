"""The editor as a browser without a script uses it: the form sent, the check page sent on, the answer given."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mediation.rules.negotiation import HOLD
from tests.offers.table import settle
from tests.world import World

PLAN = {
    "chosen_by": "count",
    "instalments": "36",
    "frequency": "monthly",
    "first_due_on": "2025-10-15",
    "waived_penalty": "530.27",
    "grace": "none",
    "reply_days": "7",
    "seen_version": "0",
}
TAGS = re.compile(r"<script.*?</script>|<[^>]+>", re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="([a-z_0-9]+)" value="([^"]*)"')


def text_of(page: bytes) -> str:
    """What a reader sees of a page."""
    return re.sub(r"\s+", " ", TAGS.sub(" ", page.decode())).replace("&#39;", "'")


def work_out(world: World, name: str, number: str, step: str = "preview", **typed: str) -> TestResponse:
    """The editor's form sent with one of its buttons."""
    seen = seen_on(world.client(name).get(f"/cases/{number}/offers/new"))
    data = {**PLAN, "seen_version": seen, **typed, "step": step}
    return world.client(name).post(f"/cases/{number}/offers/draft", data=data)


def put_forward(world: World, name: str, number: str, **typed: str) -> str:
    """The plan typed, checked and sent; the ten minutes pass. The path of its page."""
    checked = work_out(world, name, number, "check", **typed)
    if "Go on with this plan" in text_of(checked.data):
        checked = world.client(name).post(
            f"/cases/{number}/offers/draft", data=form_of(checked, last=True, step="check")
        )
    assert checked.status_code == 200, text_of(checked.data)
    sent = world.client(name).post(f"/cases/{number}/offers", data=form_of(checked, of="/offers"))
    assert sent.status_code == 303, text_of(sent.data)
    world.clock.move(seconds=HOLD.total_seconds())
    settle(world, number)
    return str(sent.location).removesuffix("/sent")


def accept(client: FlaskClient, path: str) -> TestResponse:
    """The plan on that page accepted by its own form."""
    return client.post(f"{path}/acceptance", data=form_of(client.get(path), of="/acceptance"))


def form_of(page: TestResponse, *, of: str = "/draft", last: bool = False, **more: str) -> dict[str, str]:
    """What the first, or the last, form of a page that leads there carries unseen."""
    forms = re.findall(rf'<form action="[^"]*{re.escape(of)}".*?</form>', page.data.decode(), re.DOTALL)
    fields = dict(HIDDEN.findall(forms[-1 if last else 0]))
    return {name: value for name, value in fields.items() if name not in ("csrf_token", "_key")} | more


def seen_on(page: TestResponse) -> str:
    """The version of the table that a page carries; 0 where it carries none."""
    found = re.search(rb'name="seen_version" value="(\d+)"', page.data)
    return found[1].decode() if found else "0"
