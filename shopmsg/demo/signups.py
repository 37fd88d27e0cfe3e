"""The demo's signups: an application in every state somebody meets one in, brought there by the real verbs.

Names and numbers nobody has (010-0700-00xx, 02-123-01xx). Whatever somebody does with one afterwards stays.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.core.files.base import ContentFile
from django.db import transaction

from eligibility import activation, applications, documents, production, reviews
from eligibility.enums import DocumentKind, RegistryState, Source
from eligibility.models import Application, ContactTry, DraftReview
from shopmsg.accounts.models import Notice, User
from shopmsg.core.business_number import with_check_digit
from shopmsg.core.phone import hyphenate
from shopmsg.demo.papers import paper

AGENT, PRODUCER, DEALER, ADMIN = "01090000091", "01090000092", "01090000093", "01090000099"
#: The sandbox's tax office says 휴업자 of this one (docs/settings.md).
_SUSPENDED: Final = "3333333336"
#: The owner's phone in the demo, as far as its cookie goes.
_DEVICE: Final = "demo-owner"
_KEY: Final = "shopmsg.demo.signups"


def load_signups(now: datetime) -> int:
    """Make the applications that are not there yet, each whole or not at all; returns how many."""
    people = {user.mobile: user for user in User.objects.filter(mobile__in=[AGENT, PRODUCER, DEALER, ADMIN])}
    made = 0
    for position, (key, make) in enumerate(_SIGNUPS.items(), start=1):
        mark = uuid.uuid5(uuid.NAMESPACE_URL, f"{_KEY}:{key}").hex
        if Application.objects.filter(submission=mark).exists():
            continue
        with transaction.atomic():
            make(_Signup(position, mark, people, now))
        made += 1
    return made


class _Signup:
    """One application on its way. Moments are told as how long ago they were."""

    def __init__(self, position: int, mark: str, people: Mapping[str, User], now: datetime) -> None:
        self.position, self.mark, self.people, self.now = position, mark, people, now
        self.pk = 0

    @property
    def row(self) -> Application:
        return Application.objects.get(pk=self.pk)

    def ago(self, hours: float) -> datetime:
        return self.now - timedelta(hours=hours)

    def start(
        self,
        source: Source,
        since: float,
        *,
        by: str = AGENT,
        callback: bool = False,
        bare: bool = False,
        **form: str,
    ) -> None:
        """`since`: hours ago. `bare`: nothing but what is named was typed."""
        typed = {"owner_mobile": f"010070000{self.position:02d}"}
        if not bare:
            typed |= {
                "kind": "merchant",
                "business_number": with_check_digit(f"12082{self.position:04d}"),
                "line_number": f"021230{100 + self.position}",
                "line_owner": "self",
                "revenue_proof": "spoken",
                "product": "soho",
                "term_months": "36",
                "bundle": "none",
            }
        self.pk = applications.start(
            source,
            by=None if source == Source.WEB else self.people[by],
            address=None,
            now=self.ago(since),
            typed={**typed, **form},
            callback_wanted=callback,
            submission=self.mark,
        ).pk

    def receive(
        self, hours: float, *, by: str = AGENT, registry: RegistryState = RegistryState.ACTIVE
    ) -> None:
        row = applications.receive(self.pk, by=self.people[by], address=None, now=self.ago(hours))
        applications.registry_answered(self.pk, row.business_number, registry, self.ago(hours))

    def send(self, hours: float) -> DraftReview:
        return reviews.send(self.pk, by=self.people[PRODUCER], address=None, now=self.ago(hours))

    def send_now(self, hours: float) -> None:
        """Sent so long ago, and yet the text arrives on the sandbox's phone: its link works."""
        review = self.send(0)
        at = self.ago(hours)
        ContactTry.objects.filter(application_id=self.pk, at=review.sent_at).update(at=at)
        DraftReview.objects.filter(pk=review.pk).update(sent_at=at)
        Application.objects.filter(pk=self.pk).update(drafted_at=at)

    def missed(self, hours: float, note: str = "") -> None:
        production.note_try(
            self.pk, answered=False, note=note, by=self.people[PRODUCER], address=None, now=self.ago(hours)
        )

    def certificate(self, hours: float) -> int:
        row = self.row
        says = (
            ("상호", row.business_name),
            ("명의자", row.owner_name),
            ("전화번호", hyphenate(row.line_number)),
            ("서비스", "일반전화"),
        )
        upload = ContentFile(paper("통신서비스 이용증명원", says), name="이용증명원.jpg")
        document = documents.add(
            self.pk,
            upload,
            kind=DocumentKind.LINE,
            by=self.people[AGENT],
            now=self.ago(hours),
            address=None,
        )
        return document.pk


