"""The desk's screen as its scripts and forms talk to it: what is typed is kept, and what follows from it is said."""

import hashlib
import re

import pytest
from django.test import Client
from django.utils import timezone

from eligibility import applications, reviews
from eligibility.enums import ApplicationState, ContentState, RegistryState, Source
from eligibility.models import Application, ApplicationChange, DraftReview
from shopmsg.accounts.enums import Role
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory
from tests.factories.eligibility import application, confirmed, eligible, received, typed_form

pytestmark = pytest.mark.django_db

VISIT, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def agent():
    return StaffFactory(name="박상담")


@pytest.fixture
def desk(agent):
    return staff_client(agent)


@pytest.fixture
def begun(agent):
    """An application on which nothing has been typed."""
    return applications.start(Source.CALL_100, by=agent, address=None, now=timezone.now())


def save(client: Client, made: Application, *, visit: str = VISIT, base: int | None = None, **fields: str):
    """As the page's scripts save: the answer's JSON."""
    made.refresh_from_db()
    body = {"visit": visit, "base": str(made.revision if base is None else base), **fields}
    answer = client.post(f"/desk/{made.pk}/save/", body, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    return answer.json()


def do(client: Client, made: Application, what: str, **body: str):
    answer = client.post(
        f"/desk/{made.pk}/{what}/", {"visit": VISIT, **body}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def page(client: Client, made: Application) -> str:
    answer = client.get(f"/desk/{made.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_only_agents_and_admins_come_in(begun):
    for role, status in (
        (Role.AGENT, 200),
        (Role.ADMIN, 200),
        (Role.PRODUCER, 404),
    ):
        client = staff_client(StaffFactory(role=role))
        assert client.get("/desk/").status_code == status
        assert client.get(f"/desk/{begun.pk}/").status_code == status
        assert client.post(f"/desk/{begun.pk}/save/", {"note": "메모"}).status_code in (status, 302)
    owner = Client()
    owner.force_login(UserFactory())
    assert owner.get(f"/desk/{begun.pk}/").status_code == 404
    assert Client().get(f"/desk/{begun.pk}/")["Location"].startswith("/staff/login/")


def test_a_call_begins_with_the_number_that_was_called(desk, agent):
    answer = desk.post("/desk/new/", {"source": "call_1588"})
    made = Application.objects.get()
    assert answer["Location"] == f"/desk/{made.pk}/"
    assert (made.source, made.created_by) == (Source.CALL_1588, agent)
    assert desk.post("/desk/new/", {"source": "dealer"}).status_code == 404


def test_what_cannot_be_read_is_kept_as_it_was_typed_and_shown_again_with_its_problem(desk, begun):
    answer = save(
        desk, begun, business_number="124-81-00999", line_number="1566 1234 00", annual_revenue="많아요"
    )
    assert set(answer["problems"]) == {"business_number", "line_number", "annual_revenue"}
    shown = page(desk, begun)
    for typed in ("124-81-00999", "1566 1234 00", "많아요"):
        assert f'value="{typed}"' in shown
    for problem in answer["problems"].values():
        assert problem in shown


def test_numbers_and_amounts_are_said_back_as_they_were_understood(desk, begun):
    answer = save(
        desk,
        begun,
        annual_revenue="3억 5천만",
        business_number="1248100998",
        line_number="0212345678",
        ksic="56193",
    )
    assert answer["read_back"]["annual_revenue"] == "350,000,000원"
    assert answer["read_back"]["business_number"] == "124-81-00998"
    assert answer["read_back"]["line_number"] == "02-1234-5678"
    assert "치킨" in answer["read_back"]["ksic"]


def test_every_reason_against_is_there_to_read_out(desk, begun):
    answer = save(desk, begun, ksic="47122", annual_revenue="1,000,000,001")
    verdict = answer["slots"]["verdict"]
    assert "가입 불가" in verdict
    assert "58개 업종" in verdict
    assert "10억 원을 넘어서" in verdict
    assert save(desk, begun, ksic="56193", annual_revenue="1,000,000,000")["slots"]["verdict"].count(
        "가입 가능"
    )


def test_the_price_follows_the_term_and_says_what_leaving_costs_and_what_would_be_cheaper(desk, begun):
    price = save(desk, begun, term_months="24")["slots"]["price"]
    assert "15,400원" in price
    assert "13,200원" in price, "three years are cheaper, and that is said"
    assert "개월 뒤" in price, "what leaving costs, by months"
    assert "무료" in price
    cheapest = save(desk, begun, term_months="36")["slots"]["price"]
    assert "13,200원" in cheapest
    assert "가장 싼 것" not in cheapest


def test_a_pack_is_asked_for_its_parts_and_goes_with_no_commitment(desk, begun):
    answer = save(desk, begun, bundle="success_pack", term_months="12")
    assert "무약정" in answer["problems"]["bundle"]
    answer = save(desk, begun, term_months="0")
    assert {"pack_internet", "pack_parts"} <= set(answer["missing"])
    answer = save(desk, begun, pack_internet="internet", pack_parts="phone,tv")
    assert not {"pack_internet", "pack_parts"} & set(answer["missing"])
    assert "14,300원" in answer["slots"]["price"]


def test_two_agents_see_each_other_and_neither_text_is_lost(desk, begun):
    colleague = staff_client(StaffFactory(name="정동료"))
    save(desk, begun, base=0, shop_name="바삭치킨", visit=VISIT)
    answer = save(colleague, begun, base=0, shop_name="바싹치킨", visit=OTHER)
    assert "박상담" in answer["slots"]["people"]
    assert "바삭치킨" in answer["slots"]["conflicts"]
    assert "바싹치킨" in answer["slots"]["conflicts"]
    assert answer["held"] == ["shop_name"]
    assert "바싹치킨" in page(colleague, begun), "a reload keeps both"
    change = ApplicationChange.objects.get(aside=True)
    assert save(desk, begun, note="-", visit=VISIT)["held"] == []

    chosen = do(colleague, begun, "choose", change=str(change.pk), side="mine")
    assert chosen["fields"]["shop_name"] == "바싹치킨"
    assert "바삭치킨" not in chosen["slots"]["conflicts"]
    again = do(desk, begun, "choose", change=str(change.pk), side="theirs")
    assert again["fields"]["shop_name"] == "바싹치킨", "chosen twice is chosen once"


def test_the_other_text_can_be_left_as_it_is(desk, begun):
    save(desk, begun, base=0, specials="두 번 튀겨요", visit=VISIT)
    save(desk, begun, base=0, specials="세 번 튀겨요", visit=OTHER)
    change = ApplicationChange.objects.get(aside=True)
    chosen = do(desk, begun, "choose", change=str(change.pk), side="theirs")
    assert chosen["fields"]["specials"] == "두 번 튀겨요"
    assert "conflict" not in chosen["slots"]["conflicts"]


def test_a_page_without_scripts_saves_the_whole_form_and_overwrites_nobody(desk, begun):
    save(desk, begun, shop_name="바삭치킨", bundle="success_pack", term_months="0")
    begun.refresh_from_db()
    base = str(begun.revision)
    save(desk, begun, owner_name="김동료가적음", visit=OTHER)
    whole = {**begun.form, "kind": "merchant", "pack_internet": "internet", "specials": "첫 줄\r\n둘째 줄"}
    answer = desk.post(
        f"/desk/{begun.pk}/save/",
        {
            "whole": "1",
            "visit": VISIT,
            "base": base,
            "owner_name": "",
            "pack_parts": ["phone", "cctv"],
            **whole,
        },
    )
    assert answer.status_code == 302
    begun.refresh_from_db()
    assert begun.form["owner_name"] == "김동료가적음"
    assert begun.form["pack_parts"] == "phone,cctv"
    assert begun.form["specials"] == "첫 줄\n둘째 줄"
    assert "kind" not in begun.form, "an answer nobody has given stays open"
    assert not ApplicationChange.objects.filter(aside=True)


def test_an_existing_customer_is_named_and_a_second_shop_needs_one_tick(desk, begun):
    shop = ShopFactory(name="행복치킨 본점", merchant__business_number="1248100998")
    answer = save(desk, begun, business_number="124-81-00998")
    assert shop.name in answer["problems"]["business_number"]
    assert answer["customer"]
    answer = save(desk, begun, second_shop="1")
    assert "business_number" not in answer["problems"]


def test_another_open_application_of_the_business_is_one_link_away(desk, begun):
    other = application(by=StaffFactory(name="정동료"), business_number="124-81-00998")
    registry = save(desk, begun, business_number="1248100998")["slots"]["registry"]
    assert f'href="/desk/{other.pk}/"' in registry
    assert "정동료" in registry


def test_the_tax_office_is_asked_once_the_number_is_right_and_its_answer_shown(desk, begun, sandbox):
    assert save(desk, begun, business_number="124-81-0099")["ask_registry"] == ""
    assert save(desk, begun, business_number="111-11-11119")["ask_registry"] == "1111111119"
    answer = do(desk, begun, "registry")
    assert "폐업" in answer["slots"]["registry"]
    assert "폐업한 사업자" in answer["slots"]["verdict"]
    assert answer["ask_registry"] == ""
    save(desk, begun, business_number="222-22-22227")
    assert "계속사업자" in do(desk, begun, "registry")["slots"]["registry"]


def test_a_tax_office_that_is_down_stops_nobody(desk, agent, sandbox):
    made = application(by=agent)
    sandbox.arm(on="registry", kind="status", status=503, count=5)
    answer = do(desk, made, "registry")
    assert "계속 진행 가능" in answer["slots"]["registry"]
    received_now = do(desk, made, "receive")
    assert received_now["tone"] == "sent"
    made.refresh_from_db()
    assert (made.state, made.registry) == (ApplicationState.RECEIVED, RegistryState.UNREACHABLE)


def test_sending_receives_the_application_and_follows_the_owner(desk, agent):
    made = application(by=agent)
    answer = do(desk, made, "send")
    assert answer["tone"] == "sent", answer["said"]
    assert answer["waits"]
    made.refresh_from_db()
    assert (made.state, made.content) == (ApplicationState.RECEIVED, ContentState.SENT)
    assert "아직 열지 않음" in answer["slots"]["owner"]
    DraftReview.objects.update(opened_at=timezone.now())
    state = desk.get(f"/desk/{made.pk}/state/?visit={VISIT}&stamp={answer['stamp']}")
    assert "사장님이 열어 봄" in state.json()["slots"]["owner"]


def test_an_incomplete_form_is_not_sent_and_says_what_is_missing(desk, begun):
    answer = do(desk, begun, "send")
    assert answer["tone"] == "failed"
    assert "사업자등록번호" in answer["said"]
    assert not DraftReview.objects.exists()


def test_a_button_without_scripts_keeps_what_was_typed_before_it_acts(desk, begun):
    form = typed_form()
    answer = desk.post(f"/desk/{begun.pk}/receive/", {"whole": "1", "visit": VISIT, "base": "0", **form})
    assert answer.status_code == 302
    begun.refresh_from_db()
    assert begun.state == ApplicationState.RECEIVED
    assert begun.form["owner_name"] == form["owner_name"]


def test_a_page_that_has_seen_everything_is_told_so_in_ten_statements(
    desk, agent, django_assert_max_num_queries
):
    made = eligible(by=agent)
    do(desk, made, "send")
    (stamp,) = re.findall(r'data-stamp="(\w+)"', page(desk, made))
    url = f"/desk/{made.pk}/state/?visit={VISIT}&stamp={stamp}"
    with django_assert_max_num_queries(10):
        assert desk.get(url).status_code == 204
    save(desk, made, note="새 메모", visit=OTHER)
    assert desk.get(url).json()["fields"]["note"] == "새 메모"


def test_a_refusal_is_asked_once_and_can_be_taken_back(desk, begun):
    save(desk, begun, ksic="47122", annual_revenue="20억")
    asked = desk.get(f"/desk/{begun.pk}/refuse/").content.decode()
    assert "10억 원을 넘어서" in asked
    desk.post(f"/desk/{begun.pk}/refuse/")
    begun.refresh_from_db()
    assert begun.state == ApplicationState.REFUSED
    assert len(begun.reasons) == 2
    assert "다시 열기" in page(desk, begun)
    desk.post(f"/desk/{begun.pk}/reopen/", {"whole": "1", "visit": VISIT})
    begun.refresh_from_db()
    assert begun.state == ApplicationState.FORM


def test_nothing_can_be_refused_without_a_reason_against_it(desk, agent):
    made = application(by=agent)
    assert desk.get(f"/desk/{made.pk}/refuse/")["Location"] == f"/desk/{made.pk}/"
    desk.post(f"/desk/{made.pk}/refuse/")
    made.refresh_from_db()
    assert made.state == ApplicationState.FORM


def test_an_application_that_is_over_takes_no_more_typing(desk, begun):
    desk.post(f"/desk/{begun.pk}/withdraw/", {"reason": "마음이 바뀜"})
    answer = save(desk, begun, note="늦은 메모")
    assert not answer["editable"]
    assert answer["tone"] == "failed"
    shown = page(desk, begun)
    assert "readonly" in shown
    assert "js/desk/main" not in shown


def test_the_owners_yes_can_be_followed_by_the_activation(desk, agent):
    made = confirmed(by=agent)
    shown = page(desk, made)
    assert f'formaction="/desk/{made.pk}/activate/"' in shown
    assert f'formaction="/desk/{made.pk}/send/"' not in shown


def test_a_contract_that_changed_after_the_owners_yes_is_sent_once_more_and_not_activated(desk, agent):
    made = eligible(by=agent, term_months="36")
    review = reviews.send(made.pk, by=agent, address=None, now=timezone.now())
    token = hashlib.sha256(b"token").hexdigest()
    DraftReview.objects.filter(pk=review.pk).update(token_hash=token)
    now = timezone.now()
    made.refresh_from_db()
    reviews.confirm("token", seal=reviews.seal_of(made, now), device="phone", address=None, now=now)
    answer = save(desk, made, term_months="12")
    assert "다시 보내서 확정 받기" in answer["slots"]["owner"]
    assert "/send/" in answer["slots"]["strip"]
    assert "/activate/" not in answer["slots"]["strip"]


def test_the_phone_follows_what_is_not_saved_yet_and_nothing_is_written(desk, begun):
    answer = desk.post(
        f"/desk/{begun.pk}/preview/",
        {
            "shop_name": "새봄손칼국수",
            "ksic": "56111",
            "line_number": "02-123-0001",
            "specials": "바지락이 가득해요",
        },
    )
    text = answer.content.decode()
    assert "(광고)[새봄손칼국수]" in text
    assert "바지락이 가득해요" in text
    begun.refresh_from_db()
    assert begun.form == {}


def test_the_phone_follows_the_form_also_after_receipt(desk, agent):
    made = received(by=agent)
    phone = save(desk, made, specials="오늘부터 포장 할인해요")["slots"]["phone"]
    assert "오늘부터 포장 할인해요" in phone
    (picture,) = re.findall(r'src="([^"]+picture[^"]+)"', phone)
    assert made.line_number not in picture
    assert desk.get(picture)["Content-Type"] == "image/webp"


def test_no_picture_is_promised_before_there_is_a_name_to_draw(desk, begun):
    phone = save(desk, begun, ksic="56193")["slots"]["phone"]
    assert "(광고)" in phone
    assert "picture.webp" not in phone


def test_trades_are_found_by_everyday_words_and_those_that_may_not_join_are_named(desk):
    found = desk.get("/desk/trades/?q=치킨").content.decode()
    assert found.index('data-code="56193"') > 0
    refused = desk.get("/desk/trades/?q=편의점").content.decode()
    assert "가입 불가" in refused
    assert "찾지 못함" in desk.get("/desk/trades/?q=우주선발사장").content.decode()


def test_saving_for_a_visit_that_lost_its_answer_meets_no_conflict_with_itself(desk, begun):
    save(desk, begun, base=0, shop_name="바삭", visit=VISIT)
    answer = save(desk, begun, base=0, shop_name="바삭치킨", visit=VISIT)
    assert answer["held"] == []
    assert answer["fields"]["shop_name"] == "바삭치킨"


def test_a_change_keeps_who_typed_it_from_where(desk, agent, begun):
    save(desk, begun, owner_name="김사장")
    newest = ApplicationChange.objects.latest("pk")
    assert (newest.by, newest.visit, newest.address) == (agent, VISIT, "127.0.0.1")
