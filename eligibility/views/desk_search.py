"""What an agent searches the desk for: it stays in the session, the address carries a word for it.

Addresses end up in histories and logs of proxies; people's names and numbers must not.
"""

import re
import secrets
from typing import Final

from django.db.models import Q
from django.http import HttpRequest

LONGEST: Final = 60
_KEY: Final = "desk_searches"
#: Searches kept for each person: several tabs go on paging, and what is older is asked again.
_KEPT: Final = 5
#: Fewer digits would find everybody.
_FEWEST_DIGITS: Final = 3


def keep(request: HttpRequest, words: str) -> str:
    """Remember the words; returns what the address carries for them."""
    known = dict(request.session.get(_KEY, {}))
    key = next((key for key, value in known.items() if value == words), "")
    if key:
        return key
    key = secrets.token_urlsafe(6)
    request.session[_KEY] = dict([*known.items(), (key, words)][-_KEPT:])
    return key


def kept(request: HttpRequest, key: str) -> str:
    """The words behind it; "" when this session knows none."""
    return str(request.session.get(_KEY, {}).get(key, "")) if key else ""


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
