"""What an admin types to announce a price: amounts as people write them, refund bands a line each."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from django import forms

from billing.catalogue import TERMS, Bands, PlanPrice, Price, UsagePrice, bands_problem, discount_problem
from billing.price_list import FARTHEST_MONTHS, MOST_KRW, Row
from billing.queries.prices import BUNDLES, band_words
from shopmsg.core.clock import add_months
from shopmsg.core.money import MoneyRefused, format_won, parse_won

_WON_WORDS: Final = {
    "negative": "0원보다 작을 수 없습니다. 빼기 표시 없이 적어 주세요.",
    "fraction": "원 단위로 적어 주세요. 소수점은 쓸 수 없습니다.",
    "unreadable": "19,800이나 만오천원처럼 적어 주세요.",
}
#: "1~9개월 85%", "10 - 12: 80", "25~28개월 -10%"
_BAND: Final = re.compile(r"(\d{1,3})(?:개월)?(?:[~-](\d{1,3})(?:개월)?)?[: ]+([+-]?\d{1,4})%?")
_MOST_PERCENT: Final = 1_000


class WonField(forms.CharField):
    """Whole won as people write them: an int, None for nothing typed."""

    def __init__(self, *, most: int = MOST_KRW, **more: Any) -> None:
        more.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        # Longer than any amount; what is longer still is no slip of the finger.
        super().__init__(max_length=40, **more)
        self.most = most
        self.error_messages["required"] = more.get("error_messages", {}).get(
            "required", "금액을 적어 주세요."
        )
        self.error_messages["max_length"] = _WON_WORDS["unreadable"]

    def clean(self, value: Any) -> int | None:
        """Raises ValidationError with one sentence."""
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return parse_won(typed, self.most)
        except MoneyRefused as refused:
            words = _WON_WORDS.get(refused.code, f"{format_won(self.most)}까지 적을 수 있습니다.")
            raise forms.ValidationError(words, code=refused.code) from None


class AnnouncementForm(forms.Form):
    """From when on, and what it rests on; each kind of row adds its own questions before these."""

    effective_from = forms.DateField(
        label="언제부터",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "시작하는 날을 골라 주세요.", "invalid": "날짜를 다시 골라 주세요."},
    )
    source = forms.CharField(
        label="근거",
        help_text="공문 번호나 공지처럼 나중에 찾을 수 있게",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "어디에서 온 금액인지 근거를 적어 주세요.",
            "max_length": "근거를 200자 안으로 줄여 주세요.",
        },
    )
    #: Which question an AnnouncementRefused is about, by its code; the others are about none.
    places: Mapping[str, str] = MappingProxyType(
        {"past": "effective_from", "far": "effective_from", "overlap": "effective_from", "source": "source"}
    )

    def __init__(self, data: Any, *, today: date, **more: Any) -> None:
        super().__init__(data, label_suffix="", **more)
        last = add_months(today, FARTHEST_MONTHS)
        self.fields["effective_from"].widget.attrs |= {
            "min": (date.fromordinal(today.toordinal() + 1)).isoformat(), "max": last.isoformat()
        }  # fmt: skip
        self.fields["effective_from"].help_text = "내일부터. 30일보다 이르면 가게에 늦게 알리게 됨"
        self.order_fields([*(name for name in self.fields if name not in ("effective_from", "source"))])

    def refuse(self, code: str, sentence: str) -> None:
        """Put what was refused where it belongs."""
        self.add_error(self.places.get(code), sentence)


class PriceForm(AnnouncementForm):
    """A product's price: the list price and what is taken off, an empty one for what is not sold."""

    list_krw = WonField(label="월 요금 (약정 없음)", help_text="부가세 포함")
    first_month_free = forms.BooleanField(label="첫 달 무료", required=False)

    def __init__(self, data: Any, *, previous: Price, today: date) -> None:
        initial: dict[str, Any] = {
            "list_krw": f"{previous.list_krw:,}",
            "first_month_free": previous.first_month_free,
        }
        super().__init__(data, today=today, initial=initial)
        self.previous = previous
        asked = [
            (f"term_{term}", f"{term}개월 약정 할인", previous.commitments.get(term)) for term in TERMS[1:]
        ]
        asked += [
            (f"bundle_{bundle.value}", f"{bundle.label} 할인", previous.bundles.get(bundle))
            for bundle in BUNDLES
        ]
        for name, label, discount in asked:
            self.fields[name] = WonField(
                label=label,
                required=False,
                help_text=_hint(previous, name, discount),
            )
            self.initial[name] = "" if discount is None else f"{discount:,}"
        self.order_fields(["list_krw", *(name for name, _, _ in asked), "first_month_free"])
        self.discounts = [name for name, _, _ in asked]
        self.places = {**self.places, "amount": "list_krw"}

    def clean(self) -> dict[str, Any]:
        """Each discount is less than the price."""
        found = super().clean() or {}
        listed = found.get("list_krw")
        if listed == 0:
            self.add_error("list_krw", "월 요금은 1원부터 적어 주세요.")
        for name in self.discounts:
            discount = found.get(name)
            if listed and discount is not None and (problem := discount_problem(listed, discount)):
                self.add_error(name, problem)
        return found

    def refuse(self, code: str, sentence: str) -> None:
        """A bundle that was left out belongs to its own question."""
        if code != "bundles":
            super().refuse(code, sentence)
            return
        for bundle in self.previous.bundles:
            name = f"bundle_{bundle.value}"
            if name in self.fields and self.cleaned_data.get(name) is None:
                self.add_error(
                    name, f"{bundle.label}을 쓰는 가게가 있을 수 있습니다. 할인을 없애려면 0을 적어 주세요."
                )
                return
        self.add_error(None, sentence)

    def row(self) -> Row:
        """What was typed; for a valid form."""
        found = self.cleaned_data
        return Price(
            self.previous.product,
            found["effective_from"],
            found["list_krw"],
            MappingProxyType(
                {term: found[f"term_{term}"] for term in TERMS[1:] if found[f"term_{term}"] is not None}
            ),
            MappingProxyType(
                {
                    bundle: found[f"bundle_{bundle.value}"]
                    for bundle in BUNDLES
                    if found[f"bundle_{bundle.value}"] is not None
                }
            ),
            found["first_month_free"],
        )


