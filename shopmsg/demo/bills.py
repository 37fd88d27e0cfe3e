"""What the demo's shops pay: contracts that began months ago, their invoices month by month, and how they were paid.

Written by the verbs that write it in life, at the moments it would have happened. The last month of two shops is left for
the admin who tries a billing run, and one bill is left unpaid.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from billing import (
    changes,
    dates,
    dunning,
    fees,
    invoicing,
    ledger,
    methods,
    price_list,
    subscriptions,
    usage,
)
from billing.contract import Contract
from billing.enums import Bundle, EventPlan, PayMethod, UsageKind
from billing.models import Account, Invoice, Subscription
from billing.usage import Reported
from shopmsg.accounts.enums import Product
from shopmsg.accounts.models import Shop, User
from shopmsg.core.clock import KST, add_months, kst_day, month_start
from shopmsg.core.money import format_won


@dataclass(frozen=True, slots=True)
class Deal:
    """One shop's contract: begun so many months ago on that day of the month (`days_ago` instead for a young one), paid in
    that way. `raise_after`: raised to 36 months so many months later; `plan`: an event plan since last month's 12th;
    `names_buyer`: who signs for the merchant is known, so that a tax invoice can be made."""

    months_ago: int = 0
    day: int = 1
    days_ago: int | None = None
    term_months: int = 0
    bundle: Bundle = Bundle.NONE
    method: PayMethod = PayMethod.TRANSFER
    raise_after: int = 0
    plan: EventPlan = EventPlan.NONE
    kakao: bool = False
    run_waits: bool = False
    owes_last: bool = False
    names_buyer: bool = True


DEALS: Final = {
    "haetsal": Deal(months_ago=12, term_months=12, raise_after=4, plan=EventPlan.BASIC, kakao=True),
    "gyeol": Deal(
        months_ago=7, day=15, bundle=Bundle.SUCCESS_PACK, method=PayMethod.PHONE_BILL, run_waits=True
    ),
    "motungi": Deal(months_ago=11, day=28, term_months=12, names_buyer=False),
    "bomnal": Deal(months_ago=5, day=10, owes_last=True),
    "hayan": Deal(days_ago=24, term_months=36),
    "hanmaeum": Deal(months_ago=3, day=31, term_months=24, run_waits=True),
}
PAID_BY: Final = {PayMethod.TRANSFER: "계좌 이체로", PayMethod.PHONE_BILL: "KT 전화요금에 합산해서"}
_NOON: Final = timedelta(hours=12)


def load_bills(shop: Shop, admin: User, now: datetime) -> None:
    """The shop's contract and bills up to now; nothing when it has a contract already."""
    deal = DEALS[shop.slug]
    if Subscription.objects.filter(shop=shop).exists():
        return
    today = kst_day(now)
    began = (
        today - timedelta(days=deal.days_ago)
        if deal.days_ago is not None
        else add_months(month_start(today), -deal.months_ago).replace(day=min(deal.day, 28))
    )
    with transaction.atomic():
        _agree(shop, deal, began)
        _use(shop, deal, admin, now)
        _pay_bills(shop, deal, began, today)


def _agree(shop: Shop, deal: Deal, began: date) -> None:
    packed = deal.bundle == Bundle.SUCCESS_PACK
    subscriptions.start(
        shop,
        product=Product.SOHO,
        term_months=deal.term_months,
        bundle=deal.bundle,
        by=None,
        address=None,
        now=_at(began),
        pack_internet="internet" if packed else "",
        pack_parts=["phone", "tv"] if packed else [],
    )
    # The carrier is asked for nothing without a line whose bill it goes on.
    line = methods.lines_of(shop)[0] if deal.method == PayMethod.PHONE_BILL else ""
    owner = shop.first_owner()
    Account.objects.filter(shop=shop).update(
        method=deal.method,
        phone_bill_line=line,
        tax_representative=owner.name if owner is not None and deal.names_buyer else "",
    )
    catalogue = price_list.catalogue()
    if deal.raise_after:
        _change(
            shop,
            lambda contract, on: changes.commit(contract, catalogue, 36, on),
            add_months(began, deal.raise_after),
        )


def _change(shop: Shop, step: Callable[[Contract, date], Contract], on: date) -> None:
    subscriptions.change(shop, step, by=shop.first_owner(), address=None, now=_at(on))


def _use(shop: Shop, deal: Deal, admin: User, now: datetime) -> None:
    today = kst_day(now)
    last_month = add_months(month_start(today), -1)
    if deal.plan != EventPlan.NONE:
        catalogue = price_list.catalogue()
        _change(
            shop,
            lambda contract, on: changes.change_plan(contract, catalogue, deal.plan, on),
            last_month.replace(day=12),
        )
    if not deal.kakao:
        return
    fees.agree(
        shop.merchant,
        kind=UsageKind.ALIMTALK,
        won=8,
        effective_from=month_start(today),
        by=admin,
        address=None,
        now=_at(last_month),
    )
    usage.report(
        [
            Reported(shop.pk, f"demo:{shop.pk}:alimtalk", UsageKind.ALIMTALK, month_start(today), 214),
            Reported(shop.pk, f"demo:{shop.pk}:tv", UsageKind.TOWN_TV, last_month.replace(day=20), 2),
        ],
        now,
    )


def _pay_bills(shop: Shop, deal: Deal, began: date, today: date) -> None:
    """Month by month, as it happens: the bill, and then its payment."""
    month = month_start(began)
    last = add_months(month_start(today), -2 if deal.run_waits else -1)
    while month <= last:
        issued = dates.following(month)
        invoicing.make([shop.pk], month, _at(issued))
        bill = Invoice.objects.get(shop=shop, month=month)
        paid_on = bill.due_on - timedelta(days=2)
        if paid_on <= today and bill.total_krw > 0 and not (deal.owes_last and month == last):
            _pay(shop, deal, bill, paid_on)
        month = issued


def _pay(shop: Shop, deal: Deal, bill: Invoice, paid_on: date) -> None:
    account = ledger.locked(shop.pk)
    ledger.pay(
        account,
        bill.total_krw,
        key=f"demo:{bill.number}",
        method=deal.method,
        paid_on=paid_on,
        label=deal.method.label,
        sentence=f"{PAID_BY[deal.method]} {format_won(bill.total_krw)}을 내셨어요.",
        by=None,
        now=_at(paid_on),
    )
    dunning.after_payment(account, _at(paid_on))


def _at(day: date) -> datetime:
    """Noon in Korea."""
    return datetime(day.year, day.month, day.day, tzinfo=KST) + _NOON
