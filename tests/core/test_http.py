"""Outside calls: what they say of a failure, and when they end."""

import contextlib
import socket
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
    for byte in data * 100:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def _headers_drip(connection: socket.socket) -> None:
    connection.recv(65536)
    _drip(connection, b"HTTP/1.1 200 OK\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")


def _body_drips(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    _drip(connection, b"0123456789")


def _interim_answers_drip(connection: socket.socket) -> None:
    connection.recv(65536)
    for _ in range(100):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.05)


def _silence(connection: socket.socket) -> None:
    connection.recv(65536)
    time.sleep(3)


def _never_reads(connection: socket.socket) -> None:
    time.sleep(3)


@pytest.mark.parametrize(
    ("serve", "size"),
    [
        (_headers_drip, 1),
        (_body_drips, 1),
        (_interim_answers_drip, 1),
        (_silence, 1),
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
