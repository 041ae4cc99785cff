"""Pictures of every page, at both widths and in both languages, and of every PDF page: `make shots`."""

import argparse
import re
import shutil
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright
from sqlalchemy import Engine, select
from werkzeug.routing import Rule
from werkzeug.serving import WSGIRequestHandler, make_server

import config
from mediation import cli, db
from mediation.accounts import sessions
from mediation.accounts.models import Account, Engagement, Membership
from mediation.agreements.models import Agreement
from mediation.app import create_app, info_of
from mediation.cases.invited import letter_seen_by
from mediation.cases.models import Case, Seating
from mediation.cases.seats import seat_of
from mediation.demo import opening, play
from mediation.disclosures.document_models import Document
from mediation.offers.models import Offer
from mediation.portfolios.models import Loan, LoanImport
from mediation.rules.access import Role
from mediation.rules.lifecycle import Stage
from mediation.web import clock
from tests.beyond import NOTICE, SEND, led_to, links_in, sent
from tests.documents.made import a_pdf

FOLDER = Path("shots")
SIZES = {"390": {"width": 390, "height": 844}, "1280": {"width": 1280, "height": 900}}
TALLEST = 12_000
LANGUAGES = ("zh_Hans", "en")
SERIOUS = ("serious", "critical")
# Each page is examined for barriers once on the phone and once on the desk, once in each language.
EXAMINED = ("zh_Hans.390", "en.1280")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip
# Not pages: what a page fetches, and what is downloaded.
NO_PAGES = frozenset({
    "static", "messages.news", "portfolios.template", "portfolios.errors", "agreements.file", "documents.file",
    "conduct.proof",
})  # fmt: skip
STAFF = {"registrar": "ren", "mediator": "mo", "mediator-2": "ming", "lender": "lu", "auditor": "shen"}
# The same page at another stage is another page to look at; of the rest, this many for each person.
ONE_PER_STAGE = frozenset({
    "cases.show", "offers.index", "agreements.show", "home.case", "invitations.show", "disclosures.section",
    "disclosures.edit",
})  # fmt: skip
# What a borrower at an open case has answered about income and spending, and the questions that are pictured.
MEANS = {
    "income/wage": "5200", "income/business": "0", "income/partner": "0", "income/pension": "0",
    "income/other_income": "0", "spending/housing": "1500", "spending/utilities": "200", "spending/telecoms": "100",
    "spending/food": "1100", "spending/transport": "300", "spending/health": "150", "spending/schooling": "0",
    "spending/elders": "0", "spending/insurance": "350", "spending/other": "100",
}  # fmt: skip
OTHER_MEANS = {
    "household/partner": {"yes": "no"}, "household/children": {"count": "0"}, "household/dependants": {"count": "0"},
    "hardship/text": {"words": "六月失业，现在做临时工。"},
    "debts/debt-1": {
        "creditor": "江城银行", "priority": "no", "amount": "300", "period": "monthly", "balance": "12000",
    },
}  # fmt: skip
# Of these the first is also pictured as it comes from a printer.
PRINTED = frozenset({
    "invitations.letter", "cases.show", "offers.show", "docket.index", "record.index", "agreements.show", "home.case",
})  # fmt: skip
# What is said in them is said at the table.
OPEN_ALONE = frozenset({
    "disclosures.index", "disclosures.affordable", "disclosures.check", "documents.index", "documents.new",
    "ledgers.index",
})  # fmt: skip
SECTIONS = ("spending", "debts", "hardship")
QUESTIONS = ("income/wage", "household/partner", "debts/debt-1", "words/text")
OTHERWISE = 2
QUERIES = {
    "docket.index": ("?tab=waiting", "?tab=closed", "?q=nothing-is-called-this"),
    "portfolios.index": ("?q=nothing-is-called-this",),
    "messages.index": ("?room=joint", "?room=caucus-borrower", "?room=caucus-lender"),
}
RECORDS: dict[str, Any] = {
    "engagement_id": Engagement.id,
    "membership_id": Membership.id,
    "loan_id": Loan.id,
    "import_id": LoanImport.id,
}
SAMPLE = (
    "合同编号,借款人,手机号,本金,年利率,期数,首期日期,逾期天数\n"
    + "".join(f"SH-{n},欧阳娜仁其木格·买买提,1380000{n:04d},{n}2000,18%,12,2026-01-15,{n * 9}\n" for n in range(1, 8))
    + "SH-8,,13800000008,一万二,18%,12,2026-13-40,3\nSH-3,张三,1380000,12000,180%,0,2026-01-15,-4\n"
)


