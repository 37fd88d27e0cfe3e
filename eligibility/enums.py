"""Closed vocabularies of signing up."""

from django.db.models import TextChoices


class ApplicantKind(TextChoices):
    """Who applies; what may be sold depends on it (rules.md §1)."""

    MERCHANT = "merchant", "사업자"
    PUBLIC_BODY = "public_body", "지자체·공공기관"


class Source(TextChoices):
    """유입 경로: where an application came in (rules.md §2)."""

    CALL_100 = "call_100", "고객센터 100"
    CALL_1588 = "call_1588", "기업고객센터 1588-0114"
    DEALER = "dealer", "대리점"
    WEB = "web", "홈페이지"


class ApplicationState(TextChoices):
    """How far an application is. What becomes of its promo is ContentState's."""

    FORM = "form", "작성 중"
    RECEIVED = "received", "확인 필요"
    ELIGIBLE = "eligible", "가입 가능"
    REFUSED = "refused", "가입 불가"
    WITHDRAWN = "withdrawn", "신청 취소"
    ACTIVATING = "activating", "개통 중"
    ACTIVE = "active", "개통"


class ContentState(TextChoices):
    """Where the promo of an application stands. Active and not yet confirmed is 확인 대기 (rules.md §2)."""

    WAITING = "waiting", "제작 대기"
    SENT = "sent", "확인 요청"
    CHANGES = "changes", "수정 요청"
    CONFIRMED = "confirmed", "확정"


class RegistryState(TextChoices):
    """What the National Tax Service says of a business number (rules.md §1)."""

    UNCHECKED = "unchecked", "조회 전"
    ACTIVE = "active", "계속사업자"
    SUSPENDED = "suspended", "휴업자"
    CLOSED = "closed", "폐업자"
    UNREGISTERED = "unregistered", "등록되지 않은 번호"
    UNREACHABLE = "unreachable", "확인 필요"


class RevenueProof(TextChoices):
    """매출 증빙: what an annual revenue was read from."""

    SPOKEN = "spoken", "구두 확인"
    VAT = "vat", "부가세 과세표준증명"
    INCOME = "income", "소득금액증명"
    STATEMENT = "statement", "표준재무제표증명"


class LineOwner(TextChoices):
    """회선 명의: in whose name the shop's line is."""

    SELF = "self", "신청인 명의"
    OTHER = "other", "다른 사람 명의"


class DocumentKind(TextChoices):
    """What a document of an application is."""

    REGISTRATION = "registration", "사업자등록증"
    REVENUE = "revenue", "매출 증빙"
    LINE = "line", "통신서비스 이용증명원"
    FORM = "form", "가입신청서"


class DocumentState(TextChoices):
    """What became of a document."""

    KEPT = "kept", "확인 전"
    ACCEPTED = "accepted", "승인"
    REJECTED = "rejected", "반려"
    DELETED = "deleted", "기한이 지나 삭제"


class StepName(TextChoices):
    """The steps of an activation (개통), in their order."""

    OWNER = "owner", "사장님 계정"
    SUBSCRIPTION = "subscription", "요금제 시작"
    LINE = "line", "매장 전화 등록"
    NOTICE = "notice", "통화연결음 안내"
    OPTOUT = "optout", "080 수신거부"
    SENDER = "sender", "발신번호 등록"
    HOMEPAGE = "homepage", "모바일 홈페이지"
    PROMO = "promo", "홍보문자"
    WELCOME = "welcome", "환영 문자"


class StepState(TextChoices):
    """Where a step stands: WAITING also for what somebody outside has to do first."""

    WAITING = "waiting", "대기"
    DONE = "done", "완료"
    FAILED = "failed", "실패"


class TryKind(TextChoices):
    """How the owner was tried to be reached."""

    TEXT = "text", "시안 문자"
    CALL = "call", "전화"


class ReviewAnswer(TextChoices):
    """What an owner said of a draft."""

    NONE = "none", "답 없음"
    CONFIRMED = "confirmed", "확정"
    CHANGES = "changes", "수정 요청"
    REPLACED = "replaced", "새 시안으로 바뀜"
