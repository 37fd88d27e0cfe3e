"""Tables of messaging. CallEnd, Message and DeliveryReport are partitioned by KST month (messaging.partitions)."""

from messaging.models.call import CallEnd, CallKey
from messaging.models.caps import QuotaDay, RecipientGuard, ShopNumbers
from messaging.models.gateway import GatewayAccount, GatewayPicture, WorkerSeen
from messaging.models.message import DeliveryReport, Message
from messaging.models.optout import Block, OptOut, OptOutEvent
from messaging.models.promo import Picture, PromoVersion

__all__ = [
    "Block",
    "CallEnd",
    "CallKey",
    "DeliveryReport",
    "GatewayAccount",
    "GatewayPicture",
    "Message",
    "OptOut",
    "OptOutEvent",
    "Picture",
    "PromoVersion",
    "QuotaDay",
    "RecipientGuard",
    "ShopNumbers",
    "WorkerSeen",
]
