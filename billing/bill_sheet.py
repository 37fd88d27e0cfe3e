"""What the PDF of a bill says, in the order it says it, and what it leaves to the page when there is more than one sheet of
paper holds. Pure: how it is drawn is billing.bill_pdf's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any, Final

from billing.bill import Bill, BillLine, Party
from billing.enums import InvoiceKind
from shopmsg.core.clock import format_day
from shopmsg.core.money import format_won

#: What is written only once lines have been summed or sentences left out.
_OTHER_USAGE: Final = "그 밖의 사용료"
_OTHER: Final = "그 밖의 항목"
_ELSEWHERE: Final = "줄마다의 내용과 까닭은 우리가게 문자의 청구서 화면에 모두 있어요."
_MOST_PAYMENTS: Final = 4


@dataclass(frozen=True, slots=True)
class Sheet:
    """Every text that may be drawn. `facts`, `sums` and `last_sum` are (label, value); a line is (label, days, amount, why);
    `parties` are (heading, texts, the first of which is the name)."""

    title: str
    facts: tuple[tuple[str, str], ...]
    amount_label: str
    amount: str
    state: str
    about: str
    parties: tuple[tuple[str, tuple[str, ...]], ...]
    lines: tuple[tuple[str, str, str, str], ...]
    sums: tuple[tuple[str, str], ...]
    last_sum: tuple[str, str]
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    foot: str

    def characters(self) -> str:
        """Every character on it, once, in order of code."""
        return "".join(sorted(set("".join(_texts(astuple(self))))))


def sheets_of(bill: Bill, help_phone: str) -> Iterator[Sheet]:
    """The bill as it should be drawn, then with ever less on it: first the smallest usage is summed into one line, then the
    sentences go, at last the smallest lines of any kind. The last is short enough for any paper."""
    yield _sheet(bill, help_phone, bill.lines)
    usage = [place for place, line in enumerate(bill.lines) if line.is_usage]
    for count in range(2, len(usage) + 1):
        yield _told_elsewhere(_sheet(bill, help_phone, _summed(bill.lines, usage, count, _OTHER_USAGE)))
    bare = tuple(replace(line, why="") for line in bill.lines)
    yield _told_elsewhere(_sheet(bill, help_phone, bare))
    for count in range(2, len(bare) + 1):
        yield _told_elsewhere(_sheet(bill, help_phone, _summed(bare, range(len(bare)), count, _OTHER)))


def _summed(
    lines: tuple[BillLine, ...], places: Sequence[int], count: int, label: str
) -> tuple[BillLine, ...]:
    """The lines with the `count` smallest of those at `places` made into one, which stands last."""
    small = set(sorted(places, key=lambda place: (abs(lines[place].amount_krw), place))[:count])
    total = sum(lines[place].amount_krw for place in small)
    kept = tuple(line for place, line in enumerate(lines) if place not in small)
    return (*kept, BillLine(f"{label} {count}건", "", total, "", True))


def _told_elsewhere(sheet: Sheet) -> Sheet:
    return replace(sheet, foot=f"{_ELSEWHERE} {sheet.foot}")


def _sheet(bill: Bill, help_phone: str, lines: tuple[BillLine, ...]) -> Sheet:
    return Sheet(
        title=bill.title,
        facts=_facts(bill),
        amount_label=bill.headline[0],
        amount=format_won(bill.headline[1]),
        state=bill.state,
        about=_about(bill),
        parties=(("보내는 곳", _party(bill.seller)), ("받는 분", _party(bill.buyer))),
        lines=tuple((line.label, line.days, format_won(line.amount_krw), line.why) for line in lines),
        sums=_sums(bill),
        last_sum=_last_sum(bill),
        sections=tuple(section for section in _sections(bill) if section[1]),
        foot=f"궁금하신 것은 {help_phone}로 전화해 주세요. 세금계산서는 따로 보내 드려요.",
    )


def _facts(bill: Bill) -> tuple[tuple[str, str], ...]:
    facts = [("번호", bill.number), ("만든 날", _dated(bill))]
    if bill.total_krw > 0:
        facts.append(("납부 기한", f"{bill.due_on.year}년 {format_day(bill.due_on)}"))
    return tuple(facts)


def _dated(bill: Bill) -> str:
    return f"{bill.issued_on.year}년 {format_day(bill.issued_on)}"


def _about(bill: Bill) -> str:
    """Which bill a note corrects, and which notes correct this one."""
    if bill.kind == InvoiceKind.NOTE and bill.original:
        return f"{bill.original.title}({bill.original.number})를 바로잡은 청구서예요."
    if bill.notes:
        changed = ", ".join(f"{note.number} {format_won(note.total_krw)}" for note in bill.notes[:3])
        more = f" 외 {len(bill.notes) - 3}건" if len(bill.notes) > 3 else ""
        return f"이 청구서를 바로잡은 정정 청구서: {changed}{more}"
    return ""


def _party(party: Party) -> tuple[str, ...]:
    said = (
        party.name,
        party.shop,
        f"사업자등록번호 {party.number}" if party.number else "",
        f"대표 {party.representative}" if party.representative else "",
        party.address,
    )
    return tuple(text for text in said if text)


def _sums(bill: Bill) -> tuple[tuple[str, str], ...]:
    sums = [
        ("공급가액", format_won(bill.supply_krw)),
        ("부가세", format_won(bill.vat_krw)),
        ("이번 청구 금액", format_won(bill.total_krw)),
    ]
    if bill.carried_krw:
        sums.append((carried_words(bill.carried_krw), format_won(bill.carried_krw)))
    return tuple(sums)


def carried_words(carried_krw: int) -> str:
    """What came over from before the bill."""
    return "앞서 청구해서 아직 안 내신 금액" if carried_krw > 0 else "앞에서 남아 빼 드린 금액"


def _last_sum(bill: Bill) -> tuple[str, str]:
    if bill.over_krw:
        return ("다음 요금에서 빼 드릴 금액", format_won(bill.over_krw))
    return ("내실 금액", format_won(bill.to_pay_krw))


def _sections(bill: Bill) -> tuple[tuple[str, tuple[str, ...]], ...]:
    paid = tuple(payment.said for payment in bill.payments[:_MOST_PAYMENTS])
    if len(bill.payments) > _MOST_PAYMENTS:
        rest = bill.payments[_MOST_PAYMENTS:]
        won = format_won(sum(payment.amount_krw for payment in rest))
        paid = (*paid, f"그 밖에 {len(rest)}번 {won}")
    return (("내시는 방법", bill.how_to_pay), ("내신 내역", paid))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        for each in value:
            yield from _texts(each)
