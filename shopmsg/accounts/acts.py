"""직원이 도와드린 일: what staff did in a shop, in the words an owner reads, from the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import AuditEntry, Delegation, Shop, User

PAGE: Final = 20
#: What is said of an act that has no sentence of its own.
OTHERWISE: Final = "가게 일을 도와드렸어요."
#: Every audited act that staff can do in a shop, or to a person of it.
SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "account.held": "요금이 밀린 동안에도 문자가 나가게 해 드렸어요.",
        "account.reminded": "밀린 요금을 다시 알려 드렸어요.",
        "adjustment.posted": "요금을 조정해서 정정 청구서를 만들었어요.",
        "adjustment.rejected": "요금 조정을 하지 않기로 했어요.",
        "adjustment.requested": "요금 조정을 신청했어요.",
        "announcement.added": "공지를 올렸어요.",
        "announcement.changed": "공지를 고쳤어요.",
        "announcement.removed": "공지를 내렸어요.",
        "announcement.restored": "내린 공지를 되돌렸어요.",
        "application.activated": "개통을 마쳤어요.",
        "application.activating": "개통을 시작했어요.",
        "application.close_taken_back": "해지를 되돌렸어요.",
        "application.closed": "가게를 해지했어요.",
        "application.corrected": "잘못 적힌 가게 정보를 바로잡았어요.",
        "application.received": "가입 신청을 접수했어요.",
        "application.refused": "가입 신청을 받아 드릴 수 없다고 정했어요.",
        "application.reopened": "가입 신청서를 다시 열었어요.",
        "application.started": "가입 신청서를 쓰기 시작했어요.",
        "application.withdrawn": "가입 신청을 거두었어요.",
        "application.written": "접수한 가입 신청서를 고쳤어요.",
        "card.refunded": "카드로 내신 돈을 돌려드렸어요.",
        "card.settled_by_hand": "결과를 모르던 카드 결제를 확인해서 끝냈어요.",
        "bank.assigned": "통장에 들어온 돈을 가게 요금으로 넣었어요.",
        "bank.undone": "통장에 들어온 돈을 잘못 넣어서 되돌렸어요.",
        "change_offer.sent": "요금제를 바꾸면 얼마인지 확인해 달라고 사장님께 문자를 보냈어요.",
        "change_offer.withdrawn": "보내 드린 요금제 변경 제안을 거두었어요.",
        "contact.noted": "사장님께 연락드린 일을 적었어요.",
        "contact.taken_back": "연락드린 일을 잘못 적어서 지웠어요.",
        "delegation.began": "가게의 문자와 홈페이지를 대신 고치기 시작했어요.",
        "delegation.ended": "대신 고치는 일을 마쳤어요.",
        "document.accepted": "내 주신 서류를 확인하고 승인했어요.",
        "document.added": "서류를 올렸어요.",
        "document.opened": "내 주신 서류를 열어 보았어요.",
        "document.rejected": "서류를 다시 내 달라고 했어요.",
        "document.shown": "내 주신 서류를 화면에서 보았어요.",
        "document.taken_back": "서류에 내린 결정을 되돌렸어요.",
        "draft.written": "홍보문자에 쓸 글과 그림을 고쳤어요. 손님에게 나가지는 않았어요.",
        "homepage.intro_changed": "홈페이지의 가게 소개를 고쳤어요.",
        "homepage.way_changed": "홈페이지의 찾아오는 길을 고쳤어요.",
        "login.link_sent": "사장님 휴대폰으로 로그인 링크를 보냈어요.",
        "menu.added": "메뉴를 올렸어요.",
        "menu.changed": "메뉴를 고쳤어요.",
        "menu.removed": "메뉴를 내렸어요.",
        "menu.restored": "내린 메뉴를 되돌렸어요.",
        "notice.recorded": "통화연결음 안내가 어떻게 되었는지 적었어요.",
        "number.changed": "로그인하는 휴대폰 번호를 바꿔 드렸어요.",
        "photo.added": "가게 사진을 올렸어요.",
        "photo.described": "가게 사진의 설명을 고쳤어요.",
        "photo.removed": "가게 사진을 내렸어요.",
        "photo.restored": "내린 가게 사진을 되돌렸어요.",
        "promo.published": "홍보문자를 손님에게 나가게 했어요.",
        "review.sent": "만들어 둔 홍보문자를 확인해 달라고 사장님께 보냈어요.",
        "shop.details_changed": "가게 주소를 고쳤어요.",
        "shop.hours_changed": "영업시간이나 쉬는 날을 고쳤어요.",
        "shop.owner_changed": "가게의 사장님을 바꿨어요.",
        "shop.resumed": "멈춰 있던 문자 발송을 다시 켰어요.",
        "subscription.bundled": "다른 상품과 결합했어요.",
        "subscription.cancel_taken_back": "예약한 해지를 되돌렸어요.",
        "subscription.cancelled": "해지를 예약했어요.",
        "subscription.commitment_left": "약정을 그만두었어요.",
        "subscription.committed": "약정을 시작하거나 올렸어요.",
        "subscription.end_taken_back": "해지를 되돌렸어요.",
        "subscription.ended": "요금제를 끝냈어요.",
        "subscription.paused": "일시정지를 했어요.",
        "subscription.plan_changed": "이벤트 요금제를 바꿨어요.",
        "subscription.product_changed": "상품을 바꿨어요.",
        "subscription.resumed": "일시정지를 끝내고 다시 쓰게 했어요.",
        "subscription.started": "요금제를 시작했어요.",
        "subscription.unbundled": "다른 상품과 하던 결합을 그만두었어요.",
        "tax.corrected": "잘못된 세금계산서를 바로잡았어요.",
        "user.changed": "사장님 계정의 이름이나 사용 여부를 고쳤어요.",
    }
)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done: when, by whom ("상담원 박○○"), what and why; `for_owner` when it was done in an owner's place."""

    id: int
    at: datetime
    who: str
    what: str
    reason: str
    for_owner: bool


def of_shop(
    shop: Shop, reader: User, *, before: int | None = None, only_for_owner: bool = False
) -> tuple[list[Act], int | None]:
    """(a page of acts, newest first, the key the next page begins below or None). What was done to the reader's own
    account belongs to it too; of other people's accounts they read nothing."""
    rows: QuerySet[AuditEntry, Any] = AuditEntry.objects.filter(
        Q(shop=shop) | Q(shop__isnull=True, subject=f"user:{reader.pk}"), actor__isnull=False
    )
    rows = rows.exclude(actor__role=Role.OWNER).annotate(in_place=_in_place(shop)).select_related("actor")
    if only_for_owner:
        rows = rows.filter(in_place=True)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    acts = [
        Act(
            entry.pk,
            entry.at,
            entry.actor.shown_name if entry.actor else "",
            SENTENCES.get(entry.action, OTHERWISE),
            entry.reason,
            bool(getattr(entry, "in_place", False)),
        )
        for entry in found[:PAGE]
    ]
    return acts, acts[-1].id if len(found) > PAGE else None


def _in_place(shop: Shop) -> Q:
    """Done in an owner's place, also while the shop had nobody yet whose name could be written down."""
    during = Delegation.objects.annotate(until=Coalesce(F("ended_at"), F("ends_at"))).filter(
        shop=shop, staff=OuterRef("actor"), began_at__lte=OuterRef("at"), until__gte=OuterRef("at")
    )
    return Q(on_behalf_of__isnull=False) | Q(action__startswith="delegation.") | Q(Exists(during))
