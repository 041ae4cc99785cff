"""Log lines: one JSON object each, of named fields only, so that nothing personal gets into them by accident."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

from flask import Flask, Response, g, request

FIELDS = ("event", "job", "kind", "attempts", "method", "route", "status", "ms", "check")
TOP = Path(__file__).resolve().parents[2]

log = logging.getLogger("mediation.requests")


class Line(logging.Formatter):
    """One event as one line of JSON; of an exception its kind and where, never what it says."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. Only our own loggers are trusted to say in words what happened."""
        ours = record.name.split(".")[0] == "mediation"
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "says": record.getMessage() if ours else str(record.msg),
        }
        line.update({name: getattr(record, name) for name in FIELDS if hasattr(record, name)})
        if record.exc_info and record.exc_info[1] is not None:
            line["error"], line["where"] = _broken(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def set_up(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """From now on this process writes its log lines to that stream, stderr by default."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Line())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("mediation").setLevel(level)


def install(app: Flask) -> None:
    """Each request leaves a line: the rule of its route, never its address, which names a case."""

    @app.before_request
    def begin() -> None:
        g.began = perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        if request.endpoint != "static" and log.isEnabledFor(logging.INFO):
            log.info("request", extra=_facts(response))
        return response


def _facts(response: Response) -> dict[str, Any]:
    return {
        "event": "request",
        "method": request.method,
        "route": request.url_rule.rule if request.url_rule else "",
        "status": response.status_code,
        "ms": round((perf_counter() - g.get("began", perf_counter())) * 1000, 1),
    }


def _broken(error: BaseException) -> tuple[str, list[str]]:
    frames = traceback.extract_tb(error.__traceback__)
    return type(error).__name__, [f"{_shown(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames[-12:]]


def _shown(name: str) -> str:
    path = Path(name)
    return str(path.relative_to(TOP)) if path.is_relative_to(TOP) else "/".join(path.parts[-2:])
