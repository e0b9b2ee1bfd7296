"""What the node's processes say to stderr: one line an event, for a person or for a program, and never what was filed.

A fault is said by its type, its code and the places it came through. Its sentence is left out, because a library puts
what it was given into its errors, and what it was given may be the text of a notice.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from mithaq.errors import Refusal

FORMATS = ("json", "text")

_Caught = tuple[type[BaseException], BaseException, TracebackType | None]


class JsonLines(logging.Formatter):
    """An event as one line of JSON: `at` (UTC), `level`, `logger`, `message`, and `fault` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "at": _at(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if caught := _caught(record):
            said["fault"] = fault(caught)
        return json.dumps(said, ensure_ascii=False)


class TextLines(logging.Formatter):
    """An event as a line to read, and the places of a fault below it."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{_at(record)} {record.name} {record.levelname} {record.getMessage()}"
        if caught := _caught(record):
            said = fault(caught)
            line += "".join(f"\n  {each}" for each in (f"{said['type']} {said['code']}".rstrip(), *said["through"]))
        return line


def fault(caught: _Caught) -> dict[str, Any]:
    """What is said of an exception: its `type`, its `code` where it is one of ours, and `through`, outermost first."""
    kind, error, trace = caught
    places = [f"{each.filename}:{each.lineno} {each.name}" for each in traceback.extract_tb(trace)]
    return {"type": kind.__qualname__, "code": error.code if isinstance(error, Refusal) else "", "through": places}


def config(form: str) -> dict[str, Any]:
    """The configuration of Python's logging for `form`, one of `FORMATS`; plain data, so that it can lie in a file."""
    formatter = JsonLines if form == "json" else TextLines
    stderr = {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "lines"}
    only = {"handlers": ["stderr"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": f"{__name__}.{formatter.__qualname__}"}},
        "handlers": {"stderr": stderr},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django": {**only, "level": "WARNING"},
            # A page that is not there, asked for by whoever likes, would fill the disk at their pace.
            "django.request": {**only, "level": "ERROR"},
            "_granian": {**only, "level": "WARNING"},
        },
    }


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _caught(record: logging.LogRecord) -> _Caught | None:
    found = record.exc_info
    return None if found is None or found[0] is None else found
