"""A bill on paper: what is on it, where, in which letters, and that it is one page whatever stands on the bill."""

import io
import random
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

from billing import bill_font, bill_pdf
from billing.bill import Bill, HowToPay, Paid, bill_of
from billing.enums import EntryKind, InvoiceKind, PayMethod
from billing.models import Invoice, LedgerEntry
from billing.vat import split
from shopmsg.core.money import format_won

GOLDEN = Path(__file__).parent / "golden" / "bill.txt"
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
SERVICE = (
    "소상공인형 3년 약정",
    13_200,
    "11월 1일~30일 한 달 요금 13,200원이에요. 원래 한 달 19,800원인데 3년 약정으로 6,600원 깎아 드렸어요.",
)
PARTY = {
    "seller": {
        "name": "주식회사 본보기통신",
        "number": "1248100998",
        "representative": "나대표",
        "address": "서울 종로구 세종대로 1",
        "bank_account": "본보기은행 100-200-300400 주식회사 본보기통신",
    },
    "buyer": {
        "name": "봄날상사",
        "shop": "봄날꽃집",
        "number": "1112233334",
        "address": "서울 마포구 망원로 10",
    },
}


def a_bill(
    lines: list[tuple[str, int, str]] | None = None,
    *,
    entry: EntryKind = EntryKind.SERVICE,
    usage: int = 0,
    paid: tuple[Paid, ...] = (),
    earlier: int = 0,
    party: dict[str, dict[str, str]] | None = None,
    notes: tuple[Invoice, ...] = (),
    **fields: object,
) -> Bill:
    entries = [_entry(entry, *line) for line in ([SERVICE] if lines is None else lines)]
    entries += [
        _entry(EntryKind.USAGE, "알림톡", 1_000 + number, f"{100 + number}건 × 9원에 부가세를 더했어요.")
        for number in range(usage)
    ]
    parts = split(sum(entry.amount_krw for entry in entries))
    invoice = Invoice(
        **{
            "kind": InvoiceKind.INVOICE,
            "number": "202611-000123",
            "month": NOVEMBER[0],
            "issued_on": date(2026, 12, 1),
            "due_on": date(2026, 12, 21),
            "total_krw": parts.total_krw,
            "supply_krw": parts.supply_krw,
            "vat_krw": parts.vat_krw,
            "carried_krw": 0,
            "party": party or PARTY,
            **fields,
        }
    )
    paying = HowToPay(PayMethod.TRANSFER, deposit_code="482917")
    return bill_of(invoice, entries, payments=paid, earlier_left_krw=earlier, notes=notes, paying=paying)


def _entry(kind: EntryKind, label: str, won: int, sentence: str) -> LedgerEntry:
    return LedgerEntry(
        kind=kind, label=label, amount_krw=won, sentence=sentence, first=NOVEMBER[0], last=NOVEMBER[1]
    )


def read(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data))


def placed(data: bytes) -> list[str]:
    """Every piece of text on the page with the millimetres from its left edge and from the top, and its points."""
    found: list[tuple[float, float, float, str]] = []

    def visit(text: str, _cm: object, tm: list[float], _font: object, size: float) -> None:
        if text.strip():
            found.append((297 - tm[5] * 0.352778, tm[4] * 0.352778, size, text.strip()))

    (page,) = read(data).pages
    page.extract_text(visitor_text=visit)
    return [f"{left:.1f} {top:.1f} {size:g} {text}" for top, left, size, text in found]


def words(data: bytes) -> str:
    """All text, without the line breaks the width of paper makes."""
    (page,) = read(data).pages
    return page.extract_text().replace("\n", " ")


def test_a_bill_is_where_and_what_it_was_when_somebody_last_looked_at_it() -> None:
    bill = a_bill(
        [
            SERVICE,
            ("이벤트 프로", 49_000, "11월 1일~30일 한 달 요금 49,000원이에요."),
        ],
        usage=1,
        carried_krw=15_400,
        paid=(Paid(date(2026, 12, 5), "카드", 5_000),),
    )
    assert "\n".join(placed(bill_pdf.pdf_of(bill))) + "\n" == GOLDEN.read_text()


def test_the_file_says_what_it_is_and_in_which_language() -> None:
    file = read(bill_pdf.pdf_of(a_bill()))
    assert file.metadata is not None
    assert file.metadata.title == "2026년 11월 청구서 202611-000123"
    assert file.metadata.author == "주식회사 본보기통신"
    assert str(file.root_object["/Lang"]) == "ko"
    assert str(file.pages[0].mediabox.width).startswith("595")


def test_the_same_bill_is_the_same_file_byte_for_byte() -> None:
    assert bill_pdf.pdf_of(a_bill()) == bill_pdf.pdf_of(a_bill())


def test_the_fonts_are_inside_and_the_file_stays_small() -> None:
    data = bill_pdf.pdf_of(a_bill(usage=12))
    (page,) = read(data).pages
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert len(fonts) == 2
    for font in fonts:
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert "/FontFile2" in descriptor
    assert len(data) < 200_000


def test_no_hangul_syllable_and_no_line_of_money_becomes_a_box() -> None:
    syllables = "".join(map(chr, range(0xAC00, 0xD7A4)))
    rest = "0123456789,.()~×÷=+-−·:/%₩…–漢字"
    assert bill_font.writable(syllables + rest) == syllables + rest


