"""The whole walk in a real browser: from a lender's loan to a sealed settlement PDF."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from mediation import files
from mediation.agreements.models import Agreement
from mediation.cases.invited import letter_seen_by
from mediation.cases.models import Case
from mediation.rules.lifecycle import Stage
from tests.e2e.stage import Person, stage, work
from tests.stories import ID_NUMBER
from tests.world import World

LOANS = "\n".join(
    (
        "合同编号,姓名,手机号,身份证号,邮箱,借款金额(元),年利率(%),期数,"
        "月还款额,剩余本金,首期还款日,逾期日期,逾期天数,客户等级",
        'XF-2025-0001,白露,13800000007,420106199003071529,bai@example.org,"50,000.00",23.4,12,'
        "4713.47,30564.30,2025-01-15,2025-06-15,102,B",
        'XF-2025-0002,石川,13800000008,,,"3.2万",15.6%,24期,,12000,2025-02-20,,,A',
    )
)
NEW_PASSWORD = "green lamp over water"


LANGUAGES = {"sqlite": "zh_Hans", "postgresql": "en"}


@pytest.mark.browser
def test_five_people_walk_from_a_file_of_loans_to_a_sealed_agreement(
    engine: Engine, tmp_path: Path, database_kind: str
) -> None:
    walk(engine, tmp_path, LANGUAGES[database_kind])


def walk(engine: Engine, tmp_path: Path, language: str) -> None:
    """Steps 1 to 10, one after the other."""
    with stage(engine, tmp_path, language) as (world, people):
        import_loans(people["lu"], tmp_path)
        number = open_case(world, people["lu"])
        register(world, people["ren"], number)
        join(world, people["bai"], people["shi"], number)
        appoint(world, people, number)
        talk(world, people, number)
        negotiate(world, people, number)
        pdf = settle(world, people, number)
        look_back(world, people, number)
    check_paper(pdf, tmp_path)
    world.verify_records()


def import_loans(lu: Person, folder: Path) -> None:
    """The officer uploads a file as Excel writes it in China, looks at the preview, and imports it whole."""
    path = folder / "借款清单.csv"
    path.write_bytes(LOANS.encode("gb18030"))
    lu.sign_in("lu")
    lu.open("/loans/imports")
    lu.page.locator('[name="file"]').set_input_files(path)
    lu.send("/loans/imports")
    lu.send("/columns")
    assert lu.sees("XF-2025-0001")
    lu.send("/run")


def open_case(world: World, lu: Person) -> str:
    """The officer opens a case from a loan, itemises the claim and gives the undertaking."""
    lu.open("/loans")
    lu.page.get_by_text("XF-2025-0001").first.click()
    with lu.page.expect_navigation():
        lu.page.locator('a[href$="/case"]').first.click()
    lu.look()
    lu.fill(as_of_on="2025-09-24", principal_due="16957.91", principal_not_due="13,606.39", interest="1,895.97")
    lu.fill(
        penalty="530.27", fees="0", principal_basis="借款合同", interest_basis="月利率1.95%", penalty_basis="每日0.05%"
    )
    lu.fill(original_lender="江岸消费金融有限公司", original_contract="XF-2025-0001")
    lu.choose(accelerated="no", basis="original", court_status="none", interest_runs="no", penalty_runs="no")
    lu.tick("collection_paused", "outsourcing_paused", "assignment_paused")
    lu.send("/case", button='button[value="submit"]')
    return case_of(world).number


def register(world: World, ren: Person, number: str) -> None:
    """The registrar accepts, and only then is the borrower invited."""
    ren.sign_in("ren")
    ren.open("/registry")
    assert ren.sees(number)
    ren.open(f"/cases/{number}/registration")
    ren.send("/acceptance")
    work(world)


def join(world: World, bai: Person, shi: Person, number: str) -> None:
    """On a phone: the notice is checked, the code opens, identity first, then everything else."""
    with world.seat("ren", number) as seat:
        letter = letter_seen_by(seat)
    shi.open("/check")
    shi.fill(number=letter.invitation.number)
    shi.send("/check")
    assert shi.sees(number[-4:])
    bai.open("/join")
    bai.fill(code=letter.facts["code"])
    bai.send("/join")
    assert not bai.sees("32,990.54")
    bai.fill(answer=ID_NUMBER[-4:])
    bai.send("/join/identity")
    assert bai.sees("32,990.54")
    bai.open(f"/cases/{number}/consent")
    bai.tick("mediation", "personal_data", "electronic_service")
    bai.choose(court_status="none", locale=locale_of(bai), sign_in_by="password")
    bai.fill(password=NEW_PASSWORD)
    bai.send("/consent")
    bai.name, bai.password = "bai@example.org", NEW_PASSWORD
    bai.open(f"/cases/{number}/home")
    assert bai.sees("12348")
    assert case_of(world).stage is Stage.JOINED


def appoint(world: World, people: dict[str, Person], number: str) -> None:
    """The registrar asks a mediator, who declares no tie; each side accepts once."""
    ren, mo = people["ren"], people["mo"]
    ren.open(f"/cases/{number}/appointment")
    ren.choose(mediator=str(world.people["mo"]))
    ren.send("/appointment")
    mo.sign_in("mo")
    mo.open(f"/cases/{number}/appointment")
    mo.choose(interest="none")
    mo.send("/appointment/declaration")
    for name in ("bai", "lu"):
        people[name].open(f"/cases/{number}/appointment")
        people[name].choose(answer="accept")
        people[name].send("/appointment/answer")
    assert case_of(world).stage is Stage.OPEN


def talk(world: World, people: dict[str, Person], number: str) -> None:
    """What is said in a caucus is read by that side and the mediator only."""
    bai, lu, mo = people["bai"], people["lu"], people["mo"]
    bai.open(f"/cases/{number}/rooms?room=caucus-borrower")
    bai.fill(text="我失业了，请先不要告诉对方。")
    bai.send("/rooms/caucus-borrower/messages")
    world.clock.move(seconds=15)
    mo.open(f"/cases/{number}/rooms?room=caucus-borrower")
    assert mo.sees("我失业了")
    mo.open(f"/cases/{number}/rooms?room=joint")
    mo.send("/joint-room/opening")
    lu.open(f"/cases/{number}/rooms?room=joint")
    assert not lu.sees("我失业了")
    answer = lu.page.goto(f"{lu.address}/cases/{number}/rooms?room=caucus-borrower")
    assert answer is None or answer.status == 404 or not lu.sees("我失业了")


def negotiate(world: World, people: dict[str, Person], number: str) -> None:
    """An offer, a counter-offer, an acceptance bound to the exact hash."""
    lu, bai = people["lu"], people["bai"]
    make_offer(lu, number, instalments="24")
    assert not offers_seen(bai, number)
    world.clock.move(minutes=11)
    work(world)
    make_offer(bai, number, instalments="26")
    world.clock.move(minutes=11)
    work(world)
    lu.open(f"/cases/{number}/offers")
    lu.page.locator('a[href*="/offers/"]:not([href$="/new"])').first.click()
    lu.look()
    assert lu.sees("1,248.47")
    lu.send("/acceptance")
    assert case_of(world).stage is Stage.TERMS_AGREED


def settle(world: World, people: dict[str, Person], number: str) -> bytes:
    """Identity, the agreement, confirmations in order, the seal; the file as the borrower takes it home."""
    bai, lu, mo = people["bai"], people["lu"], people["mo"]
    bai.open(f"/cases/{number}/identity")
    bai.fill(name="白露", number=ID_NUMBER, address="江城市湖滨路8号2栋301室")
    bai.send("/identity")
    mo.open(f"/cases/{number}/agreement/draft")
    mo.send("/agreement/draft")
    work(world)
    for person in (bai, lu, mo):
        confirm(person, number)
    work(world)
    bai.open(f"/cases/{number}/agreement")
    with bai.page.expect_download() as waiting:
        bai.page.locator('a[href$="/file"]').first.click()
    content = Path(waiting.value.path()).read_bytes()
    assert case_of(world).stage is Stage.IN_FORCE
    assert hashlib.sha256(content).hexdigest() == sealed_sha256(world)
    return content


def confirm(person: Person, number: str) -> None:
    """Prove who one is where that is asked, tick both boxes, sign."""
    person.open(f"/cases/{number}/agreement")
    person.page.locator('a[href$="/signature"]').first.click()
    if "/prove" in person.page.url:
        person.fill(password=person.password)
        person.send("/prove")
    person.look()
    person.tick("has_read", "means_it")
    person.send("/signature")


def look_back(world: World, people: dict[str, Person], number: str) -> None:
    """The docket lists the case, and each side's record says that it verifies."""
    mo = people["mo"]
    mo.open("/docket?tab=all")
    assert mo.sees(number)
    for name in ("mo", "bai", "lu"):
        people[name].open(f"/cases/{number}/record")
    assert not people["lu"].sees("caucus-borrower")
    answer = people["shi"].page.goto(f"{mo.address}/cases/{number}")
    assert answer is not None
    assert "/sign-in" in people["shi"].page.url


