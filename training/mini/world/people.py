"""People: plain figures who wear named garments, each garment a part of its own so that it has a mask."""

from dataclasses import dataclass, replace

from training.mini.world.shapes import Shape, box, circle, ellipse, path, stroke

BODY_GARMENTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "woman": (("top", "trousers"), ("top", "skirt"), ("dress",), ("coat", "trousers")),
    "man": (("top", "trousers"), ("coat", "trousers")),
}
EXTRAS: tuple[str, ...] = ("hat", "bag", "shoes")
GARMENTS: tuple[str, ...] = ("top", "trousers", "skirt", "dress", "coat", "hat", "bag", "shoes")


@dataclass(frozen=True)
class Garment:
    """A worn garment; `colour` is a name in palette.COLOURS."""

    kind: str
    colour: str


def _top() -> tuple[Shape, ...]:
    return stroke("main", "M37 34 L28 50 M63 34 L72 50", 11), path("main", "M36 28 H64 L65 60 H35Z")


def _trousers() -> tuple[Shape, ...]:
    return (path("main", "M35 57 H65 L67 91 H53 L50 68 L47 91 H33Z"),)


def _skirt() -> tuple[Shape, ...]:
    return (path("main", "M37 56 H63 L75 80 H25Z"),)


def _dress() -> tuple[Shape, ...]:
    return stroke("main", "M38 32 L33 40 M62 32 L67 40", 9), path("main", "M37 27 H63 L61 48 L77 81 H23 L39 48Z")


def _coat() -> tuple[Shape, ...]:
    return (
        stroke("main", "M36 33 L25 60 M64 33 L75 60", 12),
        path("main", "M34 27 H66 L71 77 H29Z"),
        stroke("light", "M50 29 V76", 3),
    )


def _hat() -> tuple[Shape, ...]:
    return path("main", "M39 11 Q39 -3 50 -3 Q61 -3 61 11Z"), box("main", 30, 8, (40, 5.5), 2.5)


def _bag() -> tuple[Shape, ...]:
    return stroke("main", "M74 68 Q75 55 80 55 Q85 55 86 68", 3.5), box("main", 68, 66, (24, 19), 4)


def _shoes() -> tuple[Shape, ...]:
    return box("main", 28, 86, (21, 12), 5), box("main", 51, 86, (21, 12), 5)


DRAW = {
    "top": _top,
    "trousers": _trousers,
    "skirt": _skirt,
    "dress": _dress,
    "coat": _coat,
    "hat": _hat,
    "bag": _bag,
    "shoes": _shoes,
}
ORDER: tuple[str, ...] = ("shoes", "trousers", "skirt", "dress", "top", "coat", "bag", "hat")


def figure(kind: str, garments: tuple[Garment, ...]) -> tuple[Shape, ...]:
    """A woman or a man in `garments`, back to front; a garment's shapes have role and part `garment:<kind>`."""
    worn = {g.kind for g in garments}
    shapes = [*(_long_hair() if kind == "woman" else ()), *_limbs()]
    for name in ORDER:
        if name in worn:
            shapes += [_as_garment(s, name) for s in DRAW[name]()]
        if name == "coat":
            shapes += _head(kind)
    return tuple(shapes)


def _as_garment(shape: Shape, kind: str) -> Shape:
    role = f"garment:{kind}" if shape.role == "main" else shape.role
    return replace(shape, role=role, part=f"garment:{kind}")


def _long_hair() -> tuple[Shape, ...]:
    return (path("hair", "M37 14 Q37 0 50 0 Q63 0 63 14 L66 34 H34Z"),)


def _limbs() -> tuple[Shape, ...]:
    arms = stroke("skin", "M37 33 L25 62 M63 33 L76 62", 7)
    legs = stroke("skin", "M42 60 V91 M58 60 V91", 8.5)
    return arms, legs, box("skin", 46, 22, (8, 10), 2), path("skin", "M37 28 H63 L62 58 H38Z")


def _head(kind: str) -> tuple[Shape, ...]:
    eyes = (circle("eye", 46, 16, 1.5), circle("eye", 54, 16, 1.5))
    if kind == "woman":
        fringe = path("hair", "M38.500 14 Q38 1 50 1 Q62 1 61.500 14 Q54 12 52 6 Q48 12 38.500 14Z")
        return circle("skin", 50, 15, 11.5), fringe, *eyes
    cap = path("hair", "M38 13 Q38 1 50 1 Q62 1 62 13 Q56 8 50 8 Q44 8 38 13Z")
    return circle("skin", 50, 15, 11.5), cap, *eyes, ellipse("skin", (50, 20), (2, 1))
