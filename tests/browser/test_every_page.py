"""What holds on every page of ours, whatever it shows (ux.md, "Bars"): a page nobody visits here fails the suite."""

import gzip
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import axe_core_python
import pytest
import requests
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Browser, Page, Response, ViewportSize, expect

from tests.browser import traffic
from tests.browser.conftest import PHONE, Portal, eventually, run_inside
from tests.markup import OWNER_PAGE, PUBLIC_PAGE

pytestmark = pytest.mark.browser

#: Who is who: people of the demo, two of them with other shops than the demo gives them (RARE_ROWS).
PEOPLE: Final = {
    "owner": "01090000004",
    "owner of none": "01090000005",
    "owner of two": "01090000006",
    "idle owner": "01090000006",
    "colleague": "01090000011",
    "admin": "01090000099",
}
NARROW: Final = ViewportSize(width=360, height=740)

#: Named addresses no person opens with GET, and why.
NOT_VISITED: Final = {
    "accounts:logout": "POST",
    "accounts:send_again": "POST",
    "demo:phone": "a part of demo:result",
    "demo:picture": "picture",
    "home:healthz": "for machines",
    "home:operator_resume": "POST",
    "home:shop_resume": "POST",
    "home:manifest": "for machines",
    "home:readyz": "for machines",
    "home:sample_picture": "picture",
    "home:worker": "a script",
    "home:try": "stands behind demo:try; tests/home/test_public_pages.py looks at it",
    "accounts:person_restore": "POST",
    "messaging:announcement_remove": "POST",
    "messaging:announcement_undo": "POST",
    "messaging:block_restore": "POST",
    "messaging:block_sample": "a file",
    "messaging:block_upload_undo": "POST",
    "messaging:gallery_picture": "picture",
    "messaging:gallery_start": "POST",
    "messaging:coupon_redeem": "POST",
    "messaging:hook_calls": "for machines",
    "messaging:hook_optouts": "for machines",
    "messaging:hook_reports": "for machines",
    "messaging:menu_do": "POST",
    "messaging:menu_undo": "POST",
    "messaging:message_again": "POST",
    "messaging:photo_add": "POST",
    "messaging:photo_do": "POST",
    "messaging:photo_undo": "POST",
    "messaging:picture": "picture",
    "messaging:picture_small": "picture",
    "messaging:picture_upload": "POST",
    "messaging:promo_design": "picture",
    "messaging:promo_preview": "POST, a part of messaging:promo",
    "messaging:promo_call_back": "POST",
    "messaging:promo_choose": "POST",
    "messaging:promo_publication": "a part of messaging:promo",
    "messaging:promo_publish": "POST",
    "messaging:promo_save": "POST",
    "messaging:promo_test": "POST",
    "messaging:promo_undo": "POST",
    "messaging:sending": "POST",
    "messaging:shop_closure_do": "POST",
}


@dataclass(frozen=True)
class Visit:
    """One page in one state. `path` may hold {shop}, {empty}, {link}, {stopped}, {call}, {failed}, {block}, {result},
    {owner}, {long}, {old}, {login}; `do` is what the person does there; `weight` is the bar of its kind of page."""

    name: str
    path: str
    who: str = ""
    do: tuple[Callable[[Page], object], ...] = ()
    status: int = 200
    weight: int = PUBLIC_PAGE

    def __str__(self) -> str:
        return f"{self.who or 'visitor'} {self.path}{' and acts' * bool(self.do)}"


def press(name: str) -> Callable[[Page], object]:
    def pressed(page: Page) -> None:
        page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()
        page.wait_for_load_state()

    return pressed


def write(**fields: str) -> Callable[[Page], object]:
    def written(page: Page) -> None:
        for name, value in fields.items():
            page.locator(f"[name={name}]").last.fill(value)

    return written


owners: Final = partial(Visit, who="owner", weight=OWNER_PAGE)
staff: Final = partial(Visit, who="admin", weight=OWNER_PAGE)

