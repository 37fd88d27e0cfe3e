"""미납: who owes what since when, what was done about it and what comes next; for admins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest

from billing import dunning
from billing.enums import PayMethod
from billing.models import Account, Card, CardCharge, CardState, ChargeState, DunningStep, Invoice
from shopmsg.accounts.enums import MemberRole, ShopStatus
from shopmsg.accounts.models import Membership
from shopmsg.core.clock import format_day, kst_day

PAGE: Final = 20
#: Fewer digits would find everybody.
_FEWEST_DIGITS: Final = 3
_DAY: Final = timedelta(days=1)
#: Ages of what is unpaid, days: from, to (None: whatever is older).
AGES: Final = ((1, 2), (3, 6), (7, 13), (14, 29), (30, None))


@dataclass(frozen=True, slots=True)
class Age:
    """What has been unpaid for so long: shops and won."""

    label: str
    shops: int
    won: int


@dataclass(frozen=True, slots=True)
class Row:
    """A shop that owes. `last` and `next` say a step and its day; `card` what is wrong with its card, "" when nothing is;
    `tone` the chip's."""

    slug: str
    name: str
    owner: str
    owed_krw: int
    since: str
    days: int
    state: str
    tone: str
    last: str
    next: str
    pays: str
    card: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """One page. `older` begins the next, "" after the last."""

    rows: Sequence[Row]
    older: str


def late(now: datetime) -> QuerySet[Account, Account]:
    """Accounts with something overdue, each with `late_krw`, `taken` (the last step, null for none) and `taken_at`."""
    today = kst_day(now)
    # What is left of a balance lies on the newest bills (billing.ledger.open_invoices).
    not_due = (
        Invoice.objects.filter(shop=OuterRef("shop"), total_krw__gt=0, due_on__gte=today)
        .order_by()
        .values("shop")
        .annotate(won=Sum("total_krw"))
        .values("won")
    )
    steps = DunningStep.objects.filter(
        account=OuterRef("pk"), unpaid_since=OuterRef("unpaid_since")
    ).order_by("-step")
    return Account.objects.filter(unpaid_since__lt=today).annotate(
        late_krw=Greatest(F("balance_krw") - Coalesce(Subquery(not_due), Value(0)), Value(0)),
        taken=Subquery(steps.values("step")[:1]),
        taken_at=Subquery(steps.values("taken_at")[:1]),
    )


def ages(now: datetime) -> list[Age]:
    """Sums by age, and over all of them; one query."""
    today = kst_day(now)
    asked: dict[str, Any] = {"shops": Count("pk"), "won": Sum("late_krw")}
    for first, last in AGES:
        aged = Q(unpaid_since__lte=today - first * _DAY)
        if last:
            aged &= Q(unpaid_since__gte=today - last * _DAY)
        asked |= {f"shops_{first}": Count("pk", filter=aged), f"won_{first}": Sum("late_krw", filter=aged)}
    found = late(now).aggregate(**asked)
    return [
        *(
            Age(
                f"{first}~{last}일" if last else f"{first}일부터",
                found[f"shops_{first}"],
                found[f"won_{first}"] or 0,
            )
            for first, last in AGES
        ),
        Age("모두", found["shops"], found["won"] or 0),
    ]


def matching(words: str) -> Q:
    """Accounts with these words in the shop's, the merchant's or an owner's name, or with these digits in the business
    number."""
    owners = Membership.objects.filter(role=MemberRole.OWNER, user__name__icontains=words)
    named = [
        Q(shop__name__icontains=words),
        Q(shop__merchant__name__icontains=words),
        Q(shop__in=owners.values("shop")),
    ]
    digits = "".join(char for char in words if char not in " -")
    if digits.isascii() and digits.isdigit() and len(digits) >= _FEWEST_DIGITS:
        named.append(Q(shop__merchant__business_number__contains=digits))
    return reduce(or_, named)


def at_step(step: str) -> Q:
    """Accounts whose last step is that one; "stop" for those that do not send, "" for all."""
    if step == "stop":
        return Q(stopped_at__isnull=False)
    if step.isdecimal():
        return Q(taken=int(step), stopped_at__isnull=True)
    return Q()


