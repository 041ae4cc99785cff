"""Pages: rendering in the reader's language, security headers, the pages that say no."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from mediation import i18n
from mediation.errors import MediationError, NotFound, NotPermitted
from mediation.rules import deadlines
from mediation.web import refusals, retyping
from mediation.web.guard import PATIENCE_SECONDS, SignInFirst, is_busy

csrf = CSRFProtect()

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
YEAR = 31536000
LANGUAGES = ("zh_Hans", "zh_Hant", "en")


def install(app: Flask, *, lead: Callable[[], dict[str, Any]]) -> None:
    """Templates, headers and refusals work in this app; `lead` gives every page its institution and tabs."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _catalogue().gettext(text),
        lambda one, many, n: _catalogue().ngettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, text: _catalogue().pgettext(context, text),
        npgettext=lambda context, one, many, n: _catalogue().npgettext(context, one, many, n),
    )
    app.jinja_env.globals.update(
        money=lambda minor, currency: i18n.money(minor, currency, locale()),
        date=lambda on: i18n.day(on, locale()),
        until=lambda end: i18n.until(_last_day(end), locale()),
        moment=lambda at: i18n.moment(at, zone(), locale()),
        percent=lambda rate, places=2: i18n.percent(rate, locale(), places=places),
        static_url=lambda name: _static_url(app, name),
        csrf_token=generate_csrf,
        fresh_key=lambda: str(uuid4()),
    )
    app.context_processor(lambda: {"locale": locale(), **lead()})
    # First: what refuses a request before any door must say so in the reader's language.
    app.before_request(_choose_locale)
    csrf.init_app(app)
    app.after_request(_add_headers)
    for kind in (MediationError, SignInFirst, CSRFError, HTTPException):
        app.register_error_handler(kind, _say_no)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(Exception, _broken)


def render(template: str, **values: Any) -> str:
    """The page in the reader's language."""
    return render_template(template, **values)


def see(endpoint: str, **values: Any) -> Response:
    """The answer to a form that has acted: look there (303)."""
    return make_response(redirect(url_for(endpoint, **values), 303))


def locale() -> str:
    """The reader's language: zh_Hans, zh_Hant or en."""
    return g.get("locale") or "zh_Hans"


def zone() -> str:
    """The time zone in which this page shows moments: the case's, else the institution's."""
    return g.get("zone") or "Asia/Shanghai"


def _last_day(end: date | datetime) -> date:
    return deadlines.last_day(end, ZoneInfo(zone())) if isinstance(end, datetime) else end


def has_proven(at: datetime) -> bool:
    """Whether whoever asks has proved within the last five minutes who they are."""
    return bool(current_user.is_authenticated and current_user.has_proven(at))


def is_uuid(text: str) -> bool:
    """Whether this is written as a UUID."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _catalogue() -> Any:
    return i18n.translations(locale())


def _choose_locale() -> None:
    # The cookie is this browser's own choice: signing in sets it to the account's, the switch on a page changes it.
    account = current_user.locale if current_user.is_authenticated else None
    chosen = _asked_language() or i18n.known(request.cookies.get("language"))
    g.locale = chosen or i18n.choose_locale(request.headers.get("Accept-Language"), cookie=None, account=account)


def remember_language(response: Response, chosen: str) -> Response:
    """The answer, with which this browser keeps to that language."""
    if chosen in LANGUAGES:
        response.set_cookie("language", chosen, max_age=YEAR, secure=request.is_secure, httponly=True, samesite="Lax")
    return response


def _asked_language() -> str:
    """The language that the switch on every page asks for by `?lang=`, or nothing."""
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else ""


def _add_headers(response: Response) -> Response:
    remember_language(response, _asked_language())
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static":
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Vary", "Cookie, Accept-Language")
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={2 * YEAR}; includeSubDomains"
    return response


def _say_no(no: Exception) -> Response:
    if request.method == "GET" and "HX-Request" in request.headers:
        return _load_anew()
    if isinstance(no, SignInFirst):
        then = url_for("retyping.show") if retyping.keep_typed() else _then()
        return make_response(redirect(url_for("accounts.sign_in", then=then), 303))
    if isinstance(no, CSRFError):
        try:
            if (page := retyping.page_of_expired()) is not None:
                return page
        except (MediationError, SignInFirst) as other:
            return _say_no(other)
    template, status, sentence = _page_for(no)
    response = make_response(render(template, sentence=sentence))
    response.status_code = status
    if isinstance(no, HTTPException) and no.code == 429 and no.get_response().headers.get("Retry-After"):
        response.headers["Retry-After"] = no.get_response().headers["Retry-After"]
    return response


def _load_anew() -> Response:
    """A piece of a page that is open may not be had any more: the page itself is asked for again, and says why."""
    response = make_response("", 403)
    response.headers["HX-Refresh"] = "true"
    return response


def _then() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else ""


def _page_for(no: Exception) -> tuple[str, int, str]:
    if isinstance(no, NotFound):
        return "errors/404.html", 404, ""
    if isinstance(no, NotPermitted):
        return "errors/403.html", 403, refusals.sentence(no)
    if isinstance(no, MediationError):
        return "errors/409.html", 409, refusals.sentence(no)
    if isinstance(no, CSRFError):
        return "errors/422.html", 422, ""
    code = no.code if isinstance(no, HTTPException) and no.code else 500
    if code in (301, 302, 303, 307, 308):
        raise no
    known = code if code in (403, 404, 413, 429) else (404 if code == 405 else 500 if code >= 500 else 422)
    return f"errors/{known}.html", code if code != 405 else 404, ""


def _busy(broken: OperationalError) -> Response:
    if not is_busy(broken):
        return _broken(broken)
    response = make_response(render("errors/500.html"))
    response.status_code = 503
    response.headers["Retry-After"] = str(PATIENCE_SECONDS)
    return response


def _broken(broken: Exception) -> Response:
    from flask import current_app

    if current_app.testing:
        raise broken
    current_app.logger.exception("unexpected")
    response = make_response(render("errors/500.html"))
    response.status_code = 500
    return response


def _static_url(app: Flask, name: str) -> str:
    return f"/static/{name}?v={_digest(str(app.static_folder), name)}"


@lru_cache(maxsize=200)
def _digest(folder: str, name: str) -> str:
    return hashlib.sha256((Path(folder) / name).read_bytes()).hexdigest()[:12]
