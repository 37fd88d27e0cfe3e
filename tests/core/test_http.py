"""Outside calls: what they say of a failure, and when they end."""

import contextlib
import gzip
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from shopmsg.core import http

Serve = Callable[[socket.socket], None]


@pytest.fixture
def peer() -> Iterator[Callable[[Serve], str]]:
    """A server that does with each connection what it is told."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def start(serve: Serve) -> str:
        def run() -> None:
            while not over.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    serve(connection)

        threading.Thread(target=run, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"

    yield start
    over.set()
    listener.close()


def _drip(connection: socket.socket, data: bytes) -> None:
    for byte in data * 2:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def _headers_drip(connection: socket.socket) -> None:
    connection.recv(65536)
    _drip(connection, b"HTTP/1.1 200 OK\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")


def _body_drips(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    _drip(connection, b"0123456789" * 5)


def _interim_answers_drip(connection: socket.socket) -> None:
    connection.recv(65536)
    for _ in range(60):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.05)


def _silence(connection: socket.socket) -> None:
    connection.recv(65536)
    time.sleep(3)


def _reads_slowly(connection: socket.socket) -> None:
    for _ in range(60):
        connection.recv(65536)
        time.sleep(0.05)


def _never_reads(connection: socket.socket) -> None:
    time.sleep(3)


@pytest.mark.parametrize(
    ("serve", "size"),
    [
        (_headers_drip, 1),
        (_body_drips, 1),
        (_interim_answers_drip, 1),
        (_silence, 1),
        (_reads_slowly, 30_000_000),
        (_never_reads, 8_000_000),
    ],
)
def test_a_call_ends_within_its_deadline_however_slowly_the_answer_comes(
    peer: Callable[[Serve], str], serve: Serve, size: int
) -> None:
    url = peer(serve)
    started = time.monotonic()
    with pytest.raises(http.Unclear) as caught:
        http.call(http.session(), "POST", url, deadline=0.6, data=b"x" * size)
    assert 0.5 < time.monotonic() - started < 1.2
    assert caught.value.code == "timeout"


def test_a_refused_connection_means_that_nothing_was_sent() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    with pytest.raises(http.NotSent):
        http.call(http.session(), "POST", url, deadline=1, data=b"x")


def test_an_unknown_host_means_that_nothing_was_sent() -> None:
    with pytest.raises(http.NotSent):
        http.call(http.session(), "POST", "http://gateway.invalid/", deadline=2, data=b"x")


def test_a_failed_tls_handshake_means_that_nothing_was_sent(peer: Callable[[Serve], str]) -> None:
    url = peer(lambda connection: connection.sendall(b"HTTP/1.1 400 no TLS here\r\n\r\n"))
    with pytest.raises(http.NotSent):
        http.call(http.session(), "POST", url.replace("http:", "https:"), deadline=2, data=b"x")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"not http at all\r\n\r\n",
    ],
)
def test_an_answer_cut_short_leaves_open_whether_the_other_side_acted(
    peer: Callable[[Serve], str], answer: bytes
) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    with pytest.raises(http.Unclear):
        http.call(http.session(), "POST", peer(serve), deadline=2, data=b"x")


def test_a_connection_is_kept_and_each_call_has_a_deadline_of_its_own(peer: Callable[[Serve], str]) -> None:
    connections = []

    def serve(connection: socket.socket) -> None:
        connections.append(connection)
        for pause in (0.0, 0.4, 0.4, 0.4):
            if not connection.recv(65536):
                return
            time.sleep(pause)
            connection.sendall(b"HTTP/1.1 200 OK\r\nRetry-After: 3\r\nContent-Length: 2\r\n\r\nok")

    url, session = peer(serve), http.session()
    for _ in range(4):
        answer = http.call(session, "GET", url, deadline=0.8)
        assert (answer.status, answer.body, answer.headers["retry-after"]) == (200, b"ok", "3")
    assert len(connections) == 1


def test_a_connection_reset_after_the_request_leaves_open_whether_the_other_side_acted(
    peer: Callable[[Serve], str],
) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with pytest.raises(http.Unclear) as caught:
        http.call(http.session(), "POST", peer(serve), deadline=2, data=b"x")
    assert caught.value.code == "cut_short"


def _request(connection: socket.socket, end: bytes) -> bytes:
    """A request up to the end of its body: head and body come in pieces of their own."""
    request = b""
    while not request.endswith(end) and (piece := connection.recv(65536)):
        request += piece
    return request


def test_a_kept_connection_that_dies_under_a_request_is_unclear_and_the_request_is_not_sent_again(
    peer: Callable[[Serve], str],
) -> None:
    seen: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        seen.append(_request(connection, b"order"))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        seen.append(_request(connection, b"order"))

    url, session = peer(serve), http.session()
    assert http.call(session, "POST", url, deadline=2, data=b"first order").body == b"ok"
    with pytest.raises(http.Unclear):
        http.call(session, "POST", url, deadline=2, data=b"second order")
    time.sleep(0.2)
    assert [b"second order" in request for request in seen] == [False, True]


@pytest.mark.parametrize("status", [301, 307, 401, 429, 500, 503])
def test_every_answer_is_handed_on_once_and_nothing_is_followed_or_tried_again(
    peer: Callable[[Serve], str], status: int
) -> None:
    seen: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        seen.append(_request(connection, b"order"))
        head = f"HTTP/1.1 {status} x\r\nLocation: /elsewhere\r\nRetry-After: 0\r\nContent-Length: 3\r\n\r\n"
        connection.sendall(head.encode() + b"\xff\xfe\x00")

    answer = http.call(http.session(), "POST", peer(serve), deadline=2, data=b"order")
    assert answer.status == status
    assert status < 400 or answer.body == b"\xff\xfe\x00"
    assert len(seen) == 1


def test_an_answer_that_blows_up_is_given_up(peer: Callable[[Serve], str]) -> None:
    bomb = gzip.compress(bytes(100_000_000), compresslevel=9)

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
        connection.sendall(head.encode() + bomb)

    with pytest.raises(http.Unclear) as caught:
        http.call(http.session(), "GET", peer(serve), deadline=5)
    assert caught.value.code == "too_large"


def test_the_hosts_proxy_settings_are_not_asked(
    peer: Callable[[Serve], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    assert http.call(http.session(), "GET", peer(serve), deadline=2).status == 204
