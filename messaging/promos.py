"""Promo versions: made once, never changed, one of them live (홍보 콘텐츠, rules.md §4 check 6, §5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from messaging.compose import SAMPLE_TOKEN, Composed, Content, Sender, compose
from messaging.content import content_of
from messaging.links import message_link
from messaging.models import Picture, PromoVersion
from messaging.template_kinds import DETAILS, TemplateKind, details_of
from shopmsg.accounts import audit
from shopmsg.accounts.enums import Product
from shopmsg.accounts.models import Shop, User
from shopmsg.core import text as texts
from shopmsg.core.clock import kst_day
from shopmsg.core.errors import ShopmsgError
from shopmsg.core.text import Unsendable


class PromoRefused(ShopmsgError):
    """A promo that cannot be saved or go out as it is. Codes: "no_headline", "no_body", "unsendable", "too_long",
    "period_backwards", "period_over", "standing_ends", "foreign_picture"."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands between a text and a phone: characters no phone shows (each once, with what to put instead),
    bytes over the limit. `from_shop` are characters of the shop's name or number, which the
    owner cannot change in the promo."""

    unsendable: tuple[Unsendable, ...]
    from_shop: tuple[Unsendable, ...]
    bytes_over: int

    @property
    def clear(self) -> bool:
        return not (self.unsendable or self.from_shop or self.bytes_over)

    @property
    def syllables_over(self) -> int:
        """How many Korean syllables are too many, rounded up: two bytes each."""
        return (self.bytes_over + 1) // 2


def sender_of(shop: Shop, line: str | None = None) -> Sender:
    """Who the message is from. `line` is the number that was called; for a preview, the shop's first."""
    contact = line if line is not None else shop.lines.order_by("pk").values_list("number", flat=True).first()
    return Sender(
        name=shop.name,
        product=Product(shop.product),
        contact=contact or "",
        optout_080=shop.optout_080,
        optout_code=shop.optout_code,
        hours=shop.hours,
    )


def preview(content: Content, sender: Sender) -> Composed:
    """The text as phones get it, with a link as long as every real one."""
    return compose(content, sender, message_link(SAMPLE_TOKEN))


def check(content: Content, composed: Composed) -> Finding:
    """Everything that has to be put right before this content may go out."""
    words = "\n".join([content.headline, content.body, *(value for _, value in content.details)])
    written = texts.unsendable(texts.clean(words))
    own = {problem.char for problem in written}
    return Finding(
        unsendable=_once(written),
        from_shop=_once([problem for problem in composed.problems if problem.char not in own]),
        bytes_over=max(0, composed.byte_length - composed.byte_limit),
    )


def create_version(
    shop: Shop,
    *,
    kind: TemplateKind,
    headline: str,
    body: str,
    starts_on: date | None,
    ends_on: date | None,
    picture: Picture | None,
    by: User | None,
    now: datetime,
    details: Mapping[str, str] | None = None,
    shows_hours: bool = False,
) -> PromoVersion:
    """The shop's next version, not live yet. `details` are kept as far as the kind has them (template_kinds.DETAILS).
    Raises PromoRefused for what could never be published."""
    headline, body = texts.clean(headline), texts.clean(body)
    kept = {
        detail.key: texts.clean(value).replace("\n", " ")
        for detail in DETAILS[kind]
        if (value := (details or {}).get(detail.key, "")).strip()
    }
    content = Content(
        headline,
        body,
        starts_on,
        ends_on,
        pictured=picture is not None,
        details=details_of(kind, kept),
        shows_hours=shows_hours,
    )
    _refuse_unfit(content, sender_of(shop))
    if kind == TemplateKind.COMMON and ends_on is not None:
        raise PromoRefused(
            "standing_ends",
            "공통형은 끝나는 날 없이 계속 나가요. 끝나는 날을 지우거나 다른 종류를 골라 주세요.",
        )
    if picture is not None and picture.shop_id not in (None, shop.pk):
        raise PromoRefused("foreign_picture", "이 그림은 쓸 수 없어요. 그림을 다시 골라 주세요.")
    with transaction.atomic():
        _lock(shop)
        newest = PromoVersion.objects.filter(shop=shop).aggregate(number=Max("number"))["number"] or 0
        return PromoVersion.objects.create(
            shop=shop,
            number=newest + 1,
            kind=kind.value,
            headline=headline,
            body=body,
            starts_on=starts_on,
            ends_on=ends_on,
            details=kept,
            shows_hours=shows_hours,
            picture=picture,
            created_by=by,
            created_at=now,
        )


