"""A bill as PDF: one A4 page in Korean with its font inside. The same data gives the same bytes."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Final

from django.conf import settings

from billing import bill_font
from billing.bill import Bill
from billing.bill_sheet import Sheet, sheets_of

if TYPE_CHECKING:
    from fpdf import FPDF

_FAMILY: Final = "noto"
_WIDTH: Final = 210.0
_HEIGHT: Final = 297.0
_MARGIN: Final = 17.0
_INNER: Final = _WIDTH - 2 * _MARGIN
_AMOUNT_WIDTH: Final = 34.0
_DAYS_WIDTH: Final = 52.0
#: Millimetres a line takes for each point of its type.
_LEADING: Final = 0.3528 * 1.42
_INK: Final = (21, 32, 27)
_SOFT: Final = (70, 82, 76)
_ACCENT: Final = (10, 83, 65)
_GROUND: Final = (233, 239, 235)
_HAIR: Final = (190, 201, 195)

#: Type sizes in points, roomy and close: lines of the bill, their sentences, and everything small. None is below 9.
_ROOMY: Final = (11.0, 9.5, 10.0)
_CLOSE: Final = (10.0, 9.0, 9.0)

#: Paragraphs broken into lines before: (text, width, type size, style) → lines.
_Broken = dict[tuple[str, float, float, str], list[str]]


def pdf_of(bill: Bill) -> bytes:
    """The file. What does not fit a page at a readable size is summed: see billing.bill_sheet.sheets_of."""
    from fpdf import FPDF
    from fpdf.prefs import ViewerPreferences

    sheets = list(sheets_of(bill, settings.HELP_PHONE))
    characters = bill_font.writable("".join(sheet.characters() for sheet in sheets))
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    pdf.set_title(bill_font.writable(f"{bill.title} {bill.number}"))
    pdf.set_author(bill_font.writable(bill.seller.name))
    pdf.set_lang("ko")
    pdf.set_producer("shopmsg")
    pdf.set_creation_date(datetime.combine(bill.issued_on, time(), UTC))
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    with bill_font.fonts_for(characters) as files:
        for style, file in files.items():
            pdf.add_font(_FAMILY, style, file)
        pdf.add_page()
        _first_that_fits(pdf, sheets).draw()
        return bytes(pdf.output())


def _first_that_fits(pdf: "FPDF", sheets: Sequence[Sheet]) -> "_Page":
    room = _HEIGHT - 2 * _MARGIN
    broken: _Broken = {}
    tries = [_Page(pdf, sheets[0], _ROOMY, broken)]
    tries += [_Page(pdf, sheet, _CLOSE, broken) for sheet in sheets]
    return next((page for page in tries if page.height() <= room), tries[-1])


class _Page:
    """One sheet in one set of type sizes. Each part is written at `self._y`, which goes down by its height; measuring is
    writing without ink."""

    def __init__(
        self, pdf: "FPDF", sheet: Sheet, sizes: tuple[float, float, float], broken: "_Broken"
    ) -> None:
        self._pdf = pdf
        self._sheet = sheet
        self._line_size, self._why_size, self._small = sizes
        self._broken_before = broken
        self._gap = 5.0 if sizes == _ROOMY else 3.0
        self._y = 0.0
        self._inked = False

    def height(self) -> float:
        """Millimetres from the first to the last line."""
        self._inked, self._y = False, 0.0
        self._write()
        return self._y

    def draw(self) -> None:
        """Put it on the page."""
        self._inked, self._y = True, _MARGIN
        self._write()

    def _write(self) -> None:
        self._heading()
        self._amount()
        self._parties()
        self._lines()
        self._sums()
        for title, texts in self._sheet.sections:
            self._text(title, _MARGIN, _INNER, self._small, "B", _ACCENT)
            for text in texts:
                self._text(text, _MARGIN, _INNER, self._small)
            self._y += self._gap / 2
        self._rule()
        self._text(self._sheet.foot, _MARGIN, _INNER, 9.0, colour=_SOFT)

    def _heading(self) -> None:
        top = self._y
        self._text(self._sheet.title, _MARGIN, _INNER * 0.6, 20.0, "B", _ACCENT)
        left = self._y
        self._y = top
        for label, value in self._sheet.facts:
            self._text(f"{label} {value}", _MARGIN + _INNER * 0.6, _INNER * 0.4, self._small, align="R")
        self._y = max(left, self._y) + self._gap / 2

    def _amount(self) -> None:
        """What is to be paid, the largest thing on the page."""
        size, top = 22.0, self._y
        height = size * _LEADING + 5
        if self._inked:
            self._pdf.set_fill_color(*_GROUND)
            self._pdf.rect(_MARGIN, top, _INNER, height, "F")
        self._y = top + 2.5 + (size - 12) * _LEADING / 2
        self._text(self._sheet.amount_label, _MARGIN + 5, 60, 12.0, "B")
        self._y = top + 2.5 + (size - 12) * _LEADING / 2
        self._text(self._sheet.state, _MARGIN + _INNER - 75, 70, 12.0, "B", _ACCENT, "R")
        self._y = top + 2.5
        self._text(self._sheet.amount, _MARGIN + 45, _INNER - 120, size, "B", _INK)
        self._y = top + height + self._gap / 2
        if self._sheet.about:
            self._text(self._sheet.about, _MARGIN, _INNER, self._small, "B")
            self._y += self._gap / 2

    def _parties(self) -> None:
        width = (_INNER - 8) / 2
        top, bottom = self._y, self._y
        for place, (heading, texts) in enumerate(self._sheet.parties):
            self._y, left = top, _MARGIN + place * (width + 8)
            self._text(heading, left, width, self._small, "B", _ACCENT)
            for number, text in enumerate(texts):
                self._text(text, left, width, self._small, "" if number else "B")
            bottom = max(bottom, self._y)
        self._y = bottom + self._gap

    def _lines(self) -> None:
        width = _INNER - _AMOUNT_WIDTH - _DAYS_WIDTH
        for label, days, amount, why in self._sheet.lines:
            self._rule()
            top = self._y
            self._text(label, _MARGIN, width, self._line_size, "B")
            bottom, self._y = self._y, top
            self._text(days, _MARGIN + width, _DAYS_WIDTH, self._line_size, align="R")
            bottom, self._y = max(bottom, self._y), top
            self._text(
                amount, _MARGIN + _INNER - _AMOUNT_WIDTH, _AMOUNT_WIDTH, self._line_size, "B", align="R"
            )
            self._y = bottom
            if why:
                self._text(why, _MARGIN, _INNER, self._why_size, colour=_SOFT)
            self._y += 1.0
        self._rule(_INK)

    def _sums(self) -> None:
        for label, value in self._sheet.sums:
            self._sum(label, value, self._small, "")
        self._sum(*self._sheet.last_sum, self._line_size + 1, "B")
        self._y += self._gap

    def _sum(self, label: str, value: str, size: float, style: str) -> None:
        top = self._y
        left = _MARGIN + _INNER - _AMOUNT_WIDTH
        self._text(label, _MARGIN + 40, left - _MARGIN - 44, size, style, align="R")
        self._y = top
        self._text(value, left, _AMOUNT_WIDTH, size, style, align="R")

    def _rule(self, colour: tuple[int, int, int] = _HAIR) -> None:
        if self._inked:
            self._pdf.set_draw_color(*colour)
            self._pdf.set_line_width(0.25)
            self._pdf.line(_MARGIN, self._y, _MARGIN + _INNER, self._y)
        self._y += 1.2

    def _text(
        self,
        text: str,
        left: float,
        width: float,
        size: float,
        style: str = "",
        colour: tuple[int, int, int] = _INK,
        align: str = "L",
    ) -> None:
        """A paragraph broken at spaces, and inside a word only when the line does not hold it."""
        self._pdf.set_font(_FAMILY, style, size)
        height = size * _LEADING
        asked = (text, width, size, style)
        if asked not in self._broken_before:
            self._broken_before[asked] = self._broken(bill_font.writable(text), width)
        lines = self._broken_before[asked]
        if self._inked:
            self._pdf.set_text_color(*colour)
            for number, line in enumerate(lines):
                self._pdf.set_xy(left, self._y + number * height)
                self._pdf.cell(width, height, line, align=align)
        self._y += height * len(lines)

    def _broken(self, text: str, width: float) -> list[str]:
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if self._pdf.get_string_width(longer) <= width:
                lines[-1] = longer
                continue
            if lines[-1]:
                lines.append("")
            for char in word:
                if lines[-1] and self._pdf.get_string_width(lines[-1] + char) > width:
                    lines.append("")
                lines[-1] += char
        return lines
