"""The lenders that an institution has on file, kept by its registrar."""

from datetime import datetime
from uuid import UUID

from flask.typing import ResponseReturnValue
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from mediation.accounts import actions, selections
from mediation.accounts.desks import Desk
from mediation.accounts.doors import blueprint
from mediation.accounts.models import Organisation
from mediation.i18n import N_
from mediation.rules.lenders import LenderType
from mediation.web import guard
from mediation.web.forms import Form
from mediation.web.pages import render, see

TYPES: dict[LenderType, str] = {
    LenderType.BANK: N_("Bank"),
    LenderType.CONSUMER_FINANCE: N_("Consumer finance company"),
    LenderType.MICRO_LENDER: N_("Microloan company"),
    LenderType.ASSET_MANAGER: N_("Asset management company"),
    LenderType.GUARANTOR: N_("Guarantee company"),
    LenderType.PRIVATE: N_("Private lender"),
}

SENTENCES = {
    "lender:credit-code-mistyped": N_("This is not a unified social credit code: its check character does not fit."),
    "lender:on-file": N_("This lender is already on file here."),
    "lender:known-elsewhere": N_("Other institutions know this lender by its present name, so it is not changed here."),
}


class EngagementForm(Form):
    """What the institution has on file of a lender; only the registrar sets it."""

    name = StringField(N_("Registered name"), validators=[InputRequired(), Length(max=200)])
    lender_type = RadioField(
        N_("Kind of lender"),
        choices=[(kind.value, words) for kind, words in TYPES.items()],
        validators=[InputRequired()],
    )
    licence = StringField(N_("Licence number"), validators=[InputRequired(), Length(max=120)])
    service_address = StringField(N_("Address for service"), validators=[InputRequired(), Length(max=300)])
    payee_name = StringField(N_("Account holder"), validators=[InputRequired(), Length(max=200)])
    payee_bank = StringField(N_("Bank and branch"), validators=[InputRequired(), Length(max=200)])
    payee_account = StringField(N_("Account number"), validators=[InputRequired(), Length(max=60)])


class LenderForm(EngagementForm):
    """A lender that the institution begins to work with."""

    credit_code = StringField(N_("Unified social credit code"), validators=[InputRequired(), Length(max=40)])


@blueprint.get("/desk/lenders")
@guard.at_desk("lender:keep")
def lenders(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """The lenders on file."""
    return render("accounts/lenders.html", lenders=selections.lenders_at(desk), types=TYPES)


def _new_page(desk: Desk, form: LenderForm | None = None, *, at: datetime) -> str:
    return render("accounts/lender_new.html", form=form or LenderForm())


@blueprint.get("/desk/lenders/new")
@guard.at_desk("lender:keep")
def new_lender(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """The form for a new lender."""
    return _new_page(desk, at=at)


@blueprint.post("/desk/lenders")
@guard.at_desk("lender:keep", form=LenderForm, again=_new_page)
def create_lender(desk: Desk, form: LenderForm, *, at: datetime) -> ResponseReturnValue:
    """The lender is on file."""
    organisation = actions.add_lender(desk, form.name.data, form.credit_code.data, at=at)
    _keep(desk, organisation, form, at=at)
    return see("accounts.lenders")


def _edit_page(desk: Desk, form: EngagementForm | None = None, *, at: datetime, engagement_id: UUID) -> str:
    lender = selections.lender_at(desk, engagement_id)
    kept = lender.engagement
    form = form or EngagementForm(obj=kept, data={"name": lender.organisation.name})
    return render("accounts/lender_edit.html", form=form, lender=lender)


@blueprint.get("/desk/lenders/<uuid:engagement_id>")
@guard.at_desk("lender:keep")
def edit_lender(desk: Desk, *, at: datetime, engagement_id: UUID) -> ResponseReturnValue:
    """What is on file of this lender, to be changed."""
    return _edit_page(desk, at=at, engagement_id=engagement_id)


@blueprint.post("/desk/lenders/<uuid:engagement_id>")
@guard.at_desk("lender:keep", form=EngagementForm, again=_edit_page)
def update_lender(desk: Desk, form: EngagementForm, *, at: datetime, engagement_id: UUID) -> ResponseReturnValue:
    """What is on file of this lender is now this."""
    lender = selections.lender_at(desk, engagement_id)
    _keep(desk, lender.organisation, form, at=at)
    return see("accounts.lenders")


def _keep(desk: Desk, organisation: Organisation, form: EngagementForm, *, at: datetime) -> None:
    actions.keep_lender(
        desk,
        organisation,
        lender_type=LenderType(form.lender_type.data),
        licence=form.licence.data.strip(),
        service_address=form.service_address.data.strip(),
        name=form.name.data.strip(),
        payee=(form.payee_name.data.strip(), form.payee_bank.data.strip(), form.payee_account.data.strip()),
        at=at,
    )
