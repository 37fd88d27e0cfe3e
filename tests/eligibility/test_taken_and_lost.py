"""Nothing is taken from somebody else, nothing is said that is not so, nothing is left that nobody can end."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from billing import subscriptions
from billing.enums import Bundle
from eligibility import (
    activation,
    applications,
    closing,
    drafting,
    notice_orders,
    online,
    ownership,
    production,
    registry_checks,
    reviews,
    standing,
)
from eligibility.enums import ApplicationState, ContentState, RegistryState
from eligibility.errors import ApplicationRefused
from eligibility.form_log import Edit
from eligibility.models import Application, NoticeOrder
from eligibility.queries.production import queue
from eligibility.reviews import ReviewRefused
from shopmsg.accounts import audit, delegations, shops, slugs
from shopmsg.accounts.enums import DelegationScope, NoticeKind, NoticeState, Product, Role, ShopStatus
from shopmsg.accounts.models import AuditEntry, Line, Notice, Shop, User
from shopmsg.core.opening import Week
from shopmsg.core.opening_day import Day
from tests.factories.accounts import LineFactory, ShopFactory, StaffFactory
from tests.factories.eligibility import ADDRESS, application, confirm, confirmed, eligible, received
from tests.messaging.conftest import Wire
from tests.services import Sandbox

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return StaffFactory(role=Role.ADMIN)


@pytest.fixture
def begun() -> Application:
    """Activated as far as it goes without the carrier and the certificate."""
    return activation.activate(confirmed(now=NOW).pk, by=None, address=ADDRESS, now=NOW)


def shop_of(made: Application) -> Shop:
    return Shop.objects.get(applications=made)


def say(made: Application, now: datetime = NOW, **typed: str) -> applications.Saved:
    """An agent changes the form."""
    edits = [Edit(name, value, 10**6) for name, value in typed.items()]
    return applications.save(made.pk, edits, visit="desk", by=None, address=None, now=now)


def close(made: Application, by: User, now: datetime) -> Application:
    return closing.close(made.pk, reason="가게를 정리하심", by=by, address=ADDRESS, now=now)


def typed_number(number: str) -> str:
    return f"{number[:2]}-{number[2:6]}-{number[6:]}"


def subscribed(shop: Shop, now: datetime) -> None:
    subscriptions.start(
        shop, product=Product.SOHO, term_months=36, bundle=Bundle.NONE, by=None, address=None, now=now
    )


def end_subscription(shop: Shop, now: datetime) -> None:
    subscriptions.end(shop, reason="가게를 정리하심", by=None, address=None, now=now)


def producer_in(shop: Shop) -> User:
    """Somebody of us who works in the shop's place."""
    producer: User = StaffFactory(role=Role.PRODUCER)
    delegations.begin(
        producer,
        shop,
        scope=DelegationScope.CONTENT,
        reason="시안 제작",
        return_to="/production/",
        address=ADDRESS,
        now=NOW,
    )
    return producer


# --- who may be in a shop ----------------------------------------------------------------------------------------------


def test_nobody_of_us_works_on_in_a_shop_that_leaves_or_changes_hands(
    begun: Application, admin: User
) -> None:
    first = producer_in(shop_of(begun))
    ownership.transfer(
        begun.pk,
        name="박새롬",
        mobile="010-0777-1234",
        proof="가족관계증명서와 신분증 확인",
        by=admin,
        address=ADDRESS,
        now=NOW + MINUTE,
    )
    assert delegations.active(first, shop_of(begun), NOW + MINUTE) is None

    second = producer_in(shop_of(begun))
    close(begun, admin, NOW + 2 * MINUTE)
    assert delegations.active(second, shop_of(begun), NOW + 2 * MINUTE) is None

    withdrawn = received(now=NOW)
    third = producer_in(shop_of(withdrawn))
    applications.withdraw(withdrawn.pk, reason="그만둠", by=admin, address=ADDRESS, now=NOW + MINUTE)
    assert delegations.active(third, shop_of(withdrawn), NOW + MINUTE) is None
    assert AuditEntry.objects.filter(action="delegation.ended", actor=admin).count() == 3


