"""The links owners are texted: sent, found, opened on one device, worth nothing once over.

What an owner answers on them is eligibility.reviews'.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from eligibility import applications, trail
from eligibility.enums import ApplicationState, ContentState, ReviewAnswer, TryKind
from eligibility.errors import ApplicationRefused
from eligibility.models import Application, ContactTry, DraftReview
from eligibility.review_screen import Screen, screen_of, terms_of
from messaging import promos
from messaging.tasks import dispatch_messages
from messaging.wakeups import wake
from shopmsg.accounts import notices, throttle
from shopmsg.accounts.enums import NoticeKind, ShopStatus
from shopmsg.accounts.models import User
from shopmsg.core import phone
from shopmsg.core.clock import kst_day
from shopmsg.core.errors import ShopmsgError

VALID: Final = timedelta(days=7)
#: A button pressed twice is one text and one try.
_SAME_PRESS: Final = timedelta(seconds=20)
#: 16 random bytes in base64url: nobody guesses one, so opening links needs no throttle.
_TOKEN_BYTES: Final = 16
_ENDED: Final = frozenset({ApplicationState.REFUSED, ApplicationState.WITHDRAWN})
#: 개통 has begun, or is over.
RUNNING: Final = frozenset({ApplicationState.ACTIVATING, ApplicationState.ACTIVE})


class LinkState(StrEnum):
    """What a link still does. GONE: never sent, replaced by a newer one, or sent to a number the form no longer has."""

    OPEN = "open"
    EXPIRED = "expired"
    GONE = "gone"
    ENDED = "ended"
    CONFIRMED = "confirmed"
    CHANGES = "changes"


class ReviewRefused(ShopmsgError):
    """An answer that was not taken. Codes: those of LinkState, "other_device", "changed" (the screen is another by now),
    "unfit", "nothing_marked", "note_long", "not_possible", "too_often"."""


@dataclass(frozen=True, slots=True)
class Found:
    """A link as it stands; `review` is None for one that never was."""

    review: DraftReview | None
    state: LinkState

    def opened_by(self, device: str) -> bool:
        """Whether this device opened the link first. `device` is its cookie's value."""
        return self.review is not None and bool(device) and self.review.device == _hash(device)


def send(application_id: int, *, by: User | None, address: str | None, now: datetime) -> DraftReview:
    """사장님 폰으로 보내기: receives a complete form first, then texts the owner a link; one sent before is void, unless it
    was sent this very moment.

    Raises ApplicationRefused: what `applications.receive` raises; "wrong_state" for what is over or confirmed and
    activated; "not_ready" for a draft that could not go out; "too_often". Call it outside a transaction.
    """
    application = Application.objects.get(pk=application_id)
    if application.state == ApplicationState.FORM:
        applications.receive(application_id, by=by, address=address, now=now)
    return _send(application_id, by=by, address=address, now=now, asked=False)


def send_again(token: str, *, address: str | None, now: datetime) -> str:
    """새 링크: whoever holds a link that has expired, or that another device opened first, has a fresh one texted to the
    owner; returns the owner's number masked. No try of ours is counted. Raises ReviewRefused."""
    found = find(token, now)
    if found.review is None or found.state not in (LinkState.OPEN, LinkState.EXPIRED):
        raise refusal(found.state)
    application_id = found.review.application_id
    tries = throttle.allow("review-again", str(application_id), capacity=3, per=timedelta(days=1), now=now)
    if not tries:
        raise ReviewRefused("too_often", _TOO_OFTEN)
    try:
        review = _send(application_id, by=None, address=address, now=now, asked=True)
    except ApplicationRefused as refused:
        words = _TOO_OFTEN if refused.code == "too_often" else _NOT_NOW
        raise ReviewRefused(refused.code, words) from None
    return phone.mask(review.mobile)


def find(token: str, now: datetime) -> Found:
    """The link with this token as it stands. Looking changes nothing."""
    review = (
        DraftReview.objects.filter(token_hash=_hash(token))
        .select_related("application__shop__merchant", "application__owner")
        .first()
    )
    return Found(review, LinkState.GONE if review is None else state_of(review, now))


def open_on(review: DraftReview, device: str, now: datetime) -> bool:
    """A person opened the link on this device: the first one keeps it. Whether it is this one."""
    mine = _hash(device)
    free = DraftReview.objects.filter(pk=review.pk, device="")
    if not free.update(device=mine, opened_at=now):
        review.refresh_from_db(fields=["device", "opened_at"])
        return review.device == mine
    review.device, review.opened_at = mine, now
    return True


def confirmation(application: Application) -> DraftReview | None:
    """The newest confirmation, with the version that was frozen by it."""
    return (
        application.reviews.filter(answer=ReviewAnswer.CONFIRMED)
        .select_related("version__shop", "version__picture")
        .order_by("-answered_at", "-pk")
        .first()
    )


def contract_changed(application: Application, now: datetime) -> bool:
    """Whether the contract is another than the one the owner confirmed, or is another person's by now: it must not begin
    until they have confirmed it as it is. False before any confirmation."""
    newest = confirmation(application)
    if newest is None:
        return False
    terms = terms_of(application, kst_day(now))
    return (
        terms is None
        or terms.to_json() != newest.agreed.get("terms")
        or newest.mobile != application.owner_mobile
    )


