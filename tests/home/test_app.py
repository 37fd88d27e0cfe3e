"""The portal as an app: installable, and honest when there is no connection."""

import io
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image

from shopmsg.home.views import app
from tests.factories.accounts import ShopFactory, UserFactory
from tests.markup import named, sound, sources, text_of
from tests.messaging.owner_page import browser

pytestmark = pytest.mark.django_db

#: What browsers ask for before they offer to install.
_WANTED = {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}


def _kept(script: str) -> list[str]:
    found = re.search(r"const KEPT = (\[.*\]);", script)
    assert found is not None
    kept: list[str] = json.loads(found.group(1))
    return kept


def _file(url: str) -> bytes:
    found = finders.find(url.removeprefix("/static/"))
    assert isinstance(found, str), url
    return Path(found).read_bytes()


def test_a_browser_finds_all_it_needs_to_install_the_portal(client: Client) -> None:
    links = {link.get("rel"): link.get("href") for link in named(sound(client.get("/")), "link")}
    answer = client.get(str(links["manifest"]))
    assert answer["Content-Type"] == "application/manifest+json"
    described = answer.json()
    assert described["display"] == "standalone"
    assert described["start_url"] == "/start/"
    assert {(icon["sizes"], icon["purpose"]) for icon in described["icons"]} == _WANTED
    for icon in [*described["icons"], {"src": links["apple-touch-icon"], "sizes": "180x180"}]:
        drawn = _file(icon["src"])
        assert len(drawn) <= 15_000, icon
        with Image.open(io.BytesIO(drawn)) as image:
            assert f"{image.width}x{image.height}" == icon["sizes"]


def test_the_maskable_icon_keeps_its_mark_within_the_circle_that_is_always_shown() -> None:
    with Image.open(io.BytesIO(_file("/static/img/icon-maskable-512.png"))) as image:
        pixels = image.convert("RGB")
    ground = pixels.getpixel((0, 0))
    outside = {
        pixels.getpixel((x, y))
        for x in range(0, 512, 4)
        for y in range(0, 512, 4)
        if (x - 256) ** 2 + (y - 256) ** 2 > 205**2
    }
    assert outside == {ground}


def test_the_window_wears_the_colours_of_the_page() -> None:
    css = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    light, _, dark = css.partition("@media (prefers-color-scheme: dark)")
    base = (settings.BASE_DIR / "templates" / "base.html").read_text()
    shown = dict(
        re.findall(r'name="theme-color" content="(#\w+)" media="\(prefers-color-scheme: (\w+)\)"', base)
    )
    assert {scheme: colour for colour, scheme in shown.items()} == {
        "light": re.findall(r"--surface: (#\w+);", light)[0],
        "dark": re.findall(r"--surface: (#\w+);", dark)[0],
    }
    assert app.THEME in shown
    assert re.findall(r"--paper: (#\w+);", light)[0] == app.PAPER


def test_the_worker_may_serve_every_page_and_is_asked_for_anew_each_time(client: Client) -> None:
    answer = client.get("/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Service-Worker-Allowed"] == "/"
    assert answer["Cache-Control"] == "no-cache"
    assert "&" not in answer.content.decode().replace("&&", ""), "no HTML in a script"


def test_the_worker_keeps_everything_the_offline_page_shows_and_no_page_of_an_owner(client: Client) -> None:
    script = client.get("/sw.js").content.decode()
    kept = set(_kept(script))
    shown = {source for source in sources(sound(client.get("/offline/"))) if source.startswith("/static/")}
    icons = {source for source in shown if "apple-touch" in source}
    assert shown - icons <= kept
    assert all(path.startswith("/static/") for path in kept)
    assert all(_file(path) for path in kept)
    assert 'credentials: "omit"' in script


def test_the_offline_page_is_the_same_whoever_is_logged_in(client: Client) -> None:
    owner = UserFactory()
    shop = ShopFactory(owner=owner)
    theirs = browser(owner).get("/offline/").content
    assert theirs == client.get("/offline/").content
    assert shop.name not in theirs.decode()
    assert settings.HELP_PHONE in text_of(sound(client.get("/offline/")))


def test_only_who_is_logged_in_is_given_the_worker(client: Client) -> None:
    owner = UserFactory()
    ShopFactory(owner=owner)
    assert "js/app.js" in browser(owner).get("/").content.decode()
    assert "js/app.js" not in client.get("/").content.decode()
