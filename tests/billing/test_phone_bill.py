"""KT 전화요금 합산: asked for once, frozen, answered row by row (issue 5)."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection

from billing import ledger, phone_bill, phone_bill_file
from billing.bank_read import FileRefused
from billing.enums import PayMethod
from billing.models import Account, PhoneBillBatch, PhoneBillRow
from billing.phone_bill import PhoneBillRefused, Taken
from shopmsg.accounts.enums import NoticeKind, Role
from shopmsg.accounts.models import Notice, User
from shopmsg.core.spreadsheets import rows
from tests.core.test_spreadsheets import xlsx
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory
from tests.factories.billing import billed, noon, subscribed

JANUARY = date(2027, 1, 1)
NOW = noon(date(2027, 2, 10))
OWED = 19_800


@pytest.fixture
def admin() -> User:
    return StaffFactory(role=Role.ADMIN)


def on_phone_bill(name: str, line: str = "0212345678", month: date = JANUARY) -> Account:
    shop = ShopFactory(name=name, owner=UserFactory())
    subscribed(shop, date(2026, 12, 1))
    billed(shop, month)
    Account.objects.filter(shop=shop).update(method=PayMethod.PHONE_BILL, phone_bill_line=line)
    return Account.objects.get(shop=shop)


def make(admin: User, month: date = JANUARY) -> PhoneBillBatch:
    return phone_bill.make(month, by=admin, address=None, now=NOW)


def number(account: Account) -> str:
    return PhoneBillRow.objects.filter(shop=account.shop).latest("pk").invoice.number


def answer(batch: PhoneBillBatch, admin: User, *lines: tuple[object, ...]) -> Taken:
    data = xlsx([["KT 수납 결과"], ["청구번호", "청구 금액", "결과", "사유"], *map(list, lines)])
    taken = phone_bill.take_answers(batch, io.BytesIO(data), len(data), by=admin, address=None, now=NOW)
    phone_bill.settle(NOW)
    batch.refresh_from_db()
    return taken


def balance(account: Account) -> int:
    account.refresh_from_db()
    charged, paid = ledger.sums(account.shop)
    assert account.balance_krw == charged - paid
    return account.balance_krw


@pytest.mark.django_db
def test_the_file_holds_who_pays_by_phone_bill_and_owes_and_stays_as_it_was_made(admin: User) -> None:
    account = on_phone_bill("=행복치킨")
    on_phone_bill("번호 없음", line="")
    other = on_phone_bill("카드로")
    Account.objects.filter(pk=other.pk).update(method=PayMethod.CARD)

    batch = make(admin)
    ledger.pay(
        account, 5_000, key="later", method=PayMethod.TRANSFER, paid_on=date(2027, 2, 10), label="", sentence="",
        by=None, now=NOW,
    )  # fmt: skip
    first, again = (phone_bill_file.as_csv(phone_bill.charges(batch)) for _ in range(2))
    made = io.BytesIO()
    phone_bill_file.as_xlsx("합산", phone_bill.charges(batch), made)

    business = account.shop.merchant.business_number
    expected = (
        number(account), "02-1234-5678", f"{business[:3]}-{business[3:5]}-{business[5:]}", "'=행복치킨", "19800",
    )  # fmt: skip
    assert first == again
    assert [row.cells for row in rows(io.BytesIO(first), len(first))][1:] == [expected]
    (row,) = rows(io.BytesIO(made.getvalue()), len(made.getvalue()))[1:]
    assert row.cells == (*expected[:3], "=행복치킨", "19800")


@pytest.mark.django_db
def test_a_month_is_asked_for_once_after_its_bills_and_only_of_who_owes(admin: User) -> None:
    def code(month: date) -> str:
        with pytest.raises(PhoneBillRefused) as refused:
            make(admin, month)
        return refused.value.code

    account = on_phone_bill("행복치킨")
    Account.objects.filter(pk=account.pk).update(method=PayMethod.CARD)
    assert code(date(2027, 2, 1)) == "no_invoices"
    assert code(JANUARY) == "nothing"
    Account.objects.filter(pk=account.pk).update(method=PayMethod.PHONE_BILL)
    make(admin)
    assert code(JANUARY) == "made"


@pytest.mark.django_db
def test_what_the_carrier_has_not_answered_for_is_not_asked_for_again(admin: User) -> None:
    account = on_phone_bill("행복치킨")
    make(admin)
    billed(account.shop, date(2027, 2, 1))

    (asked,) = phone_bill.to_ask().asked
    assert (asked.amount_krw, asked.invoice.month) == (OWED, date(2027, 2, 1))

    PhoneBillRow.objects.update(state="failed")
    (asked,) = phone_bill.to_ask().asked
    assert asked.amount_krw == 2 * OWED


@pytest.mark.django_db
def test_paid_rows_are_payments_failed_ones_stay_owed_and_their_owners_are_told_why(admin: User) -> None:
    paid, failed = on_phone_bill("행복치킨"), on_phone_bill("소망미용")
    batch = make(admin)

    taken = answer(
        batch, admin, (number(paid), OWED, "수납", None), (number(failed), "19,800", "실패", "한도 초과")
    )

    assert taken == Taken(1, 1, 0)
    assert (balance(paid), balance(failed)) == (0, OWED)
    entry = PhoneBillRow.objects.get(shop=paid.shop).entry
    assert entry is not None
    assert (entry.method, entry.by, entry.sentence) == (
        PayMethod.PHONE_BILL,
        admin,
        "1월분을 KT 전화요금에 합산해서 19,800원 받았어요.",
    )
    (notice,) = Notice.objects.filter(kind=NoticeKind.PAYMENT_FAILED)
    assert (notice.fields["shop"], notice.fields["amount"], notice.fields["reason"]) == (
        "소망미용",
        "19,800원",
        "KT 전화요금에 합산하지 못했어요 (한도 초과).",
    )


@pytest.mark.django_db
def test_the_same_answer_again_pays_and_tells_nobody_twice_and_a_late_success_is_taken(admin: User) -> None:
    paid, failed = on_phone_bill("행복치킨"), on_phone_bill("소망미용")
    batch = make(admin)
    lines = [(number(paid), OWED, "성공"), (number(failed), OWED, "실패")]

    answer(batch, admin, *lines)
    assert answer(batch, admin, *lines) == Taken(0, 0, 2)
    assert answer(batch, admin, (number(failed), OWED, "성공")) == Taken(1, 0, 0)

    assert (balance(paid), balance(failed)) == (0, 0)
    assert Notice.objects.filter(kind=NoticeKind.PAYMENT_FAILED).count() == 1


@pytest.mark.django_db
def test_every_row_that_cannot_be_taken_is_named_by_row_and_field_and_the_others_are_kept(
    admin: User,
) -> None:
    account, other = on_phone_bill("행복치킨"), on_phone_bill("소망미용")
    batch = make(admin)
    good = (number(account), OWED, "성공")
    answer(batch, admin, (number(other), OWED, "성공"))

    taken = answer(
        batch,
        admin,
        good,
        good,
        ("I-없는번호", OWED, "성공"),
        (number(other), OWED, "실패"),
        (None, OWED, "성공"),
        ("I-1", "만원", "성공"),
        ("I-2", OWED, "글쎄요"),
    )

    assert taken == Taken(1, 0, 0)
    assert [(each["row"], each["field"], each["why"]) for each in batch.problems] == [
        (4, "청구번호", "같은 번호가 위에 또 있음"),
        (5, "청구번호", "이달 파일에 없는 번호"),
        (6, "결과", "이미 받음으로 처리한 번호"),
        (7, "청구번호", "비어 있음"),
        (8, "청구 금액", "금액이 아님"),
        (9, "결과", "‘성공’이나 ‘실패’가 아님"),
    ]


@pytest.mark.django_db
def test_an_answer_with_another_amount_is_no_payment(admin: User) -> None:
    account = on_phone_bill("행복치킨")
    batch = make(admin)

    assert answer(batch, admin, (number(account), OWED - 1, "성공")) == Taken(0, 0, 0)
    assert batch.problems[0]["why"] == "보낸 금액 19,800원과 다름"
    assert balance(account) == OWED


@pytest.mark.django_db
def test_a_file_without_the_columns_says_which_are_missing(admin: User) -> None:
    on_phone_bill("행복치킨")
    batch = make(admin)
    data = "청구번호,금액\n1,2\n".encode("cp949")

    with pytest.raises(FileRefused) as refused:
        phone_bill.take_answers(batch, io.BytesIO(data), len(data), by=admin, address=None, now=NOW)
    assert refused.value.message == "결과 파일이 아님. 결과 칸을 찾지 못함"


@pytest.mark.django_db(transaction=True)
def test_two_people_with_the_same_answer_at_once_pay_each_shop_once(admin: User) -> None:
    accounts = [on_phone_bill(f"행복치킨 {n}호") for n in range(3)]
    batch = make(admin)
    lines = [(number(account), OWED, "성공") for account in accounts]

    def both() -> Taken:
        try:
            return answer(PhoneBillBatch.objects.get(pk=batch.pk), admin, *lines)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        taken = [job.result() for job in [pool.submit(both), pool.submit(both)]]

    assert sum(each.paid for each in taken) == 3
    assert [balance(account) for account in accounts] == [0, 0, 0]
