"""링고 신청: the ringback notice of a line, from the order to the day it plays (rules.md §2).

Row first, call later: `request` writes the order, `follow` calls the carrier and writes its answer. Whoever dies between the
two leaves a row that is asked about by its reference, so a line's notice is ordered once. An order stays open while
its notice plays: what the carrier ends, ends the promos of the line too. Locks: the line, then its order, then the
audit log.
"""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least

from eligibility.errors import ApplicationRefused
from eligibility.models import NoticeOrder
from eligibility.provisioning import connect
from eligibility.provisioning.base import NOT_FOUND, SENTENCE, ProvisionAnswer, Provisioner, ProvisionState
from shopmsg.accounts import audit
from shopmsg.accounts.enums import NoticeState
from shopmsg.accounts.models import Line, User

#: By the age of an order: how long until the carrier is asked about it again.
PAUSES: Final = (
    (timedelta(minutes=1), timedelta(seconds=2)),
    (timedelta(hours=1), timedelta(seconds=30)),
    (timedelta.max, timedelta(minutes=10)),
)
#: A notice that plays is looked at once a day.
PLAYING_PAUSE: Final = timedelta(days=1)
#: A carrier that does not answer is left alone for this long, with every order.
SILENCE_PAUSE: Final = timedelta(seconds=10)
#: Who has not come back with an answer by then has died.
_LEASE: Final = timedelta(seconds=30)
_LOST: Final = "통신사에 이 안내가 없습니다. 다시 신청해 주세요."
_MOST_LOOKS: Final = 32_000
#: Shorter than the lease by more than a call takes: `now` is the run's beginning.
_RUN_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class _Claimed:
    """An order as it was taken up: what is asked is decided by this, not by what the row says later."""

    pk: int
    line_id: int
    reference: str
    number: str
    first: bool
    ending: bool
    playing: bool


def request(line_id: int, now: datetime) -> NoticeOrder | None:
    """Order the notice of a line, once: an order that is open is the order. None when the notice plays already without
    one. The call itself is `follow`'s. Under the caller's transaction or its own."""
    with transaction.atomic():
        line = _locked_line(line_id)
        open_order = _open_order(line_id)
        if open_order is not None and open_order.state != NoticeState.NONE:
            return open_order
        if open_order is not None:
            raise ApplicationRefused(
                "not_ready", "앞서 건 안내를 해지하고 있습니다. 잠시 뒤에 다시 해 주세요."
            )
        if line.notice_state == NoticeState.ACTIVE:
            return None
        order = NoticeOrder.objects.create(
            line=line, reference=f"n{uuid.uuid4().hex}", created_at=now, next_look_at=now
        )
        line.notice_state = NoticeState.REQUESTED
        line.save(update_fields=["notice_state"])
    return order


def is_open(line_id: int) -> bool:
    """Whether the carrier has, or may have, an order of this line that is not over: the line's row must stay until it
    is."""
    return NoticeOrder.objects.filter(line_id=line_id, ended_at__isnull=True).exists()


def end(line_id: int, now: datetime) -> None:
    """해지: no promo of this line from now on; `follow` tells the carrier until it has heard."""
    with transaction.atomic():
        line = _locked_line(line_id)
        order = _open_order(line_id)
        if order is not None:
            order.state, order.next_look_at = NoticeState.NONE, now
            order.save(update_fields=["state", "next_look_at"])
        line.notice_state, line.notice_active_since = NoticeState.NONE, None
        line.save(update_fields=["notice_state", "notice_active_since"])


def record(
    line_id: int, *, plays: bool, problem: str = "", by: User, address: str | None, now: datetime
) -> NoticeOrder:
    """What a member of staff learned from the carrier itself: the notice plays, or why not. Audited.

    Raises ApplicationRefused: "wrong_state" without an open order, "no_problem" when neither.
    """
    if not plays and not problem.strip():
        raise ApplicationRefused("no_problem", "안내가 왜 걸리지 않았는지 적어 주세요.")
    with transaction.atomic():
        line = _locked_line(line_id)
        order = _open_order(line_id)
        if order is None or order.state == NoticeState.NONE:
            raise ApplicationRefused("wrong_state", "신청 중인 통화연결음 안내가 없습니다.")
        state = ProvisionState.ACTIVE if plays else ProvisionState.FAILED
        _settle(line, order, ProvisionAnswer(state, "" if plays else problem.strip()[:200]), now)
        audit.record(
            "notice.recorded",
            actor=by,
            shop=line.shop,
            subject=f"line:{line.pk}",
            reason=order.problem,
            detail={"state": order.state},
            address=address,
        )
    return order


