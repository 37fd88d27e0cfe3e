"""What the staff search applications for: it stays in the session (shopmsg.accounts.kept_words)."""

import re
from typing import Final

from django.db.models import Q
from django.http import HttpRequest

from shopmsg.accounts import kept_words

LONGEST: Final = 60
_DRAWER: Final = "desk_searches"
#: Fewer digits would find everybody.
_FEWEST_DIGITS: Final = 3


def keep(request: HttpRequest, words: str) -> str:
    """Remember the words; returns what the address carries for them."""
    return kept_words.keep(request, _DRAWER, words)


def kept(request: HttpRequest, key: str) -> str:
    """The words behind it; "" when this session knows none."""
    return kept_words.kept(request, _DRAWER, key)


def matching(words: str) -> Q:
    """Applications with these words in the shop's, the business's or the owner's name, or with these digits in the
    business number, the owner's mobile or the shop's line."""
    named = Q(shop_name__icontains=words) | Q(business_name__icontains=words) | Q(owner_name__icontains=words)
    digits = re.sub(r"[\s-]", "", words)
    if not (digits.isascii() and digits.isdigit() and len(digits) >= _FEWEST_DIGITS):
        return named
    return (
        named
        | Q(business_number__contains=digits)
        | Q(owner_mobile__contains=digits)
        | Q(line_number__contains=digits)
    )
