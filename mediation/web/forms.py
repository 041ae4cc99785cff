"""The form base: fields that read what people write, and refusals that land next to their field."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from flask import g
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from wtforms import Field, FieldList, PasswordField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from mediation import i18n
from mediation.errors import Refused
from mediation.rules.money import read_amount, read_rate, to_major
from mediation.web import plain_text, refusals


class Form(FlaskForm):  # type: ignore[misc]
    """A form of ours: what a rule refused is said at the field it names, or above the form."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """CSRF stands before every door, so that a form need not repeat it; messages follow the reader."""

        csrf = False

        def get_translations(self, form: Any) -> Any:
            """WTForms' own messages in the reader's language."""
            return i18n.wtforms_translations(g.get("locale", "zh_Hans"))

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Choices are written as pairs, and handed to the field as the objects that it wants."""
            choices = unbound_field.kwargs.get("choices")
            if isinstance(choices, (list, tuple)):
                options = {**options, "choices": [SelectChoice(*_pair(choice)) for choice in choices]}
            return super().bind_field(form, unbound_field, options)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refused: list[Refused] = []
        self.proof: Any = None
        for field in self:
            _speak(field, i18n.translations(g.get("locale", "zh_Hans")))
        self.unkeepable = [field for field in _leaves(self) if _made_plain(field)]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """What the fields themselves check; a character that cannot be kept is said where it stood."""
        is_good: bool = super().validate(*args, **kwargs)
        for field in self.unkeepable:
            self.refuse(Refused("form:control-character", field=field.name))
        return is_good and not self.unkeepable

    def refuse(self, no: Refused) -> None:
        """The refusal is shown with this form."""
        self.refused.append(no)
        sentence = refusals.sentence(no)
        target = self._fields.get(no.field or "")
        if target is None:
            self.form_errors.append(sentence)
        else:
            target.errors = [*target.errors, sentence]

    def first_refusal(self) -> Refused:
        """What to raise where no page can show this form again."""
        return self.refused[0] if self.refused else Refused("form:incomplete")


class MoneyField(StringField):  # type: ignore[misc]
    """An amount as people write it; `minor` is what it means in the currency that the view sets."""

    currency = "CNY"

    def __init__(self, *args: Any, may_be_empty: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_be_empty = may_be_empty
        self.minor: int | None = None

    def pre_validate(self, form: Any) -> None:
        """Read the amount in the currency of the case."""
        text = (self.data or "").strip()
        if not text:
            if self.may_be_empty:
                return
            raise _stop(self, Refused("money:empty"))
        try:
            self.minor = read_amount(text, self.currency)
        except Refused as no:
            raise _stop(self, no) from no

    def show(self, minor: int | None) -> None:
        """Put an amount into the field as a person would write it."""
        self.data = "" if minor is None else format(to_major(minor, self.currency), ",f")
        self.minor = minor


class PercentField(StringField):  # type: ignore[misc]
    """A yearly rate in percent; `rate` is the Decimal it means."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rate = Decimal(0)

    def pre_validate(self, form: Any) -> None:
        """Read the rate as percent a year."""
        text = (self.data or "").strip()
        if not text:
            return
        try:
            self.rate = read_rate(text if text.endswith(("%", "％")) else f"{text}%")
        except Refused as no:
            raise _stop(self, no) from no


def uploads(field: Field) -> Sequence[FileStorage]:
    """The files that came with a field, empty ones left out."""
    data = field.data if isinstance(field.data, list) else [field.data]
    return [upload for upload in data if isinstance(upload, FileStorage) and upload.filename]


def _leaves(form: Form) -> Iterator[Field]:
    for field in form:
        yield from field.entries if isinstance(field, FieldList) else [field]


def _made_plain(field: Field) -> bool:
    """Whether control characters stood in what came for this field; what is left of it can be kept."""
    raw = [value for value in field.raw_data or () if isinstance(value, str)]
    if isinstance(field.data, FileStorage) and field.data.filename:
        field.data.filename = plain_text.as_file_name(field.data.filename)
    if isinstance(field.data, str) and not isinstance(field, PasswordField):
        field.data = plain_text.without_turning(plain_text.without_control(field.data))
    found = any(plain_text.has_control(value) for value in raw)
    if found:
        field.raw_data = [plain_text.without_control(value) for value in raw]
    return found


def _speak(field: Field, catalogue: i18n.Catalogue) -> None:
    """Labels and choices are marked where they are defined, and translated here, for this reader."""
    field.label.text = catalogue.gettext(field.label.text)
    field.description = catalogue.gettext(field.description) if field.description else ""
    if isinstance(getattr(field, "choices", None), list):
        field.choices = [SelectChoice(value, catalogue.gettext(words)) for value, words in map(_pair, field.choices)]


def _pair(choice: Any) -> tuple[Any, str]:
    if isinstance(choice, SelectChoice):
        return choice.value, str(choice.label)
    return (choice[0], str(choice[1])) if isinstance(choice, (tuple, list)) else (choice, str(choice))


def _stop(field: Field, no: Refused) -> StopValidation:
    return StopValidation(refusals.sentence(no))