VISITS: Final = [
    Visit("home:landing", "/"),
    Visit("home:terms", "/terms/"),
    Visit("home:privacy", "/privacy/"),
    Visit("home:help", "/help/"),
    Visit("home:law", "/help/law/"),
    Visit("home:offline", "/offline/"),
    Visit("messaging:genuine", "/real/"),
    Visit("messaging:genuine", "/real/", do=(write(link="http://bit.ly/3xyz"), press("확인하기"))),
    Visit("accounts:link", "{login}"),
    Visit("accounts:link", "/in/used-or-never-sent/", status=410),
    Visit("(404)", "/no/such/page/", status=404),
    Visit("demo:try", "/try/"),
    Visit("demo:try", "/try/", do=(write(caller="전화"), press("전화 끊기"))),
    Visit("demo:result", "{result}"),
    Visit("demo:logins", "/login/demo/"),
    Visit("accounts:login", "/login/"),
    Visit("accounts:login", "/login/", do=(write(mobile="02-123"), press("인증번호 받기"))),
    Visit("accounts:code", "/login/", do=(write(mobile="010-0999-0001"), press("인증번호 받기"))),
    Visit("accounts:staff_login", "/staff/login/"),
    Visit("accounts:staff_login", "/staff/login/", do=(press("로그인"),)),
    Visit("messaging:message", "{link}"),
    Visit("messaging:message", "{stopped}"),
    Visit("messaging:message", "/m/0123456789", status=404),
    Visit("messaging:message_stop", "{link}/stop"),
    Visit("messaging:message_stop", "{stopped}/stop"),
    owners("home:start", "/start/", who="owner of two"),
    owners("home:start", "/start/", who="owner of none"),
    owners("home:today", "/shops/long/", who="owner of two"),
    owners("home:today", "/shops/stopped/", who="owner of two"),
    owners("messaging:calls", "/shops/long/calls/", who="owner of two"),
    owners("messaging:promo", "/shops/long/promo/", who="owner of two"),
    owners("messaging:versions", "/shops/{shop}/promo/versions/"),
    owners("messaging:versions", "/shops/long/promo/versions/", who="owner of two"),
    owners("messaging:versions", "/shops/{shop}/promo/versions/?words=없는말"),
    owners("messaging:version", "/shops/{shop}/promo/versions/1/"),
    owners("messaging:version", "/shops/long/promo/versions/1/", who="owner of two"),
    owners("messaging:gallery", "/shops/{shop}/promo/gallery/"),
    owners("messaging:gallery", "/shops/{shop}/promo/gallery/?kind=coupon&page=2"),
    owners("messaging:gallery", "/shops/{shop}/promo/gallery/?q=없는말"),
    owners("messaging:gallery", "/shops/long/promo/gallery/", who="owner of two"),
    owners("messaging:blocks", "/shops/long/blocks/", who="owner of two"),
    owners("messaging:settings", "/shops/long/settings/", who="owner of two"),
    owners("messaging:shop_info", "/shops/{shop}/shop/"),
    owners("messaging:shop_info", "/shops/long/shop/", who="owner of two"),
    owners("messaging:shop_info", "/shops/{colleagues}/shop/", who="colleague"),
    owners("messaging:shop_hours", "/shops/{shop}/shop/hours/"),
    owners("messaging:shop_hours", "/shops/long/shop/hours/?how=each", who="owner of two"),
    owners("messaging:shop_hours", "/shops/long/shop/hours/", who="owner of two", do=(write(note="쉬는 날 😀"), press("영업시간 저장하기"))),
    owners("messaging:shop_rest", "/shops/long/shop/rest/", who="owner of two"),
    owners("messaging:shop_closures", "/shops/long/shop/closures/", who="owner of two"),
    owners("messaging:shop_closures", "/shops/long/shop/closures/", who="owner of two", do=(press("쉬는 날 올리기"),)),
    owners("messaging:shop_place", "/shops/long/shop/place/", who="owner of two"),
    owners("messaging:shop_intro", "/shops/{shop}/shop/intro/"),
    owners("messaging:shop_slug", "/shops/{shop}/shop/address/"),
    owners("messaging:shop_slug", "/shops/{shop}/shop/address/", do=(lambda page: page.get_by_label("홈페이지 주소").fill("long"), press("저장하기"))),
    owners("messaging:shop_menu", "/shops/long/shop/menu/", who="owner of two"),
    owners("messaging:shop_menu", "/shops/{shop}/shop/menu/"),
    owners("messaging:menu_add", "/shops/{shop}/shop/menu/add/", do=(write(name="장미", price="시가"), press("올리기"))),
    owners("messaging:menu_item", "/shops/long/shop/menu/9001/", who="owner of two"),
    owners("messaging:shop_photos", "/shops/long/shop/photos/", who="owner of two"),
    owners("messaging:shop_photos", "/shops/{shop}/shop/photos/"),
    owners("messaging:photo", "/shops/long/shop/photos/9001/", who="owner of two"),
    owners("messaging:shop_announcements", "/shops/long/shop/announcements/", who="owner of two"),
    owners("messaging:shop_announcements", "/shops/{shop}/shop/announcements/"),
    owners("messaging:announcement_add", "/shops/{shop}/shop/announcements/add/", do=(write(text=""), press("올리기"))),
    owners("messaging:announcement", "/shops/long/shop/announcements/9001/", who="owner of two"),
    Visit("messaging:message", "/m/{long}"),
    Visit("messaging:message_stop", "/m/{old}/stop"),
    Visit("messaging:message_coupon", "/m/{long}/coupon"),
    Visit("messaging:homepage", "/s/{shop}"),
    Visit("messaging:homepage", "/s/long"),
    Visit("messaging:homepage", "/s/gone", status=410),
    Visit("messaging:homepage_coupon", "/s/long/coupon", do=(press("쿠폰 받기"),)),
    Visit("messaging:homepage_coupon", "/s/{shop}/coupon"),
    owners("messaging:coupons", "/shops/{shop}/coupons/"),
    owners("messaging:coupons", "/shops/long/coupons/?code=482917", who="owner of two"),
    owners("messaging:coupons", "/shops/long/coupons/?code=482918", who="owner of two"),
    owners("messaging:coupons", "/shops/long/coupons/", who="owner of two", do=(write(code="12"), press("확인하기"))),
    owners("home:today", "/shops/{shop}/"),
    owners("home:today", "/shops/{empty}/", who="idle owner"),
    owners("messaging:calls", "/shops/{shop}/calls/"),
    owners("messaging:calls", "/shops/{shop}/calls/?show=not_sent"),
    owners("messaging:calls", "/shops/{shop}/calls/", do=(write(last4="12"), press("찾기"))),
    owners("messaging:calls", "/shops/{shop}/calls/", do=(write(last4="1001"), press("찾기"))),
    owners("messaging:calls", "/shops/{shop}/calls/?first=2026-03-02&last=2026-03-01&reason=too_short"),
    owners("messaging:calls_export", "/shops/{shop}/calls/export/"),
    owners("messaging:calls_export", "/shops/{empty}/calls/export/", who="idle owner", do=(press("파일 받기"),)),
    owners("messaging:numbers", "/shops/{shop}/numbers/"),
    owners("messaging:numbers", "/shops/{empty}/numbers/", who="idle owner"),
    owners("messaging:calls", "/shops/{empty}/calls/", who="idle owner"),
    owners("messaging:call", "/shops/{shop}/calls/{call}/"),
    owners("messaging:call", "/shops/{shop}/calls/{failed}/", do=(press("번호 보기"),)),
    owners("messaging:promo", "/shops/{shop}/promo/"),
    owners("messaging:promo", "/shops/{shop}/promo/?edit=headline", do=(write(headline=""),)),
    owners("messaging:promo", "/shops/{shop}/promo/?edit=body", do=(write(body="뷁 😀 " * 300),)),
    owners("messaging:promo", "/shops/{shop}/promo/?edit=period"),
    owners("messaging:promo", "/shops/{shop}/promo/?edit=picture&handset=iphone&scheme=dark"),
    owners("messaging:promo", "/shops/{shop}/promo/?edit=kind"),
    owners("messaging:promo", "/shops/{shop}/promo/?edit=ad"),
    owners("messaging:promo", "/shops/{shop}/promo/?edit=schedule"),
    owners("messaging:promo", "/shops/long/promo/?edit=test", who="owner of two"),
    owners("messaging:promo", "/shops/long/promo/?edit=hours", who="owner of two"),
    owners("messaging:optouts", "/shops/{shop}/optouts/"),
    owners("messaging:optouts", "/shops/{empty}/optouts/", who="idle owner"),
    owners("messaging:blocks", "/shops/{shop}/blocks/"),
    owners("messaging:blocks", "/shops/{shop}/blocks/", do=(write(number="123"), press("차단하기"))),
    owners("messaging:blocks", "/shops/{empty}/blocks/", who="idle owner"),
    owners("messaging:block_remove", "/shops/{shop}/blocks/{block}/remove/"),
    owners("messaging:block_upload", "/shops/{shop}/blocks/upload/"),
    owners("messaging:block_upload", "/shops/{shop}/blocks/upload/", do=(press("모두 차단하기"),)),
    owners(
        "messaging:block_upload",
        "/shops/long/blocks/upload/",
        who="owner of two",
        do=(write(pasted="010-9999-0001 대성주류\n02-123-4567\n1.01E+09"), press("모두 차단하기")),
    ),
    owners("messaging:settings", "/shops/{shop}/settings/"),
    owners("messaging:settings", "/shops/resting/settings/", who="owner of two"),
    owners("messaging:rules", "/shops/{shop}/settings/rules/"),
    owners("messaging:rules", "/shops/{colleagues}/settings/rules/", who="colleague"),
    owners("messaging:notifications", "/shops/{shop}/settings/notifications/"),
    owners("messaging:notifications", "/shops/{colleagues}/settings/notifications/", who="colleague"),
    owners("accounts:people", "/shops/{shop}/people/"),
    owners("accounts:people", "/shops/long/people/", who="owner of two"),
    owners("accounts:people", "/shops/{shop}/people/", do=(write(mobile="02-123"), press("더하고 문자 보내기"))),
    owners("accounts:people", "/shops/{colleagues}/people/", who="colleague"),
    owners("accounts:person_change", "/shops/long/people/9001/", who="owner of two"),
    owners("accounts:person_remove", "/shops/long/people/9001/remove/", who="owner of two"),
    Visit("(403)", "/shops/{colleagues}/sending/off/", who="colleague", status=403),
    owners("messaging:sending_off", "/shops/{shop}/sending/off/"),
    owners("home:today", "/shops/{colleagues}/", who="colleague"),
    owners("messaging:promo", "/shops/{colleagues}/promo/", who="colleague"),
    owners("messaging:settings", "/shops/{colleagues}/settings/", who="colleague"),
    staff("home:operator", "/ops/"),
    staff("home:styleguide", "/styleguide/"),
    staff("accounts:staff_numbers", "/staff/numbers/"),
    staff("accounts:staff_numbers", "/staff/numbers/", do=(write(query="김"), press("찾기"))),
    staff("accounts:staff_number", "/staff/numbers/{owner}/"),
    staff("accounts:staff_link", "/staff/numbers/{owner}/link/?shop={shop}"),
    staff(
        "accounts:staff_number",
        "/staff/numbers/{owner}/",
        do=(write(mobile="010-0888-0001", proof="사업자등록증과 신분증 대조"), press("다음")),
    ),
]  # fmt: skip


