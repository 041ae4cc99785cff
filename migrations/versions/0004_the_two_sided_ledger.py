"""The two-sided ledger: payments as each side states them, what it takes back, and what it says of the other's.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Rows that are written once: no UPDATE, no DELETE, no INSERT OR REPLACE, no TRUNCATE.
APPEND_ONLY = ("payment_list", "ledger_payment", "ledger_withdrawal", "ledger_answer")


def _raise_walls_on_sqlite() -> None:
    stop = "SELECT RAISE(ABORT, 'append-only')"
    for table in APPEND_ONLY:
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {stop}; END")
        # INSERT OR REPLACE goes round a DELETE trigger.
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN {stop}; END"
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


def upgrade() -> None:
    """The four tables, then the triggers that keep what must not change."""
    op.create_table(
        "payment_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stated_by", sa.Uuid(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('borrower', 'lender')", name="ck_payment_list_side"),
        sa.CheckConstraint("source IN ('typed', 'file')", name="ck_payment_list_source"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_payment_list_case_id"),
        sa.ForeignKeyConstraint(["stated_by"], ["account.id"], name="fk_payment_list_stated_by"),
        sa.PrimaryKeyConstraint("id", name="pk_payment_list"),
    )
    op.create_index("ix_payment_list_case", "payment_list", ["case_id"], unique=False)
    op.create_table(
        "ledger_payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("side IN ('borrower', 'lender')", name="ck_ledger_payment_side"),
        sa.ForeignKeyConstraint(["list_id"], ["payment_list.id"], name="fk_ledger_payment_list_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_ledger_payment_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_payment"),
    )
    op.create_index("ix_ledger_payment_case", "ledger_payment", ["case_id"], unique=False)
    op.create_index("ix_ledger_payment_list", "ledger_payment", ["list_id"], unique=False)
    op.create_table(
        "ledger_withdrawal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("list_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_ledger_withdrawal_case_id"),
        sa.ForeignKeyConstraint(["payment_id"], ["ledger_payment.id"], name="fk_ledger_withdrawal_payment_id"),
        sa.ForeignKeyConstraint(["list_id"], ["payment_list.id"], name="fk_ledger_withdrawal_list_id"),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["account.id"], name="fk_ledger_withdrawal_withdrawn_by"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_withdrawal"),
        sa.UniqueConstraint("payment_id", name="uq_ledger_withdrawal_payment_id"),
        sa.UniqueConstraint("list_id", name="uq_ledger_withdrawal_list_id"),
    )
    op.create_index("ix_ledger_withdrawal_case", "ledger_withdrawal", ["case_id"], unique=False)
    op.create_table(
        "ledger_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("claim_version", sa.Integer(), nullable=False),
        sa.Column("component", sa.String(length=40), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("disputed", sa.BigInteger(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("proof_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('borrower', 'lender')", name="ck_ledger_answer_side"),
        sa.CheckConstraint("verdict IN ('agreed', 'disputed', 'unknown')", name="ck_ledger_answer_verdict"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_ledger_answer_case_id"),
        sa.ForeignKeyConstraint(["payment_id"], ["ledger_payment.id"], name="fk_ledger_answer_payment_id"),
        sa.ForeignKeyConstraint(["answered_by"], ["account.id"], name="fk_ledger_answer_answered_by"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_answer"),
        sa.UniqueConstraint("case_id", "number", name="uq_ledger_answer_case_id_number"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _raise_walls_on_sqlite()
    else:
        _raise_walls_on_postgresql()


def downgrade() -> None:
    """The tables are gone, and their triggers with them."""
    op.drop_table("ledger_answer")
    op.drop_table("ledger_withdrawal")
    op.drop_table("ledger_payment")
    op.drop_table("payment_list")
