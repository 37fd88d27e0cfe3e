"""Forms of the owner's pages. The sentences are ours, so the templates say novalidate."""

import re
from datetime import date
from typing import Any, Final, cast

from django import forms

from messaging.models import Block, PromoVersion
from messaging.template_kinds import TemplateKind
from shopmsg.accounts.enums import NightPolicy
from shopmsg.core import phone

_PICTURE: Final = re.compile(r"none|drawn:[0-3]|stored:[0-9]{1,18}")


class UnmaskForm(forms.Form):
    """Why somebody wants to see a caller's number; the first answer is ready to be sent."""

    REASONS: Final = (
        ("다시 전화하려고", "다시 전화하려고요"),
        ("예약·주문 확인", "예약이나 주문을 확인하려고요"),
        ("손님 문의 확인", "손님이 물어본 것을 확인하려고요"),
        ("other", "다른 까닭이에요"),
    )
    why = forms.ChoiceField(
        label="번호를 왜 보시나요?",
        choices=REASONS,
        initial=REASONS[0][0],
        widget=forms.RadioSelect,
        error_messages={"required": "번호를 보는 까닭을 골라 주세요."},
    )
    other = forms.CharField(
        label="다른 까닭",
        required=False,
        max_length=100,
        help_text="‘다른 까닭’을 고르셨을 때만 적어 주세요.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("why") == "other" and not cleaned.get("other", "").strip():
            self.add_error("other", "까닭을 짧게 적어 주세요.")
        return cleaned

    def reason(self) -> str:
        """The sentence for the audit log."""
        why = str(self.cleaned_data["why"])
        return str(self.cleaned_data["other"]).strip() if why == "other" else why


class PromoForm(forms.Form):
    """What an owner says to callers. `picture` is "none", "drawn:<layout>" or "stored:<id of a Picture>"."""

    kind = forms.ChoiceField(
        label="종류",
        choices=PromoVersion.KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": "종류를 골라 주세요.", "invalid_choice": "종류를 골라 주세요."},
    )
    headline = forms.CharField(
        label="제목",
        max_length=60,
        help_text="손님이 가장 먼저 읽는 한 줄이에요.",
        error_messages={
            "required": "제목이 비어 있어요. 손님이 처음 읽을 한 줄을 적어 주세요.",
            "max_length": "제목이 길어요. 60자 안으로 줄여 주세요.",
        },
    )
    body = forms.CharField(
        label="내용",
        max_length=3_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={
            "required": "내용이 비어 있어요. 손님에게 알릴 말을 한 줄 이상 적어 주세요.",
            "max_length": "내용이 너무 길어요. 1,000자쯤으로 줄여 주세요.",
        },
    )
    starts_on = forms.DateField(
        label="시작하는 날",
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "날짜를 달력에서 골라 주세요."},
    )
    ends_on = forms.DateField(
        label="끝나는 날",
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "날짜를 달력에서 골라 주세요."},
    )
    picture = forms.RegexField(
        label="그림",
        regex=_PICTURE,
        required=False,
        error_messages={"invalid": "그림을 다시 골라 주세요."},
    )

    def headline_of(self) -> str:
        """The headline as typed so far."""
        return str(self["headline"].value() or "")

    def body_of(self) -> str:
        """The body as typed so far."""
        return str(self["body"].value() or "")

    def kind_of(self) -> TemplateKind:
        """The kind chosen so far; whatever is none is 공통형."""
        value = self["kind"].value()
        return TemplateKind(value) if value in list(TemplateKind) else TemplateKind.COMMON

    def day_of(self, name: str) -> date | None:
        """A day as chosen so far, None while it is no day."""
        value = self[name].value()
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value or ""))
        except ValueError:
            return None

    def picture_of(self) -> str:
        """The picture chosen so far, "none" when that is unreadable."""
        value = str(self["picture"].value() or "none")
        return value if _PICTURE.fullmatch(value) else "none"


class BlockForm(forms.Form):
    """A number never to be sent to, and the owner's memo of whose it is."""

    number = forms.CharField(
        label="차단할 휴대폰 번호",
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": "010-1234-5678"}
        ),
        max_length=20,
        error_messages={
            "required": "휴대폰 번호를 010부터 모두 적어 주세요.",
            "max_length": "휴대폰 번호를 010부터 모두 적어 주세요.",
        },
    )
    label = forms.CharField(
        label="메모",
        required=False,
        max_length=Block._meta.get_field("label").max_length,
        help_text="누구인지 적어 두면 나중에 찾기 쉬워요. 비워 두셔도 돼요.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": "메모는 30자 안으로 적어 주세요."},
    )

    def clean_number(self) -> str:
        try:
            return phone.mobile(str(self.cleaned_data["number"]))
        except phone.PhoneError as error:
            raise forms.ValidationError("휴대폰 번호를 010부터 모두 적어 주세요.", code=error.code) from None


class RulesForm(forms.Form):
    """Which calls bring a message, and what a night's call brings."""

    SECONDS: Final = (0, 5, 10, 20, 30, 60)

    min_call_seconds = forms.TypedChoiceField(
        label="얼마나 통화해야 문자를 보낼까요?",
        coerce=int,
        help_text="이보다 짧은 통화에는 문자를 보내지 않아요.",
        error_messages={"required": "통화 시간을 골라 주세요.", "invalid_choice": "통화 시간을 골라 주세요."},
    )
    night_policy = forms.ChoiceField(
        label="밤 9시부터 아침 8시 사이에 온 전화는요?",
        choices=[
            (NightPolicy.HOLD, "아침 8시가 되면 보내기"),
            (NightPolicy.SKIP, "보내지 않기"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "밤에 온 전화를 어떻게 할지 골라 주세요.",
            "invalid_choice": "밤에 온 전화를 어떻게 할지 골라 주세요.",
        },
    )

    def __init__(self, *args: Any, now_seconds: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = sorted({*self.SECONDS, now_seconds})
        field = cast(forms.TypedChoiceField, self.fields["min_call_seconds"])
        field.choices = [(seconds, seconds_label(seconds)) for seconds in offered]


def seconds_label(seconds: int) -> str:
    """ "10초 이상", "1분 이상", and for 0 "받기만 하면"."""
    if seconds == 0:
        return "받기만 하면"
    return f"{seconds // 60}분 이상" if seconds % 60 == 0 else f"{seconds}초 이상"
