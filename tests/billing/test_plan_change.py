"""A change is shown in won and done exactly as it was shown (issue 5: "sees before confirming what changes when")."""

from datetime import UTC, date, datetime, timedelta

import pytest

from billing import changes, plan_change, price_list, subscriptions
from billing.changes import ContractRefused
from billing.enums import Bundle, ChangeKind, EventPlan
from billing.models import SubscriptionChange
from billing.plan_change import Wanted
from shopmsg.accounts.enums import NoticeKind, Product, Role, ShopStatus
from shopmsg.accounts.models import Notice, Shop, User
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory

STARTED = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)
NOW = datetime(2026, 10, 12, 3, 0, tzinfo=UTC)
TODAY = date(2026, 10, 12)
pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return UserFactory()


@pytest.fixture
def shop(owner: User) -> Shop:
    return subscribed(owner, 12)


def subscribed(owner: User, term: int, bundle: Bundle = Bundle.NONE) -> Shop:
    shop = ShopFactory(owner=owner, status=ShopStatus.PENDING)
    subscriptions.start(
        shop, product=Product.SOHO, term_months=term, bundle=bundle, by=None, address=None, now=STARTED
    )
    return shop


def confirm(shop: Shop, wanted: Wanted, seal: str = "", now: datetime = NOW) -> plan_change.Preview:
    shown = seal or plan_change.preview(shop, wanted, now).seal
    return plan_change.confirm(shop, wanted, seal=shown, by=None, address=None, now=now)


def test_raising_shows_the_month_by_days_and_the_price_of_leaving(shop: Shop) -> None:
    shown = plan_change.preview(shop, Wanted(ChangeKind.COMMITTED, 36), NOW)

    assert (shown.before.monthly_krw, shown.after.monthly_krw) == (17_600, 13_200)
    # October: eleven days at 17,600 and twenty at 13,200, each rounded down once.
    assert (shown.before.month_krw, shown.after.month_krw) == (17_600, 6_245 + 8_516)
    assert shown.after.bound_until == date(2028, 12, 31), "raising keeps the day the commitment began"
    assert shown.before.leaving_krw > 0
    assert shown.after.leaving_krw > 0


def test_what_was_shown_is_done_and_the_owner_hears_of_it(shop: Shop, owner: User) -> None:
    confirm(shop, Wanted(ChangeKind.COMMITTED, 36))

    running = subscriptions.current(shop)
    assert running is not None
    assert running.term_months == 36
    told = Notice.objects.get(kind=NoticeKind.PLAN_CHANGED)
    assert "13,200원" in told.fields["what"]
    assert f"/shops/{shop.slug}/plan/" in told.fields["link"]


def test_a_seal_of_yesterday_or_of_another_price_does_nothing(shop: Shop) -> None:
    seen = plan_change.preview(shop, Wanted(ChangeKind.COMMITTED, 36), NOW).seal
    with pytest.raises(ContractRefused) as refused:
        confirm(shop, Wanted(ChangeKind.COMMITTED, 36), seen, NOW + timedelta(days=1))
    assert refused.value.code == "moved"
    assert SubscriptionChange.objects.count() == 1


def test_cancelling_shows_the_refund_of_the_last_day_and_can_be_taken_back_until_it_is_over(
    shop: Shop,
) -> None:
    wanted = Wanted(ChangeKind.CANCELLED, until=date(2026, 11, 30))
    shown = confirm(shop, wanted)

    assert shown.refund is not None
    assert shown.refund.won == 19_690
    assert shown.after.month_krw == 17_600 + 19_690
    assert (
        Notice.objects.get(kind=NoticeKind.CANCEL_BOOKED).fields["amount"] == "돌려주실 돈은 19,690원이에요."
    )
    last_minute = datetime(2026, 11, 30, 14, 59, 59, tzinfo=UTC)  # 23:59:59 in Korea
    confirm(shop, Wanted(ChangeKind.CANCEL_TAKEN_BACK), now=last_minute)
    running = subscriptions.current(shop)
    assert running is not None
    assert running.last_day is None


