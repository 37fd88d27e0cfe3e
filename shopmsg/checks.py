"""System checks that refuse unsafe production settings (`manage.py check --deploy`)."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from shopmsg.core import business_number, phone
from shopmsg.core.crypto import CryptoError, parse_keys

_LEGAL_HOURS: Final = (8 * 60, 21 * 60)  # advertising by text, 50조 (rules.md §4 check 9)
_SECRET_LENGTH: Final = 50
_SECRET_VARIETY: Final = 10
_HOOK_SECRET_BYTES: Final = 24
_SOURCE_LENGTH: Final = 20  # as its column is wide
_REPORT_SECRET_LENGTH: Final = 20
_CARD_KEYS: Final = re.compile(r"(?P<kind>test|live)_[cs]k_[0-9A-Za-z]+")
_PROVISIONING_DRIVERS: Final = ("manual", "http")


@register(Tags.security, deploy=True)
def production_settings(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Everything an installation that texts real people must not be started with."""
    return [
        *_site(),
        *_law(),
        *_hooks(),
        *_keys(),
        *_gateway(),
        *_gateway_secrets(),
        *_signup(),
        *_cards(),
        *_supplier(),
        *_backing(),
    ]


def _error(number: int, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"shopmsg.E{number:03d}")


def _site() -> Iterator[CheckMessage]:
    if apps.is_installed("shopmsg.demo"):
        yield _error(
            1, "The demo app is installed.", "DJANGO_SETTINGS_MODULE을 shopmsg.settings.prod로 두세요."
        )
    if settings.DEBUG:
        yield _error(3, "DEBUG is on.", "DEBUG를 끄세요. 오류 화면이 설정과 데이터를 보여 줍니다.")
    secret = settings.SECRET_KEY
    if len(secret) < _SECRET_LENGTH or len(set(secret)) < _SECRET_VARIETY or "insecure" in secret:
        yield _error(4, "SECRET_KEY is weak.", f"SECRET_KEY에 무작위 {_SECRET_LENGTH}자 이상을 넣으세요.")
    base = urlsplit(settings.BASE_URL)
    if base.scheme != "https" or not base.hostname:
        yield _error(5, "BASE_URL is not an https address.", "BASE_URL을 https://로 시작하는 주소로 두세요.")
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield _error(
            6,
            "ALLOWED_HOSTS is empty or allows every host.",
            "ALLOWED_HOSTS에 이 서비스의 도메인만 쉼표로 이어 넣으세요.",
        )


def _law() -> Iterator[CheckMessage]:
    start, end = settings.AD_HOURS
    if start < _LEGAL_HOURS[0] or end > _LEGAL_HOURS[1]:
        yield _error(
            2, "AD_HOURS reaches beyond 08:00–21:00.", "광고는 법에 따라 08:00–21:00에만 보낼 수 있습니다."
        )
    if not re.fullmatch(r"080[0-9]{7,8}", settings.OPTOUT_080):
        yield _error(14, "OPTOUT_080 is not an 080 number.", "OPTOUT_080에 080으로 시작하는 숫자만 넣으세요.")
    try:
        sender_ok = phone.sender(settings.SYSTEM_SENDER) == settings.SYSTEM_SENDER
    except phone.PhoneError:
        sender_ok = False
    if not sender_ok:
        yield _error(
            13,
            "SYSTEM_SENDER is not a valid sender number.",
            "SYSTEM_SENDER에 등록한 발신번호를 숫자만 넣으세요. 예: 0212341234, 15661234",
        )


def _hooks() -> Iterator[CheckMessage]:
    sources = settings.HOOK_SOURCES
    if (
        not isinstance(sources, dict)
        or not sources
        or not all(isinstance(secrets, list) and secrets for secrets in sources.values())
        or not all(0 < len(name) <= _SOURCE_LENGTH for name in sources)
    ):
        yield _error(
            7,
            "HOOK_SOURCES names no source, a source without a secret, or one with too long a name.",
            f'HOOK_SOURCES를 {{"보내는 곳": ["whsec_…"]}} 꼴로 넣으세요. 이름은 {_SOURCE_LENGTH}자까지입니다.',
        )
    elif not all(_is_hook_secret(secret) for secrets in sources.values() for secret in secrets):
        yield _error(
            8,
            "HOOK_SOURCES holds a secret that is no Standard Webhooks secret.",
            f"whsec_ 뒤에 {_HOOK_SECRET_BYTES}바이트 이상의 base64를 붙이세요.",
        )


