"""A dataset's preflight, before anything is learned from it: what cannot work is refused, with what helps."""

from __future__ import annotations

from configs.errors import InvalidRequest
from configs.schema import ModelConfig
from configs.training import TrainingSettings
from router.datasets.preflight.checking import Preflight
from router.prompts.tokens import counter_of
from router.studio import Studio
from router.training.planning import Material

_PATIENCE_SECONDS = 20.0  # for a first look at its files; a larger set is learned from unchecked
_TOLD = 3


async def check_material(studio: Studio, material: Material, model: ModelConfig, settings: TrainingSettings) -> None:
    """Held against the size that is trained at. Raises `InvalidRequest` with the worst that was found."""
    installation, dataset = studio.installation, material.dataset
    counter, limit = counter_of(model, installation), model.text_length
    rules, own = installation.catalog.dataset_rules, model.native_sizes[0]
    side = min(settings.size or round((own.width * own.height) ** 0.5), rules.training_side)
    rules = rules.model_copy(update={"training_side": side})
    preflight = Preflight.of(rules, lambda text: counter.measure(text, limit).tokens, limit)
    manner = f"{model.id} at {side}"
    progress = await studio.examiner.examine(material.pin.sha256, dataset, preflight, manner, _PATIENCE_SECONDS)
    if progress.report is None or not progress.report.refused:
        return
    errors = [one for one in progress.report.findings if one.severity == "error"]
    said = "; ".join(f"{one.reason} ({one.remedy})" for one in errors[:_TOLD])
    more = f"; and {len(errors) - _TOLD} more" if len(errors) > _TOLD else ""
    raise InvalidRequest(f"{dataset.id} {material.pin.version} cannot be learned from: {said}{more}", "dataset")
