"""Drawn promo pictures: legible, inside their boxes, and what every handset takes (rules.md §5)."""

import io
import itertools
import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from messaging.pictures.canvas import HEIGHT, WIDTH, Box
from messaging.pictures.designs import (
    CardFacts,
    CommonFacts,
    CouponFacts,
    EventFacts,
    Facts,
    Layout,
    PromoDesign,
)
from messaging.pictures.draw import compose_scene, draw_promo
from messaging.pictures.lettering import drawable
from messaging.pictures.palettes import PALETTES, contrast
from messaging.pictures.trades import TradeGroup
from messaging.pictures_store import design_of
from messaging.template_kinds import TemplateKind
from shopmsg.accounts.models import Shop

WHOLE = Box(0, 0, WIDTH, HEIGHT)
FACTS: list[Facts] = [
    CommonFacts("바삭한 치킨이 생각날 때", "02-1234-5678"),
    CouponFacts("포장 주문하시면 음료 한 병", "12월 1일~31일", "보라매역 3번 출구 앞", "이 문자를 보여 주세요"),
    EventFacts("연말 감사 이벤트", "12월 1일~31일", "02-1234-5678", "두 마리 주문하시면 음료 큰 병"),
    CardFacts(
        "한빛상사", "영업1팀", "과장", "홍길동", "서울시 영등포구 영신로 220 606호",
        "02-2222-5555", "010-1234-4567", "02-5555-7777", "hong@hanbit.example",
    ),
]  # fmt: skip


#: Names that break things: one letter, one endless word, capitals, digits, tall and deep letters, spaces everywhere.
HARD_NAMES = [
    "가", "W", "i", "뷁", "1", "88", "한 끼", "A B C D E F G", "할머니손맛 원조 바지락칼국수 보쌈전문점 수원영통본점",
    "할머니손맛원조바지락칼국수보쌈전문점수원영통본점직영점별관주차장앞", "MMMMMMMMWWWWWWWWMMMMMMMMWWWWWWWWMMMMMMMM",
    "jjjjjgggggyyyyyqqqqqppppp", "Blue Bottle & Brothers Seoul", "카페 Été 2호점(본점)", "3.14 파이집", "ㅋㅋㅋ 분식!!",
]  # fmt: skip


def generated_names(count: int) -> list[str]:
    """Short and long, Hangul and Latin, digits, with and without spaces; the same every run."""
    chance = random.Random(20261122)
    syllables = "가나다라마바사아자차카타파하국밥집치킨커피꽃책방미용실세탁소횟집정육점보라매본점"
    latin = "Ww Mm Ii lj Qq Coffee & Bakery Seoul BBQ the 1988 A"
    names = list(HARD_NAMES)
    while len(names) < count:
        length = chance.choice((1, 2, 4, 7, 10, 15, 22, 40))
        letters = chance.choice(
            (syllables, syllables + "   ", latin, latin.upper(), syllables + latin, "0123456789")
        )
        names.append("".join(chance.choice(letters) for _ in range(length)).strip() or "가")
    return names


def named(facts: Facts, name: str) -> Facts:
    """The same facts with this name, in every length, wherever a person types freely."""
    match facts:
        case CommonFacts():
            return replace(facts, headline=name[::-1] * 2)
        case CouponFacts():
            return replace(facts, benefit=name, where=name * 3, how=name[::-1] * 2)
        case EventFacts():
            return replace(facts, title=name, contact=name * 2, benefit=name[::-1])
        case CardFacts():
            return replace(facts, company=name, name=name, address=name * 4, email=name, department=name)


def test_no_text_leaves_its_box_or_touches_another_for_200_names_in_every_layout() -> None:
    designs = list(itertools.product(FACTS, Layout))
    names = generated_names(200)
    # The hard names meet every design; the others two each, so that every design meets two dozen of them.
    pairs = list(itertools.product(HARD_NAMES[:8], designs))
    pairs += [
        (name, designs[(index * 2 + turn * 5) % len(designs)])
        for index, name in enumerate(names)
        for turn in range(2)
    ]
    assert len(set(names)) > 170
    for name, (facts, layout) in pairs:
        texts = compose_scene(PromoDesign(TradeGroup.CHICKEN, name, named(facts, name), layout)).texts
        assert texts
        for text in texts:
            assert text.box.contains(text.ink), (name, layout, text)
            assert WHOLE.contains(text.box), (name, layout, text)
        for place, text in enumerate(texts):
            for other in texts[place + 1 :]:
                assert not text.box.overlaps(other.box), (name, layout, text.role, other.role)


