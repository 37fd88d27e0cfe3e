"""Uploaded pictures (reference/gateways.md §1.6)."""

import base64
import binascii
import sqlite3
from typing import Any

from shopmsg.sandbox import dates, filters, ids
from shopmsg.sandbox.messages import ACCOUNT_ID
from shopmsg.sandbox.web import ApiError, Request, invalid

_LIMITS = {"MMS": 200_000, "KAKAO": 500_000, "DOCUMENT": 2_000_000}
_OTHER_LIMIT = 2_000_000
_COLUMNS = {"fileId": "id", "type": "type", "name": "name", "dateCreated": "created"}
_SHOWN = "seq, id, type, name, link, width, height, size, created"


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a whole JPEG, or None when it is something else or cut off."""
    if not data.startswith(b"\xff\xd8\xff") or not data.rstrip(b"\x00").endswith(b"\xff\xd9"):
        return None
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = int.from_bytes(data[at + 5 : at + 7]), int.from_bytes(data[at + 7 : at + 9])
            return (width, height) if width and height else None
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return None


def upload(db: sqlite3.Connection, body: dict[str, Any], base_url: str) -> dict[str, Any]:
    """Store one file. Raises ApiError 400 for a wrong type, encoding, format or size."""
    kind, encoded = body.get("type"), body.get("file")
    if not isinstance(kind, str) or not kind.replace("_", "").isalpha() or not kind.isascii():
        raise invalid("type을 넣어 주세요.")
    if not isinstance(encoded, str) or not encoded:
        raise invalid("file에 base64로 바꾼 파일을 넣어 주세요.")
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid("file이 올바른 base64가 아닙니다.") from error
    limit = _LIMITS.get(kind, _OTHER_LIMIT)
    if len(data) > limit:
        raise ApiError(400, "FileSizeExceeded", f"{kind} 파일은 {limit // 1000}KB까지 올릴 수 있습니다.")
    size = jpeg_size(data)
    if kind == "MMS" and size is None:
        raise ApiError(400, "InvalidFileType", "MMS 이미지는 JPEG 파일이어야 합니다.")
    now = dates.now_ms()
    file_id = ids.file(now)
    name, link = (_word(body.get("name")) or f"{file_id}.jpg"), _word(body.get("link"))
    width, height = size or (None, None)
    db.execute(
        "INSERT INTO files (id, type, name, link, width, height, size, data, created)"
        " VALUES (?,?,?,?,?,?,?,?,?)",
        (file_id, kind, name, link, width, height, len(data), data, now),
    )
    return _view(db.execute(f"SELECT {_SHOWN} FROM files WHERE id = ?", (file_id,)).fetchone(), base_url)


def listing(db: sqlite3.Connection, request: Request, base_url: str) -> dict[str, Any]:
    found = filters.read(request, _COLUMNS)
    sql, values = filters.page("files", found)
    rows = db.execute(sql.replace("SELECT *", f"SELECT {_SHOWN}", 1), values).fetchall()
    return {
        "limit": found.limit,
        "startKey": found.start_key,
        "nextKey": rows[found.limit]["id"] if len(rows) > found.limit else None,
        "fileList": {row["id"]: _view(row, base_url) for row in rows[: found.limit]},
    }


def content(db: sqlite3.Connection, file_id: str) -> bytes | None:
    row = db.execute("SELECT data FROM files WHERE id = ?", (file_id,)).fetchone()
    return bytes(row["data"]) if row else None


def _word(value: object) -> str | None:
    return value.encode("utf-8", "replace").decode()[:200] if isinstance(value, str) else None


def _view(row: sqlite3.Row, base_url: str) -> dict[str, Any]:
    return {
        "fileId": row["id"],
        "type": row["type"],
        "originalName": row["name"],
        "name": row["name"],
        "link": row["link"],
        "url": f"{base_url}/sandbox/files/{row['id']}.jpg",
        "accountId": ACCOUNT_ID,
        "kakao": {"daou": None, "biztalk": None},
        "references": [],
        "width": row["width"],
        "height": row["height"],
        "fileSize": row["size"],
        "dateCreated": dates.iso(row["created"]),
        "dateUpdated": dates.iso(row["created"]),
    }
