"""The HTTP side: keep-alive server, routing, and faults as a client feels them."""

import socket
import socketserver
import struct
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from shopmsg.sandbox import api, card_pages, cards, codes, control, faults, pages, registry, ringback
from shopmsg.sandbox.faults import Fault
from shopmsg.sandbox.gateway import Gateway
from shopmsg.sandbox.web import ApiError, Reply, Request

_OTHERS = (
    (registry.PREFIX, registry.job),
    (ringback.PREFIX, ringback.job),
    (cards.BILLING, cards.job),
    (cards.PAYMENTS, cards.job),
)
_DRAIN_LIMIT = 4 * codes.MAX_BODY
_HTML = Reply(200, "<html><body>점검 중입니다.</body></html>".encode(), "text/html; charset=utf-8")


class Server(ThreadingHTTPServer):
    """Listens on this machine only; a thread a connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, port: int, gateway: Gateway) -> None:
        self.gateway = gateway
        super().__init__(("127.0.0.1", port), Handler)

    def server_bind(self) -> None:
        # Not HTTPServer's: it asks the resolver for a host name, which can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def shutdown_request(self, request: Any) -> None:
        if (
            request.fileno() != -1
            and request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)[:4] != b"\0" * 4
        ):
            request.close()  # lingering for 0 s: closing without a FIN first makes it a reset
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError) and not self.gateway.stop.is_set():
            traceback.print_exc()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024
    timeout = 120
    server: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the base class
        """Silent: request lines hold phone numbers."""

    def do_GET(self) -> None:
        gateway = self.server.gateway
        url = urlsplit(self.path)
        is_page = False
        try:
            body = self._body()
            query = parse_qs(url.query, keep_blank_values=True, max_num_fields=1000)
            request = Request(self.command, url.path, query, dict(self.headers.items()), body)
            page = pages.handle(gateway, request) or card_pages.handle(gateway, request)
            is_page = url.path.startswith("/phones/")
            if page is not None:
                self._answer(page)
            elif url.path.startswith("/sandbox/"):
                self._answer(control.handle(gateway, request))
            else:
                self._api(request)
        except ApiError as error:
            self._answer(pages.refusal(error) if is_page else error.reply())
        except ConnectionError:
            self.close_connection = True
        except Exception:  # noqa: BLE001 - a bug here is answered as the gateway would, and printed
            if gateway.stop.is_set():
                self.close_connection = True
                return
            traceback.print_exc()
            self._answer(ApiError(500, "InternalError", "서버 오류입니다.").reply())

    do_POST = do_PUT = do_DELETE = do_GET

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            raise ApiError(411, "LengthRequired", "Content-Length를 넣어 주세요.")
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if length < 0:
            self.close_connection = True
            raise ApiError(400, "ValidationError", "Content-Length가 올바르지 않습니다.")
        if length <= codes.MAX_BODY:
            body = self.rfile.read(length)
            if len(body) < length:
                raise ConnectionResetError
            return body
        self.close_connection = True
        left = min(length, _DRAIN_LIMIT)
        while left > 0 and (
            chunk := self.rfile.read(min(left, 1 << 20))
        ):  # else the client sees a reset, not the answer
            left -= len(chunk)
        raise ApiError(413, "RequestEntityTooLarge", "요청 본문은 15MB까지입니다.")

    def _api(self, request: Request) -> None:
        gateway = self.server.gateway
        make = next((make for prefix, make in _OTHERS if request.path.startswith(prefix)), api.job)
        job = make(gateway, request)
        gateway.count_request(job.label)
        job.admit()
        fault = gateway.faults.take(job.operation)
        if fault is not None and fault.kind in faults.BEFORE:
            self._fail(fault, None)
            return
        if fault is not None and fault.kind == "slow" and not job.waits:
            gateway.stop.wait(fault.seconds)
        try:
            reply = job.run(fault)
        except ApiError as error:
            reply = error.reply()
        if fault is not None and fault.kind in faults.AFTER:
            self._fail(fault, reply)
        else:
            self._answer(reply)

    def _fail(self, fault: Fault, reply: Reply | None) -> None:
        """Let the client feel the fault; ``reply`` is what it would have got."""
        kind = fault.kind.removesuffix("_after_accept").removesuffix("_before")
        if kind == "reset":
            self._reset()
        elif kind == "timeout":
            self.server.gateway.stop.wait(fault.seconds)
            self.close_connection = True
        elif kind == "status":
            answer = ApiError(fault.status, "SandboxFault", "일부러 낸 오류입니다.").reply()
            if fault.retry_after is not None:
                answer.headers["Retry-After"] = str(fault.retry_after)
            self._answer(answer)
        elif kind == "non_json":
            self._answer(_HTML)
        elif reply is not None and kind == "missing_keys":
            left = {
                name: value
                for name, value in (reply.payload or {}).items()
                if name not in faults.DROPPED_KEYS
            }
            self._answer(Reply.json(left, reply.status))
        elif reply is not None and kind == "truncated":
            self._answer(reply, cut=True)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def _answer(self, reply: Reply, cut: bool = False) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if self.close_connection or cut:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if cut else reply.body)
        if cut:
            self.close_connection = True
