"""콘텐츠 제작: how producers reach owners, and by which right they write in their drafts (rules.md §2).

Sending a draft is eligibility.reviews', 먼저 개통 eligibility.activation's. Lock order: the application, then its shop, the
audit log last.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from django.core import signing
from django.db import transaction
from django.db.models import TextChoices

from eligibility import applications, trail
from eligibility.enums import ApplicationState, ContentState, ReviewAnswer, TryKind
from eligibility.errors import ApplicationRefused
from eligibility.models import Application, ContactTry
from shopmsg.accounts import delegations
from shopmsg.accounts.enums import DelegationScope
from shopmsg.accounts.models import Delegation, User
from shopmsg.core.text import clean

#: A call that was noted by mistake can be taken back for this long.
UNDO_FOR: Final = timedelta(minutes=10)
NOTE_LENGTH: Final = 200
_SALT: Final = "eligibility.production.call"
_SAID: Final = frozenset({ReviewAnswer.CONFIRMED, ReviewAnswer.CHANGES})
#: While an application is in one of these, its promo is in the making, or still to be confirmed.
MAKING: Final = frozenset(
    {
        ApplicationState.RECEIVED,
        ApplicationState.ELIGIBLE,
        ApplicationState.ACTIVATING,
        ApplicationState.ACTIVE,
    }
)


class CallOutcome(TextChoices):
    """What came of a call to the owner."""

    MISSED = "missed", "안 받음"
    CHANGES = "changes", "통화함: 고칠 곳"
    LINK = "link", "통화함: 확정은 링크로"


@dataclass(frozen=True, slots=True)
class Noted:
    """A call as it was noted. `undo` is what `take_back` takes."""

    tried: ContactTry
    undo: str


def note_try(
    application_id: int,
    *,
    kind: TryKind = TryKind.CALL,
    answered: bool,
    changes: bool = False,
    note: str,
    by: User,
    address: str | None,
    now: datetime,
) -> Noted:
    """An owner was tried to be reached. `changes`: they answered and want something else, which `note` (≤ 200
    characters) says; the promo is 수정 요청 from then on.

    Raises ApplicationRefused: "incomplete" for a note that is missing or too long, "wrong_state" for an application
    whose promo is not in the making.
    """
    note = " ".join(clean(note.replace("\x00", "")).split())
    if changes and not note:
        raise ApplicationRefused(
            "incomplete", "무엇을 고칠지 적어 주세요.", {"note": "무엇을 고칠지 적어 주세요."}
        )
    if len(note) > NOTE_LENGTH:
        sentence = f"{NOTE_LENGTH}자 안으로 줄여 주세요. 지금 {len(note)}자입니다."
        raise ApplicationRefused("incomplete", sentence, {"note": sentence})
    with transaction.atomic():
        application = applications.locked(application_id)
        _refuse_over(application)
        before = application.content
        tried = ContactTry.objects.create(
            application=application, kind=kind, at=now, answered=answered or changes, note=note, by=by
        )
        if changes:
            applications.changes_asked(application)
        _record("contact.noted", application, tried, by=by, address=address)
    undo = signing.dumps({"try": tried.pk, "before": before if changes else ""}, salt=_SALT)
    return Noted(tried, undo)


def take_back(token: str, *, by: User, address: str | None) -> int:
    """Undo of `note_try`, by whoever noted it; returns the application's id. Taken back twice is taken back once.

    Raises ApplicationRefused("changed_meanwhile") after ten minutes, and once something newer has happened.
    """
    too_late = ApplicationRefused("changed_meanwhile", "그사이 다른 일이 있어 되돌릴 수 없습니다.")
    try:
        kept = signing.loads(token, salt=_SALT, max_age=UNDO_FOR)
    except signing.BadSignature:
        raise ApplicationRefused("changed_meanwhile", "10분이 지나 되돌릴 수 없습니다.") from None
    found = ContactTry.objects.filter(pk=kept["try"], by=by).first()
    if found is None:
        raise ApplicationRefused("changed_meanwhile", "이미 되돌린 기록입니다.")
    with transaction.atomic():
        application = applications.locked(found.application_id)
        newest = application.tries.order_by("-pk").first()
        if newest is None or newest.pk != found.pk:
            raise too_late
        if kept["before"]:
            # Whatever the owner said on the link since counts, and stays.
            if application.content != ContentState.CHANGES or application.state not in MAKING:
                raise too_late
            applications.changes_taken_back(application, ContentState(kept["before"]))
        newest.delete()
        _record("contact.taken_back", application, found, by=by, address=address)
    return application.pk


def unanswered(application: Application) -> list[ContactTry]:
    """The tries in vain since the owner last answered, on a call or on a link, oldest first."""
    said = [
        review.answered_at
        for review in application.reviews.all()
        if review.answered_at is not None and review.answer in _SAID
    ]
    newest_first = sorted(application.tries.all(), key=lambda tried: (tried.at, tried.pk), reverse=True)
    in_vain = takewhile(
        lambda tried: not tried.answered and all(tried.at > answered for answered in said), newest_first
    )
    return list(in_vain)[::-1]


def take_up(
    application_id: int, *, return_to: str, by: User, address: str | None, now: datetime
) -> Delegation:
    """시안 고치기: the owner's editor is open to this producer for two hours; in the audit log and for the owner to read.

    Raises ApplicationRefused("wrong_state") and delegations' DelegationRefused.
    """
    application = Application.objects.select_related("shop").get(pk=application_id)
    _refuse_over(application)
    if application.shop is None:
        raise ApplicationRefused("wrong_state", "접수되지 않은 신청이라 시안이 아직 없습니다.")
    return delegations.begin(
        by,
        application.shop,
        scope=DelegationScope.CONTENT,
        reason=f"시안 제작 (신청 {application.pk})",
        return_to=return_to,
        address=address,
        now=now,
    )


def _refuse_over(application: Application) -> None:
    if application.state not in MAKING:
        raise ApplicationRefused("wrong_state", "끝났거나 다시 작성 중인 신청입니다.")
    if application.content == ContentState.CONFIRMED:
        raise ApplicationRefused("wrong_state", "사장님이 이미 확정한 시안입니다.")


def _record(
    action: str, application: Application, tried: ContactTry, *, by: User, address: str | None
) -> None:
    told: dict[str, Any] = {"kind": tried.kind, "answered": tried.answered, "content": application.content}
    trail.record(application, action, by=by, address=address, **told)
