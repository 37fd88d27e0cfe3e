"""대행: staff in an owner's place, for two hours, written down in the owner's name and readable by them."""

import ast
import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from shopmsg.accounts import acts, audit, delegations
from shopmsg.accounts.enums import DelegationScope, MemberRole, Role, ShopStatus
from shopmsg.accounts.errors import DelegationRefused
from shopmsg.accounts.models import AuditEntry, Dealership, Delegation, Shop, User
from shopmsg.embedded.paths import PROJECT
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import MembershipFactory, ShopFactory, StaffFactory, UserFactory
from tests.markup import Page, sound, text_of
from tests.messaging.owner_page import browser, stage

pytestmark = pytest.mark.django_db


def read(answer: Page) -> str:
    return text_of(sound(answer))


def begin(staff: User, shop: Shop, **given: object) -> Delegation:
    fields = {
        "scope": DelegationScope.CONTENT,
        "reason": "시안 제작",
        "return_to": "/production/",
        "address": None,
        "now": timezone.now(),
    }
    return delegations.begin(staff, shop, **(fields | given))  # type: ignore[arg-type]


def test_it_lasts_two_hours_and_not_a_second_more() -> None:
    staff, shop, now = StaffFactory(role=Role.PRODUCER), ShopFactory(), timezone.now()
    made = begin(staff, shop, now=now)
    assert delegations.active(staff, shop, now + timedelta(hours=2, seconds=-1)) == made
    assert delegations.active(staff, shop, now + timedelta(hours=2)) is None
    assert delegations.active(staff, ShopFactory(), now) is None
    assert delegations.active(StaffFactory(role=Role.PRODUCER), shop, now) is None
    assert delegations.time_left(made, now + timedelta(minutes=8)) == "1시간 52분"
    assert delegations.time_left(made, now + timedelta(minutes=119, seconds=30)) == "1분"


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("reason", {"reason": "  "}),
        ("reason", {"reason": "가" * 201}),
        ("return_to", {"return_to": "https://evil.example/"}),
        ("return_to", {"return_to": "//evil.example/"}),
        ("return_to", {"return_to": "/\\evil.example/"}),
        ("return_to", {"return_to": "/" * 1 + "a" * 200}),
    ],
)
def test_without_a_reason_or_a_way_back_of_ours_nothing_begins(code: str, given: dict[str, str]) -> None:
    with pytest.raises(DelegationRefused) as refused:
        begin(StaffFactory(), ShopFactory(), **given)
    assert refused.value.code == code
    assert not Delegation.objects.exists()


@pytest.mark.parametrize("role", [Role.DEALER, Role.OWNER])
def test_dealers_and_owners_work_in_nobodys_place(role: Role) -> None:
    with pytest.raises(DelegationRefused, match="역할"):
        begin(UserFactory(role=role), ShopFactory())


def test_nobody_works_in_a_shop_that_has_left() -> None:
    with pytest.raises(DelegationRefused, match="해지"):
        begin(StaffFactory(), ShopFactory(status=ShopStatus.CLOSED))


def test_a_member_of_staff_who_changed_roles_is_out_at_once() -> None:
    staff, shop = StaffFactory(role=Role.PRODUCER), ShopFactory()
    begin(staff, shop)
    staff.role = Role.DEALER
    assert delegations.active(staff, shop, timezone.now()) is None


def test_beginning_again_ends_the_one_before_and_one_that_ran_out_ended_when_its_time_was_over() -> None:
    staff, shop, now = StaffFactory(), ShopFactory(), timezone.now()
    ran_out = begin(staff, shop, now=now - timedelta(hours=5))
    running = begin(staff, shop, now=now - timedelta(hours=1))
    newest = begin(staff, shop, now=now)
    ran_out.refresh_from_db()
    running.refresh_from_db()
    assert ran_out.ended_at == ran_out.ends_at
    assert running.ended_at == now
    assert delegations.active(staff, shop, now) == newest
    with pytest.raises(IntegrityError), transaction.atomic():
        Delegation.objects.filter(pk=running.pk).update(ended_at=None)
    began = AuditEntry.objects.filter(action="delegation.began")
    assert (began.count(), AuditEntry.objects.filter(action="delegation.ended").count()) == (3, 1)


def test_ending_is_written_down_once_and_a_shop_that_changes_hands_ends_all() -> None:
    shop, now = ShopFactory(owner=UserFactory()), timezone.now()
    first, second = begin(StaffFactory(), shop), begin(StaffFactory(), shop)
    assert delegations.end(first, by=first.staff, address="192.0.2.1", now=now) is True
    assert delegations.end(first, by=first.staff, address=None, now=now) is False
    assert delegations.end_of_shop(shop, now) == 1
    assert delegations.active(second.staff, shop, now) is None
    mine, ours = AuditEntry.objects.filter(action="delegation.ended").order_by("pk")
    assert (mine.actor, mine.on_behalf_of, mine.address) == (first.staff, shop.first_owner(), "192.0.2.1")
    assert (ours.actor, ours.on_behalf_of) == (None, None)


