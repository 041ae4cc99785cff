"""Collection against the standstill: reported to the registrar, who alone may lay it before the lender."""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from mediation import audit, files
from mediation.accounts.desks import Desk
from mediation.accounts.models import Account
from mediation.cases import moves
from mediation.cases.models import Case, Undertaking
from mediation.cases.seats import Seat
from mediation.cases.telling import tell_account, tell_roles
from mediation.db import new_key
from mediation.disclosures.conduct_models import ConductAnswer, ConductForwarding, ConductReport, Way
from mediation.errors import NotFound, Refused
from mediation.files import KeptFile
from mediation.keys import pack, ring_of, unpack
from mediation.rules.access import Role
from mediation.rules.negotiation import Side

WHAT_LEAST, WHAT_MOST, BY_WHOM_MOST, ANSWER_MOST = 4, 2000, 200, 2000
WHAT, BY_WHOM, ANSWER = b"conduct-what/", b"conduct-by-whom/", b"conduct-answer/"
MOST_OPEN = 20
PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A file that lies in the store already."""

    kept: KeptFile
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """How, when, by whom and what, as the borrower tells it."""

    way: Way
    happened_on: date
    what: str
    by_whom: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report as its reader may see it; what the registrar answered is for the borrower and the institution."""

    id: UUID
    way: Way
    happened_on: date
    what: str
    by_whom: str
    has_proof: bool
    reported_at: datetime
    forwarded_at: datetime | None
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True)
class Line:
    """One report in the registrar's list: never its words."""

    id: UUID
    number: str
    organisation_name: str
    way: Way
    reported_at: datetime
    forwarded_at: datetime | None
    answered_at: datetime | None


def report_conduct(seat: Seat, told: Told, *, proof: Proof | None = None, at: datetime) -> ConductReport:
    """The registrar has the report; the lender learns nothing of it unless the registrar forwards it."""
    seat.require("conduct:report")
    what = _plain(told.what, "what", least=WHAT_LEAST, most=WHAT_MOST)
    by_whom = _plain(told.by_whom, "by_whom", most=BY_WHOM_MOST)
    _check_day(seat, told.happened_on, at)
    if len([one for one in reports_seen_by(seat) if one.answered_at is None]) >= MOST_OPEN:
        raise Refused("conduct:too-many-open", most=MOST_OPEN)
    report_id = new_key()
    row = ConductReport(
        id=report_id,
        institution_id=seat.institution_id,
        case_id=seat.case_id,
        way=told.way,
        happened_on=told.happened_on,
        by_whom_sealed=_sealed(seat, by_whom, BY_WHOM, report_id) if by_whom else None,
        what_sealed=_sealed(seat, what, WHAT, report_id),
        reported_by=seat.account_id,
        reported_at=at,
    )
    if proof is not None:
        files.name_row(seat.session, proof.kept, institution_id=seat.institution_id, media_type=proof.media_type, at=at)
        row.proof_sha256, row.proof_type = proof.kept.sha256, proof.media_type
    seat.session.add(row)
    seat.session.flush()
    body = {"report": str(row.id), "what_sha256": hashlib.sha256(what.encode()).hexdigest()}
    audit.record(seat, "conduct:reported", body | ({"proof_sha256": row.proof_sha256} if proof else {}), at=at)
    tell_roles(seat.session, seat.case, "conduct:reported", (Role.REGISTRAR,), at=at)
    return row


def forward_report(seat: Seat, report_id: UUID, *, at: datetime) -> None:
    """The lender reads the report as it was made and is asked to see to it; the borrower knows that it does."""
    seat.require("conduct:answer")
    row = _row(seat, report_id)
    if seat.session.get(ConductForwarding, report_id) is not None:
        raise Refused("conduct:forwarded-already")
    seat.session.add(ConductForwarding(report_id=row.id, forwarded_by=seat.account_id, forwarded_at=at))
    seat.session.flush()
    audit.record(seat, "conduct:forwarded", {"report": str(row.id)}, at=at)
    tell_roles(seat.session, seat.case, "conduct:forwarded", (Role.LENDER, Role.BORROWER), at=at)


def answer_report(seat: Seat, report_id: UUID, text: str, *, at: datetime) -> None:
    """The borrower reads what the registrar found and did; the report is dealt with."""
    seat.require("conduct:answer")
    row, text = _row(seat, report_id), _plain(text, "text", least=WHAT_LEAST, most=ANSWER_MOST)
    if seat.session.get(ConductAnswer, report_id) is not None:
        raise Refused("conduct:answered-already")
    sealed = _sealed(seat, text, ANSWER, report_id)
    seat.session.add(ConductAnswer(report_id=row.id, text_sealed=sealed, answered_by=seat.account_id, answered_at=at))
    seat.session.flush()
    body = {"report": str(row.id), "text_sha256": hashlib.sha256(text.encode()).hexdigest()}
    audit.record(seat, "conduct:answered", body, at=at)
    author = seat.session.get_one(Account, row.reported_by)
    tell_account(seat.session, seat.case, "conduct:answered", author, Role.BORROWER, at=at)


