"""What time has decided is written before a page shows it: by a reading request, in a short transaction of its own."""

from collections.abc import Callable

from flask import current_app
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mediation import db
from mediation.web import guard


def write_first(write: Callable[[Session], None]) -> bool:
    """Whether it is written now; where somebody else is writing all the while, the page is shown without it."""
    watch: guard.Guard = current_app.extensions["mediation_guard"]
    try:
        with db.transaction(watch.engine, watch.info) as session:
            write(session)
    except DBAPIError as broken:
        if not guard.is_busy(broken):
            raise
        return False
    return True
