"""A house full of people: one of every kind that may knock at a door, and a case at each stage worth knocking at."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, select

from mediation import audit, files
from mediation.accounts import credentials, sessions
from mediation.accounts.models import Account, Institution, Membership, Organisation
from mediation.agreements import actions as agreements
from mediation.agreements.assembling import Choices
from mediation.agreements.models import Agreement
from mediation.cases import appointments
from mediation.cases.models import Appointment, Case, Seating
from mediation.cases.seats import Seat, lock_case
from mediation.cases.side_models import SideInvitation
from mediation.disclosures.document_models import Audience, Document, Kind
from mediation.disclosures.fact_models import SealedFact
from mediation.offers.models import Offer
from mediation.offers.proposal_models import Proposal
from mediation.portfolios.models import ImportState, LoanImport
from mediation.rules.access import Role
from mediation.rules.duties import Item
from mediation.rules.lifecycle import AppointmentState, Stage
from tests.documents.made import add, state
from tests.facts.told import tell
from tests.offers.table import accept, offer, propose, show
from tests.sides.made import WRITES, adviser, ask
from tests.stories import a_case, identify
from tests.world import World, make_world

# Who knocks, in the order of the printed table; None is somebody who has not signed in.
ACTORS: dict[str, str | None] = {
    "anonymous": None,
    "borrower": "bai",
    "other borrower": "xu",
    "officer": "lu",
    "other lender's officer": "gu",
    "mediator": "mo",
    "other mediator": "ming",
    "recused mediator": "qi",
    "candidate": "dai",
    "adviser": "an",
    "registrar": "ren",
    "other registrar": "lei",
    "auditor": "audit",
    "removed member": "old",
    "stranger": "shi",
}
STAGES = ("invited", "joined", "open", "seeking", "signing", "in force")
PAPER = b"%PDF-1.7 the paper as the worker rendered it"
SEALED = b"%PDF-1.7 the same paper, sealed"


@dataclass
class House:
    """The world with everybody in it, the cases by stage, and what an address may name."""

    world: World
    cases: dict[str, str] = field(default_factory=dict)
    elsewhere: str = ""
    ids: dict[str, dict[str, UUID]] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def moved_to(self, engine: Engine, folder: Path) -> "House":
        """The same house on a copy of its database and of its folder."""
        return replace(
            self,
            world=self.world.moved_to(engine, folder),
            cases=dict(self.cases),
            ids={where: dict(named) for where, named in self.ids.items()},
            cookies=dict(self.cookies),
        )

    def cookie_of(self, actor: str) -> dict[str, str]:
        """The header with which that actor's browser comes; kept, so that no answer can take it away."""
        return {"Cookie": self.cookies[actor]} if actor in self.cookies else {}


def open_house(engine: Engine, folder: Path) -> House:
    """Everybody is there and every case stands at its stage."""
    world = make_world(engine, folder=folder)
    _invite_everybody(world)
    house = House(world)
    house.cases = {
        "invited": _invited(world),
        "joined": _joined(world),
        "open": _open(world, "C-open"),
        "seeking": _seeking(world),
        "signing": _signing(world, "C-signing"),
        "in force": _in_force(world),
    }
    house.elsewhere = _elsewhere(world)
    for stage in house.cases:
        _recuse_somebody(world, house.cases[stage], stage)
    for where, number in {**house.cases, "elsewhere": house.elsewhere}.items():
        house.ids[where] = _named_in(world, number)
    for actor, name in ACTORS.items():
        if name is not None:
            house.cookies[actor] = _cookie(world, name)
    return house


