"""Python SDK and command line of Atelier, the self-hosted image studio. It speaks HTTP and needs nothing else of it."""

from atelier import errors, events, models
from atelier.async_client import AsyncAtelier
from atelier.client import Atelier
from atelier.errors import APIError, AtelierError, JobCanceled, JobFailed, Unreachable
from atelier.models import Image, Job, Picture, Plan
from atelier.retry import Retry
from atelier.version import VERSION as __version__

__all__ = [
    "APIError",
    "AsyncAtelier",
    "Atelier",
    "AtelierError",
    "Image",
    "Job",
    "JobCanceled",
    "JobFailed",
    "Picture",
    "Plan",
    "Retry",
    "Unreachable",
    "__version__",
    "errors",
    "events",
    "models",
]
