"""What an agreement says, gathered from what is on file: the accepted offer, the claim, the parties, the payee."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from mediation.accounts.models import Account, Engagement, Organisation
from mediation.accounts.selections import authority_of, signing_officers
from mediation.agreements.models import Agreement
from mediation.agreements.selections import signatures_on
from mediation.cases import codes, outcomes
from mediation.cases.identities import HowChecked, identity_of
from mediation.cases.independence import fee_of
from mediation.cases.models import Claim, Seating
from mediation.cases.moves import local_day
from mediation.cases.seats import Seat
from mediation.errors import Refused
from mediation.offers.models import Acceptance, Offer
from mediation.rules import chain, plans
from mediation.rules.access import Role
from mediation.rules.clauses import from_document
from mediation.rules.lifecycle import AgreementState
from mediation.rules.money import RoundingRule
from mediation.rules.negotiation import OfferState, Side
from mediation.rules.settlement import (
    AgreementFacts,
    Component,
    CourtStatus,
    CreditTreatment,
    Figure,
    IdentifierKind,
    Instalment,
    Manner,
    Party,
    Payee,
)
from mediation.rules.settlement import ClaimBasis as Basis

CHECKED = {
    HowChecked.STATED.value: "本人填报证件号码",
    HowChecked.MATCHES_FILE.value: "本人填报证件号码，与贷款资料核对一致",
    HowChecked.ID_CARD_SEEN.value: "身份证件核验",
}
COPIES = 3
SIGNING = frozenset({AgreementState.SIGNING, AgreementState.AWAITING_MEDIATOR})


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the mediator chooses within the typed clauses; nothing of it is free text."""

    grace_days: int = 3
    cure_days: int = 15
    accelerates: bool = True
    default_yearly_rate: Decimal = Decimal(0)
    credit_treatment: CreditTreatment = CreditTreatment.UPDATED_ON_SETTLEMENT
    credit_working_days: int = 10


def accepted_offer(seat: Seat) -> Offer:
    """The offer that both sides agreed on."""
    found = select(Offer).where(Offer.case_id == seat.case_id, Offer.status == OfferState.ACCEPTED)
    offer = seat.session.scalars(found.order_by(Offer.made_at.desc())).first()
    if offer is None:
        raise Refused("agreement:no-accepted-offer")
    return offer


def facts_of(seat: Seat, offer: Offer, choices: Choices, *, number: str, at: datetime) -> AgreementFacts:
    """Everything that the agreement says; refused, naming what is missing, when something is not on file."""
    document = chain.parse(offer.document.encode())
    assert isinstance(document, dict)
    terms, claimed, schedule, rounding = plans.from_document(document)
    claim = _claim(seat, offer.claim_version)
    rows = tuple(
        Instalment(ordinal=row.number, due_on=row.due_on, principal=row.principal, interest=row.interest)
        for row in schedule.instalments
    )
    return AgreementFacts(
        institution=seat.institution.name,
        agreement_number=number,
        verification_code=codes.shown(codes.new_code()),
        copies=COPIES,
        currency=terms.currency,
        parties=(*_borrowers(seat), _lender(seat, offer, at)),
        mediator=seat.session.get_one(Account, seat.case.mediator_id).name,
        mediator_fee=fee_of(seat.session, seat.case),
        claim_basis=Basis(claim.basis.value),
        original_lender=claim.original_lender,
        contract_number=claim.original_contract,
        as_of_on=claim.as_of_on,
        court=_court(seat),
        figures=_figures(terms, claimed),
        agreed_total=terms.agreed_total,
        rows=rows,
        payee=_payee(seat),
        yearly_rate=terms.yearly_rate,
        manner=_manner(terms, rounding),
        grace_days=choices.grace_days,
        cure_days=choices.cure_days,
        accelerates=choices.accelerates,
        default_yearly_rate=choices.default_yearly_rate,
        credit_treatment=choices.credit_treatment,
        credit_working_days=choices.credit_working_days,
    )


def signers_of(seat: Seat) -> Mapping[Role, frozenset[UUID]]:
    """Whose confirmation is needed: every signing borrower, the lender's representative, the mediator."""
    found = select(Seating.account_id).where(
        Seating.case_id == seat.case_id, Seating.role == Role.BORROWER, Seating.signs, Seating.ended_at.is_(None)
    )
    return {
        Role.BORROWER: frozenset(seat.session.scalars(found)),
        Role.LENDER: frozenset({_representative(seat, accepted_offer(seat))}),
        Role.MEDIATOR: frozenset({seat.case.mediator_id} if seat.case.mediator_id else ()),
    }


def missing_on_file(seat: Seat, *, at: datetime) -> tuple[str, ...]:
    """The refusal keys of what must be on file before an agreement can be drawn up; empty when all is."""
    keys = []
    if any(
        identity_of(seat.session, seat.case_id, account_id) is None for account_id in signers_of(seat)[Role.BORROWER]
    ):
        keys.append("agreement:borrower-not-identified")
    if _engagement(seat) is None:
        keys.append("agreement:payee-missing")
    officer = _representative(seat, accepted_offer(seat))
    if authority_of(seat.session, seat.institution_id, officer, local_day(seat.case, at)) is None:
        keys.append("agreement:authority-missing")
    return tuple(keys)


