"""The desk's list: who waits where, found by name or number, and no number in any address."""

import pytest
from django.utils import timezone

from eligibility import applications
from eligibility.enums import Source
from shopmsg.accounts.enums import Role
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import StaffFactory
from tests.factories.eligibility import application, confirmed, eligible, received

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return StaffFactory(name="박상담")


@pytest.fixture
def desk(agent):
    return staff_client(agent)


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_list_holds_its_own_and_counts_it(desk, agent):
    application(by=agent, shop_name="작성가게")
    application(source=Source.WEB, callback_wanted=True, shop_name="전화가게")
    received(by=agent, shop_name="접수가게")
    eligible(by=agent, shop_name="가능가게")
    over = application(by=agent, shop_name="취소가게")
    applications.withdraw(over.pk, reason="", by=agent, address=None, now=timezone.now())
    for tab, own in (
        ("forms", "작성가게"), ("callbacks", "전화가게"), ("received", "접수가게"), ("going", "가능가게"),
        ("over", "취소가게"),
    ):  # fmt: skip
        shown = text(desk.get(f"/desk/?tab={tab}"))
        assert [
            name for name in ("작성가게", "전화가게", "접수가게", "가능가게", "취소가게") if name in shown
        ] == [own]
        assert shown.count('<span class="num">1</span>') == 5


def test_a_colleagues_half_finished_form_is_there_to_go_on_with(desk):
    made = applications.start(
        Source.CALL_100, by=StaffFactory(name="정동료"), address=None, now=timezone.now()
    )
    shown = text(desk.get("/desk/"))
    assert f'href="/desk/{made.pk}/"' in shown
    assert "정동료" in shown
    assert "이름 아직 없음" in shown


def test_people_are_found_by_name_and_by_digits_and_the_address_carries_neither(desk, agent):
    application(
        by=agent,
        shop_name="바삭치킨",
        owner_name="이바삭",
        owner_mobile="010-0555-1234",
        line_number="02-777-1234",
    )
    application(by=agent, shop_name="다른가게", business_name="다른상사")
    for words in ("바삭", "이바삭", "0555-1234", "027771234", "5551234"):
        answer = desk.post("/desk/", {"words": words})
        assert words not in answer["Location"]
        shown = text(desk.get(answer["Location"]))
        assert "바삭치킨" in shown, words
        assert "다른가게" not in shown
    nobody = desk.post("/desk/", {"words": "없는가게"})
    assert "찾은 신청 없음" in text(desk.get(nobody["Location"]))


def test_a_made_up_search_word_shows_the_list(desk):
    assert "작성 중인 상담 없음" in text(desk.get("/desk/?q=abcdef"))


def test_a_long_list_is_turned_by_key(desk, agent):
    made = [
        applications.start(Source.CALL_100, by=agent, address=None, now=timezone.now()) for _ in range(21)
    ]
    first = text(desk.get("/desk/"))
    assert f"/desk/{made[-1].pk}/" in first
    assert f"/desk/{made[0].pk}/" not in first
    assert f"before={made[1].pk}" in first
    assert f"/desk/{made[0].pk}/" in text(desk.get(f"/desk/?tab=forms&before={made[1].pk}"))


def test_a_list_of_one_and_of_three_takes_the_same_statements(desk, agent, django_assert_num_queries):
    for many in (1, 2):
        for _ in range(many):
            confirmed(by=agent)
        with django_assert_num_queries(5):
            text(desk.get("/desk/?tab=going"))


def test_admins_see_the_same_list(agent):
    application(by=agent, shop_name="작성가게")
    assert "작성가게" in text(staff_client(StaffFactory(role=Role.ADMIN)).get("/desk/"))
