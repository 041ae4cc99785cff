"""The tables of rights as docs/rights.md holds them."""

from pathlib import Path

from mediation.rules.access import table_of_rights
from tests.house import ACTORS, STAGES
from tests.rights.walk import Door, Walk

PLACE = Path(__file__).resolve().parents[2] / "docs" / "rights.md"
OPENING = """# Who may do what

Two tables, printed from the product itself and reviewed. `tests/rights` compares both with the product on every run;
`.venv/bin/python -m tests.rights` prints this file anew. Read the difference before you commit it.

## Permissions

What `mediation/rules/access.py` grants: at a case, the stages at which a role holds a permission; at a desk, the role
alone. What is not listed is not granted.

"""
DOORS = """
## Doors

What every address answered to everybody, with empty forms. 303: to the sign-in (nobody has signed in) or onwards;
403: this seat or desk never may; 404: there is nothing here for you, the same bytes as where there is nothing at all;
409: not now; 422: the form is not filled in. Stages that answer alike share a row.
An empty field was not asked: whoever has no seat knocks at one stage (`signing`), a candidate where one is asked.

"""


def rights() -> str:
    """The table of permissions."""
    rows = [f"| `{permission}` | {role} | {stages} |" for permission, role, stages in table_of_rights()]
    return "\n".join(["| Permission | Role | Stages |", "|---|---|---|", *rows]) + "\n"


def doors(found: Walk) -> str:
    """The table of doors."""
    head = f"| Door | Asks for | Stages | {' | '.join(ACTORS)} |\n|{'---|' * (len(ACTORS) + 3)}\n"
    by_door: dict[Door, dict[str, dict[str, int]]] = {}
    for (door, actor, stage), status in found.statuses.items():
        by_door.setdefault(door, {}).setdefault(stage, {})[actor] = status
    return head + "\n".join(row for door in sorted(by_door, key=_order) for row in _rows(door, by_door[door])) + "\n"


def whole(found: Walk) -> str:
    """The file."""
    return OPENING + rights() + DOORS + doors(found)


def _order(door: Door) -> tuple[str, str]:
    return door.rule, door.method


def _rows(door: Door, by_stage: dict[str, dict[str, int]]) -> list[str]:
    alike: dict[tuple[int | str, ...], list[str]] = {}
    for stage in sorted(by_stage, key=lambda stage: STAGES.index(stage) if stage in STAGES else -1):
        alike.setdefault(tuple(by_stage[stage].get(actor, "") for actor in ACTORS), []).append(stage)
    return [
        f"| `{door.method} {door.rule}` | {door.mark} | {', '.join(stages)} | {' | '.join(map(str, statuses))} |"
        for statuses, stages in alike.items()
    ]
