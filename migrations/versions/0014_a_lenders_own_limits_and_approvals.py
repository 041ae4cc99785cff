"""A lender's own limits, what waits for its second officer, and the thread of the record that only it reads.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE = "policy_version"
THREADS = "'case', 'caucus-borrower', 'caucus-lender', 'mediator-notes', 'institution'"
MORE_THREADS = f"{THREADS}, 'lender'"


def _allow_threads(before: str, after: str, *, rows: str = "") -> None:
    """The names that a thread may have; NOT VALID leaves the rows that stand: a thread is never taken away."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("ck_record_thread_name", "record_thread", type_="check")
        op.execute(f"ALTER TABLE record_thread ADD CONSTRAINT ck_record_thread_name CHECK (name IN ({after})) {rows}")
        return
    # The table has walls and is pointed at, so it is not rebuilt: only the text of its check changes, in the way
    # that SQLite describes for changes that touch no row (lang_altertable, section 7).
    version = op.get_bind().exec_driver_sql("PRAGMA schema_version").scalar_one()
    op.execute("PRAGMA writable_schema=on")
    op.get_bind().execute(
        sa.text("UPDATE sqlite_master SET sql = replace(sql, :before, :after) WHERE name = 'record_thread'"),
        {"before": f"name IN ({before})", "after": f"name IN ({after})"},
    )
    op.execute(f"PRAGMA schema_version={version + 1}")
    op.execute("PRAGMA writable_schema=off")


def _raise_walls_on_sqlite() -> None:
    stop = "SELECT RAISE(ABORT, 'append-only')"
    op.execute(f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} BEGIN {stop}; END")
    # INSERT OR REPLACE goes round a DELETE trigger.
    op.execute(
        f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} "
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR (institution_id = NEW.institution_id "
        f"AND organisation_id = NEW.organisation_id AND version = NEW.version)) BEGIN {stop}; END"
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
    """The names of threads, the officer's authority, the limits with their walls, and what waits."""
    _allow_threads(THREADS, MORE_THREADS)
    op.add_column(
        "authority_document", sa.Column("covers_policy", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("in_force_on", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_by", sa.Uuid(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_policy_version_institution_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_policy_version_organisation_id"),
        sa.ForeignKeyConstraint(["kept_by"], ["account.id"], name="fk_policy_version_kept_by"),
        sa.PrimaryKeyConstraint("id", name="pk_policy_version"),
        sa.UniqueConstraint(
            "institution_id",
            "organisation_id",
            "version",
            name="uq_policy_version_institution_id_organisation_id_version",
        ),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'approved', 'returned', 'taken_back')", name="ck_approval_state"),
        sa.CheckConstraint("decided_by <> asked_by OR state = 'taken_back'", name="ck_approval_second_officer"),
        sa.CheckConstraint("(state = 'waiting') = (decided_by IS NULL)", name="ck_approval_decided_by_somebody"),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="ck_approval_decided_at_a_moment"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_approval_case_id"),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name="fk_approval_asked_by"),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name="fk_approval_decided_by"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="fk_approval_offer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_approval"),
    )
    op.create_index(
        "uq_approval_waiting",
        "approval",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ix_approval_case", "approval", ["case_id", "asked_at"])
    if op.get_bind().dialect.name == "sqlite":
        _raise_walls_on_sqlite()
    else:
        _raise_walls_on_postgresql()


def downgrade() -> None:
    """The tables go, the triggers with theirs; then the column and the name."""
    op.drop_table("approval")
    op.drop_table(TABLE)
    op.drop_column("authority_document", "covers_policy")
    _allow_threads(MORE_THREADS, THREADS, rows="NOT VALID")
