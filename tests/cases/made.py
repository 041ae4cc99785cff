"""What a lender states when it opens scenario A, as values and as a filled form."""

from dataclasses import replace
from datetime import date

from mediation.cases import actions
from mediation.cases.claims import Claimed, Contact, Opening, Standstill
from mediation.cases.models import CourtStatus
from tests.stories import a_loan
from tests.world import World


def an_opening(**changed: object) -> Opening:
    """Scenario A's claim, complete; `changed` replaces fields of the claim."""
    claim = Claimed(
        as_of_on=date(2025, 9, 24),
        principal_due=1_695_791,
        principal_not_due=1_360_639,
        interest=189_597,
        penalty=53_027,
        fees=0,
        principal_basis="借款合同第三条",
        interest_basis="月利率1.95%，六月至九月",
        penalty_basis="每日0.05%",
        original_lender="江岸消费金融有限公司",
        original_contract="XF-2025-0001",
    )
    return Opening(
        claim=replace(claim, **changed),
        contact=Contact(name="白露", phone="13800000007", email="bai@example.org"),
        court_status=CourtStatus.NONE,
        standstill=Standstill(
            collection_paused=True,
            outsourcing_paused=True,
            assignment_paused=True,
            interest_runs=False,
            penalty_runs=True,
        ),
    )


def a_form(**changed: str) -> dict[str, str]:
    """The same as somebody types it into the page."""
    filled = {
        "currency": "CNY",
        "borrower_name": "白露",
        "borrower_phone": "138 0000 0007",
        "borrower_email": "bai@example.org",
        "as_of_on": "2025-09-24",
        "principal_due": "16,957.91",
        "principal_not_due": "13606.39元",
        "principal_basis": "借款合同第三条",
        "interest": "1,895.97",
        "interest_basis": "月利率1.95%",
        "penalty": "530.27",
        "penalty_basis": "每日0.05%",
        "fees": "0",
        "accelerated": "no",
        "basis": "original",
        "original_lender": "江岸消费金融有限公司",
        "original_contract": "XF-2025-0001",
        "court_status": "none",
        "collection_paused": "y",
        "outsourcing_paused": "y",
        "assignment_paused": "y",
        "interest_runs": "no",
        "penalty_runs": "yes",
        "act": "submit",
    }
    return {name: value for name, value in {**filled, **changed}.items() if value}


def a_submitted_case(world: World, *, contract: str = "XF-2025-0001") -> str:
    """Scenario A as officer Lu submitted it; its number."""
    loan_id = a_loan(world, contract=contract)
    with world.desk("lu") as desk:
        seat = actions.open_case(desk, loan_id, an_opening(), at=world.clock())
        return actions.submit_case(seat, an_opening(), at=world.clock()).case.number
