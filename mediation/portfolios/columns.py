"""Which column of a lender's file states which fact of a loan."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from mediation.errors import Refused


class Field(StrEnum):
    """A fact of a loan that a file may state."""

    CONTRACT_NUMBER = "contract_number"
    BORROWER_NAME = "borrower_name"
    PHONE = "phone"
    ID_NUMBER = "id_number"
    EMAIL = "email"
    ADDRESS = "address"
    PRODUCT = "product"
    PRINCIPAL = "principal"
    YEARLY_RATE = "yearly_rate"
    MONTHLY_RATE = "monthly_rate"
    TERM = "term"
    INSTALMENT = "instalment"
    DISBURSED_ON = "disbursed_on"
    FIRST_DUE_ON = "first_due_on"
    DUE_DAY = "due_day"
    OUTSTANDING_PRINCIPAL = "outstanding_principal"
    PAID_INSTALMENTS = "paid_instalments"
    PAID_TOTAL = "paid_total"
    OVERDUE_SINCE_ON = "overdue_since_on"
    OVERDUE_DAYS = "overdue_days"
    INTEREST_DUE = "interest_due"
    PENALTY_DUE = "penalty_due"
    FEES_DUE = "fees_due"
    STATUS = "status"
    ORIGINAL_LENDER = "original_lender"
    ORIGINAL_CONTRACT = "original_contract"


MONEY_FIELDS = frozenset(
    {
        Field.PRINCIPAL, Field.INSTALMENT, Field.OUTSTANDING_PRINCIPAL, Field.PAID_TOTAL,
        Field.INTEREST_DUE, Field.PENALTY_DUE, Field.FEES_DUE,
    }
)  # fmt: skip
RATE_FIELDS = frozenset({Field.YEARLY_RATE, Field.MONTHLY_RATE})
DAY_FIELDS = frozenset({Field.DISBURSED_ON, Field.FIRST_DUE_ON, Field.OVERDUE_SINCE_ON})
COUNT_FIELDS = frozenset({Field.TERM, Field.PAID_INSTALMENTS, Field.OVERDUE_DAYS, Field.DUE_DAY})

Columns = Mapping[int, Field]


def suggest(headers: Sequence[str]) -> dict[int, Field]:
    """The columns whose headers are known, by their place from 0; the first wins where two say the same."""
    found: dict[int, Field] = {}
    for place, header in enumerate(headers):
        known = _known(header)
        if known and known not in found.values():
            found[place] = known
    return found


def header_key(headers: Sequence[str]) -> str:
    """A name for this set of headers in this order, under which a mapping is remembered: SHA-256 in hex."""
    written = "\x1f".join(" ".join(unicodedata.normalize("NFKC", header).casefold().split()) for header in headers)
    return hashlib.sha256(written.encode()).hexdigest()


def check_columns(headers: Sequence[str], columns: Columns) -> None:
    """A loan can be told apart and has an amount, of its beginning or of now; refused otherwise:
    import:contract-column-missing, import:amount-column-missing, import:no-such-column, import:column-twice."""
    seen: dict[Field, int] = {}
    for place, field in sorted(columns.items()):
        if not 0 <= place < len(headers):
            raise Refused("import:no-such-column", field=str(field), number=place + 1)
        if field in seen:
            named = (column_name(headers, seen[field]), column_name(headers, place))
            raise Refused("import:column-twice", field=str(field), first=named[0], second=named[1])
        seen[field] = place
    if Field.CONTRACT_NUMBER not in seen:
        raise Refused("import:contract-column-missing", field=str(Field.CONTRACT_NUMBER))
    if Field.PRINCIPAL not in seen and Field.OUTSTANDING_PRINCIPAL not in seen:
        raise Refused("import:amount-column-missing", field=str(Field.PRINCIPAL))


def as_kept(columns: Columns) -> dict[str, str]:
    """The mapping as JSON keeps it."""
    return {str(place): str(field) for place, field in sorted(columns.items())}


def from_kept(kept: Mapping[str, str]) -> dict[int, Field]:
    """The mapping that `as_kept` wrote, or that a form sent; refused: import:unknown-field."""
    try:
        return {int(place): Field(field) for place, field in kept.items() if field}
    except ValueError:
        raise Refused("import:unknown-field") from None


def column_name(headers: Sequence[str], place: int) -> str:
    """The header as in the file, or the column's letter where it has none."""
    return headers[place] or column_letter(place)


