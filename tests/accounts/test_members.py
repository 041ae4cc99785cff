"""Members: invited by the registrar, signed in by a code, and gone at once when their place ends."""

from datetime import date
from uuid import UUID

import pytest

from mediation import audit
from mediation.accounts import actions as accounts
from mediation.accounts import credentials, selections
from mediation.accounts.models import Account, Engagement, Institution, Membership
from mediation.errors import Refused
from mediation.rules.access import Role
from tests.accounts.letters import last_code, posted
from tests.world import World, engagement_of

CHINESE = {"Accept-Language": "zh-CN"}

MEDIATOR = {"email": "Qiu@Example.org", "name": "邱实", "role": "mediator", "field": "消费贷款"}


def test_somebody_invited_is_told_and_signs_in_with_a_code(world: World) -> None:
    world.client("ren").post("/desk/members", data=MEDIATOR)
    assert "/sign-in/code" in posted(world)[-1]
    world.clock.move(minutes=1)
    client = world.client()
    client.post("/sign-in/code", data={"sign_in_name": "qiu@example.org"})
    client.post("/sign-in/code/enter", data={"code": last_code(world)})
    assert "邱实" in client.get("/account").text


def test_a_letter_to_a_member_names_nothing_but_the_institution(world: World) -> None:
    world.client("ren").post("/desk/members", data=MEDIATOR)
    letter = posted(world)[-1]
    assert ("江城人民调解委员会" in letter, "邱实" in letter) == (True, False)


def test_an_officer_has_a_lender(world: World) -> None:
    client = world.client("ren")
    officer = {"email": "guo@example.org", "name": "郭敏", "role": "lender"}
    assert client.post("/desk/members", data=officer | {"organisation": ""}).status_code == 409
    assert client.post("/desk/members", data=officer | {"organisation": str(world.organisation_id)}).status_code == 303


def test_an_officer_of_a_lender_that_is_not_on_file_is_refused(world: World) -> None:
    officer = {"email": "guo@example.org", "name": "郭敏", "role": "lender", "organisation": str(world.people["mo"])}
    assert world.client("ren").post("/desk/members", data=officer).status_code == 404


def test_nobody_has_two_places_at_one_institution(world: World) -> None:
    answer = world.client("ren").post("/desk/members", data=MEDIATOR | {"email": "mo"})
    assert answer.status_code == 422
    client = world.client("ren")
    client.post("/desk/members", data=MEDIATOR)
    assert client.post("/desk/members", data=MEDIATOR).status_code == 409


def test_whose_place_ends_is_signed_out_at_once(world: World) -> None:
    mo = world.client("mo")
    world.client("ren").post(f"/desk/members/{_place(world, 'mo')}/end")
    assert mo.get("/account").status_code == 303


def test_the_end_of_a_place_is_on_the_record(world: World) -> None:
    world.client("ren").post(f"/desk/members/{_place(world, 'mo')}/end")
    with world.reading() as session:
        thread = audit.threads_of(session, institution_id=world.institution_id)[0]
        last = audit.read(session, thread)[-1]
    assert (last.kind, last.actor, last.body) == (
        "member:left",
        "registrar",
        {"account": str(world.people["mo"]), "role": "mediator"},
    )


def test_a_registrar_does_not_end_their_own_place(world: World) -> None:
    assert world.client("ren").post(f"/desk/members/{_place(world, 'ren')}/end").status_code == 409


@pytest.mark.parametrize("name", ["lu", "mo", "audit"])
def test_nobody_else_at_a_desk_keeps_members(world: World, name: str) -> None:
    client = world.client(name)
    assert client.get("/desk/members").status_code == 403
    assert client.post("/desk/members", data=MEDIATOR).status_code == 403
    assert client.post(f"/desk/members/{_place(world, 'mo')}/end").status_code == 403


def test_an_authority_is_on_file_for_the_days_it_names(world: World) -> None:
    document = {"title": "授权委托书 2028", "valid_from_on": "2028-01-01", "valid_until_on": "2028-12-31"}
    url = f"/desk/members/{_place(world, 'lu')}/authorities"
    world.client("ren").post(url, data=document | {"covers_settlement": "y"})
    with world.reading() as session:
        found = [
            selections.authority_of(session, world.institution_id, world.people["lu"], on)
            for on in (date(2027, 12, 31), date(2028, 1, 1), date(2028, 12, 31), date(2029, 1, 1))
        ]
    assert [one.title if one else None for one in found] == [
        "授权委托书 2025-07",
        "授权委托书 2028",
        "授权委托书 2028",
        None,
    ]


