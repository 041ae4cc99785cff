"""A real web server on a free port of this machine, two processes of four threads, and browsers that ask it."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from tests.databases import ROOT
from tests.world import World

PROCESSES, THREADS = 2, 4
COMMAND = [sys.executable, "-m", "gunicorn", "tests.durability.serving:app", "-c", "python:tests.durability.early"]
OPTIONS = ["--worker-class", "gthread", "-w", str(PROCESSES), "--threads", str(THREADS), "--no-control-socket"]
PATIENCE = ["--keep-alive", "75", "--graceful-timeout", "2"]
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class WebServer:
    """The processes; they may be killed at any instant, and come back."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.log = world, folder / "server.log"
        self.began, self.port = time.time(), _free_port()
        self.opened: list[Browser] = []
        self.first = self._start()

    def kill_processes(self) -> None:
        """Every process that answers is gone in this instant; the first one, which only watches, makes new ones."""
        for pid in self.answering():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill_whole(self) -> None:
        """All of it is gone in this instant, and is started anew."""
        os.killpg(self.first.pid, signal.SIGKILL)
        self.first.wait()
        self.first = self._start()

    def answering(self) -> list[int]:
        """The processes that answer."""
        children = Path(f"/proc/{self.first.pid}/task/{self.first.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def wait(self, seconds: float = 60) -> float:
        """Seconds until it answers again."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            asked, is_up = Browser(self.port), False
            with suppress(OSError, http.client.HTTPException):
                is_up = asked.get("/sign-in").status == 200
            asked.line.close()
            if is_up:
                return time.monotonic() - began
            time.sleep(0.02)
        raise TimeoutError(f"no answer within {seconds} s: {self.log.read_text()[-4000:]}")

    def stop(self) -> None:
        """No connection and no process is left."""
        for browser in self.opened:
            browser.line.close()
        self.first.terminate()
        try:
            self.first.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.first.pid, signal.SIGKILL)
            self.first.wait()

    def browser(self, name: str) -> "Browser":
        """A browser in which that person has signed in and opened a page, so that it may send forms."""
        cookie = self.world.client(name).get_cookie("mediation")
        assert cookie is not None
        browser = Browser(self.port, f"mediation={cookie.value}", opened=self.opened)
        page = browser.get("/account")
        found = TOKEN.search(page.body)
        assert found, f"no form on the page of {name}: {page.status}"
        browser.token = found[1]
        return browser

    def _start(self) -> "subprocess.Popen[bytes]":
        call = [*COMMAND, *OPTIONS, *PATIENCE, "--bind", f"127.0.0.1:{self.port}"]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                call, cwd=ROOT, env=self._environment(), stdout=log, stderr=log, start_new_session=True
            )

    def _environment(self) -> dict[str, str]:
        return {
            **environment_of(self.world),
            "TEST_STARTS_AT": self.world.clock().isoformat(),
            "TEST_BEGAN": str(self.began),
        }


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    location: str
    body: str
    process: int
    seconds: float


@dataclass
class Browser:
    """One connection, kept open; each thread has its own."""

    port: int
    cookie: str = ""
    token: str = ""
    opened: list["Browser"] = field(default_factory=list, repr=False)
    line: http.client.HTTPConnection = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        self.opened.append(self)

    def another(self) -> "Browser":
        """The same person's next connection."""
        return Browser(self.port, self.cookie, self.token, self.opened)

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._ask("GET", path)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        """Send a form."""
        return self._ask("POST", path, urlencode({**form, "csrf_token": self.token}))

    def post_or_lose(self, path: str, form: dict[str, str]) -> Answer | None:
        """Send a form to a server that may die of it; None where nothing came back, so that nobody knows."""
        try:
            return self.post(path, form)
        except (OSError, http.client.HTTPException):
            self.line.close()
            return None

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        began = time.monotonic()
        headers = {"Accept-Language": "en", "Cookie": self.cookie}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.line.request(method, path, body, headers)
        answer = self.line.getresponse()
        text = answer.read().decode()
        for given in answer.headers.get_all("Set-Cookie", []):
            if given.startswith("mediation="):
                self.cookie = given.split(";")[0]
        process = int(answer.headers.get("X-Process", "0"))
        return Answer(answer.status, answer.headers.get("Location", ""), text, process, time.monotonic() - began)


def environment_of(world: World) -> dict[str, str]:
    """The settings of this world, for a process of its own."""
    return {
        **os.environ,
        "MEDIATION_FOLDER": str(world.settings.folder),
        "MEDIATION_DATABASE_URL": world.settings.database_url,
        "MEDIATION_MASTER_KEY_FILE": ":".join(str(path) for path in world.settings.master_key_files),
        "MEDIATION_PUBLIC_URL": world.settings.public_url,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
