"""홈택스 파일: opened again and checked column by column, our own and the form filled; the pages that give them out."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook
from openpyxl.utils import column_index_from_string, get_column_letter

from billing import tax, tax_sheet
from billing.enums import PayMethod
from billing.models import Account, TaxInvoice
from billing.tax_sheet import FormRefused
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import AuditEntry, User
from tests.accounts.logged_in import staff_client
from tests.billing.test_tax import MONTH, NOW, NUMBER, adjusted, owing, pay
from tests.factories.accounts import StaffFactory
from tests.markup import sound, text_of

pytestmark = pytest.mark.django_db
#: Row 6 of the form as Hometax gives it.
HOMETAX = [
    "전자(세금)계산서 종류\n(01:일반, 02:영세율)", "작성일자", '공급자 등록번호\n("-" 없이 입력)', "공급자\n 종사업장번호",
    "공급자 상호", "공급자 성명", "공급자 사업장주소", "공급자 업태", "공급자 종목", "공급자 이메일",
    '공급받는자 등록번호\n("-" 없이 입력)', "공급받는자 \n종사업장번호", "공급받는자 상호", "공급받는자 성명",
    "공급받는자 사업장주소", "공급받는자 업태", "공급받는자 종목", "공급받는자 이메일1", "공급받는자 이메일2", "공급가액", "세액",
    "비고",
    *(
        f"{name}{number}{more}"
        for number in range(1, 5)
        for name, more in (
            ("일자", "\n(2자리, 작성년월 제외)"), ("품목", ""), ("규격", ""), ("수량", ""), ("단가", ""), ("공급가액", ""),
            ("세액", ""), ("품목비고", ""),
        )
    ),
    "현금", "수표", "어음", "외상미수금", "영수(01),\n청구(02)",
]  # fmt: skip


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moment:
        yield moment


@pytest.fixture
def admin() -> User:
    return StaffFactory(role=Role.ADMIN)


@pytest.fixture
def desk(admin: User) -> Client:
    return staff_client(admin)


def exported(admin: User) -> list[TaxInvoice]:
    (name,) = tax.export(MONTH, by=admin, address=None, now=NOW)
    return list(tax.lines(name))


def opened(data: bytes) -> Any:
    return load_workbook(io.BytesIO(data))["엑셀업로드양식"]


def form(heads: list[str], name: str = "엑셀업로드양식") -> bytes:
    book = Workbook()
    book.create_sheet("항목설명")
    sheet: Any = book.active
    sheet.title = name
    sheet["A1"] = "※ 아래 내용을 읽고 입력하여 주십시오."
    sheet.merge_cells("A1:F1")
    for column, head in enumerate(heads, 1):
        sheet.cell(6, column, head)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def check_digit_holds(number: str) -> bool:
    total = sum(
        int(digit) * weight for digit, weight in zip(number, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=False)
    )
    return (total + int(number[8]) * 5 // 10 + int(number[9])) % 10 == 0


def test_every_line_stands_in_the_columns_of_the_form_and_adds_up(admin: User) -> None:
    paid, owed = owing("=낸가게"), owing("안낸가게")
    pay(paid, Account.objects.get(shop=paid.shop).balance_krw, PayMethod.TRANSFER)
    made = io.BytesIO()
    tax_sheet.write(exported(admin), made)
    sheet = opened(made.getvalue())
    assert (sheet.max_column, get_column_letter(sheet.max_column), sheet.max_row) == (59, "BG", 8)

    rows = {sheet[f"V{number}"].value: number for number in (7, 8)}
    assert set(rows) == {paid.number, owed.number}
    for number in rows.values():
        said = {letter: sheet[f"{letter}{number}"].value for letter in ("A", "B", "C", "K", "W")}
        assert (said["A"], said["B"], said["W"]) == ("01", "20261130", "30")
        assert all(isinstance(value, str) and "-" not in value for value in said.values())
        assert check_digit_holds(said["C"])
        assert check_digit_holds(said["K"])
        supplies, taxes = (
            [
                sheet.cell(number, column_index_from_string("W") + 8 * item + place).value or 0
                for item in range(4)
            ]
            for place in (5, 6)
        )
        assert (
            (sheet[f"T{number}"].value, sheet[f"U{number}"].value)
            == (sum(supplies), sum(taxes))
            == (18_000, 1_800)
        )
        assert sheet[f"N{number}"].value == "김사장"
    assert sheet[f"BG{rows[paid.number]}"].value == "01"
    assert sheet[f"BG{rows[owed.number]}"].value == "02"
    assert {cell.data_type for row in sheet.iter_rows(min_row=7) for cell in row if cell.value} == {"s", "n"}


@pytest.mark.parametrize("short", [False, True])
def test_the_form_hometax_gives_is_filled_and_its_first_six_rows_stay(admin: User, short: bool) -> None:
    bill = owing()
    heads = HOMETAX[:2] + HOMETAX[10:] if short else HOMETAX
    given, made = form(heads), io.BytesIO()
    tax_sheet.fill(io.BytesIO(given), len(given), exported(admin), made)
    before, after = opened(given), opened(made.getvalue())
    for row in range(1, 7):
        assert [cell.value for cell in before[row]] == [cell.value for cell in after[row]]
    assert after.merged_cells.ranges == before.merged_cells.ranges
    assert load_workbook(io.BytesIO(made.getvalue())).sheetnames == ["엑셀업로드양식", "항목설명"]
    buyer, total, kind = ("C", "L", "AY") if short else ("K", "T", "BG")
    assert after[f"{buyer}7"].value == bill.shop.merchant.business_number
    assert (after[f"{total}7"].value, after[f"{kind}7"].value) == (18_000, "02")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (form(HOMETAX[:46]), "46개"),
        (form([*HOMETAX[:19], "합계금액", *HOMETAX[20:]]), "T열이 ‘합계금액’"),
        (form(HOMETAX, "Sheet1"), "‘엑셀업로드양식’ 시트가 없음"),
        (b"PK\x03\x04 broken", "깨졌음"),
        (b"x" * (tax_sheet.LARGEST_FORM + 1), "2MB"),
    ],
)
def test_what_is_not_the_form_is_refused_with_what_was_found(admin: User, given: bytes, why: str) -> None:
    owing()
    with pytest.raises(FormRefused, match=why):
        tax_sheet.fill(io.BytesIO(given), len(given), exported(admin), io.BytesIO())


def text(client: Client, path: str) -> str:
    return " ".join(text_of(sound(client.get(path))).split())


def test_taxes_are_for_admins_alone() -> None:
    agent = staff_client(StaffFactory(role=Role.AGENT))
    assert [agent.get(f"/billing/tax/{path}").status_code for path in ("", "corrections/", "files/x/")] == [
        404
    ] * 3


def test_the_page_counts_says_why_not_and_makes_files_to_be_had_again(desk: Client, admin: User) -> None:
    bill = owing("행복치킨")
    owing("빈칸가게", tax_representative="")
    shown = text(desk, "/billing/tax/")
    for said in ("12월 10일(목)까지 · 3일 남음", "발급할 것 1장", "뺀 것 1장", "빈칸가게", "대표자 없음."):
        assert said in shown
    assert "찾은 청구서 없음" in text_of(
        sound(desk.post("/billing/tax/", {"words": "없는가게"}, follow=True))
    )
    assert "행복치킨" in text_of(sound(desk.post("/billing/tax/", {"words": "행복"}, follow=True)))

    desk.post("/billing/tax/make/", {"month": "2026-11"})
    first, again = (desk.get("/billing/tax/files/2026-11-001.xlsx") for _ in range(2))
    assert [list(row) for row in opened(first.content).values] == [
        list(row) for row in opened(again.content).values
    ]
    (name,) = zipfile.ZipFile(io.BytesIO(desk.get("/billing/tax/files.zip?month=2026-11").content)).namelist()
    assert name == "tax-2026-11-001.xlsx"
    assert AuditEntry.objects.filter(action="tax.downloaded", actor=admin).count() == 3
    assert bill.number in text(desk, "/billing/tax/files/2026-11-001/")
    assert desk.get("/billing/tax/files/2026-10-001.xlsx").status_code == 404


def test_approval_numbers_are_taken_together_or_not_at_all_and_lead_to_the_list_of_corrections(
    desk: Client, admin: User
) -> None:
    bill, other = owing("하나"), owing("둘")
    one, two = exported(admin)
    path = f"/billing/tax/files/{one.file}/"
    refused = desk.post(path, {"pasted": f"{NUMBER} {bill.number}\n{NUMBER} {other.number}"})
    assert refused.status_code == 422
    assert "두 번 있음" in text_of(sound(refused))
    assert not TaxInvoice.objects.exclude(approval_number="").exists()

    desk.post(path, {f"number-{one.pk}": "20261207-41000000-12345678", f"number-{two.pk}": ""})
    one.refresh_from_db()
    assert one.approval_number == NUMBER
    taken = desk.post(path, {f"number-{two.pk}": NUMBER})
    assert "다른 세금계산서에 이미" in text_of(sound(taken))

    adjusted(one.invoice, -2_200, admin, one.invoice)
    assert "목록 만들기 (1장)" in text(desk, "/billing/tax/corrections/")
    listed = desk.post("/billing/tax/corrections/")
    assert listed.headers["Location"] == "/billing/tax/files/fix-2026-12-07-01/"
    assert "공급가액 변동" in text(desk, listed.headers["Location"])
    book = load_workbook(io.BytesIO(desk.get("/billing/tax/files/fix-2026-12-07-01.xlsx").content))
    row = [cell.value for cell in book.worksheets[0][2]]
    assert (row[0], row[1], row[3], row[10:13]) == (
        "02 공급가액 변동", "20261207-41000000-12345678", "2026-12-07", [-2_000, -200, -2_200],
    )  # fmt: skip


def test_a_person_takes_a_tax_invoice_back_and_a_wrong_form_is_answered_on_the_page(
    desk: Client, admin: User
) -> None:
    owing()
    (row,) = exported(admin)
    path = f"/billing/tax/invoices/{row.pk}/correct/"
    assert desk.post(path, {"reason": "04", "on": ""}).status_code == 422
    assert desk.post(path, {"reason": "06"}).headers["Location"] == "/billing/tax/corrections/"
    assert "착오에 의한 이중발급" in text(desk, "/billing/tax/corrections/")
    assert "이미 수정한 세금계산서" in text(desk, path)

    wrong = desk.post(
        f"/billing/tax/files/{row.file}/form/", {"form": SimpleUploadedFile("form.xlsx", form(HOMETAX[:9]))}
    )
    assert wrong.status_code == 422
    assert "칸이 9개임" in text_of(sound(wrong))
    right = desk.post(
        f"/billing/tax/files/{row.file}/form/", {"form": SimpleUploadedFile("form.xlsx", form(HOMETAX))}
    )
    assert opened(right.content)["T7"].value == 18_000
