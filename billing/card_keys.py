"""자동 결제 카드: a shop's card from its registration to its end. No card number ever reaches us: the owner types it at the payment
company, and what we hold is a billing key (빌링키), sealed.

A shop has one active card at most. One that was replaced or removed stays as a row; its key is forgotten at the payment company
as well, by `forget_removed`, once nothing that it was asked for is open any more.
"""

import uuid
from datetime import datetime
from typing import Final

import structlog
from django.db import transaction
from django.db.models import QuerySet

from billing import ledger
from billing.cards import CardError, IssuedKey
from billing.cards.connect import gateway
from billing.enums import PayMethod
from billing.models import Account, Card, CardCharge, CardState, ChargeState
from shopmsg.accounts import audit
from shopmsg.accounts.models import Shop, User
from shopmsg.accounts.sealing import keyring
from shopmsg.core.errors import ShopmsgError

log = structlog.get_logger(__name__)

#: Charges that may still need their card's key.
OPEN: Final = (ChargeState.PREPARED, ChargeState.SUBMITTING, ChargeState.UNCERTAIN)
#: 확인 필요: what the payment company's word alone is worth; the next charge decides.
SAID_TO_BE_GONE: Final = "카드사에서 이 카드를 더 쓸 수 없다고 알려 왔어요. 다음 결제 때 확인해요."


class CardRefused(ShopmsgError):
    """What cannot be done with a card. Codes: "under_way", "no_card"."""


def begin() -> str:
    """카드 등록 시작: the customer key for one registration, at random. Whoever comes back from the card page must bring it, so
    it is kept in their session before they leave."""
    return str(uuid.uuid4())


def register(
    shop: Shop, auth_key: str, customer_key: str, *, by: User, address: str | None, now: datetime
) -> Card:
    """Trade the card page's one-time key for a billing key, store that at once, and let the card replace the one before; from
    then on the shop pays by card. `customer_key` is the one that `begin` gave to this person for this shop.

    Coming back twice with the same keys is one registration. Raises CardError (nothing is charged by registering): with
    UNCERTAIN and RETRY_LATER the same call may be made again. Asks the outside world, so not inside a transaction.
    """
    known = Card.objects.filter(shop=shop, customer_key=customer_key).first()
    if known is not None:
        return known
    issued = gateway().issue(auth_key, customer_key)
    with transaction.atomic():
        account = ledger.locked(shop.pk)
        known = Card.objects.filter(shop=shop, customer_key=customer_key).first()
        if known is not None:
            return known
        _end(Card.objects.filter(shop=shop).exclude(state=CardState.REMOVED), now)
        card = Card.objects.create(
            shop=shop,
            customer_key=customer_key,
            billing_key_sealed=keyring().seal(issued.billing_key),
            key_index=index_of(issued.billing_key),
            number=issued.number_masked[:24],
            issuer=issued.issuer_name[:30],
            fingerprint=_fingerprint(issued),
            by=by,
            created_at=now,
        )
        account.method = PayMethod.CARD
        account.save(update_fields=["method"])
        audit.record("card.registered", actor=by, shop=shop, subject=f"card:{card.pk}", address=address)
    return card


def remove(shop: Shop, *, by: User, address: str | None, now: datetime) -> None:
    """카드 지우기. Raises CardRefused while a charge of it is under way, and without a card."""
    with transaction.atomic():
        account = ledger.locked(shop.pk)
        cards = Card.objects.filter(shop=shop).exclude(state=CardState.REMOVED)
        newest = cards.order_by("-pk").first()
        if newest is None:
            raise CardRefused("no_card", "등록된 카드가 없어요.")
        if CardCharge.objects.filter(shop=shop, state__in=OPEN).exists():
            raise CardRefused(
                "under_way", "지금 카드 결제를 확인하고 있어요. 끝난 다음에 카드를 지울 수 있어요."
            )
        _end(cards, now)
        if account.method == PayMethod.CARD:
            account.method = PayMethod.NONE
            account.save(update_fields=["method"])
        audit.record("card.removed", actor=by, shop=shop, subject=f"card:{newest.pk}", address=address)


def leave_behind(shop: Shop, now: datetime) -> None:
    """양도: the shop goes to another owner, and the card is the old one's. In the caller's transaction, before the shop's row is
    locked; the caller records it. A charge that is under way is still found out about, and no other is made."""
    account = Account.objects.select_for_update(no_key=True).filter(shop=shop).first()
    if account is None:
        return
    _end(Card.objects.filter(shop=shop).exclude(state=CardState.REMOVED), now)
    if account.method == PayMethod.CARD:
        account.method = PayMethod.NONE
        account.save(update_fields=["method"])


def mark_broken(card: Card, why: str, now: datetime) -> None:
    """쓸 수 없음: a charge proved it. In the caller's transaction, with the account locked."""
    Card.objects.filter(pk=card.pk, state=CardState.ACTIVE).update(
        state=CardState.BROKEN, broken_for=why[:120], ended_at=now
    )


def mark_working(card: Card) -> None:
    """A charge went through: what was said against the card is void."""
    Card.objects.filter(pk=card.pk, state=CardState.ACTIVE).exclude(broken_for="").update(broken_for="")


def mark_doubtful(billing_key: str) -> bool:
    """확인 필요: somebody who knows its key says that the card is gone. Returns whether it is one of ours."""
    cards = Card.objects.filter(key_index__in=_indexes(billing_key))
    cards.filter(state=CardState.ACTIVE).update(broken_for=SAID_TO_BE_GONE)
    return cards.exists()


def active(shop_id: int) -> Card | None:
    """The card that the shop is charged on."""
    return Card.objects.filter(shop_id=shop_id, state=CardState.ACTIVE).first()


def on_file(account: Account) -> Card | None:
    """The card that the owner knows of, also one that broke."""
    return (
        Card.objects.filter(shop_id=account.shop_id).exclude(state=CardState.REMOVED).order_by("-pk").first()
    )


def billing_key_of(card: Card) -> str:
    """The key in the clear, for a call that is about to be made. Raises CryptoError."""
    return keyring().open(card.billing_key_sealed)


def index_of(billing_key: str) -> bytes:
    return keyring().index(f"billing-key:{billing_key}")


def forget_removed(now: datetime, most: int = 100) -> int:
    """Let the payment company forget the keys of removed cards, at most so many; returns how many are gone. One that could not
    be asked about is asked about again next time."""
    cards = (
        Card.objects.filter(state=CardState.REMOVED)
        .exclude(billing_key_sealed=b"")
        .exclude(charges__state__in=OPEN)
        .order_by("ended_at", "pk")[:most]
    )
    gone = 0
    for card in list(cards):
        try:
            gateway().remove(billing_key_of(card))
        except CardError as error:
            log.warning("card_not_forgotten", card=card.pk, code=error.code)
            # Those behind it get their turn first.
            Card.objects.filter(pk=card.pk).update(ended_at=now)
            continue
        Card.objects.filter(pk=card.pk).update(billing_key_sealed=b"", key_index=b"")
        gone += 1
    return gone


def _end(cards: QuerySet[Card], now: datetime) -> None:
    cards.update(state=CardState.REMOVED, ended_at=now)


def _fingerprint(issued: IssuedKey) -> bytes:
    return keyring().index(f"card:{issued.issuer_code}:{issued.number_masked}")


def _indexes(billing_key: str) -> tuple[bytes, ...]:
    return keyring().indexes(f"billing-key:{billing_key}")