@pytest.mark.parametrize("facts", FACTS, ids=lambda facts: type(facts).__name__)
@pytest.mark.parametrize("layout", Layout)
def test_the_pixels_that_lettering_changes_lie_where_the_layout_says(facts: Facts, layout: Layout) -> None:
    scene = compose_scene(PromoDesign(TradeGroup.CAFE, "Wj 할머니손맛 원조 바지락칼국수", facts, layout))
    lettered, texts = scene.picture(), list(scene.texts)
    scene.texts.clear()
    changed = ImageChops.difference(lettered, scene.picture())
    assert changed.getbbox() is not None
    for text in texts:
        area = (round(text.ink.left), round(text.ink.top), round(text.ink.right), round(text.ink.bottom))
        changed.paste((0, 0, 0), area)
    assert changed.getbbox() is None


def test_a_real_shop_name_is_never_cut() -> None:
    names = (
        "최고의 치킨 보라매점",
        "할머니손맛 원조 바지락칼국수 보쌈전문점 수원영통본점",
        "Blue Bottle & Brothers Seoul",
    )
    for name in names:
        for facts in FACTS[:3]:
            for layout in Layout:
                texts = compose_scene(PromoDesign(TradeGroup.NOODLES, name, facts, layout)).texts
                shown = next(text for text in texts if text.role == "name")
                assert "".join(shown.lines).replace(" ", "") == name.replace(" ", "")


def test_a_short_name_is_larger_than_a_long_one_and_stays_on_one_line() -> None:
    def name_text(name: str) -> tuple[int, int]:
        scene = compose_scene(PromoDesign(TradeGroup.CAFE, name, CommonFacts(), Layout.SECOND))
        shown = next(text for text in scene.texts if text.role == "name")
        return shown.size, len(shown.lines)

    assert name_text("봄날커피") == (126, 1)
    size, lines = name_text("할머니손맛 원조 바지락칼국수 수원영통본점")
    assert lines == 2
    assert 48 <= size < 126


@pytest.mark.parametrize("facts", FACTS, ids=lambda facts: type(facts).__name__)
@pytest.mark.parametrize("layout", Layout)
def test_every_layout_is_a_jpeg_all_handsets_take(facts: Facts, layout: Layout) -> None:
    jpeg = draw_promo(PromoDesign(TradeGroup.FLOWERS, "행복한꽃집", facts, layout))
    assert len(jpeg) <= 200_000
    assert b"\xff\xc0" in jpeg
    assert b"\xff\xc2" not in jpeg
    assert b"Exif" not in jpeg
    assert b"ICC_PROFILE" not in jpeg
    with Image.open(io.BytesIO(jpeg)) as picture:
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (1000, 750))
        assert "progressive" not in picture.info


GOLDEN = Path(__file__).parent / "golden"
LOOKS = [
    (TradeGroup.CHICKEN, FACTS[0], Layout.FIRST),
    (TradeGroup.FLOWERS, FACTS[0], Layout.FOURTH),
    (TradeGroup.CAFE, FACTS[1], Layout.FIRST),
    (TradeGroup.LIGHTING, FACTS[1], Layout.FOURTH),
    (TradeGroup.NOODLES, FACTS[2], Layout.THIRD),
    (TradeGroup.BOOKS, FACTS[2], Layout.FOURTH),
    (TradeGroup.HARDWARE, FACTS[3], Layout.THIRD),
    (TradeGroup.BATH, FACTS[3], Layout.FOURTH),
]


def look_of(group: TradeGroup, facts: Facts, layout: Layout) -> Image.Image:
    picture = compose_scene(PromoDesign(group, "햇살가게 Sunny", facts, layout)).picture()
    return picture.resize((200, 150), Image.Resampling.LANCZOS)


