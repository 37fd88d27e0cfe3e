"""What an applicant fills in: as it is typed it goes to eligibility.form, whose problems come back to their fields."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from django import forms

from billing.catalogue import PACK_INTERNET, PACK_PARTS
from eligibility import online
from eligibility.choices import REVENUES, Choice, Plan, RevenueBand, won_of
from eligibility.enums import LineOwner
from eligibility.form import CODE_LENGTH, SPECIALS_LENGTH

#: What nobody sees and only programs fill in.
TRAP: Final = "homepage_url"
_OTHER_NAMES: Final = {"revenue": "annual_revenue", "internet": "pack_internet", "parts": "pack_parts"}
_FORM_NAMES: Final = {theirs: ours for ours, theirs in _OTHER_NAMES.items()}


def read_submission(text: str) -> str:
    """The form's name as it came back, or a new one in the place of anything else."""
    known = len(text) == online.SUBMISSION_LENGTH and text.isascii() and text.isalnum()
    return text if known else online.new_submission()


def text_field(label: str, *, hint: str = "", **attributes: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=False,
        max_length=2_000,
        strip=True,
        widget=forms.TextInput(attrs=attributes),
    )


def consent_field(refusal: str = "동의하셔야 신청을 받을 수 있어요.") -> forms.BooleanField:
    return forms.BooleanField(
        label="개인정보를 이렇게 쓰는 데 동의해요",
        error_messages={"required": refusal},
        widget=forms.CheckboxInput(attrs={"required": False}),
    )


