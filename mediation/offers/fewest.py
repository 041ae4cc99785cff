"""The fewest instalments of which none is higher than what can be paid each time."""

from bisect import bisect_left
from dataclasses import replace

from mediation.errors import Refused
from mediation.rules import plans
from mediation.rules.money import RoundingRule
from mediation.rules.plans import Grace, Schedule, Terms

# With more instalments these go away, or come and go with rounding; every other refusal holds for any number.
_BY_NUMBER = frozenset({"plan:instalment-too-small", "plan:last-instalment-too-large"})


def fewest_within(terms: Terms, most: int, rounding: RoundingRule) -> int:
    """So few that no instalment exceeds `most` minor units; what the terms state otherwise is not judged.

    Stated otherwise are the down payment, first instalments of another amount and what is left for the last one.
    Refused: plan:cap-too-small (field each_at_most), where even the longest plan would exceed it.
    """
    for count in _candidates(terms, most, rounding):
        plan = _plan_of(terms, count, rounding)
        if plan is not None and max(_judged(terms, plan)) <= most:
            return count
    raise Refused("plan:cap-too-small", field="each_at_most", cap=most, currency=terms.currency)


def _candidates(terms: Terms, most: int, rounding: RoundingRule) -> range:
    """From the first number on whose level amount fits; it never rises with the number."""
    early = terms.step_after + (terms.grace_periods if terms.grace is Grace.INTEREST_ONLY else 0)
    every = range(1 + max(0, early) + bool(terms.balloon), plans.MOST_INSTALMENTS + 1)
    if not every:
        # So many early ones fit into no plan, and the longest one says which of them is too many.
        _plan_of(terms, plans.MOST_INSTALMENTS, rounding)
    elif not _fits(terms, every[0], most, rounding):
        first = bisect_left(every, True, lo=1, key=lambda count: _fits(terms, count, most, rounding))
        return every[first:]
    return every


def _fits(terms: Terms, count: int, most: int, rounding: RoundingRule) -> bool:
    plan = _plan_of(terms, count, rounding)
    return plan is None or _judged(terms, plan)[0] <= most


def _plan_of(terms: Terms, count: int, rounding: RoundingRule) -> Schedule | None:
    """The plan with so many instalments; none where rounding forbids just this number."""
    try:
        return plans.schedule(replace(terms, instalments=count, rolls=False), rounding=rounding)
    except Refused as no:
        if no.key not in _BY_NUMBER:
            raise
        return None


def _judged(terms: Terms, plan: Schedule) -> list[int]:
    """The amounts from the first one that follows the method, without what is left for the last one."""
    early = bool(terms.down_payment) + terms.step_after
    early += terms.grace_periods if terms.grace is Grace.INTEREST_ONLY else 0
    rows = plan.instalments[early:]
    return [row.amount for row in (rows[:-1] if terms.balloon else rows)]
