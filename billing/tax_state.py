"""세금계산서: which bills of a month need one, and why the others do not.

A bill needs one when its supply value is above 0 (부가가치세법 32조), except where another paper takes its place: a card slip
(33조 2항, 시행령 71조: who was paid by card issues none), and the carrier's own bill for what is put on the phone bill. Of a
bill that was paid by card in part only a person decides. While a card is still to be charged, or the phone bill's file is
not made, a bill waits. What a note changes is billing.tax's.

A charge by card is always of all that is owed then (billing.charges), so the first one after a bill paid what was open of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection
from django.db.models import TextChoices

from billing import dates
from billing.models import PhoneBillBatch

PAGE: Final = 20


class TaxState(TextChoices):
    """Where a bill stands, in the order of the questions asked."""

    SENT = "sent", "파일에 넣음"
    NOTHING = "nothing", "0원"
    MINUS = "minus", "마이너스 금액"
    PHONE = "phone", "KT 전화요금"
    CARD = "card", "카드로 냄"
    CARD_PART = "card_part", "카드로 일부만 냄"
    CARD_WAITING = "card_waiting", "카드 결제를 기다림"
    PHONE_WAITING = "phone_waiting", "전화요금 파일을 기다림"
    BUYER = "buyer", "받는 분 정보 없음"
    READY = "ready", "발급할 것"


#: Why a bill is in no file, and what there is to do.
WHY: Final[Mapping[str, str]] = {
    TaxState.NOTHING: "공급가액이 0원이라 발급하지 않음",
    TaxState.MINUS: "공급가액이 0원보다 작음: 홈택스에서 직접 발급",
    TaxState.PHONE: "KT 전화요금 청구서가 세금계산서를 대신함",
    TaxState.CARD: "카드 매출전표가 세금계산서를 대신함(부가가치세법 33조)",
    TaxState.CARD_PART: "카드로 내지 않은 금액만 홈택스에서 직접 발급",
    TaxState.CARD_WAITING: "카드 결제일까지 기다렸다가, 결제되지 않으면 발급",
    TaxState.PHONE_WAITING: "이달 전화요금 파일을 만든 뒤에 정해짐",
    TaxState.BUYER: "비어 있는 것을 사장님께 여쭤서 채우면 다음 파일에 들어감",
}
#: Those that somebody still has to do something about, or wait for.
OPEN: Final = (
    TaxState.BUYER,
    TaxState.CARD_PART,
    TaxState.MINUS,
    TaxState.CARD_WAITING,
    TaxState.PHONE_WAITING,
)
LEFT_OUT: Final = (*OPEN, TaxState.CARD, TaxState.PHONE, TaxState.NOTHING)

# One line a bill of the month. What the bill says of its buyer counts when the shop has gone over to another merchant since;
# otherwise what the account says now, for what was missing may have been filled in.
_FOUND: Final = """
WITH bill AS (
  SELECT i.*, s.name AS shop_name, s.slug, m.business_number, a.method,
    COALESCE(NULLIF(i.party #>> '{buyer,number}', ''), m.business_number) <> m.business_number AS moved,
    (a.unpaid_since IS NULL OR a.unpaid_since > i.due_on) AS settled,
    a.tax_representative, COALESCE(NULLIF(a.tax_address, ''), s.address) AS address
  FROM billing_invoice i
  JOIN accounts_shop s ON s.id = i.shop_id
  JOIN accounts_merchant m ON m.id = s.merchant_id
  JOIN billing_account a ON a.shop_id = i.shop_id
  WHERE i.month = %(month)s AND i.kind = 'invoice'
), found AS (
  SELECT b.id, b.number, b.shop_name, b.slug, b.business_number, b.total_krw, b.supply_krw, b.vat_krw, b.settled,
    COALESCE(b.party #>> '{buyer,name}', '') AS merchant_name, COALESCE(t.file, '') AS file,
    CASE WHEN b.moved THEN COALESCE(b.party #>> '{buyer,representative}', '') ELSE b.tax_representative END AS representative,
    CASE WHEN b.moved THEN COALESCE(b.party #>> '{buyer,address}', '') ELSE b.address END AS address,
    CASE
      WHEN t.id IS NOT NULL THEN 'sent'
      WHEN b.supply_krw = 0 THEN 'nothing'
      WHEN b.supply_krw < 0 THEN 'minus'
      WHEN p.id IS NOT NULL THEN 'phone'
      WHEN card.won >= b.total_krw THEN 'card'
      WHEN card.won > 0 THEN 'card_part'
      WHEN NOT b.settled AND (
        EXISTS (SELECT FROM billing_cardcharge c
                WHERE c.shop_id = b.shop_id AND c.state IN ('prepared', 'submitting', 'uncertain'))
        OR b.method = 'card' AND %(before_cards)s
      ) THEN 'card_waiting'
      WHEN NOT b.settled AND b.method = 'phone_bill' AND %(before_phone_bill)s THEN 'phone_waiting'
      WHEN '' IN (
        btrim(CASE WHEN b.moved THEN COALESCE(b.party #>> '{buyer,representative}', '') ELSE b.tax_representative END),
        btrim(CASE WHEN b.moved THEN COALESCE(b.party #>> '{buyer,address}', '') ELSE b.address END)
      ) THEN 'buyer'
      ELSE 'ready'
    END AS state
  FROM bill b
  LEFT JOIN billing_taxinvoice t ON t.invoice_id = b.id AND t.reason = '' AND t.part = 1
  LEFT JOIN billing_phonebillrow p
    ON p.batch_id = %(batch)s AND p.shop_id = b.shop_id AND p.state <> 'failed'
  LEFT JOIN LATERAL (
    SELECT -e.amount_krw
      - COALESCE((SELECT SUM(x.amount_krw) FROM billing_cardcharge c JOIN billing_cardcancel x ON x.charge_id = c.id
                  WHERE c.entry_id = e.id AND x.entry_id IS NOT NULL), 0)
      - COALESCE((SELECT SUM(n.total_krw) FROM billing_invoice n
                  WHERE n.shop_id = b.shop_id AND n.total_krw > 0 AND (n.due_on, n.id) > (b.due_on, b.id)
                    AND n.created_at < e.posted_at), 0) AS won
    FROM billing_ledgerentry e
    WHERE e.shop_id = b.shop_id AND e.kind = 'payment' AND e.method = 'card' AND e.posted_at >= b.created_at
    ORDER BY won DESC LIMIT 1
  ) card ON true
)
"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many bills stand so, and what they come to."""

    bills: int
    supply_krw: int
    vat_krw: int


@dataclass(frozen=True, slots=True)
class Row:
    """A bill of the list. `missing`: what its buyer lacks."""

    number: str
    shop_name: str
    slug: str
    merchant_name: str
    supply_krw: int
    vat_krw: int
    state: TaxState
    missing: tuple[str, ...]
    file: str

    @property
    def why(self) -> str:
        """Why it is in no file, "" when it is or will be."""
        lacks = f"{', '.join(self.missing)} 없음. " if self.missing else ""
        return lacks + WHY.get(self.state, "")


def counts(month: date, today: date) -> dict[TaxState, Count]:
    """Every state with its bills of that month; one query."""
    found = dict.fromkeys(TaxState, Count(0, 0, 0))
    rows = _ask(
        "SELECT state, COUNT(*), SUM(supply_krw), SUM(vat_krw) FROM found GROUP BY state", month, today, {}
    )
    for state, bills, supply, vat in rows:
        found[TaxState(state)] = Count(bills, int(supply), int(vat))
    return found


def listed(
    month: date, today: date, states: Sequence[TaxState], words: str, page: int
) -> tuple[list[Row], bool]:
    """A page (from 1) of the bills that stand so, found by shop, merchant, business number or bill number; whether there
    are more."""
    digits = "".join(sign for sign in words if sign.isdigit())
    asked = {
        "states": list(states),
        "words": "".join(f"\\{sign}" if sign in "%_\\" else sign for sign in words),
        "digits": digits if len(digits) >= 3 else "",
        "limit": PAGE + 1,
        "offset": (page - 1) * PAGE,
    }
    rows = _ask(
        """SELECT number, shop_name, slug, merchant_name, supply_krw, vat_krw, state, representative, address, file
        FROM found
        WHERE state = ANY(%(states)s) AND (
          %(words)s = '' OR shop_name ILIKE '%%' || %(words)s || '%%' OR merchant_name ILIKE '%%' || %(words)s || '%%'
          OR number ILIKE %(words)s || '%%' OR %(digits)s <> '' AND business_number LIKE '%%' || %(digits)s || '%%')
        ORDER BY array_position(%(states)s, state), shop_name, id LIMIT %(limit)s OFFSET %(offset)s""",
        month,
        today,
        asked,
    )
    found = [_row(*row) for row in rows]
    return found[:PAGE], len(found) > PAGE


def ready(month: date, today: date, most: int) -> dict[int, bool]:
    """{bill's id: whether it is paid} of those that can go into a file now, in the order of their numbers."""
    return dict(
        _ask(
            "SELECT id, settled FROM found WHERE state = 'ready' ORDER BY number LIMIT %(most)s",
            month,
            today,
            {"most": most},
        )
    )


def _row(
    number: str, shop: str, slug: str, merchant: str, supply: int, vat: int,
    state: str, representative: str, address: str, file: str,
) -> Row:  # fmt: skip
    named = {"대표자": representative, "사업장 주소": address}
    lacks = tuple(name for name, value in named.items() if not value.strip()) if state == "buyer" else ()
    return Row(number, shop, slug, merchant, supply, vat, TaxState(state), lacks, file)


def _ask(question: str, month: date, today: date, more: dict[str, Any]) -> list[tuple[Any, ...]]:
    batch = PhoneBillBatch.objects.filter(month=month).values_list("pk", flat=True).first()
    asked = {
        "month": month,
        "batch": batch,
        "before_cards": today <= dates.charged_on(month),
        "before_phone_bill": batch is None,
        **more,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FOUND + question, asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
