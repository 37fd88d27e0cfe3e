"""Who may join (rules.md §1)."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eligibility.enums import ApplicantKind, RegistryState
from eligibility.rules import Decision, Facts, decide
from shopmsg.accounts.enums import Product
from shopmsg.core.ksic import INDUSTRIES

MERCHANT, PUBLIC_BODY = ApplicantKind.MERCHANT, ApplicantKind.PUBLIC_BODY
CAP = 1_000_000_000


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def message(decision: Decision) -> str:
    (reason,) = decision.reasons
    return reason.message


def test_each_of_the_58_industries_may_join_with_soho() -> None:
    decisions = [decide(Facts(MERCHANT, code, CAP)) for code in INDUSTRIES]
    assert len(decisions) == 58
    assert decisions == [Decision(True, Product.SOHO, (), ())] * 58


def test_a_thousand_other_codes_are_refused() -> None:
    others = [f"{number:05d}" for number in range(100_000) if f"{number:05d}" not in INDUSTRIES]
    for code in random.Random(4).sample(others, 1_000):
        decision = decide(Facts(MERCHANT, code, CAP))
        assert not decision.eligible
        assert codes(decision) in (["industry_not_eligible"], ["industry_other_revision"])
        assert code in message(decision)


@pytest.mark.parametrize(
    ("won", "reasons"),
    [
        (0, []),
        (CAP, []),
        (CAP + 1, ["revenue_too_high"]),
        (-1, ["revenue_negative"]),
        (None, ["revenue_missing"]),
    ],
)
def test_a_billion_won_a_year_is_the_most(won: int | None, reasons: list[str]) -> None:
    decision = decide(Facts(MERCHANT, "56193", won))
    assert codes(decision) == reasons
    assert decision.eligible == (not reasons)


def test_too_much_revenue_is_said_with_the_amount_that_was_heard() -> None:
    assert message(decide(Facts(MERCHANT, "56193", CAP + 1))) == (
        "연 매출이 10억 원을 넘어서 가입하실 수 없어요. 말씀하신 금액은 1,000,000,001원이에요."
    )


@pytest.mark.parametrize(
    ("code", "reason", "said"),
    [
        ("", "industry_missing", "업종을 알려 주세요"),
        ("47122", "industry_not_eligible", "체인화 편의점(47122)은 가입할 수 있는 58개 업종이 아니에요"),
        ("01110", "industry_not_eligible", "업종 코드 01110번은"),
        ("5619", "industry_not_eligible", "숫자 다섯 자리"),
        ("치킨", "industry_not_eligible", "숫자 다섯 자리"),
        ("56162", "industry_other_revision", "56193번(치킨 전문점)"),
        ("47221", "industry_other_revision", "10차 코드로는 음료 소매업이라 가입하실 수 없어요"),
        ("47222", "industry_other_revision", "건강보조식품 소매업이라면 47217번으로"),
        ("47231", "industry_other_revision", "47221번이고 가입할 수 있는 58개 업종이 아니에요"),
    ],
)
def test_an_industry_is_refused_with_what_is_the_matter_with_it(code: str, reason: str, said: str) -> None:
    decision = decide(Facts(MERCHANT, code, CAP))
    assert codes(decision) == [reason]
    assert said in message(decision)
    assert not decision.eligible


@pytest.mark.parametrize(
    ("state", "reasons"),
    [
        (None, []),
        (RegistryState.UNCHECKED, []),
        (RegistryState.ACTIVE, []),
        (RegistryState.UNREACHABLE, []),
        (RegistryState.SUSPENDED, ["business_suspended"]),
        (RegistryState.CLOSED, ["business_closed"]),
        (RegistryState.UNREGISTERED, ["business_unregistered"]),
    ],
)
def test_only_a_business_known_to_have_stopped_is_refused_for_it(
    state: RegistryState | None, reasons: list[str]
) -> None:
    assert codes(decide(Facts(MERCHANT, "56193", CAP, state))) == reasons


def test_every_failed_condition_is_named_not_the_first() -> None:
    decision = decide(Facts(MERCHANT, "47122", CAP + 1, RegistryState.CLOSED))
    assert codes(decision) == ["industry_not_eligible", "revenue_too_high", "business_closed"]
    assert (decision.product, decision.alternatives) == (None, ())


def test_a_public_body_is_led_to_premium_or_basic() -> None:
    decision = decide(Facts(PUBLIC_BODY))
    assert (decision.eligible, decision.product, decision.alternatives) == (
        True, Product.PREMIUM, (Product.BASIC,),
    )  # fmt: skip
    assert codes(decision) == ["public_body"]
    assert "프리미엄형이나 기본형" in message(decision)


def test_industry_and_revenue_are_not_asked_of_a_public_body_but_the_registry_is() -> None:
    assert decide(Facts(PUBLIC_BODY, "47122", CAP + 1)).eligible
    closed = decide(Facts(PUBLIC_BODY, registry=RegistryState.CLOSED))
    assert (closed.eligible, closed.product) == (False, None)
    assert codes(closed) == ["public_body", "business_closed"]


facts = st.builds(
    Facts,
    kind=st.sampled_from(ApplicantKind),
    ksic=st.one_of(
        st.sampled_from(sorted(INDUSTRIES)), st.text(max_size=6), st.from_regex(r"[0-9]{5}", fullmatch=True)
    ),
    annual_revenue=st.one_of(st.none(), st.integers(-5, 5), st.integers(CAP - 5, CAP + 5), st.integers()),
    registry=st.one_of(st.none(), st.sampled_from(RegistryState)),
)


@given(facts)
def test_whoever_asks_gets_a_product_or_a_reason_and_always_the_same(asked: Facts) -> None:
    decision = decide(asked)
    assert decision == decide(asked)
    assert decision.eligible == (decision.product is not None)
    assert decision.reasons or decision.product == Product.SOHO
    assert (decision.product == Product.SOHO) <= (asked.kind == MERCHANT)
    assert len(set(codes(decision))) == len(decision.reasons)
    assert all(reason.message.endswith("요.") for reason in decision.reasons)
