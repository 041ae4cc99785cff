"""Who I am: asked before signing, shown only to the person it is about."""

from datetime import datetime

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length

from mediation.cases.further_borrowers import name_and_tail_of
from mediation.cases.identities import differs_from_file, give_identity, identity_of
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.i18n import N_
from mediation.web import guard
from mediation.web.forms import Form
from mediation.web.pages import see

blueprint = Blueprint("identities", __name__)

SENTENCES = {
    "identity:number-not-right": N_("Check the number: with its check digit it does not add up."),
    "identity:other-number": N_("This number does not end as the one on file. Call us if the one on file is wrong."),
    "identity:name-missing": N_("Write the name as it stands on the identity card."),
    "identity:other-name": N_(
        "The lender's file says %(on_file)s. If the name here is right, confirm it below; else write it as on file."
    ),
    "identity:address-missing": N_("Write the whole address, so that a letter arrives."),
    "identity:in-the-agreement": N_(
        "The agreement is already made out with what is on file. Ask the mediator to change it."
    ),
}


class IdentityForm(Form):
    """Name, number and address as a court would need them."""

    name = StringField(N_("Name as on the identity card"), validators=[InputRequired(), Length(max=120)])
    number = StringField(N_("Identity number"), validators=[InputRequired(), Length(max=40)])
    is_other_name = BooleanField(N_("This is my name, though the lender's file has another"))
    address = StringField(N_("Address at which letters reach you"), validators=[InputRequired(), Length(max=300)])


@blueprint.get("/cases/<number>/identity")
@guard.seated("identity:give")
def edit(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What is on file of me, and the form for it; the number itself is never shown again."""
    kept = identity_of(seat.session, seat.case_id, seat.account_id) if seat.account_id else None
    form = IdentityForm(data={"name": kept.name, "address": kept.address} if kept else {"name": _own_name(seat)})
    return _page(seat, form, at=at)


def _page(seat: Seat, form: IdentityForm, *, at: datetime) -> ResponseReturnValue:
    kept = identity_of(seat.session, seat.case_id, seat.account_id) if seat.account_id else None
    asks = differs_from_file(seat, form.name.data or "")
    template = "invitations/own_identity.html"
    return render_case(template, seat, current="identity", at=at, form=form, kept=kept, asks=asks)


@blueprint.post("/cases/<number>/identity")
@guard.seated("identity:give", form=IdentityForm, again=_page)
def update(seat: Seat, form: IdentityForm, *, at: datetime) -> ResponseReturnValue:
    """The identity is on file."""
    give_identity(
        seat,
        name=form.name.data,
        number=form.number.data,
        address=form.address.data,
        is_other_name=form.is_other_name.data,
        at=at,
    )
    return see("identities.edit", number=seat.case.number)


def _own_name(seat: Seat) -> str:
    return name_and_tail_of(seat)[0] if seat.side and seat.side.value == "borrower" else ""
