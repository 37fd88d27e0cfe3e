"""The test suite: the law's own sending hours, cheap password hashes, everything else as in production."""

from shopmsg.settings.base import *  # noqa: F403
from shopmsg.settings.base import DATA_DIR, INSTALLED_APPS, STORAGES, SUPPLIER, env
from shopmsg.settings.examples import EXAMPLE_SUPPLIER

INSTALLED_APPS = [*INSTALLED_APPS, "shopmsg.demo"]
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
DEMO_SANDBOX_URL = env.str("DEMO_SANDBOX_URL", default="http://127.0.0.1:9")
DEMO_JSON = DATA_DIR / "demo.json"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Nothing is collected for tests: files are served from where they lie.
WHITENOISE_AUTOREFRESH = True
# Bills name a made-up seller until the environment names one.
SUPPLIER = {**EXAMPLE_SUPPLIER, **{name: value for name, value in SUPPLIER.items() if value}}
