"""The public pages of signing up: found out in a minute, applied for once, and nobody learns about anybody else."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from billing.enums import Bundle
from eligibility.choices import RevenueBand
from eligibility.enums import ApplicantKind, ApplicationState, Source
from eligibility.form import LABELS, read
from eligibility.models import Application
from eligibility.online import new_submission, problems
from shopmsg.accounts.enums import NoticeKind, Product
from shopmsg.accounts.models import AuditEntry, Notice
from tests.factories.accounts import ShopFactory, business_number
from tests.markup import PUBLIC_PAGE, named, sound, text_of, weight, with_class

pytestmark = pytest.mark.django_db

CHECKED = "/check/?ksic=56193&revenue=500m"


def form_of(**changed: Any) -> dict[str, Any]:
    """A whole application of a chicken shop, as the page sends it."""
    return {
        "submission": new_submission(),
        "ksic": "56193",
        "revenue": "500m",
        "shop_name": "새봄치킨",
        "line_number": "02-123-4567",
        "line_owner": "self",
        "address": "서울 강서구 공항대로 1",
        "owner_name": "한새봄",
        "owner_mobile": "010-1234-5678",
        "business_number": business_number(7),
        "plan": "0",
        "specials": "매일 새 기름으로 튀겨요.",
        "consent": "on",
        "step": "send",
    } | changed


def page(client: Client, path: str) -> str:
    return text_of(sound(client.get(path)))


def said(answer: Any) -> str:
    return " ".join(text_of(sound(answer)).split())


@pytest.fixture
def noon() -> Iterator[time_machine.Traveller]:
    """22 November 2026, 12:00 in Korea."""
    with time_machine.travel("2026-11-22T03:00:00Z", tick=False) as moment:
        yield moment


# ---- the check ----


@pytest.mark.parametrize(
    "path",
    [
        "/check/", "/check/?q=치킨", "/check/?q=편의점", "/check/?q=없는말", "/check/?ksic=56193", CHECKED,
        f"{CHECKED}&internet=internet&parts=tv", "/check/?ksic=47122&revenue=over", "/check/?ksic=56193&revenue=unsure",
        "/check/?kind=public_body", "/apply/?ksic=56193&revenue=unsure", "/apply/?kind=public_body", "/callback/", "/",
    ],
)  # fmt: skip
def test_every_state_is_sound_and_light(client: Client, path: str) -> None:
    answer = client.get(path)
    assert settings.HELP_PHONE in text_of(sound(answer)), "a person is one tap away"
    assert weight(answer) <= PUBLIC_PAGE


def test_the_landing_leads_to_the_check(client: Client) -> None:
    links = [link.get("href") for link in with_class(sound(client.get("/")), "btn-main")]
    assert "/check/" in links


@pytest.mark.parametrize(("word", "code"), [("치킨", "56193"), ("미용실", "96112"), ("세탁소", "96912")])
def test_a_trade_is_found_by_its_everyday_word_without_a_script(client: Client, word: str, code: str) -> None:
    radios = [
        field.get("value")
        for field in named(sound(client.get("/check/", {"q": word})), "input")
        if field.get("name") == "ksic"
    ]
    assert radios[0] == code


def test_a_trade_that_may_not_join_is_named_with_its_reason(client: Client) -> None:
    assert "편의점(47122)은 가입할 수 있는 58개 업종이 아니에요." in page(client, "/check/?q=편의점")


@pytest.mark.parametrize("revenue", ["100m", "500m", "1b"])
def test_up_to_ten_hundred_million_may_join(client: Client, revenue: str) -> None:
    assert "가입할 수 있어요" in page(client, f"/check/?ksic=56193&revenue={revenue}")


def test_every_reason_is_said_not_the_first(client: Client) -> None:
    shown = page(client, "/check/?ksic=47122&revenue=over")
    assert "가입하실 수 없어요" in shown
    assert "58개 업종이 아니에요" in shown
    assert "10억원" in shown
    assert "신청하기" not in shown


def test_a_revenue_nobody_knows_refuses_nobody(client: Client) -> None:
    shown = page(client, "/check/?ksic=56193&revenue=unsure")
    assert "매출이 10억원 이하면 가입할 수 있어요" in shown


def test_all_five_prices_what_leaving_costs_and_the_last_free_day(client: Client, noon: object) -> None:
    shown = " ".join(page(client, CHECKED).split())
    for price in ("19,800원", "17,600원", "15,400원", "13,200원", "14,300원"):
        assert price in shown
    # Leaving 36 months after exactly 12 costs 60,720 (rules.md §3): it stands in the table.
    assert re.search(r"12개월 ?60,720원", shown)
    assert "오늘 개통하면 12월 21일(월)까지 무료예요." in shown


def test_the_pack_is_offered_only_to_who_has_its_parts(client: Client) -> None:
    def applies(path: str) -> bool:
        links = [link.get("href", "") for link in named(sound(client.get(path)), "a")]
        return any("plan=pack" in link for link in links)

    assert not applies(CHECKED)
    assert not applies(f"{CHECKED}&internet=internet")
    assert applies(f"{CHECKED}&internet=internet&parts=tv&parts=mobile")


def test_a_public_body_is_led_to_premium_and_basic(client: Client) -> None:
    shown = page(client, "/check/?kind=public_body")
    assert shown.index("25,300원") < shown.index("16,500원")
    for word in ("25,300원", "16,500원"):
        assert word in shown
    assert "19,800원" not in shown


@pytest.mark.parametrize(
    "path",
    [
        "/check/?ksic=치킨&revenue=3억",
        "/check/?ksic=56193&ksic=56191",
        "/check/?q=" + "가" * 5000,
        "/check/?parts=%00",
    ],
)
def test_an_address_that_says_nonsense_is_the_question_again(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "신청하기" not in text_of(sound(answer))


# ---- the application ----


def test_without_a_trade_the_application_begins_at_the_check(client: Client) -> None:
    assert client.get("/apply/").headers["Location"] == "/check/"


def test_what_was_chosen_comes_along(client: Client) -> None:
    tree = sound(client.get(f"/apply/{CHECKED[7:]}&plan=36"))
    fields = {(field.get("name"), field.get("value")): field for field in named(tree, "input")}
    assert ("ksic", "56193") in fields
    assert ("revenue", "500m") in fields
    assert fields["plan", "36"].get("checked") is not None


def test_before_it_is_sent_the_price_and_the_leaving_are_said_and_nothing_is_written(
    client: Client, noon: object
) -> None:
    shown = said(client.post("/apply/", form_of(step="review", plan="36")))
    assert "이대로 신청할까요?" in shown
    assert "13,200원 (부가세 포함)" in shown
    assert "12월 21일(월)까지 무료" in shown
    assert "가장 많을 때" in shown
    assert "02-123-4567" in shown
    assert not Application.objects.exists()


def test_what_the_review_sends_is_what_was_typed(client: Client) -> None:
    tree = sound(
        client.post(
            "/apply/", form_of(step="review", plan="pack", internet="internet", parts=["tv", "phone"])
        )
    )
    sent: dict[str, list[str]] = {}
    for field in named(tree, "input"):
        sent.setdefault(field.get("name", ""), []).append(field.get("value", ""))
    answer = client.post("/apply/", sent | {"step": "send"})
    assert answer.status_code == 302
    made = Application.objects.get()
    assert (made.shop_name, made.owner_mobile, made.bundle) == (
        "새봄치킨",
        "01012345678",
        Bundle.SUCCESS_PACK,
    )
    assert made.form["pack_parts"] == "tv,phone"


def test_sent_it_is_received_with_its_shop_its_text_and_the_consent(client: Client) -> None:
    answer = client.post("/apply/", form_of(plan="24"), follow=True)
    assert "신청을 받았어요" in said(answer)
    made = Application.objects.get()
    assert (made.source, made.state, made.term_months) == (Source.WEB, ApplicationState.RECEIVED, 24)
    assert made.shop is not None
    assert made.annual_revenue == 500_000_000
    assert "1억원 넘고 5억원 이하" in made.form["note"]
    notice = Notice.objects.get(kind=NoticeKind.APPLICATION_RECEIVED)
    assert notice.fields == {"shop": "새봄치킨"}
    consent = AuditEntry.objects.get(action="application.consented")
    assert consent.subject == f"application:{made.pk}"


def test_sent_twice_it_is_one_application_and_one_text(client: Client) -> None:
    form = form_of()
    places = {client.post("/apply/", form).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    assert Application.objects.count() == 1
    assert Notice.objects.filter(kind=NoticeKind.APPLICATION_RECEIVED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_the_same_moment_it_is_one_application() -> None:
    form, answers, ready = form_of(), [], threading.Barrier(2)

    def send() -> None:
        client = Client()
        ready.wait()
        answers.append(client.post("/apply/", form))
        connection.close()

    both = [threading.Thread(target=send) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert Application.objects.count() == 1
    (made,) = Application.objects.all()
    assert made.state == ApplicationState.RECEIVED
    # Whoever came second is told the same, or that this business has applied already.
    assert any(answer.status_code == 302 for answer in answers)


def test_going_back_and_mending_a_refusal_is_a_new_application(client: Client) -> None:
    form = form_of(revenue="over")
    refused = client.post("/apply/", form, follow=True)
    assert "가입하실 수 없어요" in said(refused)
    assert "신청을 받았어요" in said(client.post("/apply/", form | {"revenue": "1b"}, follow=True))
    assert [made.state for made in Application.objects.order_by("pk")] == [
        ApplicationState.REFUSED,
        ApplicationState.RECEIVED,
    ]


def test_who_may_not_join_is_told_every_reason_and_sent_no_text(client: Client) -> None:
    answer = client.post("/apply/", form_of(ksic="47122", revenue="over", step="review"), follow=True)
    shown = said(answer)
    made = Application.objects.get()
    assert made.state == ApplicationState.REFUSED
    assert len(made.reasons) == 2
    assert "58개 업종이 아니에요" in shown
    assert "10억원을 넘어서" in shown
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"business_number": "124-81-00999"}, "사업자등록번호의 숫자가 맞지 않아요"),
        ({"line_number": "123-4567"}, "지역번호부터 모두 적어 주세요"),
        ({"line_number": "010-1234-5678"}, "휴대폰은 매장 전화가 될 수 없어요"),
        ({"line_number": "02-1566-1234"}, "대표번호는 지역번호 없이 여덟 자리로"),
        ({"owner_mobile": "02-123-4567"}, "휴대폰 번호를 010부터"),
        ({"shop_name": ""}, "이름을 적어 주세요."),
        ({"shop_name": "당첨 bit.ly/3xyz"}, "이름만 적어 주세요"),
        ({"shop_name": "새봄치킨 02-123-4567"}, "이름만 적어 주세요"),
        ({"shop_name": "뷁치킨"}, "글자 ‘뷁’는 문자에 쓸 수 없어요"),
        ({"line_owner": "other"}, "회선 명의자의 이름을 적어 주세요."),
        ({"plan": "pack"}, "성공팩의 인터넷을 골라 주세요."),
        ({"consent": ""}, "동의하셔야 신청을 받을 수 있어요."),
        ({"revenue": "unsure", "asks_revenue": "1"}, "연 매출을 골라 주세요."),
    ],
)
def test_a_problem_stands_beside_its_field_and_what_was_typed_stays(
    client: Client, changed: dict[str, str], sentence: str
) -> None:
    tree = sound(client.post("/apply/", form_of(step="send", **changed)))
    assert any(sentence in text_of(errors) for errors in with_class(tree, "errors"))
    kept = {field.get("name"): field.get("value") for field in named(tree, "input")}
    assert kept["address"] == "서울 강서구 공항대로 1"
    assert not Application.objects.exists()


def test_no_sentence_of_the_form_speaks_to_the_staff(client: Client) -> None:
    """Whatever can be typed wrong is said in the applicant's words (존댓말 -요)."""
    for name in LABELS:
        for typed in ("가" * 3000, "😀", "010-1234-5678", "119", "02-15661234", "-1"):
            for sentence in problems({"kind": ApplicantKind.MERCHANT, name: typed}).values():
                assert "니다." not in sentence, (name, typed)


