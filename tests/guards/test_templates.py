"""Templates compile, say nothing outside gettext, and carry no style, no script and no raw text."""

import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, TemplateSyntaxError, nodes

from tests.guards.source import ROOT, templates

HOLE = "\ue000"
GETTEXT = frozenset({"_", "gettext", "ngettext", "pgettext", "npgettext", "N_"})
SHOWN_ATTRIBUTES = frozenset(
    {"alt", "title", "placeholder", "aria-label", "aria-description", "label", "summary", "content"}
)
# Blocks that hold a class of the page, not text.
CLASS_BLOCKS = (["block", "house"], ["block", "width"])
# Names and units that are the same in every language.
SAME_EVERYWHERE = re.compile(
    r"\b(?:PDF|CSV|XLSX|SHA-256|UTF-8|GB18030|KiB|MiB|HTTPS?|PAdES|viewport|width|device-width|initial-scale)\b"
)
WORDS = re.compile(r"[A-Za-z]{2,}|[\u3400-\u9fff\uf900-\ufaff]")
SENTENCE = re.compile(r"[A-Za-z]+[,.;:!?]? [A-Za-z]+|[\u3400-\u9fff\uf900-\ufaff]")
LANGUAGES = frozenset({"简体", "繁體", "English", "中文", "简体中文", "繁體中文", "EN", "简", "繁"})
FORBIDDEN = {
    r"<style\b": "styles live in static/",
    r"<script\b(?![^>]*\bsrc=)": "scripts live in static/",
    r"\sstyle\s*=": "use a class",
    r"\son[a-z]+\s*=\s*[\"']": "listen in static/, by a data attribute",
    r"javascript:": "use a link or a button",
    r"[^'\"\s]\s*\|\s*safe\b": "escape it; only markup written in the template itself is safe",
    r"autoescape\s+false": "escape it",
    r"\bMarkup\(": "escape it",
}


class Anything(dict[str, object]):
    """Filters and tests that the app adds are known to the app alone; here each name stands."""

    def __contains__(self, _name: object) -> bool:
        return True

    def __missing__(self, _name: str) -> object:
        return lambda value, *_: value


def environment() -> Environment:
    """Jinja with the extensions that the app has."""
    jinja = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"], autoescape=True)
    jinja.filters = Anything(jinja.filters)
    jinja.tests = Anything(jinja.tests)
    return jinja


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_template_compiles(path: Path) -> None:
    try:
        environment().compile(path.read_text(encoding="utf-8"), str(path))
    except TemplateSyntaxError as error:
        pytest.fail(f"{path.relative_to(ROOT)}:{error.lineno} {error.message}")


def test_every_sentence_goes_through_gettext() -> None:
    found = {name: bare for name, text in _texts().items() if (bare := bare_sentences(name, text))}
    assert not found, f"Write {{{{ _('…') }}}}, one whole sentence each: {found}"


def test_no_sentence_is_handed_to_a_macro_bare() -> None:
    found = {name: bare for name, text in _texts().items() if (bare := bare_constants(text))}
    assert not found, f"Hand over _('…'): {found}"


def test_pages_carry_neither_style_nor_script_nor_raw_text() -> None:
    found = [f"{name}: {why}" for name, text in _texts().items() for why in forbidden(text)]
    assert not found, f"The content policy is 'self' alone, and all that people wrote is escaped: {found}"


def test_every_template_that_is_named_is_there() -> None:
    found = missing_templates(_texts())
    assert not found, f"Write them, or mend the name: {found}"


def test_these_guards_bite() -> None:
    assert bare_sentences("x.html", "<p>Sign here</p>")
    assert bare_sentences("x.html", "<p>{{ name }} 已签署</p>")
    assert bare_sentences("x.html", '<img alt="A picture">')
    assert bare_sentences("x.txt", "Dear {{ name }}")
    assert bare_constants("{{ c.button('Sign this now') }}")
    assert missing_templates({"x.html": "{% include 'no/such.html' %}"})
    for text in ("<p style='x'>", "<script>x</script>", '<a onclick="x">', "{{ text|safe }}", "<style>"):
        assert forbidden(text), text


