"""A backup brought into a new PostgreSQL that then sends: what operations.md promises."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.conf import settings
from django.utils import timezone

from messaging import optouts
from messaging.enums import OptOutSource
from shopmsg.embedded import dump
from shopmsg.embedded.backing import Backing
from shopmsg.embedded.paths import PROJECT, Layout
from tests.pipeline import mobile, received, shop_with_promo
from tests.stack import environment

_CALLS = """
from django.utils import timezone
from datetime import timedelta
from messaging import call_items, decide, dispatch, gateway_account, intake
from shopmsg.accounts.models import Shop
now = timezone.now()
shop = Shop.objects.get()
calls = [
    call_items.ParsedCall(f"after-{caller}", shop.lines.get().number, caller, "KT", True, now - timedelta(seconds=40), now,
                      True, b"0" * 16)
    for caller in __CALLERS__
]
intake.committer.store("kt", calls)
decide.decide_batch(timezone.now())
dispatch.dispatch_batch(gateway_account.gateway(), gateway_account.account_name(), timezone.now())
"""


@pytest.mark.django_db(transaction=True)
def test_a_restored_backup_sends_and_still_knows_who_opted_out(sandbox, tmp_path):
    sandbox.reports(mode="off", delay_seconds=0)
    shop = shop_with_promo()
    now = timezone.now()
    optouts.opt_out([shop.pk], mobile(2), OptOutSource.LINK, now, now)
    env = environment()
    file = tmp_path / "shopmsg.tar"
    dump.backup(env["DATABASE_URL"], Path(settings.DATA_DIR), file)

    with TemporaryDirectory(prefix="shopmsg-restore-") as folder:
        Path(folder).chmod(0o711)
        layout = Layout(Path(folder) / "data")
        layout.prepare()
        backing = Backing(layout, {"REDIS_URL": settings.REDIS_URL}, durable=False)
        with (layout.data / "servers.log").open("ab") as output:
            backing.start(lambda _name: output)
        try:
            url = backing.env["DATABASE_URL"]
            dump.restore(url, layout.data, file)
            code = _CALLS.replace("__CALLERS__", repr([mobile(1), mobile(2)]))
            subprocess.run(
                [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
                cwd=PROJECT,
                env={**os.environ, **env, "DATABASE_URL": url},
                check=True,
                timeout=60,
            )
        finally:
            backing.stop()
    assert len(received(mobile(1))) == 1
    assert sandbox.inbox(mobile(2)) == []
