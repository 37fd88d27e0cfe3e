"""The life of an application: nothing typed is lost, nobody joins who may not, every verb once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from eligibility import applications
from eligibility.enums import ApplicationState, ContentState, RegistryState, Source
from eligibility.errors import ApplicationRefused
from eligibility.form_log import Edit
from eligibility.models import Application, ApplicationChange
from messaging.editor import drafts
from shopmsg.accounts.enums import Role, ShopStatus
from shopmsg.accounts.models import AuditEntry, Line, Shop
from tests.factories.accounts import ShopFactory, StaffFactory, UserFactory
from tests.factories.eligibility import ADDRESS, application, eligible, public_body, received

pytestmark = pytest.mark.django_db


def save(made, visit="a", base=None, by=None, **typed):
    revision = made.revision if base is None else base
    edits = [Edit(field, value, revision) for field, value in typed.items()]
    return applications.save(made.pk, edits, visit=visit, by=by, address=ADDRESS, now=timezone.now())


def receive(made):
    return applications.receive(made.pk, by=None, address=ADDRESS, now=timezone.now())


def test_what_cannot_be_read_is_kept_as_typed_and_the_rest_is_read():
    saved = save(application(), annual_revenue="많아요", shop_name="새 이름")

    assert saved.application.form["annual_revenue"] == "많아요"
    assert saved.application.annual_revenue is None
    assert saved.application.shop_name == "새 이름"
    assert set(saved.standing.problems) == {"annual_revenue"}


def test_every_change_names_who_when_and_from_where():
    agent = StaffFactory(role=Role.AGENT)

    save(application(), by=agent, shop_name="새 이름")

    change = ApplicationChange.objects.filter(field="shop_name").latest("pk")
    assert (change.after, change.by, change.address) == ("새 이름", agent, ADDRESS)


def test_two_agents_at_different_fields_do_not_meet():
    made: Any = application()
    save(made, visit="a", shop_name="가")

    saved = save(made, visit="b", owner_name="나")

    assert saved.conflicts == ()
    assert (saved.application.shop_name, saved.application.owner_name) == ("가", "나")


def test_two_agents_at_one_field_lose_neither_text():
    made: Any = application()
    save(made, visit="a", by=StaffFactory(name="박먼저"), shop_name="먼저")

    saved = save(made, visit="b", shop_name="나중")

    (conflict,) = saved.conflicts
    assert (conflict.mine, conflict.theirs, conflict.by) == ("나중", "먼저", "박먼저")
    assert saved.application.shop_name == "먼저"
    assert ApplicationChange.objects.filter(after="나중", aside=True).exists()
    chosen = save(made, visit="b", base=saved.application.revision, shop_name="나중")
    assert (chosen.conflicts, chosen.application.shop_name) == ((), "나중")


def test_an_incomplete_form_is_not_received_and_every_field_is_named():
    made: Any = application(owner_mobile="", line_number="010-1234-5678")

    with pytest.raises(ApplicationRefused) as refused:
        receive(made)

    assert refused.value.code == "incomplete"
    assert set(refused.value.fields) == {"owner_mobile", "line_number"}
    assert not Shop.objects.exists()


def test_receiving_makes_a_shop_that_cannot_send_yet_with_its_line_and_its_draft():
    made: Any = received(specials="가마솥에 튀겨요")

    shop = made.shop
    assert shop.status == ShopStatus.PENDING
    assert shop.lines.get().number == made.line_number
    assert shop.merchant.business_number == made.business_number
    draft = drafts.state(shop, visit="", now=timezone.now()).fields
    assert draft.body == "가마솥에 튀겨요"


def test_received_twice_is_received_once():
    made: Any = received()

    receive(made)

    assert Shop.objects.count() == 1
    assert AuditEntry.objects.filter(action="application.received").count() == 1


def test_without_the_tax_office_it_waits_as_to_be_checked_and_is_eligible_with_its_answer():
    made: Any = received()
    assert made.state == ApplicationState.RECEIVED

    made = applications.registry_answered(
        made.pk, made.business_number, RegistryState.UNREACHABLE, timezone.now()
    )
    assert (made.state, made.eligible_at) == (ApplicationState.RECEIVED, None)
    made = applications.registry_answered(made.pk, made.business_number, RegistryState.ACTIVE, timezone.now())

    assert made.state == ApplicationState.ELIGIBLE
    assert made.eligible_at is not None


@pytest.mark.parametrize("state", [RegistryState.SUSPENDED, RegistryState.CLOSED, RegistryState.UNREGISTERED])
def test_a_business_that_is_none_any_more_stops_being_eligible_and_says_why(state):
    made: Any = eligible()

    made = applications.registry_answered(made.pk, made.business_number, state, timezone.now())

    assert made.state == ApplicationState.RECEIVED
    assert len(made.reasons) == 1


def test_an_outage_takes_no_answer_back():
    made: Any = eligible()

    made = applications.registry_answered(
        made.pk, made.business_number, RegistryState.UNREACHABLE, timezone.now()
    )

    assert (made.registry, made.state) == (RegistryState.ACTIVE, ApplicationState.ELIGIBLE)


def test_an_answer_for_a_number_that_was_changed_since_is_nobodys():
    made: Any = application()
    old = made.business_number
    save(made, business_number="222-22-22227")

    assert applications.registry_answered(made.pk, old, RegistryState.ACTIVE, timezone.now()) is None
    made.refresh_from_db()
    assert made.registry == RegistryState.UNCHECKED


def test_who_may_not_join_is_not_received_but_refused_with_every_reason():
    made: Any = application(ksic="47190", annual_revenue="1,000,000,001")

    with pytest.raises(ApplicationRefused) as refused:
        receive(made)
    assert refused.value.code == "not_eligible"
    ended = applications.refuse(made.pk, by=None, address=ADDRESS, now=timezone.now())

    assert ended.state == ApplicationState.REFUSED
    assert len(ended.reasons) == 2
    assert ended.received_at is not None
    assert not Shop.objects.exists()


def test_exactly_a_billion_won_is_received():
    assert received(annual_revenue="1,000,000,000").state == ApplicationState.RECEIVED


def test_nobody_is_refused_without_a_reason():
    with pytest.raises(ApplicationRefused):
        applications.refuse(application().pk, by=None, address=ADDRESS, now=timezone.now())


def test_a_customer_already_is_told_which_shop_and_offered_a_second():
    shop = ShopFactory(name="옛날통닭", address="서울 마포구")
    number = shop.merchant.business_number
    made: Any = application(business_number=number)

    assert "옛날통닭" in applications.standing(made).problems["business_number"]
    saved = save(made, second_shop="yes")

    assert saved.standing.complete
    assert receive(made).shop.merchant == shop.merchant


def test_a_line_of_another_shop_and_a_colleagues_mobile_are_refused_where_they_are_typed():
    shop = ShopFactory(name="옆집")
    agent = StaffFactory()

    problems = applications.standing(
        application(line_number=shop.lines.get().number, owner_mobile=agent.mobile)
    ).problems

    assert "옆집" in problems["line_number"]
    assert "직원" in problems["owner_mobile"]


def test_an_owner_of_another_shop_may_sign_up():
    owner = UserFactory()

    assert applications.standing(application(owner_mobile=owner.mobile)).complete


def test_a_line_taken_in_the_last_moment_leaves_no_half_a_shop(monkeypatch):
    made: Any = application()
    monkeypatch.setattr("eligibility.form_checks.problems", lambda *_: {})
    ShopFactory(line__number=made.line_number)

    with pytest.raises(ApplicationRefused) as refused:
        receive(made)

    assert refused.value.code == "line_taken"
    assert Shop.objects.count() == 1
    made.refresh_from_db()
    assert made.state == ApplicationState.FORM


def test_the_draft_follows_the_form_until_somebody_writes_in_it():
    made: Any = received()
    save(made, specials="첫 번째")
    assert drafts.state(made.shop, visit="", now=timezone.now()).fields.body == "첫 번째"

    now = timezone.now()
    current = drafts.state(made.shop, visit="p", now=now)
    drafts.save(
        made.shop, [drafts.Edit("body", "제작자가 쓴 글", current.revision)], visit="p", by=None, now=now
    )
    save(made, base=made.revision + 1, specials="두 번째")

    assert drafts.state(made.shop, visit="", now=timezone.now()).fields.body == "제작자가 쓴 글"


def test_the_shop_follows_the_form_until_activation():
    made: Any = received()

    save(made, shop_name="새 이름", line_number="02-777-7777")

    made.refresh_from_db()
    assert made.shop.name == "새 이름"
    assert made.shop.lines.get().number == "027777777"


def test_a_form_made_unreadable_after_receipt_is_not_eligible_and_loses_nothing():
    made: Any = eligible()

    saved = save(made, line_number="0215661234")

    assert saved.application.state == ApplicationState.RECEIVED
    assert Line.objects.filter(shop=made.shop).count() == 1
    assert save(made, base=saved.application.revision, line_number="02-777-7777").application.state == (
        ApplicationState.ELIGIBLE
    )


def test_a_withdrawn_application_frees_its_line_and_can_be_taken_up_again():
    made: Any = received()
    applications.withdraw(made.pk, reason="생각해 보겠다고", by=None, address=ADDRESS, now=timezone.now())
    made.refresh_from_db()
    assert (made.state, made.shop.status) == (ApplicationState.WITHDRAWN, ShopStatus.CLOSED)
    assert not Line.objects.exists()

    applications.reopen(made.pk, by=None, address=ADDRESS, now=timezone.now())
    again = receive(made)

    assert (again.shop, again.shop.status) == (made.shop, ShopStatus.PENDING)
    assert again.shop.lines.get().number == made.line_number


def test_what_is_over_is_not_written_in_any_more():
    made: Any = received()
    applications.withdraw(made.pk, reason="", by=None, address=ADDRESS, now=timezone.now())

    with pytest.raises(ApplicationRefused) as refused:
        save(made, shop_name="몰래")

    assert refused.value.code == "wrong_state"


def test_a_public_body_is_received_for_premium_without_trade_or_revenue():
    form: Any = public_body()
    made: Any = received(**form)

    assert (made.product, made.shop.daily_cap) == ("premium", 50)


def test_a_dealer_sees_its_own_dealerships_applications_and_no_others(dealers):
    mine, others = dealers

    own = application(source=Source.DEALER, by=mine)
    application(source=Source.DEALER, by=others)
    application()

    assert list(Application.objects.visible_to(mine)) == [own]
    assert Application.objects.visible_to(StaffFactory(role=Role.AGENT)).count() == 3
    assert not Application.objects.visible_to(UserFactory()).exists()


def test_only_dealers_bring_a_dealers_application():
    with pytest.raises(ApplicationRefused):
        application(source=Source.DEALER, by=StaffFactory(role=Role.AGENT))


def test_a_producer_sees_what_has_been_received():
    application()
    made: Any = received()

    assert list(Application.objects.visible_to(StaffFactory(role=Role.PRODUCER))) == [made]


def test_the_draft_is_promised_within_a_day_of_receipt():
    made: Any = received()

    assert made.content_due_at - made.received_at == timedelta(days=1)
    assert made.content == ContentState.WAITING


@pytest.fixture
def dealers():
    from shopmsg.accounts.models import Dealership

    return [
        StaffFactory(role=Role.DEALER, dealership=Dealership.objects.create(name=name))
        for name in ("망원대리점", "합정대리점")
    ]