class PlanForm(AnnouncementForm):
    """An event plan's price."""

    monthly_krw = WonField(label="한 달", help_text="부가세 포함")
    events = forms.IntegerField(
        label="한 달에 이벤트 몇 번",
        help_text="비우면 제한 없음",
        required=False,
        min_value=1,
        max_value=1_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": "횟수를 숫자로 적어 주세요.",
            "min_value": "한 번부터 적어 주세요. 제한이 없으면 비워 주세요.",
            "max_value": "1,000번까지 적을 수 있습니다. 제한이 없으면 비워 주세요.",
        },
    )
    analysis = forms.BooleanField(label="고급 분석", required=False)
    shops = forms.BooleanField(label="여러 가게에서 함께 씀", required=False)

    def __init__(self, data: Any, *, previous: PlanPrice, today: date) -> None:
        initial = {
            "monthly_krw": f"{previous.monthly_krw:,}",
            "events": previous.events,
            "analysis": previous.analysis,
            "shops": previous.shops,
        }
        super().__init__(data, today=today, initial=initial)
        self.previous = previous
        self.places = {**self.places, "amount": "monthly_krw", "same": "monthly_krw"}

    def row(self) -> Row:
        """What was typed; for a valid form."""
        found = self.cleaned_data
        return PlanPrice(
            self.previous.plan,
            found["effective_from"],
            found["monthly_krw"],
            found["events"],
            found["analysis"],
            found["shops"],
        )


class UsageForm(AnnouncementForm):
    """What a run on TV costs, or the commission on a prize."""

    won = WonField(label="한 번", help_text="부가세 포함")
    percent = forms.IntegerField(
        label="수수료(%)",
        help_text="경품값의 몇 %, 부가세 포함",
        min_value=0,
        max_value=100,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "수수료를 적어 주세요.",
            "invalid": "소수점 없이 숫자로 적어 주세요.",
            "min_value": "0%%부터 적어 주세요.",
            "max_value": "100%%까지 적을 수 있습니다.",
        },
    )

    def __init__(self, data: Any, *, previous: UsagePrice, today: date) -> None:
        won = None if previous.won is None else f"{previous.won:,}"
        super().__init__(data, today=today, initial={"won": won, "percent": previous.percent})
        self.previous = previous
        self.asked = "won" if previous.percent is None else "percent"
        del self.fields["percent" if self.asked == "won" else "won"]
        self.places = {**self.places, "amount": self.asked, "same": self.asked}

    def row(self) -> Row:
        """What was typed; for a valid form."""
        found, was = self.cleaned_data, self.previous
        return UsagePrice(
            was.kind, found["effective_from"], found.get("won"), found.get("percent"), was.vat_outside
        )


