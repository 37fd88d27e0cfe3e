"""What the registry says, in words that are not the vendor's, and how its answers are read.

Whatever is not a whole, well-formed "OK" is "not checked": a number is ACTIVE only where the registry says 계속사업자.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from eligibility.enums import RegistryState
from shopmsg.core import http
from shopmsg.core.errors import ShopmsgError


class RegistryTrouble(StrEnum):
    """Why nothing was learned: the `code` of RegistryDown."""

    NO_KEY = "no_key"
    NOT_CONNECTED = "not_connected"
    TIMEOUT = "timeout"
    WRONG_KEY = "wrong_key"
    OVER_LIMIT = "over_limit"
    REFUSED = "refused"
    SERVER_ERROR = "server_error"
    UNREADABLE = "unreadable"
    MISSING_ROWS = "missing_rows"


_SENTENCES: Final = {
    RegistryTrouble.NO_KEY: "국세청 조회 인증키가 설정되지 않았어요.",
    RegistryTrouble.NOT_CONNECTED: "국세청 조회 서비스에 연결하지 못했어요.",
    RegistryTrouble.TIMEOUT: "국세청 조회 서비스의 답이 제때 오지 않았어요.",
    RegistryTrouble.WRONG_KEY: "국세청 조회 서비스가 인증키를 받지 않았어요.",
    RegistryTrouble.OVER_LIMIT: "국세청 조회 서비스의 하루 한도를 넘었어요.",
    RegistryTrouble.REFUSED: "국세청 조회 서비스가 요청을 받지 않았어요.",
    RegistryTrouble.SERVER_ERROR: "국세청 조회 서비스에 오류가 났어요.",
    RegistryTrouble.UNREADABLE: "국세청 조회 서비스의 답을 읽지 못했어요.",
    RegistryTrouble.MISSING_ROWS: "국세청 조회 서비스의 답에 물어본 번호가 없어요.",
}


class RegistryDown(ShopmsgError):
    """Nothing was learned of any number; asking again later is harmless. `code` is a RegistryTrouble."""

    def __init__(self, trouble: RegistryTrouble) -> None:
        super().__init__(trouble, _SENTENCES[trouble])


@dataclass(frozen=True, slots=True)
class RegistryAnswer:
    """What the registry says of one number. `tax_type_code` is 과세유형 ("01" 일반과세자 …, "" unknown), `ended_on` the day
    of closing where one is given. `raw` are the vendor's own few words."""

    state: RegistryState
    tax_type_code: str = ""
    ended_on: date | None = None
    raw: Mapping[str, str] = field(default_factory=dict)


# An empty code is the registry's way of saying that it does not know the number; the text beside it may change.
_STATES: Final = {
    "01": RegistryState.ACTIVE,
    "02": RegistryState.SUSPENDED,
    "03": RegistryState.CLOSED,
    "": RegistryState.UNREGISTERED,
}
# Codes of the portal's gateway, which answers in place of the service: with HTTP 400, 401 or 200.
_GATEWAY_CODES: Final = {
    -4: RegistryTrouble.WRONG_KEY,
    -401: RegistryTrouble.WRONG_KEY,
    -10: RegistryTrouble.OVER_LIMIT,
    -1: RegistryTrouble.SERVER_ERROR,
}
_STATUSES: Final = {
    401: RegistryTrouble.WRONG_KEY,
    403: RegistryTrouble.WRONG_KEY,
    429: RegistryTrouble.OVER_LIMIT,
}
_KEPT: Final = ("b_stt", "b_stt_cd", "tax_type", "tax_type_cd", "end_dt", "utcc_yn")
_LONGEST_KEPT: Final = 60


def read(answer: http.Answer, asked: Collection[str]) -> dict[str, RegistryAnswer]:
    """The answers by number. A number whose row is missing or makes no sense is UNREACHABLE among the others.

    Raises RegistryDown when nothing was learned of any.
    """
    payload = _object(answer)
    if "code" in payload:  # before anything else: the gateway says no with HTTP 200 as well
        raise RegistryDown(_GATEWAY_CODES.get(_whole(payload["code"]), RegistryTrouble.REFUSED))
    if answer.status != 200:
        raise RegistryDown(_by_status(answer.status))
    if payload.get("status_code") != "OK":
        known = "status_code" in payload
        raise RegistryDown(RegistryTrouble.REFUSED if known else RegistryTrouble.UNREADABLE)
    rows = payload.get("data")
    found = {
        row["b_no"]: _answer(row)
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and isinstance(row.get("b_no"), str) and row["b_no"] in asked
    }
    if not found:
        raise RegistryDown(RegistryTrouble.MISSING_ROWS)
    unknown = RegistryAnswer(RegistryState.UNREACHABLE)
    return {number: found.get(number, unknown) for number in asked}


def _object(answer: http.Answer) -> dict[str, Any]:
    try:
        payload = json.loads(answer.body)
    except (ValueError, RecursionError):
        payload = None
    if isinstance(payload, dict):
        return payload
    raise RegistryDown(RegistryTrouble.UNREADABLE if answer.status == 200 else _by_status(answer.status))


def _by_status(status: int) -> RegistryTrouble:
    return _STATUSES.get(status, RegistryTrouble.SERVER_ERROR if status >= 500 else RegistryTrouble.REFUSED)


def _whole(value: object) -> int:
    """A code written as a number or as text; 0, which is no code, when it is neither."""
    match = re.fullmatch(r"-?[0-9]{1,6}", str(value))
    return int(match[0]) if match else 0


def _answer(row: Mapping[str, Any]) -> RegistryAnswer:
    raw = {name: _word(row[name]) for name in _KEPT if isinstance(row.get(name), str)}
    # A row without the code at all has been cut, and says nothing of the business.
    state = _STATES.get(raw.get("b_stt_cd", "missing"), RegistryState.UNREACHABLE)
    return RegistryAnswer(state, raw.get("tax_type_cd", ""), _day(raw.get("end_dt", "")), raw)


def _word(value: str) -> str:
    return re.sub("[\x00\ud800-\udfff]", "", value).strip()[:_LONGEST_KEPT]


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])) if re.fullmatch(r"[0-9]{8}", text) else None
    except ValueError:
        return None
