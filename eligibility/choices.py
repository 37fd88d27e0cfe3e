"""What somebody chooses on the public site before an application exists: trade, revenue, plan. It travels in addresses."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.http import QueryDict

from billing.catalogue import PACK_INTERNET, PACK_PARTS, pack_problem
from billing.enums import Bundle
from billing.referral import read_code
from eligibility import rules
from eligibility.enums import ApplicantKind
from shopmsg.accounts.enums import Product
from shopmsg.core import ksic


class RevenueBand(TextChoices):
    """연 매출, as an owner knows it without looking it up [ours]. The rule's cap (rules.md §1) is the edge of a band, so
    that a band decides."""

    UP_TO_100M = "100m", "1억원 이하"
    UP_TO_500M = "500m", "1억원 넘고 5억원 이하"
    UP_TO_1B = "1b", "5억원 넘고 10억원 이하"
    OVER = "over", "10억원 넘음"
    UNSURE = "unsure", "잘 모르겠어요"


class Plan(TextChoices):
    """요금: one way to buy soho, as one choice (rules.md §3)."""

    NONE = "0", "약정 없이"
    YEAR = "12", "1년 약정"
    TWO_YEARS = "24", "2년 약정"
    THREE_YEARS = "36", "3년 약정"
    PACK = "pack", "사장님성공팩"

    @property
    def term_months(self) -> int:
        return 0 if self is Plan.PACK else int(self.value)

    @property
    def bundle(self) -> Bundle:
        return Bundle.SUCCESS_PACK if self is Plan.PACK else Bundle.NONE


#: Won that stand for a band: its upper edge, and for what is above the cap the least of it.
REVENUES: Final[Mapping[RevenueBand, int]] = {
    RevenueBand.UP_TO_100M: 100_000_000,
    RevenueBand.UP_TO_500M: 500_000_000,
    RevenueBand.UP_TO_1B: rules.REVENUE_CAP,
    RevenueBand.OVER: rules.REVENUE_CAP + 1,
}
#: What may be bought by a public body, the better fitting first (rules.md §1).
PUBLIC_PRODUCTS: Final = (Product.PREMIUM, Product.BASIC)
_CODE: Final = re.compile(r"[0-9]{5}")


@dataclass(frozen=True, slots=True)
class Choice:
    """As far as it is chosen. `ksic`: five digits or ""; `product` is a public body's, `plan` and the pack's parts
    (keys of PACK_INTERNET and PACK_PARTS) a merchant's, and `by` the code of the shop that told them of us ("by" in
    addresses)."""

    kind: ApplicantKind = ApplicantKind.MERCHANT
    ksic: str = ""
    revenue: RevenueBand | None = None
    plan: Plan | None = None
    product: Product | None = None
    internet: str = ""
    parts: tuple[str, ...] = ()
    by: str = ""

    @property
    def public_body(self) -> bool:
        return self.kind == ApplicantKind.PUBLIC_BODY

    @property
    def has_pack(self) -> bool:
        """Whether the shop has what 사장님성공팩 is put together from."""
        return not pack_problem(self.internet, self.parts)

    @property
    def industry(self) -> str:
        """The trade's official name, "" for a code that is none of the 58."""
        return ksic.INDUSTRIES[self.ksic].name if ksic.is_eligible_code(self.ksic) else ""

    def decision(self) -> rules.Decision:
        """Whether they may join as far as it is known. A revenue nobody knows yet refuses nobody."""
        won = REVENUES.get(self.revenue, 0) if self.revenue else 0
        return rules.decide(rules.Facts(self.kind, self.ksic, won))

    def query(self, **changed: str) -> str:
        """ "?ksic=56193&revenue=500m", with some of it changed; "" when nothing is chosen."""
        if self.public_body:
            pairs = {"kind": self.kind.value, "product": self.product or ""}
        else:
            pairs = {
                "ksic": self.ksic,
                "revenue": self.revenue or "",
                "internet": self.internet,
                "parts": ",".join(self.parts),
                "plan": self.plan or "",
                "by": self.by,
            }
        kept = {name: value for name, value in (pairs | changed).items() if value}
        return f"?{urlencode(kept, safe=',')}" if kept else ""


def won_of(band: RevenueBand | None) -> str:
    """A band as eligibility.form takes it, "" for one that says nothing."""
    return str(REVENUES[band]) if band is not None and band in REVENUES else ""


def read_choice(asked: QueryDict) -> Choice:
    """What an address or a form says. What is unknown, unreadable or said twice counts as not chosen."""
    said = {name: values[0].strip() for name, values in asked.lists() if len(values) == 1}
    kind = ApplicantKind.PUBLIC_BODY if said.get("kind") == ApplicantKind.PUBLIC_BODY else None
    code = said.get("ksic", "")
    # Checkboxes say each part by itself, addresses all in one.
    parts = {part for value in asked.getlist("parts")[: len(PACK_PARTS)] for part in value[:200].split(",")}
    revenue, plan, product = said.get("revenue", ""), said.get("plan", ""), said.get("product", "")
    internet = said.get("internet", "")
    return Choice(
        kind=kind or ApplicantKind.MERCHANT,
        ksic=code if _CODE.fullmatch(code) else "",
        revenue=RevenueBand(revenue) if revenue in RevenueBand.values else None,
        plan=Plan(plan) if plan in Plan.values else None,
        product=Product(product) if product in _values(PUBLIC_PRODUCTS) else None,
        internet=internet if internet in PACK_INTERNET else "",
        parts=tuple(part for part in PACK_PARTS if part in parts),
        by=read_code(said.get("by", "")),
    )


def _values(products: Collection[Product]) -> set[str]:
    return {product.value for product in products}
