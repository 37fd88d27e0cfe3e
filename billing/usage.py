"""사용량: what other apps report as used, taken once for each of their keys. It waits here until an invoice charges for it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from django.db import connection, transaction

from billing import price_list
from billing.catalogue import Catalogue, NotSold
from billing.enums import UsageKind
from billing.models import Subscription, Usage
from shopmsg.core.clock import kst_day

_LONGEST_KEY: Final = 100
#: No shop uses more of anything in one report; what says so is a mistake.
_MOST: Final = 1_000_000_000
_INSERT: Final = """
INSERT INTO billing_usage (shop_id, key, kind, used_on, quantity, reference, reported_at)
SELECT shop_id, key, kind, used_on, quantity, reference, %s
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::date[], %s::bigint[], %s::text[])
    AS told (shop_id, key, kind, used_on, quantity, reference)
ON CONFLICT (key) DO NOTHING
RETURNING key
"""


@dataclass(frozen=True, slots=True)
class Reported:
    """One entry: `quantity` pieces of `kind` (UsageKind) on the KST day `used_on`, of a prize its value in won. `key` is
    unique for all time, `reference` says what it was in the reporter's own terms."""

    shop_id: int
    key: str
    kind: str
    used_on: date
    quantity: int
    reference: str = ""


@dataclass(slots=True)
class Taken:
    """What became of a report: entries added, entries that were there already, and (key, sentence) of each refused one."""

    added: int = 0
    repeated: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def report(rows: Iterable[Reported], now: datetime) -> Taken:
    """Take what was used; a wrong entry keeps no other from being taken. Reporting the same twice is harmless, the same key
    with something else in it is refused."""
    told = list(rows)
    taken = Taken()
    known = set(
        Subscription.objects.filter(shop__in={row.shop_id for row in told})
        .values_list("shop", flat=True)
        .distinct()
    )
    catalogue, today = price_list.catalogue(), kst_day(now)
    fresh: dict[str, Reported] = {}
    for row in told:
        problem = _problem(row, known, catalogue, today)
        before = fresh.get(row.key)
        if problem:
            taken.refused.append((row.key, problem))
        elif before is None:
            fresh[row.key] = row
        elif _content(before) == _content(row):
            taken.repeated += 1
        else:
            taken.refused.append((row.key, _OTHER))
    with transaction.atomic():
        added = _insert(list(fresh.values()), now)
        taken.added = len(added)
        stored = {row.key: row for row in Usage.objects.filter(key__in=fresh.keys() - added)}
    for key, found in stored.items():
        if _content(fresh[key]) == (found.shop_id, found.kind, found.used_on, found.quantity):
            taken.repeated += 1
        else:
            taken.refused.append((key, _OTHER))
    return taken


_OTHER: Final = "같은 번호로 다른 내용이 이미 있습니다. 고치려면 조정으로 바로잡아 주세요."


def _content(row: Reported) -> tuple[int, str, date, int]:
    return row.shop_id, row.kind, row.used_on, row.quantity


def _insert(rows: list[Reported], now: datetime) -> set[str]:
    if not rows:
        return set()
    # In one order whoever reports, so that two who report the same do not wait for each other.
    rows.sort(key=lambda row: row.key)
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                now,
                [row.shop_id for row in rows],
                [row.key for row in rows],
                [row.kind for row in rows],
                [row.used_on for row in rows],
                [row.quantity for row in rows],
                [row.reference[:100] for row in rows],
            ],
        )
        return {key for (key,) in cursor.fetchall()}


def _problem(row: Reported, known: Collection[int], catalogue: Catalogue, today: date) -> str:
    """Why an entry cannot be taken, one sentence; "" when it can."""
    if not 0 < len(row.key) <= _LONGEST_KEY:
        return f"사용량마다 {_LONGEST_KEY}자까지의 번호가 있어야 합니다."
    if row.kind not in UsageKind.values:
        return "모르는 사용량 종류입니다."
    if type(row.quantity) is not int:
        return "수량은 정수로 적어 주세요."
    if row.quantity <= 0:
        return "수량은 1 이상이어야 합니다."
    if row.quantity > _MOST:
        return f"수량은 {_MOST:,}까지 적을 수 있습니다."
    if row.used_on > today:
        return "아직 오지 않은 날의 사용량입니다."
    if row.shop_id not in known:
        return "요금제를 쓴 적이 없는 가게입니다."
    try:
        catalogue.usage_of(row.kind, row.used_on)
    except NotSold:
        return "그날은 아직 팔지 않던 것입니다."
    return ""