def test_an_old_owners_button_pressed_again_does_not_log_them_in_as_the_new_owner(admin: User) -> None:
    made = eligible(now=NOW)
    confirm(made, now=NOW)
    token = Notice.objects.get(kind=NoticeKind.DRAFT_REVIEW).fields["link"].rstrip("/").rpartition("/")[2]
    activation.activate(made.pk, by=None, address=ADDRESS, now=NOW)
    ownership.transfer(
        made.pk,
        name="박새롬",
        mobile="010-0777-1234",
        proof="가족관계증명서와 신분증 확인",
        by=admin,
        address=ADDRESS,
        now=NOW + MINUTE,
    )

    with pytest.raises(ReviewRefused):
        reviews.confirm(token, seal="", device="owner's phone", address=None, now=NOW + 2 * MINUTE)


def test_who_confirmed_on_a_mistyped_number_has_no_shop_once_it_is_put_right() -> None:
    made = eligible(now=NOW)
    confirm(made, now=NOW)
    stranger = User.objects.get(mobile=made.owner_mobile)
    assert Shop.objects.visible_to(stranger).exists()

    say(made, owner_mobile="010-0777-4321")

    assert not Shop.objects.visible_to(stranger).exists()
    confirm(made, now=NOW + MINUTE)
    assert [member.user.mobile for member in shop_of(made).memberships.all()] == ["01007774321"]


def test_a_business_number_put_right_after_receipt_is_the_shops_and_no_other_customers() -> None:
    made, customer = received(now=NOW), received(now=NOW)
    other = application(now=NOW).form["business_number"]

    say(made, business_number=other)
    assert shop_of(made).merchant.business_number == other.replace("-", "")

    saved = say(made, business_number=customer.form["business_number"])
    assert "이미 고객" in saved.standing.problems["business_number"]
    assert shop_of(made).merchant != shop_of(customer).merchant


@pytest.mark.django_db(transaction=True)
def test_of_two_applications_of_one_business_received_at_once_the_later_asks_about_a_second_shop() -> None:
    first = application(now=NOW)
    later = application(now=NOW, business_number=first.form["business_number"])
    received_first = Event()

    def receive_first() -> None:
        try:
            with transaction.atomic():
                applications.receive(first.pk, by=None, address=None, now=NOW)
                received_first.set()
                time.sleep(0.3)  # while the other asks
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(receive_first)
        assert received_first.wait(10)
        with pytest.raises(ApplicationRefused) as refused:
            applications.receive(later.pk, by=None, address=None, now=NOW)
        done.result()

    assert set(refused.value.fields) == {"business_number"}
    assert Shop.objects.count() == 1


def test_what_the_tax_office_is_asked_about_is_found_without_reading_every_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, params = registry_checks.due_for_check(NOW).query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "application_to_recheck" in plan


