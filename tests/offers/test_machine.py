"""Two sides, a mediator and a clock, moved at random: the rows say what a plain model says, and the record tells it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from mediation import audit
from mediation.audit import RecordEntry, RecordThread
from mediation.cases.models import Case
from mediation.errors import MediationError
from mediation.offers.actions import settle_negotiation
from mediation.offers.models import Negotiation, Offer
from mediation.offers.proposal_models import Proposal, ProposalAnswer
from mediation.offers.tables import table_of
from mediation.rules import chain, negotiation
from mediation.rules.lifecycle import Stage
from mediation.rules.negotiation import HOLD, Side
from mediation.rules.proposals import ProposalState
from tests.offers.table import accept, answer, decline, make, propose, settle, system, take_back, withdraw
from tests.stories import a_case
from tests.world import START, World

SIDES = {"bai": Side.BORROWER, "lu": Side.LENDER}
NAMES = st.sampled_from(sorted(SIDES))
WAITS = st.sampled_from([timedelta(minutes=1), timedelta(minutes=9), timedelta(minutes=10), timedelta(days=3),
                         timedelta(days=8)])  # fmt: skip
TOLD = {"offer:made", "offer:withdrawn", "offer:declined", "offer:accepted", "offer:lapsed", "proposal:made",
        "proposal:agreed", "proposal:not-agreed", "proposal:taken-back"}  # fmt: skip


@dataclass
class Plan:
    """An offer in the model: times and one word, nothing of the product's own rules."""

    by: str
    shows: datetime
    lapses: datetime
    final: bool = False
    state: str = "held"
    was_shown: bool = False


@dataclass
class Put:
    """A proposal in the model."""

    ends: datetime
    state: str = "open"
    said: dict[str, bool] = field(default_factory=dict)


@dataclass
class Model:
    """What ought to be true, told step by step as a person would who watches the table."""

    plans: list[Plan] = field(default_factory=list)
    puts: list[Put] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    agreed: bool = False

    def pass_time(self, now: datetime) -> None:
        """Everything that a clock alone does up to now, one moment after the other."""
        while not self.agreed and (moment := self._next(now)) is not None:
            for plan in self.plans:
                if plan.state == "open" and plan.lapses <= moment:
                    plan.state = "lapsed"
                    self.told.append("offer:lapsed")
            for plan in [one for one in self.plans if one.state == "held" and one.shows <= moment]:
                self._show(plan)
            for put in self.puts:
                if put.state == "open" and put.ends <= moment:
                    put.state = "not_agreed"
                    self.told.append("proposal:not-agreed")

    def open_plan(self) -> Plan | None:
        """The one plan that lies open."""
        return next((one for one in self.plans if one.state == "open"), None)

    def held(self, name: str) -> Plan | None:
        """The plan that this side still holds."""
        return next((one for one in self.plans if one.state == "held" and one.by == name), None)

    def open_put(self) -> Put | None:
        """The proposal that waits for answers."""
        return next((one for one in self.puts if one.state == "open"), None)

    def has_said_last(self, name: str) -> bool:
        """Whether a final plan of this side has shown and was not taken back."""
        return any(p.final and p.was_shown and p.by == name and p.state != "withdrawn" for p in self.plans)

    def may_offer(self, name: str) -> bool:
        """Whether this side may put forward a plan."""
        current = self.open_plan()
        waits = current is not None and current.by == name
        return not (self.agreed or waits or self.held(name) or self.has_said_last(name))

    def agree(self) -> None:
        """Whatever else lay there makes way."""
        self.agreed = True
        for plan in self.plans:
            if plan.state in ("held", "open"):
                plan.state = "superseded"
        for put in self.puts:
            put.state = "void" if put.state == "open" else put.state

    def _next(self, now: datetime) -> datetime | None:
        moments = [one.shows for one in self.plans if one.state == "held"]
        moments += [one.lapses for one in self.plans if one.state == "open"]
        moments += [one.ends for one in self.puts if one.state == "open"]
        return min((one for one in moments if one <= now), default=None)

    def _show(self, plan: Plan) -> None:
        current = self.open_plan()
        if current is not None:
            current.state = "superseded or countered"
        plan.state, plan.was_shown = "open", True
        self.told.append("offer:made")


