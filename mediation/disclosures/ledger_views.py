"""The pages of the two-sided ledger: the whole, one row to answer, a payment to add, a file to bring."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from mediation import i18n
from mediation.cases.contracts import warning_for
from mediation.cases.findings import said
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.disclosures import ledger_shown, ledger_standing, ledgers
from mediation.disclosures import ledger_words as words
from mediation.disclosures.ledger_forms import AnswerForm, PaymentFileForm, PaymentForm
from mediation.disclosures.ledger_reading import LARGEST_FILE, ReadPayments, read_payments
from mediation.disclosures.ledger_shown import Show
from mediation.disclosures.ledger_words import SENTENCES
from mediation.disclosures.ledgers import Row
from mediation.errors import NotFound, Refused
from mediation.rules.law import AcknowledgingAct
from mediation.rules.ledger import Standing, Verdict
from mediation.rules.negotiation import Side
from mediation.web import guard, pages, refusals
from mediation.web.pages import see

__all__ = ["SENTENCES", "blueprint"]

blueprint = Blueprint("ledgers", __name__)

PROBLEMS_SHOWN = 20


@blueprint.get("/cases/<number>/ledger")
@guard.seated("ledger:read")
def index(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The claim by component and both histories of payments, what differs first."""
    found = ledger_standing.ledger_seen_by(seat)
    show, number = request.args.get("show", Show.DIFFERENCES.value), request.args.get("page", "1")
    if show not in set(Show) or not (number.isascii() and number.isdigit() and len(number) < 5):
        raise NotFound
    return _page(
        "ledgers/index.html",
        seat,
        at,
        ledger=found,
        payments=ledger_shown.page_of(seat, found, Show(show), int(number)),
        said={each.name: ledger_shown.said_of(seat, each) for each in found.components},
        totals={standing: found.payments.total(standing) for standing in Standing},
        stated={side: found.payments.stated_by(side) for side in Side},
        loan_says=ledger_standing.loan_says(seat.session, seat.case, found),
        lists=ledger_shown.files_of(seat),
    )


@blueprint.get("/cases/<number>/ledger/claim/<component>")
@guard.seated("ledger:answer")
def claim(seat: Seat, *, component: str, at: datetime) -> ResponseReturnValue:
    """One component of the claim, with what was said of it so far."""
    return _claim(seat, None, component=component, at=at)


def _claim(seat: Seat, form: AnswerForm | None, *, component: str, at: datetime) -> str:
    found = ledger_standing.ledger_seen_by(seat)
    part = found.component(component if seat.side is Side.BORROWER else "")
    says = ledger_shown.said_of(seat, part)
    if form is None:
        form = _filled(says if part.verdict is not None else None, seat)
    form.seen_version.data = found.claim_version
    names = [each.name for each in found.components]
    place = names.index(component) + 1
    return _page(
        "ledgers/claim.html", seat, at, form=form, ledger=found, component=part, said=says, place=place,
        places=len(names), hints=_hints(words.CLAIM_HINTS), has_errors=bool(form.errors or form.form_errors),
        law=_before(seat, AcknowledgingAct.AGREEING_LEDGER_ROW, at),
    )  # fmt: skip


@blueprint.post("/cases/<number>/ledger/claim/<component>")
@guard.seated("ledger:answer", form=AnswerForm, again=_claim)
def answer_claim(seat: Seat, form: AnswerForm, *, component: str, at: datetime) -> ResponseReturnValue:
    """The borrower has answered this component; the next one without an answer follows."""
    _answer(seat, form, Row(component=component), at)
    left = ledger_standing.ledger_seen_by(seat).unanswered
    if left:
        return see("ledgers.claim", number=seat.case.number, component=left[0])
    return see("ledgers.index", number=seat.case.number)


@blueprint.get("/cases/<number>/ledger/payments/<uuid:payment_id>")
@guard.seated("ledger:answer")
def payment(seat: Seat, *, payment_id: UUID, at: datetime) -> ResponseReturnValue:
    """One payment that the other side states."""
    return _payment(seat, None, payment_id=payment_id, at=at)


def _payment(seat: Seat, form: AnswerForm | None, *, payment_id: UUID, at: datetime) -> str:
    found = ledger_standing.ledger_seen_by(seat)
    asked = ledger_shown.asked_of(seat, found, payment_id)
    form = form or _filled(asked.row.said, seat)
    return _page(
        "ledgers/payment.html", seat, at, form=form, ledger=found, asked=asked, hints=_hints(words.PAYMENT_HINTS),
        has_errors=bool(form.errors or form.form_errors), law=_before(seat, AcknowledgingAct.AGREEING_LEDGER_ROW, at),
    )  # fmt: skip


@blueprint.post("/cases/<number>/ledger/payments/<uuid:payment_id>")
@guard.seated("ledger:answer", form=AnswerForm, again=_payment)
def answer_payment(seat: Seat, form: AnswerForm, *, payment_id: UUID, at: datetime) -> ResponseReturnValue:
    """The side has answered this payment of the other."""
    asked = ledger_shown.asked_of(seat, ledger_standing.ledger_seen_by(seat), payment_id)
    own = asked.twin.id if asked.twin and form.instead.data else None
    _answer(seat, form, Row(payment_id=payment_id), at, instead_of=own)
    return see("ledgers.index", number=seat.case.number, _anchor="payments")


