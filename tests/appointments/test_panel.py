"""The panel at the registrar's desk: particulars, the limit for one lender's share, and what the advice makes of it."""

import pytest
from sqlalchemy import select

from mediation import audit
from mediation.accounts import selections
from mediation.cases import appointments, independence, panel, particulars
from mediation.cases.models import Appointment
from mediation.cases.panel_models import AppointmentReason
from mediation.cases.particulars import Particulars
from mediation.errors import NotFound, NotPermitted, Refused
from mediation.rules.access import Role, Thread
from mediation.rules.appointing import Hindrance, Language, Payer, ShareLimit
from mediation.rules.lifecycle import Stage
from tests.stories import a_case
from tests.world import World, add_person

SAID = Particulars(
    field="消费金融", body="江城市金融纠纷调解中心", paid_by=Payer.LENDER, fee=50_000,
    languages=(Language.MANDARIN, Language.ENGLISH), most_open=20,
)  # fmt: skip


def place_of(world: World, name: str):  # type: ignore[no-untyped-def]
    with world.desk("ren") as desk:
        return next(one.membership.id for one in selections.members_at(desk) if one.account.id == world.people[name])


def keep(world: World, said: Particulars, name: str = "mo") -> None:
    place = place_of(world, name)
    with world.desk("ren") as desk:
        particulars.keep_particulars(desk, place, said, at=world.clock())


def limit(world: World, percent: int, from_cases: int) -> None:
    with world.desk("ren") as desk:
        particulars.keep_share_limit(desk, ShareLimit(percent, from_cases), at=world.clock())


def advice(world: World, number: str) -> list[tuple[str, tuple[Hindrance, ...]]]:
    """Names and hindrances a second later, the best advised first."""
    world.clock.move(seconds=1)
    with world.seat("ren", number) as seat:
        return [(one.name, one.hindrances) for one in panel.candidates_for(seat, at=world.clock())]


def institutions_entries(world: World) -> list[str]:
    with world.reading() as session:
        thread = next(one for one in audit.threads_of(session) if one.name is Thread.INSTITUTION)
        return [entry.kind for entry in audit.read(session, thread)]


# --- particulars ----------------------------------------------------------------------------------------------


def test_what_the_registrar_keeps_is_what_the_next_card_says(world: World) -> None:
    keep(world, SAID)
    number = a_case(world, Stage.JOINED)
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people["mo"], at=world.clock())
    with world.seat("mo", number) as seat:
        appointments.accept_appointment(seat, at=world.clock())
        found = independence.card_seen_by(seat, seat.session.scalars(select(Appointment.id)).one())
        assert independence.fee_of(seat.session, seat.case) == 50_000
    assert found is not None
    assert (found.field, found.body, found.paid_by, found.fee) == ("消费金融", SAID.body, Payer.LENDER, 50_000)
    assert found.languages == (Language.MANDARIN, Language.ENGLISH)
    page = world.client("bai").get(f"/cases/{number}/appointment").get_data(as_text=True)
    assert "江城市金融纠纷调解中心" in page
    assert "500.00" in page


def test_whoever_has_no_particulars_works_for_the_institution_in_mandarin(world: World) -> None:
    with world.reading() as session:
        found = particulars.particulars_of(session, world.institution_id, world.people["mo"])
    assert (found.paid_by, found.fee, found.languages) == (Payer.INSTITUTION, 0, (Language.MANDARIN,))


def test_particulars_kept_twice_are_the_later_ones(world: World) -> None:
    keep(world, SAID)
    keep(world, Particulars(languages=(Language.ENGLISH,)))
    with world.reading() as session:
        found = particulars.particulars_of(session, world.institution_id, world.people["mo"])
    assert found == Particulars(languages=(Language.ENGLISH,))
    assert institutions_entries(world)[-2:] == ["panel:kept", "panel:kept"]


@pytest.mark.parametrize(("said", "key"), [
    (Particulars(languages=()), "panel:language-missing"),
    (Particulars(most_open=-1), "panel:most-open-out-of-range"),
    (Particulars(most_open=10_001), "panel:most-open-out-of-range"),
    (Particulars(fee=1), "panel:fee-not-paid"),
    (Particulars(paid_by=Payer.BOTH_SIDES), "panel:fee-missing"),
])  # fmt: skip
def test_particulars_that_mean_nothing_are_refused(world: World, said: Particulars, key: str) -> None:
    with pytest.raises(Refused, match=key):
        keep(world, said)


@pytest.mark.parametrize("name", ["lu", "ren", "audit"])
def test_only_a_mediator_stands_on_the_panel(world: World, name: str) -> None:
    with pytest.raises(NotFound):
        keep(world, SAID, name)


@pytest.mark.parametrize("name", ["mo", "lu", "audit"])
def test_only_the_registrar_keeps_the_panel(world: World, name: str) -> None:
    place = place_of(world, "mo")
    with pytest.raises(NotPermitted), world.desk(name) as desk:
        particulars.keep_particulars(desk, place, SAID, at=world.clock())


def test_the_registrar_keeps_them_on_a_page(world: World) -> None:
    door = f"/desk/panel/{place_of(world, 'mo')}"
    client = world.client("ren")
    said = {
        "field": "消费金融",
        "body": "",
        "languages": ["cmn", "yue"],
        "paid_by": "lender",
        "fee": "500",
        "most_open": "9",
    }
    assert client.post(door, data={**said, "fee": ""}).status_code == 409
    assert client.post(door, data=said).status_code == 303
    page = client.get("/desk/panel").get_data(as_text=True)
    assert "Cantonese" in page
    assert "500.00" in page
    assert client.get(door).get_data(as_text=True).count("checked") == 3


