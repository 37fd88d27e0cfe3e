"""A paper for the demo's certificates: what a photographed 통신서비스 이용증명원 says, drawn."""

import io
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

from PIL import Image, ImageDraw, ImageFont

_FONT: Final = str(files("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanskr" / "NotoSansKR[wght].ttf")
_SIZE: Final = (1_000, 1_400)
_PAPER, _INK = "#f7f5ee", "#222"
_MARGIN, _ROW = 90, 90


def paper(title: str, rows: Sequence[tuple[str, str]]) -> bytes:
    """A page with a title and labelled rows, as JPEG."""
    image = Image.new("RGB", _SIZE, _PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((_SIZE[0] / 2, 180), title, _INK, ImageFont.truetype(_FONT, 64), anchor="mm")
    font = ImageFont.truetype(_FONT, 34)
    for at, (label, value) in enumerate(rows):
        top = 330 + at * _ROW
        draw.line((_MARGIN, top, _SIZE[0] - _MARGIN, top), _INK, 2)
        draw.text((_MARGIN + 20, top + _ROW / 2), label, _INK, font, anchor="lm")
        draw.text((_MARGIN + 300, top + _ROW / 2), value, _INK, font, anchor="lm")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
