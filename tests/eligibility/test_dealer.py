"""대리점: paper applications typed in; what was typed stays, and nobody sees another dealership's."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from eligibility import applications, documents
from eligibility.enums import ApplicationState, ContentState, DocumentKind, RegistryState, Source
from eligibility.form import LABELS
from eligibility.models import Application, Document
from eligibility.progress import progress_of
from eligibility.urls import urlpatterns
from eligibility.views.dealer_form import PARTS
from shopmsg.accounts.enums import Role
from shopmsg.accounts.models import Dealership, User
from tests.accounts.logged_in import staff_client
from tests.eligibility.papers import pdf
from tests.factories.accounts import StaffFactory
from tests.factories.eligibility import ADDRESS, application, received, typed_form
from tests.markup import sound, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def dealership() -> Dealership:
    return Dealership.objects.create(name="망원대리점")


@pytest.fixture
def dealer(dealership: Dealership) -> User:
    return StaffFactory(role=Role.DEALER, dealership=dealership)


@pytest.fixture
def client(dealer: User) -> Client:
    return staff_client(dealer)


def begun(client: Client) -> Application:
    answer = client.post("/dealer/new/")
    pk = re.fullmatch(r"/dealer/(\d+)/", answer.url)  # type: ignore[attr-defined]
    assert pk is not None
    return Application.objects.get(pk=pk[1])


def post(client: Client, made: Application, do: str = "save", **typed: str | list[str]) -> Any:
    """The form as the page posts it; its hidden fields are read off the page first."""
    page = client.get(f"/dealer/{made.pk}/", {"edit": "1"}).content.decode()
    hidden = dict(re.findall(r'name="(revision|visit)"\s+value="([^"]*)"', page))
    assert set(hidden) == {"revision", "visit"}
    return client.post(f"/dealer/{made.pk}/", {**hidden, "do": do, **typed})


def test_a_paper_application_is_typed_in_and_handed_in(client: Client, dealership: Dealership) -> None:
    made = begun(client)
    sound(client.get(f"/dealer/{made.pk}/"))
    typed = typed_form(bundle="success_pack", term_months="0", pack_internet="internet")
    upload = SimpleUploadedFile("신청서.pdf", pdf("x"))
    client.post(f"/applications/{made.pk}/documents/", {"kind": "form", "file": upload})
    answer = post(client, made, "receive", **typed, pack_parts=["", "tv", "mobile"])
    assert (answer.status_code, answer.url) == (302, f"/dealer/{made.pk}/"), answer.content.decode()
    made.refresh_from_db()
    assert (made.state, made.source, made.dealership) == (
        ApplicationState.RECEIVED,
        Source.DEALER,
        dealership,
    )
    assert made.form["pack_parts"] == "tv,mobile"
    page = text_of(sound(client.get(f"/dealer/{made.pk}/")))
    assert "가입 확인 중" in page
    assert "콘텐츠는 1877-3592로 전화해 주세요" in " ".join(page.split())
    assert "14,300원" in page
    assert "신청서.pdf" in page


def test_everything_typed_stays_and_each_problem_stands_beside_its_field(client: Client) -> None:
    made = begun(client)
    wrong = {
        "business_number": "124-81-00999",
        "owner_mobile": "02-123-4567",
        "annual_revenue": "많음",
        "line_number": "1234-5678",
        "shop_name": "별별⭐치킨",
        "specials": "첫 줄\r\n둘째 줄",
    }
    answer = post(client, made, "receive", **typed_form(**wrong))
    assert answer.status_code == 422
    html = answer.content.decode()
    tree = sound(answer)
    values = {element.get("name"): element.get("value") for element in tree.iter() if element.get("value")}
    for name, typed in wrong.items():
        assert values.get(name) == typed or typed.split("\r\n")[0] in text_of(tree)
        assert (f'id="field-{name}-error"' in html) == (name != "specials")
        assert (f'href="#field-{name}"' in html) == (name != "specials")
    made.refresh_from_db()
    assert made.state == ApplicationState.FORM
    assert made.form["business_number"] == "124-81-00999"


def test_an_empty_form_handed_in_names_all_that_is_missing(client: Client) -> None:
    made = begun(client)
    answer = post(client, made, "receive", shop_name="")
    assert answer.status_code == 422
    for name in ("business_number", "owner_name", "owner_mobile", "shop_name", "line_number", "ksic"):
        assert f'id="field-{name}-error"' in answer.content.decode()


def test_who_may_not_join_is_told_every_reason(client: Client) -> None:
    made = begun(client)
    answer = post(client, made, "receive", **typed_form(ksic="62010", annual_revenue="10억 1"))
    page = text_of(sound(answer))
    assert answer.status_code == 422
    reasons = applications.standing(Application.objects.get(pk=made.pk)).decision.reasons
    assert len(reasons) == 2
    assert all(reason.message in page for reason in reasons)


def test_two_people_of_a_dealership_at_one_form_lose_no_text(client: Client, dealership: Dealership) -> None:
    made = begun(client)
    page = client.get(f"/dealer/{made.pk}/").content.decode()
    hidden = dict(re.findall(r'name="(revision|visit)"\s+value="([^"]*)"', page))
    colleague = staff_client(StaffFactory(role=Role.DEALER, dealership=dealership, name="정동료"))
    post(colleague, made, shop_name="동료치킨")
    answer = client.post(f"/dealer/{made.pk}/", {**hidden, "shop_name": "나의치킨", "owner_name": "이사장"})
    assert answer.status_code == 409
    html = text_of(sound(answer))
    assert "동료치킨" in html
    assert "나의치킨" in html
    assert "정동료" in html
    made.refresh_from_db()
    assert (made.form["shop_name"], made.form["owner_name"]) == ("동료치킨", "이사장")


def test_pressed_twice_new_is_one_blank_form(client: Client) -> None:
    first = begun(client)
    assert begun(client) == first
    post(client, first, shop_name="망원치킨")
    assert begun(client) != first


def test_the_list_is_searched_and_turned(client: Client, dealer: User) -> None:
    assert "신청서 없음" in text_of(sound(client.get("/dealer/")))
    made = [application(source="dealer", by=dealer, shop_name=f"가게{number}") for number in range(23)]
    first = client.get("/dealer/")
    assert "가게22" in first.content.decode()
    assert "가게2<" not in first.content.decode()
    older = re.search(r'href="(\?before=\d+)"', first.content.decode())
    assert older is not None
    assert "가게2<" in re.sub(r"\s+<", "<", client.get(f"/dealer/{older[1]}").content.decode())
    by_number = text_of(sound(client.get("/dealer/", {"q": made[7].business_number})))
    assert "가게7" in by_number
    assert "가게8" not in by_number
    assert "찾는 신청서 없음" in text_of(sound(client.get("/dealer/", {"q": "없는 가게"})))


def test_nobody_reads_or_writes_another_dealerships_application(client: Client) -> None:
    others = StaffFactory(role=Role.DEALER, dealership=Dealership.objects.create(name="합정대리점"))
    theirs, desk = received(source="dealer", by=others), received()
    for made in (theirs, desk):
        paper = SimpleUploadedFile("a.pdf", pdf("x"))
        document = documents.add(
            made.pk, paper, kind=DocumentKind.LINE, by=None, now=made.created_at, address=ADDRESS
        )
        before = Application.objects.get(pk=made.pk).revision
        for pattern in urlpatterns:
            route = str(getattr(pattern.pattern, "_route", ""))
            if "<int:pk>" not in route:
                continue
            pk = document.pk if route.startswith(("documents/", "certificates/")) else made.pk
            path = "/" + re.sub(r"<[^>]+>", "1", route.replace("<int:pk>", str(pk)))
            assert client.get(path).status_code in (404, 405), path
            assert client.post(path, {"do": "save", "shop_name": "우리 것"}).status_code in (404, 405), path
        assert theirs.shop_name not in client.get("/dealer/", {"q": theirs.business_number}).content.decode()
        assert Application.objects.get(pk=made.pk).revision == before
    assert Document.objects.count() == 2


@pytest.mark.parametrize("role", [Role.AGENT, Role.PRODUCER, Role.ADMIN])
def test_the_dealers_pages_are_dealers_only(role: Role, dealer: User) -> None:
    made = application(source="dealer", by=dealer)
    client = staff_client(StaffFactory(role=role))
    for path in ("/dealer/", f"/dealer/{made.pk}/", f"/dealer/{made.pk}/withdraw/"):
        assert client.get(path).status_code == 404
    assert client.post("/dealer/new/").status_code == 404


def test_a_dealer_of_no_dealership_is_told_so() -> None:
    client = staff_client(StaffFactory(role=Role.DEALER))
    page = text_of(sound(client.get("/dealer/")))
    assert "아직 속한 대리점이 없습니다" in page
    assert "새 신청서" not in page
    assert client.post("/dealer/new/", follow=True).status_code == 200
    assert not Application.objects.exists()


def test_an_application_can_be_mended_until_it_is_activated_and_withdrawn_after_asking(
    client: Client, dealer: User
) -> None:
    made = received(source="dealer", by=dealer)
    assert post(client, made, shop_name="새이름치킨").status_code == 302
    made.refresh_from_db()
    assert made.shop_name == "새이름치킨"
    sound(client.get(f"/dealer/{made.pk}/withdraw/"))
    made.refresh_from_db()
    assert made.state == ApplicationState.RECEIVED
    client.post(f"/dealer/{made.pk}/withdraw/")
    made.refresh_from_db()
    assert made.state == ApplicationState.WITHDRAWN
    page = text_of(sound(client.get(f"/dealer/{made.pk}/")))
    assert "취소한 신청입니다" in page
    assert "내용 고치기" not in page


def test_every_state_has_its_words() -> None:
    said = set()
    for state in ApplicationState:
        for content in ContentState:
            for registry in (RegistryState.UNREACHABLE, RegistryState.CLOSED):
                said.add(progress_of(Application(state=state, content=content, registry=registry)).sentence)
    assert len(said) == 12
    assert all(sentence.endswith(".") for sentence in said)


def test_the_page_asks_every_field_of_the_form_in_its_order() -> None:
    asked = [name for _, names in PARTS for name in names]
    assert set(asked) == set(LABELS)
    assert len(asked) == len(LABELS)
