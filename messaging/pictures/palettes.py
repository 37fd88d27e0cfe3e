"""Colours of each group of trades. Text colours keep 7:1 on their grounds (ux.md), which a test computes."""

from dataclasses import dataclass
from typing import Final

from messaging.pictures.trades import TradeGroup as T


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as "#rrggbb": `paper` and `tint` are light grounds, `deep` is the dark one and the ink."""

    paper: str
    tint: str
    main: str
    deep: str
    accent: str

    @property
    def quiet(self) -> str:
        """The group's colour as ink for lesser text: as bright as 7:1 on paper allows."""
        shades = (mix(self.main, self.deep, share / 10) for share in range(5, 10))
        return next((shade for shade in shades if contrast(shade, self.paper) >= 7), self.deep)


def mix(first: str, second: str, share: float) -> str:
    """`first` with `share` (0..1) of `second` in it."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def contrast(first: str, second: str) -> float:
    """WCAG contrast ratio, 1 to 21."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


_TERRACOTTA = Palette("#fbf3ea", "#f5decb", "#c8643c", "#4a2316", "#e9a23b")
_BROTH = Palette("#fbf5e8", "#f4e0b6", "#c9852b", "#47290b", "#b63a2b")
_EMBER = Palette("#fbf1ed", "#f2d5ca", "#b3402e", "#3f1512", "#e8a756")
_SEA = Palette("#eef6f8", "#cce4eb", "#2b7a93", "#0c3342", "#f0906b")
_OLIVE = Palette("#f6f5ec", "#e0e2c6", "#6f7d3b", "#2a3118", "#d2603f")
_WHEAT = Palette("#fdf6ec", "#f6e1c0", "#c98a45", "#4b2e14", "#d9694f")
_MUSTARD = Palette("#fff8e8", "#ffe3a3", "#e08a1e", "#4d2608", "#c9372c")
_PAPRIKA = Palette("#fff5ea", "#ffdcb8", "#dd6b20", "#4f1e0a", "#f2b632")
_SPROUT = Palette("#f5f7ed", "#dde8c4", "#4f8a4b", "#1c3a1f", "#ee9b3a")
_COFFEE = Palette("#f8f3ec", "#e7d8c6", "#8a5a3c", "#35211a", "#4f9d8c")
_GARDEN = Palette("#f3f8ed", "#d6e8c3", "#5b9a3c", "#1d3d16", "#e2593a")
_HERB = Palette("#f0f7f2", "#cbe4d4", "#2f8060", "#0d3a2a", "#d9a441")
_INDIGO = Palette("#f2f3f9", "#d7dcee", "#4c5aa0", "#1d2450", "#ea9a86")
_ROSEWOOD = Palette("#f9f3f1", "#ebd9d4", "#a3635f", "#43252a", "#4f8f8b")
_PLUM = Palette("#f9f2f6", "#ebd4e2", "#94507b", "#3f1a35", "#dba94f")
_COGNAC = Palette("#f9f3ec", "#ebd7c2", "#9a5b34", "#3c2113", "#3f8790")
_STEEL = Palette("#f1f4f7", "#d4dee7", "#49688a", "#1a2c42", "#f0a02f")
_NIGHT = Palette("#f4f5fa", "#d9ddef", "#3d4f8a", "#17203f", "#f5be3d")
_TEAL = Palette("#eff7f6", "#c8e5e1", "#23807c", "#0c3938", "#f09a5a")
_VIOLET = Palette("#f5f3fb", "#dfd8f1", "#6a55a8", "#281c4f", "#f2a65a")
_BLOSSOM = Palette("#fcf3f4", "#f6d7dc", "#c05572", "#4b1628", "#5f9a6b")
_SKY = Palette("#f0f6fc", "#cfe2f5", "#2f74b5", "#0e2f52", "#f3a64c")

PALETTES: Final[dict[T, Palette]] = {
    T.KOREAN: _TERRACOTTA,
    T.NOODLES: _BROTH,
    T.MEAT: _EMBER,
    T.SEAFOOD: _SEA,
    T.WESTERN: _OLIVE,
    T.BAKERY: _WHEAT,
    T.FAST_FOOD: _MUSTARD,
    T.CHICKEN: _PAPRIKA,
    T.SNACKS: _SPROUT,
    T.CAFE: _COFFEE,
    T.GROCERY: _GARDEN,
    T.HEALTH_FOOD: _HERB,
    T.CLOTHING: _INDIGO,
    T.FABRIC: _ROSEWOOD,
    T.BAGS: _PLUM,
    T.SHOES: _COGNAC,
    T.HARDWARE: _STEEL,
    T.DECOR: _SKY,
    T.OFFICE: _INDIGO,
    T.BEDDING: _ROSEWOOD,
    T.ACCESSORIES: _PLUM,
    T.LIGHTING: _NIGHT,
    T.KITCHENWARE: _TEAL,
    T.BOOKS: _COFFEE,
    T.MUSIC: _VIOLET,
    T.TOYS: _MUSTARD,
    T.CAMERA: _STEEL,
    T.SPORTS: _SKY,
    T.BICYCLE: _HERB,
    T.COSMETICS: _BLOSSOM,
    T.GLASSES: _INDIGO,
    T.FLOWERS: _BLOSSOM,
    T.PETS: _TERRACOTTA,
    T.HAIR: _PLUM,
    T.BATH: _TEAL,
    T.LAUNDRY: _SKY,
}
