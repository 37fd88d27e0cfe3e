"""홈페이지 신청: what the public site may do. Nobody is logged in there, so nothing said back names another shop.

The mobile number is not proved here: the draft that is sent to it later is what proves it.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction

from eligibility import applications, form_checks, rules, trail
from eligibility.enums import Source
from eligibility.form import read
from eligibility.models import Application
from eligibility.standing import one_at_a_time
from shopmsg.accounts import notices, throttle
from shopmsg.accounts.enums import NoticeKind
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.phone import PhoneError, mobile

#: Which wording of the privacy notice an applicant agreed to.
PRIVACY_VERSION: Final = "2026-11"
SUBMISSION_LENGTH: Final = 32
#: Applications and calls back from one phone number, and from one network: behind a carrier's address or a market's
#: Wi-Fi are many shops.
_FROM_A_PHONE: Final = ((5, timedelta(hours=1)), (10, timedelta(days=1)))
_FROM_A_NETWORK: Final = ((20, timedelta(hours=1)), (60, timedelta(days=1)))
#: Forms looked over: each says whether a business number is known here, so nobody may go through a list of them.
_LOOKS: Final = 60
#: The text about a received application is of no use to anybody later.
_NOTICE_GOOD_FOR: Final = timedelta(hours=12)
_MISSING: Final = {
    "shop_name": "이름을 적어 주세요.",
    "ksic": "업종을 골라 주세요.",
    "business_number": "사업자등록번호 열 자리를 적어 주세요.",
    "owner_name": "대표자 이름을 적어 주세요.",
    "owner_mobile": "휴대폰 번호를 적어 주세요.",
    "annual_revenue": "연 매출을 골라 주세요.",
    "line_number": "전화번호를 지역번호부터 적어 주세요.",
    "line_owner_name": "회선 명의자의 이름을 적어 주세요.",
    "pack_internet": "성공팩의 인터넷을 골라 주세요.",
    "pack_parts": "성공팩에 묶을 상품을 하나 이상 골라 주세요.",
}
_BAND_REASONS: Final = {
    "revenue_too_high": f"한 해 매출이 {rules.REVENUE_CAP // 100_000_000}억원을 넘어서 가입하실 수 없어요."
}
#: A shop's name goes into a text to a number that nobody has proved: no address and no number to call in it.
_BAIT: Final = re.compile(
    r"://|www\.|\.(?:com|net|org|kr|co|me|ly|io|gg|to|cc|kim|link|shop|site|xyz|top|info)\b|\d[\d\- ]{6,}\d",
    re.IGNORECASE,
)


class TooOften(ShopmsgError):
    """Somebody asks more often than people do. Code "too_often"."""

    def __init__(self) -> None:
        super().__init__(
            "too_often", "짧은 시간에 여러 번 신청하셨어요. 한 시간 뒤에 다시 하거나 전화해 주세요."
        )


def problems(typed: Mapping[str, str]) -> dict[str, str]:
    """What an applicant has to look at again: a sentence by field, of those in eligibility.form.LABELS."""
    reading = read(typed)
    found = {name: _MISSING[name] for name in reading.missing}
    found |= dict(_said_to_strangers(typed))
    found |= reading.problems
    if "shop_name" not in found and _BAIT.search(reading.values.shop_name):
        found["shop_name"] = "이름만 적어 주세요. 주소나 전화번호는 빼 주세요."
    return found


def problem_of(name: str, typed: Mapping[str, str]) -> str:
    """What is unreadable about one field, "" when nothing is; asks nothing of the database."""
    return read(typed).problems.get(name, "")


def allow_look(address: str | None, now: datetime) -> None:
    """Count a form that is looked over. Call it outside transactions. Raises TooOften."""
    if address and not throttle.allow(
        "signup-look", throttle.network(address), capacity=_LOOKS, per=timedelta(hours=1), now=now
    ):
        raise TooOften


def allow_signup(number: str, address: str | None, now: datetime) -> None:
    """Count an application or a call asked for, by phone and by network. Call it outside transactions. Raises TooOften."""
    asked = [("signup-phone", number, limit) for limit in _FROM_A_PHONE]
    if address:
        asked += [("signup-network", throttle.network(address), limit) for limit in _FROM_A_NETWORK]
    for action, who, (capacity, per) in asked:
        key = f"{action}-{per.total_seconds():.0f}"
        if not throttle.allow(key, who, capacity=capacity, per=per, now=now):
            raise TooOften


def sent_before(submission: str, typed: Mapping[str, str]) -> tuple[str, Application | None]:
    """The name a form goes by, and the application it has made already. Somebody who went back and wrote something
    else means another application: a new name, and None."""
    before = Application.objects.filter(submission=submission).first()
    if before is not None and before.form != dict(typed):
        return new_submission(), None
    return submission, before


def new_submission() -> str:
    """A name for one form, that its application keeps; nobody can guess another's."""
    return secrets.token_hex(SUBMISSION_LENGTH // 2)


def apply(typed: Mapping[str, str], *, submission: str, address: str | None, now: datetime) -> Application:
    """신청: received, or refused with every reason kept. The same `submission` is one application, however often and
    however fast it is sent. The applicant has agreed to PRIVACY_VERSION. In the caller's transaction; who calls it
    wakes whatever sends texts.

    Raises ApplicationRefused as applications.receive does.
    """
    try:
        with transaction.atomic():
            # Before the start is written into the audit log, whose lock comes last.
            one_at_a_time()
            made = applications.start(
                Source.WEB, by=None, address=address, now=now, typed=typed, submission=submission
            )
            if applications.standing(made).decision.eligible:
                made = applications.receive(made.pk, by=None, address=address, now=now)
                _tell_received(made, now)
            else:
                made = applications.refuse(made.pk, by=None, address=address, now=now)
            trail.record(made, "application.consented", by=None, address=address, privacy=PRIVACY_VERSION)
    except IntegrityError:
        return _sent_meanwhile(submission)
    return made


def ask_for_call(
    typed: Mapping[str, str], *, submission: str, address: str | None, now: datetime
) -> Application:
    """전화 요청: a form with what is known so far, on the desk's list of calls to make. Once for each `submission`."""
    try:
        with transaction.atomic():
            made = applications.start(
                Source.WEB,
                by=None,
                address=address,
                now=now,
                typed=typed,
                callback_wanted=True,
                submission=submission,
            )
            trail.record(made, "application.consented", by=None, address=address, privacy=PRIVACY_VERSION)
    except IntegrityError:
        return _sent_meanwhile(submission)
    return made


def mobile_problem(typed: str) -> str:
    """Why that is no mobile number, "" when it is one."""
    if not typed.strip():
        return _MISSING["owner_mobile"]
    try:
        mobile(typed)
    except PhoneError as error:
        return "휴대폰 번호를 010부터 모두 적어 주세요." if error.code == "malformed" else error.message
    return ""


def reasons(decided: Iterable[tuple[str, str]]) -> list[str]:
    """Why somebody may not join, from (code, message) of a decision: who chose a band has named no amount."""
    return [_BAND_REASONS.get(code, message) for code, message in decided]


def _said_to_strangers(typed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the database has against it, in words that give nobody away."""
    nobody = Application(source=Source.WEB, form=dict(typed))
    call = f"전화해 주세요. {settings.HELP_PHONE}"
    said = {
        "business_number": f"이미 이용 중이거나 신청한 사업자번호예요. 새 가게를 더하려면 {call}",
        "line_number": f"이미 등록된 번호예요. 번호를 다시 확인하거나 {call}",
        "owner_mobile": f"이 휴대폰 번호로는 신청을 받을 수 없어요. {call}",
    }
    for name, sentence in form_checks.problems(nobody, read(typed).values).items():
        yield name, said.get(name, sentence)


def _sent_meanwhile(submission: str) -> Application:
    return Application.objects.get(submission=submission)


def _tell_received(application: Application, now: datetime) -> None:
    notices.ask(
        NoticeKind.APPLICATION_RECEIVED,
        to=application.owner_mobile,
        key=f"application-received:{application.pk}",
        fields={"shop": application.shop_name},
        expires_at=now + _NOTICE_GOOD_FOR,
        shop_id=application.shop_id,
    )
