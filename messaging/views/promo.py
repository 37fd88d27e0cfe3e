"""The owner's promo: a plain form with the phone beside it, and the versions before.

Without JavaScript the buttons do everything; with it the phone follows the keys. Nothing typed is lost on an error.
"""

from datetime import datetime
from typing import Final

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging import promos
from messaging.forms import PromoForm
from messaging.models import PromoVersion
from messaging.pictures.sanitize import MAX_UPLOAD_BYTES, PictureRefused, sanitize_upload
from messaging.pictures_store import design_of, small_drawing, store
from messaging.promos import PromoRefused
from messaging.small_pictures import SMALL
from messaging.template_kinds import TemplateKind
from messaging.views.pages import ShopPage, key_of, open_page
from messaging.views.promo_draft import LAYOUTS, THUMBNAIL, draft_of, first_values, picture_for
from shopmsg.accounts import audit
from shopmsg.accounts.access import owner_required
from shopmsg.core.ksic import UnknownIndustry
from shopmsg.core.text import replaced

_VERSIONS: Final = 10


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def promo(request: HttpRequest, slug: str) -> HttpResponse:
    """The form. `action` says which button: preview, replace ("한 번에 바꾸기"), or publish."""
    page = open_page(request, slug, edit=request.method == "POST")
    now = timezone.now()
    if request.method != "POST":
        version = _version_to_show(request, page)
        form = PromoForm(initial=first_values(page.shop, version, now))
        return _show(request, page, form, now)
    data, refusal = _typed(request, page)
    form = PromoForm(data)
    if refusal:
        form.add_error("picture", refusal)
    elif data.get("action") == "publish" and form.is_valid():
        try:
            _publish(request, page, form, now)
        except PromoRefused as refused:
            form.add_error(_FIELDS.get(refused.code), refused.message)
        else:
            messages.success(request, "바꿨어요. 다음 통화부터 이 내용이 나가요.")
            return redirect("messaging:promo", page.shop.slug)
    return _show(request, page, form, now)


@never_cache
@owner_required
@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The phone for what has been typed so far; with an upload or another kind, the pictures to choose from too."""
    page = open_page(request, slug, edit=True)
    data, refusal = _typed(request, page)
    form = PromoForm(data)
    # The page's pictures name the kind they were drawn for; another kind has others.
    changed = "upload" in request.FILES or data.get("pictures_of") != form.kind_of().value
    context = page.context(
        "promo",
        draft=draft_of(page.shop, form, timezone.now()),
        with_pictures=changed,
        upload_error=refusal,
    )
    return render(request, "messaging/owner/_promo_preview.html", context)


@owner_required
@require_safe
@cache_control(private=True, max_age=3600)
def design(request: HttpRequest, slug: str) -> HttpResponse:
    """One of the drawn designs with the words typed so far, as WebP."""
    page = open_page(request, slug)
    form = PromoForm(request.GET)
    layout, width = request.GET.get("layout", ""), request.GET.get("width", "")
    if layout not in map(str, LAYOUTS) or width not in (str(THUMBNAIL), str(SMALL)):
        raise Http404
    try:
        drawn = design_of(
            page.shop,
            kind=form.kind_of(),
            headline=form.headline_of()[:60],
            starts_on=form.day_of("starts_on"),
            ends_on=form.day_of("ends_on"),
            layout=int(layout),
            line=promos.sender_of(page.shop).contact,
        )
    except UnknownIndustry:
        raise Http404 from None
    return HttpResponse(small_drawing(drawn, int(width)), content_type="image/webp")


@never_cache
@owner_required
@require_POST
def restore(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """이 내용으로 되돌리기: an earlier version goes out again."""
    page = open_page(request, slug, edit=True)
    version = get_object_or_404(PromoVersion.objects.select_related("shop"), shop=page.shop, number=number)
    try:
        promos.publish(version, by=page.user, now=timezone.now(), address=audit.address_of(request))
    except PromoRefused as refused:
        messages.error(request, refused.message)
        return redirect(f"{request.path.removesuffix(f'versions/{number}/')}?from={number}")
    messages.success(request, "되돌렸어요. 다음 통화부터 이 내용이 나가요.")
    return redirect("messaging:promo", page.shop.slug)


_FIELDS: Final = {
    "no_headline": "headline",
    "no_body": "body",
    "unsendable": None,
    "too_long": "body",
    "unfilled": "body",
    "period_backwards": "ends_on",
    "period_over": "ends_on",
    "standing_ends": "ends_on",
    "foreign_picture": "picture",
}


def _typed(request: HttpRequest, page: ShopPage) -> tuple[QueryDict, str]:
    """What came with the request, and why an upload was refused ("").

    An upload is kept at once, whatever else is wrong, so that nobody has to choose the file again; "한 번에 바꾸기" has
    been done.
    """
    data = request.POST.copy()
    upload = request.FILES.get("upload")
    refusal = ""
    if upload is not None:
        try:
            safe = sanitize_upload(upload.read(MAX_UPLOAD_BYTES + 1))
        except PictureRefused as refused:
            refusal = refused.message
        else:
            picture = store(page.shop, safe.jpeg, safe.width, safe.height, safe.sha256)
            data["picture"] = f"stored:{picture.pk}"
    if data.get("action") == "replace":
        data["headline"] = replaced(data.get("headline", ""))
        data["body"] = replaced(data.get("body", ""))
    return data, refusal


def _publish(request: HttpRequest, page: ShopPage, form: PromoForm, now: datetime) -> None:
    """The next version, live; both or neither."""
    picture = picture_for(page.shop, form)
    with transaction.atomic():
        version = promos.create_version(
            page.shop,
            kind=TemplateKind(form.cleaned_data["kind"]),
            headline=form.cleaned_data["headline"],
            body=form.cleaned_data["body"],
            starts_on=form.cleaned_data["starts_on"],
            ends_on=form.cleaned_data["ends_on"],
            picture=picture,
            by=page.user,
            now=now,
        )
        promos.publish(version, by=page.user, now=now, address=audit.address_of(request))


def _version_to_show(request: HttpRequest, page: ShopPage) -> PromoVersion | None:
    """`?from=3`: an earlier version to begin from; otherwise the live one."""
    wanted = request.GET.get("from", "")
    if wanted.isascii() and wanted.isdecimal() and len(wanted) <= 9:
        found = PromoVersion.objects.filter(shop=page.shop, number=int(wanted)).first()
        if found is not None:
            return found
    return promos.live(page.shop)


def _show(request: HttpRequest, page: ShopPage, form: PromoForm, now: datetime) -> HttpResponse:
    versions = PromoVersion.objects.filter(shop=page.shop).order_by("-number")
    before = key_of(request)
    found = list((versions if before is None else versions.filter(number__lt=before))[: _VERSIONS + 1])
    context = page.context(
        "promo",
        form=form,
        draft=draft_of(page.shop, form, now),
        versions=found[:_VERSIONS],
        first_url=f"{request.path}#versions" if before is not None else "",
        older_url=f"?before={found[_VERSIONS - 1].number}#versions" if len(found) > _VERSIONS else "",
    )
    return render(request, "messaging/owner/promo.html", context)
