"""Structured logs: one event per line with a static name, readable in development and JSON in production.

Use `structlog.get_logger()` and pass what varies as keywords: `log.info("user.registered", user_id=7)`. Levels: info for
the normal, warning for the recoverable, error for a failed piece of business, exception for the unexpected.
"""

import logging
import sys
from collections.abc import Sequence
from functools import lru_cache
from io import StringIO
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from app.core.config import Settings

_SECRET_WORDS = ("password", "passwd", "token", "secret", "authorization", "cookie", "email")
_QUIET_LIBRARIES = (
    "alembic",  # lists its plugins at each import
    "uvicorn.access",  # the middleware writes the access line, without query strings
)


def configure_logging(settings: Settings) -> None:
    """Send the service's own events and those of its libraries to stderr in one form. May be called again."""
    render: Processor
    if settings.environment == "production":
        traceback = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)  # locals hold passwords
        tail: list[Processor] = [structlog.processors.ExceptionRenderer(traceback)]
        render = structlog.processors.JSONRenderer()
    else:
        tail = [escape_controls]
        render = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=_escaped_traceback
        )
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    structlog.configure(
        processors=[*shared, *tail, render],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=_StderrLogger,
        cache_logger_on_first_use=False,  # it saves nothing measurable, and would ignore a later configuration
    )
    _adopt_standard_logging(shared, [*tail, render], settings.log_level)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank every value whose name speaks of a secret: the last line of defence, not a licence to log one."""
    for key in event:
        if _is_secret(key):
            event[key] = "[redacted]"
    return event


def escape_controls(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Write out what a terminal would obey or swallow: a path, sent by anybody, could forge lines or clear the screen."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _escaped(value)
    return event


def _escaped(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text
    )


def _escaped_traceback(out: TextIO, error: ExcInfo) -> None:
    written = StringIO()
    structlog.dev.plain_traceback(written, error)
    out.write("\n".join(_escaped(line) for line in written.getvalue().split("\n")))


@lru_cache(maxsize=1024)  # names are few, and every line of the log asks about all of its own
def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in _SECRET_WORDS)


class _StderrLogger:
    """What structlog hands a finished line to."""

    def __init__(self, *_arguments: Any) -> None:
        pass

    def msg(self, line: str) -> None:
        write_line(line)

    debug = info = warning = error = critical = exception = msg


class _StderrHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        write_line(self.format(record))


def write_line(line: str) -> None:
    """Every line of the log leaves the process here: at whatever stderr is at that moment (a captured one in tests)."""
    sys.stderr.write(line + "\n")


def _adopt_standard_logging(shared: Sequence[Processor], last: Sequence[Processor], level: str) -> None:
    """Give the records of uvicorn, SQLAlchemy and others the same form."""
    handler = _StderrHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, _StderrHandler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    # Below info, drivers and form parsers print what they handle: parameters, password hashes, whole forms.
    root.setLevel(max(logging.INFO, logging.getLevelNamesMapping()[level.upper()]))
    for name in ("uvicorn", "uvicorn.error"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    for name in _QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
