"""함께 보는 사람: whom an owner lets look at a shop, or change it, and for how long."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core import signing
from django.db import IntegrityError, transaction

from shopmsg.accounts import audit, notices, throttle
from shopmsg.accounts.enums import MemberRole, NoticeKind, Role
from shopmsg.accounts.errors import PeopleRefused
from shopmsg.accounts.models import Membership, Shop, User
from shopmsg.core import phone
from shopmsg.core.text import clean

MOST: Final = 20
ADDED_A_DAY: Final = 20
UNDO_FOR: Final = timedelta(minutes=10)
#: The rights an owner can give. Ownership itself changes hands through us.
GIVEN: Final = (MemberRole.VIEWER, MemberRole.EDITOR)
_SALT: Final = "shopmsg.accounts.people.undo"


@dataclass(frozen=True, slots=True)
class Person:
    """A member as the list shows them. Of somebody who was with us before the owner added them the owner learns no more
    than they knew: `name` is then "김○○"."""

    id: int
    name: str
    number: str
    role: MemberRole
    is_self: bool

    @property
    def may(self) -> str:
        return self.role.label


def of_shop(shop: Shop, *, by: User) -> list[Person]:
    """The members of a shop, the longest there first."""
    members = shop.memberships.select_related("user").order_by("created_at", "pk")
    return [person(member, by=by) for member in members]


def person(member: Membership, *, by: User) -> Person:
    """One member as their list shows them to `by`."""
    user = member.user
    known = (
        user.pk == by.pk
        or member.role == MemberRole.OWNER
        or abs(member.created_at - user.created_at) < timedelta(minutes=1)
    )
    name = user.name if known else f"{user.name[:1]}○○"
    return Person(member.pk, name, phone.mask(user.mobile), MemberRole(member.role), user.pk == by.pk)


def add(
    shop: Shop, mobile: str, name: str, role: MemberRole, *, by: User, address: str | None, now: datetime
) -> Membership:
    """Let somebody look at the shop, or change it; they are told by text and log in with that number. A number nobody
    had becomes a user of that name.

    Raises PhoneError, and PeopleRefused: "role", "name", "too_many_today", "full", "already", "not_possible".
    Call it outside a transaction.
    """
    digits = phone.mobile(mobile)
    name = " ".join(clean(name).split())
    if role not in GIVEN:
        raise PeopleRefused("role", "볼 수 있는지, 고칠 수 있는지 골라 주세요.")
    if not 1 <= len(name) <= 40:
        raise PeopleRefused("name", "이름을 40자 안으로 적어 주세요.")
    if shop.memberships.filter(user__mobile=digits).exists():
        raise PeopleRefused("already", "이미 함께 보고 있는 분이에요. 아래 목록에서 권한을 바꿀 수 있어요.")
    if not throttle.allow("people", str(shop.pk), capacity=ADDED_A_DAY, per=timedelta(days=1), now=now):
        raise PeopleRefused(
            "too_many_today", f"하루에 {ADDED_A_DAY}명까지 더할 수 있어요. 내일 다시 해 주세요."
        )
    with transaction.atomic():
        _locked(shop)
        if shop.memberships.count() >= MOST:
            raise PeopleRefused("full", f"{MOST}명까지 함께 볼 수 있어요. 쓰지 않는 분을 먼저 빼 주세요.")
        user = _user_of(digits, name)
        if user.role != Role.OWNER or not user.is_active:
            raise PeopleRefused("not_possible", "이 번호는 더할 수 없어요. 도움 전화로 알려 주세요.")
        member, created = Membership.objects.get_or_create(shop=shop, user=user, defaults={"role": role})
        if not created:
            raise PeopleRefused(
                "already", "이미 함께 보고 있는 분이에요. 아래 목록에서 권한을 바꿀 수 있어요."
            )
        notices.ask(
            NoticeKind.MEMBER_ADDED,
            to=digits,
            key=f"member:{member.pk}",
            fields={"by": by.name, "shop": shop.name},
            expires_at=now + timedelta(days=1),
            shop_id=shop.pk,
        )
        _record("member.added", shop, user, by, address, role=role.value)
    return member


def change_role(member: Membership, role: MemberRole, *, by: User, address: str | None) -> bool:
    """Give a member another right. False when it is theirs already. Raises PeopleRefused: "role", "last_owner"."""
    if role not in GIVEN:
        raise PeopleRefused("role", "볼 수 있는지, 고칠 수 있는지 골라 주세요.")
    with transaction.atomic():
        _locked(member.shop)
        before = Membership.objects.get(pk=member.pk).role
        if before == role:
            return False
        _keep_an_owner(member)
        Membership.objects.filter(pk=member.pk).update(role=role)
        _record("member.changed", member.shop, member.user, by, address, role=role.value, before=before)
    member.refresh_from_db(fields=["role"])
    return True


def remove(member: Membership, *, by: User, address: str | None) -> str:
    """Take somebody out of the shop, at once and on every device; returns a token with which `restore` lets them back
    in for ten minutes. Raises PeopleRefused("last_owner")."""
    token = signing.dumps(
        {"shop": member.shop_id, "user": member.user_id, "role": member.role, "muted": member.muted},
        salt=_SALT,
    )
    with transaction.atomic():
        _locked(member.shop)
        _keep_an_owner(member)
        removed, _ = Membership.objects.filter(pk=member.pk).delete()
        if removed:
            _record("member.removed", member.shop, member.user, by, address, role=member.role)
    return token


def restore(shop: Shop, token: str, *, by: User, address: str | None) -> Membership:
    """Undo a removal. Raises PeopleRefused: "undo_over", "full"."""
    try:
        kept = signing.loads(token, salt=_SALT, max_age=UNDO_FOR)
    except signing.BadSignature:
        kept = {}
    user = User.objects.filter(pk=kept.get("user"), is_active=True).first()
    if user is None or kept.get("shop") != shop.pk:
        raise PeopleRefused("undo_over", "되돌릴 수 있는 시간이 지났어요. 번호로 다시 더해 주세요.")
    with transaction.atomic():
        _locked(shop)
        if shop.memberships.count() >= MOST:
            raise PeopleRefused("full", f"{MOST}명까지 함께 볼 수 있어요. 쓰지 않는 분을 먼저 빼 주세요.")
        member, created = Membership.objects.get_or_create(
            shop=shop, user=user, defaults={"role": kept["role"], "muted": kept["muted"]}
        )
        if created:
            _record("member.restored", shop, user, by, address, role=member.role)
    return member


def mute(
    member: Membership,
    kinds: Iterable[NoticeKind],
    *,
    among: Sequence[NoticeKind],
    by: User,
    address: str | None,
) -> bool:
    """The texts this person does not want of this shop, of those (`among`) one can do without. False when nothing
    changed."""
    muted = sorted(kind.value for kind in set(kinds) & set(among))
    with transaction.atomic():
        changed = Membership.objects.filter(pk=member.pk).exclude(muted=muted).update(muted=muted)
        if changed:
            _record("member.notifications", member.shop, member.user, by, address, muted=muted)
    member.muted = muted
    return changed == 1


def _user_of(digits: str, name: str) -> User:
    try:
        with transaction.atomic():
            return User.objects.filter(mobile=digits).first() or User.objects.create_user(digits, name)
    except IntegrityError:
        # Another shop added the same person at the same moment.
        return User.objects.get(mobile=digits)


def _locked(shop: Shop) -> None:
    """Whoever decides about a shop's people does so one at a time: the last owner could leave twice otherwise."""
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)


def _keep_an_owner(member: Membership) -> None:
    owners = Membership.objects.filter(shop_id=member.shop_id, role=MemberRole.OWNER)
    if not owners.filter(pk=member.pk).exists():
        return
    if not owners.exclude(pk=member.pk).filter(user__is_active=True).exists():
        raise PeopleRefused(
            "last_owner", "사장님이 한 분은 있어야 해요. 사장님을 바꾸려면 도움 전화로 알려 주세요."
        )


def _record(action: str, shop: Shop, user: User, by: User, address: str | None, **detail: object) -> None:
    audit.record(action, actor=by, shop=shop, subject=f"user:{user.pk}", detail=detail, address=address)
