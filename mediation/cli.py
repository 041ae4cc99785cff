"""The command line: migrations, keys, the first institution and registrar, web, worker, and what must hold."""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

import config
from mediation import audit, db, doctor, jobs, keys, lawbook, scrubbing
from mediation.accounts import founding
from mediation.accounts.models import Institution
from mediation.app import calendars_of, info_of
from mediation.cases.models import Case
from mediation.demo import opening
from mediation.errors import MediationError
from mediation.web import clock, logs

TOP = Path(__file__).resolve().parent.parent
WELL, BROKEN, CANNOT_TELL = 0, 1, 2
VERDICTS = {WELL: "The record is sound.", BROKEN: "THE RECORD IS BROKEN.", CANNOT_TELL: "Not all could be checked."}

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say; return the exit code."""
    asked = _parser().parse_args(arguments)
    do: Command = asked.do
    try:
        return do(asked)
    except config.ConfigurationError as error:
        return _complain(str(error))
    except MediationError as no:
        facts = ", ".join(f"{name} {value}" for name, value in no.facts.items())
        return _complain(f"{no.key} {facts}".strip())
    except SQLAlchemyError as error:
        return _complain(f"the database does not do that: {type(error).__name__}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mediation", description="Debt mediation, from the command line")
    commands = parser.add_subparsers(required=True, metavar="command")
    _add(commands, "migrate", migrate, "bring the database to the newest revision")
    _add_keys(commands)
    _add_founding(commands)
    serve_parser = _add(commands, "serve", serve, "run the web server")
    serve_parser.add_argument("--bind", default="127.0.0.1:8000", help="address and port, or unix:PATH")
    serve_parser.add_argument("--workers", type=int, default=2, help="processes")
    serve_parser.add_argument("--threads", type=int, default=4, help="threads in each process")
    _add(commands, "worker", worker, "do what is due: notices, paper, seals, deadlines")
    verify_parser = _add(commands, "verify", verify, "check the record; exit 0 sound, 1 broken, 2 cannot tell")
    verify_parser.add_argument("--case", metavar="NUMBER", help="the four threads of this case only")
    _add(commands, "scrub", scrub, "read every kept file again; exit 0 all as kept, 1 damaged, 2 cannot tell")
    demo_parser = _add(commands, "demo", demo, "lay out the demonstration")
    demo_parser.add_argument("--serve", action="store_true", help="then run web server and worker")
    demo_parser.add_argument("--bind", default="127.0.0.1:8000", help="address and port")
    _add(commands, "doctor", examine, "check what must hold before this deployment may work")
    return parser


def _add_keys(commands: Any) -> None:
    parser = commands.add_parser("keys", help="the master keys")
    verbs = parser.add_subparsers(required=True, metavar="what")
    for name, do, says in (
        ("init", keys_init, "make the file of the first master key, and of the secret key where one is named"),
        ("rotate", keys_rotate, "put a new master key on top, which writes from the next start on"),
        ("show", keys_show, "print files and ids, never a key"),
    ):
        _add(verbs, name, do, says)


def _add_founding(commands: Any) -> None:
    institution = commands.add_parser("institution", help="institutions").add_subparsers(required=True, metavar="what")
    parser = _add(institution, "add", institution_add, "set up an institution (调解组织)")
    for name in ("code", "name", "name-en", "domain", "telephone", "legal-aid", "legal-aid-telephone"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--zone", default="Asia/Shanghai")
    parser.add_argument("--currency", default="CNY")
    parser.add_argument("--calendar", default="cn")
    registrar = commands.add_parser("registrar", help="registrars").add_subparsers(required=True, metavar="what")
    parser = _add(registrar, "add", registrar_add, "add a registrar and print a one-time code to sign in with")
    for name in ("institution", "name", "email"):
        parser.add_argument(f"--{name}", required=True)


def _add(commands: Any, name: str, do: Command, says: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=says, description=says)
    parser.set_defaults(do=do)
    return parser


# --- the database and the keys ------------------------------------------------------------------------------


def migrate(asked: argparse.Namespace) -> int:
    """The database is at the newest revision."""
    settings = config.read()
    _make_folder_of(settings.database_url)
    upgrade(settings.database_url)
    print("The database is at the newest revision.")
    return WELL


def upgrade(url: str) -> None:
    """The database at this address is at the newest revision."""
    alembic = Config()
    alembic.set_main_option("script_location", str(TOP / "migrations"))
    alembic.set_main_option("path_separator", "os")
    alembic.attributes["url"] = url
    command.upgrade(alembic, "head")


def keys_init(asked: argparse.Namespace) -> int:
    """There is a file with a first master key, and one with the secret key where the environment names it."""
    secret = os.environ.get("MEDIATION_SECRET_KEY_FILE")
    if secret and not Path(secret).exists():
        config.write_secret(Path(secret))
        print(f"{secret}: the secret key of cookies and forms")
    path = config.master_key_files()[0]
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    print(f"{path}: {keys.create_master_key_file(path)}")
    print("Keep a copy of the master key apart from the database: without it what people wrote cannot be read again.")
    return WELL


def keys_rotate(asked: argparse.Namespace) -> int:
    """A new master key stands on top of the first file."""
    path = config.master_key_files()[0]
    print(f"{path}: {keys.rotate_master_key_file(path)} writes after the next start of web and worker")
    return WELL


def keys_show(asked: argparse.Namespace) -> int:
    """Prints where the keys lie and what they are called."""
    paths = config.master_key_files()
    ring = keys.KeyRing.read(paths)
    for path in paths:
        print(path)
    for name in ring.ids:
        print(f"  {name}{' writes' if name == ring.writing_id else ''}")
    return WELL


# --- the beginning ------------------------------------------------------------------------------------------


def institution_add(asked: argparse.Namespace) -> int:
    """There is an institution of this code."""
    lawbook.calendar(asked.calendar)
    with _deployment() as (settings, engine, info), db.transaction(engine, info) as session:
        institution = Institution(
            code=asked.code,
            name=asked.name,
            name_en=asked.name_en,
            domain=asked.domain,
            telephone=asked.telephone,
            legal_aid=asked.legal_aid,
            legal_aid_telephone=asked.legal_aid_telephone,
            zone=asked.zone,
            currency=asked.currency,
            calendar=asked.calendar,
            created_at=clock.now(),
        )
        founding.found_institution(session, institution, host=settings.host)
    print(f"{asked.code}: {asked.name}")
    return WELL


def registrar_add(asked: argparse.Namespace) -> int:
    """There is a registrar; the code that signs them in once is printed here and nowhere else."""
    with _deployment() as (settings, engine, info), db.transaction(engine, info) as session:
        account, code = founding.add_registrar(session, asked.institution, asked.name, asked.email, at=clock.now())
        name = account.sign_in_name
    print(f"Sign in as {name} with the code {code} within ten minutes: {settings.public_url}/sign-in/code/enter")
    print("Ask there for no other code before: a new one takes the place of this one.")
    return WELL


# --- web and worker -----------------------------------------------------------------------------------------


def serve(asked: argparse.Namespace) -> int:
    """Becomes the web server; returns only when something forbids to start."""
    if _is_stopped():
        return BROKEN
    sys.stdout.flush()
    called = _gunicorn(asked.bind, workers=asked.workers, threads=asked.threads)
    return os.execv(sys.executable, called)  # noqa: S606 (no shell, our own words)


def _gunicorn(bind: str, *, workers: int, threads: int) -> list[str]:
    called = [sys.executable, "-m", "gunicorn", "wsgi:app", "--pythonpath", str(TOP), "--no-control-socket"]
    return [*called, "--worker-class", "gthread", "-w", str(workers), "--threads", str(threads), "--bind", bind]


def worker(asked: argparse.Namespace) -> int:
    """Does what is due until it is told to end."""
    if _is_stopped():
        return BROKEN
    logs.set_up()
    with _deployment() as (_, engine, info):
        jobs.work_forever(engine, info, clock.now)
    return WELL


def demo(asked: argparse.Namespace) -> int:
    """The demonstration is laid out, and served until it is told to end."""
    address = f"http://{asked.bind}"
    os.environ.update({"MEDIATION_MODE": "demo"})
    os.environ.setdefault("MEDIATION_PUBLIC_URL", address)
    opening.make_keys(dict(os.environ))
    with _deployment() as (settings, engine, info):
        upgrade(settings.database_url)
        opening.lay_out(engine, info, now=clock.now())
        print("\n".join(opening.greeting(engine, info, address)), flush=True)
    if not asked.serve:
        return WELL
    return BROKEN if _is_stopped() else _run_both(asked.bind)


def _run_both(bind: str) -> int:
    """Web and worker beside each other, ended together; one web process, for a demonstration is to start quickly."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(WELL))
    server = subprocess.Popen(_gunicorn(bind, workers=1, threads=8))
    at_work = subprocess.Popen([sys.executable, "-m", "mediation", "worker"])
    try:
        return server.wait()
    except KeyboardInterrupt:
        return WELL
    finally:
        for process in (server, at_work):
            process.terminate()