def test_what_staff_do_during_it_is_on_behalf_of_the_first_owner_by_itself() -> None:
    owner, staff = UserFactory(), StaffFactory()
    shop = ShopFactory(owner=owner)
    MembershipFactory(shop=shop, user=UserFactory(), role=MemberRole.OWNER)
    begin(staff, shop)
    assert audit.record("menu.added", actor=staff, shop=shop).on_behalf_of == owner
    assert audit.record("menu.added", actor=owner, shop=shop).on_behalf_of is None
    assert audit.record("menu.added", actor=staff, shop=ShopFactory(owner=owner)).on_behalf_of is None
    assert audit.record("menu.added", actor=StaffFactory(), shop=shop).on_behalf_of is None
    Delegation.objects.update(ended_at=timezone.now())
    assert audit.record("menu.added", actor=staff, shop=shop).on_behalf_of is None
    assert audit.verify() is None


def test_an_owners_entry_costs_no_query_more(django_assert_num_queries: object) -> None:
    owner = UserFactory()
    shop = ShopFactory(owner=owner)
    # savepoint, lock, last hash, insert, release
    with django_assert_num_queries(5):  # type: ignore[operator]
        audit.record("menu.added", actor=owner, shop=shop)


def test_only_a_dealer_belongs_to_a_dealership() -> None:
    dealership = Dealership.objects.create(name="망원대리점")
    assert StaffFactory(role=Role.DEALER, dealership=dealership).dealership == dealership
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffFactory(role=Role.AGENT, dealership=dealership)


def test_finishing_leads_back_also_when_the_time_was_over() -> None:
    staff, shop = StaffFactory(role=Role.PRODUCER), ShopFactory()
    made = begin(staff, shop, return_to="/production/?page=2")
    address = f"/staff/delegations/{made.pk}/finish/"
    assert staff_client(StaffFactory()).post(address).status_code == 404
    client = staff_client(staff)
    assert client.get(address).status_code == 405
    for _ in range(2):
        assert client.post(address)["Location"] == "/production/?page=2"
    made.refresh_from_db()
    assert made.ended_at is not None


def test_the_owner_reads_who_did_what_and_why_without_learning_the_full_name() -> None:
    at = stage()
    staff = StaffFactory(role=Role.PRODUCER, name="이제작")
    begin(staff, at.shop, reason="전화로 메뉴를 불러 주심")
    audit.record("menu.added", actor=staff, shop=at.shop, reason="")
    audit.record("menu.added", actor=at.user, shop=at.shop)
    audit.record("something.new", actor=StaffFactory(name="박상담"), shop=at.shop, reason="확인 전화")
    audit.record("menu.added", actor=StaffFactory(name="최남의"), shop=ShopFactory())
    page = read(at.owner.get(at.url("staff/")))
    assert page.count("제작자 이○○") == 3  # at work now, began, the menu
    assert "이제작" not in page
    assert "전화로 메뉴를 불러 주심" in page
    assert page.count("메뉴를 올렸어요") == 1
    assert "상담원 박○○" in page
    assert "가게 일을 도와드렸어요" in page
    assert "최○○" not in page


def test_the_owner_can_read_only_what_was_done_in_their_place() -> None:
    at = stage()
    staff = StaffFactory()
    begin(staff, at.shop)
    audit.record("menu.added", actor=staff, shop=at.shop)
    Delegation.objects.update(ended_at=timezone.now())
    audit.record("login.link_sent", actor=staff, on_behalf_of=None, shop=at.shop)
    assert "로그인 링크" in read(at.owner.get(at.url("staff/")))
    page = read(at.owner.get(at.url("staff/?mine=1")))
    assert "로그인 링크" not in page
    assert "메뉴를 올렸어요" in page


def test_what_was_done_in_a_shop_before_it_had_an_owner_counts_as_done_for_them() -> None:
    staff, shop = StaffFactory(role=Role.PRODUCER), ShopFactory(status=ShopStatus.PENDING)
    begin(staff, shop)
    assert audit.record("photo.added", actor=staff, shop=shop).on_behalf_of is None
    owner = UserFactory()
    MembershipFactory(shop=shop, user=owner)
    assert "가게 사진을 올렸어요" in read(browser(owner).get(f"/shops/{shop.slug}/staff/?mine=1"))


