"""An action asks for permission first, is told the time, and leaves the commit to the guard."""

import ast
import re

from mediation.rules.access import DESK_GRANTS, GRANTS
from tests.guards.source import FunctionNode, Module, body_of, called_name, module, modules, product, templates

# Who may act is a seat at a case or a desk at the institution.
ACTORS = frozenset({"seat", "desk"})
# Steps that actions take after they were permitted; no view may import them.
STEPS = frozenset({"mediation/cases/moves.py", "mediation/cases/old_debt.py", "mediation/cases/drafting.py"})
# Questions about what is on file as of a day: they take `at` and change nothing.
QUESTIONS = frozenset(
    {
        "mediation/agreements/assembling.py",
        "mediation/agreements/law_gate.py",
        "mediation/cases/contracts.py",
        "mediation/offers/law_checks.py",
        "mediation/offers/law_page.py",
    }
)
CLOCKS = {"now": {"datetime", "func"}, "utcnow": {"datetime"}, "today": {"date", "datetime"},
          "time": {"time"}, "time_ns": {"time"}, "current_timestamp": {"func"}}  # fmt: skip
MAY_READ_THE_CLOCK = ("mediation/web/", "mediation/api/", "mediation/cli.py", "mediation/jobs.py", "mediation/demo")
MAY_COMMIT = ("mediation/db.py", "mediation/web/guard.py")


def test_every_action_starts_with_its_permission() -> None:
    found = unpermitted(_feature_modules())
    assert not found, f"First line: seat.require('thing:verb'), before anything is read or checked: {found}"


def test_every_action_is_told_the_time() -> None:
    found = timeless([one for one in _feature_modules() if one.path.endswith("/actions.py")])
    assert not found, f"An action takes `*, …, at` and passes it on; a question belongs in models.py: {found}"


def test_no_view_takes_a_step_without_its_action() -> None:
    names = {path.removesuffix(".py").replace("/", ".") for path in STEPS}
    views = [one for one in _feature_modules() if "views" in one.path]
    found = [one.path for one in views if names & _imports(one)]
    assert not found, f"Call the action that takes this step: {found}"


def test_a_question_changes_nothing() -> None:
    found = changes([one for one in _feature_modules() if one.path in QUESTIONS])
    assert not found, f"What keeps something is an action: {found}"


def test_every_permission_that_is_asked_for_is_in_the_table() -> None:
    found = unknown_permissions(product()) + unknown_in_templates({str(path): path.read_text() for path in templates()})
    assert not found, f"GRANTS in rules/access.py is the one table of rights; add it there, or mend the name: {found}"


def test_nobody_decides_by_a_role_outside_the_table() -> None:
    found = roles_compared({str(path): path.read_text() for path in templates() if path.suffix == ".html"})
    assert not found, f"Ask seat.may('thing:verb'): {found}"


def test_only_the_guard_commits() -> None:
    found = commits([one for one in product() if not one.path.startswith(MAY_COMMIT)])
    assert not found, f"Leave it to the guard, or to db.transaction at the rim: {found}"


def test_only_the_rim_reads_the_clock() -> None:
    found = clocks([one for one in [*product(), *modules("migrations")] if not one.path.startswith(MAY_READ_THE_CLOCK)])
    assert not found, f"Take `at` as an argument: {found}"


def test_these_guards_bite() -> None:
    bare = module("def make_offer(seat, terms, *, at):\n    '''Made.'''\n    keep(terms)\n")
    assert unpermitted([bare])
    assert timeless([module("def make_offer(seat, terms):\n    seat.require('offer:make')\n")])
    assert unknown_permissions([module("seat.require('offer:mkae')")])
    assert unknown_in_templates({"x.html": "{% if seat.may('offer:mkae') %}{% endif %}"})
    assert roles_compared({"x.html": "{% if seat.role == 'borrower' %}"})
    assert changes([module("def facts_of(seat, *, at):\n    seat.session.add(offer)\n")])
    assert commits([module("def act(session):\n    session.commit()\n")])
    assert clocks([module("from datetime import datetime\nat = datetime.now(UTC)\n")])


def test_a_good_action_passes() -> None:
    good = module(
        "def make_offer(seat, terms, *, at):\n    '''Made.'''\n    seat.require('offer:make')\n    keep(terms)\n"
    )
    assert not unpermitted([good]) + timeless([good]) + commits([good]) + clocks([good])


def unpermitted(found: list[Module]) -> list[str]:
    return [
        f"{one.at(each)} {each.name}"
        for one in found
        for each in one.public_functions()
        if _is_action(one, each) and not _starts_with_permission(each)
    ]


def timeless(found: list[Module]) -> list[str]:
    return [
        f"{one.at(each)} {each.name}"
        for one in found
        for each in one.public_functions()
        if "at" not in {argument.arg for argument in each.args.kwonlyargs}
    ]


def unknown_permissions(found: list[Module]) -> list[str]:
    return [
        f"{one.at(node)} {node.args[0].value}"
        for one in found
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Call)
        and called_name(node) in ("require", "may", "seated", "at_desk", "desked")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value not in {*GRANTS, *DESK_GRANTS}
    ]


def unknown_in_templates(texts: dict[str, str]) -> list[str]:
    asked = [(path, name) for path, text in texts.items() for name in re.findall(r"\.may\(\s*['\"]([^'\"]+)", text)]
    return [f"{path} {name}" for path, name in asked if name not in {*GRANTS, *DESK_GRANTS}]


def roles_compared(texts: dict[str, str]) -> list[str]:
    pattern = re.compile(r"\b(?:if|elif|and|or|not)\s[^%}]*\.role\b\s*(?:==|!=|in\b|not in\b)")
    return [f"{path}: {found[0]}" for path, text in texts.items() if (found := pattern.search(text))]


def commits(found: list[Module]) -> list[str]:
    return [
        one.at(node)
        for one in found
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("commit", "rollback")
    ]


def changes(found: list[Module]) -> list[str]:
    verbs = ("add", "add_all", "delete", "flush", "execute", "record", "record_at_desk", "tell", "enqueue", "move")
    return [
        f"{one.at(node)} {called_name(node)}"
        for one in found
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Call) and called_name(node) in verbs
    ]


def clocks(found: list[Module]) -> list[str]:
    return [one.at(node) for one in found for node in ast.walk(one.tree) if _reads_the_clock(node)]


def _feature_modules() -> list[Module]:
    outside = ("mediation/rules/", "mediation/web/")
    return [one for one in modules("mediation") if one.path.count("/") > 1 and not one.path.startswith(outside)]


def _is_action(one: Module, function: FunctionNode) -> bool:
    if one.path in STEPS | QUESTIONS or "views" in one.path:
        return False
    names = [argument.arg for argument in function.args.args]
    acts = bool(names) and names[0] in ACTORS and "at" in {argument.arg for argument in function.args.kwonlyargs}
    return acts or one.path.endswith("/actions.py")


def _starts_with_permission(function: FunctionNode) -> bool:
    first = body_of(function)[0]
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Call) and called_name(first.value) == "require"


def _reads_the_clock(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    owner = node.func.value
    name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return name in CLOCKS.get(node.func.attr, set())


def _imports(one: Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(one.tree):
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}", *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found
