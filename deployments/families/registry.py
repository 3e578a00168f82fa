"""Which families there are, and what each can do. Modules are imported on use, so that asking costs no torch."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from configs.capabilities import Capabilities, CapabilityTable, Mode, TextReader
from configs.errors import ConfigError
from configs.sampling import NoiseSchedule, Sampler
from deployments.families.family import Load

Variants = Mapping[str, Capabilities]


@dataclass(frozen=True, slots=True)
class Row:
    """A family: the module with its `load`, and what each variant of it can do."""

    module: str
    variants: Variants


class Registry:
    """Family id → row."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}

    def add(self, family: str, module: str, variants: Variants) -> None:
        """Make a family known. Raises ConfigError if the id is taken."""
        if family in self._rows:
            taken = self._rows[family].module
            raise ConfigError(f"family '{family}' is registered twice: {taken} and {module}", "family")
        self._rows[family] = Row(module, variants)

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._rows))

    def find(self, family: str) -> Load:
        """The loader of a family. Raises ConfigError, listing the known ones, if there is none of that id."""
        if family not in self._rows:
            raise ConfigError(f"unknown family '{family}'; known: {', '.join(self.names())}", "family")
        module: Any = importlib.import_module(self._rows[family].module)
        return cast(Load, module.load)

    def table(self) -> CapabilityTable:
        """What all of them can do, in the order in which they were added."""
        return CapabilityTable(families={family: dict(row.variants) for family, row in self._rows.items()})


FAMILIES = Registry()

_DRAWS: tuple[Mode, ...] = ("txt2img", "img2img", "inpaint")
_T5_SECOND, _T5_THIRD = TextReader(tokenizer="tokenizer_2"), TextReader(tokenizer="tokenizer_3")
_MESSAGE_ENDS = "<|im_end|>\n<|im_start|>assistant\n"
_UNGUIDED = {"guidance": "none", "negative_prompt": False}  # what a distilled checkpoint of a guided family is
_ALONE = {"controls": False, "image_prompt": None}  # nothing stands beside it
_UNTAUGHT = {"trains": None}  # it reads more than words, or a noise of its own

_SPACED: tuple[NoiseSchedule, ...] = ("leading", "normal", "sgm_uniform")
_BENT: tuple[NoiseSchedule, ...] = ("karras", "exponential")
_DISCRETE: dict[Sampler, tuple[NoiseSchedule, ...]] = {
    "euler": _SPACED + _BENT,
    "euler_ancestral": _SPACED,
    "dpmpp_2m": _SPACED + _BENT,
    "dpmpp_2m_sde": _SPACED + _BENT,
    "dpmpp_3m_sde": _SPACED + _BENT,
    "uni_pc": _SPACED + _BENT,
    "ddim": _SPACED,
    "lcm": (),
}
_EDM: dict[Sampler, tuple[NoiseSchedule, ...]] = {
    "dpmpp_2m": _BENT,
    "dpmpp_2m_sde": _BENT,
    "dpmpp_3m_sde": _BENT,
    "euler": _BENT,
}
_FLOW: dict[Sampler, tuple[NoiseSchedule, ...]] = {"euler": ("simple", *_BENT)}
_EULER: dict[Sampler, tuple[NoiseSchedule, ...]] = {"euler": ()}

_FLUX = Capabilities(
    modes=_DRAWS,
    controls=True,
    image_prompt="redux",
    lora=True,
    trains="flow",
    guidance="embedded",
    text_length=512,
    reader=_T5_SECOND,
    licence_parts=("transformer", "T5 text encoder", "CLIP text encoder", "autoencoder"),
    step_cache=True,
    samplers=_FLOW,
)
FAMILIES.add(
    "flux",
    "deployments.families.flux",
    {
        "base": _FLUX,
        "schnell": _FLUX.model_copy(update={"guidance": "none", "steps": (1, 12), "text_length": 256}),
        "fill": _FLUX.model_copy(update={"modes": ("inpaint",), **_ALONE, **_UNTAUGHT}),
        "kontext": _FLUX.model_copy(update={"modes": ("txt2img", "edit"), "references": 1, **_ALONE, **_UNTAUGHT}),
    },
)

_FLUX2 = Capabilities(
    modes=("txt2img", "edit"),
    references=10,
    lora=True,
    trains="flow",
    guidance="embedded",
    text_length=512,
    licence_parts=("transformer", "text encoder", "autoencoder"),
    samplers=_FLOW,
)
_KLEIN_READER = TextReader(written=f"<|im_start|>user\n{{prompt}}{_MESSAGE_ENDS}<think>\n\n</think>\n\n")
_KLEIN = _FLUX2.model_copy(update={"modes": (*_DRAWS, "edit"), "reader": _KLEIN_READER})
FAMILIES.add(
    "flux2",
    "deployments.families.flux2",
    {
        "base": _FLUX2,
        "klein": _KLEIN.model_copy(update={"guidance": "none", "steps": (1, 12)}),
        "klein-base": _KLEIN.model_copy(update={"guidance": "classifier-free"}),
    },
)

