"""What an admin does with a shop that is there: another owner, a correction, a leaving; each told, audited, undone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Q

from billing import card_keys
from billing.enums import PayMethod
from billing.models import Account, Subscription, SubscriptionState
from eligibility import activation, applications, closing, corrections, notice_orders, ownership
from eligibility.enums import ApplicationState, RegistryState, StepName, StepState
from eligibility.errors import ApplicationRefused
from eligibility.models import ActivationStep, Application, ApplicationChange
from messaging import promos
from messaging.compose import Content
from messaging.editor import publications
from messaging.editor.fields import DraftFields
from messaging.models import PromoVersion
from shopmsg.accounts.enums import MemberRole, NoticeKind, NoticeState, Role, ShopStatus
from shopmsg.accounts.models import AuditEntry, Line, Membership, Notice, Shop, User
from shopmsg.accounts.sealing import keyring
from tests.factories.accounts import LineFactory, StaffFactory, UserFactory
from tests.factories.eligibility import ADDRESS, application, confirmed, eligible, received
from tests.services import Sandbox

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
PROOF = "가족관계증명서와 신분증 확인"
pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return StaffFactory(role=Role.ADMIN)


@pytest.fixture
def begun() -> Application:
    """Activated as far as it goes without the carrier and the certificate."""
    made = confirmed(now=NOW)
    return activation.activate(made.pk, by=None, address=ADDRESS, now=NOW)


@pytest.fixture
def active(begun: Application, sandbox: Sandbox) -> Application:
    sandbox.clock(NOW)
    sandbox.ringback(delay=0)
    Line.objects.update(sender_accepted_at=NOW)
    for _ in range(2):
        notice_orders.follow(NOW + MINUTE)
    activation.activate_ready(NOW + MINUTE)
    begun.refresh_from_db()
    assert begun.state == ApplicationState.ACTIVE
    return begun


def shop_of(made: Application) -> Shop:
    assert made.shop_id is not None
    return Shop.objects.get(pk=made.shop_id)


def owners(made: Application) -> list[User]:
    members = Membership.objects.filter(shop=made.shop, role=MemberRole.OWNER)
    return [member.user for member in members.select_related("user")]


def told(kind: NoticeKind) -> set[str]:
    return {keyring().open(notice.to_sealed) for notice in Notice.objects.filter(kind=kind)}


def transfer(made: Application, by: User, **more: str) -> User:
    given = {"name": "박새롬", "mobile": "010-0777-1234", "proof": PROOF, **more}
    return ownership.transfer(made.pk, by=by, address=ADDRESS, now=NOW + DAY, **given)


def refusal(made: Application, by: User, **more: str) -> ApplicationRefused:
    with pytest.raises(ApplicationRefused) as refused:
        transfer(made, by, **more)
    return refused.value


# --- another owner -----------------------------------------------------------------------------------------------------


def test_a_new_owner_takes_the_place_of_the_old_one_and_both_are_told(
    begun: Application, admin: User
) -> None:
    (old,) = owners(begun)

    new = transfer(begun, admin)

    assert owners(begun) == [new]
    assert not Shop.objects.visible_to(old).exists(), "from that moment on"
    assert (new.mobile, new.name, new.role) == ("01007771234", "박새롬", Role.OWNER)
    assert told(NoticeKind.OWNER_CHANGED) == {old.mobile, new.mobile}
    entry = AuditEntry.objects.get(action="shop.owner_changed")
    assert (entry.actor, entry.reason, entry.detail) == (admin, PROOF, {"from": [old.pk], "to": new.pk})
    begun.refresh_from_db()
    assert (begun.owner, begun.owner_mobile) == (new, new.mobile), "links go to the new owner"


def test_the_old_owners_card_pays_no_bill_of_the_new_one(
    begun: Application, admin: User, sandbox: Sandbox
) -> None:
    shop = shop_of(begun)
    auth_keys = card_keys.begin()
    card_keys.register(
        shop, sandbox.card_auth(auth_keys, "normal"), auth_keys, by=admin, address=None, now=NOW
    )

    ownership.transfer(
        begun.pk, name="새사장", mobile="01055550199", proof=PROOF, by=admin, address=None, now=NOW
    )

    assert card_keys.active(shop.pk) is None
    assert Account.objects.get(shop=shop).method == PayMethod.NONE


def test_a_transfer_is_undone_by_giving_the_shop_back(begun: Application, admin: User) -> None:
    (old,) = owners(begun)
    transfer(begun, admin)

    assert ownership.give_back(begun.pk, by=admin, address=ADDRESS, now=NOW + 2 * DAY) == old

    assert owners(begun) == [old]
    assert AuditEntry.objects.filter(action="shop.owner_changed").count() == 2


def test_who_helped_in_the_shop_stays_and_an_owner_of_another_shop_may_take_it(
    begun: Application, admin: User
) -> None:
    helper, neighbour = UserFactory(), UserFactory()
    Membership.objects.create(shop=shop_of(begun), user=helper, role=MemberRole.VIEWER)

    assert transfer(begun, admin, mobile=neighbour.mobile) == neighbour

    roles = set(Membership.objects.filter(shop=begun.shop).values_list("user_id", "role"))
    assert roles == {(helper.pk, MemberRole.VIEWER), (neighbour.pk, MemberRole.OWNER)}


def test_a_shop_is_not_given_without_proof_to_a_stranger_number_or_to_one_of_us(
    begun: Application, admin: User
) -> None:
    before = owners(begun)

    assert set(refusal(begun, admin, proof="신분증", mobile="02-123-4567", name=" ").fields) == {
        "proof", "mobile", "name",
    }  # fmt: skip
    assert set(refusal(begun, admin, mobile=admin.mobile).fields) == {"mobile"}
    assert refusal(begun, admin, mobile=before[0].mobile).code == "same_owner"
    assert refusal(eligible(now=NOW), admin).code == "wrong_state"
    assert owners(begun) == before
    assert not Notice.objects.filter(kind=NoticeKind.OWNER_CHANGED).exists()


# --- corrections -------------------------------------------------------------------------------------------------------


def correct(made: Application, by: User, reason: str = "간판과 다르게 적음", **typed: str) -> list[str]:
    done = corrections.correct(made.pk, typed, reason=reason, by=by, address=ADDRESS, now=NOW + DAY)
    return [change.field for change in done]


def test_a_corrected_shop_name_is_the_senders_name_in_text_and_picture(
    begun: Application, admin: User
) -> None:
    shop = shop_of(begun)
    before = promos.live(shop)
    assert before is not None

    assert correct(begun, admin, shop_name="바삭통닭 본점") == ["shop_name"]

    shop = shop_of(begun)
    assert promos.sender_of(shop).name == "바삭통닭 본점"
    live = promos.live(shop)
    assert live is not None
    assert (live.headline, live.body) == (before.headline, before.body)
    assert live.picture_id != before.picture_id, "the picture shows the name"
    entry = AuditEntry.objects.get(action="application.corrected")
    assert entry.reason == "간판과 다르게 적음"
    assert entry.detail == {"fields": {"shop_name": [begun.shop_name, "바삭통닭 본점"]}}
    change = ApplicationChange.objects.filter(field="shop_name").latest("pk")
    assert (change.after, change.by) == ("바삭통닭 본점", admin)


def test_an_address_needs_no_new_promo_and_the_businesss_name_reaches_the_business(
    begun: Application, admin: User
) -> None:
    assert correct(begun, admin, address="서울 마포구 새로 1", business_name="바삭푸드") == [
        "business_name", "address",
    ]  # fmt: skip

    shop = shop_of(begun)
    assert (shop.address, shop.merchant.name) == ("서울 마포구 새로 1", "바삭푸드")
    assert PromoVersion.objects.filter(shop=shop).count() == 1


def test_a_name_too_long_for_the_promo_that_is_out_changes_nothing(begun: Application, admin: User) -> None:
    shop = shop_of(begun)
    empty = promos.preview(Content("제목", ""), promos.sender_of(shop))
    body = "가" * ((empty.byte_limit - empty.byte_length) // 2 - 4)
    fields = DraftFields(headline="제목", body=body)
    version = publications.make_version(shop, fields, None, by=None, now=NOW)
    promos.publish(version, by=None, now=NOW)

    with pytest.raises(ApplicationRefused) as refused:
        correct(begun, admin, shop_name="나" * 40)

    assert refused.value.code == "unfit"
    assert shop_of(begun).name == shop.name


def test_the_line_is_corrected_after_the_carrier_refused_it_and_begins_anew(
    begun: Application, admin: User, sandbox: Sandbox
) -> None:
    sandbox.clock(NOW)
    sandbox.ringback(delay=0, fail=[begun.line_number])
    with pytest.raises(ApplicationRefused, match="다시 볼 곳") as refused:
        correct(begun, admin, line_number="02-4888-0001")
    assert "통신사" in refused.value.fields["line_number"]
    Line.objects.update(sender_accepted_at=NOW)
    for _ in range(2):
        notice_orders.follow(NOW + MINUTE)
    activation.activate_ready(NOW + MINUTE)

    assert correct(begun, admin, line_number="02-4888-0001") == ["line_number"]

    line = Line.objects.get(shop=begun.shop)
    assert (line.number, line.notice_state, line.sender_accepted_at) == ("0248880001", NoticeState.NONE, None)
    activation.run(begun.pk, NOW + DAY)
    states = dict(ActivationStep.objects.filter(application=begun).values_list("name", "state"))
    assert (states[StepName.LINE], states[StepName.NOTICE], states[StepName.SENDER]) == (
        StepState.DONE, StepState.WAITING, StepState.WAITING,
    )  # fmt: skip
    logged = AuditEntry.objects.get(action="application.corrected").detail
    assert "0248880001" not in str(logged)


def test_what_is_wrong_is_said_field_by_field_and_nothing_is_changed(
    active: Application, admin: User
) -> None:
    with pytest.raises(ApplicationRefused) as refused:
        correct(active, admin, shop_name="", ksic="47122", line_number="02-4888-0002")
    assert set(refused.value.fields) == {"shop_name", "ksic", "line_number"}
    with pytest.raises(ApplicationRefused):
        correct(active, admin, reason="오타", shop_name="새 이름")
    with pytest.raises(ApplicationRefused):
        correct(application(), admin, shop_name="새 이름")
    assert correct(active, admin, shop_name=active.shop_name) == []
    assert not AuditEntry.objects.filter(action="application.corrected").exists()


def test_before_activation_the_draft_and_the_decision_follow_a_correction(admin: User) -> None:
    made = received(now=NOW)

    correct(made, admin, shop_name="새이름치킨", line_number="02-4888-0003")

    shop = shop_of(made)
    assert (shop.name, shop.lines.get().number, shop.status) == (
        "새이름치킨",
        "0248880003",
        ShopStatus.PENDING,
    )


# --- leaving -----------------------------------------------------------------------------------------------------------


def close(made: Application, by: User, now: datetime = NOW + DAY) -> Application:
    return closing.close(made.pk, reason="가게를 정리하심", by=by, address=ADDRESS, now=now)


def test_a_shop_that_leaves_sends_nothing_and_its_owner_is_told_once(
    active: Application, admin: User
) -> None:
    for _ in range(2):
        close(active, admin)

    assert shop_of(active).status == ShopStatus.CLOSED
    assert Subscription.objects.get().state == SubscriptionState.ENDED
    assert Notice.objects.filter(kind=NoticeKind.SHOP_CLOSED).count() == 1
    entry = AuditEntry.objects.get(action="subscription.ended")
    assert (entry.actor, entry.reason) == (admin, "가게를 정리하심")
    active.refresh_from_db()
    assert active.state == ApplicationState.ACTIVE, "what it once came to stays in the funnel"


def test_a_leaving_is_taken_back_on_the_same_day_only(active: Application, admin: User) -> None:
    close(active, admin)
    closing.take_back(active.pk, by=admin, address=ADDRESS, now=NOW + DAY + MINUTE)
    assert shop_of(active).status == ShopStatus.ACTIVE
    assert Line.objects.get(shop=active.shop).notice_state == NoticeState.ACTIVE

    close(active, admin)
    with pytest.raises(ApplicationRefused):
        closing.take_back(active.pk, by=admin, address=ADDRESS, now=NOW + 2 * DAY)


def test_the_notice_ends_with_the_day_and_the_number_is_free_for_the_next_shop(
    active: Application, admin: User, sandbox: Sandbox
) -> None:
    close(active, admin)
    assert closing.end_notices(NOW + DAY + MINUTE) == 0, "it may still be taken back"
    assert closing.end_notices(NOW + 2 * DAY) == 1
    assert closing.end_notices(NOW + 2 * DAY) == 0
    assert notice_orders.follow(NOW + 2 * DAY)

    typed = f"{active.line_number[:2]}-{active.line_number[2:6]}-{active.line_number[6:]}"
    successor = received(now=NOW + 2 * DAY, line_number=typed)

    line = Line.objects.get(number=active.line_number)
    assert (line.shop, line.sender_accepted_at) == (successor.shop, None), "the certificate was another's"
    with pytest.raises(ApplicationRefused):
        closing.take_back(active.pk, by=admin, address=ADDRESS, now=NOW + DAY + MINUTE)


def test_an_activation_is_called_off_by_a_leaving_and_goes_on_when_it_is_taken_back(
    begun: Application, admin: User
) -> None:
    close(begun, admin)
    begun.refresh_from_db()
    assert begun.state == ApplicationState.WITHDRAWN
    assert activation.activate_ready(NOW + DAY) == 0

    closing.take_back(begun.pk, by=admin, address=ADDRESS, now=NOW + DAY + MINUTE)
    begun.refresh_from_db()
    assert (begun.state, begun.ended_at) == (ApplicationState.ACTIVATING, None)


def test_who_left_while_being_activated_may_begin_anew(begun: Application, admin: User) -> None:
    close(begun, admin)
    again = applications.reopen(begun.pk, by=admin, address=ADDRESS, now=NOW + 2 * DAY)
    applications.receive(again.pk, by=admin, address=ADDRESS, now=NOW + 2 * DAY)
    applications.registry_answered(again.pk, again.business_number, RegistryState.ACTIVE, NOW + 2 * DAY)

    activation.activate(again.pk, by=admin, address=ADDRESS, now=NOW + 2 * DAY)

    running = Subscription.objects.get(state=SubscriptionState.RUNNING)
    assert str(running.starts_on) == "2026-11-25"
    assert not ActivationStep.objects.filter(~Q(tried_at=NOW + 2 * DAY)).exists()


def test_leaving_a_commitment_says_what_it_costs(active: Application) -> None:
    shop = shop_of(active)
    after_a_year = closing.terms(shop, datetime(2027, 11, 25, tzinfo=UTC).date())

    assert (after_a_year.months, after_a_year.refund) == (13, 61_042)
    assert closing.terms(shop, NOW.date()).refund == 0


def test_a_shop_that_never_was_cannot_leave_and_a_leaving_has_a_reason(admin: User) -> None:
    for made in (application(), received(now=NOW)):
        with pytest.raises(ApplicationRefused):
            close(made, admin)
    with pytest.raises(ApplicationRefused):
        closing.close(received(now=NOW).pk, reason="x", by=admin, address=ADDRESS, now=NOW)


def test_a_line_of_a_shop_that_is_there_is_not_for_others(active: Application) -> None:
    other = LineFactory()
    made = application(line_number=f"{other.number[:2]}-{other.number[2:6]}-{other.number[6:]}")
    assert "line_number" in applications.standing(made).problems
