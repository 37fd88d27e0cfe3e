"""The steps of an activation (개통), a function each: what has to be so before the shop's first promo.

Each runs inside a transaction under the application's lock, calls nothing outside, and is harmless when run again. What
somebody outside has to do first is WAITING with a sentence; a refusal (ShopmsgError) is for the caller to write down.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import make_password

from billing import price_list, referral, subscriptions
from billing.enums import Bundle
from billing.models import Subscription
from eligibility import drafting, form, notice_orders, reviews
from eligibility.enums import ContentState, DocumentKind, DocumentState, StepName, StepState
from eligibility.errors import ApplicationRefused
from eligibility.models import ActivationStep, Application
from messaging import promos
from messaging.editor import publications
from messaging.editor.fields import DraftFields, first_fields
from messaging.homepage.page import page_of
from messaging.template_texts import greeting_template, month_greeting
from shopmsg.accounts import login_links, notices
from shopmsg.accounts.enums import MemberRole, NoticeKind, NoticeState, Product, Role, ShopStatus
from shopmsg.accounts.models import Line, Membership, Shop, User
from shopmsg.core import phone
from shopmsg.core.clock import format_day, kst_day
from shopmsg.core.money import format_won

#: A welcome that could not be sent by then says nothing new any more.
_WELCOME_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """One try of one step: on what, whose doing, when. `step` is as it was before this try."""

    application: Application
    shop: Shop
    step: ActivationStep
    by: User | None
    address: str | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try. `problem`: a sentence for staff; with DONE a word on what was not needed."""

    state: StepState
    problem: str = ""


DONE: Final = Outcome(StepState.DONE)


def waits(problem: str) -> Outcome:
    """Somebody else is to act first."""
    return Outcome(StepState.WAITING, problem[:200])


def failed(problem: str) -> Outcome:
    """A person has to look."""
    return Outcome(StepState.FAILED, problem[:200])


def greeting_fields(shop: Shop, now: datetime) -> DraftFields:
    """이달의 인사 as a promo: what goes out for an owner who could not be reached (rules.md §2)."""
    first = first_fields(shop, now)
    if shop.product == Product.BASIC:
        return first
    greeting = month_greeting(kst_day(now).month)
    text = greeting_template(greeting, shop.ksic, shop_name=shop.name, address=shop.address)
    return replace(first, headline=text.headline, body=text.body)


def price_words(running: Subscription) -> str:
    """ "첫 달 무료, 12월 22일(화)부터 한 달 13,200원(3년 약정)"."""
    sold = price_list.catalogue().quote(
        running.product, running.term_months, running.bundle, running.starts_on
    )
    monthly = f"한 달 {format_won(sold.monthly_krw)}"
    if sold.years:
        monthly += f"({sold.years}년 약정)"
    elif running.bundle != Bundle.NONE:
        monthly += f"({running.get_bundle_display()} 결합)"
    if running.free_until is None:
        return monthly
    return f"첫 달 무료, {format_day(running.free_until + timedelta(days=1))}부터 {monthly}"


def _owner(turn: Turn) -> Outcome:
    """The owner has an account and owns the shop: by confirming, or by what the form says."""
    owner = turn.application.owner or _account(turn.application)
    if owner.role != Role.OWNER:
        return failed("우리 직원의 번호입니다. 사장님 휴대폰 번호를 바로잡고 다시 해 주세요.")
    if not owner.is_active:
        return failed("사용이 멈춘 계정의 번호입니다. 관리자가 계정을 풀고 다시 해 주세요.")
    Membership.objects.update_or_create(shop=turn.shop, user=owner, defaults={"role": MemberRole.OWNER})
    if turn.application.owner_id != owner.pk:
        turn.application.owner = owner
        turn.application.save(update_fields=["owner"])
    return DONE


def _account(application: Application) -> User:
    name = application.owner_name or application.shop_name
    found, _ = User.objects.get_or_create(
        mobile=phone.mobile(application.owner_mobile),
        defaults={"name": name, "role": Role.OWNER, "password": make_password(None)},
    )
    return found


def _subscription(turn: Turn) -> Outcome:
    application = turn.application
    values = form.read(application.form).values
    subscriptions.start(
        turn.shop,
        product=Product(application.product),
        term_months=application.term_months,
        bundle=Bundle(application.bundle),
        pack_internet=values.pack_internet,
        pack_parts=values.pack_parts,
        by=turn.by,
        address=turn.address,
        now=turn.now,
    )
    return _brought(turn, values.referral_code)


def _brought(turn: Turn, code: str) -> Outcome:
    """추천 코드: one that brings nobody is named, and stops nothing."""
    if not code:
        return DONE
    try:
        made = referral.bring(turn.shop, code, turn.now)
    except referral.ReferralRefused as refused:
        return Outcome(StepState.DONE, refused.message)
    return Outcome(StepState.DONE, f"추천: {made.refused_for}") if made.refused_for else DONE


