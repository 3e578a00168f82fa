"""The model that is trained on, loaded as a run wants it and not as it is served."""

from __future__ import annotations

from configs.runtime import Runtime
from configs.schema import ModelConfig
from configs.training import TrainingSettings
from deployments.families.training import Trainable, load_trainable


def load_base(config: ModelConfig, settings: TrainingSettings) -> Trainable:
    """`config`'s model in the precision of `settings`. Raises ConfigError with one plain sentence."""
    model = load_trainable(config.model_copy(update={"runtime": runtime(config.runtime, settings)}))
    if settings.gradient_checkpointing:
        model.denoiser.enable_gradient_checkpointing()
    return model


def runtime(served: Runtime, settings: TrainingSettings) -> Runtime:
    """Where it is served from, and nothing that only drawing bears: compiled blocks, parts that come and go."""
    return Runtime(
        dtype=settings.precision,
        quantisation="none" if settings.base == "as_is" else settings.base,
        device=served.device,
        threads=served.threads,
        memory_gb=served.memory_gb,
    )
