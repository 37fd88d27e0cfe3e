"""Pages for everybody: what the service is, terms, privacy, and 체험하기 where nothing can be sent."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from billing import price_list
from billing.offers import best
from shopmsg.accounts.enums import Product
from shopmsg.core.clock import kst_day
from shopmsg.home.samples import BY_SLUG, SAMPLES, sample_phone, sample_picture

#: What is kept and for how long (rules.md §5).
KEPT: Final = (
    ("전화하신 분의 번호와 문자 내용", "6개월. 그 뒤에는 번호와 내용을 없애고 몇 건이었는지만 남겨요."),
    ("수신거부", "다시 받겠다고 하실 때까지 계속. 번호를 알아볼 수 없는 값으로만 남겨요."),
    ("가입 서류", "개통하거나 거절한 날부터 6개월"),
    ("계약과 요금 기록", "5년(법으로 정한 기간)"),
    ("열어 보고 고친 기록", "2년"),
)


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """The service on one screen."""
    now = timezone.now()
    # Without the pack: who reads this page may have none of its parts.
    cheapest = best(price_list.catalogue(), Product.SOHO, kst_day(now), with_pack=False).quote
    context = {"phone": sample_phone(SAMPLES[0], now), "cheapest": cheapest}
    return render(request, "home/landing.html", context)


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """이용약관."""
    price = price_list.catalogue().price_of(Product.SOHO, kst_day(timezone.now()))
    return render(request, "home/terms.html", {"list_price": price.list_krw})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """개인정보 처리방침 (rules.md §5)."""
    return render(request, "home/privacy.html", {"kept": KEPT})


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """도움말: what owners ask most, and a person's number."""
    return render(request, "home/help.html")


@require_safe
def law(request: HttpRequest) -> HttpResponse:
    """The law on advertising texts in five sentences (rules.md §4, §5)."""
    return render(request, "home/law.html")


@require_safe
def try_it(request: HttpRequest) -> HttpResponse:
    """체험하기 without the demo: a trade, and what its callers get. Sends nothing."""
    sample = BY_SLUG.get(request.GET.get("shop", ""), SAMPLES[0])
    context = {"samples": SAMPLES, "chosen": sample, "phone": sample_phone(sample, timezone.now())}
    return render(request, "home/try.html", context)


@require_safe
@cache_control(public=True, max_age=86_400)
def picture(request: HttpRequest, slug: str) -> HttpResponse:
    """The drawn picture of a sample shop."""
    try:
        return HttpResponse(sample_picture(slug), content_type="image/webp")
    except KeyError:
        raise Http404 from None
