"""The fields of the application form as the desk shows them: how each is asked, what it says, what is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from billing.catalogue import PACK_INTERNET, PACK_PARTS
from billing.enums import Bundle
from eligibility.enums import ApplicantKind, LineOwner, RevenueProof
from eligibility.form import LABELS, SPECIALS_LENGTH, Values, industry_name
from shopmsg.accounts.enums import Product
from shopmsg.core import business_number, phone
from shopmsg.core.money import format_won

_TERMS: Final = (("0", "무약정"), ("12", "12개월"), ("24", "24개월"), ("36", "36개월"))
_MERCHANT: Final = "kind=merchant"
_PACK: Final = "bundle=success_pack"


@dataclass(frozen=True, slots=True)
class Asked:
    """How a field is asked. `look`: text, line (grows with its text), digits, tel, area, radios, check, checks or
    combobox; `when`: the field is
    only there while another has that value ("bundle=success_pack"), or while the business is a customer already."""

    look: str
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    when: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a field with a few."""

    value: str
    label: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A field as it stands. `value` is what was typed, readable or not; `read_back` how it was understood; `problem` a
    sentence, "" when nothing is wrong; `shown` whether its condition holds."""

    name: str
    label: str
    asked: Asked
    value: str
    read_back: str
    problem: str
    shown: bool

    @property
    def choices(self) -> Sequence[Choice]:
        """The answers, with those chosen; a field that nobody has touched shows its default."""
        chosen = (self.value or self.asked.default).split(",")
        return [Choice(value, label, value in chosen) for value, label in self.asked.choices]


ASKED: Final[Mapping[str, Asked]] = {
    "kind": Asked("radios", tuple(ApplicantKind.choices), default=ApplicantKind.MERCHANT),
    "shop_name": Asked("line"),
    "ksic": Asked("combobox", hint="하는 일이나 코드", when=_MERCHANT),
    "annual_revenue": Asked("text", hint="3억 5천만처럼", when=_MERCHANT),
    "revenue_proof": Asked(
        "radios", tuple(RevenueProof.choices), when=_MERCHANT, default=RevenueProof.SPOKEN
    ),
    "business_number": Asked("digits", hint="숫자 열 자리"),
    "second_shop": Asked("check", (("1", "두 번째 가게로 가입"),), when="customer"),
    "business_name": Asked("line", hint="가게 이름과 다를 때"),
    "owner_name": Asked("text"),
    "owner_mobile": Asked("tel", hint="시안을 받을 번호"),
    "line_number": Asked("tel", hint="지역번호부터"),
    "line_owner": Asked("radios", tuple(LineOwner.choices), default=LineOwner.SELF),
    "line_owner_name": Asked("text", when="line_owner=other"),
    "product": Asked(
        "radios",
        ((Product.PREMIUM, "프리미엄형(그림 문자)"), (Product.BASIC, "기본형(짧은 문자)")),
        when="kind=public_body",
        default=Product.PREMIUM,
    ),
    "term_months": Asked("radios", _TERMS, when=_MERCHANT, default="0"),
    "bundle": Asked("radios", tuple(Bundle.choices), when=_MERCHANT, default=Bundle.NONE),
    "pack_internet": Asked("radios", tuple(PACK_INTERNET.items()), when=_PACK),
    "pack_parts": Asked("checks", tuple(PACK_PARTS.items()), hint="하나 이상", when=_PACK),
    "referral_code": Asked("text", hint="있으면 여섯 자리", when=_MERCHANT),
    "specials": Asked("area", hint="3~5줄"),
    "address": Asked("line"),
    "hours": Asked("line", hint="쉬는 날도"),
    "note": Asked("area", hint="우리끼리 보는 글"),
}
SPECIALS_MOST: Final = SPECIALS_LENGTH


def fields_of(
    names: Sequence[str],
    form: Mapping[str, str],
    values: Values,
    problems: Mapping[str, str],
    *,
    customer: bool,
) -> list[Field]:
    """These fields as they stand."""
    answers = read_backs(form, values)
    return [
        Field(
            name=name,
            label=LABELS[name],
            asked=ASKED[name],
            value=form.get(name, ""),
            read_back=answers.get(name, ""),
            problem=problems.get(name, ""),
            shown=holds(ASKED[name].when, form, customer=customer),
        )
        for name in names
    ]


def typed_values(form: Mapping[str, str]) -> dict[str, str]:
    """Every field as its controls show it: what was typed, and the default where nobody has chosen."""
    return {name: form.get(name, "") or asked.default for name, asked in ASKED.items()}


def read_backs(form: Mapping[str, str], values: Values) -> dict[str, str]:
    """How a number, an amount or a trade was understood, for the fields whose value looks other than what was typed."""
    return {
        name: words for name, words in _read_backs(values) if words and words != form.get(name, "").strip()
    }


def words_of(field: str, value: str) -> str:
    """A field's value as people read it; "" for an empty one."""
    chosen = dict(ASKED[field].choices)
    if not chosen:
        return value
    return ", ".join(chosen.get(part, part) for part in value.split(",") if part)


def _read_backs(values: Values) -> Iterator[tuple[str, str]]:
    yield "business_number", business_number.hyphenate(values.business_number)
    yield "ksic", industry_name(values.ksic)
    if values.annual_revenue is not None:
        yield "annual_revenue", format_won(values.annual_revenue)
    yield "owner_mobile", _spaced(values.owner_mobile)
    yield "line_number", _spaced(values.line_number)


def _spaced(number: str) -> str:
    return phone.hyphenate(number) if number else ""


def holds(when: str, form: Mapping[str, str], *, customer: bool) -> bool:
    """Whether a field or a sentence with that condition is there."""
    if not when:
        return True
    if when == "customer":
        return customer
    name, _, wanted = when.partition("=")
    return (form.get(name, "") or ASKED[name].default) == wanted
