"""The cells of the capability table: for each `yes` a request that the row must draw, for each `–` one that it must
refuse, with the field that the refusal names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from configs.capabilities import Capabilities, Mode
from configs.schema import AppliedLora, ModelConfig, Size
from deployments.messages import GenerateRequest
from tests.deployments import asking
from tests.deployments.diffusers_alone import left_half, painting
from tests.deployments.families.conformance.tinies import Tiny

LORA = "style"
COLUMNS = ("txt2img", "img2img", "inpaint", "edit", "ControlNet", "image prompt", "LoRA", "negative prompt")
"""Of the table in the README, those that say yes or no."""


@dataclass(frozen=True)
class Cell:
    """A `column` of the table and a request that shows it; `without` is the same request without what it shows, where
    that can be drawn too and must be another picture."""

    name: str
    column: str
    asked: GenerateRequest
    without: GenerateRequest | None = None


@dataclass(frozen=True)
class Refusal:
    """A request that the model must refuse, naming one of `fields`."""

    name: str
    asked: GenerateRequest
    fields: tuple[str, ...]


def cells(can: Capabilities, config: ModelConfig, tiny: Tiny) -> list[Cell]:
    """Every `yes` of a row, with other seeds, steps and guidance each."""
    asks = _Asks(can, config, tiny)
    found = [Cell(mode, mode, asks.mode(mode)) for mode in can.modes]
    for size in config.native_sizes[1:2]:
        found.append(Cell("another size", can.modes[0], asks.mode(can.modes[0], size)))
    if can.controls:
        found += [asks.followed(mode) for mode in can.modes if can.follows(mode)]
    if can.image_prompt is not None:
        asked = asks.mode(can.modes[0])
        shown = asking.image_prompt(painting(96, 64, seed=30))
        found.append(Cell("image prompt", "image prompt", asking.replace(asked, image_prompts=(shown,)), asked))
    if can.lora:
        asked = asks.mode(can.modes[0])
        worn = (AppliedLora(lora=LORA, strength=0.7),)
        found.append(Cell("LoRA", "LoRA", asking.replace(asked, loras=worn), asked))
    if can.negative_prompt:
        asked = asking.replace(asks.mode(can.modes[0]), guidance_scale=config.guidance_scale)
        found.append(Cell("negative prompt", "negative prompt", asked, asking.replace(asked, negative_prompt="green")))
    found += [Cell(f"{sampler} {schedule}", "samplers", asked) for sampler, schedule, asked in _sampled(can, asks)]
    return found


def _sampled(can: Capabilities, asks: _Asks) -> Iterator[tuple[str, str | None, GenerateRequest]]:
    """Each sampler with a schedule of its own in turn, and each schedule of the first, in every mode in turn."""
    first = next(iter(can.samplers))
    pairs: list[tuple[str, str | None]] = [(first, schedule) for schedule in can.samplers[first]]
    for place, (name, schedules) in enumerate(can.samplers.items()):
        pairs.append((name, schedules[place % len(schedules)] if schedules else None))
    for place, (chosen, schedule) in enumerate(dict.fromkeys(pairs)):
        mode = can.modes[place % len(can.modes)]
        yield chosen, schedule, asks.mode(mode, sampler=chosen, schedule=schedule)


def refusals(can: Capabilities, config: ModelConfig, tiny: Tiny) -> Iterator[Refusal]:
    """What the model itself must refuse: every `–` about pictures, and what no model can draw."""
    asks = _Asks(can, config, tiny)
    asked = asks.mode(can.modes[0])
    width, height = asked.width, asked.height
    picture, other = painting(width, height), painting(width, height + 16)
    for mode, fields in {
        "txt2img": ("image", "references"),
        "img2img": ("image", "mask"),
        "inpaint": ("image", "mask"),
    }.items():
        if mode not in can.modes:
            bare = {"references": ()} if mode == "txt2img" else {}
            yield Refusal(mode, asks.mode(mode, **bare), fields)  # type: ignore[arg-type]
    yield Refusal("edit", asking.replace(asked, references=(picture,) * (can.references + 1)), ("references",))
    if not can.controls:
        yield Refusal("ControlNet", asking.replace(asked, controls=(asking.control("depth", picture),)), ("controls",))
    else:
        yield Refusal(
            "unknown control", asking.replace(asked, controls=(asking.control("sketch", picture),)), ("controls",)
        )
        along = (asking.control(min(config.controls), picture),)
        for mode in set(can.modes) - {mode for mode in can.modes if can.follows(mode)}:
            yield Refusal(f"{mode} along a control", asking.replace(asks.mode(mode), controls=along), ("controls",))
    if can.image_prompt is None:
        yield Refusal(
            "image prompt", asking.replace(asked, image_prompts=(asking.image_prompt(picture),)), ("image_prompts",)
        )
    yield Refusal("sampler", asking.replace(asked, sampler="heun"), ("sampler",))
    yield Refusal("schedule", asking.replace(asked, schedule="kl_optimal"), ("schedule",))
    yield Refusal("size", asks.mode(can.modes[0], Size(width=width + 1, height=height)), ("size",))
    yield Refusal("no steps", asking.replace(asked, num_inference_steps=0), ("num_inference_steps",))
    for mode in {"img2img", "inpaint"} & set(can.modes):
        over = asks.mode(mode)  # type: ignore[arg-type]
        yield Refusal(f"{mode} of another size", asking.replace(over, image=other), ("image",))
        yield Refusal(f"{mode} of nothing", asking.replace(over, strength=0.0), ("strength",))
    if "inpaint" in can.modes:
        yield Refusal("a mask alone", asking.replace(asks.mode("inpaint"), image=None), ("mask", "image"))


class _Asks:
    """Requests to one row, each unlike the one before."""

    def __init__(self, can: Capabilities, config: ModelConfig, tiny: Tiny) -> None:
        self._can, self._config, self._tiny = can, config, tiny
        self._count = 0

    def mode(self, mode: Mode, size: Size | None = None, **changes: Any) -> GenerateRequest:
        """A request in a mode of the row's, or in another."""
        self._count += 1
        own = size or self._config.native_sizes[0]
        fields: dict[str, Any] = {"seed": self._count, "width": own.width, "height": own.height}
        if self._config.family != "janus":  # whose steps are always as many, and whose own loop fails unguided
            fields["num_inference_steps"] = 2 + self._count % 2
            usual = self._config.guidance_scale
            fields["guidance_scale"] = (1.5 * usual, min(1.0, usual), usual)[self._count % 3]
        if mode in ("img2img", "inpaint"):
            fields |= {"image": painting(own.width, own.height, self._count), "strength": 0.7}
        if mode == "inpaint":
            fields["mask"] = left_half(own.width, own.height)
        if mode == "edit":
            pictures = (painting(64, 96, self._count), painting(128, 64, self._count + 1))
            fields["references"] = pictures[: self._can.references]
        return self._tiny.ask(**{**fields, **changes})

    def followed(self, mode: Mode) -> Cell:
        """A request in a mode, along a control."""
        fills = mode == "inpaint" and "inpaint" in self._config.controls
        kind = "inpaint" if fills else min(self._config.controls)
        whole = self._can.engine == "pipeline"  # whose pipelines begin with noise alone
        asked = asking.replace(self.mode(mode), strength=1.0) if whole else self.mode(mode)
        shown = asked.image if fills else painting(asked.width, asked.height, seed=40 + self._count)
        control = asking.control(kind, shown, scale=0.7)
        return Cell(f"{mode} along {kind}", "ControlNet", asking.replace(asked, controls=(control,)), asked)
