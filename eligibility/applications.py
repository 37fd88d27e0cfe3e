"""Every change of an application (청약): one verb each, audited, under the application's lock.

    form ──receive──► received ──(registry answers)──► eligible ──begin_activation──► activating ──finish──► active
      │                  └────────────────────────────────┘
      └─refuse─► refused      withdraw ─► withdrawn      reopen ─► form

The promo goes its own way beside it: waiting → sent → confirmed, or changes → sent again. Lock order: the application,
then its shop, then the draft, and the audit log last.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from billing import subscriptions
from eligibility import document_terms, drafting, form, rules, trail
from eligibility.enums import ApplicationState, ContentState, RegistryState, Source
from eligibility.errors import ApplicationRefused
from eligibility.form import LABELS
from eligibility.form_log import NO_VISIT, Conflict, Edit, Hand
from eligibility.models import Application
from eligibility.standing import Standing as Standing
from eligibility.standing import one_at_a_time
from eligibility.standing import standing as standing
from shopmsg.accounts import delegations
from shopmsg.accounts.enums import MemberRole, Role
from shopmsg.accounts.models import Membership, User

#: The draft is promised within a day of the application's receipt [ours].
CONTENT_PROMISE: Final = timedelta(days=1)
#: A business may close between its application and its activation: an older answer is asked for again [ours].
ANSWER_GOOD_FOR: Final = timedelta(days=1)
#: While an application is in one of these, its form may be changed.
OPEN_STATES: Final = frozenset({ApplicationState.FORM, ApplicationState.RECEIVED, ApplicationState.ELIGIBLE})
#: Enough to know that the tax office has been silent for long; an outage of months must not overflow the column.
_MOST_TRIES: Final = 1_000
_ENDED: Final = frozenset({ApplicationState.REFUSED, ApplicationState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Saved:
    """After `save`: the application as it is, how it stands, and what met another's change."""

    application: Application
    standing: Standing
    conflicts: tuple[Conflict, ...]


def start(
    source: Source,
    *,
    by: User | None,
    address: str | None,
    now: datetime,
    typed: Mapping[str, str] | None = None,
    callback_wanted: bool = False,
    submission: str | None = None,
) -> Application:
    """A new application. A dealer's belongs to its dealership. Raises ApplicationRefused("no_dealership"), and
    IntegrityError for a `submission` there has been."""
    dealership = by.dealership if by is not None and by.role == Role.DEALER else None
    if (source == Source.DEALER) != (dealership is not None):
        raise ApplicationRefused("no_dealership", "대리점에 속한 사람만 대리점 신청서를 쓸 수 있습니다.")
    with transaction.atomic():
        application = Application.objects.create(
            source=source,
            dealership=dealership,
            callback_wanted=callback_wanted,
            submission=submission,
            created_by=by,
            created_at=now,
            updated_at=now,
        )
        hand = Hand(NO_VISIT, by, address, now)
        for name, value in (typed or {}).items():
            hand.write(application, name, value)
        _read_in(application)
        application.save()
        trail.record(application, "application.started", by=by, address=address, source=source)
    return application


def save(
    application_id: int,
    edits: Sequence[Edit],
    *,
    visit: str,
    by: User | None,
    address: str | None,
    now: datetime,
) -> Saved:
    """Keep what was typed, field by field, readable or not. A field that another visit changed after the edit's `base`
    keeps that change, and the edit comes back as a Conflict (what was typed is kept aside).

    Raises ApplicationRefused("wrong_state") once the application is over or activated.
    """
    with transaction.atomic():
        application = locked(application_id)
        if application.state not in OPEN_STATES:
            raise ApplicationRefused("wrong_state", "이미 끝난 신청이라 고칠 수 없습니다.")
        before, hand = application.revision, Hand(visit, by, address, now)
        conflicts = tuple(filter(None, [hand.take(application, edit) for edit in edits]))
        if application.revision != before:
            application.updated_at = now
            _read_in(application)
            _follow_form(application, {edit.field for edit in edits}, by=by, now=now)
            application.save()
            if application.state != ApplicationState.FORM:
                trail.record_writing(application, visit, by=by, address=address)
        return Saved(application, standing(application), conflicts)


def registry_answered(
    application_id: int, number: str, state: RegistryState, now: datetime
) -> Application | None:
    """What the tax office said of this number. Nothing (None) when the form names another by now, or the application
    is over: it keeps the reasons it ended for."""
    with transaction.atomic():
        application = locked(application_id)
        if application.business_number != number or application.state in _ENDED:
            return None
        unreachable = state == RegistryState.UNREACHABLE
        if not (
            unreachable and application.registry not in (RegistryState.UNCHECKED, RegistryState.UNREACHABLE)
        ):
            # An outage makes nobody less of a business than the last answer said.
            application.registry = state
        application.registry_checked_at = now
        application.registry_tries = min(application.registry_tries + 1, _MOST_TRIES) if unreachable else 0
        _redecide(application, standing(application), now)
        application.save()
    return application


