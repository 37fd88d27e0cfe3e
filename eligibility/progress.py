"""How far an application is, in words for who handed it in."""

from dataclasses import dataclass
from typing import Final

from eligibility.enums import ApplicationState, ContentState, RegistryState
from eligibility.models import Application

#: The way of an application, as its step bar names it.
STEPS: Final = ("접수", "가입 확인", "시안 제작", "사장님 확인", "개통")
_OVER: Final = len(STEPS) + 1


@dataclass(frozen=True, slots=True)
class Progress:
    """`at`: the number of the present step from 1, one more when all are done, 0 for what came to nothing. `tone` is a
    chip's, `label` its word, `sentence` what is waited for."""

    at: int
    tone: str
    label: str
    sentence: str


_ELIGIBLE: Final = {
    ContentState.WAITING: Progress(3, "waiting", "시안 제작 중", "콘텐츠제작센터에서 시안을 만듭니다."),
    ContentState.CHANGES: Progress(
        3, "waiting", "시안 수정 중", "사장님이 고칠 곳을 알려 와 시안을 고칩니다."
    ),
    ContentState.SENT: Progress(
        4, "waiting", "사장님 확인 중", "사장님이 문자로 받은 시안을 확인할 차례입니다."
    ),
    ContentState.CONFIRMED: Progress(5, "waiting", "개통 준비", "사장님이 확정해 곧 개통합니다."),
}


def progress_of(application: Application) -> Progress:
    """The application's place on its way."""
    match ApplicationState(application.state):
        case ApplicationState.FORM:
            return Progress(1, "skipped", "작성 중", "아직 접수하지 않은 신청서입니다.")
        case ApplicationState.RECEIVED:
            return _received(application)
        case ApplicationState.ELIGIBLE:
            return _ELIGIBLE[ContentState(application.content)]
        case ApplicationState.ACTIVATING:
            return Progress(5, "waiting", "개통 중", "개통 단계를 하나씩 처리하고 있습니다.")
        case ApplicationState.ACTIVE:
            confirmed = application.content == ContentState.CONFIRMED
            left = "" if confirmed else " 홍보문자는 사장님 확인을 기다립니다."
            return Progress(_OVER, "sent", "개통", f"개통이 끝났습니다.{left}")
        case ApplicationState.REFUSED:
            return Progress(0, "failed", "가입 불가", "가입할 수 없는 신청입니다.")
        case ApplicationState.WITHDRAWN:
            return Progress(0, "skipped", "신청 취소", "취소한 신청입니다.")


def _received(application: Application) -> Progress:
    if application.registry in (RegistryState.UNCHECKED, RegistryState.UNREACHABLE):
        return Progress(
            2, "waiting", "가입 확인 중", "국세청의 사업자 확인을 기다립니다. 답이 오면 저절로 넘어갑니다."
        )
    return Progress(2, "failed", "확인 필요", "이대로는 개통할 수 없습니다. 적은 내용을 다시 확인해 주세요.")
