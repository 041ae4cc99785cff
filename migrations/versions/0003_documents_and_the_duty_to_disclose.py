"""Documents and their versions, facts stated in place of one, and what was not disclosed in time; all written once.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Rows that are written once: no UPDATE, no DELETE, no INSERT OR REPLACE, no TRUNCATE.
APPEND_ONLY = {
    "document": ("id",),
    "document_version": ("id",),
    "duty_statement": ("id",),
    "duty_overdue": ("case_id",),
}


def _raise_walls_on_sqlite() -> None:
    stop = "SELECT RAISE(ABORT, 'append-only')"
    for table, key in APPEND_ONLY.items():
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {stop}; END")
        # INSERT OR REPLACE goes round a DELETE trigger.
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {stop}; END"
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
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("audience", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('borrower', 'lender')", name="ck_document_side"),
        sa.CheckConstraint("audience IN ('mediator', 'both')", name="ck_document_audience"),
        sa.CheckConstraint(
            "kind IN ('contract', 'disbursement', 'payments', 'fees', 'assignment', 'credit_report', 'income', "
            "'spending', 'health', 'receipt', 'other')",
            name="ck_document_kind",
        ),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_document_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
    )
    op.create_index("ix_document_case", "document", ["case_id", "put_at"], unique=False)
    op.create_table(
        "document_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("put_by", sa.Uuid(), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_document_version_document_id"),
        sa.ForeignKeyConstraint(["put_by"], ["account.id"], name="fk_document_version_put_by"),
        sa.PrimaryKeyConstraint("id", name="pk_document_version"),
        sa.UniqueConstraint("document_id", "number", name="uq_document_version_document_id_number"),
    )
    op.create_table(
        "duty_statement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("stated_by", sa.Uuid(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "item IN ('contract', 'disbursement', 'payments', 'fees', 'assignment', 'credit_report')",
            name="ck_duty_statement_item",
        ),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_duty_statement_case_id"),
        sa.ForeignKeyConstraint(["stated_by"], ["account.id"], name="fk_duty_statement_stated_by"),
        sa.PrimaryKeyConstraint("id", name="pk_duty_statement"),
    )
    op.create_index("ix_duty_statement_case", "duty_statement", ["case_id", "item"], unique=False)
    op.create_table(
        "duty_overdue",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("items", sa.String(length=200), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_duty_overdue_case_id"),
        sa.PrimaryKeyConstraint("case_id", name="pk_duty_overdue"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _raise_walls_on_sqlite()
    else:
        _raise_walls_on_postgresql()


def downgrade() -> None:
    """The tables are gone, and their triggers with them."""
    op.drop_table("duty_overdue")
    op.drop_table("duty_statement")
    op.drop_table("document_version")
    op.drop_table("document")
