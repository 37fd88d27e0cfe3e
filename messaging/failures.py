"""What the owner reads when a message did not arrive: one sentence, and what to do."""

from typing import NamedTuple

from messaging.gateways import solapi_codes
from messaging.gateways.failure import Failure, Trouble
from messaging.reasons import Remedy

__all__ = ["Explanation", "Failure", "explain", "failure_of"]


class Explanation(NamedTuple):
    """`sentence` says what happened, `action` what the owner can do about it, `remedy` where."""

    sentence: str
    action: str
    remedy: Remedy | None = None


_TROUBLES = {
    Trouble.NOT_SENT: Failure.GATEWAY_DOWN,
    Trouble.BUSY: Failure.GATEWAY_DOWN,
    Trouble.NO_ACCESS: Failure.GATEWAY_ACCESS,
    Trouble.REFUSED_REQUEST: Failure.BAD_REQUEST,
    Trouble.NO_ANSWER: Failure.NO_ANSWER,
    Trouble.SERVER_ERROR: Failure.NO_ANSWER,
    Trouble.UNREADABLE: Failure.NO_ANSWER,
    Trouble.UNREADABLE_RECIPIENT: Failure.BAD_REQUEST,
    Trouble.REFUSED_PICTURE: Failure.BAD_REQUEST,
    Trouble.UNNAMED: Failure.NO_ANSWER,
}

_NOTHING = "하실 일은 없어요."
_NEXT_CALL = "하실 일은 없어요. 일주일이 지나 다시 전화하시면 그때 보내 드려요."
_WE_LOOK = "하실 일은 없어요. 저희가 원인을 찾아 고칠게요."
_PAUSED = "발송을 잠시 멈췄어요. 1877-3592로 전화해 주세요."

