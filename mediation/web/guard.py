"""Every door is marked; the guard reads who asks, locks the case, reads the clock once, and commits."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from random import uniform
from time import sleep
from typing import Any, Protocol
from uuid import UUID

from flask import Flask, Response, current_app, g, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from mediation import db
from mediation.errors import NotFound, Refused
from mediation.web import idempotency, plain_text
from mediation.web.forms import Form

RETRIES = 5
RETRIED = ("40001", "40P01")
# A page that waits longer for another's write says so, and the reader decides; a worker has more patience.
PATIENCE_SECONDS = 5
READING = ("GET", "HEAD")
OK = 200


@dataclass(frozen=True)
class Visitor:
    """Whoever opens a public door."""

    session: Session
    account_id: UUID | None = None


@dataclass(frozen=True)
class SignedIn:
    """A person who has signed in, outside any seat or desk."""

    session: Session
    person: Any

    @property
    def account_id(self) -> UUID:
        """The account that asks."""
        return self.person.account_id  # type: ignore[no-any-return]


class SeatLoader(Protocol):
    """Finds the seat of an account at a case and, in a writing request, locks the case row."""

    def __call__(self, session: Session, account_id: UUID, number: str, *, locking: bool) -> Any: ...


class DeskLoader(Protocol):
    """Finds the desk of an account at the institution chosen in its session; in a writing request, locks it."""

    def __call__(self, session: Session, account_id: UUID, *, institution_id: UUID | None, locking: bool) -> Any: ...


class CatchUp(Protocol):
    """The seat with what time has already decided, though no worker has written it yet."""

    def __call__(self, seat: Any, /, *, at: datetime, writing: bool) -> Any: ...


@dataclass(frozen=True)
class Mark:
    """What a route asks of whoever opens it."""

    kind: str
    permission: str | None = None
    form: type[Form] | None = None
    again: Callable[..., ResponseReturnValue] | None = None
    before: Callable[..., Any] | None = None


@dataclass
class Guard:
    """What the doors need: the database, what actions are handed, the clock, and the loaders."""

    engine: Engine
    info: dict[str, Any]
    now: Callable[[], datetime]
    seat_of: SeatLoader
    desk_of: DeskLoader
    idle_account_of: Callable[[Session, str], UUID | None] = field(default=lambda session, token: None)
    caught_up: CatchUp = field(default=lambda seat, *, at, writing: seat)
    retried: int = field(default=0)

    def look(self, ask: Callable[[Session], Any]) -> Any:
        """What is asked before any door; a request that only reads goes on in the same session."""
        if session := g.get("session"):
            return ask(session)
        if request.method not in READING:
            with db.reading(self.engine, self.info) as session:
                return ask(session)
        g.opened = ExitStack()
        g.first = g.opened.enter_context(db.reading(self.engine, self.info))
        return ask(g.first)

    def walk(self, mark: Mark, view: Callable[..., ResponseReturnValue], url: dict[str, Any]) -> Response:
        """One request from the mark to the answer; an address that no page can have leads to none."""
        if any(plain_text.has_control(part) for part in (request.path, *_asked())):
            raise NotFound
        if request.method in READING:
            with self._reading() as session:
                at = self.now()
                return make_response(view(self._who(mark, session, url), at=at, **_rest(url)))
        return self._write(mark, view, url)

    def show(self, mark: Mark, form: Form, session: Session, url: dict[str, Any], *, status: int) -> Response:
        """The page of this form as it was typed, for whoever the mark lets in; nothing of it acts."""
        return self._page_again(mark, self._who(mark, session, url), form, self.now(), url, status)

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with g.pop("opened", None) or ExitStack() as opened:
            yield g.pop("first", None) or opened.enter_context(db.reading(self.engine, self.info))

    def _write(self, mark: Mark, view: Callable[..., ResponseReturnValue], url: dict[str, Any]) -> Response:
        form = mark.form() if mark.form else None
        with db.reading(self.engine, self.info) as session:
            if (led := _led_before(session)) is not None:
                return led
            at = self.now()
            who = self._who(mark, session, url)
            if form is not None:
                if not form.validate():
                    return self._page_again(mark, who, form, at, url, 422)
                try:
                    form.proof = mark.before(who, form, at=at, **_rest(url)) if mark.before else None
                except Refused as no:
                    form.refuse(no)
                    return self._page_again(mark, who, form, at, url, 409)
        for attempt in range(RETRIES):
            try:
                return self._once(mark, view, form, url)
            except Refused as no:
                return self._refused(mark, form, no, url)
            except DBAPIError as broken:
                if attempt == RETRIES - 1 or not _may_retry(broken):
                    raise
                self.retried += 1
                sleep(uniform(0.005, 0.05) * (attempt + 1))  # noqa: S311
        raise AssertionError("unreachable")

    def _once(
        self, mark: Mark, view: Callable[..., ResponseReturnValue], form: Form | None, url: dict[str, Any]
    ) -> Response:
        try:
            with db.transaction(self.engine, self.info) as session:
                return self._kept(mark, view, form, url, session)
        except Exception:
            # What this seat held was rolled back; the page that says no must not read from it.
            g.pop("who", None)
            raise

    def _kept(
        self,
        mark: Mark,
        view: Callable[..., ResponseReturnValue],
        form: Form | None,
        url: dict[str, Any],
        session: Session,
    ) -> Response:
        who = self._who(mark, session, url, locking=True)
        at = self.now()
        attempt = idempotency.Attempt.of(request, who.account_id)
        if attempt and (location := attempt.replay(session)) is not None:
            return make_response(redirect(location, 303))
        if attempt:
            attempt.claim(session, at)
        args = (who,) if form is None else (who, form)
        response = make_response(view(*args, at=at, **_rest(url)))
        if attempt:
            attempt.finish(session, response)
        return response

    def _who(self, mark: Mark, session: Session, url: dict[str, Any], *, locking: bool = False) -> Any:
        g.session = session
        if mark.kind == "public":
            person = current_user if current_user.is_authenticated else None
            return Visitor(session, person.account_id if person else None)
        if not current_user.is_authenticated:
            raise SignInFirst
        if mark.kind == "signed_in":
            return SignedIn(session, current_user._get_current_object())
        account_id = current_user.account_id
        if mark.kind == "at_desk":
            where = current_user.institution_id
            who = self.desk_of(session, account_id, institution_id=where, locking=locking)
        else:
            who = self.seat_of(session, account_id, url["number"], locking=locking)
        if who is None:
            raise NotFound
        if mark.kind == "seated":
            who = self.caught_up(who, at=self.now(), writing=locking)
        g.who = who
        who.require(mark.permission)
        return who

    def _refused(self, mark: Mark, form: Form | None, no: Refused, url: dict[str, Any]) -> Response:
        with db.reading(self.engine, self.info) as session:
            if (led := _led_before(session)) is not None:
                return led
            if form is None or mark.again is None:
                raise no
            form.refuse(no)
            return self._page_again(mark, self._who(mark, session, url), form, self.now(), url, 409)

    def _page_again(self, mark: Mark, who: Any, form: Form, at: datetime, url: dict[str, Any], status: int) -> Response:
        if mark.again is None:
            raise form.first_refusal()
        response = make_response(mark.again(who, form, at=at, **_rest(url)))
        if response.status_code == OK:
            response.status_code = status
        return response


def person() -> Any | None:
    """Whoever has signed in in this browser, if anybody has."""
    return current_user._get_current_object() if current_user.is_authenticated else None


class SignInFirst(Exception):
    """Nobody has signed in; the page answers with the way to the sign-in."""


Door = Callable[..., Any]


def public(
    *, form: type[Form] | None = None, again: Door | None = None, before: Door | None = None
) -> Callable[[Door], Door]:
    """Anybody may open this door."""
    return _marked(Mark("public", None, form, again, before))


def signed_in(
    *, form: type[Form] | None = None, again: Door | None = None, before: Door | None = None
) -> Callable[[Door], Door]:
    """Anybody who has signed in may open this door."""
    return _marked(Mark("signed_in", None, form, again, before))


def at_desk(
    permission: str, *, form: type[Form] | None = None, again: Door | None = None, before: Door | None = None
) -> Callable[[Door], Door]:
    """Staff whose desk grants the permission."""
    return _marked(Mark("at_desk", permission, form, again, before))


def seated(
    permission: str, *, form: type[Form] | None = None, again: Door | None = None, before: Door | None = None
) -> Callable[[Door], Door]:
    """Whoever sits at the case named in the address, where the seat grants the permission at this stage."""
    return _marked(Mark("seated", permission, form, again, before))


def install(app: Flask, guard: Guard) -> None:
    """The guard stands at every door of this app."""
    post(app, guard)
    app.teardown_appcontext(_close)


def post(app: Flask, guard: Guard) -> None:
    """From now on, this guard stands there."""
    app.extensions["mediation_guard"] = guard
    if guard.engine.dialect.name == "sqlite":
        event.listen(guard.engine, "connect", _wait_no_longer)


def is_busy(broken: DBAPIError) -> bool:
    """Whether the database did nothing, because somebody else was writing all the while."""
    return "database is locked" in str(broken.orig) or getattr(broken.orig, "sqlstate", None) == "55P03"


def check_every_route_is_marked(app: Flask) -> None:
    """Raise when a door carries no mark: the app does not start."""
    bare = sorted(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not isinstance(mark_of(app, rule.endpoint), Mark)
    )
    if bare:
        raise RuntimeError(f"routes without a mark (public, signed_in, at_desk, seated): {', '.join(bare)}")


def mark_of(app: Flask, endpoint: str) -> Mark | None:
    """The mark of an endpoint."""
    return getattr(app.view_functions[endpoint], "mark", None)


def _close(_broken: BaseException | None) -> None:
    """What was opened before the doors, and led to none of them, is closed."""
    if (opened := g.pop("opened", None)) is not None:
        opened.close()


def _marked(mark: Mark) -> Callable[[Door], Door]:
    def decorate(view: Door) -> Door:
        @wraps(view)
        def door(**url: Any) -> Response:
            guard: Guard = current_app.extensions["mediation_guard"]
            return guard.walk(mark, view, url)

        door.mark = mark  # type: ignore[attr-defined]
        return door

    return decorate


def _led_before(session: Session) -> Response | None:
    """Where this very form led when it acted: sent twice it acts once, whatever the case allows by now."""
    attempt = idempotency.Attempt.of(request, current_user.account_id if current_user.is_authenticated else None)
    location = attempt.led_to(session) if attempt else None
    return None if location is None else make_response(redirect(location, 303))


def _asked() -> Iterator[str]:
    for name, value in request.args.items(multi=True):
        yield from (name, value)


def _rest(url: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in url.items() if name != "number"}


def _wait_no_longer(connection: Any, _record: object) -> None:
    connection.execute(f"PRAGMA busy_timeout={PATIENCE_SECONDS * 1000}")


def _may_retry(broken: DBAPIError) -> bool:
    if isinstance(broken, IntegrityError):
        return "idempotency_key" in str(broken.orig)
    return getattr(broken.orig, "sqlstate", None) in RETRIED
