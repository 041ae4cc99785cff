"""Every decision is one entry in the thread that its kind names; what decides nothing is listed by name."""

import ast

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from mediation import audit, i18n
from mediation.cases import actions as cases
from mediation.docket.sentences import SAID, sentence_for
from mediation.messages import actions as messages
from mediation.rules.access import THREAD_READERS, Role, Room, Thread
from mediation.rules.lifecycle import Stage
from tests.guards.source import Module, called_name, modules
from tests.messages import talking
from tests.offers.table import accept, make, offer, settle, show
from tests.stories import a_case
from tests.world import World

# Each public action, and the kinds of which it appends exactly one.
DECISIONS: dict[str, set[str]] = {
    "accounts.add_member": {"member:joined"},
    "accounts.end_member": {"member:left"},
    "accounts.keep_authority": {"authority:kept"},
    "accounts.keep_lender": {"lender:kept"},
    "agreements.decline": {"agreement:declined"},
    "agreements.draw_up": {"agreement:drafted"},
    "agreements.draw_up_anew": {"agreement:taken-back"},
    "agreements.end_signing": {"agreement:lapsed", "agreement:voided"},
    "agreements.keep_sealed": {"agreement:sealed"},
    "agreements.sign": {"agreement:signed"},
    "agreements.start_signing": {"agreement:rendered"},
    "cases.accept_case": {"case:accepted"},
    "cases.open_case": {"case:opened"},
    "cases.reject_case": {"case:rejected"},
    "cases.submit_case": {"case:submitted"},
    "cases.withdraw_case": {"case:withdrawn"},
    "disclosures.state_means": {"means:stated"},
    "disclosures.take_back_verification": {"means:unverified"},
    "disclosures.verify_line": {"means:verified"},
    "messages.close_joint_room": {"room:closed"},
    "messages.open_joint_room": {"room:opened"},
    "offers.accept_offer": {"offer:accepted"},
    "offers.decline_offer": {"offer:declined"},
    "offers.withdraw_offer": {"offer:withdrawn"},
    "portfolios.import_loans": {"loans:imported"},
}
# They decide nothing by themselves: drafts, what is held, files not yet imported, and what calls another action.
UNRECORDED = frozenset(
    {
        "accounts.add_lender",  # its particulars are what counts: keep_lender
        "accounts.invite_member",  # by add_member
        "cases.change_draft",
        "disclosures.choose_readers",  # by the statement
        "disclosures.keep_answer",  # a draft
        "disclosures.keep_as_typed",
        "messages.keep_draft",
        "messages.pass_on",  # held for fifteen seconds; recorded when it is said, in holding.py
        "messages.send_message",  # likewise
        "messages.take_back",  # it was never said
        "offers.make_offer",  # held for ten minutes; recorded when it shows
        "offers.settle_negotiation",  # by what time brings about, in passing.py
        "portfolios.discard_import",
        "portfolios.import_file",  # by import_loans
        "portfolios.map_columns",
        "portfolios.upload_file",
    }
)


def test_every_action_is_a_decision_or_listed_as_none() -> None:
    found = {name for name, _ in _actions() if name not in DECISIONS and name not in UNRECORDED}
    assert not found, f"Say which kind of entry it appends, or that it decides nothing: {found}"


def test_no_listed_action_has_gone() -> None:
    assert {*DECISIONS, *UNRECORDED} <= {name for name, _ in _actions()}


@pytest.mark.parametrize("name", sorted(DECISIONS))
def test_a_decision_appends_the_kind_that_is_its_own(name: str) -> None:
    assert dict(_actions())[name] == DECISIONS[name]


@pytest.mark.parametrize("name", sorted(UNRECORDED))
def test_what_decides_nothing_appends_nothing(name: str) -> None:
    assert dict(_actions())[name] == set()


def test_an_action_records_once_and_not_in_a_loop() -> None:
    looping = [
        f"{one.at(node)}"
        for one in modules("mediation")
        for loop in ast.walk(one.tree)
        if isinstance(loop, ast.For | ast.While)
        for node in ast.walk(loop)
        if isinstance(node, ast.Call) and called_name(node) in ("record_at_desk",)
    ]
    assert not looping


