"""The mail folder of a demonstration: what would have gone by post, to be read in the browser."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from mediation.errors import NotFound
from mediation.web import guard
from mediation.web.pages import is_uuid, render

MOST_SHOWN = 200

blueprint = Blueprint("demo_mail", __name__)

SENTENCES: dict[str, str] = {}


@dataclass(frozen=True)
class Mail:
    """One letter in the folder."""

    id: str
    to: str
    subject: str
    text: str
    sent_at: datetime


@blueprint.get("/demo/mail")
@guard.public()
def index(who: Any, *, at: datetime) -> ResponseReturnValue:
    """The newest letters of the demonstration."""
    newest = sorted(_folder().glob("*.eml"), reverse=True)[:MOST_SHOWN]
    return render("accounts/mail.html", mails=[_read(path) for path in newest])


@blueprint.get("/demo/mail/<mail_id>")
@guard.public()
def show(who: Any, *, at: datetime, mail_id: str) -> ResponseReturnValue:
    """One letter."""
    found = sorted(_folder().glob(f"*-{mail_id}.eml")) if is_uuid(mail_id) else []
    if not found:
        raise NotFound
    return render("accounts/mail_one.html", mail=_read(found[0]))


def _folder() -> Path:
    folder: Path = current_app.extensions["mediation_settings"].mail_folder
    return folder


def _read(path: Path) -> Mail:
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    return Mail(
        id=path.stem.partition("-")[2],
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=body.get_content() if body else "",
        sent_at=message["Date"].datetime,
    )
