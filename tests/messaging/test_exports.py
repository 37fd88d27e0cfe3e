"""The list of calls as an Excel file, read back as Excel would."""

import io
import tracemalloc
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from messaging import exports
from messaging.enums import MessageKind, MessageState
from messaging.models import CallEnd, LinkOpen, ShopNumbers
from shopmsg.accounts.models import AuditEntry
from shopmsg.core.clock import KST, day_start, format_moment, kst_day
from tests.factories.messaging import call_end, coupon_code, message_of, sent_call
from tests.messaging.owner_page import Stage, stage

pytestmark = pytest.mark.django_db

TODAY = kst_day(timezone.now())
NOON = day_start(TODAY - timedelta(days=2)) + timedelta(hours=12, seconds=5)


def _post(at: Stage, **fields: Any) -> Any:
    values = {"first": TODAY - timedelta(days=30), "last": TODAY, "numbers": "masked", **fields}
    return at.owner.post(at.url("calls/export/"), values)


def _rows(answer: Any) -> list[list[Any]]:
    book = load_workbook(io.BytesIO(answer.getvalue()))
    return [[cell.value for cell in row] for row in book.active.iter_rows()]  # type: ignore[union-attr]


def test_every_call_is_a_row_of_text_under_its_heads() -> None:
    at = stage()
    call_end(at.shop, caller="01098765432", reason="too_short", seconds=4, ended_at=NOON)
    sent = sent_call(at.shop, caller="01011112222", seconds=72, ended_at=NOON)
    message = message_of(sent)
    opened = NOON + timedelta(hours=1)
    LinkOpen.objects.create(message_id=message.pk, shop_id=at.shop.pk, at=opened)
    coupon_code(at.shop, message, redeemed_at=opened + timedelta(hours=1))
    sent_call(at.shop, MessageState.FAILED, kind=MessageKind.TEST, ended_at=NOON)
    rows = _rows(_post(at))
    day = f"{NOON.astimezone(KST):%Y-%m-%d}"
    assert rows[0] == ["날짜", "시각", "번호", "통화 시간", "결과", "까닭", "도착", "링크", "쿠폰"]
    assert rows[1] == [
        day,
        "12:00:05",
        "010-****-5432",
        "4초",
        "안 보냄",
        "통화가 너무 짧았어요.",
        None,
        None,
        None,
    ]
    assert message.finished_at is not None
    assert rows[2] == [
        day, "12:00:05", "010-****-2222", "1분 12초", "전달됨", "통신사가 전달했어요.",
        format_moment(message.finished_at), format_moment(opened), format_moment(opened + timedelta(hours=1)),
    ]  # fmt: skip
    assert rows[3][4] == "전달 안 됨 (시험)"
    assert len(rows) == 4
    assert not AuditEntry.objects.exists(), "masked numbers need no reason"


def test_whole_numbers_are_written_down_with_who_why_and_how_many() -> None:
    at = stage()
    call_end(at.shop, caller="01098765432")
    call_end(at.shop, caller="01098765433")
    answer = _post(at, numbers="whole", why="other", other="12월 감사 문자")
    assert [row[2] for row in _rows(answer)[1:]] == ["010-9876-5432", "010-9876-5433"]
    entry = AuditEntry.objects.get(action="calls.exported")
    assert (entry.actor, entry.shop, entry.reason) == (at.user, at.shop, "12월 감사 문자")
    assert entry.detail["rows"] == 2
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "answer", [{"why": ""}, {"why": "x"}, {"why": "other"}, {"why": "other", "other": "  "}]
)
def test_whole_numbers_without_a_reason_are_refused(answer: dict[str, str]) -> None:
    at = stage()
    call_end(at.shop)
    page = _post(at, numbers="whole", **answer)
    assert page["Content-Type"].startswith("text/html")
    assert "까닭" in page.content.decode()
    assert not AuditEntry.objects.exists()


def test_who_may_only_look_gets_masked_numbers_and_no_others() -> None:
    at = stage()
    call_end(at.shop, caller="01098765432")
    asked = {"first": TODAY, "last": TODAY, "why": "단골 관리"}
    masked = at.colleague.post(at.url("calls/export/"), {**asked, "numbers": "masked"})
    assert _rows(masked)[1][2] == "010-****-5432"
    assert at.colleague.post(at.url("calls/export/"), {**asked, "numbers": "whole"}).status_code == 403
    assert at.stranger.post(at.url("calls/export/"), {**asked, "numbers": "masked"}).status_code == 404
    assert "번호를 모두 적어요" not in at.colleague.get(at.url("calls/export/")).content.decode()


