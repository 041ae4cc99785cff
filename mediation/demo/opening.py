"""Opening the demonstration: keys and a seal of its own, the cases laid out once, and what to try first."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Engine

import config
from mediation import db, keys
from mediation.agreements.demo_seal import make_demo_seal
from mediation.cases.invited import letter_seen_by
from mediation.cases.models import Case
from mediation.cases.seats import seat_of
from mediation.demo import play, stories
from mediation.rules.lifecycle import Stage

SEAL_FROM = datetime(2025, 1, 1, tzinfo=UTC)
SEAL_YEARS = 12
PLACES = (
    ("ren", "任敏", "registrar 登记员"),
    ("mo", "莫文", "mediator 调解员"),
    ("ming", "明哲", "mediator 调解员"),
    ("lu", "陆远", "lender's officer 出借方经办人"),
    ("shen", "申正", "auditor 审计员"),
    ("bai@example.org", "白露", "borrower 借款人 (scenario A, sealed)"),
)


def make_keys(environment: dict[str, str]) -> None:
    """The demonstration has a master key and a seal, both its own and worth nothing elsewhere."""
    settings = config.read(environment)
    settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not settings.master_key_files[0].exists():
        keys.create_master_key_file(settings.master_key_files[0])
    if settings.seal_file is None:
        make_demo_seal(settings.folder / "seal", "江城人民调解委员会", at=SEAL_FROM, years=SEAL_YEARS)


def lay_out(engine: Engine, info: dict[str, Any], *, now: datetime) -> bool:
    """The cases are there; returns whether they had to be made first."""
    if play.is_laid_out(engine):
        return False
    stories.tell_all(play.set_up(engine, info), now=now)
    return True


def greeting(engine: Engine, info: dict[str, Any], address: str) -> Iterator[str]:
    """What the newcomer reads: the address, each demo person's sign-in, and a code to join with."""
    yield f"Open {address} (demonstration: nobody in it exists, nothing in it binds anybody)"
    yield f"Password of everybody: {play.PASSWORD}"
    yield from (f"  {name:<18} {title}  {role}" for name, title, role in PLACES)
    with db.reading(engine, info) as session:
        waiting = select(Case.number).where(Case.stage == Stage.INVITED).order_by(Case.number)
        registrar = play.account_id(session, "ren")
        for number in session.scalars(waiting.limit(2)):
            seat = seat_of(session, registrar, number)
            assert seat is not None
            letter = letter_seen_by(seat)
            name = seat.case.borrower_name
            yield f"Join as {name} ({number}): {address}/join with 参加码 {letter.facts['code']}"
            yield f"  identity question: {name}'s number ends in {stories.tail_of(session, seat.case)}"
    yield f"The mail that was sent: {address}/demo/mail"
