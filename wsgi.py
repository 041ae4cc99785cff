"""What a WSGI server runs: `gunicorn wsgi:app`."""

from mediation.app import create_app
from mediation.web import logs

logs.set_up()
app = create_app()
