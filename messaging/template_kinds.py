"""The four kinds of promo template, and what each has of its own (rules.md §6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class TemplateKind(StrEnum):
    """템플릿 종류."""

    COMMON = "common"
    COUPON = "coupon"
    EVENT = "event"
    CARD = "card"

    @property
    def label(self) -> str:
        """The Korean name shown to people."""
        return _LABELS[self]


_LABELS = {
    TemplateKind.COMMON: "공통형",
    TemplateKind.COUPON: "쿠폰형",
    TemplateKind.EVENT: "이벤트형",
    TemplateKind.CARD: "명함형",
}


@dataclass(frozen=True, slots=True)
class Detail:
    """A fact that a kind of promo has of its own; filled in, it is a line "<label> <value>" of the message."""

    key: str
    label: str
    max_length: int


#: In the order of their lines.
DETAILS: Final[Mapping[TemplateKind, tuple[Detail, ...]]] = {
    TemplateKind.COMMON: (),
    TemplateKind.COUPON: (
        Detail("benefit", "혜택", 40),
        Detail("where", "위치", 60),
        Detail("how", "사용", 60),
    ),
    TemplateKind.EVENT: (Detail("benefit", "혜택", 40),),
    TemplateKind.CARD: (
        Detail("company", "회사", 40),
        Detail("department", "부서", 30),
        Detail("title", "직함", 20),
        Detail("name", "이름", 20),
        Detail("address", "주소", 80),
        Detail("tel", "전화", 20),
        Detail("mobile", "휴대폰", 20),
        Detail("fax", "팩스", 20),
        Detail("email", "이메일", 60),
    ),
}


def details_of(kind: TemplateKind, values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """(label, value) of what is filled in, in the order of the lines; what the kind does not have is left out."""
    return tuple(
        (detail.label, values[detail.key].strip())
        for detail in DETAILS[kind]
        if values.get(detail.key, "").strip()
    )
