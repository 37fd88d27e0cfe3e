"""세금계산서: which bills need one, what goes into a file and stays there, what a note corrects."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import override_settings

from billing import adjustments, ledger, tax, tax_line, tax_numbers, tax_state
from billing.enums import EntryKind, PayMethod
from billing.models import (
    Account,
    AdjustmentKind,
    Card,
    CardCharge,
    Invoice,
    PhoneBillBatch,
    PhoneBillRow,
    TaxInvoice,
    TaxReason,
)
from billing.tax import TaxRefused
from billing.tax_numbers import Wanted
from billing.tax_state import TaxState
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import Shop, User
from tests.factories.accounts import MerchantFactory, ShopFactory, StaffFactory
from tests.factories.billing import billed, noon, subscribed

pytestmark = pytest.mark.django_db
MONTH = date(2026, 11, 1)
#: Behind the day cards are charged on, before the 10th.
TODAY = date(2026, 12, 7)
NOW = noon(TODAY)
NUMBER = "202612074100000012345678"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moment:
        yield moment


@pytest.fixture
def admin() -> User:
    return StaffFactory(role=Role.ADMIN)


def owing(name: str = "행복치킨", **fields: Any) -> Invoice:
    """November's bill of 19,800 won of a shop whose buyer is complete unless `fields` of its account say otherwise."""
    shop: Shop = ShopFactory(name=name)
    with time_machine.travel(noon(date(2026, 10, 1)), tick=False):
        subscribed(shop, date(2026, 10, 1))
    made = billed(shop, MONTH)
    said = {"tax_representative": "김사장", "tax_address": "서울특별시 마포구 예시로 2", **fields}
    Account.objects.filter(shop=shop).update(**said)
    assert made.total_krw == 19_800
    return made


def pay(bill: Invoice, won: int, method: PayMethod, day: date = TODAY) -> None:
    ledger.pay(
        Account.objects.get(shop=bill.shop), won, key=f"paid:{bill.pk}:{method}:{won}", method=method, paid_on=day,
        label="납부", sentence="", by=None, now=noon(day),
    )  # fmt: skip


def state(bill: Invoice, today: date = TODAY) -> TaxState:
    rows, _ = tax_state.listed(MONTH, today, tuple(TaxState), bill.number, 1)
    return rows[0].state


def sent(admin: User) -> list[str]:
    return tax.export(MONTH, by=admin, address=None, now=NOW)


def code(admin: User) -> str:
    with pytest.raises(TaxRefused) as refused:
        sent(admin)
    return refused.value.code


def test_a_bill_with_a_supply_value_needs_one_and_a_free_month_none() -> None:
    assert state(owing()) == TaxState.READY
    shop = ShopFactory()
    subscribed(shop, date(2026, 11, 1))
    assert state(billed(shop, MONTH)) == TaxState.NOTHING


def test_a_card_slip_takes_its_place_for_what_was_paid_by_card() -> None:
    whole, part, by_transfer = owing("하나"), owing("둘"), owing("셋")
    owed = Account.objects.get(shop=whole.shop).balance_krw
    pay(whole, owed, PayMethod.CARD)
    pay(part, 5_000, PayMethod.CARD)
    pay(by_transfer, owed, PayMethod.TRANSFER)
    assert [state(bill) for bill in (whole, part, by_transfer)] == [
        TaxState.CARD,
        TaxState.CARD_PART,
        TaxState.READY,
    ]


def test_a_card_is_waited_for_until_the_day_it_is_charged_on_and_while_a_charge_runs() -> None:
    bill = owing(method=PayMethod.CARD)
    assert state(bill, date(2026, 12, 5)) == TaxState.CARD_WAITING
    assert state(bill, date(2026, 12, 6)) == TaxState.READY
    card = Card.objects.create(
        shop=bill.shop, customer_key="c", billing_key_sealed=b"k", fingerprint=b"f" * 32, created_at=NOW
    )
    CardCharge.objects.create(
        shop=bill.shop, card=card, invoice=bill, state="uncertain", amount_krw=19_800, order_id="o",
        idempotency_key="i", created_at=NOW, next_at=NOW,
    )  # fmt: skip
    assert state(bill) == TaxState.CARD_WAITING


