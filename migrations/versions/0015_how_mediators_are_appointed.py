"""The panel's particulars, draws, objections with a reason, how cases came out, and independence cards.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Written once, with what no second row may repeat.
WRITTEN_ONCE = {
    "share_rule": ("institution_id", "version"),
    "appointment_reason": ("appointment_id",),
    "draw_number": ("draw_id", "side"),
    "case_outcome": ("case_id",),
    "independence_card": ("appointment_id",),
}
# Rows that move on, and what of them never changes.
FIXED = {
    "draw": ("case_id", "seed_sealed", "seed_sha256", "list_text", "list_sha256", "opened_at", "ends_at"),
    "reasoned_objection": ("case_id", "appointment_id", "side", "reason_sealed", "made_at"),
}
ALSO_UNIQUE = {"independence_card": "sha256 = NEW.sha256"}


def _raise_walls_on_sqlite() -> None:
    stop = "SELECT RAISE(ABORT, 'append-only')"
    keys = {**WRITTEN_ONCE, **dict.fromkeys(FIXED, ("id",))}
    for table, columns in keys.items():
        same = " AND ".join(f"{column} = NEW.{column}" for column in columns)
        same = f"({same}) OR {ALSO_UNIQUE[table]}" if table in ALSO_UNIQUE else same
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {stop}; END")
        # INSERT OR REPLACE goes round a DELETE trigger.
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {stop}; END"
        )
    for table in WRITTEN_ONCE:
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {stop}; END")
    for table, columns in FIXED.items():
        changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
        op.execute(f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} WHEN {changed} BEGIN {stop}; END")


def _raise_walls_on_postgresql() -> None:
    for table in WRITTEN_ONCE:
        _trigger(table, "written_once", "BEFORE UPDATE OR DELETE", "ROW")
    for table, columns in FIXED.items():
        _trigger(table, "no_delete", "BEFORE DELETE", "ROW")
        changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed}) "
            "EXECUTE FUNCTION mediation_append_only()"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_fixed")
    for table in [*WRITTEN_ONCE, *FIXED]:
        _trigger(table, "no_truncate", "BEFORE TRUNCATE", "STATEMENT")


def _trigger(table: str, name: str, when: str, each: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_{name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION mediation_append_only()"
    )
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}")


def _one_of(table: str, column: str, *words: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({', '.join(map(repr, words))})", name=f"ck_{table}_{column}")


def _panel() -> None:
    op.create_table(
        "panel_entry",
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(length=200), nullable=False),
        sa.Column("paid_by", sa.String(length=40), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("most_open", sa.Integer(), nullable=False),
        sa.Column("kept_by", sa.Uuid(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_panel_entry_institution_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_panel_entry_account_id"),
        sa.ForeignKeyConstraint(["kept_by"], ["account.id"], name="fk_panel_entry_kept_by"),
        _one_of("panel_entry", "paid_by", "public", "institution", "lender", "both_sides"),
        sa.PrimaryKeyConstraint("institution_id", "account_id", name="pk_panel_entry"),
    )
    op.create_table(
        "panel_language",
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_panel_language_institution_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_panel_language_account_id"),
        _one_of("panel_language", "language", "cmn", "yue", "eng", "uig", "bod", "mon", "csl"),
        sa.PrimaryKeyConstraint("institution_id", "account_id", "language", name="pk_panel_language"),
    )
    op.create_table(
        "share_rule",
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("from_cases", sa.Integer(), nullable=True),
        sa.Column("kept_by", sa.Uuid(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_share_rule_institution_id"),
        sa.ForeignKeyConstraint(["kept_by"], ["account.id"], name="fk_share_rule_kept_by"),
        sa.PrimaryKeyConstraint("institution_id", "version", name="pk_share_rule"),
    )


def _appointing() -> None:
    op.create_table(
        "appointment_reason",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("despite", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name="fk_appointment_reason_appointment_id"),
        sa.ForeignKeyConstraint(["given_by"], ["account.id"], name="fk_appointment_reason_given_by"),
        sa.PrimaryKeyConstraint("appointment_id", name="pk_appointment_reason"),
    )
    op.create_table(
        "draw",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("seed_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("seed_sha256", sa.String(length=64), nullable=False),
        sa.Column("list_text", sa.Text(), nullable=False),
        sa.Column("list_sha256", sa.String(length=64), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("passed_over", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_draw_case_id"),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name="fk_draw_opened_by"),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name="fk_draw_appointment_id"),
        _one_of("draw", "state", "open", "drawn", "void"),
        sa.PrimaryKeyConstraint("id", name="pk_draw"),
    )
    is_open = sa.text("state = 'open'")
    op.create_index("uq_draw_open", "draw", ["case_id"], unique=True, sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_draw_case", "draw", ["case_id", "opened_at"])
    op.create_table(
        "draw_number",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name="fk_draw_number_draw_id"),
        sa.ForeignKeyConstraint(["given_by"], ["account.id"], name="fk_draw_number_given_by"),
        _one_of("draw_number", "side", "borrower", "lender"),
        sa.PrimaryKeyConstraint("draw_id", "side", name="pk_draw_number"),
    )
    op.create_table(
        "reasoned_objection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_reasoned_objection_case_id"),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name="fk_reasoned_objection_appointment_id"),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name="fk_reasoned_objection_made_by"),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name="fk_reasoned_objection_decided_by"),
        _one_of("reasoned_objection", "side", "borrower", "lender"),
        sa.PrimaryKeyConstraint("id", name="pk_reasoned_objection"),
    )
    waits = sa.text("decided_at IS NULL")
    op.create_index(
        "uq_reasoned_objection_waiting", "reasoned_objection", ["appointment_id", "side"],
        unique=True, sqlite_where=waits, postgresql_where=waits,
    )  # fmt: skip
    op.create_index("ix_reasoned_objection_case", "reasoned_objection", ["case_id", "made_at"])


def _outcomes() -> None:
    stages = (
        "draft", "submitted", "accepted", "rejected", "invited", "joined", "appointed", "open", "terms_agreed",
        "signing", "in_force", "performed", "breached", "cured", "ended", "unreachable", "paused", "suspended",
        "declined", "lapsed", "withdrawn", "unsuitable", "referred", "not_settled",
    )  # fmt: skip
    op.create_table(
        "case_outcome",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("mediator_id", sa.Uuid(), nullable=True),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("claimed", sa.BigInteger(), nullable=False),
        sa.Column("principal_waived", sa.BigInteger(), nullable=False),
        sa.Column("interest_waived", sa.BigInteger(), nullable=False),
        sa.Column("penalty_waived", sa.BigInteger(), nullable=False),
        sa.Column("fees_waived", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("objections", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_case_outcome_case_id"),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_case_outcome_institution_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_case_outcome_organisation_id"),
        sa.ForeignKeyConstraint(["mediator_id"], ["account.id"], name="fk_case_outcome_mediator_id"),
        _one_of("case_outcome", "stage", *stages),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_outcome"),
    )
    op.create_index("ix_case_outcome_mediator", "case_outcome", ["mediator_id", "institution_id", "closed_at"])
    op.create_table(
        "independence_card",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name="fk_independence_card_appointment_id"),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_independence_card_institution_id"),
        sa.PrimaryKeyConstraint("appointment_id", name="pk_independence_card"),
        sa.UniqueConstraint("sha256", name="uq_independence_card_sha256"),
    )
    op.create_index("ix_independence_card_institution", "independence_card", ["institution_id", "made_at"])
    op.create_index("ix_appointment_mediator", "appointment", ["mediator_id", "accepted_at"])


def upgrade() -> None:
    """The tables, then the triggers that keep what must not change."""
    _panel()
    _appointing()
    _outcomes()
    if op.get_bind().dialect.name == "sqlite":
        _raise_walls_on_sqlite()
    else:
        _raise_walls_on_postgresql()


def downgrade() -> None:
    """The tables go, and their triggers with them."""
    op.drop_index("ix_appointment_mediator", "appointment")
    for table in (
        "independence_card", "case_outcome", "reasoned_objection", "draw_number", "draw", "appointment_reason",
        "share_rule", "panel_language", "panel_entry",
    ):  # fmt: skip
        op.drop_table(table)
