"""The mail folder of a demonstration: what would have gone by post, to be read in the browser."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue

from mediation.errors import NotFound
from mediation.web import guard
from mediation.web.pages import is_uuid, render

PAGE = 50
MOST_FIGURES = 6

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
    """The letters of the demonstration, the newest first, a page at a time."""
    asked = request.args.get("page", "")
    page = int(asked) if asked.isdecimal() and len(asked) < MOST_FIGURES else 0
    letters = sorted(_folder().glob("*.eml"), reverse=True)
    shown = letters[page * PAGE : (page + 1) * PAGE]
    return render(
        "accounts/mail.html",
        mails=[_read(path) for path in shown],
        previous_url=url_for("demo_mail.index", page=page - 1) if page else "",
        next_url=url_for("demo_mail.index", page=page + 1) if len(letters) > (page + 1) * PAGE else "",
    )


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
