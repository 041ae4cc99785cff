"""What the tests of the invitation stand on: an invitation as the registrar's acceptance sends it."""

import re
from dataclasses import dataclass

from flask.testing import FlaskClient
from sqlalchemy import select

from mediation import notices
from mediation.cases.invitations import issue_invitation, notice_of
from mediation.cases.models import Case, Invitation
from mediation.portfolios.models import Loan
from mediation.rules.lifecycle import Stage
from tests.stories import ID_NUMBER, a_case
from tests.world import World

TAIL = ID_NUMBER[-4:]
LETTER = "xinfeng@example.org"


@dataclass(frozen=True)
class Sent:
    """An invitation on its way: the case, the secret code, the public number."""

    case: str
    code: str
    number: str


def an_invitation(world: World, *, email: str = LETTER, contract: str = "XF-2025-0001") -> Sent:
    """A case that the registrar has accepted, with its borrower invited at an address that nobody signs in with."""
    case = a_case(world, Stage.ACCEPTED, contract=contract)
    with world.seat("ren", case) as seat:
        seat.case.borrower_email = email
        issue_invitation(seat, at=world.clock())
    return sent(world, case)


def sent(world: World, case: str) -> Sent:
    """The newest invitation of that case with its code, which only the post may read."""
    with world.reading() as session:
        invitation = newest(world, case)
        notice = notice_of(session, invitation)
        assert notice is not None
        return Sent(case, notices.open_facts(session, notice)["code"], invitation.number)


def newest(world: World, case: str) -> Invitation:
    """The newest invitation of that case."""
    with world.reading() as session:
        found = select(Invitation).join(Case).where(Case.number == case).order_by(Invitation.id.desc())
        invitation = session.scalars(found).first()
        assert invitation is not None
        return invitation


def the_case(world: World, number: str) -> Case:
    """The case as it stands."""
    with world.reading() as session:
        return session.scalars(select(Case).where(Case.number == number)).one()


def without_identity_number(world: World, number: str) -> None:
    """The lender's file has no identity number."""
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        session.get_one(Loan, case.loan_id).id_tail = case.borrower_id_tail = ""


def opened(world: World, code: str) -> FlaskClient:
    """A stranger's browser that has typed the code."""
    client = world.client()
    client.post("/join", data={"code": code})
    return client


def identified(world: World, sent: Sent) -> FlaskClient:
    """The borrower's browser, past the identity question."""
    client = opened(world, sent.code)
    answer = client.post("/join/identity", data={"answer": TAIL})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return client


def consent(client: FlaskClient, case: str, **other: str) -> dict[str, str]:
    """The consent form as the page shows it, filled in with a yes to everything."""
    page = client.get(f"/cases/{case}/consent").get_data(as_text=True)
    shown = re.search(r'name="shown"[^>]*value="([0-9a-f]{64})"', page)
    assert shown is not None, page
    filled = {
        "shown": shown.group(1),
        "mediation": "y",
        "personal_data": "y",
        "share_with_lender": "y",
        "electronic_service": "y",
        "court_status": "none",
        "locale": "zh_Hans",
        "sign_in_by": "password",
        "password": "seven green herons",
    }
    return {name: value for name, value in {**filled, **other}.items() if value}
