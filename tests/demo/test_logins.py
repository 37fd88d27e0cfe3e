"""One click lets a visitor in as somebody of the demo, and as nobody else."""

from pathlib import Path

import pytest
from django.test import Client

from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import User
from shopmsg.demo.people import ADMIN
from tests.factories.accounts import UserFactory
from tests.markup import sound, text_of

pytestmark = pytest.mark.django_db


def test_a_click_logs_in_as_the_owner(client: Client, demo: Path) -> None:
    assert "김햇살" in text_of(sound(client.get("/login/demo/")))
    assert "_auth_user_id" not in client.session
    client.post("/login/demo/", {"mobile": "01090000001"})
    assert client.session["_auth_user_id"] == str(User.objects.get(mobile="01090000001").pk)


def test_a_click_logs_in_as_the_admin_with_the_second_factor_done(client: Client, demo: Path) -> None:
    client.post("/login/demo/", {"mobile": ADMIN.mobile})
    assert client.get("/ops/").status_code == 200


def test_a_click_logs_in_as_each_of_us_with_the_second_factor_done(demo: Path) -> None:
    for role in (Role.AGENT, Role.PRODUCER, Role.DEALER):
        user = User.objects.get(role=role)
        assert (user.dealership is not None) == (role == Role.DEALER), role
        client = Client()
        client.post("/login/demo/", {"mobile": user.mobile})
        assert client.get("/styleguide/").status_code == 200, role
        assert user.get_role_display() in text_of(sound(client.get("/login/demo/"))), role


def test_nobody_outside_the_demo_is_let_in(client: Client, demo: Path) -> None:
    UserFactory(mobile="01077776666")
    assert client.post("/login/demo/", {"mobile": "01077776666"}).status_code == 404
    assert client.post("/login/demo/", {"mobile": "\x00"}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_without_demo_people_the_page_says_how_to_get_them(client: Client) -> None:
    assert "체험용 사람이 아직 없어요" in text_of(sound(client.get("/login/demo/")))
