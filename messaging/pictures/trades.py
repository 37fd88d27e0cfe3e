"""Groups of trades (업종군): industries that share a motif, a palette and template texts."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from shopmsg.core.ksic import UnknownIndustry


class TradeGroup(StrEnum):
    """업종군. The value is stable and may be stored."""

    KOREAN = "korean"
    NOODLES = "noodles"
    MEAT = "meat"
    SEAFOOD = "seafood"
    WESTERN = "western"
    BAKERY = "bakery"
    FAST_FOOD = "fast_food"
    CHICKEN = "chicken"
    SNACKS = "snacks"
    CAFE = "cafe"
    GROCERY = "grocery"
    HEALTH_FOOD = "health_food"
    CLOTHING = "clothing"
    FABRIC = "fabric"
    BAGS = "bags"
    SHOES = "shoes"
    HARDWARE = "hardware"
    DECOR = "decor"
    OFFICE = "office"
    BEDDING = "bedding"
    ACCESSORIES = "accessories"
    LIGHTING = "lighting"
    KITCHENWARE = "kitchenware"
    BOOKS = "books"
    MUSIC = "music"
    TOYS = "toys"
    CAMERA = "camera"
    SPORTS = "sports"
    BICYCLE = "bicycle"
    COSMETICS = "cosmetics"
    GLASSES = "glasses"
    FLOWERS = "flowers"
    PETS = "pets"
    HAIR = "hair"
    BATH = "bath"
    LAUNDRY = "laundry"


_CODES: Final = {
    TradeGroup.KOREAN: "56111",
    TradeGroup.NOODLES: "56112 56121",
    TradeGroup.MEAT: "47212 56113",
    TradeGroup.SEAFOOD: "47213 47214 56114 56122",
    TradeGroup.WESTERN: "56123 56129",
    TradeGroup.BAKERY: "47216 56191",
    TradeGroup.FAST_FOOD: "56192",
    TradeGroup.CHICKEN: "56193",
    TradeGroup.SNACKS: "56194 56199",
    TradeGroup.CAFE: "56221 56229",
    TradeGroup.GROCERY: "47211 47215 47218 47219",
    TradeGroup.HEALTH_FOOD: "47217",
    TradeGroup.CLOTHING: "47411 47412 47413 47414 47417 47419",
    TradeGroup.FABRIC: "47429 95391",
    TradeGroup.BAGS: "47440",
    TradeGroup.SHOES: "47430 95392",
    TradeGroup.HARDWARE: "47511",
    TradeGroup.DECOR: "47513 47519",
    TradeGroup.OFFICE: "47821",
    TradeGroup.BEDDING: "47421",
    TradeGroup.ACCESSORIES: "47422",
    TradeGroup.LIGHTING: "47591",
    TradeGroup.KITCHENWARE: "47592",
    TradeGroup.BOOKS: "47611 47612",
    TradeGroup.MUSIC: "47620",
    TradeGroup.TOYS: "47640",
    TradeGroup.CAMERA: "47823",
    TradeGroup.SPORTS: "47631",
    TradeGroup.BICYCLE: "47632",
    TradeGroup.COSMETICS: "47813",
    TradeGroup.GLASSES: "47822",
    TradeGroup.FLOWERS: "47851",
    TradeGroup.PETS: "47852",
    TradeGroup.HAIR: "96111 96112",
    TradeGroup.BATH: "96121",
    TradeGroup.LAUNDRY: "96912",
}

GROUP_OF_CODE: Final[Mapping[str, TradeGroup]] = MappingProxyType(
    {code: group for group, codes in _CODES.items() for code in codes.split()}
)


def trade_group(ksic: str) -> TradeGroup:
    """The group of a five-digit KSIC code; raises `UnknownIndustry` outside the 58 (rules.md §1)."""
    try:
        return GROUP_OF_CODE[ksic]
    except KeyError:
        raise UnknownIndustry(ksic) from None
