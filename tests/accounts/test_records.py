"""The record tables under /admin/ are for admins with a TOTP, mostly to read, under a policy of their own."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from shopmsg.accounts import audit
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import AuditEntry, Dealership, User
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import PASSWORD, MembershipFactory, ShopFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
TABLES = ["user", "merchant", "shop", "line", "membership", "auditentry"]


@pytest.fixture
def admin() -> User:
    return StaffFactory(role=Role.ADMIN)


def test_only_admins_with_a_totp_get_in(admin: User) -> None:
    assert Client().get("/admin/")["Location"] == "/staff/login/?next=/admin/"
    assert (
        Client().get("/admin/login/?next=/admin/accounts/")["Location"]
        == "/staff/login/?next=/admin/accounts/"
    )
    password_only = Client()
    password_only.force_login(admin)
    assert password_only.get("/admin/")["Location"] == "/staff/login/?next=/admin/"
    assert staff_client(StaffFactory()).get("/admin/").status_code == 404
    as_owner = Client()
    as_owner.force_login(UserFactory())
    assert as_owner.get("/admin/accounts/user/").status_code == 404
    assert staff_client(admin).get("/admin/").status_code == 200


def test_every_table_and_row_opens_and_no_mobile_number_is_shown(admin: User) -> None:
    member = MembershipFactory(shop=ShopFactory(), user=UserFactory(mobile="01012345678"))
    client = staff_client(admin)
    rows = {"user": member.user_id, "membership": member.pk, "shop": member.shop_id}
    rows |= {"merchant": member.shop.merchant_id, "line": member.shop.lines.get().pk}
    rows["auditentry"] = AuditEntry.objects.latest("pk").pk
    for table in TABLES:
        for address in (f"/admin/accounts/{table}/", f"/admin/accounts/{table}/{rows[table]}/change/"):
            page = client.get(address)
            assert page.status_code == 200, address
            assert "01012345678" not in page.content.decode(), address


def test_nothing_can_be_added_or_deleted_and_no_totp_secret_is_on_show(admin: User) -> None:
    client = staff_client(admin)
    for table in TABLES:
        assert client.get(f"/admin/accounts/{table}/add/").status_code == 403
    entry = AuditEntry.objects.latest("pk")
    assert client.post(f"/admin/accounts/auditentry/{entry.pk}/change/", {"reason": "x"}).status_code == 403
    assert client.get(f"/admin/accounts/auditentry/{entry.pk}/delete/").status_code == 403
    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404
    assert client.get("/admin/auth/group/").status_code == 404


def test_stopping_an_account_ends_its_sessions_and_is_audited(admin: User) -> None:
    owner = UserFactory()
    phone = Client()
    phone.force_login(owner)
    client = staff_client(admin)
    client.post(f"/admin/accounts/user/{owner.pk}/change/", {"name": owner.name})
    owner.refresh_from_db()
    assert not owner.is_active
    entry = AuditEntry.objects.get(action="user.changed")
    assert (entry.actor, entry.detail) == (admin, {"is_active": False})
    client.post(f"/admin/accounts/user/{owner.pk}/change/", {"name": owner.name, "is_active": "on"})
    assert not phone.get("/login/").wsgi_request.user.is_authenticated
    assert audit.verify() is None


def test_the_looser_policy_stops_at_the_record_tables(admin: User) -> None:
    client = staff_client(admin)
    assert "'unsafe-eval'" in client.get("/admin/")["Content-Security-Policy"]
    assert (
        "script-src 'self' 'unsafe-eval';"
        in client.get("/admin/accounts/shop/")["Content-Security-Policy"] + ";"
    )
    assert "unsafe" not in client.get("/staff/numbers/")["Content-Security-Policy"]


def test_the_first_admin_comes_from_the_command_line(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _: PASSWORD)
    output = io.StringIO()
    call_command("add_staff", "010-1234-5678", "최관리", "admin", stdout=output)
    user = User.objects.get()
    assert "otpauth://totp/" in output.getvalue()
    session: Any = staff_client(user)
    assert session.get("/admin/").status_code == 200

    with pytest.raises(CommandError, match="--renew"):
        call_command("add_staff", "01012345678", "최관리", "admin")
    old_key = TOTPDevice.objects.get(user=user).key
    call_command("add_staff", "01012345678", "최관리", "admin", renew=True, stdout=output)
    assert TOTPDevice.objects.get(user=user).key != old_key
    assert session.get("/admin/").status_code == 302


def test_a_dealer_is_added_with_a_dealership_and_nobody_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _: PASSWORD)
    for mobile in ("01011110001", "01011110002"):
        call_command("add_staff", mobile, "최대리", "dealer", dealership="망원대리점", stdout=io.StringIO())
    assert [user.dealership.name for user in User.objects.all() if user.dealership] == ["망원대리점"] * 2
    assert Dealership.objects.count() == 1
    with pytest.raises(CommandError, match="--dealership"):
        call_command("add_staff", "01011110003", "최대리", "dealer")
    with pytest.raises(CommandError, match="--dealership"):
        call_command("add_staff", "01011110003", "박상담", "agent", dealership="망원대리점")


def test_a_weak_password_or_a_wrong_number_adds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _: "short")
    with pytest.raises(CommandError):
        call_command("add_staff", "01012345678", "최관리", "admin")
    with pytest.raises(CommandError, match="010부터"):
        call_command("add_staff", "021234567", "최관리", "admin")
    assert not User.objects.exists()
