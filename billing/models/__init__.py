"""Tables of billing, one file a concern."""

from billing.models.subscription import Subscription, SubscriptionState

__all__ = ["Subscription", "SubscriptionState"]
