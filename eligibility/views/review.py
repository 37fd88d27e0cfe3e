"""시안 확인: the pages behind the link an owner is texted. Whoever holds it needs no account, and has one afterwards."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility import drafting, reviews
from eligibility.enums import ApplicationState
from eligibility.models import Application, DraftReview
from eligibility.review_screen import Screen, screen_of
from eligibility.reviews import MARKS, NOTE_LENGTH, Found, LinkState, ReviewRefused
from eligibility.tasks import activate_ready
from eligibility.views.review_parts import STEPS, mark_places, phone_of_screen, progress_of, terms_context
from messaging.opens import by_a_person
from messaging.wakeups import wake
from shopmsg.accounts import audit, sessions
from shopmsg.accounts.models import User
from shopmsg.core import phone

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

_COOKIE: Final = "review"
_COOKIE_KEPT: Final = timedelta(days=30)
#: A button pressed twice opens the session twice; after that the link is no way in.
_SAME_PRESS: Final = timedelta(minutes=10)
_ENDINGS: Final = {
    ApplicationState.REFUSED: "가입할 수 없는 신청이라 끝났어요. 까닭이 궁금하시면 도움 전화로 물어봐 주세요.",
    ApplicationState.WITHDRAWN: "취소된 신청이에요. 다시 신청하고 싶으시면 도움 전화로 알려 주세요.",
}
_STAFF_WORDS: Final = "직원은 보기만 할 수 있어요. 확정은 사장님이 문자로 받은 휴대폰에서 하셔야 해요."


def _private(view: View[P]) -> View[P]:
    """Kept by no cache, found by no search engine, named to no other site (SECURE_REFERRER_POLICY)."""

    @wraps(view)
    def private(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return private


@_private
@require_safe
def review(request: HttpRequest, token: str) -> HttpResponse:
    """What callers will get and what is signed up to. The first person's device that opens it keeps it; programs that
    fetch links bind nothing."""
    now = timezone.now()
    found = reviews.find(token, now)
    if found.review is None or found.state in (LinkState.GONE, LinkState.EXPIRED, LinkState.ENDED):
        return _closed(request, token, found)
    device = _device(request)
    if found.state != LinkState.OPEN:
        if not (found.opened_by(device) or _is_staff(request)):
            return _closed(request, token, found)
        return _answered(request, token, found.review, now)
    fresh = ""
    if not found.review.device and by_a_person(request) and not _is_staff(request):
        fresh = device or secrets.token_urlsafe(16)
        reviews.open_on(found.review, fresh, now)
        device = fresh
    if not _may_look(request, found, device):
        return _other_device(request, token, found.review)
    answer = render(
        request, "eligibility/review/page.html", _page(request, token, found.review.application, now)
    )
    return _remember(request, answer, token, fresh) if fresh else answer


@_private
@require_safe
def look(request: HttpRequest, token: str) -> HttpResponse:
    """What has changed since `seal`: 204 for nothing, the changed parts, or 410 when the page itself is another."""
    now = timezone.now()
    found = reviews.find(token, now)
    seal = request.GET.get("seal", "")
    if found.review is None or not _may_look(request, found, _device(request)):
        return HttpResponse(status=410)
    application = found.review.application
    if found.state == LinkState.CONFIRMED and request.GET.get("page") == "done":
        progress = progress_of(application, now)
        if progress.seal == seal:
            return HttpResponse(status=204)
        return render(request, "eligibility/review/_progress.html", _done(token, application, now))
    if found.state != LinkState.OPEN or request.GET.get("page") == "done":
        return HttpResponse(status=410)
    screen = screen_of(application, now)
    if screen.seal == seal:
        return HttpResponse(status=204)
    return render(request, "eligibility/review/_live.html", _shown(request, token, screen, now))


@_private
@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """The draft's picture for whoever holds the link. `seal` is its name: another picture has another address."""
    now = timezone.now()
    found = reviews.find(token, now)
    if found.review is None or found.state != LinkState.OPEN:
        return HttpResponse(status=410)
    if not _may_look(request, found, _device(request)):
        return HttpResponse(status=403)
    screen = screen_of(found.review.application, now)
    drawn = drafting.picture_webp(screen.application, screen.fields)
    if drawn is None:
        return HttpResponse(status=404)
    response = HttpResponse(drawn, content_type="image/webp")
    if request.GET.get("seal") == screen.picture_seal:
        response["Cache-Control"] = "private, max-age=3600"
    return response


