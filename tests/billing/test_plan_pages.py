"""The owner's plan pages: what is paid and why, changing it, leaving and coming back. Every figure is shown before it counts."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any, Final
from urllib.parse import urlencode

import pytest
import time_machine

from billing import changes, dunning, price_list, subscriptions
from billing.enums import Bundle, EventPlan
from billing.models import Account, Referral, SubscriptionChange
from billing.queries.leaving_chart import leaving_chart
from billing.subscriptions import Step
from shopmsg.accounts.enums import NoticeKind, Role
from shopmsg.accounts.models import Notice, Shop
from tests.accounts.logged_in import staff_client
from tests.factories.accounts import ShopFactory, StaffFactory
from tests.factories.billing import PACK, billed, noon, subscribed
from tests.markup import Page, sound
from tests.messaging.owner_page import Stage, stage

pytestmark = pytest.mark.django_db
BEGUN: Final = date(2026, 11, 1)
#: Twelve months of the commitment are over: rules.md's own example.
TODAY: Final = date(2027, 10, 31)
#: Of the plan page.
_QUERIES: Final = 14
PAGES: Final = ("plan/", "plan/change/", "plan/change/?ask=events", "plan/leave/", "refer/")


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(noon(TODAY), tick=False) as moved:
        yield moved


def shop_with(**contract: Any) -> Stage:
    made = stage()
    subscribed(made.shop, contract.pop("on", BEGUN), **contract)
    return made


def text(response: Page) -> str:
    """What a person reads, in one line."""
    sound(response)
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def change(shop: Shop, step: Step, on: date = TODAY) -> None:
    subscriptions.change(shop, step, by=None, address=None, now=noon(on))


def form_of(response: Page) -> dict[str, Any]:
    """The fields the page's last form would send back."""
    html = response.content.decode().rpartition("<form")[2]
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]+>", html):
        if 'type="hidden"' in " ".join(tag.split()):
            name, value = (re.search(rf'{key}="([^"]*)"', tag) for key in ("name", "value"))
            assert name is not None
            fields.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    return fields


def plan_changed(plan: str) -> Step:
    return lambda contract, on: changes.change_plan(contract, price_list.catalogue(), plan, on)


def asked(at: Stage, **query: Any) -> Any:
    return at.owner.get(at.url(f"plan/change/?{urlencode(query, doseq=True)}"))


def kinds(shop: Shop) -> list[str]:
    rows = SubscriptionChange.objects.filter(subscription__shop=shop)
    return list(rows.order_by("number").values_list("kind", flat=True))


@pytest.mark.parametrize("path", PAGES)
def test_money_is_the_owners_alone(path: str) -> None:
    at = shop_with()
    assert at.owner.get(at.url(path)).status_code == 200
    denied = at.colleague.get(at.url(path))
    assert denied.status_code == 403
    assert "사장님만" in denied.content.decode()
    assert at.stranger.get(at.url(path)).status_code == 404
    assert staff_client(StaffFactory(role=Role.AGENT)).get(at.url(path)).status_code == 404


def test_nobody_but_the_owner_changes_or_leaves() -> None:
    at = shop_with(term_months=12, on=TODAY)
    for who, status in ((at.colleague, 403), (at.stranger, 404)):
        for path in ("plan/change/", "plan/leave/", "plan/leave/back/"):
            assert who.post(at.url(path), {"kind": "commitment_left"}).status_code == status
    assert kinds(at.shop) == ["started"]


def test_the_page_says_what_is_paid_why_until_when_and_what_leaving_costs_today() -> None:
    at = shop_with(term_months=36)
    said = text(at.owner.get(at.url("plan/")))

    assert "한 달에 내시는 돈 13,200원" in said
    assert "원래 한 달 19,800원인데 3년 약정으로 6,600원 깎아 드려요." in said
    assert "지금 해지하면 60,720원" in said
    assert "2~9개월째 52,800원의 85%, 10~12개월째 19,800원의 80%" in said
    assert "36개월 가운데 12개월째" in said
    assert "약정은 2029년 10월 31일에 끝나요. 그 뒤에는 한 달 19,800원이고, 해지하셔도 0원이에요." in said
    assert "1877-3592" in said


