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


class Scope(StrEnum):
    """What a side lets its adviser read, and whether the adviser may write to the mediator; each given on its own."""

    FILE = "file"
    CAUCUS = "caucus"
    WRITING = "writing"
    MEANS = "means"


class Thread(StrEnum):
    """A thread of the record: four per case, one per institution for what belongs to no case, one per lender there."""

    CASE = "case"
    CAUCUS_BORROWER = "caucus-borrower"
    CAUCUS_LENDER = "caucus-lender"
    NOTES = "mediator-notes"
    INSTITUTION = "institution"
    LENDER = "lender"


BORROWER, LENDER, MEDIATOR = Role.BORROWER, Role.LENDER, Role.MEDIATOR
REGISTRAR, ADVISER, AUDITOR, SYSTEM = Role.REGISTRAR, Role.ADVISER, Role.AUDITOR, Role.SYSTEM

ANY = frozenset(Stage)
BEFORE_TABLE = frozenset({Stage.JOINED, Stage.APPOINTED})
TABLE = frozenset({Stage.OPEN})
# Whoever was a moment too late is told by the rules of the table what was agreed, not merely that the case moved on.
ANSWERING = TABLE | {Stage.TERMS_AGREED}
# From the borrower's yes to the seal: what is paid meanwhile makes the claim smaller.
PAYING = BEFORE_TABLE | ANSWERING | {Stage.SIGNING}
WORKING = ANSWERING | {Stage.SIGNING}
RESTING = frozenset({Stage.PAUSED, Stage.SUSPENDED})
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
# As long as a side may have somebody beside it.
JOINED_ONCE = SEATED - {Stage.INVITED, Stage.UNREACHABLE}


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
    "claim:read": {
        BORROWER: SEATED,
        LENDER: ANY,
        MEDIATOR: HEARD,
        REGISTRAR: ANY - {Stage.DRAFT},
        ADVISER: HEARD | BEFORE_TABLE,
    },
    "contract:state": {BORROWER: BEFORE_TABLE | TABLE, LENDER: BEFORE_TABLE | TABLE | {Stage.DRAFT}},
    "case:edit": {LENDER: _at(Stage.DRAFT)},
    "case:submit": {LENDER: _at(Stage.DRAFT)},
    "case:register": {REGISTRAR: _at(Stage.SUBMITTED)},
    "case:withdraw": {
        BORROWER: LIVE - {Stage.SUBMITTED, Stage.ACCEPTED} | RESTING,
        LENDER: LIVE | RESTING | {Stage.DRAFT},
    },
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
    "draw:give-number": {BORROWER: NEEDS_MEDIATOR, LENDER: NEEDS_MEDIATOR},
    "objection:make": {BORROWER: SPEAKING, LENDER: SPEAKING},
    "objection:decide": {REGISTRAR: SPEAKING},
    "room:read": {BORROWER: HEARD, LENDER: HEARD, MEDIATOR: HEARD, ADVISER: HEARD},
    "room:open": {MEDIATOR: SPEAKING},
    "message:send": {BORROWER: SPEAKING, LENDER: SPEAKING, MEDIATOR: SPEAKING, ADVISER: SPEAKING},
    "message:take-back": dict.fromkeys((BORROWER, LENDER, MEDIATOR, ADVISER), HEARD),
    "message:pass-on": {MEDIATOR: SPEAKING},
    "offer:read": {BORROWER: HEARD, LENDER: HEARD, MEDIATOR: HEARD, ADVISER: HEARD},
    "offer:make": {BORROWER: TABLE, LENDER: TABLE},
    "offer:answer": {BORROWER: ANSWERING, LENDER: ANSWERING},
    "offer:withdraw": {BORROWER: ANSWERING, LENDER: ANSWERING},
    "approval:read": {LENDER: HEARD},
    "approval:decide": {LENDER: HEARD},
    "proposal:make": {MEDIATOR: TABLE},
    "proposal:answer": {BORROWER: ANSWERING, LENDER: ANSWERING},
    "proposal:withdraw": {MEDIATOR: ANSWERING},
    "plan:search": {MEDIATOR: TABLE},
    "assumptions:set": {MEDIATOR: TABLE},
    "means:keep": {BORROWER: BEFORE_TABLE | SPEAKING},
    "means:state": {BORROWER: SPEAKING},
    "means:read": {BORROWER: JOINED_ONCE, LENDER: HEARD, MEDIATOR: HEARD, ADVISER: JOINED_ONCE},
    "means:verify": {MEDIATOR: SPEAKING},
    "document:read": {BORROWER: HEARD, LENDER: HEARD, MEDIATOR: HEARD, ADVISER: HEARD},
    "document:add": {BORROWER: SPEAKING, LENDER: SPEAKING},
    "document:release": {BORROWER: SPEAKING, LENDER: SPEAKING},
    "fact:read": {BORROWER: HEARD, LENDER: HEARD, MEDIATOR: HEARD},
    "fact:tell": {BORROWER: SPEAKING, LENDER: SPEAKING},
    "fact:verify": {MEDIATOR: SPEAKING},
    "fact:release": {BORROWER: SPEAKING, LENDER: SPEAKING},
    "earlier:release": {BORROWER: SPEAKING, LENDER: SPEAKING},
    "duty:answer": {LENDER: SPEAKING},
    "ledger:read": {
        BORROWER: HEARD | BEFORE_TABLE,
        LENDER: HEARD | BEFORE_TABLE,
        MEDIATOR: HEARD,
        ADVISER: HEARD | BEFORE_TABLE,
    },
    "ledger:state": {BORROWER: BEFORE_TABLE | TABLE, LENDER: BEFORE_TABLE | TABLE},
    "ledger:answer": {BORROWER: BEFORE_TABLE | TABLE, LENDER: BEFORE_TABLE | TABLE},
    "conduct:report": {BORROWER: (SEATED & LIVE) | RESTING},
    "conduct:read": {BORROWER: SEATED, LENDER: SEATED, REGISTRAR: SEATED},
    "conduct:answer": {REGISTRAR: SEATED},
    "case:pause": {BORROWER: WORKING, LENDER: WORKING, MEDIATOR: WORKING},
    "case:resume": {role: _at(Stage.PAUSED) for role in (BORROWER, LENDER, MEDIATOR)},
    "case:suspend": {REGISTRAR: BEFORE_TABLE | WORKING | {Stage.PAUSED}},
    "case:reinstate": {REGISTRAR: _at(Stage.SUSPENDED)},
    "payment:report": {BORROWER: PAYING, LENDER: PAYING},
    "payment:answer": {BORROWER: PAYING, LENDER: PAYING},
    "identity:give": {BORROWER: TAKING_PART, LENDER: TAKING_PART, MEDIATOR: HEARD & LIVE},
    "agreement:read": {BORROWER: PAPER, LENDER: PAPER, MEDIATOR: PAPER, ADVISER: PAPER},
    "agreement:draft": {MEDIATOR: _at(Stage.TERMS_AGREED)},
    "agreement:sign": {BORROWER: _at(Stage.SIGNING), LENDER: _at(Stage.SIGNING), MEDIATOR: _at(Stage.SIGNING)},
    "agreement:replace": {MEDIATOR: _at(Stage.SIGNING)},
    "terms:leave": {role: _at(Stage.TERMS_AGREED) for role in (BORROWER, LENDER, MEDIATOR)},
    "agreement:decline": {
        BORROWER: _at(Stage.TERMS_AGREED, Stage.SIGNING),
        LENDER: _at(Stage.TERMS_AGREED, Stage.SIGNING),
    },
    "record:read": {BORROWER: SEATED - {Stage.INVITED}, LENDER: ANY, MEDIATOR: HEARD, REGISTRAR: ANY - {Stage.DRAFT}},
    "adviser:invite": {BORROWER: TAKING_PART, LENDER: TAKING_PART},
    "adviser:read": {BORROWER: JOINED_ONCE, LENDER: JOINED_ONCE, ADVISER: JOINED_ONCE},
    "adviser:end": {BORROWER: JOINED_ONCE, LENDER: JOINED_ONCE},
    "adviser:leave": {ADVISER: JOINED_ONCE},
    "advice:give": {ADVISER: JOINED_ONCE},
    "borrower:add": {REGISTRAR: BEFORE_TABLE | TABLE},
    "time:pass": {SYSTEM: ANY},
}

