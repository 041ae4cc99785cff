"""A case, its claim versions, undertaking, seats, invitations, consents and identities."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Minor, Moment, Record, new_key, word
from mediation.rules.access import Role
from mediation.rules.lifecycle import OPEN_STAGES, AppointmentState, Stage
from mediation.rules.negotiation import Side


class CourtStatus(StrEnum):
    """Whether a court has the matter already; asked of both sides."""

    NONE = "none"
    FILED = "filed"
    JUDGMENT = "judgment"
    ENFORCEMENT = "enforcement"


class ClaimBasis(StrEnum):
    """On what ground the claimant claims."""

    ORIGINAL = "original"
    ASSIGNED = "assigned"
    SUBROGATED = "subrogated"
    ENTRUSTED = "entrusted"


class Purpose(StrEnum):
    """What a consent is given for; each is asked on its own."""

    MEDIATION = "mediation"
    PERSONAL_DATA = "personal_data"
    SHARE_WITH_LENDER = "share_with_lender"
    ELECTRONIC_SERVICE = "electronic_service"


class DeclineReason(StrEnum):
    """Why an invitee does not take part: optional, never shown to the lender."""

    ALREADY_TRIED = "already_tried"
    UNSURE = "unsure"
    WOULD_NOT_SOLVE = "would_not_solve"
    NO_DELAY = "no_delay"
    WANT_COURT = "want_court"
    OTHER = "other"


_OPEN = "stage IN ({})".format(", ".join(f"'{stage.value}'" for stage in Stage if stage in OPEN_STAGES))
# The lists of ended cases say it in exactly these words, so that both databases take the partial index.
OVER = "stage IN ({})".format(", ".join(f"'{stage.value}'" for stage in Stage if stage not in OPEN_STAGES))


def _ended(name: str, *columns: str) -> Index:
    return Index(name, *columns, sqlite_where=text(OVER), postgresql_where=text(OVER))


class Case(Record):
    """One loan under mediation; the row that every writer locks first."""

    __tablename__ = "mediation_case"
    __table_args__ = (
        Index(
            "uq_mediation_case_contract",
            "institution_id",
            "organisation_id",
            "contract_number",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        # Each list of the docket is one run of one of these; the filters ride at their ends.
        Index("ix_mediation_case_mediator", "mediator_id", "institution_id", "turn", "deadline_at", "id", "stage"),
        Index("ix_mediation_case_mediator_moved", "mediator_id", "institution_id", "moved_at", "id"),
        _ended("ix_mediation_case_mediator_ended", "mediator_id", "institution_id", "moved_at", "id"),
        Index("ix_mediation_case_institution", "institution_id", "turn", "deadline_at", "id", "stage"),
        Index("ix_mediation_case_institution_moved", "institution_id", "moved_at", "id"),
        Index("ix_mediation_case_institution_stage", "institution_id", "stage", "moved_at", "id"),
        _ended("ix_mediation_case_institution_ended", "institution_id", "moved_at", "id"),
        Index(
            "ix_mediation_case_organisation", "organisation_id", "institution_id", "turn", "deadline_at", "id", "stage"
        ),
        Index(
            "ix_mediation_case_both_sides",
            "organisation_id",
            "institution_id",
            "deadline_at",
            "id",
            sqlite_where=text("both_sides"),
            postgresql_where=text("both_sides"),
        ),
        Index("ix_mediation_case_organisation_moved", "organisation_id", "institution_id", "moved_at", "id"),
        _ended("ix_mediation_case_organisation_ended", "organisation_id", "institution_id", "moved_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"))
    number: Mapped[str] = mapped_column(String(60), unique=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    organisation_name: Mapped[str] = mapped_column(String(200))
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loan.id"))
    contract_number: Mapped[str] = mapped_column(String(120))
    borrower_name: Mapped[str] = mapped_column(String(120))
    borrower_phone: Mapped[str] = mapped_column(String(40), default="")
    borrower_email: Mapped[str] = mapped_column(String(200), default="")
    # As the lender's file said when the case was submitted: a later file changes the loan, never these.
    borrower_id_tail: Mapped[str] = mapped_column(String(4), default="", server_default="")
    borrower_address: Mapped[str] = mapped_column(String(300), default="", server_default="")
    overdue_since_on: Mapped[date | None]
    currency: Mapped[str] = mapped_column(String(3))
    zone: Mapped[str] = mapped_column(String(60))
    calendar: Mapped[str] = mapped_column(String(40))
    rounding: Mapped[str] = mapped_column(String(20))
    court_status: Mapped[CourtStatus] = mapped_column(word(CourtStatus, "court_status"))
    borrower_court_status: Mapped[CourtStatus | None] = mapped_column(word(CourtStatus, "borrower_court_status"))
    stage: Mapped[Stage] = mapped_column(word(Stage, "stage"))
    claim_total: Mapped[int] = mapped_column(Minor)
    claim_version: Mapped[int] = mapped_column(default=1)
    mediator_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    turn: Mapped[Role | None] = mapped_column(word(Role, "turn"))
    # Both parties are waited for, in any order; `turn` then names the borrower.
    both_sides: Mapped[bool] = mapped_column(default=False, server_default=false())
    deadline_at: Mapped[datetime | None] = mapped_column(Moment)
    deadline_kind: Mapped[str] = mapped_column(String(40), default="")
    mediation_ends_at: Mapped[datetime | None] = mapped_column(Moment)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    submitted_at: Mapped[datetime | None] = mapped_column(Moment)
    moved_at: Mapped[datetime] = mapped_column(Moment)
    closing_reason: Mapped[str] = mapped_column(String(60), default="")


class CaseCounter(Record):
    """The last number given in a series, per institution and year; raised in the transaction that uses it."""

    __tablename__ = "case_counter"

    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    last: Mapped[int]


class Claim(Record):
    """One version of the claim, by component, each with its basis; offers name the version they answer."""

    __tablename__ = "claim"
    __table_args__ = (UniqueConstraint("case_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    version: Mapped[int]
    as_of_on: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    principal_due: Mapped[int] = mapped_column(Minor)
    principal_not_due: Mapped[int] = mapped_column(Minor)
    interest: Mapped[int] = mapped_column(Minor)
    penalty: Mapped[int] = mapped_column(Minor)
    fees: Mapped[int] = mapped_column(Minor)
    principal_basis: Mapped[str] = mapped_column(String(500), default="")
    interest_basis: Mapped[str] = mapped_column(String(500), default="")
    penalty_basis: Mapped[str] = mapped_column(String(500), default="")
    fees_basis: Mapped[str] = mapped_column(String(500), default="")
    accelerated: Mapped[bool] = mapped_column(default=False)
    basis: Mapped[ClaimBasis] = mapped_column(word(ClaimBasis, "basis"))
    original_lender: Mapped[str] = mapped_column(String(200))
    original_contract: Mapped[str] = mapped_column(String(120))
    kept_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kept_at: Mapped[datetime] = mapped_column(Moment)


class Undertaking(Record):
    """The lender's standstill: what it stops while mediation lasts, and what goes on."""

    __tablename__ = "undertaking"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"), primary_key=True)
    collection_paused: Mapped[bool]
    outsourcing_paused: Mapped[bool]
    assignment_paused: Mapped[bool]
    interest_runs: Mapped[bool]
    penalty_runs: Mapped[bool]
    given_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    given_at: Mapped[datetime] = mapped_column(Moment)


