"""Databases to test against: a fresh, migrated one for each test, on SQLite and on PostgreSQL."""

import os
import pwd
import shutil
import subprocess
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, create_engine, make_url, text

from mediation.db import make_engine

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("sqlite", "postgresql")
MIGRATED = "migrated"


class Databases(Protocol):
    """One kind of database: hands out copies of a template, takes them back, or keeps one as a further template.

    Whoever keeps a database as a template has closed every connection to it.
    """

    def fresh(self, template: str = MIGRATED) -> str: ...
    def keep(self, template: str, url: str) -> None: ...
    def has(self, template: str) -> bool: ...
    def empty(self) -> str: ...
    def drop(self, url: str) -> None: ...
    def close(self) -> None: ...


class Handout(Protocol):
    """What the `databases` fixture is: asked for a kind, it opens that kind once and keeps it open."""

    def __call__(self, kind: str, *, fsync: bool = False) -> Databases: ...


def open_databases(kind: str, *, fsync: bool = False) -> Databases:
    """Databases of this kind; with `fsync`, an acknowledged commit is on the disk."""
    if kind == "sqlite":
        return SqliteDatabases(fsync=fsync)
    given = os.environ.get("MEDIATION_TEST_DATABASE_URL")
    return PostgresqlDatabases(given) if given else PostgresqlCluster(fsync=fsync)


def alembic_config(url: str) -> Config:
    """Alembic's settings for this database, without a file."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """The database is at the newest migration."""
    command.upgrade(alembic_config(url), "head")


class SqliteDatabases:
    """Copies of one migrated file, in memory-backed storage unless the test wants a disk."""

    def __init__(self, *, fsync: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mediation-sqlite-", dir=None if fsync else _fast_folder()))
        self.templates: dict[str, Path] = {}
        self.count = 0

    def fresh(self, template: str = MIGRATED) -> str:
        if template == MIGRATED and not self.has(MIGRATED):
            url = self.empty()
            migrate(url)
            self.keep(MIGRATED, url)
        path = self._next_path()
        shutil.copyfile(self.templates[template], path)
        return f"sqlite:///{path}"

    def keep(self, template: str, url: str) -> None:
        engine = make_engine(url)
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        self.templates[template] = Path(make_url(url).database or "")

    def has(self, template: str) -> bool:
        return template in self.templates

    def empty(self) -> str:
        return f"sqlite:///{self._next_path()}"

    def drop(self, url: str) -> None:
        path = make_url(url).database
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _next_path(self) -> Path:
        self.count += 1
        return self.folder / f"{self.count}.db"


class PostgresqlDatabases:
    """Databases on a given server, whose role may create them; each is a copy of one migrated template."""

    def __init__(self, url: str) -> None:
        self.server = make_url(url)
        self.engine = create_engine(self.server, isolation_level="AUTOCOMMIT")
        self.prefix = f"mediation_test_{os.getpid()}_{os.urandom(3).hex()}"
        self.templates: dict[str, str] = {}
        self.made: set[str] = set()
        self.count = 0
        # Copies take the server tens of milliseconds: while one test runs, the next one's is made.
        self.meanwhile = ThreadPoolExecutor(1)
        self.next: dict[str, Future[str]] = {}

    def fresh(self, template: str = MIGRATED) -> str:
        if template == MIGRATED and not self.has(MIGRATED):
            url = self.empty()
            migrate(url)
            self.keep(MIGRATED, url)
        copying = f" TEMPLATE {self.templates[template]}"
        made = self.next.get(template)
        url = made.result() if made else self._create(copying)
        self.next[template] = self.meanwhile.submit(self._create, copying)
        return url

    def keep(self, template: str, url: str) -> None:
        self.templates[template] = make_url(url).database or ""

    def has(self, template: str) -> bool:
        return template in self.templates

    def empty(self) -> str:
        return self._create(" TEMPLATE template0")

    def drop(self, url: str) -> None:
        self.meanwhile.submit(self._drop_named, make_url(url).database or "")

    def close(self) -> None:
        self.meanwhile.shutdown()
        for name in sorted(self.made):
            self._drop_named(name)
        self.engine.dispose()

    def _create(self, suffix: str) -> str:
        self.count += 1
        name = f"{self.prefix}_{self.count}"
        with self.engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} ENCODING 'UTF8'{suffix}"))
        self.made.add(name)
        return _text(self.server.set(database=name))

    def _drop_named(self, name: str) -> None:
        with self.engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        self.made.discard(name)


class PostgresqlCluster(PostgresqlDatabases):
    """A server of our own, in memory unless the test wants a disk, reached by a socket file only, gone at the end."""

    def __init__(self, *, fsync: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mediation-pg-", dir=None if fsync else _fast_folder()))
        self.programs = _newest_programs()
        self._start(fsync=fsync)
        super().__init__(f"postgresql+psycopg://postgres@/postgres?host={quote(str(self.folder), safe='')}")

    def close(self) -> None:
        self.meanwhile.shutdown()
        self.engine.dispose()
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def serve(self) -> None:
        """The server answers."""
        data, log = str(self.folder / "data"), str(self.folder / "log")
        self._run("pg_ctl", "-D", data, "-w", "-l", log, "-o", self.options, "start")

    def rest(self) -> None:
        """The server is away, its data is not; whoever was connected is cut off."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "fast", "-w", "stop")

    def _start(self, *, fsync: bool) -> None:
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.options = f"-c listen_addresses='' -k {self.folder} -c max_connections=200 -c timezone=UTC"
        self.options += "" if fsync else " -F -c full_page_writes=off -c synchronous_commit=off"
        self.serve()

    def _run(self, program: str, *arguments: str) -> None:
        # PostgreSQL refuses to run as root.
        become = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        call = [*become, str(self.programs / program), *arguments]
        done = subprocess.run(call, cwd="/", capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")


def _newest_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise RuntimeError("No PostgreSQL to test against: run .ci/setup test, or set MEDIATION_TEST_DATABASE_URL.")


def _fast_folder() -> str | None:
    shared = Path("/dev/shm")
    if shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 512 * 2**20:
        return str(shared)
    return None


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
