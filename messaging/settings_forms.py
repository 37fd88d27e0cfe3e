"""Forms of the settings pages. The sentences are ours, so the templates say novalidate."""

from datetime import date, datetime, time
from typing import Any, Final, cast

from django import forms

from messaging import alerts, sending
from messaging.models import Block
from shopmsg.accounts.enums import NightPolicy, NoticeKind
from shopmsg.core import phone
from shopmsg.core.clock import KST

_LABEL_LENGTH: Final = Block._meta.get_field("label").max_length
#: Whose numbers shops block most; tapped instead of typed.
TAGS: Final = ("거래처", "가족", "직원", "배달")


class BlockForm(forms.Form):
    """A number never to be sent to, and whose it is: tapped, written, or both."""

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
    tag = forms.ChoiceField(
        label="누구인가요?",
        choices=[*((tag, tag) for tag in TAGS), ("", "그 밖")],
        required=False,
        initial="",
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "누구인지 다시 골라 주세요."},
    )
    label = forms.CharField(
        label="메모",
        required=False,
        max_length=_LABEL_LENGTH,
        help_text="적어 두면 나중에 찾기 쉬워요. 비워 두셔도 돼요.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": f"메모는 {_LABEL_LENGTH}자 안으로 적어 주세요."},
    )

    def clean_number(self) -> str:
        try:
            return phone.mobile(str(self.cleaned_data["number"]))
        except phone.PhoneError as error:
            raise forms.ValidationError("휴대폰 번호를 010부터 모두 적어 주세요.", code=error.code) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if len(self.memo()) > (_LABEL_LENGTH or 0):
            self.add_error("label", f"메모는 {_LABEL_LENGTH}자 안으로 적어 주세요.")
        return cleaned

    def memo(self) -> str:
        """ "거래처 · 대성주류"."""
        parts = (str(self.cleaned_data.get(name, "")).strip() for name in ("tag", "label"))
        return " · ".join(part for part in parts if part)


class BlockUploadForm(forms.Form):
    """Many numbers at once: a file, or lines pasted."""

    file = forms.FileField(
        label="엑셀이나 csv, txt 파일",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
    )
    pasted = forms.CharField(
        label="또는 번호 붙여 넣기",
        required=False,
        max_length=300_000,
        strip=False,
        help_text="한 줄에 번호 하나씩 적어 주세요. 번호 뒤에 메모를 적으셔도 돼요.",
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"max_length": "한 번에 5,000줄까지 붙여 넣을 수 있어요."},
    )
    tag = forms.ChoiceField(
        label="메모가 없는 번호에는 뭐라고 적을까요?",
        choices=[*((tag, tag) for tag in TAGS), ("", "비워 두기")],
        required=False,
        initial="",
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "메모를 다시 골라 주세요."},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("file") and not str(cleaned.get("pasted", "")).strip():
            self.add_error("file", "파일을 고르거나 아래에 번호를 붙여 넣어 주세요.")
        return cleaned


class RulesForm(forms.Form):
    """Which calls bring a message, and what a night's call brings and when."""

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
            (NightPolicy.HOLD, "기다렸다가 보내기"),
            (NightPolicy.SKIP, "보내지 않기"),
        ],
        help_text="법에 따라 이 시간에는 홍보문자를 보낼 수 없어요.",
        widget=forms.RadioSelect,
        error_messages={
            "required": "밤에 온 전화를 어떻게 할지 골라 주세요.",
            "invalid_choice": "밤에 온 전화를 어떻게 할지 골라 주세요.",
        },
    )
    release_hour = forms.TypedChoiceField(
        label="기다린 문자는 몇 시에 보낼까요?",
        coerce=int,
        choices=[(hour, sending.hour_words(hour)) for hour in sending.RELEASE_HOURS],
        help_text="낮에 온 전화에는 언제나 바로 보내요.",
        error_messages={"required": "보낼 시각을 골라 주세요.", "invalid_choice": "보낼 시각을 골라 주세요."},
    )

    def __init__(self, *args: Any, now_seconds: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = sorted({*self.SECONDS, now_seconds})
        field = cast(forms.TypedChoiceField, self.fields["min_call_seconds"])
        field.choices = [(seconds, seconds_label(seconds)) for seconds in offered]


class RestUntilForm(forms.Form):
    """The day and the time at which sending starts again."""

    day = forms.DateField(
        label="다시 시작하는 날",
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "날짜를 골라 주세요.", "invalid": "날짜를 달력에서 골라 주세요."},
    )
    hour = forms.TypedChoiceField(
        label="다시 시작하는 시각",
        coerce=int,
        initial=9,
        choices=[(0, "밤 12시(날이 바뀔 때)"), *((hour, sending.hour_words(hour)) for hour in range(1, 24))],
        error_messages={"required": "시각을 골라 주세요.", "invalid_choice": "시각을 골라 주세요."},
    )

    def until(self) -> datetime:
        """The moment chosen, KST."""
        day: date = self.cleaned_data["day"]
        return datetime.combine(day, time(self.cleaned_data["hour"]), KST)


class NotificationsForm(forms.Form):
    """Which texts about the shop its owner wants."""

    HINTS: Final = {
        NoticeKind.PROMO_ENDING: "홍보 기간이 끝나기 3일 전과 마지막 날에 알려 드려요.",
        NoticeKind.QUOTA_NEAR: "오늘 보낼 수 있는 수를 거의 다 썼을 때 알려 드려요.",
    }

    def __init__(self, *args: Any, muted: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in alerts.MUTABLE:
            self.fields[kind.value] = forms.BooleanField(
                label=kind.label, required=False, initial=kind not in muted, help_text=self.HINTS[kind]
            )

    def muted(self) -> list[NoticeKind]:
        """The kinds not ticked."""
        return [kind for kind in alerts.MUTABLE if not self.cleaned_data[kind.value]]


def seconds_label(seconds: int) -> str:
    """ "10초 이상", "1분 이상", and for 0 "받기만 하면"."""
    if seconds == 0:
        return "받기만 하면"
    return f"{seconds // 60}분 이상" if seconds % 60 == 0 else f"{seconds}초 이상"