# At a desk of the institution: permission -> roles.
DESK_GRANTS: Mapping[str, frozenset[Role]] = {
    "docket:read": frozenset({LENDER, MEDIATOR, REGISTRAR}),
    "loan:read": frozenset({LENDER}),
    "loan:import": frozenset({LENDER}),
    "policy:read": frozenset({LENDER}),
    "policy:keep": frozenset({LENDER}),
    "approval:list": frozenset({LENDER}),
    "case:draft": frozenset({LENDER}),
    "registry:read": frozenset({REGISTRAR}),
    "conduct:list": frozenset({REGISTRAR}),
    "lender:keep": frozenset({REGISTRAR}),
    "rounds:keep": frozenset({REGISTRAR}),
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
    Thread.LENDER: frozenset({LENDER}),
}
# What a lender decides by itself is read by its officers alone, and stands in no case.
OF_NO_CASE = frozenset({Thread.INSTITUTION, Thread.LENDER})

ROOM_THREADS: Mapping[Room, Thread] = {
    Room.JOINT: Thread.CASE,
    Room.CAUCUS_BORROWER: Thread.CAUCUS_BORROWER,
    Room.CAUCUS_LENDER: Thread.CAUCUS_LENDER,
    Room.NOTES: Thread.NOTES,
}

# An adviser holds these only where the side has given one of them; what is not listed here goes with the seat.
SCOPED: Mapping[str, frozenset[Scope]] = {
    "claim:read": frozenset({Scope.FILE}),
    "room:read": frozenset({Scope.FILE, Scope.CAUCUS}),
    "message:send": frozenset({Scope.WRITING}),
    "offer:read": frozenset({Scope.FILE}),
    "ledger:read": frozenset({Scope.FILE}),
    "document:read": frozenset({Scope.FILE}),
    "agreement:read": frozenset({Scope.FILE}),
    "means:read": frozenset({Scope.MEANS}),
}
# What somebody earns and spends is told by the borrower whom the case names; a further person neither reads nor
# changes it, nor opens to a new mediator what was told before that person came.
OF_THE_NAMED_BORROWER = frozenset({"means:keep", "means:state", "means:read", "earlier:release"})

