"""The record page of an application: who sees what of it, and what may be done from it."""

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing.models import Subscription
from eligibility import activation, applications
from eligibility.enums import ApplicationState, StepName, StepState, TryKind
from eligibility.form_log import Edit
from eligibility.models import ActivationStep, Application, ContactTry
from eligibility.queries.record_history import ACTIONS
from shopmsg.accounts.enums import Role, ShopStatus
from shopmsg.accounts.models import Dealership, Line, Membership, Shop, User
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.eligibility import ADDRESS, application, confirmed, eligible, received
from tests.markup import sound

pytestmark = pytest.mark.django_db


def client_of(role: Role, **more: object) -> Client:
    return staff_client(StaffFactory(role=role, **more))


def text(client: Client, made: Application, query: str = "") -> str:
    answer = client.get(f"/applications/{made.pk}/{query}")
    sound(answer)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def status(client: Client, made: Application, below: str = "") -> int:
    return client.get(f"/applications/{made.pk}/{below}").status_code


def shop_of(made: Application) -> Shop:
    assert made.shop_id is not None
    return Shop.objects.get(pk=made.shop_id)


def begun() -> Application:
    made = confirmed()
    return activation.activate(made.pk, by=None, address=ADDRESS, now=timezone.now())


def test_who_sees_which_application() -> None:
    ours, theirs = (Dealership.objects.create(name=name) for name in ("한빛통신", "두리통신"))
    dealer = StaffFactory(role=Role.DEALER, dealership=ours)
    form, of_dealer = application(), application(source="dealer", by=dealer)
    here = received()
    shown = {
        role: [status(client_of(role), made) for made in (form, here)]
        for role in (Role.AGENT, Role.ADMIN, Role.PRODUCER)
    }
    assert shown == {Role.AGENT: [200, 200], Role.ADMIN: [200, 200], Role.PRODUCER: [404, 200]}
    own = staff_client(dealer)
    assert [status(own, made) for made in (form, here, of_dealer)] == [404, 404, 200]
    rival = client_of(Role.DEALER, dealership=theirs)
    assert status(rival, of_dealer) == 404
    assert Client().get(f"/applications/{here.pk}/").status_code == 302
    owner = Client()
    owner.force_login(UserFactory())
    assert status(owner, here) == 404


@pytest.mark.parametrize(
    "address", ["activate", "first", "withdraw", "reopen", "correct", "transfer", "close", "repeat", "close/back", "transfer/back"]
)  # fmt: skip
def test_only_agents_and_admins_act_and_some_things_admins_alone(address: str) -> None:
    made = received()
    dealership = Dealership.objects.create(name="한빛통신")
    for client in (client_of(Role.PRODUCER), client_of(Role.DEALER, dealership=dealership)):
        assert client.post(f"/applications/{made.pk}/{address}/").status_code == 404
    if address in ("correct", "transfer", "close", "close/back", "transfer/back"):
        assert client_of(Role.AGENT).post(f"/applications/{made.pk}/{address}/").status_code == 404
    made.refresh_from_db()
    assert made.state == ApplicationState.RECEIVED


def test_the_page_says_what_is_next_in_every_state() -> None:
    client = client_of(Role.AGENT)
    assert "마저 적고 접수" in text(client, application())
    assert "국세청의 답을 기다리는 중" in text(client, received())
    assert "시안을 보낼 차례" in text(client, eligible())
    made = confirmed()
    assert "곧 저절로 개통" in text(client, made)
    edit = Edit("term_months", "0", made.revision)
    applications.save(made.pk, [edit], visit="a", by=None, address=ADDRESS, now=timezone.now())
    assert "계약이 바뀜" in text(client, made)
    running = begun()
    assert "이용증명원을 올려 주세요" in text(client, running)
    ActivationStep.objects.filter(application=running, name=StepName.LINE).update(
        state=StepState.FAILED, problem="다른 가게가 그사이 등록한 번호입니다."
    )
    page = text(client, running)
    assert "‘매장 전화 등록’ 실패" in page
    assert "다른 가게가 그사이 등록한 번호입니다." in page
    gone = received()
    applications.withdraw(gone.pk, reason="마음이 바뀜", by=None, address=ADDRESS, now=timezone.now())
    assert "취소로 끝남" in text(client, gone)


def test_nobody_reads_the_owners_whole_number_here() -> None:
    made = received(owner_mobile="010-0555-6677")
    for client in (client_of(Role.AGENT), client_of(Role.ADMIN), client_of(Role.PRODUCER)):
        page = client.get(f"/applications/{made.pk}/?history=1").content.decode()
        assert "05556677" not in page
        assert "0555-6677" not in page
        assert "010-****-6677" in page