def everything_in(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, in one order."""
    from sqlalchemy import MetaData

    found = MetaData()
    with engine.connect() as connection:
        found.reflect(connection)
        rows = {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr) for table in found.sorted_tables
        }
        connection.rollback()
    return rows


def _invite_everybody(world: World) -> None:
    at = world.clock()
    with world.writing() as session:
        lender = Organisation(name="西岭小额贷款有限公司", credit_code="91420100MA4K000015", created_at=at)
        session.add(lender)
        session.flush()
        abroad = _institution_elsewhere(world, session)
        for name, title, role in (
            ("xu", "许真", None), ("gu", "顾言", Role.LENDER), ("qi", "齐放", Role.MEDIATOR),
            ("dai", "戴山", Role.MEDIATOR), ("lei", "雷鸣", Role.REGISTRAR), ("old", "欧阳旧", Role.LENDER),
        ):  # fmt: skip
            account = credentials.add_account(session, name, title, email=f"{name}@example.org", at=at)
            session.flush()
            world.people[name] = account.id
            if role is not None:
                session.add(
                    Membership(
                        account_id=account.id,
                        institution_id=abroad if name == "lei" else world.institution_id,
                        organisation_id={"gu": lender.id, "old": world.organisation_id}.get(name),
                        role=role,
                        since_at=at,
                        ended_at=at if name == "old" else None,
                    )
                )


def _institution_elsewhere(world: World, session) -> UUID:  # type: ignore[no-untyped-def]
    other = Institution(
        code="HZ", name="湖州人民调解委员会", name_en="Huzhou Committee", domain="elsewhere.example.cn",
        telephone="0572-555 0110", legal_aid="法律援助中心", legal_aid_telephone="12348", created_at=world.clock(),
    )  # fmt: skip
    session.add(other)
    session.flush()
    audit.open_threads(session, other.id, host="elsewhere.example.cn")
    return other.id


def _invited(world: World) -> str:
    number = a_case(world, Stage.INVITED, contract="C-invited")
    _sit(world, number, "bai", Role.BORROWER)
    return number


def _joined(world: World) -> str:
    number = a_case(world, Stage.JOINED, contract="C-joined")
    adviser(world, number, scope=WRITES)
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people["dai"], at=world.clock())
    return number


def _open(world: World, contract: str) -> str:
    number = a_case(world, contract=contract)
    adviser(world, number, scope=WRITES)
    _lay_open(world, number, "bai")
    show(world, number, "lu")
    propose(world, number)
    return number


def _lay_open(world: World, number: str, borrower: str) -> None:
    """The lender has shown its contract and stated a fact; the borrower has shown and told the mediator something."""
    add(world, number, "lu", kind=Kind.CONTRACT, title="借款合同")
    state(world, number, Item.FEES)
    add(world, number, borrower, kind=Kind.INCOME, title="工资条", audience=Audience.MEDIATOR)
    tell(world, number, borrower)


def _seeking(world: World) -> str:
    number = a_case(world, contract="C-seeking", mediator="qi")
    with world.seat("qi", number) as seat:
        appointments.recuse_mediator(seat, at=world.clock())
    with world.seat("ren", number) as seat:
        appointments.propose_mediator(seat, world.people["dai"], at=world.clock())
    return number


def _agreed(world: World, contract: str) -> str:
    number = _open(world, contract)
    with world.reading() as session:
        made = session.scalars(select(Offer).join(Case, Case.id == Offer.case_id).where(Case.number == number)).one()
    accept(world, number, "bai", made.id)
    return number


def _signing(world: World, contract: str) -> str:
    number = _agreed(world, contract)
    identify(world, number)
    with world.seat("mo", number) as seat:
        agreement_id = agreements.draw_up(seat, Choices(), at=world.clock()).id
    with world.writing() as session:
        seat, sha256 = _stored(world, session, agreement_id, PAPER)
        agreements.start_signing(seat, agreement_id, sha256, at=world.clock())
    return number


def _in_force(world: World) -> str:
    number = _signing(world, "C-force")
    agreement_id = _named_in(world, number)["agreement_id"]
    for name in ("bai", "lu", "mo"):
        with world.seat(name, number) as seat:
            sha256 = seat.session.get_one(Agreement, agreement_id).unsigned_sha256
            agreements.sign(seat, agreement_id, seen_sha256=sha256 or "", at=world.clock())
    with world.writing() as session:
        seat, sha256 = _stored(world, session, agreement_id, SEALED)
        agreements.keep_sealed(seat, agreement_id, sha256, at=world.clock(), sealed_at=world.clock())
    return number


def _stored(world: World, session, agreement_id: UUID, content: bytes) -> tuple[Seat, str]:  # type: ignore[no-untyped-def]
    agreement = session.get_one(Agreement, agreement_id)
    kept = files.store_row(
        session, content, institution_id=agreement.institution_id, media_type="application/pdf", at=world.clock()
    )
    return Seat.system(session, lock_case(session, agreement.case_id)), kept.sha256


def _elsewhere(world: World) -> str:
    """Another borrower's case with another mediator, at the same lender."""
    number = a_case(world, contract="C-elsewhere", borrower="xu", mediator="ming")
    ask(world, number, "xu", email="elsewhere@example.org")
    _lay_open(world, number, "xu")
    show(world, number, "lu")
    propose(world, number, name="ming")
    with world.reading() as session:
        made = session.scalars(select(Offer).join(Case, Case.id == Offer.case_id).where(Case.number == number)).one()
    accept(world, number, "xu", made.id, sha256=offer(world, made.id).sha256)
    identify(world, number, "xu")
    with world.seat("ming", number) as seat:
        agreements.draw_up(seat, Choices(), at=world.clock())
    return number


def _recuse_somebody(world: World, number: str, stage: str) -> None:
    if stage not in ("open", "terms agreed", "signing", "in force"):
        return
    _sit(world, number, "qi", Role.MEDIATOR, ended=True)
    at = world.clock() - timedelta(hours=1)
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        session.add(
            Appointment(
                case_id=case.id, mediator_id=world.people["qi"], state=AppointmentState.RECUSED,
                proposed_by=world.people["ren"], proposed_at=at, accepted_at=at, objections_end_at=at, ended_at=at,
            )
        )  # fmt: skip


def _sit(world: World, number: str, name: str, role: Role, *, ended: bool = False) -> None:
    at = world.clock()
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        session.add(
            Seating(
                case_id=case.id, account_id=world.people[name], role=role, since_at=at, ended_at=at if ended else None
            )
        )


def _named_in(world: World, number: str) -> dict[str, UUID]:
    """What addresses of this case may name."""
    with world.writing() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        made = session.scalars(select(Offer.id).where(Offer.case_id == case.id)).first()
        proposed = session.scalars(select(Proposal.id).where(Proposal.case_id == case.id)).first()
        drawn = session.scalars(select(Agreement.id).where(Agreement.case_id == case.id)).first()
        shared = select(Document.id).where(Document.case_id == case.id, Document.audience == Audience.BOTH)
        paper = session.scalars(shared).first()
        told = session.scalars(select(SealedFact.id).where(SealedFact.case_id == case.id)).first()
        batch = LoanImport(
            institution_id=case.institution_id, organisation_id=case.organisation_id, account_id=world.people["lu"],
            file_name="loans.csv", file_sha256="0" * 64, currency="CNY", state=ImportState.IMPORTED, row_count=0,
            created_at=world.clock(), imported_at=world.clock(),
        )  # fmt: skip
        session.add(batch)
        session.flush()
        invited = select(SideInvitation.id).where(SideInvitation.case_id == case.id)
        nobody = UUID("01a20b44-3335-772a-b4b4-cd9c1d5e1841")
        return {
            "offer_id": made or nobody,
            "proposal_id": proposed or nobody,
            "agreement_id": drawn or nobody,
            "document_id": paper or nobody,
            "fact_id": told or nobody,
            "loan_id": case.loan_id,
            "import_id": batch.id,
            "invitation_id": session.scalar(invited.limit(1)) or nobody,
        }


def _cookie(world: World, name: str) -> str:
    client = world.app.test_client()
    with world.writing() as session:
        account = session.get_one(Account, world.people[name])
        token = sessions.start(session, account, agent="test", at=world.clock())
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    kept = client.get_cookie("mediation")
    assert kept is not None
    return f"mediation={kept.value}"
