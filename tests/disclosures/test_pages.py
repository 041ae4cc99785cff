"""The pages of a statement of means: one question each, nothing lost, and each reader's own page."""

import re

import pytest
from flask.testing import FlaskClient

from mediation.cases.models import Case, Consent, Purpose, Seating
from mediation.disclosures import actions
from mediation.disclosures.answers import Answer
from mediation.disclosures.models import Section
from mediation.disclosures.questions import questions_of
from mediation.disclosures.sharing import Readers
from mediation.rules.access import Role
from mediation.rules.affordability import Profile
from mediation.rules.lifecycle import Stage
from tests.disclosures.household import SUMMARIES, fill, given, keep, said, share, state, stated_case
from tests.guards.words import words_found
from tests.stories import a_case
from tests.world import World

TAGS = re.compile(r"<script.*?</script>|<[^>]+>", re.DOTALL)
CHANCE = re.compile(r'name="(?:_key|csrf_token)" value="[^"]*"')


def text_of(page: bytes) -> str:
    """What a reader sees of a page."""
    return re.sub(r"\s+", " ", TAGS.sub(" ", page.decode())).replace("&#39;", "'")


def read(world: World, name: str, number: str, path: str = "", *, language: str = "en") -> str:
    answer = world.client(name, language=language).get(f"/cases/{number}/means{path}")
    assert answer.status_code == 200, answer.status_code
    return text_of(answer.data)


def answer_of(client: FlaskClient, number: str, path: str, **form: str) -> tuple[int, str, str]:
    answer = client.post(f"/cases/{number}/means{path}", data=form)
    return answer.status_code, (answer.location or "").partition("/means")[2], answer.data.decode()


# --- the list of sections and the questions ---


def test_the_list_says_what_is_done(world: World) -> None:
    fill(world, number := a_case(world))
    page = read(world, "bai", number)
    assert re.search(r"Necessary spending Only the mediator Done", page)
    assert re.search(r"Savings Money that you could reach\. Not begun", page)


@pytest.mark.parametrize("profile", Profile)
def test_every_question_has_a_page_of_its_own(world: World, profile: Profile) -> None:
    number, client = a_case(world), world.client("bai")
    if profile is Profile.SFS:
        with world.writing() as session:
            session.query(Case).one().calendar = "uk"
    paths = [f"/{each.section.value}/{each.key}" for section in Section for each in questions_of(section, profile)]
    pages = [client.get(f"/cases/{number}/means{path}") for path in [*paths, "/debts/debt-1"]]
    assert {page.status_code for page in pages} == {200}
    assert all("Why we ask" in text_of(page.data) for page in pages)


