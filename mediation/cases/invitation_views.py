"""The borrower's way in: is this genuine, my code, the question, the invitation, yes or no; and the letter."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, make_response, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import login_user

from mediation.accounts import credentials, sessions
from mediation.cases import answers, identification, invitations, invited, reaching, side_codes, side_joining_views
from mediation.cases.answers import Joining
from mediation.cases.identification import Outcome
from mediation.cases.invitation_forms import (
    PASSWORD,
    CheckForm,
    CodeForm,
    ConsentForm,
    DeclineForm,
    IdentityQuestionForm,
    NotMeForm,
    RenewalForm,
    consent_words,
    digest_of,
)
from mediation.cases.models import CourtStatus, DeclineReason
from mediation.cases.pages import HOUSE_OF_BORROWERS, render_case
from mediation.cases.seats import Seat
from mediation.errors import Refused, Stale
from mediation.i18n import N_
from mediation.rules.lifecycle import Stage
from mediation.web import guard, pages, refusals
from mediation.web.limits import limiter
from mediation.web.pages import render, see

blueprint = Blueprint("invitations", __name__)

TRIES = "5/15 minutes"
OPENED, OPENED_AT = "invitation", "invitation_at"
OPEN_FOR = timedelta(minutes=30)

SENTENCES = {
    "invitation:code-unknown": N_("We do not know this code. Compare it with the notice, or call the institution."),
    "invitation:code-used": N_("This code has been used already. Sign in instead, or call the institution."),
    "invitation:code-ended": N_("This code no longer opens anything. Call the institution if you want a new one."),
    "invitation:code-expired": N_("The time for this code has passed. Call the institution if you want a new one."),
    "invitation:locked": N_("There were five answers that did not fit, so this code is closed. Call the institution."),
    "invitation:wrong-answer": N_("This does not fit what is on file. Tries left: %(left)s."),
    "invitation:lapsed": N_("The time to answer has passed. Call the institution if you still want to take part."),
    "invitation:enough-notices": N_("One invitation and two reminders have gone to this address. Print the letter."),
    "invitation:same-contact": N_("At this address somebody said: this is not me. Use another one, or none."),
    "consent:needed": N_("Without this there is no mediation to take part in. You are free not to take part."),
    "consent:words-changed": N_("The words have changed since you opened the page. Read them again and tick anew."),
    "consent:password-needed": N_("There is no address for one-time codes on file, so choose a password."),
}


def _count_misses(_response: Response) -> bool:
    """Only a number or a code that nobody has counts toward the limit."""
    return bool(g.get("missed"))


# --- is this genuine -----------------------------------------------------------------------------------------


@blueprint.get("/check")
@guard.public()
def check(who: Any, *, at: datetime) -> ResponseReturnValue:
    """Where a notice can be checked."""
    return _check_page(who, CheckForm(), at=at)


def _check_page(who: Any, form: CheckForm, *, at: datetime) -> ResponseReturnValue:
    return render(
        "invitations/check.html",
        form=form,
        asked=False,
        found=None,
        institutions=invited.institutions_here(who.session),
    )


@blueprint.post("/check")
@limiter.limit(TRIES, deduct_when=_count_misses)
@guard.public(form=CheckForm, again=_check_page)
def show_notice(who: Any, form: CheckForm, *, at: datetime) -> ResponseReturnValue:
    """What the notice of this number is, in the same form whether there is one or not."""
    found = invited.check_notice(who.session, form.number.data)
    g.missed = found is None
    form.number.data = ""
    return render(
        "invitations/check.html",
        form=form,
        asked=True,
        found=found,
        institutions=invited.institutions_here(who.session),
    )


# --- the code and the question -------------------------------------------------------------------------------


@blueprint.get("/join")
@guard.public()
def enter_code(who: Any, *, at: datetime) -> ResponseReturnValue:
    """Where the code from the notice is typed; opening the page uses up nothing."""
    return _code_page(who, CodeForm(), at=at)


def _code_page(who: Any, form: CodeForm, *, at: datetime) -> ResponseReturnValue:
    g.missed = bool(form.refused)
    return render("invitations/code.html", form=form)


@blueprint.post("/join")
@limiter.limit(TRIES, deduct_when=_count_misses)
@guard.public(form=CodeForm, again=_code_page)
def open_code(who: Any, form: CodeForm, *, at: datetime) -> ResponseReturnValue:
    """The code fits; it stays as good as it was until the answer. One to a side's further seat opens that way."""
    if (other := side_codes.invitation_by_code(who.session, form.code.data, at=at)) is not None:
        return side_joining_views.remember(other.id, at)
    invitation = identification.invitation_by_code(who.session, form.code.data, at=at)
    cookie[OPENED], cookie[OPENED_AT] = str(invitation.id), at.isoformat()
    return see("invitations.ask_identity")


