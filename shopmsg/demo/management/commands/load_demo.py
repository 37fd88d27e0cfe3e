"""`manage.py load_demo`: six shops that can send, their people, and what a script needs to play the network."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from messaging import promos
from messaging.editor.fields import DraftFields
from messaging.editor.pictures import picture_for
from messaging.editor.publications import make_version
from shopmsg.accounts.enums import MemberRole, NoticeState, ShopStatus
from shopmsg.accounts.models import Dealership, Line, Membership, Merchant, Shop, User
from shopmsg.core.business_number import with_check_digit
from shopmsg.core.clock import kst_day
from shopmsg.demo import network
from shopmsg.demo.bills import load_bills
from shopmsg.demo.furnish import FURNITURE, furnish
from shopmsg.demo.last_weeks import play_last_weeks
from shopmsg.demo.people import ADMIN, PEOPLE, Person, staff_password, totp_key, totp_secret
from shopmsg.demo.signups import load_signups
from shopmsg.home.samples import BY_SLUG, SAMPLES, Sample


class Command(BaseCommand):
    help = "체험용 가게와 사람을 만듭니다. 이미 있는 것은 그대로 둡니다."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.HOOK_SOURCES.get(network.SOURCE):
            raise CommandError(
                f"HOOK_SOURCES에 {network.SOURCE}의 비밀값이 없습니다. 체험용 전화망이 쓸 값을 넣어 주세요."
            )
        with transaction.atomic():
            for position, sample in enumerate(SAMPLES, start=1):
                _shop(sample, position)
            for person in PEOPLE:
                _person(person)
        now = timezone.now()
        for sample in SAMPLES:
            shop = Shop.objects.get(slug=sample.slug)
            owner = User.objects.get(memberships__shop=shop, memberships__role=MemberRole.OWNER)
            _promo(shop, sample, owner, now)
            furnish(shop, owner, now)
            if sample.slug in FURNITURE:
                play_last_weeks(shop, now)
        admin = User.objects.get(mobile=ADMIN.mobile)
        for sample in SAMPLES:
            load_bills(Shop.objects.get(slug=sample.slug), admin, now)
        load_signups(now)
        written = _describe()
        path = Path(settings.DEMO_JSON)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # before the secrets are in it
        path.write_text(json.dumps(written, ensure_ascii=False, indent=2), encoding="utf-8")
        for login in written["logins"]:
            self.stdout.write(" · ".join(str(value) for value in login.values()))


def _shop(sample: Sample, position: int) -> None:
    """The merchant, the shop and its line, as they are after activation."""
    merchant, _ = Merchant.objects.get_or_create(
        business_number=with_check_digit(f"12081{position:04d}"), defaults={"name": sample.name}
    )
    shop, _ = Shop.objects.get_or_create(
        slug=sample.slug,
        defaults={
            "merchant": merchant,
            "name": sample.name,
            "ksic": sample.ksic,
            "address": sample.address,
            "hours": sample.hours,
            "status": ShopStatus.ACTIVE,
            "optout_080": settings.OPTOUT_080,
            "optout_code": f"{1000 + position}",
        },
    )
    now = timezone.now()
    Line.objects.get_or_create(
        number=sample.line,
        defaults={
            "shop": shop,
            "notice_state": NoticeState.ACTIVE,
            "notice_active_since": now,
            "sender_accepted_at": now,
        },
    )


def _person(person: Person) -> None:
    user = User.objects.filter(mobile=person.mobile).first()
    if user is None:
        password = staff_password(person) if person.is_staff else None
        dealership = (
            Dealership.objects.get_or_create(name=person.dealership)[0] if person.dealership else None
        )
        user = User.objects.create_user(person.mobile, person.name, person.role, password, dealership)
    if person.is_staff:
        key = totp_key(person).hex()
        TOTPDevice.objects.update_or_create(user=user, name="demo", defaults={"key": key})
    if person.slug:
        shop = Shop.objects.get(slug=person.slug)
        Membership.objects.get_or_create(shop=shop, user=user, defaults={"role": person.member})


def _promo(shop: Shop, sample: Sample, owner: User, now: datetime) -> None:
    """The industry's template, published, unless the shop has a promo already."""
    if promos.live(shop) is not None:
        return
    text = sample.promo(kst_day(now).month)
    fields = DraftFields(
        headline=text.headline, body=text.body, shows_hours=True, picture=f"drawn:{sample.layout.value}"
    )
    version = make_version(shop, fields, picture_for(shop, fields), by=owner, now=now)
    promos.publish(version, by=owner, now=now)


def _describe() -> dict[str, Any]:
    """What `.data/demo.json` holds."""
    owners = {
        person.slug: person.mobile for person in PEOPLE if person.member == MemberRole.OWNER and person.slug
    }
    shops = Shop.objects.filter(slug__in=BY_SLUG).order_by("pk")
    return {
        "base_url": settings.BASE_URL,
        "webhook_secret": settings.HOOK_SOURCES[network.SOURCE][0],
        "shops": [
            {
                "name": shop.name,
                "slug": shop.slug,
                "line": BY_SLUG[shop.slug].line,
                "owner_mobile": owners[shop.slug],
                "ksic": shop.ksic,
            }
            for shop in shops
        ],
        "sandbox": {"url": settings.DEMO_SANDBOX_URL, **_sandbox_keys()},
        "logins": [
            {"name": "사장님, 동료, 직원 고르기", "url": f"{settings.BASE_URL}/login/demo/"},
            {
                "name": "관리자(비밀번호와 인증 앱)",
                "url": f"{settings.BASE_URL}/staff/login/",
                "mobile": ADMIN.mobile,
                "password": staff_password(ADMIN),
                "totp_secret": totp_secret(totp_key(ADMIN)),
            },
        ],
    }


def _sandbox_keys() -> dict[str, str]:
    """The sandbox's own keys; never those of a real gateway that somebody put into the environment."""
    gateway = settings.GATEWAY
    if gateway["base_url"] != settings.DEMO_SANDBOX_URL:
        return {"api_key": "", "api_secret": ""}
    return {"api_key": gateway["api_key"], "api_secret": gateway["api_secret"]}
