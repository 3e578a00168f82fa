"""The trained towers as the weights that ship, and how well they tell right sentences from nearly right ones."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file

from deployments.scorers.towers import TwoTowers
from training.mini.judges import to_input
from training.mini.workspace import Workspace
from training.scorer.learning import DRAWN, ScorerPlan, load_towers
from training.scorer.pictures import Album, load_album, render_album
from training.scorer.sentences import LENGTH, make_vocabulary, tell

WEIGHTS = Path("deployments/weights/mini-scorer")
_SIZES = {"length": LENGTH, "width": 24, "text_width": 128, "layers": 2, "dimensions": 256}


@dataclass(frozen=True)
class Figures:
    """Over pictures that training has not seen: how often the true sentence scores higher than each nearly true one
    (`told`), and how often the true one is above and the other below one half (`passed`, `refused`)."""

    pairs: int
    told: float
    passed: float
    refused: float


def export_scorer(space: Workspace, plan: ScorerPlan, target: Path = WEIGHTS) -> None:
    """Write `model.safetensors` (float16) and `config.json` with the words and the towers' sizes."""
    target.mkdir(parents=True, exist_ok=True)
    state = {name: value.half().contiguous() for name, value in load_towers(space, plan).state_dict().items()}
    save_file(state, target / "model.safetensors")
    (target / "model.safetensors").chmod(0o644)
    told = {**_SIZES, "words": make_vocabulary().words}
    (target / "config.json").write_text(json.dumps(told) + "\n")


def examine_scorer(space: Workspace, plan: ScorerPlan, count: int = 400) -> dict[str, Figures]:
    """On renders, and on the last of mini's drawings, which the plan holds out."""
    towers = load_towers(space, plan)
    drawn = load_album(space, DRAWN, plan.drawings + plan.held_out)
    held_out = Album(drawn.pictures[plan.drawings :], drawn.scenes[plan.drawings :])
    albums = {"renders": render_album("held-out", space.seed, count), "drawings": held_out}
    return {name: _examine(towers, album) for name, album in albums.items()}


@torch.inference_mode()
def _examine(towers: TwoTowers, album: Album) -> Figures:
    vocabulary, told, passed, refused = make_vocabulary(), [], [], []
    seen = torch.cat([towers.picture(to_input(album.pictures[i : i + 50])) for i in range(0, len(album.scenes), 50)])
    for row, scene in enumerate(album.scenes):
        true, others = tell(scene, random.Random(f"examined-{row}"))
        ids = torch.tensor([vocabulary.read(text) for text in (true, *others)])
        logits = towers.compare(seen[row : row + 1], towers.text(ids))[0]
        told += (logits[0] > logits[1:]).tolist()
        refused += (logits[1:] < 0).tolist()
        passed.append(bool(logits[0] > 0))
    return Figures(len(told), sum(told) / len(told), sum(passed) / len(passed), sum(refused) / len(refused))
