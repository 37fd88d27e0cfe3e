"""What is sold at which price (rules.md §3), as dated data: a change of price is another row, and the past stays.

Won, VAT included except where a price says otherwise. Nothing here knows a customer or the database: `BASE` is what the
rules name, billing.price_list adds what admins announced, and every question comes with the KST day that counts for it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, Protocol, TypeVar

from billing.enums import Bundle, EventPlan, UsageKind
from shopmsg.accounts.enums import Product
from shopmsg.core.errors import ShopmsgError

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


#: `Bundle.values` is made anew every time it is asked for.
_BUNDLES: Final = frozenset(Bundle.values)


class _Dated(Protocol):
    @property
    def effective_from(self) -> date: ...


D = TypeVar("D", bound=_Dated)


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
class PlanPrice:
    """An event plan, won a month. `events`: how many a month, None for as many as wanted; `analysis`: 고급 분석; `shops`:
    it serves every shop of the merchant."""

    plan: EventPlan
    effective_from: date
    monthly_krw: int
    events: int | None
    analysis: bool
    shops: bool


@dataclass(frozen=True, slots=True)
class UsagePrice:
    """What a piece costs: `won` each, or `percent` of the quantity, which is then won. Neither: agreed per merchant.
    `vat_outside`: VAT comes on top."""

    kind: UsageKind
    effective_from: date
    won: int | None
    percent: int | None
    vat_outside: bool


@dataclass(frozen=True, slots=True)
class Bands:
    """할인반환율: by commitment (last month of the band, percent), in order, up to the commitment's last month."""

    effective_from: date
    source: str
    rates: Mapping[int, tuple[tuple[int, int], ...]]

    def rate(self, term_months: int, month: int) -> int:
        """Percent of the discount given in that month (1 is the first) that leaving asks back. Raises ValueError for a
        month outside the commitment, and for none."""
        for last, percent in self.rates.get(term_months, ()):
            if 1 <= month <= last:
                return percent
        raise ValueError(f"no month {month} in a commitment of {term_months}")


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
    "unknown_bundle", "commitment_not_offered", "bundle_not_offered", "bundle_requires_no_commitment"; for event plans
    "unknown_plan", for usage "unknown_usage"."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """요금표: every price that holds or held or is announced. Of rows of one thing the newest that has begun counts."""

    prices: tuple[Price, ...]
    plans: tuple[PlanPrice, ...]
    usage: tuple[UsagePrice, ...]
    bands: tuple[Bands, ...]

    def price_of(self, product: str, on: date) -> Price:
        """The price in force on that KST day. Raises NotSold("unknown_product"), also before its first price."""
        row = _newest((row for row in self.prices if row.product == product), on)
        if row is None:
            raise NotSold(
                "unknown_product", "없는 상품이에요. 소상공인형, 기본형, 프리미엄형 가운데 골라 주세요."
            )
        return row

    def terms_of(self, product: str, on: date) -> tuple[int, ...]:
        """Months of commitment the product may be bought with on that day, none (0) first. Raises NotSold."""
        return (0, *sorted(self.price_of(product, on).commitments))

    def quote(self, product: str, term_months: int, bundle: str, on: date) -> Quote:
        """What it costs a month when agreed on that KST day. Raises NotSold, the first reason in the order of its codes."""
        price = self.price_of(product, on)
        if term_months not in TERMS:
            raise NotSold("unknown_term", "약정은 없음, 12개월, 24개월, 36개월 가운데 골라 주세요.")
        if bundle not in _BUNDLES:
            raise NotSold(
                "unknown_bundle", "없는 결합이에요. 사장님성공팩, 사장님AI비서팩 가운데 고르거나 빼 주세요."
            )
        chosen = Bundle(bundle)
        name = price.product.label
        if term_months and term_months not in price.commitments:
            raise NotSold(
                "commitment_not_offered", f"{name}에는 약정이 없어요. 약정 없이 가입하실 수 있어요."
            )
        if chosen != Bundle.NONE and chosen not in price.bundles:
            raise NotSold(
                "bundle_not_offered",
                f"{name}에는 {chosen.label} 결합이 없어요. 결합 없이 가입하실 수 있어요.",
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

    def plan_of(self, plan: str, on: date) -> PlanPrice:
        """The event plan's price in force on that KST day. Raises NotSold("unknown_plan"), also for none."""
        row = _newest((row for row in self.plans if row.plan == plan), on)
        if row is None:
            raise NotSold(
                "unknown_plan", "없는 이벤트 요금제예요. 기본, 프로, 엔터프라이즈 가운데 골라 주세요."
            )
        return row

    def usage_of(self, kind: str, on: date) -> UsagePrice:
        """What a piece costs on that KST day. Raises NotSold("unknown_usage")."""
        row = _newest((row for row in self.usage if row.kind == kind), on)
        if row is None:
            raise NotSold("unknown_usage", "요금표에 없는 사용량이에요.")
        return row

    def bands_on(self, on: date) -> Bands:
        """The table for a commitment agreed on that KST day: it holds to the commitment's end, so that a new table never
        changes an old agreement. Raises ValueError before the first one."""
        row = _newest(self.bands, on)
        if row is None:
            raise ValueError(f"no bands on {on}")
        return row

    def price_days(self, product: str) -> tuple[date, ...]:
        """The days on which that product's price begins to be another."""
        return tuple(row.effective_from for row in self.prices if row.product == product)

    def plan_days(self, plan: str) -> tuple[date, ...]:
        """The days on which that event plan's price begins to be another."""
        return tuple(row.effective_from for row in self.plans if row.plan == plan)


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


