"""내보내기: a version goes live a minute after its button, or at a chosen time, and can be called back for a minute
more (ux.md: "nothing can be broken").

Lock order: the shop, then its publication, then its draft.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import InterfaceError, OperationalError, transaction

from messaging import alerts, promos
from messaging.editor import drafts
from messaging.editor.fields import HEADLINE_LENGTH, DraftFields, first_fields, of_version, too_long
from messaging.editor.pictures import picture_for
from messaging.models import Picture, PromoVersion, Publication, PublicationState
from messaging.promos import PromoRefused
from shopmsg.accounts import audit
from shopmsg.accounts.enums import ShopStatus
from shopmsg.accounts.models import Shop, User
from shopmsg.core.clock import kst_day

log = logging.getLogger(__name__)

#: How long a publication is held back, and how long one that went out can still be called back.
HOLD: Final = timedelta(seconds=60)
FARTHEST: Final = timedelta(days=90)


def publish(
    shop: Shop,
    fields: DraftFields,
    *,
    at: datetime | None,
    by: User | None,
    now: datetime,
    address: str | None,
) -> Publication:
    """Make a version of these fields and let it go live: after HOLD, at `at`, or at once in a shop that has nothing
    live yet. It takes the place of one that waits; a button pressed twice is one publication. Audited. Raises
    PromoRefused, with the codes of `promos` and "field_long", "moment_past", "moment_far", "period_over",
    "shop_closed"."""
    long = too_long(fields)
    if long:
        most = f"{HEADLINE_LENGTH}자 안으로 " if long == "제목" else ""
        raise PromoRefused("field_long", f"‘{long}’ 글이 길어요. {most}줄여 주세요.")
    # Drawn before anything is locked: it takes a tenth of a second.
    picture = picture_for(shop, fields)
    with transaction.atomic():
        shop = _locked(shop)
        made = recent(shop, now) if at is None else None
        if made is not None and _is_the_same(made, fields, picture, now):
            return made
        version = make_version(shop, fields, picture, by=by, now=now)
        drafts.went_out(version, fields)
        return _publish(shop, version, at=at, by=by, now=now, address=address)


def make_version(
    shop: Shop, fields: DraftFields, picture: Picture | None, *, by: User | None, now: datetime
) -> PromoVersion:
    """A version of these fields, not live yet. Raises PromoRefused."""
    starts_on, ends_on = fields.period
    return promos.create_version(
        shop,
        kind=fields.kind,
        headline=fields.headline,
        body=fields.body,
        starts_on=starts_on,
        ends_on=ends_on,
        picture=picture,
        by=by,
        now=now,
        details=fields.details,
        shows_hours=fields.shows_hours,
    )


def publish_again(
    version: PromoVersion, *, by: User | None, now: datetime, address: str | None
) -> Publication:
    """Let an earlier version go live again, held back like any other. Raises PromoRefused: as `publish`, and
    "already_live"."""
    fields = of_version(version)
    with transaction.atomic():
        shop = _locked(version.shop)
        version = PromoVersion.objects.select_related("shop").get(pk=version.pk)
        if version.live:
            raise PromoRefused("already_live", "지금 나가고 있는 내용이에요.")
        made = _publish(shop, version, at=None, by=by, now=now, address=address)
        drafts.follow(version, fields, now)
    return made


def call_back(publication: Publication, *, by: User | None, now: datetime, address: str | None) -> bool:
    """취소: one that waits never goes out; after one that went live no more than HOLD ago, what was live and what stood
    behind it before are again. False when it is too late, or when something else went live since. Audited."""
    with transaction.atomic():
        shop = _locked(publication.shop)
        found = Publication.objects.select_for_update().select_related("version").get(pk=publication.pk)
        if found.state == PublicationState.DONE and _may_come_back(found, now):
            _restore(found)
        elif found.state != PublicationState.WAITING:
            return False
        _end(found, PublicationState.CALLED_BACK, now)
        audit.record(
            "promo.called_back", actor=by, shop=shop, subject=f"promo:{found.version.number}", address=address
        )
    return True


def waiting(shop: Shop) -> Publication | None:
    """The publication that has not gone out yet, with its version."""
    return (
        Publication.objects.filter(shop=shop, state=PublicationState.WAITING)
        .select_related("version", "shop")
        .first()
    )


def recent(shop: Shop, now: datetime) -> Publication | None:
    """The publication that may still be called back: one that waits, or the one that has just gone out."""
    waits = waiting(shop)
    if waits is not None:
        return waits
    newest = (
        Publication.objects.filter(shop=shop, state=PublicationState.DONE, finished_at__gte=now - HOLD)
        .select_related("version", "shop")
        .order_by("-finished_at", "-pk")
        .first()
    )
    return newest if newest is not None and _may_come_back(newest, now) else None


def publish_due(now: datetime) -> int:
    """Let go live what is due; returns how many publications were dealt with. Safe to run in many processes at once:
    each is claimed by its row. One that may not go live any more is REFUSED, and the owners are told why."""
    due = Publication.objects.filter(state=PublicationState.WAITING, due_at__lte=now).order_by("due_at")
    dealt = 0
    for pk, shop_id in list(due.values_list("pk", "shop_id")):
        try:
            dealt += _try_due(pk, shop_id, now)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # One that cannot be dealt with at all must not keep the others waiting.
            log.exception("publication not dealt with", extra={"publication": pk})
    return dealt


def _try_due(publication_id: int, shop_id: int, now: datetime) -> bool:
    with transaction.atomic():
        shop = Shop.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=shop_id).first()
        if shop is None:
            return False  # somebody publishes or calls back in this shop right now
        found = (
            Publication.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(pk=publication_id, state=PublicationState.WAITING)
            .select_related("version")
            .first()
        )
        if found is None:
            return False
        try:
            with transaction.atomic():
                _refuse_closed(shop)
                _go_live(found, now)
        except PromoRefused as refused:
            _refuse(shop, found, refused.message, now)
    return True


def _is_the_same(made: Publication, fields: DraftFields, picture: Picture | None, now: datetime) -> bool:
    """Whether publishing these fields once more would say and do just what this publication does."""
    return (
        made.due_at <= now + HOLD
        and made.version.picture_id == (picture.pk if picture else None)
        and drafts.is_out(made.version, fields)
    )


def _publish(
    shop: Shop,
    version: PromoVersion,
    *,
    at: datetime | None,
    by: User | None,
    now: datetime,
    address: str | None,
) -> Publication:
    """Under the shop's lock."""
    _refuse_closed(shop)
    due_at = at if at is not None else now + HOLD
    if due_at < now:
        raise PromoRefused("moment_past", "이미 지난 때예요. 앞으로 올 날짜와 시각을 골라 주세요.")
    if due_at > now + FARTHEST:
        raise PromoRefused("moment_far", "너무 먼 날이에요. 90일 안에서 골라 주세요.")
    nothing_live = at is None and promos.live(shop) is None
    if nothing_live:
        due_at = now
    if version.ends_on is not None and version.ends_on < kst_day(due_at):
        raise PromoRefused(
            "period_over", "내보낼 날에는 기간이 이미 끝나 있어요. 끝나는 날을 그 뒤로 바꿔 주세요."
        )
    earlier = waiting(shop)
    if earlier is not None:
        _end(earlier, PublicationState.CALLED_BACK, now)
    made = Publication.objects.create(
        shop=shop, version=version, due_at=due_at, created_at=now, by=by, address=address
    )
    if nothing_live:
        _go_live(made, now)
    else:
        audit.record(
            "promo.scheduled",
            actor=by,
            shop=shop,
            subject=f"promo:{version.number}",
            detail={"due_at": due_at.isoformat()},
            address=address,
        )
    return made


