"""가게: all that customers see of the shop, on one page for the owner; each part opens a page with one question."""

from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from messaging import shop_forms
from messaging.homepage import words
from messaging.models import Announcement, Homepage, MenuItem, ShopPhoto
from messaging.views.media import small_url
from messaging.views.pages import open_page
from messaging.views.shop_pages import TAB, ask
from shopmsg.accounts import audit, shops, slugs
from shopmsg.accounts.access import owner_required
from shopmsg.core.clock import kst_day
from shopmsg.core.opening import read_week

#: How much of each list the page shows before its own page.
_MENU: Final = 4
_PHOTOS: Final = 3


@never_cache
@owner_required
@require_safe
def shop_info(request: HttpRequest, slug: str) -> HttpResponse:
    """The shop's page."""
    page = open_page(request, slug)
    shop, now = page.shop, timezone.now()
    today = kst_day(now)
    week = read_week(shop.week)
    menu = list(MenuItem.objects.filter(shop=shop))
    photos = list(ShopPhoto.objects.filter(shop=shop).select_related("picture"))
    announcements = [
        notice
        for notice in Announcement.objects.filter(shop=shop)
        if notice.ends_on is None or notice.ends_on >= today
    ]
    context = page.context(
        TAB,
        week=week,
        status=week.status(now) if week else None,
        off_today=week.closure_on(today) if week else None,
        opens_today=bool(week and week.on(today)),
        closures=[each for each in week.closures if each.last >= today] if week else [],
        homepage=Homepage.objects.filter(shop=shop).first(),
        homepage_url=_homepage_url(shop.slug),
        can_move=page.can_edit and page.delegation is None,
        menu=menu[:_MENU],
        menu_count=len(menu),
        photos=[(small_url(photo.picture), photo) for photo in photos[:_PHOTOS]],
        photo_count=len(photos),
        announcements=announcements,
        today=today,
    )
    return render(request, "messaging/owner/shop/info.html", context)


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def shop_place(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the shop is and how to get there."""
    page = open_page(request, slug, edit=True)
    homepage = Homepage.objects.filter(shop=page.shop).first()
    form = shop_forms.PlaceForm(
        request.POST or None, initial={"place": page.shop.address, "way": homepage.way if homepage else ""}
    )

    def save(answer: dict[str, Any]) -> str:
        address = audit.address_of(request)
        with transaction.atomic():
            shops.change_details(page.shop, place=answer["place"], by=page.user, address=address)
            words.change_way(page.shop, answer["way"], by=page.user, address=address)
        return "주소를 바꿨어요. 홈페이지와 지도 단추에 바로 나와요."

    return ask(
        request, page, form, save, title="주소와 찾아오는 길", fields={"place": "place", "place_unsendable": "place", "way": "way"}
    )  # fmt: skip


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def shop_intro(request: HttpRequest, slug: str) -> HttpResponse:
    """A few lines about the shop."""
    page = open_page(request, slug, edit=True)
    homepage = Homepage.objects.filter(shop=page.shop).first()
    form = shop_forms.IntroForm(request.POST or None, initial={"intro": homepage.intro if homepage else ""})

    def save(answer: dict[str, Any]) -> str:
        words.change_intro(page.shop, answer["intro"], by=page.user, address=audit.address_of(request))
        return "소개를 바꿨어요. 홈페이지에 바로 나와요."

    return ask(
        request,
        page,
        form,
        save,
        title="가게 소개",
        lead="손님이 홈페이지에서 가게 이름 다음으로 읽는 글이에요.",
        fields={"intro": "intro"},
    )


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def shop_slug(request: HttpRequest, slug: str) -> HttpResponse:
    """The homepage's address, with one or two to take by a tap."""
    page = open_page(request, slug, edit=True)
    form = shop_forms.SlugForm(request.POST or None, initial={"slug": page.shop.slug})

    def save(answer: dict[str, Any]) -> str:
        shops.change_slug(page.shop, answer["slug"], by=page.user, address=audit.address_of(request))
        return "홈페이지 주소를 바꿨어요. 전 주소로 오는 손님도 그대로 볼 수 있어요."

    return ask(
        request,
        page,
        form,
        save,
        title="홈페이지 주소",
        lead="손님에게 알려 주기 쉬운 주소로 바꿀 수 있어요. 이미 보낸 문자와 전 주소도 계속 열려요.",
        fields={},
        address=_homepage_url(page.shop.slug).removesuffix(page.shop.slug),
        offers=slugs.suggestions(page.shop),
    )


def _homepage_url(slug: str) -> str:
    """The homepage's address without the part nobody types."""
    url = f"{settings.BASE_URL}{reverse('messaging:homepage', args=[slug])}"
    return url.partition("://")[2]
