"""The pages of earlier versions: found again, compared, and brought back."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from messaging import promos
from messaging.editor import drafts, publications
from messaging.models import PromoVersion, PublicationState
from shopmsg.core.clock import kst_day
from tests.factories.messaging import promo_version
from tests.messaging.owner_page import Stage, stage

pytestmark = pytest.mark.django_db


def _stage_with_live() -> tuple[Stage, PromoVersion, PromoVersion]:
    at = stage()
    old = promo_version(at.shop, headline="가을 제목", body="가을에는 전어가 맛있어요")
    live = promo_version(
        at.shop, headline="겨울 제목", body="겨울에는 방어가 맛있어요", live=True, standing=True
    )
    return at, old, live


def _page(at: Stage, path: str) -> str:
    answer = at.owner.get(at.url(path))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_says_which_goes_out_now() -> None:
    at, _, _ = _stage_with_live()
    page = _page(at, "promo/versions/")
    assert page.index("겨울 제목") < page.index("지금 나가요") < page.index("가을 제목")


def test_a_shop_that_never_published_is_told_what_will_be_there() -> None:
    assert "아직 내보낸 내용이 없어요" in _page(stage(), "promo/versions/")


@pytest.mark.parametrize("words", ["전어", "가을 맛있어요", "제목 가을"])
def test_a_version_is_found_by_words_of_its_headline_and_text(words: str) -> None:
    at, _, _ = _stage_with_live()
    page = _page(at, f"promo/versions/?words={words}")
    assert "가을 제목" in page
    assert "겨울 제목" not in page


@pytest.mark.parametrize("words", ["붕어", "%", "\x00"])
def test_words_found_nowhere_lead_back_to_the_whole_list(words: str) -> None:
    at, _, _ = _stage_with_live()
    page = at.owner.get(at.url("promo/versions/"), {"words": words}).content.decode()
    assert ("그 말이 있는 내용이 없어요" in page) is (words != "\x00")


def test_many_versions_come_in_pages_that_keep_the_search() -> None:
    at = stage()
    for number in range(1, 24):
        promo_version(at.shop, headline=f"소식 {number}호")
    promo_version(at.shop, headline="다른 것")
    first = at.owner.get(at.url("promo/versions/"), {"words": "소식"})
    second = at.owner.get(at.url("promo/versions/") + first.context["older_url"])
    shown = [version.headline for version, _ in [*first.context["rows"], *second.context["rows"]]]
    assert shown == [f"소식 {number}호" for number in range(23, 0, -1)]
    assert not second.context["older_url"]
    beyond = at.owner.get(at.url("promo/versions/"), {"before": "1"})
    assert "더 예전 내용이 없어요" in beyond.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    at = stage()
    for _ in range(count):
        promo_version(at.shop, created_by=at.user)
    with django_assert_num_queries(6):
        at.owner.get(at.url("promo/versions/"))


def test_comparing_marks_the_words_that_differ() -> None:
    at, old, _ = _stage_with_live()
    page = _page(at, f"promo/versions/{old.number}/")
    assert "무엇이 달랐나요" in page
    assert "<mark>가을에는 전어가</mark>" in page
    assert "<mark>겨울에는 방어가</mark>" in page
    assert "<mark>맛있어요</mark>" not in page


def test_the_live_version_is_compared_with_the_one_before_it_and_cannot_be_brought_back() -> None:
    at, _, live = _stage_with_live()
    page = _page(at, f"promo/versions/{live.number}/")
    assert page.index("전어가</mark>") < page.index("방어가</mark>")
    assert "되돌리기" not in page


def test_a_shops_only_version_is_shown_without_a_comparison() -> None:
    at = stage()
    only = promo_version(at.shop)
    page = _page(at, f"promo/versions/{only.number}/")
    assert only.headline in page
    assert "무엇이 달랐나요" not in page


def test_bringing_back_at_once_waits_a_minute_and_publishes_the_same_version() -> None:
    at, old, live = _stage_with_live()
    answer = at.owner.post(at.url(f"promo/versions/{old.number}/"), {"to": "now"})
    assert answer.status_code == 302
    waiting = publications.waiting(at.shop)
    assert waiting is not None
    assert waiting.version == old
    assert promos.live(at.shop) == live
    assert "곧 나가요" in _page(at, "promo/versions/")
    publications.publish_due(timezone.now() + publications.HOLD)
    assert promos.live(at.shop) == old


def test_bringing_back_into_the_editor_fills_the_draft_and_can_be_undone_there() -> None:
    at, old, live = _stage_with_live()
    drafts.open_draft(at.shop, by=at.user, now=timezone.now())
    answer = at.owner.post(at.url(f"promo/versions/{old.number}/"), {"to": "editor"})
    path, _, visit = answer["Location"].partition("?visit=")
    assert path == at.url("promo/")
    saved = drafts.state(at.shop, visit=visit, now=timezone.now())
    assert (saved.fields.headline, saved.can_undo) == (old.headline, True)
    assert promos.live(at.shop) == live
    undone = drafts.undo(at.shop, visit=visit, by=at.user, now=timezone.now())
    assert undone.fields.headline == live.headline


def test_a_version_whose_period_is_over_goes_through_the_editor() -> None:
    at, _, live = _stage_with_live()
    over = promo_version(at.shop, kind="coupon", ends_on=kst_day(timezone.now()) - timedelta(days=1))
    page = _page(at, f"promo/versions/{over.number}/")
    assert "날짜 고쳐서 쓰기" in page
    assert "바로 되돌리기" not in page
    answer = at.owner.post(at.url(f"promo/versions/{over.number}/"), {"to": "now"}, follow=True)
    assert "기간이 이미 끝나" in answer.content.decode()
    assert promos.live(at.shop) == live
    assert not at.shop.publications.filter(state=PublicationState.WAITING).exists()


def test_a_colleague_who_may_look_sees_no_buttons_and_a_stranger_nothing() -> None:
    at, old, _ = _stage_with_live()
    for path in ("promo/versions/", f"promo/versions/{old.number}/"):
        page = at.colleague.get(at.url(path))
        assert page.status_code == 200
        assert "바로 되돌리기" not in page.content.decode()
        assert at.stranger.get(at.url(path)).status_code == 404
    path = at.url(f"promo/versions/{old.number}/")
    assert at.colleague.post(path, {"to": "now"}).status_code == 403
    assert at.stranger.post(path, {"to": "now"}).status_code == 404
    assert not at.shop.publications.exists()


def test_another_shops_version_cannot_be_reached_through_the_own() -> None:
    mine = stage()
    theirs = stage()
    promo_version(theirs.shop)
    number = promo_version(theirs.shop).number
    assert mine.owner.get(mine.url(f"promo/versions/{number}/")).status_code == 404
    assert mine.owner.post(mine.url(f"promo/versions/{number}/"), {"to": "editor"}).status_code == 404
    assert mine.owner.get(mine.url(f"promo/versions/{10**30}/")).status_code == 404
