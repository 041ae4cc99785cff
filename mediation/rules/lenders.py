"""What kinds of lender there are, the kind deciding which ceiling of interest applies, and the code that names one."""

from enum import StrEnum

CREDIT_CODE_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_CODE_LENGTH = 18


class LenderType(StrEnum):
    """Set by the registrar, never by the lender."""

    BANK = "bank"
    CONSUMER_FINANCE = "consumer_finance"
    MICRO_LENDER = "micro_lender"
    ASSET_MANAGER = "asset_manager"
    GUARANTOR = "guarantor"
    PRIVATE = "private"


def read_credit_code(text: str) -> str | None:
    """The 统一社会信用代码 that somebody wrote, in capitals; None when its check digit says that it is mistyped.

    GB 32100-2015: 17 characters weighted by 3^i modulo 31, and a check character that brings the sum to 0 modulo 31.
    """
    code = "".join(text.split()).replace("-", "").upper()
    if len(code) != CREDIT_CODE_LENGTH or not set(code) <= set(CREDIT_CODE_DIGITS):
        return None
    weighed = sum(CREDIT_CODE_DIGITS.index(mark) * pow(3, i, 31) for i, mark in enumerate(code[:-1]))
    return code if CREDIT_CODE_DIGITS[-weighed % 31] == code[-1] else None
