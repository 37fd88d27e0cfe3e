"""Who opened the link in a message: people, each message once, and nobody else."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from messaging.daily_numbers import bump
from messaging.enums import MessageKind
from messaging.models import LinkOpen, Message, OptOut, ShopNumbers
from messaging.robots import KNOWN, is_robot
from messaging.upkeep import destroy_old_numbers
from shopmsg.core.clock import kst_day
from tests.factories.messaging import message_of, sent_call
from tests.messaging.owner_page import Stage, stage

pytestmark = pytest.mark.django_db

SAMSUNG = (
    "Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) "
    "SamsungBrowser/24.0 Chrome/117.0.0.0 Mobile Safari/537.36"
)
PEOPLE = [
    SAMSUNG,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile Safari/604.1",
    "Mozilla/5.0 (Linux; Android 13; SM-A536N; wv) Chrome/118.0.0.0 Mobile Safari/537.36;KAKAOTALK 2410430",
    "Mozilla/5.0 (Linux; Android 12; SM-N986N) Chrome/110.0 Mobile NAVER(inapp; search; 1000; 12.3.1)",
    "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Chrome/109.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 11) AppleWebKit/537.36 Chrome/99.0 Mobile Safari/537.36 DaumApps/4.9",
]


def _promo(at: Stage, **fields: Any) -> Message:
    return message_of(sent_call(at.shop, **fields))


def _open(message: Message, client: Client | None = None, headers: dict[str, str] | None = None) -> int:
    """Opens the message's page; returns how many openings its shop's day has afterwards."""
    sent = {"User-Agent": SAMSUNG, **(headers or {})}
    answer = (client or Client()).get(f"/m/{message.token}", headers=sent)
    assert answer.status_code == 200
    assert message.shop_id is not None
    return ShopNumbers.objects.filter(shop_id=message.shop_id).values_list("visited", flat=True).first() or 0


@pytest.mark.parametrize("browser", PEOPLE)
def test_a_persons_browser_counts(browser: str) -> None:
    assert _open(_promo(stage()), headers={"User-Agent": browser}) == 1


def test_a_message_counts_once_however_often_it_is_opened() -> None:
    at = stage()
    first, second = _promo(at), _promo(at)
    assert [_open(first), _open(first), _open(second)] == [1, 1, 2]
    assert LinkOpen.objects.get(pk=first.pk).shop_id == at.shop.pk


@pytest.mark.parametrize("piece", [piece for piece, _ in KNOWN])
def test_a_known_program_is_no_person(piece: str) -> None:
    assert is_robot(f"Mozilla/5.0 (compatible; {piece.title()} 2.0)")
    assert not any(piece in browser.lower() for browser in PEOPLE)


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": ""},
        {
            "User-Agent": "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984"
        },
        {"User-Agent": "Mozilla/5.0 (compatible; SomethingNewBot/1.0)"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
        {"X-Purpose": "preview"},
        {"Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Dest": "iframe"},
    ],
)
def test_previews_robots_and_fetching_ahead_count_nothing(headers: dict[str, str]) -> None:
    message = _promo(stage())
    assert _open(message, headers=headers) == 0
    assert _open(message, headers={"Sec-Fetch-Dest": "document"}) == 1, (
        "the person who comes afterwards counts"
    )


def test_a_head_request_counts_nothing() -> None:
    message = _promo(stage())
    assert Client().head(f"/m/{message.token}", headers={"User-Agent": SAMSUNG}).status_code == 200
    assert not LinkOpen.objects.exists()


def test_the_shops_own_people_and_tests_count_nothing() -> None:
    at = stage()
    message = _promo(at)
    assert _open(message, at.owner) == 0
    assert _open(message, at.colleague) == 0
    assert _open(_promo(at, kind=MessageKind.TEST)) == 0
    assert _open(message, at.stranger) == 1, "another shop's owner is a customer here"


def test_opening_opts_nobody_out() -> None:
    _open(_promo(stage()))
    assert not OptOut.objects.exists()


def test_the_page_is_shown_when_it_cannot_be_counted(caplog: pytest.LogCaptureFixture) -> None:
    message = _promo(stage())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE messaging_linkopen RENAME TO away")
    assert _open(message) == 0
    assert "link opening not counted" in caplog.text
    assert message.token not in caplog.text


def test_visits_and_coupons_add_up_beside_what_the_pipeline_counts() -> None:
    at = stage()
    day = kst_day(timezone.now())
    ShopNumbers.objects.create(shop_id=at.shop.pk, day=day, calls=7, visited=1)
    bump(at.shop.pk, day, visited=1)
    bump(at.shop.pk, day, redeemed=2)
    bump(at.shop.pk, day - timedelta(days=1), redeemed=1)
    bump(at.shop.pk, day)
    row = ShopNumbers.objects.get(shop_id=at.shop.pk, day=day)
    assert (row.calls, row.visited, row.redeemed) == (7, 2, 2)
    assert ShopNumbers.objects.get(shop_id=at.shop.pk, day=day - timedelta(days=1)).redeemed == 1


def test_openings_are_forgotten_after_six_months_and_the_numbers_stay() -> None:
    now = timezone.now()
    at = stage()
    LinkOpen.objects.create(message_id=1, shop_id=at.shop.pk, at=now - timedelta(days=190))
    LinkOpen.objects.create(message_id=2, shop_id=at.shop.pk, at=now - timedelta(days=100))
    bump(at.shop.pk, kst_day(now - timedelta(days=190)), visited=1)
    destroy_old_numbers(now)
    assert list(LinkOpen.objects.values_list("pk", flat=True)) == [2]
    assert ShopNumbers.objects.get(shop_id=at.shop.pk).visited == 1


@pytest.mark.django_db(transaction=True)
def test_a_counter_that_is_locked_holds_no_page_up() -> None:
    message = _promo(stage())
    assert message.shop_id is not None
    day = kst_day(timezone.now())
    bump(message.shop_id, day, redeemed=1)
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM messaging_shopnumbers WHERE shop_id = %s FOR UPDATE", [message.shop_id]
            )
        began = time.monotonic()
        assert _open(message) == 0
        assert time.monotonic() - began < 5
    finally:
        other.rollback()
        other.close()
    assert _open(message) == 1, "the next opening is the first one counted"