def test_without_a_commitment_leaving_costs_nothing_and_the_page_says_so() -> None:
    at = shop_with()
    said = text(at.owner.get(at.url("plan/")))
    assert "지금 해지하면 0원" in said
    assert "약정이 없어서 언제 그만두셔도 돌려주실 돈이 없어요." in said


def test_the_free_month_is_named_and_its_bill_costs_nothing() -> None:
    at = shop_with(on=date(2027, 10, 20))
    said = text(at.owner.get(at.url("plan/")))
    assert "11월 19일(금)까지 이용료가 무료예요." in said
    assert "10월에 쓰시는 돈 0원" in said


def test_the_next_bill_explains_every_line_and_what_is_left_from_before() -> None:
    at = shop_with(on=date(2027, 8, 1))
    billed(at.shop, date(2027, 9, 1), noon(date(2027, 10, 2)))
    change(at.shop, plan_changed("basic"))
    said = text(at.owner.get(at.url("plan/")))

    assert "10월에 쓰시는 돈 20,735원" in said  # 19,800 and one day of 29,000
    assert "한 달 29,000원 × 1일 ÷ 31일 = 935원이에요." in said
    assert "19,800원이 남아 있어서 모두 40,535원" in said
    assert "19,800원이 밀려 있어요" in said


def test_a_month_that_is_over_and_not_billed_yet_is_not_called_billed() -> None:
    at = shop_with(on=date(2027, 8, 1))
    said = text(at.owner.get(at.url("plan/")))
    assert "지난달까지의 요금 19,800원이 더 있어서 모두 39,600원이에요." in said
    assert "전에 청구한 돈" not in said


def test_who_is_late_reads_the_day_on_which_sending_stops_also_where_it_was_put_off() -> None:
    at = shop_with(on=date(2027, 7, 1))
    billed(at.shop, date(2027, 8, 1))
    said = text(at.owner.get(at.url("plan/")))
    # Due on Monday 20 September: the thirtieth day after it is 20 October, over by now.
    assert "10월 31일(일)까지 내지 않으시면 문자 발송이 멈춰요." in said

    Account.objects.filter(shop=at.shop).update(hold_until=date(2027, 11, 10))
    assert "11월 10일(수)까지 내지 않으시면 문자 발송이 멈춰요." in text(at.owner.get(at.url("plan/")))


def test_a_bill_that_is_not_due_yet_is_no_reproach() -> None:
    at = shop_with(on=date(2027, 8, 1))
    with time_machine.travel(noon(date(2027, 10, 2)), tick=False):
        billed(at.shop, date(2027, 9, 1))
        said = text(at.owner.get(at.url("plan/")))
    assert "내실 돈이 19,800원 있어요" in said
    assert "밀려" not in said


def test_a_shop_stopped_for_not_paying_reads_why_and_what_helps() -> None:
    at = shop_with(on=date(2027, 7, 1))
    billed(at.shop, date(2027, 8, 1))
    dunning.take_due(noon(TODAY))
    said = text(at.owner.get(at.url("plan/")))
    assert "문자 발송이 멈춰 있고, 내시면 바로 다시 나가요." in said


def test_a_shop_without_a_contract_is_told_what_will_be_there() -> None:
    at = stage()
    assert "아직 요금제가 없어요" in text(at.owner.get(at.url("plan/")))
    assert at.owner.get(at.url("plan/change/")).status_code == 302
    assert at.owner.get(at.url("plan/leave/")).status_code == 302
    assert "아직 추천 코드가 없어요" in text(at.owner.get(at.url("refer/")))


