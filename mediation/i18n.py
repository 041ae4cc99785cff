"""Languages, and money and dates as words; used by pages, notices and paper alike, without Flask."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

import opencc
import polib
from babel.numbers import get_currency_name

from mediation.rules.money import exponent

LOCALES = ("zh_Hans", "zh_Hant", "en")
HOME = "zh_Hans"
FOLDER = Path(__file__).parent / "locale"

WEEKDAYS = "一二三四五六日"
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

Key = tuple[str | None, str]


def N_(message: str) -> str:  # noqa: N802 (the name that extraction knows)
    """Marks a sentence for the catalogues where it is defined; it is translated where it is shown."""
    return message


def NP_(context: str, message: str) -> str:  # noqa: N802
    """Marks a sentence that has this meaning (`pgettext`) where it is defined."""
    return message


# --- which language -----------------------------------------------------------------------------------------


def choose_locale(accept_language: str | None, *, cookie: str | None, account: str | None) -> str:
    """The reader's language: what the account says, else the cookie, else the browser, else the home language."""
    for chosen in (account, cookie):
        if locale := known(chosen):
            return locale
    wishes = _wishes(accept_language or "")
    if not wishes:
        return HOME
    return next(filter(None, map(known, wishes)), "en")


def known(tag: str | None) -> str | None:
    """Our locale for a language tag in any spelling; None for a language that we do not speak."""
    parts = re.split(r"[-_]", (tag or "").strip().lower())
    if parts[0] == "en":
        return "en"
    if parts[0] not in ("zh", "yue"):
        return None
    if "hans" in parts or "hant" in parts:
        return "zh_Hant" if "hant" in parts else "zh_Hans"
    return "zh_Hant" if parts[0] == "yue" or {"tw", "hk", "mo"} & set(parts) else "zh_Hans"


def _wishes(header: str) -> list[str]:
    """The tags that a browser names, the dearest first; what cannot be read is left out."""
    found: list[tuple[Decimal, str]] = []
    for part in header[:1000].split(","):
        match = re.fullmatch(r"\s*([A-Za-z]{1,8}(?:[-_][A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?", part)
        if match:
            found.append((Decimal(match[2] or "1"), match[1]))
    return [tag for weight, tag in sorted(found, key=lambda wish: -wish[0]) if weight > 0]


# --- catalogues ---------------------------------------------------------------------------------------------


