"""Which version of a LoRA a training makes. Pure.

Another base, trigger or rank makes another LoRA (major); other pictures a better one (minor); another seed, checkpoint
or setting the same again (patch).
"""

from __future__ import annotations

from collections.abc import Sequence

from configs.schema import LoraConfig
from configs.semver import FIRST, rank
from router.training.plan import TrainingPlan


def next_version(known: Sequence[LoraConfig], plan: TrainingPlan) -> str:
    """The version after all that are known, of which the newest is what it is held against."""
    if not known:
        return FIRST
    newest = max(known, key=lambda one: rank(one.version))
    version, trained = rank(newest.version), newest.trained
    if trained is None or (trained.base, trained.rank) != (plan.model, plan.settings.rank):
        return str(version.bump_major())
    if newest.trigger_words != ((plan.trigger,) if plan.trigger else ()):
        return str(version.bump_major())
    if (trained.dataset, trained.dataset_sha256) != (plan.dataset.id, plan.dataset.sha256):
        return str(version.bump_minor())
    return str(version.finalize_version() if version.prerelease else version.bump_patch())