def test_a_contract_that_is_over_leads_to_a_new_one() -> None:
    at = shop_with()
    subscriptions.end(at.shop, reason="", by=None, address=None, now=noon(TODAY - timedelta(days=3)))
    said = text(at.owner.get(at.url("plan/")))
    assert "새로 신청하기" in said
    assert "2027년 10월 28일까지 쓰셨어요." in said


def test_only_higher_commitments_are_offered_each_with_what_it_saves_and_what_leaving_costs() -> None:
    at = shop_with(term_months=12, on=date(2027, 5, 1))
    response = asked(at, ask="raise")
    said = text(response)

    assert "1년 약정 자세히" not in said
    assert "3년 약정 한 달 13,200원 지금보다 한 달 4,400원 적게 내세요." in said
    # Today 143; November to April 4,400 each; two years more 6,600 each, which without it would cost 19,800.
    assert "2030년 4월 30일까지 쓰시면 모두 184,943원 아껴요." in said
    assert "가장 많을 때" in said


def test_raising_shows_the_figures_first_and_does_exactly_them() -> None:
    at = shop_with(term_months=12, on=date(2027, 5, 1))
    shown = asked(at, kind="committed", term=36)
    said = text(shown)

    assert "지금 17,600원 → 바꾸면 13,200원" in said
    assert "10월 청구서 지금 17,600원 → 바꾸면" in said
    assert "2028년 4월 30일까지 → 2030년 4월 30일까지" in said
    assert "약정이 끝나는 2030년 4월 30일 뒤에는 0원이에요." in said
    assert kinds(at.shop) == ["started"], "looking changes nothing"

    done = at.owner.post(at.url("plan/change/"), form_of(shown), follow=True)
    assert "바꿨어요." in text(done)
    assert "13,200원" in text(done)
    assert kinds(at.shop) == ["started", "committed"]
    assert Notice.objects.filter(kind=NoticeKind.PLAN_CHANGED, shop=at.shop).count() == 1


def test_pressed_twice_it_is_done_once() -> None:
    at = shop_with(term_months=12, on=date(2027, 5, 1))
    form = form_of(asked(at, kind="committed", term=36))
    at.owner.post(at.url("plan/change/"), form)
    again = at.owner.post(at.url("plan/change/"), form)
    assert again.status_code == 422
    assert "이미 3년 약정으로 쓰고 계세요." in text(again)
    assert kinds(at.shop) == ["started", "committed"]


def test_a_price_that_moved_meanwhile_shows_the_new_figures_instead_of_doing_it(clock: Any) -> None:
    at = shop_with(on=date(2027, 5, 1))
    form = form_of(asked(at, kind="committed", term=36))
    clock.move_to(noon(TODAY + timedelta(days=1)))
    answer = at.owner.post(at.url("plan/change/"), form)

    assert answer.status_code == 409
    assert "그사이 금액이 바뀌었어요." in text(answer)
    assert "11월 청구서" in text(answer)
    assert kinds(at.shop) == ["started"]
    assert at.owner.post(at.url("plan/change/"), form_of(answer)).status_code == 302
    assert kinds(at.shop) == ["started", "committed"]


def test_a_lower_commitment_is_refused_with_its_sentence() -> None:
    answer = asked(shop_with(term_months=36), kind="committed", term=12)
    assert answer.status_code == 422
    assert "약정은 올리기만 할 수 있고 낮출 수 없어요." in text(answer)


def test_a_pack_asks_for_its_parts_and_keeps_what_was_tapped() -> None:
    at = shop_with()
    answer = asked(at, kind="bundled", bundle="success_pack", parts=["tv", "mobile"])
    assert answer.status_code == 422
    assert "인터넷이나 오피스IP넷 가운데 하나가 꼭 있어야 해요." in text(answer)
    html = " ".join(answer.content.decode().split())
    assert [
        value in html for value in ('value="tv" checked', 'value="mobile" checked', 'value="cctv" checked')
    ] == [
        True,
        True,
        False,
    ]

    shown = asked(at, kind="bundled", bundle="success_pack", internet="internet", parts=["tv", "mobile"])
    assert "지금 19,800원 → 바꾸면 14,300원" in text(shown)
    at.owner.post(at.url("plan/change/"), form_of(shown))
    running = subscriptions.current(at.shop)
    assert running is not None
    assert (running.bundle, running.pack_internet, running.pack_parts) == (
        "success_pack",
        "internet",
        ["tv", "mobile"],
    )