def receive(application_id: int, *, by: User | None, address: str | None, now: datetime) -> Application:
    """접수: the form is complete, and who applies may join as far as it is known; the shop comes into being. Received
    twice is received once. The tax office need not have answered: the application then waits as 확인 필요.

    Raises ApplicationRefused: "incomplete" with a sentence for each field, "not_eligible", "wrong_state", "line_taken".
    """
    with transaction.atomic():
        application = locked(application_id)
        if application.state in (ApplicationState.RECEIVED, ApplicationState.ELIGIBLE):
            return application
        if application.state != ApplicationState.FORM:
            raise ApplicationRefused("wrong_state", "이미 끝난 신청입니다.")
        checked = application.registry_checked_at
        if checked is not None and checked <= now - ANSWER_GOOD_FOR:
            # Nobody asks again about a form that lies about; what has closed since must not be activated.
            _not_asked(application)
        one_at_a_time()
        now_standing = standing(application)
        if not now_standing.complete:
            fields = dict.fromkeys(now_standing.reading.missing, "꼭 필요합니다.") | dict(
                now_standing.problems
            )
            named = ", ".join(LABELS[name] for name in LABELS if name in fields)
            raise ApplicationRefused("incomplete", f"다시 볼 곳이 있습니다: {named}", fields)
        if not now_standing.decision.eligible:
            raise ApplicationRefused("not_eligible", "가입할 수 없는 신청입니다. 이유를 확인해 주세요.")
        application.state = ApplicationState.RECEIVED
        application.received_at = application.received_at or now
        application.content_due_at = application.content_due_at or now + CONTENT_PROMISE
        application.callback_wanted = False
        application.updated_at = now
        drafting.make_shop(application, by=by, now=now)
        _redecide(application, now_standing, now)
        application.save()
        trail.record(application, "application.received", by=by, address=address, source=application.source)
    return application


def refuse(application_id: int, *, by: User | None, address: str | None, now: datetime) -> Application:
    """가입 불가: ended for the reasons of the decision, all of which are kept. Raises ApplicationRefused("wrong_state")
    when it is over already or nothing speaks against it."""
    with transaction.atomic():
        application = locked(application_id)
        decision = standing(application).decision
        if application.state not in OPEN_STATES or decision.eligible:
            raise ApplicationRefused("wrong_state", "가입을 막는 이유가 없거나 이미 끝난 신청입니다.")
        application.received_at = application.received_at or now
        application.reasons = _reasons(decision)
        _end(application, ApplicationState.REFUSED, by=by, address=address, now=now)
        codes = [reason.code for reason in decision.reasons]
        trail.record(application, "application.refused", by=by, address=address, reasons=codes)
    return application


def withdraw(
    application_id: int, *, reason: str, by: User | None, address: str | None, now: datetime
) -> Application:
    """신청 취소: the applicant does not want to any more. Raises ApplicationRefused("wrong_state")."""
    with transaction.atomic():
        application = locked(application_id)
        if application.state not in OPEN_STATES:
            raise ApplicationRefused("wrong_state", "이미 끝난 신청입니다.")
        _end(application, ApplicationState.WITHDRAWN, by=by, address=address, now=now)
        trail.record(application, "application.withdrawn", by=by, address=address, why=reason.strip()[:200])
    return application


def reopen(application_id: int, *, by: User | None, address: str | None, now: datetime) -> Application:
    """Take back a refusal or a withdrawal: the form is open again. Raises ApplicationRefused("wrong_state"), also on the
    day its shop left: then the leaving is to be taken back, and not a second contract made beside it."""
    with transaction.atomic():
        application = locked(application_id)
        if application.state not in _ENDED:
            raise ApplicationRefused("wrong_state", "끝난 신청만 다시 열 수 있습니다.")
        if application.shop is not None and subscriptions.ended_today(application.shop, now):
            raise ApplicationRefused(
                "wrong_state", "오늘 해지한 가게입니다. 해지를 되돌리거나 내일 다시 열어 주세요."
            )
        application.state = ApplicationState.FORM
        application.ended_at = None
        application.updated_at = now
        application.save()
        document_terms.set_terms(application, now)
        trail.record(application, "application.reopened", by=by, address=address)
    return application


def draft_sent(application: Application, now: datetime, *, anew: bool) -> None:
    """시안 보냄. What was confirmed stays so, unless its contract changed and the owner is asked `anew`. Under the
    application's lock."""
    if anew or application.content != ContentState.CONFIRMED:
        application.content = ContentState.SENT
    application.drafted_at = application.drafted_at or now
    application.save(update_fields=["content", "drafted_at"])


def changes_asked(application: Application) -> None:
    """수정 요청: back to the producers. Under the application's lock."""
    application.content = ContentState.CHANGES
    application.save(update_fields=["content"])


def changes_taken_back(application: Application, before: ContentState) -> None:
    """What was noted as 수정 요청 was none: as it stood before. Under the application's lock."""
    application.content = before
    application.save(update_fields=["content"])