@pytest.mark.django_db(transaction=True)
def test_an_application_from_the_site_and_the_desks_of_the_same_business_do_not_wait_for_each_other() -> None:
    desk = application(now=NOW)
    typed = {**desk.form, "shop_name": "같은 사업자 다른 가게"}
    half_way = Event()

    def receive_at_the_desk() -> None:
        try:
            with transaction.atomic():
                applications.locked(desk.pk)
                standing.one_at_a_time()
                drafting.make_shop(desk, by=None, now=NOW)
                half_way.set()
                time.sleep(0.4)  # while the site begins
                audit.record("application.received", actor=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(receive_at_the_desk)
        assert half_way.wait(10)
        with pytest.raises(ApplicationRefused):
            online.apply(typed, submission="a" * 32, address=None, now=NOW)
        done.result()


# --- lines and their notices -------------------------------------------------------------------------------------------


def test_a_number_of_a_shop_that_left_today_is_its_own_until_midnight() -> None:
    now = timezone.now()
    left = LineFactory(number="0249990001")
    subscribed(left.shop, now)
    end_subscription(left.shop, now)

    stranger = application(line_number=typed_number(left.number))

    assert "line_number" in applications.standing(stranger).problems
    with pytest.raises(ApplicationRefused):
        drafting.claim_line(ShopFactory(line=None), left.number, now)
    taker = ShopFactory(line=None)
    drafting.claim_line(taker, left.number, now + DAY)
    assert Line.objects.get(number=left.number).shop == taker


def test_the_carrier_hears_of_the_end_of_a_notice_whose_application_came_to_nothing(
    begun: Application, admin: User, sandbox: Sandbox
) -> None:
    sandbox.clock(NOW)
    notice_orders.follow(NOW)
    close(begun, admin, NOW + DAY)
    applications.reopen(begun.pk, by=admin, address=ADDRESS, now=NOW + 2 * DAY)
    applications.withdraw(begun.pk, reason="그만둠", by=admin, address=ADDRESS, now=NOW + 2 * DAY)

    notice_orders.follow(NOW + 2 * DAY)

    (order,) = sandbox.call("GET", "/sandbox/ringback")["subscriptions"]
    assert order["state"] == "cancelled"


def test_the_carrier_hears_of_the_end_of_a_notice_whose_line_was_changed_for_a_closed_shops(
    begun: Application, admin: User, sandbox: Sandbox
) -> None:
    sandbox.clock(NOW)
    notice_orders.follow(NOW)
    left = LineFactory(number="0249990002", shop=ShopFactory(line=None, status=ShopStatus.CLOSED))
    close(begun, admin, NOW + DAY)
    applications.reopen(begun.pk, by=admin, address=ADDRESS, now=NOW + 2 * DAY)
    say(begun, NOW + 2 * DAY, line_number=typed_number(left.number))
    applications.receive(begun.pk, by=admin, address=ADDRESS, now=NOW + 2 * DAY)

    notice_orders.follow(NOW + 2 * DAY)

    (order,) = sandbox.call("GET", "/sandbox/ringback")["subscriptions"]
    assert order["state"] == "cancelled"
    assert shop_of(begun).lines.get().number == left.number


@pytest.mark.django_db(transaction=True)
def test_an_order_that_reaches_the_carrier_after_its_end_is_ended_all_the_same(
    wire: Wire, settings: Any
) -> None:
    line = LineFactory(notice_state=NoticeState.NONE, notice_active_since=None)
    settings.PROVISIONING = {"driver": "http", "base_url": wire.url, "key": "key"}
    notice_orders.request(line.pk, NOW)

    def slow(seen: Any) -> tuple[int, dict[str, str], bytes]:
        """The carrier gets the order last: an end by another worker overtakes it."""
        if seen.method == "POST":
            with transaction.atomic():
                notice_orders.end(line.pk, NOW)
            notice_orders.follow(NOW)
            connection.close()
            return 200, {}, b'{"state": "requested"}'
        return 404, {}, b'{"error": {"code": "not_found"}}'

    wire.answer = slow
    notice_orders.follow(NOW)
    wire.says({"state": "cancelled"})
    notice_orders.follow(NOW + 31 * SECOND)

    assert [seen.method for seen in wire.seen] == ["POST", "DELETE", "DELETE"]
    assert NoticeOrder.objects.get().ended_at is not None


# --- states nobody could leave -----------------------------------------------------------------------------------------


def test_who_left_today_takes_it_back_and_does_not_begin_another_signup(
    begun: Application, admin: User
) -> None:
    close(begun, admin, NOW + DAY)

    with pytest.raises(ApplicationRefused) as refused:
        applications.reopen(begun.pk, by=admin, address=ADDRESS, now=NOW + DAY + MINUTE)
    assert "되돌리" in refused.value.message

    closing.take_back(begun.pk, by=admin, address=ADDRESS, now=NOW + DAY + 2 * MINUTE)
    assert shop_of(begun).status == ShopStatus.ACTIVE


def test_a_stopped_shop_that_leaves_and_comes_back_is_still_stopped() -> None:
    shop = ShopFactory()
    subscribed(shop, NOW)
    Shop.objects.filter(pk=shop.pk).update(status=ShopStatus.SUSPENDED, status_reason="스팸 신고")

    end_subscription(shop, NOW + DAY)
    subscriptions.take_back_end(shop, by=None, address=None, now=NOW + DAY)

    assert (shop.status, shop.status_reason) == (ShopStatus.SUSPENDED, "스팸 신고")


def test_a_name_that_very_many_shops_have_can_still_sign_up() -> None:
    first = ShopFactory(name="김밥나라", address="", line=None)
    for slug in slugs.suggestions(first, how_many=100):
        ShopFactory(slug=slug, line=None)

    made = received(now=NOW, shop_name="김밥나라", address="")

    slug = shop_of(made).slug
    assert not slugs.shape_problem(slug)
    assert not slug.startswith("new-")


def test_a_contract_that_changed_after_the_yes_can_be_activated_first_when_the_owner_is_gone() -> None:
    made, agent = eligible(now=NOW), StaffFactory(role=Role.PRODUCER)
    confirm(made, now=NOW)
    say(made, term_months="0")
    reviews.send(made.pk, by=agent, address=None, now=NOW + MINUTE)
    asked = Application.objects.get(pk=made.pk)
    assert asked.content == ContentState.SENT, (
        "what the owner said yes to is not what they are asked about now"
    )
    assert asked in queue()

    for minute in (2, 3):
        production.note_try(
            made.pk, answered=False, note="", by=agent, address=ADDRESS, now=NOW + minute * MINUTE
        )
    begun = activation.activate_first(made.pk, by=agent, address=ADDRESS, now=NOW + 4 * MINUTE)

    assert (begun.state, begun.content) == (ApplicationState.ACTIVATING, ContentState.SENT)


# --- said and written --------------------------------------------------------------------------------------------------


def test_a_late_answer_of_the_tax_office_takes_no_reason_from_a_refusal() -> None:
    made = received(now=NOW)
    applications.registry_answered(made.pk, made.business_number, RegistryState.SUSPENDED, NOW)
    applications.refuse(made.pk, by=None, address=ADDRESS, now=NOW)

    applications.registry_answered(made.pk, made.business_number, RegistryState.ACTIVE, NOW + MINUTE)

    made.refresh_from_db()
    assert [reason["code"] for reason in made.reasons] == ["business_suspended"]


@pytest.mark.parametrize("again", [False, True])
def test_an_old_answer_of_the_tax_office_makes_nobody_eligible(again: bool) -> None:
    made = application(now=NOW)
    applications.registry_answered(made.pk, made.business_number, RegistryState.ACTIVE, NOW)
    if again:
        applications.withdraw(made.pk, reason="생각해 봄", by=None, address=ADDRESS, now=NOW)
        applications.reopen(made.pk, by=None, address=ADDRESS, now=NOW + 30 * DAY)

    got = applications.receive(made.pk, by=None, address=ADDRESS, now=NOW + 30 * DAY)

    assert (got.state, got.registry) == (ApplicationState.RECEIVED, RegistryState.UNCHECKED)


def test_what_was_written_in_the_shop_since_is_not_written_over_by_another_field_of_the_form() -> None:
    made, producer = received(now=NOW), StaffFactory(role=Role.PRODUCER)
    shop = shop_of(made)
    shops.change_details(shop, place="서울 마포구 망원로 12, 2층", by=producer, address=ADDRESS)
    week = Week(days=(Day(600, 1_200), *6 * (None,)))
    shops.change_hours(shop, week, by=producer, now=NOW, address=ADDRESS)

    say(made, owner_name="이새이름")

    after = shop_of(made)
    assert (after.address, after.week, after.hours) == (
        "서울 마포구 망원로 12, 2층", shop.week, shop.hours,
    )  # fmt: skip
    say(made, address="서울 마포구 망원로 14", hours="매일 09:00~18:00")
    after = shop_of(made)
    assert (after.address, after.week, after.hours) == ("서울 마포구 망원로 14", {}, "매일 09:00~18:00")


def test_an_answer_on_the_link_begins_the_count_of_tries_anew() -> None:
    made, agent = eligible(now=NOW), StaffFactory(role=Role.PRODUCER)
    review = reviews.send(made.pk, by=agent, address=None, now=NOW)
    token = Notice.objects.get(key=f"review:{review.pk}").fields["link"].rstrip("/").rpartition("/")[2]
    for minute in (1, 2):
        production.note_try(
            made.pk, answered=False, note="", by=agent, address=ADDRESS, now=NOW + minute * MINUTE
        )
    assert len(production.unanswered(made)) == 3

    reviews.ask_changes(
        token, seal="", marks=["headline"], note="", device="phone", address=None, now=NOW + 3 * MINUTE
    )

    assert production.unanswered(Application.objects.get(pk=made.pk)) == []
    assert activation.tries_missing(Application.objects.get(pk=made.pk)) == 3