_SD3 = Capabilities(
    modes=_DRAWS,
    controls=True,
    image_prompt="ip-adapter",
    lora=True,
    trains="flow",
    negative_prompt=True,
    guidance="classifier-free",
    text_length=512,
    reader=_T5_THIRD,
    licence_parts=(
        "transformer",
        "CLIP text encoder",
        "OpenCLIP text encoder",
        "T5 text encoder",
        "autoencoder",
    ),
    samplers=_FLOW,
)
FAMILIES.add(
    "sd3",
    "deployments.families.sd3",
    {"base": _SD3, "turbo": _SD3.model_copy(update={**_UNGUIDED, "steps": (1, 12)})},
)

_SDXL = Capabilities(
    modes=_DRAWS,
    controls=True,
    image_prompt="ip-adapter",
    lora=True,
    trains="diffusion",
    negative_prompt=True,
    guidance="classifier-free",
    size_multiple=8,
    text_length=77,
    reader=TextReader(),
    licence_parts=("UNet", "CLIP text encoder", "OpenCLIP text encoder", "autoencoder"),
    samplers=_DISCRETE,
    latents="sdxl",
)
_SDXL_REFINER = _SDXL.model_copy(
    update={
        "modes": ("img2img",),
        "controls": False,
        "image_prompt": None,
        "reader": TextReader(tokenizer="tokenizer_2"),
        "licence_parts": ("UNet", "OpenCLIP text encoder", "autoencoder"),
        **_UNTAUGHT,
    }
)
FAMILIES.add(
    "sdxl",
    "deployments.families.sdxl",
    {
        "base": _SDXL,
        "edm": _SDXL.model_copy(update={"samplers": _EDM, "latents": None, **_UNTAUGHT}),
        "turbo": _SDXL.model_copy(update={**_UNGUIDED, "steps": (1, 12)}),
        "inpaint": _SDXL.model_copy(update={"modes": ("inpaint",), "latents": None, **_UNTAUGHT}),
        "refiner": _SDXL_REFINER,
    },
)

_HIDREAM = Capabilities(
    modes=("txt2img",),
    lora=True,
    trains="flow",
    negative_prompt=True,
    guidance="classifier-free",
    text_length=128,
    reader=_T5_THIRD,
    licence_parts=(
        "transformer",
        "CLIP text encoder",
        "OpenCLIP text encoder",
        "T5 text encoder",
        "Llama text encoder",
        "autoencoder",
    ),
    samplers={"uni_pc": (), "lcm": (), **_FLOW},
)
FAMILIES.add(
    "hidream",
    "deployments.families.hidream",
    {
        "base": _HIDREAM,
        "dev": _HIDREAM.model_copy(update={**_UNGUIDED, "steps": (1, 50)}),
        "fast": _HIDREAM.model_copy(update={**_UNGUIDED, "steps": (1, 30)}),
    },
)

_WHOLE = Capabilities(
    modes=_DRAWS,
    lora=True,
    negative_prompt=True,
    guidance="classifier-free",
    steps=(2, 100),
    text_length=1024,
    licence_parts=("transformer", "text encoder", "autoencoder"),
    engine="pipeline",
    samplers=_EULER,
)
# diffusers follows a control from noise alone: it has no pipeline that draws over a whole picture along one.
_FOLLOWS = {"controls": True, "control_modes": ("txt2img", "inpaint")}
_QWEN = {"reader": TextReader(written=f"{{prompt}}{_MESSAGE_ENDS}")}
_QWEN_EDIT = {"modes": ("edit",), "references": 3, **_QWEN}
_LEARNS = {"trains": "flow"}
FAMILIES.add(
    "qwen-image",
    "deployments.families.pipelines",
    {"base": _WHOLE.model_copy(update={**_FOLLOWS, **_QWEN, **_LEARNS}), "edit": _WHOLE.model_copy(update=_QWEN_EDIT)},
)

_Z_READER = TextReader(written=f"<|im_start|>user\n{{prompt}}{_MESSAGE_ENDS}")
_Z_IMAGE = _WHOLE.model_copy(update={"text_length": 512, "reader": _Z_READER, **_FOLLOWS, **_LEARNS})
FAMILIES.add(
    "z-image",
    "deployments.families.pipelines",
    {"base": _Z_IMAGE, "turbo": _Z_IMAGE.model_copy(update={**_UNGUIDED, "steps": (2, 20)})},
)

# A picture of 384 pixels is 24 lines of tokens, and a line is a step; its generation loop is without LoRAs.
_JANUS = _WHOLE.model_copy(
    update={
        "modes": ("txt2img",),
        "lora": False,
        "negative_prompt": False,
        "steps": (24, 24),
        "size_multiple": 384,
        "licence_parts": ("model",),
        "samplers": {"multinomial": ()},
    }
)
FAMILIES.add("janus", "deployments.families.janus", {"base": _JANUS})

# Any other pipeline. Its variant says what guidance its class has, which no table can know.
_NAMED = _WHOLE.model_copy(
    update={"modes": ("txt2img",), "size_multiple": 8, "licence_parts": ("model",), "samplers": {"default": ()}}
)
FAMILIES.add(
    "diffusers",
    "deployments.families.pipelines",
    {
        "base": _NAMED,
        "embedded": _NAMED.model_copy(update={"guidance": "embedded", "negative_prompt": False}),
        "unguided": _NAMED.model_copy(update=_UNGUIDED),
    },
)
