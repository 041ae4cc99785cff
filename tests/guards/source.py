"""The project's own files as the guards read them."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = frozenset({".git", ".venv", ".tools", "var", "shots", "bench-results", "__pycache__", "node_modules"})

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One Python file: where it is, and what it says."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """The file as syntax."""
        return _parse(self.text)

    def functions(self) -> Iterator[FunctionNode]:
        """Every function, methods and inner ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, FunctionNode):
                yield node

    def public_functions(self) -> Iterator[FunctionNode]:
        """The functions that others may call."""
        for node in self.tree.body:
            if isinstance(node, FunctionNode) and not node.name.startswith("_"):
                yield node

    def at(self, node: ast.AST) -> str:
        """Where a node stands, as an editor opens it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


def modules(*folders: str) -> list[Module]:
    """The Python files below these folders (or these files themselves)."""
    found: list[Module] = []
    for folder in folders:
        top = ROOT / folder
        paths = [top] if top.is_file() else sorted(top.rglob("*.py")) if top.is_dir() else []
        found += [Module(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in paths]
    return found


def module(text: str, path: str = "mediation/offers/actions.py") -> Module:
    """A made-up file, to see a guard bite."""
    return Module(path, text)


def product() -> list[Module]:
    """The product's own Python."""
    return modules("mediation", "config.py", "wsgi.py")


def templates() -> list[Path]:
    """Every template."""
    return sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())


@lru_cache(maxsize=1)
def kept_files() -> tuple[Path, ...]:
    """What is committed, or would be; without git, all that is not made by a tool."""
    listing = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode == 0 and listing.stdout:
        paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not LEFT_OUT & set(path.relative_to(ROOT).parts)]
    return tuple(path for path in paths if path.is_file())


def called_name(call: ast.Call) -> str:
    """The last name of what is called: `now` for `datetime.now()`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def body_of(function: FunctionNode) -> list[ast.stmt]:
    """The statements of a function after its docstring."""
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


@lru_cache(maxsize=1024)
def _parse(text: str) -> ast.Module:
    return ast.parse(text)
