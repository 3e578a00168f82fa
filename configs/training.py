"""How a LoRA is trained, as data: what a request for one settles, and what a sweep varies of it."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from configs.frozen import Frozen

AdapterKind: TypeAlias = Literal["lora", "dora"]
TargetPreset: TypeAlias = Literal["all", "attention"]
"""Which linears of a denoiser learn: all of its blocks, or those of attention alone; which they are, a family says."""
Optimiser: TypeAlias = Literal["adamw", "adamw8bit", "prodigy"]
GuidanceMode: TypeAlias = Literal["plain", "contrastive"]
"""`plain`: the model is told `guidance_scale` and learns pictures as they are. `contrastive`: it is told a scale
between `guidance_least` and `guidance_most`, and learns what it would draw at that scale if it had none embedded."""
NoiseSampling: TypeAlias = Literal["logit_normal", "uniform"]
Precision: TypeAlias = Literal["float32", "bfloat16"]
BasePrecision: TypeAlias = Literal["as_is", "nf4", "fp8"]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]


class TrainingSettings(Frozen):
    """All that decides a run beside its pictures: two runs with equal settings, pictures and base learn the same.

    What is None is as the model has it: `size` its own, `shift` what it draws with, `alpha` the rank.
    """

    kind: AdapterKind = "lora"
    rank: int = Field(default=16, ge=1, le=512)
    alpha: float | None = Field(default=None, gt=0, description="the layers count alpha / rank; the rank if absent")
    targets: TargetPreset = "all"
    size: int | None = Field(default=None, ge=64, le=2048, description="side of a square picture in training, in px")

    steps: int = Field(default=1500, ge=1, le=100_000)
    batch: int = Field(default=1, ge=1, le=64)
    accumulation: int = Field(default=1, ge=1, le=64, description="batches that one step adds up")
    optimiser: Optimiser = "adamw"
    rate: float = Field(default=1e-4, gt=0, le=10, description="the highest learning rate; Prodigy's is 1")
    weight_decay: float = Field(default=1e-4, ge=0, le=1)
    warm_up: int = Field(default=20, ge=0, description="steps over which the rate rises")
    schedule: Literal["cosine", "constant"] = "cosine"
    rate_end: Share = Field(default=0.05, description="of the highest rate, where a cosine ends")
    clip: float = Field(default=1.0, gt=0, description="the largest norm of a step's gradient")
    seed: int = Field(default=0, ge=0, lt=2**63)

    noise: NoiseSampling = "logit_normal"
    shift: float | None = Field(default=None, gt=0, le=20, description="how far noise shares lean towards noise")
    min_snr: float | None = Field(default=None, gt=0, description="weighting of models that are no flows; SDXL: 5")
    guidance: GuidanceMode = "plain"
    guidance_scale: float = Field(default=1.0, ge=0, le=30, description="that a model with embedded guidance is told")
    guidance_least: float = Field(default=1.0, ge=1, le=30)
    guidance_most: float = Field(default=5.0, ge=1, le=30)
    caption_dropout: Share = 0.05
    ema: float | None = Field(default=None, gt=0, lt=1, description="decay of the average that is kept of the adapter")

    prior_weight: float = Field(
        default=1.0, ge=0, le=10, description="how much pictures of the class count in the loss"
    )
    validation_share: Annotated[float, Field(ge=0, le=0.5)] = Field(
        default=0.12, description="of the pictures, held back where none is named; at least 3 if there are 12 or more"
    )
    validate_every: int = Field(default=50, ge=1)
    checkpoint_every: int = Field(default=50, ge=1)
    sample_every: int | None = Field(default=None, ge=1, description="steps between pictures of `sample_prompts`")
    sample_prompts: tuple[str, ...] = Field(default=(), max_length=16)

    precision: Precision = "bfloat16"
    base: BasePrecision = "as_is"
    gradient_checkpointing: bool = False

    @model_validator(mode="after")
    def _check(self) -> TrainingSettings:
        if self.guidance_least > self.guidance_most:
            raise ValueError("'guidance_least' is above 'guidance_most': exchange them")
        if self.kind == "dora" and self.base != "as_is":
            raise ValueError("a DoRA needs its base in full: set 'base' to 'as_is', or 'kind' to 'lora'")
        return self

    @property
    def scale(self) -> float:
        """What the product of an adapter's matrices is multiplied with: alpha / rank."""
        return (self.rank if self.alpha is None else self.alpha) / self.rank


class TrainingSweep(Frozen):
    """Runs that differ in one thing or several: each seed with each rank and each rate."""

    seeds: tuple[int, ...] = Field(default=(), max_length=8)
    ranks: tuple[int, ...] = Field(default=(), max_length=8)
    rates: tuple[float, ...] = Field(default=(), max_length=8)

    def over(self, settings: TrainingSettings) -> tuple[TrainingSettings, ...]:
        """The settings of each run, `settings` alone where nothing varies. Raises pydantic's ValidationError."""
        given = settings.model_dump()
        return tuple(
            TrainingSettings.model_validate(given | {"seed": seed, "rank": rank, "rate": rate})
            for seed in self.seeds or (settings.seed,)
            for rank in self.ranks or (settings.rank,)
            for rate in self.rates or (settings.rate,)
        )