def _token_of(review: DraftReview) -> str:
    """What the owner was texted: it stands in the text alone."""
    link = str(Notice.objects.get(key=f"review:{review.pk}").fields["link"])
    return link.rstrip("/").rpartition("/")[2]


def _begun(signup: _Signup) -> None:
    """작성 중: the caller had to hang up in the middle."""
    signup.start(
        Source.CALL_100, 0.2, bare=True,
        shop_name="새벽김밥", ksic="56194", owner_name="나새벽", annual_revenue="3억쯤", line_number="123-0101",
        note="점심 장사 끝나고 3시에 다시 전화 주신다고 함",
    )  # fmt: skip


def _callback(signup: _Signup) -> None:
    """전화 요청."""
    signup.start(Source.WEB, 0.5, callback=True, bare=True, owner_name="구다정", shop_name="다정꽃집")


def _to_check(signup: _Signup) -> None:
    """확인 필요: the tax office did not answer; asked again, it says 휴업자."""
    signup.start(
        Source.CALL_1588, 3, business_number=_SUSPENDED,
        shop_name="말끔세탁소", ksic="96912", business_name="말끔세탁", owner_name="문말끔", annual_revenue="9천만",
        address="서울 은평구 응암로 21", hours="월~토 9:00~20:00", specials="운동화도 하루 만에 빨아 드려요.",
    )  # fmt: skip
    signup.receive(2.8, registry=RegistryState.UNREACHABLE)


def _late(signup: _Signup) -> None:
    """제작 대기, past what was promised."""
    signup.start(
        Source.CALL_100, 26.5,
        shop_name="골목분식", ksic="56194", business_name="골목분식", owner_name="신골목", annual_revenue="2억 2천만",
        address="서울 마포구 포은로 33", hours="매일 10:00~21:00, 둘째 화요일 쉼",
        specials="쌀떡으로 만든 떡볶이예요.\n튀김은 주문하면 바로 튀겨요.\n단체 주문은 하루 전에 받아요.",
        note="사진은 나중에 보내 주신다고 함. 매운맛을 강조해 달라고 하심",
    )  # fmt: skip
    signup.receive(26.3)


def _on_time(signup: _Signup) -> None:
    """제작 대기, in time; applied for online."""
    signup.start(
        Source.WEB, 2,
        shop_name="온기미용실", ksic="96112", business_name="온기미용실", owner_name="유온기", annual_revenue="8천만",
        address="서울 성동구 왕십리로 8", hours="화~일 11:00~20:00", specials="예약하시면 기다리지 않아요.\n두피가 약한 분은 미리 말씀해 주세요.",
    )  # fmt: skip
    signup.receive(1.9)


def _dealers(signup: _Signup) -> None:
    """제작 대기, from a paper of the dealer's."""
    signup.start(
        Source.DEALER, 5, by=DEALER,
        shop_name="망원철물", ksic="47511", business_name="망원철물건재", owner_name="방망원", annual_revenue="4억 5천만",
        address="서울 마포구 망원로 70", hours="월~토 8:00~19:00", specials="열쇠를 바로 깎아 드려요.\n수도꼭지 출장 교체해요.",
    )  # fmt: skip
    signup.receive(4.8, by=DEALER)


