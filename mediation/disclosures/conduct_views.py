"""Reports of collection against the standstill: to make one, to read one, and the registrar's list and answer."""

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request, send_file
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import DateField, FileField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from mediation import files, i18n
from mediation.accounts.desks import Desk
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.cases.selections import undertaking_seen_by
from mediation.disclosures import conduct, uploads
from mediation.disclosures.conduct import ANSWER_MOST, BY_WHOM_MOST, PAGE, WHAT_MOST, Proof, Told
from mediation.disclosures.conduct_models import Way
from mediation.disclosures.document_forms import TYPES
from mediation.disclosures.document_views import ACCEPTED, PER_HOUR
from mediation.i18n import N_, NP_
from mediation.web import forms, guard, pages
from mediation.web.limits import address, limiter
from mediation.web.pages import is_uuid, render, see

blueprint = Blueprint("conduct", __name__)

SENTENCES: dict[str, str] = {
    "conduct:words-missing": N_("Say it in a few words."),
    "conduct:words-too-long": N_("There is room for %(most)s characters; this text has %(length)s."),
    "conduct:day-out-of-range": N_(
        "Write a day from %(earliest)s, when the lender gave its undertaking, up to today, %(today)s."
    ),
    "conduct:too-many-open": N_(
        "%(most)s reports wait for the registrar already. Call the mediation body if it is urgent."
    ),
    "conduct:forwarded-already": N_("This report was laid before the lender already."),
    "conduct:answered-already": N_("This report was answered already."),
}
WAYS: Mapping[Way, str] = {
    Way.CALL: NP_("how payment was asked for", "By a call"),
    Way.MESSAGE: NP_("how payment was asked for", "By a message or a letter"),
    Way.VISIT: NP_("how payment was asked for", "By coming to my home or work"),
    Way.OTHER_PEOPLE: NP_("how payment was asked for", "By speaking to my family, friends or colleagues"),
    Way.OTHER: NP_("how payment was asked for", "In another way"),
}


