"""create_app: settings in, blueprints on, refusals to pages; hands the loaders to the web. Nothing else."""

from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_login import LoginManager, current_user
from sqlalchemy.engine import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from mediation import db, lawbook, object_store
from mediation.accounts import desks, sessions
from mediation.accounts import views as accounts_views
from mediation.agreements import departure_views, pause_views, payment_views, verification_views
from mediation.agreements import views as agreements_views
from mediation.cases import (
    adviser_views,
    appointment_views,
    consent_views,
    contract_views,
    draw_views,
    explore_views,
    further_borrower_views,
    handover_views,
    home_views,
    identity_views,
    independence_views,
    invitation_views,
    objection_views,
    opening_views,
    panel_views,
    registry_views,
    seats,
    side_joining_views,
)
from mediation.cases import pages as case_pages
from mediation.cases import selections as case_selections
from mediation.cases import views as cases_views
from mediation.disclosures import (
    conduct_views,
    document_release_views,
    document_views,
    duty_views,
    fact_views,
    ledger_views,
)
from mediation.disclosures import views as disclosures_views
from mediation.docket import record_views
from mediation.docket import views as docket_views
from mediation.keys import KeyRing
from mediation.messages import holding, sending_views
from mediation.messages import views as messages_views
from mediation.offers import approval_views, desk_views, proposal_views
from mediation.offers import views as offers_views
from mediation.portfolios import band_views
from mediation.portfolios import views as portfolios_views
from mediation.web import clock, guard, logs, mail_views, pages, refusals, retyping
from mediation.web.limits import limiter

TOP = Path(__file__).resolve().parent.parent
FEATURES = (
    accounts_views,
    portfolios_views,
    band_views,
    cases_views,
    opening_views,
    contract_views,
    explore_views,
    registry_views,
    consent_views,
    appointment_views,
    draw_views,
    objection_views,
    panel_views,
    independence_views,
    handover_views,
    messages_views,
    sending_views,
    disclosures_views,
    document_views,
    document_release_views,
    fact_views,
    duty_views,
    ledger_views,
    conduct_views,
    docket_views,
    record_views,
    offers_views,
    proposal_views,
    desk_views,
    approval_views,
    agreements_views,
    departure_views,
    payment_views,
    pause_views,
    verification_views,
    invitation_views,
    side_joining_views,
    adviser_views,
    further_borrower_views,
    home_views,
    identity_views,
    retyping,
)

# A page left open asks for news by itself: that is nobody being there.
UNATTENDED = frozenset({"static", "messages.news"})


def create_app(
    settings: config.Settings | None = None,
    *,
    engine: Engine | None = None,
    now: clock.Clock = clock.now,
    durable: bool = True,
) -> Flask:
    """The web application; refuses to start on a database that could lose acknowledged writes."""
    settings = settings or config.read()
    engine = engine or db.make_engine(settings.database_url)
    lawbook.use_extra_calendars(calendars_of(settings))
    if durable and (unsafe := db.check_durable(engine)):
        raise RuntimeError(f"this database may lose acknowledged writes: {', '.join(unsafe)}")
    app = Flask("mediation", static_folder=str(TOP / "static"), template_folder=str(TOP / "templates"))
    app.config.update(_flask_settings(settings))
    app.extensions["mediation_settings"] = settings
    _add_sign_in(app)
    guard.install(app, guard_of(settings, engine, now))
    pages.install(app, lead=case_pages.lead)
    limiter.init_app(app)
    portfolios_views.use_cases(app, case_selections.open_cases_on)
    case_pages.use_panel(app, offers_views.panel)
    logs.install(app)
    for feature in (*FEATURES, *((mail_views,) if settings.is_demo else ())):
        app.register_blueprint(feature.blueprint)
        refusals.add_sentences(feature.SENTENCES)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    guard.check_every_route_is_marked(app)
    return app


def info_of(settings: config.Settings) -> dict[str, Any]:
    """What actions find in their session: the keys, the settings, the store of files."""
    return {
        "ring": KeyRing.read(settings.master_key_files),
        "settings": settings,
        "blobs": object_store.store_of(settings),
    }


def calendars_of(settings: config.Settings) -> Path | None:
    """The folder of calendar years that this deployment adds: a demonstration takes the provisional ones."""
    return settings.calendars_folder or (lawbook.PROVISIONAL_CALENDARS if settings.is_demo else None)


def guard_of(settings: config.Settings, engine: Engine, now: clock.Clock) -> guard.Guard:
    """Who stands at the doors of this deployment."""
    return guard.Guard(
        engine=engine,
        info=info_of(settings),
        now=now,
        seat_of=seats.seat_of,
        desk_of=desks.desk_of,
        idle_account_of=sessions.idle_account_of,
        caught_up=holding.caught_up,
    )


def _flask_settings(settings: config.Settings) -> dict[str, Any]:
    secure = settings.public_url.startswith("https://")
    return {
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": 24 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "SESSION_COOKIE_NAME": "__Host-mediation" if secure else "mediation",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _add_sign_in(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None

    @manager.user_loader  # type: ignore[untyped-decorator]
    def person(token: str) -> sessions.Person | None:
        watch: guard.Guard = app.extensions["mediation_guard"]
        at = watch.now()
        found: sessions.Person | None = watch.look(lambda session: sessions.person_of(session, token, at))
        return found

    @app.after_request
    def touch(response: Any) -> Any:
        if request.endpoint not in UNATTENDED and current_user.is_authenticated:
            _touch(app.extensions["mediation_guard"], current_user, response)
        return response


def _touch(watch: guard.Guard, person: sessions.Person, response: Any) -> None:
    at: datetime = watch.now()
    if at - person.seen_at >= sessions.TOUCHED_EVERY and response.status_code < 400:
        with db.transaction(watch.engine, watch.info) as session:
            sessions.touch(session, person.sign_in_id, at=at)
