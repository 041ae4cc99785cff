"""The agreement of a case: draw it up, read it, confirm it, decline it, take the file home."""

import io
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from flask import Blueprint, send_file, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField, IntegerField, RadioField
from wtforms.validators import InputRequired, NumberRange

from mediation import files
from mediation.agreements import actions, law_gate
from mediation.agreements.assembling import (
    Choices,
    accepted_offer,
    may_be_taken_back,
    missing_on_file,
    names_somebody_gone,
    signers_of,
)
from mediation.agreements.models import Agreement
from mediation.agreements.selections import agreements_seen_by, current_agreement, name_of, readable_file, signatures_on
from mediation.cases.contracts import warning_for
from mediation.cases.findings import said
from mediation.cases.identities import identity_of
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.errors import NotFound, Refused
from mediation.i18n import N_
from mediation.rules import chain
from mediation.rules.access import Role
from mediation.rules.clauses import from_document
from mediation.rules.law import AcknowledgingAct
from mediation.rules.lifecycle import DOWNLOADABLE, REOPENS_NEGOTIATION, AgreementState, Stage
from mediation.rules.settlement import AgreementFacts, CreditTreatment
from mediation.web import guard
from mediation.web.forms import Form, PercentField
from mediation.web.pages import has_proven, locale, see

blueprint = Blueprint("agreements", __name__)

SENTENCES = {
    "agreement:no-accepted-offer": N_("No proposal has been agreed on by both sides."),
    "agreement:already-drawn-up": N_("An agreement is already drawn up."),
    "agreement:borrower-not-identified": N_("The borrower's identity and service address are not on file yet."),
    "agreement:payee-missing": N_("The account to be paid is not on file. The registrar puts it there."),
    "agreement:authority-missing": N_(
        "The officer who speaks for the lender has no authority document in force that covers a settlement."
    ),
    "agreement:changed": N_("The agreement has changed since this page was opened. Read the newest version first."),
    "agreement:not-a-signer": N_("This agreement does not name you as a signer."),
    "agreement:not-open-for-signing": N_("The agreement is not open for signing."),
    "agreement:mediator-changed": N_("The paper names a mediator who has left. The successor draws it up again."),
    "agreement:officer-changed": N_("The paper names an officer who has left. The mediator draws it up again."),
    "agreement:default-rate-out-of-range": N_("Write a yearly rate between 0 and %(most)s %%."),
    "agreement:not-to-be-replaced": N_("Somebody has signed already, so this paper is not drawn up again."),
    "agreement:window-over": N_("The time for signing is over."),
    "agreement:already-signed": N_("You have already confirmed this agreement."),
    "agreement:wrong-state": N_("The agreement has moved on, so this can no longer be done."),
    "signature:already-given": N_("You have already confirmed this agreement."),
    "signature:out-of-order": N_("Borrower and lender confirm first; the mediator confirms after both."),
    "agreement:fact-missing": N_("Something that the agreement must say is not on file: %(fact)s"),
    "agreement:party-missing": N_("A party is missing from the agreement."),
    "agreement:waiver-too-large": N_("More is waived than was claimed."),
    "agreement:disputed-too-large": N_("More is left open than was claimed and not waived."),
    "agreement:manner-differs": N_("The instalments are not what the accepted plan says of them."),
    "agreement:sums-differ": N_("The claim less what is waived is not the agreed total."),
    "agreement:schedule-differs": N_("The instalments do not add up to the agreed total."),
    "agreement:schedule-disordered": N_("The instalments are not in order."),
    "agreement:interest-differs": N_("The instalments carry interest although the agreed rate is zero."),
    "agreement:blocked-by-law": N_(
        "This would bind somebody to more than the law allows: %(citation)s. What the law says stands below."
    ),
    "agreement:negative": N_("A figure of the agreement is below zero."),
    "agreement:clause-missing": N_("A clause that every agreement needs is missing."),
    "agreement:clauses-disordered": N_("The clauses are not in order."),
    "agreement:clause-incomplete": N_("A clause lacks one of its facts."),
    "agreement:prove-again": N_("Prove again who you are, then confirm."),
    "agreement:tick-both": N_("Tick both boxes before you confirm."),
    "agreement:character-not-printable": N_("An agreement cannot be printed with these characters: %(characters)s"),
    "seal:certificate-expiring": N_("The seal's certificate ends soon. It must be renewed before anything is sealed."),
    "seal:certificate-not-yet-valid": N_("The seal's certificate is not valid yet."),
}
TREATMENTS = [
    (CreditTreatment.UPDATED_ON_SETTLEMENT.value, N_("The credit report is updated once everything is paid")),
    (CreditTreatment.UPDATED_ON_EFFECT.value, N_("The credit report is updated when the agreement takes effect")),
    (CreditTreatment.NOT_REPORTED.value, N_("The loan is not in a credit report")),
]


