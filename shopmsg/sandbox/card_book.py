"""What the card payments' stand-in knows: its test cards, its refusals, and a payment as it is shown."""

import base64
import json
import secrets
import sqlite3
import zlib
from datetime import datetime
from typing import Any, Final

from shopmsg.sandbox import dates
from shopmsg.sandbox.web import ApiError, Reply

#: A card's short name → what the page calls it, how its number begins, and what a charge on it meets ("ok": it is paid).
TEST_CARDS: Final[dict[str, tuple[str, str, str]]] = {
    "normal": ("정상 카드", "94100012", "ok"),
    "limit": ("한도를 넘은 카드", "94100034", "REJECT_CARD_PAYMENT"),
    "expired": ("유효기간이 지난 카드", "94100056", "INVALID_CARD_EXPIRATION"),
    "stopped": ("정지된 카드", "94100078", "INVALID_STOPPED_CARD"),
}
OK: Final = "ok"

#: Every refusal it can give, with its HTTP status and a sentence (reference/payments.md §1.9).
REFUSALS: Final[dict[str, tuple[int, str]]] = {
    "INVALID_REQUEST": (400, "잘못된 요청입니다."),
    "INVALID_REQUIRED_PARAM": (400, "필수 값이 빠졌습니다."),
    "INVALID_ORDER_ID": (400, "주문번호는 영문, 숫자, -, _ 로 6자에서 64자까지입니다."),
    "INVALID_IDEMPOTENCY_KEY": (400, "멱등키는 300자까지입니다."),
    "INVALID_API_KEY": (400, "맞지 않는 키입니다."),
    "UNAUTHORIZED_KEY": (401, "인증되지 않은 키입니다."),
    "INCORRECT_BASIC_AUTH_FORMAT": (401, "인증 헤더의 형식이 다릅니다. 키 뒤에 쌍점이 있어야 합니다."),
    "FORBIDDEN_REQUEST": (403, "허용되지 않은 요청입니다."),
    "INVALID_BILL_KEY_REQUEST": (400, "인증이 끝나지 않았거나 쓸 수 없는 빌링키입니다."),
    "ALREADY_REMOVED_BILLING_KEY": (400, "이미 삭제된 빌링키입니다."),
    "BILLING_KEY_NOT_FOUND": (400, "빌링키가 없습니다."),
    "NOT_MATCHES_CUSTOMER_KEY": (400, "카드를 등록한 고객과 결제를 요청한 고객이 다릅니다."),
    "NOT_FOUND_BILLING": (404, "등록된 카드가 없습니다."),
    "INVALID_STOPPED_CARD": (400, "정지된 카드입니다."),
    "INVALID_CARD_EXPIRATION": (400, "유효기간이 지난 카드입니다."),
    "INVALID_CARD_NUMBER": (400, "카드번호가 올바르지 않습니다."),
    "INVALID_CARD_LOST_OR_STOLEN": (400, "분실 또는 도난 신고된 카드입니다."),
    "NOT_SUPPORTED_CARD_TYPE": (400, "지원하지 않는 종류의 카드입니다."),
    "NOT_REGISTERED_CARD_COMPANY": (400, "카드사에 등록되지 않은 카드입니다."),
    "INVALID_REJECT_CARD": (400, "카드 사용이 거절됐습니다."),
    "REJECT_CARD_COMPANY": (403, "카드사가 승인을 거절했습니다."),
    "REJECT_CARD_PAYMENT": (403, "한도를 넘었거나 잔액이 모자랍니다."),
    "REJECT_ACCOUNT_PAYMENT": (403, "잔액이 모자랍니다."),
    "EXCEED_MAX_AUTH_COUNT": (403, "인증 횟수를 넘었습니다."),
    "EXCEED_MAX_PAYMENT_AMOUNT": (400, "하루 결제 금액을 넘었습니다."),
    "EXCEED_MAX_AMOUNT": (400, "거래 한도를 넘었습니다."),
    "EXCEED_MAX_ONE_DAY_WITHDRAW_AMOUNT": (400, "하루 출금 한도를 넘었습니다."),
    "EXCEED_MAX_ONE_TIME_WITHDRAW_AMOUNT": (400, "한 번 출금 한도를 넘었습니다."),
    "EXCEED_MAX_CARD_INSTALLMENT_PLAN": (400, "할부 개월 수를 넘었습니다."),
    "BELOW_MINIMUM_AMOUNT": (400, "카드는 100원부터 결제할 수 있습니다."),
    "DUPLICATED_ORDER_ID": (400, "이미 승인되거나 취소된 주문번호입니다."),
    "ALREADY_PROCESSED_PAYMENT": (400, "이미 처리된 결제입니다."),
    "IDEMPOTENT_REQUEST_PROCESSING": (409, "같은 멱등키의 요청이 처리되고 있습니다."),
    "PROVIDER_ERROR": (400, "일시적인 오류입니다. 잠시 뒤에 다시 해 주세요."),
    "CARD_PROCESSING_ERROR": (400, "카드사에서 오류가 났습니다."),
    "FAILED_INTERNAL_SYSTEM_PROCESSING": (500, "내부 처리에 실패했습니다."),
    "FAILED_DB_PROCESSING": (500, "잘못된 요청 값으로 처리에 실패했습니다."),
    "FAILED_CARD_COMPANY_RESPONSE": (500, "카드사의 답을 받지 못했습니다."),
    "TOO_MANY_REQUESTS": (429, "요청이 너무 많습니다."),
    "NOT_FOUND_PAYMENT": (404, "없는 결제입니다."),
    "NOT_FOUND": (404, "없는 주소입니다."),
    "ALREADY_CANCELED_PAYMENT": (400, "이미 취소된 결제입니다."),
    "NOT_MATCHES_REFUNDABLE_AMOUNT": (400, "취소할 수 있는 금액과 다릅니다."),
    "REFUND_REJECTED": (400, "환불이 거절됐습니다."),
    "NOT_CANCELABLE_AMOUNT": (403, "취소할 수 없는 금액입니다."),
    "NOT_CANCELABLE_PAYMENT": (403, "취소할 수 없는 결제입니다."),
    "EXCEED_MAX_REFUND_DUE": (403, "환불할 수 있는 기간이 지났습니다."),
    "NOT_ALLOWED_PARTIAL_REFUND": (403, "일부만 환불할 수 없는 결제입니다."),
    "FORBIDDEN_CONSECUTIVE_REQUEST": (403, "반복된 요청입니다. 잠시 뒤에 다시 해 주세요."),
}