def bands_problem(term_months: int, parts: Sequence[tuple[int, int]]) -> str:
    """Why these bands (last month, percent) are no table for that commitment, one sentence; "" when they are: every month of it
    to the last, in order."""
    ends = [last for last, _ in parts]
    if not ends or ends[0] < 1 or ends != sorted(set(ends)) or ends[-1] != term_months:
        return f"{term_months}개월 약정의 표는 1개월째부터 {term_months}개월째까지 차례대로, 한 번씩 적어 주세요."
    return ""


def discount_problem(list_krw: int, discount_krw: int) -> str:
    """Why so much cannot be taken off that price, one sentence; "" when it can: what is left is something to pay."""
    if discount_krw < 0:
        return "할인은 0원부터 적어 주세요."
    if discount_krw >= list_krw:
        return f"할인은 월 요금 {list_krw:,}원보다 적게 적어 주세요."
    return ""


def _newest(rows: Iterable[D], on: date) -> D | None:
    return max(
        (row for row in rows if row.effective_from <= on), key=lambda row: row.effective_from, default=None
    )


#: rules.md §3. Soho was launched on 2021-06-01, its success pack discount on 2021-09-01; the two older products and
#: everything else are known since then.
_LAUNCH: Final = date(2021, 6, 1)
_SOHO: Final[Mapping[int, int]] = MappingProxyType({12: 2_200, 24: 4_400, 36: 6_600})
_NOTHING: Final[Mapping[int, int]] = MappingProxyType({})
_NO_BUNDLES: Final[Mapping[Bundle, int]] = MappingProxyType({})
BASE: Final = Catalogue(
    prices=(
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
    ),
    plans=(
        PlanPrice(EventPlan.BASIC, _LAUNCH, 29_000, 5, analysis=False, shops=False),
        PlanPrice(EventPlan.PRO, _LAUNCH, 49_000, None, analysis=True, shops=False),
        PlanPrice(EventPlan.ENTERPRISE, _LAUNCH, 99_000, None, analysis=True, shops=True),
    ),
    usage=(
        UsagePrice(UsageKind.ALIMTALK, _LAUNCH, None, None, vat_outside=True),
        UsagePrice(UsageKind.BRAND_TEXT, _LAUNCH, None, None, vat_outside=True),
        UsagePrice(UsageKind.BRAND_IMAGE, _LAUNCH, None, None, vat_outside=True),
        UsagePrice(UsageKind.TOWN_TV, _LAUNCH, 10_000, None, vat_outside=False),
        UsagePrice(UsageKind.GENIE_TV, _LAUNCH, 20_000, None, vat_outside=False),
        UsagePrice(UsageKind.POINT_PRIZE, _LAUNCH, None, 10, vat_outside=False),
        UsagePrice(UsageKind.PARTNER_PRIZE, _LAUNCH, None, 15, vat_outside=False),
    ),
    bands=(
        Bands(
            _LAUNCH,
            "공개된 국내 통신 약정의 할인반환율 예시. KT의 할인반환금 산식(서비스 가입신청서)을 받을 때까지의 기본값",
            MappingProxyType(
                {
                    12: ((10, 100), (12, -5)),
                    24: ((4, 95), (8, 85), (12, 80), (14, 70), (16, 50), (20, 0), (22, -10), (24, -25)),
                    36: (
                        *((9, 85), (12, 80), (18, 30), (21, 25), (24, 0)),
                        *((28, -10), (32, -25), (34, -85), (36, -170)),
                    ),
                }
            ),
        ),
    ),
)
