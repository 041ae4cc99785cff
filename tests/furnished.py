"""Databases that are furnished already: what many tests begin with is made once, and each of them gets a copy."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mediation.db import make_engine
from tests.databases import Databases

# What was made, and the folder with what lies beside its database.
MADE: dict[tuple[int, str], tuple[Any, Path]] = {}


def furnish(source: Databases, template: str, make: Callable[..., Any], folder: Path) -> tuple[str, Any]:
    """A fresh database on which this is made already, the files beside it in `folder`: its URL, and what was made."""
    if not source.has(template):
        _make(source, template, make)
    made, beside = MADE[id(source), template]
    shutil.copytree(beside, folder, dirs_exist_ok=True)
    return source.fresh(template), made


def _make(source: Databases, template: str, make: Callable[..., Any]) -> None:
    beside, url = Path(tempfile.mkdtemp(prefix="mediation-furnished-")), source.fresh()
    engine = make_engine(url)
    MADE[id(source), template] = make(engine, folder=beside), beside
    engine.dispose()
    source.keep(template, url)
