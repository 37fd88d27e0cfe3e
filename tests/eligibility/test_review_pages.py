"""The owner's link in a browser: who may see it, what it shows, what its buttons do."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from eligibility import applications, reviews
from eligibility.enums import ApplicationState, ContentState, ReviewAnswer
from eligibility.form_log import Edit
from eligibility.models import Application, DraftReview
from eligibility.review_screen import screen_of
from messaging.editor import drafts
from shopmsg.accounts.enums import NoticeKind, Role
from shopmsg.accounts.models import AuditEntry, Notice, User
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import StaffFactory
from tests.factories.eligibility import application, eligible, public_body, received
from tests.markup import PUBLIC_PAGE

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
BROWSER = "Mozilla/5.0 (Linux; Android 14; SM-S911N) AppleWebKit/537.36 Chrome/124.0 Mobile Safari/537.36"
KAKAO = "facebookexternalhit/1.1; kakaotalk-scrap/1.0"


@pytest.fixture(autouse=True)
def _now() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def phone(agent: str = BROWSER, **more: Any) -> Client:
    """Somebody's telephone."""
    return Client(headers={"user-agent": agent}, **more)


def sent(made: Application) -> str:
    """The path of the link the owner was texted; a minute after one sent before."""
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=1) * made.reviews.count(), tick=False):
        reviews.send(made.pk, by=None, address=None, now=datetime.now(UTC))
    return newest()


def newest() -> str:
    link = str(Notice.objects.filter(kind=NoticeKind.DRAFT_REVIEW).latest("pk").fields["link"])
    return "/confirm/" + link.partition("/confirm/")[2]


def seal_on(html: str) -> str:
    found = re.search(r'name="seal" value="(\w{64})"', html)
    assert found, "a page with a seal"
    return found[1]


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def write(made: Application, name: str, value: str) -> None:
    shop = Application.objects.get(pk=made.pk).shop
    assert shop is not None
    drafts.save(shop, [drafts.Edit(name, value, 10**6)], visit="editor", by=None, now=datetime.now(UTC))


def confirmed(client: Client, path: str) -> str:
    """Presses 확정; the page after it."""
    answer = client.post(f"{path}yes/", {"seal": seal_on(page(client, path))})
    assert (answer.status_code, answer["Location"]) == (302, path)
    return page(client, path)


@pytest.mark.django_db
def test_the_page_shows_byte_for_byte_what_callers_get_and_what_is_signed() -> None:
    made = eligible(now=NOW, term_months="36", line_number="02-777-1234")
    path = sent(made)
    answer = phone().get(path)
    html = answer.content.decode()
    screen = screen_of(Application.objects.get(pk=made.pk), NOW)
    shown = re.search(r'<pre class="text"[^>]*>(.*?)</pre>', html, re.DOTALL)
    assert shown
    assert unescape(re.sub(r"<[^>]+>", "", shown[1])) == screen.composed.text
    for words in (
        "13,200원",
        "36개월",
        "4월 1일(수)",
        "02-777-1234",
        "통화가 끝나면 가게정보가 문자로 발송됩니다",
    ):
        assert words in html
    # rules.md §3: 36 months left after exactly twelve.
    assert re.search(r"12개월 뒤\s*</th>\s*<td class=\"num\">60,720원", html)
    assert made.owner_mobile[-8:] not in html
    assert made.business_number not in html
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"
    assert len(answer.content) < PUBLIC_PAGE


@pytest.mark.django_db
def test_without_a_commitment_leaving_costs_nothing_and_a_public_body_has_no_notice() -> None:
    made = applications.receive(
        application(now=NOW, by=None, callback_wanted=False, **public_body()).pk,
        by=None,
        address=None,
        now=NOW,
    )
    html = page(phone(), sent(made))
    assert "언제 해지해도 0원" in html
    assert "25,300원" in html
    assert "첫 달" not in html
    assert "가게정보가 문자로 발송됩니다" not in html


@pytest.mark.django_db
def test_programs_that_fetch_links_and_members_of_staff_bind_nothing() -> None:
    path = sent(eligible(now=NOW))
    staff = staff_client(StaffFactory(role=Role.PRODUCER))
    for client in (phone(KAKAO), phone("curl/8.0"), staff):
        page(client, path)
        page(client, path)
    assert phone().head(path).status_code == 200
    ahead = phone()
    ahead.get(path, headers={"sec-purpose": "prefetch"})
    review = DraftReview.objects.get()
    assert (review.device, review.opened_at) == ("", None)

    owner = phone()
    page(owner, path)
    review.refresh_from_db()
    assert review.opened_at == NOW
    cookie = owner.cookies["review"]
    assert (cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, path, "Lax")
    assert cookie.value not in (review.device, "")


