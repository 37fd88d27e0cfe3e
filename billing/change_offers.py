"""변경 제안: a change an agent prepared on the telephone; the shop's owners are texted a link, and only their yes changes anything.

The link holds for 24 hours and one answer, whoever holds it. A shop has one open offer: a new one withdraws the one before.
Locks go shop first, then the offer; what is written into the audit log comes last.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from billing import plan_change
from billing.changes import ContractRefused
from billing.enums import ChangeKind, EventPlan
from billing.models import ChangeOffer, OfferState
from billing.plan_change import Preview, Wanted
from shopmsg.accounts import audit, notices, throttle
from shopmsg.accounts.enums import MemberRole, NoticeKind
from shopmsg.accounts.models import Shop, User
from shopmsg.core.clock import format_day
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.hangul import towards

VALID: Final = timedelta(hours=24)
#: A text that comes later than that finds nobody on the telephone any more.
_TEXT_LASTS: Final = timedelta(hours=1)
#: A button pressed twice is one text.
_SAME_PRESS: Final = timedelta(seconds=20)
#: 16 random bytes in base64url: nobody guesses one, so opening links needs no throttle.
_TOKEN_BYTES: Final = 16
_REASON: Final = "상담 뒤 문자 링크로 확인"


class OfferStanding(StrEnum):
    """What an offer still does: OfferState, and that the time of an open one is over."""

    OPEN = "open"
    EXPIRED = "expired"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class OfferRefused(ShopmsgError):
    """An offer that was not sent, or takes no answer. Codes: "nobody" (no owner to text), "too_often", "unknown", and those of
    OfferStanding but "open"."""


@dataclass(frozen=True, slots=True)
class Promised:
    """What the agent was shown in won when the offer was made; `refund_krw` is 0 when nothing is given up."""

    before_krw: int
    after_krw: int
    refund_krw: int
    leaving_krw: int

    @classmethod
    def of(cls, shown: Preview) -> "Promised":
        return cls(
            shown.before.monthly_krw,
            shown.after.monthly_krw,
            shown.refund.won if shown.refund else 0,
            shown.after.leaving_krw,
        )

    def to_json(self) -> dict[str, int]:
        """As it is kept with the offer."""
        return {
            "before_krw": self.before_krw,
            "after_krw": self.after_krw,
            "refund_krw": self.refund_krw,
            "leaving_krw": self.leaving_krw,
        }


def send(
    shop: Shop, wanted: Wanted, *, seal: str, by: User, address: str | None, now: datetime
) -> ChangeOffer:
    """사장님께 확인 문자 보내기: every owner gets the link, and an offer that is still open is withdrawn. Pressed twice with the same
    figures is sent once.

    Raises ContractRefused as plan_change.preview, "moved" when other figures than the seal's would be shown; OfferRefused.
    Call it outside a transaction.
    """
    if not throttle.allow("change-offer", str(shop.pk), capacity=10, per=timedelta(days=1), now=now):
        raise OfferRefused("too_often", "하루에 열 번까지 보낼 수 있습니다. 전화로 확인해 주세요.")
    with transaction.atomic():
        row = _locked(shop.pk)
        shown = plan_change.preview(row, wanted, now)
        if shown.seal != seal:
            raise ContractRefused("moved", "그사이 금액이 바뀌었습니다. 새 금액을 읽어 드리고 다시 누르세요.")
        open_now = ChangeOffer.objects.select_for_update().filter(shop=row, state=OfferState.SENT)
        pressed = open_now.filter(made_at__gt=now - _SAME_PRESS, made_by=by, fields=wanted.to_json()).first()
        if pressed is not None:
            return pressed
        owners = _owners(row)
        if not owners:
            raise OfferRefused(
                "nobody", "확인 문자를 받을 사장님 계정이 없습니다. 사장님 계정을 먼저 만들어 주세요."
            )
        open_now.update(state=OfferState.WITHDRAWN, answered_at=now)
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        made = ChangeOffer.objects.create(
            shop=row,
            kind=wanted.kind,
            fields=wanted.to_json(),
            promised=Promised.of(shown).to_json(),
            token_hash=_hash(token),
            made_by=by,
            made_at=now,
            expires_at=now + VALID,
        )
        _text(made, owners, token, wanted, now)
        _record("change_offer.sent", made, actor=by, address=address)
    return made


def find(token: str) -> ChangeOffer | None:
    """The offer behind a link; None for a token that never was. Looking changes nothing."""
    found = ChangeOffer.objects.filter(token_hash=_hash(token))
    return found.select_related("shop", "made_by").first()


def standing(offer: ChangeOffer, now: datetime) -> OfferStanding:
    """What the offer still does."""
    if offer.state != OfferState.SENT:
        return OfferStanding(offer.state)
    return OfferStanding.OPEN if now < offer.expires_at else OfferStanding.EXPIRED


def wanted_of(offer: ChangeOffer) -> Wanted:
    """The change it offers."""
    return Wanted.from_json(offer.fields)


def has_moved(offer: ChangeOffer, shown: Preview) -> bool:
    """Whether other won are shown now than when the offer was made."""
    return bool(offer.promised != Promised.of(shown).to_json())


def confirm(token: str, *, seal: str, address: str | None, now: datetime) -> Preview:
    """바꾸기: exactly what was on the screen, in the name of the owner where there is one alone. Raises OfferRefused: also when it was
    answered before, which changes nothing; ContractRefused as plan_change.confirm."""
    with transaction.atomic():
        offer = _answerable(token, now)
        owners = _owners(offer.shop)
        owner = owners[0] if len(owners) == 1 else None
        done = plan_change.confirm(
            offer.shop, wanted_of(offer), seal=seal, by=owner, address=address, now=now, reason=_REASON
        )
        _answer(offer, OfferState.CONFIRMED, address, now)
        _record("change_offer.confirmed", offer, actor=owner, address=address)
    return done


def decline(token: str, *, address: str | None, now: datetime) -> None:
    """그대로 두기. Raises OfferRefused."""
    with transaction.atomic():
        offer = _answerable(token, now)
        _answer(offer, OfferState.DECLINED, address, now)
        _record("change_offer.declined", offer, actor=None, address=address)


def withdraw(offer_id: int, *, by: User, address: str | None, now: datetime) -> ChangeOffer:
    """거두기: the link is worth nothing from now on. Raises OfferRefused: what was answered stays answered."""
    with transaction.atomic():
        shop = _locked(ChangeOffer.objects.values_list("shop_id", flat=True).get(pk=offer_id))
        offer = ChangeOffer.objects.select_for_update().get(pk=offer_id)
        offer.shop = shop
        if offer.state != OfferState.SENT:
            raise refusal(standing(offer, now))
        _answer(offer, OfferState.WITHDRAWN, None, now)
        _record("change_offer.withdrawn", offer, actor=by, address=address)
    return offer


def named(wanted: Wanted) -> str:
    """What changes, in a few words: "3년 약정"."""
    until = format_day(wanted.until) if wanted.until else "오늘"
    return {
        ChangeKind.COMMITTED: f"{wanted.term_months // 12}년 약정",
        ChangeKind.COMMITMENT_LEFT: "약정 그만두기",
        ChangeKind.BUNDLED: f"{wanted.bundle.label} 결합",
        ChangeKind.UNBUNDLED: "결합 그만두기",
        ChangeKind.PRODUCT_CHANGED: f"{wanted.product.label}{towards(wanted.product.label)} 바꾸기",
        ChangeKind.PLAN_CHANGED: (
            "이벤트 요금제 그만두기" if wanted.plan == EventPlan.NONE else wanted.plan.label
        ),
        ChangeKind.PAUSED: f"{until}까지 일시정지",
        ChangeKind.RESUMED: "다시 쓰기",
        ChangeKind.CANCELLED: f"{until}까지 쓰고 해지",
        ChangeKind.CANCEL_TAKEN_BACK: "해지 되돌리기",
        ChangeKind.STARTED: "개통",
    }[wanted.kind]


_REFUSALS: Final = {
    OfferStanding.EXPIRED: "보내 드린 지 하루가 지나서 이 링크로는 바꿀 수 없어요. 요금제는 그대로예요.",
    OfferStanding.CONFIRMED: "이 변경은 이미 확인하셨어요. 다시 누르지 않으셔도 돼요.",
    OfferStanding.DECLINED: "그대로 두기로 하셨어요. 요금제는 바뀌지 않았어요.",
    OfferStanding.WITHDRAWN: "상담원이 거둔 제안이에요. 요금제는 바뀌지 않았어요. 새 문자를 받으셨으면 그 링크를 눌러 주세요.",
}


def refusal(stands: OfferStanding) -> OfferRefused:
    """Why an offer that stands so takes no answer, for its owner."""
    return OfferRefused(stands.value, _REFUSALS[stands])


def _answerable(token: str, now: datetime) -> ChangeOffer:
    """The open offer under its locks, in the caller's transaction. Raises OfferRefused."""
    found = find(token)
    if found is None:
        raise OfferRefused("unknown", "없는 링크예요.")
    shop = _locked(found.shop_id)
    offer = ChangeOffer.objects.select_for_update().get(pk=found.pk)
    offer.shop = shop
    stands = standing(offer, now)
    if stands != OfferStanding.OPEN:
        raise refusal(stands)
    return offer


