"""Toss Payments' automatic payment (자동결제, reference payments.md §1)."""

import base64
import hashlib
import json
import re
import time
from typing import Any, Final
from urllib.parse import quote

import requests
import structlog

from billing.cards import (
    CancelOutcome,
    CancelResult,
    CardError,
    ChargeOutcome,
    ChargeRequest,
    ChargeResult,
    Hint,
    IssuedKey,
    NotFound,
    Payment,
    Reason,
    sentence,
    toss_answers,
    toss_codes,
    toss_values,
    toss_webhooks,
)
from shopmsg.core.http import Answer, HttpError, NotSent, call, session

#: Seconds: a card company may take half a minute, and giving up early only makes the outcome uncertain.
CHARGE_DEADLINE: Final = 40.0
QUESTION_DEADLINE: Final = 10.0
#: The least a card is charged, in won.
LEAST_AMOUNT: Final = 100

_CUSTOMER_KEY: Final = re.compile(r"[A-Za-z0-9\-_=.@]{2,300}")
_ORDER_ID: Final = re.compile(r"[A-Za-z0-9_-]{6,64}")
_IDEMPOTENCY_KEY: Final = re.compile(r"[!-~]{1,300}")
_AUTH_KEY: Final = re.compile(r"[!-~]{1,300}")

log = structlog.get_logger(__name__)


class Toss:
    """One shop's API-individual secret key. Keeps to `CardGateway`.

    Keys and card numbers are never logged; order ids and the vendor's codes are.
    """

    def __init__(
        self,
        base_url: str,
        secret_key: str,
        *,
        deadline: float = CHARGE_DEADLINE,
        question_deadline: float = QUESTION_DEADLINE,
        http: requests.Session | None = None,
    ) -> None:
        """Deadlines in seconds bound a call whole, connecting included: `deadline` those that move money or make a key,
        `question_deadline` the others. `http` comes from `shopmsg.core.http.session`."""
        key = secret_key.strip().lstrip("\ufeff")
        self._base = base_url.rstrip("/")
        # The colon ends the user name; the password behind it is empty.
        self._authorization = "Basic " + base64.b64encode(f"{key}:".encode()).decode() if key else ""
        self._deadline = deadline
        self._question_deadline = question_deadline
        self._http = http or session()

    def issue(self, auth_key: str, customer_key: str) -> IssuedKey:
        if not _CUSTOMER_KEY.fullmatch(customer_key):
            raise CardError(ChargeOutcome.FATAL, "invalid_customer_key", Reason.OURS)
        if not _AUTH_KEY.fullmatch(auth_key):  # out of the browser's address
            raise CardError(ChargeOutcome.DECLINED_DEAD, "invalid_auth_key", Reason.NOT_REGISTERED)
        # No API reads a billing key back, and an auth key works once: the same question must be the same request.
        again = "issue-" + hashlib.sha256(f"{customer_key}\n{auth_key}".encode()).hexdigest()
        try:
            answer = self._post(
                "/v1/billing/authorizations/issue", {"authKey": auth_key, "customerKey": customer_key}, again
            )
            return toss_answers.issued(answer, customer_key)
        except (_Off, HttpError) as error:
            raise self._failed(error, Reason.LATER) from None
        except CardError as error:
            log.warning("card_not_issued", outcome=error.outcome.value, code=error.code)
            raise

    def charge(self, request: ChargeRequest) -> ChargeResult:
        wrong = _wrong(request)
        began = time.monotonic()
        if wrong:
            result = _charge_result(ChargeOutcome.FATAL, Reason.OURS, wrong)
        else:
            result = self._charge(request)
        if result.outcome is not ChargeOutcome.PAID:
            seconds = round(time.monotonic() - began, 2)
            order = request.order_id if _ORDER_ID.fullmatch(request.order_id) else "?"
            log.warning(
                "card_not_charged",
                order=order,
                outcome=result.outcome.value,
                code=result.code,
                seconds=seconds,
            )
        return result

    def _charge(self, request: ChargeRequest) -> ChargeResult:
        body = {
            "customerKey": request.customer_key,
            "amount": request.amount,
            "orderId": request.order_id,
            "orderName": request.order_name,
            "taxFreeAmount": 0,
        }
        try:
            answer = self._post(f"/v1/billing/{_step(request.billing_key)}", body, request.idempotency_key)
        except _Off:
            return _charge_result(ChargeOutcome.CONFIG, Reason.OURS, "no_key")
        except NotSent as error:
            return _charge_result(ChargeOutcome.RETRY_LATER, Reason.LATER, error.code)
        except HttpError as error:
            return toss_answers.unsure(error.code)
        return toss_answers.charged(answer, request.order_id, request.amount)

    def lookup(self, order_id: str, amount: int) -> ChargeResult | NotFound:
        if not _ORDER_ID.fullmatch(order_id):
            return toss_answers.unsure("invalid_order_id")
        try:
            answer = self._get(f"/v1/payments/orders/{order_id}")
        except _Off:
            return toss_answers.unsure("no_key")
        except HttpError as error:
            return toss_answers.unsure(error.code)
        return toss_answers.looked_up(answer, order_id, amount)

    def payment(self, payment_key: str) -> Payment | NotFound:
        if not toss_values.path_word(payment_key):
            return NotFound()
        try:
            answer = self._get(f"/v1/payments/{_step(payment_key)}")
        except (_Off, HttpError) as error:
            raise self._failed(error, Reason.CHECKING) from None
        return toss_answers.payment(answer, payment_key)

    def cancel(self, payment_key: str, amount: int, reason: str, idempotency_key: str) -> CancelResult:
        """Where the vendor refuses, the payment is read back, so that `balance` says what is left of it."""
        wrong = _wrong_cancel(payment_key, amount, reason, idempotency_key)
        if wrong:
            return CancelResult(CancelOutcome.FATAL, code=wrong, message=sentence(Reason.OURS))
        body = {"cancelReason": reason.strip(), "cancelAmount": amount}
        try:
            answer = self._post(f"/v1/payments/{_step(payment_key)}/cancel", body, idempotency_key)
        except _Off:
            return CancelResult(CancelOutcome.CONFIG, code="no_key", message=sentence(Reason.OURS))
        except NotSent as error:
            return CancelResult(CancelOutcome.RETRY_LATER, code=error.code, message=sentence(Reason.LATER))
        except HttpError as error:
            return CancelResult(CancelOutcome.UNCERTAIN, code=error.code, message=sentence(Reason.CHECKING))
        result = toss_answers.cancelled(answer, payment_key, amount)
        if result.outcome is not CancelOutcome.DONE:
            log.warning("card_not_cancelled", outcome=result.outcome.value, code=result.code)
        if result.outcome is not CancelOutcome.REFUSED:
            return result
        return CancelResult(
            result.outcome, 0, self._balance(payment_key), "", result.code, result.message, result.raw
        )

    def remove(self, billing_key: str) -> None:
        if not toss_values.path_word(billing_key):
            raise CardError(ChargeOutcome.FATAL, "invalid_billing_key", Reason.OURS)
        try:
            answer = self._send("DELETE", f"/v1/billing/{_step(billing_key)}", self._deadline)
        except (_Off, HttpError) as error:
            raise self._failed(error, Reason.LATER) from None
        if answer.status == 200:
            return
        outcome, reason, code = toss_answers.refusal(answer, toss_values.parsed(answer))
        if not (code in toss_codes.GONE and answer.status < 500):
            log.warning("card_not_removed", outcome=outcome.value, code=code)
            raise CardError(outcome, code, Reason.LATER if reason is Reason.CHECKING else reason)

    def read_webhook(self, body: bytes) -> Hint:
        return toss_webhooks.read(body)

    def _balance(self, payment_key: str) -> int | None:
        try:
            found = self.payment(payment_key)
        except CardError:
            return None
        return found.balance if isinstance(found, Payment) else None

    def _failed(self, error: "_Off | HttpError", unclear: Reason) -> CardError:
        if isinstance(error, _Off):
            return CardError(ChargeOutcome.CONFIG, "no_key", Reason.OURS)
        if isinstance(error, NotSent):
            return CardError(ChargeOutcome.RETRY_LATER, error.code, Reason.LATER)
        return CardError(ChargeOutcome.UNCERTAIN, error.code, unclear)

    def _get(self, path: str) -> Answer:
        return self._send("GET", path, self._question_deadline)

    def _post(self, path: str, body: dict[str, Any], idempotency_key: str) -> Answer:
        headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key}
        data = json.dumps(body, ensure_ascii=False).encode()
        return self._send("POST", path, self._deadline, headers, data)

    def _send(
        self,
        method: str,
        path: str,
        deadline: float,
        headers: dict[str, str] | None = None,
        data: bytes | None = None,
    ) -> Answer:
        if not self._authorization:
            raise _Off
        named = {"Authorization": self._authorization, "Accept": "application/json", **(headers or {})}
        return call(self._http, method, self._base + path, deadline=deadline, headers=named, data=data)


