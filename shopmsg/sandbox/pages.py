"""Pages for people: the phones and what they received. No JavaScript, one stylesheet."""

import re
import sqlite3
from functools import cache
from html import escape
from pathlib import Path

from shopmsg.sandbox import dates, phones
from shopmsg.sandbox.gateway import Gateway
from shopmsg.sandbox.web import ApiError, Reply, Request

_SHOWN_PHONES = 100
_SHOWN_MESSAGES = 50
_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'{}; base-uri 'none';"
    " frame-ancestors 'self'"
)
_HEADER = ("문자 단말기", "연습용 중계사가 받은 문자")
_LINK = re.compile(r"https?://[^\s<>\"']+|\b0\d{1,2}-\d{3,4}-\d{4}\b")
_PHONE = re.compile(r"/phones/(\d{1,20})")
_TYPES = {"SMS": "단문 문자", "LMS": "장문 문자", "MMS": "사진 문자", "ATA": "알림톡"}


def handle(gateway: Gateway, request: Request) -> Reply | None:
    """The page at this address, or None when it is no page."""
    if request.method != "GET":
        return None
    if request.path == "/sandbox.css":
        return Reply(200, _stylesheet(), "text/css; charset=utf-8", {"Cache-Control": "no-cache"})
    if request.path == "/":
        return html("문자 단말기", _phone_list(gateway, re.sub(r"\D", "", request.one("q") or "")[:20]))
    match = _PHONE.fullmatch(request.path)
    return html(f"{spaced(match[1])} 단말기", _phone(gateway, match[1])) if match else None


def refusal(error: ApiError) -> Reply:
    """An error as a page."""
    body = (
        f'<h1>열 수 없어요</h1><p>{escape(error.message)}</p><p><a class="button" href="/">처음으로</a></p>'
    )
    return html("열 수 없어요", body, error.status)


@cache
def _stylesheet() -> bytes:
    return (Path(__file__).parent / "sandbox.css").read_bytes()


def spaced(number: str) -> str:
    """``010-1234-5678``; a number of another shape stays as it is."""
    match = re.fullmatch(r"(02|0\d{2}|1\d{3})(\d{3,4})?(\d{4})", number)
    return "-".join(part for part in match.groups() if part) if match else number


def html(
    title: str, body: str, status: int = 200, header: tuple[str, str] = _HEADER, form_targets: str = ""
) -> Reply:
    """A page. ``header`` is the name of the stand-in and a line about it; ``form_targets`` are further addresses that its
    forms may lead to, apart from its own."""
    text = (
        '<!doctype html><html lang="ko"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/sandbox.css">'
        '<link rel="icon" href="data:,"></head>'
        f'<body><header><a href="/">{header[0]}</a><span>{header[1]}</span></header>'
        f"<main>{body}</main></body></html>"
    )
    headers = {
        "Content-Security-Policy": _CSP.format(f" {form_targets}" if form_targets else ""),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Reply(status, text.encode(), "text/html; charset=utf-8", headers)


def _phone_list(gateway: Gateway, query: str) -> str:
    with gateway.store.reading() as db:
        found = phones.overview(db, query, _SHOWN_PHONES)
    form = (
        '<h1>문자를 받은 번호</h1><form class="search" action="/" method="get" role="search">'
        '<label for="q">번호 찾기</label>'
        f'<div><input id="q" name="q" type="search" inputmode="numeric" value="{escape(query)}">'
        "<button>찾기</button></div></form>"
    )
    if not found and query:
        return (
            f'{form}<div class="empty"><p><b>{escape(query)}</b>이(가) 들어간 번호가 없어요.</p>'
            '<p><a class="button" href="/">모든 번호 보기</a></p></div>'
        )
    if not found:
        empty = "<p>아직 받은 문자가 없어요.</p><p>문자가 도착하면 번호가 여기에 나타나요.</p>"
        return f'{form}<div class="empty">{empty}</div>'
    rows = "".join(
        f'<li><a href="/phones/{p.number}"><b>{escape(spaced(p.number))}</b><span>{p.messages:,}통</span>'
        f"<time>{dates.korean(p.last_received)}</time></a></li>"
        for p in found
    )
    note = f'<p class="note">최근 {_SHOWN_PHONES}개 번호만 보여요.</p>' if len(found) == _SHOWN_PHONES else ""
    return f'{form}<ul class="phones">{rows}</ul>{note}'


def _phone(gateway: Gateway, number: str) -> str:
    with gateway.store.reading() as db:
        rows = phones.inbox(db, number, None, _SHOWN_MESSAGES)
    title = escape(spaced(number))
    if rows:
        bubbles = "".join(_bubble(row) for row in rows)
    else:
        bubbles = '<p class="empty">받은 문자가 없어요.<br>문자가 도착하면 여기에 나타나요.</p>'
    return (
        f'<h1>{title}</h1><p class="actions"><a class="button" href="/phones/{number}">새로고침</a>'
        '<a class="button plain" href="/">모든 번호</a></p>'
        f'<section class="handset" aria-label="{title} 받은 문자">'
        f'<div class="screen">{bubbles}</div></section>'
    )


def _bubble(row: sqlite3.Row) -> str:
    path = phones.image_path(row)
    picture = f'<img src="{escape(path)}" alt="문자에 붙은 사진">' if path else ""
    subject = f"<h2>{escape(row['subject'])}</h2>" if row["subject"] else ""
    kind = _TYPES.get(row["type"], "메시지")
    return (
        f'<article><p class="from">{escape(spaced(row["sender"] or ""))} <span>{kind}</span></p>'
        f'<div class="bubble">{picture}{subject}<p class="text">{_linked(row["text"] or "")}</p></div>'
        f"<time>{dates.korean(row['received'])}</time></article>"
    )


def _linked(text: str) -> str:
    """Escaped text with addresses and phone numbers that can be tapped."""
    parts: list[str] = []
    end = 0
    for match in _LINK.finditer(text):
        word = match[0].rstrip(".,!?)]}")
        target = word if word.startswith("http") else f"tel:{word}"
        parts += [
            escape(text[end : match.start()]),
            f'<a href="{escape(target)}" rel="noreferrer">{escape(word)}</a>',
        ]
        end = match.start() + len(word)
    return "".join([*parts, escape(text[end:])])
