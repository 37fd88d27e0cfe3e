"""A lean HTTP/1.1 client on keep-alive sockets: the load must cost less than what it measures."""

import socket


class Connection:
    """One keep-alive connection; `post` sends a request made beforehand and returns the answer's status."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, request: bytes) -> int:
        """Raises OSError when the connection ends before a whole answer came."""
        self._socket.sendall(request)
        answer = b""
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._some()
        head = answer[:end].lower()
        at = head.index(b"content-length:") + 15
        size = int(head[at:].split(b"\r\n", 1)[0])
        while len(answer) < end + 4 + size:
            answer += self._some()
        return int(head[9:12])

    def close(self) -> None:
        self._socket.close()

    def _some(self) -> bytes:
        data = self._socket.recv(65_536)
        if not data:
            raise ConnectionResetError("closed by the server")
        return data
