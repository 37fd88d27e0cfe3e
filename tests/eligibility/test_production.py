"""The producers' queue, its page of one application, and how owners are tried to be reached."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from eligibility import activation, applications, production, reviews
from eligibility.enums import ApplicationState, ContentState, RegistryState, ReviewAnswer, TryKind
from eligibility.errors import ApplicationRefused
from eligibility.models import Application, ContactTry, DraftReview
from eligibility.queries import production as queries
from messaging.editor import drafts
from messaging.editor.fields import DraftFields
from shopmsg.accounts import delegations
from shopmsg.accounts.enums import DelegationScope, Role, ShopStatus
from shopmsg.accounts.models import AuditEntry, Delegation, Notice, Shop, User
from shopmsg.core.clock import day_start, kst_day
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import StaffFactory
from tests.factories.eligibility import ADDRESS, application, confirmed, eligible, received

pytestmark = pytest.mark.django_db


@pytest.fixture
def producer() -> User:
    return StaffFactory(role=Role.PRODUCER, name="이제작")


@pytest.fixture
def client(producer: User) -> Client:
    return staff_client(producer)


def _names(part: str = "all") -> list[str]:
    chosen = next(each for each in queries.PARTS if each.key == part)
    return [row.shop_name for row in queries.queue(chosen)]


def _sent(now: datetime, **form: Any) -> Application:
    made = eligible(now=now, **form)
    reviews.send(made.pk, by=None, address=None, now=now)
    return Application.objects.get(pk=made.pk)


def _changes(made: Application, now: datetime, *marks: str, note: str = "") -> None:
    token = Notice.objects.get(key=f"review:{made.reviews.get().pk}").fields["link"].split("/")[-2]
    seal = reviews.seal_of(made, now)
    reviews.ask_changes(token, seal=seal, marks=marks, note=note, device="phone", address=None, now=now)


def _missed(made: Application, producer: User, now: datetime, times: int = 1) -> str:
    noted = [
        production.note_try(made.pk, answered=False, note="", by=producer, address=None, now=now)
        for _ in range(times)
    ]
    return noted[-1].undo


def test_what_is_late_comes_first_then_the_soonest_promise_then_who_has_waited_longest(
    producer: User,
) -> None:
    now = timezone.now()
    _sent(now - timedelta(hours=2), shop_name="방금보낸집")
    _sent(now - timedelta(hours=9), shop_name="아까보낸집")
    received(now=now - timedelta(hours=1), shop_name="새로온집")
    received(now=now - timedelta(hours=26), shop_name="늦은집")
    asked = _sent(now - timedelta(hours=40), shop_name="고칠집")
    _changes(asked, now - timedelta(hours=20), "body")
    assert _names() == ["늦은집", "고칠집", "새로온집", "아까보낸집", "방금보낸집"]
    assert _names("make") == ["늦은집", "새로온집"]
    assert _names("asked") == ["아까보낸집", "방금보낸집"]
    assert _names("changes") == ["고칠집"]


def test_only_what_is_received_and_neither_confirmed_nor_over_is_in_the_queue(producer: User) -> None:
    now = timezone.now()
    application()
    confirmed()
    over = received()
    applications.withdraw(over.pk, reason="마음이 바뀜", by=producer, address=None, now=now)
    again = received()
    applications.withdraw(again.pk, reason="마음이 바뀜", by=producer, address=None, now=now)
    applications.reopen(again.pk, by=producer, address=None, now=now)
    left = eligible()
    Shop.objects.filter(pk=left.shop_id or 0).update(status=ShopStatus.CLOSED)
    here = received(shop_name="만들집")
    assert _names() == [here.shop_name]


def test_the_parts_hold_every_application_once_and_their_counts_are_their_rows(producer: User) -> None:
    now = timezone.now()
    received()
    _sent(now)
    _changes(_sent(now), now, "headline")
    first = _sent(now)
    _missed(first, producer, now, 2)
    activation.activate_first(first.pk, by=producer, address=None, now=now)
    counts = queries.counts()
    assert counts == {"all": 4, "make": 1, "changes": 1, "asked": 1, "active": 1}
    assert counts == {part.key: queries.queue(part).count() for part in queries.PARTS}


def test_an_application_activated_first_comes_back_as_to_be_confirmed(client: Client, producer: User) -> None:
    made = _sent(timezone.now(), shop_name="먼저집")
    _missed(made, producer, timezone.now(), 2)
    page = client.get(f"/production/{made.pk}/first/")
    assert "이달의 인사" in page.content.decode()
    answer = client.post(f"/production/{made.pk}/first/", follow=True)
    made.refresh_from_db()
    assert (made.state, made.content) == (ApplicationState.ACTIVATING, ContentState.SENT)
    assert _names("active") == ["먼저집"]
    assert "확인 대기" in answer.content.decode()


def test_before_the_third_try_in_vain_the_place_of_the_button_says_how_many_are_missing(
    client: Client, producer: User
) -> None:
    made = _sent(timezone.now())
    assert "연락 2번 더 필요" in client.get(f"/production/{made.pk}/").content.decode()
    assert client.get(f"/production/{made.pk}/first/").status_code == 302
    refused = client.post(f"/production/{made.pk}/first/")
    assert refused.status_code == 409
    _missed(made, producer, timezone.now(), 2)
    assert f'href="/production/{made.pk}/first/"' in client.get(f"/production/{made.pk}/").content.decode()


def test_a_call_that_was_answered_begins_the_count_of_tries_anew(producer: User) -> None:
    now = timezone.now()
    made = _sent(now - timedelta(hours=5))
    _missed(made, producer, now - timedelta(hours=4))
    assert len(production.unanswered(made)) == 2
    production.note_try(
        made.pk, answered=True, note="", by=producer, address=None, now=now - timedelta(hours=3)
    )
    assert production.unanswered(made) == []
    _missed(made, producer, now)
    made = Application.objects.get(pk=made.pk)
    assert [tried.at for tried in production.unanswered(made)] == [now]
    assert activation.tries_missing(made) == 2
    assert made.content == ContentState.SENT


def test_a_change_told_on_the_telephone_is_a_change_request_with_its_note(client: Client) -> None:
    made = _sent(timezone.now())
    place = f"/production/{made.pk}/"
    nothing = client.post(f"{place}call/", {"outcome": "changes", "note": " "})
    assert nothing.status_code == 422
    assert "무엇을 고칠지 적어 주세요." in nothing.content.decode()
    done = client.post(f"{place}call/", {"outcome": "changes", "note": "곱빼기 값을\n빼 주세요"}, follow=True)
    made.refresh_from_db()
    assert made.content == ContentState.CHANGES
    tried = made.tries.order_by("-pk").first()
    assert tried is not None
    assert (tried.note, tried.answered, tried.by) == ("곱빼기 값을 빼 주세요", True, done.wsgi_request.user)
    assert "곱빼기 값을 빼 주세요" in done.content.decode()
    entry = AuditEntry.objects.get(action="contact.noted")
    assert (entry.subject, entry.shop_id) == (f"application:{made.pk}", made.shop_id)


@pytest.mark.parametrize("content", [ContentState.WAITING, ContentState.SENT])
def test_a_call_noted_by_mistake_is_taken_back_with_what_it_did(client: Client, content: str) -> None:
    made = eligible() if content == ContentState.WAITING else _sent(timezone.now())
    tries = made.tries.count()
    answer = client.post(f"/production/{made.pk}/call/", {"outcome": "changes", "note": "그림"})
    token = client.get(answer["Location"]).context["undo"]
    client.post(f"/production/{made.pk}/call/undo/", {"undo": token})
    made.refresh_from_db()
    assert (made.content, made.tries.count()) == (content, tries)
    again = client.post(f"/production/{made.pk}/call/undo/", {"undo": token})
    assert again.status_code == 409
    assert "이미 되돌린 기록" in again.content.decode()


def test_a_call_is_not_taken_back_once_something_newer_happened_nor_by_somebody_else(producer: User) -> None:
    now = timezone.now()
    made = _sent(now)
    undo = _missed(made, producer, now)
    with pytest.raises(ApplicationRefused):
        production.take_back(undo, by=StaffFactory(role=Role.PRODUCER), address=None)
    _missed(made, producer, now)
    with pytest.raises(ApplicationRefused, match="그사이"):
        production.take_back(undo, by=producer, address=None)
    with pytest.raises(ApplicationRefused):
        production.take_back(signing.dumps({"try": 1, "before": ""}), by=producer, address=None)
    assert made.tries.count() == 3


def test_a_change_told_by_telephone_is_not_taken_back_after_the_owner_confirmed(producer: User) -> None:
    now = timezone.now()
    made = _sent(now)
    noted = production.note_try(
        made.pk, answered=True, changes=True, note="제목", by=producer, address=None, now=now
    )
    token = Notice.objects.get(key=f"review:{made.reviews.get().pk}").fields["link"].split("/")[-2]
    seal = reviews.seal_of(made, now)
    reviews.confirm(token, seal=seal, device="phone", address=None, now=now)
    with pytest.raises(ApplicationRefused):
        production.take_back(noted.undo, by=producer, address=None)
    made.refresh_from_db()
    assert made.content == ContentState.CONFIRMED


def test_nobody_is_called_about_what_is_confirmed_or_over(producer: User) -> None:
    now = timezone.now()
    over = received()
    applications.withdraw(over.pk, reason="", by=None, address=None, now=now)
    for made in (confirmed(), over):
        with pytest.raises(ApplicationRefused) as refused:
            _missed(made, producer, now)
        assert refused.value.code == "wrong_state"
    assert not ContactTry.objects.filter(kind=TryKind.CALL).exists()


def test_the_editor_opens_in_the_owners_place_and_leads_back(client: Client, producer: User) -> None:
    made = received()
    assert made.shop is not None
    answer = client.post(f"/production/{made.pk}/edit/")
    assert answer["Location"] == f"/shops/{made.shop.slug}/promo/"
    assert client.get(answer["Location"]).status_code == 200
    delegation = delegations.active(producer, made.shop, timezone.now())
    assert delegation is not None
    assert (delegation.scope, delegation.reason) == (
        DelegationScope.CONTENT,
        f"시안 제작 (신청 {made.pk})",
    )
    finished = client.post(f"/staff/delegations/{delegation.pk}/finish/")
    assert finished["Location"] == f"/production/{made.pk}/"


def test_nobody_writes_in_a_draft_that_the_owner_has_confirmed(client: Client) -> None:
    made = confirmed()
    answer = client.post(f"/production/{made.pk}/edit/")
    assert answer.status_code == 409
    assert "이미 확정한 시안" in answer.content.decode()
    assert not Delegation.objects.exists()


def test_colleagues_see_who_works_on_what_and_since_when(client: Client) -> None:
    made = received()
    assert made.shop is not None
    colleague = StaffFactory(role=Role.PRODUCER, name="한동료")
    delegations.begin(
        colleague,
        made.shop,
        scope=DelegationScope.CONTENT,
        reason="시안 제작",
        return_to="/",
        address=None,
        now=timezone.now() - timedelta(minutes=10, seconds=5),
    )
    for path in ("/production/", f"/production/{made.pk}/"):
        assert "한동료 님이 10분 전부터 작업 중" in client.get(path).content.decode()


def test_a_draft_sent_from_here_reaches_the_owner_and_counts_as_a_try(client: Client, producer: User) -> None:
    made = eligible()
    answer = client.post(f"/production/{made.pk}/send/", follow=True)
    assert "시안 문자를 보냈습니다" in answer.content.decode()
    assert made.reviews.get().sent_by == producer
    assert len(production.unanswered(made)) == 1
    for _ in range(4):
        client.post(f"/production/{made.pk}/send/")
    often = client.post(f"/production/{made.pk}/send/")
    assert often.status_code == 409
    assert "한 시간에 다섯 번" in often.content.decode()


def test_what_is_written_after_the_sending_needs_no_second_one_and_the_page_says_so(client: Client) -> None:
    now = timezone.now()
    made = _sent(now - timedelta(hours=1))
    said = "보낸 뒤 고쳤음"
    assert said not in client.get(f"/production/{made.pk}/").content.decode()
    assert made.shop is not None
    drafts.replace(made.shop, DraftFields(headline="새 제목", body="새 글"), visit="", by=None, now=now)
    page = client.get(f"/production/{made.pk}/").content.decode()
    assert said in page
    assert "새 제목" in page


def test_the_places_an_owner_marked_are_marked_in_the_message_and_not_a_character_is_lost(
    client: Client,
) -> None:
    now = timezone.now()
    made = _sent(now)
    _changes(made, now, "headline", "body", note="이름을 크게 <b>")
    answer = client.get(f"/production/{made.pk}/")
    page = answer.content.decode()
    phone = answer.context["phone"]
    assert page.count('<mark class="asked">') == 4  # two named, two in the message
    assert "이름을 크게 &lt;b&gt;" in page
    assert answer.context["edits_first"]
    bare = str(phone.body).replace('<mark class="asked">', "").replace("</mark>", "")
    assert bare.replace('<span class="locked">', "").replace("</span>", "") == phone.text
    assert DraftReview.objects.get().answer == ReviewAnswer.CHANGES
    assert made.shop is not None
    later = timezone.now()
    drafts.replace(made.shop, DraftFields(headline="새 제목", body="새 글"), visit="", by=None, now=later)
    assert not client.get(f"/production/{made.pk}/").context["edits_first"]


def test_a_dealers_customer_who_calls_is_found_by_any_number_and_no_number_stands_in_an_address(
    client: Client,
) -> None:
    made = confirmed(shop_name="전화한집", owner_mobile="010-7777-1234", line_number="02-888-1234")
    received(shop_name="다른집")
    for words in ("0107777", "02-888-1234", "전화한"):
        answer = client.post("/production/", {"words": words})
        assert words not in answer["Location"]
        page = client.get(answer["Location"]).content.decode()
        assert f"/production/{made.pk}/" in page
        assert "다른집" not in page


def test_who_makes_no_content_finds_no_queue(client: Client) -> None:
    made = received()
    form = application()
    for role in (Role.AGENT, Role.DEALER):
        other = staff_client(StaffFactory(role=role))
        for path in ("/production/", f"/production/{made.pk}/", f"/production/{made.pk}/picture.webp"):
            assert other.get(path).status_code == 404
        for verb in ("edit", "send", "call", "call/undo", "first"):
            assert other.post(f"/production/{made.pk}/{verb}/").status_code == 404
    assert client.get(f"/production/{form.pk}/").status_code == 404
    assert Client().get("/production/")["Location"].startswith("/staff/login/")
    assert staff_client(StaffFactory(role=Role.ADMIN)).get(f"/production/{made.pk}/").status_code == 200


def test_promises_are_said_in_words(client: Client) -> None:
    now = timezone.now()
    noon = day_start(kst_day(now)) + timedelta(hours=12)
    late = received()
    Application.objects.filter(pk=late.pk).update(content_due_at=now - timedelta(hours=2, minutes=1))
    soon = received()
    Application.objects.filter(pk=soon.pk).update(content_due_at=noon + timedelta(days=1))
    page = client.get("/production/").content.decode()
    assert "약속 지남 2시간" in page
    assert "내일까지" in page
    assert page.index("약속 지남") < page.index("내일까지")


def test_an_empty_queue_says_what_will_be_there(client: Client) -> None:
    for part in queries.PARTS:
        assert part.empty in client.get(f"/production/?part={part.key}").content.decode()
    assert "할 일 없음" in client.get("/production/?part=nothing&page=-3").content.decode()


def test_the_queue_is_read_with_as_many_statements_however_long_it_is(client: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get("/production/").status_code == 200
        return len(seen)

    received()
    one = asked()
    for _ in range(4):
        received()
    assert asked() == one


def test_long_queues_are_paged(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eligibility.views.production.PAGE", 2)
    now = timezone.now()
    names = [f"{position}번집" for position in range(3)]
    for position, name in enumerate(names):
        received(shop_name=name, now=now - timedelta(hours=9 - position))
    first = client.get("/production/").content.decode()
    second = client.get("/production/?part=all&page=2").content.decode()
    assert [name in first for name in names] == [True, True, False]
    assert [name in second for name in names] == [False, False, True]
    keys = list(queries.queue().values_list("pk", flat=True))
    assert queries.neighbours(keys[1]) == (keys[0], keys[2])
    assert queries.neighbours(0) == (None, keys[0])


def test_an_application_the_tax_office_has_not_answered_for_is_made_all_the_same(client: Client) -> None:
    made = received()
    applications.registry_answered(made.pk, made.business_number, RegistryState.UNREACHABLE, timezone.now())
    client.post(f"/production/{made.pk}/send/")
    page = client.get(f"/production/{made.pk}/").content.decode()
    assert "먼저 개통: 사업자 확인이 끝난 뒤 가능" in page
    assert "사업자 확인 필요" in page
    assert made.reviews.count() == 1
    assert AuditEntry.objects.filter(action="review.sent", address="127.0.0.1").exists()
    assert ADDRESS not in page
