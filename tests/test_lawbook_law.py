"""The law book: every rule whole and dated, the series as published, and a sentence for whatever it finds."""

import json
import re
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from mediation import i18n, lawbook
from mediation.cases.findings import (
    EVIDENCE_WORDS,
    LAW_SENTENCES,
    LAW_WORKINGS,
    LEVEL_WORDS,
    MEMORY_WORDS,
    OLD_DEBT_SENTENCES,
    said,
)
from mediation.rules.law import ClaimFacts, Finding, Level, findings_on_claim, findings_on_contact
from mediation.rules.legal_rules import Evidence, FromMemory, Rule, book_of, gravest, lpr_row_from, rule_from
from mediation.rules.lenders import LenderType
from mediation.rules.plans import ClaimFigures
from mediation.rules.rate_caps import Measure
from tests.guards.words import words_found

ROOT = Path(__file__).resolve().parents[1]
# Where the project's collected sources lie beside the checkout, the book is compared with them.
COLLECTED = ROOT.parent / "shared" / "data"
SOURCES = [COLLECTED] if (COLLECTED / "law_rules.json").exists() else []
BOOK = lawbook.law()
RULES = list(BOOK.rules.values())

A_RULE = {
    "id": "CN-X01", "jurisdiction": "CN", "topic": "a topic", "says": "what it says", "citation": "a law, art. 1",
    "from": "2025-12", "until": "2026", "evidence": "P", "from_memory": ["date"],
    "figures": {"rate": "0.24", "on": "2025-12-31", "clock": "22:00"}, "check": "a check",
}  # fmt: skip
A_ROW = {"published": "2019-08-20", "one_year": "4.25", "evidence": "S"}
CLAIM = ClaimFacts(
    figures=ClaimFigures(1, "CNY", 1695791, 1360639, 189597, 53027, 0),
    on=date(2025, 9, 25),
    lender=LenderType.CONSUMER_FINANCE,
    contract_on=date(2024, 12, 15),
    yearly_rate=Decimal("0.234"),
    penalty_daily_rate=Decimal("0.00035"),
    fees=0,
)


# --- the data ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_is_whole_and_dated(rule: Rule) -> None:
    assert all((rule.jurisdiction, rule.topic, rule.says, rule.citation, rule.check))
    assert rule.id.startswith(f"{rule.jurisdiction[:2]}-")
    assert rule.from_on is not None or rule.jurisdiction != "CN"
    assert rule.until_on is None or rule.until_on > (rule.from_on or date.min)


def test_the_rules_of_china_are_all_there() -> None:
    counted = {letter: sum(rule.id.startswith(f"CN-{letter}") for rule in RULES) for letter in "RKLCPEM"}
    assert counted == {"R": 19, "K": 11, "L": 9, "C": 12, "P": 10, "E": 5, "M": 16}


@pytest.mark.parametrize(
    ("number", "name", "value"),
    [
        ("CN-R01", "lpr_multiple", Decimal(4)),
        ("CN-R03", "split_on", date(2020, 8, 20)),
        ("CN-R10", "yearly_rate", Decimal("0.24")),
        ("CN-R12", "four_lpr_from", date(2028, 1, 1)),
        ("CN-R13", "void_above", Decimal("0.36")),
        ("CN-C01", "months", Decimal(60)),
        ("CN-C07", "quiet_from", time(22)),
        ("CN-L01", "years", Decimal(3)),
        ("CN-M04", "days", Decimal(30)),
    ],
)
def test_the_figures_on_which_the_checks_turn(number: str, name: str, value: object) -> None:
    assert BOOK.rule(number).figures[name] == value


def test_the_rules_known_only_from_memory() -> None:
    assert {rule.id for rule in RULES if rule.is_from_memory} == {"CN-C06", "CN-C12"}


def test_the_earlier_rule_ended_on_the_day_before_the_split() -> None:
    rule = BOOK.rule("CN-R13")
    assert [rule.is_in_force(date(2020, 8, day)) for day in (19, 20)] == [True, False]


def test_the_series_begins_and_ends_as_published() -> None:
    first, last = BOOK.lpr[0], BOOK.lpr[-1]
    assert (first.published_on, first.one_year, len(BOOK.lpr)) == (date(2019, 8, 20), Decimal("0.0425"), 85)
    assert (last.published_on, last.one_year, last.evidence) == (date(2026, 8, 20), Decimal("0.03"), Evidence.SECONDARY)


