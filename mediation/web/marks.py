"""Reading marks: what a reading request may note down, after its answer, in a short transaction of its own."""

from collections.abc import Callable

from flask import Response, after_this_request, current_app
from sqlalchemy.orm import Session

from mediation import db

OK = 200


def note_after_answer(write: Callable[[Session], None]) -> None:
    """Once this page has been answered well, the mark is written; the page itself has only read."""

    @after_this_request
    def note(response: Response) -> Response:
        if response.status_code == OK:
            guard = current_app.extensions["mediation_guard"]
            with db.transaction(guard.engine, guard.info) as session:
                write(session)
        return response
