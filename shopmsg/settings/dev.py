"""One machine, with the demo and the sandbox gateway: what `make run` starts."""

from shopmsg.settings.base import *  # noqa: F403
from shopmsg.settings.base import DATA_DIR, GATEWAY, INSTALLED_APPS, SUPPLIER, env
from shopmsg.settings.examples import EXAMPLE_SUPPLIER

INSTALLED_APPS = [*INSTALLED_APPS, "shopmsg.demo"]
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

DEMO_SANDBOX_URL = env.str("DEMO_SANDBOX_URL")
# 체험하기 works at midnight too, and the page says so; checks.py refuses this in production. Who puts real gateway keys
# into the environment writes to real people, and keeps to the law's hours here as well.
if GATEWAY["base_url"] == DEMO_SANDBOX_URL:
    AD_HOURS = (0, 24 * 60)
DEMO_JSON = DATA_DIR / "demo.json"
SESSION_COOKIE_NAME = "shopmsg-session"
CSRF_COOKIE_NAME = "shopmsg-csrf"
# Bills name a made-up seller until the environment names one.
SUPPLIER = {**EXAMPLE_SUPPLIER, **{name: value for name, value in SUPPLIER.items() if value}}