class DraftForm(Form):
    """What the mediator chooses; everything else follows from the accepted proposal."""

    grace_days = IntegerField(
        N_("Days of grace for a late instalment"), default=3, validators=[InputRequired(), NumberRange(0, 30)]
    )
    cure_days = IntegerField(
        N_("Days to make up for a missed instalment"), default=15, validators=[InputRequired(), NumberRange(0, 90)]
    )
    accelerates = BooleanField(N_("If it is not made up, the whole outstanding amount is due at once"), default=True)
    default_yearly_rate = PercentField(N_("Yearly interest on what is overdue, in per cent"), default="0")
    credit_treatment = RadioField(
        N_("Credit report"), choices=TREATMENTS, default=CreditTreatment.UPDATED_ON_SETTLEMENT.value
    )
    credit_working_days = IntegerField(
        N_("Working days for the update"), default=10, validators=[InputRequired(), NumberRange(1, 60)]
    )

    def choices(self) -> Choices:
        """What the form says; where a field cannot be read, what is usual."""
        usual = Choices()
        return Choices(
            grace_days=usual.grace_days if self.grace_days.data is None else self.grace_days.data,
            cure_days=usual.cure_days if self.cure_days.data is None else self.cure_days.data,
            accelerates=self.accelerates.data,
            default_yearly_rate=self.default_yearly_rate.rate,
            credit_treatment=CreditTreatment(self.credit_treatment.data or usual.credit_treatment),
            credit_working_days=self.credit_working_days.data or usual.credit_working_days,
        )


class SignForm(Form):
    """Exactly this file, read and meant."""

    sha256 = HiddenField(validators=[InputRequired()])
    has_read = BooleanField(N_("I have read the agreement"))
    means_it = BooleanField(N_("I confirm it, and this confirmation is my signature"))
    old_debt_confirmed = BooleanField()


@dataclass(frozen=True)
class SignerRow:
    """One signer and when they confirmed, if they have."""

    role: Role
    name: str
    signed_at: datetime | None


def _show(seat: Seat, form: Form | None = None, *, at: datetime) -> ResponseReturnValue:
    agreement = current_agreement(seat)
    earlier = [one for one in agreements_seen_by(seat) if one.state in REOPENS_NEGOTIATION]
    facts = _facts(agreement) if agreement else None
    return render_case(
        "agreements/show.html",
        seat,
        current="agreements",
        at=at,
        agreement=agreement,
        facts=facts,
        keys=_key_rows(facts) if facts else None,
        signers=_signers(seat, agreement) if agreement else (),
        missing=_missing(seat, at) if agreement is None and seat.stage is Stage.TERMS_AGREED else (),
        missing_from_you=agreement is None and seat.role is Role.BORROWER and not _is_identified(seat),
        earlier=earlier,
        may_sign=_may_sign(seat, agreement),
        has_signed=_has_signed(seat, agreement),
        may_replace=_may_replace(seat, agreement),
        names_somebody_gone=agreement is not None and names_somebody_gone(seat, agreement),
        is_sealed=bool(agreement and agreement.state in DOWNLOADABLE),
    )


