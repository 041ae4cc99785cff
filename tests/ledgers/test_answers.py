"""What a side states and says of the other's rows stays its own word, and silence is nobody's consent."""

import hashlib
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from mediation.cases import capacity
from mediation.cases.models import Claim
from mediation.disclosures import ledger_standing, ledgers
from mediation.disclosures.ledger_models import LedgerAnswer, LedgerPayment, PaymentList
from mediation.disclosures.ledgers import Grounds, PaidRow, ReadFile
from mediation.errors import MediationError, NotFound, NotPermitted, Refused
from mediation.notices import Notice
from mediation.rules.ledger import Shares, Standing, Verdict
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import Side
from mediation.rules.plan_kinds import Disputed
from tests.ledgers.accounts import INSTALMENT, PAID, answer, case, ledger, pay, recorded, refusal, state
from tests.stories import Figures, a_case
from tests.world import World

REASON, PROOF = "六月那期我是用现金还的", "六月的收据，在材料里"


def standings(world: World, number: str) -> list[Standing]:
    return [line.standing for line in ledger(world, number).payments.lines]


def restate(world: World, number: str, figures: Figures, version: int = 2) -> None:
    """The lender has stated the claim anew, as a later task lets it."""
    with world.writing() as session:
        claim = session.scalars(select(Claim).where(Claim.version == 1)).one()
        kept = {column.name: getattr(claim, column.name) for column in Claim.__table__.columns if column.name != "id"}
        names = ("principal_due", "principal_not_due", "interest", "penalty", "fees")
        session.add(Claim(**{**kept, **{name: getattr(figures, name) for name in names}, "version": version}))
        session.merge(case(world, number)).claim_version = version


# --- the claim ------------------------------------------------------------------------------------------------


def test_a_claim_of_which_nobody_spoke_is_neither_agreed_nor_disputed(world: World) -> None:
    found = ledger(world, a_case(world))
    assert [each.name for each in found.components] == ["principal_due", "principal_not_due", "interest", "penalty"]
    assert (found.claim, found.disputed.total) == (Shares(3_299_054), 0)
    assert found.unanswered == ("principal_due", "principal_not_due", "interest", "penalty")


def test_the_totals_follow_every_answer(world: World) -> None:
    number = a_case(world)
    answer(world, number, "bai", "principal_due", Verdict.AGREED)
    answer(world, number, "bai", "interest", Verdict.DISPUTED, Grounds(disputed=89_597))
    answer(world, number, "bai", "penalty", Verdict.DISPUTED)
    answer(world, number, "bai", "principal_not_due", Verdict.UNKNOWN)
    found = ledger(world, number)
    assert (found.claim.agreed, found.claim.disputed, found.claim.open) == (1_695_791, 142_624, 1_460_639)
    assert found.undisputed == 3_299_054 - 142_624
    assert found.unanswered == ()


def test_what_is_disputed_is_told_by_component_of_a_plan(world: World) -> None:
    number = a_case(world)
    answer(world, number, "bai", "principal_not_due", Verdict.DISPUTED, Grounds(disputed=60_639))
    answer(world, number, "bai", "penalty", Verdict.DISPUTED)
    with world.reading() as session:
        assert ledger_standing.disputed_of(session, case(world, number)) == Disputed(principal=60_639, penalty=53_027)


def test_an_answer_is_changed_by_a_later_one_and_both_stay_on_file(world: World) -> None:
    number = a_case(world)
    answer(world, number, "bai", "penalty", Verdict.DISPUTED)
    answer(world, number, "bai", "penalty", Verdict.AGREED)
    assert ledger(world, number).component("penalty").shares == Shares(53_027, agreed=53_027)
    with world.reading() as session:
        kept = session.scalars(select(LedgerAnswer).order_by(LedgerAnswer.number)).all()
    assert [(row.number, row.verdict) for row in kept] == [(1, Verdict.DISPUTED), (2, Verdict.AGREED)]


