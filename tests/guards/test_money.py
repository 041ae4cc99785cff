"""No float ever touches money, and nobody catches everything to go on."""

import ast

from tests.guards.source import Module, called_name, module, modules, product

MONEY = (
    "mediation/rules/money.py", "mediation/rules/plans.py", "mediation/rules/loans.py", "mediation/rules/ledger.py",
    "mediation/rules/negotiation.py", "mediation/rules/settlement.py", "mediation/rules/clauses.py",
    "mediation/rules/claims.py", "mediation/rules/affordability.py", "mediation/rules/creditors.py",
    "mediation/rules/repayment.py", "mediation/rules/plan_kinds.py", "mediation/rules/plan_documents.py",
    "mediation/rules/waterfall.py",
    "mediation/disclosures", "mediation/offers", "mediation/cases", "mediation/agreements/actions.py",
    "mediation/agreements/models.py", "mediation/portfolios/models.py", "mediation/portfolios/actions.py",
)  # fmt: skip


def test_no_float_touches_money() -> None:
    found = floats(modules(*MONEY))
    assert not found, f"Money is an int of minor units, a rate is a Decimal: {found}"


def test_nobody_catches_everything_to_go_on() -> None:
    found = swallowed(product())
    assert not found, f"Catch what you expect by name, or let it reach the guard: {found}"


def test_these_guards_bite() -> None:
    for text in ("x = 0.1", "x = float(y)", "def f(x: float) -> int: ...", "x = np.float64(3)", "x = 1e3"):
        assert floats([module(text)]), text
    for text in ("except Exception:\n    pass", "except Exception:\n    continue", "except:\n    x = 1"):
        assert swallowed([module(f"for y in z:\n  try:\n    f()\n  {text}\n".replace("\n    ", "\n        "))]), text


def test_what_is_allowed_passes() -> None:
    assert not floats([module("x = Decimal('0.1')\nif isinstance(x, float):\n    raise TypeError\n")])
    assert not swallowed([module("try:\n    f()\nexcept Exception:\n    give_back()\n    raise\n")])


def floats(found: list[Module]) -> list[str]:
    return [one.at(node) for one in found for node in ast.walk(one.tree) if _is_float(node)]


def swallowed(found: list[Module]) -> list[str]:
    return [
        one.at(node)
        for one in found
        for node in ast.walk(one.tree)
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node) and _goes_on(node)
    ]


def _is_float(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    if isinstance(node, ast.Call):
        return called_name(node) in ("float", "float64", "float32", "real")
    annotation = getattr(node, "annotation", None) or getattr(node, "returns", None)
    return isinstance(annotation, ast.AST) and any(
        isinstance(part, ast.Name) and part.id == "float" for part in ast.walk(annotation)
    )


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id.endswith("Exception")) for kind in kinds)


def _goes_on(handler: ast.ExceptHandler) -> bool:
    """Whether the error is neither raised on nor even written down."""
    uses_it = bool(handler.name) and any(
        isinstance(node, ast.Name) and node.id == handler.name for line in handler.body for node in ast.walk(line)
    )
    raises = any(isinstance(node, ast.Raise) for line in handler.body for node in ast.walk(line))
    logs = any(
        isinstance(node, ast.Call) and called_name(node) == "exception"
        for line in handler.body
        for node in ast.walk(line)
    )
    return not (uses_it or raises or logs)