class Seating(Record):
    """Somebody's seat at a case; ended, never deleted."""

    __tablename__ = "seat"
    __table_args__ = (
        Index(
            "uq_seat_current",
            "case_id",
            "account_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_seat_account", "account_id", "case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    role: Mapped[Role] = mapped_column(word(Role, "role"))
    signs: Mapped[bool] = mapped_column(default=True)
    since_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class Invitation(Record):
    """The notice to a borrower: a public number to check it by, and the hash of the secret code to join with."""

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_case", "case_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    number: Mapped[str] = mapped_column(String(8), unique=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(200), default="")
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    issued_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    verified_at: Mapped[datetime | None] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_as: Mapped[str] = mapped_column(String(40), default="")


class Consent(Record):
    """One person's yes to one purpose, with the SHA-256 of the words that were shown."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("case_id", "account_id", "purpose"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    purpose: Mapped[Purpose] = mapped_column(word(Purpose, "purpose"))
    text_sha256: Mapped[str] = mapped_column(String(64))
    given_at: Mapped[datetime] = mapped_column(Moment)


class ConsentEnd(Record):
    """That consent is taken back; what was done under it before stands."""

    __tablename__ = "consent_end"

    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent.id"), primary_key=True)
    taken_back_at: Mapped[datetime] = mapped_column(Moment)


class Declination(Record):
    """The borrower said no; the reason is optional and never the lender's to see."""

    __tablename__ = "declination"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[DeclineReason | None] = mapped_column(word(DeclineReason, "reason"))
    declined_at: Mapped[datetime] = mapped_column(Moment)


class Identity(Record):
    """Who a signer is: number and service address encrypted, and how it was checked."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("case_id", "account_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(120))
    number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    number_tail: Mapped[str] = mapped_column(String(4))
    address_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    how_checked: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime] = mapped_column(Moment)


class Rejection(Record):
    """The registrar did not accept the case, and why."""

    __tablename__ = "rejection"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    rejected_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    rejected_at: Mapped[datetime] = mapped_column(Moment)


class CapacityReport(Record):
    """Under age or doubtful capacity: goes to the registrar; no offer is possible meanwhile."""

    __tablename__ = "capacity_report"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"), primary_key=True)
    side: Mapped[Side] = mapped_column(word(Side, "side"))
    reported_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reported_at: Mapped[datetime] = mapped_column(Moment)
    cleared_at: Mapped[datetime | None] = mapped_column(Moment)


class Appointment(Record):
    """A mediator put forward for a case, what it declared, and how the window for objections ended."""

    __tablename__ = "appointment"
    __table_args__ = (
        Index("ix_appointment_case", "case_id"),
        Index("ix_appointment_mediator", "mediator_id", "accepted_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("mediation_case.id"))
    mediator_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    state: Mapped[AppointmentState] = mapped_column(word(AppointmentState, "state"))
    declaration: Mapped[str] = mapped_column(String(500), default="")
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    objections_end_at: Mapped[datetime | None] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class AppointmentAnswer(Record):
    """One side accepted the mediator, or objected, once and without a reason."""

    __tablename__ = "appointment_answer"

    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"), primary_key=True)
    side: Mapped[Side] = mapped_column(word(Side, "side"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    objects: Mapped[bool]
    answered_at: Mapped[datetime] = mapped_column(Moment)