def page(found: QuerySet[Account, Account], before: str, now: datetime, size: int = PAGE) -> Listed:
    """A page of `late`, what became late last first; `before` is another page's `older`."""
    cards = Card.objects.exclude(state=CardState.REMOVED).order_by("-pk")
    declined = CardCharge.objects.filter(shop=OuterRef("shop")).order_by("-pk")
    rows: QuerySet[Account, Account] = (
        found.annotate(
            card_state=Subquery(cards.filter(shop=OuterRef("shop")).values("state")[:1]),
            card_broken=Subquery(cards.filter(shop=OuterRef("shop")).values("broken_for")[:1]),
            charge_state=Subquery(declined.values("state")[:1]),
            charge_why=Subquery(declined.values("why")[:1]),
        )
        .select_related("shop__merchant")
        .prefetch_related(
            Prefetch(
                "shop__memberships",
                Membership.objects.filter(role=MemberRole.OWNER).select_related("user").order_by("pk"),
            )
        )
        .order_by("-unpaid_since", "-pk")
    )
    since, _, pk = before.partition("-")
    if len(since) == 8 and since.isdecimal() and pk.isdecimal() and len(pk) <= 18:
        try:
            day = date(int(since[:4]), int(since[4:6]), int(since[6:]))
        except ValueError:
            return Listed((), "")
        rows = rows.filter(Q(unpaid_since__lt=day) | Q(unpaid_since=day, pk__lt=int(pk)))
    listed = list(rows[: size + 1])
    older = ""
    if len(listed) > size:
        last = listed[size - 1]
        older = f"{last.unpaid_since:%Y%m%d}-{last.pk}"
    return Listed([_row(account, now) for account in listed[:size]], older)


def _row(account: Any, now: datetime) -> Row:
    """`account` with what `late` and `page` annotated."""
    today, shop = kst_day(now), account.shop
    closed = shop.status == ShopStatus.CLOSED
    state, tone = _state(account, closed=closed, today=today)
    owners = [member.user.name for member in shop.memberships.all()]
    return Row(
        slug=shop.slug,
        name=shop.name,
        owner=" · ".join(dict.fromkeys([*owners[:2], shop.merchant.name])),
        owed_krw=account.late_krw,
        since=format_day(account.unpaid_since),
        days=(today - account.unpaid_since).days,
        state=state,
        tone=tone,
        last=_last(account),
        next=_next(account, closed=closed, today=today),
        pays=PayMethod(account.method).label,
        card=_card(account),
        closed=closed,
    )


def _state(account: Any, *, closed: bool, today: date) -> tuple[str, str]:
    if closed:
        return "해지", "skipped"
    if account.stopped_at is not None:
        return "정지", "failed"
    if account.hold_until is not None and today <= account.hold_until:
        return f"{format_day(account.hold_until)}까지 미룸", "held"
    return (f"{account.taken}일 알림", "waiting") if account.taken else ("알림 전", "waiting")


def _last(account: Any) -> str:
    if account.taken is None:
        return ""
    what = "정지" if account.taken == dunning.STOP and account.stopped_at else f"{account.taken}일 알림"
    return f"{what} · {format_day(kst_day(account.taken_at))}"


def _next(account: Any, *, closed: bool, today: date) -> str:
    coming = [step for step in dunning.STEPS if step > (today - account.unpaid_since).days]
    remind = [step for step in coming if step != dunning.STOP or closed]
    if remind:
        return f"{remind[0]}일 알림 · {format_day(account.unpaid_since + remind[0] * _DAY)}"
    if closed:
        return ""
    if account.stopped_at is not None:
        return "납부하면 바로 다시 발송"
    stop = dunning.stops_on(account)
    return f"정지 · {format_day(max(stop, today))}" if stop else ""


def _card(account: Any) -> str:
    if account.method != PayMethod.CARD:
        return ""
    if account.card_state is None:
        return "등록한 카드 없음"
    if account.card_state == CardState.BROKEN:
        return account.card_broken or "쓸 수 없는 카드"
    if account.charge_state == ChargeState.DECLINED:
        return account.charge_why or "결제 거절"
    if account.charge_state in (ChargeState.SUBMITTING, ChargeState.UNCERTAIN):
        return "결제 확인 중"
    return ""
