"""The start page, signing in by password or by a code, signing out, and proving again who one is."""

from datetime import datetime
from typing import Any

from flask import request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from mediation.accounts import credentials, lockouts, passwords, selections, sessions
from mediation.accounts.doors import blueprint, see_back, see_place, url_of, way_back
from mediation.errors import Refused
from mediation.i18n import N_
from mediation.web import guard
from mediation.web.forms import Form
from mediation.web.limits import limiter
from mediation.web.pages import locale, remember_language, render, see

CODE_FOR = "code_for"

SENTENCES = {
    "sign-in:wrong": N_("The sign-in name and the password do not belong together."),
    "sign-in:wrong-code": N_("This is not the code, or its ten minutes are over. Check it, or ask for another."),
    "sign-in:wrong-proof": N_("This is not your password."),
    "sign-in:locked": N_("There were too many attempts. Try again from %(until)s, or call the institution."),
}


class SignInForm(Form):
    """Who signs in, and with what."""

    sign_in_name = StringField(N_("Sign-in name"), validators=[InputRequired(), Length(max=200)])
    password = PasswordField(N_("Password"), validators=[InputRequired(), Length(max=200)])
    then = HiddenField()


class CodeRequestForm(Form):
    """Who asks for a code."""

    sign_in_name = StringField(N_("Sign-in name"), validators=[InputRequired(), Length(max=200)])
    then = HiddenField()


class CodeForm(Form):
    """The code that came, and whose it is where this browser has not asked for it."""

    sign_in_name = StringField(N_("Sign-in name"), validators=[Length(max=200)])
    code = StringField(N_("Six-digit code"), validators=[InputRequired(), Length(max=20)])
    then = HiddenField()


class ProofForm(Form):
    """The password, once more."""

    password = PasswordField(N_("Password"), validators=[InputRequired(), Length(max=200)])
    then = HiddenField()


@blueprint.get("/")
@guard.public()
def start(who: guard.Visitor, *, at: datetime) -> ResponseReturnValue:
    """What this is and who runs it; somebody who has signed in is led to their place."""
    person = guard.person()
    if person is not None:
        return see_place(person)
    return render(
        "accounts/start.html",
        institutions=selections.institutions(who.session),
        join_url=url_of("invitations.enter_code"),
        check_url=url_of("invitations.check"),
    )


# --- by password --------------------------------------------------------------------------------------------


def _sign_in_page(who: Any, form: SignInForm | None = None, *, at: datetime) -> str:
    is_kept = way_back() == url_of("retyping.show")
    return render("accounts/sign_in.html", form=form or SignInForm(data={"then": way_back()}), is_kept=is_kept)


def _match(who: Any, form: SignInForm, *, at: datetime) -> Any:
    """Verify the password before any transaction: Argon2 must not hold a lock."""
    account = credentials.account_named(who.session, form.sign_in_name.data)
    good = passwords.matches(account.password_hash if account else None, form.password.data)
    if until := lockouts.locked_until(who.session, form.sign_in_name.data, at):
        raise Refused("sign-in:locked", until=until)
    if not good or account is None or account.password_hash is None:
        return None
    fresh = passwords.hash_password(form.password.data) if passwords.is_old(account.password_hash) else None
    return account.id, fresh


@blueprint.get("/sign-in")
@guard.public()
def sign_in(who: guard.Visitor, *, at: datetime) -> ResponseReturnValue:
    """The sign-in page."""
    return _sign_in_page(who, at=at)


@blueprint.post("/sign-in")
@limiter.limit("30/5 minutes")
@guard.public(form=SignInForm, again=_sign_in_page, before=_match)
def start_session(who: guard.Visitor, form: SignInForm, *, at: datetime) -> ResponseReturnValue:
    """Start a session, or count the failure: it is returned, not raised, so that it is kept."""
    if form.proof is None:
        lockouts.count_attempt(who.session, form.sign_in_name.data, at=at)
        form.refuse(Refused("sign-in:wrong"))
        return _sign_in_page(who, form, at=at), 422
    account_id, fresh = form.proof
    if fresh is not None:
        credentials.set_password(who.session, account_id, fresh, at=at)
    return _begin(who, account_id, at=at)


# --- by a code ----------------------------------------------------------------------------------------------


def _ask_code_page(who: Any, form: CodeRequestForm | None = None, *, at: datetime) -> str:
    return render("accounts/ask_code.html", form=form or CodeRequestForm(data={"then": way_back()}))


def _code_page(who: Any, form: CodeForm | None = None, *, at: datetime) -> str:
    return render(
        "accounts/enter_code.html",
        form=form or CodeForm(data={"then": way_back()}),
        is_asked_for=CODE_FOR in cookie,
    )


@blueprint.get("/sign-in/code")
@guard.public()
def ask_code(who: guard.Visitor, *, at: datetime) -> ResponseReturnValue:
    """The page on which one asks for a code."""
    return _ask_code_page(who, at=at)


@blueprint.post("/sign-in/code")
@limiter.limit("10/5 minutes")
@guard.public(form=CodeRequestForm, again=_ask_code_page)
def send_code(who: guard.Visitor, form: CodeRequestForm, *, at: datetime) -> ResponseReturnValue:
    """Send a code if there is such an account; the answer is the same if there is none."""
    credentials.ask_code(who.session, form.sign_in_name.data, at=at)
    cookie[CODE_FOR] = form.sign_in_name.data
    return see("accounts.enter_code", then=way_back() or None)


