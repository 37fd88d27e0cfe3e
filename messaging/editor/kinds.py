"""What a change of kind brings along: the trade's own words where the owner has written none (rules.md §6)."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from messaging import promos
from messaging.editor.drafts import Edit
from messaging.editor.edit_log import changed_elsewhere
from messaging.editor.fields import DraftFields, FieldValue
from messaging.models import DraftEdit, EditState, PromoDraft
from messaging.template_kinds import DETAILS, TemplateKind
from messaging.template_texts import (
    COUPON_DAYS,
    EVENT_DAYS,
    PromoTemplate,
    PromoText,
    default_promo,
    template,
)
from shopmsg.accounts.enums import MemberRole, Product
from shopmsg.accounts.models import Membership, Shop
from shopmsg.core import text as texts
from shopmsg.core.clock import kst_day
from shopmsg.core.ksic import UnknownIndustry


def brought_along(shop: Shop, kind: Edit, *, visit: str, now: datetime) -> tuple[Edit, ...]:
    """The edits that go with an edit of the draft's kind. Words that nobody has changed since we offered them become
    the new kind's: those it had when it was left, or its trade's. What the owner wrote stays. Nothing for short texts
    and for trades without templates."""
    draft = PromoDraft.objects.filter(shop=shop).first()
    if draft is None or shop.product == Product.BASIC:
        return ()
    fields, wanted = DraftFields.from_json(draft.fields), TemplateKind(str(kind.value))
    if fields.kind == wanted or changed_elsewhere(draft, "kind", kind.base, visit):
        return ()
    try:
        values = {**dict(_offered(shop, draft, fields, wanted, kst_day(now))), **_left(draft, wanted)}
        untouched = _untouched(shop, fields, kst_day(now))
    except UnknownIndustry:
        return ()
    return tuple(
        Edit(field, value, draft.revision)
        for field, value in values.items()
        if field not in {"headline", "body"} or field in untouched
    )


def _offered(
    shop: Shop, draft: PromoDraft, fields: DraftFields, kind: TemplateKind, today: date
) -> Iterator[tuple[str, FieldValue]]:
    """The trade's words, facts where there are none yet, and a period where nobody has chosen one."""
    promo = _template(shop, kind, today)
    yield "headline", promo.headline
    yield "body", promo.body
    for detail in DETAILS[kind]:
        if detail.key in promo.details and not fields.details.get(detail.key, "").strip():
            yield f"details.{detail.key}", promo.details[detail.key]
    if kind != TemplateKind.COMMON and not _period_chosen(draft, fields):
        starts_on, ends_on = promo.period(today)
        yield "starts_on", starts_on.isoformat() if starts_on else None
        yield "ends_on", ends_on.isoformat() if ends_on else None


def _period_chosen(draft: PromoDraft, fields: DraftFields) -> bool:
    """Whether somebody chose the period; one that only came along with a kind nobody did."""
    if (fields.starts_on, fields.ends_on) == (None, None):
        return False
    log = DraftEdit.objects.filter(draft=draft).exclude(state=EditState.ASIDE)
    last = log.filter(field__in=("starts_on", "ends_on")).order_by("-revision").first()
    if last is None or not log.filter(revision=last.revision, field="kind").exists():
        return True
    if not fields.starts_on or not fields.ends_on:
        return True
    return (fields.ends_on - fields.starts_on).days + 1 not in (COUPON_DAYS, EVENT_DAYS)


def _left(draft: PromoDraft, kind: TemplateKind) -> Mapping[str, FieldValue]:
    """Headline and body as they were when this kind was last left for another one."""
    log = DraftEdit.objects.filter(draft=draft).exclude(state=EditState.ASIDE)
    left = log.filter(field="kind", before=kind.value).order_by("-revision").first()
    if left is None:
        return {}
    words = log.filter(revision=left.revision, field__in=("headline", "body"))
    return dict(words.values_list("field", "before"))


def _untouched(shop: Shop, fields: DraftFields, today: date) -> frozenset[str]:
    """Which of headline and body are empty, or still say what we offered in whatever month."""
    offered: list[PromoTemplate | PromoText] = [_template(shop, kind, today) for kind in TemplateKind]
    for month in range(1, 13):
        offered.append(_template(shop, TemplateKind.COMMON, date(today.year, month, 1)))
        offered.append(default_promo(shop.ksic, shop.name, month))
    headlines = {"", *(promo.headline for promo in offered)}
    bodies = {"", *(promo.body for promo in offered)}
    found = {"headline"} if texts.clean(fields.headline) in headlines else set()
    return frozenset(found | ({"body"} if texts.clean(fields.body) in bodies else set()))


def _template(shop: Shop, kind: TemplateKind, today: date) -> PromoTemplate:
    owner = ""
    line = ""
    if kind == TemplateKind.CARD:
        names = Membership.objects.filter(shop=shop, role=MemberRole.OWNER).order_by("pk")
        owner = names.values_list("user__name", flat=True).first() or ""
        line = promos.sender_of(shop).contact
    return template(
        shop.ksic,
        kind,
        shop_name=shop.name,
        address=shop.address,
        owner_name=owner,
        line=line,
        today=today,
    )