# --- advice ---------------------------------------------------------------------------------------------------


def test_the_best_advised_stands_first(world: World) -> None:
    a_case(world, Stage.OPEN, contract="XF-OTHER", mediator="mo")
    assert [name for name, _ in advice(world, a_case(world, Stage.JOINED))] == ["明哲", "莫文"]


def test_a_borrower_who_reads_english_is_to_be_heard_in_english(world: World) -> None:
    keep(world, Particulars(languages=(Language.MANDARIN, Language.ENGLISH)), "mo")
    with world.writing() as session:
        account = world.account("bai")
        session.merge(account).locale = "en"
    assert advice(world, a_case(world, Stage.JOINED)) == [("莫文", ()), ("明哲", (Hindrance.LANGUAGE,))]


def test_whoever_has_as_many_open_cases_as_the_panel_allows_ranks_last(world: World) -> None:
    keep(world, Particulars(most_open=1), "ming")
    a_case(world, Stage.OPEN, contract="XF-1", mediator="ming")
    a_case(world, Stage.OPEN, contract="XF-2", mediator="mo")
    a_case(world, Stage.OPEN, contract="XF-3", mediator="mo")
    assert advice(world, a_case(world, Stage.JOINED)) == [("莫文", ()), ("明哲", (Hindrance.LOAD,))]


def test_whoever_once_worked_for_the_lender_has_a_tie(world: World) -> None:
    add_person(world, "qi", "齐放", role=Role.LENDER)
    with world.desk("ren") as desk:
        from mediation.accounts import actions as accounts

        place = next(one for one in selections.members_at(desk) if one.account.id == world.people["qi"])
        accounts.end_member(desk, place.membership.id, at=world.clock())
        accounts.add_member(desk, place.account, Role.MEDIATOR, at=world.clock())
    assert advice(world, a_case(world, Stage.JOINED))[-1] == ("齐放", (Hindrance.TIE,))


# --- the limit ------------------------------------------------------------------------------------------------


def over_the_limit(world: World) -> str:
    """A case for which Mo would be over the limit: three of three cases are this lender's, and two are allowed."""
    for ordinal in range(3):
        a_case(world, Stage.OPEN, contract=f"XF-{ordinal}", mediator="mo")
    limit(world, 50, 4)
    world.clock.move(seconds=1)
    return a_case(world, Stage.JOINED, contract="XF-NEW")


def propose(world: World, number: str, reason: str = "") -> None:
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people["mo"], reason=reason, at=world.clock())


def test_over_the_limit_nobody_is_asked_without_a_reason(world: World) -> None:
    number = over_the_limit(world)
    assert advice(world, number)[-1] == ("莫文", (Hindrance.SHARE,))
    with pytest.raises(Refused, match="appointment:reason-missing"):
        propose(world, number)


def test_a_reason_has_an_end(world: World) -> None:
    number = over_the_limit(world)
    with pytest.raises(Refused, match="appointment:reason-too-long"):
        propose(world, number, "字" * 501)


def test_the_reason_stands_on_the_record_and_both_sides_read_it(world: World) -> None:
    number = over_the_limit(world)
    propose(world, number, "唯一懂该产品的调解员")
    with world.seat("mo", number) as seat:
        appointments.accept_appointment(seat, at=world.clock())
    with world.seat("bai", number) as seat:
        body = audit.entries_seen_by(seat, Thread.CASE)[0].body
    assert body is not None
    assert (body["despite"], body["reason"]) == ("share", "唯一懂该产品的调解员")
    for name in ("bai", "lu"):
        page = world.client(name).get(f"/cases/{number}/appointment").get_data(as_text=True)
        assert "唯一懂该产品的调解员" in page


def test_where_nothing_speaks_against_it_no_reason_is_kept(world: World) -> None:
    number = a_case(world, Stage.JOINED)
    propose(world, number, "顺手写的")
    with world.reading() as session:
        assert session.scalars(select(AppointmentReason)).all() == []


def test_the_limit_can_be_lifted_and_every_version_stays(world: World) -> None:
    limit(world, 50, 4)
    with world.desk("ren") as desk:
        particulars.keep_share_limit(desk, None, at=world.clock())
    with world.reading() as session:
        assert particulars.share_limit_of(session, world.institution_id) is None
    assert institutions_entries(world)[-2:] == ["panel:limit-set", "panel:limit-set"]


def test_the_same_limit_is_not_set_twice(world: World) -> None:
    limit(world, 50, 4)
    with pytest.raises(Refused, match="panel:limit-unchanged"):
        limit(world, 50, 4)


@pytest.mark.parametrize(("data", "status"), [
    ({"percent": "30", "from_cases": "5"}, 303), ({"percent": "30", "from_cases": ""}, 409),
    ({"percent": "", "from_cases": "5"}, 409), ({"percent": "0", "from_cases": "5"}, 409),
    ({"percent": "dreißig", "from_cases": "5"}, 422), ({"percent": "", "from_cases": ""}, 409),
])  # fmt: skip
def test_the_registrar_sets_the_limit_on_the_page(world: World, data: dict[str, str], status: int) -> None:
    assert world.client("ren").post("/desk/panel/limit", data=data).status_code == status
