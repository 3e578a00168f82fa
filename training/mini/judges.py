"""The judge of mini's pictures: one small classifier with a head per question, trained on rendered pictures only."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.mini.workspace import Workspace
from training.mini.world.palette import BACKGROUNDS, COLOURS
from training.mini.world.people import GARMENTS
from training.mini.world.pictures import render
from training.mini.world.scene import STYLES, Scene, sample_any
from training.mini.world.subjects import SUBJECTS

REQUIRED = 0.99
IGNORED = -100
COLOUR_NAMES = tuple(COLOURS)
QUESTIONS: dict[str, tuple[str, ...]] = {
    "subject": SUBJECTS,
    "colour": COLOUR_NAMES,
    "background": BACKGROUNDS,
    "style": STYLES,
    **{f"garment:{kind}": ("none", *COLOUR_NAMES) for kind in GARMENTS},
}


@dataclass(frozen=True)
class JudgePlan:
    """How a judge learns; another `name` gives one of its own, trained on other pictures."""

    name: str = "judge"
    scenes: int = 30_000
    held_out: int = 1_000
    steps: int = 6000
    batch: int = 64
    learning_rate: float = 3e-3
    width: int = 28


class Judge(nn.Module):
    """Pictures in -1..1 (n × 3 × h × w) to one tensor of logits per question."""

    def __init__(self, width: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        sizes = ((5, width, 2), (width, 2 * width, 2), (2 * width, 3 * width, 2), (3 * width, 4 * width, 1))
        for inner, outer, stride in (*sizes, (4 * width, 6 * width, 2), (6 * width, 6 * width, 1)):
            layers += [nn.Conv2d(inner, outer, 3, stride, 1, bias=False), nn.BatchNorm2d(outer), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.heads = nn.ModuleDict(
            {name.replace(":", "_"): nn.Linear(12 * width, len(answers)) for name, answers in QUESTIONS.items()}
        )

    def features(self, pictures: Tensor) -> Tensor:
        """The last feature map: n × 6 · width × h / 16 × w / 16."""
        n, _, h, w = pictures.shape
        rows = torch.linspace(-1, 1, h)[None, None, :, None].expand(n, 1, h, w)
        columns = torch.linspace(-1, 1, w)[None, None, None, :].expand(n, 1, h, w)
        placed = torch.cat([pictures, rows, columns], 1).contiguous(memory_format=torch.channels_last)
        result: Tensor = self.body(placed)
        return result

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        features = self.features(pictures)
        pooled = torch.cat([features.mean((2, 3)), features.amax((2, 3))], 1).float()
        return {name: self.heads[name.replace(":", "_")](pooled) for name in QUESTIONS}


def answers_of(scene: Scene) -> list[int]:
    """The right answer to every question, in the order of QUESTIONS; IGNORED where a question makes no sense."""
    worn = {g.kind: g.colour for g in scene.garments}
    people = bool(scene.garments)
    answers = [
        SUBJECTS.index(scene.subject),
        COLOUR_NAMES.index(scene.colour) if scene.colour else IGNORED,
        BACKGROUNDS.index(scene.background),
        STYLES.index(scene.style),
    ]
    for kind in GARMENTS:
        answers.append(1 + COLOUR_NAMES.index(worn[kind]) if kind in worn else 0 if people else IGNORED)
    return answers


@dataclass(frozen=True)
class Exam:
    """Pictures on a common 128 × 128 canvas (uint8) with the answers."""

    pictures: np.ndarray[Any, Any]
    answers: Tensor


def fit(picture: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Resample any size to 128 × 128, so that one batch holds all three sizes."""
    pixels = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float()
    if pixels.shape[-2:] != (128, 128):
        pixels = F.interpolate(pixels, (128, 128), mode="bilinear", antialias=True)
    result: np.ndarray[Any, Any] = pixels[0].round().byte().permute(1, 2, 0).numpy()
    return result


def _exam_scene(rng: random.Random, person: bool) -> Scene:
    """Half of the pictures show people, whose small garments are the hardest to tell."""
    while True:
        scene = sample_any(rng)
        if bool(scene.garments) == person:
            return scene


def set_exam(seed: str, count: int) -> Exam:
    scenes = [_exam_scene(random.Random(f"{seed}-{i}"), person=i % 2 == 0) for i in range(count)]
    pictures = np.stack([fit(render(scene)) for scene in scenes])
    return Exam(pictures, torch.tensor([answers_of(scene) for scene in scenes]))


