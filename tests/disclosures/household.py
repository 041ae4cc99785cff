"""Scenario A's household, typed as Bai would type it, and stated."""

from collections.abc import Mapping

from mediation.disclosures import actions, drafts
from mediation.disclosures.answers import Answer
from mediation.disclosures.models import Section
from mediation.disclosures.questions import profile_of, question_at
from mediation.disclosures.sharing import CHOICES, Readers
from tests.world import World

INCOME = {"wage": "5,200", "business": "0", "partner": "0", "pension": "0", "other_income": "0"}
SPENDING = {
    "housing": "1,500", "utilities": "200", "telecoms": "100", "food": "1,100", "transport": "300", "health": "150",
    "schooling": "0", "elders": "0", "insurance": "350", "other": "100",
}  # fmt: skip
CAP = 126_000


def given(amount: str, period: str = "monthly") -> Answer:
    """An amount as typed."""
    return Answer(told="given", amount=amount, period=period)


def said(text: str) -> Answer:
    """A word, a number or a text as typed."""
    return Answer(told="given", text=text)


def keep(world: World, number: str, section: Section, key: str, answer: Answer, *, name: str = "bai") -> None:
    """One answer is in the draft."""
    with world.seat(name, number) as seat:
        question = question_at(section, key, profile_of(seat.case.calendar))
        assert question is not None, key
        actions.keep_answer(seat, question, answer, at=world.clock())


def fill(world: World, number: str, **spending: str) -> None:
    """Everything that scenario A needs is in the draft; some spending may be another."""
    amounts = {Section.INCOME: INCOME, Section.SPENDING: {**SPENDING, **spending}}
    for section, each in amounts.items():
        for key, amount in each.items():
            keep(world, number, section, key, given(amount))
    for key, text in (("partner", "no"), ("children", "0"), ("dependants", "0")):
        keep(world, number, Section.HOUSEHOLD, key, said(text))
    keep(world, number, Section.DEBTS, "any", said("no"))


def share(world: World, number: str, readers: Mapping[Section, Readers]) -> None:
    """These read these sections from the next statement on."""
    for section, each in readers.items():
        with world.seat("bai", number) as seat:
            actions.choose_readers(seat, section, each, at=world.clock())


def state(world: World, number: str, *, name: str = "bai", consent_words: str = "") -> str:
    """The draft is stated; the statement's SHA-256."""
    with world.seat(name, number) as seat:
        seen = drafts.fingerprint_of(seat, drafts.draft_of(seat))
        return actions.state_means(seat, seen=seen, consent_words=consent_words, at=world.clock()).sha256


def stated_case(world: World, number: str, readers: Mapping[Section, Readers] | None = None) -> str:
    """Scenario A's household is stated, each section to these readers; the statement's SHA-256."""
    fill(world, number)
    share(world, number, readers or {})
    return state(world, number)


SUMMARIES = {section: Readers.SUMMARY for section, choices in CHOICES.items() if Readers.SUMMARY in choices}