def test_any_syllables_of_a_shop_are_readable_in_the_file() -> None:
    name = "".join(random.Random(7).sample([chr(code) for code in range(0xAC00, 0xD7A4)], 60))
    data = bill_pdf.pdf_of(a_bill(party={**PARTY, "buyer": {"name": name}}))
    assert name in words(data).replace(" ", "")


def test_a_name_with_an_emoji_or_loose_letters_is_written_without_a_box() -> None:
    decomposed = "치킨"
    data = bill_pdf.pdf_of(a_bill(party={**PARTY, "buyer": {"name": f"{decomposed}🍗나라"}}))
    assert "치킨나라" in words(data)


@pytest.mark.parametrize("name", ["가나다라마바사아자차" * 6, "W" * 60])
def test_a_long_name_is_broken_and_stays_on_its_side_of_the_page(name: str) -> None:
    data = bill_pdf.pdf_of(a_bill(party={"seller": {"name": name}, "buyer": {"name": name}}))
    assert words(data).replace(" ", "").count(name) == 2
    assert all(float(line.split()[0]) < 195 for line in placed(data))


def test_an_ordinary_bill_has_every_line_with_its_days_and_its_sentence() -> None:
    data = bill_pdf.pdf_of(a_bill([SERVICE] * 4, usage=6))
    said = words(data)
    assert said.count("소상공인형 3년 약정") == 4
    assert said.count("11월 1일~30일") == 10, "the days stand once a line"
    assert said.count("한 달 요금 13,200원이에요") == 4
    assert "그 밖의" not in said


def test_twenty_five_lines_of_usage_are_one_readable_page_whose_amounts_add_up() -> None:
    bill = a_bill(usage=25)
    data = bill_pdf.pdf_of(bill)
    assert len(read(data).pages) == 1
    sizes = [float(line.split()[2]) for line in placed(data)]
    assert min(sizes) >= 9
    said = words(data)
    assert "그 밖의 사용료" in said
    assert "청구서 화면에 모두 있어요" in said
    assert said.count("알림톡") >= 9, "only as many as must be are summed"
    assert _amounts_of_lines(data) == bill.total_krw
    assert all(float(line.split()[1]) < 297 - 15 for line in placed(data))


def test_a_month_that_changed_every_day_is_still_one_page_that_adds_up() -> None:
    bill = a_bill([(f"소상공인형 {day}", 1_000 + day, SERVICE[2] * 3) for day in range(62)], usage=40)
    data = bill_pdf.pdf_of(bill)
    assert len(read(data).pages) == 1
    assert "그 밖의 항목" in words(data)
    assert _amounts_of_lines(data) == bill.total_krw
    assert all(float(line.split()[1]) < 297 - 15 for line in placed(data))


def _amounts_of_lines(data: bytes) -> int:
    """The sum of what stands at the right of the lines, before the sums."""
    texts = [line.split(" ", 3)[3] for line in placed(data)]
    start = next(place for place, text in enumerate(texts) if text.startswith(("소상공인형", "이벤트")))
    lines = texts[start : texts.index("공급가액")]
    # An amount is the piece that is nothing else.
    return sum(
        int(text.removesuffix("원").replace(",", ""))
        for text in lines
        if text.endswith("원") and text.removesuffix("원").replace(",", "").isdigit()
    )


def test_a_bill_of_nothing_says_so_and_asks_for_nothing() -> None:
    free = ("소상공인형", 0, "11월 1일~30일 첫 달은 무료라서 11월 30일까지 요금이 없어요.")
    said = words(bill_pdf.pdf_of(a_bill([free])))
    assert "내실 돈이 없어요" in said
    assert "첫 달은 무료라서" in said
    assert "보내실 계좌" not in said
    assert "납부 기한" not in said


def test_a_note_in_the_shops_favour_names_the_bill_it_corrects() -> None:
    original = Invoice(
        kind=InvoiceKind.INVOICE,
        number="202610-000123",
        month=date(2026, 10, 1),
        issued_on=date(2026, 11, 1),
        total_krw=13_200,
    )
    note = a_bill(
        [("바로잡음", -3_300, "두 번 청구한 금액을 돌려드려요.")],
        entry=EntryKind.CORRECTION,
        kind=InvoiceKind.NOTE,
        number="N202611-000001",
        original=original,
    )
    said = words(bill_pdf.pdf_of(note))
    assert "2026년 11월 정정 청구서" in said
    assert "2026년 10월 청구서(202610-000123)를 바로잡은" in said
    assert "돌려드리는 금액" in said
    assert "-3,300원" in said
    assert "-300원" in said, "the VAT of it"


def test_what_came_over_from_before_is_added_or_taken_off() -> None:
    owing = a_bill(carried_krw=15_400, earlier=15_400)
    assert owing.to_pay_krw == 28_600
    assert owing.headline == ("내실 금액", 28_600)
    assert owing.state == "이번 청구에서 13,200원 남음"
    ahead = a_bill(carried_krw=-20_000, paid=(Paid(date(2026, 11, 3), "계좌 이체", 13_200),))
    said = words(bill_pdf.pdf_of(ahead))
    assert ahead.to_pay_krw == 0
    assert f"다음 요금에서 빼 드릴 금액 {format_won(6_800)}" in said
    assert "다 냈어요" in said
