"""Interface subjects: the things icons show. Each fills a box of 100 by 100 units and stands near its bottom."""

import math

from training.mini.world.shapes import Shape, around, box, circle, path, polygon, ring, stroke


def envelope() -> tuple[Shape, ...]:
    return box("main", 6, 22, (88, 60), 6), stroke("paper", "M10 28 L50 58 L90 28", 6)


def bell() -> tuple[Shape, ...]:
    dome = "M50 14 C32 14 25 30 25 48 C25 64 20 70 14 78 L86 78 C80 70 75 64 75 48 C75 30 68 14 50 14Z"
    return (
        circle("ink", 50, 82, 10),
        circle("main", 50, 13, 6),
        path("main", dome),
        stroke("light", "M36 44 C36 34 40 28 46 26", 5),
    )


def gear() -> tuple[Shape, ...]:
    points = []
    for i in range(8):
        for offset, radius in ((-14, 32), (-9, 45), (9, 45), (14, 32)):
            angle = math.radians(45 * i + offset)
            points.append((50 + radius * math.cos(angle), 50 + radius * math.sin(angle)))
    hole = "M50 34 A16 16 0 1 0 50 66 A16 16 0 1 0 50 34Z"
    return (path("main", polygon(points) + hole),)


def magnifier() -> tuple[Shape, ...]:
    return stroke("ink", "M66 66 L87 87", 13), circle("light", 42, 42, 27), ring("main", 42, 42, 29, 11)


def lock() -> tuple[Shape, ...]:
    return (
        stroke("ink", "M31 50 V32 A19 19 0 0 1 69 32 V50", 10),
        box("main", 18, 46, (64, 48), 8),
        circle("paper", 50, 65, 7),
        box("paper", 46.5, 66, (7, 17), 3),
    )


def folder() -> tuple[Shape, ...]:
    back = "M8 22 Q8 18 12 18 H38 L46 28 H88 Q92 28 92 32 V82 Q92 86 88 86 H12 Q8 86 8 82Z"
    return path("main", back), stroke("paper", "M10 42 H90", 5)


def calendar() -> tuple[Shape, ...]:
    days = [box("main", x, y, (10, 10), 2) for y in (48, 66) for x in (27, 45, 63)]
    return (
        box("main", 12, 18, (76, 74), 8),
        box("paper", 19, 40, (62, 45), 3),
        *days,
        stroke("ink", "M32 10 V26", 7),
        stroke("ink", "M68 10 V26", 7),
    )


def cloud() -> tuple[Shape, ...]:
    return (
        circle("main", 26, 62, 19),
        circle("main", 52, 46, 27),
        circle("main", 77, 63, 18),
        box("main", 26, 60, (51, 21), 10),
    )


def house() -> tuple[Shape, ...]:
    return (
        box("main", 20, 44, (60, 50), 2),
        path("ink", "M50 10 L95 52 L87 60 L50 27 L13 60 L5 52Z"),
        box("paper", 42, 64, (16, 30), 2),
        box("paper", 44, 42, (12, 12), 2),
    )


def star() -> tuple[Shape, ...]:
    outer, inner = around((50, 53), 46, 5), around((50, 53), 20, 5, -54)
    points = [p for pair in zip(outer, inner, strict=True) for p in pair]
    return (path("main", polygon(points)),)


def heart() -> tuple[Shape, ...]:
    left = "M50 90 C16 64 6 48 6 34 C6 18 18 10 29 10 C39 10 46 16 50 25"
    return (path("main", left + " C54 16 61 10 71 10 C82 10 94 18 94 34 C94 48 84 64 50 90Z"),)


def camera() -> tuple[Shape, ...]:
    return (
        box("main", 33, 18, (34, 22), 5),
        box("main", 6, 28, (88, 58), 9),
        circle("paper", 50, 57, 22),
        circle("main", 50, 57, 14),
        box("paper", 76, 36, (10, 7), 2),
    )


