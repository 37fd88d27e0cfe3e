"""What stands beside the form at the desk: may they join, what does it cost, what is the owner doing, who else is here.

Everything is made anew from the application as it is; the page puts it in place when it opens, the scripts after each
save and look.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from eligibility import applications, conflicts, drafting, form_checks, reviews
from eligibility.applications import OPEN_STATES, Standing
from eligibility.chips import STEP_TONES
from eligibility.conflicts import OpenConflict
from eligibility.enums import (
    ApplicationState,
    ContentState,
    RegistryState,
    ReviewAnswer,
    StepName,
    StepState,
)
from eligibility.form import LABELS
from eligibility.models import ActivationStep, Application, DraftReview
from eligibility.views.desk_fields import ASKED, Field, fields_of, holds, read_backs, typed_values, words_of
from eligibility.views.desk_price import price_of
from eligibility.views.desk_script import SECTIONS, Line, Section
from messaging.editor.fields import DraftFields
from messaging.models import PromoDraft
from messaging.preview import Phone
from shopmsg.accounts.models import Shop, User

SLOTS: Final = ("strip", "verdict", "registry", "price", "people", "conflicts", "owner", "phone", "endings")
#: Reasons of a decision that only say that something has not been asked yet.
_NOT_ASKED: Final = frozenset({"industry_missing", "revenue_missing"})


@dataclass(frozen=True, slots=True)
class Desk:
    """An application at the desk, for one open page (`visit`) of one agent (`me`). `outdated`: the contract is another
    than the one the owner confirmed, so it has to be confirmed once more."""

    application: Application
    me: User
    standing: Standing
    shops: Sequence[Shop]
    conflicts: Sequence[OpenConflict]
    review: DraftReview | None
    steps: Sequence[ActivationStep]
    colleague: User | None
    outdated: bool
    visit: str
    now: datetime

    @property
    def editable(self) -> bool:
        return self.application.state in OPEN_STATES

    @property
    def waits(self) -> bool:
        """Somebody outside is at it: the owner at the draft, or the activation at its steps."""
        asked = self.review is not None and self.review.answer == ReviewAnswer.NONE
        confirmed = self.application.content == ContentState.CONFIRMED and self.editable
        return asked or confirmed or self.application.state == ApplicationState.ACTIVATING

    @property
    def asks_registry(self) -> bool:
        """Whether the tax office is to be asked about the number that is there."""
        return bool(
            self.editable
            and self.standing.reading.values.business_number
            and self.application.registry == RegistryState.UNCHECKED
        )

    @property
    def customer(self) -> bool:
        return bool(self.shops) or self.standing.reading.values.second_shop


def desk_of(application: Application, *, me: User, visit: str, now: datetime) -> Desk:
    """Looks everything up; writes nothing."""
    standing = applications.standing(application)
    return Desk(
        application=application,
        me=me,
        standing=standing,
        shops=form_checks.shops_of_business(application, standing.reading.values.business_number),
        conflicts=conflicts.open_conflicts(application),
        review=newest_review(application),
        steps=steps_of(application),
        colleague=_colleague(application, me, visit, now),
        outdated=_outdated(application, now),
        visit=visit,
        now=now,
    )


def newest_review(application: Application) -> DraftReview | None:
    return application.reviews.order_by("-pk").first()


def steps_of(application: Application) -> Sequence[ActivationStep]:
    """The steps of the activation in their order; nothing before it began."""
    if application.state not in (ApplicationState.ACTIVATING, ApplicationState.ACTIVE):
        return ()
    order = list(StepName)
    return sorted(application.steps.all(), key=lambda step: order.index(StepName(step.name)))


def stamp_of(application: Application, *, me: User, visit: str, now: datetime) -> str:
    """Changes when anything does that the page shows and somebody else may have brought about: five statements and
    nothing drawn, so that a page may ask every second."""
    review = newest_review(application)
    colleague = _colleague(application, me, visit, now)
    draft = (
        PromoDraft.objects.filter(shop_id=application.shop_id).values_list("revision", flat=True).first()
        if application.shop_id
        else None
    )
    seen: list[Any] = [
        application.revision, application.state, application.content, application.registry,
        application.registry_checked_at, draft, colleague.pk if colleague else None,
        [conflict.change_id for conflict in conflicts.open_conflicts(application)],
        [(step.name, step.state, step.problem) for step in steps_of(application)],
        (review.pk, review.opened_at, review.answer) if review else None,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(seen, default=str).encode()).hexdigest()[:16]


def context_of(desk: Desk) -> dict[str, Any]:
    """The context of the page and of every slot."""
    application, reading = desk.application, desk.standing.reading
    problems = desk.standing.problems
    return {
        "desk": desk,
        "application": application,
        "editable": desk.editable,
        "problems": problems,
        "missing": [(name, LABELS[name]) for name in ASKED if name in reading.missing],
        "wrong": [(name, LABELS[name]) for name in ASKED if name in problems],
        "verdict": _verdict(desk),
        "price": price_of(reading.values, desk.now),
        "shown_conflicts": [_shown(conflict, desk.visit) for conflict in desk.conflicts],
        "begun_elsewhere": form_checks.begun_elsewhere(application, reading.values.business_number),
        "marks": [reviews.MARKS.get(mark, mark) for mark in desk.review.marks] if desk.review else [],
        "owner_steps": _owner_steps(desk),
        "steps": [
            {"name": StepName(step.name).label, "tone": STEP_TONES[StepState(step.state)], "step": step}
            for step in desk.steps
        ],
        "can": _can(desk),
        "phone": phone_of(application, drafting.current_fields(application, desk.now), desk.now),
        "visit": desk.visit,
    }


def sections_of(desk: Desk) -> list[tuple[Section, list[tuple[Line, bool]], list[Field]]]:
    """The parts of the talk: their sentences, each with whether it is to be said, and their fields as they stand."""
    form, standing, customer = desk.application.form, desk.standing, desk.customer
    return [
        (
            section,
            [(line, holds(line.when, form, customer=customer)) for line in section.lines],
            fields_of(section.fields, form, standing.reading.values, standing.problems, customer=customer),
        )
        for section in SECTIONS
    ]


def answer_of(request: HttpRequest, desk: Desk, *, said: str = "", tone: str = "") -> dict[str, Any]:
    """What the scripts are told, slots drawn. `said`: one sentence about what was just done."""
    application = desk.application
    context = context_of(desk)
    return {
        "revision": application.revision,
        "stamp": stamp_of(application, me=desk.me, visit=desk.visit, now=desk.now),
        "fields": typed_values(application.form),
        "problems": dict(desk.standing.problems),
        "missing": list(desk.standing.reading.missing),
        "read_back": read_backs(application.form, desk.standing.reading.values),
        "customer": desk.customer,
        "held": [each.field for each in desk.conflicts if each.visit == desk.visit],
        "ask_registry": application.business_number if desk.asks_registry else "",
        "waits": desk.waits,
        "editable": desk.editable,
        "said": said,
        "tone": tone,
        "slots": {
            name: render_to_string(f"eligibility/desk/_{name}.html", context, request) for name in SLOTS
        },
    }


def phone_of(application: Application, fields: DraftFields, now: datetime) -> Phone:
    """The phone of a caller; its picture has another address whenever another is drawn."""
    drawn = json.dumps(
        [fields.to_json(), application.shop_name, application.ksic, application.line_number], default=str
    )
    version = hashlib.sha256(drawn.encode()).hexdigest()[:12]
    url = f"{reverse('eligibility:desk_picture', args=[application.pk])}?v={version}"
    has_picture = fields.picture != "none"
    return drafting.phone_for(application, fields, now=now, picture_url=url if has_picture else "")


def _outdated(application: Application, now: datetime) -> bool:
    before = application.state in OPEN_STATES and application.content == ContentState.CONFIRMED
    return before and reviews.contract_changed(application, now)


def _colleague(application: Application, me: User, visit: str, now: datetime) -> User | None:
    """Who else is at it; one's own other window is nobody else."""
    other = form_checks.colleague_at(application, visit=visit, now=now)
    return None if other == me else other


