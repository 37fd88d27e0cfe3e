"""Sealed phone numbers and their blind index (design.md §7).

A number is kept twice: sealed (AES-256-GCM, can be opened) and as an index (HMAC-SHA256 under a different key, can
only be compared). Both carry a key id, so keys can be changed while old rows stay readable.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shopmsg.core.errors import ShopmsgError

_NONCE = 12
INDEX_BYTES = 16


class CryptoError(ShopmsgError):
    """A key that cannot be read, or a sealed value that does not open."""


def parse_keys(specs: Sequence[str]) -> dict[int, bytes]:
    """{key id: 32 bytes} from ["2:base64", "1:base64"], newest first. Raises CryptoError without quoting a key."""
    keys: dict[int, bytes] = {}
    for spec in specs:
        key_id, _, encoded = spec.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
            number = int(key_id)
        except (binascii.Error, ValueError):
            raise CryptoError("bad_key", "열쇠는 '번호:base64' 꼴이어야 해요.") from None
        if len(key) != 32 or not 1 <= number <= 255 or number in keys:
            raise CryptoError("bad_key", "열쇠는 32바이트이고 번호는 1–255에서 겹치지 않아야 해요.")
        keys[number] = key
    if not keys:
        raise CryptoError("no_key", "열쇠가 하나도 없어요.")
    return keys


class Keyring:
    """Seals, opens and indexes phone numbers. The first key of each kind is the one used for new values."""

    def __init__(self, seal_keys: dict[int, bytes], index_keys: dict[int, bytes]) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in seal_keys.items()}
        self._current = next(iter(self._ciphers.items()))
        # A prepared HMAC is copied for each number: half the cost of keying it anew.
        self._macs = {key_id: hmac.new(key, digestmod=hashlib.sha256) for key_id, key in index_keys.items()}
        self._current_index = next(iter(self._macs))

    def seal(self, number: str) -> bytes:
        """key id (1 byte) + nonce (12) + AES-256-GCM of the digits."""
        key_id, cipher = self._current
        nonce = os.urandom(_NONCE)
        prefix = bytes((key_id,))
        return prefix + nonce + cipher.encrypt(nonce, number.encode(), prefix)

    def is_current(self, sealed: bytes | memoryview, index: bytes | memoryview) -> bool:
        """Whether both were made with the keys used for new values."""
        return sealed[0] == self._current[0] and index[0] == self._current_index

    def open(self, sealed: bytes | memoryview) -> str:
        """The digits of a sealed number. Raises CryptoError when the key is gone or the value was changed."""
        sealed = bytes(sealed)
        cipher = self._ciphers.get(sealed[0]) if sealed else None
        if cipher is None:
            raise CryptoError("unknown_key", "이 값을 봉한 열쇠가 없어요.")
        try:
            return cipher.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], sealed[:1]).decode()
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            raise CryptoError("broken_seal", "봉한 값이 바뀌었어요.") from None

    @property
    def several_index_keys(self) -> bool:
        """Whether one number may stand in the tables under more than one index."""
        return len(self._macs) > 1

    def index(self, number: str) -> bytes:
        """The blind index under the current key: key id + 15 bytes of HMAC-SHA256."""
        return self._index(self._current_index, number)

    def indexes(self, number: str) -> tuple[bytes, ...]:
        """The blind index under every key, current first: what a look-up must compare with during a rotation."""
        return tuple(self._index(key_id, number) for key_id in self._macs)

    def _index(self, key_id: int, number: str) -> bytes:
        mac = self._macs[key_id].copy()
        mac.update(number.encode())
        return bytes((key_id,)) + mac.digest()[: INDEX_BYTES - 1]
