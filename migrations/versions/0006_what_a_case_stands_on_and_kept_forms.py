"""What was true of a loan at submission stays with its case; the desk that a session stands at; forms kept for an idle hand.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Three columns for the case, one for the session, and a table."""
    op.add_column(
        "mediation_case", sa.Column("borrower_id_tail", sa.String(length=4), nullable=False, server_default="")
    )
    op.add_column(
        "mediation_case", sa.Column("borrower_address", sa.String(length=300), nullable=False, server_default="")
    )
    op.add_column("mediation_case", sa.Column("overdue_since_on", sa.Date(), nullable=True))
    op.add_column("sign_in", sa.Column("institution_id", sa.Uuid(), nullable=True))
    op.create_table(
        "kept_form",
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("fields_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", name="pk_kept_form"),
    )


def downgrade() -> None:
    """The table and the columns go."""
    op.drop_table("kept_form")
    op.drop_column("sign_in", "institution_id")
    for column in ("overdue_since_on", "borrower_address", "borrower_id_tail"):
        op.drop_column("mediation_case", column)
