"""The people and loans of the demonstration, made by a seeded generator; none of them exists."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from mediation.rules.money import HALF_UP
from mediation.rules.plans import Arrears, Loan, arrears, loan_schedule

SEED = 20250925
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹"
GIVEN = "晓明 雅文 志强 海燕 子涵 建国 秀英 思远 佳怡 浩然 玉兰 文博 春梅 俊杰 若溪 立新 雨桐 国栋 静怡 家豪".split()
PRODUCTS = ("消费分期", "装修贷款", "教育分期", "信用贷款")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
PENALTY_PER_DAY = Decimal("0.0005")


@dataclass(frozen=True)
class Debtor:
    """One borrower of the demonstration with one loan in arrears."""

    contract: str
    name: str
    phone: str
    email: str
    id_number: str
    product: str
    loan: Loan
    paid: int
    owed: Arrears
    as_of_on: date
    overdue_since_on: date
    instalment: int


def bai() -> Debtor:
    """Scenario A of the product's description: job loss, ¥50,000, four instalments missed."""
    loan = Loan.at_monthly_rate(5_000_000, Decimal("0.0195"), 12, date(2025, 1, 15))
    return _debtor("XF-2025-0001", "白露", "13800000007", "bai@example.org", "420106199003071529",
                   "信用贷款", loan, 5, date(2025, 9, 25))  # fmt: skip


def debtors(count: int, *, today: date) -> Iterator[Debtor]:
    """Borrowers in arrears as of today, the same on every machine for the same day."""
    chance = random.Random(SEED)  # noqa: S311
    for ordinal in range(2, count + 2):
        months, paid, missed = chance.choice((12, 18, 24)), chance.randint(3, 8), chance.randint(2, 4)
        first = _months_before(today, paid + missed - 1) - timedelta(days=chance.randint(3, 20))
        principal = chance.randint(8, 80) * 100_000
        rate = Decimal(chance.choice((90, 120, 150, 180, 198))) / 10_000
        loan = Loan.at_monthly_rate(principal, rate, months, first)
        yield _debtor(
            f"XF-{first.year}-{ordinal:04d}",
            chance.choice(SURNAMES) + chance.choice(GIVEN),
            f"138{ordinal:08d}",
            f"b{ordinal:03d}@example.org",
            _id_number(chance),
            chance.choice(PRODUCTS),
            loan,
            paid,
            today,
        )


def _debtor(
    contract: str, name: str, phone: str, email: str, id_number: str, product: str, loan: Loan, paid: int, on: date
) -> Debtor:
    rows = loan_schedule(loan, rounding=HALF_UP).instalments
    return Debtor(
        contract=contract,
        name=name,
        phone=phone,
        email=email,
        id_number=id_number,
        product=product,
        loan=loan,
        paid=paid,
        owed=arrears(loan, paid, as_of=on, penalty_daily_rate=PENALTY_PER_DAY, rounding=HALF_UP),
        as_of_on=on,
        overdue_since_on=rows[paid].due_on,
        instalment=rows[0].amount,
    )


def _months_before(on: date, months: int) -> date:
    back = on.year * 12 + on.month - 1 - months
    return date(back // 12, back % 12 + 1, min(on.day, 28))


def _id_number(chance: random.Random) -> str:
    born = date(1970, 1, 1) + timedelta(days=chance.randint(0, 11_000))
    body = f"420106{born:%Y%m%d}{chance.randint(100, 999)}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]
