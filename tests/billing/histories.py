"""Random histories of contracts, and what the engine and the oracle make of them.

`python -m tests.billing.histories N [--seed S] [--jobs J]` compares N of them and prints how many agreed, in how many
seconds, and the first that did not.
"""

import argparse
import json
import re
import sys
import time
from calendar import monthrange
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from billing import leaving
from billing.catalogue import Catalogue
from billing.contract import ONE_DAY, Contract
from billing.enums import EntryKind
from billing.replay import History, as_of, months
from billing.replay_file import read
from billing.replay_object import BadFile
from tests.billing import oracle

Json = dict[str, Any]

#: Where a history that may not even begin is refused.
START = -1
#: The engine's code → the oracle's reason. Of many reasons the engine names the first it meets.
REASONS = {
    "past": "past",
    "over": "over",
    "cancelled": "cancelled",
    "not_cancelled": "not cancelled",
    "paused": "paused",
    "not_paused": "not paused",
    "pause_length": "too long",
    "lower_commitment": "lower",
    "same": "same",
    "none": "none",
    "no_commitment": "none",
    "bundle_first": "bundle first",
    "bundle_requires_no_commitment": "commitment",
    "pack_incomplete": "parts",
    "unknown_term": "not sold",
    "unknown_bundle": "not sold",
    "unknown_product": "not sold",
    "commitment_not_offered": "not sold",
    "bundle_not_offered": "not sold",
}
PRODUCTS = ("soho", "soho", "soho", "soho", "basic", "premium")
PACK = {"bundle": "success_pack", "pack_internet": "internet", "pack_parts": ["tv"]}
PLANS = ("none", "basic", "pro", "enterprise")


