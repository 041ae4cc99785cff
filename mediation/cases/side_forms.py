"""The forms by which people come to a side: inviting an adviser or a further borrower, joining, advising."""

import hashlib
from collections.abc import Mapping

from wtforms import BooleanField, DateField, HiddenField, PasswordField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from mediation import i18n
from mediation.cases.invitation_forms import Words
from mediation.cases.seats import Seat
from mediation.i18n import N_
from mediation.rules.access import Scope
from mediation.web import pages
from mediation.web.forms import Form

# Field of the form -> what it gives to the adviser.
GIVEN: Mapping[str, Scope] = {
    "reads_file": Scope.FILE,
    "reads_caucus": Scope.CAUCUS,
    "writes_caucus": Scope.WRITING,
    "reads_means": Scope.MEANS,
}
SCOPE_WORDS: Mapping[Scope, str] = {
    Scope.FILE: N_("What both sides see: the claim, plans, the account, documents, the joint room, the agreement"),
    Scope.CAUCUS: N_("What this side and the mediator tell each other in private, also what was said before"),
    Scope.WRITING: N_("Write to the mediator in private for this side, marked as adviser"),
    Scope.MEANS: N_("The statement of income and spending, as given to the mediator"),
}
# What an adviser agrees to, all of it: field, the sentence, what it means.
TERMS: Mapping[str, tuple[str, str]] = {
    "keeps_quiet": (
        N_("What I read and hear here I use only to advise this side, and tell nobody else."),
        N_("What is said in mediation is not used as evidence elsewhere."),
    ),
    "is_free": (
        N_("I act for nobody else in this matter: not for the other side, nor for %(institution)s."),
        N_("I take nothing from them for it."),
    ),
    "may_be_named": (
        N_("%(institution)s may use my name and contact for this mediation."),
        N_("Both sides and the mediator see my name, and beside whom I sit."),
    ),
}


class AdviserForm(Form):
    """Whom we want beside us, what that person may read, and until when."""

    name = StringField(N_("Name"), validators=[InputRequired(), Length(max=120)])
    phone = StringField(N_("Telephone"), validators=[Optional(), Length(max=40)])
    email = StringField(N_("E-mail"), validators=[Optional(), Length(max=200)])
    reads_file = BooleanField(SCOPE_WORDS[Scope.FILE])
    reads_caucus = BooleanField(SCOPE_WORDS[Scope.CAUCUS])
    writes_caucus = BooleanField(SCOPE_WORDS[Scope.WRITING])
    reads_means = BooleanField(SCOPE_WORDS[Scope.MEANS])
    ends_on = DateField(N_("Last day"), validators=[InputRequired()])

    def scope(self) -> frozenset[Scope]:
        """What is ticked."""
        return frozenset(scope for name, scope in GIVEN.items() if self[name].data)


class EndForm(Form):
    """A press of the button says it all."""


class AdviceForm(Form):
    """What the adviser advises."""

    text = TextAreaField(N_("Your advice"))


class FurtherBorrowerForm(Form):
    """Who else is on the borrower's side, and how that person is reached."""

    name = StringField(N_("Name as on the identity card"), validators=[InputRequired(), Length(max=120)])
    id_tail = StringField(N_("Last 4 characters of the identity number"), validators=[InputRequired(), Length(max=10)])
    phone = StringField(N_("Telephone"), validators=[Optional(), Length(max=40)])
    email = StringField(N_("E-mail"), validators=[Optional(), Length(max=200)])


class QuestionForm(Form):
    """The answer that shows whose code it is."""

    answer = StringField(N_("Your answer"), validators=[InputRequired(), Length(max=120)])


class AdviserTermsForm(Form):
    """Yes to each of the terms, and the way back in."""

    shown = HiddenField()
    keeps_quiet = BooleanField("")
    is_free = BooleanField("")
    may_be_named = BooleanField("")
    password = PasswordField(N_("Password"), validators=[Optional(), Length(max=200)])

    def agrees_to_all(self) -> bool:
        """Whether every one is ticked."""
        return all(self[name].data for name in TERMS)


class FurtherConsentForm(Form):
    """Yes, purpose by purpose, and the way back in."""

    shown = HiddenField()
    mediation = BooleanField("")
    personal_data = BooleanField("")
    share_with_lender = BooleanField("")
    electronic_service = BooleanField("")
    password = PasswordField(N_("Password"), validators=[Optional(), Length(max=200)])


def adviser_words(seat: Seat) -> dict[str, Words]:
    """The words of the terms in this case, in the language of the page."""
    catalogue = i18n.translations(pages.locale())
    named = {"institution": seat.institution.name_en if pages.locale() == "en" else seat.institution.name}
    return {
        name: Words(catalogue.gettext(label) % named, catalogue.gettext(meaning))
        for name, (label, meaning) in TERMS.items()
    }


def whole_of(words: Mapping[str, Words]) -> str:
    """All the terms as one text: what is kept under its hash."""
    return "\n\n".join(each.whole for each in words.values())


def fingerprint_of(words: Mapping[str, Words]) -> str:
    """One hash over all that the page shows: a sent form must carry the same."""
    return hashlib.sha256(whole_of(words).encode()).hexdigest()
