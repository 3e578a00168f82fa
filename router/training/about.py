"""What an adapter's file says of itself, by ModelSpec's names and ours: no captions, no names of files or people."""

from __future__ import annotations

from collections.abc import Mapping

from router.training.plan import TrainingPlan


def about(job_id: str, plan: TrainingPlan) -> Mapping[str, str]:
    """Of a training's adapters, whichever of them is kept."""
    told = {
        "modelspec.title": plan.name or plan.lora,
        "modelspec.trigger_phrase": plan.trigger,
        "modelspec.license": ", ".join(sorted({part.licence for part in plan.licence_parts})),
        "atelier.training": job_id,
        "atelier.base": plan.model,
        "atelier.dataset": f"{plan.dataset.id}@{plan.dataset.version}",
        "atelier.dataset_sha256": plan.dataset.sha256,
        "atelier.seed": str(plan.settings.seed),
    }
    return {name: value for name, value in told.items() if value}
