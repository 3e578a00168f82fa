"""A picture that a drawing begins with, looks at or follows: one class for it, from the request to the recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from configs.frozen import Frozen

I = TypeVar("I")  # noqa: E741 - what stands for the pixels
O = TypeVar("O")  # noqa: E741

Role: TypeAlias = Literal["image", "mask", "reference", "control", "image_prompt"]

_OF_CONTROLS = ("kind", "scale", "start", "end")
_HAVE: dict[Role, tuple[str, ...]] = {"control": _OF_CONTROLS, "image_prompt": ("scale",)}
"""Which of these mean something in a role."""


class InputAttributes(Frozen):
    """How an input counts: a control of its `kind` from the share `start` of all steps to `end`, with `scale`, and an
    image prompt with `scale`. A further attribute is a field here: from requests it comes into plans, messages,
    recipes and answers by itself."""

    kind: str = ""
    scale: float = 1.0
    start: float = 0.0
    end: float = 1.0


class InputImage(InputAttributes, Generic[I]):
    """`image` is what stands for the picture in each place: its name in a request, its file in a plan, a reference or
    pixels in a message, what a model made of it in a family."""

    role: Role
    image: I

    def with_image(self, image: O) -> InputImage[O]:
        """The same input, by something else that stands for its picture."""
        return InputImage(**{**dict(self), "image": image})

    def counts(self, step: int, steps: int) -> bool:
        """Whether it counts in step `step` (0-based) of `steps`, by the rule of diffusers' pipelines."""
        return step / steps >= self.start and (step + 1) / steps <= self.end

    def told(self) -> dict[str, Any]:
        """Its attributes as people and files are told them: those of controls always, None where the role has no such
        thing, others where they say something."""
        have = _HAVE.get(self.role, ())
        of_controls = {name: getattr(self, name) if name in have else None for name in _OF_CONTROLS}
        return of_controls | self.model_dump(exclude={"role", "image", *_OF_CONTROLS}, exclude_defaults=True)


def map_images(inputs: Iterable[InputImage[I]], change: Callable[[I], O]) -> tuple[InputImage[O], ...]:
    """The inputs, with `change(image)` in place of each image: the one walk over the pictures of a job."""
    return tuple(one.with_image(change(one.image)) for one in inputs)


def images_of(inputs: Iterable[InputImage[I]], role: Role) -> tuple[I, ...]:
    """What stands for the pictures in a role, in order."""
    return tuple(one.image for one in inputs if one.role == role)


def image_of(inputs: Iterable[InputImage[I]], role: Role) -> I | None:
    """What stands for the one picture in a role, if there is one."""
    return next(iter(images_of(inputs, role)), None)


def drawn_over(image: I, mask: I | None = None) -> tuple[InputImage[I], ...]:
    """An image to draw over, as a whole or where a mask is white."""
    whole = InputImage(role="image", image=image)
    return (whole,) if mask is None else (whole, InputImage(role="mask", image=mask))
