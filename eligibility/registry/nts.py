"""The registry's status address (reference/payments.md §2)."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote, unquote

import structlog

from eligibility.registry import answers
from eligibility.registry.answers import RegistryAnswer, RegistryDown, RegistryTrouble
from shopmsg.core import http

#: As many numbers as one call may hold.
MOST_NUMBERS: Final = 100
_PATH: Final = "/api/nts-businessman/v1/status"
_TROUBLES: Final = {
    "not_connected": RegistryTrouble.NOT_CONNECTED,
    "timeout": RegistryTrouble.TIMEOUT,
}

log = structlog.get_logger(__name__)


class Registry:
    """One service key. The portal shows it in two forms, encoded for an address and not; either may be given."""

    def __init__(self, base_url: str, key: str, deadline: float) -> None:
        """`deadline` in seconds bounds every call, connecting included."""
        # A percent sign is in no key: a key that has one is encoded already, and encoding it again makes another key.
        plain = unquote(key.strip()) if "%" in key else key.strip()
        self._url = f"{base_url.rstrip('/')}{_PATH}?serviceKey={quote(plain, safe='')}&returnType=JSON"
        self._has_key = bool(plain)
        self._deadline = deadline
        self._http = http.session()

    def status(self, numbers: Sequence[str]) -> Mapping[str, RegistryAnswer]:
        """What the registry says of each of up to 100 business numbers (ten digits), in one call.

        Raises RegistryDown, which says of none of them anything; ValueError for more than 100.
        """
        asked = list(dict.fromkeys(numbers))
        if len(asked) > MOST_NUMBERS:
            raise ValueError(f"{len(asked)} numbers, at most {MOST_NUMBERS}")
        if not asked:
            return {}
        began = time.monotonic()
        try:
            if not self._has_key:
                raise RegistryDown(RegistryTrouble.NO_KEY)
            return answers.read(self._ask(asked), asked)
        except RegistryDown as error:
            log.warning(
                "registry_down",
                error=error.code,
                asked=len(asked),
                seconds=round(time.monotonic() - began, 2),
            )
            raise

    def _ask(self, numbers: Sequence[str]) -> http.Answer:
        try:
            return http.call(
                self._http,
                "POST",
                self._url,
                deadline=self._deadline,
                headers={"Content-Type": "application/json", "Accept": "application/json"},
                data=json.dumps({"b_no": numbers}).encode(),
            )
        except http.HttpError as error:
            raise RegistryDown(_TROUBLES.get(error.code, RegistryTrouble.UNREADABLE)) from None
