"""What a change of kind brings along: the trade's own words where the owner has written none (rules.md §6)."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from messaging import promos
from messaging.editor.drafts import Edit
from messaging.editor.edit_log import changed_elsewhere
from messaging.editor.fields import DraftFields, FieldValue
from messaging.models import DraftEdit, EditState, PromoDraft
from messaging.template_kinds import DETAILS, TemplateKind
from messaging.template_texts import PromoTemplate, template
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
        values = {**dict(_offered(shop, fields, wanted, kst_day(now))), **_left(draft, wanted)}
        untouched = _untouched(shop, fields, kst_day(now))
    except UnknownIndustry:
        return ()
    return tuple(
        Edit(field, value, draft.revision)
        for field, value in values.items()
        if field not in {"headline", "body"} or field in untouched
    )


def _offered(
    shop: Shop, fields: DraftFields, kind: TemplateKind, today: date
) -> Iterator[tuple[str, FieldValue]]:
    """The trade's words, facts where there are none yet, and a period for what ends."""
    promo = _template(shop, kind, today)
    yield "headline", promo.headline
    yield "body", promo.body
    for detail in DETAILS[kind]:
        if detail.key in promo.details and not fields.details.get(detail.key, "").strip():
            yield f"details.{detail.key}", promo.details[detail.key]
    starts_on, ends_on = promo.period(today)
    if starts_on and ends_on and (fields.starts_on, fields.ends_on) == (None, None):
        yield "starts_on", starts_on.isoformat()
        yield "ends_on", ends_on.isoformat()


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
    offered = [_template(shop, kind, today) for kind in TemplateKind]
    offered += [_template(shop, TemplateKind.COMMON, date(today.year, month, 1)) for month in range(1, 13)]
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
