"""What is one's own: the language, the password, and the sessions that are open."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask.typing import ResponseReturnValue
from wtforms import PasswordField, RadioField
from wtforms.validators import InputRequired, Length

from mediation.accounts import credentials, passwords, selections, sessions
from mediation.accounts.doors import blueprint, place_of
from mediation.errors import Refused
from mediation.i18n import N_
from mediation.web import guard
from mediation.web.forms import Form
from mediation.web.limits import limiter
from mediation.web.pages import locale, remember_language, render, see

LANGUAGES = (("zh_Hans", "简体中文"), ("zh_Hant", "繁體中文"), ("en", "English"))

# What a browser calls itself -> what its owner calls it; the first that fits.
BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
           ("Linux", "Linux"))  # fmt: skip

SENTENCES = {
    "password:wrong": N_("This is not your present password."),
    "password:prove-first": N_("Confirm first that it is you; then choose the password."),
    "password:too-short": N_("Use at least %(least)s characters."),
    "password:too-long": N_("A password has at most %(most)s characters."),
    "password:easily-guessed": N_("This password is easily guessed. Several unrelated words are better."),
}


class LanguageForm(Form):
    """The language of the pages and of what is written to this person."""

    language = RadioField(N_("Language of pages and notices"), choices=LANGUAGES, validators=[InputRequired()])


class PasswordForm(Form):
    """A new password; the present one first, where there is one."""

    present = PasswordField(N_("Present password"), validators=[Length(max=200)])
    password = PasswordField(N_("New password"), validators=[InputRequired(), Length(max=200)])


@blueprint.get("/account")
@guard.signed_in()
def own(who: guard.SignedIn, *, at: datetime) -> ResponseReturnValue:
    """The person's own page: name, language, password, open sessions."""
    return _own_page(who, at=at)


def _own_page(who: guard.SignedIn, form: LanguageForm | None = None, *, at: datetime) -> str:
    account = credentials.own_account(who.session, who.account_id)
    return render(
        "accounts/own.html",
        account=account,
        form=form or LanguageForm(data={"language": account.locale or locale()}),
        sessions=sessions.sessions_of(who.session, who.account_id, at=at),
        device_of=_device_of,
        this_one=who.person.sign_in_id,
        is_staff=who.person.role is not None,
        has_places=len(selections.places_of(who.session, who.account_id)) > 1,
    )


def _device_of(agent: str) -> str:
    """The browser and the machine as people name them; nothing where they do not say."""
    named = (next((name for mark, name in table if mark in agent), "") for table in (BROWSERS, SYSTEMS))
    return " · ".join(filter(None, named))


@blueprint.post("/account/language")
@guard.signed_in(form=LanguageForm, again=_own_page)
def choose_language(who: guard.SignedIn, form: LanguageForm, *, at: datetime) -> ResponseReturnValue:
    """The account keeps this language."""
    credentials.choose_language(who.session, who.account_id, form.language.data)
    return remember_language(see("accounts.own"), form.language.data)


# --- the password -------------------------------------------------------------------------------------------


def _password_page(who: Any, form: PasswordForm | None = None, *, at: datetime) -> str:
    return render(
        "accounts/password.html",
        form=form or PasswordForm(),
        has_password=credentials.has_password(who.session, who.account_id),
        is_staff=who.person.role is not None,
    )


def _hash_new(who: guard.SignedIn, form: PasswordForm, *, at: datetime) -> Any:
    """Slow on purpose, so before the transaction: the present password is verified, the new one is hashed."""
    account = credentials.own_account(who.session, who.account_id)
    if credentials.is_locked(account, at):
        raise Refused("sign-in:locked", until=account.locked_until)
    if account.password_hash is None and not who.person.has_proven(at):
        raise Refused("password:prove-first")
    if account.password_hash and not passwords.matches(account.password_hash, form.present.data or ""):
        return None
    return credentials.hash_new_password(form.password.data, about=(account.name, account.sign_in_name))


@blueprint.get("/account/password")
@guard.signed_in()
def password(who: guard.SignedIn, *, at: datetime) -> ResponseReturnValue:
    """The page on which one chooses a password; who has none yet proves first who they are."""
    if not who.person.has_proven(at) and not credentials.has_password(who.session, who.account_id):
        return see("accounts.prove", then="/account/password")
    return _password_page(who, at=at)


@blueprint.post("/account/password")
@limiter.limit("20/5 minutes")
@guard.signed_in(form=PasswordForm, again=_password_page, before=_hash_new)
def change_password(who: guard.SignedIn, form: PasswordForm, *, at: datetime) -> ResponseReturnValue:
    """The account has the new password, and every other session of it is over."""
    if form.proof is None:
        credentials.count_failure(who.session, who.account_id, at=at)
        form.refuse(Refused("password:wrong", field="present"))
        return _password_page(who, form, at=at), 422
    credentials.set_password(who.session, who.account_id, form.proof, at=at)
    sessions.end_others(who.session, who.account_id, kept=who.person.sign_in_id, at=at)
    return see("accounts.own")


# --- where one works ----------------------------------------------------------------------------------------


@blueprint.get("/account/places")
@guard.signed_in()
def places(who: guard.SignedIn, *, at: datetime) -> ResponseReturnValue:
    """Somebody with a place at several institutions chooses at which of them to work now."""
    found = selections.places_of(who.session, who.account_id)
    here = None if who.person.must_choose else who.person.institution_id
    return render("accounts/places.html", places=found, here=here)


@blueprint.post("/account/places/<uuid:membership_id>")
@guard.signed_in()
def choose_place(who: guard.SignedIn, *, at: datetime, membership_id: UUID) -> ResponseReturnValue:
    """This session stands at that place of one's own; another's does not exist."""
    sessions.choose_place(who.session, who.person.sign_in_id, membership_id, account_id=who.account_id)
    return see(place_of(who.person.role))


# --- sessions -----------------------------------------------------------------------------------------------


@blueprint.post("/account/sessions/<uuid:session_id>/end")
@guard.signed_in()
def end_one(who: guard.SignedIn, *, at: datetime, session_id: UUID) -> ResponseReturnValue:
    """That session of one's own is over; another's does not exist."""
    sessions.end(who.session, session_id, account_id=who.account_id, at=at)
    return see("accounts.own")


@blueprint.post("/account/sessions/end-others")
@guard.signed_in()
def end_others(who: guard.SignedIn, *, at: datetime) -> ResponseReturnValue:
    """Only the session in this browser is left."""
    sessions.end_others(who.session, who.account_id, kept=who.person.sign_in_id, at=at)
    return see("accounts.own")
