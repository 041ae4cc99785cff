"""The public page on which anybody checks a sealed agreement: by number and code, by its file, or by both."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g
from flask.typing import ResponseReturnValue
from wtforms import FileField, StringField
from wtforms.validators import Length

from mediation.agreements import verification
from mediation.agreements.verification import Likeness, Verified
from mediation.errors import Refused
from mediation.i18n import N_
from mediation.web import guard
from mediation.web.forms import Form, uploads
from mediation.web.limits import limiter
from mediation.web.pages import render

blueprint = Blueprint("verification", __name__)

TRIES = "5/15 minutes"
MOST_MEGABYTES = 20
MOST_BYTES = MOST_MEGABYTES * 1024 * 1024

SENTENCES = {
    "verification:nothing-asked": N_("Write the agreement number and the verification code, or choose the file."),
    "verification:file-too-large": N_("The file has more than %(most)s MB. The sealed agreement is smaller."),
}


class VerificationForm(Form):
    """What stands on the paper, or the file itself."""

    number = StringField(N_("Agreement number"), validators=[Length(max=120)])
    code = StringField(N_("Verification code"), validators=[Length(max=80)])
    file = FileField(N_("The file (PDF)"))


def _count_misses(_response: Response) -> bool:
    """Only a number, a code or a file that nobody has counts toward the limit."""
    return bool(g.get("missed"))


@blueprint.get("/verify")
@guard.public()
def show(who: Any, *, at: datetime) -> ResponseReturnValue:
    """Where a sealed agreement can be checked."""
    return _page(who, VerificationForm(), at=at)


def _page(
    who: Any,
    form: VerificationForm,
    *,
    at: datetime,
    asked: bool = False,
    found: Verified | None = None,
    likeness: Likeness | None = None,
) -> str:
    return render("agreements/verify.html", form=form, asked=asked, found=found, likeness=likeness)


def _read(who: Any, form: VerificationForm, *, at: datetime) -> bytes:
    """The file, which is compared and forgotten."""
    content = b""
    for chosen in uploads(form.file):
        with chosen.stream as stream:
            content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Refused("verification:file-too-large", field="file", most=MOST_MEGABYTES)
    if not content and not ((form.number.data or "").strip() and (form.code.data or "").strip()):
        raise Refused("verification:nothing-asked", field="number")
    return content


@blueprint.post("/verify")
@limiter.limit(TRIES, deduct_when=_count_misses)
@guard.public(form=VerificationForm, again=_page, before=_read)
def check(who: Any, form: VerificationForm, *, at: datetime) -> ResponseReturnValue:
    """What the agreement is, in the same form whether there is one or not."""
    content: bytes = form.proof
    number, code = form.number.data or "", form.code.data or ""
    found = verification.agreement_of(who.session, number=number, code=code, content=content)
    g.missed = found is None
    likeness = verification.likeness_of(content, found) if content else None
    return _page(who, form, at=at, asked=True, found=found, likeness=likeness)
