"""청구서 in the browser: who sees them, that they add up, are found again, and say what was paid for them."""

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries

from billing import ledger, usage
from billing.enums import EntryKind, PayMethod, UsageKind
from billing.ledger import Posting
from billing.models import Account, Card, CardCancel, CardCharge, ChargeState, Invoice
from billing.queries import bills as queries
from billing.usage import Reported
from billing.vat import split
from shopmsg.accounts.enums import Role
from shopmsg.core.clock import add_months
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import StaffFactory
from tests.factories.billing import billed, noon, subscribed
from tests.markup import Page, sound
from tests.messaging.owner_page import Stage, browser, stage

pytestmark = pytest.mark.django_db

STARTED = date(2026, 3, 10)
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
#: 일할 계산 of April 10–30: 21 days of 30 of 19,800 won.
APRIL_KRW = 13_860
AFTER = noon(date(2026, 6, 2))


@pytest.fixture
def at(time_machine: Callable[..., object]) -> Stage:
    """A shop of three months: March free, April in part, May whole; each billed on the second of the month after,
    nothing paid. It is the second of June, and April's bill is late."""
    time_machine.move_to(AFTER, tick=False)  # type: ignore[attr-defined]
    made = stage()
    subscribed(made.shop, STARTED)
    for month in (MARCH, APRIL, MAY):
        billed(made.shop, month)
    return made


def bill_of(at: Stage, month: date = APRIL) -> Invoice:
    return Invoice.objects.get(shop=at.shop, month=month, kind="invoice")


def pay(
    at: Stage,
    won: int,
    key: str = "one",
    method: PayMethod = PayMethod.TRANSFER,
    *,
    day: date = date(2026, 6, 1),
):
    account = ledger.locked(at.shop.pk)
    entry = ledger.pay(
        account, won, key=key, method=method, paid_on=day, label="납부", sentence="", by=None, now=noon(day)
    )
    assert entry is not None
    return entry


def note(at: Stage, won: int, original: Invoice | None) -> Invoice:
    posting = Posting(
        kind=EntryKind.CORRECTION, key=f"test:{won}", parts=split(won), first=AFTER.date(), last=AFTER.date(),
        label="바로잡음", sentence="점검으로 하루를 쓰지 못하셔서 돌려드려요.",
    )  # fmt: skip
    account = ledger.locked(at.shop.pk)
    party = bill_of(at).party
    return ledger.post_note(
        account, posting, number="N202606-000001", original=original, party=party, by=None, now=AFTER
    )