def _verdict(desk: Desk) -> dict[str, Any]:
    decision = desk.standing.decision
    refusing = [] if decision.eligible else [
        reason for reason in decision.reasons if reason.code not in {*_NOT_ASKED, "public_body"}
    ]  # fmt: skip
    notes = [reason.message for reason in decision.reasons if reason.code == "public_body"]
    if refusing:
        return {
            "tone": "failed", "what": "가입 불가",
            "reasons": [reason.message for reason in refusing], "notes": notes,
        }  # fmt: skip
    if not decision.eligible:
        asked = "업종과 연 매출부터 묻기." if len(decision.reasons) > 1 else decision.reasons[0].message
        return {"tone": "waiting", "what": "판단 전", "reasons": [], "notes": [asked]}
    product = decision.product.label if decision.product else ""
    if desk.application.registry != RegistryState.ACTIVE:
        return {
            "tone": "held", "what": f"가입 가능 · {product}", "reasons": [],
            "notes": [*notes, "개통은 국세청 확인 뒤"],
        }  # fmt: skip
    return {"tone": "sent", "what": f"가입 가능 · {product}", "reasons": [], "notes": notes}


def _can(desk: Desk) -> dict[str, bool]:
    application = desk.application
    confirmed = application.content == ContentState.CONFIRMED
    return {
        "send": desk.editable and (desk.outdated or not confirmed),
        "receive": application.state == ApplicationState.FORM,
        "activate": application.state == ApplicationState.ELIGIBLE and confirmed and not desk.outdated,
        "refuse": desk.editable and not desk.standing.decision.eligible,
        "withdraw": desk.editable,
        "reopen": application.state in (ApplicationState.REFUSED, ApplicationState.WITHDRAWN),
    }


def _owner_steps(desk: Desk) -> list[dict[str, Any]]:
    """What became of the draft that was texted, the newest last."""
    review = desk.review
    if review is None:
        return []
    steps = [{"what": "시안 문자 보냄", "at": review.sent_at, "tone": "sent"}]
    if review.opened_at:
        steps.append({"what": "사장님이 열어 봄", "at": review.opened_at, "tone": "sent"})
    elif review.answer == ReviewAnswer.NONE and review.expires_at > desk.now:
        steps.append({"what": "아직 열지 않음", "at": None, "tone": "waiting"})
    if review.answer == ReviewAnswer.CONFIRMED:
        steps.append({"what": "확정", "at": review.answered_at, "tone": "sent"})
    elif review.answer == ReviewAnswer.CHANGES:
        steps.append({"what": "수정 요청", "at": review.answered_at, "tone": "held"})
    elif review.answer == ReviewAnswer.NONE and review.expires_at <= desk.now:
        steps.append({"what": "기한이 지나 닫힘", "at": review.expires_at, "tone": "failed"})
    elif review.opened_at and review.answer == ReviewAnswer.NONE:
        steps.append({"what": "보는 중", "at": None, "tone": "waiting"})
    return steps


def _shown(conflict: OpenConflict, visit: str) -> dict[str, Any]:
    return {
        "id": conflict.change_id,
        "field": conflict.field,
        "label": LABELS.get(conflict.field, conflict.field),
        "mine": words_of(conflict.field, conflict.mine),
        "theirs": words_of(conflict.field, conflict.theirs),
        "by": conflict.by,
        "own": conflict.visit == visit,
    }