class Table(RuleBasedStateMachine):
    """One case from an empty table on; each rule acts on the product and on the model, and both say yes or no alike."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.world.clock.at = START
        count = self.world.info["examples"] = self.world.info.get("examples", 0) + 1
        self.number = a_case(self.world, contract=f"XF-{count}")
        self.model, self.ids, self.put_ids = Model(), list[UUID](), list[UUID]()

    @rule(wait=WAITS)
    def wait(self, wait: timedelta) -> None:
        """Time passes; now and then the worker is late."""
        self.world.clock.at += wait

    @rule()
    def work(self) -> None:
        """The worker comes by."""
        settle(self.world, self.number)

    @rule(name=NAMES, final=st.booleans())
    def offer(self, name: str, final: bool) -> None:
        """A side puts a plan forward, the lender perhaps its last."""
        final = final and name == "lu"
        self._now()
        allowed = self.model.may_offer(name)
        offer_id = self._try(allowed, make, name, is_final=final)
        if allowed:
            at, row = self.world.clock(), self._row(Offer, offer_id)
            self.ids.append(offer_id)
            self.model.plans.append(Plan(name, at + HOLD, row.lapses_at, final=final))

    @rule(name=NAMES, place=st.integers(0, 8))
    def accept(self, name: str, place: int) -> None:
        """A side says yes to some plan."""
        if (plan := self._pick(place)) is None:
            return
        allowed = self._may_answer(plan, name)
        self._try(allowed, accept, name, self.ids[self.model.plans.index(plan)])
        if allowed:
            plan.state = "accepted"
            self.model.agree()
            self.model.told.append("offer:accepted")

    @rule(name=NAMES, place=st.integers(0, 8))
    def decline(self, name: str, place: int) -> None:
        """A side says no to some plan."""
        if (plan := self._pick(place)) is None:
            return
        allowed = self._may_answer(plan, name)
        self._try(allowed, decline, name, self.ids[self.model.plans.index(plan)], reason="不合适")
        if allowed:
            plan.state = "declined"
            self.model.told.append("offer:declined")

    @rule(name=NAMES, place=st.integers(0, 8))
    def withdraw(self, name: str, place: int) -> None:
        """A side takes some plan back."""
        if (plan := self._pick(place)) is None:
            return
        allowed = plan.by == name and plan.state in ("held", "open")
        self._try(allowed, withdraw, name, self.ids[self.model.plans.index(plan)])
        if allowed:
            self.model.told += ["offer:withdrawn"] if plan.state == "open" else []
            plan.state = "withdrawn"

    @rule()
    def propose(self) -> None:
        """The mediator puts a proposal to both."""
        self._now()
        allowed = not self.model.agreed and self.model.open_put() is None
        proposal_id = self._try(allowed, propose, None)
        if allowed:
            self.put_ids.append(proposal_id)
            self.model.puts.append(Put(self._row(Proposal, proposal_id).ends_at))
            self.model.told.append("proposal:made")

    @rule()
    def take_back(self) -> None:
        """The mediator takes the newest proposal back."""
        self._now()
        if not self.put_ids:
            return
        allowed = self.model.puts[-1].state == "open"
        self._try(allowed, take_back, None, self.put_ids[-1])
        if allowed:
            self.model.puts[-1].state = "taken_back"
            self.model.told.append("proposal:taken-back")

    @rule(name=NAMES, yes=st.booleans())
    def answer(self, name: str, yes: bool) -> None:
        """A side answers the newest proposal in private."""
        self._now()
        if not self.put_ids:
            return
        put = self.model.puts[-1]
        allowed = put.state == "open" and name not in put.said
        self._try(allowed, answer, name, self.put_ids[-1], yes=yes)
        if allowed:
            put.said[name] = yes
            if list(put.said.values()) == [True, True]:
                put.state = "agreed"
                self.model.agree()
                self.model.told.append("proposal:agreed")

    @invariant()
    def rows_and_record_say_what_the_model_says(self) -> None:
        """Once the worker has been, nothing is left to interpretation."""
        self._now()
        with system(self.world, self.number) as seat:
            settle_negotiation(seat, at=self.world.clock())
            here = select(Offer).where(Offer.case_id == seat.case_id, ~Offer.by_mediator)
            rows = seat.session.scalars(here.order_by(Offer.number)).all()
            found = select(Proposal).where(Proposal.case_id == seat.case_id).order_by(Proposal.made_at, Proposal.id)
            puts = [row.status for row in seat.session.scalars(found)]
            kept = seat.session.scalar(select(func.count()).select_from(ProposalAnswer).join(Proposal).where(
                Proposal.case_id == seat.case_id))  # fmt: skip
            ruled = [negotiation.state_on(table_of(seat).table, row.number, self.world.clock()) for row in rows]
            version = seat.session.scalar(select(Negotiation.version).where(Negotiation.case_id == seat.case_id))
            stage, turn, both = seat.case.stage, seat.case.turn, seat.case.both_sides
            kinds = _kinds(seat)
        assert [row.status.value in plan.state for row, plan in zip(rows, self.model.plans, strict=True)].count(
            False
        ) == 0
        assert self.model.agreed or [row.status for row in rows] == ruled
        assert puts == [ProposalState(put.state) for put in self.model.puts]
        assert stage is (Stage.TERMS_AGREED if self.model.agreed else Stage.OPEN)
        assert (version or 0) >= len(rows)
        waiting = self.model.open_put()
        assert kept == (len(waiting.said) if waiting else 0)
        assert sorted(kind for kind in kinds if kind in TOLD) == sorted(self.model.told)
        if not self.model.agreed and self.model.told:
            current = self.model.open_plan()
            other = None if current is None else SIDES[current.by].other.value
            assert (both, None if both else turn) == ((True, None) if waiting else (False, other or "mediator"))

    def _may_answer(self, plan: Plan, name: str) -> bool:
        return plan.state == "open" and plan.by != name and self.model.held(name) is None and not self.model.agreed

    def _pick(self, place: int) -> Plan | None:
        """Mostly the newest plan, sometimes an older one."""
        self._now()
        return self.model.plans[max(-1 - place // 3, -len(self.model.plans))] if self.model.plans else None

    def _now(self) -> None:
        self.model.pass_time(self.world.clock())

    def _try(self, allowed: bool, act: Callable[..., Any], name: str | None, *args: Any, **given: Any) -> Any:
        """The product does what the model allows, and says no to what it does not."""
        who = () if name is None else (name,)
        try:
            done, why = act(self.world, self.number, *who, *args, **given), ""
        except MediationError as no:
            done, why = None, no.key
        assert (why == "") is allowed, f"{act.__name__} by {name or 'mo'}: {why or 'done'}"
        return done

    def _row(self, kind: Any, row_id: UUID) -> Any:
        with self.world.reading() as session:
            return session.get_one(kind, row_id)


def test_rows_and_record_follow_a_plain_model_whatever_happens(world: World, rounds: Callable[[int], int]) -> None:
    chosen = settings(
        max_examples=rounds(300),
        stateful_step_count=40,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(type("TableOfThisWorld", (Table,), {"world": world}), settings=chosen)
    with world.reading() as session:
        assert (session.scalar(select(func.count()).select_from(Case)) or 0) >= chosen.max_examples


def _kinds(seat: Any) -> list[str]:
    """The kinds of what the case's own thread tells, in order."""
    here = RecordThread.case_id == seat.case_id, RecordThread.name == audit.Thread.CASE
    found = select(RecordEntry.leaf).join(RecordThread, RecordThread.id == RecordEntry.thread_id).where(*here)
    return [chain.read_leaf(leaf).kind for leaf in seat.session.scalars(found.order_by(RecordEntry.seq))]
