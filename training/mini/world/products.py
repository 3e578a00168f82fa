"""Product subjects: things one can buy. Each fills a box of 100 by 100 units and stands near its bottom."""

from training.mini.world.shapes import Shape, box, circle, path, ring, stroke


def mug() -> tuple[Shape, ...]:
    return (
        stroke("main", "M66 40 H76 Q88 40 88 55 Q88 70 76 70 H66", 9),
        path("main", "M14 24 H68 V82 Q68 92 58 92 H24 Q14 92 14 82Z"),
        box("paper", 13.5, 50, (55, 10)),
    )


def bottle() -> tuple[Shape, ...]:
    body = "M42 12 H58 V28 C58 36 71 40 71 54 V88 Q71 95 64 95 H36 Q29 95 29 88 V54 C29 40 42 36 42 28Z"
    return path("main", body), box("ink", 39, 4, (22, 11), 3), box("paper", 28.5, 58, (43, 20))


def chair() -> tuple[Shape, ...]:
    return (
        stroke("ink", "M28 64 L23 94 M72 64 L77 94 M32 40 V56 M68 40 V56", 7),
        box("main", 24, 6, (52, 38), 10),
        box("main", 18, 54, (64, 14), 6),
    )


def lamp() -> tuple[Shape, ...]:
    return (
        stroke("ink", "M50 48 V88", 7),
        box("ink", 30, 84, (40, 10), 5),
        path("main", "M36 8 H64 L84 50 H16Z"),
        stroke("light", "M42 16 L33 42", 5),
    )


def laptop() -> tuple[Shape, ...]:
    return box("main", 14, 18, (72, 56), 6), box("paper", 22, 26, (56, 40), 2), path("ink", "M4 76 H96 L89 88 H11Z")


def phone() -> tuple[Shape, ...]:
    return box("main", 27, 4, (46, 92), 9), box("paper", 33, 14, (34, 66), 3), circle("paper", 50, 88, 4)


def bicycle() -> tuple[Shape, ...]:
    return (
        ring("ink", 23, 66, 19, 6),
        ring("ink", 77, 66, 19, 6),
        stroke("main", "M23 66 L38 36 L66 36 L50 66Z M38 36 L50 66 M64 26 L77 66", 7),
        stroke("ink", "M64 27 L62 18 H75", 6),
        stroke("ink", "M30 26 H45 M37 27 L39 35", 6),
    )


def car() -> tuple[Shape, ...]:
    body = (
        "M4 68 V56 Q4 50 12 48 L22 45 L33 28 Q36 23 42 23 H62 Q68 23 72 28 L83 45 "
        "Q96 48 96 58 V68 Q96 75 89 75 H11 Q4 75 4 68Z"
    )
    wheels = [s for x in (27, 73) for s in (circle("ink", x, 75, 13), circle("paper", x, 75, 5.5))]
    return path("main", body), path("light", "M31 45 L39 32 H49 V45Z"), path("light", "M55 45 V32 H65 L73 45Z"), *wheels


def clock() -> tuple[Shape, ...]:
    return (
        circle("main", 50, 50, 44),
        circle("paper", 50, 50, 33),
        stroke("ink", "M50 28 V50 L66 60", 6.5),
    )


def umbrella() -> tuple[Shape, ...]:
    dome = (
        "M4 54 A46 44 0 0 1 96 54 Q88.500 44 81 54 Q73 44 65.500 54 Q58 44 50 54 "
        "Q42 44 34.500 54 Q27 44 19 54 Q11.500 44 4 54Z"
    )
    return stroke("ink", "M50 6 V82 Q50 92 41 92 Q32 92 32 83", 6), path("main", dome)


def backpack() -> tuple[Shape, ...]:
    return (
        stroke("ink", "M39 22 Q39 7 50 7 Q61 7 61 22", 6),
        box("main", 11, 48, (16, 36), 7),
        box("main", 73, 48, (16, 36), 7),
        path("main", "M22 40 Q22 16 50 16 Q78 16 78 40 V88 Q78 94 72 94 H28 Q22 94 22 88Z"),
        box("light", 31, 60, (38, 26), 6),
        stroke("paper", "M31 44 H69", 5),
    )


def headphones() -> tuple[Shape, ...]:
    return (
        stroke("main", "M17 62 V48 A33 33 0 0 1 83 48 V62", 9),
        box("ink", 24, 56, (10, 34), 4),
        box("ink", 66, 56, (10, 34), 4),
        box("main", 8, 54, (19, 38), 9),
        box("main", 73, 54, (19, 38), 9),
    )


def guitar() -> tuple[Shape, ...]:
    return (
        stroke("ink", "M48 52 L84 16", 7),
        stroke("ink", "M82 18 L91 9", 12),
        circle("main", 34, 68, 25),
        circle("main", 51, 49, 18),
        circle("paper", 42, 59, 9),
        stroke("paper", "M21 71 L31 81", 4.5),
    )


def book() -> tuple[Shape, ...]:
    cover = "M50 24 C38 14 20 14 4 20 V84 C20 78 38 78 50 90 C62 78 80 78 96 84 V20 C80 14 62 14 50 24Z"
    left = "M46 29 C36 22 24 21 11 25 V75 C24 71 36 73 46 79Z"
    right = "M54 29 C64 22 76 21 89 25 V75 C76 71 64 73 54 79Z"
    lines = [
        stroke("main", d, 3.5)
        for d in ("M18 38 Q28 35 39 40", "M18 52 Q28 49 39 54", "M61 40 Q72 35 82 38", "M61 54 Q72 49 82 52")
    ]
    return path("main", cover), path("paper", left), path("paper", right), *lines


def glasses() -> tuple[Shape, ...]:
    lenses = [s for x in (27, 73) for s in (circle("light", x, 54, 17), ring("main", x, 54, 18, 8))]
    return *lenses, stroke("main", "M44 50 Q50 43 56 50 M10 47 L5 34 M90 47 L95 34", 7)


def t_shirt() -> tuple[Shape, ...]:
    return (path("main", "M34 12 Q50 28 66 12 L95 28 L84 50 L73 44 V92 H27 V44 L16 50 L5 28Z"),)


def shoe() -> tuple[Shape, ...]:
    upper = "M8 36 Q18 42 30 33 Q38 48 52 53 L76 60 Q93 64 93 80 H7 Q4 56 8 36Z"
    return (
        path("main", upper),
        stroke("paper", "M40 56 L48 46 M50 61 L57 51 M60 65 L66 55", 4.5),
        box("ink", 4, 77, (92, 11), 5),
    )


def handbag() -> tuple[Shape, ...]:
    return (
        stroke("ink", "M32 48 Q32 10 50 10 Q68 10 68 48", 7),
        path("main", "M16 42 H84 L92 88 Q92 93 87 93 H13 Q8 93 8 88Z"),
        box("paper", 42, 52, (16, 12), 4),
    )