@blueprint.get("/sign-in/code/enter")
@guard.public()
def enter_code(who: guard.Visitor, *, at: datetime) -> ResponseReturnValue:
    """The page on which one enters the code."""
    return _code_page(who, at=at)


@blueprint.post("/sign-in/code/enter")
@limiter.limit("30/5 minutes")
@guard.public(form=CodeForm, again=_code_page)
def start_session_by_code(who: guard.Visitor, form: CodeForm, *, at: datetime) -> ResponseReturnValue:
    """Start a session, or count the failure at the code and at the name."""
    name = cookie.get(CODE_FOR) or form.sign_in_name.data or ""
    if until := lockouts.locked_until(who.session, name, at):
        raise Refused("sign-in:locked", until=until)
    account = credentials.account_named(who.session, name)
    if account is None or not credentials.take_code(who.session, account.id, form.code.data, at=at):
        lockouts.count_attempt(who.session, name, at=at)
        form.refuse(Refused("sign-in:wrong-code", field="code"))
        return _code_page(who, form, at=at), 422
    return _begin(who, account.id, at=at)


def _begin(who: guard.Visitor, account_id: Any, *, at: datetime) -> ResponseReturnValue:
    """A new session with a new token: what the browser held before opens nothing any more."""
    before = guard.person()
    if before is not None:
        sessions.end(who.session, before.sign_in_id, account_id=before.account_id, at=at)
    token = credentials.sign_in(who.session, account_id, agent=request.user_agent.string, locale=locale(), at=at)
    person = sessions.person_of(who.session, token, at)
    assert person is not None, "a session that has just begun is open"
    cookie.clear()
    login_user(person)
    return remember_language(see_back(person), person.locale)


# --- out, and once more -------------------------------------------------------------------------------------


@blueprint.post("/sign-out")
@guard.signed_in()
def end_session(who: guard.SignedIn, *, at: datetime) -> ResponseReturnValue:
    """End this session on the server and in the browser."""
    sessions.end(who.session, who.person.sign_in_id, account_id=who.account_id, at=at)
    logout_user()
    cookie.clear()
    response = see("accounts.start")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _proof_page(who: Any, form: ProofForm | CodeForm | None = None, *, at: datetime) -> str:
    return render(
        "accounts/prove.html",
        password_form=form if isinstance(form, ProofForm) else ProofForm(data={"then": way_back()}),
        code_form=form if isinstance(form, CodeForm) else CodeForm(data={"then": way_back()}),
        form=form,
        has_password=credentials.has_password(who.session, who.account_id),
        is_code_sent=request.values.get("code") == "sent" or isinstance(form, CodeForm),
        then=way_back(),
    )


def _match_own(who: guard.SignedIn, form: ProofForm, *, at: datetime) -> Any:
    account = credentials.own_account(who.session, who.account_id)
    good = passwords.matches(account.password_hash, form.password.data)
    _check_open(account, at)
    return good


@blueprint.get("/prove")
@guard.signed_in()
def prove(who: guard.SignedIn, *, at: datetime) -> ResponseReturnValue:
    """Before a serious step: the page that asks once more who is there, and leads back to `then`."""
    if who.person.has_proven(at):
        return see_back(who.person)
    return _proof_page(who, at=at)


@blueprint.post("/prove")
@limiter.limit("30/5 minutes")
@guard.signed_in(form=ProofForm, again=_proof_page, before=_match_own)
def prove_by_password(who: guard.SignedIn, form: ProofForm, *, at: datetime) -> ResponseReturnValue:
    """The session is proven anew, or the failure counts."""
    if not form.proof:
        credentials.count_failure(who.session, who.account_id, at=at)
        form.refuse(Refused("sign-in:wrong-proof", field="password"))
        return _proof_page(who, form, at=at), 422
    sessions.prove(who.session, who.person.sign_in_id, at=at)
    return see_back(who.person)


@blueprint.post("/prove/codes")
@limiter.limit("10/5 minutes")
@guard.signed_in()
def send_proof_code(who: guard.SignedIn, *, at: datetime) -> ResponseReturnValue:
    """A code is on its way to the account's own address."""
    credentials.send_code_again(who.session, credentials.own_account(who.session, who.account_id), at=at)
    return see("accounts.prove", code="sent", then=way_back() or None)


@blueprint.post("/prove/code")
@limiter.limit("30/5 minutes")
@guard.signed_in(form=CodeForm, again=_proof_page)
def prove_by_code(who: guard.SignedIn, form: CodeForm, *, at: datetime) -> ResponseReturnValue:
    """The session is proven anew by the code that came, or the failure counts."""
    _check_open(credentials.own_account(who.session, who.account_id), at)
    if not credentials.take_code(who.session, who.account_id, form.code.data, at=at):
        credentials.count_failure(who.session, who.account_id, at=at)
        form.refuse(Refused("sign-in:wrong-code", field="code"))
        return _proof_page(who, form, at=at), 422
    sessions.prove(who.session, who.person.sign_in_id, at=at)
    return see_back(who.person)


def _check_open(account: Any, at: datetime) -> None:
    if credentials.is_locked(account, at):
        raise Refused("sign-in:locked", until=account.locked_until)