def _line(turn: Turn) -> Outcome:
    drafting.claim_line(turn.shop, turn.application.line_number, turn.now)
    return DONE


def _notice(turn: Turn) -> Outcome:
    """The ringback notice is ordered, and plays; it is soho's alone (rules.md §2). One that failed is ordered anew when
    a person repeats the step."""
    if turn.application.product != Product.SOHO:
        return Outcome(StepState.DONE, "필요 없음")
    line = _line_of(turn)
    if line is None:
        return waits("매장 전화가 먼저 등록되어야 합니다.")
    if line.notice_state == NoticeState.ACTIVE:
        return DONE
    ordered = turn.step.tried_at is not None and turn.step.state == StepState.WAITING
    if ordered and line.notice_state == NoticeState.FAILED:
        last = line.notice_orders.order_by("-pk").first()
        return failed(last.problem if last and last.problem else "통신사가 안내를 걸지 못했습니다.")
    try:
        order = notice_orders.request(line.pk, turn.now)
    except ApplicationRefused as refused:
        return waits(refused.message)
    return waits((order.problem if order else "") or "통신사의 답을 기다립니다.")


def _optout(turn: Turn) -> Outcome:
    """The shop has the 080 number, and its own code on it."""
    shop = turn.shop
    if not (shop.optout_080 or settings.OPTOUT_080):
        return failed("080 수신거부 번호가 설정되어 있지 않습니다.")
    if not (shop.optout_080 and shop.optout_code):
        shop.optout_080 = shop.optout_080 or settings.OPTOUT_080
        shop.optout_code = shop.optout_code or f"{shop.pk:06d}"
        shop.save(update_fields=["optout_080", "optout_code"])
    return DONE


def _sender(turn: Turn) -> Outcome:
    """The line may be sent from: an admin has accepted its certificate (rules.md §8)."""
    line = _line_of(turn)
    if line is None:
        return waits("매장 전화가 먼저 등록되어야 합니다.")
    if line.sender_accepted_at is not None:
        return DONE
    newest = turn.application.documents.filter(kind=DocumentKind.LINE).order_by("-pk").first()
    if newest is None or newest.state == DocumentState.DELETED:
        return waits("통신서비스 이용증명원을 올려 주세요.")
    if newest.state == DocumentState.REJECTED:
        return waits(f"이용증명원이 반려되었습니다: {newest.verdict or '다시 올려 주세요.'}")
    if newest.state == DocumentState.ACCEPTED:
        return waits("번호가 바뀌었습니다. 새 번호의 이용증명원을 올려 주세요.")
    return waits("이용증명원의 승인을 기다립니다.")


def _homepage(turn: Turn) -> Outcome:
    """The shop's page is there for everybody."""
    if turn.shop.status != ShopStatus.ACTIVE:
        return waits("요금제가 먼저 시작되어야 합니다.")
    page_of(turn.shop, turn.now)
    return DONE


def _promo(turn: Turn) -> Outcome:
    """What the owner has confirmed is live; for an owner who has not answered, the month's greeting."""
    application, shop, now = turn.application, turn.shop, turn.now
    # Shop and draft are held from here on: whoever publishes writes the audit log before it is done with them.
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    draft = drafting.current_fields(application, now)
    version = reviews.confirmed_version(application)
    if version is not None:
        reviews.publish_confirmed(application, by=application.owner, address=turn.address, now=now)
        if version.ends_on is not None and promos.standing(shop) is None:
            publications.stand_in(shop, now)
    elif promos.live(shop) is None:
        known = application.content == ContentState.CONFIRMED
        fields = draft if known else greeting_fields(shop, now)
        publications.publish(shop, fields, at=None, by=turn.by, now=now, address=turn.address)
    return DONE


def _welcome(turn: Turn) -> Outcome:
    """Told once a subscription, with a link that lets the owner in."""
    application, shop = turn.application, turn.shop
    running = subscriptions.current(shop)
    if running is None or application.owner is None:
        return waits("요금제와 사장님 계정이 먼저 있어야 합니다.")
    notices.ask(
        NoticeKind.WELCOME,
        to=application.owner.mobile,
        key=f"welcome:{running.pk}",
        fields={
            "shop": shop.name,
            "line": phone.hyphenate(application.line_number),
            "price": price_words(running),
            "link": login_links.address_for(application.owner, shop, turn.now),
        },
        expires_at=turn.now + _WELCOME_FOR,
        shop_id=shop.pk,
    )
    return DONE


def _line_of(turn: Turn) -> Line | None:
    return turn.shop.lines.filter(number=turn.application.line_number).first()


STEPS: Final[Mapping[StepName, Callable[[Turn], Outcome]]] = {
    StepName.OWNER: _owner,
    StepName.SUBSCRIPTION: _subscription,
    StepName.LINE: _line,
    StepName.NOTICE: _notice,
    StepName.OPTOUT: _optout,
    StepName.SENDER: _sender,
    StepName.HOMEPAGE: _homepage,
    StepName.PROMO: _promo,
    StepName.WELCOME: _welcome,
}