def key() -> tuple[Shape, ...]:
    return (
        ring("main", 30, 32, 19, 12),
        stroke("main", "M45 47 L86 88", 11),
        stroke("main", "M70 72 L81 61", 9),
        stroke("main", "M82 84 L92 74", 9),
    )


def speech_bubble() -> tuple[Shape, ...]:
    dots = [circle("paper", x, 43, 6) for x in (30, 50, 70)]
    return box("main", 8, 14, (84, 58), 16), path("main", "M24 66 L24 92 L52 68Z"), *dots


def map_pin() -> tuple[Shape, ...]:
    drop = "M50 95 C50 95 19 62 19 38 A31 31 0 0 1 81 38 C81 62 50 95 50 95Z"
    return path("main", drop), circle("paper", 50, 38, 13)


def bin() -> tuple[Shape, ...]:  # the subject's name; the builtin is not used here
    bars = [stroke("paper", f"M{a} 46 L{b} 80", 5) for a, b in ((36, 38), (50, 50), (64, 62))]
    return (
        stroke("main", "M40 18 V9 H60 V18", 6),
        box("main", 14, 17, (72, 11), 4),
        path("main", "M21 33 H79 L73 94 H27Z"),
        *bars,
    )


def pencil() -> tuple[Shape, ...]:
    return (
        path("wood", "M22 62 L38 78 L9 91Z"),
        path("main", "M22 62 L68 16 L84 32 L38 78Z"),
        path("ink", "M68 16 L75 9 Q79 6 83 9 L91 17 Q94 21 91 25 L84 32Z"),
        stroke("light", "M32 66 L72 26", 4),
    )


def light_bulb() -> tuple[Shape, ...]:
    return (
        circle("main", 50, 37, 31),
        path("main", "M32 56 L38 72 H62 L68 56Z"),
        box("ink", 37, 73, (26, 9), 4),
        box("ink", 41, 84, (18, 9), 4),
        stroke("paper", "M40 40 L46 52 L54 38 L60 50", 4.5),
    )


def shield() -> tuple[Shape, ...]:
    body = "M50 6 L88 18 V46 C88 72 68 88 50 95 C32 88 12 72 12 46 V18Z"
    return path("main", body), stroke("paper", "M32 50 L45 64 L69 36", 9)


def flag() -> tuple[Shape, ...]:
    return path("main", "M22 14 C44 4 56 28 90 14 V58 C56 72 44 48 22 58Z"), stroke("ink", "M21 8 V94", 7)


def trophy() -> tuple[Shape, ...]:
    return (
        stroke("main", "M28 18 H13 C12 38 20 46 34 46 M72 18 H87 C88 38 80 46 66 46", 6),
        path("main", "M27 10 H73 V36 C73 56 62 64 50 64 C38 64 27 56 27 36Z"),
        box("main", 44, 60, (12, 20)),
        box("ink", 28, 80, (44, 13), 4),
        stroke("light", "M37 18 V36", 5),
    )


def gift() -> tuple[Shape, ...]:
    return (
        stroke("ink", "M50 28 C34 2 12 14 50 28 C88 14 66 2 50 28", 6),
        box("main", 13, 46, (74, 47), 4),
        box("main", 7, 28, (86, 15), 4),
        box("paper", 43, 28, (14, 65)),
    )


def rocket() -> tuple[Shape, ...]:
    return (
        path("flame", "M39 72 H61 L50 97Z"),
        path("ink", "M33 44 L13 70 V82 L36 70Z"),
        path("ink", "M67 44 L87 70 V82 L64 70Z"),
        path("main", "M50 3 C68 18 72 44 66 72 H34 C28 44 32 18 50 3Z"),
        circle("paper", 50, 38, 10),
    )


def crown() -> tuple[Shape, ...]:
    gems = [circle("paper", x, 80, 5) for x in (28, 50, 72)]
    tips = [circle("main", x, y, 6) for x, y in ((8, 30), (50, 14), (92, 30))]
    return path("main", polygon([(12, 90), (8, 32), (30, 54), (50, 16), (70, 54), (92, 32), (88, 90)])), *tips, *gems
