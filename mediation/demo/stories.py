"""The cases of the demonstration, one story for each stage; scenario A is told to its end."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from mediation.accounts.models import Account
from mediation.agreements import actions as agreements
from mediation.agreements.assembling import Choices
from mediation.agreements.selections import current_agreement
from mediation.cases import actions as cases
from mediation.cases import contracts, identification, identities, invitations, stating
from mediation.cases.contract_models import Product
from mediation.cases.models import Case
from mediation.db import transaction
from mediation.demo import play as demo
from mediation.demo.people import Debtor, bai, debtors
from mediation.demo.play import Play
from mediation.disclosures import facts
from mediation.disclosures.fact_selections import fact_seen_by
from mediation.messages import actions as messages
from mediation.messages.holding import HELD_FOR
from mediation.offers import actions as offers
from mediation.offers.models import Offer
from mediation.portfolios.models import Loan
from mediation.rules.access import Room
from mediation.rules.limitation import InterruptionKind
from mediation.rules.negotiation import OfferState
from mediation.rules.plans import Frequency, Terms, Waivers

GENERATED = 24
CONTRACT_A = contracts.Stated(
    product=Product.LOAN,
    contract_on=date(2024, 12, 15),
    principal=5_000_000,
    disbursed=5_000_000,
    fee_up_front=0,
    instalments=12,
    instalment=471_347,
    fee_each=0,
    paid_count=5,
    yearly_rate=Decimal("0.234"),
    penalty_daily_rate=Decimal("0.0005"),
    is_capitalised=False,
    last_due_on=date(2025, 12, 15),
    last_act=InterruptionKind.DEMAND,
    last_act_on=date(2025, 8, 1),
)
PAST_HOLD = {"minutes": 11}


def tell_all(play: Play, *, now: datetime) -> None:
    """Every case of the demonstration stands where it should on the day of `now`."""
    today = now.astimezone(demo.ZONE).date()
    people = [bai(), *debtors(GENERATED, today=today - timedelta(days=4))]
    play.at = demo.at_ten(date(2025, 9, 24))
    loans = demo.import_loans(play, people)
    tell_scenario_a(play, people[0], loans[people[0].contract])
    stories = (_drafted, _submitted, _submitted, _rejected, _invited, _invited, _identified, _declined, _not_me,
               _joined, _joined, _proposed, _opened, _talking, _offered, _countered, _held, _agreed, _drawn_up,
               _half_signed, _withdrawn)  # fmt: skip
    for debtor, story in zip(people[1:], stories, strict=False):
        play.at = demo.at_ten(today - timedelta(days=3))
        story(play, debtor, loans[debtor.contract], now)


def tell_scenario_a(play: Play, debtor: Debtor, loan_id: UUID) -> None:
    """Job loss: four offers, agreed on 26 instalments of 1,248.47, signed by all and sealed."""
    play.at = datetime(2025, 9, 25, 1, 30, tzinfo=UTC)
    number = _at_the_table(play, debtor, loan_id)
    play.later(hours=1)
    with play.seat("lu", number) as seat:
        stating.state_contract(seat, CONTRACT_A, at=play.at)
    play.later(hours=1)
    for room, name, text in (
        (
            Room.CAUCUS_BORROWER,
            "bai@example.org",
            "我六月失业了，现在每月收入 5,200 元，必要开支 3,800 元。这些请先不要告诉对方。",
        ),
        (Room.CAUCUS_BORROWER, "mo", "我明白了。您说的只有我能看到。每月 1,260 元以内对您来说更稳妥。"),
        (Room.CAUCUS_LENDER, "lu", "我们可以考虑免除违约金，但希望两年左右还清。"),
    ):
        _say(play, name, number, room, text)
        play.later(minutes=7)
    with play.seat("mo", number) as seat:
        messages.open_joint_room(seat, at=play.at)
    _say(play, "mo", number, Room.JOINT, "双方好。请从各自能接受的还款安排谈起。")
    first = date(2025, 11, 15)
    borrower = "bai@example.org"
    offer(play, "lu", number, debtor, count=1, first=date(2025, 10, 25), waive_penalty=True)
    play.later(hours=20)
    offer(play, borrower, number, debtor, count=36, first=first, waive_penalty=True)
    play.later(days=1)
    offer(play, "lu", number, debtor, count=24, first=first, waive_penalty=True)
    play.later(hours=5)
    offer(play, borrower, number, debtor, count=26, first=first, waive_penalty=True)
    play.later(hours=3)
    accept_open(play, "lu", number)
    sign_and_seal(play, number, borrower, debtor, signers=("lu", borrower, "mo"))


def offer(
    play: Play, name: str, number: str, debtor: Debtor, *, count: int, first: date, waive_penalty: bool = False
) -> None:
    """An offer is made and has shown."""
    waivers = Waivers(penalty=debtor.owed.penalty) if waive_penalty else Waivers()
    terms = Terms(
        claim_version=1,
        currency="CNY",
        agreed_total=debtor.owed.total - waivers.total,
        waivers=waivers,
        instalments=count,
        frequency=Frequency.MONTHLY,
        first_due_on=first,
    )
    with play.seat(name, number) as seat:
        offers.make_offer(seat, terms, at=play.at)
    play.later(**PAST_HOLD)


def accept_open(play: Play, name: str, number: str) -> None:
    """The open offer is accepted."""
    with play.seat(name, number) as seat:
        found = select(Offer).where(Offer.case_id == seat.case_id, Offer.status == OfferState.OPEN)
        row = seat.session.scalars(found).one()
        offers.accept_offer(seat, row.id, seen_sha256=row.sha256, at=play.at)


def sign_and_seal(play: Play, number: str, borrower: str, debtor: Debtor, *, signers: tuple[str, ...]) -> None:
    """Identity on file, the agreement drawn up and rendered, confirmed by these; by all, it is sealed."""
    with play.seat(borrower, number) as seat:
        identities.give_identity(
            seat, name=debtor.name, number=debtor.id_number, address="江城市湖滨路8号2栋301室", at=play.at
        )
    play.later(hours=1)
    with play.seat("mo", number) as seat:
        agreements.draw_up(seat, Choices(), at=play.at)
    play.later(minutes=1)
    for name in signers:
        play.later(minutes=50)
        with play.seat(name, number) as seat:
            agreement = current_agreement(seat)
            assert agreement is not None
            assert agreement.unsigned_sha256 is not None
            agreements.sign(seat, agreement.id, seen_sha256=agreement.unsigned_sha256, at=play.at)
    play.later(minutes=1)


def _at_the_table(play: Play, debtor: Debtor, loan_id: UUID) -> str:
    number = _joined_case(play, debtor, loan_id)
    play.later(hours=1)
    demo.appoint(play, number)
    play.later(minutes=40)
    demo.agree_on_mediator(play, number, debtor.email)
    return number


def _joined_case(play: Play, debtor: Debtor, loan_id: UUID) -> str:
    number = demo.open_case(play, debtor, loan_id)
    play.later(hours=1)
    demo.accept(play, number)
    play.later(hours=2)
    demo.identify(play, number, debtor)
    demo.join(play, number, debtor.email)
    return number


def _drafted(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    demo.open_case(play, debtor, loan_id, submit=False)


def _submitted(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    demo.open_case(play, debtor, loan_id)


def _rejected(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    number = demo.open_case(play, debtor, loan_id)
    with play.seat("ren", number) as seat:
        cases.reject_case(seat, "借款合同复印件不清晰，请补交后再提交。", at=play.at)


def _invited(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    number = demo.open_case(play, debtor, loan_id)
    demo.accept(play, number)
    play.later(minutes=1)


def _identified(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    number = demo.open_case(play, debtor, loan_id)
    demo.accept(play, number)
    play.later(hours=1)
    demo.identify(play, number, debtor)
    with transaction(play.engine, play.info) as session:
        account = session.scalars(select(Account).where(Account.sign_in_name == debtor.email)).one()
        account.password_hash = play.hashed


def _declined(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    number = demo.open_case(play, debtor, loan_id)
    demo.accept(play, number)
    play.later(hours=3)
    demo.identify(play, number, debtor)
    demo.decline(play, number, debtor.email)


def _not_me(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    number = demo.open_case(play, debtor, loan_id)
    demo.accept(play, number)
    play.later(hours=3)
    with transaction(play.engine, play.info) as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        invitation = invitations.current_invitation(session, case.id)
        assert invitation is not None
        identification.say_not_me(session, invitation.id, at=play.at)


def _joined(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    _joined_case(play, debtor, loan_id)


def _proposed(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    play.at = now - timedelta(hours=6)
    number = _joined_case(play, debtor, loan_id)
    demo.appoint(play, number, "ming")


def _opened(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    _at_the_table(play, debtor, loan_id)


def _talking(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    number = _at_the_table(play, debtor, loan_id)
    _say(play, debtor.email, number, Room.CAUCUS_BORROWER, "家里有人生病，想先了解一下有什么办法。")
    play.later(minutes=20)
    _say(play, "mo", number, Room.CAUCUS_BORROWER, "您慢慢说，这里只有我们两个人能看到。")
    with play.seat("mo", number) as seat:
        messages.open_joint_room(seat, at=play.at)
    _say(play, "mo", number, Room.JOINT, "双方好，我是本案调解员。有问题可以在这里一起谈。")
    with play.seat(debtor.email, number) as seat:
        text = "母亲二月确诊，每月药费 1,200 元，由我一个人负担。"
        told = facts.tell_fact(seat, title="家里有人长期生病", text=text, document_id=None, at=play.at)
    with play.seat("mo", number) as seat:
        facts.note_proof(seat, told.id, seen_sha256=fact_seen_by(seat, told.id).sha256, at=play.at)


def _say(play: Play, name: str, number: str, room: Room, text: str) -> None:
    """A message is sent, not taken back, and so said."""
    with play.seat(name, number) as seat:
        messages.send_message(seat, room, text, at=play.at)
    play.later(seconds=HELD_FOR.total_seconds())


def _offered(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    number = _at_the_table(play, debtor, loan_id)
    offer(play, "lu", number, debtor, count=12, first=_soon(now), waive_penalty=True)


def _countered(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    _offered(play, debtor, loan_id, now)
    number = _number_of(play, loan_id)
    play.later(hours=4)
    offer(play, debtor.email, number, debtor, count=30, first=_soon(now), waive_penalty=True)


def _held(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    _offered(play, debtor, loan_id, now)


def _agreed(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    _offered(play, debtor, loan_id, now)
    play.later(hours=2)
    accept_open(play, debtor.email, _number_of(play, loan_id))


def _drawn_up(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    _agreed(play, debtor, loan_id, now)
    sign_and_seal(play, _number_of(play, loan_id), debtor.email, debtor, signers=())


def _half_signed(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    _agreed(play, debtor, loan_id, now)
    sign_and_seal(play, _number_of(play, loan_id), debtor.email, debtor, signers=("lu",))


def _withdrawn(play: Play, debtor: Debtor, loan_id: UUID, now: datetime) -> None:
    number = _at_the_table(play, debtor, loan_id)
    play.later(hours=1)
    with play.seat("lu", number) as seat:
        cases.withdraw_case(seat, at=play.at)


def _soon(now: datetime) -> date:
    on = (now + timedelta(days=30)).astimezone(demo.ZONE).date()
    return on.replace(day=min(on.day, 28))


def _number_of(play: Play, loan_id: UUID) -> str:
    with transaction(play.engine, play.info) as session:
        return session.scalars(select(Case.number).where(Case.loan_id == loan_id)).one()


def tail_of(session: Session, case: Case) -> str:
    """The last characters of the borrower's identity number, which the invitee is asked for."""
    return session.get_one(Loan, case.loan_id).id_tail
