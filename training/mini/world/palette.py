"""The world's colours and backgrounds by name, and which of them may meet."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tone:
    """A named colour with the shade and the tint that details and gradients use."""

    base: str
    dark: str
    light: str


COLOURS: dict[str, Tone] = {
    "red": Tone("#e3262a", "#a5131c", "#f78a85"),
    "orange": Tone("#fb8a14", "#c25f00", "#ffc887"),
    "yellow": Tone("#ffd51e", "#d19e00", "#fff0a3"),
    "green": Tone("#37a63a", "#1d7030", "#a0dc94"),
    "teal": Tone("#0e9f9f", "#056b70", "#86dcd8"),
    "blue": Tone("#2563eb", "#143c9e", "#9cbdfb"),
    "purple": Tone("#8b3bdb", "#58209a", "#cda6f5"),
    "pink": Tone("#f767b1", "#c22c7e", "#fdbfdf"),
    "brown": Tone("#8a5630", "#5a351b", "#c99c76"),
    "black": Tone("#202228", "#4c505a", "#757a85"),
    "grey": Tone("#8a919c", "#5a616c", "#c3c8d0"),
    "white": Tone("#ffffff", "#c3c9d3", "#e6e9ee"),
}

PLAIN: dict[str, Tone] = {
    "white": Tone("#ffffff", "#e6e9ee", "#ffffff"),
    "light grey": Tone("#d3d7dd", "#b4bac3", "#e9ecef"),
    "black": Tone("#16171b", "#2a2c33", "#3a3d46"),
    "navy": Tone("#15264f", "#223a73", "#30508f"),
    "cream": Tone("#fbeac4", "#ecd194", "#fff6df"),
    "light pink": Tone("#ffcfdd", "#f5a7be", "#ffe6ee"),
    "light blue": Tone("#bfe1ff", "#8fc4f5", "#def0ff"),
    "mint": Tone("#b9f0d0", "#86d9ab", "#dcf9e8"),
    "lavender": Tone("#d9cbff", "#b9a3f2", "#ece4ff"),
}
SCENES: tuple[str, ...] = ("hills", "city", "beach", "night")
BACKGROUNDS: tuple[str, ...] = (*PLAIN, *SCENES)
DARK_BACKGROUNDS = frozenset({"black", "navy", "night"})

# A subject that would vanish into its ground is not drawn there.
CLASHES = frozenset(
    {
        ("white", "white"),
        ("white", "light grey"),
        ("white", "cream"),
        ("grey", "light grey"),
        ("black", "black"),
        ("black", "navy"),
        ("black", "night"),
        ("blue", "navy"),
        ("green", "hills"),
        ("yellow", "beach"),
        ("yellow", "cream"),
        ("pink", "light pink"),
    }
)


def mix(a: str, b: str, share: float) -> str:
    """Colour `a` moved towards `b` by `share` in 0..1; both are #rrggbb."""
    pairs = zip(bytes.fromhex(a[1:]), bytes.fromhex(b[1:]), strict=True)
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in pairs)
