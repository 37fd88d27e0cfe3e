"""What an owner decides about sending: the menu of settings, the switch and its end, calls and nights, own texts."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from messaging import alerts, sending
from messaging.models import Block, OptOut
from messaging.settings_forms import NotificationsForm, RestUntilForm, RulesForm
from messaging.views.pages import ShopPage, open_page
from shopmsg.accounts import audit, delegations, people
from shopmsg.accounts.access import MayOnlyLook, owner_required
from shopmsg.accounts.enums import MemberRole, NightPolicy, NoticeKind
from shopmsg.accounts.models import Membership, Shop
from shopmsg.core import phone
from shopmsg.core.clock import kst_day

#: Told always; the page says so.
_ALWAYS = (
    (NoticeKind.SENDING_STOPPED.label, "문자가 나가지 않게 되면 바로 알려 드려요."),
    ("로그인과 번호 변경", "다른 사람이 들어오지 못하게 지켜 드리는 문자예요."),
)


@never_cache
@owner_required
@require_safe
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """The menu: every section with how it stands, in a word."""
    page = open_page(request, slug)
    shop, now = page.shop, timezone.now()
    context = page.context(
        "settings",
        state=dict(zip(("tone", "label"), sending.state_words(shop, now), strict=True)),
        off_sentence=sending.off_sentence(shop, now),
        sections=_sections(page),
        facts=_facts(shop),
    )
    return render(request, "messaging/owner/settings.html", context)


def _sections(page: ShopPage) -> list[dict[str, str]]:
    shop = page.shop
    night = sending.night_sentence(NightPolicy(shop.night_policy), shop.release_hour, short=True)
    blocked = Block.objects.filter(shop=shop).count()
    opted_out = OptOut.objects.filter(shop=shop, ended_at__isnull=True).count()
    members = list(shop.memberships.values_list("user_id", "role", "muted"))
    mine = next(
        (muted for user, role, muted in members if user == page.user.pk and role == MemberRole.OWNER), None
    )
    sections = [
        (
            "messaging:rules",
            "밤과 통화 길이",
            f"{sending.talk_sentence(shop.min_call_seconds)} {night}",
        ),
        (
            "messaging:blocks",
            "차단 목록",
            f"{blocked:,}개" if blocked else "거래처나 가족처럼 보내지 않을 번호",
        ),
        ("messaging:optouts", "수신거부", f"{opted_out:,}명" if opted_out else "받지 않겠다고 한 손님"),
        ("accounts:people", "함께 보는 사람", f"{len(members):,}명"),
        ("messaging:notifications", "알림 문자", _notifications_words(mine)),
        ("accounts:staff_acts", "직원이 도와드린 일", _staff_words(shop)),
    ]
    rows = [
        {"url": reverse(name, args=[shop.slug]), "label": label, "state": state}
        for name, label, state in sections
    ]
    if mine is not None:
        plan = reverse("billing:plan", args=[shop.slug])
        rows.insert(
            0, {"url": plan, "label": "요금제", "state": "내시는 돈, 약정, 청구서, 해지하면 얼마인지"}
        )
    return [*rows, {"url": reverse("home:help"), "label": "도움", "state": "자주 묻는 것과 도움 전화"}]


def _notifications_words(muted: list[str] | None) -> str:
    if muted is None:
        return "사장님께만 가요"
    return f"{len(muted)}가지는 받지 않아요" if muted else "모두 받아요"


def _staff_words(shop: Shop) -> str:
    if delegations.running(shop, timezone.now()):
        return "지금 직원이 대신 고치고 있어요"
    return "도움 전화로 부탁하신 일"


def _facts(shop: Shop) -> list[tuple[str, str]]:
    """What the owner can look at here and have changed by a call to us."""
    lines = shop.lines.order_by("pk").values_list("number", flat=True)
    return [
        ("가게 이름", shop.name),
        ("매장 전화", ", ".join(phone.hyphenate(number) for number in lines) or "아직 없어요"),
        ("하루 한도", f"{shop.daily_cap:,}건"),
        ("무료수신거부", phone.hyphenate(shop.optout_080)),
    ]


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """How long a call must be, what a night's call brings, and when it leaves."""
    page = open_page(request, slug, edit=request.method == "POST")
    shop = page.shop
    form = RulesForm(
        request.POST or None,
        now_seconds=shop.min_call_seconds,
        initial={
            "min_call_seconds": shop.min_call_seconds,
            "night_policy": shop.night_policy,
            "release_hour": shop.release_hour,
        },
    )
    if request.method == "POST" and form.is_valid():
        sending.change_rules(
            shop,
            night_policy=NightPolicy(form.cleaned_data["night_policy"]),
            min_call_seconds=form.cleaned_data["min_call_seconds"],
            release_hour=form.cleaned_data["release_hour"],
            by=page.user,
            address=audit.address_of(request),
        )
        messages.success(request, "설정을 바꿨어요. 다음 통화부터 이대로 해요.")
        return redirect("messaging:rules", shop.slug)
    context = page.context(
        "settings",
        form=form,
        sentences=[
            sending.talk_sentence(shop.min_call_seconds),
            "아침 8시부터 밤 9시 사이에 온 전화에는 통화가 끝나면 바로 보내요.",
            sending.night_sentence(NightPolicy(shop.night_policy), shop.release_hour),
        ],
    )
    return render(request, "messaging/owner/rules.html", context)


