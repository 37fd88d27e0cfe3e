"""The application form: every field as it was typed, and what it says as far as it can be read.

Reading never fails: what cannot be read becomes a problem of its field, what is empty and needed is missing, and
everything else keeps its value. Applicants read the sentences and agents say them, so they end in -요. Questions only
the database can answer are eligibility.form_checks'.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from billing.catalogue import PACK_INTERNET, PACK_PARTS, TERMS, pack_problem
from billing.enums import Bundle
from eligibility.enums import ApplicantKind, LineOwner, RevenueProof
from shopmsg.accounts.enums import Product
from shopmsg.core import business_number, ksic, phone
from shopmsg.core.business_number import BusinessNumberError
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.money import MoneyRefused, parse_won
from shopmsg.core.phone import PhoneError
from shopmsg.core.text import clean, unsendable

#: Every field with its label, in the order of the form.
LABELS: Final[Mapping[str, str]] = {
    "kind": "신청인",
    "shop_name": "가게 이름",
    "ksic": "업종",
    "business_number": "사업자등록번호",
    "second_shop": "두 번째 가게",
    "business_name": "상호",
    "owner_name": "대표자 이름",
    "owner_mobile": "사장님 휴대폰",
    "annual_revenue": "연 매출",
    "revenue_proof": "매출 증빙",
    "line_number": "매장 전화",
    "line_owner": "회선 명의",
    "line_owner_name": "명의자 이름",
    "product": "상품",
    "term_months": "약정",
    "bundle": "결합",
    "pack_internet": "성공팩 필수 상품",
    "pack_parts": "성공팩 기본 상품",
    "referral_code": "추천 코드",
    "address": "가게 주소",
    "hours": "영업시간",
    "specials": "우리 가게 자랑",
    "note": "상담 메모",
}
#: No field holds more than this of what was typed.
LONGEST: Final = 2_000
SPECIALS_LENGTH: Final = 500
CODE_LENGTH: Final = 12
MOST_REVENUE: Final = 10**15
#: What a public body is not asked.
_OF_MERCHANTS: Final = frozenset(
    {"ksic", "annual_revenue", "term_months", "bundle", "pack_internet", "pack_parts", "referral_code"}
)
_SPECIAL_NUMBER: Final = re.compile(r"1\d{2,3}")


class FieldProblem(ShopmsgError):
    """What was typed cannot be read as that field's value."""


@dataclass(frozen=True, slots=True)
class Values:
    """The form as far as it is readable; what is empty or unreadable has its default. Names are LABELS'. Amounts in
    won, phone numbers in national digits."""

    kind: ApplicantKind = ApplicantKind.MERCHANT
    business_number: str = ""
    second_shop: bool = False
    business_name: str = ""
    owner_name: str = ""
    owner_mobile: str = ""
    shop_name: str = ""
    ksic: str = ""
    annual_revenue: int | None = None
    revenue_proof: str = RevenueProof.SPOKEN
    line_number: str = ""
    line_owner: str = LineOwner.SELF
    line_owner_name: str = ""
    product: Product = Product.SOHO
    term_months: int = 0
    bundle: Bundle = Bundle.NONE
    pack_internet: str = ""
    pack_parts: tuple[str, ...] = ()
    referral_code: str = ""
    address: str = ""
    hours: str = ""
    specials: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """`problems`: a sentence for each field that says something unreadable; `missing`: the fields that are needed to
    receive the application and are empty."""

    values: Values
    problems: Mapping[str, str]
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not (self.problems or self.missing)


def read(form: Mapping[str, str]) -> Reading:
    """What the form says. `form` holds what was typed by field name; unknown names are ignored."""
    typed = {name: clean(form.get(name, "")).strip() for name in LABELS}
    read_so_far: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name in LABELS:
        if not typed[name]:
            continue
        try:
            read_so_far[name] = _READERS[name](typed[name], read_so_far)
        except FieldProblem as problem:
            problems[name] = problem.message
    values = _settled(Values(**read_so_far))
    if values.kind == ApplicantKind.PUBLIC_BODY:
        problems = {name: sentence for name, sentence in problems.items() if name not in _OF_MERCHANTS}
    problems |= {name: sentence for name, sentence in _together(values) if name not in problems}
    empty = tuple(name for name in _needed(values) if not typed[name])
    return Reading(values, problems, empty)


