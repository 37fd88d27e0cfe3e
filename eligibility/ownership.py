"""사장님 바꾸기: a shop goes to a new owner, against a proof. The old one is no member from that moment on."""

from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import transaction

from billing import card_keys
from eligibility import applications, trail
from eligibility.enums import ApplicationState
from eligibility.errors import ApplicationRefused
from eligibility.models import Application
from shopmsg.accounts import delegations, notices
from shopmsg.accounts.enums import MemberRole, NoticeKind, Role, ShopStatus
from shopmsg.accounts.models import AuditEntry, Membership, Shop, User
from shopmsg.core import phone
from shopmsg.core.phone import PhoneError
from shopmsg.core.text import clean

PROOF_LENGTH: Final = 10
_NAME_LENGTH: Final = 40
_CHANGED: Final = "shop.owner_changed"
_NOT_NOW: Final = "개통한 가게의 사장님만 바꿀 수 있습니다."
_BEGUN: Final = frozenset({ApplicationState.ACTIVATING, ApplicationState.ACTIVE})


def may_transfer(application: Application) -> bool:
    """Whether there is a shop with an owner to be changed."""
    shop = application.shop
    return application.state in _BEGUN and shop is not None and shop.status != ShopStatus.CLOSED


def transfer(
    application_id: int,
    *,
    name: str,
    mobile: str,
    proof: str,
    by: User,
    address: str | None,
    now: datetime,
) -> User:
    """Give the shop to who has this number; a number nobody had becomes an owner of that name. Both sides are told by
    text. `proof` is what the admin has seen, at least PROOF_LENGTH characters.

    Raises ApplicationRefused: "wrong_state", "same_owner", "incomplete" with a sentence for each field.
    """
    name, digits, proof = check(name=name, mobile=mobile, proof=proof)
    with transaction.atomic():
        application = applications.locked(application_id)
        _refuse_wrong(application)
        person, _ = User.objects.get_or_create(
            mobile=digits, defaults={"name": name, "role": Role.OWNER, "password": make_password(None)}
        )
        if person.role != Role.OWNER or not person.is_active:
            raise ApplicationRefused(
                "incomplete", "다시 볼 곳이 있습니다.", {"mobile": "사장님이 될 수 없는 번호입니다."}
            )
        _give(application, person, name, proof=proof, by=by, address=address, now=now)
    return person


def check(*, name: str, mobile: str, proof: str) -> tuple[str, str, str]:
    """Name, national digits and proof as they would be kept. Raises ApplicationRefused("incomplete")."""
    name, proof = " ".join(clean(name).split()), " ".join(proof.split())
    digits, wrong = "", {}
    if not 1 <= len(name) <= _NAME_LENGTH:
        wrong["name"] = f"새 사장님의 이름을 {_NAME_LENGTH}자 안으로 적어 주세요."
    if len(proof) < PROOF_LENGTH:
        wrong["proof"] = f"무엇으로 확인했는지 {PROOF_LENGTH}자 넘게 적어 주세요."
    try:
        digits = phone.mobile(mobile)
    except PhoneError:
        wrong["mobile"] = "휴대폰 번호를 010부터 모두 적어 주세요."
    if wrong:
        raise ApplicationRefused("incomplete", "다시 볼 곳이 있습니다.", wrong)
    return name, digits, proof


def last_owner(application: Application) -> User | None:
    """Whose shop it was before the last transfer, when it can be given back."""
    entry = _last(application)
    if entry is None or entry.detail.get("to") != application.owner_id:
        return None
    before = entry.detail.get("from") or []
    return User.objects.filter(pk__in=before, is_active=True, role=Role.OWNER).order_by("pk").first()


def give_back(application_id: int, *, by: User, address: str | None, now: datetime) -> User:
    """Undo the last transfer: a transfer to who owned the shop before. Raises ApplicationRefused("wrong_state")."""
    with transaction.atomic():
        application = applications.locked(application_id)
        _refuse_wrong(application)
        person = last_owner(application)
        if person is None:
            raise ApplicationRefused("wrong_state", "되돌릴 변경이 없습니다.")
        _give(
            application, person, person.name, proof="사장님 바꾸기를 되돌림", by=by, address=address, now=now
        )
    return person


def _give(
    application: Application,
    person: User,
    name: str,
    *,
    proof: str,
    by: User,
    address: str | None,
    now: datetime,
) -> None:
    """Under the application's lock."""
    if application.shop is None:
        raise ApplicationRefused("wrong_state", _NOT_NOW)
    # The account before the shop, as everywhere; who is refused below keeps the card.
    card_keys.leave_behind(application.shop, now)
    shop = Shop.objects.select_for_update(no_key=True).get(pk=application.shop.pk)
    owners = (
        shop.memberships.filter(role=MemberRole.OWNER).select_related("user").order_by("created_at", "pk")
    )
    before = [member for member in owners if member.user_id != person.pk]
    if not before and any(member.user_id == person.pk for member in owners):
        raise ApplicationRefused("same_owner", "이미 이 가게의 사장님입니다.")
    Membership.objects.filter(pk__in=[member.pk for member in before]).delete()
    Membership.objects.update_or_create(shop=shop, user=person, defaults={"role": MemberRole.OWNER})
    application.owner = person
    written = {"owner_name": name, "owner_mobile": person.mobile}
    applications.rewrite(application, written, by=by, address=address, now=now)
    for told in (*(member.user for member in before), person):
        notices.ask(
            NoticeKind.OWNER_CHANGED,
            to=told.mobile,
            key=f"owner:{shop.pk}:{told.pk}:{int(now.timestamp())}",
            fields={"shop": shop.name},
            expires_at=now + timedelta(days=1),
            shop_id=shop.pk,
        )
    # Whoever of us works in it was let in by the old owner's signup.
    delegations.end_of_shop(shop, now, by=by, address=address)
    was = [member.user_id for member in before]
    trail.record(
        application, _CHANGED, by=by, address=address, reason=proof, **{"from": was, "to": person.pk}
    )


def _refuse_wrong(application: Application) -> None:
    if not may_transfer(application):
        raise ApplicationRefused("wrong_state", _NOT_NOW)


def _last(application: Application) -> AuditEntry | None:
    return trail.entries_of(application).filter(action=_CHANGED).order_by("-pk").first()