#: What no demo has: an owner of two shops, the one with a long name, the other stopped; an owner of none; a text past its
#: term, a call that waits for the morning.
RARE_ROWS: Final = """
import hashlib, io
from datetime import timedelta
from PIL import Image
from messaging.pictures_store import store
from django.utils import timezone
from messaging.enums import MessageState
from messaging.models import Announcement, Block, CouponCode, Homepage, MenuItem, ShopPhoto
from shopmsg.accounts import login_links
from shopmsg.core.clock import kst_day
from shopmsg.accounts.enums import MemberRole, NoticeState, ShopStatus
from shopmsg.accounts.models import Line, Membership, Merchant, Shop, User
from tests.factories.messaging import block, message_of, promo_version, sent_call

now = timezone.now()
Membership.objects.filter(user__mobile="01090000005").delete()
kept = {"merchant": Merchant.objects.first(), "ksic": "56193", "optout_080": "08012345678"}
long = Shop.objects.create(
    slug="long", name="우리 동네에서 가장 오래된 할머니 손맛 원조 서울식당 본점 옆 별관", optout_code="9001",
    status=ShopStatus.ACTIVE, address="서울특별시 강서구 공항대로 1234 마곡나루역보타닉푸르지오시티 지하 1층 비101호",
    hours="월~금 11:00~22:00, 토 12:00~23:00, 일 쉬어요, 공휴일은 전화로 물어봐 주세요", **kept,
)
stopped = Shop.objects.create(
    slug="stopped", name="멈춘가게", optout_code="9002", status=ShopStatus.SUSPENDED,
    status_reason="통신사가 가게 번호를 도용된 번호로 보고 막았어요.", **kept,
)
Line.objects.create(
    number="05051234567", shop=long, notice_state=NoticeState.ACTIVE, notice_active_since=now, sender_accepted_at=now
)
for shop in (long, stopped):
    Membership.objects.create(shop=shop, user=User.objects.get(mobile="01090000006"), role=MemberRole.OWNER)
Membership.objects.create(pk=9001, shop=long, user=User.objects.create_user("01090000097", "이함께"), role=MemberRole.VIEWER)
resting = Shop.objects.create(
    slug="resting", name="오늘은쉬는집", optout_code="9004", status=ShopStatus.ACTIVE, sending_on=False,
    off_until=now + timedelta(days=1), **kept,
)
Membership.objects.create(shop=resting, user=User.objects.get(mobile="01090000006"), role=MemberRole.OWNER)
block(long, "01005551234", "아" * 30)
sent_call(long, MessageState.HELD, caller="01005550001", release_at=now + timedelta(hours=9))
shown = message_of(sent_call(long, caller="01005550002", text=f"(광고)[{long.name}]" + chr(10) + "가나다라" * 40))
old = message_of(sent_call(long, caller="01005550003", text="", recipient_sealed=None))
Shop.objects.create(slug="gone", name="떠난가게", status=ShopStatus.CLOSED, optout_code="9003", **kept)
Shop.objects.filter(pk=long.pk).update(week={
    "days": [["11:00", "01:00", "15:00", "17:00"]] * 5 + [["12:00", "23:00"], None], "note": "재료가 떨어지면 일찍 닫아요",
    "closures": [{"from": kst_day(now).isoformat(), "to": (kst_day(now) + timedelta(days=8)).isoformat(), "reason": "겨울 휴가"}],
})
Homepage.objects.create(shop=long, intro="1978년부터 한자리에서 끓여 온 집이에요." + chr(10) + "늘 고맙습니다.", way="마곡나루역 2번 출구 앞 보타닉푸르지오시티 지하 1층, 내려와서 오른쪽")
Announcement.objects.create(shop=long, text="김장으로 11월 말에는 저녁 8시까지만 손님을 받아요. 미리 전화 주시면 자리를 잡아 드려요.", starts_on=kst_day(now))
for place, (dish, price, gone) in enumerate([("할머니 손맛 원조 얼큰 해물 손칼국수 곱빼기", 12500, False), ("감자전", 9000, True), ("모둠 수육", None, False)]):
    MenuItem.objects.create(shop=long, name=dish, price=price, sold_out=gone, note="국산 고춧가루만 써요", position=place)
MenuItem.objects.create(pk=9001, shop=long, name="공깃밥", price=1000, position=9)
Announcement.objects.create(pk=9001, shop=long, text="추석 연휴에 쉬었어요", starts_on=kst_day(now) - timedelta(days=60), ends_on=kst_day(now) - timedelta(days=50))
made = io.BytesIO()
Image.new("RGB", (1000, 750), "#7a8f6a").save(made, "JPEG")
picture = store(long, made.getvalue(), 1000, 750, hashlib.sha256(made.getvalue()).hexdigest())
ShopPhoto.objects.create(pk=9001, shop=long, picture=picture, caption="마곡나루역 쪽에서 본 가게 앞모습이에요")
promo_version(long, kind="event", headline="햅쌀밥에 나물 네 가지를 무료로 더 드리는 주간이에요", body="가나다라마바사" * 30, starts_on=kst_day(now))
version = promo_version(long, kind="coupon", live=True, headline="가을 손님께 드려요", ends_on=kst_day(now) + timedelta(days=9), details={
    "benefit": "두 분 이상 오시면 김치전 한 장과 막걸리 한 병을 드려요", "where": "본점과 옆 별관 모두", "how": "주문할 때 이 화면을 보여 주세요",
})
for code, used in (("482917", None), ("482918", now)):
    CouponCode.objects.create(shop=long, promo=version, coupon_key="other", holder=code.encode() * 2, code=code, issued_at=now, redeemed_at=used)
login_links.send(
    User.objects.get(mobile="01090000006"), long, by=User.objects.get(mobile="01090000099"), address=None, now=now
)
print("rows", shown.token, old.token, User.objects.get(mobile="01090000004").pk, Block.objects.get(shop__slug="bomnal", label="").pk)
"""


