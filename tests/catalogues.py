"""Every sentence that the product can say, where it stands, and what the catalogues make of it."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import polib
from babel.messages.extract import extract
from jinja2.ext import babel_extract

from mediation import i18n

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = ROOT / "mediation/locale/zh_Hans"
KEYWORDS = {"_": None, "gettext": None, "N_": None, "NP_": ((1, "c"), 2), "ngettext": (1, 2), "pgettext": ((1, "c"), 2),
            "npgettext": ((1, "c"), 2, 3)}  # fmt: skip
JINJA = {"extensions": "jinja2.ext.do,jinja2.ext.loopcontrols", "silent": "false", "trimmed": "true"}
# Sentences that a library says; its forms translate them by our catalogues.
LIBRARY = "a library's form"
FLASK_WTF = ("File does not have an approved extension: {extensions}", "File does not have an approved extension.")


@dataclass
class Sentence:
    """One sentence as the source says it, and every place that says it."""

    context: str | None
    one: str
    many: str | None
    places: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Translation:
    """One entry of a catalogue."""

    file: str
    context: str | None
    one: str
    many: str | None
    words: str
    is_sure: bool


@lru_cache(maxsize=1)
def sentences() -> dict[i18n.Key, Sentence]:
    """Every sentence of templates, Python and the form library."""
    found: dict[i18n.Key, Sentence] = {}
    for place, context, one, many in [*_of_templates(), *_of_python(), *_of_libraries()]:
        known = found.setdefault((context, one), Sentence(context, one, many))
        known.many = known.many or many
        known.places.append(place)
    return found


@lru_cache(maxsize=1)
def catalogue_entries() -> tuple[Translation, ...]:
    """Every entry of every zh_Hans catalogue."""
    found: list[Translation] = []
    for path in sorted(CATALOGUES.glob("*.po")):
        for entry in polib.pofile(str(path), check_for_duplicates=True):
            words = entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr
            many = entry.msgid_plural or None
            sure = not entry.fuzzy and not entry.obsolete
            found.append(Translation(path.name, entry.msgctxt, entry.msgid, many, words, sure))
    return tuple(found)


def missing() -> list[Sentence]:
    """The sentences that no catalogue translates."""
    known = {(one.context, one.one) for one in catalogue_entries() if one.words and one.is_sure}
    return [sentence for key, sentence in sentences().items() if key not in known]


def main() -> int:
    """Print each missing sentence as an entry to be translated."""
    lacking = missing()
    for sentence in lacking:
        print(polib.POEntry(
            msgctxt=sentence.context, msgid=sentence.one, msgid_plural=sentence.many or "",
            msgstr_plural={0: ""} if sentence.many else {}, comment=", ".join(sentence.places),
        ))  # fmt: skip
    print(f"{len(sentences())} sentences, {len(lacking)} of them without Chinese", file=sys.stderr)
    return 1 if lacking else 0


Found = Iterator[tuple[str, str | None, str, str | None]]


def _of_templates() -> Found:
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in (".html", ".txt", ".svg", ".xml"):
            yield from _of_file(path, babel_extract, JINJA)


def _of_python() -> Found:
    for path in sorted((ROOT / "mediation").rglob("*.py")):
        yield from _of_file(path, "python", {})


def _of_file(path: Path, method: object, options: dict[str, str]) -> Found:
    place = str(path.relative_to(ROOT))
    with path.open("rb") as content:
        for line, message, _comments, context in extract(method, content, KEYWORDS, (), options):  # type: ignore[arg-type]
            one, many = message if isinstance(message, tuple) else (message, None)
            yield f"{place}:{line}", context, one, many


def _of_libraries() -> Found:
    for entry in polib.pofile(str(files("wtforms") / "locale" / "wtforms.pot")):
        yield LIBRARY, None, entry.msgid, entry.msgid_plural or None
    for message in FLASK_WTF:
        yield LIBRARY, None, message, None


if __name__ == "__main__":
    sys.exit(main())
