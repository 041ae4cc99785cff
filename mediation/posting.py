"""Words a notice in its reader's language and posts it: by SMTP, or into a folder where none is configured."""

import os
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateNotFound
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mediation import i18n, notices, outbox
from mediation.accounts import selections
from mediation.accounts.models import Account, Institution
from mediation.notices import Delivery, DeliveryState, Notice
from mediation.outbox import Duty, Later

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "email"
URGENT = frozenset({"sign-in:code"})
QUIET_FROM, QUIET_UNTIL, SENT_AGAIN = time(22, 0), time(8, 0), time(8, 5)
PATIENCE = 20.0
NEVER = 500  # an answer of the post from here on is for good (RFC 5321, 4.2.1)


class Unpostable(Exception):
    """The post can never carry this to that address."""


@dataclass(frozen=True)
class Letter:
    """A notice in words."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Envelope:
    """A worded notice on its way, with what the post must know."""

    notice_id: UUID
    address: str
    sender_name: str
    made_at: datetime
    letter: Letter


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt; a failure that may pass is tried again."""

    state: DeliveryState
    detail: str = ""
    is_final: bool = True


def letter_of(session: Session, notice: Notice, *, locale: str, public_url: str) -> Letter:
    """The notice in this language: the first line of its template is the subject, the frame is the institution's."""
    name = notice.kind.replace(":", "-")
    facts = _facts(session, notice, locale, public_url)
    subject, _, body = _template(f"{name}.txt", locale).render(facts).strip().partition("\n")
    framed = {**facts, "subject": subject.strip(), "body": body.strip(), "body_html": _body_html(name, locale, facts)}
    text = _template("_frame.txt", locale).render(framed).strip() + "\n"
    return Letter(subject.strip(), text, _template("_frame.html", locale).render(framed))


def subject_of(session: Session, notice: Notice, locale: str) -> str:
    """What the notice is about, in one line, for a list in the product itself."""
    return letter_of(session, notice, locale=locale, public_url="").subject


def _facts(session: Session, notice: Notice, locale: str, public_url: str) -> dict[str, Any]:
    institution = session.get_one(Institution, notice.institution_id)
    account = session.get(Account, notice.account_id) if notice.account_id else None
    return {
        "name": account.name if account else "",
        **notices.open_facts(session, notice),
        "institution": institution,
        "institution_name": institution.name_en if locale == "en" else institution.name,
        "public_url": public_url,
        "link": lambda path, *parts: public_url + path.format(*parts),
        "locale": locale,
        "date": lambda on: i18n.day(date.fromisoformat(on), locale),
        "until_end": lambda on: i18n.until(date.fromisoformat(on), locale),
        "moment": lambda at: i18n.moment(datetime.fromisoformat(at), institution.zone, locale),
    }


def _body_html(name: str, locale: str, facts: Mapping[str, Any]) -> str:
    """The body where a template of its own says it in HTML; empty where the text is enough."""
    try:
        return _template(f"{name}.html", locale).render(facts)
    except TemplateNotFound:
        return ""


def _read(session: Session, payload: dict[str, str], *, at: datetime) -> Envelope | Later | None:
    notice = session.get_one(Notice, UUID(payload["notice"]))
    if _is_sent(session, notice.id):
        return None
    settings = session.info["settings"]
    institution = session.get_one(Institution, notice.institution_id)
    if not settings.is_demo and (morning := _morning(session, notice, institution.zone, at)):
        return Later("held for the quiet hours", morning)
    locale = _locale(session, notice)
    letter = letter_of(session, notice, locale=locale, public_url=settings.public_url)
    sender = institution.name_en if locale == "en" else institution.name
    return Envelope(notice.id, notice.address, sender, notice.made_at, letter)


def _work(envelope: Envelope, info: dict[str, Any], *, at: datetime) -> Outcome:
    settings = info["settings"]
    try:
        message = message_of(envelope, sender=settings.mail_from, host=settings.host)
        if settings.smtp_url:
            _post(message, settings.smtp_url)
        else:
            _lay_down(message, envelope, settings.mail_folder)
    except Unpostable as never:
        return Outcome(DeliveryState.FAILED, str(never))
    except (OSError, smtplib.SMTPException) as broken:
        return Outcome(DeliveryState.FAILED, _reason(broken), is_final=_is_nobody(broken))
    return Outcome(DeliveryState.SENT)


def _keep(session: Session, payload: dict[str, str], outcome: Outcome, *, at: datetime) -> Later | None:
    notice_id = UUID(payload["notice"])
    attempts = session.scalar(select(func.count()).where(Delivery.notice_id == notice_id)) or 0
    session.add(
        Delivery(
            notice_id=notice_id, attempt=attempts + 1, state=outcome.state, detail=outcome.detail[:300], tried_at=at
        )
    )
    if outcome.is_final and outcome.state is DeliveryState.FAILED:
        outbox.enqueue(session, "notice:failed", {"notice": str(notice_id)}, at=at, dedup=f"notice-failed:{notice_id}")
    return None if outcome.is_final else Later(outcome.detail)