class ReportForm(forms.Form):
    """How, when, by whom and what; a picture or a PDF may show it."""

    way = RadioField(
        N_("How were you asked for payment?"), choices=[(way.value, way.value) for way in Way],
        validators=[InputRequired(N_("Choose how it happened."))],
    )  # fmt: skip
    happened_on = DateField(N_("On which day"), validators=[InputRequired(N_("Write the day."))])
    by_whom = StringField(N_("By whom, as far as you know"), validators=[Length(max=BY_WHOM_MOST)])
    what = TextAreaField(N_("What happened"), validators=[Length(max=WHAT_MOST)])
    file = FileField(N_("What shows it"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for choice in self.way.choices:
            choice.label = way_words(Way(choice.value))

    def told(self) -> Told:
        """What the borrower tells."""
        return Told(
            way=Way(self.way.data),
            happened_on=self.happened_on.data,
            what=self.what.data or "",
            by_whom=self.by_whom.data or "",
        )

    def refuse(self, no: Any) -> None:
        """What is wrong with a stored file is wrong with this one."""
        if no.key == "file:too-large":
            no.field = "file"
        super().refuse(no)


class AnswerForm(forms.Form):
    """What the registrar found and did."""

    text = TextAreaField(N_("Your answer to the borrower"), validators=[Length(max=ANSWER_MOST)])


class ForwardForm(forms.Form):
    """A deed that needs no more than the press of its button."""


def way_words(way: Way) -> str:
    """How payment was asked for, in the language of the page."""
    return i18n.translations(pages.locale()).pgettext("how payment was asked for", WAYS[way])


def _whose() -> str:
    """Uploads are counted for the account that sends them, wherever it is."""
    return f"account {current_user.account_id}" if current_user.is_authenticated else address()


def _lay_down(seat: Seat, form: ReportForm, *, at: datetime) -> Proof | None:
    """A proof is read, made anew and stored before the case is locked; none is asked."""
    sent = forms.uploads(form.file)
    if not sent:
        return None
    upload = uploads.read_upload(sent[0].stream.read(uploads.LARGEST_UPLOAD + 2**21), str(sent[0].filename))
    kept = files.lay_down(
        seat.session, upload.content, institution_id=seat.institution_id, limit=uploads.LARGEST_UPLOAD
    )
    return Proof(kept=kept, media_type=upload.media_type)


@blueprint.get("/cases/<number>/conduct")
@guard.seated("conduct:read")
def index(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """Every report of this case that the reader may know of."""
    return render_case(
        "conduct/index.html",
        seat,
        current="overview",
        at=at,
        reports=conduct.reports_seen_by(seat),
        way_words=way_words,
    )


@blueprint.get("/cases/<number>/conduct/new")
@guard.seated("conduct:report")
def new(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What is to rest, and a report that it did not."""
    return _new(seat, ReportForm(formdata=None), at=at)


def _new(seat: Seat, form: ReportForm, *, at: datetime) -> ResponseReturnValue:
    return render_case(
        "conduct/new.html",
        seat,
        current="overview",
        at=at,
        form=form,
        undertaking=undertaking_seen_by(seat),
        accept=ACCEPTED,
        most=uploads.LARGEST_UPLOAD >> 20,
    )


@blueprint.post("/cases/<number>/conduct")
@limiter.shared_limit(PER_HOUR, scope="uploads", key_func=_whose)
@guard.seated("conduct:report", form=ReportForm, again=_new, before=_lay_down)
def create(seat: Seat, form: ReportForm, *, at: datetime) -> ResponseReturnValue:
    """The registrar has the report."""
    conduct.report_conduct(seat, form.told(), proof=form.proof, at=at)
    _say(N_("The registrar has your report and answers you here. The lender does not know of it."))
    return see("conduct.index", number=seat.case.number)


@blueprint.get("/cases/<number>/conduct/<uuid:report_id>")
@guard.seated("conduct:read")
def show(seat: Seat, *, report_id: UUID, at: datetime) -> ResponseReturnValue:
    """One report; to the registrar with what can be done about it."""
    return _show(seat, None, report_id=report_id, at=at)


def _show(seat: Seat, form: forms.Form | None, *, report_id: UUID, at: datetime) -> ResponseReturnValue:
    return render_case(
        "conduct/show.html",
        seat,
        current="overview",
        at=at,
        report=conduct.report_seen_by(seat, report_id),
        form=form if isinstance(form, AnswerForm) else AnswerForm(formdata=None),
        refused=form,
        way_words=way_words,
    )


@blueprint.post("/cases/<number>/conduct/<uuid:report_id>/forwarding")
@guard.seated("conduct:answer", form=ForwardForm, again=_show)
def forward(seat: Seat, form: ForwardForm, *, report_id: UUID, at: datetime) -> ResponseReturnValue:
    """The lender reads the report."""
    conduct.forward_report(seat, report_id, at=at)
    return see("conduct.show", number=seat.case.number, report_id=report_id)


@blueprint.post("/cases/<number>/conduct/<uuid:report_id>/answer")
@guard.seated("conduct:answer", form=AnswerForm, again=_show)
def answer(seat: Seat, form: AnswerForm, *, report_id: UUID, at: datetime) -> ResponseReturnValue:
    """The borrower reads the answer."""
    conduct.answer_report(seat, report_id, form.text.data or "", at=at)
    return see("conduct.list_all")


@blueprint.get("/cases/<number>/conduct/<uuid:report_id>/proof")
@guard.seated("conduct:read")
def proof(seat: Seat, *, report_id: UUID, at: datetime) -> ResponseReturnValue:
    """What shows it, always as a download and under a name of our own making."""
    content, media_type = conduct.proof_seen_by(seat, report_id)
    response = send_file(
        io.BytesIO(content),
        mimetype=media_type,
        as_attachment=True,
        download_name=f"{seat.case.number}-report.{TYPES[media_type]}",
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/conduct")
@guard.at_desk("conduct:list")
def list_all(desk: Desk, *, at: datetime) -> ResponseReturnValue:
    """The reports that wait for the registrar, the longest first, and those answered last."""
    asked = request.args.get("after", "")
    after = UUID(asked) if is_uuid(asked) else None
    waiting = conduct.reports_at(desk, is_waiting=True, after=after)
    return render(
        "conduct/list.html",
        waiting=waiting,
        answered=[] if after else conduct.reports_at(desk, is_waiting=False),
        next_after=waiting[-1].id if len(waiting) == PAGE else None,
        way_words=way_words,
    )


def _say(sentence: str) -> None:
    flash(i18n.translations(pages.locale()).gettext(sentence), "done")
