"""An application as staff read it: where it stands, what is next, what the form says."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from billing.catalogue import PACK_INTERNET, PACK_PARTS
from billing.enums import Bundle
from eligibility import applications, reviews
from eligibility.activation import steps_of
from eligibility.chips import STEP_TONES, is_closed
from eligibility.enums import (
    ApplicantKind,
    ApplicationState,
    ContentState,
    RegistryState,
    StepName,
    StepState,
)
from eligibility.form import LABELS, industry_name, read
from eligibility.models import ActivationStep, Application
from shopmsg.accounts.enums import Product
from shopmsg.core import business_number, phone
from shopmsg.core.clock import format_moment
from shopmsg.core.money import format_won

_S: Final = ApplicationState


_SENDER_LOST: Final = "발신번호 승인을 되돌려 문자가 나가지 않음. 이용증명원을 다시 받아 승인."


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step of the activation for the list. `when`: of its end, or of the last try, "" before the first."""

    name: str
    label: str
    tone: str
    word: str
    problem: str
    when: str
    may_repeat: bool


def next_of(application: Application, now: datetime) -> str:
    """What is to be done now, and by whom, in a sentence."""
    state = ApplicationState(application.state)
    if state in (_S.ACTIVATING, _S.ACTIVE):
        return _next_running(application, state)
    match state:
        case _S.FORM:
            return "작성 중. 상담 화면이나 신청서에서 마저 적고 접수."
        case _S.REFUSED:
            return "가입 불가로 끝남."
        case _S.WITHDRAWN:
            return "취소로 끝남."
        case _S.RECEIVED:
            return _next_received(application)
    match ContentState(application.content):
        case ContentState.CONFIRMED if reviews.contract_changed(application, now):
            return "확정한 뒤 계약이 바뀜. 시안을 다시 보내 확정 받기."
        case ContentState.CONFIRMED:
            return "사장님이 확정. 곧 저절로 개통."
        case ContentState.SENT:
            return "사장님의 확정을 기다리는 중."
        case ContentState.CHANGES:
            return "사장님의 수정 요청. 제작에서 고쳐서 다시 보내기."
    due = application.content_due_at
    return f"제작에서 시안을 보낼 차례. 약속 {format_moment(due)}." if due else "제작에서 시안을 보낼 차례."


def steps_shown(application: Application) -> list[ShownStep]:
    """The steps in order; those of an activation that was called off can no more be repeated."""
    running = application.state == _S.ACTIVATING
    shown = [_step(step, running) for step in steps_of(application)]
    if not _sender_lost(application):
        return shown
    return [
        replace(each, tone="failed", word="승인 취소", problem=_SENDER_LOST)
        if each.name == StepName.SENDER
        else each
        for each in shown
    ]


def facts_of(application: Application) -> list[tuple[str, str]]:
    """The form as read, and whose it is. The owner's number is masked."""
    values = read(application.form).values
    merchant = application.kind == ApplicantKind.MERCHANT
    came = application.get_source_display()
    if application.dealership is not None:
        came += f" · {application.dealership.name}"
    revenue = format_won(application.annual_revenue) if application.annual_revenue is not None else ""
    rows = [
        ("유입 경로", came),
        ("신청인", application.get_kind_display()),
        ("사업자등록번호", business_number.hyphenate(application.business_number)),
        ("사업자 상태", _registry(application)),
        ("상호", application.business_name),
        ("대표자", application.owner_name),
        ("사장님 휴대폰", phone.mask(application.owner_mobile) if application.owner_mobile else ""),
        ("업종", f"{industry_name(application.ksic)} ({application.ksic})" if application.ksic else ""),
        ("연 매출", f"{revenue} · {application.get_revenue_proof_display()}" if revenue and merchant else ""),
        ("매장 전화", phone.hyphenate(application.line_number)),
        ("회선 명의", application.line_owner_name or application.get_line_owner_display()),
        ("상품", _contract(application)),
    ]
    if application.bundle == Bundle.SUCCESS_PACK:
        parts = [
            PACK_INTERNET.get(values.pack_internet, ""),
            *(PACK_PARTS[part] for part in values.pack_parts),
        ]
        rows.append(("성공팩", ", ".join(part for part in parts if part)))
    rows += [
        ("추천 코드", values.referral_code),
        ("주소", application.address),
        ("영업시간", application.hours),
        ("우리 가게 자랑", application.specials),
        ("상담 메모", values.note),
    ]
    return [(label, value) for label, value in rows if value]