@never_cache
@owner_required
@require_safe
def sending_off(request: HttpRequest, slug: str) -> HttpResponse:
    """The one question before sending stops: until when; what happens, and how to start again."""
    page = open_page(request, slug, edit=True)
    return _ask_until_when(
        request, page, RestUntilForm(initial={"day": kst_day(sending.midnight_after(timezone.now()))})
    )


def _ask_until_when(request: HttpRequest, page: ShopPage, form: RestUntilForm) -> HttpResponse:
    today = timezone.now()
    context = page.context(
        "settings",
        form=form,
        choices=[
            ("today", "오늘만 쉬기", f"{sending.until_words(sending.midnight_after(today), today)}까지"),
            (
                "tomorrow",
                "내일까지 쉬기",
                f"{sending.until_words(sending.midnight_after(today, 1), today)}까지",
            ),
            ("none", "계속 끄기", "다시 켤 때까지"),
        ],
        facts=[
            ("어떻게 되나요?", "지금부터 끝나는 통화에는 문자가 나가지 않아요."),
            ("이미 보낸 문자는요?", "문자 회사가 받은 문자는 그대로 손님에게 가요."),
            ("아침까지 기다리던 문자는요?", "그때도 쉬고 있으면 나가지 않아요."),
            ("요금은요?", "발송을 꺼도 이용료는 그대로예요."),
            (
                "다시 켜려면요?",
                "정한 때가 되면 저절로 켜지고, 그 전에도 ‘지금 다시 켜기’를 누르면 바로 보내요.",
            ),
        ],
    )
    return render(request, "messaging/owner/sending_off.html", context)


@never_cache
@owner_required
@require_POST
def switch_sending(request: HttpRequest, slug: str) -> HttpResponse:
    """Sending on, or off until `until`: "today", "tomorrow", "pick" with a day and an hour, or none."""
    page = open_page(request, slug, edit=True)
    address = audit.address_of(request)
    if request.POST.get("to") == "on":
        sending.turn_on(page.shop, by=page.user, address=address)
        messages.success(request, "발송을 켰어요. 다음 통화부터 문자가 나가요.")
    elif request.POST.get("to") == "off":
        now = timezone.now()
        form = RestUntilForm(request.POST if request.POST.get("until") == "pick" else None)
        if form.is_bound and not form.is_valid():
            return _ask_until_when(request, page, form)
        try:
            sending.turn_off(
                page.shop, until=_until(request, form, now), by=page.user, address=address, now=now
            )
        except sending.SendingRefused as refusal:
            form.add_error("day", refusal.message)
            return _ask_until_when(request, page, form)
        messages.warning(request, f"발송을 껐어요. {sending.off_sentence(page.shop, now)}")
    return redirect("home:today", page.shop.slug)


def _until(request: HttpRequest, form: RestUntilForm, now: datetime) -> datetime | None:
    chosen = request.POST.get("until", "")
    if form.is_bound:
        return form.until()
    return {"today": sending.midnight_after(now), "tomorrow": sending.midnight_after(now, 1)}.get(chosen)


@never_cache
@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: HttpRequest, slug: str) -> HttpResponse:
    """Which texts about the shop this person wants; they go to owners only."""
    page = open_page(request, slug)
    mine = Membership.objects.filter(shop=page.shop, user=page.user, role=MemberRole.OWNER).first()
    if request.method == "POST" and mine is None:
        raise MayOnlyLook("알림 문자는 사장님께만 가요. 바꾸려면 사장님께 말씀해 주세요.")
    form = NotificationsForm(
        request.POST if request.method == "POST" else None, muted=mine.muted if mine else []
    )
    if mine is not None and request.method == "POST" and form.is_valid():
        people.mute(mine, form.muted(), among=alerts.MUTABLE, by=page.user, address=audit.address_of(request))
        messages.success(request, "알림을 바꿨어요.")
        return redirect("messaging:notifications", page.shop.slug)
    context = page.context("settings", form=form, mine=mine, always=_ALWAYS)
    return render(request, "messaging/owner/notifications.html", context)
