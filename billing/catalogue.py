"""What is sold at which price (rules.md §3), as dated data: a change of price is another row, and the past stays.

Won a month, VAT included. Nothing here knows a customer: subscriptions and the ledger ask with the day that counts for
them, which is the day the agreement was made.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from billing.enums import Bundle
from shopmsg.accounts.enums import Product
from shopmsg.core.errors import ShopmsgError

__all__ = [
    "PACK_INTERNET",
    "PACK_PARTS",
    "TERMS",
    "Bundle",
    "NotSold",
    "Price",
    "Quote",
    "pack_problem",
    "price_of",
    "quote",
    "terms_of",
]

#: 약정: months of commitment that are known; 0 is none. Which of them a product has, its price says.
TERMS: Final = (0, 12, 24, 36)

#: 사장님성공팩, what it is put together from: one of the first, and at least one of the second.
PACK_INTERNET: Final[Mapping[str, str]] = MappingProxyType({"internet": "인터넷", "office_ip": "오피스IP넷"})
PACK_PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "phone": "일반전화",
        "internet_phone": "인터넷전화",
        "centrex": "기업인터넷전화 Centrex",
        "mobile": "모바일",
        "tv": "TV",
        "cctv": "CCTV(GiGAeyes)",
    }
)


@dataclass(frozen=True, slots=True)
class Price:
    """A product's price from `effective_from` until the next row of the same product. `commitments`: what is taken off
    by months of commitment; `bundles`: what is taken off by bundle, 0 for one that is sold and takes nothing off."""

    product: Product
    effective_from: date
    list_krw: int
    commitments: Mapping[int, int]
    bundles: Mapping[Bundle, int]
    first_month_free: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """One way to buy a product, won a month with VAT; monthly_krw is list_krw less discount_krw. `first_month_free`:
    nothing from activation to the day before the same day of the next month."""

    product: Product
    term_months: int
    bundle: Bundle
    list_krw: int
    discount_krw: int
    monthly_krw: int
    first_month_free: bool

    @property
    def years(self) -> int:
        """The commitment as people say it, 0 for none."""
        return self.term_months // 12


class NotSold(ShopmsgError):
    """Cannot be bought like that. Codes, in the order they are asked: "unknown_product", "unknown_term",
    "unknown_bundle", "commitment_not_offered", "bundle_not_offered", "bundle_requires_no_commitment"."""


#: rules.md §3. Soho was launched on 2021-06-01, its success pack discount on 2021-09-01; the two older products are
#: known since then.
_LAUNCH: Final = date(2021, 6, 1)
_SOHO: Final[Mapping[int, int]] = MappingProxyType({12: 2_200, 24: 4_400, 36: 6_600})
_NOTHING: Final[Mapping[int, int]] = MappingProxyType({})
_NO_BUNDLES: Final[Mapping[Bundle, int]] = MappingProxyType({})
PRICES: Final = (
    Price(Product.SOHO, _LAUNCH, 19_800, _SOHO, MappingProxyType({Bundle.ASSISTANT_PACK: 0}), True),
    Price(
        Product.SOHO,
        date(2021, 9, 1),
        19_800,
        _SOHO,
        MappingProxyType({Bundle.SUCCESS_PACK: 5_500, Bundle.ASSISTANT_PACK: 0}),
        True,
    ),
    Price(Product.BASIC, _LAUNCH, 16_500, _NOTHING, _NO_BUNDLES, False),
    Price(Product.PREMIUM, _LAUNCH, 25_300, _NOTHING, _NO_BUNDLES, False),
)


def price_of(product: str, on: date) -> Price:
    """The price in force on that KST day. Raises NotSold("unknown_product"), also before its first price."""
    rows = [row for row in PRICES if row.product == product and row.effective_from <= on]
    if not rows:
        raise NotSold(
            "unknown_product", "없는 상품이에요. 소상공인형, 기본형, 프리미엄형 가운데 골라 주세요."
        )
    return max(rows, key=lambda row: row.effective_from)


def terms_of(product: str, on: date) -> tuple[int, ...]:
    """Months of commitment the product may be bought with on that day, none (0) first. Raises NotSold."""
    return (0, *sorted(price_of(product, on).commitments))


def quote(product: str, term_months: int, bundle: str, on: date) -> Quote:
    """What it costs a month when agreed on that KST day. Raises NotSold, the first reason in the order of its codes."""
    price = price_of(product, on)
    if term_months not in TERMS:
        raise NotSold("unknown_term", "약정은 없음, 12개월, 24개월, 36개월 가운데 골라 주세요.")
    if bundle not in Bundle.values:
        raise NotSold(
            "unknown_bundle", "없는 결합이에요. 사장님성공팩, 사장님AI비서팩 가운데 고르거나 빼 주세요."
        )
    chosen = Bundle(bundle)
    name = price.product.label
    if term_months and term_months not in price.commitments:
        raise NotSold("commitment_not_offered", f"{name}에는 약정이 없어요. 약정 없이 가입하실 수 있어요.")
    if chosen != Bundle.NONE and chosen not in price.bundles:
        raise NotSold(
            "bundle_not_offered", f"{name}에는 {chosen.label} 결합이 없어요. 결합 없이 가입하실 수 있어요."
        )
    if chosen != Bundle.NONE and term_months:
        raise NotSold(
            "bundle_requires_no_commitment",
            f"{chosen.label}은 약정 없이만 결합할 수 있어요. 약정과 결합 가운데 하나만 골라 주세요.",
        )
    discount = price.commitments.get(term_months, 0) + price.bundles.get(chosen, 0)
    return Quote(
        price.product,
        term_months,
        chosen,
        price.list_krw,
        discount,
        price.list_krw - discount,
        price.first_month_free,
    )


def pack_problem(internet: str, parts: Collection[str]) -> str:
    """Why these parts (keys of PACK_INTERNET and PACK_PARTS) make no 사장님성공팩, one sentence; "" when they do."""
    if internet and internet not in PACK_INTERNET:
        return "성공팩 필수 상품은 인터넷, 오피스IP넷 가운데 골라 주세요."
    if not set(parts) <= set(PACK_PARTS):
        return f"성공팩 기본 상품은 {', '.join(PACK_PARTS.values())} 가운데 골라 주세요."
    if not internet and not parts:
        return "성공팩은 인터넷이나 오피스IP넷 하나와, 일반전화나 TV 같은 기본 상품 하나 이상이 있어야 해요."
    if not internet:
        return "성공팩은 인터넷이나 오피스IP넷 가운데 하나가 꼭 있어야 해요."
    if not parts:
        return f"성공팩은 {', '.join(PACK_PARTS.values())} 가운데 하나 이상이 있어야 해요."
    return ""
