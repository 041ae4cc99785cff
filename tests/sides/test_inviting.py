"""A side asks somebody to sit beside it: with a scope, until a day, by a code that opens once."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from mediation import audit, notices
from mediation.accounts.models import Account
from mediation.cases.identification import Outcome
from mediation.cases.models import Seating
from mediation.errors import NotPermitted, Refused
from mediation.rules.access import Role, Scope, Thread
from mediation.rules.lifecycle import Stage
from tests.sides.made import (
    EVERYTHING,
    HEARS,
    PHONE,
    UNTIL,
    adviser,
    answer,
    ask,
    browser_with,
    days_on,
    kept,
    page,
)
from tests.stories import a_case
from tests.world import World


def terms(page: str, **other: str) -> dict[str, str]:
    """The terms as the page shows them, all ticked."""
    shown = re.search(r'name="shown"[^>]*value="([0-9a-f]{64})"', page)
    assert shown is not None, page
    given = {"shown": shown.group(1), "keeps_quiet": "y", "is_free": "y", "may_be_named": "y"}
    return {name: value for name, value in {**given, **other}.items() if value}


@pytest.mark.parametrize("inviter", ["bai", "lu"])
def test_an_adviser_walks_from_the_code_to_the_case(world: World, inviter: str) -> None:
    number = a_case(world)
    sent = ask(world, number, inviter, email="counsel@example.org")
    client = browser_with(world, sent.code)
    answered = client.post("/join/side", data={"answer": "1234"})
    offered = client.get(answered.location)
    joined = client.post(f"/join/side/{sent.id}/adviser", data=terms(offered.get_data(as_text=True)))
    assert joined.location == f"/cases/{number}/advisers"
    assert client.get(f"/cases/{number}").status_code == 200
    assert client.get(f"/cases/{number}/advisers").status_code == 200


def test_opening_pages_uses_up_nothing_and_shows_nothing(world: World) -> None:
    number = a_case(world)
    sent = ask(world, number)
    client = browser_with(world, sent.code)
    texts = [client.get(path).get_data(as_text=True) for path in ("/join/side", "/join/side/not-me")]
    assert not [text for text in texts if number in text or "白露" in text or "江岸" in text or "安宁" in text]
    assert (kept(world, sent).attempts, kept(world, sent).verified_at) == (0, None)


def test_the_terms_are_nobody_elses_to_read(world: World) -> None:
    sent = ask(world, a_case(world))
    assert answer(world, sent, "1234").outcome is Outcome.RIGHT
    assert world.client("shi").get(f"/join/side/{sent.id}").status_code == 404


def test_an_account_that_exists_signs_in_first(world: World) -> None:
    number = a_case(world)
    with world.writing() as session:
        session.get_one(Account, world.people["an"]).sign_in_name = "an@example.org"
    sent = ask(world, number)
    assert answer(world, sent, "1234").outcome is Outcome.SIGN_IN_FIRST
    assert answer(world, sent, "1234", signed_in="an").outcome is Outcome.RIGHT


def test_the_fifth_wrong_answer_closes_the_code(world: World) -> None:
    number = a_case(world)
    sent = ask(world, number)
    outcomes = [answer(world, sent, "0000").outcome for _ in range(5)]
    assert outcomes == [Outcome.WRONG] * 4 + [Outcome.CLOSED]
    with pytest.raises(Refused, match="invitation:locked"):
        answer(world, sent, "1234")
    with world.reading() as session:
        told = session.scalars(select(notices.Notice).where(notices.Notice.kind == "side:locked")).all()
    assert {one.account_id for one in told} == {world.people["bai"]}


def test_the_code_runs_out(world: World) -> None:
    sent = ask(world, a_case(world))
    world.clock.move(days=40)
    with pytest.raises(Refused, match="invitation:code-expired"):
        answer(world, sent, "1234")


def test_a_used_code_opens_nothing(world: World) -> None:
    sent = adviser(world, a_case(world))
    with pytest.raises(Refused, match="invitation:code-used"):
        answer(world, sent, "1234")


def test_without_a_telephone_the_name_is_asked_for(world: World) -> None:
    sent = ask(world, a_case(world), phone="", email="an2@example.org")
    assert answer(world, sent, "安 甯").outcome is Outcome.WRONG
    assert answer(world, sent, " 安 宁").outcome is Outcome.RIGHT


def test_this_is_not_me_ends_the_invitation(world: World) -> None:
    sent = ask(world, a_case(world))
    client = browser_with(world, sent.code)
    assert client.post("/join/side/not-me").status_code == 303
    assert kept(world, sent).ended_as == "not-me"


def test_whoever_is_asked_may_say_no(world: World) -> None:
    number = a_case(world)
    sent = ask(world, number, email="counsel@example.org")
    client = browser_with(world, sent.code)
    client.post("/join/side", data={"answer": "1234"})
    client.post(f"/join/side/{sent.id}/refusal")
    assert kept(world, sent).ended_as == "declined"
    assert client.get(f"/cases/{number}").status_code == 404


def test_nobody_advises_without_agreeing_to_all_the_terms(world: World) -> None:
    number = a_case(world)
    sent = ask(world, number, email="counsel@example.org")
    client = browser_with(world, sent.code)
    shown = client.get(client.post("/join/side", data={"answer": "1234"}).location).get_data(as_text=True)
    assert client.post(f"/join/side/{sent.id}/adviser", data=terms(shown, is_free="")).status_code == 409
    assert client.post(f"/join/side/{sent.id}/adviser", data=terms(shown, shown="0" * 64)).status_code == 409
    assert kept(world, sent).joined_at is None


def test_without_an_address_for_codes_a_password_is_needed(world: World) -> None:
    sent = ask(world, a_case(world), email="")
    client = browser_with(world, sent.code)
    shown = client.get(client.post("/join/side", data={"answer": "1234"}).location).get_data(as_text=True)
    assert client.post(f"/join/side/{sent.id}/adviser", data=terms(shown)).status_code == 409
    with_one = terms(shown, password="seven green herons")
    assert client.post(f"/join/side/{sent.id}/adviser", data=with_one).status_code == 303


@pytest.mark.parametrize("name", ["bai", "lu", "mo", "ren"])
def test_nobody_who_has_a_place_here_becomes_an_adviser(world: World, name: str) -> None:
    with pytest.raises(Refused, match="side:sits-already"):
        adviser(world, a_case(world), name=name)


def test_nobody_on_the_panel_becomes_an_adviser(world: World) -> None:
    with pytest.raises(Refused, match="side:works-here"):
        adviser(world, a_case(world), name="ming")


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"name": " "}, "adviser:name-missing"),
        ({"phone": "", "email": ""}, "adviser:contact-missing"),
        ({"scope": frozenset()}, "adviser:nothing-to-read"),
        ({"scope": frozenset({Scope.FILE, Scope.WRITING})}, "adviser:writes-unheard"),
        ({"ends_on": days_on(0)}, "adviser:end-is-past"),
        ({"ends_on": days_on(367)}, "adviser:end-too-far"),
        ({"email": "nobody"}, "contact:email-not-valid"),
        ({"phone": "12"}, "contact:phone-not-valid"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused(world: World, other: dict[str, Any], why: str) -> None:
    number = a_case(world)
    with pytest.raises(Refused, match=why):
        ask(world, number, **other)


def test_the_lender_cannot_let_anybody_read_the_borrowers_means(world: World) -> None:
    number = a_case(world)
    with pytest.raises(Refused, match="adviser:not-yours-to-give"):
        ask(world, number, "lu", scope=EVERYTHING)
    assert ask(world, number, "bai", scope=EVERYTHING)


def test_a_side_has_three_advisers_at_most(world: World) -> None:
    number = a_case(world)
    for count in range(3):
        ask(world, number, email=f"a{count}@example.org")
    with pytest.raises(Refused, match="adviser:enough"):
        ask(world, number)
    assert ask(world, number, "lu")
    world.clock.move(days=40)
    assert ask(world, number)


@pytest.mark.parametrize("name", ["mo", "ren"])
def test_only_a_side_invites_an_adviser(world: World, name: str) -> None:
    with pytest.raises(NotPermitted):
        ask(world, a_case(world), name)


def test_nobody_invites_before_taking_part_or_after_the_end(world: World) -> None:
    early, late = a_case(world, Stage.INVITED, contract="C-1"), a_case(world, Stage.IN_FORCE, contract="C-2")
    for number in (early, late):
        with pytest.raises(Refused, match="case:wrong-stage"):
            ask(world, number, "lu")


def test_the_code_goes_by_mail_or_is_passed_on(world: World) -> None:
    number = a_case(world)
    mailed, told = ask(world, number), ask(world, number, email="")
    with world.reading() as session:
        made = session.scalars(select(notices.Notice).where(notices.Notice.kind == "adviser:invited")).all()
    assert [one.channel for one in made] == [notices.Channel.MAIL, notices.Channel.LETTER]
    text = page(world, "bai", f"/cases/{number}/advisers")
    assert mailed.code in text
    assert told.code in text
    assert mailed.code not in page(world, "lu", f"/cases/{number}/advisers")


def test_the_code_stands_nowhere_once_it_was_used(world: World) -> None:
    number = a_case(world)
    sent = adviser(world, number)
    assert sent.code not in page(world, "bai", f"/cases/{number}/advisers")


def test_an_invitation_is_on_the_inviting_sides_own_record_alone(world: World) -> None:
    number = a_case(world)
    ask(world, number)
    with world.seat("mo", number) as seat:
        private = [one.kind for one in audit.entries_seen_by(seat, Thread.CAUCUS_BORROWER)]
        shared = [one.kind for one in audit.entries_seen_by(seat, Thread.CASE)]
    assert private == ["adviser:invited"]
    assert "adviser:invited" not in shared


def test_a_seat_is_on_the_record_of_the_case_with_the_terms(world: World) -> None:
    number = a_case(world)
    sent = adviser(world, number)
    with world.seat("lu", number) as seat:
        last = audit.entries_seen_by(seat, Thread.CASE)[-1]
    assert (last.kind, last.actor) == ("adviser:joined", "adviser")
    assert last.body is not None
    assert last.body == {
        "invitation": str(sent.id), "side": "borrower", "terms_sha256": kept(world, sent).terms_sha256,
    }  # fmt: skip


def test_everybody_in_the_case_sees_who_advises_whom(world: World) -> None:
    number = a_case(world)
    adviser(world, number)
    for name in ("bai", "lu", "mo", "ren", "an"):
        text = page(world, name, f"/cases/{number}")
        assert "安宁" in text
        assert "beside the borrower" in text


def test_nobody_else_sees_an_adviser_who_has_not_come(world: World) -> None:
    number = a_case(world)
    ask(world, number)
    for name in ("lu", "mo", "ren"):
        assert "安宁" not in page(world, name, f"/cases/{number}")


def test_everybody_at_the_table_is_told_when_an_adviser_comes(world: World) -> None:
    adviser(world, a_case(world))
    with world.reading() as session:
        told = session.scalars(select(notices.Notice).where(notices.Notice.kind == "adviser:joined")).all()
    assert {one.account_id for one in told} == {world.people[name] for name in ("bai", "lu", "mo")}


def test_a_form_sent_twice_invites_once(world: World) -> None:
    number = a_case(world)
    client = world.client("bai")
    form = {"name": "安宁", "phone": PHONE, "reads_file": "y", "ends_on": UNTIL.isoformat(), "_key": "k" * 20}
    places = {client.post(f"/cases/{number}/advisers", data=form).location for _ in range(2)}
    assert places == {f"/cases/{number}/advisers"}
    assert page(world, "bai", f"/cases/{number}/advisers").count("Join code:") == 1


def test_a_refused_form_says_why_at_its_field(world: World) -> None:
    number = a_case(world)
    form = {"name": "安宁", "phone": PHONE, "ends_on": UNTIL.isoformat()}
    answered = world.client("bai").post(f"/cases/{number}/advisers", data=form)
    assert answered.status_code == 409
    assert "Choose at least one thing that the adviser may read." in answered.get_data(as_text=True)


def test_an_adviser_never_counts_as_a_signer(world: World) -> None:
    number = a_case(world)
    adviser(world, number, scope=HEARS)
    with world.reading() as session:
        seats = session.scalars(select(Seating).where(Seating.role == Role.ADVISER)).all()
    assert [one.signs for one in seats] == [False]


def test_the_last_day_still_counts(world: World) -> None:
    number = a_case(world)
    sent = adviser(world, number, ends_on=date(2025, 9, 30))
    ends_at = kept(world, sent).seat_ends_at
    assert ends_at is not None
    assert ends_at.isoformat() == "2025-09-30T16:00:00+00:00"
