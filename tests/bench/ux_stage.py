"""A fresh portal with a shop of which nothing is live yet, and the login link that came to its owner's phone."""

import re
from typing import Final

from tests.browser import traffic
from tests.browser.portal import Portal, eventually, run_inside

FRESH: Final = "saebom"
#: The shop as signup leaves it: industry, name, hours and area are known, and nothing has ever been written for it.
_ROWS: Final = f"""
from django.conf import settings
from django.utils import timezone
from shopmsg.accounts import login_links
from shopmsg.accounts.enums import MemberRole, NoticeState, ShopStatus
from shopmsg.accounts.models import Line, Membership, Merchant, Shop, User

now = timezone.now()
shop = Shop.objects.create(
    merchant=Merchant.objects.first(), slug="{FRESH}", name="새봄손칼국수", ksic="56111", optout_code="9100",
    address="서울 강서구 공항대로 123", hours="월~토 11:00~21:00", status=ShopStatus.ACTIVE, optout_080=settings.OPTOUT_080,
)
Line.objects.create(
    number="0212300071", shop=shop, notice_state=NoticeState.ACTIVE, notice_active_since=now, sender_accepted_at=now
)
owner = User.objects.create_user("01090000071", "한새봄")
Membership.objects.create(shop=shop, user=owner, role=MemberRole.OWNER)
login_links.send(owner, shop, by=User.objects.get(mobile="01090000099"), address=None, now=now)
"""
_MOBILE: Final = "01090000071"
_LINE: Final = "0212300071"


def phone_with_login_link(portal: Portal) -> str:
    """Makes the shop and sends the link; returns the address of the phone it arrived at."""
    run_inside(portal, _ROWS)
    if not eventually(lambda: re.search(r"/in/", "\n".join(traffic.texts(portal, _MOBILE))), 40):
        raise RuntimeError("the login link does not arrive")
    return f"{portal.demo['sandbox']['url']}/phones/{_MOBILE}"


def text_after_a_call(portal: Portal, caller: str) -> str:
    """What somebody gets who has just called that shop."""
    traffic.ring(portal, {"line": _LINE}, [caller])
    texts = eventually(lambda: traffic.texts(portal, caller), 30)
    return str(texts[-1]) if texts else ""
