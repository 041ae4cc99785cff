"""Messages that their sender may still take back, what may be passed on, and drafts of messages.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ROOMS = "room IN ('joint', 'caucus-borrower', 'caucus-lender', 'notes')"
ROLES = "role IN ('borrower', 'lender', 'mediator', 'registrar', 'adviser', 'auditor', 'system')"


def upgrade() -> None:
    """Four tables; messages that were sent before stay as they are."""
    op.create_table(
        "held_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=12), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("may_pass_on", sa.Boolean(), nullable=False),
        sa.Column("passes_on_id", sa.Uuid(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_held_message_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_held_message_case_id"),
        sa.ForeignKeyConstraint(["passes_on_id"], ["message.id"], name="fk_held_message_passes_on_id"),
        sa.CheckConstraint(ROOMS, name="ck_held_message_room"),
        sa.CheckConstraint(ROLES, name="ck_held_message_role"),
        sa.PrimaryKeyConstraint("id", name="pk_held_message"),
        sa.UniqueConstraint("passes_on_id", name="uq_held_message_passes_on_id"),
    )
    op.create_index("ix_held_message_case", "held_message", ["case_id", "sent_at", "id"], unique=False)
    op.create_table(
        "leave_to_pass_on",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_leave_to_pass_on_message_id"),
        sa.PrimaryKeyConstraint("message_id", name="pk_leave_to_pass_on"),
    )
    op.create_table(
        "passed_on",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_passed_on_message_id"),
        sa.ForeignKeyConstraint(["source_id"], ["message.id"], name="fk_passed_on_source_id"),
        sa.PrimaryKeyConstraint("message_id", name="pk_passed_on"),
        sa.UniqueConstraint("source_id", name="uq_passed_on_source_id"),
    )
    op.create_table(
        "message_draft",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("page", sa.String(length=64), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_message_draft_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_message_draft_case_id"),
        sa.CheckConstraint(ROOMS, name="ck_message_draft_room"),
        sa.PrimaryKeyConstraint("account_id", "case_id", "room", name="pk_message_draft"),
    )
    op.create_index("ix_message_draft_kept", "message_draft", ["kept_at"], unique=False)


def downgrade() -> None:
    """What waits is said or taken back before this goes down; the tables go."""
    for table in ("message_draft", "passed_on", "leave_to_pass_on", "held_message"):
        op.drop_table(table)
