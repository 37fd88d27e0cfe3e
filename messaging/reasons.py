"""Why a call brought no message, in one Korean sentence and what to do (ux.md, principle 7)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from messaging.enums import MessageState
from messaging.rulebook import SkipReason
from shopmsg.core.clock import format_day, format_time, kst_day


class Remedy(StrEnum):
    """Where an action can be taken: the one button beside it. The view knows the address."""

    CALL_US = "call_us"
    SENDING = "sending"
    RULES = "rules"
    BLOCKS = "blocks"
    PROMO = "promo"


@dataclass(frozen=True, slots=True)
class Explanation:
    """`sentence` says why, `action` what to do next ("" when there is nothing to do), `remedy` where to do it."""

    sentence: str
    action: str = ""
    remedy: Remedy | None = None


_SKIPS: dict[str, Explanation] = {
    SkipReason.UNKNOWN_LINE: Explanation(
        "등록되지 않은 전화로 온 통화예요.", "매장 전화를 바꾸셨다면 1877-3592로 알려 주세요.", Remedy.CALL_US
    ),
    SkipReason.SHOP_INACTIVE: Explanation(
        "지금은 이용이 멈춰 있는 가게예요.", "다시 쓰시려면 1877-3592로 전화해 주세요.", Remedy.CALL_US
    ),
    SkipReason.SENDING_OFF: Explanation(
        "사장님이 발송을 꺼 두셨어요.", "첫 화면에서 발송을 켜 주세요.", Remedy.SENDING
    ),
    SkipReason.SENDER_UNREGISTERED: Explanation(
        "발신번호 등록이 아직 끝나지 않았어요.",
        "통신서비스 이용증명원을 보내 주시면 바로 등록해 드려요.",
        Remedy.CALL_US,
    ),
    SkipReason.NOTICE_INACTIVE: Explanation(
        "통화연결음 안내가 아직 켜지지 않았어요.", "안내가 켜지면 자동으로 보내기 시작해요."
    ),
    SkipReason.UNANSWERED: Explanation("받지 않은 전화예요."),
    SkipReason.TOO_SHORT: Explanation(
        "통화가 너무 짧았어요.", "최소 통화 시간은 설정에서 바꾸실 수 있어요.", Remedy.RULES
    ),
    SkipReason.WITHHELD: Explanation("발신번호를 숨긴 전화예요."),
    SkipReason.NOT_MOBILE: Explanation("휴대폰 번호가 아니에요."),
    SkipReason.OPTED_OUT: Explanation("이 가게 문자를 받지 않겠다고 하신 분이에요."),
    SkipReason.BLOCKED: Explanation(
        "사장님이 차단하신 번호예요.", "차단 목록에서 빼시면 다음 통화부터 보내요.", Remedy.BLOCKS
    ),
    SkipReason.OWN_NUMBER: Explanation("우리 가게 번호예요."),
    SkipReason.NO_PROMO: Explanation(
        "보낼 홍보문자가 없어요.", "홍보문자를 하나 만들어 주세요.", Remedy.PROMO
    ),
    SkipReason.PROMO_UNSENDABLE: Explanation(
        "홍보문자에 휴대폰이 보여 주지 못하는 내용이 있어요.",
        "홍보문자를 열어 표시된 곳을 고쳐 주세요.",
        Remedy.PROMO,
    ),
    SkipReason.DAILY_CAP: Explanation("오늘 보낼 수 있는 수를 다 썼어요.", "내일 다시 보내요."),
    SkipReason.NIGHT: Explanation(
        "밤에 온 전화라 보내지 않았어요.",
        "설정에서 '기다렸다가 보내기'로 바꾸실 수 있어요.",
        Remedy.RULES,
    ),
    SkipReason.STALE: Explanation("한 시간도 더 지난 통화예요."),
    SkipReason.EXPIRED: Explanation(
        "두 시간 안에 보내지 못해 그만두었어요.", "자주 보이면 1877-3592로 전화해 주세요.", Remedy.CALL_US
    ),
    SkipReason.FAULT: Explanation(
        "저희 쪽 문제로 보내지 못했어요.",
        "바로 살펴볼게요. 급하시면 1877-3592로 전화해 주세요.",
        Remedy.CALL_US,
    ),
}

_STATES: dict[str, Explanation] = {
    MessageState.HELD: Explanation("아침이 되면 보내요."),
    MessageState.QUEUED: Explanation("곧 보내요."),
    MessageState.SUBMITTING: Explanation("지금 보내고 있어요."),
    MessageState.ACCEPTED: Explanation("보냈어요. 통신사의 답을 기다려요."),
    MessageState.DELIVERED: Explanation("통신사가 전달했어요."),
    MessageState.FAILED: Explanation("전달되지 않았어요."),
    MessageState.REJECTED: Explanation("문자 회사가 받지 않았어요."),
    MessageState.UNCERTAIN: Explanation(
        "보내졌는지 확인하고 있어요.", "두 번 가지 않도록 다시 보내지는 않아요."
    ),
    MessageState.UNKNOWN: Explanation(
        "보내졌는지 끝내 확인하지 못했어요.", "두 번 가지 않도록 다시 보내지 않았어요."
    ),
}


def explain(reason: str, at: datetime | None, now: datetime) -> Explanation:
    """The sentence of a SkipReason or of a message's state. `at` is the moment the reason speaks of: the last
    message for "recent", the release for "held"."""
    if reason == SkipReason.RECENT:
        return Explanation(_recently(at, now))
    if reason == MessageState.HELD and at is not None:
        return Explanation(f"{_day_ahead(at, now)} {format_time(at)}에 보내요.")
    known = _SKIPS.get(reason) or _STATES.get(reason)
    return known or Explanation(
        "보내지 않았어요.", "까닭이 궁금하시면 1877-3592로 전화해 주세요.", Remedy.CALL_US
    )


def _day_ahead(at: datetime, now: datetime) -> str:
    day = kst_day(at)
    return {0: "오늘", 1: "내일"}.get((day - kst_day(now)).days, format_day(day))


def _recently(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "얼마 전에 이미 보냈어요."
    days = (kst_day(now) - kst_day(at)).days
    when = {0: "오늘", 1: "어제"}.get(days, f"{days}일 전에")
    return f"{when} 이미 보냈어요."
