"""What a promo picture says: facts from the shop, nothing invented."""

from dataclasses import dataclass
from enum import IntEnum

from messaging.pictures.trades import TradeGroup
from messaging.template_kinds import TemplateKind


class Layout(IntEnum):
    """Arrangements of the same facts. A kind that has fewer than four takes them in turn."""

    FIRST = 0
    SECOND = 1
    THIRD = 2
    FOURTH = 3


@dataclass(frozen=True, slots=True)
class CommonFacts:
    """공통형: a headline and how to reach the shop. Empty fields are left out of the picture. Opening hours are in the
    text only: a picture that was sent out yesterday cannot follow when they change."""

    headline: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class CouponFacts:
    """쿠폰형: `benefit` is what the holder gets, `how` what to do for it."""

    benefit: str
    period: str = ""
    where: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class EventFacts:
    """이벤트형: `benefit` is what a guest gets, where the event has one."""

    title: str
    period: str = ""
    contact: str = ""
    benefit: str = ""


@dataclass(frozen=True, slots=True)
class CardFacts:
    """명함형: `title` is the position (직함), `name` the person's."""

    company: str
    department: str = ""
    title: str = ""
    name: str = ""
    address: str = ""
    tel: str = ""
    mobile: str = ""
    fax: str = ""
    email: str = ""


Facts = CommonFacts | CouponFacts | EventFacts | CardFacts


@dataclass(frozen=True, slots=True)
class PromoDesign:
    """One picture to draw. Raises ValueError without a shop name or without the fact the kind is about."""

    group: TradeGroup
    shop_name: str
    facts: Facts
    layout: Layout = Layout.FIRST

    def __post_init__(self) -> None:
        if not self.shop_name.strip():
            raise ValueError("a promo picture needs a shop name")
        match self.facts:
            case CouponFacts(benefit=needed) | EventFacts(title=needed) | CardFacts(company=needed):
                if not needed.strip():
                    raise ValueError(f"{type(self.facts).__name__} needs its main fact")

    @property
    def kind(self) -> TemplateKind:
        match self.facts:
            case CommonFacts():
                return TemplateKind.COMMON
            case CouponFacts():
                return TemplateKind.COUPON
            case EventFacts():
                return TemplateKind.EVENT
            case CardFacts():
                return TemplateKind.CARD
