"""The people who have a place at an institution, and what their signatures stand on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask.typing import ResponseReturnValue
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from mediation.accounts import actions, selections
from mediation.accounts.desks import AT_A_DESK, Desk
from mediation.accounts.doors import blueprint
from mediation.i18n import N_
from mediation.rules.access import Role
from mediation.web import guard
from mediation.web.forms import Form
from mediation.web.pages import render, see

ROLES: dict[Role, str] = {
    Role.LENDER: N_("Lender's officer"),
    Role.MEDIATOR: N_("Mediator on the panel"),
    Role.REGISTRAR: N_("Registrar of the institution"),
    Role.AUDITOR: N_("Auditor of the record"),
}

SENTENCES = {
    "account:name-taken": N_("Somebody already signs in with this name."),
    "member:organisation-missing": N_("Choose the lender that this officer works for."),
    "member:has-a-place": N_("This person already has a place at the institution."),
    "member:placed-elsewhere": N_(
        "This person already works for another institution here. Use another e-mail address for the place here."
    ),
    "member:own-place": N_("You cannot end your own place. Another registrar can."),
    "authority:ends-before-it-begins": N_("The authority ends before it begins."),
}


class MemberForm(Form):
    """Somebody who is to have a place here."""

    email = StringField(
        N_("E-mail address"),
        validators=[InputRequired(), Length(max=200), Regexp(r"^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$")],
    )
    name = StringField(N_("Full name"), validators=[InputRequired(), Length(max=120)])
    role = RadioField(
        N_("What they are here"),
        choices=[(role.value, words) for role, words in ROLES.items()],
        validators=[InputRequired()],
    )
    organisation = SelectField(N_("Lender, for an officer"), choices=[], validate_choice=False)
    field = StringField(N_("Field of work, for a mediator"), validators=[Length(max=200)])


class AuthorityForm(Form):
    """授权委托书 of a lender's officer."""

    title = StringField(N_("Title or number of the document"), validators=[InputRequired(), Length(max=200)])
    valid_from_on = DateField(N_("Valid from"), validators=[InputRequired()])
    valid_until_on = DateField(N_("Valid until"), validators=[InputRequired()])
    covers_settlement = BooleanField(N_("It allows this officer to agree to a settlement and to sign it."))
    covers_policy = BooleanField(
        N_("It allows this officer to set the lender's own limits, and to approve what lies outside them.")
    )


@blueprint.get("/desk/members")
@guard.at_desk("member:keep")
def members(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """The people who have a place here."""
    return render("accounts/members.html", members=selections.members_at(desk), roles=ROLES, own_id=desk.account_id)


def _new_page(desk: Desk, form: MemberForm | None = None, *, at: datetime) -> str:
    form = form or MemberForm()
    lenders = [(str(one.organisation.id), one.organisation.name) for one in selections.lenders_at(desk)]
    form.organisation.choices = [("", "—"), *lenders]
    return render("accounts/member_new.html", form=form)


@blueprint.get("/desk/members/new")
@guard.at_desk("member:keep")
def new_member(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """The form for a new member."""
    return _new_page(desk, at=at)


@blueprint.post("/desk/members")
@guard.at_desk("member:keep", form=MemberForm, again=_new_page)
def create_member(desk: Desk, form: MemberForm, *, at: datetime) -> ResponseReturnValue:
    """The person has the place and is told of it."""
    role = Role(form.role.data)
    assert role in AT_A_DESK
    actions.invite_member(
        desk,
        form.email.data.strip(),
        form.name.data.strip(),
        role,
        organisation_id=_organisation(form) if role is Role.LENDER else None,
        field=(form.field.data or "").strip(),
        at=at,
    )
    return see("accounts.members")


def _organisation(form: MemberForm) -> UUID | None:
    try:
        return UUID(form.organisation.data or "")
    except ValueError:
        return None


def _member_page(desk: Desk, form: AuthorityForm | None = None, *, at: datetime, membership_id: UUID) -> str:
    member = selections.member_at(desk, membership_id)
    return render(
        "accounts/member.html",
        form=form or AuthorityForm(),
        member=member,
        role_words=ROLES.get(member.membership.role, ""),
        documents=selections.authorities_at(desk, member.account.id),
        is_officer=member.organisation is not None,
        is_own=member.account.id == desk.account_id,
    )


@blueprint.get("/desk/members/<uuid:membership_id>")
@guard.at_desk("member:keep")
def member(desk: Desk, *, at: datetime, membership_id: UUID) -> ResponseReturnValue:
    """One member: for an officer, the authorities on file."""
    return _member_page(desk, at=at, membership_id=membership_id)


@blueprint.post("/desk/members/<uuid:membership_id>/authorities")
@guard.at_desk("lender:keep", form=AuthorityForm, again=_member_page)
def create_authority(desk: Desk, form: AuthorityForm, *, at: datetime, membership_id: UUID) -> ResponseReturnValue:
    """The officer's authority is on file."""
    found = selections.member_at(desk, membership_id)
    actions.keep_authority(
        desk,
        found.account.id,
        title=form.title.data.strip(),
        covers_settlement=form.covers_settlement.data,
        covers_policy=form.covers_policy.data,
        valid_from_on=form.valid_from_on.data,
        valid_until_on=form.valid_until_on.data,
        at=at,
    )
    return see("accounts.member", membership_id=membership_id)


@blueprint.post("/desk/members/<uuid:membership_id>/end")
@guard.at_desk("member:keep")
def end_membership(desk: Desk, *, at: datetime, membership_id: UUID) -> Any:
    """The person has no place here any more."""
    actions.end_member(desk, membership_id, at=at)
    return see("accounts.members")
