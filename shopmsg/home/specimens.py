"""What the components on /styleguide/ are filled with: one specimen of every state a page can show."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from django import forms

from billing.catalogue import BASE
from billing.changes import start
from billing.leaving import outlook
from billing.queries.leaving_chart import leaving_chart
from billing.queries.money_chart import money_chart
from messaging import charts
from messaging.models import ShopNumbers
from messaging.preview import Handset, Phone, clock_of
from messaging.queries.numbers import Week, monday_of, stages_of
from shopmsg.accounts.enums import Product
from shopmsg.accounts.models import Delegation, Shop
from shopmsg.core.clock import add_months, kst_day, month_start
from shopmsg.home.samples import SAMPLES, sample_phone

#: (tone, what a chip says, the verdict's reason, what to do next).
VERDICTS: Final = (
    ("sent", "보냄", "손님 휴대폰에 도착했어요.", ""),
    ("held", "아침에 보냄", "밤에는 보내지 않고 내일 오전 8시부터 보내요.", ""),
    ("waiting", "보내는 중", "통신사의 답을 기다리고 있어요.", ""),
    ("skipped", "보내지 않음", "3일 전에 이미 보냈어요.", "같은 분에게는 7일에 한 번만 보내요."),
    ("failed", "실패", "손님 휴대폰이 꺼져 있어요.", "다음에 전화하시면 다시 보내요."),
)
#: (label, won, why, unfolded).
BILL_LINES: Final = (
    (
        "소상공인형 3년 약정",
        13_200,
        "12월 1일~31일 한 달 요금 13,200원이에요. 원래 한 달 19,800원인데 3년 약정으로 6,600원 깎아 드렸어요.",
        True,
    ),
    (
        "이벤트 프로",
        30_032,
        "12월 13일~31일 19일치예요. 한 달 49,000원 × 19일 ÷ 31일 = 30,032원이에요.",
        False,
    ),
    (
        "추천 한 달 무료",
        -13_200,
        "‘봄날꽃집’을 추천해 주셔서 소상공인형 한 달 요금 13,200원을 빼 드렸어요.",
        False,
    ),
)
STEPS: Final = ("가게", "문구", "그림", "보내기")
_WEEKLY: Final = ((42, 31, 12), (38, 29, 9), (51, 40, 18), (17, 12, 3), (0, 0, 0), (0, 0, 0), (0, 0, 0))


class SpecimenForm(forms.Form):
    """One question of every kind."""

    name = forms.CharField(label="가게 이름", help_text="손님 휴대폰에 그대로 보여요.", initial="햇살치킨")
    phone = forms.CharField(label="가게 전화번호")
    notes = forms.CharField(label="소개", widget=forms.Textarea, required=False)
    ends_on = forms.DateField(
        label="끝나는 날", widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    kind = forms.ChoiceField(
        label="종류",
        choices=[("common", "평소 문자"), ("coupon", "쿠폰 문자"), ("event", "행사 문자")],
        required=False,
    )
    shows_hours = forms.BooleanField(label="영업시간 한 줄 넣기", required=False)
    late = forms.ChoiceField(
        label="밤에 끝난 통화는",
        help_text="밤 9시부터 아침 8시까지예요.",
        choices=[("hold", "아침에 보내요"), ("skip", "보내지 않아요")],
        widget=forms.RadioSelect,
        error_messages={"required": "둘 가운데 하나를 골라 주세요."},
    )


def specimens(now: datetime) -> dict[str, Any]:
    """The styleguide's context."""
    form = SpecimenForm(
        {"name": "햇살치킨", "phone": "02-12", "notes": "", "kind": "coupon"}, auto_id="specimen-%s"
    )
    form.errors["phone"] = form.error_class(["전화번호 숫자가 모자라요. 02-123-4567처럼 적어 주세요."])
    shops = [{"pk": number, "slug": each.slug, "name": each.name} for number, each in enumerate(SAMPLES)]
    week = _week(now)
    return {
        "form": form,
        "sample_shop": shops[0],
        "sample_shops": shops,
        "phones": list(_phones(now)),
        "quiet": Phone(
            sender="", clock=clock_of(now), reason="오늘 이미 보냈어요.", action="7일 뒤에 다시 보내요."
        ),
        "verdicts": VERDICTS,
        "steps": STEPS,
        "bill_lines": BILL_LINES,
        "leaving": leaving_chart(_outlook(kst_day(now))),
        "money": money_chart(
            [
                (date(2026, month, 1), 1_200_000 + 90_000 * month, 1_180_000 + 80_000 * month)
                for month in range(1, 13)
            ]
        ),
        "at_work": Delegation(pk=0, shop=Shop(name=SAMPLES[0].name)),
        "facts": [
            ("무슨 일이 생기나요", "문자를 보내지 않아요."),
            ("언제부터", "지금부터 내일 오전 8시까지"),
            ("요금", "그대로예요."),
        ],
        "timeline": [
            {"what": "통화가 끝남", "when": "11월 22일(일) 오후 3:05", "detail": "30초 통화했어요."},
            {"what": "보내기로 판단", "when": "오후 3:05", "after": "0.2초 뒤"},
            {"what": "아침까지 기다림", "when": "오후 9:10", "tone": "held"},
            {"what": "보내지 않음", "detail": "3일 전에 이미 보냈어요.", "tone": "skipped"},
            {
                "what": "전달 실패",
                "when": "오후 3:06",
                "detail": "손님 휴대폰이 꺼져 있어요.",
                "tone": "failed",
            },
        ],
        "week": charts.week_chart(week),
        "stages": charts.funnel(week.total, notes={"visited": "미리보기와 검색 로봇은 세지 않아요."}),
    }


def _phones(now: datetime) -> Iterator[tuple[str, Phone]]:
    """(what it is, the phone): every handset by day and by night."""
    phone = sample_phone(SAMPLES[0], now)
    for handset in Handset:
        for scheme, word in (("light", "밝게"), ("dark", "어둡게")):
            yield f"{handset.label} · {word}", replace(phone, handset=handset, scheme=scheme, at=now)


def _outlook(today: date) -> list[tuple[date, int]]:
    """A commitment of three years, one year of which is over."""
    begun = add_months(month_start(today), -12)
    return outlook(start(BASE, begun, product=Product.SOHO, term_months=36), BASE, today)


def _week(now: datetime) -> Week:
    """A week of which four days are over."""
    start = monday_of(kst_day(now))
    days = tuple(
        ShopNumbers(
            shop_id=0, day=start + timedelta(days=number), calls=calls, sent=sent, delivered=sent, visited=visited,
            redeemed=visited // 4,
        )
        for number, (calls, sent, visited) in enumerate(_WEEKLY)
    )  # fmt: skip
    total = stages_of(days)
    return Week(start, start + timedelta(days=3), days, total, total, "")
