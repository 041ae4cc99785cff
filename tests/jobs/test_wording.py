"""Every kind of notice has its words in every language, neutral ones, with one line that says what it is about."""

import ast
import re
from types import SimpleNamespace

import pytest
from jinja2 import meta

from mediation import i18n, posting
from tests.guards.source import called_name, product
from tests.guards.words import words_found

KINDS = sorted(path.stem for path in posting.TEMPLATES.glob("*.txt") if not path.name.startswith("_"))
INSTITUTION = SimpleNamespace(
    name="江城人民调解委员会",
    name_en="Jiangcheng Committee",
    domain="tiaojie.example.cn",
    telephone="027-5550 0110",
    legal_aid="江城法律援助中心",
    legal_aid_telephone="12348",
)
AMOUNT = re.compile(r"[¥￥]|\d+\.\d\d\b|\d,\d{3}|元")


def test_every_kind_that_is_told_has_its_words() -> None:
    missing = {kind for kind in told_kinds() if kind.replace(":", "-") not in KINDS}
    assert not missing, f"templates/email/<kind with - for :>.txt says it; the first line is the subject: {missing}"


@pytest.mark.parametrize("locale", i18n.LOCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_notice_is_worded_and_neutral(kind: str, locale: str) -> None:
    subject, _, body = worded(kind, locale).partition("\n")
    assert subject.strip()
    assert body.strip()
    assert (words_found(f"{subject} {body}"), AMOUNT.findall(body)) == ([], [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_notice_to_a_chinese_reader_is_in_chinese(kind: str) -> None:
    lines = [line for line in worded(kind, "zh_Hans").splitlines() if line.strip() and "://" not in line]
    assert [line for line in lines if not re.search(r"[\u4e00-\u9fff]", line)] == []


def worded(kind: str, locale: str) -> str:
    """The words of this kind with a made-up fact under each name that its template uses."""
    jinja = posting._environment(locale)
    source = (posting.TEMPLATES / f"{kind}.txt").read_text(encoding="utf-8")
    facts = dict.fromkeys(meta.find_undeclared_variables(jinja.parse(source)), "2025-10-09")
    known = {
        "institution": INSTITUTION,
        "institution_name": INSTITUTION.name_en if locale == "en" else INSTITUTION.name,
        "public_url": "http://localhost",
        "link": lambda path, *parts: "http://localhost" + path.format(*parts),
        "date": lambda on: f"({on})" if locale == "en" else "十月九日",
        "moment": lambda at: at,
        "until_end": lambda on: f"the end of {on}" if locale == "en" else "截至十月九日",
        "name": "白露",
        "mediator": "莫文",
    }
    return jinja.from_string(source).render({**facts, **known}).strip()


def told_kinds() -> set[str]:
    """The first text written as `thing:happened` in each call of a function that tells."""
    found: set[str] = set()
    for one in product():
        for node in ast.walk(one.tree):
            if isinstance(node, ast.Call) and called_name(node).startswith("tell"):
                texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
                found |= {text for text in texts if isinstance(text, str) and re.fullmatch(r"[a-z-]+:[a-z-]+", text)}
    return found
