"""Payments made while the case runs: all that were reported, one to report, one to confirm or dispute."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, DateField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from mediation import i18n
from mediation.agreements import paid_since
from mediation.cases import payments, versions
from mediation.cases.claims import COMPONENTS
from mediation.cases.contracts import warning_for
from mediation.cases.findings import said
from mediation.cases.pages import render_case
from mediation.cases.payment_models import Outcome
from mediation.cases.payments import NOTE_MOST, REASON_MOST, Paid
from mediation.cases.seats import Seat
from mediation.errors import Refused
from mediation.i18n import N_, NP_
from mediation.rules.claim_payments import Order
from mediation.rules.law import AcknowledgingAct
from mediation.web import guard, pages
from mediation.web.forms import Form, MoneyField
from mediation.web.pages import see

blueprint = Blueprint("payments", __name__)

SENTENCES: dict[str, str] = {
    "payment:not-positive": N_("A payment is more than nothing. Write the amount that was paid."),
    "payment:day-missing": N_("Write the day of the payment."),
    "payment:day-in-future": N_("A payment that was made lies on a day up to today, %(today)s."),
    "payment:before-claim": N_(
        "The claim states what was owed on %(as_of_on)s, so it counts earlier payments already. If this one is missing "
        "there, add it to the account and dispute the row of the claim."
    ),
    "payment:whole-claim": N_(
        "This would pay everything that is claimed, so no plan is needed. If it was paid, ask the lender to end the "
        "mediation, and the mediator to see that the claim is settled."
    ),
    "payment:waits-already": N_("A payment of this day and amount waits for an answer already."),
    "payment:too-many-waiting": N_("%(most)s payments wait for an answer already. Wait for some of them first."),
    "payment:settled": N_("Somebody has said already what became of this payment."),
    "payment:own": N_("Your own side reported this payment. It can be taken back, not answered."),
    "payment:claim-changed": N_("The claim has changed since this page was opened. Look at the new figures first."),
    "payment:in-question": N_(
        "The institution must settle a question first. Until then no payment can be reported or confirmed."
    ),
    "payment:reason-missing": N_("Write why, so that the borrower can check it. A few words are enough."),
    "payment:words-too-long": N_("There is room for %(most)s characters; this text has %(length)s."),
}
OUTCOMES: Mapping[Outcome | None, str] = {
    None: NP_("what became of a payment", "Waiting for the other side"),
    Outcome.CONFIRMED: NP_("what became of a payment", "Confirmed by both sides"),
    Outcome.DISPUTED: NP_("what became of a payment", "In dispute"),
    Outcome.TAKEN_BACK: NP_("what became of a payment", "Taken back"),
}
TONES: Mapping[Outcome | None, str] = {
    None: "waiting",
    Outcome.CONFIRMED: "done",
    Outcome.DISPUTED: "now",
    Outcome.TAKEN_BACK: "plain",
}
ORDERS: Mapping[Order, str] = {
    Order.BY_LAW: N_("Fees, then interest and penalty, then principal, as the law says"),
    Order.PRINCIPAL_FIRST: N_("Principal first, because both sides agree on that"),
}


class ReportForm(Form):
    """A payment made since the claim was stated."""

    paid_on = DateField(N_("Day of the payment"), validators=[Optional()])
    amount = MoneyField(N_("Amount paid"))
    pays = RadioField(
        N_("What it pays first"),
        choices=[(order.value, words) for order, words in ORDERS.items()],
        default=Order.BY_LAW.value,
        validators=[InputRequired()],
    )
    note = StringField(N_("Note"), validators=[Length(max=NOTE_MOST)])
    old_debt_confirmed = BooleanField()

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Read the amount in the currency of the case."""
        self.amount.currency = g.who.case.currency
        return bool(super().validate(*args, **kwargs))

    def paid(self) -> Paid:
        """The payment; refused at the day where it is missing."""
        if self.paid_on.data is None:
            raise Refused("payment:day-missing", field="paid_on")
        note = (self.note.data or "").strip()
        return Paid(paid_on=self.paid_on.data, amount=self.amount.minor or 0, pays=Order(self.pays.data), note=note)


