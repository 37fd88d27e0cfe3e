"""Where picture files lie: Django's storage setting, by default files named by their content."""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any, Final

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage

#: Every picture is `pictures/<sha256 of its JPEG>.jpg`, in whatever storage: its address is part of web pages.
FOLDER: Final = "pictures"


def name_of(sha256: str) -> str:
    """The storage's name of the picture with this content (hex)."""
    return f"{FOLDER}/{sha256}.jpg"


def keep(jpeg: bytes, sha256: str) -> str:
    """The storage's name of a picture that is there from now on. `sha256` is of `jpeg`, in hex. Raises OSError."""
    name = name_of(sha256)
    # Asked first, because other storages than ours give a second file of the same name another one.
    return name if default_storage.exists(name) else default_storage.save(name, ContentFile(jpeg))


def read(sha256: str) -> bytes:
    """The JPEG with this content. Raises FileNotFoundError, or the storage's own OSError."""
    with default_storage.open(name_of(sha256)) as file:
        content: bytes = file.read()
        return content


class ContentStorage(FileSystemStorage):
    """Files named by their content: `save` puts a file into the folder asked for, under the sha256 of what it holds
    and the ending asked for, and returns that name. A content is written once, and is there whole or not at all, also
    when two requests bring it at the same moment."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """A name is free even when there is a file: it holds the same."""
        return name

    def _save(self, name: str, content: "File[Any]") -> str:
        data = b"".join(chunk if isinstance(chunk, bytes) else chunk.encode() for chunk in content.chunks())
        asked = Path(name)
        named = (asked.parent / (hashlib.sha256(data).hexdigest() + asked.suffix.lower())).as_posix()
        path = Path(self.path(named))
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._write(path, data)
        return named

    def _write(self, path: Path, data: bytes) -> None:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                # What is there is never written again: a power cut must not leave an empty file behind.
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(self.file_permissions_mode or 0o640)
            Path(temporary).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