def test_a_new_claim_takes_back_no_dispute_and_stretches_no_agreement(world: World) -> None:
    number = a_case(world)
    answer(world, number, "bai", "principal_due", Verdict.AGREED)
    answer(world, number, "bai", "penalty", Verdict.DISPUTED)
    restate(world, number, Figures(penalty=60_000))
    found = ledger(world, number)
    assert found.component("principal_due").shares.agreed == 0
    assert found.component("penalty").shares.disputed == 60_000
    assert found.unanswered == ("principal_due", "principal_not_due", "interest")


def test_an_answer_to_a_claim_that_was_stated_anew_meanwhile_is_refused(world: World) -> None:
    number = a_case(world)
    restate(world, number, Figures(penalty=60_000))
    for verdict in Verdict:
        assert refusal(world, number, "bai", "penalty", verdict, seen_version=1) == "ledger:claim-changed"
    assert refusal(world, number, "bai", "penalty", Verdict.AGREED, seen_version=2) == "done"


def test_more_than_is_claimed_cannot_be_disputed(world: World) -> None:
    number = a_case(world)
    for amount in (0, 53_028):
        no = refusal(world, number, "bai", "penalty", Verdict.DISPUTED, Grounds(disputed=amount))
        assert no == "ledger:disputed-out-of-range"


@pytest.mark.parametrize("component", ["fees", "total", ""])
def test_what_is_not_claimed_has_no_row_to_answer(world: World, component: str) -> None:
    assert refusal(world, a_case(world), "bai", component, Verdict.AGREED) == "page:not-found"


def test_the_lender_does_not_answer_its_own_claim(world: World) -> None:
    assert refusal(world, a_case(world), "lu", "penalty", Verdict.AGREED) == "page:not-found"


def test_the_borrower_needs_no_reason_and_the_lender_does(world: World) -> None:
    number = a_case(world)
    theirs, mine = pay(world, number, "lu"), pay(world, number, "bai", on=date(2025, 6, 15))
    assert refusal(world, number, "bai", theirs, Verdict.DISPUTED, Grounds()) == "done"
    assert refusal(world, number, "lu", mine, Verdict.DISPUTED, Grounds()) == "ledger:reason-missing"
    assert refusal(world, number, "lu", mine, Verdict.UNKNOWN, Grounds()) == "done"


def test_nothing_is_agreed_to_while_a_capacity_is_in_question(world: World) -> None:
    number = a_case(world)
    with world.seat("mo", number) as seat:
        capacity.report_capacity(seat, Side.BORROWER, at=world.clock())
    assert refusal(world, number, "bai", "penalty", Verdict.AGREED) == "ledger:in-question"
    assert refusal(world, number, "bai", "penalty", Verdict.DISPUTED) == "done"


# --- the payments ---------------------------------------------------------------------------------------------


def test_what_both_sides_state_alike_is_confirmed_without_another_word(world: World) -> None:
    number = a_case(world)
    state(world, number, "bai", PAID)
    state(world, number, "lu", PAID[::-1])
    assert standings(world, number) == [Standing.CONFIRMED] * 5
    with world.reading() as session:
        confirmed = ledger_standing.confirmed_payments(session, case(world, number))
    assert [(row.on, row.amount) for row in confirmed] == [(row.paid_on, row.amount) for row in PAID]


def test_a_payment_that_one_side_states_is_open_until_the_other_agrees(world: World) -> None:
    number = a_case(world)
    mine = pay(world, number, "bai")
    assert standings(world, number) == [Standing.OPEN]
    answer(world, number, "lu", mine, Verdict.UNKNOWN)
    assert standings(world, number) == [Standing.OPEN]
    answer(world, number, "lu", mine, Verdict.AGREED)
    with world.reading() as session:
        assert [row.key for row in ledger_standing.confirmed_payments(session, case(world, number))] == [str(mine)]


