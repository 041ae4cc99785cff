"""The registrar checks, accepts or rejects; nothing reaches a borrower before."""

import pytest
from sqlalchemy import select

from mediation import audit
from mediation.accounts.models import Engagement, Organisation
from mediation.cases import actions, selections
from mediation.cases.models import Case, Invitation, Rejection
from mediation.errors import NotPermitted, Refused
from mediation.notices import Notice
from mediation.portfolios.models import Loan
from mediation.rules.access import Role, Thread
from mediation.rules.lenders import LenderType
from mediation.rules.lifecycle import Stage
from tests.cases.made import a_submitted_case
from tests.stories import a_case
from tests.world import World


def test_nothing_reaches_the_borrower_before_acceptance(world: World) -> None:
    a_submitted_case(world)
    with world.reading() as session:
        assert session.scalars(select(Invitation)).all() == []
        assert session.scalars(select(Notice.address).where(Notice.address == "bai@example.org")).all() == []


def test_acceptance_invites_the_borrower_in_the_same_transaction(world: World) -> None:
    number = a_submitted_case(world)
    with world.seat("ren", number) as seat:
        seat = actions.accept_case(seat, at=world.clock())
        invitation = seat.session.scalars(select(Invitation).where(Invitation.case_id == seat.case_id)).one()
    assert (seat.stage, seat.case.turn, invitation.name) == (Stage.INVITED, Role.BORROWER, "白露")


def test_acceptance_and_invitation_are_two_entries_of_the_record(world: World) -> None:
    number = a_submitted_case(world)
    with world.seat("ren", number) as seat:
        seat = actions.accept_case(seat, at=world.clock())
        kinds = [entry.kind for entry in audit.entries_seen_by(seat, Thread.CASE)]
    assert kinds[-2:] == ["case:accepted", "invitation:issued"]


def test_a_rejected_case_ends_and_the_lender_reads_why(world: World) -> None:
    number = a_submitted_case(world)
    world.client("ren").post(f"/cases/{number}/rejection", data={"reason": "缺少合同"})
    page = world.client("lu").get(f"/cases/{number}").get_data(as_text=True)
    assert "缺少合同" in page
    assert "Not accepted by the institution" in page


def test_a_rejection_without_a_reason_stands_open_and_names_what_is_missing(world: World) -> None:
    number = a_submitted_case(world)
    page = world.client("ren").post(f"/cases/{number}/rejection", data={"reason": ""}).get_data(as_text=True)
    assert '<details class="more" open>' in page
    assert '<a href="#reason">Why the case is not accepted: ' in page


def test_the_list_leads_to_the_case_that_has_waited_longest(world: World) -> None:
    first, second = (a_submitted_case(world, contract=contract) for contract in ("XF-1", "XF-2"))
    page = world.client("ren").get("/registry").get_data(as_text=True)
    assert page.index(f"/cases/{first}/registration") < page.index(f"/cases/{second}/registration")
    assert f'<a class="button is-primary" href="/cases/{first}/registration">' in page


def test_the_record_names_the_reason_by_its_fingerprint_alone(world: World) -> None:
    number = a_submitted_case(world)
    with world.seat("ren", number) as seat:
        seat = actions.reject_case(seat, "缺少合同", at=world.clock())
        body = audit.entries_seen_by(seat, Thread.CASE)[-1].body
    assert body is not None
    assert set(body) == {"reason_sha256"}


def test_nothing_follows_a_rejection(world: World) -> None:
    number = a_submitted_case(world)
    with world.seat("ren", number) as seat:
        actions.reject_case(seat, "缺少合同", at=world.clock())
    with pytest.raises(Refused, match="case:wrong-stage"), world.seat("ren", number) as seat:
        actions.accept_case(seat, at=world.clock())


def test_a_rejection_needs_a_reason(world: World) -> None:
    number = a_submitted_case(world)
    answer = world.client("ren").post(f"/cases/{number}/rejection", data={"reason": "  "})
    assert answer.status_code in (409, 422)
    with world.reading() as session:
        assert session.scalars(select(Rejection)).all() == []


def test_the_lender_does_not_accept_its_own_case(world: World) -> None:
    number = a_submitted_case(world)
    with pytest.raises(NotPermitted), world.seat("lu", number) as seat:
        actions.accept_case(seat, at=world.clock())


def test_the_registry_lists_the_longest_waiting_first(world: World) -> None:
    first = a_submitted_case(world)
    world.clock.move(hours=1)
    second = a_submitted_case(world, contract="XF-2025-0002")
    with world.desk("ren") as desk:
        assert [line.number for line in selections.submitted_cases(desk)] == [first, second]


def test_the_registry_goes_on_where_a_page_ended(world: World) -> None:
    a_submitted_case(world)
    world.clock.move(hours=1)
    second = a_submitted_case(world, contract="XF-2025-0002")
    with world.desk("ren") as desk:
        first = selections.submitted_cases(desk)[0]
        assert [line.number for line in selections.submitted_cases(desk, after=first.id)] == [second]


def test_only_the_registrar_opens_the_registry(world: World) -> None:
    answers = [world.client(name).get("/registry").status_code for name in ("ren", "lu", "mo", "bai")]
    assert answers == [200, 403, 403, 404]


def test_the_same_contract_under_another_claimant_is_shown_to_the_registrar(world: World) -> None:
    other = a_case(world, Stage.OPEN)
    _belongs_to_another_lender(world, other)
    number = a_submitted_case(world)
    page = world.client("ren").get(f"/cases/{number}/registration").get_data(as_text=True)
    assert other in page
    assert "find out who holds the claim" in page


def test_a_case_without_twins_says_so(world: World) -> None:
    number = a_submitted_case(world)
    page = world.client("ren").get(f"/cases/{number}/registration").get_data(as_text=True)
    assert "No other case on this contract" in page


def test_the_lender_never_learns_of_another_lenders_case(world: World) -> None:
    other = a_case(world, Stage.OPEN)
    _belongs_to_another_lender(world, other)
    number = a_submitted_case(world)
    assert other not in world.client("lu").get(f"/cases/{number}").get_data(as_text=True)
    assert world.client("lu").get(f"/cases/{other}").status_code == 404


def test_acceptance_in_the_browser_leads_to_the_invited_case(world: World) -> None:
    number = a_submitted_case(world)
    client = world.client("ren")
    answer = client.post(f"/cases/{number}/acceptance")
    assert (answer.status_code, answer.location) == (303, f"/cases/{number}")
    assert "Invited, no answer yet" in client.get(answer.location).get_data(as_text=True)


def _belongs_to_another_lender(world: World, number: str) -> None:
    with world.writing() as session:
        other = Organisation(name="北岸小额贷款有限公司", credit_code="91420100MA4K000008", created_at=world.clock())
        session.add(other)
        session.flush()
        session.add(
            Engagement(
                institution_id=world.institution_id,
                organisation_id=other.id,
                lender_type=LenderType.MICRO_LENDER,
                licence="L2",
                service_address="江城市",
                payee_name=other.name,
                payee_bank="江城银行",
                payee_account="1",
                kept_at=world.clock(),
            )
        )
        case = session.scalars(select(Case).where(Case.number == number)).one()
        case.organisation_id, case.organisation_name = other.id, other.name
        session.get_one(Loan, case.loan_id).organisation_id = other.id
