"""Everything one running sandbox holds."""

import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from shopmsg.sandbox.auth import Verifier
from shopmsg.sandbox.card_webhooks import CardSettings, Webhooks
from shopmsg.sandbox.carrier import Carrier
from shopmsg.sandbox.faults import Faults
from shopmsg.sandbox.reports import Reporter, ReportSettings
from shopmsg.sandbox.storage import Store


@dataclass(frozen=True, slots=True)
class Options:
    """The command line. ``senders`` empty = every sender number is registered; an empty key lets nobody in."""

    port: int
    data: Path
    api_key: str
    api_secret: str
    report_url: str | None
    report_secret: str
    senders: frozenset[str]
    registry_key: str = ""
    ringback_key: str = ""
    card_client_key: str = ""
    card_secret_key: str = ""
    card_webhook_url: str | None = None


@dataclass(frozen=True, slots=True)
class RingbackSettings:
    """Seconds until an order of a ringback notice takes effect, and the numbers whose orders fail instead."""

    delay: float = 2.0
    fail: frozenset[str] = frozenset()


class Gateway:
    def __init__(self, options: Options) -> None:
        self.stop = threading.Event()
        self.base_url = ""
        self.initial_senders = self.senders = options.senders
        self.store = Store(options.data)
        self.registry_key, self.ringback_key = options.registry_key, options.ringback_key
        self.card_client_key, self.card_secret_key = options.card_client_key, options.card_secret_key
        self.ringback = RingbackSettings()
        self.verifier = Verifier(options.api_key, options.api_secret)
        self.faults = Faults()
        self.initial_reports = ReportSettings(url=options.report_url, secret=options.report_secret)
        self.reporter = Reporter(self.store, self.stop, self.initial_reports)
        self.carrier = Carrier(self.store, self.stop, self.reporter)
        self.initial_cards = CardSettings(webhook_url=options.card_webhook_url)
        self.card_webhooks = Webhooks(self.store, self.stop, self.initial_cards)
        self.card_lock = threading.Lock()
        self.card_running: set[tuple[str, str, str]] = set()
        """Idempotency keys, methods and addresses of requests that are being answered; guarded by ``card_lock``."""
        self._requests: Counter[str] = Counter()
        self._counting = threading.Lock()

    def start(self) -> None:
        self.carrier.start()
        self.reporter.start()
        self.card_webhooks.start()

    def close(self) -> None:
        """Stop the threads and the file; a POST under way is abandoned with the process."""
        self.stop.set()
        self.carrier.wake.set()
        self.reporter.wake.set()
        self.card_webhooks.wake.set()
        for thread, seconds in ((self.carrier, 1.0), (self.reporter, 0.2), (self.card_webhooks, 0.2)):
            if thread.is_alive():
                thread.join(seconds)
        self.store.close()

    def count_request(self, label: str) -> None:
        with self._counting:
            self._requests[label] += 1

    def requests(self) -> dict[str, int]:
        with self._counting:
            return dict(self._requests)

    def reset(self) -> None:
        """Messages, files, faults, told numbers, senders, counts and report settings as at the start."""
        self.store.clear()
        self.faults.clear()
        self.senders = self.initial_senders
        self.ringback = RingbackSettings()
        self.reporter.settings = self.initial_reports
        self.card_webhooks.settings = self.initial_cards
        self.card_webhooks.sent = self.card_webhooks.failed = self.card_webhooks.given_up = 0
        self.reporter.sent = self.reporter.posts = self.reporter.failed_posts = self.reporter.given_up = 0
        with self._counting:
            self._requests.clear()
