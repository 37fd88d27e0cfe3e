"""Standard Webhooks signatures over the raw body.

The PyPI library parses the body it verifies and knows one secret a call; here several configured senders with several
secrets each are tried on bytes that nobody has parsed yet.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)
_PREFIX = "whsec_"


def secret_bytes(secret: str) -> bytes:
    """The key inside "whsec_<base64>". Raises ValueError without quoting it."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a webhook secret must be whsec_<base64>") from None
    if not secret.startswith(_PREFIX) or len(key) < 24:
        raise ValueError("a webhook secret must be whsec_<base64 of at least 24 bytes>")
    return key


def signing_source(
    sources: Mapping[str, Sequence[str]], headers: Mapping[str, str], body: bytes, now: datetime
) -> str | None:
    """The name of the source that signed this body, or None.

    `headers` needs webhook-id, webhook-timestamp (seconds) and webhook-signature (space-separated "v1,<base64>").
    """
    message_id = headers.get("webhook-id", "")
    stamp = headers.get("webhook-timestamp", "")
    if not message_id or not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return None
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        return None
    given = [
        value
        for version, _, value in (
            part.partition(",") for part in headers.get("webhook-signature", "").split()
        )
        if version == "v1"
    ]
    if not given or len(given) > 20:
        return None
    content = f"{message_id}.{stamp}.".encode() + body
    for name, secrets in sources.items():
        for secret in secrets:
            digest = hmac.digest(secret_bytes(secret), content, hashlib.sha256)
            expected = base64.b64encode(digest).decode()
            if any(hmac.compare_digest(expected.encode(), value.encode()) for value in given):
                return name
    return None
