"""The cheapest honest choice (rules.md §3)."""

from datetime import date

import pytest

from billing.catalogue import BASE, NotSold
from billing.enums import Bundle
from billing.leaving import schedule
from billing.offers import best, offers

TODAY = date(2026, 11, 22)


def test_every_way_to_buy_is_there_cheapest_first() -> None:
    found = [
        (offer.quote.monthly_krw, offer.quote.term_months)
        for offer in offers(BASE, "soho", TODAY, with_pack=True)
    ]
    assert found == [(13_200, 36), (14_300, 0), (15_400, 24), (17_600, 12), (19_800, 0)]


def test_three_years_are_cheaper_than_the_pack_and_the_pack_than_two() -> None:
    first, second, third, *_ = (offer.quote for offer in offers(BASE, "soho", TODAY, with_pack=True))
    assert (first.term_months, second.bundle, third.term_months) == (36, Bundle.SUCCESS_PACK, 24)
    assert best(BASE, "soho", TODAY, with_pack=True).quote == first


def test_a_pack_is_never_offered_to_a_shop_without_its_parts() -> None:
    assert all(offer.quote.bundle == Bundle.NONE for offer in offers(BASE, "soho", TODAY, with_pack=False))


def test_a_pack_that_takes_nothing_off_is_never_offered() -> None:
    assert all(
        offer.quote.bundle != Bundle.ASSISTANT_PACK for offer in offers(BASE, "soho", TODAY, with_pack=True)
    )


def test_every_commitment_says_the_most_that_leaving_it_costs() -> None:
    for offer in offers(BASE, "soho", TODAY, with_pack=True):
        most = max((step.won for step in schedule(BASE, offer.quote.term_months, TODAY)), default=0)
        assert offer.leaving_most == most
        assert (f"로 {most:,}원이에요" in offer.sentence) == ("돌려주셔야" in offer.sentence) == bool(most)
        assert f"{offer.quote.monthly_krw:,}원" in offer.sentence


def test_the_pack_says_what_happens_without_it() -> None:
    (pack,) = [
        offer for offer in offers(BASE, "soho", TODAY, with_pack=True) if offer.quote.bundle != Bundle.NONE
    ]
    assert "성공팩을 그만두시면 한 달 19,800원" in pack.sentence


def test_a_public_body_has_one_offer_without_a_free_month() -> None:
    (offer,) = offers(BASE, "premium", TODAY, with_pack=True)
    assert offer.sentence == "약정 없이 한 달 25,300원이에요. 언제 그만두셔도 더 내실 돈이 없어요."


def test_offers_of_nothing_are_refused() -> None:
    with pytest.raises(NotSold):
        best(BASE, "gold", TODAY, with_pack=False)
