"""What an agent says, sentence by sentence, beside the fields it is said for."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to say. `fields`: it is the thing to say while the cursor is in one of these; `when` as in desk_fields:
    the sentence is only there while that holds."""

    text: str
    fields: tuple[str, ...] = ()
    when: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the talk: its sentences at the left, its fields beside them."""

    key: str
    title: str
    lines: tuple[Line, ...]
    fields: tuple[str, ...]


#: rules.md §5: signup documents are kept six months after activation or refusal.
PRIVACY: Final = (
    "상담을 위해 성함과 휴대폰 번호, 사업자등록번호, 매출을 여쭤봐요. 가입하시거나 가입이 안 되시면 그날부터 6개월"
    " 뒤에 서류를 지워요. 여쭤봐도 괜찮으세요?"
)
#: rules.md §2: the sentence callers hear cannot be changed.
_NOTICE: Final = "가입하시면 전화 거는 손님께 ‘통화가 끝나면 가게정보가 문자로 발송됩니다’라는 안내가 3초쯤 나와요. 무료예요."

SECTIONS: Final = (
    Section(
        "start",
        "인사",
        (
            Line("안녕하세요, 우리가게 문자입니다. 통화가 끝나면 손님 휴대폰으로 가게 홍보문자가 가요."),
            Line(PRIVACY),
            Line("사업하시는 사장님이세요, 아니면 지자체나 공공기관이세요?", ("kind",)),
        ),
        ("kind",),
    ),
    Section(
        "shop",
        "가게",
        (
            Line("손님께 보일 가게 이름이 어떻게 되세요?", ("shop_name",)),
            Line("어떤 장사를 하세요?", ("ksic",), "kind=merchant"),
            Line(
                "작년 한 해 매출이 얼마쯤 되세요? 10억 원까지 가입하실 수 있어요.",
                ("annual_revenue",),
                "kind=merchant",
            ),
            Line(
                "매출을 볼 수 있는 증명서가 있으세요? 말씀만 해 주셔도 돼요.",
                ("revenue_proof",),
                "kind=merchant",
            ),
        ),
        ("shop_name", "ksic", "annual_revenue", "revenue_proof"),
    ),
    Section(
        "owner",
        "사장님",
        (
            Line("사업자등록번호 열 자리를 불러 주세요.", ("business_number",)),
            Line("이미 저희 손님이시네요. 가게를 하나 더 가입하시는 건가요?", ("second_shop",), "customer"),
            Line("사업자등록증의 상호도 가게 이름과 같으세요?", ("business_name",)),
            Line("대표자 성함이 어떻게 되세요?", ("owner_name",)),
            Line("사장님 휴대폰 번호를 알려 주세요. 그 번호로 문자 시안을 보내 드려요.", ("owner_mobile",)),
        ),
        ("business_number", "second_shop", "business_name", "owner_name", "owner_mobile"),
    ),
    Section(
        "line",
        "매장 전화",
        (
            Line("손님이 거시는 매장 전화번호를 지역번호부터 불러 주세요.", ("line_number",)),
            Line("그 전화는 사장님 이름으로 되어 있나요?", ("line_owner",)),
            Line("어느 분 이름으로 되어 있나요?", ("line_owner_name",), "line_owner=other"),
            Line(_NOTICE, when="kind=merchant"),
        ),
        ("line_number", "line_owner", "line_owner_name"),
    ),
    Section(
        "price",
        "요금",
        (
            Line(
                "약정을 하실지, 다른 상품과 묶으실지 골라 주세요.", ("term_months", "bundle"), "kind=merchant"
            ),
            Line("매장에서 인터넷을 쓰고 계세요?", ("pack_internet",), "bundle=success_pack"),
            Line("이 가운데 함께 쓰시는 것이 있으세요?", ("pack_parts",), "bundle=success_pack"),
            Line(
                "그림까지 가는 프리미엄형과 짧은 글만 가는 기본형이 있어요.", ("product",), "kind=public_body"
            ),
        ),
        ("product", "term_months", "bundle", "pack_internet", "pack_parts"),
    ),
    Section(
        "promo",
        "홍보문자",
        (
            Line("우리 가게 자랑을 서너 가지만 들려주세요. 손님께 가는 문자에 적어 드려요.", ("specials",)),
            Line("가게 주소가 어떻게 되세요?", ("address",)),
            Line("몇 시부터 몇 시까지 하세요? 쉬는 날도 있으세요?", ("hours",)),
        ),
        ("specials", "address", "hours"),
    ),
    Section(
        "send",
        "보내기",
        (
            Line("다른 사장님께 추천 코드를 받으셨어요?", ("referral_code",), "kind=merchant"),
            Line("지금 사장님 휴대폰으로 시안을 보내 드려요. 문자의 주소를 눌러 보세요."),
            Line("마음에 드시면 ‘확정’을 눌러 주세요. 고칠 곳이 있으면 지금 말씀하셔도 돼요."),
        ),
        ("referral_code", "note"),
    ),
)