@dataclass(frozen=True)
class Stage:
    """The portal after a busy afternoon: what the visits' paths are filled in with, and everybody's cookies."""

    portal: Portal
    places: dict[str, str]
    cookies: dict[str, list[dict[str, str]]]
    links: list[str]


@pytest.fixture(scope="module")
def stage(portal: Portal) -> Stage:
    shops = portal.demo["shops"]
    shop, empty = shops[3], shops[5]
    links = traffic.fill(portal, shop)
    cookies: dict[str, list[dict[str, str]]] = {"": []}
    people = {}
    for who, mobile in PEOPLE.items():
        people[who] = traffic.Visitor(portal)
        people[who].send("/login/demo/", mobile=mobile)
        cookies[who] = people[who].cookies
    own = f"/shops/{shop['slug']}"
    for number, label in (("010-0555-0001", "쌀집 아저씨"), ("010-0555-0002", "")):
        people["owner"].send(f"{own}/blocks/", number=number, label=label)
    promo = {
        "kind": "event",
        "headline": "가을 꽃다발",
        "body": "국화가 예뻐요",
        "ends_on": "2099-12-31",
        "picture": "drawn:0",
    }
    people["owner"].send(f"{own}/promo/", to=f"{own}/promo/save/", **promo)
    rows = run_inside(portal, RARE_ROWS)
    long, old, owner, block = re.search(r"rows (\w+) (\w+) (\d+) (\d+)", rows).groups()  # type: ignore[union-attr]
    result = people["colleague"].send(
        "/try/", shop=shops[0]["slug"], caller="010-0555-0009", seconds="30", carrier="KT"
    )
    eventually(lambda: "(광고)" in people["colleague"].get(result.partition("#")[0]), 10)
    logins = eventually(
        lambda: re.findall(r"/in/[\w-]+/", "\n".join(traffic.texts(portal, PEOPLE["owner of two"]))), 20
    )
    assert logins, "the login link arrives"
    places = {
        "shop": shop["slug"], "empty": empty["slug"], "colleagues": shops[0]["slug"], "link": _path(portal, links[5]),
        "stopped": _path(portal, links[0]), "call": _call_of(people["owner"], own, traffic.DELIVERED[5]),
        "failed": _call_of(people["owner"], own, "01001002002"), "long": long, "old": old, "owner": owner, "block": block,
        "result": result, "login": logins[-1],
    }  # fmt: skip
    return Stage(portal, places, cookies, links)