def test_one_question_leads_to_the_next_and_the_last_to_the_section(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    assert answer_of(client, number, "/income/wage", amount="5,200", period="monthly")[:2] == (303, "/income/business")
    assert answer_of(client, number, "/income/other_income", amount="0", period="monthly")[:2] == (303, "/income")


def test_what_was_answered_stands_in_its_question_as_typed(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    answer_of(client, number, "/income/wage", amount="1,200.50", period="weekly")
    page = client.get(f"/cases/{number}/means/income/wage").data.decode()
    assert 'value="1,200.50"' in page
    assert re.search(r'value="weekly" checked', page)


@pytest.mark.parametrize(("step", "words"), [("unknown", "I do not know"), ("withheld", "I would rather not say")])
def test_not_knowing_and_not_saying_are_answers(world: World, step: str, words: str) -> None:
    number, client = a_case(world), world.client("bai")
    assert answer_of(client, number, "/spending/food", step=step)[0] == 303
    assert f"Food and daily needs {words}" in read(world, "bai", number, "/spending")


def test_an_answer_that_does_not_hold_comes_back_with_what_was_typed(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    status, _, page = answer_of(client, number, "/income/wage", amount="about 5,2", period="weekly", step="save")
    assert status == 409
    assert 'value="about 5,2"' in page
    assert re.search(r'value="weekly" checked', page)
    assert 'id="amount-error"' in page
    assert "<title>Error:" in page


def test_a_text_that_is_far_too_long_comes_back_whole(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    status, _, page = answer_of(client, number, "/hardship/text", words="字" * 5000)
    assert (status, "字" * 5000 in page) == (422, True)


def test_a_draft_is_kept_while_it_is_typed_and_shown_again(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    status, _, body = answer_of(client, number, "/income/wage", amount="about 5,2", step="draft")
    assert (status, body) == (204, "")
    assert b'value="about 5,2"' in client.get(f"/cases/{number}/means/income/wage").data
    assert "Wages Not finished" in read(world, "bai", number, "/income")


def test_the_form_of_a_question_works_without_a_script_and_names_no_figure_in_its_address(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    page = client.get(f"/cases/{number}/means/income/wage").data.decode()
    assert 'name="step" value="save"' in page
    location = answer_of(client, number, "/income/wage", amount="5,200", period="monthly")[1]
    assert "5" not in location


def test_debts_are_added_one_by_one_taken_off_and_put_back(world: World) -> None:
    number, client = a_case(world), world.client("bai")
    card = {"creditor": "江城银行", "priority": "no", "amount": "300", "period": "monthly", "balance": "12,000"}
    assert answer_of(client, number, "/debts/debt-1", **card)[:2] == (303, "/debts")
    assert re.search(r"江城银行 ¥300\.00 a month Shares with the others · ¥12,000\.00 owed in all",
                     read(world, "bai", number, "/debts"))  # fmt: skip
    answer_of(client, number, "/debts/debt-1", **card, step="remove")
    page = read(world, "bai", number, "/debts")
    assert "Taken off: 江城银行 Put it back" in page
    assert b'value="12,000"' in client.get(f"/cases/{number}/means/debts/debt-1").data


@pytest.mark.parametrize("path", ["/nothing", "/income/nothing", "/debts/debt-21", "/debts/debt-01", "/debts/debt-0",
                                  "/debts/debt-²", "/spending/home_contents"])  # fmt: skip
def test_there_is_no_such_question(world: World, path: str) -> None:
    assert world.client("bai").get(f"/cases/{a_case(world)}/means{path}").status_code == 404


# --- what it comes to ---


def test_what_i_can_afford_explains_1260(world: World) -> None:
    fill(world, number := a_case(world))
    page = read(world, "bai", number, "/affordable")
    for figure in ("¥5,200.00", "¥3,800.00", "¥1,400.00", "¥140.00", "¥1,260.00", "A tenth of it stays free"):
        assert figure in page
    assert "Write a plan" in page


def test_the_bar_divides_the_whole_income(world: World) -> None:
    fill(world, number := a_case(world))
    page = world.client("bai").get(f"/cases/{number}/means/affordable").data.decode()
    drawn = page[page.index('<figure class="income-bar">') : page.index("<figcaption>")]
    widths = [float(width) for width in re.findall(r'width="([\d.]+)" height="34"', drawn)]
    assert widths == [438.46, 145.38, 16.15]  # 3,800, 1,260 and 140 of 5,200, of 600


def test_a_deficit_shows_other_ways_and_no_plan(world: World) -> None:
    fill(world, number := a_case(world), housing="4,000")
    page = read(world, "bai", number, "/affordable")
    assert "Just now nothing is left for a plan" in page
    assert "江城法律援助中心, telephone 12348" in page
    assert "Write a plan" not in page
    assert "Affordable each month" not in page


def test_what_is_missing_is_named_with_the_way_there(world: World) -> None:
    number = a_case(world)
    fill(world, number)
    keep(world, number, Section.SPENDING, "elders", Answer(told="unknown"))
    client = world.client("bai")
    page = client.get(f"/cases/{number}/means/affordable").data.decode()
    assert f"/cases/{number}/means/spending/elders" in page
    assert "Support of parents" in page


def test_other_creditors_would_share_by_what_each_is_owed(world: World) -> None:
    fill(world, number := a_case(world))
    card = Answer(told="given", amount="300", period="monthly", text="江城银行", priority="no", balance="12,000")
    keep(world, number, Section.DEBTS, "debt-1", card)
    page = read(world, "bai", number, "/affordable")
    assert "江岸消费金融有限公司 ¥923.93 江城银行 ¥336.07" in page  # 1,260.00 × 32,990.54 / 44,990.54


def test_a_figure_out_of_the_ordinary_is_asked_about_on_the_check_page(world: World) -> None:
    fill(world, number := a_case(world), food="9,000", utilities="1")
    page = read(world, "bai", number, "/check")
    assert "Higher than usual for a household like yours" in page
    assert "Lower than usual for a household like yours" in page


# --- giving it to the mediator ---


def test_the_check_page_gives_it_to_the_mediator(world: World) -> None:
    fill(world, number := a_case(world))
    client = world.client("bai")
    page = client.get(f"/cases/{number}/means/check").data.decode()
    seen = re.search(r'name="seen" type="hidden" value="([^"]+)"', page)
    assert seen
    assert answer_of(client, number, "/statement", seen=seen[1])[:2] == (303, "")
    assert "Given to the mediator on" in read(world, "bai", number)
    assert "¥1,260.00" in read(world, "mo", number)


def test_answers_changed_meanwhile_are_shown_again_before_they_are_given(world: World) -> None:
    fill(world, number := a_case(world))
    status, _, page = answer_of(world.client("bai"), number, "/statement", seen="0" * 64)
    assert status == 409
    assert "Your answers have changed since this page was opened." in text_of(page.encode())
    seen = re.search(r'name="seen" type="hidden" value="([^"]+)"', page)
    assert seen
    assert answer_of(world.client("bai"), number, "/statement", seen=seen[1])[0] == 303


def test_the_mediator_reads_every_line_and_marks_one(world: World) -> None:
    sha256 = stated_case(world, number := a_case(world))
    client = world.client("mo")
    form = {"section": "income", "item": "wage", "sha256": sha256}
    assert answer_of(client, number, "/verifications", **form)[:2] == (303, "")
    assert re.search(r"Wages ¥5,200\.00 a month Document seen", read(world, "mo", number))
    assert answer_of(client, number, "/verifications/end", **form)[:2] == (303, "")
    assert "Document seen" not in read(world, "mo", number)


def test_the_mediator_sees_no_draft(world: World) -> None:
    fill(world, number := a_case(world))
    assert "has not given you a statement of means" in read(world, "mo", number)


def test_the_borrower_may_still_read_it_once_the_agreement_is_in_force(world: World) -> None:
    stated_case(world, number := a_case(world))
    with world.writing() as session:
        session.query(Case).one().stage = Stage.IN_FORCE
    page = read(world, "bai", number)
    assert "Rent or mortgage ¥1,500.00 a month" in page
    assert "The lender cannot see this page" not in page


# --- the lender ---


def test_the_lender_reads_a_range_and_never_the_cap(world: World) -> None:
    stated_case(world, number := a_case(world), SUMMARIES)
    page = read(world, "lu", number)
    assert "¥1,000.00 to ¥1,500.00 a month" in page
    assert not [figure for figure in ("1,260", "5,200", "3,800", "1,400") if figure in page]


@pytest.mark.parametrize(
    ("housing", "sentence"),
    [("4,000", "None at present"), ("2,700", "Up to ¥500.00 a month"), ("0", "¥2,000.00 to ¥3,000.00 a month")],
)
def test_the_range_follows_what_is_left(world: World, housing: str, sentence: str) -> None:
    fill(world, number := a_case(world), housing=housing)
    share(world, number, SUMMARIES)
    state(world, number)
    assert sentence in read(world, "lu", number)


def test_the_lender_reads_in_full_what_was_released_in_full(world: World) -> None:
    stated_case(world, number := a_case(world), {Section.INCOME: Readers.FULL})
    page = read(world, "lu", number)
    assert "Wages ¥5,200.00 a month" in page
    assert "Rent or mortgage" not in page


# What may differ in sections that only the mediator reads.
PRIVATE: dict[str, dict[Section, dict[str, Answer]]] = {
    "another rent": {Section.SPENDING: {"housing": given("2,345.67")}},
    "a deficit": {Section.SPENDING: {"housing": given("9,000")}},
    "nothing known": {Section.SPENDING: {"food": Answer(told="unknown")}},
    "a family": {Section.HOUSEHOLD: {"children": said("3")}},
    "words": {Section.HARDSHIP: {"text": said("生病了")}, Section.SAVINGS: {"savings": given("9")}},
    "another debt": {Section.DEBTS: {"debt-1": Answer("given", "50", "monthly", "房东", "yes", "500")}},
}


@pytest.mark.parametrize("history", PRIVATE)
def test_nothing_that_the_lender_gets_moves_with_what_only_the_mediator_reads(world: World, history: str) -> None:
    sha256 = stated_case(world, number := a_case(world), {Section.INCOME: Readers.SUMMARY})
    mark(world, number, Section.INCOME, "wage", sha256)
    before = everything_got_by_the_lender(world, number)
    world.clock.move(minutes=3)
    for section, answers in PRIVATE[history].items():
        for key, answer in answers.items():
            keep(world, number, section, key, answer)
    mark(world, number, Section.HOUSEHOLD, "partner", state(world, number))
    assert everything_got_by_the_lender(world, number) == before


def test_the_comparison_would_notice_a_section_that_is_released(world: World) -> None:
    stated_case(world, number := a_case(world), {Section.INCOME: Readers.FULL})
    before = everything_got_by_the_lender(world, number)
    keep(world, number, Section.INCOME, "wage", given("5,300"))
    state(world, number)
    after = everything_got_by_the_lender(world, number)
    assert {path for path in before if before[path] != after[path]} == {f"/cases/{number}/means"}


def mark(world: World, number: str, section: Section, key: str, sha256: str) -> None:
    """The mediator has seen a document for that line."""
    with world.seat("mo", number) as seat:
        actions.verify_line(seat, section, key, seen_sha256=sha256, at=world.clock())


def everything_got_by_the_lender(world: World, number: str) -> dict[str, tuple[int, str]]:
    """Every answer to the lender at every address of the case and of its desk; its own sign-ins aside."""
    client = world.client("lu")
    rules = [str(rule) for rule in world.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    paths = [rule.replace("<number>", number).replace("<section>", "spending") for rule in rules]
    paths = [path.replace("<question>", "housing") for path in paths]
    found = {}
    for path in sorted(path for path in paths if "<" not in path and path != "/account"):
        response = client.get(path)
        found[path] = response.status_code, CHANCE.sub("", response.get_data(as_text=True))
        response.close()
    return found


# --- words and rights ---


@pytest.mark.parametrize("path", ["", "/income", "/debts", "/income/wage", "/debts/debt-1", "/affordable", "/check"])
def test_a_borrowers_pages_say_no_forbidden_word(world: World, path: str) -> None:
    fill(world, number := a_case(world), food="9,000", housing="1")
    assert words_found(read(world, "bai", number, path, language="zh-Hans")) == []


@pytest.mark.parametrize(("name", "status"), [("bai", 200), ("lu", 200), ("mo", 200), ("shi", 404), ("ren", 403)])
def test_who_may_open_the_page(world: World, name: str, status: int) -> None:
    assert world.client(name).get(f"/cases/{a_case(world)}/means").status_code == status


@pytest.mark.parametrize("path", ["/affordable", "/check", "/income", "/income/wage"])
@pytest.mark.parametrize("name", ["lu", "mo"])
def test_the_borrowers_pages_are_closed_to_others(world: World, name: str, path: str) -> None:
    assert world.client(name).get(f"/cases/{a_case(world)}/means{path}").status_code == 403


def test_the_statement_asks_the_database_as_often_however_much_was_stated(world: World) -> None:
    number = a_case(world)
    keep(world, number, Section.INCOME, "wage", given("1"))
    state(world, number)
    few = statements(world, number)
    fill(world, number)
    state(world, number)
    assert statements(world, number) == few


def statements(world: World, number: str) -> int:
    from sqlalchemy import event

    client, seen = world.client("mo"), []
    listen = lambda *asked: seen.append(asked[2])  # noqa: E731
    event.listen(world.engine, "before_cursor_execute", listen)
    client.get(f"/cases/{number}/means")
    event.remove(world.engine, "before_cursor_execute", listen)
    return len(seen)


def test_consent_to_pass_on_is_asked_with_the_first_release_and_kept_with_its_words(world: World) -> None:
    number = a_case(world)
    fill(world, number)
    with world.writing() as session:
        case = session.query(Case).one()
        session.add(Seating(case_id=case.id, account_id=world.people["an"], role=Role.BORROWER, since_at=world.clock()))
    client = world.client("an")
    asked = "What I release myself may be passed on to 江岸消费金融有限公司."
    assert asked not in text_of(client.get(f"/cases/{number}/means/check").data)
    share(world, number, {Section.INCOME: Readers.FULL})
    page = client.get(f"/cases/{number}/means/check").data
    assert asked in text_of(page)
    seen = re.search(r'name="seen" type="hidden" value="([^"]+)"', page.decode())
    assert seen
    assert answer_of(client, number, "/statement", seen=seen[1])[0] == 409
    assert answer_of(client, number, "/statement", seen=seen[1], consent="y")[0] == 303
    with world.reading() as session:
        kept = session.query(Consent).filter(Consent.account_id == world.people["an"]).one()
    assert (kept.purpose, len(kept.text_sha256)) == (Purpose.SHARE_WITH_LENDER, 64)
