"""What customers see of a shop (모바일 홈페이지): one frozen view of its own data and its promo, for the homepage and the
caller's page alike, so that the two never disagree."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from django.db.models import Q
from django.urls import reverse

from messaging import promos
from messaging.compose import period_line
from messaging.homepage.coupons import Coupon, coupon_of
from messaging.models import Announcement, Homepage, MenuItem, Picture, PromoVersion, ShopPhoto
from messaging.pictures.trades import GROUP_OF_CODE
from messaging.small_pictures import SMALL
from messaging.template_kinds import TemplateKind, details_of
from shopmsg.accounts.enums import ShopStatus
from shopmsg.accounts.models import Shop
from shopmsg.core import ksic
from shopmsg.core.clock import kst_day
from shopmsg.core.opening import Row, Status, Week, read_week


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture on the page: `url` of its small WebP, with the size it takes there in pixels; `full_url` is the JPEG."""

    url: str
    full_url: str
    full_size: tuple[int, int]
    width: int
    height: int
    alt: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """영업시간. `line` is what messages say; the rest is empty for a shop whose signup knew only that line."""

    line: str
    status: Status | None = None
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    week: Week | None = None


@dataclass(frozen=True, slots=True)
class Promo:
    """The promo's words in force today. `details` are (label, value); a coupon shows its own."""

    id: int
    kind: TemplateKind
    headline: str
    body: str
    period: str
    details: tuple[tuple[str, str], ...]
    picture: Shown | None

    @property
    def is_event(self) -> bool:
        return self.kind == TemplateKind.EVENT


@dataclass(frozen=True, slots=True)
class Dish:
    """A line of the menu. `price` in won, None: shown without one."""

    name: str
    price: int | None
    note: str
    sold_out: bool


@dataclass(frozen=True, slots=True)
class HomepageView:
    """All a customer is shown. `line` is national digits or "", `group` names the colours of the trade, `closed` says
    that the shop is no customer of ours any more (해지)."""

    slug: str
    name: str
    trade: str
    group: str
    closed: bool
    line: str
    address: str
    way: str
    intro: str
    hours: Hours
    maps: tuple[tuple[str, str], ...]
    promo: Promo | None
    coupon: Coupon | None
    announcements: tuple[str, ...]
    menu: tuple[Dish, ...]
    photos: tuple[Shown, ...]

    @property
    def words(self) -> str:
        """The page in a line or two, for who sends it on."""
        said = (self.promo.headline if self.promo else "", self.intro, self.hours.line, self.address)
        return " · ".join(" ".join(part.split()) for part in said if part.strip())[:160]


def page_of(shop: Shop, now: datetime) -> HomepageView:
    """Everything on the shop's page at that moment: a promo, coupon, event or announcement is there in its period
    only. Seven queries at most, whatever the shop has."""
    today = kst_day(now)
    version = _in_force(shop, today)
    own = Homepage.objects.filter(shop=shop).first()
    told = Announcement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today), shop=shop, starts_on__lte=today
    )
    return HomepageView(
        slug=shop.slug,
        name=shop.name,
        trade=ksic.INDUSTRIES[shop.ksic].name if ksic.is_eligible_code(shop.ksic) else "",
        group=GROUP_OF_CODE[shop.ksic].value if shop.ksic in GROUP_OF_CODE else "",
        closed=shop.status == ShopStatus.CLOSED,
        line=shop.lines.order_by("pk").values_list("number", flat=True).first() or "",
        address=shop.address,
        way=own.way if own else "",
        intro=own.intro if own else "",
        hours=_hours(shop, now),
        maps=maps_to(shop.address),
        promo=_promo(version, shop) if version else None,
        coupon=coupon_of(version, today),
        announcements=tuple(told.values_list("text", flat=True)),
        menu=tuple(
            Dish(*row)
            for row in MenuItem.objects.filter(shop=shop).values_list("name", "price", "note", "sold_out")
        ),
        photos=tuple(
            shown(photo.picture, f"{shop.name} 사진", photo.caption)
            for photo in ShopPhoto.objects.filter(shop=shop).select_related("picture")
        ),
    )


def maps_to(address: str) -> tuple[tuple[str, str], ...]:
    """(name, link) of a search for an address in each of the maps people have; none for an empty one."""
    if not address:
        return ()
    where = quote(address, safe="")
    return (
        ("네이버 지도", f"https://map.naver.com/p/search/{where}"),
        ("카카오맵", f"https://map.kakao.com/link/search/{where}"),
        ("티맵 앱", f"tmap://search?name={where}"),
    )


def shown(picture: Picture, alt: str, caption: str = "") -> Shown:
    """A stored picture at the size of our own pages."""
    width = min(SMALL, picture.width)
    return Shown(
        url=reverse("messaging:picture_small", args=[picture.sha256]),
        full_url=reverse("messaging:picture", args=[picture.sha256]),
        full_size=(picture.width, picture.height),
        width=width,
        height=max(1, round(width * picture.height / picture.width)),
        alt=alt,
        caption=caption,
    )


def _in_force(shop: Shop, today: date) -> PromoVersion | None:
    """What callers get today, unless its period has not begun: callers are told of it, the page does not promise it."""
    version = promos.current(shop, today)
    if version is not None and version.starts_on and today < version.starts_on:
        version = promos.standing(shop)
    if version is not None and version.starts_on and today < version.starts_on:
        return None
    return version


def _promo(version: PromoVersion, shop: Shop) -> Promo:
    kind = TemplateKind(version.kind)
    return Promo(
        id=version.pk,
        kind=kind,
        headline=version.headline,
        body=version.body,
        period=period_line(version.starts_on, version.ends_on),
        details=details_of(kind, version.details),
        picture=shown(version.picture, f"{shop.name} 홍보 그림") if version.picture else None,
    )


def _hours(shop: Shop, now: datetime) -> Hours:
    week = read_week(shop.week)
    if week is None:
        return Hours(shop.hours)
    monthly = week.monthly.text if week.monthly else ""
    return Hours(
        line=shop.hours,
        status=week.status(now),
        rows=week.rows(kst_day(now)),
        notes=tuple(note for note in (monthly, week.holidays_text, week.note) if note),
        week=week,
    )
