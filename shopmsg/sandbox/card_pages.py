"""The browser's side of card payments: the script that shops put into their page, the page it opens, and receipts.

``/toss/v2/standard`` is the script, ``/toss/billing-auth`` the page on which a card is chosen: one of four test cards, so
that no number is ever typed. It sends the browser back to ``successUrl`` or ``failUrl`` as the real one does.
"""

import hmac
import re
from html import escape
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from shopmsg.sandbox import dates, pages
from shopmsg.sandbox.card_book import TEST_CARDS, number
from shopmsg.sandbox.card_control import new_auth
from shopmsg.sandbox.gateway import Gateway
from shopmsg.sandbox.web import ApiError, Reply, Request

SDK, PAGE = "/toss/v2/standard", "/toss/billing-auth"
_RECEIPT = re.compile(r"/toss/receipt/([0-9A-Za-z_-]{4,200})")
_CUSTOMER_KEY = re.compile(r"[A-Za-z0-9\-_=.@]{2,300}")
_CANCELLED = {"code": "PAY_PROCESS_CANCELED", "message": "사용자가 카드 등록을 취소했습니다."}
_HEADER = ("카드 등록 연습장", "연습용 결제 회사 · 실제 돈은 오가지 않아요")

# The script finds its own address, so that the page it opens is beside it.
_SCRIPT = """(() => {
  const home = new URL(document.currentScript.src);
  const refuse = (code, message) => Promise.reject(Object.assign(new Error(message), { code }));
  window.TossPayments = (clientKey) => {
    if (typeof clientKey !== "string" || clientKey === "") {
      throw Object.assign(new Error("clientKey is missing"), { code: "INVALID_CLIENT_KEY" });
    }
    return {
      payment: ({ customerKey }) => ({
        requestBillingAuth({ method, successUrl, failUrl, customerName = "" }) {
          if (method !== "CARD") return refuse("INVALID_PARAMETERS", "method");
          if (!successUrl || !failUrl) return refuse("INVALID_PARAMETERS", "successUrl, failUrl");
          const page = new URL("/toss/billing-auth", home);
          page.search = new URLSearchParams({ clientKey, customerKey, successUrl, failUrl, customerName });
          window.location.assign(page);
          return new Promise(() => {});
        },
      }),
    };
  };
  window.TossPayments.ANONYMOUS = "ANONYMOUS";
})();
"""


def handle(gateway: Gateway, request: Request) -> Reply | None:
    """The page at this address, or None when it is no page."""
    if request.method == "GET" and request.path == SDK:
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return Reply(200, _SCRIPT.encode(), "text/javascript; charset=utf-8", headers)
    if request.path == PAGE and request.method in ("GET", "POST"):
        try:
            return _choose(gateway, request) if request.method == "GET" else _chosen(gateway, request)
        except ApiError as error:
            return pages.html("열 수 없어요", _refused(error), error.status, _HEADER)
    receipt = _RECEIPT.fullmatch(request.path)
    return _receipt(gateway, receipt[1]) if receipt and request.method == "GET" else None


def _refused(error: ApiError) -> str:
    return f"<h1>열 수 없어요</h1><p>{escape(error.message)}</p>"


def _fields(gateway: Gateway, given: dict[str, list[str]]) -> dict[str, str]:
    """The four values that the page is about. Raises ApiError 400."""
    names = ("clientKey", "customerKey", "successUrl", "failUrl")
    fields = {name: (given.get(name) or [""])[-1] for name in names}
    key = fields["clientKey"].encode()
    if not gateway.card_client_key or not hmac.compare_digest(key, gateway.card_client_key.encode()):
        raise ApiError(400, "INVALID_CLIENT_KEY", "가게의 클라이언트 키가 맞지 않아요.")
    if not _CUSTOMER_KEY.fullmatch(fields["customerKey"]):
        raise ApiError(400, "INVALID_CUSTOMER_KEY", "고객 번호(customerKey)가 올바르지 않아요.")
    for name in ("successUrl", "failUrl"):
        if not _origin(fields[name]):
            raise ApiError(400, "INVALID_URL", f"돌아갈 주소({name})가 올바르지 않아요.")
    return fields


def _origin(url: str) -> str:
    """``http://host:port``, "" for what is no web address."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    good = parts.scheme in ("http", "https") and re.fullmatch(r"[0-9A-Za-z.-]+", parts.hostname or "")
    return f"{parts.scheme}://{parts.hostname}{port}" if good and not re.search(r"[\s\\]", url) else ""


def _choose(gateway: Gateway, request: Request) -> Reply:
    fields = _fields(gateway, dict(request.query))
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items()
    )
    cards = "".join(
        f'<li><button name="card" value="{name}"><b>{title}</b><span>{number(name, fields["customerKey"])}</span></button></li>'
        for name, (title, _, _) in TEST_CARDS.items()
    )
    body = (
        "<h1>등록할 카드를 골라 주세요</h1><p>연습용 카드라서 번호를 넣지 않아요. 고른 카드로 매달 이용료가 결제돼요.</p>"
        f'<form method="post" action="{PAGE}">{hidden}<ul class="cards">{cards}</ul>'
        '<p class="actions"><button class="plain" name="card" value="cancel">등록하지 않고 돌아가기</button></p></form>'
    )
    # A browser holds a form's redirect to form-action too, so the shop's own addresses are named.
    back = " ".join(sorted({_origin(fields["successUrl"]), _origin(fields["failUrl"])}))
    return pages.html("카드 등록", body, 200, _HEADER, back)


def _chosen(gateway: Gateway, request: Request) -> Reply:
    given = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50)
    fields = _fields(gateway, given)
    name = (given.get("card") or [""])[-1]
    if name == "cancel":
        return _redirect(fields["failUrl"], _CANCELLED)
    if name not in TEST_CARDS:
        raise ApiError(400, "INVALID_CARD", "카드를 골라 주세요.")
    customer = fields["customerKey"]
    auth_key = new_auth(gateway, customer, name, number(name, customer))
    return _redirect(fields["successUrl"], {"customerKey": customer, "authKey": auth_key})


def _redirect(url: str, more: dict[str, str]) -> Reply:
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *more.items()])
    target = urlunsplit(parts._replace(query=query, fragment=""))
    return Reply(303, b"", "text/html; charset=utf-8", {"Location": target, "Cache-Control": "no-store"})


def _receipt(gateway: Gateway, payment_key: str) -> Reply:
    with gateway.store.reading() as db:
        row = db.execute(
            "SELECT * FROM card_payments WHERE payment_key = ? AND status <> 'ABORTED'", (payment_key,)
        ).fetchone()
    if row is None:
        return pages.html("없는 전표", "<h1>없는 매출전표예요</h1>", 404, _HEADER)
    rows = (
        ("상품", row["order_name"]),
        ("주문번호", row["order_id"]),
        ("카드", row["number"]),
        ("승인한 때", dates.korean(row["requested"])),
        ("결제 금액", f"{row['amount']:,}원"),
        ("취소된 금액", f"{row['amount'] - row['balance']:,}원"),
    )
    lines = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in rows)
    return pages.html("매출전표", f"<h1>카드 매출전표</h1><dl>{lines}</dl>", 200, _HEADER)
