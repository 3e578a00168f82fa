"""Where an installation's servers listen, and what one request may ask of them."""

from __future__ import annotations

from pydantic import Field, model_validator

from configs.frozen import Frozen
from configs.quotas import Quotas


class Address(Frozen):
    """Where a server listens."""

    host: str = "127.0.0.1"
    port: int = Field(gt=0, lt=65536)


ROOT_PATH = r"^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$"
"""The path that a proxy serves the studio under: empty, or `/name`, or several names."""


class NodeBounds(Frozen):
    """How many nodes of a kind there are, where it is not what the fleet says."""

    min: int = Field(default=0, ge=0)
    max: int = Field(ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> NodeBounds:
        if self.min > self.max:
            raise ValueError("min is larger than max")
        return self


HTTP_URL = r"^https?://[^@\s]+$"


class Monitoring(Frozen):
    """Where Prometheus and Grafana are, for Ray's own dashboard, which shows their graphs within it; nothing else asks
    there. They hold where the launcher starts Ray: in Kubernetes the chart says the same."""

    prometheus_url: str | None = Field(default=None, pattern=HTTP_URL, description="http://127.0.0.1:9090 if absent")
    grafana_url: str | None = Field(default=None, pattern=HTTP_URL, description="as Ray's head reaches it")
    grafana_iframe_url: str | None = Field(default=None, pattern=HTTP_URL, description="as browsers reach it")

    @property
    def environment(self) -> dict[str, str]:
        """What Ray is told by."""
        told = {
            "RAY_PROMETHEUS_HOST": self.prometheus_url,
            "RAY_GRAFANA_HOST": self.grafana_url,
            "RAY_GRAFANA_IFRAME_HOST": self.grafana_iframe_url,
        }
        return {name: url for name, url in told.items() if url is not None}


class Limits(Frozen):
    """What one request may ask for."""

    max_prompt_chars: int = Field(default=2000, gt=0)
    max_variations: int = Field(default=8, gt=0)
    max_best_of: int = Field(default=16, gt=0, description="drawings that one request may have chosen from")
    max_loras: int = Field(default=4, ge=0, description="that one request may combine")
    max_body_bytes: int = Field(default=65_536, gt=0)
    max_picture_bytes: int = Field(default=20 * 2**20, gt=0, description="of a file that is uploaded")
    max_picture_pixels: int = Field(default=40_000_000, gt=0, description="of a picture that is uploaded")
    max_lora_bytes: int = Field(default=2 * 2**30, gt=0, description="of a LoRA's file that is uploaded")
    max_dataset_pictures: int = Field(default=1000, gt=0, le=5000, description="that one dataset may have")
    max_dataset_bytes: int = Field(default=2 * 2**30, gt=0, description="of a dataset's zip file, packed or not")
    max_uploaded_pictures: int = Field(default=2000, gt=0, description="that one owner may keep")
    max_pictures: int = Field(default=16, ge=0, description="that one request may bring")
    max_queued_jobs_per_owner: int = Field(default=200, gt=0, description="outside of batches")
    max_batch_rows: int = Field(default=10_000, gt=0, le=50_000, description="jobs that one batch may be")
    max_batch_bytes: int = Field(default=16 * 2**20, gt=0, description="of the list or the file that a batch comes as")
    max_votes_bytes: int = Field(default=64 * 2**20, gt=0, description="of a file with votes that is taken in")
    max_queued_batch_jobs_per_owner: int = Field(default=20_000, gt=0, description="of all of an owner's batches")
    quotas: Quotas = Field(
        default=Quotas(), description="of each user, space and key, unless operators say otherwise; none if absent"
    )
