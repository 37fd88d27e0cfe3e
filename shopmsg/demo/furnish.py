"""The demo's shops as owners would have furnished them: hours, menu, notices, a coupon; once, and undoing nobody's edits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from messaging import promos
from messaging.editor.fields import DraftFields
from messaging.editor.pictures import picture_for
from messaging.editor.publications import make_version
from messaging.homepage import announcements, hours, menu, words
from messaging.models import Homepage, PromoVersion
from messaging.template_kinds import TemplateKind
from messaging.template_texts import template
from shopmsg.accounts.models import Shop, User
from shopmsg.core.clock import kst_day
from shopmsg.core.opening import Week
from shopmsg.core.opening_day import Day
from shopmsg.core.opening_read import read_line
from shopmsg.core.opening_rest import Holidays, Monthly


@dataclass(frozen=True, slots=True)
class Furniture:
    """What one shop shows. `menu` are (name, price, note); `benefit` makes its promo a coupon."""

    week: Week
    intro: str
    way: str
    menu: tuple[tuple[str, str, str], ...]
    notice: str = ""
    benefit: str = ""


FURNITURE: Final = {
    "haetsal": Furniture(
        week=Week(
            (*(Day.of(14 * 60, 23 * 60),) * 4, *(Day.of(14 * 60, 24 * 60),) * 2, Day.of(14 * 60, 23 * 60)),
            monthly=Monthly(0, (1, 3)),
            holidays=Holidays.FEASTS,
        ),
        intro="주문을 받고 나서 튀겨요.\n포장은 10분 전에 전화 주시면 기다리지 않으셔도 돼요.",
        way="보라매역 3번 출구에서 걸어서 4분, 놀이터 맞은편 1층",
        menu=(
            ("프라이드 치킨", "18000", "뼈 있는 한 마리"),
            ("양념 치킨", "19000", ""),
            ("반반 치킨", "19000", "프라이드 반, 양념 반"),
            ("간장 치킨", "19000", ""),
            ("순살 치킨", "20000", "뼈 없이"),
            ("똥집 튀김", "12000", ""),
            ("생맥주 500", "4500", ""),
        ),
        notice="12월 24일과 25일은 주문이 많아요. 미리 전화 주시면 시간을 맞춰 튀겨 드려요.",
    ),
    "gyeol": Furniture(
        week=Week(
            (None, *(Day.of(10 * 60, 20 * 60, (13 * 60, 14 * 60)),) * 5, Day.of(11 * 60, 18 * 60)),
            holidays=Holidays.CLOSED,
        ),
        intro="한 분씩 예약을 받아 천천히 해 드려요.",
        way="망원역 2번 출구, 빵집 건물 2층",
        menu=(
            ("커트", "22000", "샴푸 포함"),
            ("앞머리 커트", "5000", ""),
            ("뿌리 염색", "60000", "5cm까지"),
            ("전체 염색", "80000", "길이에 따라 더해질 수 있어요"),
            ("펌", "90000", ""),
            ("두피 관리", "50000", "40분"),
        ),
        notice="일요일은 오후 6시까지만 해요.",
    ),
    "motungi": Furniture(
        week=Week((Day.of(8 * 60, 21 * 60),) * 7, note="마지막 주문 오후 8:30"),
        intro="매일 아침 볶은 콩으로 내려요.\n노트북 쓰실 자리는 2층에 있어요.",
        way="왕십리역 6번 출구에서 걸어서 3분, 모퉁이 1층",
        menu=(
            ("아메리카노", "4000", "따뜻하게도 차갑게도"),
            ("라테", "4800", ""),
            ("바닐라 라테", "5300", ""),
            ("유자차", "5500", "직접 담근 유자청"),
            ("스콘", "3500", "오전 10시에 나와요"),
            ("치즈 케이크", "6500", ""),
        ),
        benefit="아메리카노 한 잔 500원 할인",
    ),
}


@transaction.atomic
def furnish(shop: Shop, owner: User, now: datetime) -> None:
    """What the shop's owner would have done in the first week, all of it; nothing once anything of it is there."""
    found = FURNITURE.get(shop.slug)
    if Homepage.objects.filter(shop=shop).exists() or shop.week:
        return
    if found is None:
        week = read_line(shop.hours)
        if week is not None:
            hours.change_hours(shop, week, by=owner, now=now, address=None)
        return
    hours.change_hours(shop, found.week, by=owner, now=now, address=None)
    words.change_intro(shop, found.intro, by=owner, address=None)
    words.change_way(shop, found.way, by=owner, address=None)
    for name, price, note in found.menu:
        menu.add(shop, name=name, price=price, note=note, by=owner, address=None)
    if found.notice:
        announcements.add(
            shop,
            text=found.notice,
            starts_on=None,
            ends_on=kst_day(now) + timedelta(days=45),
            today=kst_day(now),
            by=owner,
            address=None,
        )
    if found.benefit:
        _coupon(shop, owner, found.benefit, now)


def _coupon(shop: Shop, owner: User, benefit: str, now: datetime) -> PromoVersion:
    """The trade's coupon with this shop's benefit, live for a month."""
    today = kst_day(now)
    made = template(shop.ksic, TemplateKind.COUPON, shop_name=shop.name, today=today, address=shop.address)
    starts_on, ends_on = made.period(today)
    fields = DraftFields(
        kind=made.kind,
        headline=made.headline,
        body=made.body,
        details={**made.details, "benefit": benefit},
        starts_on=starts_on,
        ends_on=ends_on,
        shows_hours=True,
        picture="drawn:0",
    )
    version = make_version(shop, fields, picture_for(shop, fields), by=owner, now=now)
    return promos.publish(version, by=owner, now=now)