def test_from_a_commitment_a_pack_says_why_not_and_what_leaving_the_commitment_costs() -> None:
    at = shop_with(term_months=36)
    said = text(asked(at, ask="pack"))
    # Given up today, yesterday is its last day: October's discount is 6,387 won, of which 80 %.
    assert "약정을 지금 그만두시면 돌려주실 돈은 60,549원이에요." in said
    assert "지금 그만두시면 60,549원" in text(asked(at))
    refused = asked(at, kind="bundled", bundle="success_pack", internet="internet", parts=["tv"])
    assert refused.status_code == 422
    assert "?kind=commitment_left" in refused.content.decode()


def test_giving_the_commitment_up_names_its_price_before_and_puts_it_on_the_bill() -> None:
    at = shop_with(term_months=36)
    shown = asked(at, kind="commitment_left")
    said = text(shown)
    assert "할인반환금 3년 약정 60,549원" in said
    assert "지금 13,200원 → 바꾸면 19,800원" in said
    at.owner.post(at.url("plan/change/"), form_of(shown))
    assert "지금 해지하면 0원" in text(at.owner.get(at.url("plan/")))
    assert "할인반환금 3년 약정" in text(at.owner.get(at.url("plan/")))


def test_a_pack_is_left_for_nothing() -> None:
    at = shop_with(**PACK)
    assert "사장님성공팩 그만두기" in text(asked(at))
    shown = asked(at, kind="unbundled")
    assert "지금 14,300원 → 바꾸면 19,800원" in text(shown)
    at.owner.post(at.url("plan/change/"), form_of(shown))
    assert kinds(at.shop)[-1] == "unbundled"


def test_event_plans_are_offered_in_peoples_words_and_changed() -> None:
    at = shop_with()
    said = text(asked(at, ask="events"))
    assert "이벤트 기본 한 달 29,000원 이벤트를 한 달에 5번까지 열 수 있어요" in said
    assert "이벤트 요금제 없음 지금 쓰는 것" in said
    at.owner.post(at.url("plan/change/"), form_of(asked(at, kind="plan_changed", plan="pro")))
    running = subscriptions.current(at.shop)
    assert running is not None
    assert running.plan == EventPlan.PRO
    assert "한 달에 내시는 돈 68,800원" in text(at.owner.get(at.url("plan/")))


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "paused"},
        {"kind": "started"},
        {"kind": ""},
        {"kind": "bundled", "bundle": "x"},
        {"kind": "plan_changed", "plan": "x"},
    ],
)
def test_what_no_page_of_ours_asks_for_is_not_there(query: dict[str, str]) -> None:
    assert asked(shop_with(), **query).status_code == 404


def test_while_it_rests_only_going_on_is_offered() -> None:
    at = shop_with()
    change(at.shop, lambda contract, on: changes.pause(contract, on, on + timedelta(days=20)))
    at.shop.refresh_from_db()
    assert "11월 20일(토)까지 쉬고 있어요" in text(at.owner.get(at.url("plan/")))
    assert "‘다시 쓰기’를 먼저 눌러 주세요." in text(asked(at, ask="raise"))
    at.owner.post(at.url("plan/change/"), form_of(asked(at, kind="resumed")))
    at.shop.refresh_from_db()
    assert at.shop.status == "active"


