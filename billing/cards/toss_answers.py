"""Reading Toss Payments' answers (reference payments.md §1.3–1.9). Whatever is not whole and as asked is not believed."""

from collections.abc import Mapping
from typing import Any, Final

from billing.cards import (
    Cancellation,
    CancelOutcome,
    CancelResult,
    CardError,
    CardType,
    ChargeOutcome,
    ChargeResult,
    IssuedKey,
    Method,
    NotFound,
    OwnerType,
    Payment,
    Reason,
    sentence,
    toss_codes,
)
from billing.cards.toss_values import (
    code_in,
    kept,
    masked,
    moment,
    object_in,
    parsed,
    path_word,
    receipt_in,
    whole,
    word,
)
from shopmsg.core.http import Answer

_RUNNING: Final = frozenset({"READY", "IN_PROGRESS", "WAITING_FOR_DEPOSIT"})
_OVER: Final = frozenset({"ABORTED", "EXPIRED"})
_REFUNDED: Final = frozenset({"CANCELED", "PARTIAL_CANCELED"})
_DECLINED: Final = frozenset({ChargeOutcome.DECLINED_SOFT, ChargeOutcome.DECLINED_DEAD})


def unsure(code: str, raw: Mapping[str, Any] | None = None) -> ChargeResult:
    """Money may have moved; `code` says why nobody knows."""
    return _result(ChargeOutcome.UNCERTAIN, Reason.CHECKING, code, raw or {})


def _result(
    outcome: ChargeOutcome, reason: Reason, code: str, raw: Mapping[str, Any], **more: Any
) -> ChargeResult:
    return ChargeResult(outcome, code=code, message=sentence(reason), raw=raw, reason=reason, **more)


def charged(answer: Answer, order_id: str, amount: int) -> ChargeResult:
    """The answer to a charge."""
    payload = parsed(answer)
    if answer.status == 200:
        return _judged(payload, order_id, amount)
    outcome, reason, code = refusal(answer, payload)
    return _result(outcome, reason, code, _refused(answer, payload))


def looked_up(answer: Answer, order_id: str, amount: int) -> ChargeResult | NotFound:
    """The answer to a question about an order. A question that failed says nothing of the charge."""
    payload = parsed(answer)
    if answer.status == 200:
        return _judged(payload, order_id, amount)
    code = refusal(answer, payload)[2]
    if answer.status == 404 and code == "NOT_FOUND_PAYMENT":
        return NotFound()
    return unsure(code, _refused(answer, payload))


def _judged(payload: Mapping[str, Any] | None, order_id: str, amount: int) -> ChargeResult:
    """A Payment object, held against what was asked (the rule at the end of §1.4)."""
    if payload is None:
        return unsure("unreadable")
    raw = kept(payload)
    status = word(payload.get("status"))
    asked = (payload.get("orderId"), whole(payload.get("totalAmount"))) == (order_id, amount)
    key = path_word(payload.get("paymentKey"))
    if not asked or payload.get("currency") != "KRW" or not key:
        return unsure("mismatch" if status else "unreadable", raw)
    known: dict[str, Any] = {
        "payment_key": key,
        "approved_at": moment(payload.get("approvedAt")),
        "receipt_url": receipt_in(payload),
        "amount": amount,
        "balance": whole(payload.get("balanceAmount")),
    }
    if status == "DONE":
        return _result(ChargeOutcome.PAID, Reason.NONE, "DONE", raw, **known)
    if status in _REFUNDED:
        return _result(ChargeOutcome.UNCERTAIN, Reason.REFUNDED, status, raw, **known)
    if status in _OVER:
        code = code_in(payload.get("failure"))
        outcome, reason = toss_codes.ERRORS.get(code, (ChargeOutcome.DECLINED_SOFT, Reason.REFUSED))
        if outcome not in _DECLINED:  # no money moved, whatever the reason: another attempt is another order
            outcome, reason = ChargeOutcome.DECLINED_SOFT, Reason.REFUSED
        return _result(outcome, reason, code or status, raw, payment_key=key, amount=amount)
    return unsure(status if status in _RUNNING else "unknown_status", raw)


def refusal(answer: Answer, payload: Mapping[str, Any] | None) -> tuple[ChargeOutcome, Reason, str]:
    """What an answer other than 200 means. Anything that is not on the list is uncertain."""
    code = code_in(payload)
    if answer.status == 429:
        return ChargeOutcome.RETRY_LATER, Reason.LATER, code or "too_many"
    if 400 <= answer.status < 500 and code in toss_codes.ERRORS:
        outcome, reason = toss_codes.ERRORS[code]
        return outcome, reason, code
    if code and answer.status == 401:
        return ChargeOutcome.CONFIG, Reason.OURS, code
    unnamed = "server_error" if answer.status >= 500 else "unreadable"
    return ChargeOutcome.UNCERTAIN, Reason.CHECKING, code or unnamed


