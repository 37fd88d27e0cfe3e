"""매출 as a workbook: one figure a row, so that a spreadsheet program can turn it as somebody likes."""

from collections.abc import Iterator
from typing import IO, Final

from billing.reports import WAYS, Month, Report
from shopmsg.core.spreadsheet_files import write_xlsx

_COLUMNS: Final = (
    ("달", 10),
    ("구분", 16),
    ("항목", 30),
    ("공급가액", 16),
    ("세액", 14),
    ("금액", 16),
    ("수", 10),
)


def write(report: Report, to: IO[bytes]) -> None:
    """Every figure of the report; won and numbers are numbers."""
    write_xlsx("매출", _COLUMNS, _rows(report), to)


def _rows(report: Report) -> Iterator[list[str | int]]:
    for month in report.months:
        yield from _of_month(month)
    at = f"{report.newest.month:%Y-%m}"
    for part in report.parts:
        yield [at, "월 정기 매출", part.label, "", "", part.won, part.shops]
    for age in report.ages:
        yield ["오늘", "미수", age.label, "", "", age.won, age.shops]
    yield ["오늘", "맡아 둔 돈", "더 내서 남은 돈", "", "", report.credit_krw, ""]


def _of_month(month: Month) -> Iterator[list[str | int]]:
    at = f"{month.month:%Y-%m}"
    for name, won in month.charged.items():
        yield [at, "청구", name, won.supply_krw, won.vat_krw, won.total_krw, ""]
    for way, amount in month.received.items():
        yield [at, "받은 돈", WAYS[way], "", "", amount, ""]
    yield [at, "돌려준 돈", "환불", "", "", month.paid_back_krw, ""]
    yield [at, "월 정기 매출", "합계", "", "", month.recurring_krw, ""]
    yield [at, "청구서", "0원이 아닌 청구서", "", "", "", month.bills]
    for name, number in (
        ("이용", month.running),
        ("새 가게", month.begun),
        ("해지", month.ended),
        ("일시정지", month.paused),
        ("무료가 끝남", month.freed),
        ("그 뒤에도 씀", month.stayed),
    ):
        yield [at, "가게", name, "", "", "", number]
