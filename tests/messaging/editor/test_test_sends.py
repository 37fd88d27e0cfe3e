"""내 폰으로 보내보기: to the own phone, never counted."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from messaging import promos, reports
from messaging.editor import test_sends
from messaging.editor.fields import DraftFields, first_fields
from messaging.enums import MessageKind, MessageState, OptOutSource, Outcome
from messaging.gateways.base import Report
from messaging.models import CallEnd, Message, QuotaDay, RecipientGuard, ShopNumbers
from messaging.optouts import opt_out
from shopmsg.accounts.enums import MemberRole, ShopStatus
from shopmsg.accounts.models import Line, Shop, User
from shopmsg.core.clock import KST
from tests.factories.accounts import MembershipFactory, ShopFactory, UserFactory
from tests.pipeline import dispatch_all, fold_all, received
from tests.services import Sandbox

pytestmark = pytest.mark.django_db

DRAFT = DraftFields(headline="바삭한 치킨", body="오늘도 깨끗한 기름")


def _owner(**fields: object) -> tuple[Shop, User]:
    user = UserFactory()
    return ShopFactory(owner=user, **fields), user


def _send(shop: Shop, user: User, fields: DraftFields = DRAFT) -> Message:
    return test_sends.send_to_self(shop, fields, user=user, now=timezone.now())


def _refused(shop: Shop, user: User, fields: DraftFields = DRAFT) -> str:
    before = Message.objects.count()
    with pytest.raises(test_sends.TestRefused) as refused:
        _send(shop, user, fields)
    assert Message.objects.count() == before
    assert refused.value.message.endswith("요.")
    return refused.value.code


def _state(message: Message) -> str:
    return str(Message.objects.values_list("state", flat=True).get(pk=message.pk))


@pytest.mark.django_db(transaction=True)
def test_the_member_gets_what_callers_would_get_picture_and_all_and_nothing_is_counted(
    sandbox: Sandbox, broker: object
) -> None:
    shop, user = _owner()
    draft = first_fields(shop, timezone.now())
    sent = _send(shop, user, draft)
    dispatch_all()
    (got,) = received(user.mobile)
    said = Report(f"{sent.pk}-{sent.token}", "M4V1", Outcome.DELIVERED, "4000", timezone.now())
    reports.store([said], "solapi", timezone.now())
    fold_all()
    assert _state(sent) == MessageState.DELIVERED
    assert got["text"] == sent.text
    assert sent.text.startswith(f"(광고)[{shop.name}]\n{draft.headline}")
    assert sent.text.endswith("무료수신거부 080-1234-5678")
    assert got["type"] == "MMS"
    assert not QuotaDay.objects.filter(used__gt=0).exists()
    assert not RecipientGuard.objects.exists()
    assert not ShopNumbers.objects.exists()
    assert not CallEnd.objects.exists()
    page = Client().get(f"/m/{sent.token}")
    assert page.status_code == 200
    assert page.context["is_test"]


@pytest.mark.django_db(transaction=True)
def test_it_goes_at_night_and_while_sending_is_off(sandbox: Sandbox, broker: object) -> None:
    shop, user = _owner(sending_on=False)
    with time_machine.travel(datetime(2026, 11, 22, 23, 30, tzinfo=KST)):
        sent = _send(shop, user)
        dispatch_all()
        assert _state(sent) == MessageState.ACCEPTED


@pytest.mark.django_db(transaction=True)
def test_a_shop_that_is_suspended_before_it_left_keeps_it_back(sandbox: Sandbox, broker: object) -> None:
    shop, user = _owner()
    sent = _send(shop, user)
    Shop.objects.filter(pk=shop.pk).update(status=ShopStatus.SUSPENDED)
    dispatch_all()
    assert _state(sent) == MessageState.SKIPPED


def test_a_draft_without_a_picture_goes_as_a_long_text() -> None:
    assert _send(*_owner()).channel == "LMS"


def test_it_is_sent_from_a_line_that_may_send() -> None:
    shop, user = _owner()
    first = shop.lines.get()
    Line.objects.filter(pk=first.pk).update(sender_accepted_at=None)
    accepted = Line.objects.create(shop=shop, number="0313334444", sender_accepted_at=timezone.now())
    sent = _send(shop, user)
    assert sent.sender == accepted.number
    assert "문의 031-333-4444" in sent.text


def test_ten_a_day_and_the_eleventh_tomorrow() -> None:
    shop, user = _owner()
    with time_machine.travel(datetime(2026, 11, 22, 23, 59, tzinfo=KST), tick=False) as clock:
        for left in range(9, -1, -1):
            _send(shop, user)
            assert test_sends.left_today(shop, user, timezone.now()) == left
        assert _refused(shop, user) == "all_used"
        clock.shift(timedelta(minutes=1))
        assert test_sends.left_today(shop, user, timezone.now()) == 10
        _send(shop, user)
        assert test_sends.left_today(shop, user, timezone.now()) == 9


def test_the_ten_are_each_persons_and_each_shops_own() -> None:
    shop, user = _owner()
    colleague = UserFactory()
    MembershipFactory(shop=shop, user=colleague, role=MemberRole.EDITOR)
    other = ShopFactory(owner=user)
    _send(shop, user)
    now = timezone.now()
    assert test_sends.left_today(shop, colleague, now) == test_sends.left_today(other, user, now) == 10


@pytest.mark.parametrize(
    ("status", "code"), [(ShopStatus.PENDING, "shop_inactive"), (ShopStatus.SUSPENDED, "shop_inactive")]
)
def test_a_shop_that_may_not_send_says_so(status: ShopStatus, code: str) -> None:
    assert _refused(*_owner(status=status)) == code


def test_a_shop_whose_number_is_not_registered_yet_says_so() -> None:
    shop, user = _owner()
    shop.lines.update(sender_accepted_at=None)
    assert _refused(shop, user) == "no_sender"


def test_who_refused_the_shops_messages_gets_none_not_even_their_own() -> None:
    shop, user = _owner()
    opt_out([shop.pk], user.mobile, OptOutSource.LINK, timezone.now(), timezone.now())
    assert _refused(shop, user) == "opted_out"


def test_a_stranger_cannot_send_in_anothers_shop() -> None:
    shop, _ = _owner()
    assert _refused(shop, UserFactory()) == "not_member"


@pytest.mark.parametrize(
    "fields",
    [
        DraftFields(),
        DraftFields(headline="😀", body="내용"),
        DraftFields(headline="제목", body="가" * 1_000),
    ],
)
def test_what_no_phone_can_show_is_not_sent(fields: DraftFields) -> None:
    assert _refused(*_owner(), fields) == "unfit"


def test_the_preview_and_the_message_say_the_same_but_for_the_link() -> None:
    shop, user = _owner()
    sent = _send(shop, user)
    shown = promos.preview(DRAFT.content(), promos.sender_of(shop)).text.split("\n")
    differing = [
        (one, other) for one, other in zip(shown, sent.text.split("\n"), strict=True) if one != other
    ]
    assert len(differing) == 1
    assert sent.token in differing[0][1]


@pytest.mark.django_db(transaction=True)
def test_pressing_on_two_devices_at_once_does_not_make_eleven() -> None:
    shop, user = _owner()
    for _ in range(test_sends.A_DAY - 1):
        _send(shop, user)
    start = threading.Barrier(3)

    def press(_: int) -> bool:
        try:
            start.wait(timeout=10)
            _send(shop, user)
        except test_sends.TestRefused:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(press, range(3))) == [False, False, True]
    assert Message.objects.filter(kind=MessageKind.TEST).count() == test_sends.A_DAY
