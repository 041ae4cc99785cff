"""What the mediator assumes in one case for want of an agreement, set once and replaced by a newer setting.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLE = "case_assumption"


def _raise_walls_on_sqlite() -> None:
    stop = "SELECT RAISE(ABORT, 'append-only')"
    op.execute(f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} BEGIN {stop}; END")
    # INSERT OR REPLACE goes round a DELETE trigger.
    op.execute(
        f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} "
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR "
        f"(case_id = NEW.case_id AND version = NEW.version)) BEGIN {stop}; END"
    )
    op.execute(f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} BEGIN {stop}; END")


def _raise_walls_on_postgresql() -> None:
    for name, when, each in (
        ("written_once", "BEFORE UPDATE OR DELETE", "ROW"),
        ("no_truncate", "BEFORE TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER {TABLE}_{name} {when} ON {TABLE} FOR EACH {each} EXECUTE FUNCTION mediation_append_only()"
        )
        op.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {TABLE}_{name}")


def upgrade() -> None:
    """The table, then the triggers that keep what must not change."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recovery_low", sa.String(length=40), nullable=False),
        sa.Column("recovery_high", sa.String(length=40), nullable=False),
        sa.Column("months_low", sa.Integer(), nullable=False),
        sa.Column("months_high", sa.Integer(), nullable=False),
        sa.Column("court_fee_low", sa.String(length=40), nullable=False),
        sa.Column("court_fee_high", sa.String(length=40), nullable=False),
        sa.Column("discount_rate", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_case_assumption_case_id"),
        sa.ForeignKeyConstraint(["set_by"], ["account.id"], name="fk_case_assumption_set_by"),
        sa.PrimaryKeyConstraint("id", name="pk_case_assumption"),
        sa.UniqueConstraint("case_id", "version", name="uq_case_assumption_case_id_version"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _raise_walls_on_sqlite()
    else:
        _raise_walls_on_postgresql()


def downgrade() -> None:
    """The table goes, and its triggers with it."""
    op.drop_table(TABLE)