_EXPLANATIONS: dict[Failure, Explanation] = {
    Failure.NONE: Explanation("문자를 보내는 데 문제가 없었어요.", _NOTHING),
    Failure.UNKNOWN: Explanation(
        "통신사가 문자를 전달하지 못했어요.",
        "하실 일은 없어요. 자주 보이면 1877-3592로 알려 주세요.",
        Remedy.CALL_US,
    ),
    Failure.BAD_REQUEST: Explanation("저희 쪽 문제로 문자를 보내지 못했어요.", _WE_LOOK),
    Failure.BAD_CHARACTERS: Explanation(
        "문자로 보낼 수 없는 글자가 들어 있었어요.",
        "홍보 내용에서 그림 글자나 특수 글자를 지우고 저장해 주세요.",
        Remedy.PROMO,
    ),
    Failure.TOO_LONG: Explanation(
        "홍보 내용이나 제목이 너무 길었어요.", "홍보 내용을 조금 줄여서 저장해 주세요.", Remedy.PROMO
    ),
    Failure.PICTURE_LOST: Explanation(
        "문자 회사가 그림을 찾지 못했어요.", "하실 일은 없어요. 저희가 그림을 다시 올릴게요."
    ),
    Failure.NO_BALANCE: Explanation(
        "저희가 문자 회사에 미리 낸 돈이 모자랐어요.",
        "하실 일은 없어요. 저희가 채울게요. 사장님께 따로 청구되지 않아요.",
    ),
    Failure.NO_ROUTE: Explanation("이 번호로 가는 통신망이 막혀 있었어요.", _NEXT_CALL),
    Failure.SENDER_UNREGISTERED: Explanation(
        "가게 번호가 발신번호로 등록되어 있지 않아요.", _PAUSED, Remedy.CALL_US
    ),
    Failure.SENDER_FORMAT: Explanation(
        "가게 번호가 발신번호 규칙에 맞지 않아요.", "1877-3592로 전화해 주세요.", Remedy.CALL_US
    ),
    Failure.SENDER_SPOOFED: Explanation(
        "통신사가 가게 번호를 도용된 번호로 보고 막았어요.",
        "발송을 잠시 멈췄어요. 통신사의 번호도용문자차단에 가입하셨다면 해지하고, 1877-3592로 전화해 주세요.",
        Remedy.CALL_US,
    ),
    Failure.KISA_BLOCKED: Explanation(
        "한국인터넷진흥원이 가게 번호의 문자를 막았어요.", _PAUSED, Remedy.CALL_US
    ),
    Failure.ACCOUNT_BLOCKED: Explanation("문자 회사가 저희 계정을 막았어요.", _WE_LOOK),
    Failure.SPAM_FILTERED: Explanation(
        "통신사의 스팸 차단에 걸렸어요.",
        "홍보 내용을 바꿔 보세요. 링크나 반복되는 말이 많으면 걸리기 쉬워요.",
        Remedy.PROMO,
    ),
    Failure.KAKAO_SETUP: Explanation(
        "카카오 채널이나 템플릿 설정이 맞지 않았어요.", "1877-3592로 전화해 주세요.", Remedy.CALL_US
    ),
    Failure.OPTED_OUT: Explanation(
        "받는 분이 수신을 거부했어요.", "하실 일은 없어요. 이분께는 더 보내지 않아요."
    ),
    Failure.RECIPIENT_BLOCKED: Explanation("보낼 수 없게 막아 둔 번호였어요.", _NOTHING),
    Failure.SPAM_LISTED: Explanation("받는 분이 광고 문자 차단을 신청한 번호였어요.", _NOTHING),
    Failure.BAD_NUMBER: Explanation("받는 분의 번호가 올바르지 않았어요.", _NOTHING),
    Failure.NO_SUBSCRIBER: Explanation("지금 쓰이지 않는 번호였어요.", _NOTHING),
    Failure.UNSUPPORTED_PHONE: Explanation("받는 분의 전화기가 이런 문자를 받지 못해요.", _NOTHING),
    Failure.PHONE_BUSY: Explanation("받는 분의 전화기가 다른 일을 하고 있었어요.", _NEXT_CALL),
    Failure.OUT_OF_COVERAGE: Explanation("받는 분이 신호가 닿지 않는 곳에 계셨어요.", _NEXT_CALL),
    Failure.PHONE_OFF: Explanation("받는 분의 전화기가 꺼져 있었어요.", _NEXT_CALL),
    Failure.PHONE_FULL: Explanation("받는 분의 문자함이 가득 차 있었어요.", _NEXT_CALL),
    Failure.PHONE_SUSPENDED: Explanation("받는 분의 전화가 일시 정지되어 있었어요.", _NEXT_CALL),
    Failure.PHONE_FAULT: Explanation("받는 분의 전화기에 문제가 있었어요.", _NEXT_CALL),
    Failure.RECIPIENT_REFUSES: Explanation("받는 분이 전화기에서 문자를 막아 두었어요.", _NOTHING),
    Failure.NOT_A_FRIEND: Explanation("받는 분이 카카오톡 채널 친구가 아니에요.", _NOTHING),
    Failure.NOT_ON_KAKAO: Explanation("받는 분이 카카오톡을 쓰지 않거나 알림을 막아 두었어요.", _NOTHING),
    Failure.TIMED_OUT: Explanation("정해진 시간 안에 전달됐는지 통신사가 알려 주지 않았어요.", _NEXT_CALL),
    Failure.CARRIER_BUSY: Explanation("통신사에 문자가 몰려 전달하지 못했어요.", _NEXT_CALL),
    Failure.KAKAO_HOURS: Explanation("카카오가 광고를 보내지 않는 시간이었어요.", _NEXT_CALL),
    Failure.GATEWAY_DOWN: Explanation("문자 회사가 잠시 문자를 받지 못했어요.", _NOTHING),
    Failure.GATEWAY_ACCESS: Explanation("저희와 문자 회사 사이의 접속에 문제가 있었어요.", _WE_LOOK),
    Failure.NO_ANSWER: Explanation(
        "문자 회사의 답이 없어 도착했는지 확인하고 있어요.",
        "하실 일은 없어요. 두 번 가지 않도록 다시 보내지는 않아요.",
    ),
}


def failure_of(code: str) -> Failure:
    """What a message's stored `gateway_code` means. NONE for success, UNKNOWN for a word nobody knows."""
    if not code:
        return Failure.NONE
    try:
        return _TROUBLES[Trouble(code)]
    except ValueError:
        return solapi_codes.failure_of(code)


def explain(code: str) -> Explanation:
    """The owner's sentence and advice for a message's stored `gateway_code`."""
    return _EXPLANATIONS[failure_of(code)]
