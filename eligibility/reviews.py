"""시안 확인: the link an owner is texted, on which they see what callers will get and say yes, or what to change.

Whoever opens the link first is the only one who may answer on it, for seven days, once. Answers carry the seal of what
was on the screen. Lock order: the application, the review, then the shop, its draft, and the audit log last.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from eligibility import applications, trail
from eligibility.enums import ReviewAnswer, TryKind
from eligibility.models import Application, ContactTry, DraftReview
from eligibility.review_links import (
    RUNNING,
    Found,
    LinkState,
    ReviewRefused,
    confirmation,
    contract_changed,
    find,
    open_on,
    refusal,
    send,
    send_again,
    state_of,
)
from eligibility.review_screen import screen_of
from messaging import promos
from messaging.editor import drafts, publications
from messaging.editor.fields import DraftFields
from messaging.editor.pictures import picture_for
from messaging.models import PromoVersion
from messaging.promos import PromoRefused
from shopmsg.accounts.enums import MemberRole, Role
from shopmsg.accounts.models import Membership, Shop, User
from shopmsg.core.text import clean

__all__ = [
    "MARKS",
    "NOTE_LENGTH",
    "Confirmed",
    "Found",
    "LinkState",
    "ReviewRefused",
    "ask_changes",
    "confirm",
    "confirmation",
    "confirmed_version",
    "contract_changed",
    "find",
    "open_on",
    "publish",
    "publish_confirmed",
    "seal_of",
    "send",
    "send_again",
]

NOTE_LENGTH: Final = 500
#: What an owner can mark: the places of a message (messaging.preview.Place), its picture, and the contract.
MARKS: Final[Mapping[str, str]] = {
    "picture": "그림",
    "headline": "제목",
    "body": "내용",
    "detail": "자세한 안내",
    "period": "기간",
    "hours": "영업시간",
    "contact": "문의 번호",
    "link": "홈페이지 주소",
    "terms": "요금과 약정",
}


@dataclass(frozen=True, slots=True)
class Confirmed:
    """`again`: it had been confirmed before, and this call changed nothing."""

    application: Application
    user: User
    again: bool
    at: datetime


def seal_of(application: Application, now: datetime) -> str:
    """What the owner would be shown at this moment, as 64 hexadecimal digits."""
    return screen_of(application, now).seal


def confirm(token: str, *, seal: str, device: str, address: str | None, now: datetime) -> Confirmed:
    """확정: just what this seal stands for is what callers get. The owner has an account from now on; confirmed twice is
    confirmed once. In a shop that is active already the promo goes live at once.

    Raises ReviewRefused. Call it outside a transaction.
    """
    found = find(token, now)
    if found.review is None or found.state not in (LinkState.OPEN, LinkState.CONFIRMED):
        raise refusal(found.state)
    seen = screen_of(found.review.application, now)
    # Drawn before anything is locked: it takes a tenth of a second.
    shop = found.review.application.shop
    drawn = picture_for(shop, seen.fields) if shop is not None and seen.seal == seal else None
    with transaction.atomic():
        application, review, state = _held(found.review, device, now)
        if state == LinkState.CONFIRMED:
            return _confirmed_before(application, review)
        if state != LinkState.OPEN:
            raise refusal(state)
        shop = Shop.objects.select_for_update(no_key=True).get(applications=application)
        screen = screen_of(application, now)
        if screen.seal != seal or screen.terms is None:
            raise ReviewRefused("changed", "방금 내용이 바뀌었어요. 다시 보고 눌러 주세요.")
        if screen.trouble:
            raise ReviewRefused("unfit", screen.trouble)
        picture = drawn if seen.seal == seal else picture_for(shop, screen.fields)
        owner = _owner_of(application)
        try:
            version = publications.make_version(shop, screen.fields, picture, by=owner, now=now)
            if application.state in RUNNING:
                publish(version, screen.fields, by=owner, address=address, now=now)
        except PromoRefused as refused:
            raise ReviewRefused("unfit", refused.message) from None
        review.version = version
        review.agreed = {"terms": screen.terms.to_json(), "fields": screen.fields.to_json()}
        _answer(review, ReviewAnswer.CONFIRMED, seal, now)
        applications.confirmed(application, owner, now)
        agreed = {"review": review.pk, "promo": version.number, "seal": seal, **screen.terms.to_json()}
        trail.record(application, "review.confirmed", by=owner, address=address, **agreed)
    return Confirmed(application, owner, again=False, at=now)


def ask_changes(
    token: str,
    *,
    seal: str,
    marks: Collection[str],
    note: str,
    device: str,
    address: str | None,
    now: datetime,
) -> DraftReview:
    """고칠 곳이 있어요: what is marked (names of MARKS, others are ignored) and what is written go to the producers, also
    when the draft has changed since it was looked at. Raises ReviewRefused."""
    chosen = [name for name in MARKS if name in marks]
    note = clean(note.replace("\x00", "")).strip()
    if not (chosen or note):
        raise ReviewRefused("nothing_marked", "고칠 곳을 하나 이상 누르거나, 고칠 내용을 적어 주세요.")
    if len(note) > NOTE_LENGTH:
        raise ReviewRefused("note_long", f"{NOTE_LENGTH}자 안으로 줄여 주세요. 지금 {len(note)}자예요.")
    found = find(token, now)
    if found.review is None or found.state not in (LinkState.OPEN, LinkState.CHANGES):
        raise refusal(found.state)
    with transaction.atomic():
        application, review, state = _held(found.review, device, now)
        if state == LinkState.CHANGES:
            return review
        if state != LinkState.OPEN:
            raise refusal(state)
        review.marks, review.note = chosen, note
        _answer(review, ReviewAnswer.CHANGES, seal[:64], now)
        applications.changes_asked(application)
        told: dict[str, Any] = {"review": review.pk, "marks": chosen}
        trail.record(application, "review.changes_asked", by=application.owner, address=address, **told)
    return review


def confirmed_version(application: Application) -> PromoVersion | None:
    """Just what the owner confirmed, whatever has been written since; None before a confirmation."""
    newest = confirmation(application)
    return newest.version if newest is not None else None


def publish_confirmed(
    application: Application, *, by: User | None, address: str | None, now: datetime
) -> bool:
    """Let what was confirmed be what callers get; False when nothing was. Published twice is published once. Raises
    messaging.promos.PromoRefused."""
    newest = confirmation(application)
    if newest is None or newest.version is None:
        return False
    fields = DraftFields.from_json(newest.agreed.get("fields", {}))
    publish(newest.version, fields, by=by, address=address, now=now)
    return True


def publish(
    version: PromoVersion, fields: DraftFields, *, by: User | None, address: str | None, now: datetime
) -> None:
    """Make a version of these fields live; a draft that still says the same holds nothing that has not gone out."""
    promos.publish(version, by=by, now=now, address=address)
    drafts.went_out(version, fields)


def _held(found: DraftReview, device: str, now: datetime) -> tuple[Application, DraftReview, LinkState]:
    """The application and the review under their locks, for this device's answer. Raises ReviewRefused."""
    application = applications.locked(found.application_id)
    review = DraftReview.objects.select_for_update(of=("self",)).get(pk=found.pk)
    review.application = application
    state = state_of(review, now)
    if state in (LinkState.EXPIRED, LinkState.GONE, LinkState.ENDED):
        raise refusal(state)
    # A browser taken for a robot has bound nothing by looking; who presses a button is a person.
    if not device or not open_on(review, device, now):
        raise ReviewRefused("other_device", "다른 휴대폰에서 먼저 열었어요. 새 링크를 받아 주세요.")
    return application, review, state


