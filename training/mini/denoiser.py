"""The denoiser: rectified flow on cached latents, transformer and both text encoders trained together from scratch."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from transformers import CLIPTokenizer, T5Tokenizer

from training.mini.alignment import FEATURES, Companions, Weights
from training.mini.attention import MatmulProcessor, SigmoidGelu, gelu
from training.mini.captions import caption
from training.mini.dataset import Size, load_covers, load_indices, scene_at
from training.mini.exercises import Exercise, draw_exercise
from training.mini.judges import answers_of
from training.mini.latents import LATENTS, load_cached, token_grid
from training.mini.networks import Networks, Shape, image_ids
from training.mini.parallel import Crew
from training.mini.tokenizers import TEXT_LENGTH
from training.mini.workspace import Workspace
from training.mini.world.scene import SIZES

STAGE = "denoiser"
NO_GUIDANCE = 1.0
TIME_LEAN = 0.7
MUON_RATE = 6.0  # relative to AdamW at the same size of step; these small matrices bear it


@dataclass(frozen=True)
class DenoiserPlan:
    """How long the denoiser learns and how; the defaults made the weights that ship."""

    steps: int = 10_000
    cooldown: int = 3000
    batch: int = 96
    lessons: int = 128
    learning_rate: float = 1e-3
    warmup: int = 300
    ema_decay: float = 0.997
    compiled: bool = False
    log_every: int = 25
    save_every: int = 250
    people_share: float = 0.5
    subject_weight: float = 2.0
    companions: Weights = field(default_factory=Weights)
    shape: Shape = field(default_factory=Shape)


@dataclass(frozen=True)
class Batch:
    """One worker's part of a step.

    Packed latents (n × tokens × 64), what the observer sees in them (n × tokens × CHANNELS), how much of each token
    the subject covers (n × tokens, 0..1), the judge's answers (n × questions), token ids of both encoders, and the
    position ids.
    """

    latents: Tensor
    features: Tensor
    cover: Tensor
    answers: Tensor
    clip_ids: Tensor
    t5_ids: Tensor
    positions: Tensor


@dataclass(frozen=True)
class Corpus:
    """The encoded world by size and the tokenizers; gives the batch of any step as a function of seed and step."""

    space: Workspace
    latents: dict[Size, Tensor]
    features: dict[Size, Tensor]
    covers: dict[Size, np.ndarray]
    indices: dict[Size, np.ndarray]
    people: dict[Size, np.ndarray]
    clip: CLIPTokenizer
    t5: T5Tokenizer

    @classmethod
    def open(cls, space: Workspace) -> "Corpus":
        indices = {size: load_indices(space, size) for size in SIZES}
        return cls(
            space,
            {size: load_cached(space, LATENTS, size) for size in SIZES},
            {size: load_cached(space, FEATURES, size) for size in SIZES},
            {size: load_covers(space, size) for size in SIZES},
            indices,
            {size: _people(space.seed, numbers) for size, numbers in indices.items()},
            CLIPTokenizer.from_pretrained(space.path("tokenizer", "clip")),
            T5Tokenizer.from_pretrained(space.path("tokenizer", "t5")),
        )

    def batch(self, step: int, count: int, people_share: float, crew: Crew) -> Batch:
        """`people_share` of the pictures show people: their garments are the hardest to learn."""
        rng = np.random.default_rng((self.space.seed, 2, step))
        size = SIZES[rng.choice(3, p=(0.7, 0.15, 0.15))]
        people = self.people[size]
        kinds = np.flatnonzero(people), np.flatnonzero(~people)
        rows = np.where(rng.random(count) < people_share, *(rng.choice(kind, count) for kind in kinds))
        rows = rows[crew.rank :: crew.size]
        seed = self.space.seed
        scenes = [scene_at(seed, int(self.indices[size][row])) for row in rows]
        texts = [caption(scene, random.Random(f"{seed}-{step}-{row}")) for scene, row in zip(scenes, rows, strict=True)]
        # 99 captions in 100 fit 48 tokens; a quarter of the batches have the full length that the pipeline pads to.
        length = 48 if rng.random() < 0.75 else TEXT_LENGTH
        clip_ids, t5_ids = self.tokenise(texts, length)
        return Batch(
            self.latents[size][torch.from_numpy(rows)].float(),
            self.features[size][torch.from_numpy(rows)].float(),
            torch.from_numpy(self.covers[size][rows] / np.float32(255)),
            torch.tensor([answers_of(scene) for scene in scenes]),
            clip_ids,
            t5_ids,
            image_ids(*token_grid(size)),
        )

    def exercise(self, step: int, count: int, crew: Crew) -> Exercise:
        """Captions of people that name all they wear."""
        own = count // crew.size
        rng = random.Random(f"lesson-{self.space.seed}-{step}-{crew.rank}")
        return draw_exercise(rng, own, own, self.clip, self.t5)

    def tokenise(self, texts: list[str], length: int = TEXT_LENGTH) -> tuple[Tensor, Tensor]:
        """Token ids for CLIP and T5, padded to `length` as the pipeline pads them."""
        ids = [
            tokenizer(texts, padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
            for tokenizer in (self.clip, self.t5)
        ]
        return ids[0], ids[1]


class Learner:
    """Weights in bfloat16 for the arithmetic, in float32 for the optimisers, and their running mean for drawing.

    Matrices inside the blocks are stepped by Muon, which learns faster per step; everything else by AdamW.
    """

    def __init__(self, networks: nn.Module, rate: float, companions: Companions | None = None) -> None:
        self.rate = rate
        learning = nn.ModuleList([networks] if companions is None else [networks, companions]).bfloat16()
        named = list(learning.named_parameters())
        self.live: list[Tensor] = [p for _, p in named]
        self.master = [p.detach().float().clone().requires_grad_(True) for p in self.live]
        self.mean = [p.detach().float().clone() for p in networks.parameters()]
        inner = [is_inner_matrix(name, p) for name, p in named]
        matrices = [p for p, muon in zip(self.master, inner, strict=True) if muon]
        others = [p for p, muon in zip(self.master, inner, strict=True) if not muon]
        self.optimisers: dict[str, torch.optim.Optimizer] = {
            "muon": torch.optim.Muon(matrices, rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
            "adamw": torch.optim.AdamW(others, rate, (0.9, 0.99), weight_decay=0.01, fused=True),
        }

    def step(self, share: float, decay: float, crew: Crew) -> float:
        """Take the gradients of the live weights, step the master weights at `share` of the full rate, copy them
        back; returns the gradient's norm."""
        for live, master in zip(self.live, self.master, strict=True):
            master.grad = torch.zeros_like(master) if live.grad is None else live.grad.float()
            live.grad = None
        crew.average(p.grad for p in self.master)
        norm = torch.nn.utils.clip_grad_norm_(self.master, 1.0)
        for name, optimiser in self.optimisers.items():
            for group in optimiser.param_groups:
                group["lr"] = self.rate * share * MUON_RATE if name == "muon" else self.rate * share
            optimiser.step()
        with torch.no_grad():
            torch._foreach_copy_(self.live, self.master)
            torch._foreach_lerp_(self.mean, [p.detach() for p in self.master[: len(self.mean)]], 1 - decay)
        return float(norm)

    def state(self, step: int) -> dict[str, object]:
        return {
            "step": step,
            "master": [p.detach() for p in self.master],
            "mean": self.mean,
            **{name: optimiser.state_dict() for name, optimiser in self.optimisers.items()},
        }

    def restore(self, state: dict[str, object]) -> int:
        with torch.no_grad():
            for mine, name in ((self.master, "master"), (self.mean, "mean")):
                saved: list[Tensor] = state[name]  # type: ignore[assignment]
                torch._foreach_copy_(mine[: len(saved)], saved)  # restored weights come without companions
            torch._foreach_copy_(self.live, self.master)
        for name, optimiser in self.optimisers.items():
            if name in state:  # and without optimisers
                optimiser.load_state_dict(state[name])  # type: ignore[arg-type]
        return int(state["step"])  # type: ignore[call-overload,no-any-return]