def _is_stopped() -> bool:
    with _deployment() as (_, engine, info):
        found = doctor.stops(doctor.examine(engine, info, at=clock.now()))
    for finding in found:
        print(f"{finding.check}: {finding.detail}", file=sys.stderr)
    return bool(found)


# --- what must hold -----------------------------------------------------------------------------------------


def verify(asked: argparse.Namespace) -> int:
    """Prints each thread's origin, size, root and verdict."""
    worst = WELL
    with _deployment() as (_, engine, info), db.reading(engine, info) as session:
        threads = _threads(session, asked.case)
        if not threads:
            return _complain(f"there is no case {asked.case}" if asked.case else "there is no record yet")
        for thread in threads:
            worst = max(worst, _verify(session, thread))
    print(VERDICTS[worst])
    return worst


def _threads(session: Session, number: str | None) -> Sequence[audit.RecordThread]:
    if number is None:
        return audit.threads_of(session)
    case_id = select(Case.id).where(Case.number == number).scalar_subquery()
    found = select(audit.RecordThread).where(audit.RecordThread.case_id == case_id)
    return session.scalars(found.order_by(audit.RecordThread.origin)).all()


def _verify(session: Session, thread: audit.RecordThread) -> int:
    try:
        state = audit.verify(session, thread)
    except keys.KeysUnusable as no:
        print(f"{thread.origin} cannot tell: {no.key}")
        return CANNOT_TELL
    except (keys.Unreadable, ValueError) as flaw:
        print(f"{thread.origin} BROKEN: {getattr(flaw, 'key', 'unreadable')}")
        return BROKEN
    said = "sound" if state.verdict.ok else f"BROKEN at {state.verdict.seq}: {state.verdict.flaw}"
    print(f"{thread.origin} {state.size} {state.root.hex()} {said}")
    return WELL if state.verdict.ok else BROKEN


