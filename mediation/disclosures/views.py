"""The pages of the statement of means: the borrower's questions, the mediator's reading, the lender's range."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from mediation import i18n
from mediation.cases.invitation_forms import consent_words
from mediation.cases.models import Purpose
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.disclosures import actions, drafts, means, shown
from mediation.disclosures.answers import Answer
from mediation.disclosures.forms import AnswerForm, ReadersForm, StatementForm, Step, VerificationForm
from mediation.disclosures.models import Section
from mediation.disclosures.questions import (
    MOST_DEBTS,
    SECTION_HINTS,
    SECTION_LABELS,
    WHY,
    Kind,
    Question,
    debt_key,
    next_question,
    profile_of,
    question_at,
    questions_of,
)
from mediation.disclosures.sentences import SENTENCES
from mediation.disclosures.sharing import CHOICES, Readers
from mediation.disclosures.words import DOUBTS, PERIODS, READER_HINTS, READERS
from mediation.errors import NotFound, Refused
from mediation.i18n import N_
from mediation.rules.negotiation import Side
from mediation.web import guard, pages, refusals
from mediation.web.pages import see

__all__ = ["SENTENCES", "blueprint"]

blueprint = Blueprint("disclosures", __name__)

KEPT = 204
PAID_ON_DEBT = N_("How much you pay each time")


@blueprint.get("/cases/<number>/means")
@guard.seated("means:read")
def index(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The borrower's list of sections; the lender's range; for the mediator the statement itself."""
    if seat.side is Side.LENDER:
        shared = means.shared_with(seat)
        return _page("disclosures/shared.html", seat, at, shared=shared, labels=_labels(seat, shared))
    if not seat.may("means:keep"):
        return _statement(seat, at=at)
    draft = drafts.draft_of(seat)
    return _page(
        "disclosures/index.html",
        seat,
        at,
        draft=draft,
        stated=means.statement_seen_by(seat),
        is_withheld=means.is_withheld_from_mediator(seat),
        worked=shown.worked_out(seat, draft, _today(seat, at)),
    )