@dataclass(frozen=True)
class Look:
    """One page as one person sees it; at the stage named, where it belongs to a case."""

    person: str
    endpoint: str
    path: str
    stage: str = ""
    form: tuple[tuple[str, str], ...] | None = None

    @property
    def name(self) -> str:
        """The picture's name without language and width."""
        return ".".join(filter(None, (self.person, self.endpoint, self.stage)))


@dataclass
class Scene:
    """The demonstration on a database of its own, and the app over it."""

    engine: Engine
    info: dict[str, Any]
    app: Flask
    cookies: dict[str, str] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    printed: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def client(self, person: str) -> FlaskClient:
        """A client that carries this person's session."""
        client = self.app.test_client()
        if cookie := self.cookies.get(person):
            client.set_cookie("mediation", cookie)
        return client


class Quiet(WSGIRequestHandler):
    """Says nothing of the requests it serves."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing is said."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Takes the pictures, prints what they show of faults; 1 when there was one."""
    parser = argparse.ArgumentParser(prog="python -m tests.shots", description=__doc__)
    parser.add_argument("only", nargs="*", help="parts of names: take only these pictures")
    asked = parser.parse_args(arguments)
    if not asked.only:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mediation-shots-") as folder:
        scene = set_up(Path(folder))
        sign_everybody_in(scene)
        print("The demonstration is laid out.", flush=True)
        looks = [look for look in _all(scene) if not asked.only or any(part in look.name for part in asked.only)]
        print(f"{len(looks)} pages", flush=True)
        count = take_pictures(scene, looks)
        sheets = 0 if asked.only else take_papers(scene)
        scene.engine.dispose()
    print("\n".join(scene.faults) or "No fault was seen.")
    print(
        f"{len(looks)} pages x {len(SIZES)} widths x {len(LANGUAGES)} languages: {count} pictures, {sheets} PDF pages"
    )
    return 1 if scene.faults else 0


# --- the scene ----------------------------------------------------------------------------------------------


def set_up(folder: Path) -> Scene:
    """The demonstration is laid out below this folder."""
    environment = {
        "MEDIATION_MODE": "demo",
        "MEDIATION_FOLDER": str(folder),
        "MEDIATION_PUBLIC_URL": "http://127.0.0.1",
    }
    opening.make_keys(environment)
    settings = config.read(environment)
    cli.upgrade(settings.database_url)
    engine, info = db.make_engine(settings.database_url), info_of(settings)
    at = clock.now()
    app = create_app(settings, engine=engine, now=lambda: at)  # it stands still: nobody idles out meanwhile
    app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    opening.lay_out(engine, info, now=at)
    return Scene(engine, info, app)


def sign_everybody_in(scene: Scene) -> None:
    """Everybody has a session, the borrower of each case among them, without a password being typed."""
    with db.reading(scene.engine) as session:
        ids = {account.sign_in_name: account.id for account in session.scalars(select(Account))}
        borrowers = session.execute(
            select(Case.stage, Case.number, Seating.account_id)
            .join(Seating, Seating.case_id == Case.id)
            .where(Seating.role == Role.BORROWER)
            .order_by(Case.number)
        ).all()
    people = {person: ids[name] for person, name in STAFF.items()}
    people["unproven"] = people["mediator"]
    people |= {f"borrower-{number}": account_id for _, number, account_id in borrowers}
    for person, account_id in people.items():
        with db.transaction(scene.engine, scene.info) as session:
            account = session.get_one(Account, account_id)
            account.locale = ""  # so that the cookie of each browser chooses
            ago = timedelta(minutes=10 if person == "unproven" else 0)  # a serious step asks once more who is there
            token = sessions.start(session, account, agent="shots", at=clock.now() - ago)
        client = scene.app.test_client()
        with client.session_transaction() as cookie:
            cookie.update(_user_id=token, _fresh=True)
        kept = client.get_cookie("mediation")
        assert kept is not None
        scene.cookies[person] = kept.value
    _bring_a_file(scene)
    _bring_a_code(scene)
    _bring_a_statement(scene)
    _bring_papers(scene)
    _bring_payments(scene)


