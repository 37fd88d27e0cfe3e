"""Who looks at a shop together with its owner."""

import threading
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from messaging import notices as texts
from messaging.alerts import quota_near, sending_stopped
from messaging.models import Message
from shopmsg.accounts import audit, people
from shopmsg.accounts.enums import MemberRole, NoticeKind
from shopmsg.accounts.errors import PeopleRefused
from shopmsg.accounts.models import AuditEntry, Membership, Notice, Shop, User
from shopmsg.accounts.sealing import keyring
from shopmsg.core.clock import kst_day
from tests.factories.accounts import MembershipFactory, ShopFactory, StaffFactory, UserFactory
from tests.messaging.owner_page import Stage, browser, stage

pytestmark = pytest.mark.django_db
NEW = {"mobile": "010-7777-0001", "name": "이직원", "role": "viewer"}


def _add(
    shop: Shop, mobile: str, by: User, role: MemberRole = MemberRole.VIEWER, now: datetime | None = None
) -> Membership:
    return people.add(shop, mobile, "이직원", role, by=by, address=None, now=now or timezone.now())


def test_somebody_new_is_added_told_by_text_and_looks_at_the_shop_with_the_own_number() -> None:
    at = stage()
    at.owner.post(at.url("people/"), NEW)
    added = Membership.objects.get(shop=at.shop, user__mobile="01077770001")
    assert (added.role, added.user.name, added.user.is_staff) == (MemberRole.VIEWER, "이직원", False)
    assert browser(added.user).get(at.url()).status_code == 200
    texts.take(timezone.now())
    text = Message.objects.get(notice_kind=NoticeKind.MEMBER_ADDED)
    assert at.user.name in text.text
    assert at.shop.name in text.text
    assert keyring().open(bytes(text.recipient_sealed or b"")) == "01077770001"
    entry = AuditEntry.objects.get(action="member.added")
    assert (entry.actor, entry.detail) == (at.user, {"role": "viewer"})
    assert "7777" not in str(entry.detail) + entry.subject


def test_of_somebody_we_knew_already_the_owner_learns_no_name() -> None:
    at = stage()
    User.objects.filter(pk=UserFactory(mobile="01077770001", name="비밀이름").pk).update(
        created_at=timezone.now() - timedelta(days=3)
    )
    page = at.owner.post(at.url("people/"), NEW, follow=True).content.decode()
    assert "비밀이름" not in page
    assert "비○○" in page
    assert User.objects.get(mobile="01077770001").name == "비밀이름"


def test_rights_are_changed_and_hold_at_once() -> None:
    at = stage()
    member = _add(at.shop, "01077770001", at.user)
    theirs = browser(member.user)
    assert theirs.post(at.url("sending/"), {"to": "off"}).status_code == 403
    at.owner.post(at.url(f"people/{member.pk}/"), {"role": "editor"})
    assert theirs.post(at.url("sending/"), {"to": "off"}).status_code == 302
    assert AuditEntry.objects.get(action="member.changed").detail == {"role": "editor", "before": "viewer"}


def test_who_is_taken_out_loses_the_shop_on_every_device_until_it_is_undone() -> None:
    at = stage()
    member = _add(at.shop, "01077770001", at.user, MemberRole.EDITOR)
    theirs = browser(member.user)
    path = at.url(f"people/{member.pk}/remove/")
    assert "뺄까요" in at.owner.get(path).content.decode()
    listed = at.owner.post(path, follow=True)
    assert theirs.get(at.url()).status_code == 404
    at.owner.post(at.url("people/undo/"), {"undo": listed.context["undo"]})
    assert Membership.objects.get(shop=at.shop, user=member.user).role == MemberRole.EDITOR
    assert theirs.get(at.url()).status_code == 200


def test_an_undo_works_only_in_its_shop_and_for_ten_minutes() -> None:
    mine, other = stage(), stage()
    token = people.remove(_add(other.shop, "01077770001", other.user), by=other.user, address=None)
    mine.owner.post(mine.url("people/undo/"), {"undo": token})
    with time_machine.travel(timezone.now() + timedelta(minutes=11)), pytest.raises(PeopleRefused):
        people.restore(other.shop, token, by=other.user, address=None)
    assert not Membership.objects.filter(user__mobile="01077770001").exists()


def test_only_owners_decide_about_people_and_only_about_their_own() -> None:
    at, other = stage(), stage()
    editor = MembershipFactory(shop=at.shop, role=MemberRole.EDITOR)
    theirs = browser(editor.user)
    for path in ("people/", f"people/{editor.pk}/", f"people/{editor.pk}/remove/", "people/undo/"):
        answer = theirs.post(at.url(path), NEW)
        assert answer.status_code == 403, path
        assert "사장님" in answer.content.decode()
    assert "더하고 문자 보내기" not in theirs.get(at.url("people/")).content.decode()
    assert other.owner.post(other.url(f"people/{editor.pk}/remove/")).status_code == 404
    assert Membership.objects.filter(shop=at.shop).count() == 3


