"""조정: credits and corrections. What was charged stays as it is; a note (정정 청구서) puts it right, above a limit only after a
second person's yes.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Sum

from billing import dunning, ledger, party, vat
from billing.enums import EntryKind
from billing.ledger import Posting
from billing.models import Account, Adjustment, AdjustmentKind, AdjustmentState, Invoice
from billing.proration import month_end
from billing.vat import Parts
from shopmsg.accounts import audit
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import Shop, User
from shopmsg.core.clock import kst_day
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.money import format_won

#: Won, whichever way: up to it one person is enough.
LIMIT: Final = 50_000
#: Nobody's bill is that long; more is a slip of the finger.
MOST_KRW: Final = 10_000_000
#: The same again so soon is the same button pressed twice.
_TWICE: Final = timedelta(minutes=10)


class AdjustmentRefused(ShopmsgError):
    """An adjustment that cannot be. Codes: "amount", "direction" (a credit that charges), "reason", "no_account",
    "other_shop", "too_much" (more than the bill was for), "twice", "decided", "same_person",
    "not_admin"."""


def request(
    shop: Shop,
    *,
    kind: AdjustmentKind,
    amount_krw: int,
    reason: str,
    original: Invoice | None = None,
    by: User,
    address: str | None,
    now: datetime,
) -> Adjustment:
    """Ask for an adjustment, won, negative in the shop's favour; `original` is the bill it corrects. Up to LIMIT it is posted
    at once, above it waits for another admin. Raises AdjustmentRefused."""
    reason = " ".join(reason.split())[:200]
    _check(kind, amount_krw, reason)
    with transaction.atomic():
        account = _locked(shop.pk)
        _check_original(account, original, amount_krw)
        asked = Adjustment.objects.filter(
            shop=shop, kind=kind, amount_krw=amount_krw, original=original
        ).exclude(state=AdjustmentState.REJECTED)
        if asked.filter(requested_by=by, reason=reason, requested_at__gt=now - _TWICE).exists():
            raise AdjustmentRefused(
                "twice", "방금 똑같은 조정을 올렸습니다. 하나 더 하려면 이유를 다르게 적어 주세요."
            )
        made = Adjustment.objects.create(
            shop=shop,
            kind=kind,
            amount_krw=amount_krw,
            reason=reason,
            original=original,
            requested_by=by,
            requested_at=now,
        )
        if abs(amount_krw) <= LIMIT:
            _post(made, account, by=by, now=now)
        _record("adjustment.requested", made, by=by, address=address)
        if made.state == AdjustmentState.POSTED:
            _record("adjustment.posted", made, by=by, address=address)
    return made


def check(
    shop: Shop, *, kind: AdjustmentKind, amount_krw: int, reason: str, original: Invoice | None = None
) -> Account:
    """Whether it could be asked for now; returns the shop's account. Raises AdjustmentRefused as `request` does."""
    _check(kind, amount_krw, " ".join(reason.split()))
    account = Account.objects.filter(shop=shop).first()
    if account is None:
        raise _no_account()
    _check_original(account, original, amount_krw)
    return account


def sentence_of(amount_krw: int, original: Invoice | None, reason: str) -> str:
    """What the owner reads of it on the note."""
    won, verb = format_won(abs(amount_krw)), "돌려드려요" if amount_krw < 0 else "더 청구해요"
    if original is None:
        return f"{won}을 {verb}. {reason}"
    month = f"{original.month.year}년 {original.month.month}월"
    return f"{month} 청구서({original.number})를 바로잡아 {won}을 {verb}. {reason}"


def approve(adjustment_id: int, *, by: User, address: str | None, now: datetime) -> Adjustment:
    """승인 by a second person, who must be an admin: posted at once. Raises AdjustmentRefused; Adjustment.DoesNotExist."""
    with transaction.atomic():
        made, account = _waiting(adjustment_id, by)
        # What it was allowed against may have been credited meanwhile.
        _check_original(account, made.original, made.amount_krw, besides=made)
        _post(made, account, by=by, now=now)
        _record("adjustment.posted", made, by=by, address=address)
    return made


def reject(adjustment_id: int, reason: str, *, by: User, address: str | None, now: datetime) -> Adjustment:
    """반려, with a reason. Raises AdjustmentRefused; Adjustment.DoesNotExist."""
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise AdjustmentRefused("reason", "반려하는 이유를 적어 주세요.")
    with transaction.atomic():
        made, _ = _waiting(adjustment_id, by)
        made.state, made.decided_by, made.decided_at = AdjustmentState.REJECTED, by, now
        made.decision_reason = reason
        made.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
        _record("adjustment.rejected", made, by=by, address=address, reason=reason)
    return made


