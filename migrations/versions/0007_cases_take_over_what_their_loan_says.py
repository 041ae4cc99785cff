"""Cases opened before keep what their loan says today: it is what they have stood on so far.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Each case takes the facts over from its loan."""
    for kept, stated in (
        ("borrower_id_tail", "id_tail"),
        ("borrower_address", "address"),
        ("overdue_since_on", "overdue_since_on"),
    ):
        op.execute(
            f"UPDATE mediation_case SET {kept} = "  # noqa: S608 (the names stand above)
            f"(SELECT loan.{stated} FROM loan WHERE loan.id = mediation_case.loan_id)"
        )


def downgrade() -> None:
    """The columns are as empty as they came; the loans were never touched."""
    op.execute("UPDATE mediation_case SET borrower_id_tail = '', borrower_address = '', overdue_since_on = NULL")
