"""추천 (rules.md §3): a shop that tells another of us. When the new shop has paid its first bill, both get a month free: of their
event plan, or for who has none of the service itself, as a note in their favour.

Once a pair, and never within one merchant, one owner's mobile or one card. Who may not is kept with the reason.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from billing import dunning, history, ledger, notify, party, price_list, subscriptions, vat
from billing.catalogue import Catalogue
from billing.enums import EntryKind, InvoiceKind
from billing.ledger import Posting
from billing.models import Account, Card, Invoice, LedgerEntry, Referral, ReferralState
from billing.proration import plan_on, quote_on
from shopmsg.accounts import audit
from shopmsg.accounts.enums import MemberRole, NoticeKind
from shopmsg.accounts.models import Membership, Shop
from shopmsg.core.clock import format_day, kst_day
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.money import format_won

#: Any constant will do: rewards are given one at a time, so that a pair cannot get two at once.
_ONE_AT_A_TIME: Final = 5_348_415_545
_CODE: Final = re.compile(r"[A-Z0-9]{6,8}")
_SAME_CARD: Final = "두 가게가 같은 카드로 내서 드릴 수 없어요."
_REFERRER_GONE: Final = "추천한 가게가 해지해서 새 가게에만 드렸어요."
_NEW_GONE: Final = "새 가게가 해지해서 추천한 가게에만 드렸어요."
_BOTH_GONE: Final = "두 가게가 모두 해지해서 드리지 못했어요."


class ReferralRefused(ShopmsgError):
    """A code that brings nobody. Codes: "unknown_code", "oneself"."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month free: of what, and won a month with VAT."""

    what: str
    won: int


def code_of(shop: Shop) -> str:
    """The shop's own code, six letters and digits; "" before its first subscription."""
    return Account.objects.filter(shop=shop).values_list("referral_code", flat=True).first() or ""


def read_code(typed: str) -> str:
    """The code in what somebody typed or followed, "" when it can be none."""
    code = re.sub(r"[\s-]", "", typed).upper()
    return code if _CODE.fullmatch(code) else ""


def bring(shop: Shop, code: str, now: datetime) -> Referral:
    """추천 코드 at the start of `shop`'s first subscription, in the caller's transaction. Once for each shop: the first code
    counts. A pair that may not is kept as refused, with the reason.

    Raises ReferralRefused for a code that is nobody's, and for the shop's own.
    """
    before = Referral.objects.filter(shop=shop).first()
    if before is not None:
        return before
    found = Account.objects.select_related("shop").filter(referral_code=read_code(code) or "-").first()
    if found is None:
        raise ReferralRefused("unknown_code", f"추천 코드 {code.strip()[:12]}는 없는 코드입니다.")
    if found.shop_id == shop.pk:
        raise ReferralRefused("oneself", "추천 코드가 이 가게 자신의 것입니다.")
    why = _refusal(shop, found.shop)
    made, _ = Referral.objects.get_or_create(
        shop=shop,
        defaults={
            "referrer": found.shop,
            "state": ReferralState.REFUSED if why else ReferralState.WAITING,
            "refused_for": why,
            "created_at": now,
            "settled_at": now if why else None,
        },
    )
    return made


def month_of(shop: Shop, catalogue: Catalogue, now: datetime) -> Month | None:
    """What a month free is worth to this shop today; None without a running contract."""
    running = subscriptions.current(shop)
    if running is None:
        return None
    today = kst_day(now)
    contract = history.contract_of(running)
    plan = plan_on(contract, catalogue, today)
    if plan is not None and plan.monthly_krw:
        return Month(plan.plan.label, plan.monthly_krw)
    quote = quote_on(contract, catalogue, today)
    return Month(quote.product.label, quote.monthly_krw)


def settle_due(now: datetime) -> int:
    """Give what is due: to every waiting pair whose new shop has paid its first bill. Each in a transaction of its own;
    returns how many were settled, either way. Harmless when repeated, and by two at once."""
    paid = LedgerEntry.objects.filter(shop=OuterRef("shop"), kind=EntryKind.PAYMENT)
    waiting = Referral.objects.filter(Exists(paid), state=ReferralState.WAITING).order_by("pk")
    settled = 0
    for pk in list(waiting.values_list("pk", flat=True)):
        with transaction.atomic():
            settled += _settle(pk, now)
    return settled


