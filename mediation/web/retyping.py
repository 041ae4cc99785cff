"""A form that came too late is shown again with what was typed: after an expired page, or after signing in anew."""

from datetime import datetime

from flask import Blueprint, Response, current_app, g, make_response, redirect, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect
from wtforms import PasswordField

from mediation import db
from mediation.errors import Refused
from mediation.i18n import N_
from mediation.web import guard, idempotency, kept_forms
from mediation.web.forms import Form
from mediation.web.kept_forms import Fields, Typed

blueprint = Blueprint("retyping", __name__)

SENTENCES = {
    "form:expired": N_(
        "This page had been open for too long, so nothing was sent. What you typed is still here: check it and send it."
    ),
    "form:was-kept": N_(
        "You had been signed out, so nothing was sent. What you typed is still here: check it and send it."
    ),
}


@blueprint.get("/again")
@guard.signed_in()
def show(who: guard.SignedIn, *, at: datetime) -> ResponseReturnValue:
    """The form that this person sent after being away too long, as they had filled it in; nothing of it has acted."""
    typed = kept_forms.kept_for(who.session, who.account_id, at=at)
    page = None if typed is None else _page_with(typed)
    return redirect("/") if page is None else page


def keep_typed() -> bool:
    """What an account typed whose session has idled out is kept for it; whether there was anything to keep."""
    watch: guard.Guard = current_app.extensions["mediation_guard"]
    mark = guard.mark_of(current_app, request.endpoint or "")
    token = cookie.get("_user_id")
    if request.method in guard.READING or not token or mark is None or mark.form is None or mark.again is None:
        return False
    typed = Typed(request.path, _typed_into(mark.form()))
    with db.transaction(watch.engine, watch.info) as session:
        account_id = watch.idle_account_of(session, token)
        return account_id is not None and kept_forms.keep(session, account_id, typed, at=watch.now())


def page_of_expired() -> Response | None:
    """The page of the form that has just come without a valid token, with what was typed; none where it has none."""
    mark = guard.mark_of(current_app, request.endpoint or "")
    if mark is None or mark.form is None or mark.again is None:
        return None
    form = mark.form()
    form.refuse(Refused("form:expired"))
    watch: guard.Guard = current_app.extensions["mediation_guard"]
    with db.reading(watch.engine, watch.info) as session:
        return watch.show(mark, form, session, dict(request.view_args or {}), status=422)


def _page_with(typed: Typed) -> Response | None:
    try:
        endpoint, url = current_app.create_url_adapter(request).match(typed.path, method="POST")  # type: ignore[union-attr]
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return None
    mark = guard.mark_of(current_app, endpoint)
    if mark is None or mark.form is None or mark.again is None:
        return None
    form = mark.form(formdata=MultiDict(typed.fields))
    form.refuse(Refused("form:was-kept"))
    watch: guard.Guard = current_app.extensions["mediation_guard"]
    return make_response(watch.show(mark, form, g.session, dict(url), status=200))


def _typed_into(form: Form) -> Fields:
    """Everything but secrets, files, and what belongs to that one sending."""
    left_out = {field.name for field in form if isinstance(field, PasswordField)} | idempotency.IGNORED
    return [(name, value) for name, value in request.form.items(multi=True) if name not in left_out]
