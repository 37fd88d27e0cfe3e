"""What a tax invoice's line says, as plain data: made once when it goes into a file, kept in TaxInvoice.said. Pure.

{"seller": …, "buyer": … (both as billing.party has them), "items": [[name, supply, VAT], …] at most four, "paid": bool,
"number": the bill's number, which stands in the remarks, so that what Hometax answers can be told apart}. Won.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from billing.enums import EntryKind

#: What Hometax's form has room for.
MOST_ITEMS: Final = 4
#: 품목, by what was charged for; lines of one kind are one item.
_ITEMS: Final[Mapping[str, str]] = {
    EntryKind.SERVICE: "이용료",
    EntryKind.PLAN: "이벤트 요금제",
    EntryKind.REFUND: "할인반환금",
    EntryKind.USAGE: "사용료",
}
_OTHER: Final = "요금 정정"


@dataclass(frozen=True, slots=True)
class Item:
    """품목 with its 공급가액 and 세액."""

    name: str
    supply_krw: int
    vat_krw: int


@dataclass(frozen=True, slots=True)
class Party:
    """공급자 or 공급받는자. `number` is ten digits."""

    number: str
    name: str
    representative: str
    address: str
    business_type: str
    business_item: str
    email: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is read back. `paid`: 영수, else 청구."""

    seller: Party
    buyer: Party
    items: tuple[Item, ...]
    paid: bool
    number: str

    @property
    def supply_krw(self) -> int:
        """공급가액 합계."""
        return sum(item.supply_krw for item in self.items)

    @property
    def vat_krw(self) -> int:
        """세액 합계."""
        return sum(item.vat_krw for item in self.items)


def items_of(entries: Iterable[tuple[str, int, int]]) -> list[list[Any]]:
    """The items of (kind, supply, VAT) lines: those of one kind merged, those of 0 won left out, never more than four."""
    sums: dict[str, list[int]] = {}
    for kind, supply, vat in entries:
        parts = sums.setdefault(_ITEMS.get(kind, _OTHER), [0, 0])
        parts[0] += supply
        parts[1] += vat
    found = [
        (name, sums[name][0], sums[name][1]) for name in (*_ITEMS.values(), _OTHER) if any(sums.get(name, ()))
    ]
    if len(found) > MOST_ITEMS:
        rest = found[MOST_ITEMS - 1 :]
        merged = " · ".join(name for name, *_ in rest)
        found[MOST_ITEMS - 1 :] = [(merged, sum(row[1] for row in rest), sum(row[2] for row in rest))]
    return [list(item) for item in found]


def said(
    seller: Mapping[str, Any], buyer: Mapping[str, Any], items: list[list[Any]], *, paid: bool, number: str
) -> dict[str, Any]:
    """The data of a line."""
    return {
        "seller": party(seller),
        "buyer": party(buyer),
        "items": items,
        "paid": paid,
        "number": number,
    }


def party(said: Mapping[str, Any]) -> dict[str, str]:
    """What a line keeps of a seller or buyer."""
    return {each.name: str(said.get(each.name, "")) for each in fields(Party)}


def minus(line: Mapping[str, Any]) -> dict[str, Any]:
    """The same line taken back."""
    return {**line, "items": [[name, -supply, -vat] for name, supply, vat in line["items"]]}


def read(line: Mapping[str, Any]) -> Line:
    """The line of such data. Raises KeyError and ValueError for what `said` did not make."""
    return Line(
        Party(**line["seller"]),
        Party(**line["buyer"]),
        tuple(Item(name, supply, vat) for name, supply, vat in line["items"]),
        bool(line["paid"]),
        str(line["number"]),
    )
