"""How a version goes live, and how it is called back."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from messaging import notices, promos
from messaging.editor import drafts, publications
from messaging.editor.drafts import Edit
from messaging.editor.fields import DraftFields
from messaging.enums import MessageKind
from messaging.models import Message, PromoVersion, Publication, PublicationState
from messaging.promos import PromoRefused
from messaging.queries.dashboard import dashboard
from messaging.template_kinds import TemplateKind
from shopmsg.accounts.enums import NoticeKind, ShopStatus
from shopmsg.accounts.models import AuditEntry, Shop
from shopmsg.core.clock import day_start, kst_day
from tests.factories.accounts import ShopFactory, UserFactory
from tests.factories.messaging import promo_version
from tests.pipeline import shop_with_promo

pytestmark = pytest.mark.django_db

NEW = DraftFields(headline="새 제목", body="새 내용")
SECOND = timedelta(seconds=1)


def _publish(
    shop: Shop, fields: DraftFields = NEW, *, at: datetime | None = None, now: datetime | None = None
) -> Publication:
    return publications.publish(shop, fields, at=at, by=None, now=now or timezone.now(), address=None)


def _call_back(publication: Publication, now: datetime) -> bool:
    return publications.call_back(publication, by=None, now=now, address=None)


def _headline(shop: Shop) -> str:
    live = promos.live(shop)
    return live.headline if live else ""


def _refused(shop: Shop, fields: DraftFields = NEW, *, at: datetime | None = None) -> str:
    with pytest.raises(PromoRefused) as refused:
        _publish(shop, fields, at=at)
    assert not Publication.objects.filter(shop=shop).exists()
    assert not PromoVersion.objects.filter(shop=shop, headline=fields.headline).exists()
    return refused.value.code


def _actions(shop: Shop) -> list[str]:
    return list(AuditEntry.objects.filter(shop=shop).order_by("pk").values_list("action", flat=True))


def test_the_first_promo_goes_live_at_once_and_can_be_called_back_for_a_minute() -> None:
    shop, now = ShopFactory(), timezone.now()
    made = _publish(shop, now=now)
    assert (made.state, _headline(shop)) == (PublicationState.DONE, "새 제목")
    assert publications.recent(shop, now + publications.HOLD) == made
    assert _call_back(made, now + publications.HOLD)
    assert promos.live(shop) is promos.standing(shop) is None


def test_behind_a_first_promo_that_ends_stands_the_trades_own_until_it_is_called_back() -> None:
    shop, now = ShopFactory(), timezone.now()
    today = kst_day(now)
    coupon = replace(NEW, kind=TemplateKind.COUPON, starts_on=today, ends_on=today + timedelta(days=1))
    made = _publish(shop, coupon, now=now)
    assert promos.current(shop, today) == made.version
    after = promos.current(shop, today + timedelta(days=2))
    assert after is not None
    assert after.kind == TemplateKind.COMMON
    assert after.picture is not None
    assert _call_back(made, now + SECOND)
    assert promos.live(shop) is promos.standing(shop) is None


def test_a_change_waits_a_minute_and_then_goes_live() -> None:
    shop, now = shop_with_promo(), timezone.now()
    before = _headline(shop)
    made = _publish(shop, now=now)
    assert publications.waiting(shop) == made
    assert publications.publish_due(now + publications.HOLD - SECOND) == 0
    assert _headline(shop) == before
    assert publications.publish_due(now + publications.HOLD) == 1
    assert _headline(shop) == "새 제목"
    assert _actions(shop) == ["promo.scheduled", "promo.published"]


def test_what_is_called_back_while_it_waits_never_goes_out() -> None:
    shop, now = shop_with_promo(), timezone.now()
    before = _headline(shop)
    made = _publish(shop, now=now)
    assert _call_back(made, now + publications.HOLD)
    assert publications.publish_due(now + timedelta(days=1)) == 0
    assert _headline(shop) == before
    assert not _call_back(made, now + publications.HOLD)
    assert _actions(shop) == ["promo.scheduled", "promo.called_back"]


@pytest.mark.parametrize(("late", "back"), [(timedelta(0), True), (timedelta(microseconds=1), False)])
def test_what_went_live_can_be_called_back_up_to_the_sixtieth_second(late: timedelta, back: bool) -> None:
    shop, now = shop_with_promo(), timezone.now()
    before = promos.live(shop)
    made = _publish(shop, now=now)
    out = now + publications.HOLD
    publications.publish_due(out)
    moment = out + publications.HOLD + late
    assert (publications.recent(shop, moment) == made) is back
    assert _call_back(made, moment) is back
    assert (promos.live(shop) == before) is back
    assert (promos.standing(shop) == before) is back


def test_calling_back_a_coupon_leaves_what_stands_behind_it() -> None:
    shop, now = shop_with_promo(), timezone.now()
    before = promos.live(shop)
    coupon = replace(NEW, kind=TemplateKind.COUPON, ends_on=kst_day(now) + timedelta(days=7))
    made = _publish(shop, coupon, now=now)
    publications.publish_due(now + publications.HOLD)
    assert promos.standing(shop) == before
    assert _call_back(made, now + publications.HOLD)
    assert promos.live(shop) == promos.standing(shop) == before


def test_what_something_else_has_replaced_since_cannot_be_called_back() -> None:
    shop, now = ShopFactory(), timezone.now()
    made = _publish(shop, now=now)
    other = promos.create_version(
        shop, kind=TemplateKind.COMMON, headline="다른 것", body="내용", starts_on=None, ends_on=None,
        picture=None, by=None, now=now,
    )  # fmt: skip
    promos.publish(other, by=None, now=now)
    assert publications.recent(shop, now) is None
    assert not _call_back(made, now)
    assert promos.live(shop) == other


def test_a_new_publication_takes_the_place_of_the_one_that_waits() -> None:
    shop, now = shop_with_promo(), timezone.now()
    first = _publish(shop, replace(NEW, headline="먼저"), now=now)
    second = _publish(shop, replace(NEW, headline="나중"), now=now)
    first.refresh_from_db()
    assert (first.state, publications.waiting(shop)) == (PublicationState.CALLED_BACK, second)
    publications.publish_due(now + publications.HOLD)
    assert _headline(shop) == "나중"


def test_a_chosen_moment_is_kept() -> None:
    shop, now = shop_with_promo(), timezone.now()
    at = now + timedelta(days=3)
    assert _publish(shop, at=at, now=now).due_at == at
    assert publications.publish_due(at - SECOND) == 0
    assert publications.publish_due(at) == 1


def test_a_first_promo_with_a_chosen_moment_waits_for_it() -> None:
    shop, now = ShopFactory(), timezone.now()
    assert _publish(shop, at=now + timedelta(hours=1), now=now).state == PublicationState.WAITING
    assert promos.live(shop) is None


def test_a_promo_whose_period_would_be_over_by_then_is_refused_at_once() -> None:
    today = kst_day(timezone.now())
    coupon = replace(NEW, kind=TemplateKind.COUPON, ends_on=today + timedelta(days=2))
    shop = shop_with_promo()
    assert _refused(shop, coupon, at=day_start(today + timedelta(days=3))) == "period_over"
    last = day_start(today + timedelta(days=3)) - SECOND
    assert _publish(shop, coupon, at=last).due_at == last


@pytest.mark.parametrize(
    ("fields", "wait", "code"),
    [
        (NEW, -SECOND, "moment_past"),
        (NEW, timedelta(days=91), "moment_far"),
        (replace(NEW, headline="가" * 61), None, "field_long"),
        (replace(NEW, kind=TemplateKind.CARD, details={"title": "가" * 21}), None, "field_long"),
        (replace(NEW, body="반가워요 😀"), None, "unsendable"),
        (replace(NEW, headline=" "), None, "no_headline"),
    ],
)
def test_what_cannot_go_out_is_refused_and_leaves_nothing_behind(
    fields: DraftFields, wait: timedelta | None, code: str
) -> None:
    shop = ShopFactory()
    assert _refused(shop, fields, at=timezone.now() + wait if wait is not None else None) == code


def test_a_closed_shop_publishes_nothing() -> None:
    assert _refused(ShopFactory(status=ShopStatus.CLOSED)) == "shop_closed"


def test_a_publication_that_cannot_go_live_any_more_is_told_to_the_owner_and_on_the_first_page() -> None:
    owner, now = UserFactory(), timezone.now()
    shop = shop_with_promo(owner=owner)
    before = _headline(shop)
    made = _publish(shop, replace(NEW, shows_hours=True), now=now)
    Shop.objects.filter(pk=shop.pk).update(hours="매일 11:00–22:00")
    due = now + publications.HOLD
    assert publications.publish_due(due) == 1
    made.refresh_from_db()
    assert (made.state, _headline(shop)) == (PublicationState.REFUSED, before)
    assert "문자로 보낼 수 없는 글자" in made.problem
    notices.take(due)
    told = Message.objects.get(kind=MessageKind.INFO, notice_kind=NoticeKind.PUBLICATION_REFUSED)
    assert made.problem in told.text
    shop.refresh_from_db()
    warnings = [warning.text for warning in dashboard(shop, due).warnings]
    assert made.problem in warnings
    Shop.objects.filter(pk=shop.pk).update(hours="매일 11:00~22:00")
    _publish(shop, now=due)
    assert made.problem not in [warning.text for warning in dashboard(shop, due).warnings]
    assert publications.publish_due(due + publications.HOLD) == 1


def test_one_publication_that_breaks_does_not_keep_the_others_waiting() -> None:
    now = timezone.now()
    shop = shop_with_promo()
    of_no_kind = promo_version(shop, kind="poster")
    Publication.objects.create(shop=shop, version=of_no_kind, created_at=now, due_at=now)
    fine = _publish(shop_with_promo(), now=now)
    assert publications.publish_due(now + publications.HOLD) == 1
    fine.refresh_from_db()
    assert fine.state == PublicationState.DONE


def test_an_earlier_version_goes_out_again_as_it_was() -> None:
    shop, now = shop_with_promo(), timezone.now()
    old = promos.live(shop)
    assert old is not None
    _publish(shop, now=now)
    publications.publish_due(now + publications.HOLD)
    made = publications.publish_again(old, by=None, now=now, address=None)
    assert (made.version, made.state) == (old, PublicationState.WAITING)
    publications.publish_due(now + publications.HOLD)
    assert promos.live(shop) == old
    with pytest.raises(PromoRefused, match="지금 나가고"):
        publications.publish_again(old, by=None, now=now, address=None)


def test_the_draft_of_what_was_called_back_is_still_there() -> None:
    shop, now = shop_with_promo(), timezone.now()
    drafts.open_draft(shop, by=None, now=now)
    fields = drafts.save(shop, [Edit("headline", "급히 쓴 제목", 0)], visit="v", by=None, now=now).fields
    made = _publish(shop, fields, now=now)
    assert not drafts.state(shop, visit="v", now=now).unpublished
    assert drafts.open_draft(shop, by=None, now=now).fields["headline"] == "급히 쓴 제목"
    _call_back(made, now)
    assert drafts.open_draft(shop, by=None, now=now).fields["headline"] == "급히 쓴 제목"
    assert drafts.state(shop, visit="v", now=now).unpublished


def test_the_draft_follows_an_earlier_version_on_its_way_out() -> None:
    shop, now = shop_with_promo(), timezone.now()
    old = promos.live(shop)
    assert old is not None
    _publish(shop, now=now)
    publications.publish_due(now + publications.HOLD)
    assert drafts.open_draft(shop, by=None, now=now).fields["headline"] == "새 제목"
    publications.publish_again(old, by=None, now=now, address=None)
    assert drafts.open_draft(shop, by=None, now=now).fields["headline"] == old.headline
    publications.publish_due(now + publications.HOLD)
    assert drafts.open_draft(shop, by=None, now=now).fields["headline"] == old.headline


def test_a_draft_that_says_what_goes_out_again_holds_nothing_unpublished() -> None:
    shop, now = shop_with_promo(), timezone.now()
    fields = drafts.save(shop, [Edit("headline", "급히 쓴 제목", 0)], visit="v", by=None, now=now).fields
    made = _publish(shop, fields, now=now)
    _call_back(made, now)
    for _ in range(2):  # the second takes the place of the first, which waits
        publications.publish_again(made.version, by=None, now=now, address=None)
        assert not drafts.state(shop, visit="v", now=now).unpublished


@pytest.mark.parametrize("stage", [ShopFactory, shop_with_promo])
def test_a_button_pressed_twice_publishes_once(stage: Callable[[], Shop]) -> None:
    shop, now = stage(), timezone.now()
    fields = drafts.save(shop, [Edit("headline", "새 제목", 0)], visit="v", by=None, now=now).fields
    first = _publish(shop, fields, now=now)
    assert _publish(shop, fields, now=now + SECOND) == first
    assert publications.recent(shop, now + SECOND) == first
    assert PromoVersion.objects.filter(shop=shop, headline="새 제목").count() == 1

    changed = drafts.save(shop, [Edit("headline", "더 새 제목", 0)], visit="v", by=None, now=now).fields
    assert _publish(shop, changed, now=now + SECOND) != first


def test_what_waits_for_its_day_goes_out_in_a_minute_when_that_is_asked_for() -> None:
    shop, now = shop_with_promo(), timezone.now()
    fields = drafts.save(shop, [Edit("headline", "새 제목", 0)], visit="v", by=None, now=now).fields
    _publish(shop, fields, at=now + timedelta(days=3), now=now)
    assert _publish(shop, fields, now=now).due_at == now + publications.HOLD


@pytest.mark.django_db(transaction=True)
def test_workers_that_find_the_same_publication_due_publish_it_once() -> None:
    shop, now = shop_with_promo(), timezone.now()
    _publish(shop, now=now)
    dealt = _at_once([lambda: publications.publish_due(now + publications.HOLD)] * 3)
    assert sum(dealt) == 1
    assert _actions(shop).count("promo.published") == 1


@pytest.mark.django_db(transaction=True)
def test_calling_back_at_the_moment_of_going_live_ends_one_way_or_the_other() -> None:
    shop, now = shop_with_promo(), timezone.now()
    before = promos.live(shop)
    made = _publish(shop, now=now)
    due = now + publications.HOLD
    back, _ = _at_once([lambda: _call_back(made, due), lambda: publications.publish_due(due)])
    publications.publish_due(due + SECOND)
    assert back
    assert promos.live(shop) == before


@pytest.mark.django_db(transaction=True)
def test_people_publishing_at_once_leave_one_that_waits() -> None:
    shop, now = shop_with_promo(), timezone.now()
    _at_once([lambda: _publish(shop, now=now)] * 3)
    states = list(Publication.objects.filter(shop=shop).values_list("state", flat=True))
    assert sorted(states) == ["called_back", "called_back", "waiting"]


def _at_once(calls: list) -> list:
    start = threading.Barrier(len(calls))

    def run(call):
        try:
            start.wait(timeout=10)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