@pytest.mark.parametrize("folder", SOURCES)
def test_the_book_says_of_each_rule_how_it_is_known(folder: Path) -> None:
    collected = {one["id"]: one for one in json.loads((folder / "law_rules.json").read_text("utf-8"))["rules"]}
    wrong = [rule.id for rule in RULES if collected[rule.id]["evidence"][0] != rule.evidence]
    assert (wrong, {number for number in collected if number[:3] == "CN-"} - BOOK.rules.keys()) == ([], set())
    assert not [rule.id for rule in RULES if rule.says == collected[rule.id]["rule"]]


@pytest.mark.parametrize("folder", SOURCES)
def test_the_series_is_that_of_the_collection(folder: Path) -> None:
    rows = json.loads((folder / "lpr.json").read_text("utf-8"), parse_float=Decimal)["rows"]
    collected = [(date.fromisoformat(row["date"]), row["lpr_1y"] / 100, row["cap_4x_1y"] / 100) for row in rows]
    assert [(row.published_on, row.one_year, 4 * row.one_year) for row in BOOK.lpr] == collected


# --- reading -------------------------------------------------------------------------------------------------


def test_a_month_begins_with_its_first_day_and_a_year_ends_with_its_last() -> None:
    rule = rule_from(A_RULE)
    assert (rule.from_on, rule.until_on) == (date(2025, 12, 1), date(2026, 12, 31))
    assert rule_from(A_RULE | {"until": "2028-02"}).until_on == date(2028, 2, 29)


def test_a_figure_is_asked_for_by_its_kind() -> None:
    rule = rule_from(A_RULE)
    assert (rule.rate("rate"), rule.day("on"), rule.clock("clock")) == (Decimal("0.24"), date(2025, 12, 31), time(22))
    for wrong in (lambda: rule.rate("on"), lambda: rule.day("rate"), lambda: rule.clock("rate")):
        with pytest.raises(TypeError):
            wrong()


def test_a_value_from_memory_makes_the_rule_one_from_memory() -> None:
    assert not rule_from(A_RULE).is_from_memory
    assert rule_from(A_RULE | {"from_memory": ["value"]}).is_from_memory
    assert rule_from(A_RULE | {"evidence": "M"}).is_from_memory


