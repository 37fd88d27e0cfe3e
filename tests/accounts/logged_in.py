"""A test client that went through the staff door: number, password and TOTP."""

from django.test import Client
from django.utils import timezone

from shopmsg.accounts.models import User
from tests.factories.accounts import PASSWORD, totp_of


def staff_client(user: User) -> Client:
    """A client whose session was opened with the user's TOTP of this moment."""
    client = Client()
    answer = client.post(
        "/staff/login/",
        {"mobile": user.mobile, "password": PASSWORD, "totp": totp_of(user, timezone.now()), "next": "/"},
    )
    assert answer.status_code == 302, answer.content.decode()
    return client
