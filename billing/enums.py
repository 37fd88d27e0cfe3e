"""Closed vocabularies of billing."""

from django.db.models import TextChoices


class Bundle(TextChoices):
    """결합: a discount for who also takes other products of the carrier (rules.md §3)."""

    NONE = "none", "결합 없음"
    SUCCESS_PACK = "success_pack", "사장님성공팩"
    ASSISTANT_PACK = "assistant_pack", "사장님AI비서팩"


class EventPlan(TextChoices):
    """이벤트 요금제: what a shop pays for events planned by AI (rules.md §3). Without one the first event is free."""

    NONE = "none", "이벤트 요금제 없음"
    BASIC = "basic", "이벤트 기본"
    PRO = "pro", "이벤트 프로"
    ENTERPRISE = "enterprise", "이벤트 엔터프라이즈"


class UsageKind(TextChoices):
    """사용량: what is paid for by the piece (rules.md §3). Kakao messages are agreed per merchant, VAT outside; prize
    commissions are a share of the prize's value."""

    ALIMTALK = "alimtalk", "알림톡"
    BRAND_TEXT = "brand_text", "친구톡(브랜드메시지) 글"
    BRAND_IMAGE = "brand_image", "친구톡(브랜드메시지) 그림"
    TOWN_TV = "town_tv", "우리동네TV"
    GENIE_TV = "genie_tv", "지니TV"
    POINT_PRIZE = "point_prize", "KT 멤버십 포인트 경품 수수료"
    PARTNER_PRIZE = "partner_prize", "제휴 경품 수수료"


class ChangeKind(TextChoices):
    """What can happen to a contract. A change holds from the start of its KST day."""

    STARTED = "started", "개통"
    COMMITTED = "committed", "약정 시작·올림"
    COMMITMENT_LEFT = "commitment_left", "약정 그만두기"
    BUNDLED = "bundled", "결합"
    UNBUNDLED = "unbundled", "결합 그만두기"
    PRODUCT_CHANGED = "product_changed", "상품 바꾸기"
    PLAN_CHANGED = "plan_changed", "이벤트 요금제 바꾸기"
    PAUSED = "paused", "일시정지"
    RESUMED = "resumed", "다시 쓰기"
    CANCELLED = "cancelled", "해지 예약"
    CANCEL_TAKEN_BACK = "cancel_taken_back", "해지 되돌리기"


class EntryKind(TextChoices):
    """원장 항목. All but the last two stand on an invoice or a credit note."""

    SERVICE = "service", "이용료"
    PLAN = "plan", "이벤트 요금제"
    REFUND = "refund", "할인반환금"
    USAGE = "usage", "사용료"
    CREDIT = "credit", "돌려드림"
    CORRECTION = "correction", "바로잡음"
    REFERRAL = "referral", "추천 한 달 무료"
    PAYMENT = "payment", "납부"
    PAYMENT_BACK = "payment_back", "환불"


class PayMethod(TextChoices):
    """납부 방법."""

    NONE = "none", "아직 정하지 않음"
    CARD = "card", "카드 자동 결제"
    TRANSFER = "transfer", "계좌 이체"
    PHONE_BILL = "phone_bill", "KT 전화요금에 합산"


class InvoiceKind(TextChoices):
    """청구서: the month's, or a note that changes what was charged before."""

    INVOICE = "invoice", "청구서"
    NOTE = "note", "정정 청구서"
