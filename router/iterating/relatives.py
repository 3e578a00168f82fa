"""The seeds that were drawn of a request, by whoever repeated it."""

from __future__ import annotations

from router.iterating.lineage import trace
from router.iterating.parents import Parent
from router.jobs.store import JobStore
from router.people.viewer import Viewer

_SAME_REQUEST = ("regenerate", "like")
_GENERATIONS = 32


async def drawn_seeds(store: JobStore, viewer: Viewer, parent: Parent) -> frozenset[int]:
    """Of the job, drawn or planned, and of its repetitions: those before it and those after it."""
    lineage = await trace(store, viewer, parent.job.id, _GENERATIONS)
    relatives = (
        step.brief
        for step in (*lineage.ancestors, *lineage.descendants)
        if step.brief is not None and step.kin.call in _SAME_REQUEST
    )
    return frozenset(parent.plan.seeds) | {seed for brief in relatives for seed in brief.seeds}