@pytest.mark.parametrize(
    "mistake",
    [
        {"says": " "},
        {"citation": None},
        {"evidence": "X"},
        {"from": "2025-13"},
        {"from": "soon"},
        {"from_memory": "date"},
        {"from_memory": ["page"]},
        {"figures": []},
        {"figures": {"rate": "24 %"}},
        {"figures": {"rate": "NaN"}},
        {"figures": {"rate": 0.24}},
        {"note": "x"},
    ],
    ids=str,
)
def test_a_mistake_in_a_rule_stops_the_reading(tmp_path: Path, mistake: dict[str, object]) -> None:
    content = {"rules": [A_RULE | mistake], "lpr": [A_ROW]}
    (tmp_path / "x.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(lawbook.LawUnusable, match="law:file-malformed"):
        lawbook._law(tmp_path)


@pytest.mark.parametrize("mistake", [{"one_year": 4.25}, {"one_year": "425"}, {"one_year": "0"}, {"published": "x"}])
def test_a_mistake_in_the_series_stops_the_reading(mistake: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        lpr_row_from(A_ROW | mistake)


def test_a_rule_or_a_publication_stands_once_and_in_order() -> None:
    rule, row = rule_from(A_RULE), lpr_row_from(A_ROW)
    for rules, rows in (([rule, rule], [row]), ([rule], [row, row]), ([rule], [])):
        with pytest.raises(ValueError):
            book_of(rules, rows)


def test_the_law_is_part_of_the_books_version() -> None:
    assert {path.name for path in lawbook.LAW.glob("*.json")} == {"cn.json", "elsewhere.json", "lpr.json"}
    assert lawbook.LAW.is_relative_to(lawbook.DATA)


# --- sentences -----------------------------------------------------------------------------------------------


def keys_found() -> set[str]:
    """Every key that the rules may find: those written out, and those put together."""
    text = "".join(path.read_text("utf-8") for path in (ROOT / "mediation/rules").glob("*.py"))
    written = set(re.findall(r'"(law:[a-z0-9-]+)"', text))
    cost = {f"law:{verb}-{measure}" for verb, measure in product(("within", "above"), Measure)}
    thing = product(("plan-rate", "default-rate"), ("within", "above"), (Measure.ALL_IN, Measure.FOUR_LPR))
    promised = {f"law:{name}-{verb}-{measure}" for name, verb, measure in thing}
    return written | cost | promised | {f"law:{name}-ceiling-unknown" for name in ("plan-rate", "default-rate")}


def test_every_key_has_a_sentence_and_every_sentence_a_key() -> None:
    assert keys_found() == LAW_SENTENCES.keys()
    assert LAW_WORKINGS.keys() <= LAW_SENTENCES.keys()


@pytest.mark.parametrize("locale", ["zh_Hans", "zh_Hant"])
def test_every_sentence_stands_in_chinese(locale: str) -> None:
    tables = (LAW_SENTENCES, LAW_WORKINGS, OLD_DEBT_SENTENCES, LEVEL_WORDS, EVIDENCE_WORDS, MEMORY_WORDS)
    english = [sentence for table in tables for sentence in table.values()]
    say = i18n.translations(locale).gettext
    assert [one for one in english if say(one) == one] == []
    assert [one for one in english if words_found(f"{one} {say(one)}")] == []


def test_every_level_and_mark_has_its_words() -> None:
    assert (LEVEL_WORDS.keys(), EVIDENCE_WORDS.keys(), MEMORY_WORDS.keys()) == (
        set(Level),
        set(Evidence),
        set(FromMemory),
    )


@pytest.mark.parametrize(
    ("locale", "sentence", "working"),
    [
        (
            "en",
            "The yearly cost of 36.175%, penalty included, is above the ceiling of 24%; the borrower may ask for the "
            "part above to be cut.",
            "23.4% a year + 0.035% a day × 365 = 23.4% + 12.775% = 36.175%; ceiling 24%.",
        ),
        (
            "zh_Hans",
            "含罚息在内的年化成本为 36.175%，超过 24% 的上限；借款人可以请求调减超出部分。",
            "年化 23.4% ＋ 每日 0.035% × 365 ＝ 23.4% ＋ 12.775% ＝ 36.175%；上限 24%。",
        ),
    ],
)
def test_a_finding_reads_in_each_language(locale: str, sentence: str, working: str) -> None:
    found = [one for one in findings_on_claim(CLAIM, BOOK) if one.key == "law:above-ceiling"]
    (shown,) = said(found, locale)
    assert (shown.sentence, shown.working, shown.rule_id) == (sentence, working, "CN-R10")


def test_money_and_hours_are_said_as_people_write_them() -> None:
    deducted = replace(CLAIM, contract_principal=2000000, net_disbursed=1970100)
    money = [one for one in findings_on_claim(deducted, BOOK) if one.key == "law:deducted-in-advance"]
    hours = findings_on_contact(date(2025, 9, 25), time(23), is_agreed=False, book=BOOK)
    words = [one.sentence for one in said([*money, *hours], "en")]
    assert words == [
        "Nobody is contacted between 22:00 and 08:00 unless they agreed to it.",
        "The contract lends ¥20,000.00, and ¥19,701.00 was handed over; the principal is the sum handed over, "
        "¥299.00 less.",
    ]


def test_the_gravest_is_said_first() -> None:
    levels = [one.level.rank for one in said(findings_on_claim(CLAIM, BOOK), "en")]
    assert levels == sorted(levels, reverse=True)
    assert gravest(()) is Level.NOTE


# --- on the page ---------------------------------------------------------------------------------------------


def page(findings: list[Finding], *, staff: str = "false") -> str:
    jinja = Environment(
        loader=FileSystemLoader(ROOT / "templates"), autoescape=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"]
    )
    jinja.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    source = f'{{% from "law/_findings.html" import findings with context %}}{{{{ findings(said, staff={staff}) }}}}'
    return jinja.from_string(source).render(said=said(findings, "en"))


def test_a_finding_shows_its_sentence_working_citation_and_mark() -> None:
    rich = replace(CLAIM, figures=replace(CLAIM.figures, principal_due=30000000))
    shown = page(list(findings_on_claim(rich, BOOK)))
    for words in ("36.175%", "12.775%", "法发〔2017〕22号", "Known from a secondary source; exact wording from memory"):
        assert words in shown
    assert shown.count("Known only from memory") == shown.count(">From memory<") == 1


def test_no_borrower_sees_the_red_of_a_passed_limit() -> None:
    (quiet,) = findings_on_contact(date(2025, 9, 25), time(23), is_agreed=False, book=BOOK)
    assert "tag-limit" not in page([quiet])
    assert "tag-limit" in page([quiet], staff="true")


def test_what_is_said_is_escaped() -> None:
    fact = {"currency": "<b>"}
    shown = page([Finding(Level.QUERY, "law:other-currency", "CN-R09", "<i>", Evidence.PRIMARY, facts=fact)])
    assert "<b>" not in shown
    assert "<i>" not in shown


def test_no_finding_says_so() -> None:
    assert "Nothing is found." in page([])
