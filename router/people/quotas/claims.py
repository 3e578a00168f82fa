"""Whose work an order is, and how often one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from configs.errors import QuotaReached
from configs.metrics import Metrics
from router.metrics import QUOTA_REJECTIONS
from router.people.quotas.model import Claim
from router.people.viewer import Viewer
from router.studio import Studio


def claim_of(studio: Studio, viewer: Viewer) -> Claim:
    """What somebody orders counts for them, their space, and the key that they use."""
    return Claim(viewer.owner, viewer.space, viewer.key, studio.installation.profile.limits.quotas)


@contextmanager
def counted_refusals(metrics: Metrics) -> Iterator[None]:
    """Report what is refused for a quota."""
    try:
        yield
    except QuotaReached as error:
        if error.reached is not None:
            metrics.count(QUOTA_REJECTIONS, subject=error.reached.subject, quota=error.reached.name)
        raise
