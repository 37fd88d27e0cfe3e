"""python -m tests.bench [--quick] [--json FILE], inside `python -m shopmsg.embedded exec --temporary --migrate --`.

Everything runs on one machine, the load included. Intake is measured alone (nobody works on what is stored), the
rest with every process of `make run`.
"""

import argparse
import logging
import os
import sys
import time
from pathlib import Path

import django
import psutil

from tests.bench.figures import table, write


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--quick", action="store_true", help="about a minute, one run of each")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="where the figures are written")
    parser.add_argument("--only", default="", help="letters of the sections to run, e.g. ab")
    arguments = parser.parse_args()
    if not os.environ.get("DATABASE_URL"):
        print("run it with `make bench`, which starts PostgreSQL and Redis", file=sys.stderr)
        return 2
    django.setup()
    logging.disable(logging.INFO)
    from tests.bench.sections import Bench

    print(f"load on this machine before the bench: {psutil.getloadavg()[0]:.2f}", flush=True)
    began = time.monotonic()
    figures = Bench(quick=arguments.quick, only=arguments.only).run()
    write(figures, arguments.json)
    print(f"\n{table(figures)}\n\n{time.monotonic() - began:.0f} s; written to {arguments.json}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
