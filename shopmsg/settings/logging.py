"""Structured logs, one JSON object a line, and the filter that keeps phone numbers out of them.

Caller numbers never reach a log (design.md §7). The filter is the last line behind code that does not log them:
it masks anything that looks like a Korean number in messages, arguments, extra fields and tracebacks.
"""

import json
import logging
import logging.config
import re
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from types import TracebackType
from typing import Any, TextIO

import structlog

# What may stand between the parts of a number, percent-encoded too.
_GAP = r"(?:[\s.\-_/()+]|%2[0D]){0,3}"
# Mobile numbers and land lines with or without country code, 010 numbers that lost their zero on the way through an
# integer, and foreign numbers as they are stored. No digit may stand on either side, so that ids and timestamps stay
# readable; "%22" before a number is a quotation mark.
_NUMBER = re.compile(
    r"(?:(?<!\d)|(?<=%[0-9A-Fa-f]{2}))(?:"
    rf"(?:(?:\+|%2B|00)?82{_GAP}0?{_GAP}|0)(?:1[016789]|2|[3-6]\d|[78]0|[35]0\d){_GAP}\d{{3,4}}{_GAP}\d{{4}}"
    r"|10\d{8}|\+[1-9]\d{7,14})(?!\d)"
)
_MASK = "01*-****-****"
# A message's address opens its page and its opt-out to whoever has it.
_TOKEN = re.compile(r"/m/[0-9A-Za-z]{10}\b")


def mask_numbers(text: str) -> str:
    """The text with every phone number and every message's token in it replaced by a mask."""
    return _TOKEN.sub("/m/…", _NUMBER.sub(_MASK, text))


def _mask(value: Any) -> Any:
    if isinstance(value, str):
        return mask_numbers(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return mask_numbers(bytes(value).decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        return {mask_numbers(str(key)): _mask(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_mask(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        masked = mask_numbers(str(value))
        return value if masked == str(value) else masked
    return mask_numbers(str(value))


def _mask_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {mask_numbers(key): _mask(value) for key, value in event.items()}


def scrub_event(event: Any, _hint: Any) -> Any:
    """Sentry's before_send: the same mask over the whole event."""
    return _mask(event)


class MaskedHandler(logging.StreamHandler[TextIO]):
    """Says of a record that cannot be written only where it came from; the standard library would print its arguments."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        where = {"event": "record not written", "logger": record.name, "level": record.levelname.lower()}
        where |= {"file": record.pathname, "line": str(record.lineno)}
        with suppress(Exception):
            self.stream.write(json.dumps(where) + self.terminator)
            self.flush()


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """What kills a program or a thread is said without numbers too."""
    sys.stderr.write(mask_numbers("".join(traceback.format_exception(kind, error, trace))))


def logging_config(level: str) -> None:
    """Send the standard library's and structlog's records through one JSON renderer."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    logging.captureWarnings(True)
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.format_exc_info,
                        _mask_event,
                        structlog.processors.JSONRenderer(ensure_ascii=False),
                    ],
                }
            },
            "handlers": {"stderr": {"()": MaskedHandler, "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "django.server": {"level": "WARNING"},
                "celery.app.trace": {"level": "WARNING"},
                "celery.worker.strategy": {"level": "WARNING"},
                "celery.beat": {"level": "WARNING"},
                "urllib3": {"level": "WARNING"},
                "PIL": {"level": "INFO"},
                # Which glyphs a printed bill needs: names of shops, letter by letter.
                "fontTools": {"level": "WARNING"},
                "fpdf": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
