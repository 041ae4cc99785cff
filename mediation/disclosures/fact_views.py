"""What is told in confidence: the list, a new one, proof seen, and the two ways by which its owner opens it."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from mediation.cases import handovers
from mediation.cases.pages import render_case
from mediation.cases.seats import Seat
from mediation.disclosures import fact_selections as selections
from mediation.disclosures import facts
from mediation.disclosures.fact_forms import FactForm, SeenForm, SeenWordsForm, WordsForm
from mediation.errors import Refused
from mediation.i18n import N_
from mediation.rules.releases import Level
from mediation.web import guard
from mediation.web.pages import is_uuid, see

blueprint = Blueprint("facts", __name__)

SENTENCES: dict[str, str] = {
    "fact:title-missing": N_("Say it in a few words."),
    "fact:title-too-long": N_("A title has at most %(most)s characters."),
    "fact:text-missing": N_("Write what the mediator should know."),
    "fact:text-too-long": N_("There is room for %(most)s characters; this text has %(length)s."),
    "fact:hides": N_("The text holds characters that nobody can see. Type it again, or paste plain text."),
    "fact:no-mediator": N_(
        "There is no mediator just now who could read it in private. Wait until a new one is appointed."
    ),
    "fact:document-unknown": N_("Choose one of the documents that are offered."),
    "fact:already-proven": N_("It is noted already that proof of this was seen."),
    "fact:not-proven": N_("The mediator has not seen proof of this yet, so nothing can be said about it."),
    "fact:already-released": N_("The other side sees this already; it cannot be opened twice."),
    "fact:changed": N_("What would be shown has changed since this page was opened. Read it again, then confirm."),
    "release:consent-taken-back": N_(
        "You took back that anything is passed on to the lender, so nothing more is opened in this case."
    ),
}


@blueprint.get("/cases/<number>/facts")
@guard.seated("fact:read")
def index(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """What this seat told or was told in confidence, and what a side let the other see."""
    return render_case(
        "facts/index.html",
        seat,
        current="facts",
        at=at,
        facts=selections.facts_seen_by(seat),
        releases=selections.releases_seen_by(seat),
        is_withheld=handovers.is_withheld(seat),
    )


def _new_again(seat: Seat, form: FactForm, *, at: datetime) -> ResponseReturnValue:
    form.offer(selections.papers_to_go_with(seat))
    return render_case("facts/new.html", seat, current="facts", at=at, form=form)


@blueprint.get("/cases/<number>/facts/new")
@guard.seated("fact:tell")
def new(seat: Seat, *, at: datetime) -> ResponseReturnValue:
    """The form of something told in confidence."""
    return _new_again(seat, FactForm(), at=at)


@blueprint.post("/cases/<number>/facts")
@guard.seated("fact:tell", form=FactForm, again=_new_again)
def create(seat: Seat, form: FactForm, *, at: datetime) -> ResponseReturnValue:
    """Tell it to the mediator alone."""
    chosen = form.document.data or ""
    if chosen and not is_uuid(chosen):
        raise Refused("fact:document-unknown", field="document")
    fact = facts.tell_fact(
        seat, title=form.title.data or "", text=form.text.data or "", document_id=form.document_id, at=at
    )
    return see("facts.show", number=seat.case.number, fact_id=fact.id)


def _show_again(seat: Seat, form: SeenForm, *, at: datetime, fact_id: UUID) -> ResponseReturnValue:
    fact = selections.fact_seen_by(seat, fact_id)
    return render_case("facts/show.html", seat, current="facts", at=at, form=form, fact=fact)


@blueprint.get("/cases/<number>/facts/<uuid:fact_id>")
@guard.seated("fact:read")
def show(seat: Seat, *, at: datetime, fact_id: UUID) -> ResponseReturnValue:
    """One of them, with how far it is open."""
    return _show_again(seat, SeenForm(), at=at, fact_id=fact_id)


@blueprint.post("/cases/<number>/facts/<uuid:fact_id>/proof")
@guard.seated("fact:verify", form=SeenForm, again=_show_again)
def prove(seat: Seat, form: SeenForm, *, at: datetime, fact_id: UUID) -> ResponseReturnValue:
    """Note that proof of exactly this was seen."""
    facts.note_proof(seat, fact_id, seen_sha256=form.sha256.data, at=at)
    return see("facts.show", number=seat.case.number, fact_id=fact_id)


def _sharing_again(seat: Seat, form: SeenForm, *, at: datetime, fact_id: UUID) -> ResponseReturnValue:
    fact = facts.own_fact(seat, fact_id)
    shown = selections.shared_shown(fact)
    return render_case("facts/sharing.html", seat, current="facts", at=at, form=form, fact=fact, shown=shown)


@blueprint.get("/cases/<number>/facts/<uuid:fact_id>/sharing")
@guard.seated("fact:release")
def ask_sharing(seat: Seat, *, at: datetime, fact_id: UUID) -> ResponseReturnValue:
    """Exactly what the other side would read, before anything is done."""
    facts.check_open(seat, facts.own_fact(seat, fact_id), Level.SHARED)
    return _sharing_again(seat, SeenForm(), at=at, fact_id=fact_id)


@blueprint.post("/cases/<number>/facts/<uuid:fact_id>/sharing")
@guard.seated("fact:release", form=SeenForm, again=_sharing_again)
def share(seat: Seat, form: SeenForm, *, at: datetime, fact_id: UUID) -> ResponseReturnValue:
    """Let the other side read it, as it was shown."""
    facts.share_fact(seat, fact_id, seen_sha256=form.sha256.data, at=at)
    return see("facts.show", number=seat.case.number, fact_id=fact_id)


def _words_again(seat: Seat, form: WordsForm, *, at: datetime, fact_id: UUID) -> ResponseReturnValue:
    fact = facts.own_fact(seat, fact_id)
    return render_case("facts/words.html", seat, current="facts", at=at, form=form, fact=fact)


@blueprint.get("/cases/<number>/facts/<uuid:fact_id>/verification")
@guard.seated("fact:release")
def ask_verification(seat: Seat, *, at: datetime, fact_id: UUID) -> ResponseReturnValue:
    """The owner finds the words for what the other side hears."""
    facts.check_open(seat, facts.own_fact(seat, fact_id), Level.VERIFIED)
    return _words_again(seat, WordsForm(), at=at, fact_id=fact_id)


@blueprint.post("/cases/<number>/facts/<uuid:fact_id>/verification/words")
@guard.seated("fact:release", form=WordsForm, again=_words_again)
def check_verification(seat: Seat, form: WordsForm, *, at: datetime, fact_id: UUID) -> ResponseReturnValue:
    """The words as the other side would see them; nothing is done yet."""
    facts.check_open(seat, facts.own_fact(seat, fact_id), Level.VERIFIED)
    words = facts.plain_title(form.title.data or "")
    return _verification_page(seat, form, words, at=at, fact_id=fact_id)


def _verification_again(seat: Seat, form: SeenWordsForm, *, at: datetime, fact_id: UUID) -> ResponseReturnValue:
    words = " ".join((form.title.data or "").split())
    return _verification_page(seat, form, words, at=at, fact_id=fact_id)


@blueprint.post("/cases/<number>/facts/<uuid:fact_id>/verification")
@guard.seated("fact:release", form=SeenWordsForm, again=_verification_again)
def verify(seat: Seat, form: SeenWordsForm, *, at: datetime, fact_id: UUID) -> ResponseReturnValue:
    """Let the other side know these words, and that the mediator saw proof."""
    facts.release_verified(seat, fact_id, words=form.title.data or "", seen_sha256=form.sha256.data, at=at)
    return see("facts.show", number=seat.case.number, fact_id=fact_id)


def _verification_page(seat: Seat, form: WordsForm, words: str, *, at: datetime, fact_id: UUID) -> str:
    fact = facts.own_fact(seat, fact_id)
    shown = selections.verified_shown(seat, fact, words)
    return render_case("facts/verification.html", seat, current="facts", at=at, form=form, fact=fact, shown=shown)
