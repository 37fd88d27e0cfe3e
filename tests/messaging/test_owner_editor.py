"""The promo editor over HTTP: what its page shows, keeps and sends, with and without its scripts."""

import html
import re
import unicodedata
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from messaging import promos
from messaging.compose import Content, Sender
from messaging.content import content_of
from messaging.editor import publications
from messaging.editor.fields import FIELDS, first_fields
from messaging.enums import MessageKind
from messaging.models import Message, Picture, PromoDraft, PromoVersion, Publication
from messaging.preview import places_of
from messaging.template_kinds import TemplateKind
from messaging.template_texts import suggestions, template
from shopmsg.accounts.enums import Product
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import kst_day
from tests.factories.accounts import LineFactory
from tests.markup import OWNER_PAGE, named, sound, text_of, weight, with_class
from tests.messaging.owner_page import Stage, stage

pytestmark = pytest.mark.django_db

ONE, OTHER = "1" * 32, "2" * 32
SENDER = Sender("행복치킨", Product.SOHO, "021234567", "0801234567", "1001", "매일 11:00~22:00")
AWKWARD = (
    "반가워요 😀👨‍👩‍👧",
    "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "보이지\u200b않는\u200f글자",
    "‮거꾸로‬",
    "가" * 10_000,
    "뷁 \u2028 <script>alert(1)</script> & \"'",
)


def _live(shop: Shop, **fields: Any) -> PromoVersion:
    values: dict[str, Any] = {
        "kind": TemplateKind.COMMON,
        "headline": "바삭한 치킨",
        "body": "오늘도 깨끗한 기름",
        "starts_on": None,
        "ends_on": None,
        "picture": None,
        "by": None,
        "now": timezone.now(),
    }
    version = promos.create_version(shop, **{**values, **fields})
    return promos.publish(version, by=None, now=timezone.now())


