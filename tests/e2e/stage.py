"""A real server and a real browser: the walk of five people, with a clock that the test moves."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine, select
from werkzeug.serving import make_server

from mediation import jobs
from mediation.agreements.demo_seal import make_demo_seal
from mediation.outbox import Job
from tests.world import PASSWORD, World, make_world

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
SERIOUS = ("serious", "critical")


class Person:
    """One of the five at a browser of their own; every page they see is checked for accessibility."""

    def __init__(self, browser: Browser, address: str, language: str, *, phone: bool, axe: Axe) -> None:
        self.context = browser.new_context(viewport=PHONE if phone else DESK)
        self.context.add_cookies([{"name": "language", "value": language, "url": address}])
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(8000)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.address, self.axe = address, axe
        self.name, self.password = "", PASSWORD
        self.faults: list[str] = []
        self.checked: set[str] = set()

    def open(self, path: str) -> None:
        """Open a page of the site."""
        answer = self.page.goto(self.address + path)
        if self.name and "/sign-in" in self.page.url and not path.startswith("/sign-in"):
            self.sign_in(self.name, self.password)  # the session had idled too long
            answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status == 200, f"{path} answers {answer.status}"
        self.look()

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """Sign in with the password."""
        self.name, self.password = name, password
        self.open("/sign-in")
        self.fill(sign_in_name=name, password=password)
        self.send("/sign-in")

    def fill(self, **values: str) -> None:
        """Write into fields by their names, opening first what is folded away."""
        for name, value in values.items():
            field = self.page.locator(f'[name="{name}"]').first
            for fold in field.locator("xpath=ancestor::details[not(@open)]/summary").all():
                fold.click()
            field.fill(value)

    def choose(self, **values: str) -> None:
        """Pick radio buttons and options by name and value."""
        for name, value in values.items():
            field = self.page.locator(f'[name="{name}"]').first
            if field.evaluate("each => each.tagName") == "SELECT":
                field.select_option(value)
            else:
                self.press(f'[name="{name}"][value="{value}"]')

    def tick(self, *names: str) -> None:
        """Tick boxes by name."""
        for name in names:
            self.press(f'[name="{name}"]')

    def press(self, selector: str) -> None:
        """Choose a box or a radio button as a person does: by its label."""
        box = self.page.locator(selector).first
        self.page.locator(f'label[for="{box.get_attribute("id")}"]').first.click()
        assert box.is_checked(), selector

    def send(self, ending: str, *, button: str = "button") -> None:
        """Press the first button of the form whose address ends like that, and see a page without a fault."""
        with self.page.expect_navigation():
            self.page.locator(f'form[action$="{ending}"] {button}').first.click()
        self.look()

    def sees(self, text: str) -> bool:
        """Whether the page shows these words."""
        return text in self.page.locator("body").inner_text()

    def look(self) -> None:
        """The page came without a fault of its own and without a serious barrier."""
        assert not self.faults, self.faults
        path = self.page.url.removeprefix(self.address).split("?")[0]
        if path in self.checked:
            return
        self.checked.add(path)
        found = self.axe.run(self.page).response["violations"]
        grave = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] in SERIOUS]
        assert not grave, f"{path}: {grave}"


@contextmanager
def stage(engine: Engine, folder: Path, language: str) -> Iterator[tuple[World, dict[str, Person]]]:
    """The world on a real port, and a browser for each of the five."""
    make_demo_seal(folder / "seal", "江城人民调解委员会", at=datetime(2025, 1, 1, tzinfo=UTC))
    world = make_world(engine, folder=folder)
    world.app.config["WTF_CSRF_ENABLED"] = True
    world.app.testing = False
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    axe = Axe()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
            names = ("lu", "ren", "bai", "mo", "shi")
            yield world, {name: Person(browser, address, language, phone=name == "bai", axe=axe) for name in names}
            browser.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def work(world: World) -> None:
    """The worker does what is due, and nothing of it fails."""
    with ThreadPoolExecutor(1) as elsewhere:  # the browser's driver keeps an event loop in this thread
        elsewhere.submit(jobs.run_due, world.engine, world.info, world.clock).result()
    with world.reading() as session:
        failed = session.execute(select(Job.kind, Job.failure).where(Job.failure != "")).all()
    assert not failed, failed
