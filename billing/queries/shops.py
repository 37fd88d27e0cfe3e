"""가게 찾기: shops with a contract, as an agent with somebody on the telephone looks for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Prefetch, Q, QuerySet

from billing import dunning, shop_state
from billing.models import Account, Invoice, Subscription, SubscriptionState
from shopmsg.accounts.enums import MemberRole, Product, ShopStatus
from shopmsg.accounts.models import Line, Membership
from shopmsg.core.keys import number_in

PAGE: Final = 20
#: Fewer digits of a telephone would find everybody; more of a business number are typed than heard.
_PHONE_DIGITS: Final = 4
_BUSINESS_DIGITS: Final = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A shop in the list. `chips`: (tone, word) each; `plan` what it has in a few words."""

    slug: str
    name: str
    people: str
    plan: str
    chips: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """One page. `older` is the key the next begins below, 0 after the last."""

    rows: Sequence[Row]
    older: int


def matching(words: str) -> Q:
    """Accounts of shops with these words in their name, the merchant's or an owner's; with these last four digits of an owner's or
    the shop's telephone, or the whole of it; with these five digits or more of the business number; with this bill."""
    owners = Membership.objects.filter(role=MemberRole.OWNER)
    asked = [
        Q(shop__name__icontains=words),
        Q(shop__merchant__name__icontains=words),
        Q(shop__in=owners.filter(user__name__icontains=words).values("shop")),
        Q(shop__in=Invoice.objects.filter(number__iexact=words).values("shop")),
    ]
    digits = "".join(char for char in words if char not in " -")
    if digits.isascii() and digits.isdigit():
        if len(digits) >= _PHONE_DIGITS:
            asked.append(Q(shop__in=owners.filter(user__mobile__endswith=digits).values("shop")))
            asked.append(Q(shop__in=Line.objects.filter(number__endswith=digits).values("shop")))
        if len(digits) >= _BUSINESS_DIGITS:
            asked.append(Q(shop__merchant__business_number__contains=digits))
    return reduce(or_, asked)


def page(words: str, before: str, today: date, size: int = PAGE) -> Listed:
    """A page of the shops that `words` name ("" for all), the newest account first; `before` is another page's `older`."""
    found: QuerySet[Account, Account] = Account.objects.filter(matching(words) if words else Q())
    below = number_in(before)
    if below is not None:
        found = found.filter(pk__lt=below)
    running = Subscription.objects.filter(state=SubscriptionState.RUNNING)
    found = found.select_related("shop__merchant").prefetch_related(
        Prefetch(
            "shop__memberships",
            Membership.objects.filter(role=MemberRole.OWNER).select_related("user").order_by("pk"),
        ),
        Prefetch("shop__subscriptions", running),
    )
    rows = list(found.order_by("-pk")[: size + 1])
    older = rows[size - 1].pk if len(rows) > size else 0
    return Listed([_row(account, today) for account in rows[:size]], older)


def plan_in_words(held: Subscription) -> str:
    """What was agreed last: "소상공인형 3년 약정 · 이벤트 기본"."""
    words = [Product(held.product).label]
    if held.term_months:
        words.append(f"{held.term_months // 12}년 약정")
    if held.bundle != "none":
        words.append(held.get_bundle_display())
    said = " ".join(words)
    return said if held.plan == "none" else f"{said} · {held.get_plan_display()}"


def chips_of(account: Account, held: Subscription | None, today: date) -> tuple[tuple[str, str], ...]:
    """How a shop stands: whether it sends, a booked end, whether a bill is overdue. `held` is the subscription that runs."""
    status = ShopStatus(account.shop.status)
    tones = {ShopStatus.ACTIVE: "sent", ShopStatus.SUSPENDED: "failed", ShopStatus.CLOSED: "skipped"}
    chips = [(tones.get(status, "waiting"), status.label)]
    if status == ShopStatus.SUSPENDED and account.shop.status_reason == shop_state.PAUSED:
        chips = [("held", "일시정지")]
    if held is not None and held.last_day is not None:
        chips.append(("held", f"{held.last_day.month}월 {held.last_day.day}일 해지 예약"))
    if dunning.is_late(account, today):
        chips.append(("failed", "미납"))
    return tuple(chips)


def _row(account: Account, today: date) -> Row:
    shop = account.shop
    held = next(iter(shop.subscriptions.all()), None)
    owners = [member.user.name for member in shop.memberships.all()]
    return Row(
        slug=shop.slug,
        name=shop.name,
        people=" · ".join(dict.fromkeys([*owners[:2], shop.merchant.name])),
        plan=plan_in_words(held) if held is not None else "계약 끝남",
        chips=chips_of(account, held, today),
    )