class _Story:
    """One history in the making. It keeps a rough idea of how the contract stands, so that most steps make sense."""

    def __init__(self, random: Random, most_months: int) -> None:
        self.random = random
        self.start = self._some_day()
        self.until = self._month_end(self.start, random.randint(0, most_months - 1))
        self.last = self.start
        self.term = 0
        self.anchor = self.start
        self.rested = 0
        self.bundle = "none"
        self.product = "soho"
        self.plan = "none"
        self.paused_until = self.last_day = self.start - timedelta(days=1)
        self.cancelled = False

    def tell(self) -> Json:
        random = self.random
        self.product = random.choice(PRODUCTS)
        story: Json = {"product": self.product, "activated": self.start.isoformat()}
        begin = random.random()
        if self.product == "soho" and begin < 0.55:
            self.term = story["term_months"] = random.choice((12, 24, 36))
        elif self.product == "soho" and begin < 0.8:
            story |= PACK if random.random() < 0.7 else {"bundle": "assistant_pack"}
            self.bundle = story["bundle"]
        self.plan = story["plan"] = random.choice(PLANS)
        self._prices(story)
        story["changes"] = []
        for _ in range(random.choice((0, 1, 2, 3, 4, 5, 6, 8, 10, 14))):
            story["changes"].append(self._step())
            if self.cancelled and random.random() < 0.5:
                break
        else:
            if random.random() < 0.4:
                story["changes"].append(self._step("cancel"))
        story["usage"] = [self._used(index) for index in range(random.choice((0, 0, 0, 1, 3, 8)))]
        return story

    def _some_day(self) -> date:
        """From 2022 to 2029; the ends of months and Februaries of leap years more often than they would be met."""
        random = self.random
        year = random.randint(2022, 2029)
        month = random.choice((1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12))
        if random.random() < 0.1:
            year, month = random.choice((2024, 2028)), 2
        last = monthrange(year, month)[1]
        return date(
            year,
            month,
            random.choice((1, 1, last, last, min(29, last), min(30, last), random.randint(1, last))),
        )

    @staticmethod
    def _month_end(day: date, months: int) -> date:
        month = day.month - 1 + months
        year, month = day.year + month // 12, month % 12 + 1
        return date(year, month, monthrange(year, month)[1])

    def _inside(self) -> date:
        """A day of the history, the days on which something usually turns more often."""
        span = (self.until - self.start).days
        day = self.start + timedelta(days=self.random.randint(0, span))
        kind = self.random.random()
        if kind < 0.2:
            day = day.replace(day=1)
        elif kind < 0.4:
            day = day.replace(day=min(self.start.day, monthrange(day.year, day.month)[1]))
        return min(max(day, self.start), self.until)

    def _next_day(self) -> date:
        random = self.random
        kind = random.random()
        if kind < 0.25:
            return self.last
        if kind < 0.28:
            return self.start - timedelta(days=random.randint(1, 40))
        if kind < 0.45:
            return self.last + timedelta(days=random.randint(1, 9))
        if kind < 0.6 and self.term:
            return max(self.last, self._served() + timedelta(days=random.choice((-2, -1, 0, 0, 1))))
        if kind < 0.7:
            # The day of the month on which it began, and the day before.
            ahead = self._month_end(self.last, random.choice((1, 2, 11, 12)))
            day = ahead.replace(day=min(self.start.day, ahead.day)) - timedelta(days=random.choice((0, 0, 1)))
            return max(self.last, day)
        return self.last + timedelta(days=random.randint(10, 200))

    def _served(self) -> date:
        """About the first day after the commitment."""
        return oracle.months_after(self.anchor, self.term) + timedelta(days=self.rested)

    def _step(self, do: str = "") -> Json:
        random = self.random
        day = self._next_day()
        if self.cancelled and random.random() < 0.7:
            day = min(day, self.last_day)
        elif self.last <= self.paused_until and random.random() < 0.5:
            day = random.choice((self.paused_until, self.paused_until + timedelta(days=1), self.last))
        if day > self.until or self.start <= day < self.last:
            day = self.last
        self.last = max(self.last, day)
        do = do or (self._likely(day) if random.random() < 0.85 else random.choice(_DO))
        step: Json = {"on": day.isoformat(), "do": do}
        match do:
            case "commit":
                higher = [term for term in (12, 24, 36) if term > self.term] or [36]
                step["term_months"] = random.choice((12, 24, 36, 0, 13) if random.random() < 0.15 else higher)
                if not self.term:
                    self.anchor, self.rested = day, 0
                self.term = max(self.term, step["term_months"])
            case "leave_commitment":
                self.term = 0
            case "join_bundle":
                step |= PACK if random.random() < 0.7 else {"bundle": "assistant_pack"}
                self.bundle = step["bundle"]
                if random.random() < 0.1:
                    step |= random.choice(
                        ({"pack_internet": ""}, {"pack_parts": []}, {"pack_parts": ["fridge"]})
                    )
            case "leave_bundle":
                self.bundle = "none"
            case "change_product":
                other = [product for product in PRODUCTS if product != self.product]
                step["product"] = random.choice(other if random.random() < 0.9 else PRODUCTS)
                self.product, self.term, self.bundle = step["product"], 0, "none"
            case "change_plan":
                self.plan = step["plan"] = random.choice(PLANS)
            case "pause":
                step["until"] = (
                    day + timedelta(days=random.choice((0, 1, 6, 29, 30, 59, 89, 89, 90, -1)))
                ).isoformat()
                self.paused_until = date.fromisoformat(step["until"])
                self.rested += (self.paused_until - day).days + 1
            case "resume":
                self.rested -= max(0, (self.paused_until - day).days + 1)
                self.paused_until = day - timedelta(days=1)
            case "cancel":
                ahead = random.choice((0, 0, 1, 5, 30, 60, 400, -1))
                self.last_day = day + timedelta(days=ahead)
                if self.term and random.random() < 0.3:
                    self.last_day = self._served() + timedelta(days=random.choice((-2, -1, -1, 0)))
                step["last_day"] = self.last_day.isoformat()
                self.cancelled = True
            case _:
                self.cancelled = False
        return step

    def _likely(self, day: date) -> str:
        random = self.random
        if self.cancelled:
            return "take_back_cancel"
        if day <= self.paused_until:
            return random.choice(("resume", "resume", "resume", "cancel"))
        if self.term == 36:
            return random.choice(
                ("leave_commitment", "pause", "pause", "pause", "change_product", "change_plan", "cancel")
            )
        if self.term:
            return random.choice(
                ("commit", "commit", "leave_commitment", "pause", "pause", "change_product", "cancel")
            )
        if self.bundle != "none":
            return random.choice(("leave_bundle", "leave_bundle", "pause", "change_plan", "change_product"))
        if self.product != "soho":
            return random.choice(("change_product", "change_product", "pause", "change_plan"))
        return random.choice(
            ("commit", "commit", "commit", "join_bundle", "pause", "change_plan", "change_product")
        )

    def _prices(self, story: Json) -> None:
        """Prices that change on the way, and bands. What a shop may have is sold on."""
        random = self.random
        many = random.choice((0, 0, 1, 2, 4))
        story["prices"] = _one_a_day([self._price() for _ in range(many)], "product")
        story["plans"] = _one_a_day(
            [
                {
                    "plan": random.choice(PLANS[1:]),
                    "from": self._from(),
                    "monthly_krw": random.randint(0, 120_000),
                }
                for _ in range(random.choice((0, 0, 1, 3)))
            ],
            "plan",
        )
        story["bands"] = _one_a_day([self._band() for _ in range(random.choice((0, 0, 1, 2)))], "source")
        story["usage_prices"] = _one_a_day(
            [
                random.choice(
                    (
                        {"kind": "town_tv", "from": self._from(), "won": random.randint(0, 30_000)},
                        {"kind": "point_prize", "from": self._from(), "percent": random.randint(0, 30)},
                    )
                )
                for _ in range(random.choice((0, 0, 2)))
            ],
            "kind",
        )
        story["fees"] = [
            {"kind": kind, "from": "2021-09-01", "won": random.randint(1, 40)} for kind in oracle.KAKAO
        ]
        story["fees"] += _one_a_day(
            [{"kind": "alimtalk", "from": self._from(), "won": random.randint(0, 30)}], "kind"
        )

    def _from(self) -> str:
        return self._inside().isoformat()

    def _price(self) -> Json:
        random = self.random
        product = random.choice(PRODUCTS)
        listed = random.choice((19_800, 22_000, random.randint(1, 60_000)))
        row: Json = {"product": product, "from": self._from(), "list_krw": listed}
        if product == "soho":
            terms = random.choice((("12", "24", "36"), ("12", "24", "36"), ("12",), ()))
            row["commitments"] = {term: random.randint(0, listed) for term in terms}
            row["bundles"] = {name: random.randint(0, listed) for name in ("success_pack", "assistant_pack")}
            row["first_month_free"] = random.random() < 0.5
        return row

    def _band(self) -> Json:
        random = self.random
        rates = {}
        for term in (12, 24, 36):
            ends = sorted({*(random.randint(1, term) for _ in range(random.randint(0, 6))), term})
            rates[str(term)] = [[end, random.randint(-170, 100)] for end in ends]
        return {"from": self._from(), "source": "표", "rates": rates}

    def _used(self, index: int) -> Json:
        random = self.random
        used = self._inside()
        late = random.choice((0, 0, 0, 1, 31, 70))
        kind = random.choice((*oracle.KAKAO, *oracle.RUNS, *oracle.PERCENT))
        quantity = random.randint(1, 90_000) if kind in oracle.PERCENT else random.randint(1, 300)
        arrived = (used + timedelta(days=late)).isoformat()
        return {
            "key": f"u{index}",
            "kind": kind,
            "on": used.isoformat(),
            "quantity": quantity,
            "arrived": arrived,
        }


