"""The invitation on its way: what went out, what failed, and who must then do something."""

from typing import Any

import pytest
from sqlalchemy import select

from mediation import jobs, posting
from mediation.cases import reaching
from mediation.cases.invitations import renew_invitation
from mediation.cases.models import Case
from mediation.cases.reaching import Sending
from mediation.errors import Refused
from mediation.notices import Channel, DeliveryState, Notice
from mediation.portfolios.models import Loan
from mediation.posting import Outcome
from mediation.rules.access import Role
from tests.invitations.scenes import an_invitation, consent, identified, opened, the_case
from tests.world import World


def worked(world: World, monkeypatch: pytest.MonkeyPatch | None = None, outcome: Outcome | None = None) -> None:
    """The worker has done what is due; the post says `outcome` where one is given."""
    if monkeypatch is not None:
        answer: Any = lambda envelope, info, *, at: outcome  # noqa: E731
        duty = posting.DUTIES["notice:send"]
        duties = {**jobs.DUTIES, "notice:send": type(duty)(read=duty.read, work=answer, keep=duty.keep)}
        jobs.run_due(world.engine, world.info, world.clock, duties)
        return
    jobs.run_due(world.engine, world.info, world.clock)


def sending(world: World, case: str, name: str = "ren") -> list[tuple[Channel, Sending, str]]:
    with world.seat(name, case) as seat:
        return [(way.channel, way.sending, way.address) for way in reaching.ways_seen_by(seat)]


def test_an_invitation_waits_until_the_post_has_taken_it(world: World) -> None:
    sent = an_invitation(world)
    assert sending(world, sent.case) == [(Channel.MAIL, Sending.WAITING, "xinfeng@example.org")]
    assert "waiting to be sent" in world.client("ren").get(f"/cases/{sent.case}/letter").text
    worked(world)
    assert sending(world, sent.case) == [(Channel.MAIL, Sending.SENT, "xinfeng@example.org")]
    assert "sent on" in world.client("ren").get(f"/cases/{sent.case}").text


def test_the_lender_reads_how_it_went_but_no_address(world: World) -> None:
    sent = an_invitation(world)
    worked(world)
    assert sending(world, sent.case, "lu") == [(Channel.MAIL, Sending.SENT, "")]


def test_what_the_post_refuses_for_now_is_shown_as_tried(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = an_invitation(world)
    worked(world, monkeypatch, Outcome(DeliveryState.FAILED, "451", is_final=False))
    assert sending(world, sent.case)[0][1] is Sending.TRIED
    assert the_case(world, sent.case).turn is Role.BORROWER


def test_what_the_post_gives_up_is_the_registrars_to_mend(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = an_invitation(world)
    worked(world, monkeypatch, Outcome(DeliveryState.FAILED, "550"))
    worked(world)
    assert sending(world, sent.case)[0][1] is Sending.FAILED
    assert the_case(world, sent.case).turn is Role.REGISTRAR
    with world.reading() as session:
        told = session.scalars(select(Notice.account_id).where(Notice.kind == "invitation:undelivered")).all()
    assert told == [world.people["ren"]]
    page = world.client("ren").get(f"/cases/{sent.case}").text
    assert ("could not be delivered" in page, "Invite anew, or print the letter" in page) == (True, True)
    letter = world.client("ren").get(f"/cases/{sent.case}/letter").text
    assert ("also went to" in letter, "could not be delivered" in letter) == (False, True)


def test_a_new_invitation_takes_the_failure_off_the_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = an_invitation(world)
    worked(world, monkeypatch, Outcome(DeliveryState.FAILED, "550"))
    worked(world)
    with world.seat("ren", sent.case) as seat:
        renew_invitation(seat, phone="", email="anders@example.org", at=world.clock())
    assert sending(world, sent.case) == [(Channel.MAIL, Sending.WAITING, "anders@example.org")]
    assert the_case(world, sent.case).turn is Role.BORROWER


def test_who_comes_by_the_letter_after_all_has_the_turn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = an_invitation(world)
    worked(world, monkeypatch, Outcome(DeliveryState.FAILED, "550"))
    worked(world)
    identified(world, sent)
    assert the_case(world, sent.case).turn is Role.BORROWER


@pytest.mark.parametrize("email", ["nobody", "a@b", "a b@example.org", "a@example.org, b@example.org"])
def test_a_new_invitation_goes_to_no_address_that_is_none(world: World, email: str) -> None:
    sent = an_invitation(world)
    with pytest.raises(Refused, match="contact:email-not-valid"), world.seat("ren", sent.case) as seat:
        renew_invitation(seat, phone="", email=email, at=world.clock())


@pytest.mark.parametrize("phone", ["123", "call me", "138****0007"])
def test_a_new_invitation_names_no_telephone_that_is_none(world: World, phone: str) -> None:
    sent = an_invitation(world)
    answer = world.client("ren").post(f"/cases/{sent.case}/renewal", data={"phone": phone, "email": ""})
    assert (answer.status_code, 'id="phone-error"' in answer.text) == (409, True)


# --- no code where none can arrive ------------------------------------------------------------------------------


def test_who_has_a_telephone_alone_is_offered_no_code(world: World) -> None:
    sent = an_invitation(world, email="")
    client = identified(world, sent)
    page = client.get(f"/cases/{sent.case}/consent").text
    assert 'value="code"' not in page
    answer = client.post(f"/cases/{sent.case}/consent", data=consent(client, sent.case, sign_in_by="code", password=""))
    assert (answer.status_code, 'id="password-error"' in answer.text) == (409, True)


# --- what was true at submission --------------------------------------------------------------------------------


def test_the_identity_question_does_not_change_with_a_later_file(world: World) -> None:
    sent = an_invitation(world)
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == sent.case)).one()
        loan = session.get_one(Loan, case.loan_id)
        loan.id_tail, loan.address, loan.overdue_since_on = "9999", "别处", None
    browser = opened(world, sent.code)
    assert browser.post("/join/identity", data={"answer": "9999"}).status_code == 422
    identified(world, sent)
    assert "别处" not in world.client("ren").get(f"/cases/{sent.case}/letter").text
