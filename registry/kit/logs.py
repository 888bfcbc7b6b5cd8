"""One JSON line an event, and one a request: method, route template, status, time, reference; never a value."""

import logging
import sys
import time
import traceback
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import Message, Scope

from registry.kit.request import reference_of

log = structlog.get_logger("registry")


def configure(level: str) -> None:
    """Write events of `level` and above to standard output, one JSON object a line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )


async def request_line(message: Message, scope: Scope) -> None:
    """Litestar before-send hook: the line of a request, written when its answer starts."""
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
        return
    started = scope.get("state", {}).get("started")
    log.info(
        "request",
        method=scope["state"].get("method", scope["method"]),
        route=scope.get("path_template") or "unknown",
        status=message["status"],
        ms=None if started is None else round((time.perf_counter() - started) * 1000, 1),
        reference=reference_of(scope),
    )


def bug(error: BaseException, reference: str, **where: Any) -> None:
    """The one line of a bug: its type and the places it passed; never its message, which may hold values."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("bug", error=type(error).__qualname__, frames=frames[-30:], reference=reference, **where)
