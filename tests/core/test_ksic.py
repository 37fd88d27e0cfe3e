"""The table of eligible industries (rules.md §1)."""

from collections import Counter

import pytest

from shopmsg.core.ksic import (
    ELEVENTH,
    INDUSTRIES,
    REVISION,
    UnknownIndustry,
    industry,
    is_eligible_code,
    not_eligible,
    search,
)


def codes(query: str, most: int = 10) -> list[str]:
    return [found.industry.code for found in search(query, most)]


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


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("치킨", "56193"), ("통닭", "56193"), ("미용실", "96112"), ("헤어샵", "96112"), ("세탁소", "96912"),
        ("빨래방", "96912"), ("커피", "56221"), ("카페", "56221"), ("빵집", "56191"), ("고깃집", "56113"),
        ("횟집", "56114"), ("중국집", "56121"), ("분식", "56194"), ("꽃집", "47851"), ("정육점", "47212"),
        ("이발소", "96111"), ("옷수선", "95391"), ("안경", "47822"), ("목욕탕", "96121"), ("철물점", "47511"),
        ("치킨 전문점", "56193"), ("동네 치킨 집", "56193"), ("ＨＡＩＲ샵 미용실", "96112"),
    ],
)  # fmt: skip
def test_everyday_words_find_the_trade_first(said: str, code: str) -> None:
    assert codes(said)[0] == code


def test_every_industry_is_found_by_its_name_and_its_code() -> None:
    for code, row in INDUSTRIES.items():
        assert codes(row.name)[0] == code
        assert codes(code)[0] == code
        assert codes(f"{row.section}{code}")[0] == code


@pytest.mark.parametrize(
    ("typed", "code"), [("ㅊㅋ", "56193"), ("ㅁㅇㅅ", "96112"), ("치ㅋ", "56193"), ("세탃", "96912")]
)
def test_consonants_and_half_typed_words_find_the_trade(typed: str, code: str) -> None:
    assert codes(typed)[0] == code


def test_the_beginning_of_a_code_finds_all_that_begin_with_it_in_their_order() -> None:
    assert codes("5611") == ["56111", "56112", "56113", "56114"]
    assert codes("561", most=2) == ["56111", "56112"]
    assert codes("5699") == []


def test_nothing_asked_finds_nothing() -> None:
    assert [search(query) for query in ("", "  ", "!?", "뷁뷁")] == [[], [], [], []]


def test_a_shop_for_carpets_is_no_cafe() -> None:
    assert codes("카페") == ["56221"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("편의점", "47122"), ("학원", "85501"), ("영어 학원", "85631"), ("부동산", "68221"), ("병원", "86102"),
        ("노래방", "91223"), ("pc방", "91222"), ("술집", "56219"), ("호프집", "56213"), ("스터디카페", "90212"),
        ("약국", "47811"), ("슈퍼", "47121"), ("네일샵", "96119"), ("24시 편의점", "47122"), ("편의", "47122"),
    ],
)  # fmt: skip
def test_a_well_known_trade_that_may_not_join_is_named_and_not_found(said: str, code: str) -> None:
    trade = not_eligible(said)
    assert trade is not None
    assert trade.code == code
    assert not is_eligible_code(trade.code)
    assert codes(said) == []


def test_the_refusal_of_a_trade_is_a_sentence_to_read_out() -> None:
    shop, pub = not_eligible("편의점"), not_eligible("호프")
    assert shop is not None
    assert shop.message == "편의점(47122)은 가입할 수 있는 58개 업종이 아니에요."
    assert pub is not None
    assert pub.message.startswith("호프(56213)는 ")


@pytest.mark.parametrize("said", ["치킨", "미술용품", "치킨호프", "56193", "", "뷁뷁", "술빵"])
def test_a_trade_that_may_join_or_is_unknown_is_no_refusal(said: str) -> None:
    assert not_eligible(said) is None


def test_codes_of_the_eleventh_revision_lead_to_what_they_were_in_the_tenth() -> None:
    renumbered = {code: ELEVENTH[code].tenth for code in ("56162", "56161", "56150", "47223", "47229")}
    assert renumbered == {
        "56162": ("56193",), "56161": ("56192",), "56150": ("56191",), "47223": ("47218",), "47229": ("47219",),
    }  # fmt: skip
    assert codes("56162") == ["56193"]
    assert codes("56191") == ["56191", "56194"], "a bakery in the tenth, a snack bar in the eleventh"
    assert all(code not in INDUSTRIES or code == "56191" for code in ELEVENTH)
