"""Which ceiling of interest a loan has, by who made it and when, and whether its cost keeps to it.

Exactly at a ceiling is within it (CN-R16). Rates are yearly fractions; the penalty counts daily rate x 365.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from mediation.rules.legal_facts import NOT_MAKERS, ClaimFacts
from mediation.rules.legal_rules import Fact, Finding, LawBook, Level, LprRow, Rule, found
from mediation.rules.lenders import LenderType
from mediation.rules.settlement import Amount

CURRENCY = "CNY"


class Measure(StrEnum):
    """By what a ceiling is measured, and so in which words it is said."""

    ALL_IN = "ceiling"  # a fixed yearly rate for the whole cost
    FOUR_LPR = "four-lpr"  # a multiple of the LPR when the contract was made
    SINCE_SPLIT = "four-lpr-since-split"  # of an older contract, for the time since the change of rule
    EARLIER = "earlier-rule"  # of an older contract, for the time before


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A yearly rate, the rule that sets it, and the publication of the LPR where it rests on one."""

    measure: Measure
    yearly_rate: Decimal
    rule: Rule
    row: LprRow | None = None
    is_lpr_uncertain: bool = False

    @property
    def facts(self) -> dict[str, Fact]:
        """The ceiling's figures, as its findings say them."""
        lpr: dict[str, Fact] = {} if self.row is None else {"lpr": self.row.one_year, "lpr_on": self.row.published_on}
        return {"ceiling": self.yearly_rate, **lpr}


def ceilings(facts: ClaimFacts, book: LawBook) -> tuple[Ceiling, ...]:
    """The ceilings that bind what the claim says; none where the maker, or the date that decides, is unknown.

    Private lenders: four times the LPR of the contract's day; before 2020-08-20 the rule of 24 and 36 % until
    the split, then four times the LPR of the day of the check, which stands for the day of suing. Small-loan
    companies: 24 %, and four times the LPR for loans made from 2028. All others: 24 %, whoever claims.
    """
    if facts.maker is None:
        return ()
    if _is_older_than_book(facts, book):
        return _since_split(facts, book)
    if facts.maker is LenderType.PRIVATE:
        return _of_private(facts, book)
    if facts.maker is LenderType.MICRO_LENDER:
        return (_of_small_loans(facts, book),)
    return (_all_in(facts, book),)


def ceiling_from_now(facts: ClaimFacts, book: LawBook) -> Ceiling | None:
    """The lowest ceiling for interest that a new agreement lets run from the day of the check; None if unknown.

    A private lender's new promise keeps to the LPR of the contract's day and to that of today.
    """
    if facts.maker is None:
        return None
    binding = [one for one in ceilings(facts, book) if one.measure is not Measure.EARLIER]
    if facts.maker is LenderType.PRIVATE:
        binding.append(_four_lpr(Measure.FOUR_LPR, book.rule("CN-R01"), facts.on, book))
    return min(binding, key=lambda one: one.yearly_rate, default=None)


def rate_findings(facts: ClaimFacts, book: LawBook) -> Iterator[Finding]:
    """What is unknown about the cost of the loan, and how what is known stands to each ceiling.

    An excess is a query: a claim binds nobody yet, and the part above can still be recast or waived.
    """
    if facts.figures.currency != CURRENCY:
        yield found(Level.QUERY, "law:other-currency", book.rule("CN-R09"), {"currency": facts.figures.currency})
        return
    yield from _unknown(facts, book)
    for ceiling in ceilings(facts, book):
        if ceiling.is_lpr_uncertain:
            yield lpr_query(ceiling)
        if facts.base_rate is not None:
            yield from _compared(facts, ceiling, facts.base_rate, book)
    yield from _timetable(facts, book)
    yield from _recast(facts, book)


def lpr_query(ceiling: Ceiling) -> Finding:
    """The question whether a publication newer than the book's newest holds."""
    return found(Level.QUERY, "law:lpr-may-be-newer", ceiling.rule, ceiling.facts)


def _is_older_than_book(facts: ClaimFacts, book: LawBook) -> bool:
    first = _first_day(facts, book)
    return facts.contract_on is not None and first is not None and facts.contract_on < first


def _first_day(facts: ClaimFacts, book: LawBook) -> date | None:
    """The first day for whose contracts the book has a rule."""
    if facts.maker is None:
        return None
    return book.rule("CN-R13" if facts.maker is LenderType.PRIVATE else "CN-R10").from_on


def _since_split(facts: ClaimFacts, book: LawBook) -> tuple[Ceiling, ...]:
    rule = book.rule("CN-R03")
    if facts.maker is not LenderType.PRIVATE or facts.on < rule.day("split_on"):
        return ()
    return (_four_lpr(Measure.SINCE_SPLIT, rule, facts.on, book),)


def _of_private(facts: ClaimFacts, book: LawBook) -> tuple[Ceiling, ...]:
    if facts.contract_on is None:
        return ()
    if facts.contract_on < book.rule("CN-R03").day("split_on"):
        earlier = book.rule("CN-R13")
        return (Ceiling(Measure.EARLIER, earlier.rate("supported"), earlier), *_since_split(facts, book))
    return (_four_lpr(Measure.FOUR_LPR, book.rule("CN-R05"), facts.contract_on, book),)


