"""Closed vocabularies of accounts."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a user is to us. Only owners have shops; the others are staff."""

    OWNER = "owner", "사장님"
    AGENT = "agent", "상담원"
    PRODUCER = "producer", "제작자"
    DEALER = "dealer", "대리점"
    ADMIN = "admin", "관리자"


class Product(TextChoices):
    """What a shop subscribes to (rules.md §1, §3)."""

    SOHO = "soho", "소상공인형"
    BASIC = "basic", "기본형"
    PREMIUM = "premium", "프리미엄형"


class ShopStatus(TextChoices):
    """Whether the shop may send at all. Set by activation, billing and the gateway's refusals."""

    PENDING = "pending", "개통 전"
    ACTIVE = "active", "이용 중"
    SUSPENDED = "suspended", "정지"
    CLOSED = "closed", "해지"


class NightPolicy(TextChoices):
    """What happens to a promo outside the advertising hours (rules.md §4 check 9)."""

    HOLD = "hold", "아침에 보내기"
    SKIP = "skip", "보내지 않기"


class NoticeState(TextChoices):
    """State of the ringback notice, 링고: the sentence a caller hears before the call is answered (rules.md §2)."""

    NONE = "none", "신청 전"
    REQUESTED = "requested", "신청 중"
    ACTIVE = "active", "이용 중"
    FAILED = "failed", "실패"


class DelegationScope(TextChoices):
    """What a member of staff may do in a shop's place."""

    CONTENT = "content", "홍보물"


class MemberRole(TextChoices):
    """What a member of a shop may do."""

    OWNER = "owner", "사장님"
    EDITOR = "editor", "고칠 수 있음"
    VIEWER = "viewer", "볼 수 있음"


class NoticeKind(TextChoices):
    """Informational texts that apps below messaging ask for; messaging has one template for each."""

    LOGIN_CODE = "login_code", "로그인 인증번호"
    OPTOUT_RESULT = "optout_result", "수신거부 결과 알림"
    RESUBSCRIBE_RESULT = "resubscribe_result", "다시 받기 결과 알림"
    SENDING_STOPPED = "sending_stopped", "발송 중지 알림"
    PROMO_ENDING = "promo_ending", "홍보 기간 알림"
    PUBLICATION_REFUSED = "publication_refused", "예약한 홍보문자 알림"
    QUOTA_NEAR = "quota_near", "하루 한도 알림"
    NUMBER_CHANGED = "number_changed", "번호 변경 알림"
    LOGIN_LINK = "login_link", "로그인 링크"
    MEMBER_ADDED = "member_added", "함께 보기 초대"
    DRAFT_REVIEW = "draft_review", "시안 확인 링크"
    APPLICATION_RECEIVED = "application_received", "신청 접수 알림"
    WELCOME = "welcome", "환영 문자"
    OWNER_CHANGED = "owner_changed", "가게 주인 변경 알림"
    SHOP_CLOSED = "shop_closed", "해지 알림"
    FREE_MONTH_ENDING = "free_month_ending", "무료 기간 끝 알림"
    PRICE_CHANGING = "price_changing", "요금 변경 알림"
    COMMITMENT_ENDING = "commitment_ending", "약정 끝 알림"
    INVOICE_READY = "invoice_ready", "청구서 알림"
    PAYMENT_FAILED = "payment_failed", "결제 실패 알림"
    UNPAID = "unpaid", "미납 알림"
    STOPPED_UNPAID = "stopped_unpaid", "미납 정지 알림"
    RESUMED_PAID = "resumed_paid", "발송 재개 알림"
    CHANGE_OFFERED = "change_offered", "요금제 변경 확인 링크"
    PLAN_CHANGED = "plan_changed", "요금제 변경 알림"
    CANCEL_BOOKED = "cancel_booked", "해지 예약 알림"
    REFERRAL_REWARDED = "referral_rewarded", "추천 한 달 무료 알림"
