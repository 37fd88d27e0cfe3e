"""The owner's calls: the list, and one call from its end to the caller's phone."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from messaging.forms import UnmaskForm
from messaging.models import Message
from messaging.preview import Phone, clock_of
from messaging.queries.calls import calls_page
from messaging.queries.timeline import Timeline, call_timeline, open_caller
from messaging.reasons import Remedy
from messaging.views import calls_search
from messaging.views.calls_chosen import Chosen
from messaging.views.media import small_url
from messaging.views.pages import LAST4_ERROR, ShopPage, key_of, open_page
from shopmsg.accounts import audit, throttle
from shopmsg.accounts.access import owner_required
from shopmsg.core import phone

_UNMASKS_AN_HOUR: Final = 30


@never_cache
@owner_required
@sensitive_post_parameters("last4")
@require_http_methods(["GET", "HEAD", "POST"])
def calls(request: HttpRequest, slug: str) -> HttpResponse:
    """Newest first; outcome, days, reason and a search by the last four digits narrow it, all together.

    The search is a POST, so that its digits are in no address (messaging.views.calls_search).
    """
    page = open_page(request, slug)
    chosen = Chosen.of(request)
    typed = request.POST.get("last4", "").strip()
    searched = calls_search.digits_of(typed)
    if request.method == "POST" and (searched or not typed):
        word = calls_search.keep(request, searched) if searched else ""
        return redirect(f"{request.path}{chosen.query(search=word)}")
    digits = calls_search.kept_digits(request, chosen.search)
    before = key_of(request)
    found = calls_page(
        page.shop,
        timezone.now(),
        show=chosen.show,
        last4=digits,
        days=chosen.days,
        reason=chosen.reason,
        before=before,
    )
    context = page.context(
        "calls",
        calls=found.rows,
        chosen=chosen,
        form=chosen.form,
        typed=typed or digits,
        searched=bool(digits),
        unsearched_url=chosen.query(search="") or request.path,
        search_error=_search_error(chosen, typed, digits),
        first_url=chosen.query() or request.path if before is not None else "",
        older_url=chosen.query(before=str(found.older)) if found.older else "",
    )
    return render(request, "messaging/owner/calls.html", context)


def _search_error(chosen: Chosen, typed: str, digits: str) -> str:
    if typed:
        return LAST4_ERROR
    return (
        "찾던 번호를 더는 기억하지 못해요. 끝 네 자리를 다시 적어 주세요."
        if chosen.search and not digits
        else ""
    )


@never_cache
@owner_required
@sensitive_variables("number", "context")
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: HttpRequest, slug: str, call_id: int) -> HttpResponse:
    """One call's timeline; a POST shows the caller's number once, on that answer only, after writing down why."""
    page = open_page(request, slug, edit=request.method == "POST")
    timeline = call_timeline(page.shop, call_id, timezone.now())
    form = UnmaskForm(request.POST or None)
    number = ""
    if request.method == "POST" and form.is_valid():
        number = _unmask(request, page, timeline, form)
    context = page.context(
        "calls",
        timeline=timeline,
        steps=_steps(timeline),
        phone=_phone(timeline.message) if timeline.message else None,
        form=form,
        remedy=_remedy(page, timeline.outcome.remedy),
        number=phone.hyphenate(number) if number else "",
    )
    return render(request, "messaging/owner/call.html", context)


def _remedy(page: ShopPage, remedy: Remedy | None) -> dict[str, str]:
    """The one button of a verdict (ux.md, principle 7): `url` and `button`, empty when there is nothing to do."""
    if remedy is None:
        return {}
    slug = page.shop.slug
    url, button = {
        Remedy.CALL_US: (f"tel:{settings.HELP_PHONE}", f"{settings.HELP_PHONE}로 전화하기"),
        Remedy.SENDING: (reverse("home:today", args=[slug]), "첫 화면으로 가기"),
        Remedy.RULES: (reverse("messaging:settings", args=[slug]), "설정 열기"),
        Remedy.BLOCKS: (reverse("messaging:blocks", args=[slug]), "차단 목록 열기"),
        Remedy.PROMO: (reverse("messaging:promo", args=[slug]), "홍보문자 열기"),
    }[remedy]
    return {"url": url, "button": button}


def _unmask(request: HttpRequest, page: ShopPage, timeline: Timeline, form: UnmaskForm) -> str:
    number = open_caller(timeline.call)
    if number is None:
        form.add_error(None, "이 통화에는 볼 수 있는 번호가 없어요.")
        return ""
    if not throttle.allow(
        "unmask",
        str(page.user.pk),
        capacity=_UNMASKS_AN_HOUR,
        per=timedelta(hours=1),
        now=timezone.now(),
    ):
        form.add_error(None, "번호를 한 시간에 너무 많이 보셨어요. 조금 뒤에 다시 눌러 주세요.")
        return ""
    audit.record(
        "caller.unmasked",
        actor=page.user,
        shop=page.shop,
        subject=f"call:{timeline.call.pk}",
        reason=form.reason(),
        address=audit.address_of(request),
    )
    return number


def _phone(message: Message) -> Phone:
    """The message as the caller's phone has it: the stored text, byte for byte."""
    at = message.accepted_at or message.submitted_at
    picture = message.picture
    return Phone(
        sender=message.sender,
        text=message.text,
        subject=message.subject,
        picture_url=small_url(picture) if picture else "",
        picture_width=picture.width if picture else 0,
        picture_height=picture.height if picture else 0,
        at=at,
        clock=clock_of(at or message.created_at),
    )


def _steps(timeline: Timeline) -> list[dict[str, str]]:
    """The steps as components/timeline.html wants them."""
    return [
        {
            "what": step.label,
            "when": timeline.when(step),
            "after": step.after,
            "tone": step.tone.value,
            "detail": step.note,
        }
        for step in timeline.steps
    ]
