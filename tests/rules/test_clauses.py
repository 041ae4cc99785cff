"""An agreement's clauses: all there, in order, typed, and reconciled to the cent."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from mediation.errors import Refused
from mediation.rules.clauses import (
    SHAPES,
    Clause,
    Family,
    agreement_clauses,
    check_clauses,
    from_document,
    to_document,
)
from mediation.rules.money import RoundingRule
from mediation.rules.negotiation import Side
from mediation.rules.repayment import Method
from mediation.rules.settlement import (
    AgreementFacts,
    Amount,
    ClaimBasis,
    Component,
    CourtStatus,
    CreditTreatment,
    Effect,
    Figure,
    IdentifierKind,
    Instalment,
    Manner,
    Party,
    Payee,
)


def month(n):
    """The 15th, n months after October 2025."""
    return date(2025 + (9 + n) // 12, (9 + n) % 12 + 1, 15)


BAI = Party(
    side=Side.BORROWER,
    name="白某",
    identifier_kind=IdentifierKind.ID_TAIL,
    identifier="004X",
    service_address="上海市黄浦区某路 1 号",
    identity_checked="id_card_seen",
)
LENDER = Party(
    side=Side.LENDER,
    name="某某消费金融有限公司",
    identifier_kind=IdentifierKind.CREDIT_CODE,
    identifier="91310000MA1FL0000X",
    service_address="上海市浦东新区某路 2 号",
    identity_checked="register",
    representative="陆某",
    authority="授权委托书 2025-07",
)

# The job-loss scenario: 26 instalments on 32,460.27, penalty waived, interest stopped.
JOB_LOSS = AgreementFacts(
    institution="某某调解组织",
    agreement_number="沪调协〔2025〕14号",
    verification_code="7QK2M4XP",
    copies=3,
    currency="CNY",
    parties=(BAI, LENDER),
    mediator="莫某",
    mediator_fee=0,
    claim_basis=ClaimBasis.ORIGINAL,
    original_lender="某某消费金融有限公司",
    contract_number="XF-2025-0001",
    as_of_on=date(2025, 9, 25),
    court=CourtStatus.NONE,
    figures=(
        Figure(component=Component.PRINCIPAL_DUE, claimed=1_695_791, waived=0),
        Figure(component=Component.PRINCIPAL_NOT_DUE, claimed=1_360_639, waived=0),
        Figure(component=Component.INTEREST, claimed=189_597, waived=0),
        Figure(component=Component.PENALTY, claimed=53_027, waived=53_027),
    ),
    agreed_total=3_246_027,
    rows=tuple(
        Instalment(ordinal=n, due_on=month(n), principal=124_847 if n < 26 else 124_852, interest=0)
        for n in range(1, 27)
    ),
    payee=Payee(name="某某消费金融有限公司", bank="某银行上海分行", account="6222000012340000001"),
    yearly_rate=Decimal("0"),
    grace_days=3,
    cure_days=15,
    accelerates=True,
    default_yearly_rate=Decimal("0.1250"),
    credit_treatment=CreditTreatment.UPDATED_ON_SETTLEMENT,
    credit_working_days=10,
)


def clause(family, facts=JOB_LOSS):
    return next(c for c in agreement_clauses(facts) if c.family is family)


def with_row(n, **changes):
    return tuple(replace(row, **changes) if row.ordinal == n else row for row in JOB_LOSS.rows)


def with_party(side, **changes):
    return tuple(replace(p, **changes) if p.side is side else p for p in JOB_LOSS.parties)


def test_an_agreement_has_the_twenty_families_in_order():
    assert [(c.number, c.family) for c in agreement_clauses(JOB_LOSS)] == list(enumerate(Family, start=1))
    assert len(Family) == 20


def test_the_clauses_built_from_sound_facts_pass_their_own_check():
    assert check_clauses(agreement_clauses(JOB_LOSS)) is None


@pytest.mark.parametrize(
    ("family", "name", "value"),
    [
        (Family.DEBT_RECAP, "claimed_total", Amount(minor=3_299_054, currency="CNY")),
        (Family.DEBT_RECAP, "waived_total", Amount(minor=53_027, currency="CNY")),
        (Family.DEBT_RECAP, "agreed_total", Amount(minor=3_246_027, currency="CNY")),
        (Family.SCHEDULE, "schedule_total", Amount(minor=3_246_027, currency="CNY")),
        (Family.SCHEDULE, "first_due_on", date(2025, 11, 15)),
        (Family.SCHEDULE, "last_due_on", date(2027, 12, 15)),
        (Family.SCHEDULE, "payee", JOB_LOSS.payee),
        (Family.INTEREST, "interest_runs", False),
        (Family.RELEASE, "borrowers", ("白某",)),
        (Family.EARLY_PAYMENT, "early_payment_fee", Amount(minor=0, currency="CNY")),
        (Family.SETTLEMENT_CERTIFICATE, "certificate_working_days", 7),
        (Family.ENFORCEMENT, "confirmation_days", 30),
        (Family.MEDIATOR, "mediator_fee", Amount(minor=0, currency="CNY")),
        (Family.SIGNATURES, "effect", Effect.SEALED),
    ],
)
def test_a_clause_knows_all_that_its_sentence_needs(family, name, value):
    assert clause(family)[name] == value


def test_a_rate_above_nothing_says_that_interest_runs_and_how_much_it_comes_to():
    facts = replace(JOB_LOSS, yearly_rate=Decimal("0.06"), rows=with_row(1, interest=16_230))
    told = clause(Family.INTEREST, facts)
    assert (told["interest_runs"], told["interest_total"]) == (True, Amount(minor=16_230, currency="CNY"))


@pytest.mark.parametrize(
    ("court", "is_open"),
    [
        (CourtStatus.NONE, True),
        (CourtStatus.FILED, True),
        (CourtStatus.JUDGMENT, False),
        (CourtStatus.ENFORCEMENT, False),
    ],
)
def test_a_judgment_closes_the_route_of_confirmation(court, is_open):
    assert clause(Family.ENFORCEMENT, replace(JOB_LOSS, court=court))["confirmation_open"] is is_open


def test_every_party_of_the_borrowers_side_is_released():
    guarantor = replace(BAI, name="保某", identifier="1234")
    facts = replace(JOB_LOSS, parties=(BAI, guarantor, LENDER))
    assert clause(Family.RELEASE, facts)["borrowers"] == ("白某", "保某")


def test_a_clause_does_not_know_what_is_not_its_business():
    with pytest.raises(KeyError):
        clause(Family.CONFIDENTIALITY)["payee"]


# 1,000.00 of the interest and 95.97 of the penalty are left open; the rest of the penalty is waived.
LEFT_OPEN = replace(
    JOB_LOSS,
    figures=(
        *JOB_LOSS.figures[:2],
        replace(JOB_LOSS.figures[2], disputed=100_000),
        replace(JOB_LOSS.figures[3], waived=43_430, disputed=9_597),
    ),
    agreed_total=3_146_027,
    rows=with_row(26, principal=24_852),
)


def test_what_is_left_open_is_neither_waived_nor_to_be_paid():
    told = clause(Family.DEBT_RECAP, LEFT_OPEN)
    assert [told[name].minor for name in ("claimed_total", "waived_total", "disputed_total", "agreed_total")] == [
        3_299_054, 43_430, 109_597, 3_146_027,
    ]  # fmt: skip
    assert [figure.agreed for figure in told["figures"]] == [1_695_791, 1_360_639, 89_597, 0]


@pytest.mark.parametrize("family", [
    Family.DISPUTED_FACTS, Family.DEBT_RECAP, Family.INTEREST, Family.RELEASE, Family.CREDIT_REPORT,
    Family.SETTLEMENT_CERTIFICATE,
])  # fmt: skip
def test_every_clause_that_would_end_the_whole_debt_knows_what_is_left_open(family):
    assert clause(family, LEFT_OPEN)["disputed_total"] == Amount(minor=109_597, currency="CNY")


def test_a_down_payment_is_no_instalment():
    told = clause(Family.SCHEDULE, replace(JOB_LOSS, manner=Manner(down_payment=124_847)))
    assert (told["instalments"], told["down_payment"].minor) == (25, 124_847)


def test_first_instalments_of_another_amount_may_begin_with_older_interest():
    facts = replace(
        JOB_LOSS,
        yearly_rate=Decimal("0.06"),
        rows=with_row(1, interest=16_230),
        manner=Manner(step_after=3, step_amount=124_847),
    )
    assert clause(Family.SCHEDULE, facts)["step_added"] == Amount(minor=16_230, currency="CNY")


def test_two_payments_fall_on_one_day_only_where_days_off_move_them_there():
    facts = replace(JOB_LOSS, rows=with_row(2, due_on=date(2025, 11, 15)), manner=Manner(rolls=True))
    assert clause(Family.SCHEDULE, facts)["rolls"] is True
    with pytest.raises(Refused, match="agreement:schedule-disordered"):
        agreement_clauses(replace(facts, manner=Manner()))


def test_an_agreement_may_waive_nothing():
    told = clause(Family.DEBT_RECAP, replace(JOB_LOSS, figures=JOB_LOSS.figures[:3]))
    assert told["claimed_total"] == told["agreed_total"]


# --- what is refused ---


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"agreed_total": 3_246_026}, "agreement:sums-differ"),
        ({"figures": JOB_LOSS.figures[1:]}, "agreement:sums-differ"),
        (
            {"figures": (*JOB_LOSS.figures[:3], replace(JOB_LOSS.figures[3], waived=53_028))},
            "agreement:waiver-too-large",
        ),
        (
            {"figures": (*JOB_LOSS.figures[:3], replace(JOB_LOSS.figures[3], waived=-1))},
            "agreement:waiver-too-large",
        ),
        ({"rows": with_row(26, principal=124_851)}, "agreement:schedule-differs"),
        ({"rows": JOB_LOSS.rows[:-1]}, "agreement:schedule-differs"),
        ({"rows": ()}, "agreement:schedule-disordered"),
        ({"rows": JOB_LOSS.rows[::-1]}, "agreement:schedule-disordered"),
        ({"rows": with_row(2, due_on=date(2025, 11, 15))}, "agreement:schedule-disordered"),
        ({"rows": with_row(2, ordinal=3)}, "agreement:schedule-disordered"),
        ({"rows": with_row(1, interest=1)}, "agreement:interest-differs"),
        ({"rows": with_row(1, interest=-1)}, "agreement:schedule-disordered"),
        ({"parties": (BAI,)}, "agreement:party-missing"),
        ({"parties": (LENDER,)}, "agreement:party-missing"),
        ({"parties": with_party(Side.BORROWER, service_address=" ")}, "agreement:fact-missing"),
        ({"parties": with_party(Side.LENDER, identity_checked="")}, "agreement:fact-missing"),
        ({"payee": replace(JOB_LOSS.payee, account="")}, "agreement:fact-missing"),
        ({"mediator": ""}, "agreement:fact-missing"),
        ({"agreement_number": ""}, "agreement:fact-missing"),
        ({"grace_days": -1}, "agreement:negative"),
        ({"yearly_rate": Decimal("-0.01")}, "agreement:negative"),
        (
            {"figures": (*JOB_LOSS.figures[:3], replace(JOB_LOSS.figures[3], disputed=1))},
            "agreement:disputed-too-large",
        ),
        (
            {"figures": (replace(JOB_LOSS.figures[0], disputed=-1), *JOB_LOSS.figures[1:])},
            "agreement:disputed-too-large",
        ),
        ({"figures": (replace(JOB_LOSS.figures[0], disputed=1), *JOB_LOSS.figures[1:])}, "agreement:sums-differ"),
        (
            {"rows": with_row(2, due_on=date(2025, 11, 14)), "manner": Manner(rolls=True)},
            "agreement:schedule-disordered",
        ),
        ({"manner": Manner(down_payment=124_846)}, "agreement:manner-differs"),
        ({"manner": Manner(step_after=3, step_amount=124_848)}, "agreement:manner-differs"),
        ({"manner": Manner(step_after=26, step_amount=124_847)}, "agreement:manner-differs"),
        ({"manner": Manner(step_after=-1)}, "agreement:manner-differs"),
        ({"manner": Manner(step_amount=124_847)}, "agreement:manner-differs"),
        ({"manner": Manner(step_after=3)}, "agreement:manner-differs"),
        ({"manner": Manner(balloon=124_851)}, "agreement:manner-differs"),
    ],
)
def test_facts_that_do_not_hold_together_make_no_agreement(changes, key):
    facts = replace(JOB_LOSS, **changes)
    with pytest.raises(Refused) as no:
        agreement_clauses(facts)
    assert no.value.key == key


def test_a_missing_fact_is_named():
    with pytest.raises(Refused) as no:
        agreement_clauses(replace(JOB_LOSS, payee=replace(JOB_LOSS.payee, bank="")))
    assert no.value.facts == {"fact": "payee_bank"}


def test_a_persons_number_is_never_printed_whole():
    with pytest.raises(ValueError, match="last four"):
        replace(BAI, identifier="31010119900101004X")


@pytest.mark.parametrize("family", list(Family))
def test_an_agreement_without_one_of_the_families_is_refused(family):
    with pytest.raises(Refused) as no:
        check_clauses(tuple(c for c in agreement_clauses(JOB_LOSS) if c.family is not family))
    assert (no.value.key, no.value.facts) == ("agreement:clause-missing", {"families": (family,)})


def test_clauses_out_of_order_or_doubled_are_refused():
    clauses = agreement_clauses(JOB_LOSS)
    for wrong in (clauses[::-1], (*clauses, clauses[-1])):
        with pytest.raises(Refused) as no:
            check_clauses(wrong)
        assert no.value.key == "agreement:clauses-disordered"


@pytest.mark.parametrize(
    ("family", "name", "text"),
    [
        (Family.DEBT_RECAP, "agreed_total", "32,460.27"),
        (Family.SCHEDULE, "payee", "某银行 6222000012340000001"),
        (Family.SCHEDULE, "last_due_on", "2027-12-15"),
        (Family.SCHEDULE, "rows", ()),
        (Family.INTEREST, "yearly_rate", 0.1),
        (Family.GRACE_AND_CURE, "grace_days", True),
    ],
)
def test_money_a_day_or_an_account_is_never_text(family, name, text):
    clauses = tuple(
        Clause(family=c.family, number=c.number, facts=tuple((n, text if n == name else v) for n, v in c.facts))
        if c.family is family
        else c
        for c in agreement_clauses(JOB_LOSS)
    )
    with pytest.raises(Refused) as no:
        check_clauses(clauses)
    assert (no.value.key, no.value.facts) == ("agreement:clause-incomplete", {"family": family})


# --- what is stored ---


def test_what_is_stored_as_sorted_json_is_read_back_as_it_was():
    clauses = agreement_clauses(JOB_LOSS)
    stored = json.dumps(to_document(JOB_LOSS, clauses), sort_keys=True, ensure_ascii=False)
    assert from_document(json.loads(stored)) == (JOB_LOSS, clauses)


def test_a_manner_and_what_is_left_open_are_read_back_as_they_were():
    manner = Manner(
        method=Method.EQUAL_PRINCIPAL, rounding=RoundingRule.parse("up:100"), rolls=True, balloon=24_852, step_after=2,
        step_amount=124_847,
    )  # fmt: skip
    facts = replace(LEFT_OPEN, manner=manner)
    clauses = agreement_clauses(facts)
    stored = json.dumps(to_document(facts, clauses), sort_keys=True)
    assert from_document(json.loads(stored)) == (facts, clauses)


def test_a_document_of_the_time_before_is_one_of_a_plain_plan():
    later = {
        "disputed_total", "instalments", "method", "rounding", "rolls", "down_payment", "step_after", "step_amount",
        "step_added", "balloon",
    }  # fmt: skip
    document = to_document(JOB_LOSS, agreement_clauses(JOB_LOSS))
    del document["facts"]["manner"]
    for figure in document["facts"]["figures"]:
        del figure["disputed"]
    for each in document["clauses"]:
        for name in later & each["facts"].keys():
            del each["facts"][name]
        for figure in each["facts"].get("figures", ()):
            del figure["disputed"]
    assert from_document(document) == (JOB_LOSS, agreement_clauses(JOB_LOSS))


def test_the_document_holds_only_words_whole_numbers_lists_and_objects():
    def kinds(value):
        if isinstance(value, dict):
            return {dict}.union(*(kinds(one) for one in value.values()))
        if isinstance(value, list):
            return {list}.union(*(kinds(one) for one in value))
        return {type(value)}

    assert kinds(to_document(JOB_LOSS, agreement_clauses(JOB_LOSS))) == {dict, list, str, int}


def test_a_rate_keeps_its_exact_digits():
    document = to_document(JOB_LOSS, agreement_clauses(JOB_LOSS))
    assert document["facts"]["default_yearly_rate"] == "0.1250"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.update(v=2),
        lambda d: d.pop("clauses"),
        lambda d: d["facts"].pop("payee"),
        lambda d: d["facts"].update(agreed_total="3246027"),
        lambda d: d["facts"].update(yearly_rate="none"),
        lambda d: d["facts"].update(as_of_on="25 September"),
        lambda d: d["facts"].update(accelerates="perhaps"),
        lambda d: d["facts"].update(court="rumour"),
        lambda d: d["clauses"][0]["facts"].update(more="words"),
        lambda d: d["clauses"][0].update(number="1"),
        lambda d: d["facts"]["manner"].update(rounding="by feeling"),
        lambda d: d["facts"]["manner"].update(rolls="perhaps"),
        lambda d: d["facts"]["manner"].update(more=1),
    ],
)
def test_a_document_of_another_make_is_not_read(spoil):
    document = to_document(JOB_LOSS, agreement_clauses(JOB_LOSS))
    spoil(document)
    with pytest.raises(ValueError):
        from_document(document)


def test_every_name_in_a_shape_is_told_by_the_facts():
    told = {name for c in agreement_clauses(JOB_LOSS) for name, _ in c.facts}
    assert told == {name for shape in SHAPES.values() for name in shape}