def _path(portal: Portal, link: str) -> str:
    return link.removeprefix(portal.url)


def _call_of(owner: traffic.Visitor, own: str, caller: str) -> str:
    found = re.findall(
        rf'href="{own}/calls/(\d+)/"', owner.get(owner.send(f"{own}/calls/", last4=caller[-4:]))
    )
    return str(found[-1])


# --- the checks ------------------------------------------------------------------------------------------------------

_AXE: Final = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text("utf-8")

#: Everything axe knows, and AAA contrast on top (ux.md asks 7:1).
_RUN_AXE: Final = """async () => {
    const enabled = {'color-contrast-enhanced': {enabled: true}};
    const found = await axe.run(document, {rules: enabled, resultTypes: ['violations']});
    return found.violations.map(each => `${each.id} (${each.impact}): ` + each.nodes.map(node => node.html.slice(0, 160)).join(' | '));
}"""
#: In the other theme only the colours differ.
_RUN_CONTRAST: Final = """async () => {
    const only = {type: 'rule', values: ['color-contrast', 'color-contrast-enhanced', 'link-in-text-block']};
    const found = await axe.run(document, {runOnly: only, resultTypes: ['violations']});
    return found.violations.map(each => `dark ${each.id}: ` + each.nodes.map(node => node.html.slice(0, 160)).join(' | '));
}"""

