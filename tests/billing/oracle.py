"""An independent reckoning of a contract, written from rules.md §3 alone: it lives every day of the contract one by one and
shares no code with billing or shopmsg.core, so that a mistake there is not made here a second time.

A history is what tests.billing.histories makes and `manage.py replay_billing` reads: a plain dict. Amounts are whole won.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor
from typing import Any

# rules.md §3, the table of prices as it stands there: what is paid a month.
TABLE: dict[str, dict[object, int]] = {
    "soho": {0: 19_800, 12: 17_600, 24: 15_400, 36: 13_200, "success_pack": 14_300, "assistant_pack": 19_800},
    "basic": {0: 16_500},
    "premium": {0: 25_300},
}
PLANS = {"basic": 29_000, "pro": 49_000, "enterprise": 99_000}
RUNS = {"town_tv": 10_000, "genie_tv": 20_000}
PERCENT = {"point_prize": 10, "partner_prize": 15}
KAKAO = ("alimtalk", "brand_text", "brand_image")
BANDS = {
    36: """1-9 85, 10-12 80, 13-18 30, 19-21 25, 22-24 0, 25-28 -10, 29-32 -25, 33-34 -85, 35-36 -170""",
    24: """1-4 95, 5-8 85, 9-12 80, 13-14 70, 15-16 50, 17-20 0, 21-22 -10, 23-24 -25""",
    12: """1-10 100, 11-12 -5""",
}
INTERNET = {"internet", "office_ip"}
PARTS = {"phone", "internet_phone", "centrex", "mobile", "tv", "cctv"}
LONG_AGO = date(2021, 9, 1)
ONE = timedelta(days=1)


def months_after(day: date, months: int) -> date:
    """The same day so many months on, or the last day of a month that lacks it."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    for number in (day.day, 30, 29, 28):
        if number <= day.day:
            try:
                return date(year, month, number)
            except ValueError:
                continue
    raise AssertionError(day)


def vat_of(total: int) -> int:
    """VAT inside an amount: its eleventh, halves up."""
    return int((Decimal(total) / 11).quantize(Decimal(1), ROUND_HALF_UP))


def vat_on(supply: int) -> int:
    """VAT on top of an amount: its tenth, halves up."""
    return int((Decimal(supply) / 10).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True)
class Offered:
    """What a product costs from a day on: `paid` by term (0, 12, …) or bundle, what is paid a month."""

    begins: date
    listed: int
    paid: Mapping[object, int]
    first_month_free: bool