class Refusal(ApiError):
    """``{"code", "message"}`` with the status that belongs to the code."""

    def __init__(self, code: str) -> None:
        status, message = REFUSALS[code]
        super().__init__(status, code, message)

    def reply(self) -> Reply:
        return Reply.json({"code": self.code, "message": self.message}, self.status)


def korean_time(ms: int | None) -> str | None:
    """``2026-11-20T10:15:30+09:00``."""
    return None if ms is None else datetime.fromtimestamp(ms // 1000, dates.KST).isoformat()


def key(prefix: str) -> str:
    return prefix + secrets.token_urlsafe(18)


def billing_key() -> str:
    """Ends in ``=`` as the real ones do, so that clients meet a character that an address escapes."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def number(name: str, customer: str) -> str:
    """The masked number of a customer's card: every customer has cards of their own."""
    return f"{TEST_CARDS[name][1]}****{zlib.crc32(customer.encode()) % 1000:03d}*"


def card(number: str) -> dict[str, Any]:
    """A card as issues and payments show it."""
    return {
        "issuerCode": "21",
        "acquirerCode": "21",
        "number": number,
        "cardType": "신용",
        "ownerType": "개인",
    }


def payment(db: sqlite3.Connection, row: sqlite3.Row, base_url: str) -> dict[str, Any]:
    """A payment as charges, lookups, cancellations and webhooks show it."""
    paid = row["status"] != "ABORTED"
    taxed = row["balance"] - row["tax_free"] if row["balance"] > row["tax_free"] else 0
    vat = (taxed * 2 + 11) // 22  # a eleventh, half up
    cancels = [
        {
            "transactionKey": one["transaction_key"],
            "cancelAmount": one["amount"],
            "cancelReason": one["reason"],
            "taxFreeAmount": 0,
            "taxExemptionAmount": 0,
            "refundableAmount": one["balance_after"],
            "easyPayDiscountAmount": 0,
            "canceledAt": korean_time(one["cancelled"]),
            "receiptKey": None,
            "cancelStatus": "DONE",
            "cancelRequestId": None,
        }
        for one in db.execute(
            "SELECT * FROM card_cancels WHERE payment_key = ? ORDER BY seq", (row["payment_key"],)
        )
    ]
    absent = (
        "virtualAccount",
        "transfer",
        "mobilePhone",
        "giftCertificate",
        "easyPay",
        "cashReceipt",
        "cashReceipts",
    )
    return {
        "mId": "tvivarepublica",
        "version": "2022-11-16",
        "paymentKey": row["payment_key"],
        "lastTransactionKey": cancels[-1]["transactionKey"] if cancels else row["transaction_key"],
        "type": "BILLING",
        "orderId": row["order_id"],
        "orderName": row["order_name"],
        "currency": "KRW",
        "method": "카드",
        "status": row["status"],
        "requestedAt": korean_time(row["requested"]),
        "approvedAt": korean_time(row["requested"]) if paid else None,
        "totalAmount": row["amount"],
        "balanceAmount": row["balance"],
        "suppliedAmount": taxed - vat,
        "vat": vat,
        "taxFreeAmount": row["tax_free"],
        "taxExemptionAmount": row["tax_exempt"],
        "useEscrow": False,
        "cultureExpense": False,
        "isPartialCancelable": not row["tax_exempt"],
        "card": {
            "amount": row["amount"],
            **card(row["number"]),
            "installmentPlanMonths": 0,
            "approveNo": "00000000",
            "useCardPoint": False,
            "acquireStatus": "READY",
            "isInterestFree": False,
            "interestPayer": None,
        },
        "receipt": {"url": f"{base_url}/toss/receipt/{row['payment_key']}"} if paid else None,
        "checkout": {"url": f"{base_url}/toss/receipt/{row['payment_key']}"},
        "secret": "ps_" + row["transaction_key"][-12:],
        "country": "KR",
        "metadata": None,
        **dict.fromkeys(absent),
        "discount": None,
        "cancels": cancels or None,
        "failure": None if paid else {"code": row["code"], "message": REFUSALS[row["code"]][1]},
    }


def dumped(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
