"""Staff pages open only to staff who came with a TOTP; a lost number is changed against an audited proof."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from shopmsg.accounts import login, numbers
from shopmsg.accounts.enums import NoticeKind, Role
from shopmsg.accounts.errors import ChangeRefused, LoginRefused
from shopmsg.accounts.models import AuditEntry, Notice, User
from shopmsg.accounts.sealing import keyring
from shopmsg.core.phone import PhoneError
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import PASSWORD, ShopFactory, StaffFactory, UserFactory, totp_of

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
PROOF = "사업자등록증과 신분증을 대조함"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def at_noon() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_one_form_takes_all_three_and_keeps_staff_for_eight_hours(client: Client, at_noon: Any) -> None:
    agent = StaffFactory()
    fields = {"mobile": agent.mobile, "password": PASSWORD, "totp": "", "next": "/staff/numbers/"}
    assert client.post("/staff/login/", fields).status_code == 200
    assert "_auth_user_id" not in client.session

    answer = client.post("/staff/login/", fields | {"totp": totp_of(agent, NOW)})
    assert answer["Location"] == "/staff/numbers/"
    assert answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 8 * 60 * 60
    assert client.get("/staff/numbers/").status_code == 200
    assert AuditEntry.objects.get().action == "login.staff"

    at_noon.move_to(NOW + timedelta(hours=8, seconds=1))
    assert client.get("/staff/numbers/")["Location"] == "/staff/login/?next=/staff/numbers/"


def test_a_refused_staff_login_shows_one_sentence_and_no_password(client: Client) -> None:
    agent = StaffFactory()
    page = client.post("/staff/login/", {"mobile": agent.mobile, "password": PASSWORD, "totp": "000000"})
    assert "맞지 않는 것이 있습니다" in page.content.decode()
    assert PASSWORD not in page.content.decode()


@pytest.mark.parametrize("address", ["/staff/numbers/", "/staff/numbers/{owner}/"])
def test_who_may_open_the_desks_pages(address: str) -> None:
    owner = UserFactory()
    address = address.format(owner=owner.pk)
    assert Client().get(address)["Location"] == f"/staff/login/?next={address}"

    as_owner = Client()
    as_owner.force_login(owner)
    assert as_owner.get(address).status_code == 404

    without_totp = Client()
    without_totp.force_login(StaffFactory())
    assert without_totp.get(address)["Location"] == f"/staff/login/?next={address}"

    for role, status in [(Role.PRODUCER, 404), (Role.DEALER, 404), (Role.AGENT, 200), (Role.ADMIN, 200)]:
        assert staff_client(StaffFactory(role=role)).get(address).status_code == status, role


def test_people_are_found_by_the_whole_number_or_by_name_and_shown_masked() -> None:
    kim = UserFactory(name="김망원", mobile="01012345678")
    ShopFactory(name="망원치킨", owner=kim)
    UserFactory(name="이연남", mobile="01012345679")
    client = staff_client(StaffFactory())

    def search(query: str) -> str:
        return client.post("/staff/numbers/", {"query": query}).content.decode()

    for found in (search("010-1234-5678"), search("망원")):
        assert "김망원 010-****-5678" in found
        assert "망원치킨" in found
        assert "이연남" not in found
    assert "찾는 사람 없음" in search("01012345")
    assert "찾는 사람 없음" in search("없는사람")
    assert "01012345678" not in search("망원")


def test_a_search_costs_the_same_queries_for_one_person_and_for_three(django_assert_num_queries: Any) -> None:
    client = staff_client(StaffFactory())
    for total in (1, 3):
        while User.objects.filter(name__startswith="정").count() < total:
            ShopFactory(owner=UserFactory(name="정사장"))
        with django_assert_num_queries(6):
            assert "정사장" in client.post("/staff/numbers/", {"query": "정사"}).content.decode()


def test_changing_a_number_asks_once_then_ends_the_old_phones_session_and_tells_both_numbers() -> None:
    owner = UserFactory(name="김망원", mobile="01011112222")
    old_phone = Client()
    old_phone.force_login(owner)
    login.send_code(owner.mobile, None, NOW)
    code_on_old_phone = Notice.objects.get().fields["code"]
    agent = StaffFactory(name="박상담")
    client = staff_client(agent)
    address = f"/staff/numbers/{owner.pk}/"

    page = client.post(address, {"mobile": "010-3333-4444", "proof": PROOF}).content.decode()
    assert "010-****-2222 → 010-3333-4444" in page
    assert "로그아웃" in page
    owner.refresh_from_db()
    assert owner.mobile == "01011112222"
    back = client.post(address, {"mobile": "01033334444", "proof": PROOF, "back": "1"}).content.decode()
    assert PROOF in back

    answer = client.post(address, {"mobile": "01033334444", "proof": PROOF, "confirmed": "1"}, follow=True)
    page = answer.content.decode()
    assert "번호 변경 완료" in page
    assert PROOF in page
    assert "박상담" in page

    owner.refresh_from_db()
    assert owner.mobile == "01033334444"
    assert bytes(owner.mobile_index) == keyring().index("01033334444")
    assert not old_phone.get("/login/").wsgi_request.user.is_authenticated
    for mobile in ("01011112222", "01033334444"):
        with pytest.raises(LoginRefused):
            login.check_code(mobile, code_on_old_phone, NOW)
    told = Notice.objects.filter(kind=NoticeKind.NUMBER_CHANGED)
    assert {keyring().open(bytes(notice.to_sealed)) for notice in told} == {"01011112222", "01033334444"}
    entry = AuditEntry.objects.get(action="number.changed")
    assert (entry.actor, entry.subject, entry.reason) == (agent, f"user:{owner.pk}", PROOF)
    assert "11112222" not in str(entry.detail)


@pytest.mark.parametrize(
    ("new", "proof", "says"),
    [
        ("02-123-4567", PROOF, "010부터"),
        ("01033334444", "짧음", "10자 이상"),
        ("01033334444", "", "본인 확인 방법"),
        ("01055556666", PROOF, "이미 다른 사람"),
        ("01011112222", PROOF, "지금 번호와 같습니다"),
    ],
)
def test_a_change_that_cannot_be_says_why(new: str, proof: str, says: str) -> None:
    owner = UserFactory(mobile="01011112222")
    UserFactory(mobile="01055556666")
    client = staff_client(StaffFactory())
    answer = client.post(f"/staff/numbers/{owner.pk}/", {"mobile": new, "proof": proof, "confirmed": "1"})
    assert says in answer.content.decode()
    owner.refresh_from_db()
    assert owner.mobile == "01011112222"
    assert not AuditEntry.objects.filter(action="number.changed").exists()
    assert not Notice.objects.exists()


def test_only_an_admin_changes_a_colleagues_number() -> None:
    colleague = StaffFactory()
    agent, admin = StaffFactory(), StaffFactory(role=Role.ADMIN)
    assert staff_client(agent).get(f"/staff/numbers/{colleague.pk}/").status_code == 404
    for by in (
        agent,
        UserFactory(),
        StaffFactory(role=Role.DEALER),
        StaffFactory(role=Role.ADMIN, is_active=False),
    ):
        with pytest.raises(ChangeRefused) as refused:
            numbers.change_mobile(colleague, "01033334444", by=by, proof=PROOF, address=None, now=NOW)
        assert refused.value.code == "not_allowed"
    numbers.change_mobile(colleague, "01033334444", by=admin, proof=PROOF, address=None, now=NOW)
    assert colleague.mobile == "01033334444"
    with pytest.raises(PhoneError):
        numbers.change_mobile(colleague, "1234", by=admin, proof=PROOF, address=None, now=NOW)


def test_two_agents_cannot_change_the_same_number_past_each_other() -> None:
    owner = UserFactory()
    seen_by_second = User.objects.get(pk=owner.pk)
    agent = StaffFactory()
    numbers.change_mobile(owner, "01033334444", by=agent, proof=PROOF, address=None, now=NOW)
    with pytest.raises(ChangeRefused) as refused:
        numbers.change_mobile(seen_by_second, "01055556666", by=agent, proof=PROOF, address=None, now=NOW)
    assert refused.value.code == "changed_meanwhile"
