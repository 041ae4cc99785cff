"""One answer: as it was typed, which is what a draft keeps, and as it is read once it holds."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from mediation.disclosures.questions import Kind, Question
from mediation.errors import Refused
from mediation.rules.affordability import MOST_PEOPLE, Figure, Period, Told, monthly
from mediation.rules.money import read_amount

YES, NO = "yes", "no"
MOST_WORDS = 2000
REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody typed and chose, exactly as typed; `told` is empty until the answer is saved."""

    told: str = ""
    amount: str = ""
    period: str = ""
    text: str = ""
    priority: str = ""
    balance: str = ""

    @classmethod
    def of(cls, kept: dict[str, str]) -> "Answer":
        """What `kept` wrote."""
        return cls(**{each.name: str(kept.get(each.name, "")) for each in fields(cls)})

    @property
    def kept(self) -> dict[str, str]:
        """The JSON value of a draft, without what is empty."""
        return {name: text for name, text in asdict(self).items() if text}

    @property
    def is_removed(self) -> bool:
        """Whether a debt was taken off the list; what was typed stays, so that it can be put back."""
        return self.told == REMOVED


@dataclass(frozen=True, slots=True)
class Line:
    """One answer that holds: minor units, a count as an amount, or text."""

    key: str
    kind: Kind
    told: Told
    amount: int | None = None
    period: Period | None = None
    text: str = ""
    is_priority: bool | None = None
    balance: int | None = None

    @property
    def figure(self) -> Figure:
        """The amount each period, as the rules take it."""
        return Figure(self.told, self.amount or 0, self.period or Period.MONTHLY)

    @property
    def monthly(self) -> int | None:
        """Minor units a month; none where there is no amount each period."""
        return self.figure.monthly if self.period is not None else None

    @property
    def document(self) -> dict[str, Any]:
        """The JSON value of a line in a statement, without what is not there."""
        written = {"key": self.key, "kind": self.kind.value, "told": self.told.value, "amount": self.amount,
                   "period": self.period and self.period.value, "text": self.text or None,
                   "is_priority": self.is_priority, "balance": self.balance}  # fmt: skip
        return {name: value for name, value in written.items() if value is not None}

    @classmethod
    def from_document(cls, kept: dict[str, Any]) -> "Line":
        """What `document` wrote."""
        return cls(
            key=kept["key"],
            kind=Kind(kept["kind"]),
            told=Told(kept["told"]),
            amount=kept.get("amount"),
            period=Period(kept["period"]) if "period" in kept else None,
            text=kept.get("text", ""),
            is_priority=kept.get("is_priority"),
            balance=kept.get("balance"),
        )


def read(question: Question, answer: Answer, currency: str) -> Line:
    """The line that an answer makes.

    Refused at the form's field: means:choose, means:number, means:words-missing, means:words-too-long,
    means:people-out-of-range, means:creditor-missing, and those of money.read_amount.
    """
    if answer.told in (Told.UNKNOWN, Told.WITHHELD) and question.kind is not Kind.DEBT:
        return Line(question.key, question.kind, Told(answer.told))
    match question.kind:
        case Kind.MONEY:
            return _money(question, answer, currency)
        case Kind.SUM:
            amount = read_amount(answer.amount, currency, field="amount")
            return Line(question.key, question.kind, Told.GIVEN, amount)
        case Kind.COUNT:
            return Line(question.key, question.kind, Told.GIVEN, _count(answer.text))
        case Kind.YES_NO:
            return Line(question.key, question.kind, Told.GIVEN, text=_chosen(answer.text, "yes"))
        case Kind.WORDS:
            return Line(question.key, question.kind, Told.GIVEN, text=_words(answer.text))
        case Kind.DEBT:
            return _debt(question, answer, currency)


def _money(question: Question, answer: Answer, currency: str) -> Line:
    amount, period = read_amount(answer.amount, currency, field="amount"), _period(answer.period)
    monthly(amount, period)
    return Line(question.key, question.kind, Told.GIVEN, amount, period)


def _period(text: str) -> Period:
    if text not in set(Period):
        raise Refused("means:choose", field="period")
    return Period(text)


def _chosen(text: str, field: str) -> str:
    if text not in (YES, NO):
        raise Refused("means:choose", field=field)
    return text


def _count(text: str) -> int:
    plain = text.strip()
    if not plain.isascii() or not plain.isdecimal():
        raise Refused("means:number", field="count")
    if len(plain) > len(str(MOST_PEOPLE)) or int(plain) > MOST_PEOPLE:
        raise Refused("means:people-out-of-range", field="count", most=MOST_PEOPLE)
    return int(plain)


def _words(text: str) -> str:
    plain = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    if not plain:
        raise Refused("means:words-missing", field="words")
    if len(plain) > MOST_WORDS:
        raise Refused("means:words-too-long", field="words", most=MOST_WORDS, length=len(plain))
    return plain


def _debt(question: Question, answer: Answer, currency: str) -> Line:
    """A payment that is not known may be left to the button; a balance may be left empty."""
    creditor = " ".join(answer.text.split())
    if not creditor:
        raise Refused("means:creditor-missing", field="creditor")
    is_priority = _chosen(answer.priority, "priority") == YES
    balance = read_amount(answer.balance, currency, field="balance") if answer.balance.strip() else None
    if answer.told in (Told.UNKNOWN, Told.WITHHELD):
        told = Told(answer.told)
        return Line(question.key, question.kind, told, text=creditor, is_priority=is_priority, balance=balance)
    paid = _money(question, answer, currency)
    return Line(question.key, question.kind, Told.GIVEN, paid.amount, paid.period, creditor, is_priority, balance)
