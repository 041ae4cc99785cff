"""The command line: a deployment from nothing to a first registrar, keys that rotate, a record that is verified."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from mediation import cli
from mediation.app import create_app
from mediation.db import make_engine, transaction
from mediation.notices import Notice
from tests.databases import ROOT
from tests.world import World

INSTITUTION = ["institution", "add", "--code", "WH", "--name", "江城人民调解委员会", "--name-en", "Jiangcheng",
               "--domain", "tiaojie.example.cn", "--telephone", "027-5550 0110", "--legal-aid", "江城法律援助中心",
               "--legal-aid-telephone", "12348"]  # fmt: skip
REGISTRAR = ["registrar", "add", "--institution", "WH", "--name", "任敏", "--email", "ren@example.org"]

Environment = Callable[..., None]


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, empty_database_url: str) -> Path:
    """An environment that names an empty database and an empty folder."""
    for name in [name for name in os.environ if name.startswith("MEDIATION_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MEDIATION_FOLDER", str(tmp_path))
    monkeypatch.setenv("MEDIATION_DATABASE_URL", empty_database_url)
    return tmp_path


@pytest.fixture
def of_world(monkeypatch: pytest.MonkeyPatch, world: World) -> World:
    """An environment that names the world's database and keys."""
    monkeypatch.setenv("MEDIATION_FOLDER", str(world.settings.folder))
    monkeypatch.setenv("MEDIATION_DATABASE_URL", world.settings.database_url)
    monkeypatch.setenv("MEDIATION_MASTER_KEY_FILE", str(world.settings.master_key_files[0]))
    return world


