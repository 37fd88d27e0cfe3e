"""A shop and its callers, for tests that push finished calls through the pipeline's own verbs.

Calls are stored as the webhook stores them; `decide`, `dispatch` and `fold` run one drain each, as the tasks do.
"""

import itertools
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone
from PIL import Image

from messaging import call_items, decide, dispatch, gateway_account, intake, lookups, reports
from messaging.gateways.base import Gateway
from messaging.models import CallEnd, Message, PromoVersion
from shopmsg.accounts.models import Shop
from tests.factories.accounts import ShopFactory
from tests.factories.messaging import promo_version
from tests.services import running_sandbox

_ids = itertools.count(1)


def with_promo(shop: Shop, **fields: Any) -> PromoVersion:
    """A live 공통형 that also stands behind later ones."""
    return promo_version(shop, **{"live": True, "standing": True, **fields})


def shop_with_promo(**fields: Any) -> Shop:
    shop: Shop = ShopFactory(**fields)
    with_promo(shop)
    return shop


def mobile(number: int) -> str:
    """A caller nobody else in the suite is."""
    return f"0105{number:07d}"


@dataclass
class Network:
    """The telephone network's side: what it tells us of calls to one shop."""

    shop: Shop
    source: str = "kt"
    told: list[str] = field(default_factory=list)

    def ended(
        self,
        caller: str | None,
        *,
        seconds: int = 30,
        answered: bool = True,
        ended_at: datetime | None = None,
        line: str | None = None,
    ) -> str:
        """One call ended; returns its call_id."""
        call_id = f"call-{next(_ids)}"
        ended = ended_at or timezone.now()
        call = call_items.ParsedCall(
            call_id=call_id,
            line=line or self.shop.lines.get().number,
            caller=caller,
            carrier="SKT",
            answered=answered,
            started_at=ended - timedelta(seconds=seconds),
            ended_at=ended,
            notice_played=True,
            digest=call_id.encode().ljust(16)[:16],
        )
        intake.committer.store(self.source, [call])
        self.told.append(call_id)
        return call_id


def decide_all() -> int:
    """Every waiting call gets its verdict."""
    done = 0
    while decided := decide.decide_batch(timezone.now()):
        done += decided
    return done


def dispatch_once(*, held: bool = False, gateway: Gateway | None = None) -> dispatch.Round:
    """One claim → submit → settle, with the gateway's clock where the test's is. `gateway`: one of other patience."""
    running_sandbox().clock(timezone.now())
    return dispatch.dispatch_batch(
        gateway or gateway_account.gateway(), gateway_account.account_name(), timezone.now(), held=held
    )


def look_up() -> int:
    """One round of questions about messages whose fate is open."""
    running_sandbox().clock(timezone.now())
    return lookups.look_up(gateway_account.gateway(), gateway_account.account_name(), timezone.now())


def dispatch_all() -> None:
    """Everything that may go now goes; the gateway's rate limit is waited for, its breaker is not."""
    for _ in range(50):
        dispatch_once(held=True)
        live = dispatch_once()
        if live.dealt:
            continue
        if live.retry_at is None or live.retry_at - timezone.now() > timedelta(seconds=0.5):
            return
        time.sleep(0.05)


def fold_all() -> int:
    done = 0
    while folded := reports.fold_batch(timezone.now()):
        done += folded
    return done


def call_of(call_id: str) -> CallEnd:
    return CallEnd.objects.get(call_id=call_id)


def message_of(call_id: str) -> Message:
    return Message.objects.get(call_id=call_of(call_id).pk)


def verdicts(network: Network) -> list[str]:
    """ "send" or the skip reason of every call told, in order."""
    found = {call.call_id: call for call in CallEnd.objects.filter(call_id__in=network.told)}
    return [found[call_id].reason or str(found[call_id].verdict) for call_id in network.told]


def received(number: str, count: int = 1) -> list[dict[str, Any]]:
    """What the phone got, waiting a moment for the network to bring `count` messages."""
    deadline = time.monotonic() + 5
    while len(found := running_sandbox().inbox(number)) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def photograph() -> bytes:
    """A picture as a phone's camera makes it, for uploads."""
    buffer = BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((1600, 1200)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
