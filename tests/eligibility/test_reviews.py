"""What an owner confirms is what goes out: the link, the one device, the seal, the frozen version."""

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from eligibility import applications, drafting, reviews
from eligibility.enums import ApplicationState, ContentState, ReviewAnswer, TryKind
from eligibility.errors import ApplicationRefused
from eligibility.form_log import Edit
from eligibility.models import Application, ContactTry, DraftReview
from eligibility.reviews import LinkState, ReviewRefused
from messaging import promos
from messaging.editor import drafts
from messaging.editor.fields import of_version
from messaging.models import Message, PromoVersion
from messaging.notices import take
from shopmsg.accounts.enums import MemberRole, NoticeKind, Role, ShopStatus
from shopmsg.accounts.models import AuditEntry, Membership, Notice, Shop, User
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.eligibility import application, eligible, received

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
PHONE = "the-owners-phone"


def sent(made: Application, now: datetime = NOW, by: User | None = None) -> str:
    """The token the owner was texted."""
    reviews.send(made.pk, by=by, address=None, now=now)
    link = str(Notice.objects.filter(kind=NoticeKind.DRAFT_REVIEW).latest("pk").fields["link"])
    return link.strip("/").rpartition("/")[2]


def seal(made: Application, now: datetime = NOW) -> str:
    return reviews.seal_of(Application.objects.get(pk=made.pk), now)


def confirm(token: str, made: Application, *, now: datetime = NOW, **more: Any) -> reviews.Confirmed:
    given = {"seal": seal(made, now), "device": PHONE, "address": None, "now": now, **more}
    return reviews.confirm(token, **given)