#: Sizes in CSS pixels; a link within a sentence may be as high as its line (WCAG 2.5.8), a box counts with its label.
_LOOK: Final = """() => {
    const faults = [];
    const named = element => `<${element.tagName.toLowerCase()}> ${(element.innerText || element.name || '').trim().slice(0, 40)}`;
    const seen = element => element.checkVisibility({visibilityProperty: true}) && !element.closest('.visually-hidden, .skip-link, noscript');
    const all = [...document.body.querySelectorAll('*')].filter(seen);

    const h1 = [...document.querySelectorAll('h1')];
    if (h1.length !== 1) faults.push(`${h1.length} h1`);
    const plain = text => text.replace(/\\s+/g, ' ').trim();
    if (h1[0] && !plain(document.title).includes(plain(h1[0].innerText))) faults.push(`title "${document.title}" without "${plain(h1[0].innerText)}"`);
    const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
    for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`id ${id} twice`);

    for (const element of all) {
        const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
        const style = getComputedStyle(element);
        if ((own || element.matches('input, select, textarea')) && parseFloat(style.fontSize) < 18) faults.push(`text ${style.fontSize}: ${named(element)}`);
        if (['hidden', 'clip'].includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1) faults.push(`cut off: ${named(element)}`);
        if (element.matches('.value, .amount, .revealed') && parseFloat(style.fontSize) < 28) faults.push(`key number ${style.fontSize}: ${named(element)}`);
        if (!element.matches('a[href], button, input, select, textarea, summary')) continue;
        const sentence = element.parentElement.closest('p, li, pre, dd');
        if (element.matches('a') && style.display === 'inline' && sentence && plain(sentence.innerText) !== plain(element.innerText)) continue;
        const target = (element.matches('[type=radio], [type=checkbox]') && element.closest('label')) || element;
        const box = target.getBoundingClientRect();
        if (box.width < 47.9 || box.height < 47.9) faults.push(`target ${Math.round(box.width)}×${Math.round(box.height)}: ${named(element)}`);
        if (element.matches('.btn-main') && box.height < 55.9) faults.push(`main action ${Math.round(box.height)} high: ${named(element)}`);
    }
    return faults;
}"""

_FIT: Final = """label => {
    const page = document.documentElement;
    const squeezed = [...document.body.querySelectorAll('*')].flatMap(element => {
        const text = [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.data.trim()).join('');
        const style = getComputedStyle(element), size = parseFloat(style.fontSize), box = element.getBoundingClientRect();
        if (!text || box.width <= 2 || element.closest('.visually-hidden') || element.matches('option, select, textarea')) return [];
        const thin = text.length > 3 && box.width < 2.4 * size && box.height > 3 * size;
        const spills = style.display !== 'inline' && style.overflowX === 'visible' && element.scrollWidth > element.clientWidth + 1;
        return thin || spills ? [`${label}: ${thin ? 'squeezed' : 'spills'} ${element.outerHTML.slice(0, 120)}`] : [];
    });
    if (page.scrollWidth <= page.clientWidth) return squeezed;
    const wide = [...document.body.querySelectorAll('*')].filter(element => element.getBoundingClientRect().right > page.clientWidth + 1);
    return [...squeezed, `${label}: ${page.scrollWidth - page.clientWidth} px sideways, ` + wide.slice(-1).map(element => element.outerHTML.slice(0, 120))];
}"""

#: Where the focus is: whether a ring is seen there, and whether something lies over it.
_FOCUS: Final = """() => {
    const here = document.activeElement;
    if (!here || here === document.body) return null;
    const style = getComputedStyle(here);
    const box = here.getBoundingClientRect();
    const over = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 40));
    const label = here.closest('label');
    const name = `<${here.tagName.toLowerCase()}> ${(here.innerText || here.name || '').trim().slice(0, 40)}`;
    const faults = [];
    if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) faults.push(`no focus ring: ${name}`);
    if (!over || !(here.contains(over) || over.contains(here) || (label && label.contains(over)))) faults.push(`hidden focus: ${name}`);
    if (here.tabIndex > 0) faults.push(`tabindex ${here.tabIndex}: ${name}`);
    return faults;
}"""
_STOPS: Final = 12
_SHEETS: Final = """() => [
    ...[...document.styleSheets].map(sheet => sheet.href), ...[...document.scripts].map(script => script.src)
].filter(Boolean)"""


@dataclass
class Tab:
    """A person's one tab: what the page in it complained of, and the documents it was sent."""

    page: Page
    said: list[str] = field(default_factory=list)
    documents: list[Response] = field(default_factory=list)

    def listen(self) -> "Tab":
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on(
            "console", lambda line: self.said.append(line.text) if line.type in ("error", "warning") else None
        )
        self.page.on(
            "response",
            lambda got: self.documents.append(got) if got.request.is_navigation_request() else None,
        )
        return self

    def forget(self) -> None:
        self.said.clear()
        self.documents.clear()
        self.page.emulate_media(color_scheme="light")


@pytest.fixture(scope="module")
def tabs(browser: Browser, stage: Stage) -> Iterator[Callable[[str], Tab]]:
    """A narrow phone of each person, kept for all visits. The portal's own policy holds in it: axe comes in through the
    debugger, so nothing has to be switched off and whatever the policy refuses is seen."""
    made: dict[str, Tab] = {}

    def of(who: str) -> Tab:
        if who not in made:
            context = browser.new_context(
                viewport=NARROW,
                locale="ko-KR",
                base_url=stage.portal.url,
                reduced_motion="reduce",
                has_touch=True,
            )
            context.add_cookies(stage.cookies[who])  # type: ignore[arg-type]
            made[who] = Tab(context.new_page()).listen()
        made[who].forget()
        return made[who]

    yield of
    for tab in made.values():
        tab.page.context.close()


