"""What is measured, in which order, and how often."""

import os
import time
from collections.abc import Callable

from django.conf import settings

from messaging import picture_uploads
from messaging.gateway_account import account_name
from tests.bench import cpu, invoices, naive, shops, statements
from tests.bench.calls import Lot
from tests.bench.figures import Figure, percentile
from tests.bench.load import Sent, send
from tests.bench.portal import Portal, running

_SHOPS = 400
_CONNECTIONS = 16
_RATE = 500


class Bench:
    """One whole measurement. `only` names sections by letter; empty: all."""

    def __init__(self, *, quick: bool, only: str = "") -> None:
        self.quick = quick
        self.only = only
        self.repeats = 1 if quick else 3
        self.figures: list[Figure] = []
        self._callers = 10_000_000
        self._lots = 0
        self._lines: list[str] = []
        self._secret = next(iter(settings.HOOK_SOURCES.values()))[0]

    def run(self) -> list[Figure]:
        self._lines = shops.seed(_SHOPS)
        with running(os.environ) as portal:
            portal.start("sandbox", "web")
            portal.reports("off")
            self._section("a", self._single_calls, portal)
            self._section("b", self._batched_calls, portal)
            shops.forget_calls()
            picture_uploads.file_id(shops.picture(), account_name())
            self._section("e", self._statements, portal)
            self._section("g", self._naive, portal)
            shops.forget_calls()
            portal.reports("normal")
            portal.start("worker", "beat")
            self._section("c", self._end_to_end, portal)
            self._section("d", self._latency, portal)
            self._section("f", self._memory, portal)
        # After its worker is gone, who would take the run up as well.
        self._section("h", self._invoices, portal)
        self._ratio()
        return self.figures

    def _section(self, letter: str, measure: Callable[[Portal], None], portal: Portal) -> None:
        if not self.only or letter in self.only:
            began, others = time.monotonic(), cpu.Others()
            measure(portal)
            seconds = time.monotonic() - began
            print(
                f"({letter}) {seconds:.0f} s; other programs had {others.share():.0%} of the CPU", flush=True
            )

    def _lot(self, portal: Portal, count: int) -> Lot:
        """Calls of callers that no earlier lot had."""
        self._lots += 1
        lot = Lot(f"lot{self._lots}", self._lines, self._callers, count, self._secret, portal.host)
        self._callers += count
        return lot

    def _stored(self, portal: Portal, count: int, size: int, connections: int) -> Sent:
        before = shops.stored_calls()
        sent = send(self._lot(portal, count), size, connections)
        if set(sent.statuses) != {202} or shops.stored_calls() - before != count:
            raise RuntimeError(f"calls not stored: {dict(sent.statuses)}")
        return sent

    def _single_calls(self, portal: Portal) -> None:
        self._stored(portal, 500, 1, _CONNECTIONS)
        count = 3_000 if self.quick else 6_000
        runs = [self._stored(portal, count, 1, _CONNECTIONS) for _ in range(self.repeats)]
        rates = [count / sent.seconds for sent in runs]
        self.figures.append(Figure("(a) webhooks of one call", "/s", rates, 800))
        self.figures.append(
            Figure("    p99 of their answers", "ms", [percentile(s.milliseconds, 0.99) for s in runs])
        )

    def _batched_calls(self, portal: Portal) -> None:
        count = 20_000 if self.quick else 40_000
        runs = [self._stored(portal, count, 1_000, 4) for _ in range(self.repeats)]
        rates = [count / sent.seconds for sent in runs]
        self.figures.append(Figure("(b) calls in webhooks of 1,000", "/s", rates, 10_000))

    def _statements(self, portal: Portal) -> None:
        for size in (100, 100, 1_000):  # the first fills the caches
            self._callers += 1_000
            counted = statements.of_one_batch(self._lines, size, self._callers)
        per_size = {}
        for size in (100, 1_000):
            self._callers += 1_000
            per_size[size] = sum(statements.of_one_batch(self._lines, size, self._callers).values())
        steps = ", ".join(f"{name} {count}" for name, count in counted.items())
        self.figures.append(
            Figure("(e) statements a batch of 1,000", "", [per_size[1_000]], 30, at_most=True)
        )
        self.figures.append(Figure("    statements a batch of 100", "", [per_size[100]], 30, at_most=True))
        print(f"    {steps}", flush=True)

    def _naive(self, portal: Portal) -> None:
        rates = []
        for _ in range(self.repeats):
            self._callers += 10_000
            rates.append(naive.messages_per_second(self._lines, self._callers, 2.0 if self.quick else 4.0))
        self.figures.append(Figure("(g) the naive way, end to end", "/s", rates))

    def _end_to_end(self, portal: Portal) -> None:
        count = 10_000 if self.quick else 30_000
        self._pushed(portal, 2_000)
        rates, folded, used_cpu = [], [], []
        for _ in range(self.repeats):
            used = portal.cpu_seconds()
            began, accepted_at, folded_at = self._pushed(portal, count)
            rates.append(count / (accepted_at - began))
            folded.append(count / (folded_at - began))
            used_cpu.append((portal.cpu_seconds() - used) * 1000 / (count / 1000))
        self.figures.append(Figure("(c) calls to gateway acceptance", "/s", rates, 2_500))
        self.figures.append(Figure("    with their reports folded", "/s", folded))
        self.figures.append(Figure("    app CPU a 1,000 messages", "ms", used_cpu))

    def _pushed(self, portal: Portal, count: int) -> tuple[float, float, float]:
        """Epoch seconds of the first post, of the last acceptance, and at which every report was folded."""
        accepted, delivered = shops.accepted(), shops.delivered()
        sent = send(self._lot(portal, count), 1_000, 2)
        if set(sent.statuses) != {202}:
            raise RuntimeError(f"calls not stored: {dict(sent.statuses)}")
        _until(lambda: shops.accepted() - accepted == count)
        at = shops.last_accepted().timestamp()
        _until(lambda: shops.delivered() - delivered == count)
        return sent.began, at, time.time()

    def _latency(self, portal: Portal) -> None:
        seconds = 8 if self.quick else 20
        accepted = shops.accepted()
        lot = self._lot(portal, _RATE * seconds)
        sent = send(lot, 1, _CONNECTIONS, rate=_RATE)
        _until(lambda: shops.accepted() - accepted == lot.count)
        moments = shops.acceptance_moments(lot.name)
        late = [(moments[n] - (sent.began + n / _RATE)) for n in range(lot.count)]
        for share, target in ((0.5, None), (0.95, None), (0.99, 0.8), (1.0, None)):
            name = f"(d) call to acceptance at {_RATE}/s, p{share * 100:.0f}"
            self.figures.append(Figure(name, "s", [percentile(late, share)], target, at_most=True))
        self.figures.append(
            Figure("    p99 of the webhooks' answers", "ms", [percentile(sent.milliseconds, 0.99)])
        )

    def _memory(self, portal: Portal) -> None:
        print(f"    PSS in MB by process: {portal.memory_by_process()}", flush=True)
        self.figures.append(
            Figure("(f) PSS of web, worker and beat", "MB", [portal.app_memory()], 350, at_most=True)
        )

    def _invoices(self, portal: Portal) -> None:
        self.figures.extend(invoices.figures(5_000 if self.quick else 50_000))

    def _ratio(self) -> None:
        medians = {figure.name[:3]: figure.median for figure in self.figures if figure.name[0] == "("}
        if "(c)" in medians and "(g)" in medians:
            self.figures.append(
                Figure("(c) against the naive way", "times", [medians["(c)"] / medians["(g)"]])
            )


def _until(check: Callable[[], bool], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise RuntimeError("the pipeline did not finish in time")
        time.sleep(0.05)