def left_to_credit(original: Invoice, besides: Adjustment | None = None) -> int:
    """Won that may still be credited of that bill: what it was for and what was charged on top, less what was credited or is
    asked for."""
    taken = Adjustment.objects.filter(original=original).exclude(state=AdjustmentState.REJECTED)
    if besides is not None:
        taken = taken.exclude(pk=besides.pk)
    posted = taken.filter(state=AdjustmentState.POSTED).aggregate(won=Sum("amount_krw"))["won"] or 0
    asked = taken.filter(state=AdjustmentState.REQUESTED, amount_krw__lt=0)
    return original.total_krw + posted + (asked.aggregate(won=Sum("amount_krw"))["won"] or 0)


def _check(kind: AdjustmentKind, amount_krw: int, reason: str) -> None:
    if type(amount_krw) is not int or not 0 < abs(amount_krw) <= MOST_KRW:
        raise AdjustmentRefused("amount", f"금액은 1원에서 {format_won(MOST_KRW)}까지 원 단위로 적어 주세요.")
    if kind == AdjustmentKind.CREDIT and amount_krw > 0:
        raise AdjustmentRefused(
            "direction", "돌려드리는 금액은 가게에 더 청구할 수 없습니다. 바로잡음을 골라 주세요."
        )
    if not reason:
        raise AdjustmentRefused("reason", "왜 조정하는지 적어 주세요. 사장님 청구서에 그대로 나옵니다.")


def _check_original(
    account: Account, original: Invoice | None, amount_krw: int, besides: Adjustment | None = None
) -> None:
    if original is None:
        return
    if original.shop_id != account.shop_id:
        raise AdjustmentRefused("other_shop", "다른 가게의 청구서입니다.")
    left = left_to_credit(original, besides)
    if amount_krw < 0 and -amount_krw > left:
        raise AdjustmentRefused(
            "too_much",
            f"이 청구서에서 더 돌려드릴 수 있는 금액은 {format_won(max(0, left))}입니다.",
        )


def _locked(shop_id: int) -> Account:
    try:
        return ledger.locked(shop_id)
    except Account.DoesNotExist:
        raise _no_account() from None


def _no_account() -> AdjustmentRefused:
    return AdjustmentRefused("no_account", "요금제를 쓴 적이 없는 가게입니다.")


def _waiting(adjustment_id: int, by: User) -> tuple[Adjustment, Account]:
    # The account first, as everywhere: two admins who decide at once take turns.
    account = _locked(Adjustment.objects.get(pk=adjustment_id).shop_id)
    made = Adjustment.objects.select_related("original", "shop").get(pk=adjustment_id)
    if made.state != AdjustmentState.REQUESTED:
        raise AdjustmentRefused("decided", "이미 처리한 조정입니다.")
    if by.role != Role.ADMIN:
        raise AdjustmentRefused("not_admin", "관리자만 승인하거나 반려할 수 있습니다.")
    if by.pk == made.requested_by_id:
        raise AdjustmentRefused(
            "same_person", f"{format_won(LIMIT)}이 넘는 조정은 올린 분 말고 두 번째 사람이 처리해야 합니다."
        )
    return made, account


def _post(made: Adjustment, account: Account, *, by: User, now: datetime) -> None:
    original, today = made.original, kst_day(now)
    first, last = (original.month, month_end(original.month)) if original else (today, today)
    kind = AdjustmentKind(made.kind)
    made.note = ledger.post_note(
        account,
        Posting(
            EntryKind(kind.value),
            f"adjustment:{made.pk}",
            _parts(made),
            first,
            last,
            kind.label,
            sentence_of(made.amount_krw, original, made.reason),
        ),
        number=f"N{today:%Y%m}-{made.pk:06d}",
        original=original,
        party=party.snapshot(account),
        by=by,
        now=now,
    )
    made.state, made.decided_by, made.decided_at = AdjustmentState.POSTED, by, now
    made.save(update_fields=["note", "state", "decided_by", "decided_at"])
    if made.amount_krw < 0:
        dunning.after_payment(account, now)


def _parts(made: Adjustment) -> Parts:
    """What takes back all that is left of a bill takes back what is left of its VAT, which need not be the sum's eleventh: VAT
    is rounded once a line."""
    original = made.original
    if original is not None:
        notes = Invoice.objects.filter(original=original).aggregate(
            supply=Sum("supply_krw"), vat=Sum("vat_krw")
        )
        left = Parts(original.supply_krw + (notes["supply"] or 0), original.vat_krw + (notes["vat"] or 0))
        if made.amount_krw == -left.total_krw:
            return Parts(-left.supply_krw, -left.vat_krw)
    return vat.split(made.amount_krw)


def _record(
    action: str, made: Adjustment, *, by: User, address: str | None, reason: str | None = None
) -> None:
    audit.record(
        action,
        actor=by,
        shop=made.shop,
        subject=f"adjustment:{made.pk}",
        reason=made.reason if reason is None else reason,
        detail={"kind": made.kind, "amount_krw": made.amount_krw, "original": made.original_id},
        address=address,
    )