@pytest.fixture(scope="module")
def transferred(stage: Stage) -> Callable[[str], int]:
    """Bytes on the wire of a style sheet or script, compressed as the portal compresses it."""

    @cache
    def size(url: str) -> int:
        answer = requests.get(url, headers={"Accept-Encoding": "br, gzip"}, stream=True, timeout=20)
        answer.raise_for_status()
        return len(answer.raw.read(decode_content=False))

    return size


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_every_page_is_legible_reachable_light_and_sound(
    visit: Visit, stage: Stage, tabs: Callable[[str], Tab], transferred: Callable[[str], int]
) -> None:
    tab = tabs(visit.who)
    tab.page.goto(visit.path.format(**stage.places))
    for step in visit.do:
        step(tab.page)
    tab.page.wait_for_function("!document.querySelector('.htmx-request, .htmx-settling')")
    faults = _faults(tab.page, visit, tab.documents[-1], transferred)
    faults += [line for line in tab.said if not (visit.status >= 400 and str(visit.status) in line)]
    assert "\n".join(faults) == ""


def test_the_checks_see_what_they_are_there_for(browser: Browser) -> None:
    """A page with one fault of each kind; without it the walk above could go blind unnoticed."""
    page = browser.new_page(viewport=NARROW)
    page.set_content("""<!doctype html><html lang="ko"><title>다른 말</title><style>
        * { font-size: 18px } .small { font-size: 14px } .wide { width: 500px } .sliver { width: 1.5em } .over { width: 3em; white-space: nowrap } .cut { width: 3em; overflow: hidden;
        white-space: nowrap } a { outline: 0 } .faint { color: #767676 } body { background: #fff }
        @media (prefers-color-scheme: dark) { .dim { color: #ddd } }</style>
        <main><h1 id="a">제목</h1><h1 id="a">둘째</h1><p class="small">작은 글</p><a class="btn" href="#a">눌러요</a>
        <p class="wide">넓은 글</p><p class="sliver">한 자씩 밀려난 글</p><p class="over">넘치는 글자</p><p class="cut">잘려 나가는 긴 글이에요</p><p class="faint">흐린 글</p>
        <p class="dim">밤에 흐린 글</p><img src="data:,"></main>""")
    page.evaluate(_AXE)
    found = [*page.evaluate(_LOOK), *page.evaluate(_FIT, "360 px"), *page.evaluate(_RUN_AXE)]
    page.emulate_media(color_scheme="dark")
    found += [*page.evaluate(_RUN_CONTRAST), *_focus_faults(page)]
    page.close()
    for fault in (
        "2 h1", 'title "다른 말" without', "id a twice", "text 14px", "target ", "cut off", "360 px: squeezed", "360 px: spills", "360 px: 1", "color-contrast-enhanced (",
        "image-alt (critical)", "dark color-contrast", "no focus ring",
    ):  # fmt: skip
        assert any(line.startswith(fault) for line in found), fault


def _faults(page: Page, visit: Visit, document: Response, transferred: Callable[[str], int]) -> list[str]:
    faults: list[str] = []
    if document.status != visit.status:
        faults.append(f"status {document.status}")
    if visit.name in _ROUTES and _name_of(page.url) != visit.name:
        faults.append(f"this is {_name_of(page.url)}")
    html = len(gzip.compress(document.body()))
    total = html + sum(map(transferred, page.evaluate(_SHEETS)))
    if total > visit.weight:
        faults.append(f"{total:,} bytes of HTML, CSS and JavaScript")
    faults += page.evaluate(_LOOK)
    faults += page.evaluate(_FIT, "360 px")
    page.evaluate(_AXE)
    faults += page.evaluate(_RUN_AXE)
    page.emulate_media(color_scheme="dark")
    faults += page.evaluate(_RUN_CONTRAST)
    faults += _focus_faults(page)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    faults += page.evaluate(_FIT, "200 % text")
    return faults


def _focus_faults(page: Page) -> list[str]:
    """The first stops of the Tab key."""
    faults: list[str] = []
    page.evaluate("document.activeElement.blur()")
    for _ in range(_STOPS):
        page.keyboard.press("Tab")
        found = page.evaluate(_FOCUS)
        if found is None:
            break
        faults += found
    return faults


# --- nothing is forgotten ------------------------------------------------------------------------------------------


def _names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield f"{namespace}{pattern.name}"
        elif pattern.namespace != "admin":  # Unfold's own pages
            yield from _names(pattern, f"{pattern.namespace}:" if pattern.namespace else namespace)


_ROUTES: Final = frozenset(_names(get_resolver()))


def _name_of(url: str) -> str:
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return ""


def test_every_address_is_visited_or_has_a_reason_not_to_be() -> None:
    visited = {visit.name for visit in VISITS} - {"(404)", "(403)"}
    assert _ROUTES - visited - set(NOT_VISITED) == set(), "visit it, or say why not"
    assert (visited | set(NOT_VISITED)) - _ROUTES == set(), "gone"
    assert visited & set(NOT_VISITED) == set()


