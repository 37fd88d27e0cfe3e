"""What SOLAPI's answer to a send request means for each of its messages (SOLAPI v4 send-many/detail).

The only question is what the vendor may have taken. A refusal it documents takes nothing; whatever cannot be read as
one of its answers is UNCERTAIN.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from messaging.enums import Outcome
from messaging.gateways import lenient, solapi_codes
from messaging.gateways.base import Answer, Batch, Outgoing
from messaging.gateways.failure import Trouble
from messaging.gateways.solapi_client import error_code
from shopmsg.core import http

# Statuses that say that the request was refused as a whole.
_REFUSALS = frozenset({400, 401, 402, 403, 404, 405, 411, 413, 415, 422, 429})
_STOPS = {
    "InvalidAPIKey": "API 키가 등록되어 있지 않아요.",
    "SignatureDoesNotMatch": "API 비밀키가 맞지 않아요.",
}
_ACCOUNT_BLOCKED = "문자 회사가 계정을 막았어요 ({code})."


def same_for_all(
    batch: Sequence[Outgoing],
    outcome: Outcome,
    code: str,
    *,
    healthy: bool,
    retry_after: float | None = None,
    stop: str = "",
) -> Batch:
    """One answer for every message of the batch."""
    answer = Answer(outcome, code)
    return Batch({message.ref: answer for message in batch}, healthy, retry_after, stop)


def read_send(batch: Sequence[Outgoing], answer: http.Answer) -> Batch:
    """The vendor's answer, message by message."""
    if answer.status == 200:
        return _per_message(batch, answer.body)
    retry_after = _retry_after(answer.headers.get("retry-after", ""))
    if answer.status in _REFUSALS:
        return _refused(batch, answer.status, error_code(answer), retry_after)
    return same_for_all(
        batch, Outcome.UNCERTAIN, Trouble.SERVER_ERROR, healthy=False, retry_after=retry_after
    )


def _refused(batch: Sequence[Outgoing], status: int, word: str, retry_after: float | None) -> Batch:
    if status == 429:
        return same_for_all(batch, Outcome.RETRY_LATER, Trouble.BUSY, healthy=False, retry_after=retry_after)
    if word == "DuplicatedSignature":
        # Our salts never repeat: something between us and the vendor sent this very request twice.
        return same_for_all(batch, Outcome.UNCERTAIN, Trouble.NO_ANSWER, healthy=False)
    if word == "RequestTimeTooSkewed":
        # A host's clock mends itself; the breaker asks again by and by.
        return same_for_all(batch, Outcome.RETRY_LATER, Trouble.NO_ACCESS, healthy=False)
    if status in (401, 403):
        reason = _STOPS.get(word, f"문자 회사가 접속을 거절했어요 ({status} {word}).")
        return same_for_all(batch, Outcome.RETRY_LATER, Trouble.NO_ACCESS, healthy=True, stop=reason)
    if status in (400, 413, 422):
        # One message alone is itself at fault; in company it may be any of them, and the others deserve another try.
        outcome = Outcome.REJECTED if len(batch) == 1 else Outcome.RETRY_LATER
        return same_for_all(batch, outcome, Trouble.REFUSED_REQUEST, healthy=True)
    return same_for_all(batch, Outcome.RETRY_LATER, Trouble.REFUSED_REQUEST, healthy=False)


def _per_message(batch: Sequence[Outgoing], body: bytes) -> Batch:
    try:
        payload = lenient.table(lenient.decode(body))
    except ValueError:
        payload = {}
    taken, refused = payload.get("messageList"), payload.get("failedMessageList")
    if not (
        isinstance(payload.get("groupInfo"), dict)
        and isinstance(taken, list | dict)
        and isinstance(refused, list | dict)
    ):
        return same_for_all(batch, Outcome.UNCERTAIN, Trouble.UNREADABLE, healthy=False)
    said: dict[str, list[Answer]] = defaultdict(list)
    nameless: dict[str, list[Answer]] = defaultdict(list)
    for item in lenient.rows(taken):
        said[lenient.ref(item)].append(_answer(item, refused=False))
    for item in lenient.rows(refused):
        answer = _answer(item, refused=True)
        if ref := lenient.ref(item):
            said[ref].append(answer)
        else:
            nameless[lenient.word(item.get("to"))].append(answer)
    _name(batch, said, nameless)
    answers = {message.ref: _agreed(said.get(message.ref, ())) for message in batch}
    stop = next((a.code for a in answers.values() if solapi_codes.failure_of(a.code).stops_account), "")
    return Batch(answers, healthy=True, stop=_ACCOUNT_BLOCKED.format(code=stop) if stop else "")


def _answer(item: Mapping[str, Any], *, refused: bool) -> Answer:
    code = lenient.word(item.get("statusCode"))
    outcome = solapi_codes.outcome_at_send(code, refused=refused)
    return Answer(outcome, code or Trouble.UNNAMED, lenient.word(item.get("messageId")))


def _name(
    batch: Sequence[Outgoing], said: dict[str, list[Answer]], nameless: Mapping[str, list[Answer]]
) -> None:
    """Give refusals without our reference to the messages they can only mean: as many to that number as are left."""
    if not nameless:
        return
    left: dict[str, list[str]] = defaultdict(list)
    for message in batch:
        if message.ref not in said:
            left[message.to].append(message.ref)
    for number, answers in nameless.items():
        refs = left.get(number, [])
        if len(refs) == len(answers) and len({answer.code for answer in answers}) == 1:
            for ref, answer in zip(refs, answers, strict=True):
                said[ref].append(answer)


def _agreed(answers: Iterable[Answer]) -> Answer:
    """The one thing that was said; nothing, or two different things, is UNCERTAIN."""
    found = list(answers)
    if not found:
        return Answer(Outcome.UNCERTAIN, Trouble.UNNAMED)
    if len({answer.outcome for answer in found}) > 1:
        return Answer(Outcome.UNCERTAIN, Trouble.UNREADABLE)
    return found[0]


def _retry_after(value: str) -> float | None:
    """Seconds from a Retry-After header: a number or an HTTP date."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:6])
    try:
        moment = parsedate_to_datetime(text)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
