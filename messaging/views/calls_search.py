"""The last four digits somebody searches for: they stay in the session, as everything that is searched for by a number."""

from typing import Final

from django.http import HttpRequest

from shopmsg.accounts import kept_words

_DRAWER: Final = "calls_searches"


def digits_of(typed: str) -> str:
    """The four digits, or "" when what was typed is anything else."""
    return typed if len(typed) == 4 and typed.isascii() and typed.isdecimal() else ""


def keep(request: HttpRequest, digits: str) -> str:
    """Remember the digits; returns the word the address carries for them."""
    return kept_words.keep(request, _DRAWER, digits)


def kept_digits(request: HttpRequest, word: str) -> str:
    """The digits behind a word; "" when this session knows none, whoever made up the address."""
    return digits_of(kept_words.kept(request, _DRAWER, word))
