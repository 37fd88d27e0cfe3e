"""바로잡기: what an admin puts right after the receipt, with a reason, in the form and in the shop alike.

The shop's name is its sender's name in "(광고)[…]" (rules.md §5): texts follow it by themselves, pictures that we drew with
the old name are drawn anew.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from eligibility import applications, drafting, form, form_checks, trail
from eligibility.enums import ApplicantKind, ApplicationState, StepName, StepState
from eligibility.errors import ApplicationRefused
from eligibility.form import LABELS, Values
from eligibility.models import Application
from messaging import promos
from messaging.content import content_of
from messaging.editor import drafts, publications
from messaging.editor.fields import DraftFields, of_version
from messaging.editor.pictures import DRAWN, picture_for
from messaging.models import PromoVersion
from messaging.promos import PromoRefused
from shopmsg.accounts.enums import NoticeState, ShopStatus
from shopmsg.accounts.models import Merchant, Shop, User
from shopmsg.core import ksic, phone

#: What can be put right, in the order of the form.
FIELDS: Final = ("business_name", "shop_name", "ksic", "address", "hours", "line_number")
REASON_LENGTH: Final = 5
_BEGUN: Final = frozenset({ApplicationState.ACTIVATING, ApplicationState.ACTIVE})
_CORRECTED: Final = _BEGUN | {ApplicationState.RECEIVED, ApplicationState.ELIGIBLE}
#: A line with one of these at the carrier is the line.
_ORDERED: Final = frozenset({NoticeState.REQUESTED, NoticeState.ACTIVE})
_MUST_BE: Final = frozenset({"shop_name", "line_number"})


@dataclass(frozen=True, slots=True)
class Change:
    """One field, from what to what."""

    field: str
    before: str
    after: str

    @property
    def label(self) -> str:
        return LABELS[self.field]


def may_correct(application: Application) -> bool:
    """Whether the application has been received and is not over."""
    closed = application.shop is not None and application.shop.status == ShopStatus.CLOSED
    return application.state in _CORRECTED and not closed


def current(application: Application) -> dict[str, str]:
    """What these fields say now: before activation the form, afterwards the shop, whose owner may have changed them."""
    shop = application.shop
    said = {name: application.form.get(name, "") for name in FIELDS}
    if application.state in _BEGUN and shop is not None:
        said |= {
            "business_name": shop.merchant.name,
            "shop_name": shop.name,
            "ksic": shop.ksic,
            "address": shop.address,
            "hours": shop.hours,
        }
    return said


def changes(application: Application, typed: Mapping[str, str]) -> tuple[Change, ...]:
    """What would be put right. Raises ApplicationRefused: "wrong_state", "incomplete" with a sentence for each field."""
    if not may_correct(application):
        raise ApplicationRefused("wrong_state", "접수한 뒤, 해지하기 전의 신청만 바로잡을 수 있습니다.")
    before = current(application)
    told = {name: " ".join(typed[name].split()) for name in FIELDS if name in typed}
    was, reading = (
        form.read({**application.form, **before}),
        form.read({**application.form, **before, **told}),
    )
    # Another spelling of the same number is no change.
    changed = {
        name: text
        for name, text in told.items()
        if text != before[name]
        and (name in reading.problems or getattr(was.values, name) != getattr(reading.values, name))
    }
    found = tuple(Change(name, before[name], text) for name, text in changed.items())
    problems = {**form_checks.problems(application, reading.values), **reading.problems}
    problems |= {name: "비워 둘 수 없습니다." for name in _MUST_BE & changed.keys() if not changed[name]}
    problems |= dict(_unwanted(application, reading.values, changed))
    wrong = {name: sentence for name, sentence in problems.items() if name in changed}
    if wrong:
        named = ", ".join(LABELS[name] for name in FIELDS if name in wrong)
        raise ApplicationRefused("incomplete", f"다시 볼 곳이 있습니다: {named}", wrong)
    return found


def correct(
    application_id: int,
    typed: Mapping[str, str],
    *,
    reason: str,
    by: User,
    address: str | None,
    now: datetime,
) -> tuple[Change, ...]:
    """Put the fields of FIELDS that `typed` has right; returns what changed. Audited, old → new.

    Raises ApplicationRefused: as `changes`, "no_reason", "line_taken", and "unfit" when the promo that is out could not be
    sent under the new name.
    """
    reason = " ".join(reason.split())
    if len(reason) < REASON_LENGTH:
        raise ApplicationRefused("no_reason", f"바로잡는 이유를 {REASON_LENGTH}자 넘게 적어 주세요.")
    with transaction.atomic():
        application = applications.locked(application_id)
        found = changes(application, typed)
        if not found:
            return ()
        changed = {change.field: change.after for change in found}
        applications.rewrite(application, changed, by=by, address=address, now=now)
        if application.shop is not None and "business_name" in changed:
            name = application.business_name or application.shop_name
            Merchant.objects.filter(pk=application.shop.merchant_id).update(name=name)
        if application.state in _BEGUN and application.shop is not None:
            _carry_over(application, application.shop, changed, by=by, now=now)
        told = {change.field: _told(change) for change in found}
        trail.record(application, "application.corrected", by=by, address=address, reason=reason, fields=told)
    return found


def _unwanted(
    application: Application, values: Values, changed: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    shop, begun = application.shop, application.state in _BEGUN
    trade = changed.get("ksic")
    if trade is not None and values.kind == ApplicantKind.MERCHANT and not ksic.is_eligible_code(values.ksic):
        yield "ksic", "가입할 수 있는 58개 업종이 아닙니다."
    if "hours" in changed and begun and shop is not None and shop.week:
        yield "hours", "사장님이 요일별로 정한 영업시간이 있습니다. 사장님 화면에서 고쳐 주세요."
    if "line_number" in changed and begun:
        line = shop.lines.first() if shop is not None else None
        if application.state == ApplicationState.ACTIVE:
            yield "line_number", "개통한 뒤에는 바꿀 수 없습니다. 해지하고 새로 신청해 주세요."
        elif line is not None and line.notice_state in _ORDERED:
            yield "line_number", "통신사에 통화연결음을 신청한 번호입니다. 답이 온 뒤에 바꿀 수 있습니다."


def _carry_over(
    application: Application, shop: Shop, changed: Mapping[str, str], *, by: User, now: datetime
) -> None:
    """The shop, and the promo that is out, as the form says now."""
    # Shop and draft are held from here on: publishing writes the audit log, which comes last.
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    drafting.current_fields(application, now)
    drawn = _drawn(shop)
    columns = {"shop_name": "name", "ksic": "ksic", "address": "address", "hours": "hours"}
    said = {columns[name]: getattr(application, name) for name in changed if name in columns}
    if said:
        Shop.objects.filter(pk=shop.pk).update(**said)
    if "line_number" in changed:
        drafting.claim_line(shop, application.line_number, now)
        steps = application.steps.filter(name__in=[StepName.LINE, StepName.NOTICE, StepName.SENDER])
        steps.update(state=StepState.WAITING, problem="", tried_at=None, done_at=None)
    shop.refresh_from_db()
    try:
        _redraw(shop, drawn, by=by, now=now)
    except PromoRefused as refused:
        raise ApplicationRefused(
            "unfit", f"지금 나가는 홍보문자가 맞지 않게 됩니다. {refused.message}"
        ) from None


def _drawn(shop: Shop) -> dict[PromoVersion, DraftFields]:
    """What is out, as drafts: what is live and what stands behind it. Read while the shop is as it was drawn."""
    out = [version for version in (promos.live(shop), promos.standing(shop)) if version is not None]
    return {version: of_version(version) for version in out}


def _redraw(shop: Shop, out: Mapping[PromoVersion, DraftFields], *, by: User, now: datetime) -> None:
    """Raises PromoRefused for a promo that does not fit any more."""
    for version, fields in out.items():
        content = content_of(version)
        if not promos.check(content, promos.preview(content, promos.sender_of(shop))).clear:
            raise PromoRefused(
                "too_long", f"새 이름으로는 ‘{version.headline}’ 글이 길어집니다. 글을 먼저 줄여 주세요."
            )
        picture = picture_for(shop, fields) if fields.picture.startswith(DRAWN) else version.picture
        if picture == version.picture:
            continue
        redrawn = publications.make_version(shop, fields, picture, by=by, now=now)
        if version.live:
            promos.publish(redrawn, by=by, now=now)
            drafts.follow(redrawn, fields, now)
        else:
            promos.set_standing(shop, redrawn)


def _told(change: Change) -> list[str]:
    """Old and new for the log, which holds no number in the clear."""
    if change.field == "line_number":
        return [phone.mask(change.before), phone.mask(change.after)]
    return [change.before, change.after]
