"""The forms by which an invitation is opened, answered, renewed and checked, and the words of each consent."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from wtforms import BooleanField, HiddenField, PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional

from mediation import i18n
from mediation.cases.models import CourtStatus, DeclineReason, Purpose
from mediation.cases.seats import Seat
from mediation.i18n import N_
from mediation.web import pages
from mediation.web.forms import Form

PASSWORD, CODE = "password", "code"

COURT_CHOICES = [
    (CourtStatus.NONE.value, N_("No, or I have heard of nothing")),
    (CourtStatus.FILED.value, N_("Yes, a court has the matter")),
    (CourtStatus.JUDGMENT.value, N_("Yes, there is a judgment")),
    (CourtStatus.ENFORCEMENT.value, N_("Yes, a judgment is being enforced")),
]
REASONS = [
    ("", N_("I would rather not say")),
    (DeclineReason.ALREADY_TRIED.value, N_("I have already tried with the lender")),
    (DeclineReason.UNSURE.value, N_("I am not sure what would happen")),
    (DeclineReason.WOULD_NOT_SOLVE.value, N_("It would not solve the matter")),
    (DeclineReason.NO_DELAY.value, N_("I do not want it to take longer")),
    (DeclineReason.WANT_COURT.value, N_("I would rather have a court decide")),
    (DeclineReason.OTHER.value, N_("Something else")),
]
LANGUAGES = [("zh_Hans", "简体中文"), ("zh_Hant", "繁體中文"), ("en", "English")]


@dataclass(frozen=True)
class Words:
    """What is agreed to, and what that means; both together are what the consent names by hash."""

    label: str
    meaning: str

    @property
    def whole(self) -> str:
        """The exact text whose SHA-256 is kept."""
        return f"{self.label}\n{self.meaning}"


CONSENTS: Mapping[Purpose, tuple[str, str]] = {
    Purpose.MEDIATION: (
        N_("I take part in this mediation by %(institution)s."),
        N_("Taking part binds you to nothing. You can stop at any time before an agreement takes effect."),
    ),
    Purpose.PERSONAL_DATA: (
        N_("%(institution)s may use my name, contact, identity number and what I tell about my situation."),
        N_("Only for this mediation. You decide what you tell, and you can take this consent back."),
    ),
    Purpose.SHARE_WITH_LENDER: (
        N_("What I release myself may be passed on to %(lender)s."),
        N_("Piece by piece, and only what you release. What you tell the mediator in private stays there."),
    ),
    Purpose.ELECTRONIC_SERVICE: (
        N_("Documents of this mediation may reach me electronically."),
        N_("You get them on this site, with a neutral message when there is something new. Without this, by letter."),
    ),
}


class CodeForm(Form):
    """The code from the notice."""

    code = StringField(N_("Join code"), validators=[InputRequired(), Length(max=80)])


class IdentityQuestionForm(Form):
    """The answer that shows whose code it is."""

    answer = StringField(N_("The last 4 characters"), validators=[InputRequired(), Length(max=40)])


class NotMeForm(Form):
    """A press of the button says it all."""


class CheckForm(Form):
    """The public number of a notice."""

    number = StringField(N_("Notice number"), validators=[InputRequired(), Length(max=80)])


class DeclineForm(Form):
    """No, with a reason only if one wants to give it."""

    reason = RadioField(N_("Why not? You need not say."), choices=REASONS, default="")


class RenewalForm(Form):
    """Where the new invitation goes."""

    phone = StringField(N_("Telephone"), validators=[Optional(), Length(max=40)])
    email = StringField(N_("E-mail"), validators=[Optional(), Length(max=200)])


class ConsentForm(Form):
    """Yes, purpose by purpose, and what is asked on the way in."""

    shown = HiddenField()
    mediation = BooleanField("")
    personal_data = BooleanField("")
    share_with_lender = BooleanField("")
    electronic_service = BooleanField("")
    court_status = RadioField(
        N_("Has a court had to do with this matter?"), choices=COURT_CHOICES, validators=[InputRequired()]
    )
    locale = RadioField(N_("In which language shall we write to you?"), choices=LANGUAGES, validators=[InputRequired()])
    sign_in_by = RadioField(
        N_("How do you want to sign in next time?"),
        choices=[(PASSWORD, N_("With a password")), (CODE, N_("With a one-time code sent to me"))],
        validators=[InputRequired()],
    )
    password = PasswordField(N_("Password"), validators=[Optional(), Length(max=200)])

    def speak(self, words: Mapping[Purpose, Words]) -> None:
        """Each tick box says what exactly is agreed to."""
        for purpose, each in words.items():
            self[purpose.value].label.text = each.label


def consent_words(seat: Seat) -> dict[Purpose, Words]:
    """The words of every consent in this case, in the language of the page."""
    catalogue = i18n.translations(pages.locale())
    house = seat.institution.name_en if pages.locale() == "en" else seat.institution.name
    named = {"institution": house, "lender": seat.case.organisation_name}
    return {
        purpose: Words(catalogue.gettext(label) % named, catalogue.gettext(meaning))
        for purpose, (label, meaning) in CONSENTS.items()
    }


def digest_of(words: Mapping[Purpose, Words]) -> str:
    """One hash over all that the page shows for consent: a sent form must carry the same."""
    return hashlib.sha256("\n\n".join(each.whole for each in words.values()).encode()).hexdigest()