def test_what_kt_bills_needs_none_and_what_kt_could_not_bill_does(admin: User) -> None:
    kept, failed, late = (owing(name, method=PayMethod.PHONE_BILL) for name in ("하나", "둘", "셋"))
    assert state(kept) == TaxState.PHONE_WAITING
    batch = PhoneBillBatch.objects.create(month=MONTH, by=admin, created_at=NOW)
    for bill, said in ((kept, "exported"), (failed, "failed")):
        PhoneBillRow.objects.create(
            batch=batch, shop=bill.shop, invoice=bill, line="0212345678", amount_krw=1, state=said
        )
    assert [state(bill) for bill in (kept, failed, late)] == [TaxState.PHONE, TaxState.READY, TaxState.READY]


def test_a_buyer_without_representative_or_address_is_named_left_out_and_taken_up_once_filled_in(
    admin: User,
) -> None:
    whole = owing("온전한가게")
    bare = owing("빈가게", tax_representative="", tax_address="")
    Shop.objects.filter(pk=bare.shop_id).update(address="")
    sent(admin)
    rows, more = tax_state.listed(MONTH, TODAY, tax_state.LEFT_OUT, "", 1)
    assert [(row.shop_name, row.missing) for row in rows] == [("빈가게", ("대표자", "사업장 주소"))]
    assert not more
    assert [row.invoice for row in TaxInvoice.objects.all()] == [whole]

    Account.objects.filter(shop=bare.shop).update(tax_representative="이사장", tax_address="부산")
    assert sent(admin) == ["2026-11-002"]
    assert [row.invoice for row in tax.lines("2026-11-001")] == [whole]
    assert [row.invoice for row in tax.lines("2026-11-002")] == [bare]
    assert code(admin) == "nothing"


def test_a_file_stays_as_it_was_made_and_says_who_the_bill_was_for(admin: User) -> None:
    bill = owing()
    moved = owing("옮긴가게")
    before = moved.shop.merchant.business_number
    billed(moved.shop, date(2026, 12, 1), noon(date(2027, 1, 2)))
    Shop.objects.filter(pk=moved.shop_id).update(merchant=MerchantFactory())
    Account.objects.filter(shop=moved.shop).update(tax_representative="새사장")
    (name,) = sent(admin)
    (later,) = tax.export(date(2026, 12, 1), by=admin, address=None, now=noon(date(2027, 1, 7)))
    said = {row.invoice_id: row.said for row in tax.lines(name)}
    Account.objects.filter(shop=bill.shop).update(tax_representative="박사장")
    assert {row.invoice_id: row.said for row in tax.lines(name)} == said
    assert said[bill.pk]["buyer"]["representative"] == "김사장"
    # November's bill was made before anybody had named a representative, and the new merchant's is not theirs.
    assert moved.pk not in said
    (row,) = tax.lines(later)
    assert (row.said["buyer"]["number"], row.said["buyer"]["representative"]) == (before, "김사장")


def test_a_bill_says_its_lines_as_at_most_four_items_that_add_up() -> None:
    entries = [
        (EntryKind.SERVICE, 6_000, 600), (EntryKind.SERVICE, 9_000, 900), (EntryKind.PLAN, 0, 0),
        (EntryKind.USAGE, 100, 10), (EntryKind.REFUND, 55_200, 5_520), (EntryKind.PLAN, 26_364, 2_636),
        (EntryKind.CREDIT, -1_000, -100),
    ]  # fmt: skip
    items = tax_line.items_of([(str(kind), supply, vat) for kind, supply, vat in entries])
    assert [name for name, *_ in items] == ["이용료", "이벤트 요금제", "할인반환금", "사용료 · 요금 정정"]
    assert sum(item[1] for item in items) == sum(entry[1] for entry in entries)
    assert sum(item[2] for item in items) == sum(entry[2] for entry in entries)


