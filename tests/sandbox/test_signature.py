"""reference/gateways.md §1.2: who may call, and the four documented refusals."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import time_machine

from shopmsg.sandbox.auth import Verifier, signature

BALANCE = "/cash/v1/balance"


def refusal(sandbox: Any, header: str) -> tuple[int, str | None]:
    response = sandbox.http.get(sandbox.url + BALANCE, headers={"Authorization": header})
    return response.status_code, response.json().get("errorCode")


def test_the_documented_vector_is_accepted() -> None:
    date, salt = "2026-11-22T12:00:00.000+09:00", "0123456789abcdef0123456789abcdef"
    secret = "TESTSECRET0123456789TESTSECRET01"
    expected = "dccf2318148cdf9a2792d1a812c9bb03198247cfad687ba0617cbe0c1288fc0d"
    assert signature(secret, date, salt) == expected
    header = f"HMAC-SHA256 ApiKey=K, Date={date}, salt={salt}, signature={expected}"
    with time_machine.travel(datetime.fromisoformat(date) + timedelta(seconds=899)):
        Verifier("K", secret).check(header)


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_clock_more_than_fifteen_minutes_off_is_refused(sandbox: Any, minutes: int) -> None:
    date = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
    assert refusal(sandbox, sandbox.header(date=date)) == (403, "RequestTimeTooSkewed")


def test_every_way_to_write_the_same_instant_is_read(sandbox: Any) -> None:
    now = datetime.now(UTC)
    seoul = now.astimezone(timezone(timedelta(hours=9)))
    for date in (now.strftime("%Y-%m-%dT%H:%M:%SZ"), now.isoformat(), seoul.isoformat()):
        assert refusal(sandbox, sandbox.header(date=date)) == (200, None)


def test_a_signature_works_once(sandbox: Any) -> None:
    header = sandbox.header()
    assert refusal(sandbox, header) == (200, None)
    assert refusal(sandbox, header) == (403, "DuplicatedSignature")


def test_a_wrong_key_and_a_wrong_secret_are_told_apart(sandbox: Any) -> None:
    assert refusal(sandbox, sandbox.header(key="OTHER")) == (403, "InvalidAPIKey")
    assert refusal(sandbox, sandbox.header(secret="OTHER")) == (403, "SignatureDoesNotMatch")
    assert refusal(sandbox, "Bearer abc")[0] == 401