def test_a_change_of_ones_own_number_is_read_by_that_person_alone() -> None:
    at = stage()
    audit.record("number.changed", actor=StaffFactory(), subject=f"user:{at.user.pk}", reason="신분증 확인")
    assert "휴대폰 번호를 바꿔" in read(at.owner.get(at.url("staff/")))
    assert "휴대폰 번호를 바꿔" not in read(at.colleague.get(at.url("staff/")))


def test_the_list_goes_on_page_by_page_under_one_query_count(django_assert_max_num_queries: object) -> None:
    at = stage()
    staff = StaffFactory()
    for number in range(21):
        audit.record("menu.changed", actor=staff, shop=at.shop, reason=f"{number}번째")
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        first = at.owner.get(at.url("staff/"))
    assert "0번째" not in {act.reason for act in first.context["rows"]}
    older = at.owner.get(at.url("staff/") + first.context["older_url"])
    assert [act.reason for act in older.context["rows"]] == ["0번째"]
    assert "더 예전에 한 일이 없어요" in read(at.owner.get(at.url("staff/?before=1")))
    assert at.owner.get(at.url("staff/?before=x")).status_code == 200


def test_nothing_done_yet_says_what_will_be_there() -> None:
    at = stage()
    assert "아직 도와드린 일이 없어요" in read(at.owner.get(at.url("staff/")))
    assert "대신 한 일이 없어요" in read(at.owner.get(at.url("staff/?mine=1")))


def test_the_owner_stops_who_is_at_work_and_a_viewer_only_sees_it() -> None:
    at = stage()
    made = begin(StaffFactory(role=Role.PRODUCER), at.shop)
    button = "그만하게 하기"
    address = at.url(f"staff/{made.pk}/stop/")
    assert "지금 직원이 대신 고치고 있어요" in read(at.owner.get(at.url("settings/")))
    assert button in read(at.owner.get(at.url("staff/")))
    assert button not in read(at.colleague.get(at.url("staff/")))
    assert at.colleague.post(address).status_code == 403
    assert at.owner.post(at.url("staff/999999/stop/")).status_code == 404
    assert "그만하게 했어요" in read(at.owner.post(address, follow=True))
    assert delegations.active(made.staff, at.shop, timezone.now()) is None
    ended = AuditEntry.objects.get(action="delegation.ended")
    assert (ended.actor, ended.on_behalf_of) == (at.user, None)
    assert "이미 끝난 일이에요" in read(at.owner.post(address, follow=True))


#: Audited acts that are in no owner's list: nobody of us can do them in a shop, or they belong to no shop.
NOT_IN_A_SHOP = {
    "application.consented", "document.deleted", "review.changes_asked", "review.confirmed",
    "account.method_changed", "account.resumed", "account.stopped", "account.tax_changed", "audit.purged",
    "bank.imported", "bank.set_aside", "billing.run_finished", "billing.run_started", "billing.run_stopped",
    "card.registered", "card.removed", "catalogue.announced", "catalogue.withdrawn",
    "change_offer.confirmed", "change_offer.declined", "fee.agreed", "gateway.resumed", "login.owner",
    "login.staff", "reports.downloaded", "shop.stopped_by_gateway", "tax.approved",
    "tax.corrections_exported", "tax.downloaded", "tax.exported",
    "block.added", "block.many_added", "block.many_removed", "block.removed", "caller.unmasked", "calls.exported",
    "coupon.undone", "member.added", "member.changed", "member.notifications", "member.removed", "member.restored",
    "promo.called_back", "promo.refused", "promo.scheduled", "shop.rules_changed", "shop.sending_off", "shop.sending_on",
    "shop.slug_changed",
}  # fmt: skip


def _audited() -> set[str]:
    """Every action that is written down somewhere in the product, as far as it stands there as a word."""
    found = set()
    for app in ("shopmsg", "messaging", "billing", "eligibility", "events"):
        for file in (PROJECT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
                    ("record", "write_down", "_change")
                ):
                    words = (argument.value for argument in node.args if isinstance(argument, ast.Constant))
                    found |= {
                        word
                        for word in words
                        if isinstance(word, str) and re.fullmatch(r"[a-z]+\.[a-z_]+", word)
                    }
    return found


def test_every_act_of_staff_has_a_sentence_an_owner_understands() -> None:
    """A new one needs its sentence in shopmsg.accounts.acts.SENTENCES."""
    audited = _audited()
    assert len(audited) > 30
    assert audited - set(acts.SENTENCES) - NOT_IN_A_SHOP == set()
    assert not NOT_IN_A_SHOP & set(acts.SENTENCES)
    for sentence in acts.SENTENCES.values():
        assert sentence.endswith("요.")
        assert not re.search("[A-Za-z]", sentence)
