"""A side of several: each acts in the talks, each consents alone, and a plan and a paper need all of them."""

import re
from uuid import UUID

import pytest
from sqlalchemy import select

from mediation import audit
from mediation.agreements import actions as agreements
from mediation.agreements.assembling import Choices, missing_on_file, signers_of
from mediation.agreements.models import Agreement
from mediation.cases import consents, further_borrowers
from mediation.cases.identification import Outcome
from mediation.cases.identities import give_identity
from mediation.cases.models import Case, Consent, Purpose
from mediation.cases.seats import Seat, lock_case
from mediation.disclosures.document_models import Audience, Kind
from mediation.errors import NotPermitted, Refused
from mediation.files import store_row
from mediation.messages import actions as messages
from mediation.notices import Notice
from mediation.offers.models import Offer
from mediation.rules.access import Role, Room, Thread
from mediation.rules.lifecycle import AgreementState, Stage
from mediation.rules.negotiation import OfferState
from tests.documents.made import add
from tests.offers.table import accept, offer, show
from tests.sides.made import answer, browser_with, further, invite_further, kept, page, status
from tests.sides.test_scope import say
from tests.stories import a_case, identify
from tests.world import World

NUMBER = "42010619880808105X"


def stage_of(world: World, number: str) -> Stage:
    """Where the case stands."""
    with world.reading() as session:
        return session.scalars(select(Case.stage).where(Case.number == number)).one()


def accepted(world: World, number: str, *names: str) -> UUID:
    """The lender's plan, accepted by those people."""
    made = show(world, number, "lu")
    for name in names:
        accept(world, number, name, made, sha256=offer(world, made).sha256)
    return made


def tell_who(world: World, number: str, name: str = "shi", text: str = "石川", tail: str = NUMBER) -> None:
    """That person says who they are."""
    with world.seat(name, number) as seat:
        give_identity(seat, name=text, number=tail, address="江城市湖滨路8号", at=world.clock())


def test_a_further_person_walks_from_the_code_to_the_side(world: World) -> None:
    number = a_case(world)
    sent = invite_further(world, number)
    client = browser_with(world, sent.code)
    offered = client.get(client.post("/join/side", data={"answer": "105x"}).location).get_data(as_text=True)
    shown = re.search(r'name="shown"[^>]*value="([0-9a-f]{64})"', offered)
    assert shown is not None
    form = {"shown": shown.group(1), "mediation": "y"}
    assert client.post(f"/join/side/{sent.id}/borrower", data=form).status_code == 409
    joined = client.post(f"/join/side/{sent.id}/borrower", data={**form, "personal_data": "y"})
    assert joined.location == f"/cases/{number}/home"
    assert client.get(joined.location).status_code == 200
    assert client.get(f"/cases/{number}/offers/new").status_code == 200


def test_the_end_of_the_identity_number_is_asked_for(world: World) -> None:
    sent = invite_further(world, a_case(world))
    assert answer(world, sent, "1234").outcome is Outcome.WRONG
    assert answer(world, sent, "105x").outcome is Outcome.RIGHT


