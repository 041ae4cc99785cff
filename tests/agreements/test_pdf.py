"""The agreement on paper: its words, its type, its bytes, and the places it keeps free."""

import hashlib
import io
import json
import logging
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest
from weasyprint.urls import FatalURLFetchingError

from mediation.agreements import paper, pdf
from mediation.errors import Refused
from mediation.rules.clauses import Family, agreement_clauses, to_document
from mediation.rules.money import RoundingRule
from mediation.rules.repayment import Method
from mediation.rules.settlement import AgreementFacts, ClaimBasis, CourtStatus, CreditTreatment, Manner
from tests.agreements.papers import (
    AT,
    BORROWER,
    FACTS,
    INSTITUTION,
    LENDER,
    MEDIATOR,
    OFFICER,
    SHEET,
    long_facts,
    page_of,
    pdf_of,
    rows,
    terms_of,
)


def with_older_interest() -> AgreementFacts:
    """The first two of sixty instalments are stated, and the very first carries 10.00 of older interest besides."""
    facts = long_facts()
    first = replace(facts.rows[0], interest=6_000)
    return replace(facts, rows=(first, *facts.rows[1:]), manner=Manner(step_after=2, step_amount=59_100))


LEFT_OPEN = replace(FACTS, figures=(*FACTS.figures[:3], replace(FACTS.figures[3], waived=0, disputed=53_027)))
ONE_PAYMENT = replace(FACTS, rows=rows(1))
PAPERS = {"one payment": ONE_PAYMENT, "26 instalments": FACTS, "60 instalments": long_facts()}


@cache
def rendered(name: str, language: paper.Language = "zh_Hans") -> bytes:
    return pdf_of(PAPERS[name], language)


@cache
def pages_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def text_of(content: bytes, page: int | None = None) -> str:
    return "\n".join(pages_of(content)) if page is None else pages_of(content)[page]


def words_of(facts: AgreementFacts, language: paper.Language = "zh_Hans") -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", page_of(facts, language))))


def fonts_in(content: bytes) -> list[Any]:
    with pikepdf.open(io.BytesIO(content)) as document:
        return [
            (str(entry.Subtype), any(key in entry.get("/FontDescriptor", {}) for key in ("/FontFile2", "/FontFile3")))
            for entry in document.objects
            if isinstance(entry, pikepdf.Dictionary) and entry.get("/Type") == "/Font"
        ]


@pytest.mark.parametrize(("name", "language"), [*((name, "zh_Hans") for name in PAPERS), ("26 instalments", "en")])
def test_every_agreement_is_approved_as_pdf_a_3(name: str, language: paper.Language) -> None:
    assert pdf.check_pdfa(rendered(name, language)) == []


def test_a_file_that_is_not_pdf_a_is_not_approved() -> None:
    plain = pikepdf.new()
    plain.add_blank_page()
    out = io.BytesIO()
    plain.save(out)
    assert pdf.check_pdfa(out.getvalue()) != []


def test_the_same_terms_give_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    script = "import sys; from tests.agreements.papers import FACTS, pdf_of; sys.stdout.buffer.write(pdf_of(FACTS))"
    again = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, cwd=paper.ROOT).stdout
    assert hashlib.sha256(again).hexdigest() == hashlib.sha256(rendered("26 instalments")).hexdigest()


def test_another_moment_gives_other_bytes() -> None:
    later = paper.agreement_pdf(terms_of(ONE_PAYMENT), SHEET, created_at=AT + timedelta(seconds=1))
    assert later != rendered("one payment")


@pytest.mark.parametrize("name", PAPERS)
def test_every_font_is_embedded_and_none_is_type_3(name: str) -> None:
    fonts = fonts_in(rendered(name))
    assert {kind for kind, _ in fonts} == {"/Type0", "/CIDFontType0"}
    assert all(embedded for kind, embedded in fonts if kind == "/CIDFontType0")


@pytest.mark.parametrize("word", [BORROWER, OFFICER, LENDER, INSTITUTION, MEDIATOR, "004X", "91310000MA1FL0000X"])
def test_names_come_out_of_the_file_equal_by_code_point(word: str) -> None:
    assert word in text_of(rendered("26 instalments"))


@pytest.mark.parametrize(("name", "pages"), [("one payment", 4), ("26 instalments", 5), ("60 instalments", 6)])
def test_the_paper_has_as_many_pages_as_it_says(name: str, pages: int) -> None:
    content = rendered(name)
    assert len(pypdf.PdfReader(io.BytesIO(content)).pages) == pages
    assert f"第 {pages} 页 共 {pages} 页" in re.sub(r"\s+", " ", text_of(content, pages - 1))