def test_leaving_shows_today_to_the_won_and_every_coming_month() -> None:
    at = shop_with(term_months=36)
    response = at.owner.get(at.url("plan/leave/"))
    said = text(response)
    assert "오늘 해지하면 60,720원" in said
    assert "마지막 청구서는 모두 73,920원" in said  # and October's 13,200
    assert "2028년 7월 31일까지 쓰고 그만두실 때가" in said
    assert "약정이 끝나는 2029년 10월 31일 뒤에는 0원이에요." in said
    rows = response.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    assert rows.count("<tr") == 25  # today and twenty-four months
    assert "추천" not in said  # no day to leave on is urged on anybody


def test_the_chart_says_with_words_what_it_draws() -> None:
    day = date(2027, 10, 31)
    months = [
        (day, 0),
        (date(2027, 11, 30), 500),
        (date(2027, 12, 31), 900),
        (date(2028, 1, 31), 0),
        (date(2028, 2, 29), 0),
    ]
    chart = leaving_chart(months)
    assert chart is not None
    assert [bar.tone for bar in chart.bars] == ["least", "", "most", "least", "least"]
    assert [bar.height for bar in chart.bars] == [3, 55, 100, 3, 3]
    assert chart.sentences == (
        "오늘 그만두시면 0원이에요.",
        "2027년 12월 31일까지 쓰고 그만두실 때가 900원으로 가장 많아요.",
        "2028년 1월 31일까지 쓰시면 그때부터 돌려주실 돈이 없어요.",
        "약정이 끝나는 2028년 2월 29일 뒤에는 0원이에요.",
    )
    assert leaving_chart([]) is None


def test_an_owner_leaves_alone_is_told_everything_and_takes_it_back() -> None:
    at = shop_with(term_months=36)
    shown = at.owner.get(at.url("plan/leave/?last=2027-11-15"))
    said = text(shown)
    assert "2027년 11월 15일까지 쓰고 해지할까요?" in said
    assert "2027년 12월 20일까지 내시면 돼요." in said
    assert "되돌리려면요? 2027년 11월 15일 밤 12시 전까지" in said

    form = form_of(shown) | {"reason": "요금이 부담돼요"}
    after = text(at.owner.post(at.url("plan/leave/"), form, follow=True))
    assert "2027년 11월 15일까지 쓰고 해지해요" in after
    # What it costs on the day that was booked: to the end of the twelfth month 60,720, and half of the thirteenth's discount at 30 %.
    assert "2027년 11월 15일에 해지하면 61,710원 돌려주실 돈" in after
    assert "지금 해지하면" not in after
    assert "해지 되돌리기" in after
    row = SubscriptionChange.objects.get(subscription__shop=at.shop, kind="cancelled")
    assert (row.until, row.reason, row.by) == (date(2027, 11, 15), "요금이 부담돼요", at.user)
    assert Notice.objects.filter(kind=NoticeKind.CANCEL_BOOKED, shop=at.shop).count() == 1

    raised = asked(at, kind="committed", term=36)
    assert "해지를 먼저 되돌려 주세요." in text(raised)
    twice = at.owner.post(at.url("plan/leave/"), form)
    assert (twice.status_code, "해지를 먼저 되돌려 주세요." in text(twice)) == (422, True)

    back = text(at.owner.post(at.url("plan/leave/back/"), follow=True))
    assert "해지를 되돌렸어요." in back
    assert kinds(at.shop) == ["started", "cancelled", "cancel_taken_back"]
    again = at.owner.post(at.url("plan/leave/back/"))
    assert "해지를 예약한 적이 없어요." in text(again)


