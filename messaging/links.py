"""The link in a message, `/m/<token>`: ten characters nobody can guess (rules.md §5)."""

import re
import secrets

from django.conf import settings

_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
TOKEN_LENGTH = 10
# A random byte becomes a letter; the bytes beyond the last whole round of letters would favour some and are left out.
_ROUNDS = 256 // len(_ALPHABET) * len(_ALPHABET)
_LETTERS = bytes(ord(_ALPHABET[byte % len(_ALPHABET)]) for byte in range(256))
_UNEVEN = bytes(range(_ROUNDS, 256))
_OWN_LINK = re.compile(
    rf"(?:^|(?:^|\s)(?:https?://)?{re.escape(settings.BASE_URL.partition('://')[2])}/m/)([{_ALPHABET}]{{10}})(?:/|\s|$)"
)


def new_token() -> str:
    """Ten characters without those people misread (0, O, 1, l, I), each as likely as the others."""
    letters = b""
    while len(letters) < TOKEN_LENGTH:
        letters += secrets.token_bytes(2 * TOKEN_LENGTH).translate(_LETTERS, _UNEVEN)
    return letters[:TOKEN_LENGTH].decode()


def message_link(token: str) -> str:
    """The public address of one message's page."""
    return f"{settings.BASE_URL}/m/{token}"


def read_token(typed: str) -> str | None:
    """The token in what somebody copied from a message: its link, with or without what stands around it, or the ten
    characters alone. None for an address of anybody else's."""
    found = _OWN_LINK.search(typed.strip())
    return found.group(1) if found else None