def _is_hook_secret(secret: object) -> bool:
    if not isinstance(secret, str) or not secret.startswith("whsec_"):
        return False
    try:
        return len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) >= _HOOK_SECRET_BYTES
    except (binascii.Error, ValueError):
        return False


def _keys() -> Iterator[CheckMessage]:
    found: dict[str, dict[int, bytes]] = {}
    for number, name in ((9, "SEAL_KEYS"), (10, "INDEX_KEYS")):
        try:
            found[name] = parse_keys(getattr(settings, name))
        except CryptoError as error:
            yield _error(number, f"{name} cannot be read.", error.message)
    if len(found) == 2 and set(found["SEAL_KEYS"].values()) & set(found["INDEX_KEYS"].values()):
        yield _error(
            11,
            "SEAL_KEYS and INDEX_KEYS share a key.",
            "봉하는 열쇠와 찾는 열쇠는 서로 다른 무작위 32바이트여야 합니다.",
        )


def _gateway() -> Iterator[CheckMessage]:
    if not _is_public_https(settings.GATEWAY["base_url"]):
        yield _error(
            12,
            "The gateway's address is not a public https address.",
            "SOLAPI_BASE_URL을 지우면 실제 주소를 씁니다. 모의 서버로는 문자가 나가지 않습니다.",
        )


def _gateway_secrets() -> Iterator[CheckMessage]:
    if not (settings.GATEWAY["api_key"] and settings.GATEWAY["api_secret"]):
        yield _error(
            15, "The gateway's key is empty.", "SOLAPI_API_KEY와 SOLAPI_API_SECRET에 받은 값을 넣으세요."
        )
    if len(settings.GATEWAY["report_secret"]) < _REPORT_SECRET_LENGTH:
        yield _error(
            16,
            "SOLAPI_REPORT_SECRET is weak: whoever guesses it can report deliveries and stop shops.",
            f"SOLAPI_REPORT_SECRET에 무작위 {_REPORT_SECRET_LENGTH}자 이상을 넣고 문자 회사에도 같은 값을 등록하세요.",
        )


def _signup() -> Iterator[CheckMessage]:
    """The business registry and the carrier's ringback notices."""
    if not settings.NTS["key"]:
        yield Warning(
            "NTS_SERVICE_KEY is empty: the business registry is not asked.",
            hint="NTS_SERVICE_KEY에 공공데이터포털에서 받은 인증키를 넣으세요. 없으면 모든 신청이 '확인 필요'로 남습니다.",
            id="shopmsg.W004",
        )
    if not _is_public_https(settings.NTS["base_url"]):
        yield _error(
            17,
            "The business registry's address is not a public https address.",
            "NTS_BASE_URL을 지우면 실제 주소를 씁니다. 모의 서버는 아무 번호나 계속사업자라고 답합니다.",
        )
    driver = settings.PROVISIONING["driver"]
    if driver not in _PROVISIONING_DRIVERS:
        yield _error(
            18,
            "PROVISIONING_DRIVER is not known.",
            f"PROVISIONING_DRIVER에 {', '.join(_PROVISIONING_DRIVERS)} 가운데 하나를 넣으세요.",
        )
    elif driver == "http" and not (
        _is_public_https(settings.PROVISIONING["base_url"]) and settings.PROVISIONING["key"]
    ):
        yield _error(
            19,
            "Ringback notices are ordered at no public https address, or without a key.",
            "PROVISIONING_BASE_URL에 https 주소를, PROVISIONING_KEY에 받은 열쇠를 넣거나 PROVISIONING_DRIVER를 manual로 두세요.",
        )