@blueprint.get("/join/identity")
@guard.public()
def ask_identity(who: Any, *, at: datetime) -> ResponseReturnValue:
    """The identity question, before anything else is shown."""
    if _opened(at) is None:
        return see("invitations.enter_code")
    return _identity_page(who, IdentityQuestionForm(), at=at)


def _identity_page(who: Any, form: IdentityQuestionForm, *, at: datetime) -> ResponseReturnValue:
    invitation_id = _opened(at)
    if invitation_id is None:
        return see("invitations.enter_code")
    try:
        asked = identification.asked_of(who.session, invitation_id, at=at)
    except Refused as no:
        return _closed(no)
    form.answer.data = ""
    return render("invitations/identity.html", form=form, asked=asked, institution=asked.institution)


@blueprint.post("/join/identity")
@limiter.limit("20/15 minutes")
@guard.public(form=IdentityQuestionForm, again=_identity_page)
def answer_identity(who: Any, form: IdentityQuestionForm, *, at: datetime) -> ResponseReturnValue:
    """A right answer opens the invitation and begins a session; a wrong one is counted."""
    invitation_id = _opened(at)
    if invitation_id is None:
        return see("invitations.enter_code")
    answered = identification.answer_identity(
        who.session, invitation_id, form.answer.data, signed_in=who.account_id, locale=pages.locale(), at=at
    )
    if answered.outcome is Outcome.CLOSED:
        return _closed(Refused("invitation:locked"))
    if answered.outcome is Outcome.WRONG:
        form.refuse(Refused("invitation:wrong-answer", field="answer", left=answered.left))
        page = make_response(_identity_page(who, form, at=at))
        page.status_code = 422
        return page
    if answered.outcome is Outcome.SIGN_IN_FIRST:
        return render("invitations/sign_in_first.html")
    _begin(who, answered, at)
    return see("invitations.show", number=answered.number)


@blueprint.get("/join/not-me")
@guard.public()
def ask_not_me(who: Any, *, at: datetime) -> ResponseReturnValue:
    """What saying 'this is not me' does, before it is done."""
    invitation_id = _opened(at)
    if invitation_id is None:
        return see("invitations.enter_code")
    try:
        asked = identification.asked_of(who.session, invitation_id, at=at)
    except Refused as no:
        return _closed(no)
    return render("invitations/not_me.html", asked=asked, institution=asked.institution)


@blueprint.post("/join/not-me")
@guard.public(form=NotMeForm)
def say_not_me(who: Any, form: NotMeForm, *, at: datetime) -> ResponseReturnValue:
    """The code is dead and this contact hears nothing more."""
    invitation_id = _opened(at)
    if invitation_id is None:
        return see("invitations.enter_code")
    identification.say_not_me(who.session, invitation_id, at=at)
    cookie.pop(OPENED, None)
    return see("invitations.thank_not_me")


@blueprint.get("/join/not-me/done")
@guard.public()
def thank_not_me(who: Any, *, at: datetime) -> ResponseReturnValue:
    """Nothing more will come."""
    return render("invitations/not_me_done.html")


def _opened(at: datetime) -> UUID | None:
    """The invitation that this browser has opened with its code, within the last half hour."""
    kept, since = cookie.get(OPENED, ""), cookie.get(OPENED_AT, "")
    if not pages.is_uuid(kept) or not since:
        return None
    return UUID(kept) if at - datetime.fromisoformat(since) < OPEN_FOR else None


def _closed(no: Refused) -> ResponseReturnValue:
    cookie.pop(OPENED, None)
    return render("invitations/closed.html", sentence=refusals.sentence(no)), 409


def _begin(who: Any, answered: identification.Answered, at: datetime) -> None:
    assert answered.account_id is not None
    agent = request.user_agent.string
    token = credentials.sign_in(who.session, answered.account_id, agent=agent, at=at, is_proven=False)
    cookie.clear()
    login_user(sessions.person_of(who.session, token, at))


# --- the invitation and the answer ---------------------------------------------------------------------------