def _settle(pk: int, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
    referral = Referral.objects.select_related("shop", "referrer").get(pk=pk)
    # In the order of everybody who locks several: accounts by key, as a billing run does, then shops.
    both = [referral.shop_id, referral.referrer_id]
    rows = Account.objects.select_for_update(no_key=True, of=("self",)).select_related("shop__merchant")
    accounts = {account.shop_id: account for account in rows.filter(shop__in=both).order_by("pk")}
    list(Shop.objects.select_for_update(no_key=True).filter(pk__in=both).order_by("pk"))
    if referral.state != ReferralState.WAITING or not _first_bill_paid(accounts[referral.shop_id]):
        return 0
    why = _refusal(referral.shop, referral.referrer, referral)
    referral.state = ReferralState.REFUSED if why else ReferralState.REWARDED
    if not why:
        why = _reward(referral, accounts, now)
    referral.refused_for, referral.settled_at = why, now
    referral.save(update_fields=["state", "refused_for", "settled_at"])
    if referral.state == ReferralState.REWARDED:
        for account in accounts.values():
            dunning.after_payment(account, now)
    for shop in (referral.shop, referral.referrer):
        audit.record(
            f"referral.{referral.state}", actor=None, shop=shop, subject=f"referral:{pk}", reason=why
        )
    return 1


def _reward(referral: Referral, accounts: dict[int, Account], now: datetime) -> str:
    """A note for each side that still has a contract; returns what is to be said of the other."""
    catalogue, today = price_list.catalogue(), kst_day(now)
    sides = ((1, referral.shop, referral.referrer), (2, referral.referrer, referral.shop))
    months = {side: month_of(shop, catalogue, now) for side, shop, _ in sides}
    for side, shop, other in sides:
        month = months[side]
        if month is None:
            continue
        account = accounts[shop.pk]
        brought = (
            f"‘{other.name}’ 가게의 추천으로 오셔서" if side == 1 else f"‘{other.name}’ 가게를 추천해 주셔서"
        )
        posting = Posting(
            kind=EntryKind.REFERRAL,
            key=f"referral:{referral.pk}:{side}",
            parts=vat.split(-month.won),
            first=today,
            last=today,
            label="추천 한 달 무료",
            sentence=f"{brought} {month.what} 한 달 요금 {format_won(month.won)}을 빼 드렸어요.",
            detail={"referral": referral.pk, "what": month.what},
        )
        ledger.post_note(
            account,
            posting,
            number=f"R{today:%Y%m}-{referral.pk}-{side}",
            original=None,
            party=party.snapshot(account),
            by=None,
            now=now,
        )
        notify.tell(
            shop,
            NoticeKind.REFERRAL_REWARDED,
            key=f"referral:{referral.pk}:{side}",
            fields={"amount": format_won(month.won)},
            now=now,
        )
    if months[1] is None and months[2] is None:
        referral.state = ReferralState.REFUSED
        return _BOTH_GONE
    if months[1] is None:
        return _NEW_GONE
    return _REFERRER_GONE if months[2] is None else ""


def _first_bill_paid(account: Account) -> bool:
    """Whether the first invoice above 0 is settled, with money of their own."""
    first = (
        Invoice.objects.filter(shop_id=account.shop_id, kind=InvoiceKind.INVOICE, total_krw__gt=0)
        .order_by("due_on", "pk")
        .first()
    )
    if first is None or any(one.invoice.pk == first.pk for one in ledger.open_invoices(account)):
        return False
    return ledger.sums(account.shop)[1] > 0


def _refusal(new: Shop, referrer: Shop, itself: Referral | None = None) -> str:
    """Why this pair gets nothing, "" when nothing is in the way."""
    if new.merchant_id == referrer.merchant_id:
        return "같은 사업자의 가게라서 드릴 수 없어요."
    owners = Membership.objects.filter(role=MemberRole.OWNER)
    mobiles = owners.filter(shop=referrer).values("user__mobile")
    if owners.filter(shop=new, user__mobile__in=mobiles).exists():
        return "두 가게 사장님의 휴대폰 번호가 같아서 드릴 수 없어요."
    cards = Card.objects.filter(shop=referrer).values("fingerprint")
    if Card.objects.filter(shop=new, fingerprint__in=cards).exists():
        return _SAME_CARD
    pair = Q(shop__merchant=new.merchant_id, referrer__merchant=referrer.merchant_id)
    turned = Q(shop__merchant=referrer.merchant_id, referrer__merchant=new.merchant_id)
    others = Referral.objects.filter(pair | turned).exclude(state=ReferralState.REFUSED)
    if itself is not None:
        others = others.exclude(pk=itself.pk).filter(Q(pk__lt=itself.pk) | Q(state=ReferralState.REWARDED))
    before = others.order_by("pk").first()
    if before is not None:
        on = format_day(kst_day(before.created_at))
        return f"두 사업자는 {on}에 이미 추천을 주고받아서 드릴 수 없어요."
    return ""
