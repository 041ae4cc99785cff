"""Agreements as data, for the tests that set them in type and seal them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import rfc8785

from mediation.agreements import paper
from mediation.rules.clauses import agreement_clauses, to_document
from mediation.rules.negotiation import Side
from mediation.rules.settlement import (
    AgreementFacts,
    ClaimBasis,
    Component,
    CourtStatus,
    CreditTreatment,
    Figure,
    IdentifierKind,
    Instalment,
    Party,
    Payee,
)

AT = datetime(2025, 9, 30, 8, tzinfo=UTC)
BORROWER = "白㛃䶮·买买提"
OFFICER = "陆龑"
LENDER = "华东示范消费金融有限公司"
INSTITUTION = "示范金融消费纠纷调解中心"
MEDIATOR = "莫宁"
TOTAL = 3_246_027

SHEET = paper.Sheet(
    case_number="示调〔2025〕第 14 号",
    drawn_up_on=date(2025, 9, 30),
    verify_at="mediation.example/verify",
    telephone="021-5550 0100",
)


def rows(count: int, *, interest: int = 0) -> tuple[Instalment, ...]:
    """So many monthly instalments of the total, the last one taking the remainder."""
    each = TOTAL // count
    days = [date(2025 + (n + 9) // 12, (n + 9) % 12 + 1, 15) for n in range(1, count + 1)]
    principals = [each] * (count - 1) + [TOTAL - each * (count - 1)]
    return tuple(
        Instalment(ordinal=n, due_on=day, principal=principal, interest=interest)
        for n, (day, principal) in enumerate(zip(days, principals, strict=True), start=1)
    )


FACTS = AgreementFacts(
    institution=INSTITUTION,
    agreement_number="示调协〔2025〕14 号",
    verification_code="7QK2M4XP",
    copies=3,
    currency="CNY",
    parties=(
        Party(
            side=Side.BORROWER,
            name=BORROWER,
            identifier_kind=IdentifierKind.ID_TAIL,
            identifier="004X",
            service_address="上海市黄浦区示范路 1 号",
            identity_checked="id_card_seen",
        ),
        Party(
            side=Side.LENDER,
            name=LENDER,
            identifier_kind=IdentifierKind.CREDIT_CODE,
            identifier="91310000MA1FL0000X",
            service_address="上海市浦东新区示范路 2 号",
            identity_checked="register",
            representative=OFFICER,
            authority="授权委托书 2025-07",
        ),
    ),
    mediator=MEDIATOR,
    mediator_fee=0,
    claim_basis=ClaimBasis.ORIGINAL,
    original_lender=LENDER,
    contract_number="XF-2025-0001",
    as_of_on=date(2025, 9, 25),
    court=CourtStatus.NONE,
    figures=(
        Figure(component=Component.PRINCIPAL_DUE, claimed=1_695_791, waived=0),
        Figure(component=Component.PRINCIPAL_NOT_DUE, claimed=1_360_639, waived=0),
        Figure(component=Component.INTEREST, claimed=189_597, waived=0),
        Figure(component=Component.PENALTY, claimed=53_027, waived=53_027),
    ),
    agreed_total=TOTAL,
    rows=rows(26),
    payee=Payee(name=LENDER, bank="示范银行上海分行", account="6222000012340000001"),
    yearly_rate=Decimal(0),
    grace_days=3,
    cure_days=15,
    accelerates=True,
    default_yearly_rate=Decimal("0.12"),
    credit_treatment=CreditTreatment.UPDATED_ON_SETTLEMENT,
    credit_working_days=10,
)


def long_facts() -> AgreementFacts:
    """Sixty instalments with interest, an assigned claim that a court has, and two borrowers."""
    second = replace(FACTS.parties[0], name="欧阳龑", identifier="1238")
    return replace(
        FACTS,
        rows=rows(60, interest=5_000),
        yearly_rate=Decimal("0.06"),
        claim_basis=ClaimBasis.ASSIGNED,
        court=CourtStatus.FILED,
        parties=(*FACTS.parties, second),
    )


def terms_of(facts: AgreementFacts) -> str:
    """The agreement's canonical JSON, as it is stored and hashed."""
    return rfc8785.dumps(to_document(facts, agreement_clauses(facts))).decode()


def page_of(facts: AgreementFacts, language: paper.Language = "zh_Hans") -> str:
    """The agreement as HTML."""
    document = to_document(facts, agreement_clauses(facts))
    return paper.agreement_html(document, language, sheet=SHEET, terms_sha256="0" * 64)


def pdf_of(facts: AgreementFacts, language: paper.Language = "zh_Hans") -> bytes:
    """The agreement as PDF."""
    return paper.agreement_pdf(terms_of(facts), SHEET, created_at=AT, language=language)
