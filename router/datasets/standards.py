"""What a dataset is held against: the rules, at the size and in the tokens of the model that is to learn."""

from __future__ import annotations

from configs.catalog import Installation
from configs.schema import ModelConfig
from router.datasets.preflight.checking import Preflight
from router.prompts.tokens import counter_of


def preflight_for(installation: Installation, model: ModelConfig, size: int | None = None) -> tuple[Preflight, str]:
    """The preflight for a training of `model` with squares of `size` pixels a side, its own if None; and its name,
    which tells it from those that count otherwise."""
    counter, limit, own = counter_of(model, installation), model.text_length, model.native_sizes[0]
    rules = installation.catalog.dataset_rules
    side = min(size or round((own.width * own.height) ** 0.5), rules.training_side)
    rules = rules.model_copy(update={"training_side": side})
    preflight = Preflight.of(rules, lambda text: counter.measure(text, limit).tokens, limit)
    return preflight, f"{model.id} at {side}"