def test_the_history_names_who_when_and_from_where_a_page_at_a_time() -> None:
    agent = StaffFactory(role=Role.AGENT, name="박상담")
    made = received(by=agent)
    edits = [Edit("note", note, made.revision) for note in ("간판이 바뀜", "간판이 새로 바뀜")]
    applications.save(made.pk, edits, visit="a", by=agent, address=ADDRESS, now=timezone.now())
    client = client_of(Role.AGENT)
    newest = text(client, made)
    assert "박상담 (상담원) · 203.0.113.7" in newest
    assert "더 예전" in newest
    assert "신청서 시작" in newest + text(client, made, "?history=2")
    assert "203.0.113.7" not in text(client_of(Role.PRODUCER), made), "addresses are for who needs them"
    for query in ("?history=99", "?history=x", "?history=-3"):
        assert "기록" in text(client, made, query)


def test_the_page_costs_the_same_with_one_and_with_many_of_everything() -> None:
    made, client, agent = begun(), client_of(Role.AGENT), StaffFactory()

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"/applications/{made.pk}/").status_code == 200
        return len(seen)

    ContactTry.objects.create(application=made, kind=TryKind.CALL, at=timezone.now(), by=agent)
    few = statements()
    for place in range(5):
        by = StaffFactory()
        ContactTry.objects.create(
            application=made, kind=TryKind.CALL, at=timezone.now(), by=by, note=str(place)
        )
    assert statements() == few <= 40


def test_a_step_is_repeated_alone() -> None:
    made = begun()
    Line.objects.filter(number=made.line_number).update(sender_accepted_at=timezone.now())
    client = client_of(Role.AGENT)

    answer = client.post(f"/applications/{made.pk}/repeat/", {"step": "sender"})

    assert answer.status_code == 302
    assert ActivationStep.objects.get(application=made, name=StepName.SENDER).state == StepState.DONE
    assert client.post(f"/applications/{made.pk}/repeat/", {"step": "nothing"}).status_code == 404


def test_what_ends_or_begins_something_is_asked_once_and_can_be_taken_back() -> None:
    made, client = confirmed(), client_of(Role.AGENT)
    asked = client.get(f"/applications/{made.pk}/withdraw/")
    sound(asked)
    assert client.post(f"/applications/{made.pk}/withdraw/", {"reason": ""}).status_code == 200
    client.post(f"/applications/{made.pk}/withdraw/", {"reason": "마음이 바뀌심"})
    made.refresh_from_db()
    assert made.state == ApplicationState.WITHDRAWN
    assert "이유: 마음이 바뀌심" in text(client, made)

    sound(client.get(f"/applications/{made.pk}/reopen/"))
    client.post(f"/applications/{made.pk}/reopen/")
    made.refresh_from_db()
    assert made.state == ApplicationState.FORM

    other = confirmed()
    sound(client.get(f"/applications/{other.pk}/activate/"))
    client.post(f"/applications/{other.pk}/activate/")
    other.refresh_from_db()
    assert other.state == ApplicationState.ACTIVATING


def test_first_is_offered_after_three_tries_in_vain() -> None:
    made, client = eligible(), client_of(Role.AGENT)
    assert "연락 3번 더 필요" in text(client, made)
    for minute in range(3):
        at = timezone.now() + timedelta(minutes=minute)
        ContactTry.objects.create(application=made, kind=TryKind.CALL, at=at)
    page = text(client, made)
    assert "먼저 개통" in page
    assert "더 필요" not in page

    sound(client.get(f"/applications/{made.pk}/first/"))
    client.post(f"/applications/{made.pk}/first/")
    made.refresh_from_db()
    assert made.state == ApplicationState.ACTIVATING


def test_a_correction_shows_old_and_new_before_it_is_done() -> None:
    made, client = begun(), client_of(Role.ADMIN)
    address = f"/applications/{made.pk}/correct/"
    page = client.get(address)
    sound(page)
    form = page.context["form"]
    typed = {name: form[name].value() for name in form.fields if name != "reason"}
    same = client.post(address, {**typed, "reason": "바뀐 것 없음"}).content.decode()
    assert "달라진 곳이 없습니다" in same

    typed |= {"shop_name": "새이름통닭", "reason": "간판과 다르게 적음"}
    asked = client.post(address, typed)
    sound(asked)
    assert f"{made.shop_name} → 새이름통닭" in asked.content.decode()
    assert shop_of(made).name == made.shop_name
    assert client.post(address, {**typed, "confirmed": "1"}).status_code == 302
    assert shop_of(made).name == "새이름통닭"
    assert f"가게 이름: {made.shop_name} → 새이름통닭" in text(client, made)

    wrong = client.post(address, {**typed, "shop_name": "가게😀", "confirmed": "1"})
    sound(wrong)
    assert set(wrong.context["form"].errors) == {"shop_name"}


