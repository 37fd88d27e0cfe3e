"""Tables of billing, one file a concern."""

from billing.models.account import Account, DunningStep, Referral, ReferralState
from billing.models.card import Card, CardCancel, CardCharge, CardHint, CardState, ChargeState
from billing.models.ledger import (
    Adjustment,
    AdjustmentKind,
    AdjustmentState,
    Invoice,
    LedgerEntry,
    Usage,
)
from billing.models.offer import ChangeOffer, OfferState
from billing.models.price import AgreedFee, CatalogueKind, CatalogueRow
from billing.models.received import (
    BankImport,
    BankLine,
    BankLineState,
    PhoneBillBatch,
    PhoneBillRow,
    PhoneBillState,
)
from billing.models.run import BillingRun, RunDifference, RunState
from billing.models.subscription import Subscription, SubscriptionChange, SubscriptionState
from billing.models.tax import TaxInvoice, TaxReason

__all__ = [
    "Account",
    "Adjustment",
    "AdjustmentKind",
    "AdjustmentState",
    "AgreedFee",
    "BankImport",
    "BankLine",
    "BankLineState",
    "BillingRun",
    "Card",
    "CardCancel",
    "CardCharge",
    "CardHint",
    "CardState",
    "CatalogueKind",
    "CatalogueRow",
    "ChangeOffer",
    "ChargeState",
    "DunningStep",
    "Invoice",
    "LedgerEntry",
    "OfferState",
    "PhoneBillBatch",
    "PhoneBillRow",
    "PhoneBillState",
    "Referral",
    "ReferralState",
    "RunDifference",
    "RunState",
    "Subscription",
    "SubscriptionChange",
    "SubscriptionState",
    "TaxInvoice",
    "TaxReason",
    "Usage",
]
