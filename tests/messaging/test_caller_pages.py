"""Who got a message asks: is it real, where is the shop, how do I stop it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from messaging import optouts
from messaging.enums import MessageKind, MessageState, OptOutSource
from messaging.models import Message, OptOut
from shopmsg.accounts.models import Shop
from shopmsg.core.clock import format_moment
from tests.factories.accounts import ShopFactory
from tests.factories.messaging import TEXT, message_of, sent_call
from tests.markup import PUBLIC_PAGE, named, sound, text_of, weight, with_class

pytestmark = pytest.mark.django_db

CALLER = "01012348765"


@pytest.fixture
def shop() -> Shop:
    made: Shop = ShopFactory(name="행복치킨", address="서울 마포구 망원로 10")
    return made


@pytest.fixture
def sent(shop: Shop) -> Message:
    return message_of(sent_call(shop, caller=CALLER))


def _refuses(message: Message) -> bool:
    assert message.shop_id is not None
    return optouts.is_opted_out(message.shop_id, bytes(message.recipient_index))


def test_the_page_vouches_for_what_was_really_sent(client: Client, sent: Message) -> None:
    answer = client.get(f"/m/{sent.token}")
    page = text_of(sound(answer))
    assert sent.submitted_at is not None
    assert format_moment(sent.submitted_at) in page
    assert "(광고)[행복치킨] 오늘의 치킨" in page, "the first words"
    assert "02-123-4567" in page
    (letter,) = with_class(sound(answer), "letter")
    assert text_of(letter).strip() == TEXT
    assert weight(answer) <= PUBLIC_PAGE


def test_the_page_leads_to_the_shop(client: Client, sent: Message) -> None:
    tree = sound(client.get(f"/m/{sent.token}"))
    links = {link.get("href", "") for link in named(tree, "a")}
    assert f"tel:{sent.sender}" in links
    assert sum("%EB%A7%9D%EC%9B%90%EB%A1%9C" in link for link in links) == 3, "three maps look for 망원로"
    assert "매일 오후 4:00~새벽 1:00" in text_of(tree)
    assert CALLER not in text_of(tree)
    assert "8765" not in text_of(tree)


@pytest.mark.parametrize("path", ["/m/{token}", "/m/{token}/stop", "/m/nosuchlink"])
def test_nobody_keeps_finds_or_passes_on_the_address(client: Client, sent: Message, path: str) -> None:
    answer = client.get(path.format(token=sent.token))
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"


def test_looking_never_opts_anyone_out(client: Client, sent: Message) -> None:
    for path in (f"/m/{sent.token}", f"/m/{sent.token}/stop", f"/m/{sent.token}/again"):
        client.get(path)
        client.head(path)
    assert not OptOut.objects.exists()


def test_opting_out_and_back_needs_no_cookie_no_script_and_no_origin(sent: Message) -> None:
    """A browser with cookies off, under a no-referrer policy, says `Origin: null`."""
    client = Client(enforce_csrf_checks=True, headers={"Origin": "null"})
    sound(client.get(f"/m/{sent.token}/stop"))

    answer = client.post(f"/m/{sent.token}/stop")
    client.cookies.clear()
    assert _refuses(sent)
    assert OptOut.objects.get().source == OptOutSource.LINK
    assert "멈췄어요" in text_of(sound(client.get(answer["Location"])))
    assert "받지 않고 계세요" in text_of(sound(client.get(f"/m/{sent.token}")))

    client.post(f"/m/{sent.token}/stop")
    assert OptOut.objects.count() == 1, "twice is once"

    answer = client.post(f"/m/{sent.token}/again")
    assert answer["Location"] == f"/m/{sent.token}"
    assert not _refuses(sent)


def test_opting_out_is_for_this_shop_and_this_person_only(client: Client, shop: Shop, sent: Message) -> None:
    other_shop = message_of(sent_call(ShopFactory(), caller=CALLER))
    other_person = message_of(sent_call(shop, caller="01099998888"))
    client.post(f"/m/{sent.token}/stop")
    assert not _refuses(other_shop)
    assert not _refuses(other_person)


@pytest.mark.parametrize("path", ["", "/stop"])
@pytest.mark.parametrize("token", ["nosuchlink", "short", "elevenchars", "가나다라마바사아자차", "%00" * 10])
def test_an_unknown_link_says_how_to_check_a_suspicious_text(client: Client, token: str, path: str) -> None:
    answer = client.get(f"/m/{token}{path}")
    assert answer.status_code == 404
    page = text_of(sound(answer))
    assert "확인되지 않는 문자예요" in page
    assert "118" in page


@pytest.mark.parametrize("state", [MessageState.HELD, MessageState.QUEUED, MessageState.SKIPPED])
def test_no_page_vouches_for_a_text_that_never_left(client: Client, shop: Shop, state: MessageState) -> None:
    unsent = message_of(sent_call(shop, state))
    assert client.get(f"/m/{unsent.token}").status_code == 404
    assert client.post(f"/m/{unsent.token}/stop").status_code == 404


def test_an_informational_text_has_no_page(client: Client, shop: Shop) -> None:
    code = message_of(sent_call(shop, kind=MessageKind.INFO, text="인증번호 123456"))
    assert client.get(f"/m/{code.token}").status_code == 404


def test_a_text_past_its_term_leaves_just_the_shop(client: Client, shop: Shop) -> None:
    """rules.md §5: after six months the number and the text are gone; the link still says whose it was."""
    long_ago = (
        timezone.now()
    )  # the row stays in this month's partition; what counts is that its content is gone
    old = message_of(
        sent_call(shop, ended_at=long_ago - timedelta(minutes=1), text="", recipient_sealed=None)
    )
    tree = sound(client.get(f"/m/{old.token}"))
    assert "행복치킨" in text_of(tree)
    assert "보내 드린 문자" not in text_of(tree)

    page = text_of(sound(client.get(f"/m/{old.token}/stop")))
    assert "080-1234-5678" in page, "only the free line can still name the number"
    assert client.post(f"/m/{old.token}/stop").status_code == 302
    assert not OptOut.objects.exists()
