"""The naive way, for scale: every call by itself through the ORM, one HTTP request a message. No queue, no batches."""

import time
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from messaging import content
from messaging.compose import Content, Sender
from messaging.enums import Channel, Outcome
from messaging.gateway_account import gateway
from messaging.gateways.base import Outgoing
from messaging.links import new_token
from messaging.models import CallEnd, GatewayPicture, Message, OptOut, PromoVersion
from shopmsg.accounts.enums import Product
from shopmsg.accounts.models import Line
from shopmsg.accounts.sealing import keyring
from shopmsg.core.clock import kst_day


def messages_per_second(lines: list[str], first_caller: int, seconds: float) -> float:
    """Calls handled one after another for that long."""
    began = time.monotonic()
    done = 0
    while time.monotonic() - began < seconds:
        _handle(lines[done % len(lines)], f"010{first_caller + done:08d}", f"naive-{first_caller + done}")
        done += 1
    return done / (time.monotonic() - began)


def _handle(number: str, caller: str, call_id: str) -> None:
    now = timezone.now()
    index = keyring().index(caller)
    line = Line.objects.select_related("shop").get(number=number)
    shop = line.shop
    if OptOut.objects.filter(shop=shop, recipient_index=index, ended_at=None).exists():
        return
    since = now - timedelta(hours=168)
    if Message.objects.filter(shop=shop, recipient_index=index, created_at__gt=since).exists():
        return
    promo = PromoVersion.objects.get(shop=shop, live=True)
    sender = Sender(shop.name, Product(shop.product), number, shop.optout_080, shop.optout_code)
    made = content.composed(Content(promo.headline, promo.body), sender)
    token = new_token()
    text = content.with_link(made.text, token)
    sealed = keyring().seal(caller)
    file_id = GatewayPicture.objects.values_list("file_id", flat=True).get(picture=promo.picture)
    with transaction.atomic():
        call = CallEnd.objects.create(**_call(shop.pk, number, call_id, sealed, index, now))
        message = Message.objects.create(
            created_at=now, shop=shop, call_id=call.pk, kind="promo", priority=2, channel="MMS", state="submitting",
            day=kst_day(now), sender=number, recipient_sealed=sealed, recipient_index=index, text=text, token=token,
            picture_id=promo.picture_id, promo_id=promo.pk, release_at=now, expires_at=now, subject=made.subject,
        )  # fmt: skip
    outgoing = Outgoing(f"{message.pk}-{token}", caller, number, Channel.MMS, text, made.subject, file_id)
    answer = gateway().send([outgoing]).answers[outgoing.ref]
    if answer.outcome is Outcome.ACCEPTED:
        Message.objects.filter(pk=message.pk, created_at=now).update(
            state="accepted", accepted_at=timezone.now(), gateway_id=answer.gateway_id
        )


def _call(shop_id: int, number: str, call_id: str, sealed: bytes, index: bytes, now: Any) -> dict[str, Any]:
    return {
        "received_at": now, "source": "naive", "call_id": call_id, "shop_id": shop_id, "line_number": number,
        "caller_sealed": sealed, "caller_index": index, "caller_last4": call_id[-4:], "caller_carrier": "SKT",
        "answered": True, "started_at": now - timedelta(seconds=60), "ended_at": now, "state": "decided",
        "verdict": "send", "decided_at": now,
    }  # fmt: skip
