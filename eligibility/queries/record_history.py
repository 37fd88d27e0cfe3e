"""Everything that was done to an application: by whom, when, from where, in whose place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import CharField, Q, QuerySet, Value

from eligibility.form import LABELS
from eligibility.models import Application, ApplicationChange
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import AuditEntry, User
from shopmsg.core import phone

PAGE: Final = 20
#: What was done, in the words of staff.
ACTIONS: Final = {
    "application.started": "신청서 시작",
    "application.received": "접수",
    "application.refused": "가입 불가",
    "application.withdrawn": "신청 취소",
    "application.reopened": "다시 열기",
    "application.activating": "개통 시작",
    "application.activated": "개통 완료",
    "application.corrected": "바로잡기",
    "application.closed": "해지",
    "application.close_taken_back": "해지 되돌리기",
    "shop.owner_changed": "사장님 바꾸기",
    "review.sent": "시안 문자 보냄",
    "review.confirmed": "사장님이 확정",
    "review.changes_asked": "사장님이 수정 요청",
    "subscription.started": "요금제 시작",
    "subscription.ended": "요금제 끝냄",
    "subscription.end_taken_back": "요금제 다시 이어짐",
    "notice.recorded": "통화연결음 결과 기록",
    "document.added": "서류 올림",
    "document.opened": "서류 열람",
    "document.shown": "서류 화면으로 봄",
    "document.accepted": "서류 승인",
    "document.rejected": "서류 반려",
    "document.taken_back": "서류 결정 되돌리기",
    "document.deleted": "기한이 지난 서류 삭제",
    "delegation.began": "대행 시작",
    "delegation.ended": "대행 마침",
    "contact.noted": "연락 기록",
    "contact.taken_back": "연락 기록 되돌리기",
    "application.consented": "신청인 동의",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history. `place` is the address it came from, `instead_of` in whose name it was done."""

    at: datetime
    what: str
    detail: str
    who: str
    place: str
    instead_of: str
    reason: str


def history_of(application: Application, page: int) -> tuple[list[Event], bool]:
    """(a page of the history, newest first, whether there is an older one). `page` counts from 1."""
    changes = application.changes.annotate(which=Value("change", output_field=CharField()))
    entries = _entries(application).annotate(which=Value("entry", output_field=CharField()))
    both = changes.values_list("at", "pk", "which").union(entries.values_list("at", "pk", "which"), all=True)
    start = (page - 1) * PAGE
    keys = list(both.order_by("-at", "which", "-id")[start : start + PAGE + 1])
    shown = keys[:PAGE]
    told: dict[tuple[str, int], Event] = {}
    for change in ApplicationChange.objects.filter(pk__in=_of("change", shown)).select_related("by"):
        told["change", change.pk] = _change(change)
    rows = AuditEntry.objects.filter(pk__in=_of("entry", shown)).select_related("actor", "on_behalf_of")
    for entry in rows:
        told["entry", entry.pk] = _entry(entry)
    return [told[which, pk] for _, pk, which in shown if (which, pk) in told], len(keys) > PAGE


def _of(which: str, keys: Sequence[tuple[datetime, int, str]]) -> list[int]:
    return [pk for _, pk, kind in keys if kind == which]


def _entries(application: Application) -> QuerySet[AuditEntry]:
    """What was done to the application, and to the contract and the notice of its shop."""
    own = Q(subject=f"application:{application.pk}")
    if application.shop_id is not None:
        own |= Q(shop_id=application.shop_id, action__startswith="subscription.")
        own |= Q(shop_id=application.shop_id, action__startswith="delegation.")
        own |= Q(shop_id=application.shop_id, action="notice.recorded")
    return AuditEntry.objects.filter(own)


def _change(change: ApplicationChange) -> Event:
    before, after = (_told(change.field, text) for text in (change.before, change.after))
    aside = " (다른 사람의 글과 부딪혀 따로 둠)" if change.aside else ""
    return Event(
        at=change.at,
        what=f"{LABELS.get(change.field, change.field)} 적음{aside}",
        detail=f"{before or '빈칸'} → {after or '빈칸'}",
        who=_name(change.by, "신청인"),
        place=change.address or "",
        instead_of="",
        reason="",
    )


def _entry(entry: AuditEntry) -> Event:
    fields = entry.detail.get("fields")
    detail = ""
    if isinstance(fields, dict):
        detail = "\n".join(
            f"{LABELS.get(name, name)}: {before or '빈칸'} → {after or '빈칸'}"
            for name, (before, after) in fields.items()
        )
    return Event(
        at=entry.at,
        what=ACTIONS.get(entry.action, "그 밖의 처리"),
        detail=detail,
        who=_name(entry.actor, "저절로"),
        place=entry.address or "",
        instead_of=entry.on_behalf_of.name if entry.on_behalf_of else "",
        reason=entry.reason or str(entry.detail.get("why", "")),
    )


def _told(field: str, text: str) -> str:
    """As the history shows a text: a person's number masked."""
    if field == "owner_mobile" and text:
        digits = "".join(char for char in text if char.isdigit())
        return phone.mask(digits) if digits else "읽을 수 없는 번호"
    return text


def _name(user: User | None, otherwise: str) -> str:
    if user is None:
        return otherwise
    return f"{user.name} ({user.get_role_display()})" if user.role != Role.OWNER else f"{user.name} 사장님"
