"""Structured logs, one JSON object a line, and the filter that keeps phone numbers out of them.

Caller numbers never reach a log (design.md §7). The filter is the last line behind code that does not log them:
it masks anything that looks like a Korean number in messages, arguments, extra fields and tracebacks.
"""

import logging
import logging.config
import re
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

# Mobile numbers with or without separators and country code; no digit may stand on either side, so that ids of
# messages and timestamps stay readable.
_MOBILE = re.compile(r"(?<!\d)(?:\+?82[-. ]?\(?0?\)?|0)1[016789][-. ]?\d{3,4}[-. ]?\d{4}(?!\d)")
_MASK = "01*-****-****"


def mask_numbers(text: str) -> str:
    """The text with every Korean mobile number in it replaced by a mask."""
    return _MOBILE.sub(_MASK, text)


def _mask(value: Any) -> Any:
    if isinstance(value, str):
        return mask_numbers(value)
    if isinstance(value, bytes):
        return mask_numbers(value.decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        return {mask_numbers(str(key)): _mask(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_mask(item) for item in value]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if value < 10**8 else mask_numbers(str(value))
    return mask_numbers(str(value))


def _mask_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _mask(value) for key, value in event.items()}


def scrub_event(event: Any, _hint: Any) -> Any:
    """Sentry's before_send: the same mask over the whole event."""
    return _mask(event)


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
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "django.server": {"level": "WARNING"},
                "celery.app.trace": {"level": "WARNING"},
                "celery.worker.strategy": {"level": "WARNING"},
                "celery.beat": {"level": "WARNING"},
                "urllib3": {"level": "WARNING"},
                "PIL": {"level": "INFO"},
            },
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
