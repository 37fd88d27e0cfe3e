"""Secrets made once for this copy and kept in `.data/secrets.json`, readable by its owner only."""

import base64
import json
import os
import secrets
from pathlib import Path

from shopmsg.embedded.errors import RunnerError


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _fresh() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SEAL_KEYS": f"1:{_key()}",
        "INDEX_KEYS": f"1:{_key()}",
        "HOOK_SOURCES": json.dumps({"demo": [f"whsec_{_key()}"]}),
        "SOLAPI_API_KEY": f"NCS{secrets.token_hex(7).upper()[:13]}",
        "SOLAPI_API_SECRET": secrets.token_hex(16).upper(),
        "SOLAPI_REPORT_SECRET": secrets.token_urlsafe(24),
        # The form the real service hands out: base64, so that "+", "/" and "=" go over the wire here as well.
        "NTS_SERVICE_KEY": base64.b64encode(secrets.token_bytes(64)).decode(),
        "PROVISIONING_KEY": secrets.token_urlsafe(24),
        "CARD_CLIENT_KEY": f"test_ck_{secrets.token_hex(14)}",
        "CARD_SECRET_KEY": f"test_sk_{secrets.token_hex(14)}",
    }


def load_or_create(path: Path) -> dict[str, str]:
    """Name → value, in the form the settings read them. Missing names are added, existing ones never change.

    A changed SEAL_KEYS would make every stored number unreadable, so an unreadable file is an error and is
    never replaced by a new one.
    """
    known: dict[str, str] = {}
    if path.exists():
        try:
            known = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise RunnerError(
                f"비밀값 파일 {path}을(를) 읽을 수 없어요({error}). 백업에서 되살리거나, 데이터를 지워도 되면 "
                "make reset을 실행해 주세요."
            ) from error
    missing = {name: value for name, value in _fresh().items() if name not in known}
    if missing:
        known |= missing
        draft = path.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(known, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    return known
