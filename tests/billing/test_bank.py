"""Deposits become payments once each, at the right shop, or wait for a person (issue 5)."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from billing import bank, bank_facts, ledger
from billing.bank import BankRefused, Settled
from billing.bank_match import Book, Facts, candidates, sentence
from billing.enums import EntryKind, PayMethod
from billing.models import Account, BankImport, BankLine, BankLineState, LedgerEntry
from shopmsg.accounts.enums import Role, ShopStatus
from shopmsg.accounts.models import AuditEntry, Shop, User
from tests.factories.accounts import MerchantFactory, ShopFactory, StaffFactory, UserFactory
from tests.factories.billing import billed, noon, subscribed

NOW = noon(date(2027, 2, 10))
OWED = 19_800


@pytest.fixture
def admin() -> User:
    return StaffFactory(role=Role.ADMIN)


def owing(name: str, owner: str = "", merchant: str = "") -> Account:
    """A shop that owes 19,800 won for January 2027."""
    person = UserFactory(name=owner or f"사장{name}")
    shop = ShopFactory(name=name, owner=person, merchant=MerchantFactory(name=merchant or f"{name} 상사"))
    subscribed(shop, date(2026, 12, 1))
    billed(shop, date(2027, 1, 1))
    account = Account.objects.get(shop=shop)
    assert account.balance_krw == OWED
    return account


def statement(*lines: tuple[str, int, str], balance: bool = True) -> bytes:
    """A csv of (day and time, won, sender); the balance grows from nothing."""
    rows, held = ["거래일시,입금액,출금액,보낸분,거래후잔액"], 0
    for at, won, sender in lines:
        held += won
        rows.append(f"{at},{won},,{sender},{held if balance else ''}")
    return "\n".join(rows).encode("cp949")


def take(data: bytes, admin: User, now: datetime = NOW) -> BankImport:
    return bank.take_in("통장.csv", io.BytesIO(data), len(data), by=admin, address=None, now=now)


def line_of(data: bytes, admin: User) -> BankLine:
    made = take(data, admin)
    bank.settle(NOW)
    return BankLine.objects.get(imported=made)


def balance(account: Account) -> int:
    account.refresh_from_db()
    charged, paid = ledger.sums(account.shop)
    assert account.balance_krw == charged - paid
    return account.balance_krw


@pytest.mark.django_db
def test_a_deposit_with_the_shops_code_pays_its_bill_whoever_sent_it(admin: User) -> None:
    account = owing("행복치킨")

    line = line_of(statement(("2027-02-09 15:05", OWED, f"박아무개 {account.deposit_code}")), admin)

    assert (line.state, line.shop, line.why) == (
        BankLineState.MATCHED,
        account.shop,
        "입금 번호와 금액이 같음",
    )
    assert line.entry is not None
    assert (line.entry.method, line.entry.first, line.entry.by) == (
        PayMethod.TRANSFER,
        date(2027, 2, 9),
        admin,
    )
    assert balance(account) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("won", "left", "said"),
    [
        (10_000, 9_800, "청구 19,800원 가운데 10,000원을 통장으로 보내셨어요. 9,800원이 남았어요."),
        (
            24_800,
            -5_000,
            "청구 19,800원을 통장으로 보내셨어요. 5,000원을 더 보내셨어요: 다음 달에서 빼 드려요.",
        ),
    ],
)
def test_less_or_more_than_the_bill_is_taken_with_the_code_and_the_bill_says_so(
    admin: User, won: int, left: int, said: str
) -> None:
    account = owing("행복치킨")

    line = line_of(statement(("2027-02-09 15:05", won, account.deposit_code)), admin)

    assert line.entry is not None
    assert (balance(account), line.entry.sentence) == (left, said)


@pytest.mark.django_db
@pytest.mark.parametrize("sender", ["행복치킨", "(주)행복 치킨 2월", "한울상사", "김민수"])
def test_exactly_what_is_owed_under_a_name_of_the_shop_is_sure(admin: User, sender: str) -> None:
    account = owing("행복치킨", owner="김민수", merchant="한울상사")
    owing("다른가게")

    assert line_of(statement(("2027-02-09", OWED, sender)), admin).shop == account.shop


@pytest.mark.django_db
def test_a_name_that_two_owing_shops_have_or_another_amount_is_for_a_person_to_decide(admin: User) -> None:
    first, second = owing("행복치킨", owner="김민수"), owing("소망미용", owner="김민수")

    made = take(statement(("2027-02-09", OWED, "김민수"), ("2027-02-09", 5_000, "행복치킨")), admin)
    assert bank.settle(NOW) == Settled(0, 0)

    both, less = BankLine.objects.filter(imported=made).order_by("pk")
    assert both.why == "이름과 금액이 같은 가게 2곳: 고르기"
    likely = bank_facts.candidates_of([both, less])
    assert {each.facts.shop_id for each in likely[both.pk]} == {first.shop_id, second.shop_id}
    assert [(each.facts.name, each.why) for each in likely[less.pk]] == [
        ("행복치킨", "이름 같음, 낼 금액 19,800원")
    ]


@pytest.mark.django_db
def test_the_same_file_again_and_an_overlapping_one_pay_nothing_twice(admin: User) -> None:
    account = owing("행복치킨")
    code = account.deposit_code
    first = statement(("2027-02-08", 10_000, code), ("2027-02-08", 10_000, code))
    named = f"행복치킨 {code}"
    longer = statement(("2027-02-08", 10_000, code), ("2027-02-08", 10_000, code), ("2027-02-09", 100, named))

    counts = [
        (made.added, made.repeated) for made in (take(first, admin), take(first, admin), take(longer, admin))
    ]
    bank.settle(NOW)

    assert counts == [(2, 0), (0, 2), (1, 2)]
    assert balance(account) == OWED - 20_100


@pytest.mark.django_db
def test_like_lines_without_a_balance_are_counted_and_a_lost_balance_column_makes_no_new_lines(
    admin: User,
) -> None:
    lines = [("2027-02-08", 5_000, "김민수")] * 2

    told, untold = statement(*lines), statement(*lines, balance=False)
    three = statement(*lines, lines[0], balance=False)

    assert [(each.added, each.repeated) for each in (take(untold, admin), take(told, admin))] == [
        (2, 0),
        (0, 2),
    ]
    assert [(each.added, each.repeated) for each in (take(three, admin), take(three, admin))] == [
        (1, 2),
        (0, 3),
    ]


@pytest.mark.django_db
def test_a_memo_written_at_the_bank_afterwards_makes_no_new_line(admin: User) -> None:
    before = "거래일시,입금액,보낸분,메모\n2027-02-08 10:00,5000,김민수,\n"
    after = "거래일시,입금액,보낸분,메모\n2027-02-08 10:00,5000,김민수,2월 요금\n"

    assert [take(each.encode(), admin).added for each in (before, after)] == [1, 0]


@pytest.mark.django_db
def test_two_deposits_of_one_file_for_one_bill_know_of_each_other(admin: User) -> None:
    account = owing("행복치킨")

    take(statement(("2027-02-08", OWED, "행복치킨"), ("2027-02-09", OWED, "행복치킨")), admin)
    bank.settle(NOW)

    assert balance(account) == 0
    assert BankLine.objects.get(state="open").why == "입금 번호도, 이름과 금액이 같은 가게도 없음"


@pytest.mark.django_db
def test_a_stopped_shop_sends_again_with_its_deposit(admin: User) -> None:
    from billing import dunning

    account = owing("행복치킨")
    assert account.unpaid_since is not None
    late: date = account.unpaid_since + timedelta(days=31)
    dunning.take_due(noon(late))
    assert Shop.objects.get(pk=account.shop_id).status == ShopStatus.SUSPENDED

    take(statement((str(late), OWED, account.deposit_code)), admin, noon(late))
    bank.settle(noon(late))

    assert Shop.objects.get(pk=account.shop_id).status == ShopStatus.ACTIVE


@pytest.mark.django_db
def test_a_wrong_match_is_paid_back_there_and_assigned_anew_and_never_matched_by_itself_again(
    admin: User,
) -> None:
    wrong, right = owing("행복치킨"), owing("소망미용")
    line = line_of(statement(("2027-02-09", OWED, wrong.deposit_code)), admin)

    bank.undo(line.pk, reason="번호를 잘못 적으심", by=admin, address=None, now=NOW)
    bank.look_again()
    assert bank.settle(NOW) == Settled(0, 0)
    assert balance(wrong) == OWED

    bank.assign(line.pk, right.shop, reason="전화로 확인", by=admin, address=None, now=NOW)
    bank.undo(line.pk, reason="다시 확인", by=admin, address=None, now=NOW)
    bank.assign(line.pk, right.shop, reason="맞음", by=admin, address=None, now=NOW)

    assert (balance(wrong), balance(right)) == (OWED, 0)
    kinds = [each.kind for each in LedgerEntry.objects.filter(shop=right.shop, invoice=None).order_by("pk")]
    assert kinds == [EntryKind.PAYMENT, EntryKind.PAYMENT_BACK, EntryKind.PAYMENT]
    acts = (
        AuditEntry.objects.filter(action__startswith="bank.").order_by("pk").values_list("action", flat=True)
    )
    assert list(acts) == [
        "bank.imported",
        "bank.undone",
        "bank.assigned",
        "bank.undone",
        "bank.assigned",
    ]


@pytest.mark.django_db
def test_a_line_is_decided_once_and_every_decision_has_a_reason(admin: User) -> None:
    account = owing("행복치킨")
    line = line_of(statement(("2027-02-09", 300, "이자")), admin)
    stranger = ShopFactory(name="요금제 없음")

    def code(verb: str, **more: object) -> str:
        with pytest.raises(BankRefused) as refused:
            getattr(bank, verb)(line.pk, **{"reason": "이자", **more}, by=admin, address=None, now=NOW)
        return refused.value.code

    assert code("undo") == "open"
    assert code("set_aside", reason="  ") == "reason"
    assert code("assign", shop=stranger) == "no_account"
    bank.set_aside(line.pk, reason="은행 이자", by=admin, address=None, now=NOW)
    assert code("set_aside") == "decided"
    assert code("assign", shop=account.shop) == "decided"
    bank.undo(line.pk, reason="잘못 누름", by=admin, address=None, now=NOW)
    assert BankLine.objects.get().state == BankLineState.OPEN


@pytest.mark.django_db
def test_a_deposit_that_came_before_its_bill_is_found_when_looked_at_again(admin: User) -> None:
    shop = ShopFactory(name="행복치킨")
    subscribed(shop, date(2026, 12, 1))
    line = line_of(statement(("2027-01-30", OWED, "행복치킨")), admin)
    assert line.state == BankLineState.OPEN

    billed(shop, date(2027, 1, 1))
    assert bank.look_again() == 1
    assert bank.settle(NOW) == Settled(1, 0)


@pytest.mark.django_db
def test_as_many_questions_are_asked_for_many_lines_as_for_one(
    admin: User, django_assert_num_queries: "object"
) -> None:
    for number in range(3):
        owing(f"행복치킨{number}호")
    take(statement(*[("2027-02-09", 100, f"행복치킨{number}호") for number in range(3)]), admin)
    lines = list(BankLine.objects.all())
    for some in (lines[:1], lines):
        with django_assert_num_queries(2):  # type: ignore[operator]
            assert len(bank_facts.candidates_of(some)) == len(some)


@pytest.mark.django_db(transaction=True)
def test_two_people_with_the_same_file_at_once_add_and_pay_each_line_once(admin: User) -> None:
    account = owing("행복치킨")
    data = statement(*[("2027-02-09", 100 + n, account.deposit_code) for n in range(5)])

    def both() -> int:
        try:
            added = take(data, admin).added
            bank.settle(NOW)
            return added
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        added = [job.result() for job in [pool.submit(both), pool.submit(both)]]

    assert sum(added) == 5
    assert balance(account) == OWED - 510
    assert not BankLine.objects.exclude(state="matched").exists()


@pytest.mark.django_db(transaction=True)
def test_two_people_assigning_one_line_at_once_pay_one_shop(admin: User) -> None:
    first, second = owing("행복치킨"), owing("소망미용")
    line = line_of(statement(("2027-02-09", 5_000, "아무개")), admin)

    def give(shop: Shop) -> bool:
        try:
            bank.assign(line.pk, shop, reason="확인", by=admin, address=None, now=NOW)
        except BankRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        given = list(pool.map(give, [first.shop, second.shop]))

    assert sorted(given) == [False, True]
    assert balance(first) + balance(second) == 2 * OWED - 5_000


def facts(shop_id: int, name: str, code: str = "", owed: int = OWED, people: tuple[str, ...] = ()) -> Facts:
    return Facts(shop_id, name, code or f"{shop_id:06d}", owed, (name,), people)


def test_six_digits_that_are_somebodys_code_by_accident_are_not_enough() -> None:
    """A date like 270209 is the code of one shop in twenty when there are 50,000."""
    paid = facts(1, "행복치킨", "270209", owed=0)

    assert Book([paid]).match(5_000, "김아무개", "270209").shop_id is None
    assert Book([paid]).match(5_000, "행복치킨", "270209").shop_id == 1
    assert Book([facts(1, "행복치킨", "270209")]).match(5_000, "계좌 1270209", "").shop_id is None


def test_a_code_against_a_name_with_the_amount_and_two_codes_are_for_a_person() -> None:
    book = Book([facts(1, "행복치킨"), facts(2, "소망미용")])

    assert book.match(OWED, "소망미용", "000001").shop_id is None
    assert book.match(OWED, "000001", "000002").shop_id is None


def test_a_short_name_inside_a_longer_word_is_nobody() -> None:
    book = Book([facts(1, "정원"), facts(2, "소망미용", people=("김민수",))])

    assert book.match(OWED, "정원건설", "").shop_id is None
    assert book.match(OWED, "김민수정형외과", "").shop_id is None
    assert book.match(OWED, "정원", "").shop_id == 1


def test_the_likeliest_come_first_and_no_more_than_three() -> None:
    named = [facts(n, "행복치킨 본점", owed=OWED + n) for n in range(1, 6)]
    coded = facts(9, "소망미용", "123456", owed=0)

    found = candidates(OWED + 3, "행복치킨본점 123456", "", [*named, coded])

    assert [(each.facts.shop_id, each.why) for each in found] == [
        (9, "입금 번호 같음, 낼 금액 없음"),
        (3, "이름·금액 같음, 낼 금액 19,803원"),
        (1, "이름 같음, 낼 금액 19,801원"),
    ]
    assert [each.why for each in candidates(100, "행복치킨", "", [named[0]])] == [
        "이름 앞부분 같음, 낼 금액 19,801원"
    ]


def test_money_for_no_bill_is_kept_for_the_next_one() -> None:
    assert sentence(5_000, -100) == (
        "통장으로 5,000원을 보내셨어요. 내실 요금이 없어서 다음 달에서 빼 드려요."
    )
