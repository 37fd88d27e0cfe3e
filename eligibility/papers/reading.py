"""What an uploaded file is: judged by its content, never by its name or by what a browser calls it."""

import threading
from dataclasses import dataclass
from typing import Final

from eligibility.papers import pdf, photo
from eligibility.papers.errors import MOST_BYTES, DocumentRefused

PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"
#: The ending of a stored file's name.
ENDINGS: Final = {PDF: "pdf", JPEG: "jpg"}

# One file at a time in a process, so that many uploads at once need the memory of one.
_WAIT_SECONDS: Final = 20.0
_reader: Final = threading.Lock()

_HEIC_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


@dataclass(frozen=True, slots=True)
class Paper:
    """What is kept of an upload: a PDF as it came, a picture written anew as a JPEG. `text` is what a PDF says."""

    content_type: str
    content: bytes
    pages: int
    text: str


def read(raw: bytes) -> Paper:
    """The paper in an upload. Raises DocumentRefused with a code of a file. A second of work; not in a transaction."""
    if not raw:
        raise DocumentRefused("empty", "빈 파일입니다. 파일을 열어 본 뒤 다시 올려 주세요.")
    if len(raw) > MOST_BYTES:
        raise DocumentRefused(
            "too_large", f"파일이 너무 큽니다. {MOST_BYTES // 1_000_000}MB보다 작은 파일을 올려 주세요."
        )
    is_pdf = raw[:1024].lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"%PDF-")
    if not is_pdf and not raw.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        raise _wrong_kind(raw)
    if not _reader.acquire(timeout=_WAIT_SECONDS):
        raise DocumentRefused("busy", "지금 올라오는 서류가 많습니다. 1분 뒤에 다시 올려 주세요.")
    try:
        if is_pdf:
            found = pdf.look_into(raw)
            return Paper(PDF, raw, found.pages, found.text)
        return Paper(JPEG, photo.redeveloped(raw), 1, "")
    finally:
        _reader.release()


def _wrong_kind(raw: bytes) -> DocumentRefused:
    """What the file is instead, as far as its first bytes tell."""
    if raw[4:8] == b"ftyp" and raw[8:12] in _HEIC_BRANDS:
        what = "아이폰에서만 열리는 사진(HEIC)입니다. 화면을 캡처하거나 JPG로 바꿔 올려 주세요."
    elif raw.startswith((b"\xd0\xcf\x11\xe0", b"PK\x03\x04")):
        what = "한글·오피스 문서나 압축 파일입니다. 인쇄 화면에서 ‘PDF로 저장’해 올려 주세요."
    else:
        what = "PDF, JPG, PNG 파일만 올릴 수 있습니다. 다른 형식이면 PDF로 저장해 올려 주세요."
    return DocumentRefused("wrong_kind", what)