def columns(values: Values) -> dict[str, Any]:
    """The values the application keeps as columns of its own."""
    without = {"second_shop", "pack_internet", "pack_parts", "referral_code", "note"}
    return {field.name: getattr(values, field.name) for field in fields(values) if field.name not in without}


def _settled(values: Values) -> Values:
    """What follows from the kind of applicant: a merchant takes soho, a public body neither term nor bundle; and a trade
    or revenue typed before it turned out to be one is nothing of its own."""
    if values.kind == ApplicantKind.MERCHANT:
        return _with(values, product=Product.SOHO)
    product = values.product if values.product != Product.SOHO else Product.PREMIUM
    none = {"ksic": "", "annual_revenue": None, "pack_internet": "", "pack_parts": (), "referral_code": ""}
    return _with(values, product=product, term_months=0, bundle=Bundle.NONE, **none)


def _with(values: Values, **changed: Any) -> Values:
    return Values(**{field.name: getattr(values, field.name) for field in fields(values)} | changed)


def _needed(values: Values) -> Iterator[str]:
    yield from ("business_number", "owner_name", "owner_mobile", "shop_name", "line_number")
    if values.kind == ApplicantKind.MERCHANT:
        yield from ("ksic", "annual_revenue")
    if values.line_owner == LineOwner.OTHER:
        yield "line_owner_name"
    if values.bundle == Bundle.SUCCESS_PACK:
        yield from ("pack_internet", "pack_parts")


def _together(values: Values) -> Iterator[tuple[str, str]]:
    """What is wrong between fields."""
    if values.bundle != Bundle.NONE and values.term_months:
        yield "bundle", "결합은 약정 없이만 할 수 있어요. 약정을 ‘무약정’으로 바꾸거나 결합을 빼 주세요."
    if values.bundle == Bundle.SUCCESS_PACK and values.pack_internet and values.pack_parts:
        problem = pack_problem(values.pack_internet, values.pack_parts)
        if problem:
            yield "pack_parts", problem


def _choice(kind: type[Any]) -> Callable[[str, Mapping[str, Any]], Any]:
    def read_choice(typed: str, _: Mapping[str, Any]) -> Any:
        try:
            return kind(typed)
        except ValueError:
            raise FieldProblem("unknown_choice", "목록에서 다시 골라 주세요.") from None

    return read_choice


def _text(
    most: int, *, sendable: bool = False, one_line: bool = True
) -> Callable[[str, Mapping[str, Any]], str]:
    def read_text(typed: str, _: Mapping[str, Any]) -> str:
        text = " ".join(typed.split()) if one_line else typed
        if len(text) > most:
            raise FieldProblem("too_long", f"{most}자 안으로 줄여 주세요. 지금 {len(text)}자예요.")
        wrong = unsendable(text) if sendable else []
        if wrong:
            instead = f" ‘{wrong[0].suggestion}’로 바꿀 수 있어요." if wrong[0].suggestion else ""
            raise FieldProblem("unsendable", f"글자 ‘{wrong[0].char}’는 문자에 쓸 수 없어요.{instead}")
        return text

    return read_text


def _business_number(typed: str, _: Mapping[str, Any]) -> str:
    try:
        return business_number.parse(typed)
    except BusinessNumberError as error:
        raise FieldProblem(error.code, error.message) from None


def _ksic(typed: str, _: Mapping[str, Any]) -> str:
    code = unicodedata.normalize("NFKC", typed)
    if not re.fullmatch(r"[A-Z]?[0-9]{5}", code):
        raise FieldProblem("no_code", "업종을 목록에서 골라 주세요. 업종 코드는 숫자 다섯 자리예요.")
    return code[-5:]


def _revenue(typed: str, _: Mapping[str, Any]) -> int:
    try:
        return parse_won(typed, MOST_REVENUE)
    except MoneyRefused as refused:
        sentences = {
            "negative": "연 매출은 0원보다 작을 수 없어요.",
            "fraction": "연 매출을 원 단위로 적어 주세요.",
            "too_much": "연 매출이 너무 커요. 금액을 다시 확인해 주세요.",
        }
        sentence = sentences.get(refused.code, "연 매출을 300,000,000이나 3억 5천만처럼 적어 주세요.")
        raise FieldProblem(refused.code, sentence) from None


