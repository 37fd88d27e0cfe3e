"""The whole portal as `make run` starts it."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import ViewportSize

from shopmsg.embedded.environment import free_port
from shopmsg.embedded.paths import PROJECT

CHROMIUM = "/usr/bin/chromium"
#: Only the last --disable-features counts, so what Playwright switches off for its own sake is named again. Ours are
#: the pop-ups of an address bar nobody sees and a process kept in reserve: each profile would pay for both, which is
#: half of all that the browser tests cost.
_FEATURES_OFF = (
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay", "MediaRouter",
    "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch",
    "ThirdPartyStoragePartitioning", "SpareRendererForSitePerProcess", "WebUIOmniboxAimPopup", "WebUIOmniboxPopup",
)  # fmt: skip
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", f"--disable-features={','.join(_FEATURES_OFF)}",
]  # fmt: skip
#: Collected static files, from one run of the suite to the next.
_STATIC = PROJECT / ".pytest_cache" / "portal-static"
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1280, height=900)
# What the suite's own services put into the environment must not reach a portal that brings its own.
OURS = (
    "ALLOWED_HOSTS", "BASE_URL", "CARD_BASE_URL", "CARD_CLIENT_KEY", "CARD_SDK_URL", "CARD_SECRET_KEY", "CELERY_BROKER_URL",
    "DATABASE_URL", "DATA_DIR", "DEMO_SANDBOX_URL",
    "DJANGO_SETTINGS_MODULE", "HOOK_SOURCES", "INDEX_KEYS", "NTS_BASE_URL", "NTS_SERVICE_KEY", "OPTOUT_080",
    "PROVISIONING_BASE_URL", "PROVISIONING_DRIVER", "PROVISIONING_KEY", "REDIS_URL", "SEAL_KEYS", "SECRET_KEY",
    "SOLAPI_API_KEY", "SOLAPI_API_SECRET", "SOLAPI_BASE_URL", "SOLAPI_REPORT_SECRET", "SYSTEM_SENDER",
)  # fmt: skip


@dataclass
class Portal:
    """A running portal: its address, its demo.json and its output."""

    url: str
    data: Path
    process: "subprocess.Popen[bytes]"

    @property
    def demo(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "demo.json").read_text())
        return found

    @property
    def output(self) -> str:
        return (self.data / "output").read_text("utf-8", "replace")

    @property
    def log(self) -> str:
        return (self.data / "log" / "shopmsg.log").read_text("utf-8", "replace")


def start_portal(data: Path) -> Portal:
    """`make run` after its installation step, on a free port; returns once it says it is ready."""
    port = free_port()
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    env.update(PORT=str(port), DATA_DIR=str(data))
    data.mkdir(parents=True, exist_ok=True)
    _bring_static(data)
    with (data / "output").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "shopmsg.embedded", "run"],
            cwd=PROJECT, env=env, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    portal = Portal(f"http://127.0.0.1:{port}", data, process)
    if not eventually(lambda: "준비됐어요" in portal.output or process.poll() is not None, 150):
        raise RuntimeError(f"the portal did not get ready:\n{portal.output}")
    if process.poll() is not None:
        raise RuntimeError(f"the portal ended:\n{portal.output}")
    _keep_static(data)
    return portal


def _bring_static(data: Path) -> None:
    """What the last portal collected: compressing it takes ten seconds. The portal itself sees whether it still holds."""
    if _STATIC.exists() and not (data / "static").exists():
        shutil.copytree(_STATIC, data / "static")


def _keep_static(data: Path) -> None:
    """For the next portal, unless it is there already. Moved into place whole: several processes may do so at once."""
    mark = (data / "static" / ".sources").read_text()
    if _STATIC.exists() and (_STATIC / ".sources").read_text() == mark:
        return
    _STATIC.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_STATIC.parent) as folder:
        fresh = shutil.copytree(data / "static", Path(folder) / "fresh")
        with contextlib.suppress(OSError):  # another process was quicker
            if _STATIC.exists():
                _STATIC.rename(Path(folder) / "stale")
            fresh.rename(_STATIC)


#: For `run_inside`: shops a test gave one of the demo's people are theirs no more, since other tests know each with one shop.
LEFT = """
from shopmsg.accounts.models import Membership
Membership.objects.filter(shop__slug__in={slugs}).delete()
"""


def run_inside(portal: Portal, code: str) -> str:
    """Python in the running portal's environment; returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "shopmsg.embedded", "exec", "--", sys.executable, "manage.py", "shell", "-c", code],
        cwd=PROJECT,
        # This process's environment without what points at the suite's own servers.
        env={name: value for name, value in os.environ.items() if name not in OURS} | {"DATA_DIR": str(portal.data)},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def stop_portal(portal: Portal) -> list[str]:
    """Ctrl-C, and the names of what is still alive of it afterwards."""
    family = [portal.process.pid, *(child.pid for child in psutil.Process(portal.process.pid).children(True))]
    portal.process.send_signal(signal.SIGINT)
    portal.process.wait(40)
    time.sleep(0.5)
    return [psutil.Process(pid).name() for pid in family if psutil.pid_exists(pid) and not _gone(pid)]


def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def eventually(check: Callable[[], Any], seconds: float = 20.0) -> Any:
    """The first truthy answer of `check`, or its last answer when time is over."""
    deadline = time.monotonic() + seconds
    while not (found := check()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found
