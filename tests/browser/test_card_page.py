"""Registering a card in a browser: a shop's page with the payment company's script, its card page, and back (sandbox)."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.portal import PHONE
from tests.sandbox.conftest import Sandbox

CLIENT = "test_ck_browsertests"
CUSTOMER = "7d0b4a52-7c1e-4a0e-9f2e-6f1b2d1c8a11"


@pytest.fixture
def sandbox_process(tmp_path: Path) -> Iterator[Sandbox]:
    running = Sandbox(
        tmp_path / "data.sqlite3", "--card-client-key", CLIENT, "--card-secret-key", "test_sk_browsertests"
    )
    yield running
    assert (running.stop(), running.errors()) == (0, "")


@pytest.fixture
def shop_url(sandbox_process: Sandbox) -> Iterator[str]:
    """A page under a policy as strict as ours, whose one button opens the card page."""
    policy = f"default-src 'none'; script-src 'self' {sandbox_process.url}; form-action 'self'"
    html = (
        f'<!doctype html><script src="{sandbox_process.url}/toss/v2/standard"></script>'
        '<script src="/shop.js" defer></script><button>카드 등록</button>'
    )
    script = f"""document.querySelector("button").addEventListener("click", () => {{
      const payment = TossPayments({json.dumps(CLIENT)}).payment({{ customerKey: {json.dumps(CUSTOMER)} }});
      payment.requestBillingAuth({{
        method: "CARD", successUrl: location.origin + "/ok?shop=1", failUrl: location.origin + "/no",
      }});
    }});"""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = ("text/javascript", script) if self.path == "/shop.js" else ("text/html", html)
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, locale="ko-KR")
    made = context.new_page()
    troubles: list[str] = []
    made.on("pageerror", lambda error: troubles.append(str(error)))
    made.on(
        "console",
        lambda said: (
            troubles.append(said.text) if said.type == "error" and "favicon" not in said.text else None
        ),
    )
    yield made
    context.close()
    assert troubles == []


def test_a_chosen_card_comes_back_as_a_key_for_this_customer(page: Page, shop_url: str) -> None:
    page.goto(shop_url)
    page.get_by_role("button", name="카드 등록").click()
    page.wait_for_url("**/toss/billing-auth?**")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="정상 카드").click()
    page.wait_for_url(f"{shop_url}/ok?**")
    given = parse_qs(urlsplit(page.url).query)
    assert (given["shop"], given["customerKey"]) == (["1"], [CUSTOMER])
    assert given["authKey"][0].startswith("bln_")


def test_who_turns_back_comes_to_the_fail_address_with_a_reason(page: Page, shop_url: str) -> None:
    page.goto(shop_url)
    page.get_by_role("button", name="카드 등록").click()
    page.get_by_role("button", name="등록하지 않고 돌아가기").click()
    page.wait_for_url(f"{shop_url}/no?**")
    assert parse_qs(urlsplit(page.url).query)["code"] == ["PAY_PROCESS_CANCELED"]
