"""Whoever doubts a text types its link: ours leads to the proof, anybody else's is told apart."""

import pytest
from django.conf import settings
from django.test import Client

from messaging.links import message_link, new_token, read_token
from tests.factories.accounts import ShopFactory
from tests.factories.messaging import message_of, sent_call


@pytest.mark.parametrize(
    "typed",
    [
        "{link}",
        " {link} ",
        "{link}/",
        "{link}\n무료수신거부 080-1234-5678",
        "문의 02-123-4567 {link}",
        "{bare}",
        "{token}",
    ],
)
def test_the_link_is_read_however_it_was_copied(typed: str) -> None:
    token = new_token()
    link = message_link(token)
    assert read_token(typed.format(link=link, bare=link.partition("://")[2], token=token)) == token


@pytest.mark.parametrize(
    "typed",
    [
        "https://evil.example/m/{token}",
        "https://evil.example/?u={link}",
        "{link}x",
        "http://{host}.evil.example/m/{token}",
        "http://my{host}/m/{token}",
        "{token}{token}",
        "02-1234-5678",
        "",
    ],
)
def test_anybody_elses_address_is_not_taken_for_ours(typed: str) -> None:
    token = new_token()
    host = settings.BASE_URL.partition("://")[2]
    assert read_token(typed.format(link=message_link(token), token=token, host=host)) is None


@pytest.mark.django_db
def test_a_genuine_text_leads_to_its_proof_and_a_false_one_to_what_to_do(client: Client) -> None:
    call = sent_call(ShopFactory())
    message = message_of(call)
    message.token = new_token()
    message.save(update_fields=["token"])
    answer = client.post("/real/", {"link": f"{settings.BASE_URL}/m/{message.token}"}, follow=True)
    assert "이 문자는 진짜예요" in answer.content.decode()

    assert client.post("/real/", {"link": new_token()}, follow=True).status_code == 404
    page = client.post("/real/", {"link": "https://evil.example/m/abc"}).content.decode()
    assert "저희가 보낸 문자가 아니에요" in page
    assert "112" in page


@pytest.mark.django_db
def test_guessing_is_slowed_down(client: Client) -> None:
    answers = [client.post("/real/", {"link": new_token()}).status_code for _ in range(31)]
    assert answers == [302] * 30 + [429]
