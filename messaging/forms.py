"""Forms of the owner's pages. The sentences are ours, so the templates say novalidate."""

from typing import Any, Final

from django import forms


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
