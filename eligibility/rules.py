"""Who may join (rules.md §1): a pure function over frozen facts that names every failed condition, not the first.

The sentences are said to applicants and read by them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from eligibility.enums import ApplicantKind, RegistryState
from shopmsg.accounts.enums import Product
from shopmsg.core import ksic
from shopmsg.core.money import format_won

#: 연 매출: the most a soho shop may have a year, won; exactly this is eligible.
REVENUE_CAP: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an applicant. `ksic`: five digits of the 10th revision, "" unknown. `annual_revenue`: won, None
    unknown. `registry`: what the tax service said, None when nobody asked. Industry and revenue are a merchant's."""

    kind: ApplicantKind
    ksic: str = ""
    annual_revenue: int | None = None
    registry: RegistryState | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing to tell the applicant. `code` is for machines, `message` a sentence or two."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Decision:
    """`product`: what fits, None when nothing may be sold; `alternatives`: what else fits. `reasons`: every failed
    condition in the order of the form; with `eligible` only what explains the product."""

    eligible: bool
    product: Product | None
    alternatives: tuple[Product, ...]
    reasons: tuple[Reason, ...]


def decide(facts: Facts) -> Decision:
    """Whether they may join, with which product, and every reason.

    Reason codes: "industry_missing", "industry_not_eligible", "industry_other_revision", "revenue_missing",
    "revenue_negative", "revenue_too_high", "business_suspended", "business_closed", "business_unregistered"; and
    "public_body", which refuses nothing but says why soho is not for them. A registry that was not asked or did not
    answer refuses nobody: the application is looked at again later.
    """
    at_the_registry = tuple(_registry(facts.registry))
    if facts.kind == ApplicantKind.PUBLIC_BODY:
        if at_the_registry:
            return Decision(False, None, (), (PUBLIC_BODY, *at_the_registry))
        return Decision(True, Product.PREMIUM, (Product.BASIC,), (PUBLIC_BODY,))
    failed = (*_industry(facts.ksic), *_revenue(facts.annual_revenue), *at_the_registry)
    return Decision(not failed, None if failed else Product.SOHO, (), failed)


PUBLIC_BODY: Final = Reason(
    "public_body",
    "소상공인형은 소상공인 사업자만 쓰실 수 있어요. 지자체와 공공기관에는 프리미엄형이나 기본형이 맞아요.",
)
_REGISTRY: Final = {
    RegistryState.SUSPENDED: Reason(
        "business_suspended", "국세청에 휴업 중인 사업자로 나와요. 다시 문을 여신 뒤에 가입하실 수 있어요."
    ),
    RegistryState.CLOSED: Reason(
        "business_closed", "국세청에 폐업한 사업자로 나와요. 지금 쓰시는 사업자등록번호로 가입하실 수 있어요."
    ),
    RegistryState.UNREGISTERED: Reason(
        "business_unregistered",
        "국세청에 등록되지 않은 사업자등록번호예요. 번호를 다시 확인해 주세요.",
    ),
}


def _industry(code: str) -> Iterator[Reason]:
    if not code:
        yield Reason("industry_missing", "업종을 알려 주세요. 가게에서 파는 것으로 찾을 수 있어요.")
    elif ksic.is_eligible_code(code):
        return
    elif not re.fullmatch(r"[0-9]{5}", code):
        yield Reason(
            "industry_not_eligible",
            "업종 코드는 숫자 다섯 자리예요. 사업자등록증의 업종을 다시 확인해 주세요.",
        )
    elif code in ksic.ELEVENTH:
        yield Reason("industry_other_revision", _eleventh(ksic.ELEVENTH[code]))
    else:
        trade = ksic.not_eligible(code)
        known = (
            trade.message
            if trade
            else f"업종 코드 {code}번은 가입할 수 있는 58개 업종({ksic.REVISION})이 아니에요."
        )
        yield Reason("industry_not_eligible", f"{known} 다른 업종도 하시면 그 업종을 알려 주세요.")


def _eleventh(later: ksic.Eleventh) -> str:
    """What a code of the 11th revision means for somebody who holds it; two of them meant something else before."""
    before = [ksic.INDUSTRIES[code] for code in later.tenth if ksic.is_eligible_code(code)]
    said = f"{later.code}번은 2024년에 바뀐 11차 업종 코드({later.name})예요."
    if not before:
        return (
            f"{said} 가입은 {ksic.REVISION} 코드로 정하는데, 그 코드로는 {' · '.join(later.tenth)}번이고"
            " 가입할 수 있는 58개 업종이 아니에요."
        )
    same_number = ksic.not_eligible(later.code)
    if same_number:
        return (
            f"{later.code}번은 {ksic.REVISION} 코드로는 {same_number.name}이라 가입하실 수 없어요. 2024년에 바뀐 11차 코드로"
            f" {later.name}이라면 {before[0].code}번으로 확인해 주세요."
        )
    named = " · ".join(f"{row.code}번({row.name})" for row in before)
    return f"{said} {ksic.REVISION} 코드로는 {named}이고 가입하실 수 있는 업종이에요. {before[0].code}번으로 확인해 주세요."


def _revenue(won: int | None) -> Iterator[Reason]:
    if won is None:
        yield Reason("revenue_missing", "연 매출을 알려 주세요. 작년 한 해 매출이면 돼요.")
    elif won < 0:
        yield Reason("revenue_negative", "연 매출은 0원보다 작을 수 없어요. 금액을 다시 확인해 주세요.")
    elif won > REVENUE_CAP:
        yield Reason(
            "revenue_too_high",
            f"연 매출이 {REVENUE_CAP // 100_000_000}억 원을 넘어서 가입하실 수 없어요. 말씀하신 금액은 {format_won(won)}이에요.",
        )


def _registry(state: RegistryState | None) -> Iterator[Reason]:
    if state in _REGISTRY:
        yield _REGISTRY[state]