def refused(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(ReviewRefused) as error:
        act()
    assert error.value.code == code


def write(made: Application, name: str, value: str, now: datetime = NOW) -> None:
    """Somebody changes the draft in the editor."""
    shop = Application.objects.get(pk=made.pk).shop
    assert shop is not None
    base = drafts.state(shop, visit="editor", now=now).revision
    drafts.save(shop, [drafts.Edit(name, value, base)], visit="editor", by=None, now=now)


def say(made: Application, now: datetime = NOW, **typed: str) -> None:
    """An agent changes the form."""
    edits = [Edit(name, value, 10**6) for name, value in typed.items()]
    applications.save(made.pk, edits, visit="desk", by=None, address=None, now=now)


@pytest.mark.django_db
def test_a_button_pressed_twice_is_one_text_and_one_try() -> None:
    made = eligible(now=NOW)
    for later in (0, 2):
        reviews.send(made.pk, by=None, address=None, now=NOW + timedelta(seconds=later))

    assert Notice.objects.filter(kind=NoticeKind.DRAFT_REVIEW).count() == 1
    assert made.tries.count() == 1


@pytest.mark.django_db
def test_sending_receives_a_complete_form_and_texts_the_owner_a_link() -> None:
    made, agent = application(now=NOW), StaffFactory()
    token = sent(made, by=agent)
    made.refresh_from_db()
    assert (made.state, made.content, made.drafted_at) == (ApplicationState.RECEIVED, ContentState.SENT, NOW)
    review = made.reviews.get()
    assert review.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert review.expires_at == NOW + timedelta(days=7)
    assert list(made.tries.values_list("kind", "answered", "by")) == [(TryKind.TEXT, False, agent.pk)]
    assert AuditEntry.objects.filter(action="review.sent", actor=agent, shop=made.shop).count() == 1

    take(NOW)
    text = Message.objects.get().text
    assert f"/confirm/{token}/" in text
    assert made.shop_name in text
    assert not text.startswith("(광고)")
    assert Notice.objects.get().fields == {}


@pytest.mark.django_db
def test_what_cannot_be_sent_is_refused_with_a_sentence() -> None:
    with pytest.raises(ApplicationRefused) as incomplete:
        reviews.send(application(now=NOW, line_number="").pk, by=None, address=None, now=NOW)
    assert incomplete.value.code == "incomplete"

    gone = received(now=NOW)
    applications.withdraw(gone.pk, reason="마음이 바뀜", by=None, address=None, now=NOW)
    with pytest.raises(ApplicationRefused) as over:
        reviews.send(gone.pk, by=None, address=None, now=NOW)
    assert over.value.code == "wrong_state"

    empty = received(now=NOW)
    write(empty, "body", "")
    with pytest.raises(ApplicationRefused) as unfit:
        reviews.send(empty.pk, by=None, address=None, now=NOW)
    assert unfit.value.code == "not_ready"
    write(empty, "body", "뚝배기째 나가요🍲")
    with pytest.raises(ApplicationRefused) as unsendable:
        reviews.send(empty.pk, by=None, address=None, now=NOW)
    assert "🍲" in unsendable.value.message
    assert not DraftReview.objects.exists()


@pytest.mark.django_db
def test_a_number_gets_five_links_an_hour_and_an_application_ten_a_day() -> None:
    made = received(now=NOW)
    for _ in range(5):
        sent(made)
    with pytest.raises(ApplicationRefused) as often:
        sent(made)
    assert often.value.code == "too_often"
    later = NOW + timedelta(hours=1)
    for _ in range(5):
        sent(made, later)
    with pytest.raises(ApplicationRefused):
        sent(made, later + timedelta(hours=1))
    assert made.reviews.filter(answer=ReviewAnswer.NONE).count() == 1


@pytest.mark.django_db
def test_only_the_newest_link_works_for_a_week_and_only_for_the_number_in_the_form() -> None:
    made = received(now=NOW)
    first = sent(made)
    second = sent(made, NOW + timedelta(hours=1))
    week = NOW + timedelta(hours=1, days=7)
    assert reviews.find(first, NOW).state == LinkState.GONE
    assert reviews.find("never-sent", NOW).state == LinkState.GONE
    assert reviews.find(second, week - timedelta(seconds=1)).state == LinkState.OPEN
    assert reviews.find(second, week).state == LinkState.EXPIRED
    refused("expired", lambda: confirm(second, made, now=week))
    refused("gone", lambda: confirm(first, made))

    say(made, owner_mobile="010-7777-6666")
    assert reviews.find(second, NOW).state == LinkState.GONE
    refused("gone", lambda: confirm(second, made))
    refused("gone", lambda: reviews.send_again(second, address=None, now=NOW))


@pytest.mark.django_db
def test_confirming_gives_the_owner_an_account_and_freezes_what_they_saw() -> None:
    made = eligible(now=NOW)
    token = sent(made)
    before = drafting.current_fields(made, NOW)
    done = confirm(token, made, address="203.0.113.9")
    made.refresh_from_db()
    assert (made.content, made.confirmed_at, made.owner) == (ContentState.CONFIRMED, NOW, done.user)
    assert (done.user.mobile, done.user.name) == (made.owner_mobile, made.owner_name)
    assert Membership.objects.get(shop=made.shop, user=done.user).role == MemberRole.OWNER
    assert not made.tries.filter(answered=False).exists()

    write(made, "headline", "확정한 뒤에 고친 제목")
    version = reviews.confirmed_version(made)
    assert version is not None
    assert of_version(version) == before
    assert not version.live
    entry = AuditEntry.objects.get(action="review.confirmed")
    assert (entry.actor, entry.address, entry.detail["monthly_krw"]) == (done.user, "203.0.113.9", 13_200)

    shop = Shop.objects.get(applications=made)
    assert reviews.publish_confirmed(made, by=None, address=None, now=NOW)
    assert promos.live(shop) == version


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda made: write(made, "headline", "다른 제목"),
        lambda made: write(made, "picture", "drawn:1"),
        lambda made: say(made, term_months="12"),
        lambda made: say(made, line_number="02-777-1234"),
        lambda made: say(made, shop_name="다른치킨"),
    ],
    ids=["words", "picture", "contract", "line", "shop"],
)
def test_a_screen_that_has_changed_confirms_nothing(change: Callable[[Application], None]) -> None:
    made = eligible(now=NOW)
    token = sent(made)
    seen = seal(made)
    change(made)
    refused("changed", lambda: confirm(token, made, seal=seen))
    made.refresh_from_db()
    assert made.content == ContentState.SENT
    assert not User.objects.filter(mobile=made.owner_mobile).exists()
    assert not PromoVersion.objects.filter(shop=made.shop).exists()
    assert confirm(token, made).again is False


