"""Which of many plans are worth a look: those that no other beats for the lender and for the borrower at once."""

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Truth = npt.NDArray[np.bool_]

_NEVER = np.int64(2**62)


def undominated(present_value: Whole, monthly: Whole, total: Whole) -> Whole:
    """The places, in ascending order, of the plans that no other plan dominates; shape (kept,).

    The three arrays have one shape (n,) and hold int64 minor units. One plan dominates another when it is worth
    no less to the lender today, asks no more of a month and no more altogether, and is better in one of the
    three. Of plans that are equal in all three the one that stands first is kept, and no other. So whatever is
    left out is dominated by, or equal to, something kept.

    Source: Kung, Luccio and Preparata, On Finding the Maxima of a Set of Vectors, Journal of the ACM 22 (1975),
    469-476: sorted by the first measure, then halves compared by the running minimum of the third in the order
    of the second. O(n log² n) for any input; a staircase kept in a list is O(n²) where most plans are kept.
    ValueError where the arrays have not one length.
    """
    if not present_value.shape == monthly.shape == total.shape == (present_value.size,):
        raise ValueError("one figure of each plan in each of three rows")
    # lexsort takes its last key first and is stable, so equal plans stay in the order in which they came.
    order = np.lexsort((total, monthly, -present_value))
    return np.sort(order[~_beaten(monthly[order], total[order])])


def _beaten(monthly: Whole, total: Whole) -> Truth:
    """Which plans have one before them that asks no more of a month and no more altogether; shape (n,)."""
    count = monthly.size
    size = 1 << max(count - 1, 0).bit_length()
    # Places in the order of `monthly`, and where each place stands in it; what fills up to a power of two is last.
    place, rank, paid = np.arange(size), np.arange(size), np.full(size, _NEVER)
    place[:count] = np.argsort(monthly, kind="stable")
    rank[place[:count]] = np.arange(count)
    paid[:count] = total
    beaten = np.zeros(size, np.bool_)
    half = 1
    while half < size:
        # Each row is a stretch of plans in the order of `monthly`; its first half stood before the second.
        row = place[np.sort(rank.reshape(-1, 2 * half), axis=1)]
        before = (row & half) == 0
        least = np.minimum.accumulate(np.where(before, paid[row], _NEVER), axis=1)
        beaten[row[~before & (least <= paid[row])]] = True
        half *= 2
    return beaten[:count]
