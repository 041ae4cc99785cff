"""Every no that the product can say has a sentence, and every sentence a no."""

import ast
import re

from tests.guards.source import Module, called_name, module, product

REFUSALS = frozenset({"Refused", "NotPermitted", "NotFound", "Stale"})
KEY = re.compile(r"[a-z]+(-[a-z]+)*:[a-z]+(-[a-z0-9]+)*")


def test_every_refusal_is_keyed_by_thing_and_why() -> None:
    found = [f"{where} {key}" for where, key in raised(product()) if not KEY.fullmatch(key)]
    assert not found, f"A stable key `thing:why`; its sentence lives in a table of SENTENCES: {found}"


def test_every_refusal_has_a_sentence() -> None:
    said = said_keys(product())
    found = [f"{where} {key}" for where, key in raised(product()) if key not in said]
    assert not found, f"Add the key to the SENTENCES of the feature's views (or of web/refusals.py): {found}"


def test_these_guards_bite() -> None:
    assert raised([module("raise Refused('The offer has lapsed')")])[0][1] == "The offer has lapsed"
    assert said_keys([module("SENTENCES = {'offer:lapsed': N_('The offer has lapsed.')}")]) == {"offer:lapsed"}


def raised(found: list[Module]) -> list[tuple[str, str]]:
    """Where each refusal is made, and its key; keys that are computed are left to the tests of the feature."""
    return [
        (one.at(node), node.args[0].value)
        for one in found
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Call)
        and called_name(node) in REFUSALS
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]


def said_keys(found: list[Module]) -> set[str]:
    """The keys of every table named SENTENCES."""
    keys: set[str] = set()
    for one in found:
        for node in ast.walk(one.tree):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            named = any(isinstance(target, ast.Name) and target.id.endswith("SENTENCES") for target in targets)
            if named and isinstance(getattr(node, "value", None), ast.Dict):
                keys |= {key.value for key in node.value.keys if isinstance(key, ast.Constant)}  # type: ignore[attr-defined]
    return keys
