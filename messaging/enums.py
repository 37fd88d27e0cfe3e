"""Closed vocabularies of messaging. No models here: rulebook and gateways read these too."""

from django.db.models import IntegerChoices, TextChoices


class CallState(TextChoices):
    """A finished call, 통화 종료, waits for its one verdict."""

    WAITING = "waiting", "판단 전"
    DECIDED = "decided", "판단함"


class Verdict(TextChoices):
    """What the rulebook said of a call: exactly one of these, once."""

    SEND = "send", "보냄"
    SKIP = "skip", "보내지 않음"


class MessageKind(TextChoices):
    """Why a message is sent. Only promos are counted against caps; info carries no ad mark (rules.md §5)."""

    PROMO = "promo", "홍보문자"
    TEST = "test", "시험"
    INFO = "info", "안내문자"


class Priority(IntegerChoices):
    """Which message is claimed first."""

    LOGIN = 0, "인증번호"
    INFO = 1, "안내"
    PROMO = 2, "홍보"


class Channel(TextChoices):
    """How a message travels."""

    SMS = "SMS", "단문"
    LMS = "LMS", "장문"
    MMS = "MMS", "그림 문자"


class MessageState(TextChoices):
    """Where a message stands. HELD and QUEUED are unsent; SUBMITTING may have left; the rest are ends or nearly."""

    HELD = "held", "아침까지 기다림"
    QUEUED = "queued", "보내는 중"
    SUBMITTING = "submitting", "접수 중"
    ACCEPTED = "accepted", "접수됨"
    DELIVERED = "delivered", "통신사 전달 완료"
    FAILED = "failed", "전달 안 됨"
    REJECTED = "rejected", "접수 거절"
    UNCERTAIN = "uncertain", "확인 중"
    UNKNOWN = "unknown", "확인 못 함"
    SKIPPED = "skipped", "보내지 않음"
    EXPIRED = "expired", "시간 지남"


class Outcome(TextChoices):
    """What a gateway says of one message, in our words (design.md §3 habit 7)."""

    ACCEPTED = "accepted", "접수됨"
    HANDED_OVER = "handed_over", "통신사에 넘김"
    DELIVERED = "delivered", "전달됨"
    FAILED = "failed", "전달 안 됨"
    REJECTED = "rejected", "접수 거절"
    RETRY_LATER = "retry_later", "나중에 다시"
    UNCERTAIN = "uncertain", "알 수 없음"
    UNKNOWN = "unknown", "모르는 값"


class OptOutSource(TextChoices):
    """How a person refused, 수신거부 (rules.md §5)."""

    CALL_080 = "080", "080 전화"
    LINK = "link", "문자 링크"
    GATEWAY = "gateway", "통신사 수신거부"


class BreakerState(TextChoices):
    """Circuit breaker of a gateway account."""

    CLOSED = "closed", "정상"
    OPEN = "open", "멈춤"
    HALF_OPEN = "half_open", "시험 중"
