"""Payments reported while a case runs, pauses and suspensions, and reports of collection against the standstill.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# Rows that are written once, and their keys.
APPEND_ONLY = {
    "reported_payment": "id",
    "payment_outcome": "payment_id",
    "conduct_report": "id",
    "conduct_forwarding": "report_id",
    "conduct_answer": "report_id",
}
MOMENT = sa.DateTime(timezone=True)
SIDES = ("borrower", "lender")
ROLES = ("borrower", "lender", "mediator", "registrar", "adviser", "auditor", "system")
STAGES = (
    "draft", "submitted", "accepted", "rejected", "invited", "joined", "appointed", "open", "terms_agreed", "signing",
    "in_force", "performed", "breached", "cured", "ended", "unreachable", "paused", "suspended", "declined", "lapsed",
    "withdrawn", "unsuitable", "referred", "not_settled",
)  # fmt: skip


def _word(table: str, column: str, words: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{one}'" for one in words)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"ck_{table}_{column}")


def _raise_walls_on_sqlite() -> None:
    stop = "SELECT RAISE(ABORT, 'append-only')"
    for table, key in APPEND_ONLY.items():
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {stop}; END")
        # INSERT OR REPLACE goes round a DELETE trigger.
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) BEGIN {stop}; END"
        )
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {stop}; END")


def _raise_walls_on_postgresql() -> None:
    for table in APPEND_ONLY:
        for name, when, each in (
            ("written_once", "BEFORE UPDATE OR DELETE", "ROW"),
            ("no_truncate", "BEFORE TRUNCATE", "STATEMENT"),
        ):
            op.execute(
                f"CREATE TRIGGER {table}_{name} {when} ON {table} FOR EACH {each} "
                "EXECUTE FUNCTION mediation_append_only()"
            )
            op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}")


def _make_payments() -> None:
    op.create_table(
        "reported_payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("pays", sa.String(length=40), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
        _word("reported_payment", "side", SIDES),
        _word("reported_payment", "pays", ("by_law", "principal_first")),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_reported_payment_case_id"),
        sa.ForeignKeyConstraint(["reported_by"], ["account.id"], name="fk_reported_payment_reported_by"),
        sa.PrimaryKeyConstraint("id", name="pk_reported_payment"),
    )
    op.create_index("ix_reported_payment_case", "reported_payment", ["case_id"])
    op.create_table(
        "payment_outcome",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("claim_version", sa.Integer(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        _word("payment_outcome", "outcome", ("confirmed", "disputed", "taken_back")),
        sa.ForeignKeyConstraint(["payment_id"], ["reported_payment.id"], name="fk_payment_outcome_payment_id"),
        sa.ForeignKeyConstraint(["said_by"], ["account.id"], name="fk_payment_outcome_said_by"),
        sa.PrimaryKeyConstraint("payment_id", name="pk_payment_outcome"),
    )


def _make_pauses() -> None:
    op.create_table(
        "pause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("asked_as", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("left_stage", sa.String(length=40), nullable=False),
        sa.Column("turn", sa.String(length=40), nullable=True),
        sa.Column("both_sides", sa.Boolean(), nullable=False),
        sa.Column("deadline_at", MOMENT, nullable=True),
        sa.Column("deadline_kind", sa.String(length=40), nullable=False),
        sa.Column("mediation_ends_at", MOMENT, nullable=True),
        sa.Column("objections_end_at", MOMENT, nullable=True),
        sa.Column("signing_ends_at", MOMENT, nullable=True),
        sa.Column("proposal_ends_at", MOMENT, nullable=True),
        sa.Column("paused_at", MOMENT, nullable=False),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        _word("pause", "asked_as", ROLES),
        _word("pause", "reason", ("papers", "advice", "away", "other_matter", "not_said")),
        _word("pause", "left_stage", STAGES),
        _word("pause", "turn", ROLES),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_pause_case_id"),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name="fk_pause_asked_by"),
        sa.PrimaryKeyConstraint("id", name="pk_pause"),
    )
    op.create_index("ix_pause_case", "pause", ["case_id", "paused_at"])
    op.create_table(
        "paused_offer",
        sa.Column("pause_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("shows_at", MOMENT, nullable=False),
        sa.Column("lapses_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["pause_id"], ["pause.id"], name="fk_paused_offer_pause_id"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="fk_paused_offer_offer_id"),
        sa.PrimaryKeyConstraint("pause_id", "offer_id", name="pk_paused_offer"),
    )
    op.create_table(
        "suspension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("left_stage", sa.String(length=40), nullable=False),
        sa.Column("mediation_ends_at", MOMENT, nullable=True),
        sa.Column("suspended_by", sa.Uuid(), nullable=False),
        sa.Column("suspended_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        _word("suspension", "reason", ("party_died", "capacity", "claim_assigned")),
        _word("suspension", "side", SIDES),
        _word("suspension", "left_stage", STAGES),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_suspension_case_id"),
        sa.ForeignKeyConstraint(["suspended_by"], ["account.id"], name="fk_suspension_suspended_by"),
        sa.PrimaryKeyConstraint("id", name="pk_suspension"),
    )
    op.create_index("ix_suspension_case", "suspension", ["case_id", "suspended_at"])


def _make_conduct() -> None:
    op.create_table(
        "conduct_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("by_whom_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("what_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("proof_sha256", sa.String(length=64), nullable=False),
        sa.Column("proof_type", sa.String(length=120), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
        _word("conduct_report", "way", ("call", "message", "visit", "other_people", "other")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_conduct_report_institution_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_conduct_report_case_id"),
        sa.ForeignKeyConstraint(["reported_by"], ["account.id"], name="fk_conduct_report_reported_by"),
        sa.PrimaryKeyConstraint("id", name="pk_conduct_report"),
    )
    op.create_index("ix_conduct_report_case", "conduct_report", ["case_id"])
    op.create_index("ix_conduct_report_institution", "conduct_report", ["institution_id", "id"])
    op.create_table(
        "conduct_forwarding",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("forwarded_by", sa.Uuid(), nullable=False),
        sa.Column("forwarded_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["conduct_report.id"], name="fk_conduct_forwarding_report_id"),
        sa.ForeignKeyConstraint(["forwarded_by"], ["account.id"], name="fk_conduct_forwarding_forwarded_by"),
        sa.PrimaryKeyConstraint("report_id", name="pk_conduct_forwarding"),
    )
    op.create_table(
        "conduct_answer",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["conduct_report.id"], name="fk_conduct_answer_report_id"),
        sa.ForeignKeyConstraint(["answered_by"], ["account.id"], name="fk_conduct_answer_answered_by"),
        sa.PrimaryKeyConstraint("report_id", name="pk_conduct_answer"),
    )


def upgrade() -> None:
    """The eight tables, then the triggers that keep what must not change."""
    _make_payments()
    _make_pauses()
    _make_conduct()
    if op.get_bind().dialect.name == "sqlite":
        _raise_walls_on_sqlite()
    else:
        _raise_walls_on_postgresql()


def downgrade() -> None:
    """The tables go, and their triggers with them."""
    for table in (
        "conduct_answer", "conduct_forwarding", "conduct_report", "suspension", "paused_offer", "pause",
        "payment_outcome", "reported_payment",
    ):  # fmt: skip
        op.drop_table(table)
