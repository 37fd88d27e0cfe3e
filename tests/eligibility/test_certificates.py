"""증명원 검토: one after another, decided once, taken back; and what an acceptance sets going."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from eligibility import activation, applications, documents
from eligibility.certificates import CANNED
from eligibility.enums import DocumentKind, DocumentState, StepName, StepState
from eligibility.models import ActivationStep, Application, Document
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import AuditEntry, Line, User
from tests.accounts.logged_in import staff_client
from tests.eligibility.papers import pdf, photograph
from tests.factories.accounts import StaffFactory
from tests.factories.eligibility import application, confirmed, received
from tests.markup import sound, text_of

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return StaffFactory(role=Role.ADMIN, name="오관리")


@pytest.fixture
def client(admin: User) -> Client:
    return staff_client(admin)


@pytest.fixture(autouse=True)
def _empty_storage() -> Iterator[None]:
    yield
    for path in (Path(settings.DATA_DIR) / "documents" / "documents").glob("*"):
        path.unlink()


def certificate(made: Application, raw: bytes | None = None, *, minutes: int = 0) -> Document:
    """A certificate of the application's line, uploaded so long after noon."""
    paper = SimpleUploadedFile("증명원.pdf", raw or pdf(made.line_number, "owner: Lee"))
    return documents.add(
        made.pk, paper, kind=DocumentKind.LINE, by=None, now=NOW + timedelta(minutes=minutes), address=None
    )


def shown(response: Any) -> int:
    """The certificate that a page asks about."""
    found = re.search(r"/certificates/(\d+)/decide/", response.content.decode())
    assert found is not None, response.content.decode()
    return int(found[1])


def line_of(made: Application) -> Line:
    return Line.objects.get(number=made.line_number)


def decide(client: Client, document: Document, **posted: str) -> Any:
    return client.post(f"/certificates/{document.pk}/decide/", posted, follow=True)


def test_the_oldest_comes_first_and_next_goes_round(client: Client) -> None:
    late, early, middle = (certificate(received(), minutes=minutes) for minutes in (20, 0, 10))
    page = client.get("/certificates/")
    assert shown(page) == early.pk
    assert "3건 중 1번째" in page.content.decode()
    order = [early.pk, middle.pk, late.pk, early.pk]
    for now_at, then in pairwise(order):
        assert shown(client.get(f"/certificates/?after={now_at}")) == then


def test_only_certificates_of_registered_lines_wait(client: Client) -> None:
    certificate(application())
    over = received()
    certificate(over)
    applications.withdraw(over.pk, reason="", by=None, address=None, now=NOW)
    paper = SimpleUploadedFile("a.pdf", pdf("x"))
    documents.add(received().pk, paper, kind=DocumentKind.REVENUE, by=None, now=NOW, address=None)
    page = client.get("/certificates/")
    assert "검토할 증명원 없음" in text_of(sound(page))


def test_the_page_says_what_must_match_and_whether_the_paper_says_it(client: Client) -> None:
    made = received(line_owner="other", line_owner_name="Kim Dongho")
    certificate(made, pdf(made.line_number, "subscriber: Kim  Dongho"))
    html = text_of(sound(client.get("/certificates/")))
    assert html.count("서류에 있음") == 2
    other = received(line_owner="other", line_owner_name="박철수")
    found = certificate(other, pdf("scanned without a text layer"))
    html = text_of(sound(client.get(f"/certificates/{found.pk}/")))
    assert html.count("서류에서 못 찾음") == 2
    assert "박철수" in html


def test_accepting_makes_the_line_a_sender_and_goes_on_to_the_next(client: Client, admin: User) -> None:
    first, second = received(), received()
    paper, behind = certificate(first), certificate(second, minutes=5)
    page = decide(client, paper, verdict="accept")
    assert shown(page) == behind.pk
    assert f"{first.shop_name} 승인" in page.content.decode()
    paper.refresh_from_db()
    assert (paper.state, paper.decided_by) == (DocumentState.ACCEPTED, admin)
    assert line_of(first).sender_accepted_at is not None
    assert line_of(second).sender_accepted_at is None
    assert AuditEntry.objects.get(action="document.accepted").shop == first.shop


