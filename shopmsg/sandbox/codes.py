"""The gateway's vocabulary: message types, prices, status codes (reference/gateways.md §1.4, §1.7, §1.8)."""

TEXT_TYPES = {"SMS": 90, "LMS": 2000, "MMS": 2000}
"""Longest text in EUC-KR bytes by type."""

KAKAO_TYPES = {"ATA": 1000, "CTA": 1000, "CTI": 400}
"""Longest text in characters by type."""

OTHER_TYPES = (
    "NSA",
    "RCS_SMS",
    "RCS_LMS",
    "RCS_MMS",
    "RCS_TPL",
    "RCS_ITPL",
    "RCS_LTPL",
    "FAX",
    "VOICE",
    "BMS_TEXT",
    "BMS_IMAGE",
    "BMS_WIDE",
    "BMS_WIDE_ITEM_LIST",
    "BMS_CAROUSEL_FEED",
    "BMS_PREMIUM_VIDEO",
    "BMS_COMMERCE",
    "BMS_CAROUSEL_COMMERCE",
    "BMS_FREE",
)
OTHER_LIMIT = 1300

TYPES = frozenset([*TEXT_TYPES, *KAKAO_TYPES, *OTHER_TYPES])
KNOWN_COUNTS = ("sms", "lms", "mms", "ata", "cta", "cti", "nsa", "rcs_sms", "rcs_lms", "rcs_mms", "rcs_tpl")

PRICES = {"SMS": 18, "LMS": 45, "MMS": 110, "ATA": 13, "CTA": 19, "CTI": 25}
DEFAULT_PRICE = 20

SUBJECT_BYTES = 40
MAX_MESSAGES = 10_000
MAX_BODY = 15 * 1024 * 1024

ACCEPTED, AT_CARRIER, DELIVERED = "2000", "3000", "4000"

_MEANINGS = {
    "1010": "필수 입력 값 누락",
    "1011": "형식 오류",
    "1013": "SMS에는 제목을 쓸 수 없음",
    "1014": "제목은 40바이트까지",
    "1023": "이미지 없음",
    "1025": "잘못된 메시지 유형",
    "1026": "중복 수신번호",
    "1027": "UTF-8이 아닌 문자",
    "1028": "출력할 수 없는 문자",
    "1029": "EUC-KR 밖의 문자",
    "1030": "잔액 부족",
    "1031": "본문이 너무 김",
    "1032": "잘못된 사용자 필드",
    "1034": "imageId 없음",
    "1058": "전송 경로 없음",
    "1060": "차단된 수신번호",
    "1061": "080 수신거부 번호",
    "1062": "발신번호 미등록",
    "1064": "KISA 신고 차단",
    "2000": "정상 접수",
    "2060": "차단된 수신번호",
    "2061": "080 수신거부 번호",
    "2062": "발신번호 미등록",
    "2063": "차단된 계정",
    "2230": "잔액 부족",
    "2254": "플랫폼 스팸 차단",
    "3000": "이통사 접수",
    "3010": "수신번호 형식 오류",
    "3031": "전송 불가",
    "3032": "미가입자",
    "3040": "전송 시간 초과",
    "3041": "단말기 사용 중",
    "3042": "음영 지역",
    "3043": "전원 꺼짐",
    "3044": "저장 공간 부족",
    "3045": "일시 정지",
    "3046": "단말기 문제",
    "3047": "착신 거절",
    "3053": "이통사 대기열 가득 참",
    "3054": "스팸",
    "3058": "전송 경로 없음",
    "3059": "변작된 발신번호",
    "4000": "수신 완료",
}


def meaning(code: str) -> str:
    return _MEANINGS.get(code, "알 수 없는 상태")


def price(message_type: str) -> int:
    """Won a message costs."""
    return PRICES.get(message_type, DEFAULT_PRICE)
