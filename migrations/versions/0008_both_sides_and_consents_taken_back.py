"""A case may wait for both sides at once, a consent may be taken back, an agreement is found by number or file.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLE = "consent_end"


def _raise_walls_on_sqlite() -> None:
    stop = "SELECT RAISE(ABORT, 'append-only')"
    op.execute(f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} BEGIN {stop}; END")
    # INSERT OR REPLACE goes round a DELETE trigger.
    op.execute(
        f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} "
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE consent_id = NEW.consent_id) BEGIN {stop}; END"
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
    """The column with its index, the two indexes of agreements, then the table with its walls."""
    op.add_column(
        "mediation_case", sa.Column("both_sides", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.create_index(
        "ix_mediation_case_both_sides",
        "mediation_case",
        ["organisation_id", "institution_id", "deadline_at", "id"],
        sqlite_where=sa.text("both_sides"),
        postgresql_where=sa.text("both_sides"),
    )
    op.create_index("ix_agreement_number", "agreement", ["number"])
    op.create_index("ix_agreement_sealed_sha256", "agreement", ["sealed_sha256"])
    op.create_table(
        TABLE,
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name="fk_consent_end_consent_id"),
        sa.PrimaryKeyConstraint("consent_id", name="pk_consent_end"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _raise_walls_on_sqlite()
    else:
        _raise_walls_on_postgresql()


def downgrade() -> None:
    """The table goes, and its triggers with it; then the indexes and the column."""
    op.drop_table(TABLE)
    op.drop_index("ix_agreement_sealed_sha256", table_name="agreement")
    op.drop_index("ix_agreement_number", table_name="agreement")
    op.drop_index("ix_mediation_case_both_sides", table_name="mediation_case")
    op.drop_column("mediation_case", "both_sides")