def _answer(offer: ChangeOffer, state: OfferState, address: str | None, now: datetime) -> None:
    offer.state, offer.answered_at, offer.address = state, now, address
    offer.save(update_fields=["state", "answered_at", "address"])


def _text(made: ChangeOffer, owners: Sequence[User], token: str, wanted: Wanted, now: datetime) -> None:
    link = f"{settings.BASE_URL}{reverse('billing:offer', args=[token])}"
    for owner in owners:
        notices.ask(
            NoticeKind.CHANGE_OFFERED,
            to=owner.mobile,
            key=f"change-offer:{made.pk}:{owner.pk}",
            fields={"shop": made.shop.name, "what": f"‘{named(wanted)}’ 확인 부탁드려요.", "link": link},
            expires_at=now + _TEXT_LASTS,
            shop_id=made.shop_id,
        )


def _owners(shop: Shop) -> list[User]:
    members = shop.memberships.filter(role=MemberRole.OWNER, user__is_active=True)
    return [member.user for member in members.select_related("user").order_by("pk")]


def _locked(shop_id: int) -> Shop:
    return Shop.objects.select_for_update(no_key=True).get(pk=shop_id)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _record(action: str, offer: ChangeOffer, *, actor: User | None, address: str | None) -> None:
    told: dict[str, Any] = {"by_link": not (actor and actor.is_staff), **offer.fields, **offer.promised}
    subject = f"change_offer:{offer.pk}"
    audit.record(action, actor=actor, shop=offer.shop, subject=subject, detail=told, address=address)