def moments_of(application: Application) -> list[tuple[str, str]]:
    """When each stage was first reached."""
    reached = [
        ("시작", application.created_at),
        ("접수", application.received_at),
        ("가입 가능", application.eligible_at),
        ("시안 보냄", application.drafted_at),
        ("확정", application.confirmed_at),
        ("개통", application.active_at),
        ("끝남", application.ended_at),
    ]
    return [(label, format_moment(at)) for label, at in reached if at is not None]


def _step(step: ActivationStep, running: bool) -> ShownStep:
    state = StepState(step.state)
    # The welcome comes by itself, after all the others.
    waits_for_all = step.name == StepName.WELCOME and state == StepState.WAITING
    at = step.done_at or step.tried_at
    return ShownStep(
        name=step.name,
        label=step.get_name_display(),
        tone=STEP_TONES[state],
        word=state.label,
        problem=step.problem,
        when=format_moment(at) if at else "",
        may_repeat=running and state != StepState.DONE and not waits_for_all,
    )


def _next_received(application: Application) -> str:
    here = applications.standing(application)
    if here.problems or here.reading.missing:
        named = ", ".join(LABELS[name] for name in LABELS if name in {*here.problems, *here.reading.missing})
        return f"신청서에 다시 볼 곳: {named}."
    if not here.decision.eligible:
        return "가입할 수 없는 이유가 있음. 상담 화면에서 확인."
    if application.registry in (RegistryState.UNCHECKED, RegistryState.UNREACHABLE):
        return "국세청의 답을 기다리는 중. 답이 오면 저절로 이어짐."
    return "확인을 기다리는 중."


def _next_running(application: Application, state: ApplicationState) -> str:
    if is_closed(application):
        return "해지한 가게."
    if _sender_lost(application):
        return _SENDER_LOST
    if state == _S.ACTIVE:
        unconfirmed = application.content != ContentState.CONFIRMED
        return (
            "개통. 홍보문자는 확인 대기: 제작에서 시안을 마저 확정 받기."
            if unconfirmed
            else "개통. 할 일 없음."
        )
    steps = steps_of(application)
    broken = [step.get_name_display() for step in steps if step.state == StepState.FAILED]
    if broken:
        return f"‘{'’, ‘'.join(broken)}’ 실패. 원인을 고치고 그 단계만 다시 하기."
    waiting = next((step for step in steps if step.state == StepState.WAITING), None)
    return f"‘{waiting.get_name_display()}’ 대기. {waiting.problem}" if waiting else "개통 중."


def _sender_lost(application: Application) -> bool:
    """Whether an accepted certificate was taken back after the activation: nothing goes out meanwhile."""
    if application.state != _S.ACTIVE or application.shop is None or is_closed(application):
        return False
    return not application.shop.lines.filter(sender_accepted_at__isnull=False).exists()


def _registry(application: Application) -> str:
    said = application.get_registry_display()
    at = application.registry_checked_at
    return f"{said} · {format_moment(at)}" if at else said


def _contract(application: Application) -> str:
    parts = [application.get_product_display()]
    if application.product == Product.SOHO:
        parts.append(f"{application.term_months}개월 약정" if application.term_months else "무약정")
    if application.bundle != Bundle.NONE:
        parts.append(application.get_bundle_display())
    return " · ".join(parts)
