"""Findings of the law as words: what each says, how its figure was found, and how well its rule is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from mediation import i18n
from mediation.cases.finding_words import LAW_SENTENCES, LAW_WORKINGS, OLD_DEBT_SENTENCES
from mediation.i18n import N_
from mediation.rules.legal_rules import Evidence, Fact, Finding, FromMemory, Level
from mediation.rules.settlement import Amount

__all__ = [
    "EVIDENCE_WORDS", "LAW_SENTENCES", "LAW_WORKINGS", "LEVEL_WORDS", "MEMORY_WORDS", "OLD_DEBT_SENTENCES",
    "SaidFinding", "said",
]  # fmt: skip

# A daily penalty such as 0.035 % needs its third decimal.
DECIMALS_OF_RATE = 4

LEVEL_WORDS: Mapping[Level, str] = {
    Level.BLOCK: N_("To be changed first"),
    Level.QUERY: N_("To be cleared up"),
    Level.NOTE: N_("For information"),
}
EVIDENCE_WORDS: Mapping[Evidence, str] = {
    Evidence.PRIMARY: N_("Checked against the legal text"),
    Evidence.SECONDARY: N_("Known from a secondary source"),
    Evidence.MEMORY: N_("Known only from memory, to be checked before anybody relies on it"),
}
MEMORY_WORDS: Mapping[FromMemory, str] = {
    FromMemory.VALUE: N_("value from memory"),
    FromMemory.WORDING: N_("exact wording from memory"),
    FromMemory.NUMBER: N_("number of the document from memory"),
    FromMemory.DATE: N_("date from memory"),
}


@dataclass(frozen=True)
class SaidFinding:
    """A finding in its reader's language; `working` is empty where nothing was computed."""

    level: Level
    level_words: str
    sentence: str
    working: str
    citation: str
    rule_id: str
    evidence_words: str
    memory_words: tuple[str, ...]
    is_from_memory: bool


def said(findings: Iterable[Finding], locale: str) -> list[SaidFinding]:
    """The findings in that language, the gravest first; the same words for every reader."""
    return [_said(one, locale) for one in sorted(findings, key=lambda one: -one.level.rank)]


def _said(one: Finding, locale: str) -> SaidFinding:
    say = i18n.translations(locale).gettext
    facts = {name: _worded(fact, locale) for name, fact in one.facts.items()}
    working = LAW_WORKINGS.get(one.key)
    return SaidFinding(
        level=one.level,
        level_words=say(LEVEL_WORDS[one.level]),
        sentence=say(LAW_SENTENCES[one.key]) % facts,
        working=say(working) % facts if working else "",
        citation=one.citation,
        rule_id=one.rule_id,
        evidence_words=say(EVIDENCE_WORDS[one.evidence]),
        memory_words=tuple(say(MEMORY_WORDS[part]) for part in sorted(one.from_memory)),
        is_from_memory=one.is_from_memory,
    )


def _worded(fact: Fact, locale: str) -> str:
    if isinstance(fact, Amount):
        return i18n.money(fact.minor, fact.currency, locale)
    if isinstance(fact, Decimal):
        return i18n.percent(fact, locale, places=DECIMALS_OF_RATE)
    if isinstance(fact, date):
        return i18n.day(fact, locale)
    if isinstance(fact, time):
        return f"{fact:%H:%M}"
    return i18n.number(fact, locale) if isinstance(fact, int) else fact
