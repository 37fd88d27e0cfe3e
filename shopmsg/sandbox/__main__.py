"""``python -m shopmsg.sandbox --port 8600 --data sandbox.sqlite3 --api-key K --api-secret S``.

The business registry answers below /api/nts-businessman/, the carrier's ringback notices below /ringback/, card payments
below /v1/billing/ and /v1/payments/, their page in the browser below /toss/.
"""

import argparse
import os
import signal
import sqlite3
import sys
import threading
from pathlib import Path

from shopmsg.sandbox.gateway import Gateway, Options
from shopmsg.sandbox.server import Server


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="python -m shopmsg.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8600, help="0 picks a free one")
    parser.add_argument("--data", type=Path, required=True, help="SQLite file, made when missing")
    parser.add_argument("--api-key", required=True)
    parser.add_argument("--api-secret", required=True)
    parser.add_argument("--report-url", help="where delivery reports are POSTed")
    parser.add_argument("--report-secret", default="")
    parser.add_argument("--registry-key", default="", help="service key of the business registry")
    parser.add_argument("--ringback-key", default="", help="key of the carrier's ringback notices")
    parser.add_argument("--card-client-key", default="", help="key of the card page in the browser")
    parser.add_argument("--card-secret-key", default="", help="key of the card payments")
    parser.add_argument("--card-webhook-url", help="where webhooks of card payments are POSTed")
    parser.add_argument("--sender", nargs="*", default=[], help="registered sender numbers; none = all")
    given = parser.parse_args()
    return Options(
        port=given.port,
        data=given.data,
        api_key=given.api_key,
        api_secret=given.api_secret,
        report_url=given.report_url,
        report_secret=given.report_secret,
        senders=frozenset(number.replace("-", "") for number in given.sender),
        registry_key=given.registry_key,
        ringback_key=given.ringback_key,
        card_client_key=given.card_client_key,
        card_secret_key=given.card_secret_key,
        card_webhook_url=given.card_webhook_url,
    )


def main() -> int:
    options = _options()
    os.umask(0o077)  # the phones hold login codes: nobody else on this machine reads them
    try:
        gateway = Gateway(options)
    except (sqlite3.Error, OSError) as error:
        print(f"sandbox: cannot open {options.data}: {error}", file=sys.stderr)
        return 2
    try:
        server = Server(options.port, gateway)
    except (OSError, OverflowError) as error:
        gateway.close()
        print(f"sandbox: cannot listen on 127.0.0.1:{options.port}: {error}", file=sys.stderr)
        return 2
    gateway.base_url = f"http://127.0.0.1:{server.server_port}"
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: gateway.stop.set())
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    gateway.start()
    print(f"sandbox listening on {gateway.base_url}", flush=True)
    gateway.stop.wait()
    server.shutdown()
    server.server_close()
    gateway.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