@pytest.mark.django_db
def test_another_phone_sees_nothing_but_may_have_a_fresh_link_sent_to_the_owner() -> None:
    made = eligible(now=NOW)
    path = sent(made)
    owner, other = phone(), phone()
    page(owner, path)
    page(owner, path)
    html = page(other, path, 403)
    assert "다른 휴대폰에서 먼저 열었어요" in html
    assert f"010-****-{made.owner_mobile[-4:]}" in html
    assert made.shop_name not in html
    assert other.get(f"{path}picture.webp").status_code == 403
    assert other.get(f"{path}look/").status_code == 410
    assert other.post(f"{path}yes/", {"seal": reviews.seal_of(made, NOW)}).status_code == 403

    assert "새 링크를 보냈어요" in other.post(f"{path}again/").content.decode()
    page(owner, path, 410)
    assert newest() != path
    confirmed(other, newest())


@pytest.mark.django_db
def test_old_replaced_and_unknown_links_say_the_same_and_only_an_old_one_offers_a_new() -> None:
    made = eligible(now=NOW)
    first = sent(made)
    second = sent(made)
    gone = page(phone(), first, 410)
    unknown = page(phone(), "/confirm/never-sent/", 410)
    with time_machine.travel(NOW + timedelta(days=7, minutes=1), tick=False):
        expired = page(phone(), second, 410)
        answer = phone().post(f"{second}yes/", {"seal": reviews.seal_of(made, NOW)})
        assert answer["Location"] == second
    for html in (gone, unknown, expired):
        assert "이 링크는 이제 쓸 수 없어요" in html
        assert made.shop_name not in html
    assert "새 링크 받기" in expired
    assert "새 링크 받기" not in gone + unknown
    made.refresh_from_db()
    assert made.content == ContentState.SENT
    with time_machine.travel(NOW + timedelta(days=8), tick=False):
        phone().post(f"{second}again/")
        assert "홍보문자를 확인해 주세요" in page(phone(), newest())


@pytest.mark.django_db
def test_an_application_that_ended_is_told_in_a_sentence() -> None:
    made = eligible(now=NOW)
    path = sent(made)
    applications.withdraw(made.pk, reason="", by=None, address=None, now=NOW)
    assert "취소된 신청이에요" in page(phone(), path, 410)


@pytest.mark.django_db
def test_saying_yes_logs_the_owner_in_on_this_phone_and_again_is_the_same_page() -> None:
    made = eligible(now=NOW)
    path = sent(made)
    owner = phone()
    html = confirmed(owner, path)
    made.refresh_from_db()
    assert made.content == ContentState.CONFIRMED
    assert "됐어요" in html
    assert f'href="/shops/{made.shop.slug}/"' in html  # type: ignore[union-attr]
    assert page(owner, f"/shops/{made.shop.slug}/shop/")  # type: ignore[union-attr]

    assert owner.post(f"{path}yes/", {"seal": "whatever"})["Location"] == path
    assert AuditEntry.objects.filter(action="review.confirmed").count() == 1
    assert "이 링크는 이제 쓸 수 없어요" in page(phone(), path, 410)

    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        later = phone()
        later.cookies["review"] = owner.cookies["review"].value
        later.post(f"{path}yes/", {"seal": "whatever"})
        assert "_auth_user_id" not in later.session


@pytest.mark.django_db
def test_a_yes_to_words_that_changed_meanwhile_shows_the_new_ones_and_confirms_nothing() -> None:
    made = eligible(now=NOW)
    path = sent(made)
    owner = phone()
    seen = seal_on(page(owner, path))
    write(made, "headline", "갓 튀긴 치킨")
    answer = owner.post(f"{path}yes/", {"seal": seen})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "방금 내용이 바뀌었어요. 다시 보고 눌러 주세요." in html
    assert "갓 튀긴 치킨" in html
    made.refresh_from_db()
    assert made.content == ContentState.SENT
    assert owner.post(f"{path}yes/", {"seal": seal_on(html)}).status_code == 302
    version = reviews.confirmed_version(made)
    assert version is not None
    assert version.headline == "갓 튀긴 치킨"