def follow(now: datetime) -> list[int]:
    """Tell and ask the carrier about every order that is due, one after another. Returns the ids of the lines whose
    notice began, failed or ended. A carrier that does not answer ends the run. Call it outside transactions."""
    carrier = connect.provisioner()
    changed: list[int] = []
    until = time.monotonic() + _RUN_SECONDS
    while time.monotonic() < until and (claimed := _claim(now)) is not None:
        answer = _call(carrier, claimed)
        if _write(claimed, answer, now):
            changed.append(claimed.line_id)
        if answer.state is ProvisionState.UNKNOWN and answer.code != NOT_FOUND:
            _leave_alone(now)
            break
    return changed


def _claim(now: datetime) -> _Claimed | None:
    with transaction.atomic():
        due = NoticeOrder.objects.filter(ended_at__isnull=True, next_look_at__lte=now)
        order = due.select_for_update(skip_locked=True).order_by("next_look_at", "pk").first()
        if order is None:
            return None
        number = Line.objects.values_list("number", flat=True).get(pk=order.line_id)
        claimed = _Claimed(
            order.pk,
            order.line_id,
            order.reference,
            number,
            first=order.sent_at is None,
            ending=order.state == NoticeState.NONE,
            playing=order.state == NoticeState.ACTIVE,
        )
        NoticeOrder.objects.filter(pk=order.pk).update(
            next_look_at=now + _LEASE,
            looks=Least(F("looks") + 1, _MOST_LOOKS),
            # An order that is ended before it was ever made has not been sent.
            sent_at=order.sent_at if claimed.ending else order.sent_at or now,
        )
    return claimed


def _call(carrier: Provisioner, claimed: _Claimed) -> ProvisionAnswer:
    if claimed.ending:
        return carrier.cancel(claimed.reference)
    if not claimed.first:
        answer = carrier.state(claimed.reference)
        if answer.code != NOT_FOUND:
            return answer
        if claimed.playing:
            return ProvisionAnswer(ProvisionState.FAILED, _LOST, NOT_FOUND)
    return carrier.request(claimed.reference, claimed.number, SENTENCE)


def _write(claimed: _Claimed, answer: ProvisionAnswer, now: datetime) -> bool:
    """Whether the line's notice began, failed or ended by this."""
    with transaction.atomic():
        line = _locked_line(claimed.line_id)
        order = NoticeOrder.objects.select_for_update().get(pk=claimed.pk)
        if order.ended_at is not None or (order.state == NoticeState.NONE) != claimed.ending:
            return False  # a person was quicker; what they decided is asked about next
        return _settle_end(order, answer, now) if claimed.ending else _settle(line, order, answer, now)


def _settle(line: Line, order: NoticeOrder, answer: ProvisionAnswer, now: datetime) -> bool:
    """Write an answer to an order, under the locks of both rows."""
    before = order.state
    playing = before == NoticeState.ACTIVE
    order.problem = answer.problem
    order.next_look_at = now + (PLAYING_PAUSE if playing else _pause(order, now))
    if answer.state is ProvisionState.ACTIVE and not playing:
        order.state, order.next_look_at = NoticeState.ACTIVE, now + PLAYING_PAUSE
        line.notice_state = NoticeState.ACTIVE
        line.notice_active_since = min(answer.active_since or now, now)
    elif answer.state is ProvisionState.FAILED:
        order.state, order.ended_at = NoticeState.FAILED, now
        line.notice_state, line.notice_active_since = NoticeState.FAILED, None
    order.save(update_fields=["state", "problem", "next_look_at", "ended_at"])
    if order.state == before:
        return False
    line.save(update_fields=["notice_state", "notice_active_since"])
    return True


def _settle_end(order: NoticeOrder, answer: ProvisionAnswer, now: datetime) -> bool:
    # A carrier that does not know an order may still be getting it from whoever died, or is slow, making it.
    arrived = order.sent_at is None or order.sent_at <= now - _LEASE
    heard = answer.state is ProvisionState.FAILED or (answer.code == NOT_FOUND and arrived)
    order.problem = "" if answer.code == NOT_FOUND else answer.problem
    order.next_look_at = now + _pause(order, now)
    order.ended_at = now if heard else None
    order.save(update_fields=["problem", "next_look_at", "ended_at"])
    return heard


def _leave_alone(now: datetime) -> None:
    later = now + SILENCE_PAUSE
    due = NoticeOrder.objects.filter(ended_at__isnull=True, next_look_at__lt=later)
    due.update(next_look_at=later)


def _pause(order: NoticeOrder, now: datetime) -> timedelta:
    age = now - order.created_at
    return next(pause for limit, pause in PAUSES if age < limit)


def _locked_line(line_id: int) -> Line:
    lines = Line.objects.select_for_update(of=("self",), no_key=True).select_related("shop")
    return lines.get(pk=line_id)


def _open_order(line_id: int) -> NoticeOrder | None:
    return NoticeOrder.objects.select_for_update().filter(line_id=line_id, ended_at__isnull=True).first()