def to_input(pictures: np.ndarray[Any, Any]) -> Tensor:
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(127.5).sub(1)


def roughen(pictures: Tensor) -> Tensor:
    """What a generator does to a rendering: soft edges, blotches, a slight cast, a shift of a few pixels."""
    n = len(pictures)
    soft = F.interpolate(F.avg_pool2d(pictures, 2), scale_factor=2.0, mode="bilinear")
    pictures = torch.lerp(pictures, soft, torch.rand(n, 1, 1, 1))
    blotches = F.interpolate(torch.randn(n, 3, 16, 16), size=pictures.shape[-2:], mode="bilinear")
    cast = torch.randn(n, 3, 1, 1) * 0.02
    pictures = pictures + blotches * 0.06 * torch.rand(n, 1, 1, 1) + cast
    dy, dx = (int(v) for v in torch.randint(-4, 5, (2,)))
    return F.pad(pictures, (4, 4, 4, 4), mode="replicate")[:, :, 4 + dy : 132 + dy, 4 + dx : 132 + dx]


def examine(judge: Judge, exam: Exam, batch: int = 100) -> dict[str, float]:
    """Share of right answers per question."""
    guesses = ask(judge, exam.pictures, batch)
    shares = {}
    for column, name in enumerate(QUESTIONS):
        asked = exam.answers[:, column] != IGNORED
        shares[name] = float((guesses[asked, column] == exam.answers[asked, column]).float().mean())
    return shares


@torch.no_grad()
def ask(judge: Judge, pictures: np.ndarray[Any, Any], batch: int = 100) -> Tensor:
    """The judge's answers, pictures × questions."""
    judge.eval()
    rows = []
    for start in range(0, len(pictures), batch):
        with torch.autocast("cpu", torch.bfloat16):
            logits = judge(to_input(pictures[start : start + batch]))
        rows.append(torch.stack([value.argmax(1) for value in logits.values()], 1))
    return torch.cat(rows)


def train_judge(space: Workspace, plan: JudgePlan) -> Iterator[dict[str, float]]:
    """Train (or resume) the judge; the last figures yielded are its score on held-out renders, per question."""
    torch.manual_seed(space.seed)
    judge = Judge(plan.width).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(judge.parameters(), plan.learning_rate, weight_decay=0.02, fused=True)
    state = space.load(plan.name)
    start = 0
    if state:
        judge.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        start = state["step"]
    exam = set_exam(f"{plan.name}-{space.seed}", plan.scenes) if start < plan.steps else None
    began = time.monotonic()
    for step in range(start, plan.steps):
        assert exam is not None
        loss = _take_step(judge, optimiser, exam, plan, step)
        if (step + 1) % 100 == 0:
            yield {"step": step + 1, "loss": loss, "seconds": time.monotonic() - began}
        if (step + 1) % 500 == 0 or step + 1 == plan.steps:
            space.save(plan.name, {"model": judge.state_dict(), "optimiser": optimiser.state_dict(), "step": step + 1})
    yield examine(judge, set_exam(f"{plan.name}-{space.seed}-held-out", plan.held_out))


def _take_step(judge: Judge, optimiser: torch.optim.Optimizer, exam: Exam, plan: JudgePlan, step: int) -> float:
    judge.train()
    torch.manual_seed(step)
    rows = torch.randint(len(exam.pictures), (plan.batch,))
    for group in optimiser.param_groups:
        group["lr"] = plan.learning_rate * min(1.0, (step + 1) / 50, max(0.01, 1.1 * (1 - step / plan.steps)))
    with torch.autocast("cpu", torch.bfloat16):
        logits = judge(roughen(to_input(exam.pictures[rows.numpy()])))
    answers = exam.answers[rows]
    loss = torch.stack(
        [
            F.cross_entropy(value, answers[:, i], ignore_index=IGNORED, reduction="sum") / plan.batch
            for i, value in enumerate(logits.values())
        ]
    ).sum()
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    return float(loss.detach())


def load_judge(space: Workspace, plan: JudgePlan) -> Judge | None:
    """The trained judge, or None where it is not trained to the plan yet."""
    state = space.load(plan.name)
    if state is None or state["step"] < plan.steps:
        return None
    judge = Judge(plan.width)
    judge.load_state_dict(state["model"])
    return judge.eval()
