"""The page behind a login link, and the desk's page that sends one."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shopmsg.accounts import audit, login_links, numbers, sessions
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.accounts.errors import LoginRefused
from shopmsg.accounts.models import Shop, User


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Whose shop this is and one button. Only the button lets in: a preview of the link must not use it up."""
    now = timezone.now()
    if request.method == "POST":
        try:
            link = login_links.use(token, now)
        except LoginRefused as refusal:
            return _shown(request, "accounts/link_over.html", {"refusal": refusal.message}, status=410)
        sessions.begin_owner(request, link.user, remember=True, now=now)
        start = resolve_url(settings.LOGIN_REDIRECT_URL)
        return redirect(f"{start}?shop={link.shop.slug}" if link.shop else start)
    found = login_links.find(token, now)
    if found is None:
        if request.user.is_authenticated:
            return redirect(settings.LOGIN_REDIRECT_URL)  # pressed before on this phone: they are in already
        return _shown(request, "accounts/link_over.html", {}, status=410)
    return _shown(request, "accounts/link.html", {"store": found.shop, "person": found.user})


@never_cache
@staff_required(Role.AGENT, Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest, user_id: int) -> HttpResponse:
    """What will be sent to whom; then it is sent."""
    person = get_object_or_404(User, pk=user_id)
    agent = user_of(request)
    if not numbers.may_change(agent, person):
        raise Http404
    values = request.POST if request.method == "POST" else request.GET
    slug = values.get("shop", "").replace("\x00", "")  # which no database takes
    shop = get_object_or_404(Shop, slug=slug, memberships__user=person)
    back = reverse("accounts:staff_number", args=[person.pk])
    if request.method == "POST":
        now = timezone.now()
        try:
            login_links.send(person, shop, by=agent, address=audit.address_of(request), now=now)
        except LoginRefused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, "로그인 링크를 보냈습니다.")
        return redirect(back)
    context = {
        "facts": [
            ("받는 사람", f"{person.name} 사장님의 등록된 휴대폰"),
            ("가게", shop.name),
            ("내용", "안내 문자 한 통. 광고 아님, 요금 없음."),
            ("링크", "7일 동안 한 번 사용. 먼저 보낸 링크는 무효."),
            ("기록", "보낸 직원과 때가 감사 기록에 남음."),
        ],
        "action": request.path,
        "hidden": [("shop", shop.slug)],
        "back": back,
    }
    return render(request, "accounts/staff_link.html", context)


def _shown(
    request: HttpRequest, template: str, context: dict[str, object], *, status: int = 200
) -> HttpResponse:
    """A page whose address lets somebody in: found by no search engine, and by SECURE_REFERRER_POLICY named to no
    other site."""
    response = render(request, template, context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
