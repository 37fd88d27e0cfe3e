"""Everything that was done to an application: by whom, when, from where, in whose place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from django.db.models import CharField, Q, QuerySet, Value

from billing.catalogue import PACK_INTERNET, PACK_PARTS, TERMS
from billing.enums import Bundle
from eligibility.enums import ApplicantKind, LineOwner, RevenueProof
from eligibility.form import LABELS, industry_name
from eligibility.models import Application, ApplicationChange
from shopmsg.accounts.enums import Product, Role
from shopmsg.accounts.models import AuditEntry, User
from shopmsg.core import phone

PAGE: Final = 20
#: What one person writes within this time is one line.
_ONE_SITTING: Final = timedelta(minutes=1)
_CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "kind": dict(ApplicantKind.choices),
    "revenue_proof": dict(RevenueProof.choices),
    "line_owner": dict(LineOwner.choices),
    "product": dict(Product.choices),
    "bundle": dict(Bundle.choices),
    "term_months": {"0": "무약정"} | {str(term): f"{term}개월" for term in TERMS if term},
    "pack_internet": PACK_INTERNET,
    "second_shop": {"1": "예", "0": "아니요"},
}
#: What was done, in the words of staff.
ACTIONS: Final = {
    "application.started": "신청서 시작",
    "application.received": "접수",
    "application.refused": "가입 불가",
    "application.withdrawn": "신청 취소",
    "application.written": "접수한 신청서를 고침",
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
    changes_of = ApplicationChange.objects.filter(pk__in=_of("change", shown)).select_related("by").in_bulk()
    rows = AuditEntry.objects.filter(pk__in=_of("entry", shown)).select_related("actor", "on_behalf_of")
    entries_of = rows.in_bulk()
    events: list[Event] = []
    for one_hand, keys_of in groupby(shown, _Hands(changes_of)):
        pks = [pk for _, pk, _ in keys_of]
        if one_hand[0] == "change":
            events.append(_written([changes_of[pk] for pk in pks]))
        else:
            events += [_entry(entries_of[pk]) for pk in pks]
    return events, len(keys) > PAGE


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


class _Hands:
    """The key by which neighbours of the history are one line: what one person wrote into the form within a minute."""

    def __init__(self, changes: Mapping[int, ApplicationChange]) -> None:
        self._changes = changes
        self._last: ApplicationChange | None = None
        self._place = 0

    def __call__(self, key: tuple[datetime, int, str]) -> tuple[str, int]:
        _, pk, which = key
        change = self._changes[pk] if which == "change" else None
        last, self._last = self._last, change
        same = (
            change is not None
            and last is not None
            and (change.by_id, change.address, change.aside) == (last.by_id, last.address, last.aside)
            and last.at - change.at < _ONE_SITTING
        )
        if not same:
            self._place += 1
        return ("change" if change is not None else "entry", self._place)


def _written(changes: Sequence[ApplicationChange]) -> Event:
    """What one hand wrote, the newest first."""
    newest = changes[0]
    what = "다른 사람의 글과 부딪혀 따로 둠" if newest.aside else "신청서에 적음"
    return Event(
        at=newest.at,
        what=what,
        detail="\n".join(_line(change) for change in reversed(changes)),
        who=_name(newest.by, "신청인"),
        place=newest.address or "",
        instead_of="",
        reason="",
    )


def _line(change: ApplicationChange) -> str:
    label = LABELS.get(change.field, change.field)
    return f"{label}: {_from_to(change.field, change.before, change.after)}"


def _from_to(field: str, before: str, after: str) -> str:
    was, now = told(field, before), told(field, after) or "빈칸"
    return f"{was} → {now}" if was else now


def _entry(entry: AuditEntry) -> Event:
    fields = entry.detail.get("fields")
    detail = ""
    if isinstance(fields, dict):
        detail = "\n".join(
            f"{LABELS.get(name, name)}: {_from_to(name, before, after)}"
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


def told(field: str, text: str) -> str:
    """What was typed into a field as staff read it: choices by their names, a person's number masked."""
    if field == "owner_mobile" and text:
        digits = "".join(char for char in text if char.isdigit())
        return phone.mask(digits) if digits else "읽을 수 없는 번호"
    if field == "ksic" and industry_name(text):
        return f"{industry_name(text)} ({text})"
    if field == "pack_parts":
        return ", ".join(PACK_PARTS.get(part, part) for part in text.split(",") if part)
    return _CHOICES.get(field, {}).get(text, text)


def _name(user: User | None, otherwise: str) -> str:
    if user is None:
        return otherwise
    return f"{user.name} ({user.get_role_display()})" if user.role != Role.OWNER else f"{user.name} 사장님"