class _Off(Exception):
    """There is no secret key: nobody is asked."""


def _charge_result(outcome: ChargeOutcome, reason: Reason, code: str) -> ChargeResult:
    return ChargeResult(outcome, code=code, message=sentence(reason), reason=reason)


def _step(key: str) -> str:
    return quote(key, safe="")


def _wrong(request: ChargeRequest) -> str:
    """Which field makes no sense, "" when all do: the vendor takes what it should not and answers 500 to the rest."""
    if not toss_values.path_word(request.billing_key):
        return "invalid_billing_key"
    if not _CUSTOMER_KEY.fullmatch(request.customer_key):
        return "invalid_customer_key"
    if not _ORDER_ID.fullmatch(request.order_id):
        return "invalid_order_id"
    if not 1 <= len(request.order_name.strip()) <= 100 or not _is_text(request.order_name):
        return "invalid_order_name"
    if toss_values.whole(request.amount) is None or request.amount < LEAST_AMOUNT:
        return "invalid_amount"
    return "" if _IDEMPOTENCY_KEY.fullmatch(request.idempotency_key) else "invalid_idempotency_key"


def _wrong_cancel(payment_key: str, amount: int, reason: str, idempotency_key: str) -> str:
    if not toss_values.path_word(payment_key):
        return "invalid_payment_key"
    if not toss_values.whole(amount):
        return "invalid_amount"
    if not 1 <= len(reason.strip()) <= 200 or not _is_text(reason):
        return "invalid_reason"
    return "" if _IDEMPOTENCY_KEY.fullmatch(idempotency_key) else "invalid_idempotency_key"


def _is_text(words: str) -> bool:
    return words.isprintable()
