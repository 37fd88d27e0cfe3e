"""Pages for everybody: sound, light, legible, and true to what is really sent."""

import io
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from messaging.compose import Content, Sender, compose
from messaging.links import message_link
from messaging.models import CallEnd, Message
from shopmsg.accounts.enums import Product
from shopmsg.core.clock import kst_day
from shopmsg.home.samples import SAMPLES, Sample
from shopmsg.home.views import public
from tests.markup import PUBLIC_PAGE, named, sound, text_of, weight, with_class

pytestmark = pytest.mark.django_db

# Text colour on its ground: every pair the style sheets use for reading.
_TEXT_PAIRS = [
    ("--ink", "--paper"), ("--ink", "--surface"), ("--ink", "--surface-2"), ("--ink", "--bubble"),
    ("--ink-soft", "--paper"), ("--ink-soft", "--surface"), ("--accent", "--paper"), ("--accent", "--surface"),
    ("--accent", "--bubble"), ("--accent-strong", "--surface"), ("--on-accent", "--accent"),
    ("--on-accent", "--accent-strong"), ("--on-accent-soft", "--accent-soft"), ("--on-warn-soft", "--warn-soft"),
    ("--on-bad-soft", "--bad-soft"), ("--bad", "--surface"), ("--bad", "--paper"), ("--surface", "--bad"),
    ("--surface", "--bad-strong"),
]  # fmt: skip
_CONTROL_PAIRS = [("--control", "--paper"), ("--control", "--surface"), ("--accent", "--paper")]


@pytest.mark.parametrize("path", ["/", "/terms/", "/privacy/", "/no/such/page/"])
def test_public_pages_are_sound_and_light(client: Client, path: str) -> None:
    answer = client.get(path)
    tree = sound(answer)
    assert weight(answer) <= PUBLIC_PAGE
    assert settings.HELP_PHONE in text_of(tree), "a person is one tap away"


def test_the_landing_shows_byte_for_byte_what_compose_makes(client: Client) -> None:
    sample = SAMPLES[0]
    promo = sample.promo(kst_day(timezone.now()).month)
    sender = Sender(sample.name, Product.SOHO, sample.line, settings.OPTOUT_080, hours=sample.hours)
    content = Content(promo.headline, promo.body, shows_hours=True)
    expected = compose(content, sender, message_link("0123456789"))
    assert expected.sendable

    (shown,) = with_class(sound(client.get("/")), "text")
    assert text_of(shown) == expected.text
    assert [text_of(line) for line in with_class(shown, "locked")] == [expected.first, expected.last]


def test_the_prices_shown_are_those_of_the_catalogue(client: Client) -> None:
    landing, terms = (text_of(sound(client.get(path))) for path in ("/", "/terms/"))
    assert "3년 약정이면 한 달 13,200원이에요. 기간 안에 그만두시면 받은 할인의 일부를" in " ".join(
        landing.split()
    )
    assert "19,800원" in landing
    assert "한 달 19,800원(부가세 포함)" in terms


def test_the_landing_leads_to_trying_and_to_the_login(client: Client) -> None:
    links = {link.get("href") for link in named(sound(client.get("/")), "a")}
    assert {"/try/", "/login/", "/terms/", "/privacy/", f"tel:{settings.HELP_PHONE}"} <= links


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.slug)
def test_every_sample_has_a_sendable_text_and_a_light_drawn_picture(client: Client, sample: Sample) -> None:
    answer = client.get(reverse("home:sample_picture", args=[sample.slug]))
    assert len(answer.content) <= 60_000
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (640, 480))
    for month in range(1, 13):
        promo = sample.promo(month)
        sender = Sender(sample.name, Product.SOHO, sample.line, settings.OPTOUT_080)
        assert compose(Content(promo.headline, promo.body), sender, message_link("0123456789")).sendable


def test_no_picture_of_a_shop_that_is_no_sample(client: Client) -> None:
    assert client.get("/samples/stranger.webp").status_code == 404


def test_trying_in_production_shows_the_text_and_sends_nothing(rf: RequestFactory) -> None:
    answer = public.try_it(rf.get("/try/", {"shop": "gyeol"}))
    assert "(광고)[결미용실]" in text_of(sound(answer))
    assert public.try_it(rf.get("/try/", {"shop": "no-such-shop"})).status_code == 200
    assert public.try_it(rf.post("/try/", {"shop": "gyeol"})).status_code == 405
    assert not CallEnd.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize("template", ["400.html", "403.html", "403_csrf.html", "500.html"])
def test_error_pages_need_nothing_to_be_shown(template: str) -> None:
    """Django renders some of them without a request and so without any context."""
    page = render_to_string(template)
    assert len(re.findall("<h1>", page)) == 1
    assert "1877-3592" in page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_reach_the_contrast_of_ux_md(scheme: str) -> None:
    tokens = _tokens(scheme)
    weak = [pair for pair in _TEXT_PAIRS if _contrast(*(tokens[name] for name in pair)) < 7]
    weak += [pair for pair in _CONTROL_PAIRS if _contrast(*(tokens[name] for name in pair)) < 3]
    assert weak == []


def test_style_sheets_take_colours_from_the_tokens_only() -> None:
    for path in (settings.BASE_DIR / "static" / "css").glob("*.css"):
        if not path.name.endswith("tokens.css"):
            assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(", path.read_text()) == [], path.name


def _tokens(scheme: str) -> dict[str, str]:
    css = Path(settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    light, _, rest = css.partition("@media (prefers-color-scheme: dark)")
    values = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        dark, _, _ = rest.partition("@media")
        values |= dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", dark))
    return values


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two #rrggbb colours."""
    dark, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