def test_only_this_shops_calls_of_these_days_are_in_the_file() -> None:
    at, other = stage(), stage()
    day = TODAY - timedelta(days=2)
    for moment in (
        day_start(day) - timedelta(seconds=1),
        day_start(day),
        day_start(day + timedelta(days=1)) - timedelta(seconds=1),
        day_start(day + timedelta(days=1)),
    ):
        call_end(at.shop, ended_at=moment)
    call_end(other.shop, ended_at=NOON)
    rows = _rows(_post(at, first=day, last=day))
    assert [row[1] for row in rows[1:]] == ["00:00:00", "23:59:59"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"first": ""}, "날짜를 골라 주세요"),
        ({"first": "어제"}, "날짜를 달력에서 골라 주세요"),
        ({"first": TODAY, "last": TODAY - timedelta(days=1)}, "시작하는 날보다 빨라요"),
        ({"first": TODAY - timedelta(days=92)}, "92일까지"),
        ({"first": TODAY + timedelta(days=1), "last": TODAY + timedelta(days=1)}, "아직 오지 않은 날"),
        ({"first": "0001-01-01", "last": "0001-01-02"}, "날짜를 달력에서 골라 주세요"),
        ({}, "이 기간에는 통화가 없어요"),
    ],
)
def test_a_period_that_cannot_be_had_says_why(fields: dict[str, Any], said: str) -> None:
    page = _post(stage(), **fields)
    assert page.status_code == 200
    assert said in page.content.decode()


def test_ninety_two_days_are_allowed_and_more_calls_than_a_file_holds_are_not() -> None:
    at = stage()
    call_end(at.shop)
    assert len(_rows(_post(at, first=TODAY - timedelta(days=91)))) == 2
    ShopNumbers.objects.create(shop_id=at.shop.pk, day=TODAY, calls=exports.MOST_ROWS + 1)
    assert "50,001건" in _post(at).content.decode()


def test_a_number_past_its_term_reads_destroyed_and_a_withheld_one_withheld() -> None:
    at = stage()
    old = timezone.now() - timedelta(days=200)
    gone = call_end(at.shop, ended_at=old)
    CallEnd.objects.filter(pk=gone.pk).update(caller_sealed=None, caller_index=None, caller_last4="")
    call_end(at.shop, caller=None, reason="withheld", ended_at=old + timedelta(seconds=1))
    call_end(at.shop, caller=None, reason="withheld")
    assert [row[2] for row in _rows(_post(at, first=kst_day(old), last=kst_day(old)))[1:]] == [
        "지움",
        "번호 숨김",
    ]
    assert _rows(_post(at, numbers="whole", why="단골 관리"))[1][2] == "번호 숨김"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("행복치킨", "행복치킨 통화 2026-11-01~2026-11-30.xlsx"),
        ('=cmd|"/c" <a>', "=cmd c a 통화 2026-11-01~2026-11-30.xlsx"),
        ("../..\r\nX: y", ".. .. X y 통화 2026-11-01~2026-11-30.xlsx"),
        ("\u202e///", "가게 통화 2026-11-01~2026-11-30.xlsx"),
    ],
)
def test_the_file_carries_the_shops_name_in_hangul_and_nothing_a_disk_refuses(name: str, said: str) -> None:
    at = stage(name=name)
    assert exports.file_name(at.shop, date(2026, 11, 1), date(2026, 11, 30)) == said
    call_end(at.shop)
    answer = _post(at)
    answer.close()
    header = answer["Content-Disposition"]
    assert header.startswith("attachment; filename*=utf-8''")
    assert quote(said.split(" 통화")[0]) in header


def test_a_long_list_is_whole_in_order_and_flat_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    at = stage()
    for _ in range(5):
        call_end(at.shop, ended_at=NOON)
    monkeypatch.setattr(exports, "_CHUNK", 2)
    first, last = TODAY - timedelta(days=3), TODAY
    file = io.BytesIO()
    assert exports.write_calls(at.shop, first, last, timezone.now(), whole_numbers=False, to=file) == 5
    one = CallEnd.objects.get(pk=CallEnd.objects.filter(shop=at.shop).latest("pk").pk)
    CallEnd.objects.bulk_create(
        CallEnd(
            **{
                field.attname: getattr(one, field.attname)
                for field in CallEnd._meta.concrete_fields
                if field.attname not in ("id", "call_id")
            },
            call_id=f"many-{number}",
        )
        for number in range(1_500)
    )
    monkeypatch.setattr(exports, "_CHUNK", 200)
    tracemalloc.start()
    assert (
        exports.write_calls(at.shop, first, last, timezone.now(), whole_numbers=True, to=io.BytesIO())
        == 1_505
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_500_000
