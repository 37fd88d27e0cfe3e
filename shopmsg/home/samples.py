"""Six made-up shops to show the service with: what their callers would get, composed and drawn like any other."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.urls import reverse

from messaging.compose import SAMPLE_TOKEN, Content, Sender, compose
from messaging.links import message_link
from messaging.pictures.designs import CommonFacts, Layout, PromoDesign
from messaging.pictures.trades import trade_group
from messaging.pictures_store import small_drawing
from messaging.preview import Phone, phone_of
from messaging.template_texts import PromoText, default_promo
from shopmsg.accounts.enums import Product
from shopmsg.core import phone
from shopmsg.core.clock import kst_day

#: Sample pictures are shown smaller than they are sent (ux.md: first-screen pictures ≤ 60 KB).
PICTURE_SIZE: Final = (640, 480)


@dataclass(frozen=True, slots=True)
class Sample:
    """A made-up shop. `line` is national digits, `trade` the industry in everyday words."""

    name: str
    slug: str
    trade: str
    ksic: str
    line: str
    address: str
    hours: str
    layout: Layout

    def promo(self, month: int) -> PromoText:
        return default_promo(self.ksic, self.name, month)


SAMPLES: Final = (
    Sample(
        "햇살치킨", "haetsal", "치킨집", "56193", "021230001",
        "서울 동작구 보라매로 12", "매일 14:00~23:00", Layout.FIRST,
    ),
    Sample(
        "결미용실", "gyeol", "미용실", "96112", "021230002",
        "서울 마포구 월드컵로 31", "화~일 10:00~20:00", Layout.SECOND,
    ),
    Sample(
        "모퉁이커피", "motungi", "커피집", "56221", "021230003",
        "서울 성동구 왕십리로 8", "매일 08:00~21:00", Layout.THIRD,
    ),
    Sample(
        "봄날꽃집", "bomnal", "꽃집", "47851", "021230004",
        "서울 은평구 연서로 45", "월~토 09:00~19:00", Layout.FOURTH,
    ),
    Sample(
        "하얀세탁소", "hayan", "세탁소", "96912", "021230005",
        "서울 강서구 화곡로 77", "월~토 08:00~20:00", Layout.FIRST,
    ),
    Sample(
        "한마음정육점", "hanmaeum", "정육점", "47212", "021230006",
        "서울 노원구 동일로 103", "매일 09:00~21:00", Layout.SECOND,
    ),
)  # fmt: skip
BY_SLUG: Final = {sample.slug: sample for sample in SAMPLES}


def sample_phone(sample: Sample, now: datetime) -> Phone:
    """The phone of somebody who has just talked to this shop."""
    promo = sample.promo(kst_day(now).month)
    sender = Sender(sample.name, Product.SOHO, sample.line, settings.OPTOUT_080, hours=sample.hours)
    composed = compose(
        Content(promo.headline, promo.body, shows_hours=True), sender, message_link(SAMPLE_TOKEN)
    )
    return phone_of(
        composed,
        sender=sample.line,
        now=now,
        picture_url=reverse("home:sample_picture", args=[sample.slug]),
        picture_alt=f"{sample.name} 홍보 그림: {promo.headline}",
        picture_size=PICTURE_SIZE,
        trust_mark=True,
    )


@lru_cache(maxsize=len(SAMPLES))
def sample_picture(slug: str) -> bytes:
    """The shop's drawn picture as WebP. Raises KeyError for a shop that is none of the samples."""
    sample = BY_SLUG[slug]
    # The headline is the trade's own and the same in every month.
    facts = CommonFacts(sample.promo(1).headline, phone.hyphenate(sample.line))
    return small_drawing(
        PromoDesign(trade_group(sample.ksic), sample.name, facts, sample.layout), PICTURE_SIZE[0]
    )
