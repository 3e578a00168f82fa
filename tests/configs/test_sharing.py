"""Placements that share replicas: what may be said, what they are called, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from configs.profile import ProfileConfig
from configs.sharing import split_name


def profile(**changes: Any) -> ProfileConfig:
    fields: dict[str, Any] = {
        "id": "one-gpu",
        "description": "Several models",
        "default_model": "mini",
        "shared": {"gpu": {"keep_alive_seconds": 60, "memory_gb": 20}},
        "generators": [
            {"model": "mini"},
            {"model": "flux-1-dev", "share": "gpu"},
            {"model": "flux-1-dev", "share": "gpu", "loras": [{"lora": "icons", "strength": 0.8}]},
        ],
    }
    return ProfileConfig.model_validate(fields | changes)


def test_placements_are_called_by_their_deployment_and_what_draws() -> None:
    names = [one.name for one in profile().generators]
    assert names == ["generator-mini", "shared-gpu/flux-1-dev", "shared-gpu/flux-1-dev+icons@0.8"]
    assert [split_name(name) for name in names] == [
        ("generator-mini", ()),
        ("shared-gpu", ("flux-1-dev",)),
        ("shared-gpu", ("flux-1-dev+icons@0.8",)),
    ]


def test_placements_have_the_replicas_that_they_share() -> None:
    shared = profile()
    assert shared.replicas_of(shared.generators[1]) is shared.shared["gpu"]
    assert shared.replicas_of(shared.generators[0]) is shared.generators[0].replicas


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"generators": [{"model": "mini", "share": "cpu"}]}, "'share: cpu' is not among 'shared'; known: gpu"),
        ({"generators": [{"model": "mini"}]}, "no generator has 'share: gpu'"),
        ({"generators": [{"model": "mini", "share": "gpu", "replicas": {}}]}, "write it in 'shared.gpu'"),
    ],
)
def test_what_does_not_fit_together_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        profile(**changes)
