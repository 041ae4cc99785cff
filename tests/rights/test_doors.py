"""Everybody knocks at every door; the answers are the reviewed ones, and no door tells what is behind it."""

import difflib

from mediation.rules.access import DESK_GRANTS, GRANTS
from tests.house import ACTORS, House, everything_in
from tests.rights import printed
from tests.rights.walk import NOTHING, NOWHERE, Walk, ask, doors

# A page may write these while it is read, in a short transaction of its own.
COUNTERS = frozenset({"sign_in", "rate_count", "reading_mark"})
# They sit at no case of the house.
OUTSIDE = ("other borrower", "other lender's officer", "other mediator", "recused mediator", "other registrar",
           "auditor", "removed member", "stranger")  # fmt: skip


def test_the_printed_rights_are_the_reviewed_ones() -> None:
    kept = printed.PLACE.read_text(encoding="utf-8")
    assert printed.rights() in kept, _differing(kept, printed.OPENING + printed.rights())


def test_every_door_answers_as_reviewed(walked: Walk) -> None:
    kept, found = printed.PLACE.read_text(encoding="utf-8"), printed.whole(walked)
    assert found == kept, f"Read it, then `python -m tests.rights`: {_differing(kept, found)}"


def test_no_door_breaks(walked: Walk) -> None:
    broken = {
        (door.method, door.rule, actor, stage)
        for (door, actor, stage), status in walked.statuses.items()
        if status >= 500
    }
    assert not broken


def test_every_permission_guards_a_door_or_is_the_clocks(house: House) -> None:
    asked = {door.mark for door in doors(house)}
    unused = {*GRANTS, *DESK_GRANTS} - asked - {"time:pass"}
    assert unused <= {"case:submit", "invitation:issue", "claim:read", "panel:keep", "figures:read"}, unused


def test_nobody_outside_opens_a_door_of_a_case(walked: Walk) -> None:
    opened = {
        (door.method, door.rule, actor, stage)
        for (door, actor, stage), status in walked.statuses.items()
        if door.is_of_a_case and actor in OUTSIDE and status != 404
    }
    assert not opened


def test_nobody_opens_a_door_before_signing_in(walked: Walk) -> None:
    opened = {
        (door.method, door.rule, stage)
        for (door, actor, stage), status in walked.statuses.items()
        if actor == "anonymous" and door.mark != "public" and status != 303
    }
    assert not opened


def test_what_is_not_for_you_is_byte_for_byte_what_does_not_exist(house: House, walked: Walk) -> None:
    client = house.world.app.test_client(use_cookies=False)
    for door in doors(house):
        for actor in OUTSIDE if door.is_of_a_case else ():
            status, body = ask(house, client, door, actor, NOWHERE, {})
            assert (status, {body}) == (404, walked.not_found[actor]), f"{actor} at {door.method} {door.rule}"


def test_the_id_of_another_case_answers_as_the_id_of_nothing(swapped: Walk) -> None:
    differing = {
        (door.method, door.rule, actor, stage): (foreign[0], nothing[0])
        for (door, actor, stage, _), (foreign, nothing) in swapped.swapped.items()
        if foreign != nothing and not _is_theirs(actor, door.rule)
    }
    assert not differing


def test_the_id_of_another_case_opens_nothing(swapped: Walk) -> None:
    opened = {
        (door.method, door.rule, actor, stage): foreign[0]
        for (door, actor, stage, _), (foreign, _) in swapped.swapped.items()
        if foreign[0] < 400 and actor != "anonymous" and not _is_theirs(actor, door.rule)
    }
    assert not opened


def test_no_page_that_is_read_writes(
    house: House, walked: Walk, rows_before: dict[str, list[tuple[object, ...]]]
) -> None:
    after = everything_in(house.world.engine)
    moved = {table for table, rows in rows_before.items() if rows != after[table]} - COUNTERS
    assert not moved


def test_the_walk_would_notice_a_door_that_is_open(house: House) -> None:
    client, door = house.world.app.test_client(use_cookies=False), _door(house, "GET", "/cases/<number>")
    answers = [ask(house, client, door, name, house.cases["open"], {"offer_id": NOTHING})[0] for name in ACTORS]
    assert answers.count(200) == 5
    assert answers.count(404) == 9


def _is_theirs(actor: str, rule: str) -> bool:
    """The officer's portfolio holds the loans and imports of the other case too."""
    return actor == "officer" and rule.startswith("/loans")


def _door(house: House, method: str, rule: str):  # type: ignore[no-untyped-def]
    return next(door for door in doors(house) if (door.method, door.rule) == (method, rule))


def _differing(kept: str, found: str) -> str:
    return "\n".join(difflib.unified_diff(kept.splitlines(), found.splitlines(), lineterm="", n=0))
