"""What `manage.py check --deploy` refuses in production."""

import base64
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.test import override_settings

from shopmsg.checks import production_settings

KEY_A = "1:" + base64.b64encode(bytes(range(32))).decode()
KEY_B = "1:" + base64.b64encode(bytes(range(32, 64))).decode()
HOOK_SECRET = "whsec_" + base64.b64encode(bytes(24)).decode()
GATEWAY = {
    "base_url": "https://api.solapi.com",
    "api_key": "NCS",
    "api_secret": "secret",
    "report_secret": "r" * 20,
}
NTS = {"base_url": "https://api.odcloud.kr", "key": "k"}
PROVISIONING = {"driver": "http", "base_url": "https://ringback.example.kr", "key": "k"}
CARDS = {
    "base_url": "https://api.tosspayments.com",
    "sdk_url": "https://js.tosspayments.com/v2/standard",
    "client_key": "live_ck_a1",
    "secret_key": "live_sk_b2",
}
SUPPLIER = {
    "name": "예시통신",
    "number": "2222222227",
    "representative": "김예시",
    "address": "서울특별시 종로구 예시로 1",
    "business_type": "정보통신업",
    "business_item": "부가통신업",
    "email": "bill@example.kr",
    "bank_account": "예시은행 000-000000-00-000 예시통신",
}
SAFE: dict[str, Any] = {
    "DEBUG": False,
    "AD_HOURS": (8 * 60, 21 * 60),
    "SECRET_KEY": "k7-Qd2_Zr9fXw0Lm4Tn8Vb1Hs6Jc3Py5Ge-Ua2Ko7Ni9Rt0Dq4Wz6Mx",
    "BASE_URL": "https://shop.example.kr",
    "ALLOWED_HOSTS": ["shop.example.kr"],
    "HOOK_SOURCES": {"kt": [HOOK_SECRET]},
    "SEAL_KEYS": [KEY_A],
    "INDEX_KEYS": [KEY_B],
    "GATEWAY": GATEWAY,
    "NTS": NTS,
    "PROVISIONING": PROVISIONING,
    "CARDS": CARDS,
    "SUPPLIER": SUPPLIER,
    "SYSTEM_SENDER": "18773592",
    "OPTOUT_080": "08012345678",
    "REDIS_URL": "redis://:password@redis:6379/0",
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "TRUSTED_PROXIES": 1,
}


def _ids(**unsafe: Any) -> set[str]:
    with override_settings(**{**SAFE, **unsafe}):
        found = production_settings(None)
    assert all(message.hint for message in found)
    return {str(message.id) for message in found}


def _database(monkeypatch: pytest.MonkeyPatch, host: str, password: str) -> None:
    # These tests open no connection, and Django does not let DATABASES itself be overridden.
    monkeypatch.setitem(connection.settings_dict, "HOST", host)
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", password)


@pytest.fixture(autouse=True)
def safe_database_and_no_demo(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _database(monkeypatch, "db", "password")
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "shopmsg.demo"]


def test_a_safe_installation_passes() -> None:
    assert _ids() == set()


def test_the_demo_is_refused(settings: Any) -> None:
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "shopmsg.demo"]
    assert _ids() == {"shopmsg.E001"}