def check_paper(pdf: bytes, folder: Path) -> None:
    """Other programs than ours find the file sound and the names right."""
    path = folder / "agreement.pdf"
    path.write_bytes(pdf)
    assert b"Signature is Valid" in run("pdfsig", str(path))
    assert run("qpdf", "--check", str(path))
    text = run("pdftotext", str(path), "-").decode()
    assert "白露" in text
    assert "叁万贰仟肆佰陆拾元贰角柒分" in text.replace("\n", "")


def make_offer(person: Person, number: str, *, instalments: str) -> None:
    """A plan without the penalty, checked on the page and sent."""
    person.open(f"/cases/{number}/offers/new")
    person.fill(waived_penalty="530.27", instalments=instalments, first_due_on="2025-11-15")
    person.page.locator('[name="agreed_total"]').fill("")
    person.send("/offers/draft#worked-out", button='button[value="check"]')
    person.send("/offers")


def offers_seen(person: Person, number: str) -> bool:
    """Whether the page of plans shows anything to this person."""
    person.open(f"/cases/{number}/offers")
    return person.sees("1,352.51")


def locale_of(person: Person) -> str:
    """The language in which this person reads."""
    return next(each["value"] for each in person.context.cookies() if each["name"] == "language")


def case_of(world: World) -> Case:
    """The one case of the walk as it stands."""
    with world.reading() as session:
        return session.scalars(select(Case)).one()


def sealed_sha256(world: World) -> str:
    """The hash of the sealed file, checked against what the store gives back."""
    with world.reading() as session:
        agreement = session.scalars(select(Agreement)).one()
        assert agreement.sealed_sha256 is not None
        files.fetch_row(session, agreement.sealed_sha256, institution_id=agreement.institution_id)
        return agreement.sealed_sha256


def run(program: str, *arguments: str) -> bytes:
    """What another program says; it must end well."""
    found = shutil.which(program)
    assert found, f"{program} is missing: .ci/setup test installs it"
    return subprocess.run([found, *arguments], check=True, capture_output=True).stdout + b" "
