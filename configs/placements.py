"""What runs of an installation, each with its replicas: generators, upscalers, scorers, captioners, trainers."""

from __future__ import annotations

from pydantic import Field, model_validator

from configs.frozen import Frozen
from configs.replicas import GeneratorReplicas, Replicas
from configs.schema import AppliedLora, Identifier
from configs.sharing import deployment_of


class GeneratorPlacement(Frozen):
    """A model, or a model with a LoRA combination fused in: in replicas of its own, or in some that it shares."""

    model: Identifier
    loras: tuple[AppliedLora, ...] = ()
    share: Identifier | None = Field(default=None, description="of `shared`: the replicas, in place of its own")
    replicas: GeneratorReplicas = GeneratorReplicas()

    @property
    def variant_id(self) -> str:
        """What draws, for example `mini` or `mini+icons@0.8`."""
        return "+".join([self.model, *(f"{a.lora}@{a.strength:g}" for a in self.loras)])

    @property
    def name(self) -> str:
        """Its deployment's, such as `generator-mini+icons@0.8`; shared, its own after that: `shared-gpu/mini`."""
        return (
            f"generator-{self.variant_id}" if self.share is None else f"{deployment_of(self.share)}/{self.variant_id}"
        )


class UpscalerPlacement(Frozen):
    """One upscaler deployment."""

    upscaler: Identifier
    replicas: Replicas = Replicas()

    @property
    def name(self) -> str:
        return f"upscaler-{self.upscaler}"


class ScorerPlacement(Frozen):
    """One scorer deployment: it comes when a request needs it, and goes again."""

    scorer: Identifier
    replicas: Replicas = Replicas(min_replicas=0)

    @property
    def name(self) -> str:
        return f"scorer-{self.scorer}"


class CaptionerPlacement(Frozen):
    """One captioner deployment: it comes when somebody asks for captions, and goes again."""

    captioner: Identifier
    replicas: Replicas = Replicas(min_replicas=0)

    @property
    def name(self) -> str:
        return f"captioner-{self.captioner}"


class TrainerPlacement(Frozen):
    """One trainer deployment: LoRAs of a model are trained on it, one at a time. It comes when a training needs it."""

    model: Identifier
    replicas: Replicas = Replicas(min_replicas=0, max_ongoing_requests=100, downscale_delay_s=60, drain_seconds=60)
    nice: int = Field(default=0, ge=0, le=19, description="by how much its process lets others go first")
    threads: int | None = Field(default=None, ge=1, description="of a CPU that it computes on; the model's if absent")
    give_way_seconds: float = Field(
        default=60.0, gt=0, description="of pictures that wait, as predicted, for which a training gives way"
    )

    @property
    def name(self) -> str:
        return f"trainer-{self.model}"

    @model_validator(mode="after")
    def _one(self) -> TrainerPlacement:
        if self.replicas.max_replicas != 1:
            raise ValueError("a trainer has one replica: trainings of a model go one after another")
        return self
