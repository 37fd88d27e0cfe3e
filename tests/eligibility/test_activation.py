"""개통: nothing lost, nothing twice, whatever breaks on the way (rules.md §2, §4, §8)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from billing import accounts
from billing.models import Referral, Subscription
from eligibility import activation, activation_steps, applications, notice_orders
from eligibility.activation_steps import Outcome, Turn
from eligibility.enums import ApplicationState, ContentState, RegistryState, StepName, StepState, TryKind
from eligibility.errors import ApplicationRefused
from eligibility.form_log import Edit
from eligibility.models import ActivationStep, Application, ContactTry
from messaging import promos
from messaging.models import PromoVersion
from shopmsg.accounts.enums import MemberRole, NoticeKind, NoticeState, Role, ShopStatus
from shopmsg.accounts.models import AuditEntry, Line, Membership, Notice, User
from tests.factories.accounts import LineFactory, ShopFactory, StaffFactory
from tests.factories.eligibility import ADDRESS, confirm, confirmed, eligible, public_body, received
from tests.services import Sandbox

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def carrier(sandbox: Sandbox) -> Sandbox:
    """The carrier, at whose clock it is NOW, and which lets a notice play at once."""
    sandbox.clock(NOW)
    sandbox.ringback(delay=0)
    return sandbox


def activate(made: Application, now: datetime = NOW, by: User | None = None) -> Application:
    return activation.activate(made.pk, by=by, address=ADDRESS, now=now)


def states(made: Application) -> dict[str, str]:
    return dict(ActivationStep.objects.filter(application=made).values_list("name", "state"))


def problem(made: Application, name: StepName) -> str:
    return ActivationStep.objects.get(application=made, name=name).problem


def undone(made: Application) -> set[str]:
    return {name for name, state in states(made).items() if state != StepState.DONE}


def certified(made: Application) -> None:
    """An admin has accepted the line's certificate."""
    Line.objects.filter(number=made.line_number).update(sender_accepted_at=NOW)


def plays(made: Application, now: datetime = NOW) -> None:
    """The carrier's answers have come in."""
    for later in range(3):
        notice_orders.follow(now + later * SECOND)


def test_the_whole_way_from_a_confirmed_draft_to_the_welcome(carrier: Sandbox) -> None:
    made = confirmed(now=NOW)

    begun = activate(made)
    assert begun.state == ApplicationState.ACTIVATING
    assert undone(made) == {StepName.NOTICE, StepName.SENDER, StepName.WELCOME}
    certified(made)
    plays(made)
    activation.activate_ready(NOW + 5 * SECOND)

    made.refresh_from_db()
    assert (made.state, made.active_at, undone(made)) == (
        ApplicationState.ACTIVE, NOW + 5 * SECOND, set(),
    )  # fmt: skip
    shop = made.shop
    assert shop is not None
    shop.refresh_from_db()
    assert (shop.status, shop.daily_cap) == (ShopStatus.ACTIVE, 500)
    running = Subscription.objects.get(shop=shop)
    assert (running.term_months, str(running.starts_on), str(running.free_until)) == (
        36, "2026-11-23", "2026-12-22",
    )  # fmt: skip
    assert Membership.objects.get(shop=shop).role == MemberRole.OWNER
    live = promos.live(shop)
    assert live is not None
    assert "가마솥" in live.body
    assert carrier.ringback_orders() == {made.line_number: 1}


def test_the_welcome_says_price_and_line_and_its_link_lets_the_owner_in(carrier: Sandbox) -> None:
    made = confirmed(now=NOW, line_number="02-4999-1234")
    certified(made)
    activate(made)
    plays(made)
    activation.activate_ready(NOW + 5 * SECOND)

    said = Notice.objects.get(kind=NoticeKind.WELCOME).fields
    assert said["line"] == "02-4999-1234"
    assert said["price"] == "첫 달 무료, 12월 23일(수)부터 한 달 13,200원(3년 약정)"
    phone = Client()
    phone.post(said["link"].partition(settings.BASE_URL)[2])
    assert phone.session["_auth_user_id"] == str(made.owner_id)


def test_a_referral_code_is_kept_with_the_start_and_a_wrong_one_is_named_and_stops_nothing(
    carrier: Sandbox,
) -> None:
    friend = ShopFactory()
    code = accounts.open_for(friend, NOW).referral_code
    brought, lost = confirmed(now=NOW, referral_code=code), confirmed(now=NOW, referral_code="WRONG7")
    activate(brought)
    activate(lost)
    assert Referral.objects.get().shop_id == brought.shop_id
    assert problem(brought, StepName.SUBSCRIPTION) == ""
    assert problem(lost, StepName.SUBSCRIPTION) == "추천 코드 WRONG7는 없는 코드입니다."
    assert StepName.SUBSCRIPTION not in undone(lost)


