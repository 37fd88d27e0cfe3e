"""Looking at the phones: control API, pages, start and stop."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Message = Callable[..., dict[str, Any]]


def page(sandbox: Any, path: str) -> str:
    response = sandbox.http.get(sandbox.url + path)
    assert response.status_code == 200
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "<script" not in response.text
    assert "style=" not in response.text
    return str(response.text)


def test_a_phone_shows_what_came_since(sandbox: Any, sms: Message, wait: Any) -> None:
    sandbox.send(sms(text="첫째"))
    (first,) = wait(lambda: sandbox.inbox("01000000001"))
    sandbox.send(sms(text="둘째"))
    wait(lambda: len(sandbox.inbox("01000000001")) == 2)
    assert [m["text"] for m in sandbox.inbox("01000000001")] == ["첫째", "둘째"]
    assert [m["text"] for m in sandbox.inbox(f"01000000001?since={first['received_at']}")] == ["둘째"]
    listed = sandbox.control("GET", "/phones")["phones"]
    assert [(p["number"], p["messages"]) for p in listed] == [("01000000001", 2)]


def test_a_cleared_phone_is_empty_and_the_record_stays(sandbox: Any, sms: Message, wait: Any) -> None:
    sandbox.send(sms(customFields={"ref": "r1"}))
    wait(lambda: sandbox.inbox("01000000001"))
    sandbox.control("DELETE", "/phones/01000000001")
    assert sandbox.inbox("01000000001") == []
    assert sandbox.control("GET", "/phones")["phones"] == []
    assert [m["statusCode"] for m in sandbox.control("GET", "/messages?ref=r1")["messages"]] == ["4000"]
    time.sleep(0.01)
    sandbox.send(sms(text="다시"))
    assert [m["text"] for m in wait(lambda: sandbox.inbox("01000000001"))] == ["다시"]


def test_the_numbers_tell_whether_anyone_got_a_message_twice(sandbox: Any, sms: Message, wait: Any) -> None:
    sandbox.send(
        sms(customFields={"ref": "a"}), sms(customFields={"ref": "a"}), sms(to="01000000002"), sms(text="뷁")
    )
    wait(lambda: sandbox.control("GET", "/stats")["handset_deliveries"] == 3)
    stats = sandbox.control("GET", "/stats")
    assert (stats["messages_accepted"], stats["messages_refused"]) == (3, 1)
    assert (stats["deliveries_per_number_max"], stats["deliveries_per_ref_max"]) == (2, 2)
    assert stats["requests"] == {"POST /messages/v4/send-many/detail": 1}


def test_the_page_of_a_phone_shows_the_message_safely(sandbox: Any, sms: Message, wait: Any) -> None:
    text = "<b>할인</b> https://m.example.kr/s/1?a=1&b=2.\n무료수신거부 080-123-4567"
    sandbox.send(sms(type="LMS", subject="꽃집 <1호점>", text=text))
    wait(lambda: sandbox.inbox("01000000001"))
    html = page(sandbox, "/phones/01000000001")
    assert "&lt;b&gt;할인&lt;/b&gt;" in html
    assert "꽃집 &lt;1호점&gt;" in html
    assert '<a href="https://m.example.kr/s/1?a=1&amp;b=2" rel="noreferrer">' in html
    assert '<a href="tel:080-123-4567"' in html


def test_phones_can_be_searched_and_empty_lists_say_so(sandbox: Any, sms: Message, wait: Any) -> None:
    assert "아직 받은 문자가 없어요" in page(sandbox, "/")
    assert "받은 문자가 없어요" in page(sandbox, "/phones/01000000009")
    sandbox.send(sms(to="01012345678"), sms(to="01087654321"))
    wait(lambda: len(sandbox.control("GET", "/phones")["phones"]) == 2)
    found = page(sandbox, "/?q=1234-56")
    assert "010-1234-5678" in found
    assert "010-8765-4321" not in found
    assert "들어간 번호가 없어요" in page(sandbox, "/?q=5555")


def test_unknown_addresses_get_a_plain_answer(sandbox: Any) -> None:
    assert sandbox.call("GET", "/messages/v4/nothing").status_code == 404
    assert sandbox.call("GET", "/messages/v4/send").status_code == 405
    assert sandbox.http.get(f"{sandbox.url}/sandbox/files/none.jpg").status_code == 404
    assert sandbox.http.get(f"{sandbox.url}/sandbox/nothing").status_code == 404


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_at_once_even_while_requests_hang(start: Any, sms: Message, number: int) -> None:
    sandbox = start()
    sandbox.control("POST", "/faults", {"kind": "timeout", "seconds": 60})
    with socket.create_connection(("127.0.0.1", int(sandbox.url.rsplit(":", 1)[1]))) as connection:
        request = f"GET /cash/v1/balance HTTP/1.1\r\nHost: x\r\nAuthorization: {sandbox.header()}\r\n\r\n"
        connection.sendall(request.encode())
        time.sleep(0.1)
        began = time.monotonic()
        assert sandbox.stop(number) == 0
        assert time.monotonic() - began < 1


def test_messages_survive_a_killed_process(start: Any, sms: Message, wait: Any, tmp_path: Path) -> None:
    first = start(data=tmp_path / "kept.sqlite3")
    first.send(sms())
    first.stop(signal.SIGKILL)
    second = start(data=tmp_path / "kept.sqlite3")
    assert len(wait(lambda: second.inbox("01000000001"))) == 1


def test_the_command_line_sets_reports_and_senders(
    start: Any, receiver: Any, sms: Message, wait: Any
) -> None:
    sandbox = start(
        "--report-url", receiver.url, "--report-secret", "hush", "--sender", "02-1234-5678", "0311234567"
    )
    answer = sandbox.send(sms(), sms(**{"from": "0311234567"}), sms(**{"from": "0411234567"}))
    assert [m["statusCode"] for m in answer["failedMessageList"]] == ["1062"]
    wait(lambda: len(receiver.reports) == 2)


def test_a_busy_port_is_one_clear_sentence(sandbox: Any, tmp_path: Path) -> None:
    port = sandbox.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "shopmsg.sandbox", "--port", port, "--data", str(tmp_path / "x.sqlite3")]
    result = subprocess.run(
        [*command, "--api-key", "K", "--api-secret", "S"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    assert result.returncode == 2
    assert result.stderr.startswith(f"sandbox: cannot listen on 127.0.0.1:{port}")
    assert "Traceback" not in result.stderr
