"""Roles, permissions and the one table GRANTS: the whole product's rights on one screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from mediation.errors import NotPermitted, Refused
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import Side


class Role(StrEnum):
    """What somebody is at a case or at a desk of the institution."""

    BORROWER = "borrower"
    LENDER = "lender"
    MEDIATOR = "mediator"
    REGISTRAR = "registrar"
    ADVISER = "adviser"
    AUDITOR = "auditor"
    SYSTEM = "system"


class Room(StrEnum):
    """Where something is said: the joint room, one caucus per side, the mediator's notes."""

    JOINT = "joint"
    CAUCUS_BORROWER = "caucus-borrower"
    CAUCUS_LENDER = "caucus-lender"
    NOTES = "notes"


class Thread(StrEnum):
    """A thread of the record: four per case, and one per institution for what belongs to no case."""

    CASE = "case"
    CAUCUS_BORROWER = "caucus-borrower"
    CAUCUS_LENDER = "caucus-lender"
    NOTES = "mediator-notes"
    INSTITUTION = "institution"


BORROWER, LENDER, MEDIATOR = Role.BORROWER, Role.LENDER, Role.MEDIATOR
REGISTRAR, ADVISER, AUDITOR, SYSTEM = Role.REGISTRAR, Role.ADVISER, Role.AUDITOR, Role.SYSTEM

ANY = frozenset(Stage)
BEFORE_TABLE = frozenset({Stage.JOINED, Stage.APPOINTED})
TABLE = frozenset({Stage.OPEN})
# Whoever was a moment too late is told by the rules of the table what was agreed, not merely that the case moved on.
ANSWERING = TABLE | {Stage.TERMS_AGREED}
NEEDS_MEDIATOR = frozenset({Stage.JOINED, Stage.OPEN, Stage.TERMS_AGREED, Stage.SIGNING})
SPEAKING = frozenset({Stage.APPOINTED, Stage.OPEN, Stage.TERMS_AGREED, Stage.SIGNING})
PAPER = frozenset(
    {Stage.TERMS_AGREED, Stage.SIGNING, Stage.IN_FORCE, Stage.PERFORMED, Stage.BREACHED, Stage.CURED, Stage.ENDED}
)
SEATED = ANY - {Stage.DRAFT, Stage.SUBMITTED, Stage.ACCEPTED, Stage.REJECTED}
HEARD = SEATED - {Stage.INVITED, Stage.UNREACHABLE, Stage.JOINED}
LIVE = frozenset(
    {
        Stage.SUBMITTED,
        Stage.ACCEPTED,
        Stage.INVITED,
        Stage.UNREACHABLE,
        Stage.JOINED,
        Stage.APPOINTED,
        Stage.OPEN,
        Stage.TERMS_AGREED,
        Stage.SIGNING,
    }
)

# Nobody is asked who they are before they have said that they take part.
TAKING_PART = (SEATED & LIVE) - {Stage.INVITED, Stage.UNREACHABLE}


def _at(*stages: Stage) -> frozenset[Stage]:
    return frozenset(stages)


