"""Institutions, organisations, accounts, memberships, sessions and one-time codes."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from mediation.db import Moment, Record, new_key, word
from mediation.rules.access import Role
from mediation.rules.lenders import LenderType


class Institution(Record):
    """A mediation body: it stands above every case, place, calendar and record thread."""

    __tablename__ = "institution"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    domain: Mapped[str] = mapped_column(String(200))
    telephone: Mapped[str] = mapped_column(String(40))
    legal_aid: Mapped[str] = mapped_column(String(200))
    legal_aid_telephone: Mapped[str] = mapped_column(String(40))
    zone: Mapped[str] = mapped_column(String(60), default="Asia/Shanghai")
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    calendar: Mapped[str] = mapped_column(String(40), default="cn")
    case_number_pattern: Mapped[str] = mapped_column(String(80), default="{code}-{year}-{number:05d}")
    agreement_number_pattern: Mapped[str] = mapped_column(String(80), default="{code}调字〔{year}〕第{number:05d}号")
    round_limit: Mapped[int] = mapped_column(default=12)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Organisation(Record):
    """A lender; it may work with several institutions."""

    __tablename__ = "organisation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    name: Mapped[str] = mapped_column(String(200))
    credit_code: Mapped[str] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Engagement(Record):
    """A lender at an institution; type, licence and payee are set by the registrar, never by the lender."""

    __tablename__ = "engagement"
    __table_args__ = (UniqueConstraint("institution_id", "organisation_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    lender_type: Mapped[LenderType] = mapped_column(word(LenderType, "lender_type"))
    licence: Mapped[str] = mapped_column(String(120))
    service_address: Mapped[str] = mapped_column(String(300))
    payee_name: Mapped[str] = mapped_column(String(200))
    payee_bank: Mapped[str] = mapped_column(String(200))
    payee_account: Mapped[str] = mapped_column(String(60))
    kept_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    kept_at: Mapped[datetime] = mapped_column(Moment)


class Account(Record):
    """A person who may sign in."""

    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    sign_in_name: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(10), default="")
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)


class Membership(Record):
    """What somebody is at an institution, or for a lender there; ended, never deleted."""

    __tablename__ = "membership"
    __table_args__ = (
        Index("ix_membership_account", "account_id"),
        Index(
            "uq_membership_current",
            "account_id",
            "institution_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[Role] = mapped_column(word(Role, "role"))
    field: Mapped[str] = mapped_column(String(200), default="")
    since_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class AuthorityDocument(Record):
    """授权委托书: what a lender officer may sign, and from when until when."""

    __tablename__ = "authority_document"
    __table_args__ = (Index("ix_authority_document_account", "account_id", "institution_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    title: Mapped[str] = mapped_column(String(200))
    covers_settlement: Mapped[bool]
    covers_policy: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    valid_from_on: Mapped[date]
    valid_until_on: Mapped[date]
    kept_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    kept_at: Mapped[datetime] = mapped_column(Moment)


class SignIn(Record):
    """A server-side session: the cookie holds a token, this row its SHA-256."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_account", "account_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    agent: Mapped[str] = mapped_column(String(200), default="")
    started_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    proven_at: Mapped[datetime] = mapped_column(Moment)
    # Where somebody with a place at several institutions works in this session; none chosen: the oldest place.
    institution_id: Mapped[UUID | None]
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class OneTimeCode(Record):
    """A six-digit code sent to an account; hashed, five attempts, ten minutes, once."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index("ix_one_time_code_account", "account_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_key)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