def publish(
    version: PromoVersion, *, by: User | None, now: datetime, address: str | None = None
) -> PromoVersion:
    """Make this version the one callers get from now on; a 공통형 also becomes the one that takes over when a live
    promo's period ends. Publishing what is live already changes nothing. Audited. Raises PromoRefused."""
    shop = version.shop
    _refuse_unfit(content_of(version), sender_of(shop))
    if version.ends_on is not None and version.ends_on < kst_day(now):
        raise PromoRefused(
            "period_over", "기간이 이미 지난 내용이에요. 끝나는 날을 오늘이나 그 뒤로 바꿔 주세요."
        )
    with transaction.atomic():
        _lock(shop)
        # The partial unique constraints hold "one live" and "one standing"; the old one steps down first.
        PromoVersion.objects.filter(shop=shop, live=True).exclude(pk=version.pk).update(live=False)
        if not PromoVersion.objects.filter(pk=version.pk, live=False).update(live=True):
            return version
        if version.kind == TemplateKind.COMMON and version.ends_on is None:
            set_standing(shop, version)
        audit.record(
            "promo.published", actor=by, shop=shop, subject=f"promo:{version.number}", address=address
        )
    version.refresh_from_db(fields=["live", "standing"])
    return version


def set_standing(shop: Shop, version: PromoVersion | None) -> None:
    """What takes over when a live promo's period ends; None for nothing."""
    PromoVersion.objects.filter(shop=shop, standing=True).exclude(pk=version.pk if version else 0).update(
        standing=False
    )
    if version is not None:
        PromoVersion.objects.filter(pk=version.pk).update(standing=True)


def live(shop: Shop) -> PromoVersion | None:
    """The version chosen for callers, with its picture. Whether its period is over is `current`'s question."""
    return PromoVersion.objects.filter(shop=shop, live=True).select_related("picture").first()


def standing(shop: Shop) -> PromoVersion | None:
    """The shop's 공통형, which never ends."""
    return PromoVersion.objects.filter(shop=shop, standing=True).select_related("picture").first()


def current(shop: Shop, today: date) -> PromoVersion | None:
    """What a caller gets today: the live version, or the 공통형 once the live one's period is over (rules.md §4)."""
    chosen = live(shop)
    if chosen is None or chosen.ends_on is None or chosen.ends_on >= today:
        return chosen
    return standing(shop)


def _refuse_unfit(content: Content, sender: Sender) -> None:
    if not content.headline.strip():
        raise PromoRefused("no_headline", "제목이 비어 있어요. 손님이 처음 읽을 한 줄을 적어 주세요.")
    if not content.body.strip():
        raise PromoRefused("no_body", "내용이 비어 있어요. 손님에게 알릴 말을 한 줄 이상 적어 주세요.")
    if content.starts_on and content.ends_on and content.ends_on < content.starts_on:
        raise PromoRefused("period_backwards", "끝나는 날이 시작하는 날보다 빨라요. 두 날짜를 확인해 주세요.")
    finding = check(content, preview(content, sender))
    if finding.unsendable or finding.from_shop:
        shown = " ".join(problem.char for problem in (*finding.unsendable, *finding.from_shop)[:5])
        raise PromoRefused(
            "unsendable", f"문자로 보낼 수 없는 글자가 있어요: {shown} 다른 글자로 바꿔 주세요."
        )
    if finding.bytes_over:
        raise PromoRefused(
            "too_long", f"내용이 길어요. 한글로 {finding.syllables_over:,}자쯤 줄이면 보낼 수 있어요."
        )


def _once(problems: Sequence[Unsendable]) -> tuple[Unsendable, ...]:
    return tuple({problem.char: problem for problem in problems}.values())


def _lock(shop: Shop) -> None:
    """Publishing and numbering happen one at a time in a shop; foreign keys to it are not held up."""
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
