"""The call a visitor of 체험하기 makes up."""

from typing import Final

from django import forms

from shopmsg.accounts.enums import ShopStatus
from shopmsg.accounts.models import Line, Shop
from shopmsg.core import phone
from shopmsg.demo.network import VirtualCall
from shopmsg.home.samples import BY_SLUG

LENGTHS: Final = (("30", "30초"), ("180", "3분"), ("5", "5초만"), ("", "받지 않음"))
CARRIERS: Final = (("KT", "KT"), ("SKT", "SKT"), ("LGU", "LG유플러스"), ("MVNO", "알뜰폰"))


def _shops() -> list[tuple[str, str]]:
    """(slug, name and trade) of the demo's shops that have a line."""
    shops = Shop.objects.filter(slug__in=BY_SLUG, status=ShopStatus.ACTIVE, lines__isnull=False).distinct()
    return [(shop.slug, f"{shop.name} ({BY_SLUG[shop.slug].trade})") for shop in shops.order_by("pk")]


class CallForm(forms.Form):
    """Which shop was called, by whom, for how long."""

    shop = forms.ChoiceField(
        label="전화할 가게",
        choices=_shops,
        error_messages={
            "required": "전화할 가게를 골라 주세요.",
            "invalid_choice": "목록에 있는 가게를 골라 주세요.",
        },
    )
    caller = forms.CharField(
        label="전화한 손님 번호",
        help_text="처음에 적힌 것은 아무도 쓰지 않는 번호예요.",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": "손님 번호를 적어 주세요. 예: 010-0000-1234"},
    )
    seconds = forms.ChoiceField(
        label="통화 길이", choices=LENGTHS, required=False, widget=forms.RadioSelect, initial="30"
    )
    carrier = forms.ChoiceField(label="손님의 통신사", choices=CARRIERS)

    def clean_caller(self) -> str:
        try:
            return phone.digits(self.cleaned_data["caller"])
        except phone.PhoneError:
            raise forms.ValidationError(
                "전화번호가 아니에요. 숫자로 다시 적어 주세요. 예: 010-0000-1234"
            ) from None

    def call(self, call_id: str) -> VirtualCall:
        """The call of a valid form."""
        line = Line.objects.filter(shop__slug=self.cleaned_data["shop"]).order_by("pk").first()
        if line is None:
            raise Line.DoesNotExist
        seconds = self.cleaned_data["seconds"]
        return VirtualCall(
            call_id=call_id,
            line=line.number,
            caller=self.cleaned_data["caller"],
            carrier=self.cleaned_data["carrier"],
            seconds=int(seconds) if seconds else None,
        )
