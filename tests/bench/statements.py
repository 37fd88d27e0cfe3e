"""How many SQL statements a batch costs, BEGIN and COMMIT included, whatever its size."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging import call_items, decide, dispatch, gateway_account, intake, reports
from messaging.enums import Outcome
from messaging.gateways.base import Report
from messaging.models import Message


def of_one_batch(lines: list[str], size: int, first_caller: int) -> Counter[str]:
    """{step: statements} of `size` calls on their whole way: stored, decided, dispatched and settled, reports stored
    and folded. Nothing else may be at work on the database."""
    counted: Counter[str] = Counter()

    def step(name: str, run: Callable[[], object], done: int) -> None:
        with CaptureQueriesContext(connection) as captured:
            outcome = run()
        if outcome != done:
            raise RuntimeError(f"{name}: {outcome} of {done}")
        counted[name] = len(captured)

    gateway, account = gateway_account.gateway(), gateway_account.account_name()
    calls = [_call(lines[n % len(lines)], first_caller + n) for n in range(size)]
    began = timezone.now()
    step("intake", lambda: intake.committer.store("bench", calls), size)
    step("decide", lambda: decide.decide_batch(timezone.now()), size)
    time.sleep(0.2)  # the client-side rate limit
    step("dispatch and settle", lambda: dispatch.dispatch_batch(gateway, account, timezone.now()).dealt, size)
    news = [
        Report(f"{message.pk}-{message.token}", message.gateway_id, Outcome.DELIVERED, "4000", timezone.now())
        for message in Message.objects.filter(created_at__gte=began)
    ]
    step("store reports", lambda: reports.store(news, account, timezone.now()), size)
    step("fold reports", lambda: reports.fold_batch(timezone.now()), size)
    return counted


def _call(line: str, caller: int) -> call_items.ParsedCall:
    now = timezone.now()
    name = f"statement-{caller}"
    return call_items.ParsedCall(
        call_id=name,
        line=line,
        caller=f"010{caller:08d}",
        carrier="SKT",
        answered=True,
        started_at=now - timedelta(seconds=60),
        ended_at=now,
        notice_played=True,
        digest=name.encode()[-16:],
    )
