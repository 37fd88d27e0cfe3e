"""`load_demo` makes shops that can send, once, and tells a script how to play the network."""

import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from billing import runs, tax_state
from billing.models import Account, Invoice
from billing.tax_state import TaxState
from eligibility.models import Application, Document
from messaging import promos
from messaging.homepage.page import page_of
from messaging.models import CallEnd, Homepage, MenuItem, Message, PromoVersion, ShopNumbers
from messaging.promos import PromoRefused
from shopmsg.accounts.models import Line, Membership, Merchant, Notice, Shop, User
from shopmsg.core.clock import add_months, kst_day, month_start
from shopmsg.demo.furnish import furnish
from shopmsg.home.samples import BY_SLUG
from tests.services import PBX

_TABLES = (
    Merchant, Shop, Line, User, Membership, PromoVersion, MenuItem, CallEnd, Message, Application, Document, Notice,
)  # fmt: skip


def test_every_demo_shop_can_send_its_drawn_promo(demo: Path) -> None:
    shops = Shop.objects.filter(slug__in=BY_SLUG)
    for shop in shops:
        line = shop.lines.get()
        live = promos.current(shop, kst_day(shop.created_at))
        assert (shop.status, shop.sending_on) == ("active", True)
        assert line.notice_active_since is not None
        assert line.sender_accepted_at is not None
        assert live is not None
        assert live.picture is not None
        with live.picture.file.open() as picture:
            assert 0 < len(picture.read()) <= 200_000
    assert shops.count() == 6


def test_three_shops_of_different_trades_are_furnished_and_have_two_weeks_behind_them(demo: Path) -> None:
    today = kst_day(timezone.now())
    shops = Shop.objects.filter(homepage__isnull=False)
    assert len({shop.ksic for shop in shops}) == 3
    for shop in shops:
        page = page_of(shop, timezone.now())
        assert len(page.menu) >= 5
        assert page.hours.rows
        weeks = ShopNumbers.objects.filter(shop_id=shop.pk, day__lt=today)
        assert weeks.count() == 14
        for numbers in weeks:
            calls = CallEnd.objects.filter(shop=shop, ended_at__date=numbers.day)
            assert numbers.calls == calls.count() == numbers.sent + numbers.not_sent
            assert numbers.sent == Message.objects.filter(shop=shop, day=numbers.day).count()
            assert numbers.visited <= numbers.delivered <= numbers.sent
        assert not ShopNumbers.objects.filter(shop_id=shop.pk, day=today).exists()
    assert any(page_of(shop, timezone.now()).coupon for shop in shops)


def test_loading_again_changes_nothing_and_undoes_nobodys_edits(demo: Path) -> None:
    shop = Shop.objects.get(slug="haetsal")
    Shop.objects.filter(pk=shop.pk).update(hours="매일 17:00~24:00")
    before = [table.objects.count() for table in _TABLES]
    assert all(before)
    written = demo.read_text()
    call_command("load_demo", stdout=io.StringIO())
    assert [table.objects.count() for table in _TABLES] == before
    shop.refresh_from_db()
    assert shop.hours == "매일 17:00~24:00"
    assert demo.read_text() == written


def test_furnishing_that_was_cut_short_is_done_again_whole(demo: Path) -> None:
    shop = Shop.objects.get(slug="motungi")
    owner = User.objects.get(memberships__shop=shop, memberships__role="owner")
    for table in (Homepage, MenuItem):
        table.objects.filter(shop=shop).delete()
    shop.promos.filter(kind="coupon").delete()
    shop.promos.update(live=True)
    Shop.objects.filter(pk=shop.pk).update(week={}, name="모퉁이 \U0001f600")
    with pytest.raises(PromoRefused):
        furnish(Shop.objects.get(pk=shop.pk), owner, timezone.now())
    Shop.objects.filter(pk=shop.pk).update(name="모퉁이")
    furnish(Shop.objects.get(pk=shop.pk), owner, timezone.now())
    page = page_of(Shop.objects.get(pk=shop.pk), timezone.now())
    assert (len(page.menu), page.coupon is None) == (6, False)


def test_demo_json_holds_what_a_script_needs(demo: Path, settings: Any) -> None:
    written = json.loads(demo.read_text())
    assert set(written) == {"base_url", "webhook_secret", "shops", "sandbox", "logins"}
    assert written["webhook_secret"] == PBX
    assert written["shops"][0] == {
        "name": "햇살치킨", "slug": "haetsal", "line": "021230001", "owner_mobile": "01090000001", "ksic": "56193",
    }  # fmt: skip
    assert written["sandbox"] == {
        "url": settings.DEMO_SANDBOX_URL,
        "api_key": settings.GATEWAY["api_key"],
        "api_secret": settings.GATEWAY["api_secret"],
    }
    assert stat.S_IMODE(demo.stat().st_mode) == 0o600


def test_keys_of_a_real_gateway_never_reach_demo_json(demo: Path, settings: Any) -> None:
    settings.GATEWAY = {
        **settings.GATEWAY,
        "base_url": "https://gateway.example",
        "api_secret": "a real secret",
    }
    call_command("load_demo", stdout=io.StringIO())
    assert "a real secret" not in demo.read_text()


def test_without_a_demo_secret_the_command_names_the_setting(demo: Path, settings: Any) -> None:
    settings.HOOK_SOURCES = {"kt": [PBX]}
    with pytest.raises(CommandError, match="HOOK_SOURCES"):
        call_command("load_demo", stdout=io.StringIO())


def test_every_demo_shop_has_a_contract_and_bills_and_one_is_unpaid(demo: Path) -> None:
    accounts = Account.objects.filter(shop__slug__in=BY_SLUG)
    assert accounts.count() == len(BY_SLUG)
    assert Invoice.objects.filter(shop__slug="haetsal").count() >= 11
    assert accounts.get(shop__slug="haetsal").unpaid_since is None
    assert accounts.get(shop__slug="bomnal").balance_krw > 0
    last_month = add_months(month_start(kst_day(timezone.now())), -1)
    assert runs.waiting(last_month) >= 2, "two shops wait for whoever tries a billing run"
    by_phone = accounts.get(method="phone_bill")
    assert by_phone.shop.lines.filter(number=by_phone.phone_bill_line).exists(), (
        "the carrier knows which bill to put it on"
    )
    found = tax_state.counts(last_month, kst_day(timezone.now()))
    assert found[TaxState.READY].bills, "a tax invoice to make"
    assert found[TaxState.BUYER].bills, "and one whose buyer has to be asked about"