def test_a_field_is_checked_as_soon_as_it_is_left(client: Client) -> None:
    def problem(name: str, value: str) -> str:
        return str(client.post("/apply/field/", {"name": name, "value": value}).json()["problem"])

    assert "숫자가 맞지 않아요" in problem("business_number", "124-81-00999")
    assert problem("business_number", "124-81-00998") == ""
    assert problem("business_number", "") == ""
    assert problem("password", "x") == ""


def test_a_stranger_learns_nothing_about_a_customer(client: Client) -> None:
    shop = ShopFactory(name="비밀의방", address="서울 종로구 비밀로 1")
    line = shop.lines.get()
    answer = client.post(
        "/apply/", form_of(business_number=shop.merchant.business_number, line_number=line.number)
    )
    shown = said(answer)
    assert "이미 이용 중이거나 신청한 사업자번호예요." in shown
    assert settings.HELP_PHONE in shown
    assert "이미 등록된 번호예요." in shown
    assert shop.name not in shown
    assert "비밀로" not in shown


def test_a_program_that_fills_in_everything_makes_no_application(client: Client) -> None:
    assert "신청을 받지 못했어요" in said(client.post("/apply/", form_of(homepage_url="http://x.example")))
    assert not Application.objects.exists()


def test_one_phone_applies_five_times_an_hour(client: Client, noon: time_machine.Traveller) -> None:
    def send(serial: int) -> Any:
        return client.post(
            "/apply/",
            form_of(business_number=business_number(serial), line_number=f"02-123-{4500 + serial}"),
            REMOTE_ADDR=f"203.0.113.{serial}",
        )

    assert [send(serial).status_code for serial in range(10, 16)] == [302] * 5 + [429]
    noon.shift(timedelta(hours=1))
    assert send(16).status_code == 302


