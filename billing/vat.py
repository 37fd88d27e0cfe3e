"""부가가치세: how an amount is parted into supply value and VAT. The one place that rounds VAT.

VAT is the total's eleventh, halves up; the supply value is what is left, so that the parts always add up. A tenth of that
supply value may be another won (of 2,183 the VAT is 198, and a tenth of 1,985 is 199): the total is what was agreed. A
negative amount is the mirror of the positive one, so that a credit note takes back exactly what was charged.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parts:
    """공급가액 and 세액, won."""

    supply_krw: int
    vat_krw: int

    @property
    def total_krw(self) -> int:
        """합계금액."""
        return self.supply_krw + self.vat_krw


def split(total_krw: int) -> Parts:
    """The parts of an amount with VAT inside."""
    vat = (2 * abs(total_krw) + 11) // 22
    signed = vat if total_krw >= 0 else -vat
    return Parts(total_krw - signed, signed)


def added(supply_krw: int) -> Parts:
    """The parts of an amount with VAT outside (rules.md §3: Kakao usage)."""
    vat = (abs(supply_krw) + 5) // 10
    return Parts(supply_krw, vat if supply_krw >= 0 else -vat)