def test_a_disputed_payment_is_not_confirmed(world: World) -> None:
    number = a_case(world)
    answer(world, number, "lu", pay(world, number, "bai"), Verdict.DISPUTED)
    assert ledger(world, number).payments.total(Standing.DISPUTED) == INSTALMENT
    with world.reading() as session:
        assert ledger_standing.confirmed_payments(session, case(world, number)) == ()


def test_agreeing_instead_of_an_own_payment_takes_the_own_one_back(world: World) -> None:
    number = a_case(world)
    mine, theirs = pay(world, number, "bai", amount=50_000), pay(world, number, "lu", amount=60_000)
    answer(world, number, "bai", theirs, Verdict.AGREED, instead_of=mine)
    lines = ledger(world, number).payments.lines
    assert [(line.standing, line.amount) for line in lines] == [(Standing.CONFIRMED, 60_000)]


def test_nobody_takes_back_a_payment_of_the_other_side(world: World) -> None:
    number = a_case(world)
    mine, theirs = pay(world, number, "bai"), pay(world, number, "lu", on=date(2025, 6, 15))
    assert refusal(world, number, "bai", theirs, Verdict.AGREED, instead_of=theirs) == "page:not-found"
    with pytest.raises(NotFound), world.seat("lu", number) as seat:
        ledgers.take_back_payment(seat, mine, at=world.clock())


def test_a_payment_that_was_taken_back_counts_no_more_and_cannot_be_taken_back_twice(world: World) -> None:
    number = a_case(world)
    mine = pay(world, number, "bai")
    with world.seat("bai", number) as seat:
        ledgers.take_back_payment(seat, mine, at=world.clock())
    assert ledger(world, number).payments.lines == ()
    assert refusal(world, number, "lu", mine, Verdict.AGREED) == "page:not-found"
    with pytest.raises(NotFound), world.seat("bai", number) as seat:
        ledgers.take_back_payment(seat, mine, at=world.clock())


def test_a_list_is_taken_back_whole_and_by_its_own_side(world: World) -> None:
    number = a_case(world)
    list_id = state(world, number, "lu", PAID)
    with pytest.raises(NotFound), world.seat("bai", number) as seat:
        ledgers.take_back_list(seat, list_id, at=world.clock())
    with world.seat("lu", number) as seat:
        ledgers.take_back_list(seat, list_id, at=world.clock())
    assert ledger(world, number).payments.lines == ()
    with pytest.raises(NotFound), world.seat("lu", number) as seat:
        ledgers.take_back_list(seat, list_id, at=world.clock())


def test_nobody_answers_a_payment_of_their_own_side(world: World) -> None:
    number = a_case(world)
    assert refusal(world, number, "bai", pay(world, number, "bai"), Verdict.AGREED) == "ledger:own-row"


def test_the_payment_of_another_case_does_not_exist_here(world: World) -> None:
    number, elsewhere = a_case(world), a_case(world, contract="XF-2025-0002")
    foreign = pay(world, elsewhere, "lu")
    for payment_id in (foreign, uuid4()):
        assert refusal(world, number, "bai", payment_id, Verdict.AGREED) == "page:not-found"


def test_a_payment_of_tomorrow_is_refused_by_the_day_of_the_case(world: World) -> None:
    number = a_case(world)
    world.clock.move(hours=14.5)  # half past midnight in Shanghai, the day before in Greenwich
    assert pay(world, number, "bai", on=date(2025, 9, 25))
    with pytest.raises(Refused, match="ledger:day-in-future"):
        pay(world, number, "bai", on=date(2025, 9, 26))


def test_exactly_the_same_file_counts_once_until_it_is_taken_back(world: World) -> None:
    number, file = a_case(world), ReadFile("payments.csv", "a" * 64)
    list_id = state(world, number, "lu", PAID, file=file)
    with pytest.raises(Refused, match="ledger:file-stated-already"):
        state(world, number, "lu", PAID, file=file)
    assert state(world, number, "bai", PAID, file=file)
    with world.seat("lu", number) as seat:
        ledgers.take_back_list(seat, list_id, at=world.clock())
    assert state(world, number, "lu", PAID, file=file)


