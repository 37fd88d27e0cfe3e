"""A draft that several devices write at once."""

import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging import promos
from messaging.editor import drafts, edit_log
from messaging.editor.drafts import Edit, Saved
from messaging.editor.fields import DraftFields
from messaging.models import DraftEdit, EditState, PromoDraft
from messaging.template_kinds import TemplateKind
from shopmsg.accounts.models import Shop
from tests.factories.accounts import ShopFactory, UserFactory
from tests.factories.messaging import promo_version

pytestmark = pytest.mark.django_db


@dataclass
class Device:
    """One opening of the editor: it knows the revision it has last seen."""

    shop: Shop
    visit: str
    by: Any = None
    seen: int = 0

    def type(self, field: str, value: Any, *, base: int | None = None) -> Saved:
        edit = Edit(field, value, self.seen if base is None else base)
        saved = drafts.save(self.shop, [edit], visit=self.visit, by=self.by, now=timezone.now())
        self.seen = saved.revision
        return saved

    def undo(self) -> Saved:
        saved = drafts.undo(self.shop, visit=self.visit, by=self.by, now=timezone.now())
        self.seen = saved.revision
        return saved

    def look(self) -> Saved:
        saved = drafts.state(self.shop, visit=self.visit, now=timezone.now())
        self.seen = saved.revision
        return saved


def _devices(shop: Shop | None = None) -> tuple[Device, Device]:
    shop = shop or ShopFactory()
    phone = Device(shop, "phone", UserFactory(name="김사장"))
    desk = Device(shop, "desk", UserFactory(name="이직원"))
    phone.look()
    desk.look()
    return phone, desk


def test_a_new_shop_opens_on_a_finished_draft() -> None:
    shop = ShopFactory()
    draft = drafts.open_draft(shop, by=None, now=timezone.now())
    assert draft.fields["headline"]
    assert draft.fields["body"]


def test_a_shop_with_a_live_promo_opens_on_what_is_live() -> None:
    shop = ShopFactory()
    promo_version(shop, live=True, headline="지금 나가는 제목")
    assert drafts.open_draft(shop, by=None, now=timezone.now()).fields["headline"] == "지금 나가는 제목"


def test_two_devices_writing_different_fields_both_get_through() -> None:
    phone, desk = _devices()
    phone.type("headline", "새 제목")
    saved = desk.type("body", "새 내용")
    assert (saved.fields.headline, saved.fields.body) == ("새 제목", "새 내용")
    assert not saved.conflicts


def test_two_devices_writing_one_field_keep_both_texts_until_somebody_chooses() -> None:
    phone, desk = _devices()
    phone.type("headline", "휴대폰에서")
    saved = desk.type("headline", "컴퓨터에서")
    (conflict,) = saved.conflicts
    assert saved.fields.headline == "휴대폰에서"
    assert (conflict.field, conflict.mine, conflict.theirs) == ("headline", "컴퓨터에서", "휴대폰에서")
    assert (conflict.by_name, conflict.mine_by) == ("김사장", "이직원")


@pytest.mark.parametrize(("mine", "headline"), [(True, "컴퓨터에서"), (False, "휴대폰에서")])
def test_choosing_settles_a_conflict_on_every_device(mine: bool, headline: str) -> None:
    phone, desk = _devices()
    phone.type("headline", "휴대폰에서")
    (conflict,) = desk.type("headline", "컴퓨터에서").conflicts
    chosen = drafts.choose(
        desk.shop, conflict.edit_id, mine=mine, by=None, now=timezone.now(), visit=desk.visit
    )
    assert (chosen.fields.headline, chosen.conflicts) == (headline, ())
    assert phone.look().conflicts == ()
    again = drafts.choose(
        phone.shop, conflict.edit_id, mine=not mine, by=None, now=timezone.now(), visit=phone.visit
    )
    assert again.fields.headline == headline


def test_another_shops_conflict_cannot_be_chosen() -> None:
    phone, desk = _devices()
    phone.type("headline", "휴대폰에서")
    (conflict,) = desk.type("headline", "컴퓨터에서").conflicts
    drafts.choose(ShopFactory(), conflict.edit_id, mine=True, by=None, now=timezone.now(), visit="x")
    assert phone.look().conflicts == (conflict,)


def test_the_same_text_from_both_devices_is_no_conflict() -> None:
    phone, desk = _devices()
    phone.type("headline", "같은 제목")
    saved = desk.type("headline", "같은 제목")
    assert not saved.conflicts
    assert saved.revision == phone.seen


def test_going_on_writing_before_the_answer_came_keeps_one_text_aside() -> None:
    phone, desk = _devices()
    phone.type("body", "휴대폰")
    desk.type("body", "컴", base=0)
    (conflict,) = desk.type("body", "컴퓨터", base=0).conflicts
    assert conflict.mine == "컴퓨터"


