"""Public JSON for anybody's programs: industries, eligibility, prices (docs/api.md). No login, no session, GET and HEAD.

A refusal to join is an answer (200); a question that cannot be understood is 422 with {"error": {"code", "message"}}.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from billing import catalogue, price_list
from billing.enums import Bundle
from eligibility import rules
from eligibility.enums import ApplicantKind
from shopmsg.accounts import audit, throttle
from shopmsg.core import ksic
from shopmsg.core.clock import kst_day
from shopmsg.core.errors import ShopmsgError

#: The three addresses together, by address.
REQUESTS_A_MINUTE: Final = 600
#: Characters of one parameter.
LONGEST: Final = 100
#: Digits of a revenue: less than 1,000조 won, so that nobody's business is too big to be told no.
LONGEST_REVENUE: Final = 15
#: Answers are the same for everybody; a price that changes at midnight is right five minutes later.
_CACHE: Final = {"Cache-Control": "public, max-age=300"}
_NOT_KEPT: Final = {"Cache-Control": "no-store"}

_Answer = Callable[[dict[str, str]], dict[str, Any]]


class Unanswerable(ShopmsgError):
    """A question that cannot be understood: 422. Its codes are those of docs/api.md."""


def _error(status: int, code: str, message: str, **headers: str) -> JsonResponse:
    return _json({"error": {"code": code, "message": message}}, status, _NOT_KEPT | headers)


def _json(body: dict[str, Any], status: int, headers: dict[str, str]) -> JsonResponse:
    return JsonResponse(body, status=status, headers=headers, json_dumps_params={"ensure_ascii": False})


def _public(*parameters: str) -> Callable[[_Answer], Callable[[HttpRequest], JsonResponse]]:
    """An address that answers about these parameters; unknown ones are ignored."""

    def wrap(answer: _Answer) -> Callable[[HttpRequest], JsonResponse]:
        # Nothing is changed and nobody is known, so there is nothing to forge: a POST is told 405, not 403.
        @csrf_exempt
        @wraps(answer)
        def endpoint(request: HttpRequest) -> JsonResponse:
            if request.method not in ("GET", "HEAD"):
                return _error(
                    405, "method_not_allowed", "이 주소는 GET으로만 물을 수 있어요.", Allow="GET, HEAD"
                )
            if not _allowed(request):
                # Tries grow back evenly, so that the next one is there within a second.
                sentence = f"1분에 {REQUESTS_A_MINUTE}번까지 물을 수 있어요. 잠시 뒤에 다시 물어 주세요."
                return _error(429, "too_many_requests", sentence, **{"Retry-After": "1"})
            try:
                return _json(answer(_asked(request, parameters)), 200, _CACHE)
            except (Unanswerable, catalogue.NotSold) as refusal:
                return _error(422, refusal.code, refusal.message)

        return endpoint

    return wrap


def _allowed(request: HttpRequest) -> bool:
    address = audit.address_of(request)
    return address is None or throttle.allow(
        "api",
        throttle.network(address),
        capacity=REQUESTS_A_MINUTE,
        per=timedelta(minutes=1),
        now=timezone.now(),
    )


def _asked(request: HttpRequest, parameters: tuple[str, ...]) -> dict[str, str]:
    """The parameters that were given, each at most once."""
    given = {}
    for name in parameters:
        values = request.GET.getlist(name)
        if len(values) > 1:
            raise Unanswerable("repeated_parameter", f"{name} 값은 한 번만 적어 주세요.")
        if values and len(values[0]) > LONGEST:
            raise Unanswerable("too_long", f"{name} 값은 {LONGEST}자까지 적을 수 있어요.")
        if values:
            given[name] = values[0]
    return given


@_public("q")
def industries(asked: dict[str, str]) -> dict[str, Any]:
    """GET /api/v1/industries?q=: the industries somebody may mean, best first, at most ten; all 58 without `q`."""
    query = asked.get("q", "").strip()
    found = (
        [(hit.industry, hit.matched) for hit in ksic.search(query)]
        if query
        else [(row, row.code) for row in ksic.INDUSTRIES.values()]
    )
    other = ksic.not_eligible(query)
    return {
        "revision": ksic.REVISION,
        "industries": [
            {"code": row.code, "name": row.name, "section": row.section, "matched": matched}
            for row, matched in found
        ],
        "not_eligible": {"code": other.code, "name": other.name, "message": other.message} if other else None,
    }


@_public("ksic", "annual_revenue", "kind")
def eligibility(asked: dict[str, str]) -> dict[str, Any]:
    """GET /api/v1/eligibility: who may join, with what, and why not. `kind` is a merchant unless given; a public body
    has neither industry nor revenue here, so theirs are not read."""
    kind = asked.get("kind", ApplicantKind.MERCHANT)
    if kind not in ApplicantKind.values:
        raise Unanswerable("unknown_kind", "kind는 merchant와 public_body 가운데 하나예요.")
    if kind == ApplicantKind.MERCHANT:
        facts = rules.Facts(
            ApplicantKind.MERCHANT,
            _industry(asked.get("ksic", "")),
            _revenue(asked.get("annual_revenue", "")),
        )
    else:
        facts = rules.Facts(ApplicantKind.PUBLIC_BODY)
    decision = rules.decide(facts)
    return {
        "eligible": decision.eligible,
        "product": decision.product,
        "alternatives": list(decision.alternatives),
        "reasons": [{"code": reason.code, "message": reason.message} for reason in decision.reasons],
    }


@_public("product", "term_months", "bundle")
def quote(asked: dict[str, str]) -> dict[str, Any]:
    """GET /api/v1/quote: today's price of one way to buy. No commitment and no bundle unless given."""
    term = asked.get("term_months", "0")
    # What is no term at all is asked about in its turn, after the product.
    months = int(term) if term in map(str, catalogue.TERMS) else -1
    found = price_list.catalogue().quote(
        asked.get("product", ""), months, asked.get("bundle", Bundle.NONE), kst_day(timezone.now())
    )
    return {
        "monthly_krw": found.monthly_krw,
        "list_krw": found.list_krw,
        "discount_krw": found.discount_krw,
        "vat_included": True,
        "first_month_free": found.first_month_free,
    }


@csrf_exempt
def unknown(request: HttpRequest) -> JsonResponse:
    """Any other address under /api/v1/."""
    return _error(404, "not_found", "없는 주소예요. 쓸 수 있는 주소는 industries, eligibility, quote예요.")


def _industry(code: str) -> str:
    if not code:
        raise Unanswerable("industry_missing", "ksic에 업종 코드를 적어 주세요. 예: ksic=56193")
    if not re.fullmatch(r"[0-9]{5}", code):
        raise Unanswerable("industry_malformed", "ksic은 숫자 다섯 자리예요. 예: ksic=56193")
    return code


def _revenue(won: str) -> int:
    if not won:
        raise Unanswerable("revenue_missing", "annual_revenue에 연 매출을 원 단위로 적어 주세요.")
    if re.fullmatch(r"-[0-9]+", won):
        raise Unanswerable("revenue_negative", "annual_revenue는 0보다 작을 수 없어요.")
    if not re.fullmatch(r"[0-9]+", won):
        raise Unanswerable("revenue_malformed", "annual_revenue는 숫자만 적어 주세요. 예: 300000000")
    if len(won.lstrip("0")) > LONGEST_REVENUE:
        raise Unanswerable("revenue_malformed", f"annual_revenue는 {LONGEST_REVENUE}자리까지 적을 수 있어요.")
    return int(won)