def test_after_its_last_day_a_cancelled_contract_ends_and_cannot_be_taken_back(shop: Shop) -> None:
    confirm(shop, Wanted(ChangeKind.CANCELLED, until=date(2026, 11, 30)))
    assert subscriptions.end_due(datetime(2026, 11, 30, 14, 59, 59, tzinfo=UTC)) == 0
    midnight = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)

    with pytest.raises(ContractRefused) as refused:
        confirm(shop, Wanted(ChangeKind.CANCEL_TAKEN_BACK), now=midnight)
    assert refused.value.code == "over"
    assert subscriptions.end_due(midnight) == 1
    shop.refresh_from_db()
    assert shop.status == ShopStatus.CLOSED
    assert subscriptions.current(shop) is None


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted(ChangeKind.COMMITTED, 12), "same"),
        (Wanted(ChangeKind.BUNDLED, bundle=Bundle.SUCCESS_PACK), "bundle_requires_no_commitment"),
        (Wanted(ChangeKind.UNBUNDLED), "none"),
        (Wanted(ChangeKind.PRODUCT_CHANGED, product=Product.BASIC), "other_customers"),
        (Wanted(ChangeKind.RESUMED), "not_paused"),
        (Wanted(ChangeKind.CANCEL_TAKEN_BACK), "not_cancelled"),
        (Wanted(ChangeKind.CANCELLED, until=date(2026, 10, 11)), "past"),
        (Wanted(ChangeKind.PAUSED, until=date(2027, 10, 11)), "pause_length"),
        (Wanted(ChangeKind.PLAN_CHANGED, plan=EventPlan.NONE), "same"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(shop: Shop, wanted: Wanted, code: str) -> None:
    with pytest.raises(ContractRefused) as refused:
        confirm(shop, wanted)
    assert refused.value.code == code
    assert refused.value.message.endswith("요.")
    assert SubscriptionChange.objects.count() == 1


def test_nothing_but_taking_back_goes_once_it_is_cancelled(shop: Shop) -> None:
    confirm(shop, Wanted(ChangeKind.CANCELLED, until=date(2026, 11, 30)))
    for wanted in (
        Wanted(ChangeKind.CANCELLED, until=date(2026, 12, 31)),
        Wanted(ChangeKind.COMMITTED, 24),
        Wanted(ChangeKind.PLAN_CHANGED, plan=EventPlan.PRO),
    ):
        with pytest.raises(ContractRefused) as refused:
            confirm(shop, wanted)
        assert refused.value.code == "cancelled"


def test_a_pause_stops_sending_and_using_again_starts_it(shop: Shop) -> None:
    confirm(shop, Wanted(ChangeKind.PAUSED, until=date(2026, 10, 31)))
    shop.refresh_from_db()
    assert shop.status == ShopStatus.SUSPENDED

    confirm(shop, Wanted(ChangeKind.RESUMED), now=NOW + timedelta(days=2))
    shop.refresh_from_db()
    assert shop.status == ShopStatus.ACTIVE


def test_a_pause_that_is_over_lets_the_shop_send_again_by_itself(shop: Shop) -> None:
    confirm(shop, Wanted(ChangeKind.PAUSED, until=date(2026, 10, 31)))
    assert subscriptions.refresh_states(datetime(2026, 10, 31, 14, 59, tzinfo=UTC)) == 0
    assert subscriptions.refresh_states(datetime(2026, 10, 31, 15, 0, tzinfo=UTC)) == 1
    shop.refresh_from_db()
    assert shop.status == ShopStatus.ACTIVE


def test_an_announced_price_is_shown_from_its_day_on_and_leaves_commitments_alone(owner: User) -> None:
    admin = StaffFactory(role=Role.ADMIN)
    free, bound = subscribed(owner, 0), subscribed(owner, 36)
    soho = price_list.catalogue().price_of(Product.SOHO, TODAY)
    dearer = type(soho)(
        soho.product, date(2026, 11, 1), 22_000, soho.commitments, soho.bundles, soho.first_month_free
    )
    price_list.announce(dearer, source="요금 인상 공지", by=admin, address=None, now=NOW)

    on_the_day = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
    wanted = Wanted(ChangeKind.PLAN_CHANGED, plan=EventPlan.BASIC)
    assert plan_change.preview(free, wanted, NOW).before.monthly_krw == 19_800
    assert plan_change.preview(free, wanted, on_the_day).before.monthly_krw == 22_000
    assert plan_change.preview(bound, wanted, on_the_day).before.monthly_krw == 13_200


def test_lowering_a_commitment_is_refused(owner: User) -> None:
    shop = subscribed(owner, 36)
    with pytest.raises(ContractRefused) as refused:
        subscriptions.change(
            shop,
            lambda contract, on: changes.commit(contract, price_list.catalogue(), 24, on),
            by=None,
            address=None,
            now=NOW,
        )
    assert refused.value.code == "lower_commitment"