def test_taking_back_an_acceptance_stops_the_line_at_once(client: Client) -> None:
    made = received()
    paper = certificate(made)
    decide(client, paper, verdict="accept")
    page = client.post(f"/certificates/{paper.pk}/back/", follow=True)
    assert shown(page) == paper.pk
    assert line_of(made).sender_accepted_at is None
    assert AuditEntry.objects.filter(action="document.taken_back").count() == 1


def test_a_rejection_says_why_and_leaves_the_line_alone(client: Client) -> None:
    canned, own, without = (received() for _ in range(3))
    papers = [certificate(made) for made in (canned, own, without)]
    decide(client, papers[0], reason=CANNED[2])
    decide(client, papers[1], verdict="reject", own="  뒷면만   있습니다 ")
    refused = decide(client, papers[2], verdict="reject", own="  ")
    assert "이유를 고르거나" in refused.content.decode()
    verdicts = Document.objects.order_by("pk").values_list("state", "verdict")
    assert list(verdicts) == [
        ("rejected", "발급한 지 오래되었습니다"),
        ("rejected", "뒷면만 있습니다"),
        ("kept", ""),
    ]
    assert not Line.objects.filter(sender_accepted_at__isnull=False).exists()


def test_two_admins_at_one_certificate_decide_it_once(client: Client) -> None:
    made = received()
    paper = certificate(made)
    decide(client, paper, verdict="accept")
    colleague = staff_client(StaffFactory(role=Role.ADMIN))
    late = decide(colleague, paper, reason=CANNED[0])
    assert "이미 처리한 서류입니다: 승인" in late.content.decode()
    assert line_of(made).sender_accepted_at is not None


def test_an_acceptance_lets_a_waiting_activation_go_on(client: Client) -> None:
    made = confirmed(now=NOW)
    paper = certificate(made)
    activation.activate(made.pk, by=None, address=None, now=NOW)
    sender = ActivationStep.objects.get(application=made, name=StepName.SENDER)
    assert sender.state == StepState.WAITING
    decide(client, paper, verdict="accept")
    sender.refresh_from_db()
    assert sender.state == StepState.DONE


def test_looking_at_a_certificate_is_written_down_with_who_looked(client: Client, admin: User) -> None:
    scan = certificate(received(), photograph(size=(2_400, 3_000)))
    page = client.get("/certificates/")
    sound(page)
    assert not AuditEntry.objects.filter(action="document.shown").exists()
    picture = client.get(f"/certificates/{scan.pk}/picture.jpg")
    assert picture["Content-Type"] == "image/jpeg"
    assert "no-store" in picture["Cache-Control"]
    certificate(received(), minutes=-5)
    client.get("/certificates/")
    entries = AuditEntry.objects.filter(action="document.shown")
    assert [(entry.actor, entry.reason) for entry in entries] == [(admin, "증명원 검토")] * 2


def test_a_script_in_a_papers_text_is_only_text(client: Client) -> None:
    made = received()
    certificate(made, pdf(made.line_number, "<script>alert\\(1\\)</script>"))
    page = client.get("/certificates/")
    sound(page)
    assert "&lt;script&gt;alert(1)" in page.content.decode()


@pytest.mark.parametrize("role", [Role.AGENT, Role.PRODUCER, Role.DEALER])
def test_nobody_but_an_admin_reviews(role: Role) -> None:
    paper = certificate(received(), photograph())
    client = staff_client(StaffFactory(role=role))
    for path in ("", f"{paper.pk}/", f"{paper.pk}/picture.jpg"):
        assert client.get(f"/certificates/{path}").status_code == 404
    for path in ("decide", "back"):
        assert client.post(f"/certificates/{paper.pk}/{path}/", {"verdict": "accept"}).status_code == 404
    paper.refresh_from_db()
    assert paper.state == DocumentState.KEPT