def _bring_a_file(scene: Scene) -> None:
    """The lender has brought a file of which some rows are wrong, so that the pages of the import show."""
    client = scene.client("lender")
    form = {"file": (BytesIO(SAMPLE.encode()), "loans.csv"), "currency": "CNY"}
    answer = client.post("/loans/imports", data=form, content_type="multipart/form-data")
    if answer.status_code != 303:
        scene.faults.append(f"lender: the sample file was answered {answer.status_code}")


def _bring_a_code(scene: Scene) -> None:
    """Somebody has entered the code of an invitation and stands before the identity question."""
    with db.reading(scene.engine, scene.info) as session:
        number = session.scalars(select(Case.number).where(Case.stage == Stage.INVITED).order_by(Case.number)).first()
        assert number is not None
        seat = seat_of(session, play.account_id(session, "ren"), number)
        assert seat is not None
        code = letter_seen_by(seat).facts["code"]
    client = scene.app.test_client()
    client.post("/join", data={"code": code})
    kept = client.get_cookie("mediation")
    if kept is None:
        scene.faults.append("invitee: the code was not taken")
        return
    scene.cookies["invitee"] = kept.value


def _bring_a_statement(scene: Scene) -> None:
    """The borrower of the first open case has stated income and spending; the lender reads summaries and the wage."""
    number = _first_open(scene)
    client, path = scene.client(f"borrower-{number}"), f"/cases/{number}/means"
    forms: dict[str, dict[str, str]] = {key: {"amount": amount, "period": "monthly"} for key, amount in MEANS.items()}
    for key, form in {**forms, **OTHER_MEANS}.items():
        client.post(f"{path}/{key}", data=form)
    for section, readers in (("income", "full"), ("spending", "summary"), ("debts", "summary")):
        client.post(f"{path}/{section}/readers", data={"readers": readers})
    seen = re.search(r'name="seen" type="hidden" value="([^"]+)"', client.get(f"{path}/check").text)
    answer = client.post(f"{path}/statement", data={"seen": seen[1] if seen else "", "consent": "y"})
    if answer.status_code != 303:
        scene.faults.append(f"borrower: the statement of means was answered {answer.status_code}")


def _bring_papers(scene: Scene) -> None:
    """Both sides of the first open case have put documents on file, some for the mediator alone, one twice."""
    number = _first_open(scene)
    path, borrower = f"/cases/{number}/documents", f"borrower-{number}"
    for person, kind, title, audience in (
        ("lender", "contract", "个人消费借款合同", "both"), ("lender", "payments", "还款流水 2025", "both"),
        ("lender", "other", "内部核算说明", "mediator"), (borrower, "income", "八月工资条", "both"),
        (borrower, "health", "门诊诊断证明", "mediator"),
    ):  # fmt: skip
        form = {"kind": kind, "title": title, "audience": audience, "dated_on": "2025-09-01"}
        answer = scene.client(person).post(path, data={**form, "file": (BytesIO(a_pdf(title)), "scan.pdf")})
        if answer.status_code != 303:
            scene.faults.append(f"{person}: the document was answered {answer.status_code}")
    scene.client("lender").post(f"/cases/{number}/duties/fees/statement", data={"text": "除利息外没有收过任何费用。"})
    with db.reading(scene.engine, scene.info) as session:
        first = session.scalars(select(Document.id).where(Document.kind == "contract")).first()
    again = {"dated_on": "2025-09-10", "file": (BytesIO(a_pdf("again")), "scan.pdf")}
    scene.client("lender").post(f"{path}/{first}/versions", data=again)


