"""The business registry (사업자등록정보 상태조회 of the National Tax Service), reference/payments.md §2.

Without being told otherwise every number whose check digit is right is a going concern, so that a demo just works;
``KNOWN`` are the exceptions that docs/settings.md names, and POST /sandbox/businesses tells more.
"""

import hmac
import json
import re
from typing import Any

from shopmsg.sandbox.gateway import Gateway
from shopmsg.sandbox.jobs import Job
from shopmsg.sandbox.web import ApiError, Reply, Request, invalid

PREFIX = "/api/nts-businessman/"
MAX_NUMBERS = 100

KNOWN = {
    "1111111119": ("closed", "20250331"),
    "3333333336": ("suspended", ""),
    "1234567891": ("unregistered", ""),
}
STATES = {"active": ("계속사업자", "01"), "suspended": ("휴업자", "02"), "closed": ("폐업자", "03")}
_UNREGISTERED = "국세청에 등록되지 않은 사업자등록번호입니다."
_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


class Refusal(ApiError):
    """The service's own refusals say ``status_code``, those of the gateway before it ``code`` and ``msg``."""

    def __init__(self, status: int, payload: dict[str, Any]) -> None:
        super().__init__(status, str(payload.get("status_code", payload.get("code"))), "")
        self.payload = payload

    def reply(self) -> Reply:
        return Reply.json(self.payload, self.status)


def job(gateway: Gateway, request: Request) -> Job:
    """Raises Refusal 404 for an address the service does not have."""
    if (request.method, request.path) != ("POST", PREFIX + "v1/status"):
        raise Refusal(404, {"status_code": "HTTP_ERROR"})
    return Job(
        f"POST {request.path}",
        "registry",
        lambda: _admit(gateway, request),
        lambda _fault: Reply.json(_status(gateway, request)),
    )


def _admit(gateway: Gateway, request: Request) -> None:
    """The key is compared as the query decodes it once: a key encoded twice is another key."""
    key = request.one("serviceKey")
    if key is None:
        raise Refusal(401, {"code": -401, "msg": "유효하지 않은 인증키 입니다."})
    if not gateway.registry_key or not hmac.compare_digest(key.encode(), gateway.registry_key.encode()):
        raise Refusal(400, {"code": -4, "msg": "등록되지 않은 인증키 입니다."})


def _status(gateway: Gateway, request: Request) -> dict[str, Any]:
    numbers = _numbers(request.body)
    with gateway.store.reading() as db:
        marks = ", ".join("?" * len(numbers))
        told = {
            row["number"]: (row["state"], row["end_dt"], row["tax_type_cd"])
            for row in db.execute(f"SELECT * FROM businesses WHERE number IN ({marks})", numbers)
        }
    rows = [_row(number, *told.get(number, (*_untold(number), "01"))) for number in numbers]
    answer: dict[str, Any] = {"status_code": "OK", "request_cnt": len(rows)}
    matched = sum(bool(row["b_stt_cd"]) for row in rows)
    if matched:  # the counter is left out when nothing matched
        answer["match_cnt"] = matched
    return {**answer, "data": rows}


def _numbers(body: bytes) -> list[str]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(400, {"status_code": "BAD_JSON_REQUEST"}) from None
    numbers = value.get("b_no") if isinstance(value, dict) else None
    if not isinstance(numbers, list) or not numbers or not all(_is_word(number) for number in numbers):
        raise Refusal(411, {"status_code": "REQUEST_DATA_MALFORMED"})
    if len(numbers) > MAX_NUMBERS:
        raise Refusal(413, {"status_code": "TOO_LARGE_REQUEST"})
    return numbers


def _is_word(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and len(value) <= 40


def _untold(number: str) -> tuple[str, str]:
    return KNOWN.get(number, ("active" if has_check_digit(number) else "unregistered", ""))


def has_check_digit(number: str) -> bool:
    """Whether the tenth digit fits the nine before it; ten zeros fit and are no number."""
    if not re.fullmatch(r"[0-9]{10}", number) or number == "0" * 10:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:9], _WEIGHTS, strict=True))
    return (10 - (total + int(number[8]) * 5 // 10) % 10) % 10 == int(number[9])


TAX_TYPES = {
    "01": "부가가치세 일반과세자",
    "02": "부가가치세 간이과세자",
    "03": "부가가치세 과세특례자",
    "04": "부가가치세 면세사업자",
    "05": "수익사업을 영위하지 않는 비영리법인이거나 고유번호가 부여된 단체,국가기관 등",
    "06": "고유번호가 부여된 단체",
    "07": "부가가치세 간이과세자(세금계산서 발급사업자)",
}


def _row(number: str, state: str, end_dt: str, tax_type_cd: str) -> dict[str, str]:
    names = ("end_dt", "utcc_yn", "tax_type_change_dt", "invoice_apply_dt", "rbf_tax_type", "rbf_tax_type_cd")
    if state not in STATES:
        blank = {"b_stt": "", "b_stt_cd": "", "tax_type": _UNREGISTERED, "tax_type_cd": ""}
        return {"b_no": number, **blank, **dict.fromkeys(names, "")}
    word, code = STATES[state]
    values = (end_dt, "N", "", "", "해당없음", "99")
    kind = {"tax_type": TAX_TYPES[tax_type_cd], "tax_type_cd": tax_type_cd}
    return {
        "b_no": number,
        "b_stt": word,
        "b_stt_cd": code,
        **kind,
        **dict(zip(names, values, strict=True)),
    }


def tell(gateway: Gateway, request: Request) -> dict[str, Any]:
    """POST /sandbox/businesses: what a business is; a null state leaves it as it would be untold."""
    body = request.json()
    number, state = body.get("number"), body.get("state")
    end_dt, tax_type = body.get("end_dt", ""), body.get("tax_type_cd", "01")
    if not isinstance(number, str) or not re.fullmatch(r"[0-9]{10}", number):
        raise invalid("number는 사업자등록번호 숫자 열 자리입니다.")
    if state is not None and state not in (*STATES, "unregistered"):
        raise invalid(f"state는 {', '.join(STATES)}, unregistered 가운데 하나 또는 null입니다.")
    if not isinstance(end_dt, str) or not re.fullmatch(r"([0-9]{8})?", end_dt):
        raise invalid("end_dt는 YYYYMMDD 여덟 자리 또는 빈 값입니다.")
    if tax_type not in TAX_TYPES:
        raise invalid(f"tax_type_cd는 {', '.join(TAX_TYPES)} 가운데 하나입니다.")
    with gateway.store.writing() as db:
        db.execute("DELETE FROM businesses WHERE number = ?", (number,))
        if state is not None:
            db.execute("INSERT INTO businesses VALUES (?, ?, ?, ?)", (number, state, end_dt, tax_type))
    return {"number": number, "state": state, "end_dt": end_dt, "tax_type_cd": tax_type}