def test_no_reason_is_asked_for_and_an_invented_one_is_not_kept() -> None:
    at = shop_with()
    for reason in ({}, {"reason": "<b>지어낸 까닭</b>"}):
        shown = at.owner.get(at.url("plan/leave/?last=2027-11-15"))
        assert at.owner.post(at.url("plan/leave/"), form_of(shown) | reason).status_code == 302
        at.owner.post(at.url("plan/leave/back/"))
    rows = SubscriptionChange.objects.filter(kind="cancelled")
    assert [row.reason for row in rows] == ["", ""]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "달력에서 골라 주세요."),
        ("2027-02-30", "달력에서 골라 주세요."),
        ("2027-10-30", "지난 날로는 해지할 수 없어요."),
        ("9999-12-31", "마지막 날은 5년 안에서 골라 주세요."),
    ],
)
def test_a_last_day_that_cannot_be_says_what_to_do(typed: str, why: str) -> None:
    at = shop_with()
    answer = at.owner.get(at.url(f"plan/leave/?last={typed}"))
    assert answer.status_code == 422
    assert why in text(answer)
    assert at.owner.post(at.url("plan/leave/"), {"last": typed, "seal": ""}).status_code == 422
    assert kinds(at.shop) == ["started"]


def test_leaving_with_yesterdays_figures_shows_todays(clock: Any) -> None:
    at = shop_with(term_months=36)
    form = form_of(at.owner.get(at.url("plan/leave/?last=2027-11-15")))
    clock.move_to(noon(TODAY + timedelta(days=20)))
    late = at.owner.post(at.url("plan/leave/"), form)
    assert late.status_code == 422
    assert "지난 날로는 해지할 수 없어요." in text(late)
    assert kinds(at.shop) == ["started"]


def test_at_the_last_second_of_the_month_on_a_host_in_utc_it_is_still_that_day(clock: Any) -> None:
    at = shop_with(term_months=36)
    clock.move_to(datetime(2027, 10, 31, 14, 59, 59, tzinfo=UTC))
    assert "지금 해지하면 60,720원" in text(at.owner.get(at.url("plan/")))
    clock.move_to(datetime(2027, 10, 31, 15, 0, 0, tzinfo=UTC))
    assert "36개월 가운데 13개월째" in text(at.owner.get(at.url("plan/")))


def test_a_recommendation_has_a_code_a_link_and_says_who_came() -> None:
    at = shop_with()
    code = Account.objects.get(shop=at.shop).referral_code
    said = text(at.owner.get(at.url("refer/")))
    assert f"내 추천 코드 {code}" in said
    assert f"/check/?by={code}" in said
    assert "소상공인형 한 달 요금 19,800원" in said
    assert "아직 추천으로 온 가게가 없어요" in said

    for name, state, why in (
        ("첫째네", "rewarded", ""),
        ("둘째네", "refused", "같은 사업자의 가게라서 드릴 수 없어요."),
    ):
        Referral.objects.create(
            shop=ShopFactory(name=name),
            referrer=at.shop,
            state=state,
            refused_for=why,
            created_at=noon(TODAY),
        )
    said = text(at.owner.get(at.url("refer/")))
    assert "첫째네 한 달 무료" in said
    assert "둘째네 드릴 수 없음" in said
    assert "같은 사업자의 가게라서 드릴 수 없어요." in said


def test_the_pages_cost_the_same_queries_however_long_the_history(django_assert_num_queries: Any) -> None:
    at = shop_with()
    counts = []
    for turns in (0, 3):
        for plan in ("basic", "none") * turns:
            change(at.shop, plan_changed(plan))
        with django_assert_num_queries(_QUERIES):
            counts.append(at.owner.get(at.url("plan/")).status_code)
    assert counts == [200, 200]


def test_the_way_to_the_plan_is_in_the_owners_settings_and_no_one_elses() -> None:
    at = shop_with()
    for path in ("settings/", ""):
        assert at.url("plan/") in at.owner.get(at.url(path)).content.decode()
        assert at.url("plan/") not in at.colleague.get(at.url(path)).content.decode()


def test_an_assistant_pack_says_that_it_takes_nothing_off() -> None:
    at = shop_with()
    assert "지금은 깎아 드리는 금액이 없어요." in text(asked(at, ask="pack"))
    shown = asked(at, kind="bundled", bundle=Bundle.ASSISTANT_PACK.value)
    assert "지금 19,800원 → 바꾸면 19,800원" in text(shown)