def _save(at: Stage, *, visit: str = ONE, **fields: Any) -> dict[str, Any]:
    """As the page's script does it."""
    fields.setdefault(
        "base", PromoDraft.objects.filter(shop=at.shop).values_list("revision", flat=True).first() or 0
    )
    answer = at.owner.post(
        at.url("promo/save/"), {"visit": visit, **fields}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def _publish(at: Stage, **fields: Any) -> Any:
    revision = PromoDraft.objects.get(shop=at.shop).revision
    return at.owner.post(
        at.url("promo/publish/"), {"visit": ONE, "revision": revision, **fields}, follow=True
    )


def _shown(page: Any) -> str:
    """The text on the page's phone, without its markup."""
    found = re.search(r'<pre class="text" id="preview-text">(.*?)</pre>', page.content.decode(), re.DOTALL)
    assert found is not None
    return html.unescape(re.sub(r"<[^>]*>", "", found.group(1)))


def _hints(page: Any) -> str:
    return " ".join(text_of(part) for part in with_class(sound(page), "findings"))


def test_a_new_shop_finds_a_finished_promo_and_sends_it_with_one_press() -> None:
    at = stage()
    page = at.owner.get(at.url("promo/"))
    assert "이대로 보낼게요" in page.content.decode()
    assert _hints(page) == ""
    after = _publish(at)
    live = promos.live(at.shop)
    assert live is not None
    assert live.picture is not None
    assert _shown(after) == promos.preview(content_of(live), promos.sender_of(at.shop)).text
    assert "지금부터 이 내용이 나가요" in after.content.decode()


def test_what_has_just_gone_out_can_be_called_back_and_the_draft_stays() -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    _save(at, headline="처음 만든 제목")
    _publish(at)
    sent = Publication.objects.get(shop=at.shop)
    back = at.owner.post(at.url("promo/call-back/"), {"visit": ONE, "publication": sent.pk}, follow=True)
    assert promos.live(at.shop) is None
    assert "취소했어요" in back.content.decode()
    assert "처음 만든 제목" in _shown(back)


def test_a_change_of_a_live_promo_waits_a_minute_and_can_be_stopped() -> None:
    at = stage()
    before = _live(at.shop)
    at.owner.get(at.url("promo/"))
    _save(at, headline="겨울 치킨")
    page = _publish(at)
    waits = publications.waiting(at.shop)
    assert waits is not None
    assert promos.live(at.shop) == before
    assert "부터 이 내용이 나가요" in " ".join(text_of(sound(page)).split())
    publications.publish_due(waits.due_at)
    live = promos.live(at.shop)
    assert live is not None
    assert live.headline == "겨울 치킨"


def test_a_publication_can_be_given_a_day_and_an_hour() -> None:
    at = stage()
    _live(at.shop)
    at.owner.get(at.url("promo/"))
    _save(at, body="다음 주 소식")
    day = kst_day(timezone.now()) + timedelta(days=7)
    page = _publish(at, day=day.isoformat(), hour="9")
    waits = publications.waiting(at.shop)
    assert waits is not None
    assert (kst_day(waits.due_at), waits.due_at.hour, waits.due_at.minute) == (day, 0, 0)
    assert f"{day.month}월 {day.day}일" in text_of(with_class(sound(page), "pending")[0])


@pytest.mark.parametrize(
    ("day", "hour", "words"),
    [
        ("어제", "9", "날짜와 시각"),
        ("2020-01-01", "9", "이미 지난"),
        ("2999-01-01", "9", "90일"),
        ("2026-12-01", "99", "시각"),
    ],
)
def test_a_moment_that_cannot_be_is_refused_and_asked_for_again(day: str, hour: str, words: str) -> None:
    at = stage()
    _live(at.shop)
    at.owner.get(at.url("promo/"))
    page = _publish(at, day=day, hour=hour)
    assert words in page.content.decode()
    assert [
        dialog.get("id") for dialog in named(sound(page), "dialog") if dialog.get("open") is not None
    ] == ["sheet-schedule"]
    assert publications.waiting(at.shop) is None


def test_what_somebody_else_wrote_meanwhile_is_shown_before_it_goes_out() -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    seen = PromoDraft.objects.get(shop=at.shop).revision
    _save(at, visit=OTHER, headline="저쪽에서 고친 제목")
    page = at.owner.post(at.url("promo/publish/"), {"visit": ONE, "revision": seen}, follow=True)
    assert promos.live(at.shop) is None
    assert "한 번 더 보고" in page.content.decode()
    assert "저쪽에서 고친 제목" in _shown(page)


def test_the_phone_shows_what_is_typed_byte_for_byte_as_it_would_be_sent() -> None:
    at = stage(hours="매일 11:00~22:00")
    at.owner.get(at.url("promo/"))
    today = kst_day(timezone.now()).isoformat()
    typed: dict[str, Any] = {
        "kind": "coupon",
        "headline": "포장 <할인> &",
        "body": "첫 줄\r\n둘째 줄  ",
        "details.benefit": "음료수 한 병",
        "details.where": "2층 계산대",
        "details.how": "보여 주세요",
        "starts_on": today,
        "ends_on": today,
        "shows_hours": "1",
        "picture": "drawn:1",
    }
    shown = _shown(at.owner.post(at.url("promo/preview/"), typed))
    _save(at, **typed)
    _publish(at)
    live = promos.live(at.shop)
    assert live is not None
    assert shown == promos.preview(content_of(live), promos.sender_of(at.shop)).text
    assert "혜택 음료수 한 병" in shown


@given(
    headline=st.text(max_size=30),
    body=st.text(max_size=60),
    details=st.lists(st.sampled_from(["혜택", "위치"]), max_size=2, unique=True),
    dated=st.booleans(),
    shows_hours=st.booleans(),
)
def test_every_line_belongs_to_the_place_that_changes_it(
    headline: str, body: str, details: list[str], dated: bool, shows_hours: bool
) -> None:
    content = Content(
        headline,
        body,
        ends_on=date(2026, 12, 1) if dated else None,
        details=tuple((label, "값") for label in details),
        shows_hours=shows_hours,
    )
    composed = promos.preview(content, SENDER)
    places = places_of(content, SENDER, composed)
    assert "".join(place.text for place in places) == composed.text
    text = {place.name: place.text.strip("\n") for place in places}
    assert text["ad"] == composed.first
    assert text["optout"] == composed.last
    assert text["contact"].startswith("문의 ")
    assert text["link"].startswith("http")
    assert ("기간" in text.get("period", ""), "영업시간" in text.get("hours", "")) == (dated, shows_hours)
    assert [place.text.split()[0] for place in places if place.name == "detail"] == details


@pytest.mark.parametrize("text", AWKWARD)
def test_whatever_is_typed_is_kept_shown_and_never_breaks_the_page(text: str) -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    saved = _save(at, body=text)
    assert saved["refused"] == []
    assert saved["fields"]["body"] == unicodedata.normalize("NFC", text)
    page = at.owner.get(at.url("promo/"))
    area = next(area for area in named(sound(page), "textarea") if area.get("name") == "body")
    assert text_of(area).lstrip("\n") == unicodedata.normalize("NFC", text)
    assert at.owner.post(at.url("promo/preview/"), {"headline": text, "body": text}).status_code == 200


def test_a_text_too_long_for_its_place_is_refused_by_name_and_the_rest_is_kept() -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    saved = _save(at, headline="가" * 61, body="새 내용")
    assert [refused["field"] for refused in saved["refused"]] == ["headline"]
    assert saved["fields"]["body"] == "새 내용"


def test_characters_no_phone_shows_are_pointed_at_and_replaced_when_asked() -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    saved = _save(at, headline="좋은 날 ₩", body="어서 오세요 😀 20,000₩")
    page = at.owner.get(at.url("promo/"))
    words = " ".join(_hints(page).split())
    assert "😀 내용" in words
    assert "₩ 제목, 내용" in words
    marks = [text_of(mark) for mark in named(sound(page), "mark")]
    assert marks == ["₩", "😀", "₩"]
    at.owner.post(at.url("promo/save/"), {"visit": ONE, "swap": "₩"})
    assert "어서 오세요 😀 20,000원" in _shown(at.owner.get(at.url("promo/")))
    at.owner.post(at.url("promo/save/"), {"visit": ONE, "swap": "all"})
    assert "어서 오세요 ^^ 20,000원" in _shown(at.owner.get(at.url("promo/")))
    assert PromoDraft.objects.get(shop=at.shop).revision == saved["revision"] + 2


@pytest.mark.parametrize(
    ("fields", "words", "sheet"),
    [
        ({"headline": " "}, "제목이 비어", "headline"),
        ({"body": ""}, "내용이 비어", "body"),
        ({"body": "가" * 1_000}, "자쯤 줄이면 보낼 수", "body"),
        ({"kind": "event", "ends_on": "2020-01-01"}, "기간이 이미 지났어요", "period"),
        ({"kind": "event", "starts_on": "2030-01-02", "ends_on": "2030-01-01"}, "빨라요", "period"),
    ],
)
def test_what_stands_in_the_way_is_said_where_it_is_with_one_button(
    fields: dict[str, Any], words: str, sheet: str
) -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    _save(at, **fields)
    page = at.owner.get(at.url("promo/"))
    finding = with_class(sound(page), "finding")[0]
    assert words in text_of(finding)
    assert [link.get("data-edit") for link in named(finding, "a")] == [sheet]
    refused = _publish(at)
    assert promos.live(at.shop) is None
    assert named(sound(refused), "dialog")
    assert f'id="sheet-{sheet}"' in re.findall(r"<dialog[^>]*\bopen\b[^>]*>", refused.content.decode())[0]


def test_an_everyday_text_has_no_end_whatever_another_kind_was_given() -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    _save(at, kind="event", ends_on="2020-01-01")
    _save(at, kind="common")
    page = at.owner.get(at.url("promo/"))
    assert "기간" not in _shown(page)
    assert _hints(page) == ""


def test_two_devices_that_change_the_same_line_lose_neither_text() -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    base = PromoDraft.objects.get(shop=at.shop).revision
    _save(at, visit=ONE, base=base, headline="이쪽 제목", body="이쪽 내용")
    saved = _save(at, visit=OTHER, base=base, headline="저쪽 제목")
    assert [found["field"] for found in saved["conflicts"]] == ["headline"]
    assert saved["fields"]["body"] == "이쪽 내용"
    assert "이쪽 제목" in saved["conflicts_html"]
    assert "이 휴대폰 글 쓰기" in saved["conflicts_html"]
    page = at.owner.get(at.url("promo/"))
    assert {"이쪽 제목", "저쪽 제목"} <= {text_of(text) for text in with_class(sound(page), "text")}
    choice = {"visit": OTHER, "edit_id": saved["conflicts"][0]["id"], "side": "aside"}
    after = at.owner.post(at.url("promo/choose/"), choice, follow=True)
    assert "저쪽 제목" in _shown(after)
    assert with_class(sound(after), "conflict") == []


def test_a_visit_takes_back_its_own_last_step_and_nobody_elses() -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    first = _save(at, headline="먼저")
    _save(at, headline="나중")
    _save(at, visit=OTHER, body="저쪽 내용")
    after = at.owner.post(at.url("promo/undo/"), {"visit": ONE}, follow=True)
    assert "먼저" in _shown(after)
    assert "저쪽 내용" in _shown(after)
    assert first["can_undo"]


def test_without_scripts_every_part_of_the_phone_opens_its_question_and_is_saved() -> None:
    at = stage(hours="매일 11:00~22:00")
    page = at.owner.get(at.url("promo/"))
    places = [link.get("href", "") for link in with_class(sound(page), "place")]
    assert len(places) >= 6
    for href in places:
        opened = re.findall(
            r"<dialog[^>]*\bopen\b[^>]*>", at.owner.get(at.url("promo/") + href).content.decode()
        )
        assert len(opened) == 1, href
    visit = places[0].partition("visit=")[2].partition("&")[0]
    base = PromoDraft.objects.get(shop=at.shop).revision
    fields = {"visit": visit, "base": base, "sheet": "headline", "headline": "새 제목"}
    after = at.owner.post(at.url("promo/save/"), fields, follow=True)
    assert "새 제목" in _shown(after)
    undone = at.owner.post(at.url("promo/undo/"), {"visit": visit}, follow=True)
    assert "새 제목" not in _shown(undone)


def test_a_period_takes_one_tap_and_one_more_takes_it_away() -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    _save(at, kind="event")
    page = at.owner.get(at.url("promo/"))
    quick = [
        button.get("value", "") for button in named(sound(page), "button") if button.get("name") == "period"
    ]
    today = kst_day(timezone.now())
    assert quick[0] == f"{today}~{today + timedelta(days=13)}"
    set_to = at.owner.post(at.url("promo/save/"), {"visit": ONE, "base": 99, "period": quick[0]}, follow=True)
    assert f"기간 {today.month}월 {today.day}일 ~" in _shown(set_to)
    none = at.owner.post(at.url("promo/save/"), {"visit": ONE, "base": 99, "period": "none"}, follow=True)
    assert "기간" not in _shown(none)


def test_a_benefit_of_the_trade_is_taken_in_one_tap() -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    _save(at, kind="coupon")
    page = at.owner.get(at.url("promo/?edit=details-benefit"))
    offered = [
        button.get("value", "")
        for button in named(sound(page), "button")
        if button.get("name") == "details.benefit"
    ]
    assert len(offered) >= 2
    fields = {"visit": ONE, "base": 99, "details.benefit": ["", offered[1]]}
    assert f"혜택 {offered[1]}" in _shown(at.owner.post(at.url("promo/save/"), fields, follow=True))


def test_another_kind_says_the_trades_own_words_and_the_way_back_gives_back_what_was_there() -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    PromoDraft.objects.filter(shop=at.shop).update(
        fields=replace(
            first_fields(at.shop, timezone.now()),
            body=template(
                at.shop.ksic,
                TemplateKind.COMMON,
                shop_name=at.shop.name,
                address=at.shop.address,
                today=date(2026, 3, 1),
            ).body,
        ).to_json()
    )
    before = PromoDraft.objects.get(shop=at.shop).fields
    coupon = _save(at, kind="coupon")["fields"]
    wanted = template(
        at.shop.ksic,
        TemplateKind.COUPON,
        shop_name=at.shop.name,
        address=at.shop.address,
        today=kst_day(timezone.now()),
    )
    assert (coupon["headline"], coupon["body"]) == (wanted.headline, wanted.body)
    assert coupon["details.benefit"] in suggestions(at.shop.ksic)
    assert coupon["details.how"] == wanted.details["how"]
    assert date.fromisoformat(coupon["ends_on"]) > kst_day(timezone.now())
    back = _save(at, kind="common")["fields"]
    assert (back["headline"], back["body"]) == (before["headline"], before["body"])
    for _ in range(2):
        at.owner.post(at.url("promo/undo/"), {"visit": ONE})
    assert PromoDraft.objects.get(shop=at.shop).fields == before


def test_another_kind_leaves_the_owners_own_words_alone() -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    _save(at, headline="내가 쓴 제목", **{"details.benefit": "우리 집 만두 한 접시"})
    fields = _save(at, kind="coupon", starts_on="2030-01-01")["fields"]
    assert fields["headline"] == "내가 쓴 제목"
    assert fields["details.benefit"] == "우리 집 만두 한 접시"
    assert (fields["starts_on"], fields["ends_on"]) == ("2030-01-01", "")
    assert _save(at, kind="common")["fields"]["headline"] == "내가 쓴 제목"


def test_a_period_that_came_with_a_kind_goes_with_it_and_a_chosen_one_stays() -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    days = {}
    for kind in ("event", "coupon", "card", "event"):
        fields = _save(at, kind=kind)["fields"]
        ends_on = date.fromisoformat(fields["ends_on"]) if fields["ends_on"] else None
        days[kind] = (ends_on - kst_day(timezone.now())).days + 1 if ends_on else None
    assert days == {"event": 14, "coupon": 30, "card": None}
    _save(at, ends_on="2030-01-31")
    assert _save(at, kind="coupon")["fields"]["ends_on"] == "2030-01-31"


def test_short_texts_and_unknown_trades_get_no_words_with_a_kind() -> None:
    for shop in ({"product": Product.BASIC}, {"ksic": "99999"}):
        at = stage(**shop)
        at.owner.get(at.url("promo/"))
        before = PromoDraft.objects.get(shop=at.shop).fields
        fields = _save(at, kind="coupon")["fields"]
        assert (fields["headline"], fields["details.benefit"]) == (before["headline"], "")


@pytest.mark.parametrize("text", ["\x00", "가\x00나", "\ud800", "가\udfff"])
def test_what_no_database_can_keep_is_refused_in_every_field_and_breaks_no_page(text: str) -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    body = urlencode(dict.fromkeys(FIELDS, text) | {"visit": ONE, "base": "1"}, errors="surrogatepass")
    for address in ("promo/save/", "promo/preview/"):
        answer = at.owner.post(
            at.url(address),
            body,
            content_type="application/x-www-form-urlencoded",
            headers={"Accept": "application/json"},
        )
        assert answer.status_code == 200, address
    for address in ("promo/", "promo/design.webp"):
        query = f"?{body}&layout=1&width=240&edit={text.encode(errors='surrogatepass')!r}"
        assert at.owner.get(at.url(address) + query).status_code == 200, address
    assert "\x00" not in str(PromoDraft.objects.get(shop=at.shop).fields)


@pytest.mark.parametrize(
    "day", ["0001-01-01", "9999-12-31", "2026-02-30", "내일", "2026-W01-1", "-1", "1" * 5_000]
)
def test_days_out_of_this_world_break_nothing(day: str) -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    fields = {"kind": "event", "starts_on": day, "ends_on": day}
    assert at.owner.post(at.url("promo/preview/"), fields).status_code == 200
    assert (
        at.owner.get(at.url("promo/design.webp"), fields | {"layout": "0", "width": "240"}).status_code == 200
    )
    assert _save(at, **fields)["revision"] > 0
    assert _publish(at, day=day, hour="9" * 5_000).status_code == 200
    assert _publish(at, day=day, hour="23").status_code == 200


@pytest.mark.parametrize(
    "address", ["promo/", "promo/preview/", "promo/design.webp", "promo/save/", "promo/undo/", "promo/choose/",
                "promo/publish/", "promo/publication/", "promo/call-back/", "promo/test/"],
)  # fmt: skip
def test_other_methods_are_refused_and_a_head_is_a_look(address: str) -> None:
    at = stage()
    for method in ("OPTIONS", "PUT", "DELETE", "PATCH"):
        assert at.owner.generic(method, at.url(address)).status_code == 405
    head, look = at.owner.head(at.url(address)), at.owner.get(at.url(address))
    assert head.status_code == look.status_code
    assert not Publication.objects.filter(shop=at.shop).exists()


def test_quick_periods_end_where_their_names_say() -> None:
    at = stage()
    with time_machine.travel("2026-01-31T12:00:00+09:00", tick=False):
        page = at.owner.get(at.url("promo/"))
    quick = [button.get("value") for button in named(sound(page), "button") if button.get("name") == "period"]
    assert quick == ["2026-01-31~2026-02-13", "2026-01-31~2026-01-31", "2026-01-31~2026-02-27", "none"]


def test_a_test_goes_to_the_phone_of_whoever_asks_and_counts_down() -> None:
    at = stage()
    LineFactory(shop=at.shop)
    at.owner.get(at.url("promo/"))
    answer = at.owner.post(
        at.url("promo/test/"), {"visit": ONE}, headers={"Accept": "application/json"}
    ).json()
    assert answer["sent"], answer
    assert answer["left"] == 9
    assert Message.objects.get(shop=at.shop).kind == MessageKind.TEST
    page = at.owner.post(at.url("promo/test/"), {"visit": ONE}, follow=True)
    assert "보냈어요" in page.content.decode()


def test_a_colleague_who_may_only_look_sees_what_goes_out_and_writes_nothing() -> None:
    at = stage()
    empty = at.colleague.get(at.url("promo/"))
    assert "아직 나가는 내용이 없어요" in empty.content.decode()
    _live(at.shop)
    page = at.colleague.get(at.url("promo/"))
    assert "바삭한 치킨" in page.content.decode()
    assert [button for button in named(sound(page), "button") if button.get("class") == "btn btn-main"] == []
    assert with_class(sound(page), "place") == []
    assert not PromoDraft.objects.filter(shop=at.shop).exists()
    for path in ("save", "undo", "choose", "publish", "call-back", "test", "preview"):
        assert at.colleague.post(at.url(f"promo/{path}/"), {"headline": "몰래"}).status_code == 403
    assert at.stranger.get(at.url("promo/")).status_code == 404


def test_another_shops_publication_cannot_be_called_back() -> None:
    mine, other = stage(), stage()
    other.owner.get(other.url("promo/"))
    _publish(other)
    sent = Publication.objects.get(shop=other.shop)
    assert mine.owner.post(mine.url("promo/call-back/"), {"publication": sent.pk}).status_code == 404
    assert promos.live(other.shop) is not None


def test_another_shops_picture_is_no_choice() -> None:
    mine, other = stage(), stage()
    foreign = Picture.objects.create(
        shop=other.shop, sha256="0" * 64, file="pictures/x.jpg", width=1000, height=750
    )
    mine.owner.get(mine.url("promo/"))
    _save(mine, picture=f"stored:{foreign.pk}")
    page = mine.owner.get(mine.url("promo/"))
    assert "0" * 64 not in page.content.decode()
    _publish(mine)
    live = promos.live(mine.shop)
    assert live is not None
    assert live.picture is None


def test_a_picture_a_plain_form_has_brought_is_ready_to_be_taken() -> None:
    at = stage()
    own = Picture.objects.create(shop=at.shop, sha256="a" * 64, file="pictures/x.jpg", width=1000, height=750)
    page = at.owner.get(at.url(f"promo/?edit=picture&picture=stored:{own.pk}"))
    chosen = [
        radio.get("value")
        for radio in named(sound(page), "input")
        if radio.get("name") == "picture" and radio.get("checked") is not None
    ]
    assert chosen == [f"stored:{own.pk}"]


def test_drawn_designs_are_for_members_and_only_the_sizes_we_show() -> None:
    at = stage()
    query = {"kind": "coupon", "layout": "1", "width": "240", "headline": "<b>할인</b> 😀"}
    answer = at.owner.get(at.url("promo/design.webp"), query)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert at.stranger.get(at.url("promo/design.webp"), query).status_code == 404
    for wrong in ({"layout": "9"}, {"width": "99999"}, {"layout": "x"}):
        assert at.owner.get(at.url("promo/design.webp"), query | wrong).status_code == 404


def test_a_key_costs_the_server_a_handful_of_statements() -> None:
    at = stage()
    at.owner.get(at.url("promo/"))
    with CaptureQueriesContext(
        connection,
    ) as seen:
        at.owner.post(at.url("promo/preview/"), {"headline": "가", "body": "나", "picture": "drawn:0"})
    assert len(seen) <= 6, [query["sql"] for query in seen]


def test_the_page_is_sound_and_light() -> None:
    at = stage()
    assert weight(at.owner.get(at.url("promo/"))) <= OWNER_PAGE
