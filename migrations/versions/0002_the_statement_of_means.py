"""The statement of means: drafts by section, versions as stated, lines of which a document was seen.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "means_section",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_by", sa.Uuid(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_means_section_case_id"),
        sa.ForeignKeyConstraint(["kept_by"], ["account.id"], name="fk_means_section_kept_by"),
        sa.CheckConstraint(
            "section IN ('income', 'spending', 'household', 'debts', 'savings', 'hardship', 'words')",
            name="ck_means_section_section",
        ),
        sa.PrimaryKeyConstraint("case_id", "section", name="pk_means_section"),
    )
    op.create_table(
        "means_statement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("stated_by", sa.Uuid(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_means_statement_case_id"),
        sa.ForeignKeyConstraint(["stated_by"], ["account.id"], name="fk_means_statement_stated_by"),
        sa.PrimaryKeyConstraint("id", name="pk_means_statement"),
        sa.UniqueConstraint("case_id", "version", name="uq_means_statement_case_id_version"),
    )
    op.create_table(
        "means_verification",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.LargeBinary(length=32), nullable=False),
        sa.Column("verified_by", sa.Uuid(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_means_verification_case_id"),
        sa.ForeignKeyConstraint(["verified_by"], ["account.id"], name="fk_means_verification_verified_by"),
        sa.PrimaryKeyConstraint("case_id", "token", name="pk_means_verification"),
    )


def downgrade() -> None:
    op.drop_table("means_verification")
    op.drop_table("means_statement")
    op.drop_table("means_section")