def test_activated_twice_is_activated_once(carrier: Sandbox) -> None:
    made = confirmed(now=NOW)
    certified(made)
    for _ in range(2):
        activate(made)
        plays(made)
        activation.activate_ready(NOW + 5 * SECOND)
    activation.run(made.pk, NOW + MINUTE)

    assert Application.objects.get(pk=made.pk).active_at == NOW + 5 * SECOND
    assert Subscription.objects.count() == 1
    assert Notice.objects.filter(kind=NoticeKind.WELCOME).count() == 1
    assert PromoVersion.objects.filter(live=True).count() == 1
    assert AuditEntry.objects.filter(action="application.activating").count() == 1
    assert AuditEntry.objects.filter(action="application.activated").count() == 1


def test_nobody_is_activated_before_the_tax_office_and_the_owner_have_said_yes() -> None:
    waiting = received(now=NOW)
    unanswered = eligible(now=NOW)
    for made in (waiting, unanswered):
        with pytest.raises(ApplicationRefused) as refused:
            activate(made)
        assert refused.value.code == "not_ready"
    confirm(waiting, now=NOW)
    with pytest.raises(ApplicationRefused):
        activate(waiting)

    assert not activation.when_ready(waiting.pk, NOW)
    applications.registry_answered(waiting.pk, waiting.business_number, RegistryState.ACTIVE, NOW)
    assert activation.when_ready(waiting.pk, NOW), "and then it happens by itself"
    assert not Subscription.objects.filter(shop=unanswered.shop).exists()


def test_a_contract_that_changed_after_the_owner_said_yes_does_not_begin() -> None:
    made = confirmed(now=NOW)
    edit = Edit("term_months", "12", made.revision)
    applications.save(made.pk, [edit], visit="a", by=None, address=ADDRESS, now=NOW)

    with pytest.raises(ApplicationRefused) as refused:
        activate(made)

    assert "다시" in refused.value.message
    assert activation.activate_ready(NOW) == 1
    assert not Subscription.objects.exists()


def test_what_the_carrier_refuses_is_one_failed_step_that_a_person_repeats(carrier: Sandbox) -> None:
    made = confirmed(now=NOW)
    certified(made)
    carrier.ringback(fail=[made.line_number])
    activate(made)
    plays(made)
    activation.activate_ready(NOW + 5 * SECOND)

    assert states(made)[StepName.NOTICE] == StepState.FAILED
    assert problem(made, StepName.NOTICE)
    assert undone(made) == {StepName.NOTICE, StepName.WELCOME}, "the rest is not lost"
    activation.activate_ready(NOW + DAY)
    assert carrier.ringback_orders() == {made.line_number: 1}, "nobody orders again unasked"

    carrier.ringback(fail=[])
    agent = StaffFactory()
    later = NOW + DAY + MINUTE
    activation.repeat(made.pk, StepName.NOTICE, by=agent, address=ADDRESS, now=later)
    plays(made, later)
    activation.activate_ready(later + 5 * SECOND)
    assert Application.objects.get(pk=made.pk).state == ApplicationState.ACTIVE
    assert carrier.ringback_orders() == {made.line_number: 2}


def test_a_carrier_that_is_away_holds_nothing_up_but_the_notice(carrier: Sandbox) -> None:
    made = confirmed(now=NOW)
    certified(made)
    carrier.arm(on="ringback", kind="status", count=None)
    activate(made)
    plays(made)
    activation.activate_ready(NOW + 5 * SECOND)
    assert undone(made) == {StepName.NOTICE, StepName.WELCOME}
    assert states(made)[StepName.NOTICE] == StepState.WAITING

    carrier.disarm()
    plays(made, NOW + MINUTE)
    activation.activate_ready(NOW + 2 * MINUTE)
    assert Application.objects.get(pk=made.pk).state == ApplicationState.ACTIVE


def test_a_line_that_another_shop_has_by_now_fails_alone_and_can_be_had_later() -> None:
    made = confirmed(now=NOW)
    assert made.shop is not None
    made.shop.lines.all().delete()
    other = LineFactory(shop=ShopFactory(line=None), number=made.line_number)

    activate(made)
    assert states(made)[StepName.LINE] == StepState.FAILED
    assert "다른 가게" in problem(made, StepName.LINE)
    assert states(made)[StepName.PROMO] == StepState.DONE

    other.delete()
    activation.repeat(made.pk, StepName.LINE, by=StaffFactory(), address=ADDRESS, now=NOW + MINUTE)
    assert states(made)[StepName.LINE] == StepState.DONE
    assert made.shop.lines.get().notice_state == NoticeState.REQUESTED, "and what waited for it goes on"