def test_a_side_states_five_thousand_payments_and_no_more(world: World) -> None:
    number = a_case(world)
    rows = [PaidRow(date(2015, 1, 1) + timedelta(days=day % 3000), day + 1) for day in range(ledgers.MOST_ROWS)]
    state(world, number, "lu", rows)
    with pytest.raises(Refused, match="ledger:too-many-rows"):
        pay(world, number, "lu")
    assert len(ledger(world, number).payments.lines) == ledgers.MOST_ROWS


# --- who may --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mo", "ren"])
def test_only_the_sides_state_and_answer(world: World, name: str) -> None:
    number = a_case(world)
    theirs = pay(world, number, "lu")
    assert refusal(world, number, name, theirs, Verdict.AGREED) == "seat:not-permitted"
    with pytest.raises(NotPermitted):
        pay(world, number, name)


def test_the_registrar_reads_no_ledger(world: World) -> None:
    with pytest.raises(NotPermitted), world.seat("ren", a_case(world)) as seat:
        ledger_standing.ledger_seen_by(seat)


@pytest.mark.parametrize("stage", [Stage.TERMS_AGREED, Stage.SIGNING, Stage.IN_FORCE])
def test_once_terms_are_agreed_the_ledger_is_read_and_not_changed(world: World, stage: Stage) -> None:
    number = a_case(world, stage)
    assert refusal(world, number, "bai", "penalty", Verdict.AGREED) == "case:wrong-stage"
    with world.seat("bai", number) as seat:
        assert ledger_standing.ledger_seen_by(seat).claim.claimed == 3_299_054


# --- what is kept and told ------------------------------------------------------------------------------------


def test_each_statement_and_each_answer_is_one_entry_of_the_case(world: World) -> None:
    number = a_case(world)
    theirs = pay(world, number, "lu")
    mine = pay(world, number, "bai", amount=50_000)
    answer(world, number, "bai", theirs, Verdict.AGREED, instead_of=mine)
    answer(world, number, "bai", "penalty", Verdict.DISPUTED, Grounds(REASON, PROOF, 3_027))
    answer(world, number, "bai", "interest", Verdict.UNKNOWN, Grounds(REASON))
    with world.seat("lu", number) as seat:
        ledgers.take_back_payment(seat, theirs, at=world.clock())
    assert [(entry.kind, entry.actor) for entry in recorded(world, number)] == [
        ("ledger:stated", "lender"),
        ("ledger:stated", "borrower"),
        ("ledger:row-agreed", "borrower"),
        ("ledger:row-disputed", "borrower"),
        ("ledger:row-left-open", "borrower"),
        ("ledger:taken-back", "lender"),
    ]


def test_the_record_names_the_row_and_keeps_reasons_by_their_hash(world: World) -> None:
    number = a_case(world)
    answer(world, number, "bai", "penalty", Verdict.DISPUTED, Grounds(REASON, PROOF, 3_027))
    body = recorded(world, number)[0].body
    assert body is not None
    assert {name: body[name] for name in body if name != "answer"} == {
        "component": "penalty",
        "claim_version": "1",
        "disputed": "3027",
        "reason_sha256": hashlib.sha256(REASON.encode()).hexdigest(),
        "proof_sha256": hashlib.sha256(PROOF.encode()).hexdigest(),
    }


def test_what_was_taken_back_by_agreeing_stands_in_that_entry(world: World) -> None:
    number = a_case(world)
    mine, theirs = pay(world, number, "bai", amount=50_000), pay(world, number, "lu", amount=60_000)
    answer(world, number, "bai", theirs, Verdict.AGREED, instead_of=mine)
    body = recorded(world, number)[-1].body
    assert body is not None
    assert (body["payment"], body["instead_of"]) == (str(theirs), str(mine))


