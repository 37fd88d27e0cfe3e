"""The rooms 통장 and 전화요금: for admins, with every answer on the screen."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from billing.enums import PayMethod
from billing.models import Account, BankImport, BankLine, PhoneBillBatch, PhoneBillRow
from billing.views.bank import PAGE
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import AuditEntry
from tests.accounts.logged_in import staff_client
from tests.billing.test_bank import NOW, OWED, owing, statement
from tests.core.test_spreadsheets import xlsx
from tests.factories.accounts import StaffFactory

pytestmark = pytest.mark.django_db
PAGES = ("/billing/bank/", "/billing/phone-bill/")


@pytest.fixture
def admin() -> Iterator[Client]:
    with time_machine.travel(NOW):
        yield staff_client(StaffFactory(role=Role.ADMIN))


def sent(client: Client, data: bytes, name: str = "국민 2월.csv") -> str:
    answer = client.post("/billing/bank/", {"file": SimpleUploadedFile(name, data)}, follow=True)
    assert answer.status_code in (200, 422)
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("path", PAGES)
def test_the_rooms_are_for_admins_alone(path: str) -> None:
    for role in (Role.AGENT, Role.PRODUCER):
        assert staff_client(StaffFactory(role=role)).get(path).status_code == 404
    assert Client().get(path).status_code == 302


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_room_says_what_will_be_there(admin: Client, path: str) -> None:
    assert "여기에 표시" in admin.get(path).content.decode()


def test_an_upload_says_what_was_added_matched_left_out_and_unreadable(admin: Client) -> None:
    account = owing("행복치킨")
    data = statement(("2027-02-09 15:05", OWED, account.deposit_code), ("2027-02-09", 300, "이자"))
    data += "\n2027-02-30,100,,누구,\n2027-02-09,,5000,급여,".encode("cp949")

    page = sent(admin, data)
    again = sent(admin, data)

    made = BankImport.objects.earliest("pk")
    assert (made.added, made.repeated, made.withdrawals) == (2, 0, 1)
    assert "국민 2월.csv" in page
    assert "달력에 없는 날" in page
    assert "입금 번호도, 이름과 금액이 같은 가게도 없음" in page
    assert BankImport.objects.latest("pk").repeated == 2
    assert "전에 올린 입금" in again
    listed = admin.get(f"/billing/bank/files/{made.pk}/problems.csv").content.decode("utf-8-sig")
    assert listed.splitlines()[1:] == ["4,거래일시,2027-02-30,달력에 없는 날"]


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "빈 파일"), (b"\xff\xd8\xff\xe0\x00\x10JFIF", "글자를 알아볼 수 없는 파일"), ("이름\n가".encode(), "통장 거래내역이 아닌")],
)  # fmt: skip
def test_a_file_that_is_none_says_so_at_the_field(admin: Client, data: bytes, said: str) -> None:
    assert said in sent(admin, data)
    assert not BankImport.objects.exists()


def test_a_candidate_takes_one_tap_and_the_way_back_asks_for_a_reason(admin: Client) -> None:
    account = owing("행복치킨")
    page = sent(admin, statement(("2027-02-09", 5_000, "행복치킨")))
    line = BankLine.objects.get()
    assert "행복치킨에 넣기" in page

    decide = f"/billing/bank/lines/{line.pk}/"
    admin.post(decide, {"shop": account.shop.slug, "reason": "이름 같음"})
    assert Account.objects.get().balance_krw == OWED - 5_000

    refused = admin.post(decide, {"verdict": "undo", "reason": ""})
    assert refused.status_code == 422
    assert "까닭을 한 줄로 적기" in refused.content.decode()
    admin.post(decide, {"verdict": "undo", "reason": "다른 사람"})
    assert Account.objects.get().balance_krw == OWED


def test_a_shop_is_searched_for_and_names_stay_out_of_the_address(admin: Client) -> None:
    account = owing("행복치킨")
    sent(admin, statement(("2027-02-09", 5_000, "아무개")))
    line = BankLine.objects.get()

    answer = admin.post(f"/billing/bank/lines/{line.pk}/", {"words": "행복"}, follow=True)

    assert "행복" not in answer.request["QUERY_STRING"]
    assert f'value="{account.shop.slug}"' in answer.content.decode()
    nothing = admin.post(f"/billing/bank/lines/{line.pk}/", {"reason": "확인"})
    assert "넣을 가게를 먼저 고르기" in nothing.content.decode()
    listed = admin.post("/billing/bank/", {"words": "아무"}, follow=True)
    assert "아무개" in listed.content.decode()
    assert "아무" not in listed.request["QUERY_STRING"]


def test_the_list_has_pages(admin: Client) -> None:
    owing("행복치킨")
    sent(admin, statement(*[("2027-02-09", 100 + n, "행복치킨") for n in range(PAGE + 1)]))
    page = admin.get("/billing/bank/").content.decode()
    assert page.count('class="bank-row"') == PAGE
    older = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert admin.get(older).content.decode().count('class="bank-row"') == 1


@pytest.mark.parametrize("lines", [1, 3])
def test_a_list_asks_as_many_questions_for_one_line_as_for_three(
    admin: Client, django_assert_num_queries: Any, lines: int
) -> None:
    for number in range(lines):
        owing(f"행복치킨{number}호")
    sent(admin, statement(*[("2027-02-09", 100 + n, f"행복치킨{n}호") for n in range(lines)]))
    with django_assert_num_queries(10):
        admin.get("/billing/bank/")


def test_the_month_is_made_downloaded_and_answered(admin: Client) -> None:
    account = owing("행복치킨")
    Account.objects.update(method=PayMethod.PHONE_BILL, phone_bill_line="0212345678")
    assert "1월분 파일 만들기" in admin.get("/billing/phone-bill/").content.decode()

    admin.post("/billing/phone-bill/make/")
    batch = PhoneBillBatch.objects.get()
    for kind in ("xlsx", "csv"):
        assert admin.get(f"/billing/phone-bill/{batch.pk}/{kind}/").status_code == 200
    assert admin.get(f"/billing/phone-bill/{batch.pk}/pdf/").status_code == 404
    assert AuditEntry.objects.filter(action="phone_bill.downloaded").count() == 2

    data = xlsx(
        [
            ["청구번호", "금액", "결과"],
            [PhoneBillRow.objects.get().invoice.number, OWED, "성공"],
            ["I-0", 1, "성공"],
        ]
    )
    answer = admin.post(
        f"/billing/phone-bill/{batch.pk}/",
        {"file": SimpleUploadedFile("결과.xlsx", data)},
        follow=True,
    )

    page = answer.content.decode()
    assert "받음 1줄, 못 받음 0줄" in page
    assert "이달 파일에 없는 번호" in page
    account.refresh_from_db()
    assert account.balance_krw == 0
    assert "이미 만든 달" in admin.post("/billing/phone-bill/make/", follow=True).content.decode()


def test_who_named_no_line_is_left_out_by_name(admin: Client) -> None:
    owing("행복치킨")
    Account.objects.update(method=PayMethod.PHONE_BILL)

    page = admin.get("/billing/phone-bill/").content.decode()
    assert "전화번호가 없어 빠진 가게 1곳" in page
    assert "행복치킨" in page