@blueprint.get("/cases/<number>/invitation")
@guard.seated("case:read")
def show(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """Who asks, for what, what rests meanwhile, and three equal choices."""
    if not seat.may("invitation:answer") or invited.has_lapsed(seat, at):
        return see("home.show")
    return render_case("invitations/show.html", seat, current="", at=at, invited=invited.invited_seen_by(seat))


@blueprint.get("/cases/<number>/invitation/questions")
@guard.seated("invitation:answer")
def ask(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """Whom to ask first, without deciding anything."""
    return render_case("invitations/ask.html", seat, current="", at=at)


@blueprint.get("/cases/<number>/consent")
@guard.seated("invitation:answer")
def consent(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """Each purpose on its own."""
    form = ConsentForm(data={"locale": pages.locale(), "sign_in_by": PASSWORD})
    return _consent_page(seat, form, at=at)


def _consent_page(seat: Seat, form: ConsentForm, *, at: datetime) -> ResponseReturnValue:
    words = consent_words(seat)
    form.speak(words)
    form.shown.data = digest_of(words)
    return render_case(
        "invitations/consent.html",
        seat,
        current="",
        at=at,
        form=form,
        words=words,
        account=invited.invited_seen_by(seat).account,
        may_use_codes=invited.may_use_codes(invited.invited_seen_by(seat).account),
    )


def _prove(seat: Seat, form: ConsentForm, *, at: datetime) -> str | None:
    """The words are those that were shown; a new password is good and hashed, before any lock."""
    if form.shown.data != digest_of(consent_words(seat)):
        for purpose in consent_words(seat):
            form[purpose.value].data = False
        raise Stale("consent:words-changed")
    if form.sign_in_by.data != PASSWORD:
        return None
    return credentials.hash_new_password(form.password.data or "", about=(seat.case.borrower_name, seat.case.number))


@blueprint.post("/cases/<number>/consent")
@guard.seated("invitation:answer", form=ConsentForm, again=_consent_page, before=_prove)
def join(seat: Seat, form: ConsentForm, *, at: datetime) -> ResponseReturnValue:
    """The borrower takes part."""
    words = {purpose: each.whole for purpose, each in consent_words(seat).items() if form[purpose.value].data}
    joining = Joining(words, CourtStatus(form.court_status.data), form.locale.data, form.proof)
    answers.join_mediation(seat, joining, at=at)
    return see("invitations.answered", number=seat.case.number)


@blueprint.get("/cases/<number>/declination")
@guard.seated("invitation:answer")
def ask_declination(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What not taking part means."""
    return _declination_page(seat, DeclineForm(), at=at)


def _declination_page(seat: Seat, form: DeclineForm, *, at: datetime) -> ResponseReturnValue:
    return render_case("invitations/decline.html", seat, current="", at=at, form=form)


@blueprint.post("/cases/<number>/declination")
@guard.seated("invitation:answer", form=DeclineForm, again=_declination_page)
def decline(seat: Seat, form: DeclineForm, *, at: datetime) -> ResponseReturnValue:
    """The borrower does not take part."""
    reason = DeclineReason(form.reason.data) if form.reason.data else None
    answers.decline_invitation(seat, reason, at=at)
    return see("invitations.answered", number=seat.case.number)


@blueprint.get("/cases/<number>/answer")
@guard.seated("case:read")
def answered(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What the answer led to, for those who gave it; later, and for others, the case as it stands."""
    if seat.role not in HOUSE_OF_BORROWERS:
        return see("cases.show", number=seat.case.number)
    if seat.stage not in (Stage.JOINED, Stage.DECLINED):
        return see("home.show")
    joined = seat.stage is Stage.JOINED
    return render_case("invitations/answered.html", seat, current="", at=at, joined=joined)


# --- the registrar's letter and renewal ----------------------------------------------------------------------


@blueprint.get("/cases/<number>/letter")
@guard.seated("invitation:renew")
def letter(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The invitation as a letter to print."""
    return render(
        "invitations/letter.html", seat=seat, letter=invited.letter_seen_by(seat), today=invited.today_in(seat, at)
    )


@blueprint.get("/cases/<number>/renewal")
@guard.seated("invitation:renew")
def renewal(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """Where a new invitation goes."""
    form = RenewalForm(data={"phone": seat.case.borrower_phone, "email": seat.case.borrower_email})
    return _renewal_page(seat, form, at=at)


def _renewal_page(seat: Seat, form: RenewalForm, *, at: datetime) -> ResponseReturnValue:
    ways = reaching.ways_seen_by(seat)
    return render_case("invitations/renewal.html", seat, current="invitation", at=at, form=form, ways=ways)


@blueprint.post("/cases/<number>/renewal")
@guard.seated("invitation:renew", form=RenewalForm, again=_renewal_page)
def renew(seat: Seat, form: RenewalForm, *, at: datetime) -> ResponseReturnValue:
    """The borrower is invited anew, and the old code is dead."""
    invitations.renew_invitation(seat, phone=form.phone.data or "", email=form.email.data or "", at=at)
    return see("invitations.letter", number=seat.case.number)
