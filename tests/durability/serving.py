"""The product as a web server loads it, on the day of the tests: `gunicorn tests.durability.serving:app`."""

import os
from datetime import datetime, timedelta
from time import time

from flask import Response

from mediation.app import create_app

STARTS_AT = datetime.fromisoformat(os.environ["TEST_STARTS_AT"])
BEGAN = float(os.environ["TEST_BEGAN"])


def now() -> datetime:
    """The moment: the tests' day, going on at the speed of this machine's clock."""
    return STARTS_AT + timedelta(seconds=time() - BEGAN)


app = create_app(now=now)


@app.after_request
def _name_process(response: Response) -> Response:
    response.headers["X-Process"] = str(os.getpid())
    return response