def _new(seat: Seat, form: DraftForm | None = None, *, at: datetime) -> ResponseReturnValue:
    form = form or DraftForm()
    return render_case(
        "agreements/draft.html",
        seat,
        current="agreements",
        at=at,
        form=form,
        findings=said(law_gate.findings_on_draft(seat, form.choices(), at=at), locale()),
        missing=_missing(seat, at),
        offer=accepted_offer(seat),
    )


def _sign(seat: Seat, form: SignForm | None = None, *, at: datetime, agreement_id: UUID) -> ResponseReturnValue:
    agreement = current_agreement(seat)
    if agreement is None or agreement.id != agreement_id or agreement.unsigned_sha256 is None:
        raise NotFound
    if not has_proven(at):
        here = url_for("agreements.confirm", number=seat.case.number, agreement_id=agreement_id)
        return see("accounts.prove", then=here)
    facts = _facts(agreement)
    warning, asks = warning_for(seat, AcknowledgingAct.SIGNING, at=at)
    return render_case(
        "agreements/sign.html",
        seat,
        current="agreements",
        at=at,
        form=form or SignForm(data={"sha256": agreement.unsigned_sha256}),
        agreement=agreement,
        facts=facts,
        keys=_key_rows(facts),
        intent=actions.INTENT,
        warning=said(warning, locale()),
        asks=asks,
    )


def _check_meant(seat: Seat, form: SignForm, *, at: datetime, agreement_id: UUID) -> None:
    """Both boxes are ticked, and the person proved within five minutes who they are."""
    if not (form.has_read.data and form.means_it.data):
        raise Refused("agreement:tick-both", field="means_it")
    if not has_proven(at):
        raise Refused("agreement:prove-again")


