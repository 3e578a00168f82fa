"""The table of subjects: what each is called, how it is drawn, and which colours it usually has."""

from dataclasses import dataclass

from training.mini.world import interface, nature, products
from training.mini.world.shapes import Subject


@dataclass(frozen=True)
class Entry:
    """A subject's drawing, its other names, and its usual colours (none: any colour is as likely)."""

    draw: Subject
    names: tuple[str, ...]
    usual: tuple[str, ...] = ()
    group: str = ""


def _group(group: str, rows: dict[str, Entry]) -> dict[str, Entry]:
    return {k: Entry(v.draw, (k, *v.names), v.usual, group) for k, v in rows.items()}


INTERFACE = _group(
    "interface",
    {
        "envelope": Entry(interface.envelope, ("mail", "email", "letter")),
        "bell": Entry(interface.bell, ("notification bell", "alarm bell"), ("yellow",)),
        "gear": Entry(interface.gear, ("cog", "settings gear", "cogwheel"), ("grey",)),
        "magnifier": Entry(interface.magnifier, ("magnifying glass", "search glass")),
        "lock": Entry(interface.lock, ("padlock", "security lock")),
        "folder": Entry(interface.folder, ("file folder",), ("yellow",)),
        "calendar": Entry(interface.calendar, ("date calendar",), ("red",)),
        "cloud": Entry(interface.cloud, ("cloud storage",), ("blue",)),
        "house": Entry(interface.house, ("home", "cottage")),
        "star": Entry(interface.star, ("favourite star",), ("yellow",)),
        "heart": Entry(interface.heart, ("love heart",), ("red",)),
        "camera": Entry(interface.camera, ("photo camera",)),
        "key": Entry(interface.key, ("door key",), ("yellow",)),
        "speech bubble": Entry(interface.speech_bubble, ("chat bubble", "message bubble")),
        "map pin": Entry(interface.map_pin, ("location pin", "location marker"), ("red",)),
        "trash can": Entry(interface.bin, ("bin", "trash", "rubbish bin"), ("grey",)),
        "pencil": Entry(interface.pencil, ("crayon", "edit pencil"), ("yellow",)),
        "light bulb": Entry(interface.light_bulb, ("bulb", "lightbulb", "idea bulb"), ("yellow",)),
        "shield": Entry(interface.shield, ("security shield",), ("blue",)),
        "flag": Entry(interface.flag, ("banner flag",)),
        "trophy": Entry(interface.trophy, ("winner cup", "award trophy"), ("yellow",)),
        "gift": Entry(interface.gift, ("gift box", "present")),
        "rocket": Entry(interface.rocket, ("space rocket", "spaceship")),
        "crown": Entry(interface.crown, ("royal crown",), ("yellow",)),
    },
)
PRODUCTS = _group(
    "products",
    {
        "mug": Entry(products.mug, ("cup", "coffee mug", "coffee cup")),
        "bottle": Entry(products.bottle, ("water bottle",)),
        "chair": Entry(products.chair, ("dining chair",)),
        "lamp": Entry(products.lamp, ("table lamp",)),
        "laptop": Entry(products.laptop, ("notebook computer", "computer"), ("grey",)),
        "phone": Entry(products.phone, ("smartphone", "mobile phone"), ("black",)),
        "bicycle": Entry(products.bicycle, ("bike",)),
        "car": Entry(products.car, ("automobile",)),
        "clock": Entry(products.clock, ("wall clock",)),
        "umbrella": Entry(products.umbrella, ("rain umbrella", "parasol")),
        "backpack": Entry(products.backpack, ("rucksack", "school bag")),
        "headphones": Entry(products.headphones, ("headset",)),
        "guitar": Entry(products.guitar, ("acoustic guitar",), ("orange", "brown")),
        "book": Entry(products.book, ("open book",)),
        "glasses": Entry(products.glasses, ("eyeglasses", "spectacles")),
        "t-shirt": Entry(products.t_shirt, ("tee shirt", "tshirt")),
        "shoe": Entry(products.shoe, ("sneaker", "trainer")),
        "handbag": Entry(products.handbag, ("purse", "shopping bag")),
    },
)
NATURE = _group(
    "nature",
    {
        "tree": Entry(nature.tree, ("oak tree",), ("green",)),
        "flower": Entry(nature.flower, ("blossom", "daisy")),
        "fish": Entry(nature.fish, ("goldfish",), ("orange",)),
        "bird": Entry(nature.bird, ("songbird",), ("blue",)),
        "cat": Entry(nature.cat, ("kitten", "kitty"), ("orange", "grey")),
        "rabbit": Entry(nature.rabbit, ("bunny", "hare"), ("brown", "grey")),
        "mushroom": Entry(nature.mushroom, ("toadstool",), ("red",)),
        "mountain": Entry(nature.mountain, ("mountain peak",), ("grey",)),
        "sun": Entry(nature.sun, ("sunshine",), ("yellow",)),
        "moon": Entry(nature.moon, ("crescent moon",), ("yellow",)),
        "leaf": Entry(nature.leaf, ("tree leaf",), ("green",)),
        "apple": Entry(nature.apple, ("apple fruit",), ("red",)),
        "cactus": Entry(nature.cactus, ("potted cactus",), ("green",)),
        "butterfly": Entry(nature.butterfly, ("moth",)),
    },
)
PEOPLE: dict[str, tuple[str, ...]] = {
    "woman": ("woman", "lady", "girl"),
    "man": ("man", "guy", "boy"),
}
THINGS: dict[str, Entry] = {**INTERFACE, **PRODUCTS, **NATURE}
SUBJECTS: tuple[str, ...] = (*THINGS, *PEOPLE)