@dataclass
class Promise:
    """A commitment, with its own clock, which stands on paused days."""

    anchor: date
    term: int
    agreed: date
    clock: date
    month: int = 1
    given: dict[int, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.next_month = months_after(self.anchor, 1)

    def tick(self) -> None:
        self.clock += ONE
        if self.clock == self.next_month:
            self.month += 1
            self.next_month = months_after(self.anchor, self.month)

    @property
    def served(self) -> bool:
        return self.month > self.term


@dataclass
class Run:
    """Days in a row on which the same holds."""

    key: object
    first: date
    last: date
    listed: int
    paid: int
    promise: Promise | None
    months: dict[int, int] = field(default_factory=dict)


@dataclass
class MonthBill:
    """A month: rows are (what, first, last, won), refunds won, usage (kind, month of use, supply, VAT)."""

    service: list[tuple[date, date, int]] = field(default_factory=list)
    plan: list[tuple[date, date, int]] = field(default_factory=list)
    refunds: list[int] = field(default_factory=list)
    usage: list[tuple[str, date, int, int]] = field(default_factory=list)

    def parts(self) -> list[tuple[int, int]]:
        """(supply, VAT) of every line."""
        inside = [won for *_, won in (*self.service, *self.plan)] + self.refunds
        return [(won - vat_of(won), vat_of(won)) for won in inside] + [
            (supply, vat) for *_, supply, vat in self.usage
        ]


class Oracle:
    """One contract, lived from its activation on."""

    def __init__(self, history: Mapping[str, Any]) -> None:
        self.offers = {
            product: [Offered(LONG_AGO, paid[0], paid, product == "soho")] for product, paid in TABLE.items()
        }
        for row in history.get("prices", ()):
            listed = row["list_krw"]
            paid: dict[object, int] = {0: listed}
            paid |= {int(term): listed - off for term, off in row.get("commitments", {}).items()}
            paid |= {bundle: listed - off for bundle, off in row.get("bundles", {}).items()}
            self.offers[row["product"]].append(
                Offered(_day(row["from"]), listed, paid, row.get("first_month_free", False))
            )
        self.plans = {plan: [(LONG_AGO, won)] for plan, won in PLANS.items()}
        for row in history.get("plans", ()):
            self.plans[row["plan"]].append((_day(row["from"]), row["monthly_krw"]))
        self.bands = [(LONG_AGO, {term: _bands(text) for term, text in BANDS.items()})]
        for row in history.get("bands", ()):
            spread: dict[int, dict[int, int]] = {}
            for term, rates in row["rates"].items():
                spread[int(term)], begin = {}, 1
                for last, percent in rates:
                    spread[int(term)] |= dict.fromkeys(range(begin, last + 1), percent)
                    begin = last + 1
            self.bands.append((_day(row["from"]), spread))
        self.history = history
        self.refused: dict[int, set[str]] = {}
        self.months: dict[tuple[int, int], MonthBill] = {}
        self._begin()

    def _begin(self) -> None:
        history = self.history
        self.today = self.started = _day(history["activated"])
        self.product = history["product"]
        self.bundle = history.get("bundle", "none")
        self.plan = history.get("plan", "none")
        term = history.get("term_months", 0)
        self.why_not = self._sold(term, self.bundle)
        if self.bundle != "none" and term:
            self.why_not.add("commitment")
        self.why_not |= self._pack(history)
        self.promise = Promise(self.today, term, self.today, self.today) if term else None
        self.free_until = self.started - ONE
        offered = self._offered(self.today)
        if offered is not None and offered.first_month_free:
            self.free_until = months_after(self.started, 1) - ONE
        self.paused_until: date | None = None
        self.last_day: date | None = None
        self.ended = False
        self.last_change = self.started
        self.service: Run | None = None
        self.plan_run: Run | None = None

    # --- what may be done

    def take(self, index: int, step: Mapping[str, Any]) -> None:
        """One step of the history, on its day; noted in `refused` with every reason when it may not be."""
        day = _day(step["on"])
        self.live_to(day)
        reasons = self._reasons(step, day)
        if reasons:
            self.refused[index] = reasons
            return
        self.last_change = day
        match step["do"]:
            case "commit":
                if self.promise:
                    self.promise.term, self.promise.agreed = step["term_months"], day
                else:
                    self.promise = Promise(day, step["term_months"], day, day)
            case "leave_commitment":
                self._give_up(day)
            case "join_bundle":
                self.bundle = step["bundle"]
            case "leave_bundle":
                self.bundle = "none"
            case "change_product":
                self._give_up(day)
                self.product, self.bundle = step["product"], "none"
            case "change_plan":
                self.plan = step["plan"]
            case "pause":
                self.paused_until = _day(step["until"])
            case "resume":
                self.paused_until = None
            case "cancel":
                self.last_day = _day(step["last_day"])
            case "take_back_cancel":
                self.last_day = None

    def _reasons(self, step: Mapping[str, Any], day: date) -> set[str]:
        do = step["do"]
        reasons = set()
        if day < self.last_change:
            reasons.add("past")
        if do == "take_back_cancel":
            if self.last_day is None:
                reasons.add("not cancelled")
            elif day > self.last_day:
                reasons.add("over")
            return reasons
        if self.last_day is not None:
            reasons.add("cancelled")
        paused = self.paused_until is not None and day <= self.paused_until
        if do == "cancel":
            return reasons | ({"past"} if _day(step["last_day"]) < day else set())
        if do == "resume":
            return reasons | (set() if paused else {"not paused"})
        if paused:
            reasons.add("paused")
        match do:
            case "commit":
                term = step["term_months"]
                reasons |= self._sold(term, "none", day)
                if self.bundle != "none":
                    reasons.add("bundle first")
                if self.promise and term == self.promise.term:
                    reasons.add("same")
                if not term or (self.promise and term < self.promise.term):
                    reasons.add("lower")
            case "leave_commitment":
                if not self.promise:
                    reasons.add("none")
            case "join_bundle":
                reasons |= self._sold(0, step["bundle"], day) | self._pack(step)
                if step["bundle"] == "none":
                    reasons.add("not sold")
                if self.promise:
                    reasons.add("commitment")
                if self.bundle == step["bundle"]:
                    reasons.add("same")
                elif self.bundle != "none":
                    reasons.add("bundle first")
            case "leave_bundle":
                if self.bundle == "none":
                    reasons.add("none")
            case "change_product":
                if step["product"] == self.product:
                    reasons.add("same")
            case "change_plan":
                if step["plan"] == self.plan:
                    reasons.add("same")
            case "pause":
                days = (_day(step["until"]) - day).days + 1
                if days < 1:
                    reasons.add("past")
                if days > 90:
                    reasons.add("too long")
        return reasons

    def _sold(self, term: int, bundle: str, day: date | None = None) -> set[str]:
        offered = self._offered(day or self.today)
        if offered is None or term not in (0, 12, 24, 36):
            return {"not sold"}
        missing = (term and term not in offered.paid) or (bundle != "none" and bundle not in offered.paid)
        return {"not sold"} if missing else set()

    @staticmethod
    def _pack(asked: Mapping[str, Any]) -> set[str]:
        if asked.get("bundle") != "success_pack":
            return set()
        parts = set(asked.get("pack_parts", ()))
        whole = asked.get("pack_internet", "") in INTERNET and parts and parts <= PARTS
        return set() if whole else {"parts"}

    # --- living

    def live_to(self, day: date) -> None:
        """All days before that one."""
        while self.today < day and not self.ended:
            self._live_today()
            if self.today == self.last_day:
                self._end()
            self.today += ONE

    def live_through(self, day: date) -> None:
        """All days up to the end of that one."""
        self.live_to(day + ONE)
        self._close_service()
        self._close_plan()

    def leave_cost(self, day: date) -> int | None:
        """What it costs when that is made the last day of use; None without a commitment, or when it has been served."""
        self.live_to(day)
        self.last_day = day
        before = sum(len(bill.refunds) for bill in self.months.values())
        self.live_to(day + ONE)
        after = sum(len(bill.refunds) for bill in self.months.values())
        return self._bill(day).refunds[-1] if after > before else None

    def _live_today(self) -> None:
        today = self.today
        if today.day == 1:
            self._close_service()
            self._close_plan()
        paused = self.paused_until is not None and today <= self.paused_until
        free = today <= self.free_until
        promise = self.promise
        offered = self._offered(promise.agreed if promise else today)
        assert offered is not None
        choice: object = promise.term if promise else (0 if self.bundle == "none" else self.bundle)
        paid = offered.paid[choice]
        agreed = (id(promise), promise.term, promise.agreed) if promise else None
        key = (self.product, choice, offered.listed, paid, agreed, free, paused)
        if self.service is None or self.service.key != key:
            self._close_service()
            if free or paused:
                self.service = Run(key, today, today, 0, 0, promise)
            else:
                self.service = Run(key, today, today, offered.listed, paid, promise)
        self.service.last = today
        if promise:
            self.service.months[promise.month] = self.service.months.get(promise.month, 0) + 1
        self._live_plan(today, paused)
        if promise and not paused:
            promise.tick()
            if promise.served:
                self.promise = None

    def _live_plan(self, today: date, paused: bool) -> None:
        won = None if self.plan == "none" else _newest(self.plans[self.plan], today)
        key = (self.plan, won, paused)
        if self.plan_run is not None and self.plan_run.key != key:
            self._close_plan()
        if won is None:
            return
        if self.plan_run is None:
            self.plan_run = Run(key, today, today, 0, 0 if paused else won, None)
        self.plan_run.last = today

    def _close_service(self) -> None:
        run, self.service = self.service, None
        if run is None:
            return
        days, whole = (run.last - run.first).days + 1, _days_of_month(run.first)
        won = floor(Fraction(run.paid * days, whole))
        self._bill(run.first).service.append((run.first, run.last, won))
        if run.promise:
            off = floor(Fraction(run.listed * days, whole)) - won
            for month, met in run.months.items():
                run.promise.given[month] = run.promise.given.get(month, Fraction(0)) + Fraction(
                    off * met, days
                )

    def _close_plan(self) -> None:
        run, self.plan_run = self.plan_run, None
        if run is not None:
            days, whole = (run.last - run.first).days + 1, _days_of_month(run.first)
            self._bill(run.first).plan.append((run.first, run.last, floor(Fraction(run.paid * days, whole))))

    def _give_up(self, day: date) -> None:
        """Leaving the commitment before its end, from that day on. One under which no day was used leaves nothing."""
        promise, self.promise = self.promise, None
        if promise is None or promise.anchor == day:
            return
        self._close_service()
        self._bill(day).refunds.append(self._refund(promise))

    def _end(self) -> None:
        self._close_service()
        self._close_plan()
        if self.promise:
            self._bill(self.today).refunds.append(self._refund(self.promise))
        self.ended = True

    def _refund(self, promise: Promise) -> int:
        rates = _newest(self.bands, promise.agreed)[promise.term]
        asked = sum((won * rates[month] / 100 for month, won in promise.given.items()), Fraction(0))
        return max(0, floor(asked))

    # --- usage

    def use(self, rows: Iterable[Mapping[str, Any]], until: date) -> None:
        """Everything used that had arrived by that day. What arrives in a later month is on that month's bill."""
        groups: dict[tuple[tuple[int, int], date, str, int], int] = {}
        for row in rows:
            used, arrived = _day(row["on"]), _day(row["arrived"])
            if arrived > until or used > until:
                continue
            billed = max(used, arrived)
            kind = row["kind"]
            unit = self._unit(kind, used)
            at = ((billed.year, billed.month), used.replace(day=1), kind, unit)
            groups[at] = groups.get(at, 0) + row["quantity"]
        for (month, used, kind, unit), quantity in groups.items():
            if kind in KAKAO:
                supply = unit * quantity
                vat = vat_on(supply)
            else:
                total = floor(Fraction(unit * quantity, 100)) if kind in PERCENT else unit * quantity
                vat = vat_of(total)
                supply = total - vat
            self.months.setdefault(month, MonthBill()).usage.append((kind, used, supply, vat))

    def _unit(self, kind: str, used: date) -> int:
        if kind in KAKAO:
            rows = [
                (_day(row["from"]), row["won"]) for row in self.history.get("fees", ()) if row["kind"] == kind
            ]
            return int(_newest(rows, used))
        base = PERCENT[kind] if kind in PERCENT else RUNS[kind]
        rows = [(LONG_AGO, base)]
        for row in self.history.get("usage_prices", ()):
            if row["kind"] == kind:
                rows.append((_day(row["from"]), row["percent"] if kind in PERCENT else row["won"]))
        return int(_newest(rows, used))

    def _offered(self, day: date) -> Offered | None:
        found = None
        for row in self.offers.get(self.product, ()):
            if row.begins <= day and (found is None or row.begins > found.begins):
                found = row
        return found

    def _bill(self, day: date) -> MonthBill:
        return self.months.setdefault((day.year, day.month), MonthBill())


def live(history: Mapping[str, Any], until: date) -> Oracle:
    """The whole history, lived to the end of that day; nothing of it when it may not begin (`why_not`)."""
    oracle = Oracle(history)
    if oracle.why_not:
        return oracle
    for index, step in enumerate(history.get("changes", ())):
        oracle.take(index, step)
    oracle.live_through(until)
    oracle.use(history.get("usage", ()), until)
    return oracle


def leave(history: Mapping[str, Any], day: date) -> int | None:
    """What it costs when the contract, as it stands on that day, ends with it."""
    oracle = Oracle(history)
    for index, step in enumerate(history.get("changes", ())):
        if _day(step["on"]) <= day:
            oracle.take(index, step)
    return None if oracle.last_day is not None else oracle.leave_cost(day)


def _newest(rows: list[tuple[date, Any]], day: date) -> Any:
    begins, found = date.min, None
    for row in rows:
        if begins < row[0] <= day:
            begins, found = row
    return found


def _bands(text: str) -> dict[int, int]:
    spread: dict[int, int] = {}
    for band in text.split(","):
        span, percent = band.split()
        first, last = span.split("-")
        spread |= dict.fromkeys(range(int(first), int(last) + 1), int(percent))
    return spread


def _days_of_month(day: date) -> int:
    following = date(day.year + (day.month == 12), day.month % 12 + 1, 1)
    return (following - date(day.year, day.month, 1)).days


def _day(text: str) -> date:
    return date.fromisoformat(text)