#: The minute of grace of whatever waits is over.
HELD_OVER: Final = """
from django.utils import timezone
from messaging.models import Publication
Publication.objects.filter(state="waiting").update(due_at=timezone.now())
"""


# --- what only a browser can tell -------------------------------------------------------------------------------------


def compose_syllables(page: Page, steps: Iterable[str]) -> None:
    """Types as a 2-beolsik keyboard does: each step is the composition so far, "|" commits it. The pauses are longer
    than the preview waits, so that its answer arrives in the middle of a syllable."""
    keyboard = page.context.new_cdp_session(page)
    open_syllable = ""
    for step in steps:
        if step == "|":
            keyboard.send("Input.insertText", {"text": open_syllable})
            continue
        open_syllable = step
        keyboard.send(
            "Input.imeSetComposition", {"text": step, "selectionStart": len(step), "selectionEnd": len(step)}
        )
        page.wait_for_timeout(260)


def test_the_preview_is_byte_for_byte_what_the_phone_receives(
    stage: Stage, tabs: Callable[[str], Tab]
) -> None:
    shop = stage.portal.demo["shops"][3]
    tab = tabs("owner")
    page = tab.page
    page.goto(f"/shops/{shop['slug']}/promo/?edit=headline")
    headline = page.locator("#field-headline")
    headline.fill("")
    headline.focus()
    compose_syllables(page, ["ㄱ", "가", "|", "ㅇ", "으", "을", "|", "ㄲ", "꼬", "꽃", "|"])
    expect(headline).to_have_value("가을꽃")
    page.locator('.phone [data-edit="body"], .adds [data-edit="body"]').click()
    page.locator("#field-body").fill("① 국화  한 다발\n\n<b>19,800원</b> & '덤' \"하나\"")
    preview = page.locator("#preview-text")
    expect(preview).to_contain_text("가을꽃\n① 국화", use_inner_text=False)
    expect(preview).to_contain_text("덤")
    shown = str(preview.evaluate("element => element.textContent"))
    page.get_by_role("button", name="이 내용으로 바꾸기", exact=True).click()
    expect(page.locator("[data-pending]")).to_contain_text("내용이 나가요")
    run_inside(stage.portal, HELD_OVER)
    assert eventually(lambda: page.reload() and "지금부터" in page.inner_text("main"), 20)

    caller = "01005557777"
    traffic.ring(stage.portal, shop, [caller])
    (received,) = eventually(lambda: traffic.texts(stage.portal, caller), 20)
    link = traffic.link_in(received)
    sample = traffic.link_in(shown)
    assert len(sample) == len(link)
    assert shown.replace(sample, link).encode() == received.encode()

    page.goto(f"/shops/{shop['slug']}/calls/")
    page.get_by_label("끝 네 자리").fill(caller[-4:])
    page.get_by_role("button", name="찾기").click()
    call = str(page.locator("a.call-row").first.get_attribute("href"))
    for path, where in ((call, "pre.text"), (_path(stage.portal, link), ".letter .text")):
        page.goto(path)
        assert (
            str(page.locator(where).evaluate("element => element.textContent")).encode() == received.encode()
        )
    assert tab.said == []


def test_enter_in_the_headline_changes_nothing_that_goes_out(
    stage: Stage, tabs: Callable[[str], Tab]
) -> None:
    tab = tabs("owner")
    page = tab.page
    page.goto(f"/shops/{stage.places['shop']}/promo/?edit=headline")
    pending = page.locator("[data-pending]").count()
    page.locator("#field-headline").fill("아직 다 안 썼")
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("[data-state]")).to_have_text("저장했어요")
    assert page.locator("[data-pending]").count() == pending


def test_login_reading_and_opting_out_need_no_script(browser: Browser, stage: Stage) -> None:
    context = browser.new_context(
        viewport=PHONE, locale="ko-KR", base_url=stage.portal.url, java_script_enabled=False
    )
    page = context.new_page()
    shop = stage.portal.demo["shops"][3]
    page.goto(f"/shops/{shop['slug']}/")
    page.get_by_label("휴대폰 번호").fill(shop["owner_mobile"])
    page.get_by_role("button", name="인증번호 받기").click()
    codes = eventually(
        lambda: re.findall(
            r"인증번호\D*(\d{6})", "\n".join(traffic.texts(stage.portal, shop["owner_mobile"]))
        ),
        20,
    )
    page.get_by_label("인증번호 6자리").fill(codes[-1])
    page.get_by_role("button", name="로그인", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(shop["name"])
    page.get_by_role("link", name="전화", exact=True).click()
    page.locator("a.call-row").first.click()
    expect(page.get_by_role("heading", name="어떻게 되었나요")).to_be_visible()
    page.get_by_role("link", name="문자", exact=True).click()
    page.locator('.phone [data-edit="headline"]').click()
    page.locator("#field-headline").fill("스크립트 없이")
    page.locator("dialog[open]").get_by_role("button", name="다 됐어요").click()
    expect(page.locator("#preview-text")).to_contain_text("스크립트 없이")

    page.goto(stage.links[8])
    page.get_by_role("link", name="그만 받기").click()
    page.get_by_role("button", name="그만 받기").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("멈췄어요")
    context.close()
