"""Tests always run: none is skipped, expected to fail, or left without a claim."""

import ast

from tests.guards.source import FunctionNode, Module, called_name, module, modules

PASSED_OVER = frozenset({"skip", "skipif", "skipIf", "xfail", "importorskip"})
CLAIMS = ("assert", "check", "expect", "fail", "raises", "warns", "walk")


def test_no_test_is_passed_over() -> None:
    found = passed_over(modules("tests"))
    assert not found, f"Make it run everywhere, or take it out: {found}"


def test_every_test_claims_something() -> None:
    found = without_claim(modules("tests"))
    assert not found, f"Assert what must hold: {found}"


def test_these_guards_bite() -> None:
    assert passed_over([module("@pytest.mark.skipif(True)\ndef test_x(): ...")])
    assert passed_over([module("def test_x():\n    pytest.skip('later')\n")])
    assert without_claim([module("def test_x():\n    act()\n")])


def passed_over(found: list[Module]) -> list[str]:
    return [
        one.at(node)
        for one in found
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Attribute)
        and node.attr in PASSED_OVER
        and isinstance(node.value, ast.Name | ast.Attribute)
        and (node.value.id if isinstance(node.value, ast.Name) else node.value.attr) in ("pytest", "mark", "unittest")
    ]


def without_claim(found: list[Module]) -> list[str]:
    return [
        f"{one.at(each)} {each.name}"
        for one in found
        for each in one.functions()
        if each.name.startswith("test_") and not _claims(each)
    ]


def _claims(function: FunctionNode) -> bool:
    return any(
        isinstance(node, ast.Assert)
        or (isinstance(node, ast.Call) and called_name(node).lstrip("_").startswith(CLAIMS))
        for node in ast.walk(function)
    )
