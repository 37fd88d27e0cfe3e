"""The demo as `make run` has it: loaded shops, and a telephone network of its own."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from shopmsg.demo import network
from tests.services import PBX


@pytest.fixture
def demo(settings: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Six shops and their people; returns where demo.json was written. Sending hours are open around the clock."""
    request.getfixturevalue("transactional_db" if "live_server" in request.fixturenames else "db")
    settings.DEMO_JSON = tmp_path / "demo.json"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.HOOK_SOURCES = {network.SOURCE: [PBX]}
    settings.AD_HOURS = (0, 24 * 60)
    call_command("load_demo", stdout=io.StringIO())
    return tmp_path / "demo.json"