@pytest.mark.django_db
def test_a_draft_that_could_not_go_out_cannot_be_confirmed() -> None:
    made = eligible(now=NOW)
    token = sent(made)
    write(made, "body", "뷁" * 3)
    refused("unfit", lambda: confirm(token, made))
    say(made, line_number="1234")
    write(made, "body", "튀겨요")
    refused("unfit", lambda: confirm(token, made))


@pytest.mark.django_db
def test_the_price_seen_is_of_its_day_and_an_answer_past_midnight_is_still_one() -> None:
    made = eligible(now=NOW)
    token = sent(made)
    seen = seal(made, datetime(2026, 3, 2, 14, 59, tzinfo=UTC))
    assert confirm(token, made, seal=seen, now=datetime(2026, 3, 2, 15, 1, tzinfo=UTC)).again is False


@pytest.mark.django_db
def test_the_first_device_keeps_the_link() -> None:
    made = eligible(now=NOW)
    token = sent(made)
    review = reviews.find(token, NOW).review
    assert review is not None
    assert reviews.open_on(review, PHONE, NOW)
    assert reviews.open_on(review, PHONE, NOW + timedelta(hours=1))
    assert not reviews.open_on(review, "another", NOW)
    review.refresh_from_db()
    assert review.opened_at == NOW
    assert PHONE not in review.device
    refused("other_device", lambda: confirm(token, made, device="another"))
    refused("other_device", lambda: confirm(token, made, device=""))
    assert confirm(token, made).again is False


@pytest.mark.django_db
def test_a_fresh_link_goes_to_the_owner_voids_the_old_and_is_no_try_of_ours() -> None:
    made = received(now=NOW)
    token = sent(made)
    asked = [reviews.send_again(token, address=None, now=NOW)]
    assert asked == ["010-****-" + made.owner_mobile[-4:]]
    assert reviews.find(token, NOW).state == LinkState.GONE
    assert ContactTry.objects.count() == 1
    refused("gone", lambda: reviews.send_again(token, address=None, now=NOW))

    for _ in range(2):
        newest = str(Notice.objects.latest("pk").fields["link"]).strip("/").rpartition("/")[2]
        reviews.send_again(newest, address=None, now=NOW)
    newest = str(Notice.objects.latest("pk").fields["link"]).strip("/").rpartition("/")[2]
    refused("too_often", lambda: reviews.send_again(newest, address=None, now=NOW))


@pytest.mark.django_db
def test_marks_and_words_go_to_the_producers_once() -> None:
    made = eligible(now=NOW)
    token = sent(made)
    ask: dict[str, Any] = {"seal": "", "device": PHONE, "address": None, "now": NOW}
    refused("nothing_marked", lambda: reviews.ask_changes(token, marks=["no such"], note="  ", **ask))
    refused("note_long", lambda: reviews.ask_changes(token, marks=[], note="가" * 501, **ask))
    asked = reviews.ask_changes(token, marks=["body", "picture", "ad"], note="양념도 넣어 주세요", **ask)
    assert (asked.marks, asked.note) == (["picture", "body"], "양념도 넣어 주세요")
    made.refresh_from_db()
    assert made.content == ContentState.CHANGES
    assert not made.tries.filter(answered=False).exists()

    again = reviews.ask_changes(token, marks=["link"], note="", **ask)
    assert again.marks == ["picture", "body"]
    refused("changes", lambda: confirm(token, made))
    confirm(sent(made), made)


@pytest.mark.django_db
def test_an_application_that_ended_meanwhile_takes_no_answer() -> None:
    made = eligible(now=NOW)
    token = sent(made)
    applications.withdraw(made.pk, reason="", by=None, address=None, now=NOW)
    assert reviews.find(token, NOW).state == LinkState.ENDED
    refused("ended", lambda: confirm(token, made))
    refused(
        "ended",
        lambda: reviews.ask_changes(
            token, seal="", marks=["body"], note="", device=PHONE, address=None, now=NOW
        ),
    )