@pytest.mark.parametrize("name", ["bai", "lu", "mo"])
def test_only_the_registrar_invites_a_further_person(world: World, name: str) -> None:
    number = a_case(world)
    with world.seat(name, number) as seat, pytest.raises(NotPermitted):
        further_borrowers.invite_borrower(
            seat, name="石川", id_tail="105X", phone="", email="x@example.org", at=world.clock()
        )


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"name": " "}, "borrower:name-missing"),
        ({"id_tail": "12"}, "borrower:tail-missing"),
        ({"email": ""}, "borrower:contact-missing"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused(world: World, other: dict[str, str], why: str) -> None:
    number = a_case(world)
    with pytest.raises(Refused, match=why):
        invite_further(world, number, **other)


def test_at_most_five_further_persons_are_invited(world: World) -> None:
    number = a_case(world)
    for count in range(5):
        invite_further(world, number, email=f"a{count}@example.org")
    with pytest.raises(Refused, match="borrower:enough"):
        invite_further(world, number)


def test_nobody_comes_once_a_plan_was_agreed(world: World) -> None:
    number = a_case(world)
    sent = invite_further(world, number)
    accepted(world, number, "bai")
    assert stage_of(world, number) is Stage.TERMS_AGREED
    with pytest.raises(Refused, match="invitation:code-ended"):
        answer(world, sent, "105x")
    with world.seat("ren", number) as seat, pytest.raises(Refused, match="case:wrong-stage"):
        further_borrowers.take_invitation_back(seat, sent.id, at=world.clock())


def test_the_registrar_takes_an_unused_invitation_back(world: World) -> None:
    number = a_case(world)
    sent, used = invite_further(world, number), further(world, number, email="shi@example.org")
    answered = world.client("ren").post(f"/cases/{number}/borrowers/{sent.id}/end")
    assert answered.status_code == 303
    assert kept(world, sent).ended_as == "taken-back"
    with world.seat("ren", number) as seat, pytest.raises(Refused, match="borrower:invitation-over"):
        further_borrowers.take_invitation_back(seat, used.id, at=world.clock())


def test_everybody_sees_who_else_is_on_the_side(world: World) -> None:
    number = a_case(world)
    further(world, number)
    for name in ("bai", "lu", "mo", "ren", "shi"):
        assert "石川" in page(world, name, f"/cases/{number}")
    with world.seat("lu", number) as seat:
        assert audit.entries_seen_by(seat, Thread.CASE)[-1].kind == "borrower:joined"


def test_each_consents_alone_and_takes_back_their_own(world: World) -> None:
    number = a_case(world)
    further(world, number)
    with world.reading() as session:
        found = session.scalars(select(Consent).where(Consent.purpose == Purpose.SHARE_WITH_LENDER)).all()
    assert {one.account_id for one in found} == {world.people["bai"], world.people["shi"]}
    with world.seat("shi", number) as seat:
        consents.take_back(seat, Purpose.SHARE_WITH_LENDER, at=world.clock())
    with world.seat("bai", number) as seat:
        kept_ones = [one for one in consents.consents_of(seat) if one.taken_back_at is None]
    assert len(kept_ones) == len(Purpose)


def test_either_person_puts_a_plan_forward(world: World) -> None:
    number = a_case(world)
    further(world, number)
    assert show(world, number, "shi")


def test_a_plan_is_agreed_only_once_every_person_has_accepted_it(world: World) -> None:
    number = a_case(world)
    further(world, number)
    made = accepted(world, number, "bai")
    assert stage_of(world, number) is Stage.OPEN
    with pytest.raises(Refused, match="offer:you-have-accepted"):
        accept(world, number, "bai", made, sha256=offer(world, made).sha256)
    accept(world, number, "shi", made, sha256=offer(world, made).sha256)
    assert stage_of(world, number) is Stage.TERMS_AGREED
    with world.reading() as session:
        assert session.get_one(Offer, made).status is OfferState.ACCEPTED


def test_one_yes_of_two_is_on_the_record_of_that_side_alone(world: World) -> None:
    number = a_case(world)
    further(world, number)
    made = accepted(world, number, "bai")
    with world.seat("mo", number) as seat:
        private = [one.kind for one in audit.entries_seen_by(seat, Thread.CAUCUS_BORROWER)]
        shared = [one.kind for one in audit.entries_seen_by(seat, Thread.CASE)]
    assert private == ["offer:accepted-by-one"]
    assert "offer:accepted" not in shared
    with world.reading() as session:
        told = session.scalars(select(Notice).where(Notice.kind == "offer:waits-for-you")).all()
    assert {one.account_id for one in told} == {world.people["shi"]}
    assert "You have accepted this plan" in page(world, "bai", f"/cases/{number}/offers/{made}")
    assert "You have accepted this plan" not in page(world, "shi", f"/cases/{number}/offers/{made}")


def test_the_paper_waits_until_each_has_said_who_they_are(world: World) -> None:
    number = a_case(world)
    further(world, number)
    accepted(world, number, "bai", "shi")
    identify(world, number)
    with world.seat("mo", number) as seat:
        assert missing_on_file(seat, at=world.clock()) == ("agreement:borrower-not-identified",)
    tell_who(world, number)
    with world.seat("mo", number) as seat:
        assert missing_on_file(seat, at=world.clock()) == ()


def test_a_further_person_is_held_to_the_name_and_number_of_their_own_invitation(world: World) -> None:
    number = a_case(world)
    further(world, number)
    with pytest.raises(Refused, match="identity:other-name"):
        tell_who(world, number, text="白露")
    with pytest.raises(Refused, match="identity:other-number"):
        tell_who(world, number, tail="420106199003071529")
    tell_who(world, number)


def test_the_agreement_names_both_and_needs_both_signatures(world: World) -> None:
    number = a_case(world)
    further(world, number)
    accepted(world, number, "bai", "shi")
    identify(world, number)
    tell_who(world, number)
    agreement_id = _on_the_table(world, number)
    with world.seat("mo", number) as seat:
        assert signers_of(seat)[Role.BORROWER] == {world.people["bai"], world.people["shi"]}
        assert "石川" in seat.session.get_one(Agreement, agreement_id).document
    states = [_sign(world, number, agreement_id, name) for name in ("bai", "lu")]
    with pytest.raises(Refused, match="sign"):
        _sign(world, number, agreement_id, "mo")
    assert states == [AgreementState.SIGNING, AgreementState.SIGNING]
    assert _sign(world, number, agreement_id, "shi") is AgreementState.AWAITING_MEDIATOR


def test_the_paper_lapses_where_one_of_the_two_does_not_sign(world: World) -> None:
    number = a_case(world)
    further(world, number)
    accepted(world, number, "bai", "shi")
    identify(world, number)
    tell_who(world, number)
    agreement_id = _on_the_table(world, number)
    for name in ("bai", "lu"):
        _sign(world, number, agreement_id, name)
    world.clock.move(days=30)
    with world.writing() as session:
        seat = Seat.system(session, lock_case(session, session.get_one(Agreement, agreement_id).case_id))
        agreements.end_signing(seat, agreement_id, at=world.clock())
        assert session.get_one(Agreement, agreement_id).state is AgreementState.VOIDED


def test_what_was_said_before_stays_closed_to_whoever_comes_later(world: World) -> None:
    number = a_case(world)
    say(world, number, "bai", Room.CAUCUS_BORROWER, "之前的话")
    add(world, number, "bai", kind=Kind.HEALTH, title="之前的病历", audience=Audience.MEDIATOR)
    world.clock.move(minutes=1)
    further(world, number)
    say(world, number, "bai", Room.CAUCUS_BORROWER, "之后的话")
    heard = page(world, "shi", f"/cases/{number}/rooms?room=caucus-borrower")
    assert "之前的话" not in heard
    assert "之后的话" in heard
    assert "之前的病历" not in page(world, "shi", f"/cases/{number}/documents")
    assert "之前的病历" in page(world, "bai", f"/cases/{number}/documents")


def test_the_statement_of_means_stays_with_the_borrower_whom_the_case_names(world: World) -> None:
    number = a_case(world)
    further(world, number)
    for path in ("means", "means/affordable", "means/spending", "means/spending/food"):
        assert status(world, "shi", f"/cases/{number}/{path}") == 403
    assert status(world, "bai", f"/cases/{number}/means") == 200


def test_a_further_person_speaks_for_the_side(world: World) -> None:
    number = a_case(world)
    further(world, number)
    say(world, number, "shi", Room.CAUCUS_BORROWER, "我也在")
    assert "我也在" in page(world, "mo", f"/cases/{number}/rooms?room=caucus-borrower")
    with world.seat("shi", number) as seat:
        messages.send_message(seat, Room.JOINT, "大家好", at=world.clock())


def _on_the_table(world: World, number: str) -> UUID:
    """The paper, rendered and open for signing."""
    with world.seat("mo", number) as seat:
        agreement_id = agreements.draw_up(seat, Choices(), at=world.clock()).id
    with world.writing() as session:
        agreement = session.get_one(Agreement, agreement_id)
        kept_file = store_row(
            session,
            b"%PDF-1.7",
            institution_id=agreement.institution_id,
            media_type="application/pdf",
            at=world.clock(),
        )
        seat = Seat.system(session, lock_case(session, agreement.case_id))
        agreements.start_signing(seat, agreement_id, kept_file.sha256, at=world.clock())
    return agreement_id


def _sign(world: World, number: str, agreement_id: UUID, name: str) -> AgreementState:
    with world.seat(name, number) as seat:
        agreement = seat.session.get_one(Agreement, agreement_id)
        agreements.sign(seat, agreement_id, seen_sha256=agreement.unsigned_sha256 or "", at=world.clock())
        return agreement.state
