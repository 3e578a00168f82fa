"""`python -m training.mini.evaluate`: does mini draw what it is asked? A table, and a contact sheet to look at."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import FluxPipeline
from PIL import Image
from rich.console import Console
from rich.table import Table
from torch import Tensor

from training.mini.examination import Question, set_questions
from training.mini.judges import IGNORED, QUESTIONS, REQUIRED, JudgePlan, answers_of, ask, fit, load_judge, train_judge
from training.mini.tokenizers import TEXT_LENGTH
from training.mini.workspace import DEFAULT, SEED, Workspace
from training.mini.world.people import GARMENTS
from training.mini.world.scene import HELD_OUT

STEPS = 20
GUIDANCE = 3.5
SHEET = Path("training/mini/card/contact-sheet.png")
WEIGHTS = Path("deployments/weights/mini")


@dataclass(frozen=True)
class Row:
    """One line of the table: how many were right of how many, and what is asked for."""

    judged: str
    right: int
    of: int
    floor: float
    aim: float

    @property
    def share(self) -> float:
        return self.right / self.of if self.of else 0.0


PROMISES: tuple[tuple[str, float, float], ...] = (
    ("subject", 0.80, 0.92),
    ("subject, held-out pairs", 0.70, 0.85),
    ("subject colour", 0.90, 0.95),
    ("background", 0.90, 0.95),
    ("style", 0.85, 0.95),
    ("garment with its colour", 0.65, 0.85),
)


def mark(questions: Sequence[Question], guesses: Tensor) -> list[Row]:
    """The table, from the judge's answers (pictures × QUESTIONS)."""
    answers = torch.tensor([answers_of(q.scene) for q in questions])
    names = list(QUESTIONS)
    right = guesses == answers
    asked = answers != IGNORED
    unseen = torch.tensor([(q.scene.subject, q.scene.colour) in HELD_OUT for q in questions])
    worn = torch.zeros_like(asked)
    for kind in GARMENTS:
        column = names.index(f"garment:{kind}")
        worn[:, column] = asked[:, column] & (answers[:, column] > 0)
    subject = names.index("subject")
    counted = (
        (right[:, subject], asked[:, subject]),
        (right[:, subject], unseen),
        *((right[:, names.index(n)], asked[:, names.index(n)]) for n in ("colour", "background", "style")),
        (right, worn),
    )
    return [
        Row(name, int((hit & of).sum()), int(of.sum()), floor, aim)
        for (name, floor, aim), (hit, of) in zip(PROMISES, counted, strict=True)
    ]


def print_table(rows: Sequence[Row], console: Console) -> None:
    table = Table("judged", "result", "floor", "aim", "count")
    for row in rows:
        result = f"{row.share:.1%}" + ("" if row.share >= row.floor else "  BELOW FLOOR")
        table.add_row(row.judged, result, f"{row.floor:.0%}", f"{row.aim:.0%}", f"{row.right} of {row.of}")
    console.print(table)


def load_pipeline(weights: Path, kind: str) -> Any:
    """The folder as a pipeline in `float32` or `bfloat16` (faster on CPUs with AMX)."""
    loader: Any = FluxPipeline
    return loader.from_pretrained(weights, dtype=getattr(torch, kind))


def draw(
    pipeline: Any, questions: Sequence[Question], seed: int, batch: int = 12, steps: int = STEPS
) -> Iterator[np.ndarray[Any, Any]]:
    """Each question's picture (uint8, h × w × 3), in order; picture i has seed `seed` + i."""
    pipeline.set_progress_bar_config(disable=True)
    for start in range(0, len(questions), batch):
        part = list(enumerate(questions[start : start + batch], start))
        drawn: dict[int, np.ndarray[Any, Any]] = {}
        for size in {q.scene.size for _, q in part}:
            group = [(i, q) for i, q in part if q.scene.size == size]
            pictures = pipeline(
                prompt=[q.prompt for _, q in group],
                width=size[0],
                height=size[1],
                num_inference_steps=steps,
                guidance_scale=GUIDANCE,
                max_sequence_length=TEXT_LENGTH,
                generator=[torch.Generator().manual_seed(seed + i) for i, _ in group],
                output_type="np",
            ).images
            drawn |= {i: (p * 255).round().astype(np.uint8) for (i, _), p in zip(group, pictures, strict=True)}
        yield from (drawn[i] for i, _ in part)


def lay_out(pictures: Sequence[np.ndarray[Any, Any]], columns: int = 16) -> Image.Image:
    """A contact sheet: every picture centred in a cell of its longest side."""
    cell = 164
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * cell, rows * cell), "#f4f4f6")
    for i, picture in enumerate(pictures):
        x, y = i % columns * cell, i // columns * cell
        height, width = picture.shape[:2]
        sheet.paste(Image.fromarray(picture), (x + (cell - width) // 2, y + (cell - height) // 2))
    return sheet


def save_sheet(pictures: Sequence[np.ndarray[Any, Any]], target: Path) -> None:
    """Write the sheet with an adaptive palette, so that it stays well under a megabyte."""
    target.parent.mkdir(parents=True, exist_ok=True)
    lay_out(pictures).quantize(256).save(target, optimize=True)


def main() -> int:
    """Train or load the judge, draw, mark, print; exit status 1 where a row is below its floor."""
    parser = argparse.ArgumentParser(prog="python -m training.mini.evaluate", description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--root", type=Path, default=DEFAULT, help="where the judge is kept (default %(default)s)")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--sheet", type=Path, default=SHEET)
    options = parser.parse_args()
    console, space = Console(highlight=False), Workspace(options.root, options.seed)
    plan = JudgePlan()
    for figures in train_judge(space, plan):
        console.print("judge  " + "  ".join(f"{name} {value:.4g}" for name, value in figures.items()))
    if min(figures.values()) < REQUIRED:
        console.print(f"[red]The judge is below {REQUIRED:.0%} on held-out renders: its marks mean little.[/]")
    questions = set_questions(options.seed)
    pictures = []
    with console.status("drawing") as status:
        for picture in draw(load_pipeline(options.weights, options.dtype), questions, options.seed):
            pictures.append(picture)
            status.update(f"drawing {len(pictures)} of {len(questions)}")
    judge = load_judge(space, plan)
    if judge is None:
        raise RuntimeError("the judge was trained and cannot be loaded")
    rows = mark(questions, ask(judge, np.stack([fit(p) for p in pictures])))
    print_table(rows, console)
    save_sheet(pictures[:: max(1, len(pictures) // 96)][:96], options.sheet)
    console.print(f"contact sheet: {options.sheet}")
    return 0 if all(row.share >= row.floor for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