CAUCUS_OF: Mapping[Side, Room] = {Side.BORROWER: Room.CAUCUS_BORROWER, Side.LENDER: Room.CAUCUS_LENDER}


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One person at one case: who, as what, at which stage."""

    account_id: UUID | None
    institution_id: UUID
    case_id: UUID
    role: Role
    stage: Stage
    # Of an adviser: beside whom, and what that side lets be read.
    advises: Side | None = None
    scope: frozenset[Scope] = frozenset()
    # Of a person who came to the borrower's side later.
    is_further: bool = False

    @property
    def side(self) -> Side | None:
        """The side this seat speaks for, or sits beside; none for mediator and staff."""
        return {BORROWER: Side.BORROWER, LENDER: Side.LENDER, ADVISER: self.advises}.get(self.role)

    def may(self, permission: str) -> bool:
        """Whether this seat may do that now."""
        return self.stage in self._stages_of(permission)

    def require(self, permission: str) -> None:
        """Raise NotPermitted when this seat never may, Refused when the stage is wrong."""
        stages = self._stages_of(permission)
        if not stages:
            raise NotPermitted("seat:not-permitted", permission=permission)
        if self.stage not in stages:
            raise Refused("case:wrong-stage", permission=permission, stage=self.stage)

    def may_read(self, room: Room) -> bool:
        """Whether this seat hears that room, at this stage."""
        if not self.may("room:read"):
            return False
        if self.role is not ADVISER:
            return self.role in READERS[room]
        if room is Room.JOINT:
            return Scope.FILE in self.scope
        return Scope.CAUCUS in self.scope and self.advises is not None and room is CAUCUS_OF[self.advises]

    def may_write(self, room: Room) -> bool:
        """Whether this seat may say something there; an adviser speaks to its side and the mediator alone."""
        return self.may("message:send") and self.may_read(room) and not (self.role is ADVISER and room is Room.JOINT)

    def rooms(self) -> tuple[Room, ...]:
        """The rooms this seat hears, joint room first."""
        return tuple(room for room in Room if self.may_read(room))

    def threads(self) -> tuple[Thread, ...]:
        """The threads of the case's record that this seat may read and verify."""
        if not self.may("record:read"):
            return ()
        of_the_case = (thread for thread in THREAD_READERS if thread not in OF_NO_CASE)
        return tuple(thread for thread in of_the_case if self.role in THREAD_READERS[thread])

    def _stages_of(self, permission: str) -> frozenset[Stage]:
        """When this seat holds that: as its role does, less what an adviser was not given or a further person lacks."""
        is_withheld = self.is_further and permission in OF_THE_NAMED_BORROWER
        if self.role is ADVISER and permission in SCOPED:
            is_withheld = not self.scope & SCOPED[permission]
        return frozenset() if is_withheld else GRANTS[permission].get(self.role, frozenset())


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
