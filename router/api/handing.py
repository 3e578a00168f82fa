"""Which routes answer with anything but JSON, and whether pictures are in it. A test holds that none is missing: who
adds such a route says here what it hands out."""

from __future__ import annotations

from typing import Literal, TypeAlias

Handing: TypeAlias = Literal["gated", "judged", "previewed", "drawn", "no picture"]
"""`gated`: pictures, which are refused for what their licences do not allow. `judged`: pictures that are shown to be
judged, for no other use. `previewed`: drafts of a few pixels while a picture is drawn. `drawn`: what the request itself
has had drawn, refused as `gated` is, before it is drawn or when it is done (tests/router/openai)."""

HANDED_OUT: dict[str, Handing] = {
    "GET /jobs/{job_id}/images/{index}.{format}": "gated",
    "GET /jobs/{job_id}/grid": "gated",
    "GET /events": "previewed",
    "GET /jobs/{job_id}/events": "previewed",
    "GET /pictures/{picture_id}": "gated",
    "GET /images/{asset_id}/thumbnail": "gated",
    "GET /batches/{batch_id}/sheet": "gated",
    "GET /batches/{batch_id}/zip": "gated",
    "GET /compare/{comparison_id}/sheet": "gated",
    "GET /compare/{comparison_id}/pictures/{prompt}/{letter}/{place}": "judged",
    "GET /ballots/{ballot_id}/{place}": "judged",
    "GET /trainings/{training_id}/pictures/{sha256}": "judged",
    "POST /v1/images/generations": "drawn",
    "POST /v1/images/edits": "drawn",
    "POST /openai/v1/images/generations": "drawn",
    "POST /openai/v1/images/edits": "drawn",
    "POST /openai/deployments/{deployment}/images/generations": "drawn",
    "POST /openai/deployments/{deployment}/images/edits": "drawn",
    "GET /audit.jsonl": "no picture",
    "GET /metrics": "no picture",
    "GET /shared/{token}/{asset_id}/{rendition}": "gated",
    "GET /experiments/{experiment_id}/plot": "no picture",
    "GET /experiments/{experiment_id}/votes.csv": "no picture",
    "GET /experiments/{experiment_id}/votes.parquet": "no picture",
}
"""By method and path template, as in OpenAPI."""
