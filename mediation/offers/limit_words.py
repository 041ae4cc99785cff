"""The words for what a lender limits; only its own officers read them."""

from collections.abc import Mapping

from mediation.i18n import NP_
from mediation.rules.policy_bands import Limit

LIMITS: Mapping[Limit, str] = {
    Limit.MONTHS: NP_("limit of a lender", "Months to the last payment"),
    Limit.WAIVED_PRINCIPAL: NP_("limit of a lender", "Principal given up"),
    Limit.WAIVED_INTEREST: NP_("limit of a lender", "Interest given up"),
    Limit.WAIVED_PENALTY: NP_("limit of a lender", "Penalty given up"),
    Limit.WAIVED_FEES: NP_("limit of a lender", "Fees given up"),
    Limit.RECOVERY: NP_("limit of a lender", "Amount agreed in all"),
    Limit.UNKNOWN_AGE: NP_("limit of a lender", "It is not on file since when the loan is overdue"),
}
