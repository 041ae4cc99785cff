"""A lender opens a case from a loan: a draft that only its side sees, then the submission."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mediation.accounts.desks import Desk
from mediation.cases import actions, selections
from mediation.cases.claims import what_is_missing
from mediation.cases.forms import OpeningForm
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.errors import Refused
from mediation.i18n import N_
from mediation.web import guard
from mediation.web.pages import render, see

blueprint = Blueprint("openings", __name__)

SENTENCES = {
    "case:contract-has-open-case": N_("There is an open case on this contract already; a second one cannot be opened."),
    "case:lender-not-on-file": N_("The institution has not yet put your organisation on file. Ask its registrar."),
    "claim:as-of-in-future": N_("The figures can stand as of today at the latest."),
    "claim:not-stated": N_("Fill in the amount; write 0 where nothing is claimed."),
    "claim:basis-missing": N_("Say on what this amount rests, for example the clause and the rate."),
    "claim:negative": N_("No part of a claim is below zero."),
    "claim:nothing-claimed": N_("The claim must be above zero."),
    "claim:original-missing": N_("Fill in the original lender and the original contract number."),
    "claim:other-currency": N_("The loan is in another currency. Open the page again."),
    "contact:name-missing": N_("Fill in the borrower's name."),
    "contact:no-way": N_(
        "Give a telephone number or an e-mail address, or say that only a letter reaches the borrower."
    ),
    "contact:email-not-valid": N_("An e-mail address looks like name@example.org."),
    "contact:phone-not-valid": N_("A telephone number has 5 to 15 digits."),
    "contact:id-tail-not-valid": N_("Give exactly the last 4 characters, digits or letters."),
    "undertaking:missing": N_("A case can be submitted only with this undertaking."),
    "undertaking:not-stated": N_("Say whether it stops or goes on; the borrower is told the same."),
}


def _read(who: Any, form: OpeningForm, *, at: datetime, loan_id: UUID | None = None) -> Any:
    """The opening as values; on a submission everything that is missing is said at once."""
    loan = selections.loan_of(who) if loan_id is None else selections.loan_read_by(who, loan_id)
    if form.currency.data != loan.currency:
        raise Refused("claim:other-currency")
    opening = form.opening()
    missing = list(what_is_missing(opening)) if form.is_submission else []
    for no in missing[:-1]:
        form.refuse(no)
    if missing:
        raise missing[-1]
    return opening


def _new_again(desk: Desk, form: OpeningForm, *, at: datetime, loan_id: UUID) -> ResponseReturnValue:
    loan = selections.loan_read_by(desk, loan_id)
    return render(
        "cases/new.html",
        form=form,
        loan=loan,
        lender=selections.lender_of(desk).name,
        open_number=selections.open_case_on(desk, loan.contract_number),
        has_tail=bool(loan.id_tail),
    )


def _edit_again(seat: Seat, form: OpeningForm, *, at: datetime) -> ResponseReturnValue:
    loan = selections.loan_of(seat)
    return render_case(
        "cases/edit.html", seat, current="overview", at=at, form=form, loan=loan, has_tail=bool(loan.id_tail)
    )


@blueprint.get("/loans/<uuid:loan_id>/case")
@guard.at_desk("case:draft")
def new(desk: Desk, *, at: datetime, loan_id: UUID) -> ResponseReturnValue:
    """The form, filled from the lender's own file."""
    form = OpeningForm()
    form.show_loan(selections.loan_read_by(desk, loan_id), selections.lender_of(desk).name)
    return _new_again(desk, form, at=at, loan_id=loan_id)


@blueprint.post("/loans/<uuid:loan_id>/case")
@guard.at_desk("case:draft", form=OpeningForm, again=_new_again, before=_read)
def create(desk: Desk, form: OpeningForm, *, at: datetime, loan_id: UUID) -> ResponseReturnValue:
    """Open the case as a draft, or open and submit it at once."""
    seat = actions.open_case(desk, loan_id, form.proof, at=at)
    if form.is_submission:
        seat = actions.submit_case(seat, form.proof, at=at)
    return see("cases.show", number=seat.case.number)


@blueprint.get("/cases/<number>/draft")
@guard.seated("case:edit")
def edit(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The draft, to be completed."""
    form, claim = OpeningForm(), selections.claim_seen_by(seat)
    if claim is not None:
        form.show_draft(seat, claim, selections.loan_of(seat))
    return _edit_again(seat, form, at=at)


@blueprint.post("/cases/<number>/draft")
@guard.seated("case:edit", form=OpeningForm, again=_edit_again, before=_read)
def update(seat: Seat, form: OpeningForm, *, at: datetime) -> ResponseReturnValue:
    """Keep the draft, or submit it."""
    if form.is_submission:
        actions.submit_case(seat, form.proof, at=at)
    else:
        actions.change_draft(seat, form.proof, at=at)
    return see("cases.show", number=seat.case.number)
