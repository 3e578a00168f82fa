"""The whole schema: importing the tables of every room puts them into one metadata."""

from __future__ import annotations

from router.assets import tables as _assets
from router.assets.keeping import tables as _keeping
from router.assets.search import tables as _search
from router.assets.sharing import tables as _sharing
from router.batches import tables as _batches
from router.experiments import tables as _experiments
from router.jobs import tables as _jobs
from router.library import tables as _library
from router.licences import tables as _licences
from router.people import tables as _people
from router.people.audit import tables as _audit
from router.people.quotas import tables as _quotas
from router.people.signing_in import tables as _signing_in
from router.storage.columns import metadata as metadata
from router.webhooks import tables as _webhooks

ROOMS = (
    *(_assets, _audit, _batches, _experiments, _jobs, _keeping),
    *(_library, _licences, _people, _quotas, _search, _sharing, _signing_in, _webhooks),
)