def issued(answer: Answer, customer_key: str) -> IssuedKey:
    """The answer to an issue. Raises CardError."""
    payload = parsed(answer)
    if answer.status != 200:
        outcome, reason, code = refusal(answer, payload)
        if outcome is ChargeOutcome.UNCERTAIN and answer.status >= 500:
            raise CardError(outcome, code, Reason.LATER)
        if outcome is ChargeOutcome.UNCERTAIN and code:
            # A refusal is replayed to whoever asks again, and no money hangs on it: the owner starts anew.
            outcome, reason = ChargeOutcome.DECLINED_SOFT, Reason.NOT_REGISTERED
        elif reason is Reason.KEY_GONE:  # before there is a key: a registration that did not finish
            reason = Reason.NOT_REGISTERED
        raise CardError(outcome, code, Reason.LATER if reason is Reason.CHECKING else reason)
    key = path_word(payload.get("billingKey")) if payload else ""
    if payload is None or not key:
        raise CardError(ChargeOutcome.UNCERTAIN, "unreadable", Reason.LATER)
    if payload.get("customerKey") != customer_key:
        raise CardError(ChargeOutcome.FATAL, "mismatch", Reason.NOT_REGISTERED)
    card = object_in(payload.get("card"))
    transfers = payload.get("transfers")
    account = object_in(transfers[0]) if isinstance(transfers, list) and transfers else {}
    issuer = word(card.get("issuerCode"))
    return IssuedKey(
        billing_key=key,
        customer_key=customer_key,
        method=toss_codes.METHODS.get(word(payload.get("method")), Method.UNKNOWN),
        number_masked=masked(word(card.get("number")) or word(account.get("bankAccountNumber"))),
        issuer_code=issuer,
        card_type=toss_codes.CARD_TYPES.get(word(card.get("cardType")), CardType.UNKNOWN),
        owner_type=toss_codes.OWNER_TYPES.get(word(card.get("ownerType")), OwnerType.UNKNOWN),
        issuer_name=toss_codes.ISSUERS.get(issuer, word(account.get("bankName"))[:30]),
    )


def payment(answer: Answer, payment_key: str) -> Payment | NotFound:
    """The answer to a question about a payment. Raises CardError when it says nothing."""
    payload = parsed(answer)
    if answer.status != 200:
        outcome, reason, code = refusal(answer, payload)
        if answer.status == 404 and code == "NOT_FOUND_PAYMENT":
            return NotFound()
        raise CardError(outcome, code, reason)
    found = _payment(payload) if payload else None
    if found is None or found.payment_key != payment_key:
        raise CardError(ChargeOutcome.UNCERTAIN, "mismatch" if found else "unreadable", Reason.CHECKING)
    return found


def cancelled(answer: Answer, payment_key: str, amount: int) -> CancelResult:
    """The answer to a cancellation of `amount` won."""
    payload = parsed(answer)
    if answer.status != 200:
        outcome, reason, code = refusal(answer, payload)
        raw = _refused(answer, payload)
        if (
            code in toss_codes.CANCEL_REFUSALS
            and answer.status < 500
            and outcome != ChargeOutcome.RETRY_LATER
        ):
            return CancelResult(CancelOutcome.REFUSED, code=code, message=_NOT_CANCELLED, raw=raw)
        if outcome in _DECLINED:  # a word about cards where none is expected
            outcome = ChargeOutcome.UNCERTAIN
        return CancelResult(CancelOutcome(outcome.value), code=code, message=sentence(reason), raw=raw)
    found = _payment(payload) if payload else None
    if payload is None or found is None or found.payment_key != payment_key or not found.cancels:
        return CancelResult(CancelOutcome.UNCERTAIN, code="unreadable", message=sentence(Reason.CHECKING))
    named = word(payload.get("lastTransactionKey"))
    ours = [place for place, row in enumerate(found.cancels) if row.transaction_key == named] or [-1]
    last = found.cancels[ours[0]]
    state = object_in(payload["cancels"][ours[0]]).get("cancelStatus", "DONE")
    if last.amount != amount or state != "DONE":
        code = "mismatch" if last.amount != amount else "not_done"
        return CancelResult(
            CancelOutcome.UNCERTAIN, 0, found.balance, "", code, sentence(Reason.CHECKING), found.raw
        )
    return CancelResult(
        CancelOutcome.DONE, amount, found.balance, last.transaction_key, found.status, "", found.raw
    )


_NOT_CANCELLED: Final = "카드사가 결제 취소를 받지 않았어요. 담당자가 확인하고 알려 드릴게요."


def _payment(payload: Mapping[str, Any]) -> Payment | None:
    """None when a field that money hangs on is missing or makes no sense."""
    key, order = path_word(payload.get("paymentKey")), word(payload.get("orderId"))
    amount, balance = whole(payload.get("totalAmount")), whole(payload.get("balanceAmount"))
    rows = payload.get("cancels") or []
    if (
        not key
        or amount is None
        or balance is None
        or not 0 <= balance <= amount
        or not isinstance(rows, list)
    ):
        return None
    cancels = []
    for row in map(object_in, rows):
        given_back = whole(row.get("cancelAmount"))
        if given_back is None:
            return None
        at = moment(row.get("canceledAt"))
        cancels.append(
            Cancellation(word(row.get("transactionKey")), given_back, word(row.get("cancelReason")), at)
        )
    approved = moment(payload.get("approvedAt"))
    status = word(payload.get("status"))
    return Payment(
        key, order, status, amount, balance, approved, receipt_in(payload), tuple(cancels), kept(payload)
    )


def _refused(answer: Answer, payload: Mapping[str, Any] | None) -> dict[str, Any]:
    said = payload or {}
    return {"http": answer.status, "code": word(said.get("code")), "message": word(said.get("message"))}