@pytest.mark.parametrize(("group", "facts", "layout"), LOOKS, ids=lambda part: getattr(part, "name", None))
def test_the_look_is_the_one_that_was_approved(group: TradeGroup, facts: Facts, layout: Layout) -> None:
    """Whoever changes a look looks at it and keeps it: `look_of(…).quantize(256).save(…)`."""
    look = look_of(group, facts, layout)
    kind = PromoDesign(group, "가", facts).kind.value
    with Image.open(GOLDEN / f"{kind}-{layout.value}-{group.value}.png") as approved:
        difference = ImageChops.difference(look, approved.convert("RGB"))
    # The largest change in any 10 × 10 pixels: fewer colours cost a few grades, a shape that moves costs dozens.
    worst = max(high for _, high in ImageStat.Stat(difference.reduce(10)).extrema)
    assert worst <= 24, f"{worst} of 255"


def test_every_design_of_a_kind_differs_from_the_others_at_a_glance() -> None:
    for facts in FACTS:
        looks = [look_of(TradeGroup.CAFE, facts, layout) for layout in Layout]
        for one, other in itertools.combinations(looks, 2):
            assert sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3 > 15


def test_every_group_of_trades_draws_its_own_picture() -> None:
    drawn = {draw_promo(PromoDesign(group, "우리가게", CommonFacts("어서 오세요"))) for group in TradeGroup}
    assert len(drawn) == len(TradeGroup)


def test_the_same_design_gives_the_same_bytes() -> None:
    design = PromoDesign(TradeGroup.BATH, "온천탕", FACTS[0], Layout.THIRD)
    assert draw_promo(design) == draw_promo(design)


def designed(kind: TemplateKind, **details: str) -> Facts:
    shop = Shop(name="햇살치킨", ksic="56193", address="서울 동작구 보라매로 12", hours="매일 14:00~23:00")
    return design_of(
        shop,
        kind=kind,
        headline="치킨 생각날 때",
        starts_on=date(2026, 12, 1),
        ends_on=date(2026, 12, 31),
        layout=0,
        line="021230001",
        details=details,
    ).facts


def test_a_picture_says_what_the_promos_details_say_and_nothing_else() -> None:
    period = "12월 1일 ~ 12월 31일"
    assert designed(TemplateKind.COUPON, benefit=" 음료수 한 병 ", how="보여 주세요") == CouponFacts(
        "음료수 한 병", period, "", "보여 주세요"
    )
    assert designed(TemplateKind.COUPON).benefit == "치킨 생각날 때"  # type: ignore[union-attr]
    assert designed(TemplateKind.EVENT, benefit="쿠키 하나") == EventFacts(
        "치킨 생각날 때", period, "02-123-0001", "쿠키 하나"
    )
    assert designed(TemplateKind.CARD, name="홍길동", mobile="010-1234-5678") == CardFacts(
        "햇살치킨", name="홍길동", tel="02-123-0001", mobile="010-1234-5678"
    )


def test_opening_hours_are_not_drawn_because_they_may_change_after_the_picture_is_sent() -> None:
    assert designed(TemplateKind.COMMON) == CommonFacts("치킨 생각날 때", "02-123-0001")


def test_facts_that_are_missing_leave_no_empty_labels() -> None:
    scene = compose_scene(PromoDesign(TradeGroup.HAIR, "미르헤어", CouponFacts("앞머리 손질", period=" ")))
    assert {text.role for text in scene.texts} == {"kind", "stub", "name", "benefit"}


def test_a_design_without_its_main_fact_is_refused() -> None:
    for name, facts in (
        ("", CommonFacts()),
        ("봄날", CouponFacts(" ")),
        ("봄날", EventFacts("")),
        ("봄날", CardFacts("")),
    ):
        with pytest.raises(ValueError, match="needs"):
            PromoDesign(TradeGroup.CAFE, name, facts)
    assert [PromoDesign(TradeGroup.CAFE, "봄날", facts).kind for facts in FACTS] == list(TemplateKind)


def test_signs_the_font_lacks_are_left_out_instead_of_drawn_as_boxes() -> None:
    assert drawable("봄날🌸\n커피\u0000 ☎ 뷁") == "봄날 커피 ☎ 뷁"
    assert draw_promo(PromoDesign(TradeGroup.CAFE, "🌸", CommonFacts("어서 오세요")))


@pytest.mark.parametrize("group", TradeGroup)
def test_text_keeps_seven_to_one_on_its_ground(group: TradeGroup) -> None:
    p = PALETTES[group]
    for ink, ground in (
        (p.deep, p.paper),
        (p.deep, p.tint),
        (p.paper, p.deep),
        (p.tint, p.deep),
        (p.quiet, p.paper),
    ):
        assert contrast(ink, ground) >= 7, (ink, ground)
