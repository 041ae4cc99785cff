"""The sentence for every no, in the reader's language; each feature's views hand theirs in at start."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, g

from mediation import i18n
from mediation.errors import MediationError
from mediation.i18n import N_
from mediation.rules import deadlines

# A moment of this name ends a period: it is told as the last day that still counts.
ENDS = "ends_at"
MONEY_FACTS = frozenset({"amount", "limit", "total", "least", "most", "cap", "claimed", "agreed", "sum", "component"})

SENTENCES: dict[str, str] = {
    "page:not-found": N_("There is nothing at this address, or it is not open to you."),
    "seat:not-permitted": N_("Your seat at this case does not allow that."),
    "desk:not-permitted": N_("Your place at the institution does not allow that."),
    "case:wrong-stage": N_("The case has moved on, so this can no longer be done. The page now shows where it stands."),
    "form:key-used-otherwise": N_("This form was already sent with other content. Open the page again and check it."),
    "form:control-character": N_(
        "A character that cannot be kept stood here and was taken out. Check what is left and send it again."
    ),
    "form:incomplete": N_("Something is missing in this form."),
    "record:moved": N_("Somebody else acted at the same moment. Check the page and try again."),
    "money:empty": N_("Fill in the amount."),
    "money:not-an-amount": N_("Write the amount in figures, for example 1,234.50."),
    "money:not-a-rate": N_("Write the rate in figures, for example 12.5%%."),
    "money:too-large": N_("This amount is larger than the platform can carry. Check the number of digits."),
    "money:negative": N_("An amount here is not below zero."),
    "money:fraction": N_("This currency has at most %(decimals)s digits after the point."),
    "money:ambiguous": N_("This figure can be read in two ways. Write it without a group mark, for example 1234.50."),
    "money:scientific": N_("This figure was shortened by a spreadsheet. Write it out in full."),
    "money:other-currency": N_("This amount names another currency than %(currency)s."),
    "money:unknown-currency": N_("This currency is not one that the platform knows: %(currency)s."),
    "money:unknown-rounding": N_("This rounding rule is not one that the platform knows."),
    "money:no-parts": N_("There is nothing to divide the amount into."),
    "file:too-large": N_("This file is larger than the platform keeps. Send it in parts or at a smaller size."),
    "file:bad-name": N_("There is no file of this name."),
    "calendar:unknown": N_("There is no calendar of working days named %(calendar)s."),
    "calendar:out-of-range": N_(
        "The calendar of working days does not reach %(on)s yet. The institution can add the year."
    ),
    "period:out-of-bounds": N_("Choose between %(least)s and %(most)s days."),
    "deadline:over": N_("The time for this ended at %(ends_at)s."),
}


def add_sentences(more: dict[str, str]) -> None:
    """A feature's sentences join the table; a key may stand once."""
    for key, words in more.items():
        if SENTENCES.setdefault(key, words) != words:
            raise ValueError(f"two sentences for {key}")


def sentence(no: MediationError) -> str:
    """What to tell the reader about this refusal."""
    locale = g.get("locale", "zh_Hans")
    words = SENTENCES.get(no.key)
    if words is None:
        current_app.logger.error("no sentence for the refusal %s", no.key)
        words = SENTENCES["form:incomplete"]
    facts = {name: _shown(name, value, no.facts, locale) for name, value in no.facts.items()}
    return i18n.translations(locale).gettext(words) % facts


def _shown(name: str, value: Any, facts: dict[str, Any], locale: str) -> str:
    if isinstance(value, datetime) and name == ENDS:
        return i18n.until(deadlines.last_day(value, ZoneInfo(g.get("zone") or "Asia/Shanghai")), locale)
    if isinstance(value, datetime):
        return i18n.moment(value, g.get("zone", "Asia/Shanghai"), locale)
    if isinstance(value, date):
        return i18n.day(value, locale)
    if isinstance(value, int) and name in MONEY_FACTS and "currency" in facts:
        return i18n.money(value, str(facts["currency"]), locale)
    return str(value)