def test_nobody_goes_through_a_list_of_business_numbers(client: Client, noon: object) -> None:
    shop = ShopFactory()
    form = form_of(business_number=shop.merchant.business_number, step="review")
    answers = [client.post("/apply/", form, REMOTE_ADDR="203.0.113.50") for _ in range(61)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    assert "이미 이용 중" in said(answers[0])
    assert "이미 이용 중" not in said(answers[-1])


def test_what_became_of_an_application_is_for_who_has_its_name(client: Client) -> None:
    client.post("/apply/", form_of())
    assert client.get(f"/apply/{new_submission()}/").status_code == 404
    shown = client.get(f"/apply/{Application.objects.get().submission}/")
    assert "no-store" in shown.headers["Cache-Control"]
    assert "010" not in said(shown).replace("1877", "")


def test_a_public_body_applies_without_trade_and_revenue(client: Client) -> None:
    form = form_of(kind="public_body", product="basic", line_number="120")
    for name in ("ksic", "revenue", "plan"):
        del form[name]
    assert "16,500원" in said(client.post("/apply/", form | {"step": "review"}))
    client.post("/apply/", form)
    made = Application.objects.get()
    assert (made.kind, made.product, made.state) == (
        ApplicantKind.PUBLIC_BODY,
        Product.BASIC,
        ApplicationState.RECEIVED,
    )


def test_every_band_decides_as_the_rule_does() -> None:
    """A band is a revenue the form can read, but for the one nobody is sure of."""
    from eligibility.choices import won_of

    for band in RevenueBand:
        reading = read({"annual_revenue": won_of(band)})
        assert not reading.problems
        assert (reading.values.annual_revenue is None) == (band == RevenueBand.UNSURE)


# ---- the call ----


def test_a_call_that_is_asked_for_is_on_the_desks_list_once(client: Client) -> None:
    form = {
        "submission": new_submission(),
        "ksic": "56193",
        "revenue": "500m",
        "owner_name": "한새봄",
        "owner_mobile": "010-1234-5678",
        "when": "morning",
        "consent": "on",
    }
    for _ in range(2):
        answer = client.post("/callback/", form, follow=True)
        assert "전화드릴게요" in said(answer)
    made = Application.objects.get()
    assert (made.source, made.state, made.callback_wanted) == (Source.WEB, ApplicationState.FORM, True)
    assert (made.owner_name, made.owner_mobile, made.ksic) == ("한새봄", "01012345678", "56193")
    assert "오전 9시~12시" in made.form["note"]
    assert timezone.now() - made.created_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    "changed", [{"owner_name": ""}, {"owner_mobile": "02-1"}, {"consent": ""}, {"when": "never"}]
)
def test_a_call_nobody_could_make_is_asked_about_again(client: Client, changed: dict[str, str]) -> None:
    form = {"owner_name": "한새봄", "owner_mobile": "010-1234-5678", "when": "now", "consent": "on"}
    answer = client.post("/callback/", form | changed)
    assert with_class(sound(answer), "errors")
    assert not Application.objects.exists()