def test_an_acceptance_taken_back_after_the_activation_is_said_and_not_shown_as_done() -> None:
    made, client = begun(), client_of(Role.ADMIN)
    Application.objects.filter(pk=made.pk).update(state=ApplicationState.ACTIVE)
    ActivationStep.objects.filter(application=made).update(state=StepState.DONE)
    Line.objects.filter(shop=made.shop).update(sender_accepted_at=timezone.now())
    assert "문자가 나가지 않음" not in text(client, made)

    Line.objects.filter(shop=made.shop).update(sender_accepted_at=None)
    assert "발신번호 승인을 되돌려 문자가 나가지 않음" in text(client, made)


def test_a_transfer_is_asked_once_more_and_can_be_given_back() -> None:
    made, client = begun(), client_of(Role.ADMIN)
    address = f"/applications/{made.pk}/transfer/"
    given = {"name": "박새롬", "mobile": "010-0777-0001", "proof": "바뀐 사업자등록증과 신분증"}
    sound(client.get(address))
    bad = client.post(address, {**given, "proof": "신분증"})
    sound(bad)
    assert "10자 넘게" in bad.content.decode()
    asked = client.post(address, given)
    sound(asked)
    assert not User.objects.filter(mobile="01007770001").exists()
    client.post(address, {**given, "confirmed": "1"})
    assert Membership.objects.get(shop=made.shop).user.name == "박새롬"

    assert "이전 사장님" in text(client, made)
    client.post(f"{address}back/")
    assert Membership.objects.get(shop=made.shop).user == made.owner


def test_closing_says_its_price_and_is_undone_the_same_day() -> None:
    made, client = begun(), client_of(Role.ADMIN)
    address = f"/applications/{made.pk}/close/"
    asked = client.get(address)
    sound(asked)
    assert "36개월 약정" in asked.content.decode()
    assert "할인반환금" in asked.content.decode()
    client.post(address, {"reason": "가게를 정리하심"})
    assert shop_of(made).status == ShopStatus.CLOSED
    assert client.get(address).status_code == 404

    assert "해지 되돌리기" in text(client, made)
    client.post(f"{address}back/")
    assert shop_of(made).status == ShopStatus.ACTIVE


def test_a_shops_page_is_nobodys_before_activation_and_no_longer_there_after_a_withdrawal() -> None:
    made = received()
    assert made.shop is not None
    slug = made.shop.slug
    assert Client().get(f"/s/{slug}").status_code == 404
    applications.withdraw(made.pk, reason="마음이 바뀜", by=None, address=ADDRESS, now=timezone.now())
    assert Client().get(f"/s/{slug}").status_code == 404

    again = received(shop_name=made.shop_name)
    assert again.shop is not None
    assert again.shop.slug == slug, "the address is free for who joins"
    active = begun()
    assert active.shop is not None
    assert Client().get(f"/s/{active.shop.slug}").status_code == 200


def test_the_record_tables_open_without_a_number_of_a_person() -> None:
    made, admin = begun(), client_of(Role.ADMIN)
    ContactTry.objects.create(application=made, kind=TryKind.CALL, at=timezone.now())
    tables: list[type[Model]] = [*apps.get_app_config("eligibility").get_models(), Subscription]
    for model in tables:
        row = model._default_manager.first()
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        for path in (address, f"{address}{row.pk}/change/" if row is not None else address):
            page = admin.get(path)
            assert page.status_code == 200, path
            assert made.owner_mobile not in page.content.decode(), path
        assert admin.get(f"{address}add/").status_code == 403


def test_every_act_on_an_application_has_words() -> None:
    sources = (settings.BASE_DIR / "eligibility").rglob("*.py")
    acts = re.compile(r'record\(\s*(?:\w+,\s*)?"([a-z]+\.[a-z_]+)"')
    found = {act for source in sources for act in acts.findall(source.read_text("utf-8"))}
    assert {"application.corrected", "review.sent", "application.activated"} <= found
    assert found - ACTIONS.keys() == set()
