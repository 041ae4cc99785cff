"""Lenders on file: set by the registrar alone, the code checked, one lender the same at every institution."""

import pytest

from mediation.accounts.models import Engagement, Institution, Organisation
from mediation.rules.lenders import CREDIT_CODE_DIGITS, read_credit_code
from tests.world import World

CODE = "91350100M000100Y43"  # the standard's own example
LENDER = {
    "name": "东湖小额贷款有限公司",
    "credit_code": CODE,
    "lender_type": "micro_lender",
    "licence": "M-2024-18",
    "service_address": "东湖路8号",
    "payee_name": "东湖小额贷款有限公司",
    "payee_bank": "江城银行东湖支行",
    "payee_account": "6222000012345678",
}


def test_the_check_character_of_the_standards_example_fits() -> None:
    assert read_credit_code(" 91350100m000100y43 ") == CODE


def test_every_single_mistyped_character_is_noticed() -> None:
    mistyped = [CODE[:i] + other + CODE[i + 1 :] for i in range(18) for other in CREDIT_CODE_DIGITS if other != CODE[i]]
    assert [code for code in mistyped if read_credit_code(code)] == []


@pytest.mark.parametrize("text", ["", "9135", CODE + "0", CODE.replace("Y", "I"), "9" * 18])
def test_what_is_no_code_is_not_read_as_one(text: str) -> None:
    assert read_credit_code(text) is None


def test_the_registrar_puts_a_lender_on_file(world: World) -> None:
    client = world.client("ren")
    answer = client.post("/desk/lenders", data=LENDER)
    assert (answer.status_code, LENDER["name"] in client.get("/desk/lenders").text) == (303, True)


def test_a_mistyped_code_is_said_at_its_field_and_what_was_typed_stays(world: World) -> None:
    answer = world.client("ren").post("/desk/lenders", data=LENDER | {"credit_code": "91350100M000100Y44"})
    assert (answer.status_code, 'id="credit_code-error"' in answer.text, "东湖路8号" in answer.text) == (
        409,
        True,
        True,
    )


def test_a_lender_is_put_on_file_once(world: World) -> None:
    client = world.client("ren")
    client.post("/desk/lenders", data=LENDER)
    assert client.post("/desk/lenders", data=LENDER).status_code == 409


def test_a_lender_that_another_institution_knows_is_the_same_one_here(world: World) -> None:
    known = _known_elsewhere(world)
    world.client("ren").post("/desk/lenders", data=LENDER)
    with world.reading() as session:
        engaged = session.query(Engagement.organisation_id).filter_by(institution_id=world.institution_id).all()
    assert (known,) in engaged


def test_no_single_institution_renames_a_lender_that_others_know(world: World) -> None:
    _known_elsewhere(world)
    client = world.client("ren")
    client.post("/desk/lenders", data=LENDER)
    answer = client.post(f"/desk/lenders/{_engagement(world)}", data=LENDER | {"name": "另一个名字"})
    assert (answer.status_code, 'id="name-error"' in answer.text) == (409, True)


def test_the_registrar_changes_what_is_on_file(world: World) -> None:
    client = world.client("ren")
    client.post("/desk/lenders", data=LENDER)
    client.post(f"/desk/lenders/{_engagement(world)}", data=LENDER | {"name": "东湖新名", "payee_account": "1"})
    with world.reading() as session:
        kept = session.get_one(Engagement, _engagement(world))
        assert (kept.payee_account, session.get_one(Organisation, kept.organisation_id).name) == ("1", "东湖新名")


@pytest.mark.parametrize("name", ["lu", "mo", "audit"])
def test_nobody_else_at_a_desk_sees_or_changes_lenders(world: World, name: str) -> None:
    client = world.client(name)
    assert client.get("/desk/lenders").status_code == 403
    assert client.post("/desk/lenders", data=LENDER).status_code == 403


@pytest.mark.parametrize("name", ["bai", "shi"])
def test_for_who_has_no_desk_these_pages_do_not_exist(world: World, name: str) -> None:
    assert world.client(name).get("/desk/lenders").status_code == 404


def _known_elsewhere(world: World):
    from mediation.rules.lenders import LenderType

    at = world.clock()
    with world.writing() as session:
        other = Institution(code="NB", name="别处", name_en="Elsewhere", domain="b.example.cn", telephone="1",
                            legal_aid="a", legal_aid_telephone="2", created_at=at)  # fmt: skip
        lender = Organisation(name=LENDER["name"], credit_code=CODE, created_at=at)
        session.add_all([other, lender])
        session.flush()
        session.add(Engagement(institution_id=other.id, organisation_id=lender.id, lender_type=LenderType.BANK,
                               licence="x", service_address="x", payee_name="x", payee_bank="x", payee_account="x",
                               kept_at=at))  # fmt: skip
        return lender.id


def _engagement(world: World):
    with world.reading() as session:
        found = session.query(Engagement.id).join(Organisation, Organisation.id == Engagement.organisation_id)
        return found.filter(
            Organisation.credit_code == CODE, Engagement.institution_id == world.institution_id
        ).scalar()
