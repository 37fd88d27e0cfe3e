"""Documents: judged by what they are, given out with a reason, gone when their term ends."""

import io
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from pypdf.generic import DictionaryObject, NameObject, create_string_object

from eligibility import applications, documents
from eligibility.enums import DocumentKind, DocumentState
from eligibility.models import Application, Document
from eligibility.models.document import document_storage
from eligibility.papers import numbers, reading
from eligibility.papers.errors import MOST_BYTES, DocumentRefused
from eligibility.papers.pdf import look_into
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import AuditEntry, Dealership
from shopmsg.core.business_number import hyphenate, with_check_digit
from tests.accounts.logged_in import staff_client
from tests.eligibility.papers import opens_with, pdf, photograph
from tests.factories.accounts import StaffFactory
from tests.factories.eligibility import application, confirmed, eligible

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OTHER = "124-81-00998"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_storage() -> Any:
    yield
    folder = Path(settings.DATA_DIR) / "documents" / "documents"
    for path in folder.glob("*"):
        path.unlink()


@pytest.fixture(autouse=True)
def empty_folder() -> None:
    """What other tests kept is none of these tests' business."""
    for path in stored_files():
        path.unlink()


def stored_files() -> list[Path]:
    return sorted((Path(settings.DATA_DIR) / "documents" / "documents").glob("*"))


def add(made: Application, raw: bytes, kind: str = "form", name: str = "서류.pdf", **more: Any) -> Document:
    upload = SimpleUploadedFile(name, raw)
    return documents.add(
        made.pk, upload, kind=DocumentKind(kind), by=more.pop("by", None), now=NOW, address=None, **more
    )


def refusal(raw: bytes, kind: str = "form", made: Application | None = None) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as refused:
        add(made or application(), raw, kind)
    assert refused.value.message.endswith(".")
    return refused.value


def with_attachment(writer: Any) -> None:
    writer.add_attachment("x.exe", b"MZ")


