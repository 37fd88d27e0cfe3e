"""Rows of accounts as tests need them. `ShopFactory()` is a shop that may send right now."""

from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar, cast

from django.db.models import Model
from django_otp.oath import hotp
from django_otp.plugins.otp_totp.models import TOTPDevice
from factory.declarations import RelatedFactory, Sequence, SubFactory
from factory.django import DjangoModelFactory
from factory.helpers import post_generation

from shopmsg.accounts.enums import MemberRole, NoticeState, Product, Role, ShopStatus
from shopmsg.accounts.models import Line, Membership, Merchant, Shop, User

PASSWORD = "긴-비밀번호-열두자-이상"
LONG_AGO = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


M = TypeVar("M", bound=Model)


class Make(Protocol[M]):
    """A factory as a type checker should see it: calling it makes and saves a row."""

    def __call__(self, **fields: Any) -> M: ...

    def build(self, **fields: Any) -> M: ...

    def create_batch(self, size: int, **fields: Any) -> list[M]: ...


class _UserFactory(DjangoModelFactory[User]):
    """An owner without a password; `StaffFactory` makes one of us."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    mobile = Sequence(lambda n: f"0102{n:07d}")
    name = Sequence(lambda n: f"김사장{n}")
    role = Role.OWNER
    password = "!"  # Django's mark of an unusable password


class _StaffFactory(_UserFactory):
    """An agent with `PASSWORD` and a confirmed TOTP device; see `totp_of`."""

    name = Sequence(lambda n: f"박상담{n}")
    role = Role.AGENT

    @post_generation
    def credentials(self, create: bool, extracted: Any, **_: Any) -> None:
        user: Any = self
        user.set_password(PASSWORD)
        if create:
            user.save()
            TOTPDevice.objects.create(user=user, name="앱")


class _MerchantFactory(DjangoModelFactory[Merchant]):
    class Meta:
        model = Merchant

    name = Sequence(lambda n: f"행복상사{n}")
    business_number = Sequence(lambda n: business_number(n))


class _ShopFactory(DjangoModelFactory[Shop]):
    """Active, 소상공인형, 치킨 (56193), with one line; `line=None` leaves the line out, `owner=user` adds an owner."""

    class Meta:
        model = Shop
        skip_postgeneration_save = True

    merchant = SubFactory(_MerchantFactory)
    name = Sequence(lambda n: f"행복치킨 {n}호점")
    slug = Sequence(lambda n: f"happy-chicken-{n}")
    ksic = "56193"
    product = Product.SOHO
    address = "서울 마포구 망원로 10"
    hours = "매일 오후 4:00~새벽 1:00"
    status = ShopStatus.ACTIVE
    optout_080 = "08012345678"
    optout_code = Sequence(lambda n: f"{n:06d}")

    line = RelatedFactory("tests.factories.accounts._LineFactory", factory_related_name="shop")

    @post_generation
    def owner(self, create: bool, extracted: User | None, **_: Any) -> None:
        if create and extracted is not None:
            _MembershipFactory(shop=self, user=extracted)


class _LineFactory(DjangoModelFactory[Line]):
    """A land line with an active ringback notice and an accepted sender number."""

    class Meta:
        model = Line

    shop = SubFactory(_ShopFactory, line=None)
    number = Sequence(lambda n: f"02{30000000 + n}")
    notice_state = NoticeState.ACTIVE
    notice_active_since = LONG_AGO
    sender_accepted_at = LONG_AGO


class _MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    shop = SubFactory(_ShopFactory)
    user = SubFactory(_UserFactory)
    role = MemberRole.OWNER


# factory_boy's own types say that calling a factory makes a factory.
UserFactory = cast(Make[User], _UserFactory)
StaffFactory = cast(Make[User], _StaffFactory)
MerchantFactory = cast(Make[Merchant], _MerchantFactory)
ShopFactory = cast(Make[Shop], _ShopFactory)
LineFactory = cast(Make[Line], _LineFactory)
MembershipFactory = cast(Make[Membership], _MembershipFactory)


def business_number(serial: int) -> str:
    """A ten-digit business number with its official check digit."""
    body = [int(digit) for digit in f"{100_000_000 + serial:09d}"]
    total = sum(digit * weight for digit, weight in zip(body, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=True))
    total += body[8] * 5 // 10
    return "".join(map(str, body)) + str(-total % 10)


def totp_of(user: User, at: datetime) -> str:
    """What the staff member's authenticator app shows at that moment."""
    device = TOTPDevice.objects.get(user=user)
    return f"{hotp(device.bin_key, int(at.timestamp()) // device.step):06d}"
