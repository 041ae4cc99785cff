"""The way to a side for whoever was invited to it: the question, the terms, yes or no."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import login_user

from mediation.accounts import credentials, sessions
from mediation.cases import side_joining
from mediation.cases.identification import Answered, Outcome
from mediation.cases.invitation_forms import Words, consent_words
from mediation.cases.side_forms import (
    SCOPE_WORDS,
    AdviserTermsForm,
    EndForm,
    FurtherConsentForm,
    QuestionForm,
    adviser_words,
    fingerprint_of,
    whole_of,
)
from mediation.cases.side_joining import NOT_ME, Offered
from mediation.errors import NotFound, Refused, Stale
from mediation.i18n import N_
from mediation.rules.access import Role
from mediation.web import guard, pages, refusals
from mediation.web.limits import limiter
from mediation.web.pages import render, see

blueprint = Blueprint("joining", __name__)

OPENED, OPENED_AT = "side_invitation", "side_invitation_at"
OPEN_FOR = timedelta(minutes=30)

SENTENCES = {
    "side:sits-already": N_("You have a place at this mediation already, so you cannot take another one."),
    "side:works-here": N_("Whoever works for the mediation body cannot sit on a side there."),
}


def remember(invitation_id: UUID, at: datetime) -> ResponseReturnValue:
    """This browser has opened that invitation with its code."""
    cookie[OPENED], cookie[OPENED_AT] = str(invitation_id), at.isoformat()
    return see("joining.ask")


@blueprint.get("/join/side")
@guard.public()
def ask(who: Any, *, at: datetime) -> ResponseReturnValue:
    """The question, before anything else is shown."""
    return _question_page(who, QuestionForm(), at=at)


def _question_page(who: Any, form: QuestionForm, *, at: datetime) -> ResponseReturnValue:
    invitation_id = _opened(at)
    if invitation_id is None:
        return see("invitations.enter_code")
    try:
        asked = side_joining.asked_of(who.session, invitation_id, at=at)
    except Refused as no:
        return _closed(no)
    form.answer.data = ""
    return render("joining/question.html", form=form, asked=asked, institution=asked.institution)


@blueprint.post("/join/side")
@limiter.limit("20/15 minutes")
@guard.public(form=QuestionForm, again=_question_page)
def answer(who: Any, form: QuestionForm, *, at: datetime) -> ResponseReturnValue:
    """A right answer opens the terms and begins a session; a wrong one is counted."""
    invitation_id = _opened(at)
    if invitation_id is None:
        return see("invitations.enter_code")
    answered = side_joining.answer_question(
        who.session, invitation_id, form.answer.data, signed_in=who.account_id, locale=pages.locale(), at=at
    )
    if answered.outcome is Outcome.CLOSED:
        return _closed(Refused("invitation:locked"))
    if answered.outcome is Outcome.WRONG:
        form.refuse(Refused("invitation:wrong-answer", field="answer", left=answered.left))
        page = make_response(_question_page(who, form, at=at))
        page.status_code = 422
        return page
    if answered.outcome is Outcome.SIGN_IN_FIRST:
        return render("invitations/sign_in_first.html")
    _begin(who, answered, at)
    return see("joining.show", invitation_id=invitation_id)


@blueprint.get("/join/side/not-me")
@guard.public()
def ask_not_me(who: Any, *, at: datetime) -> ResponseReturnValue:
    """What saying 'this is not me' does, before it is done."""
    if _opened(at) is None:
        return see("invitations.enter_code")
    return render("joining/not_me.html")


@blueprint.post("/join/side/not-me")
@guard.public(form=EndForm)
def say_not_me(who: Any, form: EndForm, *, at: datetime) -> ResponseReturnValue:
    """The code is dead and this contact hears nothing more."""
    invitation_id = _opened(at)
    if invitation_id is None:
        return see("invitations.enter_code")
    side_joining.say_no(who.session, invitation_id, how=NOT_ME, at=at)
    cookie.pop(OPENED, None)
    return see("invitations.thank_not_me")


# --- the terms -------------------------------------------------------------------------------------------------


@blueprint.get("/join/side/<uuid:invitation_id>")
@guard.signed_in()
def show(who: Any, *, invitation_id: UUID, at: datetime) -> ResponseReturnValue:
    """Beside whom, at which case, what may be read, until when; and what one agrees to."""
    offered = _offered(who, invitation_id, at)
    form = AdviserTermsForm() if offered.invitation.role is Role.ADVISER else FurtherConsentForm()
    return _terms_page(offered, form)


def _adviser_again(who: Any, form: AdviserTermsForm, *, invitation_id: UUID, at: datetime) -> ResponseReturnValue:
    return _terms_page(_offered(who, invitation_id, at), form)


def _borrower_again(who: Any, form: FurtherConsentForm, *, invitation_id: UUID, at: datetime) -> ResponseReturnValue:
    return _terms_page(_offered(who, invitation_id, at), form)


def _prove(who: Any, form: AdviserTermsForm | FurtherConsentForm, *, invitation_id: UUID, at: datetime) -> str | None:
    """The words are those that were shown; a new password is good and hashed, before any lock."""
    offered = _offered(who, invitation_id, at)
    words = _words_of(offered)
    if form.shown.data != fingerprint_of(words):
        for name in words:
            form[name].data = False
        raise Stale("consent:words-changed")
    if not form.password.data:
        return None
    return credentials.hash_new_password(form.password.data, about=(offered.account.name,))


@blueprint.post("/join/side/<uuid:invitation_id>/adviser")
@guard.signed_in(form=AdviserTermsForm, again=_adviser_again, before=_prove)
def join_as_adviser(who: Any, form: AdviserTermsForm, *, invitation_id: UUID, at: datetime) -> ResponseReturnValue:
    """The adviser sits beside the side."""
    offered = _offered(who, invitation_id, at)
    words = whole_of(adviser_words(offered.seat)) if form.agrees_to_all() else ""
    number = side_joining.join_as_adviser(
        who.session, who.account_id, invitation_id, words=words, password_hash=form.proof, at=at
    )
    return see("advisers.index", number=number)


@blueprint.post("/join/side/<uuid:invitation_id>/borrower")
@guard.signed_in(form=FurtherConsentForm, again=_borrower_again, before=_prove)
def join_as_borrower(who: Any, form: FurtherConsentForm, *, invitation_id: UUID, at: datetime) -> ResponseReturnValue:
    """A further person is the borrower's side too."""
    offered = _offered(who, invitation_id, at)
    words = {purpose: one.whole for purpose, one in consent_words(offered.seat).items() if form[purpose.value].data}
    number = side_joining.join_as_borrower(
        who.session, who.account_id, invitation_id, words=words, password_hash=form.proof, at=at
    )
    return see("home.case", number=number)


