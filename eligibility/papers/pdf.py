"""A PDF judged and read in a process of its own: what hangs or swells there is stopped, and nothing of ours is in it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from eligibility.papers.errors import MOST_PAGES, DocumentRefused, damaged

_CHILD: Final = Path(__file__).with_name("pdf_child.py")
_SECONDS: Final = 15
_SENTENCES: Final = {
    "encrypted": "암호나 보안이 걸린 PDF입니다. 인쇄 화면에서 ‘PDF로 저장’한 파일을 올려 주세요.",
    "active": "실행되는 내용이나 다른 파일이 들어 있는 PDF입니다. 인쇄 화면에서 ‘PDF로 저장’한 파일을 올려 주세요.",
}


@dataclass(frozen=True, slots=True)
class Pdf:
    """A sound PDF. `text` is what it says, as far as it could be read; "" for a scan."""

    pages: int
    text: str


def look_into(raw: bytes) -> Pdf:
    """Pages and text of a PDF. Raises DocumentRefused: "damaged", "encrypted", "too_many_pages", "active".

    Takes some tenths of a second; at most 8 s of a core, 600 MB and 15 s. What cannot be opened within them is damaged.
    """
    lines = _child_said(raw)
    verdict = lines[0] if lines else {"refused": "damaged"}
    code = verdict.get("refused")
    if code == "too_many_pages":
        raise DocumentRefused(
            code,
            f"{verdict['pages_found']:,}쪽짜리 PDF입니다. 필요한 쪽만 골라 {MOST_PAGES}쪽 안으로 올려 주세요.",
        )
    if code in _SENTENCES:
        raise DocumentRefused(code, _SENTENCES[code])
    if code:
        raise damaged()
    return Pdf(verdict["pages"], lines[1]["text"] if len(lines) > 1 else "")


def _child_said(raw: bytes) -> list[dict[str, Any]]:
    command = [sys.executable, "-I", str(_CHILD), str(MOST_PAGES)]
    try:
        # An environment of its own: the portal's holds its keys.
        done = subprocess.run(
            command,
            input=raw,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LANG": "C.UTF-8"},
            timeout=_SECONDS,
            check=False,
        )
        output = done.stdout
    except subprocess.TimeoutExpired as late:
        output = late.stdout or b""
    # A line that was cut short has no end.
    return [json.loads(line) for line in output.splitlines(keepends=True) if line.endswith(b"\n")]