def test_what_was_written_beside_a_row_is_encrypted_and_comes_back_as_written(world: World) -> None:
    number = a_case(world)
    state(world, number, "bai", [PaidRow(PAID[0].paid_on, 1, "现金，收据第七号")])
    answer(world, number, "bai", "penalty", Verdict.DISPUTED, Grounds(REASON, PROOF))
    with world.reading() as session:
        said = session.scalars(select(LedgerAnswer)).one()
        row = session.scalars(select(LedgerPayment)).one()
        opened = [
            ledger_standing.words_of(session, row.note_sealed, ledger_standing.NOTE, row.id),
            ledger_standing.words_of(session, said.reason_sealed, ledger_standing.REASON, said.id),
            ledger_standing.words_of(session, said.proof_sealed, ledger_standing.PROOF, said.id),
        ]
    assert opened == ["现金，收据第七号", REASON, PROOF]
    assert REASON.encode() not in (said.reason_sealed or b"")


@pytest.mark.parametrize("words", ["\u202e00.1", "a\x00b", "原因" * 501])
def test_words_that_hide_something_or_are_too_long_are_refused(world: World, words: str) -> None:
    number = a_case(world)
    no = refusal(world, number, "bai", "penalty", Verdict.DISPUTED, Grounds(words))
    assert no == ("ledger:words-too-long" if len(words) > 1000 else "ledger:words-hide")


def test_the_hash_of_a_list_is_of_its_rows_and_cannot_be_guessed_from_them(world: World) -> None:
    number = a_case(world)
    for name in ("bai", "lu"):
        state(world, number, name, PAID[:1])
    with world.reading() as session:
        kept = session.scalars(select(PaymentList)).all()
    assert len({row.sha256 for row in kept}) == 2
    assert [(row.row_count, row.total) for row in kept] == [(1, INSTALMENT)] * 2


def test_the_others_at_the_table_are_told_once_a_day_and_nobody_of_their_own_act(world: World) -> None:
    number = a_case(world)
    for month in (1, 2, 3):
        pay(world, number, "lu", on=date(2025, month, 15))
    world.clock.move(days=1)
    pay(world, number, "lu", on=date(2025, 4, 15))
    with world.reading() as session:
        told = session.scalars(select(Notice.account_id).where(Notice.kind == "ledger:changed")).all()
    assert sorted(map(str, told)) == sorted(str(world.people[name]) for name in ("bai", "bai", "mo", "mo"))


def test_agreeing_tells_nobody_anything_that_they_must_act_on(world: World) -> None:
    number = a_case(world)
    answer(world, number, "bai", "penalty", Verdict.AGREED)
    with world.reading() as session:
        assert session.scalars(select(Notice).where(Notice.kind == "ledger:changed")).all() == []


@pytest.mark.parametrize("table", ["payment_list", "ledger_payment", "ledger_withdrawal", "ledger_answer"])
@pytest.mark.parametrize("change", ["UPDATE {} SET case_id = case_id", "DELETE FROM {}"])
def test_what_was_stated_once_stays_as_it_was(world: World, table: str, change: str) -> None:
    number = a_case(world)
    mine, theirs = pay(world, number, "bai", amount=50_000), pay(world, number, "lu")
    answer(world, number, "bai", theirs, Verdict.AGREED, instead_of=mine)
    with pytest.raises(DBAPIError, match="append-only"), world.writing() as session:
        session.execute(text(change.format(table)))


def test_a_statement_that_is_refused_leaves_nothing_behind(world: World) -> None:
    number = a_case(world)
    with pytest.raises(MediationError):
        state(world, number, "lu", [*PAID, PaidRow(date(2025, 6, 15), 0)])
    assert (ledger(world, number).payments.lines, recorded(world, number)) == ((), [])