def _go_live(publication: Publication, now: datetime) -> None:
    """Raises PromoRefused when the version may not go out now."""
    before = promos.live(publication.shop), promos.standing(publication.shop)
    promos.publish(publication.version, by=publication.by, now=now, address=publication.address)
    publication.replaced, publication.replaced_standing = before
    _end(publication, PublicationState.DONE, now)
    if publication.version.ends_on is not None and promos.standing(publication.shop) is None:
        stand_in(publication.shop, now)


def stand_in(shop: Shop, now: datetime) -> None:
    """A shop that has written no 평소 문자 yet gets its trade's behind a promo that ends: never silence (rules.md §4).
    Under the shop's lock."""
    fields = first_fields(shop, now)
    try:
        version = make_version(shop, fields, picture_for(shop, fields), by=None, now=now)
    except PromoRefused as refused:
        log.warning("no promo to stand in", extra={"shop": shop.pk, "code": refused.code})
    else:
        promos.set_standing(shop, version)


def _refuse(shop: Shop, publication: Publication, problem: str, now: datetime) -> None:
    publication.problem = problem[:200]
    _end(publication, PublicationState.REFUSED, now)
    alerts.publication_refused(shop, publication.pk, problem, now)
    audit.record(
        "promo.refused", actor=None, shop=shop, subject=f"promo:{publication.version.number}", reason=problem
    )
    log.info("publication refused", extra={"publication": publication.pk})


def _end(publication: Publication, state: PublicationState, now: datetime) -> None:
    publication.state, publication.finished_at = state, now
    publication.save(update_fields=["state", "finished_at", "replaced", "replaced_standing", "problem"])
    if state != PublicationState.DONE:
        drafts.came_back(publication.version)


def _may_come_back(publication: Publication, now: datetime) -> bool:
    finished = publication.finished_at
    return finished is not None and now - finished <= HOLD and publication.version.live


def _restore(publication: Publication) -> None:
    """What was live, and what stood behind it, before this publication."""
    version, live, standing = publication.version, publication.replaced, publication.replaced_standing
    PromoVersion.objects.filter(pk=version.pk).update(live=False)
    if live is not None:
        PromoVersion.objects.filter(pk=live.pk).update(live=True)
    promos.set_standing(publication.shop, standing)


def _refuse_closed(shop: Shop) -> None:
    if shop.status == ShopStatus.CLOSED:
        raise PromoRefused("shop_closed", "해지된 가게라서 내보낼 수 없어요.")


def _locked(shop: Shop) -> Shop:
    """The shop as it is now: publishing and calling back happen one at a time in it."""
    return Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
