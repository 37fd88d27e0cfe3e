"""Tables of messaging. CallEnd, Message and DeliveryReport are partitioned by KST month (messaging.partitions)."""

from messaging.models.call import CallEnd, CallKey
from messaging.models.caps import QuotaDay, RecipientGuard, ShopNumbers
from messaging.models.editor import DraftEdit, EditState, PromoDraft, Publication, PublicationState
from messaging.models.gateway import GatewayAccount, GatewayPicture, WorkerSeen
from messaging.models.homepage import Announcement, CouponCode, Homepage, LinkOpen, MenuItem, ShopPhoto
from messaging.models.message import DeliveryReport, Message
from messaging.models.optout import Block, OptOut, OptOutEvent
from messaging.models.promo import Picture, PromoVersion

__all__ = [
    "Announcement",
    "Block",
    "CallEnd",
    "CallKey",
    "CouponCode",
    "DeliveryReport",
    "DraftEdit",
    "EditState",
    "GatewayAccount",
    "GatewayPicture",
    "Homepage",
    "LinkOpen",
    "MenuItem",
    "Message",
    "OptOut",
    "OptOutEvent",
    "Picture",
    "PromoDraft",
    "PromoVersion",
    "Publication",
    "PublicationState",
    "QuotaDay",
    "RecipientGuard",
    "ShopNumbers",
    "ShopPhoto",
    "WorkerSeen",
]
