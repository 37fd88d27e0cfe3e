"""Forms of the login pages and of the desk's number change. Errors are ours, so the templates say novalidate."""

import re
from typing import Any

from django import forms

from shopmsg.accounts.numbers import PROOF_LENGTH
from shopmsg.core import phone


class MobileField(forms.CharField):
    """A Korean mobile number however it is written; cleans to national digits."""

    def __init__(self, label: str, **attrs: str) -> None:
        widget = forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "maxlength": "20",
                **attrs,
            }
        )
        super().__init__(
            label=label, widget=widget, error_messages={"required": "휴대폰 번호를 010부터 모두 적어 주세요."}
        )

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return phone.mobile(text)
        except phone.PhoneError as error:
            raise forms.ValidationError("휴대폰 번호를 010부터 모두 적어 주세요.", code=error.code) from None


class SixDigitsField(forms.CharField):
    """Six digits, with or without spaces and hyphens between them."""

    def __init__(self, label: str, message: str) -> None:
        self._message = message
        widget = forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "maxlength": "10",
            }
        )
        super().__init__(label=label, widget=widget, error_messages={"required": message})

    def clean(self, value: Any) -> str:
        digits = re.sub(r"[\s-]", "", super().clean(value))
        if not re.fullmatch(r"[0-9]{6}", digits):
            raise forms.ValidationError(self._message, code="not_six_digits")
        return digits


class MobileForm(forms.Form):
    mobile = MobileField("휴대폰 번호", autocomplete="tel-national", placeholder="010-1234-5678")


class CodeForm(forms.Form):
    code = SixDigitsField("인증번호 6자리", "문자로 받은 숫자 6자리를 적어 주세요.")
    remember = forms.BooleanField(
        label="이 휴대폰을 30일 동안 기억하기",
        required=False,
        initial=True,
    )


class StaffLoginForm(forms.Form):
    mobile = MobileField("휴대폰 번호", autocomplete="username")
    password = forms.CharField(
        label="비밀번호",
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "비밀번호를 입력해 주세요."},
    )
    totp = SixDigitsField("인증 앱 숫자 6자리", "인증 앱에 보이는 숫자 6자리를 입력해 주세요.")


class PersonSearchForm(forms.Form):
    query = forms.CharField(
        label="이전 휴대폰 번호 또는 이름",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "이전 휴대폰 번호나 이름을 입력해 주세요."},
    )


class NumberChangeForm(forms.Form):
    mobile = MobileField("새 휴대폰 번호", autocomplete="off")
    proof = forms.CharField(
        label="본인 확인 방법",
        help_text="예: 사업자등록증과 신분증 대조, 매장 전화로 회신 확인",
        min_length=PROOF_LENGTH.start,
        max_length=PROOF_LENGTH.stop - 1,
        widget=forms.Textarea(attrs={"rows": "3"}),
        error_messages={
            "required": "본인 확인 방법을 10자 이상 입력해 주세요.",
            "min_length": "본인 확인 방법을 10자 이상 입력해 주세요.",
        },
    )