def _mobile(typed: str, _: Mapping[str, Any]) -> str:
    try:
        return phone.mobile(typed)
    except PhoneError as error:
        raise FieldProblem(error.code, "휴대폰 번호를 010부터 모두 적어 주세요.") from None


def _line(typed: str, before: Mapping[str, Any]) -> str:
    """A number a shop is called on and promos are sent from (rules.md §8)."""
    if before.get("kind") == ApplicantKind.PUBLIC_BODY and _SPECIAL_NUMBER.fullmatch(typed):
        return typed
    try:
        number = phone.sender(typed)
    except PhoneError:
        raise FieldProblem("not_a_line", _line_sentence(typed)) from None
    if phone.is_mobile(number):
        raise FieldProblem(
            "mobile", "휴대폰은 매장 전화가 될 수 없어요. 지역번호로 시작하는 매장 전화를 적어 주세요."
        )
    return number


def _line_sentence(typed: str) -> str:
    try:
        number = phone.digits(typed)
    except PhoneError:
        number = "".join(char for char in typed if char.isdigit())
    if _SPECIAL_NUMBER.fullmatch(number):
        return "특수번호는 지자체·공공기관만 등록할 수 있어요."
    if re.fullmatch(r"0\d{1,2}1[568]\d{6}", number) or re.fullmatch(r"1[568]\d+", number):
        return "대표번호는 지역번호 없이 여덟 자리로 적어 주세요. 예: 1566-1234"
    if re.fullmatch(r"0[35]0\d*", number):
        return "030·050 번호는 열두 자리로 적어 주세요."
    if not number.startswith("0"):
        return "지역번호부터 모두 적어 주세요. 예: 02-1234-5678"
    return "전화번호가 아니에요. 지역번호부터 모두 적어 주세요. 예: 02-1234-5678"


def _term(typed: str, _: Mapping[str, Any]) -> int:
    if typed not in map(str, TERMS):
        raise FieldProblem("unknown_term", "약정을 목록에서 다시 골라 주세요.")
    return int(typed)


def _pack_internet(typed: str, _: Mapping[str, Any]) -> str:
    if typed not in PACK_INTERNET:
        raise FieldProblem("unknown_choice", "성공팩 필수 상품을 목록에서 골라 주세요.")
    return typed


def _pack_parts(typed: str, _: Mapping[str, Any]) -> tuple[str, ...]:
    parts = tuple(part for part in (piece.strip() for piece in typed.split(",")) if part)
    if any(part not in PACK_PARTS for part in parts):
        raise FieldProblem("unknown_choice", "성공팩 기본 상품을 목록에서 골라 주세요.")
    return parts


_READERS: Final[Mapping[str, Callable[[str, Mapping[str, Any]], Any]]] = {
    "kind": _choice(ApplicantKind),
    "shop_name": _text(40, sendable=True),
    "ksic": _ksic,
    "business_number": _business_number,
    "second_shop": lambda typed, _: typed in ("1", "on", "true", "yes"),
    "business_name": _text(60),
    "owner_name": _text(40),
    "owner_mobile": _mobile,
    "annual_revenue": _revenue,
    "revenue_proof": _choice(RevenueProof),
    "line_number": _line,
    "line_owner": _choice(LineOwner),
    "line_owner_name": _text(40),
    "product": _choice(Product),
    "term_months": _term,
    "bundle": _choice(Bundle),
    "pack_internet": _pack_internet,
    "pack_parts": _pack_parts,
    # Whatever it says: a code that is nobody's never stops a signup (billing.referral).
    "referral_code": lambda typed, _: " ".join(typed.split()).upper()[:CODE_LENGTH],
    "address": _text(120, sendable=True),
    "hours": _text(80, sendable=True),
    "specials": _text(SPECIALS_LENGTH, sendable=True, one_line=False),
    "note": _text(LONGEST, one_line=False),
}


def industry_name(code: str) -> str:
    """The industry's name, "" for a code that is none of the eligible ones."""
    return ksic.INDUSTRIES[code].name if ksic.is_eligible_code(code) else ""