@blueprint.post("/join/side/<uuid:invitation_id>/refusal")
@guard.signed_in(form=EndForm)
def decline(who: Any, form: EndForm, *, invitation_id: UUID, at: datetime) -> ResponseReturnValue:
    """This person does not come."""
    side_joining.decline_terms(who.session, who.account_id, invitation_id, at=at)
    return see("home.show")


def _terms_page(offered: Offered, form: AdviserTermsForm | FurtherConsentForm) -> ResponseReturnValue:
    words = _words_of(offered)
    for name, each in words.items():
        form[name].label.text = each.label
    form.shown.data = fingerprint_of(words)
    is_adviser = offered.invitation.role is Role.ADVISER
    return render(
        "joining/adviser.html" if is_adviser else "joining/borrower.html",
        form=form,
        offered=offered,
        institution=offered.seat.institution,
        words=words,
        scope_words=SCOPE_WORDS,
    )


def _words_of(offered: Offered) -> Mapping[str, Words]:
    if offered.invitation.role is Role.ADVISER:
        return adviser_words(offered.seat)
    return {purpose.value: words for purpose, words in consent_words(offered.seat).items()}


def _offered(who: Any, invitation_id: UUID, at: datetime) -> Offered:
    return side_joining.offered_to(who.session, who.account_id, invitation_id, at=at)


def _opened(at: datetime) -> UUID | None:
    """The invitation that this browser has opened with its code, within the last half hour."""
    kept, since = cookie.get(OPENED, ""), cookie.get(OPENED_AT, "")
    if not pages.is_uuid(kept) or not since:
        return None
    return UUID(kept) if at - datetime.fromisoformat(since) < OPEN_FOR else None


def _closed(no: Refused) -> ResponseReturnValue:
    cookie.pop(OPENED, None)
    return render("invitations/closed.html", sentence=refusals.sentence(no)), 409


def _begin(who: Any, answered: Answered, at: datetime) -> None:
    if answered.account_id is None:
        raise NotFound
    if who.account_id == answered.account_id:
        cookie.pop(OPENED, None)
        return
    agent = request.user_agent.string
    token = credentials.sign_in(who.session, answered.account_id, agent=agent, at=at, is_proven=False)
    cookie.clear()
    login_user(sessions.person_of(who.session, token, at))