def test_the_case_number_runs_on_every_page() -> None:
    assert all(SHEET.case_number in page for page in pages_of(rendered("60 instalments")))


def test_the_head_of_the_schedule_is_repeated_on_each_of_its_pages() -> None:
    with_rows = [
        text
        for text in pages_of(rendered("60 instalments"))
        if re.search(r"\n?\d+\s*20\d\d年\d+月15日", text) and "591.00 元" in text
    ]
    assert len(with_rows) > 1
    assert all("当期应付金额" in text for text in with_rows)


def test_the_signature_block_never_stands_alone() -> None:
    for name in PAPERS:
        page = pdf.places(rendered(name))["seal"].page
        assert "第二十条" in text_of(rendered(name), page)


def test_each_signer_has_a_place_of_its_own_on_one_page() -> None:
    places = pdf.places(rendered("60 instalments"))
    assert set(places) == {"lender-1", "borrower-1", "borrower-2", "mediator", "seal"}
    assert len({place.page for place in places.values()}) == 1
    assert all(
        right - left > 150 and top - bottom > 60 for left, bottom, right, top in (p.box for p in places.values())
    )


def test_a_translation_reserves_no_place_and_says_what_it_is() -> None:
    english = rendered("26 instalments", "en")
    assert pdf.places(english) == {}
    assert "Reference translation" in text_of(english, 0)


def test_the_terms_travel_inside_the_paper_and_their_hash_is_printed() -> None:
    content, terms = rendered("26 instalments"), terms_of(FACTS)
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert reader.attachments["terms.json"] == [terms.encode()]
    assert hashlib.sha256(terms.encode()).hexdigest() in text_of(content)


def test_the_terms_are_attached_as_the_data_of_the_paper() -> None:
    with pikepdf.open(io.BytesIO(rendered("26 instalments"))) as document:
        attached = document.Root.AF[0]
        assert (attached.AFRelationship, attached.EF.F.Subtype) == ("/Data", "/application/json")


def test_the_file_is_tagged_and_names_its_language_and_title() -> None:
    with pikepdf.open(io.BytesIO(rendered("26 instalments"))) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "zh-Hans"
        assert str(document.docinfo.Title) == "调解协议书 示调协〔2025〕14 号"


