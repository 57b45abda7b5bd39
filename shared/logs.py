"""Structured logs by allow-list: a key that is not listed here never reaches a log."""

import logging
import sys
import traceback
from typing import Any, Final

import structlog
from structlog.typing import EventDict, WrappedLogger

ALLOWED: Final = frozenset({
    "event", "level", "timestamp", "service", "slug", "status", "poll_id", "log_id", "count", "size",
    "duration_ms", "host", "port", "error", "where",
})  # fmt: skip


def configure_logs(service: str) -> None:
    """Write JSON lines of allowed keys to standard error; silence libraries that log addresses or URLs."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _named(service),
            _allowed_only,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    for library in ("httpx", "httpcore", "authlib", "werkzeug", "sqlalchemy"):
        logging.getLogger(library).setLevel(logging.CRITICAL)


def log_failure(event: str, error: BaseException) -> None:
    """Log an unexpected exception by its class and place; its message and values may name a person."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-6:]))
    structlog.get_logger().error(event, error=type(error).__name__, where=where)


def _named(service: str) -> Any:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {**event, "service": service}

    return add


def _allowed_only(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: value for key, value in event.items() if key in ALLOWED}
