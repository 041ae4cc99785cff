"""这不是我, the letter, and the new invitation to the right place."""

import pytest
from sqlalchemy import select

from mediation import audit, notices
from mediation.cases.invitations import remind
from mediation.errors import Refused
from mediation.outbox import Job
from mediation.rules.access import Role, Thread
from mediation.rules.lifecycle import Stage
from tests.invitations.scenes import LETTER, TAIL, an_invitation, identified, newest, opened, sent, the_case
from tests.invitations.test_codes import refused, renew, told
from tests.world import World


def test_this_is_not_me_closes_the_code(world: World) -> None:
    invitation = an_invitation(world)
    answer = opened(world, invitation.code).post("/join/not-me")
    case = the_case(world, invitation.case)
    assert answer.status_code == 303
    assert (case.stage, case.turn) == (Stage.UNREACHABLE, Role.REGISTRAR)
    assert refused(world, invitation.code) == "invitation:code-ended"


def test_looking_at_not_me_closes_nothing(world: World) -> None:
    invitation = an_invitation(world)
    opened(world, invitation.code).get("/join/not-me")
    assert the_case(world, invitation.case).stage is Stage.INVITED


def test_nothing_more_goes_to_the_wrong_contact(world: World) -> None:
    invitation = an_invitation(world)
    opened(world, invitation.code).post("/join/not-me")
    run_reminders(world)
    with world.reading() as session:
        waiting = session.scalars(select(Job).where(Job.kind == "notice:send", Job.done_at.is_(None))).all()
        addresses = [session.get_one(notices.Notice, as_id(job.payload["notice"])).address for job in waiting]
    assert LETTER not in addresses


def test_the_lender_learns_only_that_the_contact_is_wrong(world: World) -> None:
    invitation = an_invitation(world)
    opened(world, invitation.code).post("/join/not-me")
    with world.seat("lu", invitation.case) as seat:
        last = audit.entries_seen_by(seat, Thread.CASE)[-1]
    assert (last.kind, dict(last.body or {})) == ("invitation:contact-wrong", {"notice": invitation.number})
    assert told(world, "invitation:contact-wrong") == {world.people["lu"], world.people["ren"]}


def test_the_registrar_invites_anew_at_another_address(world: World) -> None:
    invitation = an_invitation(world)
    opened(world, invitation.code).post("/join/not-me")
    registrar = world.client("ren")
    answer = registrar.post(f"/cases/{invitation.case}/renewal", data={"phone": "", "email": "richtig@example.org"})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert the_case(world, invitation.case).stage is Stage.INVITED
    assert newest(world, invitation.case).email == "richtig@example.org"


def test_the_wrong_contact_is_not_invited_again(world: World) -> None:
    invitation = an_invitation(world)
    opened(world, invitation.code).post("/join/not-me")
    with pytest.raises(Refused, match="invitation:same-contact"):
        renew(world, invitation, LETTER)


def test_the_registrar_prints_the_letter_with_the_code(world: World) -> None:
    invitation = an_invitation(world, email="")
    page = world.client("ren").get(f"/cases/{invitation.case}/letter").get_data(as_text=True)
    assert invitation.code in page
    assert "32,990" not in page
    assert "江岸消费金融" not in page


def test_a_letter_of_a_dead_code_is_not_printed(world: World) -> None:
    invitation = an_invitation(world)
    identified(world, invitation)
    renew(world, invitation, "neu@example.org")
    page = world.client("ren").get(f"/cases/{invitation.case}/letter").get_data(as_text=True)
    assert invitation.code not in page
    assert sent(world, invitation.case).code in page


def test_whoever_answered_an_earlier_invitation_gives_up_the_seat(world: World) -> None:
    invitation = an_invitation(world)
    first = identified(world, invitation)
    renew(world, invitation, "neu@example.org")
    second = identified(world, sent(world, invitation.case))
    assert first.get(f"/cases/{invitation.case}/invitation").status_code == 404
    assert second.get(f"/cases/{invitation.case}/invitation").status_code == 200


def test_a_known_contact_signs_in_before_the_case_opens(world: World) -> None:
    invitation = an_invitation(world, email="bai")
    client = opened(world, invitation.code)
    page = client.post("/join/identity", data={"answer": TAIL}).get_data(as_text=True)
    assert "Sign in first" in page
    assert client.get(f"/cases/{invitation.case}/invitation").status_code != 200


def test_a_known_person_who_has_signed_in_gets_the_seat(world: World) -> None:
    invitation = an_invitation(world, email="bai")
    client = world.client("bai")
    client.post("/join", data={"code": invitation.code})
    assert client.post("/join/identity", data={"answer": TAIL}).status_code == 303
    assert newest(world, invitation.case).account_id == world.people["bai"]


def test_two_reminders_go_out_and_then_no_more(world: World) -> None:
    invitation = an_invitation(world)
    for _ in range(3):
        run_reminders(world)
    with world.reading() as session:
        kinds = session.scalars(select(notices.Notice.kind).where(notices.Notice.address == LETTER)).all()
    assert sorted(kinds) == ["invitation:issued", "invitation:reminder", "invitation:reminder"]
    assert newest(world, invitation.case).ended_at is None


def test_a_no_ends_the_reminders(world: World) -> None:
    invitation = an_invitation(world)
    identified(world, invitation).post(f"/cases/{invitation.case}/declination", data={})
    run_reminders(world)
    with world.reading() as session:
        kinds = session.scalars(select(notices.Notice.kind).where(notices.Notice.address == LETTER)).all()
    assert kinds == ["invitation:issued"]


def run_reminders(world: World) -> None:
    with world.reading() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "invitation:remind")).all()
    for job in jobs:
        with world.writing() as session:
            remind(session, job.payload, None, at=world.clock())


def as_id(text: str) -> object:
    from uuid import UUID

    return UUID(text)
