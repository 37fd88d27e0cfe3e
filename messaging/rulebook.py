"""The rulebook: when a finished call becomes a message (rules.md §4). Pure; the clock is a fact.

The checks run in the order of rules.md §4 and the first that fails is the verdict's reason. Everything a check needs
is in `Facts`; nothing here reads a table, a setting or the time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shopmsg.core.clock import day_start, kst_day, minute_of_day

VERSION = 1
STALE_AFTER = timedelta(minutes=60)
UNSENT_FOR = timedelta(hours=2)


class SkipReason(StrEnum):
    """보내지 않은 이유. The sentences are in messaging.reasons."""

    UNKNOWN_LINE = "unknown_line"
    SHOP_INACTIVE = "shop_inactive"
    SENDING_OFF = "sending_off"
    SENDER_UNREGISTERED = "sender_unregistered"
    NOTICE_INACTIVE = "notice_inactive"
    UNANSWERED = "unanswered"
    TOO_SHORT = "too_short"
    WITHHELD = "withheld"
    NOT_MOBILE = "not_mobile"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    OWN_NUMBER = "own_number"
    NO_PROMO = "no_promo"
    PROMO_UNSENDABLE = "promo_unsendable"
    RECENT = "recent"
    DAILY_CAP = "daily_cap"
    NIGHT = "night"
    STALE = "stale"
    EXPIRED = "expired"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes of the KST day in which advertising may go: from `opens` until just before `closes`."""

    opens: int
    closes: int

    def is_open(self, moment: datetime) -> bool:
        return self.opens <= minute_of_day(moment) < self.closes

    def next_open(self, moment: datetime) -> datetime:
        """The moment itself when the window is open, else when it opens next."""
        if self.is_open(moment):
            return moment
        opening = day_start(kst_day(moment)) + timedelta(minutes=self.opens)
        return opening if opening > moment else opening + timedelta(days=1)

    def release(self, moment: datetime, minute: int) -> datetime:
        """The moment itself when the window is open; else `minute` of the KST day on which it opens next, moved into
        the window. Always the day of `next_open`, so caps and periods are those of that day."""
        if self.is_open(moment):
            return moment
        inside = max(self.opens, min(minute, self.closes - 1))
        return day_start(kst_day(self.next_open(moment))) + timedelta(minutes=inside)


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What the rulebook knows of the shop and its line at this moment. `release_minute` is the KST minute of the day at
    which the shop lets go what a night brought."""

    active: bool
    sending_on: bool
    sender_accepted: bool
    notice_active: bool
    advertises: bool
    min_call_seconds: int
    repeat_after: timedelta
    daily_cap: int
    hold_at_night: bool
    release_minute: int
    has_promo: bool
    promo_sendable: bool


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What the rulebook knows of one call and its caller. `shop` is None for a line nobody has."""

    now: datetime
    received_at: datetime
    answered: bool
    seconds: int
    ended_at: datetime
    shop: ShopFacts | None
    withheld: bool
    mobile: bool
    member: bool
    own_number: bool
    opted_out: bool
    blocked: bool
    last_sent_at: datetime | None
    used_today: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict: send (reason None, `release_at` set, later than now when held) or skip.

    `test` marks a member trying the shop's own number: never counted. `reason_at` is the moment the reason speaks of.
    """

    reason: SkipReason | None
    release_at: datetime | None = None
    reason_at: datetime | None = None
    test: bool = False

    @property
    def sends(self) -> bool:
        return self.reason is None


def decide(facts: CallFacts, window: Window) -> Decision:
    """The one verdict of one call."""
    shop = facts.shop
    if shop is None:
        return Decision(SkipReason.UNKNOWN_LINE)
    if facts.member and facts.mobile and not facts.withheld:
        return _try_out(facts, shop)
    for check in _CHECKS:
        reason = check(facts, shop)
        if reason is not None:
            return Decision(reason, reason_at=_moment_of(reason, facts))
    if facts.now > _first_chance(facts, shop, window) + UNSENT_FOR:
        return Decision(SkipReason.EXPIRED)
    if not shop.advertises:
        return Decision(None, release_at=facts.now)
    if not shop.hold_at_night:
        return (
            Decision(None, release_at=facts.now) if window.is_open(facts.now) else Decision(SkipReason.NIGHT)
        )
    # A call of the night decided late, after the window opened, still waits for the shop's own hour.
    first_chance = _first_chance(facts, shop, window)
    return Decision(None, release_at=max(first_chance, window.release(facts.now, shop.release_minute)))


def _try_out(facts: CallFacts, shop: ShopFacts) -> Decision:
    """A member of the shop tries it: always sent, at any hour and length, unless there is nothing that may be sent
    or the member said no by an opt-out of their own."""
    for check in (_may_send, _not_opted_out, _has_promo, _not_stale):
        reason = check(facts, shop)
        if reason is not None:
            return Decision(reason, test=True)
    if facts.now > facts.received_at + UNSENT_FOR:
        return Decision(SkipReason.EXPIRED, test=True)
    return Decision(None, release_at=facts.now, test=True)


def _may_send(facts: CallFacts, shop: ShopFacts) -> SkipReason | None:
    if not shop.active:
        return SkipReason.SHOP_INACTIVE
    if not shop.sending_on:
        return SkipReason.SENDING_OFF
    if not shop.sender_accepted:
        return SkipReason.SENDER_UNREGISTERED
    return None


def _notice(facts: CallFacts, shop: ShopFacts) -> SkipReason | None:
    return SkipReason.NOTICE_INACTIVE if shop.advertises and not shop.notice_active else None


def _talked(facts: CallFacts, shop: ShopFacts) -> SkipReason | None:
    if not facts.answered:
        return SkipReason.UNANSWERED
    return SkipReason.TOO_SHORT if facts.seconds < shop.min_call_seconds else None


def _reachable(facts: CallFacts, shop: ShopFacts) -> SkipReason | None:
    if facts.withheld:
        return SkipReason.WITHHELD
    return None if facts.mobile else SkipReason.NOT_MOBILE


def _not_opted_out(facts: CallFacts, shop: ShopFacts) -> SkipReason | None:
    return SkipReason.OPTED_OUT if facts.opted_out else None


def _welcome(facts: CallFacts, shop: ShopFacts) -> SkipReason | None:
    if facts.opted_out:
        return SkipReason.OPTED_OUT
    if facts.blocked:
        return SkipReason.BLOCKED
    return SkipReason.OWN_NUMBER if facts.own_number else None


def _has_promo(facts: CallFacts, shop: ShopFacts) -> SkipReason | None:
    if not shop.has_promo:
        return SkipReason.NO_PROMO
    return None if shop.promo_sendable else SkipReason.PROMO_UNSENDABLE


def _not_recent(facts: CallFacts, shop: ShopFacts) -> SkipReason | None:
    if facts.last_sent_at is None or facts.now - facts.last_sent_at >= shop.repeat_after:
        return None
    return SkipReason.RECENT


def _within_cap(facts: CallFacts, shop: ShopFacts) -> SkipReason | None:
    return SkipReason.DAILY_CAP if facts.used_today >= shop.daily_cap else None


def _not_stale(facts: CallFacts, shop: ShopFacts) -> SkipReason | None:
    return SkipReason.STALE if facts.received_at - facts.ended_at > STALE_AFTER else None


def _first_chance(facts: CallFacts, shop: ShopFacts, window: Window) -> datetime:
    """When this call could first have become a message, had nothing kept us from deciding."""
    if not shop.advertises:
        return facts.received_at
    if not shop.hold_at_night:
        return window.next_open(facts.received_at)
    return window.release(facts.received_at, shop.release_minute)


def _moment_of(reason: SkipReason, facts: CallFacts) -> datetime | None:
    return facts.last_sent_at if reason is SkipReason.RECENT else None


_CHECKS: tuple[Callable[[CallFacts, ShopFacts], SkipReason | None], ...] = (
    _may_send,
    _notice,
    _talked,
    _reachable,
    _welcome,
    _has_promo,
    _not_stale,
    _not_recent,
    _within_cap,
)
