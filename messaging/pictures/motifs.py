"""Which motif stands for which group of trades."""

from collections.abc import Callable
from typing import Final

from messaging.pictures import motifs_food as food
from messaging.pictures import motifs_goods as goods
from messaging.pictures import motifs_house as house
from messaging.pictures import motifs_life as life
from messaging.pictures.canvas import Pen
from messaging.pictures.tones import Tones
from messaging.pictures.trades import TradeGroup as T

Motif = Callable[[Pen, Tones], None]

MOTIFS: Final[dict[T, Motif]] = {
    T.KOREAN: food.rice_bowl,
    T.NOODLES: food.noodle_bowl,
    T.MEAT: food.steak,
    T.SEAFOOD: food.fish,
    T.WESTERN: food.plate,
    T.BAKERY: food.bread,
    T.FAST_FOOD: food.burger,
    T.CHICKEN: food.drumstick,
    T.SNACKS: food.kimbap,
    T.CAFE: food.cup,
    T.GROCERY: food.apple_and_carrot,
    T.HEALTH_FOOD: food.leaf_bottle,
    T.CLOTHING: goods.shirt,
    T.FABRIC: goods.thread_spool,
    T.BAGS: goods.handbag,
    T.SHOES: goods.shoe,
    T.HARDWARE: house.tools,
    T.DECOR: house.paint_roller,
    T.OFFICE: house.printer,
    T.BEDDING: house.bedding,
    T.ACCESSORIES: house.ring,
    T.LIGHTING: goods.bulb,
    T.KITCHENWARE: goods.pot,
    T.BOOKS: goods.book,
    T.MUSIC: goods.record,
    T.TOYS: goods.toy_blocks,
    T.CAMERA: goods.camera,
    T.SPORTS: goods.dumbbell,
    T.BICYCLE: goods.bicycle,
    T.COSMETICS: life.cosmetics,
    T.GLASSES: life.glasses,
    T.FLOWERS: life.flowers,
    T.PETS: life.paw,
    T.HAIR: life.scissors,
    T.BATH: life.bath,
    T.LAUNDRY: life.washing_machine,
}