_TOO_OFTEN: Final = "새 링크를 여러 번 보냈어요. 받은 문자를 찾아보시고, 없으면 도움 전화로 알려 주세요."
_NOT_NOW: Final = "지금은 새 링크를 보낼 수 없어요. 도움 전화로 알려 주세요."
_REFUSALS: Final = {
    LinkState.EXPIRED: "이 링크는 7일이 지났어요. 새 링크를 받아 주세요.",
    LinkState.ENDED: "이 신청은 끝나서 확정할 수 없어요.",
    LinkState.CONFIRMED: "이미 확정했어요.",
    LinkState.CHANGES: "고칠 곳을 이미 전달했어요. 고쳐서 새 문자로 보내 드릴게요.",
}


def refusal(state: LinkState) -> ReviewRefused:
    """Why a link in this state takes no answer, for its owner."""
    gone = "이 링크는 이제 쓸 수 없어요. 가장 나중에 온 문자의 링크를 눌러 주세요."
    return ReviewRefused(state.value, _REFUSALS.get(state, gone))


def state_of(review: DraftReview, now: datetime) -> LinkState:
    """What the link of this review still does."""
    application = review.application
    shop = application.shop
    if application.state in _ENDED or (
        application.state in RUNNING and shop is not None and shop.status == ShopStatus.CLOSED
    ):
        return LinkState.GONE if review.answer == ReviewAnswer.REPLACED else LinkState.ENDED
    newer = DraftReview.objects.filter(application=application, pk__gt=review.pk)
    if application.state == ApplicationState.FORM or review.answer == ReviewAnswer.REPLACED or newer.exists():
        return LinkState.GONE
    if review.answer != ReviewAnswer.NONE:
        return LinkState.CONFIRMED if review.answer == ReviewAnswer.CONFIRMED else LinkState.CHANGES
    if review.mobile != application.owner_mobile:
        return LinkState.GONE
    return LinkState.OPEN if now < review.expires_at else LinkState.EXPIRED


def _not_ready(screen: Screen) -> str:
    """What has to be put right before this draft can be texted, for staff."""
    finding = promos.check(screen.fields.content(), screen.composed)
    wrong = [*finding.unsendable, *finding.from_shop]
    if wrong:
        shown = " ".join(problem.char for problem in wrong[:5])
        return f"시안에 문자로 보낼 수 없는 글자가 있습니다: {shown} 다른 글자로 바꾸거나 빼 주세요."
    if finding.bytes_over:
        return f"시안이 깁니다. 한글로 {finding.syllables_over:,}자쯤 줄여 주세요."
    return "시안을 보낼 수 없습니다. 신청서와 시안의 빈 곳과 기간을 확인해 주세요."


def _send(
    application_id: int, *, by: User | None, address: str | None, now: datetime, asked: bool
) -> DraftReview:
    """`asked`: by whoever holds an earlier link, and no try of ours."""
    application = Application.objects.get(pk=application_id)
    _refuse_over(application)
    _refuse_often(application, now)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with transaction.atomic():
        application = applications.locked(application_id)
        _refuse_over(application)
        pressed = application.reviews.filter(answer=ReviewAnswer.NONE, sent_at__gt=now - _SAME_PRESS).first()
        if pressed is not None and pressed.mobile == application.owner_mobile and not asked:
            return pressed
        screen = screen_of(application, now)
        if screen.trouble:
            raise ApplicationRefused("not_ready", _not_ready(screen))
        application.reviews.filter(answer=ReviewAnswer.NONE).update(
            answer=ReviewAnswer.REPLACED, answered_at=now
        )
        review = DraftReview.objects.create(
            application=application,
            token_hash=_hash(token),
            mobile=application.owner_mobile,
            sent_at=now,
            expires_at=now + VALID,
            sent_by=by,
        )
        if not asked:
            ContactTry.objects.create(application=application, kind=TryKind.TEXT, at=now, by=by)
            applications.draft_sent(application, now, anew=contract_changed(application, now))
        notices.ask(
            NoticeKind.DRAFT_REVIEW,
            to=review.mobile,
            key=f"review:{review.pk}",
            fields={
                "shop": application.shop_name,
                "link": f"{settings.BASE_URL}{reverse('eligibility:review', args=[token])}",
            },
            expires_at=now + timedelta(hours=1),
            shop_id=application.shop_id,
        )
        told: dict[str, Any] = {"review": review.pk, "asked_by_holder": asked}
        trail.record(application, "review.sent", by=by, address=address, **told)
        transaction.on_commit(lambda: wake(dispatch_messages))
    return review


def _refuse_over(application: Application) -> None:
    if application.state == ApplicationState.FORM or application.state in _ENDED:
        raise ApplicationRefused("wrong_state", "끝났거나 접수하지 않은 신청이라 시안을 보낼 수 없습니다.")
    if application.content == ContentState.CONFIRMED and application.state in RUNNING:
        raise ApplicationRefused("wrong_state", "사장님이 이미 확정해 개통한 신청입니다.")


def _refuse_often(application: Application, now: datetime) -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    if not throttle.allow("review-number", application.owner_mobile, capacity=5, per=hour, now=now):
        raise ApplicationRefused(
            "too_often", "이 번호로 한 시간에 다섯 번까지 보낼 수 있습니다. 잠시 뒤 다시 보내 주세요."
        )
    if not throttle.allow("review", str(application.pk), capacity=10, per=day, now=now):
        raise ApplicationRefused("too_often", "하루에 열 번까지 보낼 수 있습니다. 전화로 확인해 주세요.")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
