"""A change of the contract that cannot be: the page says why, and has one button that leads on."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from billing.changes import ContractRefused
from billing.enums import ChangeKind
from billing.views.pages import MoneyPage

_CHANGE: Final = "billing:plan_change"
#: By code of billing.changes.ContractRefused: the button's words, and the change that opens the way.
_WAYS: Final = {
    "bundle_requires_no_commitment": ("약정 그만두면 얼마인지 보기", ChangeKind.COMMITMENT_LEFT),
    "paused": ("다시 쓰기", ChangeKind.RESUMED),
}


@dataclass(frozen=True, slots=True)
class Way:
    """The one button: where it leads, and whether it is a POST."""

    words: str
    url: str
    post: bool = False


def refused(request: HttpRequest, page: MoneyPage, refusal: ContractRefused) -> HttpResponse:
    """The page of a refusal, with status 422."""
    context = page.context(why=refusal.message, way=_way(page, refusal))
    return render(request, "billing/owner/plan_refused.html", context, status=422)


def _way(page: MoneyPage, refusal: ContractRefused) -> Way:
    slug = page.shop.slug
    if refusal.code == "cancelled":
        return Way("해지 되돌리기", reverse("billing:plan_leave_back", args=[slug]), post=True)
    if refusal.code == "over":
        return Way("새로 신청하기", reverse("eligibility:apply"))
    if refusal.code in _WAYS:
        words, kind = _WAYS[refusal.code]
        return Way(words, f"{reverse(_CHANGE, args=[slug])}?{urlencode({'kind': kind.value})}")
    return Way("요금제로 돌아가기", reverse("billing:plan", args=[slug]))