def column_letter(place: int) -> str:
    """What a spreadsheet calls the column at `place` from 0: A, Z, AA."""
    letters = ""
    number = place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def attribute_names(headers: Sequence[str]) -> tuple[str, ...]:
    """A name for each column as in the file; where a header stands twice, the later one gets its letter."""
    names: list[str] = []
    for place in range(len(headers)):
        name = column_name(headers, place)
        names.append(f"{name} [{column_letter(place)}]" if name in names else name)
    return tuple(names)


def unit_in(header: str) -> str:
    """The unit that a header states, as in 借款金额(万元) or 'Rate (%)'; empty where it states none."""
    plain = unicodedata.normalize("NFKC", header).casefold()
    inside = "/".join(match.strip() for match in _BRACKETS.findall(plain))
    if inside:
        return inside.removeprefix("单位").lstrip(": ")
    tail = re.search(r"[%‰]$", plain.rstrip())
    return tail[0] if tail else ""


_BRACKETS = re.compile(r"[(\[【〔{<]([^)\]】〕}>]*)[)\]】〕}>]")
_DROPPED = re.compile(r"[\s_\-*:：/\\·.,#'\"%‰]+")
_PER_MONTH = re.compile(r"月|month")


def _known(header: str) -> Field | None:
    folded = unicodedata.normalize("NFKC", header).casefold()
    whole = _DROPPED.sub("", re.sub(r"[()\[\]【】〔〕{}<>]", "", folded))
    bare = _DROPPED.sub("", _BRACKETS.sub("", folded))
    known = _BY_NAME.get(whole) or _BY_NAME.get(bare)
    if known is Field.YEARLY_RATE and bare in _PERIOD_UNSAID:
        unit = unit_in(header)
        if re.search(r"日|天|day|daily", unit):
            return None
        if _PER_MONTH.search(unit):
            return Field.MONTHLY_RATE
    return known


_PERIOD_UNSAID = frozenset({"利率", "贷款利率", "借款利率", "合同利率", "执行利率", "rate", "interestrate"})