def text(answer: Page) -> str:
    """What the page says, one space between words."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def in_pdf(answer: Page) -> str:
    (page,) = PdfReader(io.BytesIO(answer.content)).pages
    return page.extract_text().replace("\n", " ")


def addresses(at: Stage) -> list[str]:
    number = bill_of(at).number
    return [at.url(f"bills/{rest}") for rest in ("", f"{number}/", f"{number}.pdf", f"{number}/receipt/")]


def test_only_owners_see_bills(at: Stage) -> None:
    for address in addresses(at):
        assert at.owner.get(address).status_code == 200
        refused = at.colleague.get(address)
        assert refused.status_code == 403
        assert "사장님만 볼 수 있어요" in refused.content.decode()
        assert at.stranger.get(address).status_code == 404
        assert at.owner.get(address)["Cache-Control"].count("no-store")


def test_a_number_of_another_shop_is_nowhere_to_be_found(at: Stage) -> None:
    other = stage()
    subscribed(other.shop, STARTED)
    foreign = billed(other.shop, APRIL).number
    for rest in (f"{foreign}/", f"{foreign}.pdf", f"{foreign}/receipt/", "nothing/"):
        assert at.owner.get(at.url(f"bills/{rest}")).status_code == 404


def test_the_list_says_how_each_bill_stands_oldest_debt_settled_first(at: Stage) -> None:
    pay(at, APRIL_KRW + 5_000)
    page = at.owner.get(at.url("bills/"))
    sound(page)
    rows = [(row.title, row.total_krw, row.chip, row.tone) for row in page.context["listed"].rows]
    assert rows == [
        ("2026년 5월 청구서", 19_800, "14,800원 남음", "waiting"),
        ("2026년 4월 청구서", APRIL_KRW, "다 냈어요", "sent"),
        ("2026년 3월 청구서", 0, "내실 돈이 없어요", "sent"),
    ]
    assert "지금 내실 금액" in text(page)
    assert "14,800원" in text(page)


def test_what_is_left_on_the_bills_is_what_the_ledger_says_is_left(at: Stage) -> None:
    note(at, -1_000, bill_of(at))
    pay(at, 7_777)
    account = Account.objects.get(shop=at.shop)
    opened = {each.invoice.number: each.left_krw for each in ledger.open_invoices(account)}
    shown = {
        row.number: row.left_krw for row in queries.listed(at.shop, "", 1, AFTER.date()).rows if row.left_krw
    }
    assert shown == opened
    assert sum(shown.values()) == account.balance_krw


def test_a_bill_whose_day_is_over_says_so(at: Stage) -> None:
    rows = at.owner.get(at.url("bills/")).context["listed"].rows
    assert [(row.chip, row.tone) for row in rows][:2] == [
        ("19,800원 남음", "waiting"),
        (f"{APRIL_KRW:,}원 남음 · 기한 지남", "failed"),
    ]


@pytest.mark.parametrize(
    ("words", "months"),
    [
        ("2026년 4월", [4]), ("2026-04", [4]), ("4월", [4]), ("202604", [4]), ("2026", [5, 4, 3]), ("2025년", []),
        ("2025년 4월", []), ("13월", []), ("202605-", [5]), ("모르는말", []),
    ],
)  # fmt: skip
def test_bills_are_found_by_month_and_by_number(at: Stage, words: str, months: list[int]) -> None:
    page = at.owner.get(at.url("bills/"), {"q": words})
    assert [int(row.title.split()[1].removesuffix("월")) for row in page.context["listed"].rows] == months
    assert ("찾으시는 청구서가 없어요" in text(page)) == (not months)


def test_a_shop_without_bills_reads_what_will_be_there() -> None:
    page = (at := stage()).owner.get(at.url("bills/"))
    assert "아직 청구서가 없어요" in text(page)
    assert "찾기" not in text(page)


def test_bills_are_turned_a_year_at_a_time_and_odd_pages_give_the_nearest(at: Stage, time_machine) -> None:
    later = noon(date(2027, 6, 2))
    time_machine.move_to(later, tick=False)
    billed(at.shop, date(2027, 5, 1), now=later)
    owner = browser(at.user)  # a year later one logs in anew
    seen = []
    for asked in ("1", "2"):
        page = owner.get(at.url("bills/"), {"page": asked})
        seen += [row.number for row in page.context["listed"].rows]
    assert seen == list(
        Invoice.objects.filter(shop=at.shop).order_by("-month").values_list("number", flat=True)
    )
    assert len(seen) == 15
    for odd in ("0", "-1", "99", "x", "٣", "1" * 400):
        assert owner.get(at.url("bills/"), {"page": odd}).status_code == 200
    assert "13–15 / 15" in text(owner.get(at.url("bills/"), {"page": "99"}))


@pytest.mark.parametrize("months", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(
    months: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    at = stage()
    subscribed(at.shop, STARTED)
    billed(at.shop, add_months(MARCH, months - 1))
    at.owner.get(at.url("bills/"))
    with django_assert_num_queries(8):
        answer = at.owner.get(at.url("bills/"))
    assert len(answer.context["listed"].rows) == months


def test_a_bill_explains_each_amount_and_adds_up(at: Stage) -> None:
    page = at.owner.get(at.url(f"bills/{bill_of(at).number}/"))
    sound(page)
    said = text(page)
    assert "4월 10일~30일" in said
    assert "21일치예요. 한 달 19,800원 × 21일 ÷ 30일 = 13,860원이에요." in said
    assert "첫 달은 무료라서" in said
    bill = page.context["bill"]
    assert sum(line.amount_krw for line in bill.lines) == bill.total_krw == APRIL_KRW
    assert (bill.supply_krw, bill.vat_krw) == (12_600, 1_260)
    for words in ("공급가액 12,600원", "부가세 1,260원", "이번 청구 금액 13,860원", "내실 금액 13,860원"):
        assert words in said


def test_what_is_still_open_from_before_is_in_the_amount_to_pay(at: Stage) -> None:
    said = text(at.owner.get(at.url(f"bills/{bill_of(at, MAY).number}/")))
    assert "앞서 청구해서 아직 안 내신 금액 13,860원" in said
    assert "내실 금액 33,660원" in said
    assert "아직 안 내신 13,860원을 더한 금액이에요. 이번 청구에서는 19,800원이 남았어요." in said
    pay(at, APRIL_KRW + 300)
    page = at.owner.get(at.url(f"bills/{bill_of(at, MAY).number}/"))
    assert page.context["headline"] == ("내실 금액", 19_500)
    assert "이번 청구 금액 19,800원 가운데 300원은 내셨어요." in text(page)
    assert "앞서 청구해서 아직 안 내신 금액 13,860원" in text(page), "what the bill said is what it says"
    pay(at, 19_500, "rest")
    page = at.owner.get(at.url(f"bills/{bill_of(at, MAY).number}/"))
    assert page.context["headline"] == ("이번 청구 금액", 19_800)


def test_a_bill_says_how_it_is_paid_until_it_is(at: Stage) -> None:
    address, account = at.url(f"bills/{bill_of(at).number}/"), Account.objects.get(shop=at.shop)
    assert account.deposit_code in text(at.owner.get(address))
    Account.objects.filter(pk=account.pk).update(method=PayMethod.PHONE_BILL, phone_bill_line="0212345678")
    assert "KT 전화요금(02-1234-5678)에 합산돼요" in text(at.owner.get(address))
    Account.objects.filter(pk=account.pk).update(method=PayMethod.CARD)
    card_of(at)
    assert "매달 5일에 등록하신 카드 신한 4330-****-****-1234에서 빠져요" in text(at.owner.get(address))
    pay(at, APRIL_KRW)
    paid = text(at.owner.get(address))
    assert "내시는 방법" not in paid
    assert "다 냈어요" in paid


def test_a_card_payment_leads_to_the_card_companys_receipt_and_to_nothing_that_is_not_https(
    at: Stage,
) -> None:
    charge_of(at, pay(at, 5_000, "a", PayMethod.CARD), "https://receipts.example/1", "a")
    charge_of(at, pay(at, 6_000, "b", PayMethod.CARD), "javascript:alert(1)", "b")
    for page in ("", "receipt/"):
        answer = at.owner.get(at.url(f"bills/{bill_of(at).number}/{page}"))
        assert 'href="https://receipts.example/1"' in answer.content.decode()
        assert "javascript:" not in answer.content.decode()
        assert "2026년 6월 1일(월) 카드" in text(answer)


def test_a_receipt_says_what_came_in_for_this_bill_and_not_what_settled_another(at: Stage) -> None:
    pay(at, APRIL_KRW - 4_000, "first")
    pay(at, 10_000, "second", PayMethod.PHONE_BILL, day=date(2026, 6, 2))
    first = at.owner.get(at.url(f"bills/{bill_of(at).number}/receipt/"))
    sound(first)
    assert "6월 1일(월) 계좌 이체 9,860원" in text(first)
    assert "6월 2일(화) KT 전화요금 4,000원" in text(first)
    second = text(at.owner.get(at.url(f"bills/{bill_of(at, MAY).number}/receipt/")))
    assert "KT 전화요금 6,000원" in second
    assert "6,000원 부가세 포함" in second


def test_money_that_went_back_is_no_longer_on_the_receipt(at: Stage) -> None:
    wrong = pay(at, APRIL_KRW, "wrong")
    right = pay(at, 5_000, "right")
    ledger.pay_back(
        ledger.locked(at.shop.pk), APRIL_KRW, key="back", method=PayMethod.TRANSFER, paid_on=AFTER.date(), label="",
        sentence="", by=None, now=AFTER, detail={"of": wrong.pk},
    )  # fmt: skip
    bill = queries.bill_for(at.shop, bill_of(at).number)
    assert [payment.amount_krw for payment in bill.payments] == [-right.amount_krw]
    assert bill.left_krw == APRIL_KRW - 5_000


def test_a_cancelled_card_payment_is_taken_off_its_own_charge(at: Stage) -> None:
    charge = charge_of(at, pay(at, APRIL_KRW, "card", PayMethod.CARD), "", "card")
    pay(at, 3_000, "later", day=date(2026, 6, 2))
    back = ledger.pay_back(
        ledger.locked(at.shop.pk), 10_000, key="back", method=PayMethod.CARD, paid_on=AFTER.date(), label="",
        sentence="", by=None, now=AFTER,
    )  # fmt: skip
    CardCancel.objects.create(
        charge=charge, state=ChargeState.PAID, amount_krw=10_000, reason="", idempotency_key="x",
        left_before_krw=APRIL_KRW, created_at=AFTER, entry=back,
    )  # fmt: skip
    bill = queries.bill_for(at.shop, bill_of(at).number)
    assert [(payment.how, payment.amount_krw) for payment in bill.payments] == [
        ("카드", 3_860),
        ("계좌 이체", 3_000),
    ]


def test_a_note_and_the_bill_it_corrects_lead_to_each_other(at: Stage) -> None:
    original = bill_of(at)
    made = note(at, -660, original)
    there = at.owner.get(at.url(f"bills/{original.number}/"))
    assert at.url(f"bills/{made.number}/") in there.content.decode()
    assert "-660원" in text(there)
    assert "정정 청구서로 빼 드림" in text(there), "it settled a part"
    back = at.owner.get(at.url(f"bills/{made.number}/"))
    sound(back)
    assert "2026년 6월 정정 청구서" in text(back)
    assert at.url(f"bills/{original.number}/") in back.content.decode()
    assert "돌려드렸어요" in text(back)
    assert "부가세 -60원" in text(back)
    assert "-660원" in in_pdf(at.owner.get(at.url(f"bills/{made.number}.pdf")))


def test_a_bill_of_nothing_explains_itself(at: Stage) -> None:
    said = text(at.owner.get(at.url(f"bills/{bill_of(at, MARCH).number}/")))
    assert "내실 돈이 없어요" in said
    assert "첫 달은 무료라서 4월 9일까지 요금이 없어요." in said
    assert "까지 내 주세요" not in said


def test_the_file_is_named_in_korean_and_kept_by_nobody(at: Stage) -> None:
    pay(at, 5_000, day=date(2026, 6, 1))
    answer = at.owner.get(at.url(f"bills/{bill_of(at).number}.pdf"))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert "%EC%B2%AD%EA%B5%AC%EC%84%9C" in answer["Content-Disposition"]  # 청구서
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    said = in_pdf(answer)
    assert "6월 1일(월) 계좌 이체 5,000원" in said
    assert "8,860원 남음" in said
    assert "13,860원" in said


def test_twenty_five_lines_of_usage_are_all_on_the_page_and_add_up(at: Stage) -> None:
    # Of as many months each, told of late: one line a month.
    days = [add_months(STARTED, back) for back in range(-24, 1)]
    rows = [Reported(at.shop.pk, f"tv:{day}", UsageKind.TOWN_TV, day, 1, "") for day in days]
    assert usage.report(rows, AFTER).added == 25
    june = billed(at.shop, date(2026, 6, 1))
    page = at.owner.get(at.url(f"bills/{june.number}/"))
    bill = page.context["bill"]
    assert text(page).count("우리동네TV") >= 25
    assert sum(line.amount_krw for line in bill.lines) == bill.total_krw == 19_800 + 25 * 10_000
    paper = in_pdf(at.owner.get(at.url(f"bills/{june.number}.pdf")))
    assert "그 밖의 사용료" in paper
    assert "269,800원" in paper


@pytest.mark.parametrize("role", [Role.AGENT, Role.ADMIN])
def test_staff_open_any_bill_by_its_number(at: Stage, role: Role) -> None:
    staff = staff_client(StaffFactory(role=role))
    number = bill_of(at).number
    page = staff.get(f"/billing/bills/{number}/")
    sound(page)
    assert at.shop.name in text(page)
    assert "13,860원" in text(page)
    assert f'"/shops/{at.shop.slug}/' not in page.content.decode(), "no way into the owner's pages"
    assert staff.get(f"/billing/bills/{number}.pdf")["Content-Type"] == "application/pdf"
    assert staff.get("/billing/bills/nothing/").status_code == 404


def test_nobody_else_opens_bills_by_number(at: Stage) -> None:
    address = f"/billing/bills/{bill_of(at).number}/"
    assert staff_client(StaffFactory(role=Role.PRODUCER)).get(address).status_code == 404
    assert at.owner.get(address).status_code == 404


def card_of(at: Stage) -> Card:
    found = Card.objects.filter(shop=at.shop).first()
    return found or Card.objects.create(
        shop=at.shop, customer_key="c", billing_key_sealed=b"x", number="4330-****-****-1234", issuer="신한",
        fingerprint=b"f", created_at=datetime(2026, 3, 10, tzinfo=UTC),
    )  # fmt: skip


def charge_of(at: Stage, entry, receipt_url: str, key: str) -> CardCharge:
    return CardCharge.objects.create(
        shop=at.shop, card=card_of(at), state=ChargeState.PAID, amount_krw=-entry.amount_krw, order_id=key,
        idempotency_key=key, receipt_url=receipt_url, created_at=AFTER - timedelta(days=1), entry=entry,
    )  # fmt: skip
