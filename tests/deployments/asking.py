"""Requests whose pictures are given by their roles, as a person would say it."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

from configs.inputs import InputImage, drawn_over
from deployments.messages import GenerateRequest

T = TypeVar("T")

_ROLES = ("image", "mask", "references", "controls", "image_prompts")


def control(kind: str, image: Any, scale: float = 1.0, start: float = 0.0, end: float = 1.0) -> InputImage[Any]:
    return InputImage(role="control", kind=kind, image=image, scale=scale, start=start, end=end)


def image_prompt(image: Any, scale: float = 1.0) -> InputImage[Any]:
    return InputImage(role="image_prompt", image=image, scale=scale)


def asked(**fields: Any) -> GenerateRequest:
    """A request with all `fields`, and pictures as `image`, `mask`, `references`, `controls` and `image_prompts`."""
    return _given(GenerateRequest(**{key: value for key, value in fields.items() if key not in _ROLES}), fields)


def replace(one: T, **changes: Any) -> T:
    """A request with other fields or pictures; an input, or anything else of fields, with others."""
    if isinstance(one, InputImage):
        return one.model_copy(update=changes)
    if not isinstance(one, GenerateRequest):
        return dataclasses.replace(one, **changes)  # type: ignore[type-var]
    rest = {key: value for key, value in changes.items() if key not in _ROLES}
    return _given(dataclasses.replace(one, **rest), changes)  # type: ignore[return-value]


def _given(request: GenerateRequest, changes: dict[str, Any]) -> GenerateRequest:
    had = {role: changes.get(role, getattr(request, role)) for role in _ROLES}
    mask = () if had["mask"] is None else (InputImage(role="mask", image=had["mask"]),)
    inputs = (
        *(mask if had["image"] is None else drawn_over(had["image"], had["mask"])),
        *(InputImage(role="reference", image=one) for one in had["references"]),
        *had["controls"],
        *had["image_prompts"],
    )
    return dataclasses.replace(request, inputs=inputs)