# At a case: permission -> role -> the stages at which it holds.
GRANTS: Mapping[str, Mapping[Role, frozenset[Stage]]] = {
    "case:read": {
        BORROWER: SEATED,
        LENDER: ANY,
        MEDIATOR: HEARD | {Stage.JOINED},
        REGISTRAR: ANY - {Stage.DRAFT},
        ADVISER: SEATED,
    },
    "claim:read": {BORROWER: SEATED, LENDER: ANY, MEDIATOR: HEARD, REGISTRAR: ANY - {Stage.DRAFT}, ADVISER: HEARD},
    "contract:state": {BORROWER: BEFORE_TABLE | TABLE, LENDER: BEFORE_TABLE | TABLE | {Stage.DRAFT}},
    "case:edit": {LENDER: _at(Stage.DRAFT)},
    "case:submit": {LENDER: _at(Stage.DRAFT)},
    "case:register": {REGISTRAR: _at(Stage.SUBMITTED)},
    "case:withdraw": {BORROWER: LIVE - {Stage.SUBMITTED, Stage.ACCEPTED}, LENDER: LIVE | {Stage.DRAFT}},
    "consent:take-back": {BORROWER: (SEATED & LIVE) - {Stage.INVITED, Stage.UNREACHABLE}},
    "capacity:report": {MEDIATOR: HEARD & LIVE, REGISTRAR: SEATED & LIVE},
    "capacity:clear": {REGISTRAR: SEATED & LIVE},
    "invitation:issue": {REGISTRAR: _at(Stage.ACCEPTED)},
    "invitation:answer": {BORROWER: _at(Stage.INVITED)},
    "invitation:renew": {REGISTRAR: _at(Stage.INVITED, Stage.UNREACHABLE)},
    "mediator:appoint": {REGISTRAR: NEEDS_MEDIATOR},
    "appointment:declare": {MEDIATOR: _at(Stage.JOINED)},
    "appointment:answer": {BORROWER: SPEAKING, LENDER: SPEAKING},
    "appointment:recuse": {MEDIATOR: HEARD & LIVE},
    "room:read": {BORROWER: HEARD, LENDER: HEARD, MEDIATOR: HEARD, ADVISER: HEARD},
    "room:open": {MEDIATOR: SPEAKING},
    "message:send": {BORROWER: SPEAKING, LENDER: SPEAKING, MEDIATOR: SPEAKING},
    "offer:read": {BORROWER: HEARD, LENDER: HEARD, MEDIATOR: HEARD, ADVISER: HEARD},
    "offer:make": {BORROWER: TABLE, LENDER: TABLE},
    "offer:answer": {BORROWER: ANSWERING, LENDER: ANSWERING},
    "offer:withdraw": {BORROWER: ANSWERING, LENDER: ANSWERING},
    "plan:search": {MEDIATOR: TABLE},
    "assumptions:set": {MEDIATOR: TABLE},
    "means:keep": {BORROWER: BEFORE_TABLE | SPEAKING},
    "means:state": {BORROWER: SPEAKING},
    "means:read": {BORROWER: SEATED - {Stage.INVITED, Stage.UNREACHABLE}, LENDER: HEARD, MEDIATOR: HEARD},
    "means:verify": {MEDIATOR: SPEAKING},
    "document:read": {BORROWER: HEARD, LENDER: HEARD, MEDIATOR: HEARD},
    "document:add": {BORROWER: SPEAKING, LENDER: SPEAKING},
    "duty:answer": {LENDER: SPEAKING},
    "ledger:read": {BORROWER: HEARD | BEFORE_TABLE, LENDER: HEARD | BEFORE_TABLE, MEDIATOR: HEARD, ADVISER: HEARD},
    "ledger:state": {BORROWER: BEFORE_TABLE | TABLE, LENDER: BEFORE_TABLE | TABLE},
    "ledger:answer": {BORROWER: BEFORE_TABLE | TABLE, LENDER: BEFORE_TABLE | TABLE},
    "identity:give": {BORROWER: TAKING_PART, LENDER: TAKING_PART, MEDIATOR: HEARD & LIVE},
    "agreement:read": {BORROWER: PAPER, LENDER: PAPER, MEDIATOR: PAPER},
    "agreement:draft": {MEDIATOR: _at(Stage.TERMS_AGREED)},
    "agreement:sign": {BORROWER: _at(Stage.SIGNING), LENDER: _at(Stage.SIGNING), MEDIATOR: _at(Stage.SIGNING)},
    "agreement:replace": {MEDIATOR: _at(Stage.SIGNING)},
    "terms:leave": {role: _at(Stage.TERMS_AGREED) for role in (BORROWER, LENDER, MEDIATOR)},
    "agreement:decline": {
        BORROWER: _at(Stage.TERMS_AGREED, Stage.SIGNING),
        LENDER: _at(Stage.TERMS_AGREED, Stage.SIGNING),
    },
    "record:read": {BORROWER: SEATED - {Stage.INVITED}, LENDER: ANY, MEDIATOR: HEARD, REGISTRAR: ANY - {Stage.DRAFT}},
    "time:pass": {SYSTEM: ANY},
}

# At a desk of the institution: permission -> roles.
DESK_GRANTS: Mapping[str, frozenset[Role]] = {
    "docket:read": frozenset({LENDER, MEDIATOR, REGISTRAR}),
    "loan:read": frozenset({LENDER}),
    "loan:import": frozenset({LENDER}),
    "case:draft": frozenset({LENDER}),
    "registry:read": frozenset({REGISTRAR}),
    "lender:keep": frozenset({REGISTRAR}),
    "panel:keep": frozenset({REGISTRAR}),
    "member:keep": frozenset({REGISTRAR}),
    "record:verify": frozenset({REGISTRAR, AUDITOR}),
    "figures:read": frozenset({REGISTRAR, AUDITOR}),
}