_NAMES: Mapping[Field, str] = MappingProxyType(
    {
        Field.CONTRACT_NUMBER: """合同编号 合同号 合同号码 借款合同编号 借款合同号 贷款合同编号 贷款合同号
            借据号 借据编号 借据号码 贷款编号 贷款号 贷款账号 借款编号 借款单号 订单号 订单编号 进件编号
            案件编号 贷款借据号 loanref loanid loanno loannumber loanreference contractno contractnumber
            contractid contract contractref agreementno agreementnumber accountno accountnumber 合約編號
            合同編號 借據號""",
        Field.BORROWER_NAME: """姓名 客户姓名 客户名称 客户名 借款人 借款人姓名 借款人名称 债务人 债务人姓名
            用户姓名 用户名称 主借人 主借人姓名 name borrower borrowername customername clientname fullname
            customer debtor debtorname borrowersname 客戶姓名""",
        Field.PHONE: """手机号 手机 手机号码 手机电话 联系电话 联系方式 电话 电话号码 移动电话 本人手机
            本人手机号 本人手机号码 借款人手机 借款人手机号 借款人电话 客户手机号 客户电话 注册手机号 phone
            phoneno phonenumber mobile mobileno mobilenumber mobilephone telephone tel cellphone 手機號
            手機號碼 聯絡電話""",
        Field.ID_NUMBER: """身份证 身份证号 身份证号码 证件号 证件号码 客户身份证号 客户身份证 客户证件号
            借款人身份证号 借款人身份证 借款人身份证号码 借款人证件号码 公民身份号码 公民身份证号码 idnumber
            idno idcard idcardno idcardnumber nationalid identitynumber 身份證號 身份證號碼 身分證號""",
        Field.EMAIL: "邮箱 电子邮箱 电子邮件 邮箱地址 email mail emailaddress 電子郵件 電子郵件地址",
        Field.ADDRESS: """地址 联系地址 通讯地址 居住地址 家庭地址 住址 现住址 户籍地址 送达地址 借款人地址
            客户地址 address homeaddress mailingaddress 聯絡地址""",
        Field.PRODUCT: "产品 产品名称 贷款产品 业务品种 产品类型 贷款品种 product productname loanproduct 產品",
        Field.PRINCIPAL: """借款金额 贷款金额 合同金额 放款金额 借款本金 贷款本金 合同本金 发放金额 放款本金
            本金 借据金额 贷款总额 借款总额 loanamount principal amount originalprincipal disbursedamount
            fundedamount amountborrowed amountlent 貸款金額 借款金額""",
        Field.YEARLY_RATE: """年利率 年化利率 贷款年利率 借款年利率 合同年利率 执行年利率 年化 利率 贷款利率
            借款利率 合同利率 执行利率 interestrate rate yearlyrate annualrate annualinterestrate
            yearlyinterestrate""",
        Field.MONTHLY_RATE: "月利率 月息 贷款月利率 借款月利率 合同月利率 monthlyrate monthlyinterestrate",
        Field.TERM: """期数 总期数 分期数 分期期数 贷款期数 借款期数 合同期数 期限 贷款期限 借款期限 合同期限
            还款期数 期限月 term terms numberofinstalments numberofinstallments instalments installments
            loanterm termmonths terminmonths 期數""",
        Field.INSTALMENT: """月还款额 每期还款额 每月还款额 月还款 每月还款 每期应还 每期还款金额 月还款金额
            每月应还 月供 期供 每期金额 每月还款金额 每期应还金额 instalment installment monthlypayment
            monthlyinstalment monthlyinstallment instalmentamount installmentamount 每期還款額""",
        Field.DISBURSED_ON: """放款日 放款日期 放款时间 贷款发放日 贷款发放日期 发放日期 发放日 借款日期
            借款日 贷款日期 起息日 起息日期 合同起始日 贷款起始日 贷款起始日期 借款起始日 disbursedon
            disburseddate disbursementdate issuedate issuemonth issued startdate loandate originationdate paidouton""",
        Field.FIRST_DUE_ON: """首期还款日 首次还款日 首个还款日 第一期还款日 首期还款日期 首次还款日期
            首期应还日 首期应还日期 首期到期日 首期日期 首期日 firstdueon
            firstduedate firstpaymentdate firstinstalmentdate
            firstinstallmentdate firstinstalmentdueon 首期還款日""",
        Field.DUE_DAY: """还款日 每月还款日 每期还款日 账单日 每月還款日 dueday paymentday repaymentday
            dayofthemonthwhendue""",
        Field.OUTSTANDING_PRINCIPAL: """剩余本金 未还本金 本金余额 贷款余额 借款余额 剩余未还本金 待还本金
            未偿本金 尚欠本金 欠款本金 未结清本金 借据余额 balance outstandingprincipal outstandingbalance
            principalbalance principaloutstanding remainingprincipal outstanding 剩餘本金""",
        Field.PAID_INSTALMENTS: """已还期数 已还期次 已还款期数 已偿还期数 paidinstalments paidinstallments
            instalmentspaid installmentspaid numberofpayments 已還期數""",
        Field.PAID_TOTAL: """已还总额 已还金额 已还款总额 累计还款 累计已还 已还款金额 累计还款金额 已还合计
            还款总额 paidtotal totalpaid totalpayment totalpayments amountpaid paidinall 累計還款""",
        Field.OVERDUE_SINCE_ON: """逾期日 逾期日期 逾期开始日 逾期开始日期 逾期起始日 逾期起始日期 首次逾期日
            首次逾期日期 overduesince overduesinceon overduedate delinquentsince dateofdefault defaultdate
            pastduesince""",
        Field.OVERDUE_DAYS: """逾期天数 当前逾期天数 已逾期天数 逾期日数 overduedays daysoverdue dayspastdue
            dpd dayslate dayspastduedate 逾期天數""",
        Field.INTEREST_DUE: """应还利息 未还利息 剩余利息 欠息 逾期利息 待还利息 应收利息 未付利息 利息
            欠款利息 尚欠利息 interestdue interestoutstanding outstandinginterest accruedinterest interest
            應還利息""",
        Field.PENALTY_DUE: """罚息 应还罚息 未还罚息 逾期罚息 违约金 剩余罚息 滞纳金 待还罚息 欠款罚息
            penaltydue penalty penaltyinterest latefees latefee latecharges penaltyoutstanding 罰息 應還罰息""",
        Field.FEES_DUE: """费用 应还费用 未还费用 服务费 手续费 其他费用 应还服务费 剩余费用 担保费 欠款费用
            待还费用 feesdue fees fee feesoutstanding charges otherfees 應還費用""",
        Field.STATUS: """状态 贷款状态 借款状态 借据状态 合同状态 账户状态 loanstatus status accountstatus
            狀態""",
        Field.ORIGINAL_LENDER: """原出借人 原出借方 原债权人 原始债权人 原贷款机构 放款机构 资金方 原贷款人
            资金方名称 originallender originalcreditor originator""",
        Field.ORIGINAL_CONTRACT: """原合同编号 原合同号 原借款合同编号 原始合同编号 原借据号 原贷款合同编号
            originalcontract originalcontractno originalcontractnumber originalloanref 原合同編號 原合約編號""",
    }
)
_BY_NAME: Mapping[str, Field] = MappingProxyType(
    {name: field for field, names in _NAMES.items() for name in names.split()}
)
