"""`python -m training.captioner.examine`: how often the captioner is right about pictures that it never saw."""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from configs.load import load_catalog
from configs.weights import Weights
from deployments.captioners.attribute_captioner import AttributeCaptioner
from deployments.captioners.captioner import Asked
from deployments.captioners.table import load_captioner
from deployments.messages import Picture
from training.captioner.learning import Album, render_looks, render_world
from training.captioner.questions import ASKED, of_scene, of_thing
from training.mini.look_sets import render
from training.mini.looks import GROUNDS, LOOKS
from training.mini.workspace import DEFAULT, SEED, Workspace
from training.mini.world.palette import COLOURS
from training.mini.world.subjects import THINGS
from training.scorer.pictures import load_album

_OWN_GROUND = 0.5  # of pictures in a look: the rest are on a ground that was asked for


@dataclass(frozen=True)
class Figures:
    """Shares of right answers, where that was asked: of garments, those that are worn, with their colours. Of captions
    `sure` ones are those not marked unsure, and `right` the share of these whose subject and colours are true."""

    pictures: int
    subject: float
    colour: float
    ground: float
    garments: float
    sure: float
    right: float


def albums(space: Workspace, count: int) -> Iterator[tuple[str, Album]]:
    """What it is examined on, none of which training saw."""
    yield "the world's own", render_world("held-out", space.seed, count)
    yield "made-up looks", render_looks("held-out", space.seed, count)
    for name in LOOKS:
        yield f"look {name}", render_look(name)
    if space.path("scorer", "drawn.npy").exists():
        drawn = load_album(space, "drawn", count)
        yield "mini's drawings", Album(drawn.pictures, tuple(map(of_scene, drawn.scenes)))


def render_look(name: str) -> Album:
    """Every thing of the world in one of the looks that LoRAs are trained for."""
    rng, pictures, truths = random.Random(f"captioner-{name}"), [], []
    for subject in THINGS:
        colour = rng.choice([one for one in COLOURS if one not in ("white", "black")])
        ground = None if rng.random() < _OWN_GROUND else rng.choice(GROUNDS)
        pictures.append(np.asarray(render(LOOKS[name], subject, colour, ground)))
        truths.append(of_thing(subject, colour, ground))
    return Album(np.stack(pictures), tuple(truths))


def examine(captioner: AttributeCaptioner, album: Album) -> Figures:
    """Of a whole album."""
    shown = [Picture(one.shape[1], one.shape[0], one.tobytes()) for one in album.pictures]
    seen = [captioner.see(one) for one in shown]
    told = [captioner.caption(one, Asked()) for one in shown]
    rights = [
        {name: answer.said == truth[name] for name, answer in answers.items() if truth[name] is not None}
        for answers, truth in zip(seen, album.truths, strict=True)
    ]
    worn = [
        right[name]
        for right, truth in zip(rights, album.truths, strict=True)
        for name in ASKED
        if name.startswith("garment:") and truth[name] not in (None, "none")
    ]
    sure = [
        all(hit for name, hit in right.items() if name not in ("background", "style"))
        for right, one in zip(rights, told, strict=True)
        if not one.unsure
    ]
    return Figures(
        len(told),
        _share([one["subject"] for one in rights if "subject" in one]),
        _share([one["colour"] for one in rights if "colour" in one]),
        _share([one["background"] for one in rights if "background" in one]),
        _share(worn),
        len(sure) / len(told),
        _share(sure),
    )


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else float("nan")


def main() -> None:
    """Print a table of the captioner that ships, or of weights that are named."""
    parser = argparse.ArgumentParser(prog="python -m training.captioner.examine", description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="pictures of the world, and in made-up looks")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--drawings", type=Path, default=DEFAULT, help="where the scorer's training left mini's")
    parser.add_argument("--weights", type=Path, help="a folder; what ships if absent")
    options = parser.parse_args()
    torch.set_num_threads(1)
    config = load_catalog().captioners["mini-captioner"]
    if options.weights is not None:
        config = config.model_copy(update={"weights": Weights(path=str(options.weights.absolute()))})
    captioner = load_captioner(config).captioner
    assert isinstance(captioner, AttributeCaptioner)
    table = Table("pictures", "of", "subject", "colour", "ground", "worn", "sure", "true of sure")
    for name, album in albums(Workspace(options.drawings, options.seed), options.count):
        found = examine(captioner, album)
        shares = (found.subject, found.colour, found.ground, found.garments, found.sure, found.right)
        table.add_row(name, str(found.pictures), *(f"{one:.1%}" if one == one else "-" for one in shares))
    Console(highlight=False).print(table)


if __name__ == "__main__":
    main()