def confirmed(application: Application, owner: User, now: datetime) -> None:
    """확정: the owner has said yes to what callers will get. Under the application's lock."""
    application.content = ContentState.CONFIRMED
    application.owner = owner
    application.drafted_at = application.drafted_at or now
    application.confirmed_at = application.confirmed_at or now
    application.save(update_fields=["content", "owner", "drafted_at", "confirmed_at"])


def begin_activation(application: Application) -> None:
    """개통 시작. Under the application's lock. Raises ApplicationRefused("not_ready")."""
    if application.state == ApplicationState.ACTIVATING:
        return
    if application.state != ApplicationState.ELIGIBLE:
        raise ApplicationRefused("not_ready", "가입 가능으로 확인된 신청만 개통할 수 있습니다.")
    application.state = ApplicationState.ACTIVATING
    application.save(update_fields=["state"])


def finish_activation(application: Application, now: datetime) -> None:
    """개통: every step is done. Under the application's lock."""
    if application.state == ApplicationState.ACTIVATING:
        application.state = ApplicationState.ACTIVE
        application.active_at = application.active_at or now
        application.save(update_fields=["state", "active_at"])


def call_off(application: Application, now: datetime) -> None:
    """개통 중단: the customer left before everything was done. Under the application's lock."""
    if application.state == ApplicationState.ACTIVATING:
        application.state, application.ended_at, application.updated_at = ApplicationState.WITHDRAWN, now, now
        application.save(update_fields=["state", "ended_at", "updated_at"])
        document_terms.set_terms(application, now)


def call_on(application: Application, now: datetime) -> None:
    """Take back `call_off`: the activation goes on where it stood. Under the application's lock."""
    if application.state == ApplicationState.WITHDRAWN:
        application.state, application.ended_at, application.updated_at = (
            ApplicationState.ACTIVATING,
            None,
            now,
        )
        application.save(update_fields=["state", "ended_at", "updated_at"])
        document_terms.set_terms(application, now)


def rewrite(
    application: Application,
    typed: Mapping[str, str],
    *,
    by: User | None,
    address: str | None,
    now: datetime,
) -> None:
    """바로잡기: put these texts into the form of an application in any state. While it is open its shop, its draft and
    the decision follow; afterwards that is the caller's. Under the application's lock."""
    hand = Hand(NO_VISIT, by, address, now)
    for name, text in typed.items():
        hand.write(application, name, text)
    application.updated_at = now
    _read_in(application)
    if application.state in OPEN_STATES:
        _follow_form(application, typed, by=by, now=now)
    application.save()


def locked(application_id: int) -> Application:
    """The application's row, held until the transaction ends. Its shop and owner are read when they are asked for: joined
    to the row, they would be as they were before the wait for the lock."""
    return Application.objects.select_for_update(no_key=True).get(pk=application_id)


def _read_in(application: Application) -> None:
    """The columns as the form says."""
    before, mobile = application.business_number, application.owner_mobile
    for name, value in form.columns(form.read(application.form).values).items():
        setattr(application, name, value)
    if application.owner_mobile != mobile:
        _dismiss_owner(application)
    if application.business_number != before:
        _not_asked(application)


def _dismiss_owner(application: Application) -> None:
    """Who confirmed on another number than the form's has no part in the shop: it may have been mistyped."""
    owner = application.owner
    if owner is None or owner.mobile == application.owner_mobile:
        return
    Membership.objects.filter(shop=application.shop, user=owner, role=MemberRole.OWNER).delete()
    application.owner = None


def _not_asked(application: Application) -> None:
    """The tax office is to be asked anew."""
    application.registry = RegistryState.UNCHECKED
    application.registry_checked_at = None
    application.registry_tries = 0


def _follow_form(application: Application, typed: Collection[str], *, by: User | None, now: datetime) -> None:
    """A received application whose form changes in the fields `typed`: its shop and draft follow as long as the form is
    complete, and it is decided anew."""
    if application.state == ApplicationState.FORM:
        return
    here = standing(application)
    if here.complete:
        drafting.make_shop(application, typed=typed, by=by, now=now)
    _redecide(application, here, now)


def _redecide(application: Application, here: Standing, now: datetime) -> None:
    """Received or eligible, as the facts are now. An application that nobody has received yet stays a form."""
    application.reasons = _reasons(here.decision)
    if application.state not in (ApplicationState.RECEIVED, ApplicationState.ELIGIBLE):
        return
    if here.complete and here.decision.eligible and application.registry == RegistryState.ACTIVE:
        application.state = ApplicationState.ELIGIBLE
        application.eligible_at = application.eligible_at or now
    else:
        application.state = ApplicationState.RECEIVED


def _reasons(decision: rules.Decision) -> list[dict[str, str]]:
    return [{"code": reason.code, "message": reason.message} for reason in decision.reasons]


def _end(
    application: Application, state: ApplicationState, *, by: User | None, address: str | None, now: datetime
) -> None:
    application.state = state
    application.ended_at = now
    application.updated_at = now
    application.callback_wanted = False
    drafting.give_up_shop(application, now)
    application.save()
    document_terms.set_terms(application, now)
    if application.shop is not None:
        delegations.end_of_shop(application.shop, now, by=by, address=address)
