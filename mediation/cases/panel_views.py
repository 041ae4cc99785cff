"""The panel at the registrar's desk: each mediator's particulars, and the limit for one lender's share."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import IntegerField, RadioField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional

from mediation.accounts.desks import Desk
from mediation.cases import objections, particulars
from mediation.cases.panel_words import LANGUAGES, PAYERS
from mediation.cases.particulars import Particulars
from mediation.errors import Refused
from mediation.i18n import N_
from mediation.rules.appointing import Language, Payer, check_share_limit
from mediation.web import guard
from mediation.web.forms import Form, MoneyField
from mediation.web.pages import render, see

blueprint = Blueprint("panel", __name__)

SENTENCES = {
    "panel:percent-out-of-range": N_("The share is between %(least)s and %(most)s percent."),
    "panel:from-cases-out-of-range": N_("Count from %(least)s to %(most)s cases on."),
    "panel:limit-unchanged": N_("This limit is in force already."),
    "panel:limit-half-given": N_("Give both figures, or leave both empty to lift the limit."),
    "panel:fee-not-paid": N_("A fee is only for a mediator whom the lender or both sides pay; write 0."),
    "panel:fee-missing": N_("Write the fee for one case, as a lender or both sides pay for this mediator."),
    "panel:language-missing": N_("Choose at least one language."),
    "panel:most-open-out-of-range": N_("Between 0, which sets no bound, and %(most)s cases."),
}


class ParticularsForm(Form):
    """What the panel says of one mediator."""

    field = StringField(N_("Field of work"), validators=[Length(max=200)])
    body = StringField(N_("Body that the mediator belongs to"), validators=[Length(max=200)])
    languages = SelectMultipleField(
        N_("Languages for talks"), choices=[(each.value, words) for each, words in LANGUAGES.items()]
    )
    paid_by = RadioField(
        N_("Who pays for the mediator's work?"),
        choices=[(each.value, words) for each, words in PAYERS.items()],
        validators=[InputRequired()],
    )
    fee = MoneyField(N_("Fee for one case"), may_be_empty=True)
    most_open = IntegerField(N_("Most open cases at once"), validators=[Optional()])


class LimitForm(Form):
    """How much of a mediator's work one lender may be."""

    percent = IntegerField(N_("At most, in percent"), validators=[Optional()])
    from_cases = IntegerField(N_("Counted from how many cases on"), validators=[Optional()])


def _index_page(desk: Desk, form: LimitForm | None = None, *, at: datetime) -> ResponseReturnValue:
    limit = particulars.share_limit_of(desk.session, desk.institution_id)
    if form is None:
        form = LimitForm(formdata=None)
        form.percent.data, form.from_cases.data = (limit.percent, limit.from_cases) if limit else (None, None)
    return render(
        "panel/index.html",
        form=form,
        panel=particulars.panel_at(desk),
        limit=limit,
        waiting=objections.objections_waiting_at(desk),
        languages=LANGUAGES,
        payers=PAYERS,
        currency=desk.institution.currency,
    )


@blueprint.get("/desk/panel")
@guard.at_desk("panel:keep")
def index(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """The mediators of the panel, objections to decide, and the limit."""
    return _index_page(desk, at=at)


@blueprint.post("/desk/panel/limit")
@guard.at_desk("panel:keep", form=LimitForm, again=_index_page)
def keep_limit(desk: Desk, form: LimitForm, *, at: datetime) -> ResponseReturnValue:
    """The limit is set, or lifted where nothing was written."""
    percent, from_cases = form.percent.data, form.from_cases.data
    if (percent is None) != (from_cases is None):
        raise Refused("panel:limit-half-given", field="from_cases" if from_cases is None else "percent")
    limit = None if percent is None else check_share_limit(percent, from_cases)
    particulars.keep_share_limit(desk, limit, at=at)
    return see("panel.index")


def _edit_page(desk: Desk, form: ParticularsForm | None = None, *, at: datetime, membership_id: UUID) -> str:
    listed = particulars.listed_at(desk, membership_id)
    if form is None:
        told = listed.particulars
        form = ParticularsForm(formdata=None)
        form.field.data, form.body.data, form.most_open.data = told.field, told.body, told.most_open
        form.languages.data = [each.value for each in told.languages]
        form.paid_by.data = told.paid_by.value
        form.fee.show(told.fee)
    return render("panel/edit.html", form=form, listed=listed, currency=desk.institution.currency)


@blueprint.get("/desk/panel/<uuid:membership_id>")
@guard.at_desk("panel:keep")
def edit(desk: Desk, *, at: datetime, membership_id: UUID) -> ResponseReturnValue:
    """The form for one mediator."""
    return _edit_page(desk, at=at, membership_id=membership_id)


@blueprint.post("/desk/panel/<uuid:membership_id>")
@guard.at_desk("panel:keep", form=ParticularsForm, again=_edit_page)
def update(desk: Desk, form: ParticularsForm, *, at: datetime, membership_id: UUID) -> ResponseReturnValue:
    """The panel says this of the mediator from now on."""
    said = Particulars(
        field=(form.field.data or "").strip(),
        body=(form.body.data or "").strip(),
        paid_by=Payer(form.paid_by.data),
        fee=form.fee.minor or 0,
        languages=tuple(Language(each) for each in form.languages.data or ()),
        most_open=form.most_open.data or 0,
    )
    particulars.keep_particulars(desk, membership_id, said, at=at)
    return see("panel.index")