# What is said in a caucus is seen by that side and the mediator; notes by the mediator alone.
READERS: Mapping[Room, frozenset[Role]] = {
    Room.JOINT: frozenset({BORROWER, LENDER, MEDIATOR}),
    Room.CAUCUS_BORROWER: frozenset({BORROWER, MEDIATOR}),
    Room.CAUCUS_LENDER: frozenset({LENDER, MEDIATOR}),
    Room.NOTES: frozenset({MEDIATOR}),
}

THREAD_READERS: Mapping[Thread, frozenset[Role]] = {
    Thread.CASE: frozenset({BORROWER, LENDER, MEDIATOR, REGISTRAR}),
    Thread.CAUCUS_BORROWER: frozenset({BORROWER, MEDIATOR}),
    Thread.CAUCUS_LENDER: frozenset({LENDER, MEDIATOR}),
    Thread.NOTES: frozenset({MEDIATOR}),
    Thread.INSTITUTION: frozenset({REGISTRAR}),
}

ROOM_THREADS: Mapping[Room, Thread] = {
    Room.JOINT: Thread.CASE,
    Room.CAUCUS_BORROWER: Thread.CAUCUS_BORROWER,
    Room.CAUCUS_LENDER: Thread.CAUCUS_LENDER,
    Room.NOTES: Thread.NOTES,
}

CAUCUS_OF: Mapping[Side, Room] = {Side.BORROWER: Room.CAUCUS_BORROWER, Side.LENDER: Room.CAUCUS_LENDER}


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One person at one case: who, as what, at which stage."""

    account_id: UUID | None
    institution_id: UUID
    case_id: UUID
    role: Role
    stage: Stage

    @property
    def side(self) -> Side | None:
        """The side this seat speaks for; none for mediator and staff."""
        return {BORROWER: Side.BORROWER, LENDER: Side.LENDER}.get(self.role)

    def may(self, permission: str) -> bool:
        """Whether this seat may do that now."""
        return self.stage in GRANTS[permission].get(self.role, frozenset())

    def require(self, permission: str) -> None:
        """Raise NotPermitted when the role never may, Refused when the stage is wrong."""
        stages = GRANTS[permission].get(self.role)
        if not stages:
            raise NotPermitted("seat:not-permitted", permission=permission)
        if self.stage not in stages:
            raise Refused("case:wrong-stage", permission=permission, stage=self.stage)

    def may_read(self, room: Room) -> bool:
        """Whether this seat hears that room, at this stage."""
        return self.may("room:read") and self.role in READERS[room]

    def rooms(self) -> tuple[Room, ...]:
        """The rooms this seat hears, joint room first."""
        return tuple(room for room in Room if self.may_read(room))

    def threads(self) -> tuple[Thread, ...]:
        """The threads of the case's record that this seat may read and verify."""
        if not self.may("record:read"):
            return ()
        of_the_case = (thread for thread in THREAD_READERS if thread is not Thread.INSTITUTION)
        return tuple(thread for thread in of_the_case if self.role in THREAD_READERS[thread])


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One member of staff at one institution, outside any case."""

    account_id: UUID
    institution_id: UUID
    role: Role
    organisation_id: UUID | None = None

    def may(self, permission: str) -> bool:
        """Whether this desk may do that."""
        return self.role in DESK_GRANTS[permission]

    def require(self, permission: str) -> None:
        """Raise NotPermitted when the role may not."""
        if not self.may(permission):
            raise NotPermitted("desk:not-permitted", permission=permission)


def table_of_rights() -> list[tuple[str, str, str]]:
    """(permission, role, stages) for the documents and their test; 'any' where every stage holds."""
    rows = [
        (permission, role.value, "any" if stages == ANY else " ".join(s.value for s in Stage if s in stages))
        for permission, roles in GRANTS.items()
        for role, stages in roles.items()
    ]
    return rows + [(p, role.value, "desk") for p, roles in DESK_GRANTS.items() for role in Role if role in roles]