def test_the_first_registrar_signs_in_with_the_printed_code(
    deployment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [cli.main(call) for call in (["keys", "init"], ["migrate"], INSTITUTION, REGISTRAR)] == [0, 0, 0, 0]
    code = re.findall(r"\b\d{6}\b", capsys.readouterr().out)[-1]
    engine = make_engine(os.environ["MEDIATION_DATABASE_URL"])
    app = create_app(engine=engine, durable=False)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/sign-in/code/enter", data={"sign_in_name": "ren@example.org", "code": code})
    seen = client.get("/desk/members").status_code
    engine.dispose()
    assert (seen, cli.main(["verify"])) == (200, 0)


def test_the_printed_code_is_told_to_nobody_else(deployment: Path) -> None:
    for call in (["keys", "init"], ["migrate"], INSTITUTION, REGISTRAR):
        cli.main(call)
    engine = make_engine(os.environ["MEDIATION_DATABASE_URL"])
    with transaction(engine) as session:
        told = session.query(Notice).count()
    engine.dispose()
    assert told == 0


def test_a_registrar_may_be_given_a_new_code(deployment: Path) -> None:
    for call in (["keys", "init"], ["migrate"], INSTITUTION, REGISTRAR):
        cli.main(call)
    assert cli.main(REGISTRAR) == 0


def test_migrating_twice_changes_nothing(deployment: Path) -> None:
    assert (cli.main(["migrate"]), cli.main(["migrate"])) == (0, 0)


def test_two_institutions_do_not_share_a_code(deployment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for call in (["keys", "init"], ["migrate"], INSTITUTION):
        cli.main(call)
    assert (cli.main(INSTITUTION), "institution:code-taken" in capsys.readouterr().err) == (2, True)


def test_a_registrar_of_no_institution_is_not_added(deployment: Path) -> None:
    for call in (["keys", "init"], ["migrate"]):
        cli.main(call)
    assert cli.main(REGISTRAR) == 2


def test_keys_are_shown_by_name_only(deployment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["keys", "init"])
    cli.main(["keys", "show"])
    secret = (deployment / "master.key").read_text().strip().partition(":")[2]
    shown = capsys.readouterr().out
    assert (secret in shown, "writes" in shown) == (False, True)


def test_a_key_file_is_never_written_over(deployment: Path) -> None:
    cli.main(["keys", "init"])
    before = (deployment / "master.key").read_text()
    assert (cli.main(["keys", "init"]), (deployment / "master.key").read_text()) == (2, before)


def test_the_secret_key_is_made_where_it_is_named(deployment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIATION_SECRET_KEY_FILE", str(deployment / "cookies.key"))
    cli.main(["keys", "init"])
    kept = deployment / "cookies.key"
    assert (len(kept.read_text()) >= 32, kept.stat().st_mode & 0o777) == (True, 0o600)


def test_what_was_kept_is_readable_after_the_keys_have_rotated(of_world: World) -> None:
    assert cli.main(["keys", "rotate"]) == 0
    assert cli.main(["verify"]) == 0


def test_a_sound_record_prints_each_thread(of_world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify"]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"localhost/institution/\S+ \d+ [0-9a-f]{64} sound", printed)


def test_a_broken_record_exits_with_one(of_world: World, capsys: pytest.CaptureFixture[str]) -> None:
    undo = _break_one_leaf(of_world)
    try:
        assert (cli.main(["verify"]), "BROKEN" in capsys.readouterr().out) == (1, True)
    finally:
        undo()


def test_without_the_right_keys_it_cannot_tell(of_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    other = of_world.settings.folder / "other.key"
    monkeypatch.setenv("MEDIATION_MASTER_KEY_FILE", str(other))
    cli.main(["keys", "init"])
    assert cli.main(["verify"]) == 2


def test_a_case_that_does_not_exist_cannot_be_told_of(of_world: World) -> None:
    assert cli.main(["verify", "--case", "WH-2025-99999"]) == 2


def test_a_deployment_that_is_not_configured_says_what_is_missing(
    deployment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MEDIATION_MODE", "production")
    monkeypatch.setenv("MEDIATION_SECRET_KEY_FILE", __file__)
    assert cli.main(["worker"]) == 2
    assert "MEDIATION_SMTP_URL" in capsys.readouterr().err


def test_the_worker_does_not_start_before_the_database_is_migrated(
    deployment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["keys", "init"])
    assert (cli.main(["worker"]), "schema" in capsys.readouterr().err) == (1, True)


@pytest.mark.sqlite
def test_web_and_worker_start_answer_and_end(deployment: Path) -> None:
    for call in (["keys", "init"], ["migrate"], INSTITUTION):
        cli.main(call)
    url = f"127.0.0.1:{_free_port()}"
    web = _start("serve", "--bind", url, "--workers", "1")
    worker = _start("worker")
    try:
        assert "Jiangcheng" in _page(f"http://{url}/?lang=en")
        assert '"event": "worker:started"' in (worker.stderr.readline() if worker.stderr else "")
    finally:
        for each in (web, worker):
            each.send_signal(signal.SIGTERM)
        ended = [each.wait(timeout=60) for each in (web, worker)]
        for each in (web, worker):
            assert each.stderr is not None
            each.stderr.close()
    assert ended == [0, 0]


def _start(*call: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-m", "mediation", *call], cwd=ROOT, stderr=subprocess.PIPE, text=True)


def _page(url: str) -> str:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the web server does not answer")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _break_one_leaf(world: World) -> Callable[[], None]:
    """Somebody with the database's own powers alters one byte, and what puts it back."""
    owner = world.engine.dialect.name

    def alter(change: str) -> None:
        with world.engine.begin() as connection:
            if owner == "sqlite":
                names = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
                                                "AND tbl_name = 'record_entry'")).all()  # fmt: skip
                for name, _ in names:
                    connection.execute(text(f"DROP TRIGGER {name}"))
                connection.execute(text(change))
                for _, sql in names:
                    connection.exec_driver_sql(sql)
            else:
                connection.execute(text("ALTER TABLE record_entry DISABLE TRIGGER ALL"))
                connection.execute(text(change))

    flip = "UPDATE record_entry SET leaf_hash = {} WHERE seq = 1"
    with world.reading() as session:
        kept = session.execute(text("SELECT leaf_hash FROM record_entry WHERE seq = 1")).scalar_one()
    literal = "X'{}'" if owner == "sqlite" else "'\\x{}'"
    alter(flip.format(literal.format("00" * 32)))
    return lambda: alter(flip.format(literal.format(bytes(kept).hex())))