def test_the_sender_step_says_what_is_missing_and_waits_for_the_admin() -> None:
    made = confirmed(now=NOW)
    activate(made)
    assert problem(made, StepName.SENDER) == "통신서비스 이용증명원을 올려 주세요."
    assert made.pk not in activation.ready(NOW + SECOND).values_list("pk", flat=True), (
        "nothing to do meanwhile"
    )

    certified(made)
    assert made.pk in activation.ready(NOW + SECOND).values_list("pk", flat=True)
    activation.activate_ready(NOW + SECOND)
    assert states(made)[StepName.SENDER] == StepState.DONE


def test_looking_for_what_is_ready_reads_no_application_that_is_not() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, params = activation.ready(NOW).query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "application_to_activate" in plan


def test_a_public_body_needs_no_notice(carrier: Sandbox) -> None:
    made = confirmed(now=NOW, **public_body())
    certified(made)

    assert activate(made).state == ApplicationState.ACTIVE
    assert problem(made, StepName.NOTICE) == "필요 없음"
    assert carrier.ringback_orders() == {}
    assert Notice.objects.get(kind=NoticeKind.WELCOME).fields["price"] == "한 달 25,300원"


def test_whoever_is_killed_between_two_steps_leaves_work_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = confirmed(now=NOW)

    class Killed(BaseException):
        pass

    def killed(turn: Turn) -> Outcome:
        activation_steps._promo(turn)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setitem(activation_steps.STEPS, StepName.PROMO, killed)
        with pytest.raises(Killed):
            activate(made)
    assert {StepName.PROMO, StepName.WELCOME} < undone(made)
    assert not PromoVersion.objects.filter(live=True).exists(), "half of a step is none of it"

    activation.activate_ready(NOW + SECOND)
    assert undone(made) == {StepName.NOTICE, StepName.SENDER, StepName.WELCOME}
    assert PromoVersion.objects.filter(live=True).count() == 1
    assert Subscription.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_do_everything_once(carrier: Sandbox) -> None:
    made = confirmed(now=NOW)
    certified(made)

    def work(_: int) -> str:
        try:
            return activate(made).state
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert undone(made) == {StepName.NOTICE, StepName.WELCOME}
    assert Subscription.objects.count() == 1
    assert made.shop is not None
    assert made.shop.lines.get().notice_orders.count() == 1
    assert PromoVersion.objects.filter(live=True).count() == 1


def test_first_takes_three_tries_in_vain_and_the_months_greeting(carrier: Sandbox) -> None:
    made = eligible(now=NOW)
    agent = StaffFactory(role=Role.PRODUCER)

    def tried(minutes: int, *, answered: bool = False) -> None:
        ContactTry.objects.create(
            application=made, kind=TryKind.CALL, at=NOW + minutes * MINUTE, answered=answered, by=agent
        )

    for minute, answered in enumerate([False, False, True, False, False]):
        tried(minute, answered=answered)
    with pytest.raises(ApplicationRefused) as refused:
        activation.activate_first(made.pk, by=agent, address=ADDRESS, now=NOW + 10 * MINUTE)
    assert "1번 더" in refused.value.message, "an answer begins the count anew"

    tried(6)
    activation.activate_first(made.pk, by=agent, address=ADDRESS, now=NOW + 10 * MINUTE)
    certified(made)
    plays(made, NOW + 10 * MINUTE)
    activation.activate_ready(NOW + 11 * MINUTE)

    made.refresh_from_db()
    assert (made.state, made.content) == (ApplicationState.ACTIVE, ContentState.WAITING)
    assert made.owner is not None
    assert made.owner.mobile == made.owner_mobile
    live = promos.live(made.shop)  # type: ignore[arg-type]
    assert live is not None
    assert "11월" in live.headline + live.body


def test_what_the_owner_confirms_after_all_takes_the_greetings_place(carrier: Sandbox) -> None:
    made = eligible(now=NOW)
    for minute in range(3):
        ContactTry.objects.create(application=made, kind=TryKind.TEXT, at=NOW + minute * MINUTE)
    certified(made)
    activation.activate_first(made.pk, by=None, address=ADDRESS, now=NOW + 5 * MINUTE)

    confirm(made, now=NOW + DAY)
    activation.activate_ready(NOW + DAY)

    made.refresh_from_db()
    assert made.content == ContentState.CONFIRMED
    live = promos.live(made.shop)  # type: ignore[arg-type]
    assert live is not None
    assert "가마솥" in live.body


def test_the_owner_confirms_a_number_of_one_of_us_only_in_the_form(carrier: Sandbox) -> None:
    made = eligible(now=NOW)
    for minute in range(3):
        ContactTry.objects.create(application=made, kind=TryKind.TEXT, at=NOW + minute * MINUTE)
    StaffFactory(mobile=made.owner_mobile)

    activation.activate_first(made.pk, by=None, address=ADDRESS, now=NOW + 5 * MINUTE)

    assert states(made)[StepName.OWNER] == StepState.FAILED
    assert "직원" in problem(made, StepName.OWNER)
    assert not Membership.objects.filter(shop=made.shop).exists()