def test_files_have_a_hundred_lines_and_go_on_counting(admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        owing(f"가게{number}")
    monkeypatch.setattr(tax, "LINES", 2)
    assert sent(admin) == ["2026-11-001", "2026-11-002"]
    assert [tax.lines(name).count() for name in ("2026-11-001", "2026-11-002")] == [2, 1]
    with override_settings(SUPPLIER={**settings.SUPPLIER, "representative": ""}):
        assert code(admin) == "supplier"


def adjusted(bill: Invoice, won: int, admin: User, original: Invoice | None) -> Invoice:
    made = adjustments.request(
        bill.shop, kind=AdjustmentKind.CORRECTION, amount_krw=won, reason="바로잡음", original=original, by=admin,
        address=None, now=NOW,
    )  # fmt: skip
    assert made.note is not None
    return made.note


def test_a_note_corrects_what_went_out_by_its_difference_once_the_approval_number_is_known(
    admin: User,
) -> None:
    bill, left_out = owing(), owing("카드가게")
    pay(left_out, Account.objects.get(shop=left_out.shop).balance_krw, PayMethod.CARD)
    sent(admin)
    note = adjusted(bill, -2_200, admin, bill)
    goodwill = adjusted(bill, -1_100, admin, None)
    adjusted(left_out, -2_200, admin, left_out)

    found = list(tax.notes_to_correct(NOW))
    assert [(row["number"], row["supply"], row["vat"]) for row in found] == [
        (note.number, -2_000, -200),
        (goodwill.number, -1_000, -100),
    ]
    with pytest.raises(TaxRefused) as refused:
        tax.export_corrections(by=admin, address=None, now=NOW)
    assert refused.value.code == "no_number"

    original = TaxInvoice.objects.get(invoice=bill)
    tax.keep_numbers({original.pk: NUMBER}, by=admin, address=None)
    name = tax.export_corrections(by=admin, address=None, now=NOW)
    rows = list(tax.lines(name))
    assert [(row.reason, row.written_on, row.supply_krw, row.vat_krw, row.corrects) for row in rows] == [
        (TaxReason.CHANGED, TODAY, -2_000, -200, original),
        (TaxReason.CHANGED, TODAY, -1_000, -100, original),
    ]
    assert not tax.notes_to_correct(NOW).exists()


def test_a_mistake_is_taken_back_and_said_again_a_rescission_is_taken_back_on_its_day(admin: User) -> None:
    bill, other = owing(), owing("둘째가게")
    sent(admin)
    Account.objects.filter(shop=bill.shop).update(tax_representative="바른이름")
    first, second = (TaxInvoice.objects.get(invoice=each) for each in (bill, other))

    def correct(row: TaxInvoice, reason: str, on: date | None = None) -> list[TaxInvoice]:
        return tax.correct(row.pk, reason, on, by=admin, address=None, now=NOW)

    minus, right = correct(first, TaxReason.ERROR)
    assert [(row.supply_krw, row.vat_krw, row.written_on) for row in (minus, right)] == [
        (-18_000, -1_800, first.written_on),
        (18_000, 1_800, first.written_on),
    ]
    assert [row.said["buyer"]["representative"] for row in (minus, right)] == ["김사장", "바른이름"]
    with pytest.raises(TaxRefused, match="이미"):
        correct(first, TaxReason.TWICE)
    with pytest.raises(TaxRefused, match="해제일"):
        correct(second, TaxReason.RESCINDED, date(2026, 11, 29))
    (gone,) = correct(second, TaxReason.RESCINDED, date(2026, 12, 2))
    assert (gone.written_on, gone.supply_krw) == (date(2026, 12, 2), -18_000)


@pytest.mark.parametrize(
    ("typed", "why"),
    [("2026120741000000123456", "24자리"), ("2026133841000000-12345678", "날짜"), ("20270101-41000000-12345678", "날짜")],
)  # fmt: skip
def test_what_is_no_approval_number_is_refused(typed: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        tax_numbers.parse(typed, TODAY)


def test_a_pasted_list_is_read_by_bill_by_business_or_in_the_order_of_the_file() -> None:
    def number(last: int) -> str:
        return f"20261207-41000000-{last:08d}"

    wanted = [
        Wanted(1, "202611-000001", "1248100998", MONTH),
        Wanted(2, "202611-000002", "2208162517", MONTH),
        Wanted(3, "202611-000003", "2208162517", MONTH),
    ]
    said = (
        f"작성일자\t승인번호\t등록번호\n2026-11-30\t{number(1)}\t124-81-00998\n{number(2)}\t202611-000002\n"
    )
    assert tax_numbers.pasted(said, wanted, TODAY).numbers == {
        1: number(1).replace("-", ""),
        2: number(2).replace("-", ""),
    }
    alone = "\n".join(number(each) for each in (1, 2, 3))
    assert list(tax_numbers.pasted(alone, wanted, TODAY).numbers) == [1, 2, 3]
    assert tax_numbers.pasted(number(1), wanted, TODAY).problems
    (problem,) = tax_numbers.pasted(f"{number(1)} 2208162517", wanted, TODAY).problems
    assert "2줄" in problem
