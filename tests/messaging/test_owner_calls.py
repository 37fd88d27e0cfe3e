"""The list of calls and one call's page."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from messaging.enums import MessageKind, MessageState
from messaging.models import LinkOpen
from messaging.queries.calls import PAGE, Show, calls_page
from messaging.queries.timeline import call_timeline
from shopmsg.accounts.models import AuditEntry
from shopmsg.core.clock import day_start, kst_day
from tests.factories.messaging import call_end, coupon_code, message_of, sent_call
from tests.messaging.owner_page import Stage, stage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("calls", [1, 3])
def test_the_list_is_one_statement_whatever_its_length(
    calls: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    at = stage()
    for _ in range(calls):
        sent_call(at.shop)
    at.owner.get(at.url("calls/"))
    # Session, user, shop, may-edit, the list.
    with django_assert_num_queries(5):
        answer = at.owner.get(at.url("calls/"))
    assert answer.content.decode().count('class="row-item call-row"') == calls


def test_paging_by_key_shows_every_call_once_while_new_ones_arrive() -> None:
    at = stage()
    made = [call_end(at.shop).pk for _ in range(PAGE + 5)]
    now = timezone.now()
    first = calls_page(at.shop, now)
    call_end(at.shop)
    second = calls_page(at.shop, now, before=first.older)
    shown = [row.id for row in (*first.rows, *second.rows)]
    assert shown == sorted(made, reverse=True)
    assert second.older is None


def test_each_filter_shows_its_heap_and_the_heaps_leave_nothing_out() -> None:
    at = stage()
    now = timezone.now()
    for state in MessageState:
        sent_call(at.shop, state, ended_at=now)
    call_end(at.shop, ended_at=now)
    call_end(at.shop, ended_at=now, reason="")
    heaps = {
        show: {row.id for row in calls_page(at.shop, now, show=show, size=100).rows}
        for show in (Show.SENT, Show.WAITING, Show.NOT_SENT)
    }
    everything = {row.id for row in calls_page(at.shop, now, size=100).rows}
    assert set.union(*heaps.values()) == everything
    assert sum(map(len, heaps.values())) == len(everything)
    assert (len(heaps[Show.SENT]), len(heaps[Show.WAITING]), len(heaps[Show.NOT_SENT])) == (3, 5, 5)


def test_search_finds_the_last_four_digits_in_this_shop_only() -> None:
    mine, other = stage(), stage()
    wanted = call_end(mine.shop, caller="01011117777")
    call_end(mine.shop, caller="01077771111")
    call_end(other.shop, caller="01022227777")
    rows = calls_page(mine.shop, timezone.now(), last4="7777").rows
    assert [row.id for row in rows] == [wanted.pk]


def test_a_search_finds_pages_on_and_never_shows_the_digits_in_an_address() -> None:
    at = stage()
    wanted = [call_end(at.shop, caller="01011117777").pk for _ in range(PAGE + 1)]
    call_end(at.shop, caller="01011118888")
    answer = at.owner.post(at.url("calls/?show=not_sent"), {"last4": "7777"})
    address = answer["Location"]
    first = at.owner.get(address)
    older = at.owner.get(at.url("calls/") + first.context["older_url"])
    shown = [row.id for row in (*first.context["calls"], *older.context["calls"])]
    assert shown == sorted(wanted, reverse=True)
    assert "show=not_sent" in address
    links = re.findall(r'(?:href|action)="([^"]*)"', first.content.decode() + older.content.decode())
    assert not [link for link in [address, *links] if "7777" in link]


def test_days_at_the_ends_of_the_calendar_are_refused_at_their_fields() -> None:
    at = stage()
    call_end(at.shop)
    answer = at.owner.get(at.url("calls/?first=0001-01-01&last=9999-12-31"))
    assert set(answer.context["form"].errors) == {"first", "last"}
    assert len(answer.context["calls"]) == 1


def test_two_searches_in_two_tabs_keep_apart() -> None:
    at = stage()
    seven, eight = call_end(at.shop, caller="01011117777"), call_end(at.shop, caller="01011118888")
    first = at.owner.post(at.url("calls/"), {"last4": "7777"})["Location"]
    second = at.owner.post(at.url("calls/"), {"last4": "8888"})["Location"]
    assert [row.id for row in at.owner.get(first).context["calls"]] == [seven.pk]
    assert [row.id for row in at.owner.get(second).context["calls"]] == [eight.pk]


def test_a_search_of_another_session_is_asked_for_again() -> None:
    at = stage()
    call_end(at.shop, caller="01011117777")
    address = at.owner.post(at.url("calls/"), {"last4": "7777"})["Location"]
    answer = at.colleague.get(address)
    assert "끝 네 자리를 다시 적어 주세요" in answer.content.decode()


@pytest.mark.parametrize("typed", ["77", "77777", "칠칠칠칠", "7'77", "٧٧٧٧"])
def test_a_search_that_is_not_four_digits_says_so(typed: str) -> None:
    at = stage()
    answer = at.owner.post(at.url("calls/"), {"last4": typed})
    assert answer.status_code == 200
    assert "끝 네 자리를 숫자로" in answer.content.decode()


def _listed(at: Stage, query: str) -> set[int]:
    return {row.id for row in at.owner.get(at.url(f"calls/?{query}")).context["calls"]}


def test_days_outcome_and_reason_hold_together() -> None:
    at = stage()
    today = kst_day(timezone.now())
    noon = day_start(today - timedelta(days=3)) + timedelta(hours=12)
    short = call_end(at.shop, reason="too_short", ended_at=noon).pk
    late = call_end(at.shop, reason="too_short", ended_at=noon + timedelta(hours=12)).pk
    recent = call_end(at.shop, reason="recent", ended_at=noon).pk
    refused = sent_call(at.shop, MessageState.SKIPPED, reason="opted_out", ended_at=noon).pk
    timed_out = sent_call(at.shop, MessageState.EXPIRED, ended_at=noon).pk
    sent = sent_call(at.shop, ended_at=noon).pk
    day = f"first={kst_day(noon)}&last={kst_day(noon)}"
    assert _listed(at, day) == {short, recent, refused, timed_out, sent}, "midnight belongs to the next day"
    assert _listed(at, f"{day}&show=sent") == {sent}
    assert _listed(at, f"{day}&reason=too_short") == {short}
    assert _listed(at, "reason=too_short") == {short, late}
    assert _listed(at, "reason=opted_out") == {refused}, "found out by the last check, said at the message"
    assert _listed(at, "reason=expired") == {timed_out}
    assert _listed(at, f"{day}&show=sent&reason=too_short") == set()
    assert _listed(at, f"first={kst_day(noon) + timedelta(days=1)}") == {late}


def test_choices_are_kept_by_every_other_choice() -> None:
    at = stage()
    chosen = at.owner.get(
        at.url("calls/?show=not_sent&reason=recent&first=2026-01-05&last=2026-01-06")
    ).context["chosen"]
    for pill in chosen.day_pills:
        assert "show=not_sent" in pill.url
        assert "reason=recent" in pill.url
    assert all("first=2026-01-05" in pill.url for pill in chosen.show_pills)
    assert chosen.said == "1월 5일(월)부터 1월 6일(화)까지, ‘얼마 전에 이미 보냈어요’"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("first=2026-02-30", "날짜를 달력에서 골라 주세요."),
        ("first=2026-03-02&last=2026-03-01", "끝나는 날이 시작하는 날보다 빨라요"),
        ("reason=nonsense", "까닭을 목록에서 골라 주세요."),
    ],
)
def test_a_choice_that_makes_no_sense_is_said_and_hides_nothing(query: str, said: str) -> None:
    at = stage()
    call = call_end(at.shop)
    answer = at.owner.get(at.url(f"calls/?{query}"))
    assert said in answer.content.decode()
    assert [row.id for row in answer.context["calls"]] == [call.pk]


@pytest.mark.parametrize("key", ["-1", "abc", "9" * 30, ""])
def test_a_key_that_is_no_number_is_the_first_page(key: str) -> None:
    at = stage()
    call_end(at.shop)
    answer = at.owner.get(at.url("calls/"), {"before": key, "show": "nonsense"})
    assert answer.content.decode().count("call-row") == 1


def test_a_list_shows_masked_numbers_and_the_reason_and_never_the_number() -> None:
    at = stage()
    call_end(at.shop, caller="01098765432", reason="recent", reason_at=timezone.now() - timedelta(days=3))
    page = at.owner.get(at.url("calls/")).content.decode()
    assert "010-****-5432" in page
    assert "3일 전에 이미 보냈어요" in page
    assert "9876" not in page


def test_a_withheld_number_and_a_test_call_are_named() -> None:
    at = stage()
    call_end(at.shop, caller=None, reason="withheld")
    sent_call(at.shop, kind=MessageKind.TEST)
    page = at.owner.get(at.url("calls/")).content.decode()
    assert "번호 숨김" in page
    assert "시험" in page


def test_an_empty_list_says_what_will_be_there() -> None:
    at = stage()
    assert "아직 통화가 없어요" in at.owner.get(at.url("calls/")).content.decode()
    assert (
        "이 번호로 끝나는 통화가 없어요"
        in at.owner.post(at.url("calls/"), {"last4": "1234"}, follow=True).content.decode()
    )


def _steps(state: MessageState, **fields: Any) -> list[tuple[str, str, bool]]:
    at = stage()
    call = sent_call(at.shop, state, **fields)
    timeline = call_timeline(at.shop, call.pk, timezone.now())
    return [(step.label, step.after, step.at is not None) for step in timeline.steps]


def test_a_delivered_message_has_four_stations_with_the_time_between() -> None:
    assert _steps(MessageState.DELIVERED) == [
        ("통화 끝남", "", True),
        ("판단", "0.4초 뒤", True),
        ("접수", "0.7초 뒤", True),
        ("전달", "3.3초 뒤", True),
    ]


def test_what_the_customer_did_is_told_with_the_time_it_took() -> None:
    at = stage()
    call = sent_call(at.shop)
    message = message_of(call)
    assert message.finished_at is not None
    LinkOpen.objects.create(
        message_id=message.pk, shop_id=at.shop.pk, at=message.finished_at + timedelta(minutes=3, seconds=20)
    )
    coupon_code(at.shop, message, redeemed_at=message.finished_at + timedelta(days=3))
    steps = call_timeline(at.shop, call.pk, timezone.now()).steps
    assert [(step.label, step.after) for step in steps[-2:]] == [
        ("링크를 열어 봤어요", "3분 20초 뒤"),
        ("쿠폰을 썼어요", "3일 뒤"),
    ]


def test_what_is_still_to_come_stands_there_without_a_time() -> None:
    assert _steps(MessageState.HELD)[2:] == [("접수", "", False), ("전달", "", False)]
    assert _steps(MessageState.ACCEPTED)[3] == ("전달", "", False)


def test_what_was_never_sent_promises_no_delivery() -> None:
    assert [step[0] for step in _steps(MessageState.SKIPPED, reason="opted_out")] == [
        "통화 끝남",
        "판단",
        "접수 안 함",
    ]
    assert "전달" not in [step[0] for step in _steps(MessageState.REJECTED, gateway_code="1062")]


def test_a_held_call_says_when_it_goes() -> None:
    at = stage()
    release = timezone.now() + timedelta(hours=9)
    call = sent_call(at.shop, MessageState.HELD, release_at=release)
    page = at.owner.get(at.url(f"calls/{call.pk}/")).content.decode()
    minute = f"{release:%M}"
    assert f":{minute}에 보내요" in page


def test_the_page_shows_the_text_exactly_as_it_was_sent() -> None:
    at = stage()
    text = "(광고)[가게 <b>&]\n한 줄\n두 줄\n무료수신거부 080-1234-5678"
    call = sent_call(at.shop, text=text)
    phone = at.owner.get(at.url(f"calls/{call.pk}/")).context["phone"]
    assert "".join(part.text for part in phone.parts) == text == message_of(call).text


def test_seeing_the_number_is_written_down_with_its_reason_and_shown_once() -> None:
    at = stage()
    call = sent_call(at.shop, caller="01098765432")
    url = at.url(f"calls/{call.pk}/")
    assert "010-9876-5432" not in at.owner.get(url).content.decode()
    shown = at.owner.post(url, {"why": "other", "other": "두고 가신 지갑"})
    assert "010-9876-5432" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    entry = AuditEntry.objects.get(action="caller.unmasked")
    assert (entry.actor, entry.shop, entry.subject, entry.reason) == (
        at.user,
        at.shop,
        f"call:{call.pk}",
        "두고 가신 지갑",
    )
    assert "010-9876-5432" not in at.owner.get(url).content.decode()


@pytest.mark.parametrize("answer", [{}, {"why": "other"}, {"why": "other", "other": "  "}, {"why": "x"}])
def test_no_reason_no_number(answer: dict[str, str]) -> None:
    at = stage()
    call = sent_call(at.shop, caller="01098765432")
    page = at.owner.post(at.url(f"calls/{call.pk}/"), answer)
    assert "9876" not in page.content.decode()
    assert not AuditEntry.objects.exists()


def test_a_call_whose_text_and_number_are_past_their_term_still_has_its_page() -> None:
    at = stage()
    call = sent_call(at.shop, text="")
    type(call).objects.filter(pk=call.pk).update(caller_sealed=None)
    page = at.owner.get(at.url(f"calls/{call.pk}/"))
    assert page.status_code == 200
    assert "번호 보기" not in page.content.decode()
    assert "여섯 달" in page.content.decode()