def test_the_last_owner_stays() -> None:
    at = stage()
    mine = Membership.objects.get(shop=at.shop, user=at.user)
    assert "한 분은 있어야" in at.owner.post(at.url(f"people/{mine.pk}/remove/")).content.decode()
    assert (
        "한 분은 있어야" in at.owner.post(at.url(f"people/{mine.pk}/"), {"role": "viewer"}).content.decode()
    )
    MembershipFactory(shop=at.shop, user=UserFactory(is_active=False))
    assert "한 분은 있어야" in at.owner.post(at.url(f"people/{mine.pk}/remove/")).content.decode()
    MembershipFactory(shop=at.shop, role=MemberRole.OWNER)
    at.owner.post(at.url(f"people/{mine.pk}/remove/"))
    assert not Membership.objects.filter(pk=mine.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_two_owners_cannot_both_leave_at_the_same_moment() -> None:
    shop = ShopFactory(owner=UserFactory())
    MembershipFactory(shop=shop)
    both = list(Membership.objects.filter(shop=shop).select_related("shop", "user"))
    start = threading.Barrier(2)
    refused: list[str] = []

    def leave(member: Membership) -> None:
        start.wait()
        try:
            people.remove(member, by=member.user, address=None)
        except PeopleRefused as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=(member,)) for member in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["last_owner"]
    assert Membership.objects.filter(shop=shop).count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"mobile": "02-123-4567"},
        {"mobile": ""},
        {"name": " "},
        {"name": "가" * 41},
        {"role": "owner"},
        {"role": ""},
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_nobody_is_made(wrong: dict[str, str]) -> None:
    at = stage()
    people_before = User.objects.count()
    answer = at.owner.post(at.url("people/"), NEW | wrong)
    assert list(answer.context["form"].errors) == list(wrong)
    assert User.objects.count() == people_before
    assert not Notice.objects.exists()


def test_staff_and_who_is_there_already_are_not_added() -> None:
    at = stage()
    for mobile, sentence in ((StaffFactory().mobile, "더할 수 없어요"), (at.user.mobile, "이미 함께")):
        assert sentence in at.owner.post(at.url("people/"), NEW | {"mobile": mobile}).content.decode()
    assert not Notice.objects.exists()


def test_twenty_a_day_and_twenty_in_all() -> None:
    at = stage()
    now = timezone.now()
    for number in range(people.ADDED_A_DAY):
        people.remove(_add(at.shop, f"0107777{number:04d}", at.user, now=now), by=at.user, address=None)
    with pytest.raises(PeopleRefused) as refused:
        _add(at.shop, "01077779999", at.user, now=now)
    assert refused.value.code == "too_many_today"
    for _ in range(people.MOST):
        MembershipFactory(shop=at.shop, role=MemberRole.VIEWER)
    with pytest.raises(PeopleRefused) as refused:
        _add(at.shop, "01077779999", at.user, now=now + timedelta(days=1))
    assert refused.value.code == "full"
    assert audit.verify() is None


def _told(at: Stage) -> list[str]:
    return [str(kind) for kind in Notice.objects.order_by("pk").values_list("kind", flat=True)]


def test_an_owner_does_without_the_texts_not_wanted_and_never_without_that_sending_stopped() -> None:
    at = stage()
    now = timezone.now()
    partner = MembershipFactory(shop=at.shop, role=MemberRole.OWNER)
    at.owner.post(at.url("settings/notifications/"), {NoticeKind.PROMO_ENDING: "on"})
    mine = Membership.objects.get(shop=at.shop, user=at.user)
    assert mine.muted == [NoticeKind.QUOTA_NEAR]
    quota_near(at.shop.pk, kst_day(now), 450, 500)
    assert [keyring().open(bytes(each.to_sealed)) for each in Notice.objects.all()] == [partner.user.mobile]
    Membership.objects.filter(pk=mine.pk).update(muted=[kind.value for kind in NoticeKind])
    sending_stopped(at.shop, "", now)
    assert _told(at).count("sending_stopped") == 2


def test_who_is_no_owner_gets_no_texts_and_is_told_so() -> None:
    at = stage()
    assert "사장님께만" in at.colleague.get(at.url("settings/notifications/")).content.decode()
    assert at.colleague.post(at.url("settings/notifications/"), {}).status_code == 403
    assert Client().post(at.url("settings/notifications/"), {}).status_code == 302


@pytest.mark.parametrize("size", [1, 3])
def test_the_list_of_people_costs_the_same_whatever_its_length(
    size: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    at = stage()
    for _ in range(size):
        MembershipFactory(shop=at.shop, role=MemberRole.VIEWER)
    at.owner.get(at.url("people/"))
    with django_assert_num_queries(5):
        at.owner.get(at.url("people/"))
