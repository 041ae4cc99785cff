"""The first tables: institutions, cases, negotiations, agreements, the record, the outbox; and their walls.

Rules of a migration: finished by hand; imports no model; suits the code that is already running; goes down
again; never edited once landed; data and schema are two migrations; a table protected by triggers is never
rebuilt in batch mode, or its triggers are made again in the same migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Rows that are written once: no UPDATE, no DELETE, no INSERT OR REPLACE, no TRUNCATE.
APPEND_ONLY = {
    "record_thread": ("id",),
    "record_entry": ("thread_id", "seq"),
    "claim": ("id",),
    "undertaking": ("case_id",),
    "consent": ("id",),
    "declination": ("case_id",),
    "rejection": ("case_id",),
    "appointment_answer": ("appointment_id", "side"),
    "acceptance": ("id",),
    "signature": ("id",),
}
# Rows that may be deleted (erasure leaves the proof standing) but never changed.
NEVER_CHANGED = {"record_body": ("thread_id", "seq")}
# Columns that are written once in rows that otherwise move on; such rows are never deleted.
FIXED = {
    "offer": ("negotiation_id", "number", "side", "claim_version", "document", "sha256", "made_at"),
    "agreement": ("case_id", "offer_id", "version", "number", "document", "document_sha256"),
    "record_head": ("thread_id",),
}


def _raise_walls() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _raise_walls_on_sqlite()
    else:
        _raise_walls_on_postgresql()


def _raise_walls_on_sqlite() -> None:
    stop = "SELECT RAISE(ABORT, 'append-only')"
    for table, key in {**APPEND_ONLY, **NEVER_CHANGED}.items():
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {stop}; END")
        # INSERT OR REPLACE goes round a DELETE trigger.
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {stop}; END"
        )
    for table in [*APPEND_ONLY, *FIXED]:
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {stop}; END")
    for table, columns in FIXED.items():
        changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
        op.execute(f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} WHEN {changed} BEGIN {stop}; END")
        same = "thread_id = NEW.thread_id" if table == "record_head" else "id = NEW.id"
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {stop}; END"
        )
    op.execute(
        "CREATE TRIGGER record_head_append BEFORE UPDATE ON record_head WHEN NEW.size <> OLD.size + 1 OR NOT EXISTS "
        f"(SELECT 1 FROM record_entry WHERE thread_id = OLD.thread_id AND seq = OLD.size) BEGIN {stop}; END"
    )
    op.execute(f"CREATE TRIGGER record_head_begin BEFORE INSERT ON record_head WHEN NEW.size <> 0 BEGIN {stop}; END")


def _raise_walls_on_postgresql() -> None:
    _define(
        "mediation_append_only",
        "RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';",
    )
    for table in APPEND_ONLY:
        _trigger(table, "written_once", "BEFORE UPDATE OR DELETE", "ROW", "mediation_append_only()")
    for table in NEVER_CHANGED:
        _trigger(table, "written_once", "BEFORE UPDATE", "ROW", "mediation_append_only()")
    for table in FIXED:
        _trigger(table, "no_delete", "BEFORE DELETE", "ROW", "mediation_append_only()")
    for table in [*APPEND_ONLY, *NEVER_CHANGED, *FIXED]:
        _trigger(table, "no_truncate", "BEFORE TRUNCATE", "STATEMENT", "mediation_append_only()")
    for table, columns in FIXED.items():
        changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed}) "
            "EXECUTE FUNCTION mediation_append_only()"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_fixed")
    _define(
        "mediation_head_append",
        "IF TG_OP = 'INSERT' AND NEW.size <> 0 OR TG_OP = 'UPDATE' AND (NEW.size <> OLD.size + 1 OR NOT EXISTS "
        "(SELECT 1 FROM record_entry WHERE thread_id = OLD.thread_id AND seq = OLD.size)) "
        "THEN RAISE EXCEPTION 'append-only: record_head' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;",
    )
    _trigger("record_head", "append", "BEFORE INSERT OR UPDATE", "ROW", "mediation_head_append()")


def _define(name: str, body: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")


def _trigger(table: str, name: str, when: str, each: str, function: str) -> None:
    op.execute(f"CREATE TRIGGER {table}_{name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}")


def _take_walls_down() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION mediation_append_only() CASCADE")
        op.execute("DROP FUNCTION mediation_head_append() CASCADE")
        return
    found = op.get_bind().execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"))
    for name in found.scalars().all():
        op.execute(f"DROP TRIGGER {name}")


def upgrade() -> None:
    """Every table and index, then the triggers that keep what must not change."""
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sign_in_name", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("sign_in_name", name="uq_account_sign_in_name"),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("route", sa.String(length=300), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(length=500), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name="pk_idempotency_key"),
    )
    op.create_index("ix_idempotency_key_kept", "idempotency_key", ["kept_at"], unique=False)
    op.create_table(
        "institution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("domain", sa.String(length=200), nullable=False),
        sa.Column("telephone", sa.String(length=40), nullable=False),
        sa.Column("legal_aid", sa.String(length=200), nullable=False),
        sa.Column("legal_aid_telephone", sa.String(length=40), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("calendar", sa.String(length=40), nullable=False),
        sa.Column("case_number_pattern", sa.String(length=80), nullable=False),
        sa.Column("agreement_number_pattern", sa.String(length=80), nullable=False),
        sa.Column("round_limit", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_institution"),
        sa.UniqueConstraint("code", name="uq_institution_code"),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("dedup", sa.String(length=200), nullable=True),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("dedup", name="uq_job_dedup"),
    )
    op.create_index(
        "ix_job_due",
        "job",
        ["run_at", "id"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("credit_code", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
        sa.UniqueConstraint("credit_code", name="uq_organisation_credit_code"),
    )
    op.create_table(
        "rate_count",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_rate_count"),
    )
    op.create_table(
        "authority_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("covers_settlement", sa.Boolean(), nullable=False),
        sa.Column("valid_from_on", sa.Date(), nullable=False),
        sa.Column("valid_until_on", sa.Date(), nullable=False),
        sa.Column("kept_by", sa.Uuid(), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_authority_document_account_id"),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_authority_document_institution_id"),
        sa.ForeignKeyConstraint(["kept_by"], ["account.id"], name="fk_authority_document_kept_by"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_authority_document_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_authority_document"),
    )
    op.create_index(
        "ix_authority_document_account", "authority_document", ["account_id", "institution_id"], unique=False
    )
    op.create_table(
        "case_counter",
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_case_counter_institution_id"),
        sa.PrimaryKeyConstraint("institution_id", "year", "series", name="pk_case_counter"),
    )
    op.create_table(
        "column_mapping",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("header_key", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_column_mapping_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_column_mapping"),
        sa.UniqueConstraint("organisation_id", "header_key", name="uq_column_mapping_organisation_id_header_key"),
    )
    op.create_table(
        "engagement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("lender_type", sa.String(length=40), nullable=False),
        sa.Column("licence", sa.String(length=120), nullable=False),
        sa.Column("service_address", sa.String(length=300), nullable=False),
        sa.Column("payee_name", sa.String(length=200), nullable=False),
        sa.Column("payee_bank", sa.String(length=200), nullable=False),
        sa.Column("payee_account", sa.String(length=60), nullable=False),
        sa.Column("kept_by", sa.Uuid(), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_engagement_institution_id"),
        sa.ForeignKeyConstraint(["kept_by"], ["account.id"], name="fk_engagement_kept_by"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_engagement_organisation_id"),
        sa.CheckConstraint(
            "lender_type IN ('bank', 'consumer_finance', 'micro_lender', 'asset_manager', 'guarantor', 'private')",
            name="ck_engagement_lender_type",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_engagement"),
        sa.UniqueConstraint("institution_id", "organisation_id", name="uq_engagement_institution_id_organisation_id"),
    )
    op.create_table(
        "loan_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("rounding", sa.String(length=20), nullable=False),
        sa.Column("fit_matched", sa.Integer(), nullable=False),
        sa.Column("fit_total", sa.Integer(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("changed_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_loan_import_account_id"),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_loan_import_institution_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_loan_import_organisation_id"),
        sa.CheckConstraint("state IN ('uploaded', 'imported', 'discarded')", name="ck_loan_import_state"),
        sa.PrimaryKeyConstraint("id", name="pk_loan_import"),
    )
    op.create_index(
        "ix_loan_import_organisation", "loan_import", ["institution_id", "organisation_id", "created_at"], unique=False
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_membership_account_id"),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_membership_institution_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_membership_organisation_id"),
        sa.CheckConstraint(
            "role IN ('borrower', 'lender', 'mediator', 'registrar', 'adviser', 'auditor', 'system')",
            name="ck_membership_role",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
    )
    op.create_index("ix_membership_account", "membership", ["account_id"], unique=False)
    op.create_index(
        "uq_membership_current",
        "membership",
        ["account_id", "institution_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "one_time_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_one_time_code_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_one_time_code"),
    )
    op.create_index("ix_one_time_code_account", "one_time_code", ["account_id"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_sign_in_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in"),
        sa.UniqueConstraint("token_sha256", name="uq_sign_in_token_sha256"),
    )
    op.create_index("ix_sign_in_account", "sign_in", ["account_id"], unique=False)
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=12), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_stored_file_institution_id"),
        sa.PrimaryKeyConstraint("id", name="pk_stored_file"),
        sa.UniqueConstraint("institution_id", "sha256", name="uq_stored_file_institution_id_sha256"),
    )
    op.create_table(
        "loan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("row_sha256", sa.String(length=64), nullable=False),
        sa.Column("contract_number", sa.String(length=120), nullable=False),
        sa.Column("borrower_name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("id_tail", sa.String(length=4), nullable=False),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("product", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("principal", sa.BigInteger(), nullable=True),
        sa.Column("yearly_rate", sa.String(40), nullable=True),
        sa.Column("term", sa.Integer(), nullable=True),
        sa.Column("instalment", sa.BigInteger(), nullable=True),
        sa.Column("disbursed_on", sa.Date(), nullable=True),
        sa.Column("first_due_on", sa.Date(), nullable=True),
        sa.Column("outstanding_principal", sa.BigInteger(), nullable=True),
        sa.Column("paid_instalments", sa.Integer(), nullable=True),
        sa.Column("paid_total", sa.BigInteger(), nullable=True),
        sa.Column("overdue_since_on", sa.Date(), nullable=True),
        sa.Column("overdue_days", sa.Integer(), nullable=True),
        sa.Column("interest_due", sa.BigInteger(), nullable=True),
        sa.Column("penalty_due", sa.BigInteger(), nullable=True),
        sa.Column("fees_due", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=120), nullable=False),
        sa.Column("original_lender", sa.String(length=200), nullable=False),
        sa.Column("original_contract", sa.String(length=120), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["loan_import.id"], name="fk_loan_import_id"),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_loan_institution_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_loan_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_loan"),
        sa.UniqueConstraint(
            "institution_id",
            "organisation_id",
            "contract_number",
            name="uq_loan_institution_id_organisation_id_contract_number",
        ),
    )
    op.create_index("ix_loan_import", "loan", ["import_id", "row_number"], unique=False)
    op.create_index(
        "ix_loan_overdue", "loan", ["institution_id", "organisation_id", "overdue_days", "id"], unique=False
    )
    op.create_table(
        "mediation_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("contract_number", sa.String(length=120), nullable=False),
        sa.Column("borrower_name", sa.String(length=120), nullable=False),
        sa.Column("borrower_phone", sa.String(length=40), nullable=False),
        sa.Column("borrower_email", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("calendar", sa.String(length=40), nullable=False),
        sa.Column("rounding", sa.String(length=20), nullable=False),
        sa.Column("court_status", sa.String(length=40), nullable=False),
        sa.Column("borrower_court_status", sa.String(length=40), nullable=True),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("claim_total", sa.BigInteger(), nullable=False),
        sa.Column("claim_version", sa.Integer(), nullable=False),
        sa.Column("mediator_id", sa.Uuid(), nullable=True),
        sa.Column("turn", sa.String(length=40), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline_kind", sa.String(length=40), nullable=False),
        sa.Column("mediation_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closing_reason", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_mediation_case_institution_id"),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name="fk_mediation_case_loan_id"),
        sa.ForeignKeyConstraint(["mediator_id"], ["account.id"], name="fk_mediation_case_mediator_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_mediation_case_organisation_id"),
        sa.CheckConstraint(
            "court_status IN ('none', 'filed', 'judgment', 'enforcement')", name="ck_mediation_case_court_status"
        ),
        sa.CheckConstraint(
            "borrower_court_status IN ('none', 'filed', 'judgment', 'enforcement')",
            name="ck_mediation_case_borrower_court_status",
        ),
        sa.CheckConstraint(
            "stage IN ('draft', 'submitted', 'accepted', 'rejected', 'invited', 'joined', 'appointed', 'open', 'terms_agreed', 'signing', 'in_force', 'performed', 'breached', 'cured', 'ended', 'unreachable', 'paused', 'suspended', 'declined', 'lapsed', 'withdrawn', 'unsuitable', 'referred', 'not_settled')",
            name="ck_mediation_case_stage",
        ),
        sa.CheckConstraint(
            "turn IN ('borrower', 'lender', 'mediator', 'registrar', 'adviser', 'auditor', 'system')",
            name="ck_mediation_case_turn",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mediation_case"),
        sa.UniqueConstraint("number", name="uq_mediation_case_number"),
    )
    op.create_index(
        "ix_mediation_case_institution",
        "mediation_case",
        ["institution_id", "turn", "deadline_at", "id", "stage"],
        unique=False,
    )
    op.create_index(
        "ix_mediation_case_institution_ended",
        "mediation_case",
        ["institution_id", "moved_at", "id"],
        unique=False,
        sqlite_where=sa.text(
            "stage IN ('rejected', 'performed', 'ended', 'declined', 'lapsed', 'withdrawn', 'unsuitable', 'referred', 'not_settled')"
        ),
        postgresql_where=sa.text(
            "stage IN ('rejected', 'performed', 'ended', 'declined', 'lapsed', 'withdrawn', 'unsuitable', 'referred', 'not_settled')"
        ),
    )
    op.create_index(
        "ix_mediation_case_institution_moved", "mediation_case", ["institution_id", "moved_at", "id"], unique=False
    )
    op.create_index(
        "ix_mediation_case_institution_stage",
        "mediation_case",
        ["institution_id", "stage", "moved_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_mediation_case_mediator",
        "mediation_case",
        ["mediator_id", "institution_id", "turn", "deadline_at", "id", "stage"],
        unique=False,
    )
    op.create_index(
        "ix_mediation_case_mediator_ended",
        "mediation_case",
        ["mediator_id", "institution_id", "moved_at", "id"],
        unique=False,
        sqlite_where=sa.text(
            "stage IN ('rejected', 'performed', 'ended', 'declined', 'lapsed', 'withdrawn', 'unsuitable', 'referred', 'not_settled')"
        ),
        postgresql_where=sa.text(
            "stage IN ('rejected', 'performed', 'ended', 'declined', 'lapsed', 'withdrawn', 'unsuitable', 'referred', 'not_settled')"
        ),
    )
    op.create_index(
        "ix_mediation_case_mediator_moved",
        "mediation_case",
        ["mediator_id", "institution_id", "moved_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_mediation_case_organisation",
        "mediation_case",
        ["organisation_id", "institution_id", "turn", "deadline_at", "id", "stage"],
        unique=False,
    )
    op.create_index(
        "ix_mediation_case_organisation_ended",
        "mediation_case",
        ["organisation_id", "institution_id", "moved_at", "id"],
        unique=False,
        sqlite_where=sa.text(
            "stage IN ('rejected', 'performed', 'ended', 'declined', 'lapsed', 'withdrawn', 'unsuitable', 'referred', 'not_settled')"
        ),
        postgresql_where=sa.text(
            "stage IN ('rejected', 'performed', 'ended', 'declined', 'lapsed', 'withdrawn', 'unsuitable', 'referred', 'not_settled')"
        ),
    )
    op.create_index(
        "ix_mediation_case_organisation_moved",
        "mediation_case",
        ["organisation_id", "institution_id", "moved_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_mediation_case_contract",
        "mediation_case",
        ["institution_id", "organisation_id", "contract_number"],
        unique=True,
        sqlite_where=sa.text(
            "stage IN ('draft', 'submitted', 'accepted', 'invited', 'joined', 'appointed', 'open', 'terms_agreed', 'signing', 'in_force', 'breached', 'cured', 'unreachable', 'paused', 'suspended')"
        ),
        postgresql_where=sa.text(
            "stage IN ('draft', 'submitted', 'accepted', 'invited', 'joined', 'appointed', 'open', 'terms_agreed', 'signing', 'in_force', 'breached', 'cured', 'unreachable', 'paused', 'suspended')"
        ),
    )
    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("mediator_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("declaration", sa.String(length=500), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objections_end_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_appointment_case_id"),
        sa.ForeignKeyConstraint(["mediator_id"], ["account.id"], name="fk_appointment_mediator_id"),
        sa.ForeignKeyConstraint(["proposed_by"], ["account.id"], name="fk_appointment_proposed_by"),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'objection_window', 'confirmed', 'objected', 'replaced', 'declined', 'recused')",
            name="ck_appointment_state",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_appointment"),
    )
    op.create_index("ix_appointment_case", "appointment", ["case_id"], unique=False)
    op.create_table(
        "capacity_report",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_capacity_report_case_id"),
        sa.ForeignKeyConstraint(["reported_by"], ["account.id"], name="fk_capacity_report_reported_by"),
        sa.CheckConstraint("side IN ('borrower', 'lender')", name="ck_capacity_report_side"),
        sa.PrimaryKeyConstraint("case_id", name="pk_capacity_report"),
    )
    op.create_table(
        "claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("as_of_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("principal_due", sa.BigInteger(), nullable=False),
        sa.Column("principal_not_due", sa.BigInteger(), nullable=False),
        sa.Column("interest", sa.BigInteger(), nullable=False),
        sa.Column("penalty", sa.BigInteger(), nullable=False),
        sa.Column("fees", sa.BigInteger(), nullable=False),
        sa.Column("principal_basis", sa.String(length=500), nullable=False),
        sa.Column("interest_basis", sa.String(length=500), nullable=False),
        sa.Column("penalty_basis", sa.String(length=500), nullable=False),
        sa.Column("fees_basis", sa.String(length=500), nullable=False),
        sa.Column("accelerated", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.String(length=40), nullable=False),
        sa.Column("original_lender", sa.String(length=200), nullable=False),
        sa.Column("original_contract", sa.String(length=120), nullable=False),
        sa.Column("kept_by", sa.Uuid(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_claim_case_id"),
        sa.ForeignKeyConstraint(["kept_by"], ["account.id"], name="fk_claim_kept_by"),
        sa.CheckConstraint("basis IN ('original', 'assigned', 'subrogated', 'entrusted')", name="ck_claim_basis"),
        sa.PrimaryKeyConstraint("id", name="pk_claim"),
        sa.UniqueConstraint("case_id", "version", name="uq_claim_case_id_version"),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_consent_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_consent_case_id"),
        sa.CheckConstraint(
            "purpose IN ('mediation', 'personal_data', 'share_with_lender', 'electronic_service')",
            name="ck_consent_purpose",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
        sa.UniqueConstraint("case_id", "account_id", "purpose", name="uq_consent_case_id_account_id_purpose"),
    )
    op.create_table(
        "declination",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_declination_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_declination_case_id"),
        sa.CheckConstraint(
            "reason IN ('already_tried', 'unsure', 'would_not_solve', 'no_delay', 'want_court', 'other')",
            name="ck_declination_reason",
        ),
        sa.PrimaryKeyConstraint("case_id", name="pk_declination"),
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("number_tail", sa.String(length=4), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("how_checked", sa.String(length=40), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_identity_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_identity_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_identity"),
        sa.UniqueConstraint("case_id", "account_id", name="uq_identity_case_id_account_id"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=8), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_as", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_invitation_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_invitation_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("code_hash", name="uq_invitation_code_hash"),
        sa.UniqueConstraint("number", name="uq_invitation_number"),
    )
    op.create_index("ix_invitation_case", "invitation", ["case_id"], unique=False)
    op.create_table(
        "joint_room",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_joint_room_case_id"),
        sa.ForeignKeyConstraint(["changed_by"], ["account.id"], name="fk_joint_room_changed_by"),
        sa.PrimaryKeyConstraint("case_id", name="pk_joint_room"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=12), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_message_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_message_case_id"),
        sa.CheckConstraint("room IN ('joint', 'caucus-borrower', 'caucus-lender', 'notes')", name="ck_message_room"),
        sa.CheckConstraint(
            "role IN ('borrower', 'lender', 'mediator', 'registrar', 'adviser', 'auditor', 'system')",
            name="ck_message_role",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
    )
    op.create_index("ix_message_room", "message", ["case_id", "room", "sent_at", "id"], unique=False)
    op.create_table(
        "negotiation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("round_limit", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_negotiation_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_negotiation"),
    )
    op.create_index(
        "uq_negotiation_current",
        "negotiation",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_notice_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_notice_case_id"),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_notice_institution_id"),
        sa.CheckConstraint("channel IN ('mail', 'letter', 'in_app')", name="ck_notice_channel"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
    )
    op.create_index("ix_notice_account", "notice", ["account_id", "made_at"], unique=False)
    op.create_index("ix_notice_case", "notice", ["case_id"], unique=False)
    op.create_table(
        "reading_mark",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.String(length=40), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_reading_mark_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_reading_mark_case_id"),
        sa.CheckConstraint(
            "room IN ('joint', 'caucus-borrower', 'caucus-lender', 'notes')", name="ck_reading_mark_room"
        ),
        sa.PrimaryKeyConstraint("account_id", "case_id", "room", name="pk_reading_mark"),
    )
    op.create_table(
        "record_thread",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_record_thread_case_id"),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_record_thread_institution_id"),
        sa.CheckConstraint(
            "name IN ('case', 'caucus-borrower', 'caucus-lender', 'mediator-notes', 'institution')",
            name="ck_record_thread_name",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_record_thread"),
        sa.UniqueConstraint("case_id", "name", name="uq_record_thread_case_id_name"),
        sa.UniqueConstraint("origin", name="uq_record_thread_origin"),
    )
    op.create_table(
        "rejection",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rejected_by", sa.Uuid(), nullable=False),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_rejection_case_id"),
        sa.ForeignKeyConstraint(["rejected_by"], ["account.id"], name="fk_rejection_rejected_by"),
        sa.PrimaryKeyConstraint("case_id", name="pk_rejection"),
    )
    op.create_table(
        "search_token",
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_search_token_case_id"),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_search_token_institution_id"),
        sa.PrimaryKeyConstraint("institution_id", "token", "case_id", name="pk_search_token"),
    )
    op.create_index("ix_search_token_case", "search_token", ["case_id"], unique=False)
    op.create_table(
        "seat",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("signs", sa.Boolean(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_seat_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_seat_case_id"),
        sa.CheckConstraint(
            "role IN ('borrower', 'lender', 'mediator', 'registrar', 'adviser', 'auditor', 'system')",
            name="ck_seat_role",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_seat"),
    )
    op.create_index("ix_seat_account", "seat", ["account_id", "case_id"], unique=False)
    op.create_index(
        "uq_seat_current",
        "seat",
        ["case_id", "account_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "undertaking",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("collection_paused", sa.Boolean(), nullable=False),
        sa.Column("outsourcing_paused", sa.Boolean(), nullable=False),
        sa.Column("assignment_paused", sa.Boolean(), nullable=False),
        sa.Column("interest_runs", sa.Boolean(), nullable=False),
        sa.Column("penalty_runs", sa.Boolean(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_undertaking_case_id"),
        sa.ForeignKeyConstraint(["given_by"], ["account.id"], name="fk_undertaking_given_by"),
        sa.PrimaryKeyConstraint("case_id", name="pk_undertaking"),
    )
    op.create_table(
        "appointment_answer",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("objects", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_appointment_answer_account_id"),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointment.id"], name="fk_appointment_answer_appointment_id"),
        sa.CheckConstraint("side IN ('borrower', 'lender')", name="ck_appointment_answer_side"),
        sa.PrimaryKeyConstraint("appointment_id", "side", name="pk_appointment_answer"),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name="fk_delivery_notice_id"),
        sa.CheckConstraint("state IN ('sent', 'failed')", name="ck_delivery_state"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("notice_id", "attempt", name="uq_delivery_notice_id_attempt"),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("negotiation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("counters", sa.Integer(), nullable=True),
        sa.Column("claim_version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shows_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_offer_account_id"),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_offer_case_id"),
        sa.ForeignKeyConstraint(["negotiation_id"], ["negotiation.id"], name="fk_offer_negotiation_id"),
        sa.CheckConstraint("side IN ('borrower', 'lender')", name="ck_offer_side"),
        sa.CheckConstraint(
            "status IN ('held', 'open', 'countered', 'accepted', 'declined', 'withdrawn', 'lapsed', 'superseded', 'void')",
            name="ck_offer_status",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_offer"),
        sa.UniqueConstraint("negotiation_id", "number", name="uq_offer_negotiation_id_number"),
    )
    op.create_index("ix_offer_case", "offer", ["case_id", "number"], unique=False)
    op.create_index(
        "uq_offer_accepted",
        "offer",
        ["negotiation_id"],
        unique=True,
        sqlite_where=sa.text("status = 'accepted'"),
        postgresql_where=sa.text("status = 'accepted'"),
    )
    op.create_index(
        "uq_offer_open",
        "offer",
        ["negotiation_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "record_body",
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=12), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["record_thread.id"], name="fk_record_body_thread_id"),
        sa.PrimaryKeyConstraint("thread_id", "seq", name="pk_record_body"),
    )
    op.create_table(
        "record_entry",
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["record_thread.id"], name="fk_record_entry_thread_id"),
        sa.PrimaryKeyConstraint("thread_id", "seq", name="pk_record_entry"),
    )
    op.create_table(
        "record_head",
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["record_thread.id"], name="fk_record_head_thread_id"),
        sa.PrimaryKeyConstraint("thread_id", name="pk_record_head"),
    )
    op.create_table(
        "acceptance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("offer_sha256", sa.String(length=64), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_acceptance_account_id"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="fk_acceptance_offer_id"),
        sa.CheckConstraint(
            "role IN ('borrower', 'lender', 'mediator', 'registrar', 'adviser', 'auditor', 'system')",
            name="ck_acceptance_role",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_acceptance"),
        sa.UniqueConstraint("offer_id", "account_id", name="uq_acceptance_offer_id_account_id"),
    )
    op.create_table(
        "agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("unsigned_sha256", sa.String(length=64), nullable=True),
        sa.Column("sealed_sha256", sa.String(length=64), nullable=True),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signing_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["mediation_case.id"], name="fk_agreement_case_id"),
        sa.ForeignKeyConstraint(["drafted_by"], ["account.id"], name="fk_agreement_drafted_by"),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_agreement_institution_id"),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name="fk_agreement_offer_id"),
        sa.CheckConstraint(
            "state IN ('draft', 'gate_passed', 'signing', 'awaiting_mediator', 'awaiting_seal', 'awaiting_time_stamp', 'sealed', 'superseded', 'ended', 'declined', 'lapsed', 'voided')",
            name="ck_agreement_state",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_agreement"),
        sa.UniqueConstraint("case_id", "version", name="uq_agreement_case_id_version"),
    )
    op.create_index(
        "uq_agreement_current",
        "agreement",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('declined', 'lapsed', 'voided', 'superseded', 'ended')"),
        postgresql_where=sa.text("state NOT IN ('declined', 'lapsed', 'voided', 'superseded', 'ended')"),
    )
    op.create_table(
        "signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("intent_sha256", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_signature_account_id"),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name="fk_signature_agreement_id"),
        sa.CheckConstraint(
            "role IN ('borrower', 'lender', 'mediator', 'registrar', 'adviser', 'auditor', 'system')",
            name="ck_signature_role",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_signature"),
        sa.UniqueConstraint("agreement_id", "account_id", name="uq_signature_agreement_id_account_id"),
    )
    _raise_walls()


def downgrade() -> None:
    """Nothing is left."""
    _take_walls_down()
    op.drop_table("signature")
    op.drop_table("agreement")
    op.drop_table("acceptance")
    op.drop_table("record_head")
    op.drop_table("record_entry")
    op.drop_table("record_body")
    op.drop_table("offer")
    op.drop_table("delivery")
    op.drop_table("appointment_answer")
    op.drop_table("undertaking")
    op.drop_table("seat")
    op.drop_table("search_token")
    op.drop_table("rejection")
    op.drop_table("record_thread")
    op.drop_table("reading_mark")
    op.drop_table("notice")
    op.drop_table("negotiation")
    op.drop_table("message")
    op.drop_table("joint_room")
    op.drop_table("invitation")
    op.drop_table("identity")
    op.drop_table("declination")
    op.drop_table("consent")
    op.drop_table("claim")
    op.drop_table("capacity_report")
    op.drop_table("appointment")
    op.drop_table("mediation_case")
    op.drop_table("loan")
    op.drop_table("stored_file")
    op.drop_table("sign_in")
    op.drop_table("one_time_code")
    op.drop_table("membership")
    op.drop_table("loan_import")
    op.drop_table("engagement")
    op.drop_table("column_mapping")
    op.drop_table("case_counter")
    op.drop_table("authority_document")
    op.drop_table("rate_count")
    op.drop_table("organisation")
    op.drop_table("job")
    op.drop_table("institution")
    op.drop_table("idempotency_key")
    op.drop_table("account")