def reports_seen_by(seat: Seat) -> Sequence[Report]:
    """The reports that this seat may know of, the newest first: a borrower's own, to the lender what was forwarded."""
    seat.require("conduct:read")
    found = _selected(seat).order_by(ConductReport.id.desc())
    return [_read(seat, *each) for each in seat.session.execute(found)]


def report_seen_by(seat: Seat, report_id: UUID) -> Report:
    """That report; NotFound where this seat may not know of it."""
    seat.require("conduct:read")
    found = seat.session.execute(_selected(seat).where(ConductReport.id == report_id)).first()
    if found is None:
        raise NotFound
    return _read(seat, *found)


def proof_seen_by(seat: Seat, report_id: UUID) -> tuple[bytes, str]:
    """The file that shows it and its media type; NotFound where there is none or this seat may not know of it."""
    report = report_seen_by(seat, report_id)
    row = seat.session.get_one(ConductReport, report.id)
    if not row.proof_sha256:
        raise NotFound
    return files.fetch_row(seat.session, row.proof_sha256, institution_id=row.institution_id), row.proof_type


def reports_at(desk: Desk, *, is_waiting: bool, after: UUID | None = None) -> Sequence[Line]:
    """A page of the reports of this institution: those that wait, the longest first, or those dealt with last."""
    desk.require("conduct:list")
    found = (
        select(ConductReport, Case.number, Case.organisation_name, ConductForwarding.forwarded_at,
               ConductAnswer.answered_at)
        .join(Case, Case.id == ConductReport.case_id)
        .outerjoin(ConductForwarding, ConductForwarding.report_id == ConductReport.id)
        .outerjoin(ConductAnswer, ConductAnswer.report_id == ConductReport.id)
        .where(ConductReport.institution_id == desk.institution_id)
        .limit(PAGE)
    )  # fmt: skip
    if is_waiting:
        found = found.where(ConductAnswer.report_id.is_(None)).order_by(ConductReport.id)
        found = found.where(ConductReport.id > after) if after else found
    else:
        found = found.where(ConductAnswer.report_id.is_not(None)).order_by(ConductReport.id.desc())
    return [
        Line(row.id, number, lender, row.way, row.reported_at, forwarded_at, answered_at)
        for row, number, lender, forwarded_at, answered_at in desk.session.execute(found)
    ]


def _selected(seat: Seat) -> Any:
    found = (
        select(ConductReport, ConductForwarding, ConductAnswer)
        .outerjoin(ConductForwarding, ConductForwarding.report_id == ConductReport.id)
        .outerjoin(ConductAnswer, ConductAnswer.report_id == ConductReport.id)
        .where(ConductReport.case_id == seat.case_id)
    )
    if seat.side is Side.BORROWER:
        return found.where(ConductReport.reported_by == seat.account_id)
    # The lender knows of a report only once the registrar has laid it before it.
    return found if seat.side is None else found.where(ConductForwarding.report_id.is_not(None))


def _read(seat: Seat, row: ConductReport, forwarding: ConductForwarding | None, answer: ConductAnswer | None) -> Report:
    answered = None if seat.side is Side.LENDER else answer
    return Report(
        id=row.id,
        way=row.way,
        happened_on=row.happened_on,
        what=_opened(seat, row.what_sealed, WHAT, row.id),
        by_whom=_opened(seat, row.by_whom_sealed, BY_WHOM, row.id) if row.by_whom_sealed else "",
        has_proof=bool(row.proof_sha256),
        reported_at=row.reported_at,
        forwarded_at=forwarding.forwarded_at if forwarding else None,
        answer=_opened(seat, answered.text_sealed, ANSWER, row.id) if answered else "",
        answered_at=answered.answered_at if answered else None,
    )


def _row(seat: Seat, report_id: UUID) -> ConductReport:
    found = select(ConductReport).where(ConductReport.id == report_id, ConductReport.case_id == seat.case_id)
    row = seat.session.scalars(found).one_or_none()
    if row is None:
        raise NotFound
    return row


def _check_day(seat: Seat, happened_on: date, at: datetime) -> None:
    """The standstill holds from the lender's undertaking on: what came before is no breach of it."""
    today = moves.local_day(seat.case, at)
    given = seat.session.get(Undertaking, seat.case_id)
    earliest = moves.local_day(seat.case, given.given_at) if given else today
    if not earliest <= happened_on <= today:
        raise Refused("conduct:day-out-of-range", field="happened_on", earliest=earliest, today=today)


def _plain(text: str, field: str, *, least: int = 0, most: int) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) < least:
        raise Refused("conduct:words-missing", field=field)
    if len(text) > most:
        raise Refused("conduct:words-too-long", field=field, most=most, length=len(text))
    return text


def _sealed(seat: Seat, text: str, purpose: bytes, report_id: UUID) -> bytes:
    return pack(ring_of(seat.session).encrypt(text.encode(), context=purpose + report_id.bytes))


def _opened(seat: Seat, sealed: bytes, purpose: bytes, report_id: UUID) -> str:
    return ring_of(seat.session).decrypt(unpack(sealed), context=purpose + report_id.bytes).decode()