def test_nothing_is_fetched_from_this_machine(tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("p::before { content: 'secret' }")
    html = f'<html><head><link rel="stylesheet" href="{secret.as_uri()}"></head><body><p>words</p></body></html>'
    with pytest.raises(FatalURLFetchingError, match="secret.css"):
        pdf.render(html, css="", title="t", created_at=AT)


def test_the_style_sheet_has_nothing_that_is_ignored(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        pdf_of(ONE_PAYMENT)
    assert caplog.messages == []


def test_a_name_that_cannot_be_printed_is_refused_not_printed_wrong() -> None:
    stranger = replace(FACTS, parties=(replace(FACTS.parties[0], name="石\U00031350"), FACTS.parties[1]))
    with pytest.raises(Refused, match="agreement:character-not-printable") as refusal:
        pdf_of(stranger)
    assert refusal.value.facts == {"characters": "\U00031350"}


def test_rare_characters_of_names_have_glyphs() -> None:
    assert pdf.missing_glyphs("䶮㛃龑·𬭎 Ab 1，。〔〕") == set()
    assert pdf.missing_glyphs("ok☑") == {"☑"}


def test_a_typeface_that_is_not_installed_is_never_replaced() -> None:
    with pytest.raises(pdf.FontMissing):
        pdf.installed_face("No Such Serif SC")


def test_names_cannot_bring_markup_into_the_paper() -> None:
    sly = replace(FACTS, parties=(replace(FACTS.parties[0], name="<b>白</b>&"), FACTS.parties[1]))
    assert "&lt;b&gt;白&lt;/b&gt;&amp;" in page_of(sly)
    assert "<b>白" not in page_of(sly)


def test_an_agreement_without_a_clause_is_refused() -> None:
    document = to_document(FACTS, agreement_clauses(FACTS)[:-1])
    with pytest.raises(Refused, match="agreement:clause-missing"):
        paper.agreement_html(document, "zh_Hans", sheet=SHEET, terms_sha256="")


def test_amounts_stand_in_figures_and_in_capital_figures() -> None:
    words = words_of(FACTS)
    assert "减免后，乙方应付总额为 32,460.27 元（大写：叁万贰仟肆佰陆拾元贰角柒分）。" in words
    assert "合计 32,990.54 元（大写：叁万贰仟玖佰玖拾元伍角肆分）" in words


def test_the_recap_shows_each_component_claimed_waived_and_to_be_paid() -> None:
    words = words_of(FACTS)
    assert "逾期罚息（违约金） 530.27 元 530.27 元 0.00 元" in words
    assert "合计 32,990.54 元 530.27 元 32,460.27 元" in words


def test_the_schedule_shows_each_instalment_and_what_is_left() -> None:
    words = words_of(FACTS)
    assert "1 2025年11月15日 1,248.47 元 31,211.80 元" in words
    assert "26 2027年12月15日 1,248.52 元 0.00 元" in words


def test_a_schedule_with_interest_shows_it_in_a_column() -> None:
    words = words_of(long_facts())
    assert "1 2025年11月15日 541.00 元 50.00 元 591.00 元 31,919.27 元" in words
    assert "利息合计 3,000.00 元" in words


def test_the_clauses_stand_in_the_order_that_their_references_assume() -> None:
    order = list(Family)
    named = {2: Family.DISPUTED_FACTS, 3: Family.DEBT_RECAP, 4: Family.SCHEDULE, 6: Family.GRACE_AND_CURE,
             7: Family.CONSEQUENCE}  # fmt: skip
    assert {number: order[number - 1] for number in named} == named


@pytest.mark.parametrize("family", Family)
def test_every_clause_has_a_title_and_words_in_both_languages(family: Family) -> None:
    number = list(Family).index(family)
    for language, mark in (("zh_Hans", "[。：]"), ("en", "[.:]")):
        section = page_of(FACTS, language).split('<section class="clause clause-')[number + 1]  # type: ignore[arg-type]
        assert section.startswith(family.value)
        assert re.search(r"<h2><span class=\"number\">[^<]+</span> \s*\S+", section)
        assert re.search(rf"<p>[^<]{{10,}}.*{mark}\s*</p>", section)


def test_no_english_is_left_in_the_chinese_text() -> None:
    for facts in VARIANTS.values():
        left = re.sub(r"SHA-256|terms\.json|XF-2025-0001|91310000MA1FL0000X|7QK2M4XP|004X", "", words_of(facts))
        assert re.findall(r"[A-Za-z]{3,}", left.replace(SHEET.verify_at, "")) == []


VARIANTS = {
    "one payment": ONE_PAYMENT,
    "assigned, filed, with interest": long_facts(),
    "subrogated, judged": replace(FACTS, claim_basis=ClaimBasis.SUBROGATED, court=CourtStatus.JUDGMENT),
    "entrusted, enforced": replace(FACTS, claim_basis=ClaimBasis.ENTRUSTED, court=CourtStatus.ENFORCEMENT),
    "no grace, no cure": replace(FACTS, grace_days=0, cure_days=0, accelerates=False, default_yearly_rate=Decimal(0)),
    "never reported": replace(FACTS, credit_treatment=CreditTreatment.NOT_REPORTED),
    "updated on effect": replace(FACTS, credit_treatment=CreditTreatment.UPDATED_ON_EFFECT),
    "with a fee": replace(FACTS, mediator_fee=20_000),
    "rolls": replace(FACTS, manner=Manner(rolls=True)),
    "down payment": replace(FACTS, manner=Manner(down_payment=124_847)),
    "down payment and rest": replace(FACTS, rows=rows(2), manner=Manner(down_payment=1_623_013)),
    "first ones": replace(FACTS, manner=Manner(step_after=6, step_amount=124_847)),
    "first ones with older interest": with_older_interest(),
    "balloon": replace(FACTS, manner=Manner(balloon=124_852, rounding=RoundingRule.parse("half_even"))),
    "equal principal": replace(long_facts(), manner=Manner(method=Method.EQUAL_PRINCIPAL)),
    "rounded up": replace(FACTS, manner=Manner(rounding=RoundingRule.parse("up:100"))),
    "rounded down": replace(FACTS, manner=Manner(rounding=RoundingRule.parse("down:10"))),
    "left open": LEFT_OPEN,
    "left open, never reported": replace(LEFT_OPEN, credit_treatment=CreditTreatment.NOT_REPORTED),
}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("one payment", "乙方应于2025年11月15日前（含当日）一次性支付 32,460.27 元"),
        ("assigned, filed, with interest", "受让编号为 XF-2025-0001 的借款合同项下的债权"),
        ("assigned, filed, with interest", "双方应当将本协议告知受理该案的人民法院"),
        ("subrogated, judged", "并据此向乙方行使追偿权"),
        ("subrogated, judged", "双方不申请司法确认"),
        ("entrusted, enforced", "已进入强制执行程序"),
        ("no grace, no cure", "甲方不就逾期款项计收利息或者违约金。"),
        ("no grace, no cure", "尚未到期的各期仍按原应付日支付。"),
        ("never reported", "甲方确认，其未将该债务报送征信系统。"),
        ("updated on effect", "自本协议生效之日起 10 个工作日内，向征信系统如实更新"),
        ("with a fee", "本次调解的费用为 200.00 元（大写：贰佰元整）。"),
        ("rolls", "应付日为星期六、星期日或者法定节假日的，以其后的第一个工作日为应付日。"),
        (
            "down payment",
            "首付 1,248.47 元（大写：壹仟贰佰肆拾捌元肆角柒分），应付日为2025年11月15日；其后分 25 期支付",
        ),
        ("down payment", "首付 2025年11月15日 1,248.47 元"),
        ("down payment", " 25 2027年12月15日"),
        ("down payment and rest", "其余款项应付日为2025年12月15日，各期如下"),
        ("first ones", "前 6 期每期 1,248.47 元"),
        ("first ones with older interest", "其中第一期另含此前期间的利息 10.00 元"),
        ("balloon", "一并付清留至该期的本金 1,248.52 元"),
        ("balloon", "每期金额取整至 0.01 元，恰为一半时取偶数。取整产生的差额计入倒数第二期。"),
        ("equal principal", "分期方式为等额本金。"),
        ("rounded up", "每期金额向上取整至 1.00 元。"),
        ("rounded down", "每期金额向下取整至 0.10 元。"),
        ("left open", "除本协议第三条留待以后处理的部分外，现以本协议就该争议达成一致"),
        ("left open", "逾期罚息（违约金） 530.27 元 0.00 元 530.27 元 0.00 元"),
        ("left open", "扣除减免和留待以后处理的款项后，乙方应付总额为 32,460.27 元"),
        ("left open", "甲方主张的款项中，530.27 元（大写：伍佰叁拾元贰角柒分） 留待以后处理"),
        ("left open", "本条不涉及本协议第三条留待以后处理的款项。"),
        ("left open", "此后，除该留待以后处理的部分外，甲方不得再就该债务向乙方提出任何主张"),
        ("left open", "就本协议项下款项向乙方出具结清证明"),
        ("left open", "向征信系统如实更新该债务的状态"),
    ],
)
def test_each_fact_has_its_own_sentence(name: str, sentence: str) -> None:
    assert sentence in words_of(VARIANTS[name])
    assert sentence not in words_of(FACTS)


