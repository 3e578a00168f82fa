"""`python -m tests.bench.judging`: LoRAs of a look of mini's world are trained, judged, and held against that world.

`plain` is as a studio would train it: the judge's choice has to be as good, by the exact oracle, as the best there is.
Of `hard`, five pictures at a high rate, those checkpoints may pass of which the oracle finds that they still draw what
is asked for, and no others; `memorised`, three pictures for 900 steps at rank 64, and `memorised-six`, six of them,
have to be lost by the oracle at their end, and nothing of them recommended; `always`, captions without a trigger, has
to be caught drifting. Runs are kept in `--folder`.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from configs.judgement import JudgedAdapter, Judgement
from configs.load import load_catalog
from configs.training import TrainingSettings
from deployments.families.registry import FAMILIES
from deployments.families.training import load_trainable
from deployments.scorers.table import load_scorer
from tests.bench.judging.looks import KESTREL, LEARNED, pictures
from tests.bench.judging.oracle import Truth
from tests.bench.judging.oracle import judge as oracle
from training.lora.checkpoints import ADAPTER, whole
from training.lora.events import Stepped, Validated
from training.lora.judging.album import recall
from training.lora.judging.events import Judged
from training.lora.judging.grid import GridSize
from training.lora.judging.judge import JudgingSettings, judge
from training.lora.judging.painter import ServingPainter
from training.lora.trainer import Trainer

_USUAL = TrainingSettings(
    rank=8, rate=2e-3, batch=4, steps=300, guidance="contrastive", precision="float32", checkpoint_every=50
)


@dataclass(frozen=True)
class Run:
    """What is trained on, and how."""

    settings: TrainingSettings
    subjects: tuple[str, ...] = LEARNED
    trigger: bool = True


_GRID = GridSize(known=1, held_out=3, unseen=6, foreign=1, plain=3)
_HARD = {
    "steps": 200,
    "batch": 2,
    "rate": 5e-3,
    "guidance": "plain",
    "checkpoint_every": 100,
    "caption_dropout": 0.0,
}
_MEMORISED = {
    "steps": 900,
    "rank": 64,
    "batch": 1,
    "rate": 3e-3,
    "guidance": "plain",
    "checkpoint_every": 300,
    "caption_dropout": 0.0,
}
RUNS = {
    "plain": Run(_USUAL),
    "hard": Run(_USUAL.model_copy(update=_HARD), LEARNED[:8]),
    "memorised": Run(_USUAL.model_copy(update=_MEMORISED), LEARNED[:6]),
    "memorised-six": Run(_USUAL.model_copy(update=_MEMORISED), LEARNED[:9]),
    "always": Run(_USUAL.model_copy(update={"steps": 80, "checkpoint_every": 40}), trigger=False),
}


def train(run: Run, folder: Path, console: Console) -> dict[int, dict[float, float]]:
    """Go on with it, or do nothing where it is done. Returns its held-out losses."""
    kept = folder / "losses.json"
    losses = json.loads(kept.read_text()) if kept.exists() else {}
    if run.settings.steps not in {int(one.name.removeprefix("step-")) for one in whole(folder)}:
        config = load_catalog().models["mini"]
        trainer = Trainer(load_trainable(config), pictures(KESTREL, run.subjects, run.trigger), run.settings, folder)
        for event in trainer.run():
            if isinstance(event, Validated):
                losses[event.step] = dict(event.loss_by_noise)
                kept.write_text(json.dumps(losses))
            elif isinstance(event, Stepped) and event.step % 50 == 0:
                console.print(
                    f"step {event.step} of {event.steps}, loss {event.loss:.3f}, {event.eta_seconds:.0f} s left"
                )
    return {int(step): {float(share): loss for share, loss in each.items()} for step, each in losses.items()}


def study(
    name: str, folder: Path, steps: int, seeds: int, console: Console
) -> tuple[Judgement, dict[tuple[int, float], Truth]]:
    """Train, judge, and ask the oracle of every picture of new subjects that was judged."""
    run, catalog = RUNS[name], load_catalog()
    losses = train(run, folder, console)
    config = catalog.models["mini"]
    painter = ServingPainter(FAMILIES.find("flux")(config), config, steps)
    files = {int(one.name.removeprefix("step-")): one / ADAPTER for one in whole(folder)}
    scorer = load_scorer(catalog.scorers["mini-scorer"])
    told = judge(
        files,
        painter,
        pictures(KESTREL, run.subjects, run.trigger),
        JudgingSettings(trigger=KESTREL.trigger if run.trigger else "", size=_GRID, seeds=tuple(range(11, 11 + seeds))),
        scorer=scorer,
        held_out_loss=losses,
        folder=folder / "judged",
    )
    end = [*told][-1]
    if not isinstance(end, Judged):
        raise RuntimeError("the judging did not end")
    end.sheet.save(folder / "sheet.png")
    (folder / "judgement.json").write_text(end.judgement.model_dump_json(indent=1))
    grid, drawn = recall(end.judgement, folder / "judged")
    truths = {key: oracle(KESTREL, grid, pictures, drawn[0, 0.0]) for key, pictures in drawn.items()}
    return end.judgement, truths


def show(name: str, judgement: Judgement, truths: dict[tuple[int, float], Truth], console: Console) -> None:
    names = [*dict.fromkeys(measure for one in judgement.judged for measure in one.marks)]
    table = Table("step", *names, "right", "PSNR", "palette", "drift /255", "", title=name)
    for one in judgement.judged:
        truth = truths[one.step, one.strength]
        marks = [
            f"{one.marks[each].value:.2f}±{one.marks[each].error:.2f}" if each in one.marks else "" for each in names
        ]
        chosen = "picked" if one == judgement.picked else "fails" if one.failed else "caution" if one.cautions else ""
        exact = (f"{truth.right}/{truth.of}", f"{truth.psnr:.1f}", f"{truth.palette:.2f}", f"{truth.drift:.0f}")
        table.add_row(f"{one.step} at {one.strength:g}", *marks, *exact, chosen)
    console.print(table)
    for reason in judgement.pick.reasons:
        console.print(f"  {reason}")


def verdict(name: str, judgement: Judgement, truths: dict[tuple[int, float], Truth]) -> tuple[bool, str]:
    """Whether the judge did what it has to do on that run."""
    full = [one for one in judgement.judged if one.strength == 1]
    if name == "always":
        caught = all(any("do not ask for it" in said for said in one.cautions) for one in full[1:])
        return caught, "drift is caught" if caught else "drift is not caught"
    found = [(one, truths[one.step, 1.0]) for one in full]
    said = "; ".join(f"step {one.step}: {truth.right}/{truth.of} right, {_standing(one)}" for one, truth in found)
    if name == "hard":
        return all(one.passes != truth.is_lost for one, truth in found), said
    if name.startswith("memorised"):
        return found[-1][1].is_lost and not judgement.pick.recommended, said
    picked = truths[judgement.pick.step, judgement.pick.strength]
    best = max((one for (step, _), one in truths.items() if step), key=lambda one: (one.right, one.psnr))
    as_good = judgement.pick.recommended and picked.is_as_good(best)
    return (
        as_good,
        f"picked {picked.right}/{picked.of} {picked.psnr:.1f} dB, best {best.right}/{best.of} {best.psnr:.1f} dB",
    )


def _standing(one: JudgedAdapter) -> str:
    return "passes" if one.passes else "fails"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.judging", description=__doc__)
    parser.add_argument("runs", nargs="*", choices=[*RUNS, []], help="all if absent")
    parser.add_argument("--folder", type=Path, default=Path(".atelier/bench/judging"))
    parser.add_argument("--steps", type=int, default=12, help="of each picture (%(default)s)")
    parser.add_argument("--seeds", type=int, default=2, help="of each prompt (%(default)s)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    console, good = Console(highlight=False, width=200), True
    for name in options.runs or RUNS:
        judgement, truths = study(name, options.folder / name, options.steps, options.seeds, console)
        show(name, judgement, truths, console)
        passed, said = verdict(name, judgement, truths)
        console.print(f"[bold]{name}: {'as it should be' if passed else 'NOT AS IT SHOULD BE'}[/]: {said}")
        good = good and passed
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
