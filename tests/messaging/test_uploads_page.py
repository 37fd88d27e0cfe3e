"""사진 올리기 as a browser meets it: a script, a plain form, and everything that may go wrong on the way."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from PIL import Image

from messaging import picture_storage
from messaging.models import Picture
from messaging.pictures.sanitize import MAX_BRIGHTNESS, MAX_UPLOAD_BYTES
from shopmsg.embedded.environment import free_port
from shopmsg.embedded.paths import PROJECT
from tests.messaging.owner_page import Stage, browser, stage
from tests.messaging.test_picture_sanitize import encoded, photograph, quarters
from tests.stack import environment

pytestmark = pytest.mark.django_db

SCRIPT = {"Accept": "application/json"}


def photo(raw: bytes | None = None) -> SimpleUploadedFile:
    raw = encoded(quarters(1600, 1200), "JPEG") if raw is None else raw
    return SimpleUploadedFile("사진.jpg", raw, "image/jpeg")


def upload(at: Stage, client: Client, **fields: Any) -> Any:
    return client.post(at.url("pictures/"), {"upload": photo(), **fields}, headers=SCRIPT)


def test_a_script_gets_the_pictures_value_and_where_to_see_it() -> None:
    at = stage()
    answer = upload(
        at,
        at.owner,
        crop_x="0.5",
        crop_y="0.5",
        crop_w="0.5",
        crop_h="0.5",
        brightness="-20",
        shape="message",
    )
    picture = Picture.objects.get(shop=at.shop)
    assert answer.status_code == 200
    assert answer.json() == {
        "value": f"stored:{picture.pk}",
        "url": f"/media/pictures/{picture.sha256}.webp",
        "width": 800,
        "height": 600,
    }
    assert at.stranger.get(answer.json()["url"]).status_code == 200
    with picture.file.open() as file, Image.open(file) as kept:
        pixel = kept.getpixel((400, 300))
        assert isinstance(pixel, tuple)
        assert pixel == pytest.approx((204, 204, 0), abs=8)  # the yellow quarter, a fifth darker


def test_without_a_crop_a_messages_picture_is_cut_and_a_photo_is_not() -> None:
    at = stage()
    tall = encoded(quarters(600, 900), "PNG")
    assert (upload(at, at.owner, upload=photo(tall)).json()["height"]) == 450
    assert (upload(at, at.owner, upload=photo(tall), shape="photo").json()["height"]) == 900


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"upload": photo(b"MZ\x90\x00")}, 422, "not_a_picture"),
        ({"upload": photo(b"")}, 422, "not_a_picture"),
        ({"upload": ""}, 400, "no_file"),
        ({"upload": photo(b"\0\0\0\x18ftypheic" + bytes(99))}, 422, "heic"),
        ({"shape": "round"}, 400, "bad_number"),
        ({"brightness": "51"}, 400, "bad_number"),
        ({"brightness": "1e9"}, 400, "bad_number"),
        ({"crop_x": "0.1"}, 400, "bad_number"),
        ({"crop_x": "a", "crop_y": "0", "crop_w": "1", "crop_h": "1"}, 400, "bad_number"),
        ({"crop_x": "nan", "crop_y": "0", "crop_w": "1", "crop_h": "1"}, 422, "bad_crop"),
        ({"crop_x": "0.9", "crop_y": "0", "crop_w": "0.5", "crop_h": "1"}, 422, "bad_crop"),
    ],
)
def test_every_refusal_is_one_sentence(fields: dict[str, Any], status: int, code: str) -> None:
    at = stage()
    answer = upload(at, at.owner, **fields)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    message = answer.json()["error"]["message"]
    assert message.endswith("주세요.")
    assert not Picture.objects.exists()
    # The same without a script: back where the form stands, with the same sentence.
    fields = {**fields, "next": at.url("promo/")}
    for value in fields.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    page = at.owner.post(at.url("pictures/"), {"upload": photo(), **fields}, follow=True)
    assert page.redirect_chain == [(at.url("promo/"), 302)]
    assert message in page.content.decode()


def test_only_who_may_edit_the_shop_may_upload() -> None:
    at = stage()
    looked = upload(at, at.colleague)
    assert (looked.status_code, looked.json()["error"]["code"]) == (403, "may_only_look")
    assert "사장님" in looked.json()["error"]["message"]
    assert upload(at, at.stranger).status_code == 404
    late = upload(at, Client())
    assert (late.status_code, late.json()["error"]["code"]) == (401, "logged_out")
    assert Client().post(at.url("pictures/"), {"upload": photo()})["Location"].startswith("/login/?next=")
    assert at.owner.get(at.url("pictures/")).status_code == 405
    for client in (at.colleague, at.stranger):
        assert client.post(at.url("pictures/"), {"upload": photo()}).status_code in (403, 404)
    assert not Picture.objects.exists()


def test_the_form_refuses_before_sending_what_would_be_refused_after() -> None:
    at = stage()
    request = RequestFactory().get("/shops/a/promo/?b=1")
    html = render_to_string("components/picture_upload.html", {"shop": at.shop}, request)
    assert f'data-max-bytes="{MAX_UPLOAD_BYTES}"' in html
    assert f'min="-{MAX_BRIGHTNESS}" max="{MAX_BRIGHTNESS}"' in " ".join(html.split())
    assert 'name="next" value="/shops/a/promo/?b=1"' in html


def test_a_form_of_another_site_uploads_nothing() -> None:
    at = stage()
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(at.user)
    assert careful.post(at.url("pictures/"), {"upload": photo()}).status_code == 403
    assert not Picture.objects.exists()


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "", "x"]
)
def test_without_a_script_the_picture_goes_back_to_a_page_of_ours(where: str) -> None:
    at = stage()
    inside = at.owner.post(
        at.url("pictures/"), {"upload": photo(), "next": at.url("promo/?picture=stored:1&a=b#x")}
    )
    picture = Picture.objects.get(shop=at.shop)
    assert inside["Location"] == at.url(f"promo/?a=b&picture=stored%3A{picture.pk}#x")
    outside = at.owner.post(at.url("pictures/"), {"upload": photo(), "next": where})
    assert outside["Location"] == at.url(f"promo/?picture=stored%3A{picture.pk}")


def test_a_body_that_makes_no_sense_is_answered_with_a_sentence() -> None:
    at = stage()
    for content, kind in (
        (b"nonsense", "multipart/form-data; boundary=x"),
        (b"nonsense", "multipart/form-data"),
        (b"a=" + b"b" * 12_000_000, "application/x-www-form-urlencoded"),
        (
            b'--x\r\nContent-Disposition: form-data; name="next"\r\n\r\n'
            + b"b" * 12_000_000
            + b"\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="upload"; filename="a"\r\n\r\na\r\n' * 200
            + b"--x--\r\n",
            "multipart/form-data; boundary=x",
        ),
    ):
        answer = at.owner.post(at.url("pictures/"), content, content_type=kind, headers=SCRIPT)
        assert answer.status_code == 400, content[:20]
        assert answer.json()["error"]["message"].endswith("주세요.")


def test_a_full_disk_is_told_and_leaves_no_row(settings: Any, tmp_path: Any) -> None:
    (tmp_path / picture_storage.FOLDER).write_bytes(b"in the way")
    settings.MEDIA_ROOT = tmp_path
    at = stage()
    answer = upload(at, at.owner)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage_down")
    assert not Picture.objects.exists()


# --- over a real gunicorn -------------------------------------------------------------------------------------------


@pytest.fixture
def port(transactional_db: None, tmp_path: Any) -> Iterator[int]:
    """A gunicorn of its own, started as `make run` starts it."""
    port = free_port()
    web = [sys.executable, "-m", "gunicorn", "shopmsg.wsgi", "--bind", f"127.0.0.1:{port}"]
    web += ["--worker-class", "gthread", "--threads", "4", "--no-control-socket", "--log-level", "warning"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(web, cwd=PROJECT, env=environment(), stdout=log, stderr=log)
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, (tmp_path / "log").read_text()
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)
    assert "Traceback" not in (tmp_path / "log").read_text()


def parts(at: Stage, content: bytes) -> tuple[bytes, dict[str, str]]:
    """A multipart body with the CSRF token and the file, and its headers. The test client's session is the owner's."""
    owner = browser(at.user)
    owner.cookies["shopmsg-csrf"] = token = "a" * 32
    owner.cookies["shopmsg-session"] = owner.cookies["sessionid"].value
    body = (
        b'--of-the-test\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n' + token.encode()
        + b'\r\n--of-the-test\r\nContent-Disposition: form-data; name="upload"; filename="a.jpg"\r\n'
        + b"Content-Type: image/jpeg\r\n\r\n" + content + b"\r\n--of-the-test--\r\n"
    )  # fmt: skip
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in owner.cookies.items())
    headers = {
        "Cookie": cookies,
        "Content-Type": "multipart/form-data; boundary=of-the-test",
        "Accept": "application/json",
    }
    return body, headers


def ask(port: int, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_what_a_real_server_does_with_50_mb_a_late_visitor_and_a_broken_line(port: int) -> None:
    at = stage()
    path = at.url("pictures/")
    good = encoded(photograph(1600, 1200), "JPEG")
    body, headers = parts(at, good)
    assert ask(port, path, body, headers)[0] == 200

    huge, _ = parts(at, good + os.urandom(50_000_000))
    status, told = ask(port, path, huge, headers)
    assert (status, told["error"]["code"]) == (413, "too_many_bytes")
    assert "40MB" in told["error"]["message"]

    status, told = ask(port, path, huge, {**headers, "Cookie": ""})
    assert (status, told["error"]["code"]) == (401, "logged_out")

    for half in (body[:200], body[: len(body) // 2], body[:-3]):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
            lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            line.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + half)
            line.shutdown(socket.SHUT_WR)
            answer = line.recv(65_536)
            assert b" 40" in answer[:15] or b" 422" in answer[:15] or b" 200" in answer[:15], answer[:200]
    assert Picture.objects.filter(shop=at.shop).count() == 1
    assert ask(port, path, body, headers)[0] == 200
