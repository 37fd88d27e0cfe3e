"""The table of eligible industries (rules.md §1)."""

from collections import Counter

import pytest

from shopmsg.core.ksic import INDUSTRIES, REVISION, UnknownIndustry, industry, is_eligible_code


def test_the_table_holds_the_58_industries_of_the_tenth_revision() -> None:
    assert REVISION == "10차"
    assert Counter(row.section for row in INDUSTRIES.values()) == {"G": 37, "I": 15, "S": 6}
    assert all(code == row.code and len(code) == 5 and code.isdigit() for code, row in INDUSTRIES.items())


def test_a_chicken_shop_is_found_by_its_code() -> None:
    assert industry("56193").name == "치킨 전문점"
    assert industry("47211").name == "곡물, 곡분 및 가축 사료 소매업"
    assert industry("95391").name == "의복 및 기타 가정용 직물제품 수리업"


@pytest.mark.parametrize("code", ["56211", "5619", "561930", "", "치킨", " 56193"])
def test_a_code_outside_the_table_is_refused_with_a_sentence(code: str) -> None:
    assert not is_eligible_code(code)
    with pytest.raises(UnknownIndustry, match="58개 업종"):
        industry(code)


def test_nobody_can_change_the_table_in_passing() -> None:
    with pytest.raises(TypeError):
        INDUSTRIES["00000"] = industry("56193")  # type: ignore[index]