def test_good_templates_pass() -> None:
    good = "<p {% if a %}hidden{% endif %}>{{ _('Sign here') }} {% trans n=2 %}Two words{% endtrans %} 12 %</p>"
    assert not bare_sentences("x.html", good) + bare_constants(good) + forbidden(good)
    assert not forbidden('<script src="/static/x.js" defer></script>')
    assert not bare_constants("{{ c.button(_('Sign this now'), class='button wide') }}")


def bare_sentences(name: str, text: str) -> list[str]:
    """What a reader would see that no catalogue translates."""
    plain = _without_jinja(text)
    if not name.endswith((".html", ".svg", ".xml")):
        return [piece.strip() for piece in plain.split(HOLE) if _is_words(piece)]
    reader = _ShownText()
    reader.feed(plain)
    reader.close()
    return reader.found


def bare_constants(text: str) -> list[str]:
    """String constants that read as sentences and are not an argument of gettext, nor of a keyword like `class`."""
    found: list[str] = []
    _collect(environment().parse(text), found)
    return found


def forbidden(text: str) -> list[str]:
    return [f"{pattern}: {why}" for pattern, why in FORBIDDEN.items() if re.search(pattern, text, re.IGNORECASE)]


def missing_templates(texts: Mapping[str, str]) -> list[str]:
    there = {str(path.relative_to(ROOT / "templates")) for path in templates()}
    pattern = re.compile(r"{%-?\s*(?:extends|include|import|from)\s+['\"]([^'\"]+)['\"]")
    return [
        f"{name} -> {wanted}" for name, text in texts.items() for wanted in pattern.findall(text) if wanted not in there
    ]


class _ShownText(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found += [piece.strip() for piece in data.split(HOLE) if _is_words(piece)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            shown = name in SHOWN_ATTRIBUTES or (name == "value" and tag == "button")
            if shown and not (tag == "meta" and "name" in dict(attrs)):
                self.found += [piece.strip() for piece in (value or "").split(HOLE) if _is_words(piece)]


def _texts() -> dict[str, str]:
    kinds = (".html", ".txt", ".svg", ".xml")
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in templates() if path.suffix in kinds
    }


def _without_jinja(text: str) -> str:
    """The text with every expression, statement and translated block as one hole."""
    pieces: list[str] = []
    unseen, statement = False, []
    for _, kind, value in environment().lex(text):
        if kind == "data":
            pieces.append(HOLE if unseen else value)
        elif kind in ("block_begin", "variable_begin", "comment_begin", "raw_begin"):
            pieces.append(HOLE)
            statement = []
        elif kind == "name":
            statement.append(value)
        elif kind == "block_end" and statement:
            opens = statement[0] == "trans" or statement[:2] in CLASS_BLOCKS
            unseen = opens or (unseen and statement[0] not in ("endtrans", "endblock"))
    return "".join(pieces)


def _is_words(piece: str) -> bool:
    left = SAME_EVERYWHERE.sub("", piece).strip()
    return left not in LANGUAGES and bool(WORDS.search(left))


def _collect(node: nodes.Node, found: list[str]) -> None:
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in GETTEXT:
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and _reads_as_sentence(node.value):
        found.append(node.value)
    if isinstance(node, nodes.Keyword) and node.key in ("class", "classes", "class_", "autocomplete", "rel", "attrs"):
        return
    children: Iterable[nodes.Node] = node.iter_child_nodes()
    for child in children:
        _collect(child, found)


def _reads_as_sentence(value: str) -> bool:
    return value not in LANGUAGES and bool(SENTENCE.search(value)) and not re.search(r"[<>=/]", value)