class Catalogue:
    """The sentences of one language; an English sentence that has no translation stands for itself."""

    def __init__(self, locale: str, sentences: Mapping[Key, str], *, one_form: bool) -> None:
        self.locale = locale
        self.sentences = sentences
        self.one_form = one_form

    def gettext(self, message: str) -> str:
        """The sentence in this language."""
        return self.sentences.get((None, message), message)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The sentence for so many of a thing."""
        return self._of_number(None, one, many, n)

    def pgettext(self, context: str, message: str) -> str:
        """The sentence where the same English means several things."""
        return self.sentences.get((context, message), message)

    def npgettext(self, context: str, one: str, many: str, n: int) -> str:
        """The sentence for so many of a thing, in this meaning."""
        return self._of_number(context, one, many, n)

    def _of_number(self, context: str | None, one: str, many: str, n: int) -> str:
        english = one if n == 1 else many
        return self.sentences.get((context, one), english) if self.one_form else english


@lru_cache(maxsize=len(LOCALES))
def translations(locale: str) -> Catalogue:
    """The catalogue of a language; a locale that is not ours gets the home language."""
    if locale == "en":
        return Catalogue("en", MappingProxyType({}), one_form=False)
    simplified = _simplified()
    if locale != "zh_Hant":
        return Catalogue(HOME, simplified, one_form=True)
    traditional = {key: to_traditional(sentence) for key, sentence in simplified.items()}
    return Catalogue("zh_Hant", MappingProxyType(traditional), one_form=True)


# WTForms asks for an object with gettext and ngettext: its messages are in our catalogues, in our words.
wtforms_translations = translations


class BrokenCatalogueError(ValueError):
    """Two catalogues say different things for the same sentence."""


def merge(files: Iterable[Path]) -> dict[Key, str]:
    """All entries of these catalogues as one; the same sentence may stand in two only in the same words."""
    merged: dict[Key, str] = {}
    origin: dict[Key, Path] = {}
    for path in files:
        for entry in polib.pofile(str(path)):
            key, words = (entry.msgctxt, entry.msgid), entry.msgstr_plural.get(0) or entry.msgstr
            if not words or entry.obsolete or entry.fuzzy:
                continue
            if merged.setdefault(key, words) != words:
                raise BrokenCatalogueError(f"{path.name} and {origin[key].name} differ on {entry.msgid!r}")
            origin.setdefault(key, path)
    return merged


def to_traditional(text: str) -> str:
    """Traditional script: the reviewed words as they stand in zh_Hant.words, all else by OpenCC."""
    words, pattern, converter = _traditional_words()
    pieces = pattern.split(text)
    return "".join(words[piece] if piece in words else converter.convert(piece) for piece in pieces if piece)


@lru_cache(maxsize=1)
def _simplified() -> Mapping[Key, str]:
    return MappingProxyType(merge(sorted((FOLDER / HOME).glob("*.po"))))


@lru_cache(maxsize=1)
def _traditional_words() -> tuple[Mapping[str, str], re.Pattern[str], opencc.OpenCC]:
    words = dict(_read_words((FOLDER / "zh_Hant.words").read_text(encoding="utf-8")))
    longest_first = sorted(words, key=len, reverse=True)
    return words, re.compile(f"({'|'.join(map(re.escape, longest_first))})"), opencc.OpenCC("s2tw")


def _read_words(text: str) -> Iterable[tuple[str, str]]:
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            simplified, _, traditional = line.partition("=")
            yield simplified.strip(), traditional.strip()


# --- money, dates and figures as words ----------------------------------------------------------------------


def money(minor: int, currency: str, locale: str) -> str:
    """An amount as its reader writes it: 1,234.50 元, ¥1,234.50; other currencies by their name or code."""
    figure, sign = _figure(minor, exponent(currency)), "-" if minor < 0 else ""
    if locale == "en":
        return f"{sign}¥{figure}" if currency == "CNY" else f"{sign}{currency} {figure}"
    return f"{sign}{figure} {_unit(currency, locale)}"


def capital_amount(minor: int) -> str:
    """An amount of yuan in capital figures (大写金额), for agreements; never of a debt below zero."""
    if minor < 0:
        raise ValueError("an amount in capital figures is not negative")
    # Its import reads files for a sixth of a second, and only paper needs it.
    import cn2an

    return str(cn2an.an2cn(f"{minor // 100}.{minor % 100:02d}", "rmb"))


def day(on: date, locale: str) -> str:
    """A day in full: 2026年2月10日（周二）, 10 February 2026."""
    if locale == "en":
        return f"{on.day} {MONTHS[on.month - 1]} {on.year}"
    week = "週" if locale == "zh_Hant" else "周"
    return f"{on.year}年{on.month}月{on.day}日（{week}{WEEKDAYS[on.weekday()]}）"


def short_day(on: date, locale: str) -> str:
    """A day without its year, where the year is plain: 2月10日, 10 February."""
    if locale == "en":
        return f"{on.day} {MONTHS[on.month - 1]}"
    return f"{on.month}月{on.day}日"


def until(last_on: date, locale: str) -> str:
    """The end of a period by its last day, which still counts: 截至2026年2月10日（周二）."""
    return f"the end of {day(last_on, locale)}" if locale == "en" else f"截至{day(last_on, locale)}"


def moment(at: datetime, zone: str | ZoneInfo, locale: str) -> str:
    """A moment as the clock in this zone shows it: 2026年2月10日（周二）14:32, 10 February 2026, 14:32."""
    local = at.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)
    between = ", " if locale == "en" else ""
    return f"{day(local.date(), locale)}{between}{local:%H:%M}"


def percent(rate: Decimal, locale: str = HOME, *, places: int = 2) -> str:
    """A rate as per cent, with at most so many decimals: 23.4%; written alike in each of our languages."""
    hundredths = (rate * 100).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{hundredths:,f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def number(count: int, locale: str = HOME) -> str:
    """A count with its thousands set apart: 3,182; written alike in each of our languages."""
    return f"{count:,}"


@lru_cache(maxsize=64)
def _unit(currency: str, locale: str) -> str:
    return "元" if currency == "CNY" else get_currency_name(currency, locale=locale)


def _figure(minor: int, decimals: int) -> str:
    whole, part = divmod(abs(minor), 10**decimals)
    return f"{whole:,}.{part:0{decimals}d}" if decimals else f"{whole:,}"
