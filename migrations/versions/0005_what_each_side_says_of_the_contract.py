"""What each side says the loan contract provides, stated once and replaced by a newer statement.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLE = "contract_statement"


def _raise_walls_on_sqlite() -> None:
    stop = "SELECT RAISE(ABORT, 'append-only')"
    op.execute(f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} BEGIN {stop}; END")
    # INSERT OR REPLACE goes round a DELETE trigger.
    op.execute(
        f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} "
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR "
        f"(case_id = NEW.case_id AND side = NEW.side AND version = NEW.version)) BEGIN {stop}; END"
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
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=40), nullable=True),
        sa.Column("contract_on", sa.Date(), nullable=True),
        sa.Column("principal", sa.BigInteger(), nullable=True),
        sa.Column("disbursed", sa.BigInteger(), nullable=True),
        sa.Column("fee_up_front", sa.BigInteger(), nullable=True),
        sa.Column("instalments", sa.Integer(), nullable=True),
        sa.Column("instalment", sa.BigInteger(), nullable=True),
        sa.Column("fee_each", sa.BigInteger(), nullable=True),
        sa.Column("paid_count", sa.Integer(), nullable=True),
        sa.Column("yearly_rate", sa.String(length=40), nullable=True),
        sa.Column("penalty_daily_rate", sa.String(length=40), nullable=True),
        sa.Column("is_capitalised", sa.Boolean(), nullable=True),
        sa.Column("last_due_on", sa.Date(), nullable=True),
        sa.Column("last_act", sa.String(length=40), nullable=True),
        sa.Column("last_act_on", sa.Date(), nullable=True),
        sa.Column("no_act_since", sa.Boolean(), nullable=True),
        sa.Column("stated_by", sa.Uuid(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_contract_statement_case_id"),
        sa.ForeignKeyConstraint(["stated_by"], ["account.id"], name="fk_contract_statement_stated_by"),
        sa.CheckConstraint("side IN ('borrower', 'lender')", name="ck_contract_statement_side"),
        sa.CheckConstraint("product IN ('loan', 'assisted', 'card')", name="ck_contract_statement_product"),
        sa.CheckConstraint(
            "last_act IN ('demand', 'borrower_agreed', 'suit', 'mediation_asked')",
            name="ck_contract_statement_last_act",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_contract_statement"),
        sa.UniqueConstraint("case_id", "side", "version", name="uq_contract_statement_case_id_side_version"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _raise_walls_on_sqlite()
    else:
        _raise_walls_on_postgresql()


def downgrade() -> None:
    """The table goes, and its triggers with it."""
    op.drop_table(TABLE)