_DO = (
    *("commit", "leave_commitment", "join_bundle", "leave_bundle", "change_product", "change_plan"),
    *("pause", "resume", "cancel", "take_back_cancel"),
)


def _one_a_day(rows: list[Json], name: str) -> list[Json]:
    return list({(row[name], row["from"]): row for row in rows}.values())


def tell(random: Random, most_months: int = 48) -> tuple[Json, date]:
    """A history and the last day of the month to which it is to be reckoned. Some of its changes may not be made."""
    story = _Story(random, most_months)
    return story.tell(), story.until


@st.composite
def histories(draw: st.DrawFn, most_months: int = 48) -> tuple[Json, date]:
    """As `tell`, of numbers that hypothesis chooses and makes smaller."""
    return tell(draw(st.randoms(use_true_random=False)), most_months)


def disagreement(story: Json, until: date, ask: Random, tally: "Tally | None" = None) -> str:
    """What engine and oracle do not agree on, one line; "" when they agree on everything. `ask` chooses the days on which
    the price of leaving is asked; `tally` is told what was compared."""
    expected = oracle.live(story, until)
    history, refused = _read(story)
    if expected.why_not or START in refused:
        agreed = REASONS.get(refused.get(START, "")) in expected.why_not
        return "" if agreed else f"start: engine {refused}, oracle {expected.why_not}"
    if set(refused) != set(expected.refused):
        return f"refused: engine {refused}, oracle {expected.refused}"
    for index, code in refused.items():
        if REASONS.get(code) not in expected.refused[index]:
            return f"changes[{index}] refused for {code}, oracle {expected.refused[index]}"
    allowed = {
        **story,
        "changes": [step for index, step in enumerate(story["changes"]) if index not in refused],
    }
    if history is None:
        history = read(json.dumps(allowed).encode())
    so_far = 0
    for month in months(history.contract, history.catalogue, until, history.usage, history.fees):
        bill = expected.months.get((month.first.year, month.first.month), oracle.MonthBill())
        mine = {kind: [row for row in month.rows if row.kind == kind] for kind in EntryKind}
        pairs: list[tuple[str, object, object]] = [
            ("service", [(r.first, r.last, r.amount_krw) for r in mine[EntryKind.SERVICE]], bill.service),
            ("plan", [(r.first, r.last, r.amount_krw) for r in mine[EntryKind.PLAN]], bill.plan),
            ("refunds", [r.amount_krw for r in mine[EntryKind.REFUND]], bill.refunds),
            (
                "usage",
                sorted((r.first, r.parts.supply_krw, r.parts.vat_krw) for r in mine[EntryKind.USAGE]),
                sorted(row[1:] for row in bill.usage),
            ),
            (
                "VAT",
                sorted((r.parts.supply_krw, r.parts.vat_krw) for r in month.rows),
                sorted(bill.parts()),
            ),
        ]
        so_far += sum(sum(parts) for parts in bill.parts())
        pairs.append(("sum so far", month.so_far_krw, so_far))
        for what, ours, theirs in pairs:
            if ours != theirs:
                return f"{month.first:%Y-%m} {what}: engine {_said(ours)}, oracle {_said(theirs)}"
        if tally is not None:
            tally.months += 1
            tally.refunds += sum(won > 0 for won in bill.refunds)
    if tally is not None:
        tally.changes += len(story["changes"])
        tally.refused += len(refused)
    day = history.contract.starts_on + timedelta(
        days=ask.randint(0, (until - history.contract.starts_on).days)
    )
    return _leaving(allowed, history, day, chart=ask.random() < 0.2)


