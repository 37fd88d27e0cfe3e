"""체험하기: a made-up call goes the whole way, signed webhook, pipeline, gateway, phone."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from messaging.models import CallEnd, Message, OptOut
from shopmsg.demo import network
from tests.markup import PUBLIC_PAGE, named, sound, text_of, weight, with_class
from tests.pipeline import decide_all, dispatch_all, received
from tests.services import Sandbox

CALLER = "010-0123-4567"


@pytest.fixture(autouse=True)
def no_week_before(demo: Path) -> None:
    """These tests look at today's calls only."""
    for table in (CallEnd, Message):
        table.objects.all().delete()


def _call(**changes: str) -> dict[str, str]:
    return {"shop": "haetsal", "caller": CALLER, "seconds": "30", "carrier": "KT", **changes}


def _hang_up(client: Client, **changes: str) -> str:
    """Press 전화 끊기 and let the pipeline run; returns the address of the result."""
    answer = client.post("/try/", _call(**changes))
    assert answer.status_code == 302, text_of(sound(answer))
    decide_all()
    dispatch_all()
    return str(answer["Location"]).removesuffix("#phone")


def _verdict(client: Client, address: str) -> str:
    (verdict,) = with_class(sound(client.get(address)), "verdict")
    return " ".join(text_of(verdict).split())


@pytest.mark.usefixtures("live_server", "sandbox")
def test_the_first_call_brings_the_message_and_the_second_brings_the_reason(
    client: Client, demo: Path
) -> None:
    first = _hang_up(client)
    (message,) = received("01001234567")
    answer = client.get(first)
    assert "도착했어요" in _verdict(client, first)
    (shown,) = with_class(sound(answer), "text")
    assert text_of(shown) == message["text"] == Message.objects.get().text
    (link,) = named(shown, "a")
    assert str(link.get("href")).endswith(f"/m/{Message.objects.get().token}")
    (picture,) = [image for image in named(sound(answer), "img") if "/try/pictures/" in image.get("src", "")]
    assert client.get(picture.get("src", "")).content.startswith(b"\xff\xd8\xff")

    second = _hang_up(client)
    assert _verdict(client, second) == "보내지 않음 — 오늘 이미 보냈어요."
    assert with_class(sound(client.get(second)), "bubble") == []
    assert len(received("01001234567")) == 1


@pytest.mark.usefixtures("live_server", "sandbox")
def test_a_caller_who_opts_out_on_the_messages_page_gets_nothing_more(client: Client, demo: Path) -> None:
    _hang_up(client)
    client.post(f"/m/{Message.objects.get().token}/stop")
    assert OptOut.objects.count() == 1
    assert "받지 않겠다고" in _verdict(client, _hang_up(client))


@pytest.mark.usefixtures("live_server", "sandbox")
def test_a_call_that_brings_nothing_says_why(client: Client, demo: Path) -> None:
    for changes, reason in (
        ({"seconds": "5"}, "통화가 너무 짧았어요."),
        ({"seconds": ""}, "받지 않은 전화예요."),
        ({"caller": "02-765-4321"}, "휴대폰 번호가 아니에요."),
    ):
        assert reason in _verdict(client, _hang_up(client, **changes))


@pytest.mark.usefixtures("live_server")
def test_until_there_is_an_end_the_page_asks_again_with_and_without_javascript(
    client: Client, demo: Path
) -> None:
    address = client.post("/try/", _call())["Location"].removesuffix("#phone")
    waiting = client.get(address)
    assert "hx-get" in waiting.content.decode()
    assert f'content="1; url={address}?look=1#phone"' in waiting.content.decode()
    assert "?look=2#phone" in client.get(address, {"look": "1"}).content.decode()
    assert "hx-get" in client.get(f"{address}phone/").content.decode()
    assert weight(waiting) <= PUBLIC_PAGE

    CallEnd.objects.update(state="decided", verdict="skip", reason="blocked")
    for ended in (client.get(address), client.get(f"{address}phone/")):
        assert "hx-get" not in ended.content.decode()
        assert "http-equiv" not in ended.content.decode()


@pytest.mark.django_db
def test_another_number_keeps_the_rest_of_the_call(client: Client, demo: Path) -> None:
    page = client.post("/try/", _call(new="1", shop="bomnal", seconds="5", carrier="SKT"))
    tree = sound(page)
    (number,) = [control for control in named(tree, "input") if control.get("name") == "caller"]
    assert number.get("value", "").startswith("010-0")
    assert number.get("value") != CALLER
    chosen = [option.get("value") for option in named(tree, "option") if option.get("selected") is not None]
    assert chosen == ["bomnal", "SKT"]
    assert not CallEnd.objects.exists()


@pytest.mark.django_db
def test_a_call_that_cannot_be_made_says_what_to_put_right(client: Client, demo: Path) -> None:
    for changes, message in (
        ({"caller": ""}, "손님 번호를 적어 주세요"),
        ({"caller": "전화번호"}, "전화번호가 아니에요"),
        ({"shop": "no-such-shop"}, "목록에 있는 가게를 골라 주세요"),
    ):
        assert message in text_of(sound(client.post("/try/", _call(**changes))))
    assert not CallEnd.objects.exists()


@pytest.mark.django_db
def test_when_our_own_webhook_does_not_answer_the_page_says_so(
    client: Client, demo: Path, settings: Any
) -> None:
    settings.BASE_URL = "http://127.0.0.1:9"
    assert "체험 서버가 답하지 않아요" in text_of(sound(client.post("/try/", _call())))


@pytest.mark.usefixtures("live_server")
def test_when_the_sandbox_is_away_the_page_waits_instead_of_failing(
    client: Client, demo: Path, sandbox: Sandbox, settings: Any
) -> None:
    address = _hang_up(client)
    gone = "http://127.0.0.1:9"
    settings.DEMO_SANDBOX_URL = gone
    settings.GATEWAY = {**settings.GATEWAY, "base_url": gone}
    assert "통화가 끝났어요" in _verdict(client, address)


@pytest.mark.django_db
def test_a_real_gateway_is_announced_before_anything_is_sent(
    client: Client, demo: Path, settings: Any
) -> None:
    assert "실제 휴대폰으로는 아무것도 가지 않아요" in text_of(sound(client.get("/try/")))
    settings.GATEWAY = {**settings.GATEWAY, "base_url": "https://gateway.example"}
    page = text_of(sound(client.get("/try/")))
    assert "실제 문자가 가고 요금이 들어요" in page
    assert "실제 휴대폰으로는 아무것도 가지 않아요" not in page


@pytest.mark.django_db
def test_the_page_says_that_the_demo_sends_around_the_clock(
    client: Client, demo: Path, settings: Any
) -> None:
    assert "체험에서는 밤에도 바로 보내요" in text_of(sound(client.get("/try/")))
    settings.AD_HOURS = (8 * 60, 21 * 60)
    assert "체험에서는 밤에도" not in text_of(sound(client.get("/try/")))


@pytest.mark.django_db
def test_strangers_calls_and_pictures_are_not_found(client: Client, demo: Path, sandbox: Sandbox) -> None:
    assert client.get(f"/try/{uuid.uuid4()}/").status_code == 404
    assert client.get("/try/pictures/no-such-file.jpg").status_code == 404
    assert network.received("01001234567", "/m/nosuchlink") is None
