"""What came of it, for people: a table, and how a running studio is given the file."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from pathlib import Path

from rich.table import Table

from configs.fitness import TRAINING_DATA
from configs.schema import LicencePart
from deployments.loras.intake import ADAPTER
from training.lora.merging.workbench import Result


def tabulate(result: Result, out: Path, words: Collection[str], licences: Collection[LicencePart]) -> Table:
    report, (energy, least) = result.trial.report, result.energy
    table = Table(show_header=False)
    table.add_row("file", f"{out.name}, {out.stat().st_size / 1e6:.2f} MB")
    table.add_row("layers", str(len(result.layers)))
    table.add_row("rank", f"up to {result.rank}")
    table.add_row("kept", f"{energy:.1%} of the energy; {least:.1%} in the layer with the least")
    if result.left_out:
        why = "biases, norms, embeddings: what was tuned in them is in no LoRA"
        table.add_row("left out", f"{len(result.left_out)} tensors ({why})")
    changed = f"weights by up to {report.effect:.2g}, prediction by {result.trial.prediction:.2g}"
    table.add_row(f"changes {result.trial.model}", f"{changed} of its size")
    table.add_row(
        f"runs on {result.trial.model}", f"alone: {report.exclusive}" if report.exclusive else "mixed, in slots"
    )
    table.add_row("trigger words", ", ".join(words) or "none")
    table.add_row("licences", "; ".join(f"{one.part}: {one.licence}" for one in licences) or "not known")
    return table


def next_step(out: Path, words: Collection[str], licences: Collection[LicencePart]) -> str:
    """The command that adds the file to a running studio's library, with a gap for a licence that nobody has named."""
    known = {one.part: one.licence for one in licences}
    named = {part: known.get(part, "…") for part in (ADAPTER, TRAINING_DATA)} | known
    arguments = [f"--licence {shlex.quote(f'{part}={licence}')}" for part, licence in named.items()]
    arguments += [f"--trigger {shlex.quote(word)}" for word in words]
    return f"atelier loras add {shlex.quote(str(out))} --id {out.stem.lower()} {' '.join(arguments)}"