@pytest.mark.django_db
def test_an_owner_who_has_a_shop_gets_the_second_one_under_the_same_account() -> None:
    owner = UserFactory(mobile="01055556666", name="김사장")
    made = eligible(now=NOW, owner_mobile="010-5555-6666", owner_name="김 사장")
    assert made.shop is not None
    Membership.objects.create(shop=made.shop, user=owner, role=MemberRole.VIEWER)
    assert confirm(sent(made), made).user == owner
    assert Membership.objects.get(shop=made.shop, user=owner).role == MemberRole.OWNER
    owner.refresh_from_db()
    assert owner.name == "김사장"


@pytest.mark.django_db
def test_a_number_that_became_one_of_ours_cannot_confirm() -> None:
    made = eligible(now=NOW)
    token = sent(made)
    StaffFactory(mobile=made.owner_mobile, role=Role.AGENT)
    refused("not_possible", lambda: confirm(token, made))
    assert reviews.find(token, NOW).state == LinkState.OPEN


@pytest.mark.django_db
def test_in_a_shop_that_is_active_already_the_confirmed_promo_goes_live() -> None:
    made = eligible(now=NOW)
    Application.objects.filter(pk=made.pk).update(state=ApplicationState.ACTIVE, active_at=NOW)
    Shop.objects.filter(applications=made).update(status=ShopStatus.ACTIVE)
    token = sent(made)
    confirm(token, made)
    made.refresh_from_db()
    shop = Shop.objects.get(applications=made)
    assert promos.live(shop) == reviews.confirmed_version(made)
    assert drafts.state(shop, visit="", now=NOW).unpublished is False
    with pytest.raises(ApplicationRefused):
        reviews.send(made.pk, by=None, address=None, now=NOW)


@pytest.mark.django_db
def test_a_contract_changed_after_the_owner_said_yes_is_noticed() -> None:
    made = eligible(now=NOW)
    assert not reviews.contract_changed(made, NOW)
    confirm(sent(made), made)
    made.refresh_from_db()
    assert not reviews.contract_changed(made, NOW + timedelta(days=20))
    say(made, term_months="0")
    made.refresh_from_db()
    assert reviews.contract_changed(made, NOW)
    confirm(sent(made), made)
    made.refresh_from_db()
    assert not reviews.contract_changed(made, NOW)


@pytest.mark.django_db(transaction=True)
def test_pressed_on_twice_at_once_it_is_confirmed_once() -> None:
    made = eligible(now=NOW)
    token = sent(made)
    seen = seal(made)

    def press(_: int) -> bool:
        try:
            return reviews.confirm(token, seal=seen, device=PHONE, address=None, now=NOW).again
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as thumbs:
        assert sorted(thumbs.map(press, range(4))) == [False, True, True, True]
    assert PromoVersion.objects.filter(shop=made.shop).count() == 1
    assert AuditEntry.objects.filter(action="review.confirmed").count() == 1
    assert User.objects.filter(mobile=made.owner_mobile).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_producers_edit_that_comes_first_makes_the_owners_yes_look_again() -> None:
    made = eligible(now=NOW)
    token = sent(made)
    seen = seal(made)
    shop = made.shop
    assert shop is not None
    with ThreadPoolExecutor(1) as thumb:
        with transaction.atomic():
            drafts.save(shop, [drafts.Edit("headline", "한발 빠른 제목", 10**6)], visit="p", by=None, now=NOW)
            pressed = thumb.submit(_closing, token, seen)
            _until_waiting()
        with pytest.raises(ReviewRefused) as error:
            pressed.result(20)
    assert error.value.code == "changed"


def _closing(token: str, seen: str) -> object:
    try:
        return reviews.confirm(token, seal=seen, device=PHONE, address=None, now=NOW)
    finally:
        connection.close()


def _until_waiting() -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")