@pytest.mark.django_db
def test_the_page_follows_the_draft_and_the_contract_and_is_quiet_in_between() -> None:
    made = eligible(now=NOW)
    path = sent(made)
    owner = phone()
    seen = seal_on(page(owner, path))
    assert owner.get(f"{path}look/", {"seal": seen}).status_code == 204
    write(made, "body", "두 번 튀겨서 바삭해요")
    answer = owner.get(f"{path}look/", {"seal": seen})
    assert answer.status_code == 200
    assert "두 번 튀겨서 바삭해요" in answer.content.decode()
    applications.save(
        made.pk,
        [Edit("term_months", "12", 10**6)],
        visit="desk",
        by=None,
        address=None,
        now=NOW,
    )
    assert "17,600원" in owner.get(f"{path}look/", {"seal": seen}).content.decode()
    sent(made)
    assert owner.get(f"{path}look/", {"seal": seen}).status_code == 410


@pytest.mark.django_db
def test_while_the_draft_could_not_go_out_there_is_nothing_to_press() -> None:
    made = eligible(now=NOW)
    path = sent(made)
    write(made, "body", "")
    html = page(phone(), path)
    assert "지금 문자를 고치고 있어요" in html
    assert re.search(r"<button[^>]*form=\"yes\"[^>]*disabled", html)


@pytest.mark.django_db
def test_a_member_of_staff_sees_the_draft_and_may_not_say_yes() -> None:
    made = eligible(now=NOW)
    path = sent(made)
    staff = staff_client(StaffFactory())
    html = page(staff, path)
    assert "직원은 보기만 할 수 있어요" in html
    assert 'form="yes"' not in html
    seal = reviews.seal_of(made, NOW)
    assert staff.post(f"{path}yes/", {"seal": seal}).status_code == 403
    assert staff.post(f"{path}changes/", {"mark": "body"}).status_code == 403
    assert DraftReview.objects.get().answer == ReviewAnswer.NONE
    assert not User.objects.filter(mobile=made.owner_mobile).exists()


@pytest.mark.django_db
def test_what_is_to_be_changed_is_marked_on_the_phone_and_kept_when_something_is_wrong() -> None:
    made = eligible(now=NOW)
    path = sent(made)
    owner = phone()
    page(owner, path)
    html = page(owner, f"{path}changes/")
    offered = re.findall(r'name="mark"\s+value="(\w+)"', html)
    assert offered == ["picture", "headline", "body", "hours", "contact", "link", "terms"]

    nothing = owner.post(f"{path}changes/", {"note": " "})
    assert nothing.status_code == 422
    assert "고칠 곳을 하나 이상" in nothing.content.decode()
    long = owner.post(f"{path}changes/", {"note": "가" * 501, "mark": "body"})
    assert "가" * 501 in long.content.decode()
    assert re.search(r'value="body"\s+checked', long.content.decode())

    answer = owner.post(f"{path}changes/", {"mark": ["body", "terms"], "note": "<b>양념</b>도요"})
    assert answer["Location"] == path
    html = page(owner, path)
    assert "전달했어요" in html
    assert "내용, 요금과 약정" in html
    assert "&lt;b&gt;양념" in html
    made.refresh_from_db()
    assert made.content == ContentState.CHANGES
    assert owner.get(f"{path}changes/")["Location"] == path


@pytest.mark.django_db
def test_the_picture_is_for_whoever_holds_the_link_and_its_name_changes_with_it() -> None:
    made = eligible(now=NOW)
    path = sent(made)
    owner = phone()
    found = re.search(r'src="(/confirm/[^"]+picture\.webp\?seal=\w+)"', page(owner, path))
    assert found
    answer = owner.get(found[1])
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert "private" in answer["Cache-Control"]
    write(made, "body", "글만 바뀌어요")
    assert found[1] in page(owner, path)
    write(made, "picture", "drawn:1")
    assert found[1] not in page(owner, path)
    assert "no-store" in owner.get(found[1])["Cache-Control"]


@pytest.mark.django_db
def test_after_the_yes_the_page_says_how_far_it_is() -> None:
    made = received(now=NOW)
    path = sent(made)
    owner = phone()
    html = confirmed(owner, path)
    assert "국세청의 사업자 확인을 기다리고 있어요" in html
    seen = re.search(r'data-seal="(\w{16})"', html)
    assert seen
    look = f"{path}look/?page=done&seal={seen[1]}"
    assert owner.get(look).status_code == 204
    Application.objects.filter(pk=made.pk).update(state=ApplicationState.ACTIVE, active_at=NOW)
    assert "개통됐어요" in owner.get(look).content.decode()


@pytest.mark.django_db
def test_a_yes_without_the_pages_own_token_is_no_yes() -> None:
    path = sent(eligible(now=NOW))
    forged = phone(enforce_csrf_checks=True)
    page(forged, path)
    assert forged.post(f"{path}yes/", {"seal": "x"}).status_code == 403
