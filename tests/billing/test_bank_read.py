"""Bank statements as Korean banks hand them out, and files that are none."""

import io
from datetime import UTC, date, datetime

import pytest

from billing.bank_read import Deposit, FileRefused, Statement, file_rows, read
from shopmsg.core.clock import KST
from tests.core.test_spreadsheets import xlsx

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)

WOORI = """우리은행 거래내역조회
계좌번호,1005-000-000000,,,,,,
조회기간,2026.11.01~2026.11.22,,,,,,
No.,거래일시,적요,기재내용,지급(원),입금(원),거래후 잔액(원),메모
1,2026.11.20 15:05:07,타행이체,행복치킨 123456,0,"15,400","1,015,400",
2,2026.11.20 16:00:00,급여,김직원,"1,000,000",0,"15,400",
3,2026.11.21 09:00:00,타행이체,김민수,,"₩19,800","35,200",11월분
,합계,,,"1,000,000","35,200",,
"""
SHINHAN = """거래일자,거래시간,적요,출금(원),입금(원),내용,잔액(원),거래점
2026-11-20,15:05:07,타행IB,0,15400,행복치킨 123456,1015400,강남
"""
KAKAO = """거래일시\t구분\t거래금액\t거래 후 잔액\t거래구분\t내용\t메모
2026.11.20 15:05:07\t입금\t15,400\t1,015,400\t일반입금\t행복치킨 123456\t
2026.11.20 16:05:07\t출금\t-5,400\t1,010,000\t일반이체\t아무개\t
"""
POST = """거래일,시간,기재내용,찾으신금액,맡기신금액,거래후잔액
20261120,150507,행복치킨 123456,,"15,400원",1015400
"""
FIRST = Deposit(0, datetime(2026, 11, 20, 15, 5, 7, tzinfo=KST), 15_400, "행복치킨 123456", "", 1_015_400)


def of(text: str, encoding: str = "utf-8") -> Statement:
    return of_bytes(text.encode(encoding))


def of_bytes(data: bytes) -> Statement:
    return read(file_rows(io.BytesIO(data), len(data)), NOW)


def refused(data: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as found:
        of_bytes(data)
    return found.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16"])
def test_a_statement_reads_the_same_in_every_encoding_with_the_banks_lines_on_top(encoding: str) -> None:
    statement = of(WOORI.replace("₩", "" if "c" in encoding else "₩"), encoding)

    assert [(each.row, each.amount_krw, each.sender, each.memo) for each in statement.deposits] == [
        (5, 15_400, "행복치킨 123456", ""),
        (7, 19_800, "김민수", "11월분"),
    ]
    assert (statement.withdrawals, statement.problems, statement.rows) == (1, (), 3)


@pytest.mark.parametrize("text", [WOORI, SHINHAN, KAKAO, POST], ids=["woori", "shinhan", "kakao", "post"])
def test_every_banks_own_columns_say_the_same_line(text: str) -> None:
    first = of(text).deposits[0]

    assert (first.same, first.key(0)) == (FIRST.same, FIRST.key(0))


def test_an_excel_file_with_real_dates_and_numbers_says_the_same_line() -> None:
    table = [
        ["계좌번호", "1005"],
        ["거래일시", "입금액", "출금액", "보낸분", "거래후잔액"],
        [FIRST.at.replace(tzinfo=None), 15400, None, "행복치킨 123456", 1015400.0],
        [date(2026, 11, 21), None, 3000, "아무개", 1012400],
    ]

    statement = of_bytes(xlsx(table))

    assert [each.key(0) for each in statement.deposits] == [FIRST.key(0)]
    assert statement.withdrawals == 1


def test_a_bad_row_is_named_by_row_and_field_and_the_others_are_kept() -> None:
    statement = of(
        "거래일시,입금액,내용\n"
        "2026-11-20,만오천,가\n"
        "2026-13-20,15400,나\n"
        ",15400,다\n"
        "2026-11-20,-15400,라\n"
        "2026-11-20,15400.5,마\n"
        "2026-12-24,15400,바\n"
        "2026-11-20 25:00,15400,사\n"
        "2026-11-20,,아\n"
        '2026-11-20,"9,000,000,000",자\n'
        "2026-11-20,15400,차\n"
    )

    assert [(each.row, each.field, each.why) for each in statement.problems] == [
        (2, "입금액", "금액이 아님"),
        (3, "거래일시", "달력에 없는 날"),
        (4, "거래일시", "날짜가 비어 있음"),
        (5, "입금액", "0보다 작은 입금. 입금 취소인지 은행에서 확인"),
        (6, "입금액", "금액이 아님"),
        (7, "거래일시", "아직 오지 않은 날"),
        (8, "거래일시", "시계에 없는 시각"),
        (9, "입금액", "금액이 비어 있음"),
        (10, "입금액", "1,000,000,000원 초과. 은행에서 확인"),
    ]
    assert [each.sender for each in statement.deposits] == ["차"]


def test_one_column_of_amounts_without_a_word_or_a_minus_is_not_guessed_at() -> None:
    statement = of("거래일시,거래금액,내용\n2026-11-20,15400,가\n")

    assert [each.why for each in statement.problems] == ["입금인지 출금인지 알 수 없음"]


@pytest.mark.parametrize(
    "won", ["15400", "15,400", "₩15,400", "\\15,400", "15,400원", "15400.00", "１５，４００"]
)
def test_amounts_are_read_however_they_are_written(won: str) -> None:
    assert of(f'거래일시;입금액\n2026-11-20;"{won}"\n').deposits[0].amount_krw == 15_400


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        ("휴대폰,메모\n01012345678,대성\n".encode(), "no_column"),
        ("거래일시,메모\n2026-11-20,대성\n".encode(), "no_column"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "type"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "encoding"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "locked"),
        (b"1" * (5 * 1024 * 1024 + 1), "too_big"),
        (b"0\n" * 20_002, "too_many_rows"),
    ],
)
def test_a_file_that_is_no_statement_says_what_to_do(data: bytes, code: str) -> None:
    found = refused(data)

    assert found.code == code
    assert not found.message.endswith("요.")
