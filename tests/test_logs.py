"""Log lines are one JSON object each and carry nothing personal."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from mediation import jobs, notices
from mediation.web import logs
from tests.world import PASSWORD, World


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged while the test runs; afterwards logging is as it was."""
    root, ours = logging.getLogger(), logging.getLogger("mediation")
    before = (list(root.handlers), root.level, ours.level)
    stream = io.StringIO()
    logs.set_up(stream)
    yield stream
    root.handlers[:], level, ours_level = before
    root.setLevel(level)
    ours.setLevel(ours_level)


def test_a_request_leaves_the_rule_of_its_route_and_not_its_address(world: World, lines: io.StringIO) -> None:
    world.client("bai").get("/cases/WH-2025-00042/offers?note=secret")
    line = json.loads(lines.getvalue().splitlines()[-1])
    assert (line["event"], line["status"], "00042" in str(line), "secret" in str(line)) == (
        "request",
        404,
        False,
        False,
    )


def test_what_people_type_gets_into_no_line(world: World, lines: io.StringIO) -> None:
    client = world.client()
    client.post("/sign-in", data={"sign_in_name": "bai", "password": "canary-password"})
    client.post("/sign-in", data={"sign_in_name": "canary-name", "password": PASSWORD})
    client.post("/sign-in/code", data={"sign_in_name": "bai"})
    client.post("/sign-in/code/enter", data={"code": "canary-code"})
    jobs.run_due(world.engine, world.info, world.clock)
    written = lines.getvalue()
    assert [word for word in ("canary", PASSWORD, "bai", "@", "127.0.0.1") if word in written] == []


def test_a_job_that_fails_leaves_its_kind_and_where_but_not_what_the_error_says(
    world: World, lines: io.StringIO
) -> None:
    with world.writing() as session:
        notices.tell(session, "canary:kind", institution_id=world.institution_id, address="canary@example.org",
                     facts={"x": "canary-fact"}, at=world.clock())  # fmt: skip
    jobs.run_due(world.engine, world.info, world.clock)
    failed = [json.loads(line) for line in lines.getvalue().splitlines() if '"job:failed"' in line]
    assert (failed[0]["kind"], failed[0]["error"], "canary" in str(failed)) == (
        "notice:send",
        "TemplateNotFound",
        False,
    )
    assert any("mediation/posting.py" in place for place in failed[0]["where"])