def with_hidden_name(writer: Any) -> None:
    """A script whose key is spelled with an escape, below a page's annotation."""
    script = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): create_string_object("app.alert(1)")}
    )
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): writer._add_object(script)})


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (b"%PDF-1.7\n" + b" " * MOST_BYTES, "too_large"),
        (b"MZ\x90\x00 not a paper", "wrong_kind"),
        (b"GIF89a" + bytes(50), "wrong_kind"),
        (b"\xd0\xcf\x11\xe0" + bytes(50), "wrong_kind"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(50), "wrong_kind"),
        (b"<html>%PDF-1.7</html>", "wrong_kind"),
        (pdf("text")[:400], "damaged"),
        (b"%PDF-1.7\n" + random.Random(4).randbytes(5_000), "damaged"),
        (photograph()[:500], "damaged"),
        (photograph("PNG")[:300], "damaged"),
        (pdf("text", change=lambda writer: writer.encrypt("secret", algorithm="RC4-128")), "encrypted"),
        (pdf("text", pages=21), "too_many_pages"),
        (pdf("text", change=opens_with("JavaScript")), "active"),
        (pdf("text", change=opens_with("Launch")), "active"),
        (pdf("text", change=with_attachment), "active"),
        (pdf("text", change=with_hidden_name).replace(b"/JavaScript", b"/J#61vaScript"), "active"),
        (photograph(size=(120, 4_000)), "too_small"),
        (photograph("PNG", size=(5_000, 5_000)), "too_many_pixels"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_sound_paper_is_refused_for_what_it_is_and_leaves_nothing_behind(
    raw: bytes, code: str
) -> None:
    assert refusal(raw).code == code
    assert stored_files() == []


def test_the_name_and_the_browsers_word_count_for_nothing() -> None:
    kept = add(application(), photograph("PNG"), name="../../etc/이력서.pdf.exe")
    assert (kept.content_type, kept.original_name) == ("image/jpeg", "이력서.pdf.jpg")
    assert stored_files()[0].name.endswith(".jpg")
    assert "이력서" not in kept.file.name


def test_a_pdf_of_twenty_pages_is_kept_as_it_came() -> None:
    raw = pdf("text", pages=20)
    kept = add(application(), raw)
    assert (kept.pages, kept.size, stored_files()[0].read_bytes()) == (20, len(raw), raw)
    assert stored_files()[0].stat().st_mode & 0o077 == 0


def test_of_a_photograph_nothing_but_upright_pixels_is_kept() -> None:
    paper = Image.new("RGB", (800, 400), "white")
    ImageDraw.Draw(paper).rectangle((0, 0, 200, 400), fill="black")
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "서울 마포구 망원로 10"
    raw = io.BytesIO()
    paper.save(raw, "JPEG", exif=exif)
    add(application(), raw.getvalue() + b"<?php evil() ?>", name="사진.jpg")
    stored = stored_files()[0].read_bytes()
    with Image.open(io.BytesIO(stored)) as kept:
        assert kept.size == (400, 800)
        assert not kept.getexif()
        assert kept.convert("L").getpixel((200, 50)) < 50  # type: ignore[operator]
    assert b"php" not in stored


def test_a_pdf_that_takes_too_long_is_stopped_and_its_text_left_to_a_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endless = b"BT /F1 12 Tf " + b"(a) Tj " * 1_200_000 + b"ET"

    def change(writer: Any) -> None:
        writer.pages[0]["/Contents"].get_object().set_data(endless)

    raw = pdf(change=change)
    monkeypatch.setattr("eligibility.papers.pdf._SECONDS", 1)
    kept = add(application(), raw, "line")
    assert (kept.pages, kept.business_number) == (1, "")


def test_the_process_that_reads_has_none_of_our_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spy = tmp_path / "spy.py"
    spy.write_text(
        "import json, os, sys\nsys.stdin.read()\n"
        "print(json.dumps({'pages': 1}))\nprint(json.dumps({'text': ' '.join(os.environ)}))\n"
    )
    monkeypatch.setattr("eligibility.papers.pdf._CHILD", spy)
    assert set(look_into(b"%PDF-").text.split()) <= {"LANG", "LC_CTYPE"}


def test_a_paper_of_another_business_is_refused_naming_it() -> None:
    made = application()
    for kind in ("registration", "revenue"):
        refused = refusal(pdf(f"No. {OTHER}"), kind, made)
        assert refused.code == "other_business"
        assert OTHER in refused.message
        assert hyphenate(made.business_number) in refused.message
    own = add(made, pdf(f"agent {OTHER}", f"shop {hyphenate(made.business_number)}"), "registration")
    assert own.business_number == made.business_number
    assert add(made, pdf(f"No. {OTHER}"), "form").business_number == "1248100998"
    assert add(made, pdf("no number at all"), "revenue").business_number == ""
    assert add(made, pdf("124-81-00999 has a wrong check digit"), "revenue").business_number == ""


def test_a_certificate_of_another_line_is_refused_naming_it() -> None:
    made = application(line_number="02-777-1234")
    refused = refusal(pdf("tel 031-222-3333", "mobile 010-1234-5678", "help 1577-0010"), "line", made)
    assert refused.code == "other_line"
    assert "02-777-1234" in refused.message
    assert "031-222-3333" in refused.message
    assert add(made, pdf("mobile 010-1234-5678 only"), "line").kind == "line"
    for spelled in ("02-777-1234", "(02) 777-1234", "02)777.1234", "027771234", "0 2 - 7 7 7 - 1 2 3 4"):
        assert add(made, pdf(spelled, "help 1577-0010"), "line").kind == "line"


@given(st.integers(100_000_000, 999_999_999), st.text("가나다 ()-./:", max_size=12))
def test_every_business_number_is_found_in_whatever_stands_around_it(first_nine: int, around: str) -> None:
    number = with_check_digit(str(first_nine))
    assert numbers.names(f"{around}{hyphenate(number)}{around}", number)
    assert numbers.business_numbers(f"번호 {hyphenate(number)} 끝") == (number,)


@given(st.text(max_size=300))
def test_no_text_stops_the_search_for_numbers(text: str) -> None:
    assert all(len(found) == 10 for found in numbers.business_numbers(text))
    assert all(8 <= len(found) <= 12 for found in numbers.line_numbers(text))


def test_residents_and_corporate_numbers_are_no_business_numbers() -> None:
    assert numbers.business_numbers("800101-1234567 110111-1234567 02-1234-5678 2026-11-22") == ()


def test_the_same_file_twice_and_an_eleventh_are_refused() -> None:
    made = application()
    add(made, photograph(), name="a.jpg")
    assert refusal(photograph(), made=made).code == "same_file"
    for number in range(9):
        add(made, photograph(colour=f"#0{number}0"))
    assert refusal(photograph(colour="#fff"), made=made).code == "too_many"
    assert len(stored_files()) == 10


def test_an_application_that_is_over_takes_no_more_documents() -> None:
    made = application()
    applications.withdraw(made.pk, reason="", by=None, address=None, now=NOW)
    assert refusal(pdf("x"), made=made).code == "wrong_state"


def test_documents_go_six_months_after_the_end_and_stay_when_it_is_taken_back() -> None:
    made = application()
    kept = add(made, pdf("x"), name="홍길동 등록증.pdf")
    applications.withdraw(made.pk, reason="", by=None, address=None, now=NOW)
    kept.refresh_from_db()
    assert kept.delete_after == datetime(2027, 5, 21, 15, tzinfo=UTC)  # 22 May in Korea
    applications.reopen(made.pk, by=None, address=None, now=NOW)
    assert documents.delete_due(NOW + timedelta(days=400)) == 0
    applications.withdraw(made.pk, reason="", by=None, address=None, now=NOW)
    assert documents.delete_due(datetime(2027, 5, 21, 14, 59, tzinfo=UTC)) == 0
    assert documents.delete_due(datetime(2027, 5, 21, 15, tzinfo=UTC)) == 1
    kept.refresh_from_db()
    assert (kept.state, kept.original_name, stored_files()) == (DocumentState.DELETED, "", [])
    assert AuditEntry.objects.filter(action="document.deleted").count() == 1
    assert documents.delete_due(datetime(2027, 6, 1, tzinfo=UTC)) == 0


def test_a_deletion_that_died_between_file_and_row_is_finished_by_the_next() -> None:
    made = application()
    kept = add(made, pdf("x"))
    applications.withdraw(made.pk, reason="", by=None, address=None, now=NOW)
    document_storage().delete(kept.file.name)
    assert documents.delete_due(NOW + timedelta(days=300)) == 1
    kept.refresh_from_db()
    assert kept.deleted_at is not None


def test_a_file_whose_row_never_came_goes_after_a_day() -> None:
    add(application(), pdf("x"))
    document_storage().save("documents/orphan.pdf", ContentFile(b"personal"))
    documents.delete_due(datetime.now(UTC))
    assert len(stored_files()) == 2
    documents.delete_due(datetime.now(UTC) + timedelta(days=2))
    assert [path.name for path in stored_files()] == [Path(Document.objects.get().file.name).name]


def test_a_document_is_opened_with_a_reason_that_is_written_down() -> None:
    agent = StaffFactory()
    made = eligible()
    kept = add(made, pdf("secret"), "registration", name="등록증 사본.pdf")
    client = staff_client(agent)
    page = client.get(f"/documents/{kept.pk}/")
    assert "여는 이유" in page.content.decode()
    assert b"%PDF" not in page.content
    short = client.post(f"/documents/{kept.pk}/", {"reason": "확인"})
    assert short.status_code == 422
    assert "5자 이상" in short.content.decode()
    assert not AuditEntry.objects.filter(action="document.opened").exists()

    answer = client.post(f"/documents/{kept.pk}/", {"reason": "상호 확인 요청"})
    assert b"".join(answer.streaming_content) == pdf("secret")  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert "%EB%93%B1%EB%A1%9D%EC%A6%9D%20" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    entry = AuditEntry.objects.get(action="document.opened")
    assert (entry.actor, entry.reason, entry.shop) == (agent, "상호 확인 요청", made.shop)


def test_who_may_not_see_a_document_is_told_nothing_of_it() -> None:
    ours, theirs = (Dealership.objects.create(name=name) for name in ("망원대리점", "합정대리점"))
    dealer = StaffFactory(role=Role.DEALER, dealership=ours)
    made = application(source="dealer", by=dealer)
    kept = add(made, pdf("x"))
    path, adding = f"/documents/{kept.pk}/", f"/applications/{made.pk}/documents/"
    allowed = [dealer, StaffFactory(), StaffFactory(role=Role.ADMIN)]
    for user in allowed:
        assert staff_client(user).get(path).status_code == 200
    strangers = [
        StaffFactory(role=Role.DEALER, dealership=theirs),
        StaffFactory(role=Role.DEALER),
        StaffFactory(role=Role.PRODUCER),
    ]
    for user in strangers:
        client = staff_client(user)
        assert client.get(path).status_code == 404
        assert client.post(path, {"reason": "보고 싶어서요"}).status_code == 404
        upload = SimpleUploadedFile("a.pdf", pdf("mine"))
        assert client.post(adding, {"kind": "form", "file": upload}).status_code == 404
    assert made.documents.count() == 1


def test_a_script_is_told_what_is_wrong_and_gets_the_list_anew() -> None:
    made = application()
    client = staff_client(StaffFactory())
    path = f"/applications/{made.pk}/documents/"

    def post(raw: bytes | None, **more: str) -> Any:
        data: dict[str, Any] = {"kind": "registration", "next": f"/desk/{made.pk}/", **more}
        if raw is not None:
            data["file"] = SimpleUploadedFile("등록증.pdf", raw)
        return client.post(path, data, headers={"accept": "application/json"})

    assert post(None).json()["error"]["code"] == "no_file"
    assert post(pdf("x"), kind="passport").json()["error"]["code"] == "no_kind"
    large = post(b"%PDF-" + bytes(MOST_BYTES + 200_000))
    assert (large.status_code, large.json()["error"]["code"]) == (413, "too_large")
    stored = post(pdf("x")).json()["html"]
    assert "사업자등록증" in stored
    assert f"?next=/desk/{made.pk}/" in stored.replace("%2F", "/")
    plain = client.post(
        path, {"kind": "form", "file": SimpleUploadedFile("a", b"x"), "next": "//evil.example"}
    )
    assert plain.url == "/start/"  # type: ignore[attr-defined]


def test_activation_starts_the_term() -> None:
    made = confirmed(now=NOW)
    kept = add(made, pdf("x"))
    Application.objects.filter(pk=made.pk).update(state="activating")
    active = Application.objects.get(pk=made.pk)
    applications.finish_activation(active, NOW)
    documents.set_terms(active, NOW)
    kept.refresh_from_db()
    assert kept.delete_after == datetime(2027, 5, 21, 15, tzinfo=UTC)
    assert add(active, pdf("later")).delete_after == kept.delete_after


def test_pictures_and_pdfs_are_told_by_their_first_bytes() -> None:
    assert reading.read(photograph()).content_type == "image/jpeg"
    assert reading.read(b"\xef\xbb\xbf" + pdf("x")).content_type == "application/pdf"
