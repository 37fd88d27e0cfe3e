"""문구 고르기: finished promos to start from, as the shop's callers would get them."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST, require_safe

from messaging import promos
from messaging.compose import Sender
from messaging.editor import drafts
from messaging.editor.fields import DraftFields
from messaging.editor.pictures import DRAWN
from messaging.gallery import Sample, Shelf, Visitor, sample, samples
from messaging.pictures.designs import PromoDesign
from messaging.pictures_store import DRAWN_SIZE, design_of, small_drawing
from messaging.small_pictures import SMALL
from messaging.template_kinds import TemplateKind
from messaging.views.delegated import write_down_draft
from messaging.views.editor import visit_of
from messaging.views.editor_saving import editor_url
from messaging.views.pages import open_page
from shopmsg.accounts.access import owner_required
from shopmsg.accounts.enums import MemberRole, Product
from shopmsg.accounts.models import Membership, Shop
from shopmsg.core import text as texts
from shopmsg.core.clock import kst_day
from shopmsg.core.ksic import UnknownIndustry

PAGE: Final = 12
_SEARCH_LENGTH: Final = 40


@dataclass(frozen=True, slots=True)
class Card:
    """A sample as the page shows it."""

    sample: Sample
    picture_url: str
    text: str


@never_cache
@owner_required
@require_safe
def gallery(request: HttpRequest, slug: str) -> HttpResponse:
    """The list: by shelf, by words, page by page."""
    page = open_page(request, slug)
    shelf = _shelf_of(request.GET.get("kind", ""))
    search = request.GET.get("q", "").replace("\x00", "").strip()[:_SEARCH_LENGTH]
    sender = promos.sender_of(page.shop)
    visitor = _visitor(page.shop, sender.contact)
    # Short texts have no room for a template (기본형: 90 bytes with name, number and link).
    found = [] if page.shop.product == Product.BASIC else samples(visitor, shelf, search)
    number = min(_number_of(request.GET.get("page", "")), max(1, -(-len(found) // PAGE)))
    first = (number - 1) * PAGE
    visit = visit_of(request.GET.get("visit", ""))

    def address(**changed: object) -> str:
        query = {"kind": shelf.value, "q": search, "page": number, "visit": visit, **changed}
        return "?" + urlencode({name: value for name, value in query.items() if value not in ("", "all", 1)})

    cards = [_card(page.shop, sender, chosen, visitor.today) for chosen in found[first : first + PAGE]]
    context = page.context(
        "promo",
        cards=cards,
        size=(SMALL, SMALL * DRAWN_SIZE[1] // DRAWN_SIZE[0]),
        shelf=shelf.value,
        shelves=[(each.label, address(kind=each.value, page=1), each == shelf) for each in Shelf],
        search=search,
        all_url=address(q="", page=1),
        total=len(found),
        where=f"{first + 1}~{first + len(cards)} / {len(found)}개" if cards else "",
        before_url=address(page=number - 1) if number > 1 else "",
        after_url=address(page=number + 1) if first + PAGE < len(found) else "",
        visit=visit,
        takes_templates=page.shop.product != Product.BASIC,
    )
    return render(request, "messaging/owner/gallery.html", context)


@owner_required
@require_POST
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """이걸로 시작하기: the sample becomes the draft, in one step that the editor can take back."""
    page = open_page(request, slug, edit=True)
    chosen = sample(_visitor(page.shop, _line(page.shop)), request.POST.get("choice", ""))
    if chosen is None or page.shop.product == Product.BASIC:
        messages.error(request, "고르신 문구를 찾지 못했어요. 목록에서 다시 골라 주세요.")
        return redirect("messaging:gallery", page.shop.slug)
    visit, now = visit_of(request.POST.get("visit", "")), timezone.now()
    drafts.open_draft(page.shop, by=page.user, now=now)
    fields = _fields(page.shop, chosen, kst_day(now))
    drafts.replace(page.shop, fields, visit=visit, by=page.user, now=now)
    write_down_draft(request, page.delegation)
    messages.success(request, "고르신 문구를 가져왔어요. 손님에게는 아직 나가지 않아요.")
    return redirect(editor_url(page, visit))


@owner_required
@require_safe
@cache_control(private=True, max_age=7 * 24 * 3600)
def picture(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """The picture of a sample, as WebP."""
    page = open_page(request, slug)
    visitor = _visitor(page.shop, _line(page.shop))
    chosen = sample(visitor, key)
    if chosen is None:
        raise Http404
    try:
        drawn = _design(page.shop, _fields(page.shop, chosen, visitor.today), visitor.line)
    except UnknownIndustry:
        raise Http404 from None
    return HttpResponse(small_drawing(drawn, SMALL), content_type="image/webp")


def _card(shop: Shop, sender: Sender, chosen: Sample, today: date) -> Card:
    fields = _fields(shop, chosen, today)
    try:
        # The address changes with what is drawn, so that a picture kept by the browser is never an old one.
        version = hashlib.sha256(repr(_design(shop, fields, sender.contact)).encode()).hexdigest()[:12]
        url = f"{reverse('messaging:gallery_picture', args=[shop.slug, chosen.key])}?v={version}"
    except UnknownIndustry:
        url = ""
    return Card(chosen, url, promos.preview(fields.content(), sender).text)


def _design(shop: Shop, fields: DraftFields, line: str) -> PromoDesign:
    """What is drawn for a sample. Raises UnknownIndustry."""
    starts_on, ends_on = fields.period
    return design_of(
        shop,
        kind=fields.kind,
        headline=fields.headline,
        starts_on=starts_on,
        ends_on=ends_on,
        layout=int(fields.picture.removeprefix(DRAWN)),
        line=line,
        details=fields.details,
    )


def _fields(shop: Shop, chosen: Sample, today: date) -> DraftFields:
    promo = chosen.promo
    starts_on, ends_on = promo.period(today)
    hours = texts.clean(shop.hours)
    return DraftFields(
        kind=promo.kind,
        headline=promo.headline,
        body=promo.body,
        details=dict(promo.details),
        starts_on=starts_on,
        ends_on=ends_on,
        shows_hours=promo.kind != TemplateKind.CARD and bool(hours) and not texts.unsendable(hours),
        picture=f"{DRAWN}{chosen.layout}",
    )


def _visitor(shop: Shop, line: str) -> Visitor:
    owner = (
        Membership.objects.filter(shop=shop, role=MemberRole.OWNER)
        .select_related("user")
        .order_by("pk")
        .first()
    )
    return Visitor(
        ksic=shop.ksic,
        name=shop.name,
        address=shop.address,
        owner_name=owner.user.name if owner else "",
        line=line,
        today=kst_day(timezone.now()),
    )


def _line(shop: Shop) -> str:
    return promos.sender_of(shop).contact


def _shelf_of(given: str) -> Shelf:
    return Shelf(given) if given in list(Shelf) else Shelf.ALL


def _number_of(given: str) -> int:
    return max(1, int(given)) if given.isascii() and given.isdecimal() and len(given) <= 4 else 1