def test_an_authority_that_does_not_cover_settlements_signs_nothing(world: World) -> None:
    document = {"title": "仅限沟通", "valid_from_on": "2028-01-01", "valid_until_on": "2028-12-31"}
    world.client("ren").post(f"/desk/members/{_place(world, 'lu')}/authorities", data=document)
    with world.reading() as session:
        found = selections.authority_of(session, world.institution_id, world.people["lu"], date(2028, 6, 1))
    assert found is None


def test_an_authority_ends_with_the_place(world: World) -> None:
    world.client("ren").post(f"/desk/members/{_place(world, 'lu')}/end")
    with world.reading() as session:
        found = selections.authority_of(session, world.institution_id, world.people["lu"], date(2026, 6, 1))
    assert found is None


def test_an_authority_that_ends_before_it_begins_is_refused(world: World) -> None:
    document = {"title": "x", "valid_from_on": "2028-02-01", "valid_until_on": "2028-01-01"}
    answer = world.client("ren").post(f"/desk/members/{_place(world, 'lu')}/authorities", data=document)
    assert (answer.status_code, 'id="valid_until_on-error"' in answer.text) == (409, True)


def _place(world: World, name: str):
    with world.reading() as session:
        return session.query(Membership.id).filter_by(account_id=world.people[name], ended_at=None).scalar()


# --- places at several institutions -----------------------------------------------------------------------------


def elsewhere(world: World) -> tuple[UUID, UUID]:
    """Another institution that works with the same lender, and its registrar."""
    at = world.clock()
    with world.writing() as session:
        other = Institution(
            code="HZ", name="湖州人民调解委员会", name_en="Huzhou Committee", domain="elsewhere.example.cn",
            telephone="0572-555 0110", legal_aid="法律援助中心", legal_aid_telephone="12348", created_at=at,
        )  # fmt: skip
        session.add(other)
        session.flush()
        audit.open_threads(session, other.id, host="elsewhere.example.cn")
        lei = credentials.add_account(session, "lei", "雷鸣", email="lei@example.org", at=at)
        session.add(Membership(account_id=lei.id, institution_id=other.id, role=Role.REGISTRAR, since_at=at))
        session.flush()
        kept = engagement_of(session, world)
        session.add(
            Engagement(
                institution_id=other.id, organisation_id=kept.organisation_id, lender_type=kept.lender_type,
                licence=kept.licence, service_address=kept.service_address, payee_name=kept.payee_name,
                payee_bank=kept.payee_bank, payee_account=kept.payee_account, kept_by=lei.id, kept_at=at,
            )
        )  # fmt: skip
        world.people["lei"] = lei.id
        return other.id, lei.id


def give_place(world: World, by: str, whom: str, role: Role, *, lender: UUID | None = None) -> Membership:
    with world.desk(by) as desk:
        account = desk.session.get_one(Account, world.people[whom])
        return accounts.add_member(desk, account, role, organisation_id=lender, at=world.clock())


@pytest.mark.parametrize("name", ["mo", "ren", "audit", "lu"])
def test_no_registrar_gives_a_place_to_the_staff_of_another_institution(world: World, name: str) -> None:
    elsewhere(world)
    with pytest.raises(Refused, match="member:placed-elsewhere"):
        give_place(world, "lei", name, Role.MEDIATOR)
    assert world.client("lei").get("/desk/members").text.count("<tr>") == 2  # the head, and Lei alone


def test_an_officer_works_for_one_lender_at_every_institution_that_it_works_with(world: World) -> None:
    elsewhere(world)
    give_place(world, "lei", "lu", Role.LENDER, lender=world.organisation_id)
    with world.reading() as session:
        assert len(selections.places_of(session, world.people["lu"])) == 2


def test_the_end_of_one_place_leaves_the_other_and_the_session(world: World) -> None:
    elsewhere(world)
    member = give_place(world, "lei", "lu", Role.LENDER, lender=world.organisation_id)
    lu = world.client("lu")
    with world.desk("lei") as desk:
        accounts.end_member(desk, member.id, at=world.clock())
    assert lu.get("/loans").status_code == 200


def test_of_several_desks_the_oldest_is_the_first_and_the_session_keeps_another_choice(world: World) -> None:
    other_id, _ = elsewhere(world)
    world.clock.move(days=1)
    member = give_place(world, "lei", "lu", Role.LENDER, lender=world.organisation_id)
    lu, second = world.client("lu"), world.client("lu")
    assert "江城人民调解委员会" in lu.get("/loans", headers=CHINESE).text
    assert lu.get("/").location == "/account/places"
    lu.post(f"/account/places/{member.id}")
    assert "湖州人民调解委员会" in lu.get("/loans", headers=CHINESE).text
    assert "江城人民调解委员会" in second.get("/loans", headers=CHINESE).text
    assert lu.get("/").location == "/docket"


def test_nobody_works_at_a_place_that_is_not_their_own(world: World) -> None:
    assert world.client("lu").post(f"/account/places/{_place(world, 'mo')}").status_code == 404
