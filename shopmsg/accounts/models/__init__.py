"""Tables of accounts, one file a concern."""

from shopmsg.accounts.models.audit import AuditEntry
from shopmsg.accounts.models.dealership import Dealership
from shopmsg.accounts.models.delegation import Delegation
from shopmsg.accounts.models.login import LoginCode, LoginLink, Throttle
from shopmsg.accounts.models.notice import Notice
from shopmsg.accounts.models.shop import Line, Membership, Merchant, OldSlug, Shop
from shopmsg.accounts.models.user import User

__all__ = [
    "AuditEntry",
    "Dealership",
    "Delegation",
    "Line",
    "LoginCode",
    "LoginLink",
    "Membership",
    "Merchant",
    "Notice",
    "OldSlug",
    "Shop",
    "Throttle",
    "User",
]
