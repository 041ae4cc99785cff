"""The words of a settlement agreement as a page: Chinese binds, English is a reference translation."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mediation import i18n
from mediation.agreements import pdf
from mediation.rules.clauses import Clause, check_clauses, from_document
from mediation.rules.negotiation import Side
from mediation.rules.settlement import AgreementFacts, Amount, Component, Party

Language = Literal["zh_Hans", "en"]

ROOT = Path(__file__).parents[2]
TERMS_NAME = "terms.json"
SEAL_PLACE = "seal"
MEDIATOR_PLACE = "mediator"

COMPONENTS: Mapping[Component, str] = {
    Component.PRINCIPAL_DUE: i18n.NP_("agreement", "Principal due"),
    Component.PRINCIPAL_NOT_DUE: i18n.NP_("agreement", "Principal not yet due"),
    Component.INTEREST: i18n.NP_("agreement", "Interest"),
    Component.PENALTY: i18n.NP_("agreement", "Penalty for late payment"),
    Component.FEES: i18n.NP_("agreement", "Fees"),
}
NUMERALS = "一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands on the paper beside the terms: whose case it is, and where a stranger can check it."""

    case_number: str
    drawn_up_on: date
    verify_at: str
    telephone: str
    demo: bool = False


@dataclass(frozen=True, slots=True)
class DebtRow:
    """One line of the recap of the debt, in minor units."""

    label: str
    claimed: int
    waived: int
    disputed: int
    agreed: int


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One payment, and what is left of the principal agreed once it is paid, in minor units; 0 is a down payment."""

    ordinal: int
    due_on: date
    principal: int
    interest: int
    amount: int
    left: int


@dataclass(frozen=True, slots=True)
class SignatureBox:
    """One box to sign in: for whom, under which name a place is reserved there."""

    place: str
    label: str
    names: tuple[str, ...]


def agreement_pdf(terms: str, sheet: Sheet, *, created_at: datetime, language: Language = "zh_Hans") -> bytes:
    """Return the paper of these terms (the canonical JSON of `to_document`), the terms attached to it."""
    document = json.loads(terms)
    content = terms.encode("utf-8")
    html = agreement_html(document, language, sheet=sheet, terms_sha256=hashlib.sha256(content).hexdigest())
    attached = pdf.Attached(
        TERMS_NAME,
        "application/json",
        content,
        _say(language, i18n.NP_("agreement", "The terms of this agreement as data")),
    )
    css = (ROOT / "static" / "agreement.css").read_text(encoding="utf-8")
    title = _say(language, i18n.NP_("agreement", "Mediation settlement agreement"))
    title = f"{title} {document['facts']['agreement_number']}"
    return pdf.render(html, css=css, title=title, created_at=created_at, attachments=[attached])


def agreement_html(document: Mapping[str, Any], language: Language, *, sheet: Sheet, terms_sha256: str) -> str:
    """Return the agreement as one page of HTML; refused when a clause is missing or a sign has no glyph."""
    facts, clauses = from_document(document)
    check_clauses(clauses)
    check_printable(facts, sheet.case_number, sheet.verify_at, sheet.telephone)
    return (
        _environment(language)
        .get_template("agreements/agreement.html")
        .render(
            facts=facts,
            clauses=clauses,
            sheet=sheet,
            terms_sha256=terms_sha256,
            boxes=_signature_boxes(facts, language),
            debt=_debt_rows(facts, language),
            schedule=_schedule_rows(facts),
            lenders=_on_side(facts, Side.LENDER),
            borrowers=_on_side(facts, Side.BORROWER),
            titles=_titles(clauses, language),
        )
    )


def check_printable(facts: AgreementFacts, *more: str) -> None:
    """Refused when a name, an address or a number has a sign that the typeface lacks."""
    words = [facts.institution, facts.mediator, facts.agreement_number, facts.original_lender]
    words += [facts.contract_number, facts.payee.name, facts.payee.bank, facts.payee.account]
    words += more
    for party in facts.parties:
        words += [party.name, party.identifier, party.service_address, party.representative, party.authority]
    for word in words:
        pdf.check_glyphs(word)


def _debt_rows(facts: AgreementFacts, language: Language) -> list[DebtRow]:
    return [
        DebtRow(
            _say(language, COMPONENTS[figure.component]),
            figure.claimed,
            figure.waived,
            figure.disputed,
            figure.agreed,
        )
        for figure in facts.figures
    ]


def _schedule_rows(facts: AgreementFacts) -> list[ScheduleRow]:
    left, rows = facts.agreed_total, []
    before = bool(facts.manner.down_payment)
    for row in facts.rows:
        left -= row.principal
        rows.append(ScheduleRow(row.ordinal - before, row.due_on, row.principal, row.interest, row.amount, left))
    return rows


def _signature_boxes(facts: AgreementFacts, language: Language) -> list[SignatureBox]:
    labels = {
        Side.LENDER: i18n.NP_("agreement", "Party A (lender)"),
        Side.BORROWER: i18n.NP_("agreement", "Party B (borrower)"),
    }
    boxes = [
        SignatureBox(f"{side.value}-{number}", _say(language, label), _signing_names(party))
        for side, label in labels.items()
        for number, party in enumerate(_on_side(facts, side), start=1)
    ]
    boxes.append(SignatureBox(MEDIATOR_PLACE, _say(language, i18n.NP_("agreement", "Mediator")), (facts.mediator,)))
    institution = _say(language, i18n.NP_("agreement", "Mediation body (electronic seal)"))
    return [*boxes, SignatureBox(SEAL_PLACE, institution, (facts.institution,))]


def _signing_names(party: Party) -> tuple[str, ...]:
    return (party.name, party.representative) if party.representative else (party.name,)


def _on_side(facts: AgreementFacts, side: Side) -> list[Party]:
    return [party for party in facts.parties if party.side is side]


def _titles(clauses: tuple[Clause, ...], language: Language) -> dict[int, str]:
    if language == "en":
        return {clause.number: f"{clause.number}." for clause in clauses}
    return {clause.number: f"第{NUMERALS[clause.number - 1]}条" for clause in clauses}


def _say(language: Language, message: str) -> str:
    return i18n.translations(language).pgettext("agreement", message)


@cache
def _environment(language: Language) -> Environment:
    catalogue = i18n.translations(language)
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        catalogue.gettext, catalogue.ngettext, newstyle=True,
        pgettext=catalogue.pgettext, npgettext=catalogue.npgettext,
    )  # fmt: skip
    environment.globals.update(
        language=language,
        money=lambda minor, currency: _money(minor, currency, language),
        in_words=lambda amount: _in_words(amount, language),
        day=lambda on: _day(on, language),
        percent=lambda rate: i18n.percent(rate, language, places=4),
    )
    return environment


def _money(minor: int, currency: str, language: Language) -> Markup:
    return Markup('<span class="sum">{}</span>').format(i18n.money(minor, currency, language))


def _in_words(amount: Amount, language: Language) -> Markup:
    figure = _money(amount.minor, amount.currency, language)
    if language == "en" or amount.currency != "CNY":
        return figure
    return Markup("{}（大写：<b>{}</b>）").format(figure, i18n.capital_amount(amount.minor))


def _day(on: date, language: Language) -> str:
    return i18n.day(on, language) if language == "en" else f"{on.year}年{on.month}月{on.day}日"
