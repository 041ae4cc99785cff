"""Every door of the product opened by everybody at every stage, and what the doors answered."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from itertools import count
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.routing import Rule

from mediation import db
from mediation.web import guard
from tests.house import ACTORS, House

NOWHERE = "WH-2025-00000"
INSIDE = frozenset({"borrower", "officer", "mediator", "registrar", "adviser"})
ADDRESSES = count(int(IPv4Address("10.0.0.1")))
WALKED = ("invited", "joined", "open", "signing", "in force")
NOTHING = UUID("01a20b44-3335-772a-b4b4-cd9c1d5e1841")
# What differs each time a page is asked for: the key of each form, and what the address itself named.
NOISE = re.compile(rb'(name="(?:_key|csrf_token|_then|then)" value=")[^"]*|(href="[^"]*\?lang=)|WH-2025-\d{5}')
IDS = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Rehearsing(guard.Guard):
    """A guard that walks every step of a writing request and then takes it back."""

    def _once(self, mark: Any, view: Any, form: Any, url: Any) -> Any:
        try:
            with db.transaction(self.engine, self.info) as session:
                raise _TakenBack(self._kept(mark, view, form, url, session))
        except _TakenBack as back:
            return back.answer
        except Exception:
            guard.g.pop("who", None)
            raise


class _TakenBack(Exception):
    def __init__(self, answer: Any) -> None:
        self.answer = answer


@dataclass(frozen=True)
class Door:
    """One rule and one way to open it."""

    method: str
    rule: str
    endpoint: str
    arguments: frozenset[str]
    mark: str

    @property
    def is_of_a_case(self) -> bool:
        """Whether its address names a case."""
        return "number" in self.arguments


@dataclass
class Walk:
    """What every door answered to everybody."""

    statuses: dict[tuple[Door, str, str], int] = field(default_factory=dict)
    not_found: dict[str, set[bytes]] = field(default_factory=dict)
    swapped: dict[tuple[Door, str, str, str], tuple[tuple[int, bytes], tuple[int, bytes]]] = field(default_factory=dict)


def doors(house: House) -> list[Door]:
    """Every door, in the order of addresses."""
    return sorted(_doors(house), key=lambda door: (door.rule, door.method))


def walk(house: House) -> Walk:
    """Everybody at every door: first all that reads, then all that would write, each taken back."""
    found, client = Walk(), house.world.app.test_client(use_cookies=False)
    rehearse(house)
    for door in sorted(doors(house), key=lambda door: (door.method != "GET", door.rule)):
        for actor in ACTORS:
            for stage in _stages(actor) if door.is_of_a_case else ["-"]:
                _knock(house, client, found, door, actor, stage)
    return found


def _stages(actor: str) -> tuple[str, ...]:
    """At which stages somebody knocks: those who sit there at each, everybody else at the one that has most to show."""
    if actor == "candidate":
        return ("joined", "seeking")
    return WALKED if actor in INSIDE else ("signing",)


def swap(house: House) -> Walk:
    """The ids of another case at the doors of one's own, and right after them ids of nothing at all."""
    found, client = Walk(), house.world.app.test_client(use_cookies=False)
    for door in doors(house):
        named = door.arguments & {
            "offer_id",
            "proposal_id",
            "agreement_id",
            "document_id",
            "fact_id",
            "loan_id",
            "import_id",
            "invitation_id",
        }
        for actor in ("borrower", "officer", "mediator", "registrar", "adviser", "stranger"):
            for stage in ("open", "signing") if named and door.is_of_a_case else ["-"] if named else []:
                own = house.cases.get(stage, "")
                foreign, nothing = house.ids["elsewhere"], dict.fromkeys(named, NOTHING)
                answers = [ask(house, client, door, actor, own, ids) for ids in (foreign, nothing)]
                found.swapped[door, actor, stage, own] = (answers[0], answers[1])
    return found


def ask(
    house: House, client: FlaskClient, door: Door, actor: str, number: str, ids: dict[str, UUID]
) -> tuple[int, bytes]:
    """The status and the calm body of one answer."""
    values = {
        "number": number,
        "room": "joint",
        "item": "contract",
        "section": "spending",
        "question": "food",
        "filename": "site.css",
        **{k: str(v) for k, v in ids.items()},
    }
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda named: str(values.get(named[1], NOTHING)), door.rule)
    # Each comes from an address of its own: how many may come from one is tested where the limits are.
    address = {"REMOTE_ADDR": str(IPv4Address(next(ADDRESSES)))}
    response = client.open(path, method=door.method, headers=house.cookie_of(actor), environ_base=address)
    answer = response.status_code, calm(response.get_data())
    response.close()
    return answer


def calm(body: bytes) -> bytes:
    """A page without what differs each time it is asked for."""
    return IDS.sub(b"", NOISE.sub(b"", body))


def _doors(house: House) -> Iterator[Door]:
    app = house.world.app
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Door(method, rule.rule, rule.endpoint, frozenset(rule.arguments), _marked(app, rule))


def _marked(app: Any, rule: Rule) -> str:
    mark = guard.mark_of(app, rule.endpoint)
    assert mark is not None, f"{rule.endpoint} carries no mark"
    return mark.permission or mark.kind.replace("_", " ")


def _knock(house: House, client: FlaskClient, found: Walk, door: Door, actor: str, stage: str) -> None:
    number = house.cases.get(stage, "")
    status, body = ask(house, client, door, actor, number, house.ids[stage if number else "open"])
    found.statuses[door, actor, stage] = status
    if status == 404 and door.is_of_a_case:
        found.not_found.setdefault(actor, set()).add(body)


def rehearse(house: House) -> None:
    """Whatever is written from here on is taken back."""
    app = house.world.app
    real = app.extensions["mediation_guard"]
    app.extensions["mediation_guard"] = Rehearsing(
        engine=real.engine,
        info=real.info,
        now=real.now,
        seat_of=real.seat_of,
        desk_of=real.desk_of,
        caught_up=real.caught_up,
    )