def _people(seed: int, numbers: np.ndarray) -> np.ndarray:
    """Which of the scenes with these numbers show people."""
    return np.array([bool(scene_at(seed, int(number)).garments) for number in numbers])


def is_inner_matrix(name: str, parameter: Tensor) -> bool:
    """Whether Muon steps this weight: a matrix of attention or feed-forward, not an embedding or a modulation.

    Not T5's queries and keys: nothing scales its attention, and Muon grew them until every head looked at one word.
    """
    inside = "transformer_blocks" in name or ".block." in name or ".layers." in name
    fragile = ("relative_attention_bias.weight", "SelfAttention.q.weight", "SelfAttention.k.weight")
    return inside and parameter.ndim == 2 and "norm" not in name and not name.endswith(fragile)


def rate_share(step: int, plan: DenoiserPlan) -> float:
    """Warm-up, a plateau that may be as long as there is time, and a linear cool-down over the last steps."""
    return max(0.02, min(1.0, (step + 1) / plan.warmup, (plan.steps - step) / plan.cooldown))


def velocity(
    networks: Networks, text: tuple[Tensor, Tensor], positions: Tensor, noisy: Tensor, time_: Tensor, guidance: Tensor
) -> Tensor:
    """What the transformer predicts for noisy latents at time 0..1: noise minus picture. `text` is pooled, states."""
    pooled, states = text
    output: Tensor = networks.transformer(
        hidden_states=noisy,
        encoder_hidden_states=states,
        pooled_projections=pooled,
        timestep=time_,
        guidance=guidance,
        img_ids=positions,
        txt_ids=torch.zeros(states.shape[1], 3),
        return_dict=False,
    )[0]
    return output


