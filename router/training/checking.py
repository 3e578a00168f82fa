"""A dataset's preflight, before anything is learned from it: what cannot work is refused, with what helps."""

from __future__ import annotations

from configs.errors import InvalidRequest
from configs.schema import ModelConfig
from configs.training import TrainingSettings
from router.datasets.standards import preflight_for
from router.studio import Studio
from router.training.planning import Material

_PATIENCE_SECONDS = 20.0  # for a first look at its files; a larger set is learned from unchecked
_TOLD = 3


async def check_material(studio: Studio, material: Material, model: ModelConfig, settings: TrainingSettings) -> None:
    """Held against the size that is trained at. Raises `InvalidRequest` with the worst that was found."""
    dataset = material.dataset
    preflight, manner = preflight_for(studio.installation, model, settings.size)
    progress = await studio.examiner.examine(material.pin.sha256, dataset, preflight, manner, _PATIENCE_SECONDS)
    if progress.report is None or not progress.report.refused:
        return
    errors = [one for one in progress.report.findings if one.severity == "error"]
    said = "; ".join(f"{one.reason} ({one.remedy})" for one in errors[:_TOLD])
    more = f"; and {len(errors) - _TOLD} more" if len(errors) > _TOLD else ""
    raise InvalidRequest(f"{dataset.id} {material.pin.version} cannot be learned from: {said}{more}", "dataset")
