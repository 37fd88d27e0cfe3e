"""The four kinds of promo template (rules.md §6)."""

from enum import StrEnum


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