DUTIES: Mapping[str, Duty] = {"notice:send": Duty(read=_read, work=_work, keep=_keep)}


def _is_sent(session: Session, notice_id: UUID) -> bool:
    sent = select(Delivery.id).where(Delivery.notice_id == notice_id, Delivery.state == DeliveryState.SENT)
    return session.scalar(sent) is not None


def _morning(session: Session, notice: Notice, zone: str, at: datetime) -> datetime | None:
    """Until when this waits: a party is not woken between ten and eight, unless they asked for it this minute."""
    if notice.kind in URGENT or (notice.account_id and selections.is_staff(session, notice.account_id)):
        return None
    local = at.astimezone(ZoneInfo(zone))
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    on = local.date() + timedelta(days=1 if local.time() >= QUIET_FROM else 0)
    return datetime.combine(on, SENT_AGAIN, ZoneInfo(zone)).astimezone(at.tzinfo)


def _locale(session: Session, notice: Notice) -> str:
    account = session.get(Account, notice.account_id) if notice.account_id else None
    return i18n.known(notice.locale) or i18n.known(account.locale if account else "") or i18n.HOME


# --- the message --------------------------------------------------------------------------------------------


def message_of(envelope: Envelope, *, sender: str, host: str) -> EmailMessage:
    """The message as the post carries it; its id is the notice's, so that a repetition is recognised."""
    message = EmailMessage(policy=SMTP)
    try:
        message["Subject"] = envelope.letter.subject
        message["From"] = Address(envelope.sender_name, addr_spec=sender)
        message["To"] = Address(addr_spec=envelope.address)
        message["Message-ID"] = f"<{envelope.notice_id}@{host.partition(':')[0] or 'localhost'}>"
        message["Date"] = envelope.made_at
        message["Auto-Submitted"] = "auto-generated"
    except (ValueError, IndexError) as error:
        # A line break in a header would let a name or an address write headers of its own.
        raise Unpostable("the address or the subject cannot stand in a header") from error
    message.set_content(envelope.letter.text)
    message.add_alternative(envelope.letter.html, subtype="html")
    return message


def _lay_down(message: EmailMessage, envelope: Envelope, folder: Path) -> None:
    """Write the letter where a person can read it; the same notice again is the same file."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{envelope.made_at:%Y%m%dT%H%M%S}-{envelope.notice_id}"
    for suffix, content in ((".html", envelope.letter.html.encode()), (".eml", message.as_bytes())):
        fresh = folder / f".{name}{suffix}.{os.getpid()}"
        fresh.write_bytes(content)
        fresh.replace(folder / f"{name}{suffix}")


def _post(message: EmailMessage, url: str) -> None:
    with _connected(urlsplit(url)) as post:
        post.send_message(message)


@contextmanager
def _connected(server: SplitResult) -> Iterator[smtplib.SMTP]:
    """A connection as the address says: smtps:// from the first byte, smtp+starttls:// after a greeting, smtp://."""
    host, secure = server.hostname or "localhost", ssl.create_default_context()
    if server.scheme == "smtps":
        post: smtplib.SMTP = smtplib.SMTP_SSL(host, server.port or 465, timeout=PATIENCE, context=secure)
    else:
        post = smtplib.SMTP(host, server.port or (587 if server.scheme == "smtp+starttls" else 25), timeout=PATIENCE)
    with post:
        if server.scheme == "smtp+starttls":
            post.starttls(context=secure)
        if server.username:
            post.login(unquote(server.username), unquote(server.password or ""))
        yield post


def _is_nobody(broken: Exception) -> bool:
    """Whether the server says that it will never take post for this address; then asking it again is no use."""
    if not isinstance(broken, smtplib.SMTPRecipientsRefused):
        return False
    return all(code >= NEVER for code, _ in broken.recipients.values())


def _reason(broken: Exception) -> str:
    """Why the post refused, without the address that it refused."""
    if isinstance(broken, smtplib.SMTPRecipientsRefused):
        return " ".join(f"{code}" for code, _ in broken.recipients.values()) or "refused"
    code = getattr(broken, "smtp_code", "")
    return f"{type(broken).__name__} {code}".strip()


# --- the templates ------------------------------------------------------------------------------------------


def _template(name: str, locale: str) -> Template:
    return _environment(locale).get_template(name)


@lru_cache(maxsize=len(i18n.LOCALES))
def _environment(locale: str) -> Environment:
    jinja = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    spoken = i18n.translations(locale)
    jinja.globals["date"] = lambda on: i18n.day(date.fromisoformat(on), locale)
    jinja.install_gettext_callables(  # type: ignore[attr-defined]
        spoken.gettext, spoken.ngettext, newstyle=True, pgettext=spoken.pgettext, npgettext=spoken.npgettext
    )
    return jinja