@_private
@require_http_methods(["GET", "HEAD", "POST"])
def yes(request: HttpRequest, token: str) -> HttpResponse:
    """확정: what was on the screen, or nothing and the screen as it is now. Afterwards the owner is logged in here."""
    if request.method != "POST":
        return redirect("eligibility:review", token)
    now, address = timezone.now(), audit.address_of(request)
    if _is_staff(request):
        return _refused(request, token, _STAFF_WORDS, now, status=403)
    device = _device(request) or secrets.token_urlsafe(16)
    try:
        done = reviews.confirm(
            token, seal=request.POST.get("seal", ""), device=device, address=address, now=now
        )
    except ReviewRefused as refused:
        return _refused(request, token, refused.message, now, status=409)
    if now - done.at <= _SAME_PRESS:
        sessions.begin_owner(request, done.user, remember=True, now=now)
    wake(activate_ready)
    return _remember(request, redirect("eligibility:review", token), token, device)


@_private
@require_http_methods(["GET", "HEAD", "POST"])
def changes(request: HttpRequest, token: str) -> HttpResponse:
    """고칠 곳이 있어요: the same phone with its places to mark, and room for a few words."""
    now = timezone.now()
    marks, note, problem, status = request.POST.getlist("mark"), request.POST.get("note", ""), "", 200
    device = _device(request)
    if request.method == "POST":
        if _is_staff(request):
            return _refused(request, token, _STAFF_WORDS, now, status=403)
        device = device or secrets.token_urlsafe(16)
        try:
            reviews.ask_changes(
                token,
                seal=request.POST.get("seal", ""),
                marks=marks,
                note=note,
                device=device,
                address=audit.address_of(request),
                now=now,
            )
        except ReviewRefused as refused:
            if refused.code not in ("nothing_marked", "note_long"):
                return _refused(request, token, refused.message, now, status=409)
            problem, status = refused.message, 422
        else:
            return _remember(request, redirect("eligibility:review", token), token, device)
    found = reviews.find(token, now)
    if found.review is None or found.state != LinkState.OPEN or not _may_look(request, found, device):
        return redirect("eligibility:review", token)
    screen = screen_of(found.review.application, now)
    context = {
        **_shown(request, token, screen, now),
        "places": mark_places(screen, marks),
        "chosen": marks,
        "marks": MARKS,
        "note": note,
        "note_length": NOTE_LENGTH,
        "problem": problem,
    }
    return render(request, "eligibility/review/changes.html", context, status=status)


@_private
@require_POST
def again(request: HttpRequest, token: str) -> HttpResponse:
    """새 링크 받기: to the owner's own number, which is shown to nobody."""
    now = timezone.now()
    try:
        number = reviews.send_again(token, address=audit.address_of(request), now=now)
    except ReviewRefused as refused:
        context = {"title": "새 링크를 보내지 못했어요", "text": refused.message}
        return render(request, "eligibility/review/closed.html", context, status=409)
    context = {
        "title": "새 링크를 보냈어요",
        "text": f"사장님 휴대폰 {number}로 온 문자의 링크를 그 휴대폰에서 눌러 주세요. 먼저 온 링크는 이제 쓸 수 없어요.",
    }
    return render(request, "eligibility/review/closed.html", context)


def _page(
    request: HttpRequest, token: str, application: Application, now: datetime, notice: str = ""
) -> dict[str, Any]:
    return {**_shown(request, token, screen_of(application, now), now), "notice": notice}


