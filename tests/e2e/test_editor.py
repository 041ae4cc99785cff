"""The editor in a real browser: what the plan comes to follows what is typed, and nothing typed is disturbed."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from tests.e2e.stage import stage
from tests.stories import a_case


@pytest.mark.browser
@pytest.mark.sqlite
def test_what_the_plan_comes_to_follows_what_is_typed(engine: Engine, tmp_path: Path) -> None:
    with stage(engine, tmp_path, "en") as (world, people):
        number, bai = a_case(world), people["bai"]
        bai.sign_in("bai")
        bai.open(f"/cases/{number}/offers/new")
        worked_out = bai.page.locator("#worked-out")
        said: list[str] = []
        bai.page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        bai.fill(instalments="36")
        expect(worked_out).to_contain_text("916.54")  # the last of 36 on 32,990.54, each of 916.40
        fold(bai.page, "Waive part of the claim")
        bai.fill(waived_penalty="530.27")
        expect(worked_out).to_contain_text("901.82")
        fold(bai.page, "Every payment, with its day")
        bai.choose(frequency="two_weekly")
        expect(worked_out.locator("tbody tr").nth(1)).to_contain_text("7 November 2025")
        expect(worked_out.locator("tbody tr").nth(1)).to_be_visible()  # what was opened stays open
        bai.fill(instalments="")
        expect(worked_out).to_contain_text("Fill in the number of instalments.")
        bai.fill(instalments="24")
        expect(worked_out).to_contain_text("1,352.54")
        assert bai.page.locator('[name="waived_penalty"]').input_value() == "530.27"
        bai.send("/offers/draft#worked-out", button='button[value="check"]')
        assert bai.sees("Send the plan")
        # Answers such as 409 are no fault of the page; that it breaks its own policy would be.
        assert [text for text in said if "Content Security Policy" in text] == []


@pytest.mark.browser
@pytest.mark.sqlite
def test_who_is_signed_out_meanwhile_finds_no_other_page_in_the_editor(engine: Engine, tmp_path: Path) -> None:
    with stage(engine, tmp_path, "en") as (world, people):
        bai = people["bai"]
        number = a_case(world)
        bai.sign_in("bai")
        bai.open(f"/cases/{number}/offers/new")
        bai.context.clear_cookies(name="mediation")
        with bai.page.expect_response(lambda answer: "/sign-in" in answer.url):
            bai.fill(instalments="36")
        expect(bai.page.locator("#worked-out")).to_have_text("")
        assert bai.page.locator('[name="instalments"]').input_value() == "36"


def fold(page: Page, words: str) -> None:
    """Open a folded part by its heading."""
    page.locator("summary", has_text=words).first.click()
