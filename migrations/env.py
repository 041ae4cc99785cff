"""Alembic's environment: one explicit transaction per run, on SQLite too; imports no model."""

from alembic import context

from mediation import db


def run() -> None:
    """Bring the database that the caller names to the revision asked for."""
    engine = db.make_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