def _shown(request: HttpRequest, token: str, screen: Screen, now: datetime) -> dict[str, Any]:
    picture_url = (
        f"{reverse('eligibility:review_picture', args=[token])}?{urlencode({'seal': screen.picture_seal})}"
    )
    return {
        "token": token,
        "store": drafting.shop_of(screen.application),
        "screen": screen,
        "phone": phone_of_screen(screen, now=now, picture_url=picture_url),
        "line": screen.application.line_number,
        "only_looks": _is_staff(request),
        "staff_words": _STAFF_WORDS,
        **terms_context(screen, now),
    }


def _done(token: str, application: Application, now: datetime) -> dict[str, Any]:
    return {
        "token": token,
        "store": application.shop,
        "line": application.line_number,
        "progress": progress_of(application, now),
        "steps": STEPS,
    }


def _answered(request: HttpRequest, token: str, answered: DraftReview, now: datetime) -> HttpResponse:
    if answered.version is not None:
        return render(request, "eligibility/review/done.html", _done(token, answered.application, now))
    marked = [MARKS[name] for name in answered.marks if name in MARKS]
    context = {"store": answered.application.shop, "marked": marked, "note": answered.note}
    return render(request, "eligibility/review/passed_on.html", context)


def _refused(request: HttpRequest, token: str, words: str, now: datetime, *, status: int) -> HttpResponse:
    """The page as it is now, with why the button did nothing."""
    found = reviews.find(token, now)
    if found.review is None or found.state != LinkState.OPEN:
        return redirect("eligibility:review", token)
    if not _may_look(request, found, _device(request)):
        return _other_device(request, token, found.review)
    context = _page(request, token, found.review.application, now, notice=words)
    return render(request, "eligibility/review/page.html", context, status=status)


def _closed(request: HttpRequest, token: str, found: Found) -> HttpResponse:
    """Nothing to look at any more; the same words whether a link was replaced, is old or never was."""
    context: dict[str, Any] = {
        "title": "이 링크는 이제 쓸 수 없어요",
        "text": "7일이 지났거나, 그 뒤에 새 문자를 보내 드렸어요. 가장 나중에 온 문자의 링크를 눌러 주세요.",
    }
    if found.review is not None and found.state == LinkState.ENDED:
        state = ApplicationState(found.review.application.state)
        words = _ENDINGS.get(
            state, "해지된 가게라 확정할 것이 없어요. 궁금한 점은 도움 전화로 물어봐 주세요."
        )
        context = {"title": "끝난 신청이에요", "text": words}
    elif found.review is not None and found.state == LinkState.EXPIRED:
        context |= {"token": token, "number": phone.mask(found.review.mobile)}
    return render(request, "eligibility/review/closed.html", context, status=410)


def _other_device(request: HttpRequest, token: str, opened: DraftReview) -> HttpResponse:
    context = {
        "title": "다른 휴대폰에서 먼저 열었어요",
        "text": "처음 연 휴대폰과 앱에서만 볼 수 있어요. 이 휴대폰에서 보시려면 새 링크를 받아 주세요.",
        "token": token,
        "number": phone.mask(opened.mobile),
    }
    return render(request, "eligibility/review/closed.html", context, status=403)


def _may_look(request: HttpRequest, found: Found, device: str) -> bool:
    """Staff, the device that opened the link first, and before that whoever holds it."""
    unopened = found.review is not None and not found.review.device
    return unopened or _is_staff(request) or found.opened_by(device)


def _is_staff(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_staff


def _device(request: HttpRequest) -> str:
    return request.COOKIES.get(_COOKIE, "")[:64]


def _remember(request: HttpRequest, answer: HttpResponse, token: str, device: str) -> HttpResponse:
    answer.set_cookie(
        _COOKIE,
        device,
        max_age=_COOKIE_KEPT,
        path=reverse("eligibility:review", args=[token]),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return answer
