"""Imports point down, rules stay pure, and heavy libraries are loaded where they are used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guards.source import ROOT, Module, module, modules, product

HEAVY = frozenset({"weasyprint", "pyhanko", "pyhanko_certvalidator", "pikepdf", "fontTools", "uharfbuzz", "cn2an"})
PURE = sys.stdlib_module_names - {
    "io", "os", "pathlib", "shutil", "tempfile", "socket", "ssl", "http", "urllib", "smtplib", "subprocess", "sqlite3",
    "time", "random", "secrets", "logging", "threading", "multiprocessing", "asyncio", "ctypes", "pickle",
} | {"numpy"}  # fmt: skip
FLASK = frozenset({"flask", "flask_login", "flask_wtf"})
NOT_FOR_VIEWS = ("sqlalchemy", "mediation.db", "mediation.audit", "mediation.notices")


def test_imports_point_down(capsys: pytest.CaptureFixture[str]) -> None:
    assert keeps_contracts(ROOT), f"{capsys.readouterr().out}\nThe contracts are in pyproject.toml."


def test_rules_are_made_of_values_alone() -> None:
    found = impure(modules("mediation/rules"))
    assert not found, f"Rules are the standard library without its doors, and NumPy; pass the value in: {found}"


def test_what_answers_a_browser_asks_actions_and_selections_only() -> None:
    found = greedy_views(modules("mediation"))
    assert not found, f"Ask a selection in models.py or call an action: {found}"


def test_heavy_libraries_are_imported_where_they_are_used() -> None:
    found = eager(product())
    assert not found, f"Import these inside the function that the worker calls: {found}"


def test_rules_are_imported_without_the_rest() -> None:
    assert _loaded_by("mediation.rules.access") & {"flask", "sqlalchemy", "babel", "jinja2", "cryptography"} == set()


def test_the_web_starts_without_paper_and_seal() -> None:
    assert _loaded_by("mediation.app") & {"weasyprint", "pyhanko"} == set()


def test_the_contracts_bite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = tmp_path / "house"
    (package / "rules").mkdir(parents=True)
    for name, text in (("__init__", ""), ("rules/__init__", ""), ("rules/money", "import house.db"), ("db", "")):
        (package / f"{name}.py").write_text(text)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_package = "house"\n[[tool.importlinter.contracts]]\nname = "down"\n'
        'type = "layers"\ncontainers = ["house"]\nlayers = ["db", "rules"]\n'
    )
    assert not keeps_contracts(tmp_path)
    assert "house.rules.money -> house.db" in capsys.readouterr().out


def test_these_guards_bite() -> None:
    assert impure([module("import requests")])
    assert impure([module("import os")])
    assert impure([module("from mediation.db import Record")])
    assert greedy_views([module("from flask import g\nfrom sqlalchemy import select\n")])
    assert eager([module("import weasyprint")])
    assert not eager([module("def f():\n    import weasyprint\n")])


def keeps_contracts(folder: Path) -> bool:
    """Run import-linter in a process of its own: it looks for the package beside its settings."""
    script = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", script, "--no-cache", "--no-logo"],
        cwd=folder, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
    )  # fmt: skip
    print(done.stdout, done.stderr)
    return done.returncode == 0


def impure(found: list[Module]) -> list[str]:
    return [
        f"{one.at(node)} {name}"
        for one in found
        for node, name in _imports(one, deep=True)
        if name.split(".")[0] not in PURE and not name.startswith(("mediation.rules", "mediation.errors"))
    ]


def greedy_views(found: list[Module]) -> list[str]:
    features = [one for one in found if one.path.count("/") > 1 and not one.path.startswith("mediation/web/")]
    views = [one for one in features if any(name.split(".")[0] in FLASK for _, name in _imports(one, deep=True))]
    return [
        f"{one.at(node)} {name}"
        for one in views
        for node, name in _imports(one, deep=True)
        if any(name == wall or name.startswith(f"{wall}.") for wall in NOT_FOR_VIEWS)
    ]


def eager(found: list[Module]) -> list[str]:
    return [
        f"{one.at(node)} {name}"
        for one in found
        for node, name in _imports(one, deep=False)
        if name.split(".")[0] in HEAVY
    ]


def _imports(one: Module, *, deep: bool) -> list[tuple[ast.stmt, str]]:
    nodes = ast.walk(one.tree) if deep else iter(one.tree.body)
    found: list[tuple[ast.stmt, str]] = []
    for node in nodes:
        if isinstance(node, ast.Import):
            found += [(node, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "mediation":
            found += [(node, f"mediation.{alias.name}") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append((node, node.module))
    return found


def _loaded_by(name: str) -> set[str]:
    script = f"import sys, {name}; print(*{{one.split('.')[0] for one in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())
