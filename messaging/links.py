"""The link in a message, `/m/<token>`: ten characters nobody can guess (rules.md §5)."""

import secrets

from django.conf import settings

_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
TOKEN_LENGTH = 10


def new_token() -> str:
    """Ten characters without those people misread (0, O, 1, l, I)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(TOKEN_LENGTH))


def message_link(token: str) -> str:
    """The public address of one message's page."""
    return f"{settings.BASE_URL}/m/{token}"
