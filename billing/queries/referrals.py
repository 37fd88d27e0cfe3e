"""Who came by a shop's recommendation, and what became of it."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from billing.models import Referral, ReferralState
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import kst_day

#: Shown at once; more come with `?page=`.
PAGE: Final = 20
_TONES: Final = {
    ReferralState.WAITING: (
        "waiting",
        "기다리는 중",
        "새 가게가 첫 요금을 내면 두 가게 모두 한 달 무료예요.",
    ),
    ReferralState.REWARDED: ("sent", "한 달 무료", "두 가게에 한 달 요금을 빼 드렸어요."),
    ReferralState.REFUSED: ("skipped", "드릴 수 없음", ""),
}


@dataclass(frozen=True, slots=True)
class Came:
    """One shop that came: when, and how it stands."""

    name: str
    on: date
    tone: str
    label: str
    why: str


def came(shop: Shop, page: int) -> tuple[list[Came], bool]:
    """The shops that came, the newest first, `PAGE` of them from page 1 on, and whether there are more."""
    first = (page - 1) * PAGE
    rows = Referral.objects.filter(referrer=shop).select_related("shop").order_by("-pk")
    found = list(rows[first : first + PAGE + 1])
    return [_came(row) for row in found[:PAGE]], len(found) > PAGE


def _came(row: Referral) -> Came:
    tone, label, why = _TONES[ReferralState(row.state)]
    return Came(row.shop.name, kst_day(row.created_at), tone, label, row.refused_for or why)