@pytest.mark.parametrize("kind", sorted(audit.KINDS))
def test_every_kind_has_a_sentence_for_every_reader_in_every_language(kind: str) -> None:
    threads = [audit.KINDS[kind]] if audit.KINDS[kind] else list(Thread)
    readers = {role for thread in threads if thread for role in THREAD_READERS[thread]}
    for reader in readers:
        for doer in Role:
            english = sentence_for(kind, reader, doer)
            assert english
            assert i18n.translations("zh_Hans").gettext(english) not in ("", english)


def test_no_sentence_is_left_without_its_kind() -> None:
    assert set(SAID) == set(audit.KINDS)


def test_each_decision_of_a_walk_is_exactly_one_entry(world: World) -> None:
    with _counted() as counts:
        number = a_case(world)
        for name, room in (("bai", Room.JOINT), ("lu", Room.CAUCUS_LENDER), ("mo", Room.NOTES)):
            talking.say(world, number, name, room, "一句话")
        with world.seat("mo", number) as seat:
            messages.close_joint_room(seat, at=world.clock())
        first = show(world, number, "lu")
        accept(world, number, "bai", first, sha256=offer(world, first).sha256)
    assert counts == ["message:sent", "message:sent", "message:sent", "room:closed", "offer:made", "offer:accepted"]


def test_a_held_offer_and_a_look_at_the_clock_are_no_entry(world: World) -> None:
    with _counted() as counts:
        number = a_case(world)
        make(world, number, "lu")
        settle(world, number)
    assert counts == []


def test_a_withdrawal_is_one_entry_in_the_thread_of_the_case(world: World) -> None:
    number = a_case(world, Stage.OPEN)
    with world.seat("bai", number) as seat:
        cases.withdraw_case(seat, at=world.clock())
    with world.seat("ren", number) as seat:
        entries = audit.entries_seen_by(seat, Thread.CASE)
    assert [entry.kind for entry in entries] == ["case:withdrawn"]


class _counted:  # noqa: N801 (read as a sentence)
    """The kinds of the entries that are kept meanwhile, in order; more than one in a transaction is a fault."""

    def __enter__(self) -> list[str]:
        self.kinds: list[str] = []
        event.listen(Session, "before_flush", self._read)
        return self.kinds

    def __exit__(self, *_: object) -> None:
        event.remove(Session, "before_flush", self._read)

    def _read(self, session: Session, _context: object, _instances: object) -> None:
        for new in session.new:
            if isinstance(new, audit.RecordEntry):
                self.kinds.append(audit.chain.read_leaf(new.leaf).kind)


def _actions() -> list[tuple[str, set[str]]]:
    """Each public action with every kind that it, or a step of its own module, hands to the record."""
    found = []
    for one in modules("mediation"):
        if one.path.endswith("/actions.py") and one.path.count("/") == 2:
            feature = one.path.split("/")[1]
            for function in one.public_functions():
                names = [argument.arg for argument in function.args.args]
                if names and names[0] in ("seat", "desk"):
                    found.append((f"{feature}.{function.name}", _kinds(one, function.name)))
    return found


def _kinds(one: Module, name: str, known: frozenset[str] = frozenset()) -> set[str]:
    functions = {function.name: function for function in one.tree.body if isinstance(function, ast.FunctionDef)}
    kinds: set[str] = set()
    for node in ast.walk(functions[name]):
        if not isinstance(node, ast.Call):
            continue
        called = called_name(node)
        if called in ("record", "record_at_desk"):
            kinds |= _named(functions[name], node.args[1])
        elif called.startswith("_") and called in functions and called not in known:
            kinds |= _kinds(one, called, known | {name})
    return kinds


def _named(function: ast.FunctionDef, kind: ast.expr) -> set[str]:
    """The kind itself, or every kind that the variable is given in this function."""
    if isinstance(kind, ast.Name):
        given = [n.value for n in ast.walk(function) if isinstance(n, ast.Assign) and _is_to(n, kind.id)]
        kind = ast.Tuple(elts=given)
    return {n.value for n in ast.walk(kind) if isinstance(n, ast.Constant) and str(n.value) in audit.KINDS}


def _is_to(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
