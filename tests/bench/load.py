"""Load from a process of its own: as fast as the answers come, or on a fixed schedule that waits for nobody."""

import itertools
import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from tests.bench.calls import Lot
from tests.bench.wire import Connection


@dataclass
class Sent:
    """What one run of load did. `began` and `ended` are epoch seconds, `milliseconds` each answer's own time."""

    began: float = 0.0
    ended: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.ended - self.began


def send(lot: Lot, size: int, connections: int, rate: float | None = None) -> Sent:
    """Post the lot in requests of `size` calls; `rate` (requests a second) makes it open loop: request n is meant to
    leave at began + n / rate, whether or not earlier ones have been answered."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_send, (lot, size, connections, rate))


def _send(lot: Lot, size: int, connections: int, rate: float | None) -> Sent:
    requests = lot.requests(size)
    port = int(lot.host.rpartition(":")[2])
    opened = [Connection(port) for _ in range(connections)]
    sent = Sent()
    turn = itertools.count()
    lock = threading.Lock()
    began = time.time() + 0.2

    def work(connection: Connection) -> None:
        statuses: Counter[int] = Counter()
        took: list[float] = []
        while (number := next(turn)) < len(requests):
            meant = began if rate is None else began + number / rate
            if (wait := meant - time.time()) > 0:
                time.sleep(wait)
            started = meant if rate is not None else time.time()
            statuses[connection.post(requests[number])] += 1
            took.append((time.time() - started) * 1000)
        with lock:
            sent.statuses += statuses
            sent.milliseconds += took

    _in_threads([partial(work, connection) for connection in opened])
    sent.began, sent.ended = began, time.time()
    for connection in opened:
        connection.close()
    return sent


def _in_threads(jobs: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
