"""Nature subjects: plants, animals, sky. Each fills a box of 100 by 100 units and stands near its bottom."""

from training.mini.world.shapes import Shape, around, box, circle, ellipse, path, stroke


def tree() -> tuple[Shape, ...]:
    return (
        box("wood", 43, 56, (14, 40), 2),
        circle("main", 50, 30, 26),
        circle("main", 28, 46, 20),
        circle("main", 72, 46, 20),
        box("main", 28, 44, (44, 22), 10),
    )


def flower() -> tuple[Shape, ...]:
    petals = [circle("main", x, y, 13) for x, y in around((50, 34), 19, 6)]
    return (
        stroke("leafy", "M50 50 V94", 6),
        ellipse("leafy", (64, 78), (15, 7), -28),
        ellipse("leafy", (36, 84), (15, 7), 28),
        *petals,
        circle("accent", 50, 34, 11),
    )


def fish() -> tuple[Shape, ...]:
    return (
        path("main", "M66 50 L95 26 V74Z"),
        ellipse("main", (43, 50), (38, 25)),
        circle("paper", 24, 44, 7),
        circle("eye", 24, 44, 3.5),
        stroke("light", "M44 36 Q54 50 44 64", 5),
    )


def bird() -> tuple[Shape, ...]:
    return (
        stroke("ink", "M44 74 V94 M56 74 V94", 4.5),
        path("flame", "M82 28 L98 36 L82 43Z"),
        path("main", "M30 44 L3 36 L18 66Z"),
        ellipse("main", (46, 57), (30, 23)),
        circle("main", 70, 34, 17),
        path("light", "M32 52 Q50 44 60 54 Q54 72 32 66Z"),
        circle("eye", 74, 31, 3.5),
    )


def cat() -> tuple[Shape, ...]:
    face = [circle("eye", 41, 37, 3.5), circle("eye", 59, 37, 3.5), path("eye", "M47 45 H53 L50 49Z")]
    return (
        stroke("main", "M72 86 Q96 84 90 56", 9),
        ellipse("main", (50, 74), (27, 22)),
        path("main", "M27 30 L27 4 L47 18Z"),
        path("main", "M73 30 L73 4 L53 18Z"),
        ellipse("main", (50, 36), (25, 21)),
        ellipse("light", (50, 80), (13, 13)),
        *face,
    )


def rabbit() -> tuple[Shape, ...]:
    face = [circle("eye", 42, 48, 3.5), circle("eye", 58, 48, 3.5), path("eye", "M47 56 H53 L50 60Z")]
    return (
        ellipse("main", (37, 20), (9, 19), -8),
        ellipse("main", (63, 20), (9, 19), 8),
        ellipse("light", (37, 21), (4, 13), -8),
        ellipse("light", (63, 21), (4, 13), 8),
        ellipse("main", (50, 82), (28, 14)),
        circle("main", 50, 52, 22),
        *face,
        circle("light", 50, 84, 8),
    )


def mushroom() -> tuple[Shape, ...]:
    dots = [circle("paper", x, y, r) for x, y, r in ((50, 24, 7), (28, 40, 6), (72, 40, 6), (50, 44, 5))]
    return path("stem", "M38 50 H62 L67 94 H33Z"), path("main", "M5 55 C5 24 28 7 50 7 C72 7 95 24 95 55Z"), *dots


def mountain() -> tuple[Shape, ...]:
    snow = "M37 16 L24 42 L33 38 L39 47 L46 39 L51 43Z"
    return path("main", "M2 90 L37 16 L56 54 L68 36 L98 90Z"), path("paper", snow)


def sun() -> tuple[Shape, ...]:
    inner, outer = around((50, 50), 33, 8), around((50, 50), 44, 8)
    rays = " ".join(f"M{a:.1f} {b:.1f} L{c:.1f} {d:.1f}" for (a, b), (c, d) in zip(inner, outer, strict=True))
    return circle("main", 50, 50, 23), stroke("main", rays, 7)


def moon() -> tuple[Shape, ...]:
    return (path("main", "M60 8 A43 43 0 1 0 92 66 A35 35 0 0 1 60 8Z"),)


def leaf() -> tuple[Shape, ...]:
    return (
        stroke("ink", "M8 93 L24 76", 6),
        path("main", "M18 82 C6 40 40 8 93 8 C94 62 60 98 18 82Z"),
        stroke("paper", "M24 76 L72 28 M46 54 V36 M46 54 H64", 4.5),
    )


def apple() -> tuple[Shape, ...]:
    body = "M50 30 C58 22 90 20 90 54 C90 78 70 96 60 94 C54 92 46 92 40 94 C30 96 10 78 10 54 C10 20 42 22 50 30Z"
    return (
        stroke("wood", "M50 30 Q50 16 56 8", 6),
        ellipse("leafy", (68, 15), (13, 6), -24),
        path("main", body),
        stroke("light", "M24 50 Q24 40 34 37", 6),
    )


def cactus() -> tuple[Shape, ...]:
    return (
        stroke("main", "M50 84 V18", 21),
        stroke("main", "M50 60 H23 V40", 13),
        stroke("main", "M50 50 H77 V28", 13),
        stroke("light", "M50 26 V66", 3.5),
        path("wood", "M28 76 H72 L67 95 H33Z"),
    )


def butterfly() -> tuple[Shape, ...]:
    return (
        ellipse("main", (27, 34), (25, 19), 32),
        ellipse("main", (73, 34), (25, 19), -32),
        ellipse("main", (32, 70), (19, 15), -30),
        ellipse("main", (68, 70), (19, 15), 30),
        *(circle("light", x, y, r) for x, y, r in ((25, 33, 8), (75, 33, 8), (31, 71, 6), (69, 71, 6))),
        stroke("ink", "M50 26 V84", 7),
        stroke("ink", "M49 24 L38 8 M51 24 L62 8", 3.5),
    )