def _bring_payments(scene: Scene) -> None:
    """Both sides of the first open case have stated payments: one alike, one that differs, one of one side alone."""
    number = _first_open(scene)
    for person, days, amount in (
        ("lender", 120, "1200"), (f"borrower-{number}", 120, "1200"), ("lender", 90, "800"),
        (f"borrower-{number}", 90, "1,000"), (f"borrower-{number}", 60, "123456789.01"),
    ):  # fmt: skip
        day = (clock.now().date() - timedelta(days=days)).isoformat()
        form = {"paid_on": day, "amount": amount, "note": "银行转账", "old_debt_confirmed": "y"}
        answer = scene.client(person).post(f"/cases/{number}/ledger/payments", data=form)
        if answer.status_code != 303:
            scene.faults.append(f"{person}: the payment of {day} was answered {answer.status_code}")


def _first_open(scene: Scene) -> str:
    with db.reading(scene.engine, scene.info) as session:
        found = select(Case.number).where(Case.stage == Stage.OPEN).order_by(Case.number)
        return session.scalars(found).first() or ""


# --- which pages --------------------------------------------------------------------------------------------


def _all(scene: Scene) -> list[Look]:
    """Every page that answers for somebody, a few of each."""
    rules = [rule for rule in scene.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    rules = sorted((rule for rule in rules if rule.endpoint not in NO_PAGES), key=lambda rule: rule.endpoint)
    looks = [Look("anybody", "errors.404", "/there-is-no-such-page"), Look("unproven", "accounts.prove", "/prove")]
    for person in ("anybody", "invitee", *STAFF):
        for rule in rules:
            looks += _some(_answering(scene, person, rule), rule.endpoint)
    borrowed = [
        look
        for person in scene.cookies
        if person.startswith("borrower-")
        for rule in rules
        if rule.arguments or rule.endpoint in ("home.show", "accounts.own")
        for look in _answering(scene, person, rule)
    ]
    for endpoint in sorted({look.endpoint for look in borrowed}):
        looks += _some([look for look in borrowed if look.endpoint == endpoint], endpoint)
    return [*_without_the_open([*looks, *_led_to(scene, looks)]), *_answers(scene)]


def _led_to(scene: Scene, looks: Sequence[Look]) -> list[Look]:
    """The kinds of page that are reached by links alone; then the kinds that nobody reached are named."""

    def opens(person: str, path: str) -> bool:
        answer = scene.client(person).get(path)
        return answer.status_code == 200 and answer.mimetype == "text/html"

    seen = {(look.person.partition("-")[0], look.endpoint) for look in looks}
    seen |= {(house, endpoint) for house in ("anybody", *STAFF, "borrower", "invitee") for endpoint in NO_PAGES}
    found = [Look(*each) for each in led_to(scene.app.url_map, opens, scene.links, seen)]
    reached = {look.endpoint for look in [*looks, *found]} | NO_PAGES
    rules = [rule for rule in scene.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    print("Reached by nobody:", ", ".join(sorted({rule.endpoint for rule in rules} - reached)) or "none", flush=True)
    return found


def _answers(scene: Scene) -> list[Look]:
    """Pages that answer a form, refused or worked out; nothing is kept of what is sent."""
    with db.reading(scene.engine, scene.info) as session:
        loan = session.scalars(select(Loan.id).where(Loan.id.not_in(select(Case.loan_id)))).first()
        submitted = session.scalars(select(Case.number).where(Case.stage == Stage.SUBMITTED)).first()
    notice = NOTICE.search(scene.client("anybody").get("/demo/mail").text)
    today = clock.now().date()
    asked = sent(_first_open(scene), submitted or "", str(loan), notice[0] if notice else "", on=today)
    return [
        *([Look("lender", "openings.new", f"/loans/{loan}/case", "free")] if loan else []),
        *(Look(each.person, each.name, each.path, form=each.form) for each in asked),
    ]


def _some(looks: list[Look], endpoint: str) -> list[Look]:
    """One for each stage, or the first and the last of all stages; queries are looked at besides."""
    plain = {look.stage: look for look in reversed(looks) if "?" not in look.path}
    asked = {look.path.partition("?")[2]: look for look in looks if "?" in look.path}
    chosen = list(reversed(plain.values()))
    if endpoint in OPEN_ALONE:
        chosen = [look for look in chosen if look.stage == Stage.OPEN]
    elif endpoint not in ONE_PER_STAGE and len(chosen) > OTHERWISE:
        chosen = [chosen[0], chosen[-1]]
    return [*chosen, *asked.values()]


def _without_the_open(looks: list[Look]) -> list[Look]:
    """What anybody sees is looked at once, not once for each person."""
    public = {look.path for look in looks if look.person == "anybody"}
    kept = [look for look in looks if look.person == "anybody" or look.path not in public]
    return list({(look.name, look.path): look for look in kept}.values())


def _answering(scene: Scene, person: str, rule: Rule) -> list[Look]:
    client, found = scene.client(person), []
    for path, stage in _paths(scene, person, rule):
        answer = client.get(path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            scene.links.setdefault(person, []).extend(links_in(answer.text))
        if answer.status_code >= 500:
            scene.faults.append(f"{person} {path}: {answer.status_code}")
        elif answer.status_code == 200 and answer.mimetype == "text/html":
            found.append(Look(person, rule.endpoint, path, stage))
    return found


def _paths(scene: Scene, person: str, rule: Rule) -> Iterator[tuple[str, str]]:
    with db.reading(scene.engine, scene.info) as session, scene.app.test_request_context():
        for values, stage in _values(session, rule, person.partition("-")[2]):
            path = scene.app.url_map.bind("127.0.0.1").build(rule.endpoint, values)
            yield path, stage
            if not stage or rule.endpoint in QUERIES and stage == Stage.OPEN:
                yield from (
                    (path + query, query.strip("?").replace("=", "-")) for query in QUERIES.get(rule.endpoint, ())
                )


def _values(session: Any, rule: Rule, number: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The arguments for which this page may exist, with the stage of their case."""
    own = (Case.number == number,) if number.startswith("JC") else ()
    cases = select(Case.number, Case.stage).where(*own).order_by(Case.number)
    match sorted(rule.arguments):
        case []:
            yield {}, ""
        case ["number"]:
            yield from (({"number": name}, str(stage)) for name, stage in session.execute(cases))
        case ["number", "offer_id"]:
            rows = session.execute(cases.add_columns(Offer.id).join(Offer, Offer.case_id == Case.id))
            yield from (({"number": n, "offer_id": each}, f"{stage}-{at}") for at, (n, stage, each) in enumerate(rows))
        case ["number", "section"]:
            rows = session.execute(cases.where(Case.stage == Stage.OPEN)).all()[:1]
            yield from (({"number": n, "section": each}, f"{stage}-{each}") for n, stage in rows for each in SECTIONS)
        case ["number", "question", "section"]:
            rows = session.execute(cases.where(Case.stage == Stage.OPEN)).all()[:1]
            for name, stage in rows:
                for section, question in (each.split("/") for each in QUESTIONS):
                    yield {"number": name, "section": section, "question": question}, f"{stage}-{section}"
        case ["document_id", "number"]:
            rows = session.execute(cases.add_columns(Document.id).join(Document, Document.case_id == Case.id))
            yield from (({"number": n, "document_id": d}, f"{stage}-{at}") for at, (n, stage, d) in enumerate(rows))
        case ["item", "number"]:
            rows = session.execute(cases.where(Case.stage == Stage.OPEN)).all()[:1]
            yield from (({"number": n, "item": "credit_report"}, str(stage)) for n, stage in rows)
        case ["agreement_id", "number"]:
            rows = session.execute(cases.add_columns(Agreement.id).join(Agreement, Agreement.case_id == Case.id))
            yield from (({"number": n, "agreement_id": each}, str(stage)) for n, stage, each in rows)
        case [one] if one in RECORDS:
            rows = session.scalars(select(RECORDS[one]).limit(6))
            yield from (({one: each}, f"{at}") for at, each in enumerate(rows))


# --- pictures -----------------------------------------------------------------------------------------------


def take_pictures(scene: Scene, looks: Sequence[Look]) -> int:
    """Every page is pictured in every language and width; returns how many pictures there are."""
    server = make_server("127.0.0.1", 0, scene.app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address, count, names = f"http://127.0.0.1:{server.server_port}", 0, Counter[str]()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        for person in dict.fromkeys(look.person for look in looks):
            theirs = [look for look in looks if look.person == person]
            titles = [_numbered(look.name, names) for look in theirs]
            for language in LANGUAGES:
                for size in SIZES:
                    page = _page_of(scene, browser, address, person, language, size)
                    for look, title in zip(theirs, titles, strict=True):
                        _take(scene, page, address, look, f"{title}.{language}.{size}")
                        count += 1
                    page.context.close()
        browser.close()
    server.shutdown()
    server.server_close()
    return count


def _numbered(name: str, names: Counter[str]) -> str:
    names[name] += 1
    return name if names[name] == 1 else f"{name}-{names[name]}"


def _page_of(scene: Scene, browser: Browser, address: str, person: str, language: str, size: str) -> Page:
    context = browser.new_context(viewport=SIZES[size], locale=language.replace("_Hans", "-CN"))  # type: ignore[arg-type]
    context.add_cookies([{"name": "language", "value": language, "url": address}])
    if cookie := scene.cookies.get(person):
        context.add_cookies([{"name": "mediation", "value": cookie, "url": address}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page


def _take(scene: Scene, page: Page, address: str, look: Look, title: str) -> None:
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            said.append(message.text)

    page.on("console", hear)
    answer = _open(page, address, look)
    _picture(page, FOLDER / f"{title}.png")
    page.remove_listener("console", hear)
    if title.endswith("zh_Hans.1280") and look.endpoint in PRINTED - scene.printed:
        scene.printed.add(look.endpoint)
        _as_sheets(page.pdf(prefer_css_page_size=True, print_background=True), FOLDER / f"{title}.print.pdf")
    status = answer.status if answer else 0
    if status not in ((200, 409, 422) if look.form is not None else (404,) if ".404." in title else (200,)):
        scene.faults.append(f"{title}: answered {status}")
    elif status == 200:
        scene.faults += [f"{title}: console: {text}" for text in said]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        scene.faults.append(f"{title}: {wide} px too wide")
    if title.endswith(EXAMINED):
        scene.faults += [f"{title}: axe {barrier}" for barrier in _barriers(page)]


def _open(page: Page, address: str, look: Look) -> Response | None:
    if look.form is None:
        return page.goto(address + look.path)
    page.goto(f"{address}/check")
    with page.expect_navigation() as navigation:
        page.evaluate(SEND, [look.path, [list(pair) for pair in look.form]])
    return navigation.value


def _picture(page: Page, path: Path) -> None:
    """The whole page in a window as high as it, so that what clings to the window's edge hides nothing."""
    size = page.viewport_size
    assert size is not None
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": min(max(height, size["height"]), TALLEST)})
    page.screenshot(path=path, full_page=True)
    page.set_viewport_size(size)


def _barriers(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found if one["impact"] in SERIOUS]


def take_papers(scene: Scene) -> int:
    """Every page of every PDF is pictured; returns how many."""
    client = scene.client("mediator")
    with db.reading(scene.engine) as session:
        rows = session.execute(select(Case.number, Agreement.id).join(Agreement, Agreement.case_id == Case.id)).all()
    for number, agreement_id in rows:
        answer = client.get(f"/cases/{number}/agreement/{agreement_id}/file")
        if answer.mimetype != "application/pdf":
            continue
        paper = FOLDER / f"agreement.{number}.pdf"
        _as_sheets(answer.data, paper)
    return len([*FOLDER.glob("agreement.*.png"), *FOLDER.glob("*.print-*.png")])


def _as_sheets(data: bytes, paper: Path) -> None:
    paper.write_bytes(data)
    subprocess.run(["pdftoppm", "-r", "80", "-png", paper, paper.with_suffix("")], check=True)  # noqa: S603, S607


if __name__ == "__main__":
    raise SystemExit(main())