def scrub(asked: argparse.Namespace) -> int:
    """Prints each file that is not what was kept, by its hash, and how many were read."""
    with _deployment() as (_, engine, info):
        try:
            count, flaws = scrubbing.scrub_all(engine, info)
        except OSError as broken:
            return _complain(f"the store of files does not answer: {broken.strerror}")
    for flaw in flaws:
        print(f"{flaw.sha256} {flaw.why}")
    print(f"{count} files read, {len(flaws)} not as kept.")
    return BROKEN if flaws else WELL


def examine(asked: argparse.Namespace) -> int:
    """Prints each check of this deployment; 1 when something forbids to start."""
    with _deployment() as (_, engine, info):
        found = doctor.examine(engine, info, at=clock.now())
        due, failed = jobs.waiting(engine, at=clock.now()) if _is_migrated(found) else (0, 0)
    for finding in found:
        print(f"{finding.state:5} {finding.check:10} {finding.detail}")
    print(f"{'warns' if failed else 'ok':5} {'jobs':10} {due} due, {failed} to be tried again")
    return BROKEN if doctor.stops(found) else WELL


def _is_migrated(found: Sequence[doctor.Finding]) -> bool:
    return all(one.state is not doctor.State.STOPS for one in found if one.check in ("database", "schema"))


@contextmanager
def _deployment() -> Iterator[tuple[config.Settings, Engine, dict[str, Any]]]:
    """Settings, database and keys of this environment, let go of at the end."""
    settings = config.read()
    lawbook.use_extra_calendars(calendars_of(settings))
    engine = db.make_engine(settings.database_url)
    try:
        yield settings, engine, info_of(settings)
    finally:
        engine.dispose()


def _make_folder_of(url: str) -> None:
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True, mode=0o700)


def _complain(text: str) -> int:
    print(text, file=sys.stderr)
    return CANNOT_TELL