def _of_small_loans(facts: ClaimFacts, book: LawBook) -> Ceiling:
    rule, made_on = book.rule("CN-R12"), facts.contract_on
    if made_on is None or not rule.is_in_force(made_on):
        return _all_in(facts, book)
    if made_on >= rule.day("four_lpr_from"):
        return _four_lpr(Measure.FOUR_LPR, rule, made_on, book)
    return Ceiling(Measure.ALL_IN, rule.rate("yearly_rate"), rule)


def _all_in(facts: ClaimFacts, book: LawBook) -> Ceiling:
    """The same 24 % by either rule: that of assisted lending names the guarantee fees too."""
    assisted, made_on = book.rule("CN-R11"), facts.contract_on
    names_it = facts.is_assisted and facts.maker is LenderType.BANK and made_on and assisted.is_in_force(made_on)
    rule = assisted if names_it else book.rule("CN-R10")
    return Ceiling(Measure.ALL_IN, rule.rate("yearly_rate"), rule)


def _four_lpr(measure: Measure, rule: Rule, day: date, book: LawBook) -> Ceiling:
    row = book.lpr_on(day)
    if row is None:
        raise ValueError("this ceiling is asked for only since there is an LPR")
    rate = row.one_year * book.rule("CN-R01").rate("lpr_multiple")
    return Ceiling(measure, rate, rule.resting_on(row), row, book.may_lack_lpr(day))


def _unknown(facts: ClaimFacts, book: LawBook) -> Iterator[Finding]:
    gate, whole = book.rule("CN-R09"), book.rule("CN-R05" if facts.maker is LenderType.PRIVATE else "CN-R10")
    if facts.lender is None:
        yield found(Level.QUERY, "law:lender-type-unknown", gate)
    elif facts.maker in NOT_MAKERS:
        yield found(Level.QUERY, "law:original-lender-unknown", gate)
    if facts.contract_on is None:
        yield found(Level.QUERY, "law:contract-date-unknown", gate)
    elif _is_older_than_book(facts, book):
        earliest = _first_day(facts, book) or facts.contract_on
        older: dict[str, Fact] = {"contract_on": facts.contract_on, "earliest": earliest}
        yield found(Level.QUERY, "law:contract-older-than-rules", gate, older)
    if facts.base_rate is None:
        yield found(Level.QUERY, "law:rate-unknown", whole)
    if facts.penalty_daily_rate is None:
        yield found(Level.QUERY, "law:penalty-unknown", whole)
    if facts.all_in_yearly_rate is None and facts.fees != 0:
        yield found(Level.QUERY, "law:all-in-cost-unknown", whole)


def _compared(facts: ClaimFacts, ceiling: Ceiling, base: Decimal, book: LawBook) -> Iterator[Finding]:
    rule, total = ceiling.rule, base + facts.penalty_yearly_rate
    figures: dict[str, Fact] = {
        **ceiling.facts,
        "base_rate": base,
        "penalty_daily_rate": facts.penalty_daily_rate or Decimal(0),
        "penalty_rate": facts.penalty_yearly_rate,
        "total_rate": total,
    }
    if ceiling.measure in (Measure.EARLIER, Measure.SINCE_SPLIT):
        split_on = book.rule("CN-R03").day("split_on")
        figures |= {"split_on": split_on, "until": split_on - timedelta(days=1)}
    if total <= ceiling.yearly_rate:
        # What is unknown could still carry it over the ceiling; then the question stands alone.
        if facts.is_cost_known:
            yield found(Level.NOTE, f"law:within-{ceiling.measure}", rule, figures)
        return
    figures["excess"] = total - ceiling.yearly_rate
    if ceiling.measure is Measure.EARLIER and total > rule.rate("void_above"):
        figures["void_above"] = rule.rate("void_above")
        yield found(Level.QUERY, "law:above-earlier-rule-void", rule, figures)
        return
    if ceiling.row is not None and rule.id == "CN-R05" and base > ceiling.yearly_rate:
        rule = book.rule("CN-R01").resting_on(ceiling.row)
    yield found(Level.QUERY, f"law:above-{ceiling.measure}", rule, figures)


def _timetable(facts: ClaimFacts, book: LawBook) -> Iterator[Finding]:
    """A small-loan company's loan above the ceiling that is to come for its kind."""
    made_on, base, rule = facts.contract_on, facts.base_rate, book.rule("CN-R12")
    if facts.maker is not LenderType.MICRO_LENDER or made_on is None or base is None or not rule.is_in_force(made_on):
        return
    coming, total = _four_lpr(Measure.FOUR_LPR, rule, made_on, book), base + facts.penalty_yearly_rate
    if made_on < rule.day("four_lpr_from") and total > coming.yearly_rate:
        days: dict[str, Fact] = {
            "four_lpr_from": rule.day("four_lpr_from"),
            "share_falls_by": rule.day("share_falls_by"),
        }
        yield found(Level.NOTE, "law:above-coming-four-lpr", rule, {**coming.facts, **days, "total_rate": total})


def _recast(facts: ClaimFacts, book: LawBook) -> Iterator[Finding]:
    """The claim against what is left when every payment is counted at the ceiling."""
    binding, balance = ceilings(facts, book), facts.recast_balance
    if not binding or balance is None or facts.figures.total <= balance:
        return
    figures: dict[str, Fact] = {
        "claimed": Amount(minor=facts.figures.total, currency=CURRENCY),
        "recast": Amount(minor=balance, currency=CURRENCY),
        "difference": Amount(minor=facts.figures.total - balance, currency=CURRENCY),
        "ceiling": binding[0].yearly_rate,
    }
    yield found(Level.QUERY, "law:claim-above-recast", binding[0].rule, figures)
