"""Facts told in confidence, what their owners released, and what a side opens to a mediator who came later.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Rows that are written once, each with every set of columns by which INSERT OR REPLACE would find an earlier one.
APPEND_ONLY = {
    "sealed_fact": (("id",),),
    "fact_proof": (("fact_id",),),
    "fact_release": (("id",), ("fact_id", "level")),
    "document_release": (("document_id",),),
    "handover": (("id",), ("seat_id", "side")),
}


def _raise_walls_on_sqlite() -> None:
    stop = "SELECT RAISE(ABORT, 'append-only')"
    for table, keys in APPEND_ONLY.items():
        same = " OR ".join("(" + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")" for key in keys)
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
    """The five tables, then the triggers that keep what must not change."""
    _add_facts()
    op.create_table(
        "document_release",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("released_by", sa.Uuid(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_document_release_document_id"),
        sa.ForeignKeyConstraint(["released_by"], ["account.id"], name="fk_document_release_released_by"),
        sa.PrimaryKeyConstraint("document_id", name="pk_document_release"),
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("released_by", sa.Uuid(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('borrower', 'lender')", name="ck_handover_side"),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name="fk_handover_seat_id"),
        sa.ForeignKeyConstraint(["released_by"], ["account.id"], name="fk_handover_released_by"),
        sa.PrimaryKeyConstraint("id", name="pk_handover"),
        sa.UniqueConstraint("seat_id", "side", name="uq_handover_seat_id_side"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _raise_walls_on_sqlite()
    else:
        _raise_walls_on_postgresql()


def downgrade() -> None:
    """The tables are gone, and their triggers with them."""
    op.drop_table("handover")
    op.drop_table("document_release")
    op.drop_table("fact_release")
    op.drop_table("fact_proof")
    op.drop_table("sealed_fact")


def _add_facts() -> None:
    op.create_table(
        "sealed_fact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("told_by", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('borrower', 'lender')", name="ck_sealed_fact_side"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_sealed_fact_case_id"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_sealed_fact_document_id"),
        sa.ForeignKeyConstraint(["told_by"], ["account.id"], name="fk_sealed_fact_told_by"),
        sa.PrimaryKeyConstraint("id", name="pk_sealed_fact"),
    )
    op.create_index("ix_sealed_fact_case", "sealed_fact", ["case_id", "told_at"], unique=False)
    op.create_table(
        "fact_proof",
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("seen_by", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["fact_id"], ["sealed_fact.id"], name="fk_fact_proof_fact_id"),
        sa.ForeignKeyConstraint(["seen_by"], ["account.id"], name="fk_fact_proof_seen_by"),
        sa.PrimaryKeyConstraint("fact_id", name="pk_fact_proof"),
    )
    op.create_table(
        "fact_release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("shown_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("released_by", sa.Uuid(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level IN ('verified', 'shared')", name="ck_fact_release_level"),
        sa.ForeignKeyConstraint(["fact_id"], ["sealed_fact.id"], name="fk_fact_release_fact_id"),
        sa.ForeignKeyConstraint(["released_by"], ["account.id"], name="fk_fact_release_released_by"),
        sa.PrimaryKeyConstraint("id", name="pk_fact_release"),
        sa.UniqueConstraint("fact_id", "level", name="uq_fact_release_fact_id_level"),
    )
