"""The owner's first page: today in numbers, what is left of the day, what needs a hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from messaging import promos
from messaging.models import PromoVersion, Publication, PublicationState, QuotaDay, ShopNumbers
from messaging.queries.calls import CallRow, calls_page
from messaging.queries.numbers import Week, week_of
from messaging.texts.seasons import past_month
from shopmsg.accounts.enums import NoticeState, Product, ShopStatus
from shopmsg.accounts.models import Line, Shop
from shopmsg.core.clock import format_moment, kst_day

LAST_CALLS: Final = 5
#: "오늘 500건에 가까워요" from nine tenths on (rules.md §4: told before it happens).
NEAR_PERCENT: Final = 90
PROMO_ENDING: Final = timedelta(days=3)
#: A publication waits 90 days at most (editor.publications); what failed is shown a month beyond that.
PUBLICATION_SHOWN: Final = timedelta(days=120)


class Step(StrEnum):
    """Where the one button of a warning leads; the view knows the address."""

    CALL_US = "call_us"
    SENDING_ON = "sending_on"
    PROMO = "promo"
    GALLERY = "gallery"
    CALLS_NOT_SENT = "calls_not_sent"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that needs the owner: what is wrong, what follows from it, and one button."""

    title: str
    text: str
    step: Step
    button: str
    stops_sending: bool


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Today of a shop, and the week it lies in. `waiting` is what is held until the morning and what is on its way."""

    week: Week
    numbers: ShopNumbers
    waiting: int
    quota_used: int
    quota_cap: int
    calls: tuple[CallRow, ...]
    promo: PromoVersion | None
    contact: str
    warnings: tuple[Alert, ...]

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to show of today yet."""
        numbers = self.numbers
        return not (numbers.calls or numbers.visited or numbers.redeemed or self.waiting)

    @property
    def quota_left(self) -> int:
        return max(0, self.quota_cap - self.quota_used)


def dashboard(shop: Shop, now: datetime) -> Dashboard:
    """Everything on the owner's first page, in eight statements at most."""
    today = kst_day(now)
    week = week_of(shop.pk, today, today)
    numbers = week.day(today)
    quota = QuotaDay.objects.filter(shop_id=shop.pk, day=today).first()
    used, cap = (quota.used, quota.cap) if quota else (0, shop.daily_cap)
    lines = list(shop.lines.order_by("pk"))
    promo = promos.current(shop, today)
    return Dashboard(
        week=week,
        numbers=numbers,
        waiting=numbers.held + max(0, numbers.under_way),
        quota_used=used,
        quota_cap=cap,
        calls=calls_page(shop, now, size=LAST_CALLS).rows,
        promo=promo,
        contact=lines[0].number if lines else "",
        warnings=tuple(_warnings(shop, now, lines=lines, promo=promo, used=used, cap=cap)),
    )


def _warnings(
    shop: Shop, now: datetime, *, lines: Sequence[Line], promo: PromoVersion | None, used: int, cap: int
) -> list[Alert]:
    found = [*_stopped(shop, lines)]
    if promo is None:
        found.append(
            Alert(
                "보낼 홍보문자가 없어요",
                "지금은 전화가 와도 문자가 나가지 않아요.",
                Step.PROMO,
                "홍보문자 만들기",
                stops_sending=True,
            )
        )
    elif promo.live and promo.ends_on and promo.ends_on - kst_day(now) <= PROMO_ENDING:
        left = (promo.ends_on - kst_day(now)).days
        when = "오늘" if left == 0 else f"{left}일 뒤에"
        found.append(
            Alert(
                f"홍보 기간이 {when} 끝나요",
                "끝나면 평소 문자가 대신 나가요.",
                Step.PROMO,
                "기간 바꾸기",
                stops_sending=False,
            )
        )
    found += _refused(shop, now)
    found += _out_of_season(promo, kst_day(now))
    if used >= cap:
        found.append(
            Alert(
                f"오늘 {cap:,}건을 모두 보냈어요",
                "내일 다시 보내요.",
                Step.CALLS_NOT_SENT,
                "못 보낸 통화 보기",
                stops_sending=True,
            )
        )
    elif used * 100 >= cap * NEAR_PERCENT:
        found.append(
            Alert(
                f"오늘 {cap:,}건에 가까워요",
                f"{cap - used:,}건을 더 보내면 내일 0시까지 쉬어요.",
                Step.CALL_US,
                "한도 문의하기",
                stops_sending=False,
            )
        )
    return found


def _out_of_season(promo: PromoVersion | None, today: date) -> list[Alert]:
    month = past_month(f"{promo.headline}\n{promo.body}", today) if promo is not None else None
    if month is None:
        return []
    return [
        Alert(
            f"{month}월 인사말이 아직 나가고 있어요",
            f"{today.month}월에 맞는 인사말을 준비해 두었어요.",
            Step.GALLERY,
            "이달 인사말 보기",
            stops_sending=False,
        )
    ]


def _refused(shop: Shop, now: datetime) -> list[Alert]:
    """The shop's newest publication, when it could not go live; the next one puts it right."""
    newest = (
        Publication.objects.filter(shop=shop, created_at__gt=now - PUBLICATION_SHOWN).order_by("-pk").first()
    )
    if newest is None or newest.state != PublicationState.REFUSED:
        return []
    return [
        Alert(
            "새 홍보문자가 나가지 못했어요",
            newest.problem,
            Step.PROMO,
            "홍보문자 고치기",
            stops_sending=False,
        )
    ]


def _stopped(shop: Shop, lines: Sequence[Line]) -> list[Alert]:
    """What keeps a shop from sending anything at all; the first reason is enough."""
    if shop.status != ShopStatus.ACTIVE:
        text = shop.status_reason or "지금은 전화가 와도 문자가 나가지 않아요."
        title = {
            ShopStatus.PENDING: "아직 개통 전이에요",
            ShopStatus.SUSPENDED: "이용이 멈춰 있어요",
            ShopStatus.CLOSED: "해지된 가게예요",
        }[ShopStatus(shop.status)]
        return [Alert(title, text, Step.CALL_US, "전화로 물어보기", stops_sending=True)]
    if not shop.sending_on:
        return [
            Alert(
                "발송이 꺼져 있어요",
                f"{format_moment(shop.off_until)}에 저절로 다시 켜져요."
                if shop.off_until
                else "지금은 전화가 와도 문자가 나가지 않아요.",
                Step.SENDING_ON,
                "발송 켜기",
                stops_sending=True,
            )
        ]
    if not any(line.sender_accepted_at for line in lines):
        return [
            Alert(
                "발신번호 등록이 아직 끝나지 않았어요",
                "통신서비스 이용증명원을 보내 주시면 바로 등록해 드려요.",
                Step.CALL_US,
                "전화로 물어보기",
                stops_sending=True,
            )
        ]
    if shop.product == Product.SOHO and not any(line.notice_state == NoticeState.ACTIVE for line in lines):
        return [
            Alert(
                "통화연결음 안내가 아직 켜지지 않았어요",
                "안내가 켜지면 자동으로 보내기 시작해요.",
                Step.CALL_US,
                "전화로 물어보기",
                stops_sending=True,
            )
        ]
    return []