def test_what_is_left_open_is_nowhere_confirmed_ended_or_settled() -> None:
    words = words_of(LEFT_OPEN)
    for whole in ("双方确认截至", "已结清", "所述债务即告消灭。此后，甲方不得", "减免后，乙方应付总额"):
        assert whole not in words


def test_an_agreement_says_of_each_day_off_what_becomes_of_it() -> None:
    assert "遇星期六、星期日或者法定节假日不顺延" in words_of(FACTS)
    assert "不顺延" not in words_of(VARIANTS["rolls"])


def test_a_judged_case_offers_no_confirmation_within_thirty_days() -> None:
    assert "30 日内，共同向有管辖权的人民法院申请司法确认" in words_of(FACTS)
    assert "共同向有管辖权的人民法院" not in words_of(VARIANTS["subrogated, judged"])


def test_a_demonstration_says_so_on_the_first_page() -> None:
    demo = paper.agreement_pdf(terms_of(ONE_PAYMENT), replace(SHEET, demo=True), created_at=AT)
    assert "演示文件，不具有法律效力。" in text_of(demo, 0)
    assert "演示" not in text_of(rendered("one payment"), 0)


def test_the_english_paper_says_the_same_figures() -> None:
    english = words_of(FACTS, "en")
    assert "After the waiver Party B owes in total ¥32,460.27." in english
    assert json.loads(terms_of(FACTS))["facts"]["payee"]["account"] in english
