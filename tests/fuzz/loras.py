"""`python -m tests.fuzz.loras --files 10000`: random LoRA files through reading, judging and merging.

A file is taken, or refused with one of our own errors; anything else is a fault, and so is an account that does not add
up, a prediction for which a weight is no number, and a model that is not as before. Exit code 1 if there was one.
"""

from __future__ import annotations

import argparse
import logging
import random
import re
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from configs.errors import ConfigError
from deployments.loras import files, origin
from deployments.loras.changes import Change
from deployments.loras.convert import convert
from deployments.loras.keys import Anatomy, Place
from deployments.loras.merged import Merged, Part
from deployments.loras.preflight import judge
from tests.deployments.loras.architectures import flux2, sd3, sdxl
from tests.deployments.tiny import parts
from tests.fuzz.lora_files import draw, write

_LONGEST = 800  # of a refusal
_OWN = re.compile(r"'[^']*'|\S*\d\S*|/\S+")


@dataclass
class Outcome:
    """How many files were taken, refused (by kind of reason), and went wrong (the number of the file, and how)."""

    taken: int = 0
    skipping: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def run(numbers: Sequence[int], folder: Path) -> Outcome:
    """Files of these numbers, each the same whenever it is drawn."""
    torch.set_num_threads(1)
    logging.getLogger("diffusers").setLevel(logging.ERROR)
    models = [Anatomy.of(build()) for build in (_flux, sdxl, sd3, flux2)]
    outcome = Outcome()
    for number in numbers:
        dice = random.Random(number)
        anatomy = dice.choice(models)
        file = folder / "fuzz.safetensors"
        write(draw(dice, anatomy), file, dice)
        try:
            _try(file, anatomy, outcome)
        except ConfigError as error:
            outcome.refused[_reason(str(error))] += 1
            if "\n" in str(error) or not str(error).startswith("fuzz") or len(str(error)) > _LONGEST:
                outcome.faults.append(f"file {number}: not one sentence about the file: {error}")
        except Exception:  # noqa: BLE001 - what this looks for: it is told, and the next file tried
            outcome.faults.append(f"file {number}: {traceback.format_exc(limit=-4)}")
    return outcome


def _try(file: Path, anatomy: Anatomy, outcome: Outcome) -> None:
    contents = files.read(file, "fuzz")
    origin.guess(contents.tensors), origin.stated(contents.metadata)
    origin.trigger_words(contents.metadata), origin.frequent_tags(contents.metadata)
    converted = convert(contents.tensors, contents.metadata, anatomy)
    accounts = (converted.used, converted.skipped.keys(), converted.unknown.keys(), converted.misfits.keys())
    assert sorted(name for names in accounts for name in names) == sorted(contents.tensors), "the account is wrong"
    checked = judge(contents, file, anatomy, 16, "fuzz")
    _merge(checked.converted.changes, anatomy)
    outcome.taken += 1
    outcome.skipping += bool(checked.report.skipped)


def _merge(changes: Mapping[Place, Change], anatomy: Anatomy) -> None:
    before = {place: anatomy.weights[place].clone() for place in changes}
    merged = Merged(anatomy)
    merged.apply("fuzz", [Part(changes, 0.7)])
    try:
        assert all(bool(anatomy.weights[place].isfinite().all()) for place in changes), "a weight is no number"
    finally:
        merged.clear()
    assert all(torch.equal(anatomy.weights[place], weight) for place, weight in before.items()), "not as before"


def _flux() -> Any:
    torch.manual_seed(0)
    shape = {"num_attention_heads": 2, "attention_head_dim": 16, "joint_attention_dim": 32, "pooled_projection_dim": 32}
    net = parts.FluxTransformer2DModel(
        in_channels=16, num_layers=1, num_single_layers=1, axes_dims_rope=(4, 4, 8), **shape
    )
    return parts.FluxPipeline(*[None] * 6, transformer=net.eval().requires_grad_(False))


def _reason(message: str) -> str:
    """A refusal without what is the file's own."""
    return " ".join(_OWN.sub("…", message.partition(": ")[2]).split())[:110]


def describe(outcome: Outcome, files: int) -> str:
    """The counts, one a line, and the first faults."""
    refused = sum(outcome.refused.values())
    lines = [f"{files} files: {outcome.taken} taken ({outcome.skipping} of them with ranks of 0), {refused} refused"]
    lines += [f"{count:7} {reason}" for reason, count in outcome.refused.most_common()]
    return "\n".join([*lines, f"{len(outcome.faults)} faults", *outcome.faults[:10], ""])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.loras", description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first file")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(range(options.first, options.first + options.files), Path(folder))
    sys.stdout.write(describe(outcome, options.files))
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
