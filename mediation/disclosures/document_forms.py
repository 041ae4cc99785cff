"""What a side says of a document it puts on file, and the words of kinds, items and states."""

from collections.abc import Iterable, Mapping

from wtforms import DateField, FileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from mediation import i18n
from mediation.disclosures.document_models import Audience, Kind
from mediation.disclosures.uploads import LARGEST_UPLOAD, Upload, read_upload
from mediation.errors import Refused
from mediation.i18n import N_, NP_
from mediation.rules.duties import DutyState, Item
from mediation.web import pages
from mediation.web.forms import Form, uploads

KIND_WORDS: Mapping[Kind, str] = {
    Kind.CONTRACT: N_("Loan contract"),
    Kind.DISBURSEMENT: N_("Proof that the loan was paid out"),
    Kind.PAYMENTS: N_("History of payments"),
    Kind.FEES: N_("List of fees"),
    Kind.ASSIGNMENT: N_("Chain of assignments"),
    Kind.CREDIT_REPORT: N_("What the credit report says"),
    Kind.INCOME: N_("Proof of income"),
    Kind.SPENDING: N_("Proof of spending"),
    Kind.HEALTH: N_("Proof of illness"),
    Kind.RECEIPT: N_("Receipt of a payment"),
    Kind.OTHER: N_("Something else"),
}
WHY: Mapping[Item, str] = {
    Item.CONTRACT: N_("It shows what was agreed: the rate, the term, and what happens when a payment is late."),
    Item.DISBURSEMENT: N_("It shows how much was really paid out, and to whom; interest counts from that amount."),
    Item.PAYMENTS: N_("Both sides can then compare, line by line, what was paid and how it was set off."),
    Item.FEES: N_("Every fee counts toward the cost of the loan, also one that another company took."),
    Item.ASSIGNMENT: N_("It shows that whoever claims now is the one to pay, and that nobody else can claim the same."),
    Item.CREDIT_REPORT: N_("It shows what is reported today, so that an agreement can say what will change."),
}
STATE_WORDS: Mapping[DutyState, str] = {
    DutyState.AWAITED: NP_("duty", "Awaited"),
    DutyState.OVERDUE: NP_("duty", "Overdue"),
    DutyState.FULFILLED: NP_("duty", "There"),
}
TONES: Mapping[DutyState, str] = {
    DutyState.AWAITED: "waiting",
    DutyState.OVERDUE: "now",
    DutyState.FULFILLED: "done",
}
AUDIENCES = [
    (Audience.MEDIATOR.value, N_("Only the mediator")),
    (Audience.BOTH.value, N_("Both sides and the mediator")),
]
TYPES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


class VersionForm(Form):
    """A file and the day it bears."""

    file = FileField(N_("File"))
    dated_on = DateField(N_("Date of the document"), validators=[InputRequired(N_("Say which day it bears."))])

    def read(self) -> Upload:
        """The file, read and checked; refused at its field."""
        sent = uploads(self.file)
        if not sent:
            raise Refused("document:none", field="file")
        return read_upload(sent[0].stream.read(LARGEST_UPLOAD + 2**21), str(sent[0].filename))

    def refuse(self, no: Refused) -> None:
        """What is wrong with a stored file is wrong with this one."""
        if no.key == "file:too-large":
            no.field = "file"
        super().refuse(no)


class DocumentForm(VersionForm):
    """A document, what it is and who sees it."""

    title = StringField(N_("What it is, in a few words"))
    kind = SelectField(
        N_("Kind"),
        choices=[("", N_("Please choose")), *((kind.value, words) for kind, words in KIND_WORDS.items())],
        validators=[InputRequired(N_("Choose what kind of document it is."))],
    )
    audience = RadioField(
        N_("Who may see it"), choices=AUDIENCES, validators=[InputRequired(N_("Choose who may see it."))]
    )

    def offer(self, kinds: Iterable[Kind]) -> None:
        """Only the kinds that this side puts on file are offered."""
        offered = {"", *(kind.value for kind in kinds)}
        self.kind.choices = [choice for choice in self.kind.choices if choice.value in offered]


class FactForm(Form):
    """A fact in place of a document."""

    text = TextAreaField(N_("What you state"))


def kind_words(kind: Kind) -> str:
    """What a kind of document is called, in the language of the page."""
    return i18n.translations(pages.locale()).gettext(KIND_WORDS[kind])


def item_words(item: Item) -> str:
    """What an item of the checklist is called."""
    return kind_words(Kind(item.value))


def why_words(item: Item) -> str:
    """Why the item is asked for."""
    return i18n.translations(pages.locale()).gettext(WHY[item])


def state_words(state: DutyState) -> str:
    """How an item stands."""
    return i18n.translations(pages.locale()).pgettext("duty", STATE_WORDS[state])


def size_words(size: int) -> str:
    """A size of file as people say it."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KiB"
    return f"{size / 1024 / 1024:.1f} MiB"