class ConfirmForm(Form):
    """The other side's yes, on exactly the claim that the page showed."""

    seen_version = HiddenField()
    old_debt_confirmed = BooleanField()

    @property
    def seen(self) -> int:
        """The version of the claim that the page showed."""
        text = str(self.seen_version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


class DisputeForm(Form):
    """Why the other side knows of no such payment."""

    reason = TextAreaField(N_("Why"), validators=[Length(max=REASON_MOST)])


@blueprint.get("/cases/<number>/payments")
@guard.seated("ledger:read")
def index(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """Every payment reported since the claim was stated, and what each version of the claim said."""
    return render_case(
        "payments/index.html",
        seat,
        current="ledger",
        at=at,
        reported=payments.payments_seen_by(seat),
        versions=versions.versions_seen_by(seat),
        outcome_words=OUTCOMES,
        tones=TONES,
    )


@blueprint.get("/cases/<number>/payments/new")
@guard.seated("payment:report")
def new(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """A payment to report."""
    return _new(seat, ReportForm(formdata=None), at=at)


def _new(seat: Seat, form: ReportForm, *, at: datetime) -> ResponseReturnValue:
    return render_case("payments/new.html", seat, current="ledger", at=at, form=form, law=_before(seat, at))


@blueprint.post("/cases/<number>/payments")
@guard.seated("payment:report", form=ReportForm, again=_new)
def create(seat: Seat, form: ReportForm, *, at: datetime) -> ResponseReturnValue:
    """The payment is reported, and the other side is asked."""
    payments.report_payment(seat, form.paid(), old_debt_confirmed=form.old_debt_confirmed.data, at=at)
    _say(N_("The payment is reported. The other side is asked to confirm it; until then the claim is as it was."))
    return see("payments.index", number=seat.case.number)


@blueprint.get("/cases/<number>/payments/<uuid:payment_id>")
@guard.seated("payment:answer")
def show(seat: Seat, *, payment_id: UUID, at: datetime) -> ResponseReturnValue:
    """One payment of the other side, with what confirming it would make of the claim."""
    return _answer(seat, None, payment_id=payment_id, at=at)


def _answer(seat: Seat, form: Form | None, *, payment_id: UUID, at: datetime) -> ResponseReturnValue:
    row = payments.payment_to_answer(seat, payment_id)
    before, after = payments.claim_after(seat, row)
    return render_case(
        "payments/answer.html",
        seat,
        current="ledger",
        at=at,
        form=form if isinstance(form, DisputeForm) else DisputeForm(formdata=None),
        refused=form,
        payment=next(one for one in payments.payments_seen_by(seat) if one.id == payment_id),
        before=before,
        after=after,
        components=COMPONENTS,
        order_words=ORDERS,
        paper=paid_since.paper_after(seat),
        law=_before(seat, at),
    )


@blueprint.post("/cases/<number>/payments/<uuid:payment_id>/confirmation")
@guard.seated("payment:answer", form=ConfirmForm, again=_answer)
def confirm(seat: Seat, form: ConfirmForm, *, payment_id: UUID, at: datetime) -> ResponseReturnValue:
    """Both sides confirm it: the claim is smaller."""
    confirmed = form.old_debt_confirmed.data
    paid_since.confirm_payment(seat, payment_id, seen_version=form.seen, old_debt_confirmed=confirmed, at=at)
    _say(N_("Both sides confirm the payment, and the claim is smaller by it."))
    return see("payments.index", number=seat.case.number)


@blueprint.post("/cases/<number>/payments/<uuid:payment_id>/dispute")
@guard.seated("payment:answer", form=DisputeForm, again=_answer)
def dispute(seat: Seat, form: DisputeForm, *, payment_id: UUID, at: datetime) -> ResponseReturnValue:
    """The side knows of no such payment."""
    payments.dispute_payment(seat, payment_id, form.reason.data or "", at=at)
    _say(N_("Both sides and the mediator see that this payment is in dispute."))
    return see("payments.index", number=seat.case.number)


@blueprint.post("/cases/<number>/payments/<uuid:payment_id>/withdrawal")
@guard.seated("payment:report")
def withdraw(seat: Seat, *, payment_id: UUID, at: datetime) -> ResponseReturnValue:
    """The side takes its own report back."""
    payments.take_back_payment(seat, payment_id, at=at)
    return see("payments.index", number=seat.case.number)


def _before(seat: Seat, at: datetime) -> dict[str, Any]:
    """What the borrower reads before the act, and whether a yes of its own is asked."""
    warning, asks = warning_for(seat, AcknowledgingAct.REPORTING_PAYMENT, at=at)
    return {"warning": said(warning, pages.locale()), "asks": asks}


def _say(sentence: str) -> None:
    flash(i18n.translations(pages.locale()).gettext(sentence), "done")