def flow_loss(networks: Networks, text: tuple[Tensor, Tensor], batch: Batch, subject_weight: float) -> Tensor:
    """Rectified flow with logit-normal times, leaning to the noisy half, where it is decided what is drawn.

    A token that the subject covers counts 1 + `subject_weight` times.
    """
    clean, noise = batch.latents, torch.randn_like(batch.latents)
    moment = (torch.randn(len(clean)) + TIME_LEAN).sigmoid()
    share = moment[:, None, None]
    noisy = ((1 - share) * clean + share * noise).bfloat16()
    guidance = torch.full((len(clean),), NO_GUIDANCE, dtype=torch.bfloat16)
    predicted = velocity(networks, text, batch.positions, noisy, moment.bfloat16(), guidance)
    weight = 1 + subject_weight * batch.cover
    return ((predicted.float() - (noise - clean)).square().mean(2) * weight).sum() / weight.sum()


def prepare(networks: Networks, compiled: bool) -> None:
    """Make training fast: attention as matrix products, a cheaper GELU, and blocks compiled if asked."""
    model = networks.transformer
    model.set_attn_processor(MatmulProcessor())
    for block in model.single_transformer_blocks:
        block.act_mlp = SigmoidGelu()
    for block in model.transformer_blocks:
        block.ff.net[0].gelu = block.ff_context.net[0].gelu = gelu
    if compiled:
        for block in (*model.transformer_blocks, *model.single_transformer_blocks):
            block.compile(dynamic=False)


def train_denoiser(space: Workspace, plan: DenoiserPlan, crew: Crew) -> Iterator[dict[str, float]]:
    """Train (or resume) to plan.steps; yields figures every plan.log_every steps from the leading worker."""
    corpus = Corpus.open(space)
    torch.manual_seed(space.seed)
    networks, companions = Networks(plan.shape, len(corpus.clip), len(corpus.t5)), Companions(plan.shape)
    learner = Learner(networks, plan.learning_rate, companions)
    companions.listen(networks.transformer)
    prepare(networks, plan.compiled)
    state = space.load(STAGE)
    start = learner.restore(state) if state else 0
    began, sums = time.monotonic(), torch.zeros(3)
    for step in range(start, plan.steps):
        torch.manual_seed((space.seed * 1_000_003 + step) * 64 + crew.rank)
        batch = corpus.batch(step, plan.batch, plan.people_share, crew)
        text = networks.encode(batch.clip_ids, batch.t5_ids)
        flow = flow_loss(networks, text, batch, plan.subject_weight)
        loss = flow + companions.loss(batch.features, text[0], batch.answers, plan.companions)
        exercise = corpus.exercise(step, plan.lessons, crew)
        text = networks.encode(exercise.clip_ids, exercise.t5_ids)
        lesson = companions.lesson(text, exercise, plan.companions)
        loss = loss + lesson
        loss.backward()  # type: ignore[no-untyped-call]
        sums += torch.stack([flow, loss, lesson]).detach()
        norm = learner.step(rate_share(step, plan), min(plan.ema_decay, (step + 1) / (step + 10)), crew)
        done = step + 1
        if crew.leads and done % plan.log_every == 0:
            parts = zip(("flow", "loss", "lesson"), (sums / plan.log_every).tolist(), strict=True)
            figures = {"step": done, **dict(parts), "norm": norm, "seconds": time.monotonic() - began}
            sums.zero_()
            space.log(STAGE, figures)
            yield figures
        if crew.leads and (done % plan.save_every == 0 or done == plan.steps):
            space.save(STAGE, learner.state(done))
