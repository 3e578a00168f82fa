"""What is drawn for the evaluation: flat art of every subject, branded illustrations, and a mix of all qualities."""

from __future__ import annotations

from itertools import cycle, islice, product

from router.job_request import JobRequest
from training.mini.world.palette import COLOURS
from training.mini.world.subjects import THINGS

FLAT = ("icon", "logo_illustration")
ALL = (*FLAT, "product_illustration", "premium_illustration")
_COLOURS = ("blue", "red", "green")
_SHOWN = {
    "icon": "a red bicycle",
    "logo_illustration": "a blue bird",
    "product_illustration": "an orange backpack",
    "premium_illustration": "a purple rocket",
}
QUALITIES = ("draft", "standard", "high", "ultra")


def flat_art(count: int) -> list[JobRequest]:
    """Icons and logos of every subject in ever other colours, and, of each ten, one red bicycle."""
    colours = cycle(COLOURS)
    pairs = cycle(product(THINGS, FLAT))
    orders = []
    for number in range(count):
        subject, kind = ("bicycle", "icon") if number % 10 == 0 else next(pairs)
        colour = "red" if number % 10 == 0 else next(colours)
        prompt = f"a {colour} {subject}"
        orders.append(JobRequest(prompt=prompt, asset_type=kind, seed=number, formats=("png", "svg")))
    return orders


def branded(count: int, kit: str) -> list[JobRequest]:
    """Pictures of all types that are kept to a brand kit."""
    colours, subjects, kinds = cycle(COLOURS), cycle(THINGS), cycle(ALL)
    return [
        JobRequest(
            prompt=f"a {next(colours)} {next(subjects)}",
            asset_type=next(kinds),
            brand_kit=kit,
            seed=number,
            formats=("png",),
        )
        for number in range(count)
    ]


def mixed(count: int) -> list[JobRequest]:
    """Every type in every quality, as they ship: of each type the same prompt and seed in all qualities. The first lot
    is the one that is shown."""
    subjects = list(THINGS)
    orders = []
    for number, (quality, kind) in enumerate(islice(cycle(product(QUALITIES, ALL)), count)):
        lot = number // (len(QUALITIES) * len(ALL))
        subject = subjects[(lot * len(ALL) + ALL.index(kind)) % len(subjects)]
        prompt = f"a {_COLOURS[lot % 3]} {subject}" if lot else _SHOWN[kind]
        orders.append(JobRequest(prompt=prompt, asset_type=kind, quality=quality, seed=lot))
    return orders
