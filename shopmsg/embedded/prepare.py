"""Bring the stored state up to the code: migrations, static files, demo data. One process, because each start of
Django costs a second."""

import hashlib
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands


def main() -> None:
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    _collect_static()
    if "load_demo" in get_commands():
        call_command("load_demo")


def _collect_static() -> None:
    """Hashing and compressing takes ten seconds: only when a source, or a name of one, has changed."""
    mark = Path(settings.STATIC_ROOT) / ".sources"
    seen = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            info = Path(storage.path(name)).stat()
            seen.update(f"{name}\0{info.st_size}\0{info.st_mtime_ns}\n".encode())
    if not mark.exists() or mark.read_text() != seen.hexdigest():
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        mark.write_text(seen.hexdigest())


if __name__ == "__main__":
    main()