def _cards() -> Iterator[CheckMessage]:
    """Card payments by billing key."""
    secret, client = settings.CARDS["secret_key"], settings.CARDS["client_key"]
    if not (secret and client):
        yield Warning(
            "CARD_SECRET_KEY or CARD_CLIENT_KEY is empty: no card is registered or charged.",
            hint="결제 회사에서 받은 API 개별 연동 키 한 쌍을 넣으세요. 없으면 카드로 받을 요금이 모두 미납으로 남습니다.",
            id="shopmsg.W005",
        )
    elif not _are_a_pair(secret, client):
        yield _error(
            21,
            "CARD_SECRET_KEY and CARD_CLIENT_KEY are no pair of API-individual keys.",
            "live_sk_와 live_ck_로 시작하는 한 쌍을 넣으세요. 위젯 키(gsk, gck)로는 자동결제를 할 수 없습니다.",
        )
    elif secret.startswith("test_"):
        yield Warning(
            "CARD_SECRET_KEY is a test key: cards seem to be charged, and no money moves.",
            hint="live_로 시작하는 키 한 쌍을 넣으세요.",
            id="shopmsg.W006",
        )
    if not (_is_public_https(settings.CARDS["base_url"]) and _is_public_https(settings.CARDS["sdk_url"])):
        yield _error(
            20,
            "The address of card payments or of their script is not a public https address.",
            "CARD_BASE_URL과 CARD_SDK_URL을 지우면 실제 주소를 씁니다. 모의 서버에서는 돈이 오가지 않습니다.",
        )


def _supplier() -> Iterator[CheckMessage]:
    """Who bills and tax invoices say the seller is."""
    missing = [name for name, value in settings.SUPPLIER.items() if not value.strip()]
    if missing:
        names = ", ".join(f"SUPPLIER_{name.upper()}" for name in missing)
        yield _error(22, "The seller on bills is not known.", f"{names}에 청구서에 적을 공급자를 넣으세요.")
        return
    try:
        number_ok = business_number.parse(settings.SUPPLIER["number"]) == settings.SUPPLIER["number"]
    except business_number.BusinessNumberError:
        number_ok = False
    if not number_ok:
        yield _error(
            23,
            "SUPPLIER_NUMBER is no business registration number.",
            "SUPPLIER_NUMBER에 사업자등록번호 숫자 10자리를 넣으세요.",
        )
    if len(settings.SUPPLIER["bank_account"].split()) < 3:
        yield _error(
            24,
            "SUPPLIER_BANK_ACCOUNT is not bank, account number and holder.",
            "SUPPLIER_BANK_ACCOUNT에 은행, 계좌번호, 예금주를 한 칸씩 띄어 넣으세요.",
        )


def _are_a_pair(secret: str, client: str) -> bool:
    """Whether both are of one kind, the secret one secret and the other the browser's. Of one shop is not to be seen."""
    ours, theirs = _CARD_KEYS.fullmatch(secret), _CARD_KEYS.fullmatch(client)
    return (
        bool(ours and theirs and ours["kind"] == theirs["kind"])
        and "_sk_" in secret[:8]
        and "_ck_" in client[:8]
    )


def _is_public_https(address: object) -> bool:
    """Whether an outside service is at a real address, not at a stand-in on this machine or network."""
    parts = urlsplit(str(address))
    return parts.scheme == "https" and bool(parts.hostname) and not _is_near(parts.hostname or "")


def _is_near(host: str) -> bool:
    """Whether a host is this machine or its own network: where a sandbox would stand."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost") or "." not in host


def _backing() -> Iterator[CheckMessage]:
    database = settings.DATABASES["default"]
    if database.get("HOST", "") and not database["HOST"].startswith("/") and not database.get("PASSWORD"):
        yield Warning(
            "DATABASE_URL has no password.",
            hint="네트워크로 닿는 데이터베이스에는 비밀번호를 두세요.",
            id="shopmsg.W001",
        )
    redis = urlsplit(settings.REDIS_URL)
    if redis.hostname and not redis.password:
        yield Warning(
            "REDIS_URL has no password.",
            hint="네트워크로 닿는 Redis에는 비밀번호를 두세요.",
            id="shopmsg.W002",
        )
    if settings.SECURE_PROXY_SSL_HEADER and not settings.TRUSTED_PROXIES:
        yield Warning(
            "A proxy stands in front, but TRUSTED_PROXIES is 0.",
            hint="TRUSTED_PROXIES에 앞에 둔 프록시 수를 넣으세요. 0이면 모든 사람이 한 주소로 보여 로그인 횟수 제한을 나눠 씁니다.",
            id="shopmsg.W003",
        )