class ApplyForm(forms.Form):
    """온라인 신청서. `choice` is what was chosen before; a revenue nobody was sure of is asked again."""

    shop_name = text_field(
        "가게 이름",
        hint="손님이 아는 이름으로 적어 주세요. 홍보문자에 그대로 나가요.",
        autocomplete="organization",
        maxlength="40",
    )
    line_number = text_field(
        "매장 전화번호",
        hint="손님이 거는 번호를 지역번호부터 적어 주세요.",
        inputmode="tel",
        autocomplete="off",
        placeholder="02-1234-5678",
    )
    line_owner = forms.ChoiceField(
        label="그 전화는 누구 이름으로 되어 있나요?",
        choices=[(LineOwner.SELF.value, "제 이름이에요"), (LineOwner.OTHER.value, "다른 사람 이름이에요")],
        initial=LineOwner.SELF.value,
        required=False,
        widget=forms.RadioSelect,
    )
    line_owner_name = text_field("회선 명의자 이름", autocomplete="off", maxlength="40")
    address = text_field(
        "가게 주소",
        hint="안 적으셔도 돼요. 적으시면 손님이 찾아오기 쉬워요.",
        autocomplete="street-address",
        maxlength="120",
    )
    owner_name = text_field("대표자 이름", autocomplete="name", maxlength="40")
    owner_mobile = text_field(
        "사장님 휴대폰 번호",
        hint="만든 홍보문자를 이 번호로 보여 드려요.",
        inputmode="tel",
        autocomplete="tel",
        placeholder="010-1234-5678",
    )
    business_number = text_field(
        "사업자등록번호",
        hint="사업자등록증에 있는 열 자리 숫자예요.",
        inputmode="numeric",
        autocomplete="off",
        placeholder="124-81-00998",
    )
    revenue = forms.ChoiceField(
        label="지난해 매출은 얼마쯤인가요?",
        choices=[(band.value, band.label) for band in REVENUES],
        required=False,
        error_messages={"invalid_choice": "연 매출을 골라 주세요."},
        widget=forms.RadioSelect,
    )
    plan = forms.ChoiceField(
        label="어떤 요금으로 하시겠어요?", choices=Plan.choices, required=False, widget=forms.RadioSelect
    )
    product = forms.ChoiceField(
        label="어떤 상품으로 하시겠어요?", choices=(), required=False, widget=forms.RadioSelect
    )
    internet = forms.ChoiceField(
        label="인터넷은 어느 것인가요?",
        choices=list(PACK_INTERNET.items()),
        required=False,
        widget=forms.RadioSelect,
    )
    parts = forms.MultipleChoiceField(
        label="함께 쓰시는 것을 모두 골라 주세요",
        choices=list(PACK_PARTS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    referral_code = text_field(
        "추천 코드",
        hint="추천받으셨으면 적어 주세요. 첫 요금을 내시면 두 가게 모두 한 달 무료예요.",
        autocomplete="off",
        autocapitalize="characters",
        spellcheck="false",
        maxlength=str(CODE_LENGTH),
    )
    specials = forms.CharField(
        label="우리 가게 자랑",
        help_text="안 적으셔도 돼요. 3~5줄이면 홍보문자를 더 잘 만들 수 있어요.",
        required=False,
        widget=forms.Textarea(
            attrs={
                "rows": "5",
                "maxlength": str(SPECIALS_LENGTH),
                "placeholder": "예: 매일 아침 새 기름으로 튀겨요.\n포장하시면 2,000원 할인해 드려요.\n주차는 가게 앞에 두 대 돼요.",
            }
        ),
    )
    consent = consent_field()

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        choice: Choice,
        plans: Iterable[tuple[str, str]],
        products: Iterable[tuple[str, str]],
    ) -> None:
        super().__init__(
            data,
            label_suffix="",
            initial={
                "plan": choice.plan or Plan.NONE,
                "product": choice.product,
                "internet": choice.internet,
                "parts": list(choice.parts),
                "referral_code": choice.by,
            },
        )
        self.choice = choice
        for name, choices in (("plan", plans), ("product", products)):
            cast(forms.ChoiceField, self.fields[name]).choices = list(choices)
        if choice.public_body:
            for name, (label, hint) in _OF_PUBLIC_BODIES.items():
                self.fields[name].label, self.fields[name].help_text = label, hint
            cast(forms.ChoiceField, self.fields["line_owner"]).choices = _LINE_OF_PUBLIC_BODIES
            self.fields["specials"].widget.attrs["placeholder"] = _NEWS_OF_PUBLIC_BODIES
            gone = ["revenue", "plan", "internet", "parts", "referral_code"]
        elif choice.revenue in REVENUES:
            gone = ["revenue", "product"]
        else:
            gone = ["product"]
        for name in gone:
            del self.fields[name]

    @property
    def asks_revenue(self) -> bool:
        return "revenue" in self.fields

    def typed(self) -> dict[str, str]:
        """What was typed by the names of eligibility.form.LABELS; nothing that is empty."""
        said = {name: str(self[name].value() or "").strip() for name in _TEXTS}
        said |= self._chosen()
        if said["line_owner"] != LineOwner.OTHER:
            said["line_owner_name"] = ""
        return {name: text for name, text in said.items() if text}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, sentence in online.problems(self.typed()).items():
            field = _FORM_NAMES.get(name, name)
            if field not in self.fields:
                self.add_error(None, sentence)
            elif field not in self.errors:
                self.add_error(field, sentence)
        return data

    def _chosen(self) -> dict[str, str]:
        if self.choice.public_body:
            return {"kind": self.choice.kind, "product": str(self["product"].value() or "")}
        said = self._said("plan") or Plan.NONE
        plan = Plan(said) if said in Plan.values else Plan.NONE
        band = self.revenue_band()
        chosen = {
            "kind": self.choice.kind.value,
            "ksic": self.choice.ksic,
            "annual_revenue": won_of(band),
            "term_months": str(plan.term_months),
            "bundle": plan.bundle.value,
            "note": f"홈페이지에서 고른 연 매출: {band.label}" if band else "",
        }
        if plan is Plan.PACK:
            chosen |= {"pack_internet": self._said("internet"), "pack_parts": ",".join(self._parts())}
        chosen["referral_code"] = self._said("referral_code").strip()
        return chosen

    def revenue_band(self) -> RevenueBand | None:
        """The band as it is now, asked here or before."""
        if not self.asks_revenue:
            return self.choice.revenue
        said = self._said("revenue")
        return RevenueBand(said) if said in RevenueBand.values else None

    def _said(self, name: str) -> str:
        return str(self[name].value() or "")

    def _parts(self) -> list[str]:
        return [part for part in self["parts"].value() or () if part in PACK_PARTS]


#: What the same questions are called where nobody has a shop: label and hint.
_OF_PUBLIC_BODIES: Final = {
    "shop_name": ("기관 이름", "받는 분이 아는 이름으로 적어 주세요. 알림문자에 그대로 나가요."),
    "line_number": (
        "대표 전화번호",
        "시민이 거는 번호를 지역번호부터 적어 주세요. 120 같은 특수번호도 돼요.",
    ),
    "line_owner": ("그 전화는 기관 이름으로 되어 있나요?", ""),
    "address": ("기관 주소", "안 적으셔도 돼요."),
    "owner_name": ("담당자 이름", ""),
    "owner_mobile": ("담당자 휴대폰 번호", "만든 알림문자를 이 번호로 보여 드려요."),
    "business_number": ("사업자등록번호(고유번호)", "고유번호증에 있는 열 자리 숫자예요."),
    "specials": ("알리고 싶은 내용", "안 적으셔도 돼요. 3~5줄이면 알림문자를 더 잘 만들 수 있어요."),
}
_LINE_OF_PUBLIC_BODIES: Final = [
    (LineOwner.SELF.value, "기관 이름이에요"),
    (LineOwner.OTHER.value, "다른 이름이에요"),
]
_NEWS_OF_PUBLIC_BODIES: Final = (
    "예: 민원실은 평일 오전 9시~오후 6시에 열어요.\n필요한 서류는 홈페이지에 있어요."
)
#: The fields whose text goes over as it is.
_TEXTS: Final = (
    "shop_name", "line_number", "line_owner", "line_owner_name", "address", "owner_name", "owner_mobile",
    "business_number", "specials",
)  # fmt: skip
