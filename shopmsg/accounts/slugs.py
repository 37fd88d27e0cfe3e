"""주소 이름: which addresses a shop's homepage may have."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import count, islice
from pathlib import Path
from typing import Final

from shopmsg.accounts.models import OldSlug, Shop
from shopmsg.core.romanise import romanised

LENGTHS: Final = range(3, 41)
_SHAPE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WORDS: Final = Path(__file__).parent / "data" / "slug_words.txt"
_ANYWHERE: Final = 5
#: The part of an address people call a quarter by: 마포구, 수원시, 망원동.
_QUARTER: Final = re.compile(r"([가-힣]{1,6})[구군시동읍면](?=\s|$)")


def shape_problem(slug: str) -> str:
    """Why this is no address, in one sentence; "" when it is one."""
    if len(slug) not in LENGTHS:
        return "주소는 3자부터 40자까지로 정해 주세요."
    if not _SHAPE.fullmatch(slug):
        return "주소에는 영어 소문자와 숫자를 쓰고, 그 사이에 붙임표(-)를 쓸 수 있어요."
    if slug.replace("-", "").isdecimal():
        return "숫자만으로는 주소를 만들 수 없어요. 영어 글자를 하나 넣어 주세요."
    return ""


def is_refused(slug: str) -> bool:
    """Reserved for ourselves, or rude."""
    whole, anywhere, parts = _words()
    return slug in whole or any(word in slug for word in anywhere) or not parts.isdisjoint(slug.split("-"))


def is_free(slug: str, shop: Shop) -> bool:
    """Nobody else's address, neither now nor before."""
    if Shop.objects.filter(slug=slug).exclude(pk=shop.pk).exists():
        return False
    return not OldSlug.objects.filter(slug=slug).exclude(shop=shop).exists()


def suggestions(shop: Shop, wanted: str = "", how_many: int = 2) -> list[str]:
    """Free addresses near the wanted one, or near the shop's name and quarter."""
    fitting = (
        slug
        for slug in islice(_near(shop, wanted), 60)
        if slug != shop.slug and not shape_problem(slug) and not is_refused(slug)
    )
    candidates = list(dict.fromkeys(fitting))
    taken = set(Shop.objects.filter(slug__in=candidates).values_list("slug", flat=True))
    taken |= set(
        OldSlug.objects.filter(slug__in=candidates).exclude(shop=shop).values_list("slug", flat=True)
    )
    return [slug for slug in candidates if slug not in taken][:how_many]


def _near(shop: Shop, wanted: str) -> Iterator[str]:
    name = romanised(shop.name)
    base = romanised(wanted)[:30].strip("-")
    if not base or base.replace("-", "").isdecimal() or is_refused(base):
        base = name[:30].strip("-") or "gage"
        yield base
    yield base.replace("-", "")
    for quarter in _QUARTER.findall(shop.address):
        yield f"{base}-{romanised(quarter)}"[:40].rstrip("-")
    for number in count(2):
        yield f"{base}-{number}"


@cache
def _words() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """(not as the whole, not anywhere, not as a part)."""
    rows = [row.strip() for row in _WORDS.read_text("utf-8").splitlines() if not row.startswith("#")]
    split = rows.index("---")
    rude = frozenset(filter(None, rows[split + 1 :]))
    anywhere = frozenset(word for word in rude if len(word) >= _ANYWHERE)
    return frozenset(rows[:split]), anywhere, rude - anywhere
