"""The colours a motif is painted in, derived from a palette and the ground it stands on."""

from dataclasses import dataclass

from messaging.pictures.palettes import Palette, mix


@dataclass(frozen=True, slots=True)
class Tones:
    """Shades of the group's colour, and colours things have by nature; `hole` is the ground."""

    main: str
    dark: str
    light: str
    accent: str
    white: str
    ink: str
    hole: str
    leaf: str = "#5d9a4e"
    yolk: str = "#f2b441"
    rose: str = "#e58a86"


def tones_of(palette: Palette, ground: str) -> Tones:
    """The tones of a palette for a motif on a light ground: paper, tint or white."""
    return Tones(
        main=palette.main,
        dark=mix(palette.main, palette.deep, 0.45),
        light=mix(palette.main, "#ffffff", 0.45),
        accent=palette.accent,
        white="#ffffff",
        ink=palette.deep,
        hole=ground,
    )