def test_a_change_the_other_device_has_undone_is_no_conflict() -> None:
    phone, desk = _devices()
    phone.type("headline", "잘못")
    phone.undo()
    saved = desk.type("headline", "컴퓨터에서")
    assert (saved.fields.headline, saved.conflicts) == ("컴퓨터에서", ())


def test_a_device_that_had_seen_what_was_undone_since_meets_a_conflict() -> None:
    phone, desk = _devices()
    phone.type("headline", "잘못")
    desk.look()
    phone.undo()
    assert desk.type("headline", "잘못된 것을 고침").conflicts


def test_a_device_that_repeats_an_edit_because_the_answer_was_lost_changes_nothing() -> None:
    phone, _ = _devices()
    first = phone.type("headline", "새 제목", base=0)
    again = phone.type("headline", "새 제목", base=0)
    more = phone.type("headline", "새 제목이에요", base=0)
    assert first.revision == again.revision
    assert (more.fields.headline, more.conflicts) == ("새 제목이에요", ())


def test_undo_goes_back_step_by_step_to_where_the_visit_began() -> None:
    phone, _ = _devices()
    before = phone.look().fields
    phone.type("headline", "하나")
    phone.type("headline", "둘")
    phone.type("shows_hours", not before.shows_hours)
    assert phone.undo().fields.shows_hours == before.shows_hours
    assert phone.undo().fields.headline == "하나"
    last = phone.undo()
    assert (last.fields, last.can_undo) == (before, False)
    assert phone.undo().revision == last.revision


def test_undo_leaves_alone_what_another_device_has_changed_since() -> None:
    phone, desk = _devices()
    phone.type("headline", "휴대폰에서")
    phone.type("body", "휴대폰 내용")
    desk.look()
    desk.type("body", "컴퓨터 내용")
    saved = phone.undo()
    assert saved.fields.body == "컴퓨터 내용"
    assert saved.fields.headline != "휴대폰에서"
    assert not saved.can_undo


def test_one_visit_does_not_undo_anothers_steps() -> None:
    phone, desk = _devices()
    phone.type("headline", "휴대폰에서")
    assert not desk.look().can_undo
    assert desk.undo().fields.headline == "휴대폰에서"


def test_a_template_taken_over_is_undone_in_one_step() -> None:
    phone, _ = _devices()
    before = phone.type("headline", "손으로 쓴 제목").fields
    template = DraftFields(kind=TemplateKind.COUPON, headline="쿠폰", body="내용", details={"benefit": "덤"})
    taken = drafts.replace(phone.shop, template, visit=phone.visit, by=None, now=timezone.now())
    assert taken.fields == template
    assert phone.undo().fields == before


def test_a_draft_nobody_wrote_in_follows_what_goes_live() -> None:
    shop = ShopFactory()
    drafts.open_draft(shop, by=None, now=timezone.now())
    promos.publish(promo_version(shop, headline="상담원이 올린 것"), by=None, now=timezone.now())
    assert drafts.open_draft(shop, by=None, now=timezone.now()).fields["headline"] == "상담원이 올린 것"


def test_a_draft_somebody_wrote_in_stays_when_another_version_goes_live() -> None:
    phone, _ = _devices()
    phone.type("headline", "아직 안 보낸 제목")
    promos.publish(promo_version(phone.shop), by=None, now=timezone.now())
    assert (
        drafts.open_draft(phone.shop, by=None, now=timezone.now()).fields["headline"] == "아직 안 보낸 제목"
    )


def test_a_device_that_still_shows_the_draft_from_before_it_was_made_anew_meets_a_conflict() -> None:
    phone, _ = _devices()
    promos.publish(promo_version(phone.shop, headline="상담원이 올린 것"), by=None, now=timezone.now())
    drafts.open_draft(phone.shop, by=None, now=timezone.now())
    (conflict,) = phone.type("headline", "내가 쓰던 것").conflicts
    assert (conflict.mine, conflict.theirs) == ("내가 쓰던 것", "상담원이 올린 것")


def test_the_log_is_kept_short_and_what_waits_aside_a_month() -> None:
    phone, desk = _devices()
    for number in range(6):
        phone.type("headline", f"제목 {number}")
    (conflict,) = desk.type("headline", "컴퓨터에서").conflicts
    now = timezone.now()
    assert edit_log.prune(now, kept=3) == 3
    left = phone.shop.draft.edits.exclude(state=EditState.ASIDE).values_list("after", flat=True)
    assert set(left) == {"제목 3", "제목 4", "제목 5"}
    assert phone.look().conflicts == (conflict,)
    assert edit_log.prune(now + timedelta(days=31)) == 1
    assert phone.look().conflicts == ()


