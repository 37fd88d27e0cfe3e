"""The operator's page: one look at the pipeline. Staff read it, so it speaks in short nouns."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from messaging import gateway_account, health
from messaging.enums import BreakerState
from messaging.models import GatewayAccount
from messaging.views.pages import key_of
from shopmsg.accounts import audit
from shopmsg.accounts.access import staff_required, user_of
from shopmsg.accounts.enums import Role
from shopmsg.core.clock import format_moment, format_time
from shopmsg.home.views.stopped import stopped_shops

#: Past the first a thing is slow, past the second it is stuck.
_WAIT: Final = (timedelta(seconds=10), timedelta(minutes=2))
_BALANCE_AGE: Final = timedelta(hours=1)
_LOW_BALANCE: Final = (50_000, 10_000)
_LOW_DISK_PERCENT: Final = (20, 10)
_MONTHS: Final = (2, 1)


@dataclass(frozen=True, slots=True)
class Reading:
    """One instrument: `tone` colours it, `word` says the same without colour."""

    label: str
    value: str
    word: str
    tone: str
    note: str = ""


@never_cache
@staff_required(Role.ADMIN, Role.AGENT)
@require_safe
def operator(request: HttpRequest) -> HttpResponse:
    """Everything on one page, worst words in the chips."""
    now = timezone.now()
    queue, room = health.queue(now), health.room(now)
    fates = health.open_fates(key_of(request))
    workers = health.workers(now)
    context: dict[str, Any] = {
        "now": now,
        "queue": _queue_readings(queue, now),
        "room": _room_readings(room),
        "redis": _redis_reading(),
        "workers": [
            {"name": worker.name, "seen": _age(now - worker.seen_at), "reading": _worker(now, worker.seen_at)}
            for worker in workers
        ],
        "accounts": [_account(account, now) for account in health.accounts()],
        "stopped": stopped_shops(),
        "may_resume_shops": user_of(request).role == Role.ADMIN,
        "fates": fates.rows,
        "first_url": f"{request.path}#fates" if key_of(request) is not None else "",
        "older_url": f"?before={fates.older}#fates" if fates.older else "",
    }
    return render(request, "home/operator.html", context)


@never_cache
@staff_required(Role.ADMIN, Role.AGENT)
@require_POST
def resume(request: HttpRequest, name: str) -> HttpResponse:
    """Sends through this gateway account again, after a person looked."""
    if not GatewayAccount.objects.filter(name=name).exists():
        raise Http404
    if gateway_account.resume(name, timezone.now()):
        audit.record(
            "gateway.resumed",
            actor=user_of(request),
            subject=f"account:{name}",
            address=audit.address_of(request),
        )
        messages.success(request, f"{name} 발송 재개")
    return redirect("home:operator")


def _queue_readings(queue: health.Queue, now: datetime) -> list[Reading]:
    release = f"{format_moment(queue.next_release)} 발송 예정" if queue.next_release else ""
    return [
        _waiting("가장 오래된 판단 전 통화", queue.oldest_call, now),
        _waiting("가장 오래된 발송 전 문자", queue.oldest_message, now),
        Reading("아침까지 대기", _counted(queue.held), "정상", "sent", release),
        Reading(
            "결과 확인 중",
            _counted(queue.uncertain),
            "확인 중" if queue.uncertain else "정상",
            "held" if queue.uncertain else "sent",
            "재발송하지 않고 조회로 확인",
        ),
        Reading(
            "반영 전 결과 보고",
            _counted(queue.reports),
            "밀림" if queue.reports >= health.MOST_COUNTED else "정상",
            "failed" if queue.reports >= health.MOST_COUNTED else "sent",
        ),
    ]


def _waiting(label: str, since: datetime | None, now: datetime) -> Reading:
    if since is None:
        return Reading(label, "없음", "정상", "sent")
    age = now - since
    if age < _WAIT[0]:
        return Reading(label, _age(age), "정상", "sent")
    word, tone = ("느림", "held") if age < _WAIT[1] else ("막힘", "failed")
    return Reading(label, _age(age), word, tone, f"{format_time(since)}부터")


def _room_readings(room: health.Room) -> list[Reading]:
    free = room.disk_free * 100 // room.disk_total
    return [
        _level(
            "디스크 여유",
            f"{_bytes(room.disk_free)} ({free}%)",
            free,
            _LOW_DISK_PERCENT,
            "정상",
            ("적음", "부족"),
        ),
        Reading("데이터베이스 크기", _bytes(room.database), "정보", "skipped"),
        _level(
            "준비된 월 파티션",
            f"{room.months_ready}개월",
            room.months_ready,
            _MONTHS,
            "정상",
            ("곧 부족", "부족"),
        ),
        Reading(
            "파티션 밖 행",
            f"{room.strays:,}개",
            "확인 필요" if room.strays else "정상",
            "failed" if room.strays else "sent",
        ),
    ]


def _redis_reading() -> Reading:
    up = health.redis_answers()
    return Reading(
        "Redis", "응답" if up else "응답 없음", "정상" if up else "끊김", "sent" if up else "failed"
    )


def _worker(now: datetime, seen_at: datetime) -> Reading:
    fresh = now - seen_at <= health.WORKER_FRESH
    return Reading("", "", "정상" if fresh else "응답 없음", "sent" if fresh else "failed")


def _account(account: GatewayAccount, now: datetime) -> dict[str, object]:
    closed = account.breaker == BreakerState.CLOSED and not account.stop_reason
    return {
        "name": account.name,
        "closed": closed,
        "breaker": Reading(
            "차단기",
            account.get_breaker_display(),
            "정상" if closed else "발송 멈춤",
            "sent" if closed else "failed",
            account.stop_reason or (f"{format_moment(account.retry_at)} 재시도" if account.retry_at else ""),
        ),
        "balance": _balance(account, now),
    }


def _balance(account: GatewayAccount, now: datetime) -> Reading:
    if account.balance is None or account.balance_at is None:
        return Reading("잔액", "모름", "확인 전", "held")
    age = now - account.balance_at
    value = f"{account.balance:,}원"
    note = f"{_age(age)} 전 확인"
    if age > _BALANCE_AGE:
        return Reading("잔액", value, "오래된 값", "held", note)
    return _level("잔액", value, account.balance, _LOW_BALANCE, "정상", ("적음", "부족"), note)


def _level(
    label: str,
    value: str,
    measured: int,
    limits: tuple[int, int],
    good: str,
    bad: tuple[str, str],
    note: str = "",
) -> Reading:
    """Good from the first limit on, in trouble below the second."""
    if measured >= limits[0]:
        return Reading(label, value, good, "sent", note)
    if measured >= limits[1]:
        return Reading(label, value, bad[0], "held", note)
    return Reading(label, value, bad[1], "failed", note)


def _counted(number: int) -> str:
    return f"{number:,}건 이상" if number >= health.MOST_COUNTED else f"{number:,}건"


def _age(age: timedelta) -> str:
    """ "8초", "3분 20초", "5시간 2분", "2일"."""
    seconds = max(0, int(age.total_seconds()))
    if seconds < 60:
        return f"{seconds}초"
    if seconds < 3600:
        return f"{seconds // 60}분 {seconds % 60}초"
    if seconds < 86_400:
        return f"{seconds // 3600}시간 {seconds % 3600 // 60}분"
    return f"{seconds // 86_400}일"


def _bytes(size: int) -> str:
    return f"{size / 1e9:,.1f}GB" if size >= 1e9 else f"{size / 1e6:,.0f}MB"
