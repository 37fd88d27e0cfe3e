"""What every installation shares. Everything that differs comes from the environment (docs/settings.md)."""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF

from shopmsg.settings.logging import logging_config

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()  # type: ignore[no-untyped-call]

SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
BASE_URL = env.str("BASE_URL").rstrip("/")
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data")))

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "shopmsg.accounts.apps.RecordsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "bootstrap",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "csp",
    "shopmsg",
    "shopmsg.accounts",
    "shopmsg.home",
    "billing",
    "messaging",
    "eligibility",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shopmsg.home.middleware.RequestLogMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "shopmsg.accounts.old_addresses.OldAddressMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "shopmsg.urls"
WSGI_APPLICATION = "shopmsg.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shopmsg.home.context.site",
            ],
            "builtins": ["shopmsg.home.templatetags.korean"],
        },
    }
]

# Reconnecting costs more than most queries; a dead connection is noticed before it is used.
# The statement timeout keeps one bad query from holding a worker or a request for ever.
DATABASES = {"default": env.db_url("DATABASE_URL")}
DATABASES["default"].update(
    {
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 3,
            "options": "-c timezone=UTC -c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000",
            **DATABASES["default"].get("OPTIONS", {}),
        },
    }
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL")
# Celery spells a Unix socket differently from redis-py, so its address may be given apart.
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # a lost wake-up is only a delay: PostgreSQL holds the work
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "health_check_interval": 10,
    "visibility_timeout": 3600,
}
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_REDIS_SOCKET_TIMEOUT = 5.0
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT = 2.0
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TASK_DEFAULT_QUEUE = "pipeline"
CELERY_TIMEZONE = "Asia/Seoul"
CELERY_DB_REUSE_MAX = 10_000

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# How many proxies of ours stand in front and add to X-Forwarded-For: whose entries in it are believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home:start"
LOGOUT_REDIRECT_URL = "home:landing"

LANGUAGE_CODE = "ko"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Seoul"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# Another place for pictures is another backend here (docs/operations.md, "Pictures").
STORAGES = {
    "default": {"BACKEND": "messaging.picture_storage.ContentStorage"},
    "staticfiles": {"BACKEND": "shopmsg.static_storage.HashedStaticStorage"},
    # Signup documents: no address of ours leads into this folder, and each download is a view's decision.
    "documents": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "documents", "base_url": None, "file_permissions_mode": 0o600},
    },
}
# Compressing needs no more than the two formats every browser speaks; pictures are compressed already.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["jpg", "jpeg", "png", "webp", "gz", "br", "woff2", "map"]

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 11 * 1024 * 1024
# Larger bodies wait on the disk: a phone's photograph may have 40 MB, and many may come at once.
FILE_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "messaging.upload_cap.CappedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o640

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        # blob: is a photograph that its owner has just chosen, shown before it is uploaded.
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Sealing and index keys are different keys with key ids, newest first: "2:base64,1:base64" (design.md §7).
SEAL_KEYS: list[str] = env.list("SEAL_KEYS")
INDEX_KEYS: list[str] = env.list("INDEX_KEYS")

# Configured senders of POST /hooks/calls and /hooks/optouts: {"kt": ["whsec_new", "whsec_old"]}.
HOOK_SOURCES: dict[str, list[str]] = env.json("HOOK_SOURCES")

# The legal window for advertising (rules.md §4 check 9); checks.py refuses more than 08:00–21:00 in production.
AD_HOURS = (8 * 60, 21 * 60)
HELP_PHONE = "1877-3592"
# What informational texts (login codes, result notices) are sent from, and the default free opt-out number.
SYSTEM_SENDER = env.str("SYSTEM_SENDER")
OPTOUT_080 = env.str("OPTOUT_080")

GATEWAY: dict[str, Any] = {
    "driver": "solapi",
    "account": env.str("GATEWAY_ACCOUNT", default="solapi"),
    "base_url": env.str("SOLAPI_BASE_URL", default="https://api.solapi.com"),
    "api_key": env.str("SOLAPI_API_KEY"),
    "api_secret": env.str("SOLAPI_API_SECRET"),
    "report_secret": env.str("SOLAPI_REPORT_SECRET"),
    "requests_per_second": env.int("GATEWAY_REQUESTS_PER_SECOND", default=10),
}

# 사업자 상태조회 of the National Tax Service. Without a key nothing is asked, and a person looks (rules.md §1).
NTS: dict[str, str] = {
    "base_url": env.str("NTS_BASE_URL", default="https://api.odcloud.kr"),
    "key": env.str("NTS_SERVICE_KEY", default=""),
}
# How a ringback notice is ordered at the carrier: "manual" (a member of staff does it) or "http" (docs/provisioning.md).
PROVISIONING: dict[str, str] = {
    "driver": env.str("PROVISIONING_DRIVER", default="manual"),
    "base_url": env.str("PROVISIONING_BASE_URL", default=""),
    "key": env.str("PROVISIONING_KEY", default=""),
}

# Card payments (Toss Payments): the browser gets the client key and loads the script, the secret key stays here. Without a
# secret key no card is charged.
CARDS: dict[str, str] = {
    "base_url": env.str("CARD_BASE_URL", default="https://api.tosspayments.com"),
    "sdk_url": env.str("CARD_SDK_URL", default="https://js.tosspayments.com/v2/standard"),
    "client_key": env.str("CARD_CLIENT_KEY", default=""),
    "secret_key": env.str("CARD_SECRET_KEY", default=""),
}

# 공급자: who is named as the seller on bills and tax invoices. The bank account is "은행 계좌번호 예금주".
SUPPLIER: dict[str, str] = {
    "name": env.str("SUPPLIER_NAME", default=""),
    "number": env.str("SUPPLIER_NUMBER", default=""),
    "representative": env.str("SUPPLIER_REPRESENTATIVE", default=""),
    "address": env.str("SUPPLIER_ADDRESS", default=""),
    "business_type": env.str("SUPPLIER_BUSINESS_TYPE", default=""),
    "business_item": env.str("SUPPLIER_BUSINESS_ITEM", default=""),
    "email": env.str("SUPPLIER_EMAIL", default=""),
    "bank_account": env.str("SUPPLIER_BANK_ACCOUNT", default=""),
}

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING_CONFIG = None
logging_config(LOG_LEVEL)

SENTRY_DSN = env.str("SENTRY_DSN", default="")

UNFOLD = {"SITE_TITLE": "shopmsg 기록", "SITE_HEADER": "shopmsg 기록", "SHOW_HISTORY": False}
