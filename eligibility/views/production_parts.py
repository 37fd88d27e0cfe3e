"""What the producers' pages show: chips in words, the phone with the places an owner marked, the tries."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.utils.html import format_html, format_html_join

from eligibility import drafting, production
from eligibility.ages import length, passed
from eligibility.chips import registry_word
from eligibility.enums import ApplicationState, ContentState, RegistryState, ReviewAnswer, TryKind
from eligibility.form import industry_name
from eligibility.models import Application, ContactTry, DraftReview
from eligibility.review_screen import Screen
from eligibility.reviews import MARKS
from messaging import promos
from messaging.preview import Phone, places_of
from shopmsg.accounts.models import Delegation
from shopmsg.core.clock import format_day, format_moment, format_time, kst_day

Chip = tuple[str, str]
_CONTENT: Final = {
    ContentState.WAITING: ("waiting", "제작 대기"),
    ContentState.SENT: ("waiting", "시안 보냄"),
    ContentState.CHANGES: ("held", "수정 요청"),
    ContentState.CONFIRMED: ("sent", "확정"),
}
_STATES: Final = {
    ApplicationState.FORM: ("skipped", "다시 작성 중"),
    ApplicationState.REFUSED: ("failed", "가입 불가"),
    ApplicationState.WITHDRAWN: ("skipped", "신청 취소"),
    ApplicationState.ACTIVATING: ("waiting", "개통 중"),
    ApplicationState.ACTIVE: ("sent", "개통"),
}
#: What is activated before its promo is confirmed is 확인 대기.
RUNNING: Final = frozenset({ApplicationState.ACTIVATING, ApplicationState.ACTIVE})


@dataclass(frozen=True, slots=True)
class Row:
    """One application of the list. `chips`: (tone, word) each; `at_it`: who works on it, a sentence or ""."""

    application: Application
    name: str
    trade: str
    chips: tuple[Chip, ...]
    age: str
    at_it: str


def row_of(application: Application, delegation: Delegation | None, now: datetime) -> Row:
    """`application` comes from queries.production (`due`, prefetched tries)."""
    return Row(
        application=application,
        name=name_of(application),
        trade=industry_name(application.ksic),
        chips=chips_of(application, getattr(application, "due", None), now),
        age=f"{passed(now - application.received_at)} 접수" if application.received_at else "",
        at_it=at_it(delegation, now),
    )


def name_of(application: Application) -> str:
    return application.shop_name or application.business_name or application.owner_name or "이름 없음"


def chips_of(application: Application, due: datetime | None, now: datetime) -> tuple[Chip, ...]:
    """How far it is, and what is promised."""
    state, content = ApplicationState(application.state), ContentState(application.content)
    if state not in production.MAKING:
        return (_STATES[state],)
    first = _CONTENT[content]
    if state in RUNNING and content in (ContentState.WAITING, ContentState.SENT):
        first = ("held", "확인 대기")
    chips = [first, *([_STATES[state]] if state in RUNNING else [])]
    if content == ContentState.CONFIRMED:
        return tuple(chips)
    if due is not None:
        chips.append(promise_of(due, now))
    in_vain = len(production.unanswered(application))
    if in_vain:
        chips.append(("held" if in_vain >= 2 else "skipped", f"답 없음 {in_vain}번"))
    if state == ApplicationState.RECEIVED and application.registry != RegistryState.ACTIVE:
        chips.append(("held", registry_word(RegistryState(application.registry))))
    return tuple(chips)


def promise_of(due: datetime, now: datetime) -> Chip:
    """ "약속 지남 2시간", "오늘 오후 3:05까지", "내일까지"."""
    if due <= now:
        return "failed", f"약속 지남 {length(now - due)}"
    days = (kst_day(due) - kst_day(now)).days
    if days == 0:
        return "held", f"오늘 {format_time(due)}까지"
    return "skipped", "내일까지" if days == 1 else f"{format_day(kst_day(due))}까지"


def at_it(delegation: Delegation | None, now: datetime) -> str:
    """ "이제작 님이 10분 전부터 작업 중", "" when nobody is."""
    if delegation is None:
        return ""
    since = length(now - delegation.began_at)
    return f"{delegation.staff.name} 님이 {'방금' if since == '0분' else f'{since} 전'}부터 작업 중"


def marked_phone(screen: Screen, *, marks: Collection[str], now: datetime, picture_url: str) -> Phone:
    """The phone of a caller, with the places marked that an owner wants changed; not a character added or left out."""
    phone = drafting.phone_for(screen.application, screen.fields, now=now, picture_url=picture_url)
    if not marks:
        return phone
    sender = promos.sender_of(drafting.shop_of(screen.application), screen.application.line_number)
    parts = [
        (_part(place.name, place.text, place.locked, marks),)
        for place in places_of(screen.fields.content(), sender, screen.composed)
    ]
    return replace(phone, body=format_html_join("", "{}", parts))


def _part(name: str, text: str, locked: bool, marks: Collection[str]) -> str:
    bare = text.removesuffix("\n")
    if name in marks:
        return format_html('<mark class="asked">{}</mark>{}', bare, text[len(bare) :])
    if locked:
        return format_html('<span class="locked">{}</span>{}', bare, text[len(bare) :])
    return text


def asked_of(review: DraftReview | None) -> dict[str, Any] | None:
    """The change request of an owner on the link, None when the newest link brought none."""
    if review is None or review.answer != ReviewAnswer.CHANGES:
        return None
    return {
        "marks": review.marks,
        "words": [MARKS[name] for name in review.marks if name in MARKS],
        "note": review.note,
        "at": review.answered_at,
    }


def link_words(review: DraftReview | None, changed_at: datetime | None, now: datetime) -> tuple[str, str]:
    """(how the newest link stands, what else to know of it): each a sentence or ""."""
    if review is None or review.answer not in (ReviewAnswer.NONE, ReviewAnswer.CHANGES):
        return "", ""
    sent = f"{format_moment(review.sent_at)} 보냄"
    opened = f" · {format_time(review.opened_at)} 열어 봄" if review.opened_at else " · 아직 열지 않음"
    if review.answer == ReviewAnswer.CHANGES:
        return f"{sent} · 고칠 곳 받음", ""
    if now >= review.expires_at:
        return f"{sent} · 7일이 지난 링크", "다시 보내기 필요"
    if changed_at is not None and changed_at > review.sent_at:
        return f"{sent}{opened}", "보낸 뒤 고쳤음. 다시 보내기 필요 없음: 링크는 지금 내용을 보여 줌"
    return f"{sent}{opened}", ""


def tried_steps(application: Application) -> list[dict[str, str]]:
    """The tries, newest first, as components/timeline.html takes them."""
    return [_step(tried) for tried in application.tries.select_related("by").order_by("-at", "-pk")]


def _step(tried: ContactTry) -> dict[str, str]:
    answer = ("답함" if tried.answered else "답 없음") if tried.kind == TryKind.TEXT else ""
    call = ("통화함" if tried.answered else "안 받음") if tried.kind == TryKind.CALL else ""
    by = f" · {tried.by.name}" if tried.by else ""
    return {
        "what": f"{TryKind(tried.kind).label} · {answer or call}",
        "when": f"{format_moment(tried.at)}{by}",
        "detail": tried.note,
        "tone": "sent" if tried.answered else "held",
    }
