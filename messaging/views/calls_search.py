"""The last four digits somebody searches for: they stay in the session, the address carries a word for them.

Addresses end up in histories, screenshots and logs of proxies; the digits of a customer's number must not.
"""

import secrets
from typing import Final

from django.http import HttpRequest

_KEY: Final = "calls_searches"
#: Searches kept for each person: several tabs go on paging, and what is older is asked again.
_KEPT: Final = 5


def digits_of(typed: str) -> str:
    """The four digits, or "" when what was typed is anything else."""
    return typed if len(typed) == 4 and typed.isascii() and typed.isdecimal() else ""


def keep(request: HttpRequest, digits: str) -> str:
    """Remember the digits; returns the word the address carries for them."""
    kept = dict(request.session.get(_KEY, {}))
    word = next((known for known, value in kept.items() if value == digits), "")
    if word:
        return word
    word = secrets.token_urlsafe(6)
    newest = [*kept.items(), (word, digits)][-_KEPT:]
    request.session[_KEY] = dict(newest)
    return word


def kept_digits(request: HttpRequest, word: str) -> str:
    """The digits behind a word; "" when this session knows none, whoever made up the address."""
    if not word:
        return ""
    return digits_of(str(request.session.get(_KEY, {}).get(word, "")))