def may_be_taken_back(seat: Seat, agreement: Agreement) -> bool:
    """Whether it may be drawn up again: nobody has signed yet, or it names a mediator or an officer who has left."""
    if agreement.state not in SIGNING:
        return False
    return names_somebody_gone(seat, agreement) or not signatures_on(seat.session, agreement.id)


def names_somebody_gone(seat: Seat, agreement: Agreement) -> bool:
    """Whether the paper names a mediator or an officer of the lender who has left."""
    return agreement.drafted_by != seat.case.mediator_id or names_another_officer(seat, agreement)


def names_another_officer(seat: Seat, agreement: Agreement) -> bool:
    """Whether the paper names an officer who speaks for the lender no more."""
    document = chain.parse(agreement.document.encode())
    assert isinstance(document, dict)
    facts, _ = from_document(document)
    officer = seat.session.get_one(Account, _representative(seat, accepted_offer(seat)))
    return any(party.side is Side.LENDER and party.representative != officer.name for party in facts.parties)


def settled_terms(agreement: Agreement) -> outcomes.Terms:
    """What the agreement settles and waives of it, component by component, as the agreement itself says."""
    document = chain.parse(agreement.document.encode())
    assert isinstance(document, dict)
    facts, _ = from_document(document)
    waived: Counter[Component] = Counter()
    for figure in facts.figures:
        waived[figure.component] += figure.waived
    return outcomes.Terms(
        claimed=sum(one.claimed - one.disputed for one in facts.figures),
        principal=waived[Component.PRINCIPAL_DUE] + waived[Component.PRINCIPAL_NOT_DUE],
        interest=waived[Component.INTEREST],
        penalty=waived[Component.PENALTY],
        fees=waived[Component.FEES],
    )


def _claim(seat: Seat, version: int) -> Claim:
    found = select(Claim).where(Claim.case_id == seat.case_id, Claim.version == version)
    return seat.session.scalars(found).one()


def _figures(terms: plans.Terms, claim: plans.ClaimFigures) -> tuple[Figure, ...]:
    """Each component with what is waived of it and what is left open, as the plan shares it out."""
    return tuple(
        Figure(
            component=Component(share.component), claimed=share.claimed, waived=share.waived, disputed=share.disputed
        )
        for share in plans.by_component(terms, claim)
    )


def _manner(terms: plans.Terms, rounding: RoundingRule) -> Manner:
    return Manner(
        method=terms.method,
        rounding=rounding,
        rolls=terms.rolls,
        down_payment=terms.down_payment,
        step_after=terms.step_after,
        step_amount=terms.step_amount,
        balloon=terms.balloon,
    )


def _borrowers(seat: Seat) -> tuple[Party, ...]:
    return tuple(_borrower(seat, account_id) for account_id in sorted(signers_of(seat)[Role.BORROWER], key=str))


def _borrower(seat: Seat, account_id: UUID) -> Party:
    identity = identity_of(seat.session, seat.case_id, account_id)
    if identity is None:
        raise Refused("agreement:borrower-not-identified")
    return Party(
        side=Side.BORROWER,
        name=identity.name,
        identifier_kind=IdentifierKind.ID_TAIL,
        identifier=identity.number_tail,
        service_address=identity.address,
        identity_checked=CHECKED.get(identity.how_checked, identity.how_checked),
    )


def _lender(seat: Seat, offer: Offer, at: datetime) -> Party:
    engagement = _engagement(seat)
    if engagement is None:
        raise Refused("agreement:payee-missing")
    officer = seat.session.get_one(Account, _representative(seat, offer))
    authority = authority_of(seat.session, seat.institution_id, officer.id, local_day(seat.case, at))
    if authority is None:
        raise Refused("agreement:authority-missing")
    organisation = seat.session.get_one(Organisation, seat.case.organisation_id)
    return Party(
        side=Side.LENDER,
        name=organisation.name,
        identifier_kind=IdentifierKind.CREDIT_CODE,
        identifier=organisation.credit_code,
        service_address=engagement.service_address,
        identity_checked="营业执照及许可证在调解组织存档",
        representative=officer.name,
        authority=authority.title,
    )


def _representative(seat: Seat, offer: Offer) -> UUID:
    """The officer who made or accepted the offer for the lender, and who therefore signs.

    Once that person has left, an officer with a place there and an authority to settle signs instead.
    """
    spoke = offer.account_id
    if offer.side is not Side.LENDER:
        found = select(Acceptance.account_id).where(Acceptance.offer_id == offer.id, Acceptance.role == Role.LENDER)
        spoke = seat.session.scalars(found).one()
    here = signing_officers(seat.session, seat.institution_id, seat.case.organisation_id)
    return spoke if spoke in here or not here else here[0]


def _engagement(seat: Seat) -> Engagement | None:
    found = select(Engagement).where(
        Engagement.institution_id == seat.institution_id, Engagement.organisation_id == seat.case.organisation_id
    )
    return seat.session.scalars(found).first()


def _payee(seat: Seat) -> Payee:
    engagement = _engagement(seat)
    if engagement is None:
        raise Refused("agreement:payee-missing")
    return Payee(name=engagement.payee_name, bank=engagement.payee_bank, account=engagement.payee_account)


def _court(seat: Seat) -> CourtStatus:
    """The gravest of what the two sides say: a judgment closes the route of confirmation."""
    order = list(CourtStatus)
    said = [seat.case.court_status, seat.case.borrower_court_status]
    return max((CourtStatus(one.value) for one in said if one is not None), key=order.index)