def _leaving(story: Json, history: History, day: date, *, chart: bool) -> str:
    contract = as_of(history.contract, day)
    if contract.last_day is not None:
        return ""
    expected = oracle.leave(story, day)
    found = leaving.if_left(contract, history.catalogue, day)
    if (found and found.won) != expected:
        return f"leaving on {day}: engine {found and found.won}, oracle {expected}"
    return _chart(story, contract, history.catalogue, day) if chart else ""


def _chart(story: Json, contract: Contract, catalogue: Catalogue, day: date) -> str:
    """The owner's chart asks the same of days to come, as if nothing were changed until then."""
    chart = leaving.outlook(contract, catalogue, day)
    for ahead, won in chart[1:2] + chart[-1:]:
        stays = {**story, "changes": [step for step in story["changes"] if step["on"] <= day.isoformat()]}
        if won != (oracle.leave(stays, ahead) or 0):
            return f"chart of {day} for {ahead}: engine {won}, oracle {oracle.leave(stays, ahead)}"
    if chart and contract.terms_on(chart[-1][0] + ONE_DAY).commitment is not None:
        return f"chart of {day}: the last day {chart[-1][0]} is not the commitment's"
    return ""


def _read(story: Json) -> tuple[History | None, dict[int, str]]:
    """What the engine makes of it, or which changes it refuses with which code."""
    try:
        return read(json.dumps(story).encode()), {}
    except BadFile as bad:
        places = (
            (re.fullmatch(r"changes\[(\d+)\]", problem.place), problem.code) for problem in bad.problems
        )
        return None, {int(place[1]) if place else START: code for place, code in places}


def _said(what: object) -> str:
    return str(what).replace("datetime.date", "")


@dataclass
class Tally:
    """How far a comparison went; `first` is the first disagreement with its seed and history."""

    agreed: int = 0
    changes: int = 0
    refused: int = 0
    months: int = 0
    refunds: int = 0
    first: str = ""

    def add(self, other: "Tally") -> None:
        """Take another's part in."""
        for name in ("agreed", "changes", "refused", "months", "refunds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.first = self.first or other.first


def _compare(seeds: range) -> Tally:
    tally = Tally()
    for seed in seeds:
        story, until = tell(Random(seed))
        found = disagreement(story, until, Random(seed), tally)
        if found:
            tally.first = (
                tally.first or f"seed {seed}: {found}\n{json.dumps(story, ensure_ascii=False)} until {until}"
            )
        else:
            tally.agreed += 1
    return tally


def main(arguments: list[str]) -> int:
    """Exit code 0 when all agreed."""
    parser = argparse.ArgumentParser(prog="python -m tests.billing.histories")
    parser.add_argument("count", type=int, help="how many histories")
    parser.add_argument("--seed", type=int, default=0, help="the first history's seed")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    asked = parser.parse_args(arguments)
    started = time.monotonic()
    size = max(1, min(500, asked.count // asked.jobs))
    seeds = range(asked.seed, asked.seed + asked.count)
    tally = Tally()
    with ProcessPoolExecutor(asked.jobs) as pool:
        for part in pool.map(_compare, [seeds[at : at + size] for at in range(0, asked.count, size)]):
            tally.add(part)
    seconds = time.monotonic() - started
    print(
        f"{tally.agreed:,} of {asked.count:,} histories agreed in {seconds:,.0f} s: {tally.months:,} months,"
        f" {tally.changes:,} changes of which {tally.refused:,} refused, {tally.refunds:,} refunds above 0"
    )
    if tally.first:
        print(tally.first)
    return int(tally.agreed != asked.count)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
