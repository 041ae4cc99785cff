"""What is typed in a room: a message, its draft, and forms that are a press of a button and nothing else."""

from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from mediation.i18n import N_
from mediation.web.forms import Form


class MessageForm(Form):
    """What is said, and what is said with it."""

    text = TextAreaField(N_("Your message"))
    may_pass_on = BooleanField(N_("The mediator may pass this on to the other side"))
    sure = HiddenField()
    seen = HiddenField()
    phrase = StringField()


class DraftForm(Form):
    """What is typed so far, in which window, and what that window had been given to begin with."""

    text = TextAreaField()
    page = StringField()
    seen = StringField()


class PressedForm(Form):
    """A button was pressed."""