@blueprint.get("/cases/<number>/agreement")
@guard.seated("agreement:read")
def show(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The agreement as it stands."""
    return _show(seat, at=at)


@blueprint.get("/cases/<number>/agreement/draft")
@guard.seated("agreement:draft")
def new(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The mediator chooses what the clauses leave open."""
    return _new(seat, at=at)


@blueprint.post("/cases/<number>/agreement/draft")
@guard.seated("agreement:draft", form=DraftForm, again=_new)
def create(seat: Seat, form: DraftForm, *, at: datetime) -> ResponseReturnValue:
    """Draw up the agreement."""
    actions.draw_up(seat, form.choices(), at=at)
    return see("agreements.show", number=seat.case.number)


@blueprint.get("/cases/<number>/agreement/<uuid:agreement_id>/signature")
@guard.seated("agreement:sign")
def confirm(seat: Seat, *, at: datetime, agreement_id: UUID) -> ResponseReturnValue:
    """The page on which a signer confirms."""
    return _sign(seat, at=at, agreement_id=agreement_id)


@blueprint.post("/cases/<number>/agreement/<uuid:agreement_id>/signature")
@guard.seated("agreement:sign", form=SignForm, again=_sign, before=_check_meant)
def sign(seat: Seat, form: SignForm, *, at: datetime, agreement_id: UUID) -> ResponseReturnValue:
    """Confirm exactly this file."""
    confirmed = form.old_debt_confirmed.data
    actions.sign(seat, agreement_id, seen_sha256=form.sha256.data, old_debt_confirmed=confirmed, at=at)
    return see("agreements.show", number=seat.case.number)


@blueprint.get("/cases/<number>/agreement/<uuid:agreement_id>/refusal")
@guard.seated("agreement:decline")
def refusal(seat: Seat, *, at: datetime, agreement_id: UUID) -> ResponseReturnValue:
    """Ask once before the negotiation is opened again."""
    agreement = current_agreement(seat)
    if agreement is None or agreement.id != agreement_id:
        raise NotFound
    return render_case("agreements/decline.html", seat, current="agreements", at=at, agreement_id=agreement_id)


@blueprint.post("/cases/<number>/agreement/<uuid:agreement_id>/refusal")
@guard.seated("agreement:decline")
def decline(seat: Seat, *, at: datetime, agreement_id: UUID) -> ResponseReturnValue:
    """Do not sign; the negotiation is open again."""
    actions.decline(seat, agreement_id, at=at)
    return see("offers.index", number=seat.case.number)


@blueprint.post("/cases/<number>/agreement/<uuid:agreement_id>/replacement")
@guard.seated("agreement:replace")
def replace(seat: Seat, *, at: datetime, agreement_id: UUID) -> ResponseReturnValue:
    """Take a paper back, to draw it up again."""
    actions.draw_up_anew(seat, agreement_id, at=at)
    return see("agreements.show", number=seat.case.number)


@blueprint.get("/cases/<number>/agreement/<uuid:agreement_id>/file")
@guard.seated("agreement:read")
def file(seat: Seat, *, at: datetime, agreement_id: UUID) -> ResponseReturnValue:
    """The file itself: before signing as a paper to read, sealed as the agreement; void files are gone."""
    agreement, sha256 = readable_file(seat, agreement_id)
    content = files.fetch_row(seat.session, sha256, institution_id=seat.institution_id)
    ending = "" if agreement.state in DOWNLOADABLE else "-unsigned"
    response = send_file(
        io.BytesIO(content),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"agreement-{seat.case.number}-v{agreement.version}{ending}.pdf",
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _facts(agreement: Agreement) -> AgreementFacts:
    document = chain.parse(agreement.document.encode())
    assert isinstance(document, dict)
    return from_document(document)[0]


@dataclass(frozen=True)
class KeyFacts:
    """The five facts that come first: each payment, how many, the whole, the first day, the last payment."""

    currency: str
    each: int
    last: int
    count: int
    total: int
    first_on: date
    waived: int
    disputed: int
    default_rate: Decimal


def _key_rows(facts: AgreementFacts) -> KeyFacts:
    instalments = facts.rows[bool(facts.manner.down_payment) :]
    return KeyFacts(
        currency=facts.currency,
        each=Counter(row.amount for row in instalments).most_common(1)[0][0],
        last=facts.rows[-1].amount,
        count=len(instalments),
        total=sum(row.amount for row in facts.rows),
        first_on=facts.rows[0].due_on,
        waived=sum(figure.waived for figure in facts.figures),
        disputed=sum(figure.disputed for figure in facts.figures),
        default_rate=facts.default_yearly_rate,
    )


def _signers(seat: Seat, agreement: Agreement) -> list[SignerRow]:
    signed = {one.account_id: one for one in signatures_on(seat.session, agreement.id)}
    return [
        SignerRow(role, name_of(seat, account), signed[account].signed_at if account in signed else None)
        for role, accounts in signers_of(seat).items()
        for account in sorted(accounts, key=str)
    ]


def _missing(seat: Seat, at: datetime) -> list[str]:
    return [SENTENCES[key] for key in missing_on_file(seat, at=at)]


def _may_replace(seat: Seat, agreement: Agreement | None) -> bool:
    return agreement is not None and seat.may("agreement:replace") and may_be_taken_back(seat, agreement)


def _is_identified(seat: Seat) -> bool:
    return seat.account_id is not None and identity_of(seat.session, seat.case_id, seat.account_id) is not None


def _has_signed(seat: Seat, agreement: Agreement | None) -> bool:
    return agreement is not None and any(
        one.account_id == seat.account_id for one in signatures_on(seat.session, agreement.id)
    )


def _may_sign(seat: Seat, agreement: Agreement | None) -> bool:
    if agreement is None or not seat.may("agreement:sign") or _has_signed(seat, agreement):
        return False
    if agreement.drafted_by != seat.case.mediator_id:
        return False
    waited_for = AgreementState.AWAITING_MEDIATOR if seat.role is Role.MEDIATOR else AgreementState.SIGNING
    return agreement.state is waited_for and seat.account_id in signers_of(seat)[seat.role]
