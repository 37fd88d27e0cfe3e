"""Reads one PDF from standard input, as a process of its own that a hostile file may exhaust (eligibility.papers.pdf).

Writes one JSON object a line: first {"pages": n} or {"refused": code}, then {"text": str}. Whoever is stopped between the
two has found a sound file whose text is too much work.
"""

import io
import json
import resource
import sys
from typing import Any, Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject, IndirectObject

#: Seconds of one core, and bytes of memory.
CPU_SECONDS: Final = 8
MEMORY: Final = 600 * 1024 * 1024
MOST_TEXT: Final = 100_000
#: A scanned page has some ten objects; a form of a public office some thousands.
_MOST_OBJECTS: Final = 300_000

#: What makes a document do something, or carry another file inside.
_ACTIVE_KEYS: Final = frozenset(
    {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/RichMediaContent", "/RichMediaSettings", "/XFA"}
)
_ACTIVE_ACTIONS: Final = frozenset(
    {
        "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound",
        "/RichMediaExecute",
    }
)  # fmt: skip
_ACTIVE_KINDS: Final = frozenset({"/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Movie", "/Sound"})

#: What pypdf lets through over damaged or hostile files.
_DAMAGED: Final = (
    PyPdfError, OSError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError, AssertionError,
    NotImplementedError, RecursionError, MemoryError,
)  # fmt: skip


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    raw = sys.stdin.buffer.read()
    most_pages = int(sys.argv[1])
    try:
        reader = PdfReader(io.BytesIO(raw))
        said = _looked_at(reader, most_pages)
    except _DAMAGED:
        said = {"refused": "damaged"}
    _say(said)
    if "pages" in said:
        _say({"text": _text(reader)})


def _say(said: dict[str, Any]) -> None:
    print(json.dumps(said), flush=True)


def _looked_at(reader: PdfReader, most_pages: int) -> dict[str, Any]:
    if reader.is_encrypted:
        return {"refused": "encrypted"}
    pages = reader.get_num_pages()
    if not pages:
        return {"refused": "damaged"}
    if pages > most_pages:
        return {"refused": "too_many_pages", "pages_found": pages}
    if _is_active(reader):
        return {"refused": "active"}
    for page in reader.pages:
        page.mediabox  # noqa: B018  # a page tree that only counts right is noticed here
    return {"pages": pages}


def _is_active(reader: PdfReader) -> bool:
    """Whether anything a viewer could reach from the trailer acts by itself. Names are compared as they are decoded:
    "/J#53" is "/JS"."""
    stack: list[Any] = [reader.trailer]
    seen: set[tuple[int, int]] = set()
    for _ in range(_MOST_OBJECTS):
        if not stack:
            return False
        found = stack.pop()
        if isinstance(found, IndirectObject):
            place = (found.idnum, found.generation)
            if place in seen:
                continue
            seen.add(place)
            found = found.get_object()
        if isinstance(found, DictionaryObject):
            if _acts(found):
                return True
            stack.extend(dict.values(found))
        elif isinstance(found, list):
            stack.extend(list.__iter__(found))
    raise ValueError("more objects than any paper has")


def _acts(entries: DictionaryObject) -> bool:
    if not _ACTIVE_KEYS.isdisjoint(entries):
        return True
    if entries.get("/S") in _ACTIVE_ACTIONS:
        return True
    return entries.get("/Type") in _ACTIVE_KINDS or entries.get("/Subtype") in _ACTIVE_KINDS


def _text(reader: PdfReader) -> str:
    parts: list[str] = []
    length = 0
    for page in reader.pages:
        try:
            part = page.extract_text()
        except _DAMAGED:
            continue
        parts.append(part)
        length += len(part)
        if length >= MOST_TEXT:
            break
    return "\n".join(parts)[:MOST_TEXT]


if __name__ == "__main__":
    main()
