"""The stages of making mini, in order, and how each is run in one worker."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from training.mini import denoiser, distillation, lessons
from training.mini.alignment import FEATURES, OBSERVER, observed_features
from training.mini.autoencoder import AutoencoderPlan, load_autoencoder, train_autoencoder
from training.mini.dataset import render_world
from training.mini.denoiser import DenoiserPlan, train_denoiser
from training.mini.distillation import DistillationPlan, train_student
from training.mini.export import export
from training.mini.judges import train_judge
from training.mini.latents import LATENTS, Scale, cache, measure_scale, packed_latents
from training.mini.lessons import LessonPlan, train_lessons
from training.mini.parallel import Crew
from training.mini.polish import PolishPlan, polish_decoder
from training.mini.restore import restore
from training.mini.tokenizers import sample_captions, train_clip_tokenizer, train_t5_tokenizer
from training.mini.upscaler import UpscalerPlan, export_upscaler, train_upscaler
from training.mini.workspace import Workspace

RESTORE = "restore"  # not one of the stages that make mini: it goes back from what they made
STAGES = (
    *("world", "tokenizers", "autoencoder", "observer", "latents", "lessons"),
    *("denoiser", "distil", "polish", "upscaler", "export"),
)
ALONE = ("world", "tokenizers", "observer", "export", RESTORE)  # run in one process
PICTURES = 60_000


@dataclass(frozen=True)
class Order:
    """What one run was asked to do."""

    space: Workspace
    stage: str
    steps: int | None
    compiled: bool
    target: Path


def to_run(space: Workspace) -> tuple[str, ...]:
    """The stages of a whole run, in order. Each resumes by itself; lessons come before the denoiser or not at all."""
    begun = space.path("checkpoints", f"{denoiser.STAGE}.pt").exists()
    return tuple(stage for stage in STAGES if not (begun and stage == lessons.STAGE))


def run_stage(order: Order, crew: Crew) -> None:
    """One stage in one worker; the leading worker shows the figures."""
    console = Console(highlight=False)
    for line in _lines(order, crew):
        if crew.leads:
            console.print(f"[bold]{order.stage}[/] {line}")


def _lines(order: Order, crew: Crew) -> Iterator[str]:
    space, stage = order.space, order.stage
    if stage == "world":
        yield from (f"{done} of {PICTURES} pictures" for done in render_world(space, PICTURES) if done % 5000 < 100)
    elif stage == "tokenizers":
        make_tokenizers(space)
        yield "saved"
    elif stage == "latents":
        yield from _encode(space, crew)
    elif stage == "export":
        export(space, order.target / "mini", _last_trained(space))
        export_upscaler(space, UpscalerPlan(), order.target / "mini-x4")
        yield f"written to {order.target}"
    elif stage == RESTORE:
        restore(space, order.target / "mini")
        yield f"checkpoints written from {order.target}; run `world`, `observer`, `latents`, then `denoiser`"
    else:
        for figures in _train(order, crew):
            yield "  ".join(f"{name} {value:.4g}" for name, value in figures.items())


def _last_trained(space: Workspace) -> str:
    """The student once there is one, the denoiser before that."""
    return distillation.STAGE if space.path("checkpoints", f"{distillation.STAGE}.pt").exists() else denoiser.STAGE


def _train(order: Order, crew: Crew) -> Iterator[dict[str, float]]:
    space = order.space
    changed: Any = {} if order.steps is None else {"steps": order.steps}
    if order.stage == "observer":
        return train_judge(space, replace(OBSERVER, **changed))
    if order.stage == "lessons":
        return train_lessons(space, replace(LessonPlan(), **changed), crew)
    if order.stage == "autoencoder":
        return train_autoencoder(space, replace(AutoencoderPlan(), **changed), crew)
    if order.stage == "polish":
        return polish_decoder(space, replace(PolishPlan(), **changed), crew)
    if order.stage == "denoiser":
        return train_denoiser(space, replace(DenoiserPlan(compiled=order.compiled), **changed), crew)
    if order.stage == "distil":
        return train_student(space, replace(DistillationPlan(compiled=order.compiled), **changed), crew)
    return train_upscaler(space, replace(UpscalerPlan(), **changed), crew)


def make_tokenizers(space: Workspace) -> None:
    """Train both tokenizers on sampled captions and save them."""
    texts = list(sample_captions(space.seed))
    train_clip_tokenizer(texts).save_pretrained(space.path("tokenizer", "clip"))
    train_t5_tokenizer(texts).save_pretrained(space.path("tokenizer", "t5"))


def _encode(space: Workspace, crew: Crew) -> Iterator[str]:
    """Cache what the autoencoder and the observer make of the world; a scale once measured stays."""
    model = load_autoencoder(space, AutoencoderPlan())
    state = space.load("scale")
    scale = Scale(**state) if state else measure_scale(space, model)
    if crew.leads and state is None:
        space.save("scale", {"shift": scale.shift, "scaling": scale.scaling})
    for kind, encoder in ((LATENTS, packed_latents(model, scale)), (FEATURES, observed_features(space))):
        for done in cache(space, kind, encoder, crew):
            yield f"{kind}: {done} of {PICTURES // crew.size} of this worker"
