"""The Korean font of printed bills: one weight each, holding no more than the characters of one bill."""

import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

#: Styles as fpdf names them, and the weight each is drawn in.
WEIGHTS: Final[Mapping[str, int]] = {"": 400, "B": 700}

_FONT: Final = str(files("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanskr" / "NotoSansKR[wght].ttf")
#: Tables for setting text in ways a bill does not.
_NOT_NEEDED: Final = ["BASE", "GDEF", "GPOS", "GSUB", "HVAR", "STAT", "VORG", "vhea", "vmtx"]


def writable(text: str) -> str:
    """The text in composed syllables, without what the font cannot draw (emoji in a shop's name): no empty boxes."""
    known = _known()
    return "".join(char for char in unicodedata.normalize("NFC", text) if ord(char) in known)


@contextmanager
def fonts_for(characters: str) -> Iterator[Mapping[str, Path]]:
    """A font file for each style of WEIGHTS that has these characters; the files are gone afterwards. The same characters
    give the same bytes. Takes a third of a second: the whole font has 10 MB, of which it reads what it needs."""
    # Heavy: only who prints a bill needs it.
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    with TemporaryDirectory(prefix="bill-font-") as folder:
        small = Path(folder) / "variable.ttf"
        with TTFont(_FONT, lazy=True, recalcTimestamp=False) as whole:
            options = Options(layout_features=[], hinting=False, notdef_outline=True)
            options.drop_tables += _NOT_NEEDED
            subsetter = Subsetter(options)
            subsetter.populate(text=characters)
            subsetter.subset(whole)
            whole.save(small)
        found = {}
        for style, weight in WEIGHTS.items():
            with TTFont(small, recalcTimestamp=False) as variable:
                one = instantiateVariableFont(variable, {"wght": weight})
                found[style] = Path(folder) / f"{weight}.ttf"
                one.save(found[style])
        yield found


@cache
def _known() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(_FONT, lazy=True) as font:
        return frozenset(font.getBestCmap())