class BandsForm(AnnouncementForm):
    """할인반환율, a text of lines for each commitment."""

    def __init__(self, data: Any, *, previous: Bands, today: date) -> None:
        super().__init__(data, today=today)
        for term in TERMS[1:]:
            self.fields[f"term_{term}"] = forms.CharField(
                label=f"{term}개월 약정",
                help_text=f"한 줄에 하나씩, 1개월째부터 {term}개월째까지",
                initial="\n".join(band_words(previous.rates[term])),
                max_length=2_000,
                widget=forms.Textarea(attrs={"rows": 9, "autocomplete": "off", "spellcheck": "false"}),
                error_messages={
                    "required": bands_problem(term, ()),
                    "max_length": "2,000자 안으로 줄여 주세요.",
                },
            )
        self.order_fields([f"term_{term}" for term in TERMS[1:]])

    def clean(self) -> dict[str, Any]:
        """Each text as a table."""
        found = super().clean() or {}
        for term in TERMS[1:]:
            name = f"term_{term}"
            if name in found:
                try:
                    found[name] = read_bands(term, found[name])
                except forms.ValidationError as error:
                    self.add_error(name, error)
        return found

    def row(self) -> Row:
        """What was typed; for a valid form."""
        found = self.cleaned_data
        rates = {term: found[f"term_{term}"] for term in TERMS[1:]}
        return Bands(found["effective_from"], " ".join(found["source"].split()), MappingProxyType(rates))


def read_bands(term_months: int, text: str) -> tuple[tuple[int, int], ...]:
    """ "1~9개월 85%", a line for each band: (last month, percent). Raises ValidationError naming the line: unreadable, months
    missing, twice or out of order, beyond the commitment."""
    parts: list[tuple[int, int]] = []
    begin = 1
    for line in filter(None, (" ".join(line.split()) for line in text.splitlines())):
        read = _BAND.fullmatch(_plain(line))
        if read is None:
            raise forms.ValidationError(f"‘{line[:40]}’ 줄을 읽을 수 없습니다. 1~9개월 85%처럼 적어 주세요.")
        first, last, percent = int(read[1]), int(read[2] or read[1]), int(read[3])
        if abs(percent) > _MOST_PERCENT:
            raise forms.ValidationError(f"‘{line}’ 줄의 비율이 너무 큽니다.")
        if last < first:
            raise forms.ValidationError(f"‘{line}’ 줄의 달이 거꾸로입니다.")
        if first > begin:
            raise forms.ValidationError(f"{begin}개월째가 빠졌습니다. ‘{line}’ 줄 앞에 적어 주세요.")
        if first < begin:
            raise forms.ValidationError(f"‘{line}’ 줄이 앞줄과 겹칩니다. {begin}개월째부터 적어 주세요.")
        if last > term_months:
            raise forms.ValidationError(f"‘{line}’ 줄이 약정 {term_months}개월을 넘습니다.")
        parts.append((last, percent))
        begin = last + 1
    if problem := bands_problem(term_months, parts):
        raise forms.ValidationError(problem)
    return tuple(parts)


def form_for(previous: Row, data: Any, today: date) -> PriceForm | PlanForm | UsageForm | BandsForm:
    """The form to announce what follows that row."""
    match previous:
        case Price():
            return PriceForm(data, previous=previous, today=today)
        case PlanPrice():
            return PlanForm(data, previous=previous, today=today)
        case UsagePrice():
            return UsageForm(data, previous=previous, today=today)
        case Bands():
            return BandsForm(data, previous=previous, today=today)


def _hint(previous: Price, name: str, discount: int | None) -> str:
    if discount is None:
        return "비우면 팔지 않음"
    without = "없애려면 0" if name.startswith("bundle_") else "비우면 팔지 않음"
    return f"지금 {format_won(previous.list_krw - discount)}. {without}"


def _plain(line: str) -> str:
    """One kind of dash, tilde, colon and space."""
    plain = unicodedata.normalize("NFKC", line)
    plain = re.sub(r"[–—−‐‑]", "-", plain)
    plain = re.sub(r"[〜∼]", "~", plain)
    plain = re.sub(r"\s*([~:%])\s*", r"\1", plain)
    plain = re.sub(r"(\d)\s+개월", r"\1개월", plain)
    plain = re.sub(r"개월(?=\d)", "개월 ", plain)
    # A dash between months stands close to both; one before a percentage belongs to the number.
    plain = re.sub(r"^(\d+(?:개월)?)\s*-\s*(\d+(?:개월)?)(?=[: ])", r"\1-\2", plain)
    return re.sub(r"([+-])\s+(\d+%?)$", r"\1\2", plain)
