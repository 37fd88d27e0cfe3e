"""An owner logs in with a number and a code, through the pages, without JavaScript."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from shopmsg.accounts.models import AuditEntry, Notice
from tests.factories.accounts import StaffFactory, UserFactory

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def _latest_code() -> str:
    return str(Notice.objects.latest("pk").fields["code"])


def _log_in(client: Client, mobile: str, **fields: str) -> Any:
    client.post("/login/", {"mobile": mobile, "next": "/where-to/"})
    return client.post("/login/code/", {"code": _latest_code(), "next": "/where-to/", **fields})


@time_machine.travel(NOW, tick=False)
def test_number_then_code_then_the_page_that_was_asked_for(client: Client) -> None:
    user = UserFactory(mobile="01012345678")
    assert "010-1234-5678" in client.get("/login/?next=/where-to/").content.decode()
    before = client.session.session_key

    answer = client.post("/login/", {"mobile": " 010-1234-5678 ", "next": "/where-to/"})
    assert answer["Location"] == "/login/code/?next=%2Fwhere-to%2F"
    page = client.get(answer["Location"]).content.decode()
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    pending = client.session.session_key

    answer = client.post("/login/code/", {"code": _latest_code(), "remember": "on", "next": "/where-to/"})
    assert answer["Location"] == "/where-to/"
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.session.session_key not in {before, pending}
    assert not Session.objects.filter(pk=pending).exists()
    assert AuditEntry.objects.get().action == "login.owner"


@time_machine.travel(NOW, tick=False)
def test_a_remembered_phone_stays_30_days_and_another_until_the_browser_closes(client: Client) -> None:
    user = UserFactory()
    remembered = _log_in(client, user.mobile, remember="on").cookies[settings.SESSION_COOKIE_NAME]
    assert remembered["max-age"] == 30 * 24 * 60 * 60
    other = _log_in(Client(), user.mobile).cookies[settings.SESSION_COOKIE_NAME]
    assert other["max-age"] == ""


def test_a_session_ends_after_30_days_however_often_it_is_used(client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        _log_in(client, UserFactory().mobile, remember="on")
    with time_machine.travel(NOW + timedelta(days=20), tick=False):
        session = client.session
        session["touched"] = True
        session.save()
        assert client.session.get("_auth_user_id")
    with time_machine.travel(NOW + timedelta(days=30, seconds=1), tick=False):
        assert client.get("/login/").status_code == 200


@time_machine.travel(NOW, tick=False)
def test_a_wrong_code_says_what_to_do_beside_the_field(client: Client) -> None:
    client.post("/login/", {"mobile": UserFactory().mobile})
    wrong = f"{(int(_latest_code()) + 1) % 1_000_000:06d}"
    page = client.post("/login/code/", {"code": wrong}).content.decode()
    assert "새 번호를 받아 주세요" in page
    assert 'aria-describedby="id_code_error"' in page
    assert 'id="id_code_error"' in page
    assert "_auth_user_id" not in client.session


@time_machine.travel(NOW, tick=False)
def test_another_code_can_be_asked_for_until_it_is_too_often(client: Client) -> None:
    client.post("/login/", {"mobile": UserFactory().mobile})
    first = _latest_code()
    answer = client.post("/login/again/")
    assert "새 인증번호를 보내요" in client.get(answer["Location"]).content.decode()
    assert Notice.objects.count() == 2
    if first != _latest_code():
        assert client.post("/login/code/", {"code": first}).status_code == 200
    for _ in range(3):
        client.post("/login/again/")
    refused = client.post("/login/again/")
    assert refused.status_code == 429
    assert "10분 뒤에" in refused.content.decode()
    assert client.post("/login/code/", {"code": _latest_code(), "next": "/where-to/"}).status_code == 302


@time_machine.travel(NOW, tick=False)
def test_a_stranger_and_an_owner_see_the_same_pages() -> None:
    def pages(mobile: str) -> list[tuple[int, str]]:
        client = Client()
        answers = [
            client.post("/login/", {"mobile": mobile}, follow=True),
            client.post("/login/code/", {"code": "000000"}),
            client.post("/login/again/", follow=True),
        ]
        hidden = (mobile, f"{mobile[:3]}-{mobile[3:7]}-{mobile[7:]}")
        texts = []
        for answer in answers:
            text = answer.content.decode().replace(hidden[0], "").replace(hidden[1], "")
            texts.append(
                (answer.status_code, "".join(line for line in text.splitlines() if "csrf" not in line))
            )
        return texts

    assert pages(UserFactory().mobile) == pages("01099998888") == pages(StaffFactory().mobile)


@pytest.mark.parametrize("mobile", ["", "02-123-4567", "0101234", "김사장", "０１０１２３４５６７８"])
def test_what_is_no_mobile_number_is_refused_before_anything_is_sent(client: Client, mobile: str) -> None:
    page = client.post("/login/", {"mobile": mobile}).content.decode()
    assert "휴대폰 번호를 010부터 모두 적어 주세요." in page
    assert not Notice.objects.exists()


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６"])
def test_what_is_no_code_costs_no_try(client: Client, code: str) -> None:
    user = UserFactory()
    client.post("/login/", {"mobile": user.mobile})
    page = client.post("/login/code/", {"code": code}).content.decode()
    assert "숫자 6자리를 적어 주세요" in page
    assert user.login_codes.get().tries_left == 5


def test_the_code_page_without_a_number_goes_back_to_the_first(client: Client) -> None:
    assert client.get("/login/code/?next=/where-to/")["Location"] == "/login/?next=%2Fwhere-to%2F"
    assert client.post("/login/again/")["Location"] == "/login/"


def test_a_session_row_does_not_hold_the_number_in_the_clear(client: Client) -> None:
    client.post("/login/", {"mobile": "01012345678"})
    assert "01012345678" not in str(dict(client.session.items()))


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"]
)
def test_nobody_is_sent_to_another_site_after_logging_in(client: Client, settings: Any, target: str) -> None:
    settings.LOGIN_REDIRECT_URL = "/home-of-owners/"
    client.post("/login/", {"mobile": UserFactory().mobile})
    answer = client.post("/login/code/", {"code": _latest_code(), "next": target})
    assert answer["Location"] == "/home-of-owners/"


def test_logging_out_needs_a_post_and_ends_the_session(client: Client, settings: Any) -> None:
    settings.LOGOUT_REDIRECT_URL = "/bye/"
    _log_in(client, UserFactory().mobile)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/bye/"
    assert "_auth_user_id" not in client.session


def test_login_needs_the_csrf_token() -> None:
    assert Client(enforce_csrf_checks=True).post("/login/", {"mobile": "01012345678"}).status_code == 403


def test_login_pages_are_never_cached_and_offer_a_person_to_call(client: Client) -> None:
    client.post("/login/", {"mobile": "01012345678"})
    for address in ("/login/", "/login/code/", "/staff/login/"):
        answer = client.get(address)
        assert "no-store" in answer["Cache-Control"]
        assert 'href="tel:1877-3592"' in answer.content.decode()
        assert "unsafe-inline" not in answer["Content-Security-Policy"]
