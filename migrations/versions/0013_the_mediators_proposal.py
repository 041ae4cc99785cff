"""The mediator's proposal with its sealed answers, and what an offer says besides: final, of neither side, why not.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLE = "proposal"
FIXED = ("case_id", "appointment_id", "account_id", "claim_version", "document", "sha256", "made_at")
FLAGS = ("by_mediator", "is_final", "reason_released")
ROLES = "'borrower', 'lender', 'mediator', 'registrar', 'adviser', 'auditor', 'system'"


def _raise_walls_on_sqlite() -> None:
    stop = "SELECT RAISE(ABORT, 'append-only')"
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in FIXED)
    op.execute(f"CREATE TRIGGER {TABLE}_fixed BEFORE UPDATE ON {TABLE} WHEN {changed} BEGIN {stop}; END")
    # INSERT OR REPLACE goes round a DELETE trigger.
    op.execute(
        f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} "
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id) BEGIN {stop}; END"
    )
    op.execute(f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} BEGIN {stop}; END")


def _raise_walls_on_postgresql() -> None:
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in FIXED)
    for name, when, each in (
        ("fixed", "BEFORE UPDATE", f"ROW WHEN ({changed})"),
        ("no_delete", "BEFORE DELETE", "ROW"),
        ("no_truncate", "BEFORE TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER {TABLE}_{name} {when} ON {TABLE} FOR EACH {each} EXECUTE FUNCTION mediation_append_only()"
        )
        op.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {TABLE}_{name}")


def upgrade() -> None:
    """What an offer says besides, the two tables, then the triggers that keep what must not change."""
    for name in FLAGS:
        op.add_column("offer", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("claim_version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_proposal_account_id"),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name="fk_proposal_appointment_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_proposal_case_id"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="fk_proposal_offer_id"),
        sa.CheckConstraint(
            "status IN ('open', 'agreed', 'not_agreed', 'taken_back', 'void')", name="ck_proposal_status"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_proposal"),
    )
    op.create_index(
        "uq_proposal_open",
        TABLE,
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index("ix_proposal_case", TABLE, ["case_id", "made_at"])
    op.create_table(
        "proposal_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("proposal_sha256", sa.String(length=64), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_proposal_answer_account_id"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name="fk_proposal_answer_proposal_id"),
        sa.CheckConstraint(f"role IN ({ROLES})", name="ck_proposal_answer_role"),
        sa.PrimaryKeyConstraint("id", name="pk_proposal_answer"),
        sa.UniqueConstraint("proposal_id", "account_id", name="uq_proposal_answer_proposal_id_account_id"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _raise_walls_on_sqlite()
    else:
        _raise_walls_on_postgresql()


def downgrade() -> None:
    """The tables go, their triggers with them, and what an offer said besides."""
    op.drop_table("proposal_answer")
    op.drop_table(TABLE)
    for name in reversed(FLAGS):
        op.drop_column("offer", name)