def test_a_device_from_before_what_the_log_still_knows_overwrites_nothing() -> None:
    phone, desk = _devices()
    phone.type("body", "휴대폰 내용")
    for number in range(3):
        phone.type("headline", f"제목 {number}")
    edit_log.prune(timezone.now(), kept=2)
    saved = desk.type("body", "컴퓨터 내용")
    assert saved.fields.body == "휴대폰 내용"
    assert [conflict.mine for conflict in saved.conflicts] == ["컴퓨터 내용"]


def test_a_day_of_typing_does_not_make_saving_heavy() -> None:
    phone, desk = _devices()
    phone.type("body", "처음")
    desk.type("headline", "컴퓨터에서")
    draft, text = phone.shop.draft, "가" * 5_000
    draft.edits.all().delete()
    DraftEdit.objects.bulk_create(
        DraftEdit(
            draft=draft,
            revision=number,
            field=field,
            before=text,
            after=text,
            visit=visit,
            at=timezone.now(),
        )
        for number in range(400)
        for visit, field in (("phone", "body"), ("desk", "headline"))
    )
    PromoDraft.objects.update(revision=400)
    phone.look()
    tracemalloc.start()
    phone.type("body", "마지막")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.django_db(transaction=True)
def test_two_devices_saving_one_field_at_the_same_moment_keep_both_texts() -> None:
    shop = ShopFactory()
    start = threading.Barrier(2)

    def save(visit: str) -> Saved:
        try:
            start.wait(timeout=10)
            return drafts.save(shop, [Edit("body", visit, 0)], visit=visit, by=None, now=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(save, ["phone", "desk"]))
    state = drafts.state(shop, visit="third", now=timezone.now())
    (conflict,) = state.conflicts
    assert {state.fields.body, conflict.mine} == {"phone", "desk"}
    assert PromoDraft.objects.filter(shop=shop).count() == 1


_FIELD = st.sampled_from(["headline", "body", "details.benefit"])
_DEVICE = st.integers(0, 1)
_STEP = st.one_of(
    st.tuples(st.just("type"), _DEVICE, _FIELD, st.booleans()),
    st.tuples(st.just("undo"), _DEVICE),
    st.tuples(st.just("choose"), _DEVICE, st.booleans()),
    st.tuples(st.just("look"), _DEVICE),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_STEP, max_size=14))
def test_whatever_two_devices_do_nothing_typed_is_ever_lost(steps: list[tuple]) -> None:
    shop = Shop.objects.first() or ShopFactory()
    PromoDraft.objects.filter(shop=shop).delete()
    now = datetime(2026, 11, 22, 3, 0, tzinfo=timezone.get_default_timezone())
    devices = [Device(shop, "phone"), Device(shop, "desk")]
    typed: dict[tuple[str, str], set[str]] = {}
    revision = devices[0].look().revision
    for number, (what, who, *rest) in enumerate(steps):
        device = devices[who]
        before = drafts.state(shop, visit=device.visit, now=now)
        if what == "type":
            field, fresh = rest
            text = f"{device.visit} {number}"
            device.seen = before.revision if fresh else device.seen
            saved = device.type(field, text)
            aside = [c for c in saved.conflicts if c.field == field and c.mine == text]
            assert aside or _value(saved, field) == text
            if aside:  # going on with a text that waits aside replaces it, deliberately
                earlier = typed.get((field, device.visit), set())
                typed[field, device.visit] = {word for word in earlier if _kept(shop, saved, word)}
            typed.setdefault((field, device.visit), set()).add(text)
        elif what == "undo":
            saved = device.undo()
            assert (saved.revision > before.revision) == before.can_undo
        elif what == "choose":
            if not before.conflicts:
                continue
            saved = drafts.choose(
                shop, before.conflicts[0].edit_id, mine=rest[0], by=None, now=now, visit=device.visit
            )
        else:
            saved = device.look()
        changed = saved.fields != before.fields
        assert saved.revision > revision if changed else saved.revision >= revision
        revision = saved.revision
        for words in typed.values():
            assert all(_kept(shop, saved, word) for word in words)


def _value(saved: Saved, field: str) -> str:
    if field == "details.benefit":
        return saved.fields.details.get("benefit", "")
    return str(getattr(saved.fields, field))


def _kept(shop: Shop, saved: Saved, text: str) -> bool:
    """In the draft, aside, or in the log."""
    return (
        text in map(str, saved.fields.to_json().values())
        or DraftEdit.objects.filter(draft__shop=shop, after=text).exists()
        or DraftEdit.objects.filter(draft__shop=shop, before=text).exists()
    )