@pytest.mark.parametrize(
    ("unsafe", "refused"),
    [
        ({"AD_HOURS": (0, 24 * 60)}, "E002"),
        ({"AD_HOURS": (8 * 60 - 1, 21 * 60)}, "E002"),
        ({"AD_HOURS": (8 * 60, 21 * 60 + 1)}, "E002"),
        ({"DEBUG": True}, "E003"),
        ({"SECRET_KEY": "short"}, "E004"),
        ({"SECRET_KEY": "ab" * 40}, "E004"),
        ({"SECRET_KEY": "django-insecure-" + str(SAFE["SECRET_KEY"])}, "E004"),
        ({"BASE_URL": "http://shop.example.kr"}, "E005"),
        ({"BASE_URL": "https://"}, "E005"),
        ({"ALLOWED_HOSTS": []}, "E006"),
        ({"ALLOWED_HOSTS": ["shop.example.kr", "*"]}, "E006"),
        ({"HOOK_SOURCES": {}}, "E007"),
        ({"HOOK_SOURCES": {"kt": []}}, "E007"),
        ({"HOOK_SOURCES": {"kt": "whsec_notalist"}}, "E007"),
        ({"HOOK_SOURCES": ["kt"]}, "E007"),
        ({"HOOK_SOURCES": {"kt": [HOOK_SECRET], "pbx": ["plain"]}}, "E008"),
        ({"HOOK_SOURCES": {"kt": ["whsec_" + base64.b64encode(bytes(23)).decode()]}}, "E008"),
        ({"HOOK_SOURCES": {"kt": ["whsec_not base64!"]}}, "E008"),
        ({"HOOK_SOURCES": {"kt": [7]}}, "E008"),
        ({"SEAL_KEYS": ["no key"]}, "E009"),
        ({"SEAL_KEYS": []}, "E009"),
        ({"INDEX_KEYS": ["1:c2hvcnQ="]}, "E010"),
        ({"INDEX_KEYS": [KEY_B.replace("1:", "2:"), KEY_A]}, "E011"),
        ({"GATEWAY": {**GATEWAY, "base_url": "http://api.solapi.com"}}, "E012"),
        ({"GATEWAY": {**GATEWAY, "base_url": "https://127.0.0.1:9000"}}, "E012"),
        ({"GATEWAY": {**GATEWAY, "base_url": "https://localhost"}}, "E012"),
        ({"GATEWAY": {**GATEWAY, "base_url": "https://sandbox"}}, "E012"),
        ({"GATEWAY": {**GATEWAY, "base_url": "https://10.0.0.5"}}, "E012"),
        ({"GATEWAY": {**GATEWAY, "api_secret": ""}}, "E015"),
        ({"GATEWAY": {**GATEWAY, "report_secret": "r" * 19}}, "E016"),
        ({"NTS": {**NTS, "key": ""}}, "W004"),
        ({"NTS": {**NTS, "base_url": "http://api.odcloud.kr"}}, "E017"),
        ({"NTS": {**NTS, "base_url": "https://127.0.0.1:8600"}}, "E017"),
        ({"PROVISIONING": {**PROVISIONING, "driver": "fax"}}, "E018"),
        ({"PROVISIONING": {**PROVISIONING, "base_url": "https://sandbox"}}, "E019"),
        ({"PROVISIONING": {**PROVISIONING, "base_url": ""}}, "E019"),
        ({"PROVISIONING": {**PROVISIONING, "key": ""}}, "E019"),
        ({"CARDS": {**CARDS, "secret_key": ""}}, "W005"),
        ({"CARDS": {**CARDS, "base_url": "https://127.0.0.1:8601"}}, "E020"),
        ({"CARDS": {**CARDS, "sdk_url": "http://js.tosspayments.com/v2/standard"}}, "E020"),
        ({"CARDS": {**CARDS, "secret_key": "live_gsk_b2", "client_key": "live_gck_a1"}}, "E021"),
        ({"CARDS": {**CARDS, "secret_key": "test_sk_b2"}}, "E021"),
        ({"CARDS": {**CARDS, "secret_key": "live_ck_a1", "client_key": "live_sk_b2"}}, "E021"),
        ({"CARDS": {**CARDS, "secret_key": "test_sk_b2", "client_key": "test_ck_a1"}}, "W006"),
        ({"SUPPLIER": {**SUPPLIER, "address": " "}}, "E022"),
        ({"SUPPLIER": {**SUPPLIER, "number": "222-22-22227"}}, "E023"),
        ({"SUPPLIER": {**SUPPLIER, "bank_account": "000-000000-00-000"}}, "E024"),
        ({"HOOK_SOURCES": {"a-name-of-21-letters-": [HOOK_SECRET]}}, "E007"),
        ({"SYSTEM_SENDER": "1877-3592"}, "E013"),
        ({"SYSTEM_SENDER": "0215661234"}, "E013"),
        ({"SYSTEM_SENDER": ""}, "E013"),
        ({"OPTOUT_080": "0212345678"}, "E014"),
        ({"OPTOUT_080": "080-123-4567"}, "E014"),
        ({"REDIS_URL": "redis://redis:6379/0"}, "W002"),
        ({"TRUSTED_PROXIES": 0}, "W003"),
    ],
)
def test_each_unsafe_setting_is_named(unsafe: dict[str, Any], refused: str) -> None:
    assert _ids(**unsafe) == {f"shopmsg.{refused}"}


def test_a_database_over_the_network_needs_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    _database(monkeypatch, "db", "")
    assert _ids() == {"shopmsg.W001"}


def test_notices_that_staff_order_by_hand_need_no_address() -> None:
    assert _ids(PROVISIONING={"driver": "manual", "base_url": "", "key": ""}) == set()


def test_servers_on_a_unix_socket_need_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    _database(monkeypatch, "/run/postgresql", "")
    assert _ids(REDIS_URL="unix:///run/redis.sock") == set()


def test_the_check_runs_with_deploy_and_not_without() -> None:
    with override_settings(**{**SAFE, "AD_HOURS": (0, 24 * 60)}):
        plain, deploy = (
            {message.id for message in run_checks(tags=["security"], include_deployment_checks=include)}
            for include in (False, True)
        )
    assert "shopmsg.E002" not in plain
    assert "shopmsg.E002" in deploy
