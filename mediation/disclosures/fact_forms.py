"""What is told in confidence, the words that its owner finds for the other side, and the confirmation of both."""

from collections.abc import Sequence
from uuid import UUID

from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from mediation.disclosures.document_selections import Paper
from mediation.i18n import N_
from mediation.web.forms import Form


class FactForm(Form):
    """A title, the text, and a document of one's own or none."""

    title = StringField(N_("What it is about, in a few words"))
    text = TextAreaField(N_("What the mediator should know"))
    document = SelectField(N_("A document that shows it"), choices=[("", N_("None"))], validate_choice=False)

    def offer(self, papers: Sequence[Paper]) -> None:
        """The documents that may go with it."""
        none = list(self.document.choices)[:1]
        self.document.choices = [*none, *(SelectChoice(str(paper.id), paper.title) for paper in papers)]

    @property
    def document_id(self) -> UUID | None:
        """The document that was chosen."""
        return UUID(self.document.data) if self.document.data else None


class SeenForm(Form):
    """Exactly what was shown."""

    sha256 = HiddenField(validators=[InputRequired(), Length(min=64, max=64)])


class WordsForm(Form):
    """The words by which the other side hears that something was verified."""

    title = StringField(N_("What the other side is told"))


class SeenWordsForm(WordsForm):
    """The same words once they were shown as the other side will see them."""

    sha256 = HiddenField(validators=[InputRequired(), Length(min=64, max=64)])