@blueprint.get("/cases/<number>/ledger/payments/new")
@guard.seated("ledger:state")
def new(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """A payment to be added by hand."""
    return _new(seat, PaymentForm(formdata=None), at=at)


def _new(seat: Seat, form: PaymentForm, *, at: datetime) -> str:
    law = _before(seat, AcknowledgingAct.REPORTING_PAYMENT, at)
    return _page("ledgers/new.html", seat, at, form=form, has_errors=bool(form.errors or form.form_errors), law=law)


@blueprint.post("/cases/<number>/ledger/payments")
@guard.seated("ledger:state", form=PaymentForm, again=_new)
def create(seat: Seat, form: PaymentForm, *, at: datetime) -> ResponseReturnValue:
    """The payment is stated."""
    ledgers.state_payments(seat, [form.row()], old_debt_confirmed=form.old_debt_confirmed.data, at=at)
    if form.step.data == "another":
        return see("ledgers.new", number=seat.case.number)
    return see("ledgers.index", number=seat.case.number, _anchor="payments")


@blueprint.get("/cases/<number>/ledger/files/new")
@guard.seated("ledger:state")
def bring(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """A file of payments to be brought."""
    return _bring(seat, PaymentFileForm(formdata=None), at=at)


def _bring(seat: Seat, form: PaymentFileForm, *, at: datetime) -> str:
    return _page(
        "ledgers/file.html", seat, at, form=form, problems=[
            (one, refusals.sentence(one.no)) for one in form.problems[:PROBLEMS_SHOWN]
        ],
        more_problems=max(0, len(form.problems) - PROBLEMS_SHOWN), megabytes=LARGEST_FILE >> 20,
        most_rows=ledgers.MOST_ROWS, has_errors=bool(form.errors or form.form_errors),
        law=_before(seat, AcknowledgingAct.REPORTING_PAYMENT, at),
    )  # fmt: skip


def _read_file(seat: Seat, form: PaymentFileForm, *, at: datetime) -> ReadPayments:
    """The file is read outside the transaction: one that is long must not keep others from writing."""
    content, name = form.content()
    today = at.astimezone(seat.zone).date()
    found = read_payments(content, name, currency=seat.case.currency, order=form.order, today=today)
    if found.problems:
        form.problems = found.problems
        raise Refused("ledger:file-in-doubt", field="file", count=len(found.problems))
    return found


@blueprint.post("/cases/<number>/ledger/files")
@guard.seated("ledger:state", form=PaymentFileForm, again=_bring, before=_read_file)
def upload(seat: Seat, form: PaymentFileForm, *, at: datetime) -> ResponseReturnValue:
    """Every payment of the file is stated."""
    confirmed = form.old_debt_confirmed.data
    ledgers.state_payments(seat, form.proof.rows, file=form.proof.file, old_debt_confirmed=confirmed, at=at)
    return see("ledgers.index", number=seat.case.number, _anchor="payments")


@blueprint.post("/cases/<number>/ledger/payments/<uuid:payment_id>/withdrawal")
@guard.seated("ledger:state")
def withdraw(seat: Seat, *, payment_id: UUID, at: datetime) -> ResponseReturnValue:
    """The side takes back one of its payments."""
    ledgers.take_back_payment(seat, payment_id, at=at)
    return see("ledgers.index", number=seat.case.number, _anchor="payments")


@blueprint.post("/cases/<number>/ledger/lists/<uuid:list_id>/withdrawal")
@guard.seated("ledger:state")
def withdraw_list(seat: Seat, *, list_id: UUID, at: datetime) -> ResponseReturnValue:
    """The side takes back a list of its payments."""
    ledgers.take_back_list(seat, list_id, at=at)
    return see("ledgers.index", number=seat.case.number, _anchor="lists")


def _answer(seat: Seat, form: AnswerForm, row: Row, at: datetime, *, instead_of: UUID | None = None) -> None:
    match form.chosen:
        case Verdict.AGREED:
            confirmed = form.old_debt_confirmed.data
            ledgers.agree_row(
                seat, row, seen_version=form.seen, instead_of=instead_of, old_debt_confirmed=confirmed, at=at
            )
        case Verdict.DISPUTED:
            ledgers.dispute_row(seat, row, form.grounds(), seen_version=form.seen, at=at)
        case Verdict.UNKNOWN:
            ledgers.leave_row_open(seat, row, form.grounds(), seen_version=form.seen, at=at)


def _before(seat: Seat, act: AcknowledgingAct, at: datetime) -> dict[str, Any]:
    """What the borrower reads before that act, and whether a yes of its own is asked."""
    warning, asks = warning_for(seat, act, at=at)
    return {"warning": said(warning, pages.locale()), "asks": asks}


def _filled(says: ledger_shown.Said | None, seat: Seat) -> AnswerForm:
    form = AnswerForm(formdata=None)
    form.disputed.currency = seat.case.currency
    if says is not None:
        form.verdict.data, form.reason.data, form.shown_by.data = says.verdict.value, says.reason, says.proof
        form.disputed.show(says.disputed)
    return form


def _hints(hints: Mapping[Verdict, str]) -> dict[str, str]:
    catalogue = i18n.translations(pages.locale())
    return {verdict.value: catalogue.gettext(text) for verdict, text in hints.items()}


def _page(template: str, seat: Seat, at: datetime, **values: Any) -> str:
    return render_case(
        template, seat, current="ledger", at=at, component_words=words.COMPONENTS, verdict_words=words.VERDICTS,
        unanswered=words.UNANSWERED, standing_words=words.STANDINGS, likeness_words=words.LIKENESSES,
        tones=words.TONES, **values,
    )  # fmt: skip
