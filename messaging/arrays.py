"""Arrays as PostgreSQL reads them fastest: one text literal each, for `unnest(%s::bigint[], …)`.

psycopg2 would write a list as ARRAY['…', '…'], which the server parses element by element: for a batch of a thousand
rows that costs more than the statement itself.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any


def array(values: Iterable[object]) -> str:
    """The literal of a column: numbers, texts, bytes, booleans, moments or dates, and None among them. Raises
    TypeError for anything else."""
    column = list(values)
    first = next((value for value in column if value is not None), None)
    if isinstance(first, str) and None not in column:
        return _texts(column)
    encode = _encoder(first)
    return f"{{{','.join(['NULL' if value is None else encode(value) for value in column])}}}"


def arrays(rows: Sequence[Sequence[object]], width: int) -> list[str]:
    """One literal for each of the `width` columns of the rows."""
    return [array(column) for column in zip(*rows, strict=True)] if rows else ["{}"] * width


def _texts(column: list[Any]) -> str:
    joined = '","'.join(column)
    if "\\" in joined or joined.count('"') != 2 * (len(column) - 1):
        return f"{{{','.join(map(_text, column))}}}"
    return f'{{"{joined}"}}'


def _text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _bytes(value: bytes | memoryview) -> str:
    return "\\\\x" + value.hex()


def _moment(value: date) -> str:
    return f'"{value.isoformat()}"'


def _encoder(first: object) -> Callable[[Any], str]:
    """How the values of a column are written, told from the first."""
    for kinds, encode in _ENCODERS:
        if isinstance(first, kinds):
            return encode
    raise TypeError(f"no array element: {type(first).__name__}")


_ENCODERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (str, _text),
    ((bool, int, type(None)), str),
    ((bytes, memoryview), _bytes),
    ((datetime, date), _moment),
)
