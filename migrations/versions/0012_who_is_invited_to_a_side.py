"""Who is invited to a side beside its first person, and what advisers advised.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables; nothing that stands is touched."""
    op.create_table(
        "side_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("id_tail", sa.String(length=4), nullable=False),
        sa.Column("scope", sa.String(length=100), nullable=False),
        sa.Column("seat_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("terms_sha256", sa.String(length=64), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_as", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "role IN ('borrower', 'lender', 'mediator', 'registrar', 'adviser', 'auditor', 'system')",
            name="ck_side_invitation_role",
        ),
        sa.CheckConstraint("side IN ('borrower', 'lender')", name="ck_side_invitation_side"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_side_invitation_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_side_invitation_case_id"),
        sa.ForeignKeyConstraint(["invited_by"], ["account.id"], name="fk_side_invitation_invited_by"),
        sa.PrimaryKeyConstraint("id", name="pk_side_invitation"),
        sa.UniqueConstraint("code_hash", name="uq_side_invitation_code_hash"),
    )
    op.create_index("ix_side_invitation_case", "side_invitation", ["case_id"], unique=False)
    op.create_index("ix_side_invitation_account", "side_invitation", ["account_id", "case_id"], unique=False)
    op.create_table(
        "advice_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('borrower', 'lender')", name="ck_advice_note_side"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_advice_note_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_advice_note_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_advice_note"),
    )
    op.create_index("ix_advice_note_case", "advice_note", ["case_id", "side", "given_at"], unique=False)


def downgrade() -> None:
    """Both tables go."""
    op.drop_table("advice_note")
    op.drop_table("side_invitation")