@blueprint.get("/cases/<number>/means/affordable")
@guard.seated("means:keep")
def affordable(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What the answers so far come to, and how that is computed."""
    draft = drafts.draft_of(seat)
    worked = shown.worked_out(seat, draft, _today(seat, at))
    missing = shown.labels_of_missing(draft.profile, worked.reckoning.missing)
    assumed = [
        (shown.label_of(draft.profile, Section.SPENDING, name), amount) for name, amount in worked.reckoning.assumed
    ]
    return _page("disclosures/affordable.html", seat, at, draft=draft, worked=worked, missing=missing, assumed=assumed)


@blueprint.get("/cases/<number>/means/check")
@guard.seated("means:state")
def check(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """Every answer once more, with who will read it, before it is stated."""
    return _check(seat, StatementForm(formdata=None), at=at)


def _check(seat: Seat, form: StatementForm, *, at: datetime) -> str:
    draft = drafts.draft_of(seat)
    worked = shown.worked_out(seat, draft, _today(seat, at))
    form.seen.data = drafts.fingerprint_of(seat, draft)
    is_asked = drafts.releases_anything(draft) and means.may_still_consent(seat)
    consent = consent_words(seat)[Purpose.SHARE_WITH_LENDER] if is_asked else None
    form.consent.label.text = consent.label if consent else ""
    return _page(
        "disclosures/check.html",
        seat,
        at,
        form=form,
        parts_of_means=shown.parts_of_draft(draft, worked.queries),
        worked=worked,
        consent=consent,
        sentences=[refusals.sentence(no) for no in _refusals(form)],
        has_errors=bool(form.errors or form.refused),
    )


@blueprint.post("/cases/<number>/means/statement")
@guard.seated("means:state", form=StatementForm, again=_check)
def create(seat: Seat, form: StatementForm, *, at: datetime) -> ResponseReturnValue:
    """The statement is given to the mediator."""
    words = consent_words(seat)[Purpose.SHARE_WITH_LENDER].whole if form.consent.data else ""
    actions.state_means(seat, seen=form.seen.data, consent_words=words, at=at)
    return see("disclosures.index", number=seat.case.number)


@blueprint.post("/cases/<number>/means/verifications")
@guard.seated("means:verify", form=VerificationForm)
def verify(seat: Seat, form: VerificationForm, *, at: datetime) -> ResponseReturnValue:
    """A document for this line was seen."""
    actions.verify_line(seat, _section(form.section.data), form.item.data, seen_sha256=form.sha256.data, at=at)
    return see("disclosures.index", number=seat.case.number)


@blueprint.post("/cases/<number>/means/verifications/end")
@guard.seated("means:verify", form=VerificationForm)
def unverify(seat: Seat, form: VerificationForm, *, at: datetime) -> ResponseReturnValue:
    """The mark is taken back."""
    section = _section(form.section.data)
    actions.take_back_verification(seat, section, form.item.data, seen_sha256=form.sha256.data, at=at)
    return see("disclosures.index", number=seat.case.number)


@blueprint.get("/cases/<number>/means/<section>")
@guard.seated("means:keep")
def section(seat: Seat, *, section: str, at: datetime) -> ResponseReturnValue:
    """The answers of one section, and who may read it."""
    return _section_page(seat, None, section=section, at=at)


def _section_page(seat: Seat, form: ReadersForm | None, *, section: str, at: datetime) -> str:
    named, draft = _section(section), drafts.draft_of(seat)
    if form is None:
        form = ReadersForm(formdata=None, readers=draft.section(named).readers.value)
    form.readers.choices = [SelectChoice(each.value, _words("who reads it", READERS[each])) for each in CHOICES[named]]
    worked = shown.worked_out(seat, draft, _today(seat, at))
    number = draft.next_debt()
    return _page(
        "disclosures/section.html",
        seat,
        at,
        form=form,
        section=named,
        draft=draft,
        rows=shown.rows_of_draft(draft, named, worked.queries),
        removed=shown.removed_debts(draft) if named is Section.DEBTS else [],
        next_debt=debt_key(number) if named is Section.DEBTS and number else "",
        has_errors=bool(form.errors),
    )


@blueprint.post("/cases/<number>/means/<section>/readers")
@guard.seated("means:keep", form=ReadersForm, again=_section_page)
def choose(seat: Seat, form: ReadersForm, *, section: str, at: datetime) -> ResponseReturnValue:
    """Who may read this section is chosen."""
    named = _section(section)
    if form.readers.data not in set(Readers):
        raise Refused("means:choose", field="readers")
    actions.choose_readers(seat, named, Readers(form.readers.data), at=at)
    return see("disclosures.index", number=seat.case.number)


@blueprint.get("/cases/<number>/means/<section>/<question>")
@guard.seated("means:keep")
def edit(seat: Seat, *, section: str, question: str, at: datetime) -> ResponseReturnValue:
    """One question, with what was typed so far."""
    asked, form = _question(seat, section, question), AnswerForm(formdata=None)
    form.show(asked.kind, drafts.draft_of(seat).section(asked.section).answers.get(asked.key, Answer()))
    return _question_page(seat, form, asked, at=at)


def _edit_again(seat: Seat, form: AnswerForm, *, section: str, question: str, at: datetime) -> str:
    return _question_page(seat, form, _question(seat, section, question), at=at)


@blueprint.post("/cases/<number>/means/<section>/<question>")
@guard.seated("means:keep", form=AnswerForm, again=_edit_again)
def update(seat: Seat, form: AnswerForm, *, section: str, question: str, at: datetime) -> ResponseReturnValue:
    """The answer is kept, and the next question asked; a script's draft is kept as it is typed."""
    asked = _question(seat, section, question)
    if form.chosen is Step.DRAFT:
        actions.keep_as_typed(seat, asked, form.answer(asked.kind), at=at)
        return Response(status=KEPT)
    actions.keep_answer(seat, asked, form.answer(asked.kind), at=at)
    following = next_question(asked, profile_of(seat.case.calendar))
    if following is None:
        return see("disclosures.section", number=seat.case.number, section=section)
    return see("disclosures.edit", number=seat.case.number, section=section, question=following.key)


def _question_page(seat: Seat, form: AnswerForm, asked: Question, *, at: datetime) -> str:
    if asked.kind is Kind.DEBT:
        form.amount.label.text = i18n.translations(pages.locale()).gettext(PAID_ON_DEBT)
    siblings = [each.key for each in questions_of(asked.section, profile_of(seat.case.calendar))]
    return _page(
        "disclosures/question.html",
        seat,
        at,
        form=form,
        question=asked,
        place=siblings.index(asked.key) + 1 if asked.key in siblings else 0,
        places=len(siblings),
        was_listed=asked.kind is Kind.DEBT and asked.key in drafts.draft_of(seat).section(asked.section).answers,
        has_errors=bool(form.errors or form.form_errors),
    )


def _statement(seat: Seat, *, at: datetime) -> str:
    stated = means.statement_seen_by(seat)
    if stated is None:
        return _page("disclosures/statement.html", seat, at, stated=None)
    verified = means.verified_seen_by(seat, stated)
    return _page(
        "disclosures/statement.html",
        seat,
        at,
        stated=stated,
        parts_of_means=shown.parts_of(stated, verified),
        missing=shown.labels_of_missing(stated.profile, stated.reckoning.missing),
        assumed=[
            (shown.label_of(stated.profile, Section.SPENDING, name), amount)
            for name, amount in stated.reckoning.assumed
        ],
        shares=shown.shares_of(seat, stated),
    )


def _labels(seat: Seat, shared: means.Shared) -> dict[tuple[Section, str], str]:
    profile = profile_of(seat.case.calendar)
    return {
        (section, line.key): shown.label_of(profile, section, line.key)
        for section, each in shared.sections.items()
        for line in each.lines
    }


def _page(template: str, seat: Seat, at: datetime, **values: Any) -> str:
    return render_case(
        template,
        seat,
        current="means",
        at=at,
        sections=tuple(Section),
        section_labels=SECTION_LABELS,
        section_hints=SECTION_HINTS,
        why=WHY,
        period_words=PERIODS,
        reader_words=READERS,
        reader_hints=READER_HINTS,
        doubts=DOUBTS,
        most_debts=MOST_DEBTS,
        **values,
    )


def _refusals(form: StatementForm) -> list[Refused]:
    return form.refused or ([form.first_refusal()] if form.errors else [])


def _section(name: str) -> Section:
    if name not in set(Section):
        raise NotFound
    return Section(name)


def _question(seat: Seat, section: str, key: str) -> Question:
    found = question_at(_section(section), key, profile_of(seat.case.calendar))
    if found is None:
        raise NotFound
    return found


def _today(seat: Seat, at: datetime) -> date:
    return at.astimezone(seat.zone).date()


def _words(context: str, message: str) -> str:
    return i18n.translations(pages.locale()).pgettext(context, message)