def _unanswered(signup: _Signup) -> None:
    """시안 보냄, tried twice in vain."""
    signup.start(
        Source.CALL_100, 50,
        shop_name="두손반찬", ksic="47218", business_name="두손반찬", owner_name="서두손", annual_revenue="1억 9천만",
        address="서울 관악구 신림로 12", hours="월~토 8:30~19:30", specials="아침에 만든 반찬만 팔아요.\n세 팩에 만 원이에요.",
    )  # fmt: skip
    signup.receive(49.8)
    signup.send_now(26)
    signup.missed(3, "신호만 가고 받지 않음")


def _changes(signup: _Signup) -> None:
    """수정 요청, with its marks."""
    signup.start(
        Source.CALL_1588, 28,
        shop_name="한그릇국수", ksic="56112", business_name="한그릇", owner_name="조국수", annual_revenue="3억 1천만",
        address="서울 동작구 상도로 5", hours="매일 10:30~20:30", specials="멸치 육수를 매일 새로 끓여요.\n곱빼기는 값을 더 받지 않아요.",
    )  # fmt: skip
    signup.receive(27.8)
    token = _token_of(signup.send(22))
    reviews.ask_changes(
        token,
        seal=reviews.seal_of(signup.row, signup.ago(21)),
        marks=("picture", "body"),
        note="곱빼기는 천 원 더 받는 걸로 바꿨어요. 그림은 칼국수로 해 주세요.",
        device=_DEVICE,
        address=None,
        now=signup.ago(21),
    )


def _activated_first(signup: _Signup) -> None:
    """확인 대기: three tries in vain, activated with the month's greeting."""
    signup.start(
        Source.CALL_100, 150,
        shop_name="늘푸른안경", ksic="47822", business_name="늘푸른안경원", owner_name="배푸른", annual_revenue="5억",
        address="서울 영등포구 당산로 44", hours="매일 10:00~21:00", specials="시력 검사는 15분 걸려요.",
    )  # fmt: skip
    signup.receive(149)
    signup.send(120)
    signup.missed(96)
    signup.missed(72, "가게 전화도 받지 않음")
    certificate = signup.certificate(100)
    documents.accept(certificate, by=signup.people[ADMIN], address=None, now=signup.ago(90))
    activation.activate_first(signup.pk, by=signup.people[PRODUCER], address=None, now=signup.now)


def _certified(signup: _Signup) -> None:
    """개통 중: confirmed by its owner, its certificate waits for an admin."""
    signup.start(
        Source.CALL_100, 30,
        shop_name="정든빵집", ksic="56191", business_name="정든베이커리", owner_name="권정든", annual_revenue="6억 4천만",
        address="서울 서대문구 연희로 19", hours="화~일 8:00~21:00", specials="식빵은 아침 9시, 오후 3시에 나와요.",
    )  # fmt: skip
    signup.receive(29.8)
    token = _token_of(signup.send(24))
    reviews.confirm(
        token,
        seal=reviews.seal_of(signup.row, signup.ago(23)),
        device=_DEVICE,
        address=None,
        now=signup.ago(23),
    )
    signup.certificate(22)
    activation.activate(signup.pk, by=signup.people[AGENT], address=None, now=signup.now)


def _refused(signup: _Signup) -> None:
    """가입 불가: too large, and of a trade that may not join."""
    signup.start(
        Source.CALL_1588, 6,
        shop_name="큰길노래방", ksic="91223", business_name="큰길엔터", owner_name="장큰길", annual_revenue="12억",
        address="서울 강서구 화곡로 101", hours="매일 17:00~5:00",
    )  # fmt: skip
    applications.refuse(signup.pk, by=signup.people[AGENT], address=None, now=signup.ago(5.9))


_SIGNUPS: Final[Mapping[str, Callable[[_Signup], None]]] = {
    "begun": _begun,
    "callback": _callback,
    "to_check": _to_check,
    "late": _late,
    "on_time": _on_time,
    "dealers": _dealers,
    "unanswered": _unanswered,
    "changes": _changes,
    "activated_first": _activated_first,
    "certified": _certified,
    "refused": _refused,
}
