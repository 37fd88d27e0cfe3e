"""What an owner decides about sending: the switch, the shortest call, the night."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging import sending
from messaging.forms import RulesForm, seconds_label
from messaging.views.pages import open_page
from shopmsg.accounts import audit
from shopmsg.accounts.access import owner_required
from shopmsg.accounts.enums import NightPolicy
from shopmsg.accounts.models import Shop
from shopmsg.core import phone


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """The shop's rules, and the ways to its lists of people."""
    page = open_page(request, slug, edit=request.method == "POST")
    shop = page.shop
    form = RulesForm(
        request.POST or None,
        now_seconds=shop.min_call_seconds,
        initial={"min_call_seconds": shop.min_call_seconds, "night_policy": shop.night_policy},
    )
    if request.method == "POST" and form.is_valid():
        sending.change_rules(
            shop,
            night_policy=NightPolicy(form.cleaned_data["night_policy"]),
            min_call_seconds=form.cleaned_data["min_call_seconds"],
            by=page.user,
            address=audit.address_of(request),
        )
        messages.success(request, "설정을 바꿨어요. 다음 통화부터 이대로 해요.")
        return redirect("messaging:settings", shop.slug)
    context = page.context(
        "settings",
        form=form,
        seconds=seconds_label(shop.min_call_seconds),
        facts=_facts(shop),
    )
    return render(request, "messaging/owner/settings.html", context)


def _facts(shop: Shop) -> list[tuple[str, str]]:
    """What the owner can look at here and have changed by a call to us."""
    lines = shop.lines.order_by("pk").values_list("number", flat=True)
    return [
        ("가게 이름", shop.name),
        ("매장 전화", ", ".join(phone.hyphenate(number) for number in lines) or "아직 없어요"),
        ("주소", shop.address or "아직 없어요"),
        ("영업시간", shop.hours or "아직 없어요"),
        ("하루 한도", f"{shop.daily_cap:,}건"),
        ("무료수신거부", phone.hyphenate(shop.optout_080)),
    ]


@never_cache
@owner_required
@require_safe
def sending_off(request: HttpRequest, slug: str) -> HttpResponse:
    """The one question before sending stops: what happens, and how to start again."""
    page = open_page(request, slug, edit=True)
    context = page.context(
        "today",
        action=reverse("messaging:sending", args=[page.shop.slug]),
        cancel_url=reverse("home:today", args=[page.shop.slug]),
        facts=[
            ("어떻게 되나요?", "지금부터 끝나는 통화에는 문자가 나가지 않아요."),
            ("이미 보낸 문자는요?", "문자 회사가 받은 문자는 그대로 손님에게 가요."),
            ("아침까지 기다리던 문자는요?", "아침에도 꺼져 있으면 나가지 않아요."),
            ("요금은요?", "발송을 꺼도 이용료는 그대로예요."),
            ("다시 켜려면요?", "첫 화면에서 ‘발송 켜기’를 누르면 바로 다시 보내요."),
        ],
        hidden=[("to", "off")],
    )
    return render(request, "messaging/owner/sending_off.html", context)


@never_cache
@owner_required
@require_POST
def switch_sending(request: HttpRequest, slug: str) -> HttpResponse:
    """Sending on or off."""
    page = open_page(request, slug, edit=True)
    address = audit.address_of(request)
    if request.POST.get("to") == "off":
        sending.turn_off(page.shop, by=page.user, address=address)
        messages.warning(request, "발송을 껐어요. 다시 켤 때까지 문자가 나가지 않아요.")
    elif request.POST.get("to") == "on":
        sending.turn_on(page.shop, by=page.user, address=address)
        messages.success(request, "발송을 켰어요. 다음 통화부터 문자가 나가요.")
    return redirect("home:today", page.shop.slug)
