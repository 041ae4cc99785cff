"""Files stay small enough to be read, and are named for what they hold."""

import ast
from pathlib import Path

from tests.guards.source import ROOT, Module, kept_files, module, modules, product

MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 40
EMPTY_NAMES = frozenset(
    {
        "util",
        "utils",
        "helper",
        "helpers",
        "common",
        "base",
        "misc",
        "service",
        "services",
        "manager",
        "managers",
        "lib",
    }
)
EMPTY_ENDINGS = ("Manager", "Service", "Helper", "Helpers", "Utils", "Util")


def test_no_module_is_longer_than_400_lines() -> None:
    found = long_modules(product())
    assert not found, f"Split these by the story they tell, into files with names of their own: {found}"


def test_no_function_is_longer_than_40_lines() -> None:
    found = long_functions([*product(), *modules("migrations/env.py")])
    assert not found, f"Move steps below, into functions with names of their own: {found}"


def test_no_test_module_is_longer_than_600_lines() -> None:
    found = long_modules(modules("tests"), most=600)
    assert not found, f"Split these by what they are about: {found}"


def test_no_test_is_longer_than_60_lines() -> None:
    found = long_functions(modules("tests"), most=60)
    assert not found, f"Arrange in one line by a factory, act in one, assert in one or two: {found}"


def test_no_file_has_an_empty_name() -> None:
    found = empty_names(kept_files())
    assert not found, f"Name these for what they hold: {found}"


def test_no_class_has_an_empty_name() -> None:
    found = empty_classes(product())
    assert not found, f"A class is a noun that a party would use: {found}"


def test_every_module_opens_with_one_line() -> None:
    found = silent_modules(product())
    assert not found, f"Open with one line that says what is in it: {found}"


def test_every_public_function_says_what_is_now_true() -> None:
    found = [one.at(each) for one in product() for each in one.public_functions() if not ast.get_docstring(each)]
    assert not found, f"One line: what it returns, or what is now true: {found}"


def test_these_guards_bite() -> None:
    long = module('"""Long."""\n\n\ndef act():\n' + "    pass\n" * MOST_LINES)
    assert long_modules([long])
    assert long_functions([long])
    assert empty_names([ROOT / "mediation/offers/utils.py", ROOT / "mediation/common/x.py"])
    assert empty_classes([module("class OfferManager: ...")])
    assert silent_modules([module("x = 1")])


def long_modules(found: list[Module], most: int = MOST_LINES) -> list[str]:
    return [f"{one.path} ({lines})" for one in found if (lines := len(one.text.splitlines())) > most]


def long_functions(found: list[Module], most: int = MOST_LINES_OF_A_FUNCTION) -> list[str]:
    return [
        f"{one.at(each)} {each.name} ({lines})"
        for one in found
        for each in one.functions()
        if (lines := (each.end_lineno or each.lineno) - each.lineno + 1) > most
    ]


def empty_names(paths: list[Path] | tuple[Path, ...]) -> list[str]:
    names = [path.relative_to(ROOT) for path in paths if "vendor" not in path.parts]
    return [
        str(name)
        for name in names
        if EMPTY_NAMES & {part.lower().lstrip("_") for part in (*name.parts[:-1], name.stem)}
    ]


def empty_classes(found: list[Module]) -> list[str]:
    return [
        f"{one.at(node)} {node.name}"
        for one in found
        for node in ast.walk(one.tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith(EMPTY_ENDINGS)
    ]


def silent_modules(found: list[Module]) -> list[str]:
    return [one.path for one in found if one.text.strip() and not ast.get_docstring(one.tree)]
