"""What an agreement says, gathered from what is on file: the accepted offer, the claim, the parties, the payee."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from mediation.accounts.models import Account, Engagement, Organisation
from mediation.accounts.selections import authority_of
from mediation.cases import codes
from mediation.cases.identities import HowChecked, identity_of
from mediation.cases.models import Claim, Seating
from mediation.cases.moves import local_day
from mediation.cases.seats import Seat
from mediation.errors import Refused
from mediation.offers.models import Acceptance, Offer
from mediation.rules import chain, plans
from mediation.rules.access import Role
from mediation.rules.negotiation import OfferState, Side
from mediation.rules.settlement import (
    AgreementFacts,
    Component,
    CourtStatus,
    CreditTreatment,
    Figure,
    IdentifierKind,
    Instalment,
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
    terms, claimed, schedule, _ = plans.from_document(document)
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
        mediator_fee=0,
        claim_basis=Basis(claim.basis.value),
        original_lender=claim.original_lender,
        contract_number=claim.original_contract,
        as_of_on=claim.as_of_on,
        court=_court(seat),
        figures=_figures(claimed, terms.waivers),
        agreed_total=terms.agreed_total,
        rows=rows,
        payee=_payee(seat),
        yearly_rate=terms.yearly_rate,
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


def _claim(seat: Seat, version: int) -> Claim:
    found = select(Claim).where(Claim.case_id == seat.case_id, Claim.version == version)
    return seat.session.scalars(found).one()


def _figures(claim: plans.ClaimFigures, waivers: plans.Waivers) -> tuple[Figure, ...]:
    """A waiver of principal is taken from what is already due first, then from what is not yet due."""
    waived_due = min(waivers.principal, claim.principal_due)
    rows = (
        (Component.PRINCIPAL_DUE, claim.principal_due, waived_due),
        (Component.PRINCIPAL_NOT_DUE, claim.principal_not_due, waivers.principal - waived_due),
        (Component.INTEREST, claim.interest, waivers.interest),
        (Component.PENALTY, claim.penalty, waivers.penalty),
        (Component.FEES, claim.fees, waivers.fees),
    )
    return tuple(Figure(component=name, claimed=claimed, waived=waived) for name, claimed, waived in rows)


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
    """The officer who made or accepted the offer for the lender, and who therefore signs."""
    if offer.side is Side.LENDER:
        return offer.account_id
    found = select(Acceptance.account_id).where(Acceptance.offer_id == offer.id, Acceptance.role == Role.LENDER)
    return seat.session.scalars(found).one()


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
