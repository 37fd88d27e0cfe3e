"""The editor's questions: what opens when a part of the phone is tapped, one question each (ux.md, principle 3)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from messaging.editor.fields import KIND_NAMES, DraftFields
from messaging.template_kinds import DETAILS, TemplateKind
from shopmsg.core.clock import add_months, format_day

#: (value, name, when it fits) as owners choose among the kinds.
KINDS: Final = (
    (TemplateKind.COMMON, KIND_NAMES[TemplateKind.COMMON], "끝나는 날 없이 늘 나가요."),
    (TemplateKind.COUPON, KIND_NAMES[TemplateKind.COUPON], "혜택과 쓰는 방법, 기간을 담아요."),
    (TemplateKind.EVENT, KIND_NAMES[TemplateKind.EVENT], "행사 소식과 기간을 담아요."),
    (TemplateKind.CARD, KIND_NAMES[TemplateKind.CARD], "이름과 연락처를 명함처럼 담아요."),
)


@dataclass(frozen=True, slots=True)
class Question:
    """A sheet with one text to write. `field` is the draft's name for it, `lines` 1 for a single line."""

    field: str
    label: str
    question: str
    hint: str
    max_length: int
    lines: int = 1
    inputmode: str = "text"

    @property
    def name(self) -> str:
        """What the sheet is called in `?edit=` and in the page's ids."""
        return sheet_of(self.field)


_DETAIL_QUESTIONS: Final = {
    "benefit": ("어떤 혜택을 드리나요?", "손님이 받는 것을 그대로 적어 주세요.", "text"),
    "where": ("어디에서 쓸 수 있나요?", "가게 주소나 층, 매장 이름을 적어 주세요.", "text"),
    "how": ("손님이 어떻게 쓰면 되나요?", "‘계산할 때 이 문자를 보여 주세요’처럼 적어 주세요.", "text"),
    "company": ("가게나 회사 이름은 무엇인가요?", "명함에 적는 이름이에요.", "text"),
    "department": ("어느 부서인가요?", "없으면 비워 두세요. 빈 줄은 나가지 않아요.", "text"),
    "title": ("직함은 무엇인가요?", "‘대표’, ‘실장’처럼 적어 주세요.", "text"),
    "name": ("이름은 무엇인가요?", "손님이 부를 이름이에요.", "text"),
    "address": ("주소는 어디인가요?", "손님이 찾아올 수 있게 적어 주세요.", "text"),
    "tel": ("전화번호는 무엇인가요?", "가게 전화를 적어 주세요.", "tel"),
    "mobile": ("휴대폰 번호는 무엇인가요?", "알리고 싶지 않으면 비워 두세요.", "tel"),
    "fax": ("팩스 번호는 무엇인가요?", "없으면 비워 두세요.", "tel"),
    "email": ("이메일 주소는 무엇인가요?", "없으면 비워 두세요.", "email"),
}


def _questions() -> tuple[Question, ...]:
    details = {detail.key: detail for kind in TemplateKind for detail in DETAILS[kind]}
    return (
        Question(
            "headline", "제목", "어떤 한 줄로 시작할까요?", "손님이 가장 먼저 읽는 말이에요.", 60
        ),
        Question("body", "내용", "손님에게 무엇을 알릴까요?", "두세 줄이면 넉넉해요.", 3_000, lines=4),
        *(
            Question(f"details.{key}", detail.label, *_DETAIL_QUESTIONS[key][:2], detail.max_length,
                     inputmode=_DETAIL_QUESTIONS[key][2])
            for key, detail in details.items()
        ),
    )  # fmt: skip


#: Every text a promo of any kind can have, in the order of its lines.
QUESTIONS: Final = _questions()
LABELS: Final = {
    **{question.field: question.label for question in QUESTIONS},
    "kind": "문자 종류",
    "starts_on": "시작하는 날",
    "ends_on": "끝나는 날",
    "shows_hours": "영업시간 넣기",
    "picture": "그림",
}

#: Lines nobody edits: (sheet, title, why).
FIXED: Final = (
    (
        "ad",
        "이 줄은 지울 수 없어요",
        "홍보문자는 ‘(광고)’와 보내는 가게 이름으로 시작하도록 법에 정해져 있어서 저희가 넣어 드려요.",
    ),
    (
        "optout",
        "이 줄은 지울 수 없어요",
        "손님이 돈을 내지 않고 그만 받을 수 있게 ‘무료수신거부’ 번호로 끝나도록 법에 정해져 있어서 저희가 넣어 드려요.",
    ),
    (
        "contact",
        "가게로 걸려 온 번호예요",
        "손님이 방금 전화한 그 번호가 들어가요. 눌러서 바로 다시 걸 수 있어요.",
    ),
    (
        "link",
        "손님이 누르면 가게 홈페이지가 열려요",
        "영업시간과 길 찾기, 메뉴를 볼 수 있어요. 주소는 손님마다 달라서 저희가 넣어 드려요.",
    ),
)
#: The sheets that send something.
SENDING_SHEETS: Final = frozenset({"schedule", "test"})
SHEETS: Final = frozenset(
    {question.field.replace(".", "-") for question in QUESTIONS}
    | {name for name, _, _ in FIXED}
    | {"kind", "picture", "period", "hours"}
    | SENDING_SHEETS
)


def sheet_of(field: str) -> str:
    """The sheet that asks for a field: "details.benefit" → "details-benefit", either day → "period"."""
    return {"starts_on": "period", "ends_on": "period", "shows_hours": "hours"}.get(
        field, field.replace(".", "-")
    )


def value_of(fields: DraftFields, field: str) -> str:
    """A field of the draft as a form control holds it."""
    if field.startswith("details."):
        return fields.details.get(field.removeprefix("details."), "")
    value = getattr(fields, field)
    if isinstance(value, bool):
        return "1" if value else ""
    return "" if value is None else str(value)


def values_of(fields: DraftFields) -> dict[str, str]:
    """Every field of the draft as form controls hold them."""
    return {field: value_of(fields, field) for field in LABELS}


@dataclass(frozen=True, slots=True)
class QuickPeriod:
    """A period in one tap."""

    label: str
    starts_on: date
    ends_on: date

    @property
    def value(self) -> str:
        """ "2026-11-22~2026-12-05"."""
        return f"{self.starts_on}~{self.ends_on}"

    @property
    def until(self) -> str:
        """ "12월 5일(토)까지"."""
        return f"{format_day(self.ends_on)}까지"


def quick_periods(today: date) -> tuple[QuickPeriod, ...]:
    """The periods most owners want, from today (KST) on."""
    month_end = add_months(today.replace(day=1), 1) - timedelta(days=1)
    return (
        QuickPeriod("오늘부터 2주", today, today + timedelta(days=13)),
        QuickPeriod("이달 말까지", today, month_end),
        QuickPeriod("한 달", today, add_months(today, 1) - timedelta(days=1)),
    )
