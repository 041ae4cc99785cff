"""Words that must never stand on a page: court words impersonate, blaming words hurt, vague words mislead."""

import re
from dataclasses import dataclass

# Where only staff of the institution and of the lender read; everything else may be read by a borrower.
STAFF_PLACES = (
    "templates/docket/", "templates/_layout_staff.html", "templates/portfolios/", "templates/registrar/",
    "mediation/docket/", "mediation/portfolios/", "mediation/cli.py", "mediation/reporting.py",
)  # fmt: skip
# The words of the paper are the law's; and a debt's own words stand in its clauses.
PAPER_PLACES = ("templates/agreements/", "mediation/agreements/paper.py", "mediation/rules/clauses.py")


@dataclass(frozen=True)
class Word:
    """A word, what to say instead, and the longer words in which it is right."""

    word: str
    instead: str
    right_in: tuple[str, ...] = ()

    def stands_in(self, text: str) -> bool:
        """Whether the text says it, outside the words in which it is right."""
        for phrase in self.right_in:
            text = text.replace(phrase, "")
        return re.search(self.word, text, re.IGNORECASE) is not None


EVERYWHERE = (
    Word("老赖", "借款人"),
    Word("失信", "say what happened"),
    Word("逾期人员", "借款人"),
    Word("立案", "受理登记"),
    Word("案号", "调解编号"),
    Word("已暂缓", "调解暂停至"),
    Word("还价", "提出修改"),
    Word("话术", "常用语"),
    Word("已谈妥", "双方同意此方案，签署前不生效"),
    Word("必须立即", "say by when, and what happens otherwise"),
    Word("(?<!授权)撤销方案", "收回方案"),
    Word("deadbeat|defaulter", "borrower"),
)
PAGES = (
    *EVERYWHERE,
    Word("抱歉|对不起", "say what happened and what to do"),
    Word(
        "机构",
        "出借方 or 调解组织",
        ("金融机构", "法律援助机构", "征信机构", "持牌机构", "司法鉴定机构", "监管机构", "鉴定机构", "机构代码"),
    ),
    Word("[!！]", "a full stop"),
    Word(r"\bsorry\b|\boops\b", "say what happened and what to do"),
)
BORROWER_PAGES = (
    *PAGES,
    Word("无效|非法|禁止", "say what is right: 手机号是 11 位数字"),
    Word("证据", "材料", ("不作为证据", "不得作为证据", "不会作为证据", "不能作为证据")),
    Word("不同意", "不参加 (of mediation), 不接受 (of an offer)"),
    Word(
        "催收",
        "say who writes and why",
        ("暂停催收", "停止催收", "不催收", "催收暂停", "催收已暂停", "不当催收", "不再催收", "催收公司"),
    ),
    Word("欠款|拖欠|欠债", "未还的款项, 借款"),
    Word(r"\binvalid\b|\billegal\b|\bforbidden\b", "say what is right"),
    Word(r"\bdelinquen|\bdebt collect(?!ion is paused|ion stops)", "say who writes and why"),
)


def words_for(place: str) -> tuple[Word, ...]:
    """The words that must not stand at this place of the source."""
    if place.startswith(PAPER_PLACES):
        return EVERYWHERE
    return PAGES if place.startswith(STAFF_PLACES) else BORROWER_PAGES


def words_found(text: str, words: tuple[Word, ...] = BORROWER_PAGES) -> list[str]:
    """Each forbidden word in a text or a rendered page, with what to say instead."""
    return [f"{each.word}: say {each.instead}" for each in words if each.stands_in(text)]
