"""Applications as tests need them, brought about by the real verbs.

`application()` is a complete, valid merchant form; `received()`, `eligible()` and `confirmed()` take it further. Every
keyword that is a field of the form replaces what is typed there: `application(line_number="02-777-1234")`.
"""

import itertools
import os
from datetime import datetime
from typing import Any

from django.utils import timezone

from eligibility import applications, reviews
from eligibility.enums import RegistryState, Source
from eligibility.models import Application
from shopmsg.accounts.models import Notice, User
from tests.factories.accounts import business_number

# Several processes make rows of one portal: each has a thousand serials of its own.
_serial = itertools.count(os.getpid() % 9_000 * 1_000 + 1)
#: Where the staff of these tests sit.
ADDRESS = "203.0.113.7"
#: The cookie of the owner's phone.
_DEVICE = "owner's phone"


def typed_form(**form: str) -> dict[str, str]:
    """What an agent has typed for a chicken shop that may join, with its own business, mobile and line number."""
    serial = next(_serial)
    typed = {
        "kind": "merchant",
        "shop_name": f"바삭치킨 {serial}호점",
        "ksic": "56193",
        "business_number": business_number(200_000_000 + serial),
        "business_name": f"바삭상사{serial}",
        "owner_name": f"이사장{serial}",
        "owner_mobile": f"0105{serial:07d}",
        "annual_revenue": "3억",
        "revenue_proof": "spoken",
        "line_number": f"02-{4000 + serial // 10_000}-{serial % 10_000:04d}",
        "line_owner": "self",
        "product": "soho",
        "term_months": "36",
        "bundle": "none",
        "address": "서울 마포구 망원로 10",
        "hours": "매일 오후 4:00~새벽 1:00",
        "specials": "가마솥에 두 번 튀겨요.\n반마리도 배달해요.",
    }
    return {**typed, **form}


def application(
    *,
    source: Source | str = Source.CALL_100,
    by: User | None = None,
    address: str | None = ADDRESS,
    now: datetime | None = None,
    callback_wanted: bool = False,
    **form: str,
) -> Application:
    """A form that could be received at once. A dealer's needs `by`, a user of a dealership."""
    return applications.start(
        Source(source),
        by=by,
        address=address,
        now=now or timezone.now(),
        typed=typed_form(**form),
        callback_wanted=callback_wanted,
    )


def received(*, by: User | None = None, now: datetime | None = None, **more: Any) -> Application:
    """접수: its shop is there and PENDING; the tax office has not been asked."""
    made = application(by=by, now=now, **more)
    return applications.receive(made.pk, by=by, address=ADDRESS, now=now or timezone.now())


def eligible(*, now: datetime | None = None, **more: Any) -> Application:
    """가입 가능: received, and the tax office says 계속사업자."""
    made = received(now=now, **more)
    answered = applications.registry_answered(
        made.pk, made.business_number, RegistryState.ACTIVE, now or timezone.now()
    )
    assert answered is not None
    return answered


def confirmed(*, now: datetime | None = None, **more: Any) -> Application:
    """확정: eligible, the link texted, and the owner has said yes on it and has an account by that."""
    moment = now or timezone.now()
    made = eligible(now=now, **more)
    confirm(made, now=moment)
    return Application.objects.select_related("shop", "owner").get(pk=made.pk)


def confirm(made: Application, *, now: datetime) -> None:
    """Text the link to a received application's owner, who says yes to what is there."""
    review = reviews.send(made.pk, by=None, address=ADDRESS, now=now)
    token = Notice.objects.get(key=f"review:{review.pk}").fields["link"].rstrip("/").rpartition("/")[2]
    reviews.open_on(review, _DEVICE, now)
    seal = reviews.seal_of(Application.objects.get(pk=made.pk), now)
    reviews.confirm(token, seal=seal, device=_DEVICE, address=ADDRESS, now=now)


def public_body(**form: str) -> dict[str, str]:
    """The fields that make `application(**public_body())` one of a local government."""
    return {
        "kind": "public_body",
        "product": "premium",
        "term_months": "",
        "ksic": "",
        "annual_revenue": "",
        **form,
    }
