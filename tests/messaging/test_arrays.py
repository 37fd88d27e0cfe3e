"""Array literals: PostgreSQL must read back exactly what was written."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.arrays import array, arrays
from messaging.enums import Channel

_TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))


def _read_back(literal: str, kind: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM unnest(%s::{kind}[])", [literal])
        return [bytes(value) if isinstance(value, memoryview) else value for (value,) in cursor.fetchall()]


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        _TEXT
        | st.sampled_from(['"', "\\", "NULL", "null", "{a,b}", "", " ", ",", '","', "줄\n바꿈"])
        | st.none()
    )
)
def test_any_text_comes_back_as_it_was(values: list[str | None]) -> None:
    assert _read_back(array(values), "text") == values


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bigint", [1, -2, None, 2**62]),
        ("boolean", [True, None, False]),
        ("bytea", [b"", b"\x00\xff\\\"'", None]),
        ("date", [date(2026, 2, 28), None]),
        ("timestamptz", [datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC), None]),
        ("text", [Channel.MMS, Channel.SMS]),
        ("bigint", [None, None]),
        ("bigint", []),
    ],
)
def test_values_of_every_kind_come_back(kind: str, values: list[object]) -> None:
    assert _read_back(array(values), kind) == values


@pytest.mark.django_db
def test_bytes_read_from_the_database_and_moments_of_any_zone_can_be_written() -> None:
    seoul = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=9)))
    assert _read_back(array([memoryview(b"\x01\x02")]), "bytea") == [b"\x01\x02"]
    assert _read_back(array([seoul]), "timestamptz") == [seoul]


def test_what_is_no_element_is_refused() -> None:
    with pytest.raises(TypeError):
        array([object()])


def test_no_rows_are_empty_columns() -> None:
    assert arrays([], 3) == ["{}", "{}", "{}"]
    assert arrays([(1, "가"), (2, "나")], 2) == ["{1,2}", '{"가","나"}']
