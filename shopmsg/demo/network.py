"""The telephone network of the demo: tells our own webhook of a finished call, and reads the sandbox's phones."""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from standardwebhooks import Webhook

from shopmsg.core import http
from shopmsg.core.errors import ShopmsgError

SOURCE: Final = "demo"


class DemoError(ShopmsgError):
    """Our own webhook or the sandbox did not answer as it should. Codes: "no_secret", "no_answer", "refused"."""


@dataclass(frozen=True, slots=True)
class VirtualCall:
    """A call somebody made up. `line` and `caller` are national digits; `seconds` None means nobody answered."""

    call_id: str
    line: str
    caller: str
    carrier: str
    seconds: int | None


@dataclass(frozen=True, slots=True)
class Received:
    """A message on a sandbox phone. `picture` is the name of its file there, "" for none."""

    sender: str
    subject: str
    text: str
    picture: str
    at: datetime


def is_virtual() -> bool:
    """Whether messages go to the sandbox; False when somebody put a real gateway's keys into the environment."""
    return bool(settings.GATEWAY["base_url"] == settings.DEMO_SANDBOX_URL)


def new_number() -> str:
    """A mobile number no carrier has given to anybody: 010-0xxx-xxxx."""
    return f"0100{secrets.randbelow(10_000_000):07d}"


def hang_up(call: VirtualCall, now: datetime) -> None:
    """POST the call, signed, to /hooks/calls like any telephone network. Raises DemoError."""
    known = settings.HOOK_SOURCES.get(SOURCE)
    if not known:
        raise DemoError("no_secret", "체험용 전화망이 연결되어 있지 않아요. 설정을 확인해 주세요.")
    started = now - timedelta(seconds=call.seconds or 20)
    body = json.dumps(
        {
            "calls": [
                {
                    "call_id": call.call_id,
                    "line": call.line,
                    "caller": call.caller,
                    "caller_carrier": call.carrier,
                    "answered": call.seconds is not None,
                    "started_at": started.isoformat(),
                    "ended_at": now.isoformat(),
                    "notice_played": True,
                }
            ]
        }
    )
    answer = _call(
        "POST",
        f"{settings.BASE_URL}/hooks/calls",
        deadline=10,
        data=body.encode(),
        headers={
            "Content-Type": "application/json",
            "webhook-id": call.call_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(known[0]).sign(call.call_id, now.astimezone(UTC), body),
        },
    )
    if answer.status != 202 or _json(answer).get("rejected"):
        raise DemoError("refused", "통화를 전하지 못했어요. 잠시 뒤에 다시 눌러 주세요.")


def received(number: str, link: str) -> Received | None:
    """The message with this link on this phone; None while it is not there. Raises DemoError."""
    answer = _call("GET", f"{settings.DEMO_SANDBOX_URL}/sandbox/phones/{number}", deadline=2)
    if answer.status != 200:
        raise DemoError("refused", "체험용 휴대폰을 열지 못했어요.")
    for message in _json(answer).get("messages", []):
        if link in message["text"]:
            return Received(
                sender=message["from"],
                subject=message["subject"] or "",
                text=message["text"],
                picture=(message["image_url"] or "").rpartition("/")[2].removesuffix(".jpg"),
                at=datetime.fromisoformat(message["received_at"]),
            )
    return None


def picture(name: str) -> bytes | None:
    """A picture on the sandbox's phones, as it was sent. Raises DemoError."""
    answer = _call("GET", f"{settings.DEMO_SANDBOX_URL}/sandbox/files/{name}.jpg", deadline=3)
    return answer.body if answer.status == 200 else None


def _call(method: str, url: str, *, deadline: float, **request: Any) -> http.Answer:
    try:
        # A connection of its own each time: kept open, it would hold one of our own few web threads.
        with http.session(pool=1) as session:
            return http.call(session, method, url, deadline=deadline, **request)
    except http.HttpError:
        raise DemoError("no_answer", "체험 서버가 답하지 않아요. 잠시 뒤에 다시 해 주세요.") from None


def _json(answer: http.Answer) -> dict[str, Any]:
    try:
        read = json.loads(answer.body)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise DemoError("refused", "체험 서버의 답을 읽지 못했어요. 잠시 뒤에 다시 해 주세요.")
    return read
