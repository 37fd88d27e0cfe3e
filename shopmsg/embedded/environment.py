"""The environment of the portal's processes: what the person set wins, the rest is made for this machine."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shopmsg.embedded.errors import RunnerError

HOST = "127.0.0.1"
DEFAULT_PORT = 8000


@dataclass(frozen=True)
class Addresses:
    """Where this copy answers: the portal and the stand-in for the outside world."""

    port: int
    sandbox_port: int

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://{HOST}:{self.sandbox_port}"


def choose_addresses(environ: Mapping[str, str]) -> Addresses:
    """PORT (8000 when unset) must be free; the sandbox takes the next one, or any free one."""
    text = environ.get("PORT", "") or str(DEFAULT_PORT)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise RunnerError(f"PORT는 1부터 65535까지의 숫자여야 해요(지금은 {text!r}). 예: PORT=8001 make run")
    port = int(text)
    if not is_free(port):
        other = port + 1 if port < 65535 else DEFAULT_PORT
        raise RunnerError(
            f"{port}번 포트를 다른 프로그램이 쓰고 있어요. 그 프로그램을 끄거나 `PORT={other} make run`으로 실행해 주세요."
        )
    return Addresses(port, port + 1 if port < 65535 and is_free(port + 1) else free_port())


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Without this, a port whose last connections are still winding down would count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def compose(
    environ: Mapping[str, str],
    *,
    data: Path,
    secrets: Mapping[str, str],
    servers: Mapping[str, str],
    addresses: Addresses,
) -> dict[str, str]:
    """Everything `shopmsg.settings.dev` reads, over the person's own environment.

    A person who sets SOLAPI_API_KEY means the real service: its address is then the settings' own default, and the
    sandbox goes on as the phone page only. The same holds for NTS_SERVICE_KEY and the business registry, and for
    CARD_SECRET_KEY and card payments.
    """
    own_gateway = bool(environ.get("SOLAPI_API_KEY"))
    if own_gateway and not environ.get("SOLAPI_API_SECRET"):
        raise RunnerError("SOLAPI_API_KEY만 있고 SOLAPI_API_SECRET이 없어요. 둘을 함께 넣어 주세요.")
    own_cards = bool(environ.get("CARD_SECRET_KEY"))
    if own_cards != bool(environ.get("CARD_CLIENT_KEY")):
        raise RunnerError("CARD_SECRET_KEY와 CARD_CLIENT_KEY는 한 쌍이에요. 둘을 함께 넣어 주세요.")
    made: dict[str, str] = {
        "DJANGO_SETTINGS_MODULE": "shopmsg.settings.dev",
        "DATA_DIR": str(data),
        "MALLOC_ARENA_MAX": "2",  # glibc keeps an arena per thread otherwise: tens of MB for sixteen of them
        "BASE_URL": addresses.base_url,
        "SYSTEM_SENDER": "18773592",
        "OPTOUT_080": "08012345678",
        "DEMO_SANDBOX_URL": addresses.sandbox_url,
        "DEMO_SANDBOX_API_KEY": secrets["SOLAPI_API_KEY"],
        "DEMO_SANDBOX_API_SECRET": secrets["SOLAPI_API_SECRET"],
        **secrets,
        **servers,
    }
    if not own_gateway:
        made["SOLAPI_BASE_URL"] = addresses.sandbox_url
    if not own_cards:
        made["CARD_BASE_URL"] = addresses.sandbox_url
        made["CARD_SDK_URL"] = f"{addresses.sandbox_url}/toss/v2/standard"
    if not environ.get("NTS_SERVICE_KEY"):
        made["NTS_BASE_URL"] = addresses.sandbox_url
    if environ.get("PROVISIONING_DRIVER", "http") in ("", "http") and not environ.get(
        "PROVISIONING_BASE_URL"
    ):
        made["PROVISIONING_DRIVER"] = "http"
        made["PROVISIONING_BASE_URL"] = addresses.sandbox_url
    set_by_person = {name: value for name, value in environ.items() if value or name not in made}
    return {**made, **set_by_person, "PYTHONUNBUFFERED": "1"}
