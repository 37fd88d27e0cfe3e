"""The desk's list: what was begun, who wants to be called, what waits, what is under way, what is over.

Applications belong to nobody: whoever is on shift goes on with any of them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from eligibility.ages import passed
from eligibility.chips import chips_of
from eligibility.enums import ApplicationState
from eligibility.form import industry_name
from eligibility.models import Application
from eligibility.views import desk_search
from eligibility.views.desk import CALLED, DESK_ROLES
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.core.keys import number_in

PAGE: Final = 20
_S: Final = ApplicationState


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the lists. `which`: the applications in it."""

    key: str
    label: str
    which: Q
    empty: str
    explained: str


TABS: Final = (
    Tab("forms", "작성 중", Q(state=_S.FORM, callback_wanted=False), "작성 중인 상담 없음", "전화를 받아 시작한 상담이 접수될 때까지 여기에 표시."),
    Tab("callbacks", "전화 요청", Q(state=_S.FORM, callback_wanted=True), "전화 요청 없음", "홈페이지에서 전화를 부탁한 사람이 여기에 표시."),
    Tab("received", "확인 필요", Q(state=_S.RECEIVED), "확인할 신청 없음", "접수했지만 국세청 확인이 오지 않았거나 다시 볼 곳이 있는 신청이 여기에 표시."),
    Tab("going", "진행 중", Q(state__in=[_S.ELIGIBLE, _S.ACTIVATING]), "진행 중인 신청 없음", "가입 가능으로 확인되어 확정과 개통을 기다리는 신청이 여기에 표시."),
    Tab("over", "끝남", Q(state__in=[_S.ACTIVE, _S.REFUSED, _S.WITHDRAWN]), "끝난 신청 없음", "개통했거나 가입 불가, 취소로 끝난 신청이 여기에 표시."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One application of the list. `chips`: (tone, word) each. `wish`: when somebody wants to be called, else ""."""

    application: Application
    name: str
    trade: str
    chips: tuple[tuple[str, str], ...]
    wish: str
    who: str
    age: str


@never_cache
@staff_required(*DESK_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The list of one tab (`?tab=`), or what was searched for (POST `words`, then `?q=` a word that stands for it)."""
    if request.method == "POST":
        words = request.POST.get("words", "").strip()[: desk_search.LONGEST]
        query = urlencode({"q": desk_search.keep(request, words)}) if words else ""
        return redirect(f"{reverse('eligibility:desk')}?{query}".rstrip("?"))
    now = timezone.now()
    tab = next((tab for tab in TABS if tab.key == request.GET.get("tab")), TABS[0])
    words = desk_search.kept(request, request.GET.get("q", ""))
    everything = Application.objects.visible_to(user_of(request))
    counts = everything.aggregate(**{each.key: Count("pk", filter=each.which) for each in TABS})
    found = everything.filter(desk_search.matching(words)) if words else everything.filter(tab.which)
    before = number_in(request.GET.get("before", ""))
    newest = found.select_related("created_by", "dealership", "shop").order_by("-pk")
    rows = list((newest.filter(pk__lt=before) if before is not None else newest)[: PAGE + 1])
    kept = {"q": request.GET["q"]} if words else {"tab": tab.key}
    older = rows[PAGE - 1].pk if len(rows) > PAGE else None
    context = {
        "tab": tab,
        "tabs": [(each, counts[each.key]) for each in TABS],
        "words": words,
        "rows": [_row(each, now) for each in rows[:PAGE]],
        "first_url": f"?{urlencode(kept)}" if before is not None else "",
        "older_url": f"?{urlencode({**kept, 'before': older})}" if older else "",
        "sources": [(source, source.label, key) for source, key in CALLED.items()],
    }
    return render(request, "eligibility/desk/index.html", context)


def _row(application: Application, now: datetime) -> Row:
    return Row(
        application=application,
        name=application.shop_name or application.business_name or application.owner_name or "이름 아직 없음",
        trade=industry_name(application.ksic)
        or (f"58개 업종 아님 ({application.ksic})" if application.ksic else ""),
        wish=application.form.get("note", "").partition("\n")[0] if application.callback_wanted else "",
        chips=tuple(chips_of(application)),
        who=application.created_by.name if application.created_by else application.get_source_display(),
        age=passed(now - application.created_at),
    )
