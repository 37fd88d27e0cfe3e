"""The telephone network as a sender of webhooks, signing with PyPI's standardwebhooks instead of our own code."""

import base64
import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from standardwebhooks import Webhook
from standardwebhooks.webhooks import hmac_data

from tests.services import KT_NEW, OPTOUT_080

CALLS = "/hooks/calls"
OPTOUTS = "/hooks/optouts"

_ids = itertools.count(1)


def signed_headers(body: bytes, secret: str = KT_NEW, at: datetime | None = None) -> dict[str, str]:
    """The three Standard Webhooks headers for a body. `at` is the moment of signing, now unless told."""
    moment = at or datetime.now(UTC)
    message_id = f"msg_{next(_ids)}"
    try:
        signature = Webhook(secret).sign(message_id, moment, body.decode())
    except UnicodeDecodeError:  # the library's own signing takes text only
        content = f"{message_id}.{int(moment.timestamp())}.".encode() + body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signature = f"v1,{base64.b64encode(hmac_data(key, content)).decode()}"
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature,
    }


def call_end(
    line: str,
    caller: str | None,
    *,
    seconds: float = 30,
    answered: bool = True,
    call_id: str | None = None,
    ended_at: datetime | None = None,
    **extra: Any,
) -> dict[str, Any]:
    """One item of POST /hooks/calls. A field given as `...` in `extra` is left out."""
    end = ended_at or datetime.now(UTC)
    item = {
        "call_id": call_id or f"call-{next(_ids)}",
        "line": line,
        "caller": caller,
        "answered": answered,
        "started_at": (end - timedelta(seconds=seconds)).isoformat(),
        "ended_at": end.isoformat(),
        **extra,
    }
    return {name: value for name, value in item.items() if value is not ...}


def opt_out(
    caller: str,
    number_080: str = OPTOUT_080,
    *,
    shop_code: str | None = None,
    optout_id: str | None = None,
    at: datetime | None = None,
    **extra: Any,
) -> dict[str, Any]:
    """One item of POST /hooks/optouts. A field given as `...` in `extra` is left out."""
    item = {
        "id": optout_id or f"optout-{next(_ids)}",
        "number_080": number_080,
        "shop_code": shop_code,
        "caller": caller,
        "at": (at or datetime.now(UTC)).isoformat(),
        **extra,
    }
    return {name: value for name, value in item.items() if value is not ...}


class Telephone:
    """Posts signed webhooks through Django's test client."""

    def __init__(self, client: Client | None = None, secret: str = KT_NEW) -> None:
        self.client = client or Client()
        self.secret = secret

    def call(self, line: str, caller: str | None, **item: Any) -> HttpResponse:
        """One finished call; the keywords are those of `call_end`."""
        return self.calls(call_end(line, caller, **item))

    def calls(self, *items: Any) -> HttpResponse:
        """Finished calls in one request."""
        return self.post({"calls": list(items)})

    def optouts(self, *items: Any) -> HttpResponse:
        """Opt-out calls on the 080 line in one request."""
        return self.post({"optouts": list(items)}, path=OPTOUTS)

    def post(
        self,
        body: bytes | dict[str, Any],
        *,
        path: str = CALLS,
        secret: str | None = None,
        at: datetime | None = None,
        headers: dict[str, str] | None = None,
    ) -> HttpResponse:
        """Any body at all. `headers` come on top of the signature's; an empty value leaves a header out."""
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        merged = {**signed_headers(raw, secret or self.secret, at), **(headers or {})}
        sent = {name: value for name, value in merged.items() if value}
        response: Any = self.client.post(path, data=raw, content_type="application/json", headers=sent)
        assert isinstance(response, HttpResponse)
        return response
