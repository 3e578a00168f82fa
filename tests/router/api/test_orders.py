"""What a body orders is what it was validated to, and says no more than its client did."""

from __future__ import annotations

from typing import Any

import pytest

from router.api.schemas import GenerateBody
from router.job_request import JobRequest


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "a red bicycle"},
        {"prompt": "a red bicycle", "num_variations": 3, "seed": 7, "loras": [{"id": "outline", "strength": 0.5}]},
        {"prompt": "a tree", "image": "pic_1", "strength": 0.6, "stages": {"check": False}, "formats": ["png"]},
        {"prompt": "a tree", "stages": {"refine": {"strength": 0.2}}, "negative_prompt": None},
    ],
)
def test_an_order_is_the_request_of_the_same_body(body: dict[str, Any]) -> None:
    ordered, meant = GenerateBody.model_validate({**body, "dry_run": False}).order(), JobRequest.model_validate(body)
    assert type(ordered) is JobRequest
    assert ordered == meant
    assert ordered.model_fields_set == meant.model_fields_set
    assert ordered.stages.model_fields_set == meant.stages.model_fields_set
    assert ordered.keep_as_asked() == meant.keep_as_asked()
