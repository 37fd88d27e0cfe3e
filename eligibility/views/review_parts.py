"""What the owner's link shows, as its templates take it: the phone in parts that can be marked, and how far it is."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final

from django.utils.html import format_html, format_html_join

from eligibility import drafting
from eligibility.enums import ApplicationState, StepName, StepState
from eligibility.models import Application
from eligibility.provisioning.base import SENTENCE
from eligibility.review_screen import Screen
from eligibility.reviews import MARKS, contract_changed
from messaging import promos
from messaging.preview import Phone, Place, places_of
from shopmsg.core.clock import add_months, kst_day

#: 개통까지, as the owner counts.
STEPS: Final = ("확정", "개통 준비", "개통")
_STEP_WORDS: Final = {
    StepState.DONE: "됐어요",
    StepState.WAITING: "기다리고 있어요",
    StepState.FAILED: "직원이 보고 있어요",
}


@dataclass(frozen=True, slots=True)
class MarkPlace:
    """A place of the message that can be marked (reviews.MARKS); one without a `name` is the law's and stays."""

    name: str
    label: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is after the owner has confirmed. `at` counts STEPS from 1; `steps` are (what, in which words)."""

    at: int
    words: str
    steps: tuple[tuple[str, str, str], ...]
    live: bool

    @property
    def seal(self) -> str:
        """Changes when there is something new to see."""
        return hashlib.sha256(repr((self.at, self.words, self.steps)).encode()).hexdigest()[:16]


def phone_of_screen(screen: Screen, *, now: datetime, picture_url: str) -> Phone:
    """The caller's phone, its text in parts the page can compare; not a character added or left out."""
    phone = drafting.phone_for(screen.application, screen.fields, now=now, picture_url=picture_url)
    return replace(phone, body=format_html_join("", "{}", ((_part(place),) for place in _places(screen))))


def mark_places(screen: Screen, chosen: Collection[str]) -> list[MarkPlace]:
    """The message's places in order, the lines of one name together."""
    made = []
    for name, places in groupby(_places(screen), key=lambda place: "" if place.locked else place.name):
        text = "".join(place.text for place in places).removesuffix("\n")
        made.append(MarkPlace(name, MARKS.get(name, ""), text, name in chosen))
    return made


def terms_context(screen: Screen, now: datetime) -> dict[str, Any]:
    """What is signed up to, for _terms.html: dates are those of an activation today."""
    today = kst_day(now)
    terms = screen.terms
    return {
        "terms": terms,
        "free_until": _free_until(today) if terms and terms.first_month_free else None,
        "sentence": SENTENCE if terms and terms.is_advertising else "",
        "applicant": screen.application.business_name or screen.application.shop_name,
    }


def progress_of(application: Application, now: datetime) -> Progress:
    """Where the activation stands, in the owner's words."""
    rows = {row.name: row.state for row in application.steps.all()}
    steps = tuple(
        (
            name.label,
            _STEP_WORDS[StepState(rows[name])],
            "sent" if rows[name] == StepState.DONE else "waiting",
        )
        for name in StepName
        if name in rows
    )
    if application.state == ApplicationState.ACTIVE:
        return Progress(3, "개통됐어요. 이제 매장 전화를 끊은 손님에게 홍보문자가 가요.", steps, live=True)
    if application.state == ApplicationState.ACTIVATING:
        words = "개통하고 있어요. 다 되면 문자로 알려 드려요. 이 화면은 닫으셔도 돼요."
    elif contract_changed(application, now):
        words = "확정하신 뒤에 신청 내용이 바뀌었어요. 새 문자를 보내 드릴 테니 한 번 더 확정해 주세요."
    elif application.state == ApplicationState.ELIGIBLE:
        words = "곧 개통을 시작해요. 다 되면 문자로 알려 드려요. 이 화면은 닫으셔도 돼요."
    else:
        words = "국세청의 사업자 확인을 기다리고 있어요. 확인되면 저절로 개통되고, 문자로 알려 드려요."
    return Progress(2, words, steps, live=False)


def _free_until(today: date) -> date:
    return add_months(today, 1) - timedelta(days=1)


def _places(screen: Screen) -> tuple[Place, ...]:
    shop = drafting.shop_of(screen.application)
    sender = promos.sender_of(shop, screen.application.line_number)
    return places_of(screen.fields.content(), sender, screen.composed)


def _part(place: Place) -> str:
    if place.locked:
        bare = place.text.removesuffix("\n")
        return format_html('<span class="locked">{}</span>{}', bare, place.text[len(bare) :])
    return format_html('<span data-part="{}">{}</span>', MARKS.get(place.name, ""), place.text)
