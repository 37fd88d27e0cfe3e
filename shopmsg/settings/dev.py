"""One machine, with the demo and the sandbox gateway: what `make run` starts."""

from shopmsg.settings.base import *  # noqa: F403
from shopmsg.settings.base import DATA_DIR, INSTALLED_APPS, env

INSTALLED_APPS = [*INSTALLED_APPS, "shopmsg.demo"]
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

# 체험하기 works at midnight too; the page says so, and checks.py refuses this in production.
AD_HOURS = (0, 24 * 60)
DEMO_SANDBOX_URL = env.str("DEMO_SANDBOX_URL")
DEMO_JSON = DATA_DIR / "demo.json"
SESSION_COOKIE_NAME = "shopmsg-session"
CSRF_COOKIE_NAME = "shopmsg-csrf"