def _confirmed_before(application: Application, review: DraftReview) -> Confirmed:
    # The shop may be another's since: the link lets nobody in but who it was sent to.
    owner = application.owner
    if owner is None or owner.mobile != review.mobile or review.answered_at is None:
        raise refusal(LinkState.GONE)
    return Confirmed(application, owner, again=True, at=review.answered_at)


def _answer(review: DraftReview, answer: ReviewAnswer, seal: str, now: datetime) -> None:
    review.answer, review.answered_at, review.seal = answer, now, seal
    review.save(update_fields=["answer", "answered_at", "seal", "marks", "note", "version", "agreed"])
    tries = ContactTry.objects.filter(application_id=review.application_id, kind=TryKind.TEXT)
    tries.filter(at=review.sent_at).update(answered=True)


def _owner_of(application: Application) -> User:
    """The owner's account, by the number the link was sent to, with the shop theirs. Raises ReviewRefused."""
    number = application.owner_mobile
    try:
        with transaction.atomic():
            user = User.objects.filter(mobile=number).first() or User.objects.create_user(
                number, application.owner_name
            )
    except IntegrityError:
        # Somebody invited the same person into another shop at the same moment.
        user = User.objects.get(mobile=number)
    if user.role != Role.OWNER or not user.is_active:
        raise ReviewRefused("not_possible", "이 번호로는 확정할 수 없어요. 도움 전화로 알려 주세요.")
    Membership.objects.update_or_create(shop=application.shop, user=user, defaults={"role": MemberRole.OWNER})
    return user
