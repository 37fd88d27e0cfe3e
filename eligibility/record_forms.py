"""Forms of the record page. Errors are ours, so the templates say novalidate; what is right is the verbs' decision."""

from typing import Any

from django import forms

from eligibility.corrections import FIELDS, REASON_LENGTH
from eligibility.form import LABELS
from eligibility.ownership import PROOF_LENGTH
from shopmsg.core import phone
from shopmsg.core.ksic import INDUSTRIES


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(
        label="이유",
        widget=forms.Textarea(attrs={"rows": 1, "autocomplete": "off"}),
        min_length=REASON_LENGTH,
        max_length=200,
        error_messages={
            "required": f"이유를 {REASON_LENGTH}자 넘게 적어 주세요.",
            "min_length": f"이유를 {REASON_LENGTH}자 넘게 적어 주세요.",
            "max_length": "200자 안으로 줄여 주세요.",
        },
    )


class CorrectionForm(ReasonForm):
    """바로잡기: the fields of corrections.FIELDS as they are now. `now` is corrections.current."""

    field_order = (*FIELDS, "reason")

    def __init__(self, data: Any = None, *, now: dict[str, str]) -> None:
        super().__init__(data, initial=now)
        for name in FIELDS:
            if name == "ksic":
                # A code that is none of the list is still shown as it is.
                choices = {"": "업종 없음", now["ksic"]: now["ksic"] or "업종 없음"}
                choices |= {code: f"{row.name} ({code})" for code, row in INDUSTRIES.items()}
                field: forms.Field = forms.ChoiceField(
                    label=LABELS[name], required=False, choices=list(choices.items())
                )
            else:
                grows = forms.Textarea(attrs={"rows": 1, "autocomplete": "off"})
                widget = forms.TextInput() if name == "line_number" else grows
                field = forms.CharField(label=LABELS[name], required=False, max_length=2_000, widget=widget)
            self.fields[name] = field
        if now["line_number"]:
            self.initial["line_number"] = phone.hyphenate(now["line_number"])
        self.order_fields(self.field_order)

    @property
    def typed(self) -> dict[str, str]:
        """What corrections.correct takes."""
        return {name: str(self.cleaned_data.get(name, "")) for name in FIELDS}


class TransferForm(forms.Form):
    """사장님 바꾸기."""

    name = forms.CharField(label="새 사장님 이름", required=False, max_length=80)
    mobile = forms.CharField(
        label="새 사장님 휴대폰",
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    proof = forms.CharField(
        label="확인한 것",
        widget=forms.Textarea(attrs={"rows": 1, "autocomplete": "off"}),
        required=False,
        max_length=200,
        help_text=f"무엇으로 확인했는지 {PROOF_LENGTH}자 넘게. 예: 바뀐 사업자등록증과 신분증 확인",
    )
