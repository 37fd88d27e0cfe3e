"""Why a card was not charged, in a closed list, and the sentence its owner reads."""

from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    NONE = "none"
    NO_FUNDS = "no_funds"
    LIMIT = "limit"
    REFUSED = "refused"
    EXPIRED = "expired"
    STOPPED = "stopped"
    LOST = "lost"
    WRONG_CARD = "wrong_card"
    UNSUPPORTED = "unsupported"
    KEY_GONE = "key_gone"
    NOT_REGISTERED = "not_registered"
    GIVEN_UP = "given_up"
    CHECKING = "checking"
    REFUNDED = "refunded"
    LATER = "later"
    OURS = "ours"


_SENTENCES: Final = {
    Reason.NONE: "",
    Reason.NO_FUNDS: "카드 한도를 넘었거나 통장 잔액이 모자라서 결제하지 못했어요. 한도나 잔액을 확인해 주세요.",
    Reason.LIMIT: "카드에 정해진 금액이나 횟수를 넘어서 결제하지 못했어요. 카드사에 물어보시거나 다른 카드를 등록해 주세요.",
    Reason.REFUSED: "카드사가 결제를 승인하지 않았어요. 카드사에 물어보시거나 다른 카드를 등록해 주세요.",
    Reason.EXPIRED: "카드의 유효기간이 지났어요. 새 카드를 등록해 주세요.",
    Reason.STOPPED: "사용이 정지된 카드예요. 다른 카드를 등록해 주세요.",
    Reason.LOST: "분실이나 도난으로 신고된 카드예요. 다른 카드를 등록해 주세요.",
    Reason.WRONG_CARD: "카드 정보가 맞지 않아요. 카드를 다시 등록해 주세요.",
    Reason.UNSUPPORTED: "매달 자동으로 결제할 수 없는 카드예요. 다른 카드를 등록해 주세요.",
    Reason.KEY_GONE: "등록해 둔 카드를 더 이상 쓸 수 없어요. 카드를 다시 등록해 주세요.",
    Reason.NOT_REGISTERED: "카드 등록이 끝나지 않았어요. 처음부터 다시 등록해 주세요.",
    Reason.GIVEN_UP: "카드 등록을 그만두셨어요. 언제든 다시 등록할 수 있어요.",
    Reason.CHECKING: "결제가 됐는지 카드사에 확인하고 있어요. 두 번 결제되지 않으니 기다려 주세요.",
    Reason.REFUNDED: "결제됐다가 취소된 기록이 있어요. 담당자가 확인하고 알려 드릴게요.",
    Reason.LATER: "카드사와 연결이 잠시 늦어지고 있어요. 곧 다시 해 볼게요.",
    Reason.OURS: "저희 쪽 문제로 결제하지 못했어요. 카드에는 문제가 없으니 그대로 두세요.",
}


def sentence(reason: Reason) -> str:
    """One or two plain sentences for the owner; "" for NONE."""
    return _SENTENCES[reason]
