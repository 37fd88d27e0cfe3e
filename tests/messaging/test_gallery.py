"""문구 고르기: finished promos of the shop's own trade first, taken over into the draft with one press."""

import io
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from messaging.editor import drafts
from messaging.models import PromoVersion
from messaging.template_kinds import TemplateKind
from shopmsg.accounts.enums import Product
from tests.messaging.owner_page import Stage, stage

pytestmark = pytest.mark.django_db
NOON = "2026-11-22T03:00:00Z"


@pytest.fixture
def place() -> Stage:
    return stage(ksic="56193", name="햇살치킨", address="서울 동작구 보라매로 12", hours="매일 14:00~23:00")


def page_of(client: Client, place: Stage, query: str = "") -> str:
    answer = client.get(place.url(f"promo/gallery/{query}"))
    assert answer.status_code == 200
    return answer.content.decode()


def choices_of(html: str) -> list[str]:
    return re.findall(r'name="choice"\s+value="([^"]+)"', html)


def test_the_season_and_the_own_trade_stand_first_and_every_text_is_the_shops_own(place: Stage) -> None:
    with time_machine.travel(NOON, tick=False):
        html = page_of(place.owner, place)
    assert choices_of(html)[:6] == [
        "month-11",
        "christmas",
        *(f"{kind.value}-56193-0" for kind in TemplateKind),
    ]
    assert html.index("계절") < html.index("치킨집에 어울려요")
    assert html.count("(광고)[햇살치킨]") == 12
    assert "동작구 햇살치킨에 전화 주셔서 고마워요." in html
    assert "영업시간 매일 14:00~23:00" in html


def test_all_designs_of_the_own_trade_come_before_other_trades(place: Stage) -> None:
    keys = choices_of(page_of(place.owner, place, "?kind=coupon"))
    assert keys[:4] == [f"coupon-56193-{layout}" for layout in range(4)]
    assert all(key.startswith("coupon-") and "56193" not in key for key in keys[4:])


def test_the_whole_gallery_can_be_paged_through_without_meeting_anything_twice(place: Stage) -> None:
    seen: list[str] = []
    query = ""
    for _ in range(40):
        html = page_of(place.owner, place, query)
        seen += choices_of(html)
        older = re.search(r'href="(\?[^"]*)"\s+rel="next"', html)
        if older is None:
            break
        query = older.group(1).replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 2 + 16 + 57 * 4


def test_other_trades_are_found_by_what_people_call_them(place: Stage) -> None:
    hairdressers = choices_of(page_of(place.owner, place, "?q=미용실"))
    assert {key.split("-")[1] for key in hairdressers} == {"96112"}
    assert choices_of(page_of(place.owner, place, "?q=설날")) == ["seollal"]
    assert choices_of(page_of(place.owner, place, "?kind=card&q=꽃집"))[0].startswith("card-47851-")


def test_a_search_that_finds_nothing_says_what_to_look_for(place: Stage) -> None:
    html = page_of(place.owner, place, "?q=%00잠수함<b>")
    assert choices_of(html) == []
    assert "찾는 문구가 없어요" in html
    assert "잠수함<b>" not in html


@pytest.mark.parametrize("query", ["?page=99999", "?page=0", "?page=x", "?kind=nothing", f"?q={'가' * 500}"])
def test_an_address_somebody_typed_still_shows_a_page(place: Stage, query: str) -> None:
    page_of(place.owner, place, query)


def test_starting_with_one_fills_the_draft_and_one_undo_takes_it_back(place: Stage) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        before = drafts.open_draft(place.shop, by=place.user, now=timezone.now())
        visit = "a" * 32
        answer = place.owner.post(
            place.url("promo/gallery/start/"), {"choice": "coupon-56193-2", "visit": visit}
        )
        assert answer.status_code == 302
        assert answer["Location"] == f"{place.url('promo/')}?visit={visit}"
        fields = drafts.state(place.shop, visit=visit, now=timezone.now()).fields
        assert fields.kind == TemplateKind.COUPON
        assert fields.picture == "drawn:2"
        assert fields.details["where"] == "서울 동작구 보라매로 12"
        assert [str(fields.starts_on), str(fields.ends_on)] == ["2026-11-22", "2026-12-21"]
        assert fields.shows_hours
        clock.shift(5)
        undone = drafts.undo(place.shop, visit=visit, by=place.user, now=timezone.now())
        assert undone.fields.headline == before.fields["headline"]
    assert not PromoVersion.objects.filter(shop=place.shop).exists()


def test_a_holidays_greeting_ends_with_the_holiday(place: Stage) -> None:
    with time_machine.travel(NOON, tick=False):
        place.owner.post(place.url("promo/gallery/start/"), {"choice": "christmas", "visit": "b" * 32})
        fields = drafts.state(place.shop, visit="b" * 32, now=timezone.now()).fields
    assert fields.kind == TemplateKind.EVENT
    assert str(fields.ends_on) == "2026-12-25"


@pytest.mark.parametrize("choice", ["", "coupon-99999-0", "coupon-56193-9", "month-1", "가" * 900, "x\x00"])
def test_a_choice_that_is_none_changes_nothing_and_says_so(place: Stage, choice: str) -> None:
    with time_machine.travel(NOON, tick=False):
        answer = place.owner.post(place.url("promo/gallery/start/"), {"choice": choice}, follow=True)
    assert "고르신 문구를 찾지 못했어요" in answer.content.decode()
    assert not hasattr(place.shop, "draft")


def test_the_picture_is_the_shops_own_small_and_kept_by_the_browser(place: Stage) -> None:
    html = page_of(place.owner, place, "?kind=event&q=세탁소")
    address = re.search(r'src="(/shops/[^"]+)"', html)
    assert address is not None
    answer = place.owner.get(address.group(1))
    assert answer["Content-Type"] == "image/webp"
    assert "max-age=604800" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    assert len(answer.content) <= 30_000
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.size == (640, 480)
    assert place.owner.get(place.url("promo/gallery/nothing-0.webp")).status_code == 404


def test_who_may_only_look_gets_no_buttons_and_may_not_start(place: Stage) -> None:
    html = page_of(place.colleague, place)
    assert choices_of(html) == []
    assert "(광고)[햇살치킨]" in html
    assert place.colleague.post(place.url("promo/gallery/start/"), {"choice": "month-11"}).status_code == 403
    for path in ("promo/gallery/", "promo/gallery/month-11.webp"):
        assert place.stranger.get(place.url(path)).status_code == 404
    assert place.stranger.post(place.url("promo/gallery/start/")).status_code == 404


def test_a_shop_of_short_texts_is_told_why_there_is_nothing_to_choose() -> None:
    short = stage(product=Product.BASIC)
    html = page_of(short.owner, short)
    assert choices_of(html) == []
    assert "짧은 문자에는 골라 쓸 문구가 없어요" in html


def test_a_public_body_outside_the_58_trades_reads_them_without_pictures() -> None:
    office = stage(product=Product.PREMIUM, ksic="84111", name="보라매주민센터")
    html = page_of(office.owner, office)
    assert len(choices_of(html)) == 12
    assert "<img" not in html.split("<main")[1]
    assert office.owner.get(office.url("promo/gallery/month-11.webp")).status_code == 404


def test_a_page_asks_the_database_the_same_few_questions_whatever_it_shows(place: Stage) -> None:
    page_of(place.owner, place)
    counts = []
    for query in ("", "?kind=coupon&page=3", "?q=설날"):
        with CaptureQueriesContext(connection) as asked:
            page_of(place.owner, place, query)
        counts.append(len(asked))
    assert len(set(counts)) == 1
    assert counts[0] <= 9
