"""How each diffusers pipeline wants to be called: what its parameters are called, and which must be refused."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from configs.errors import ConfigError
from configs.schema import ModelConfig

# A pipeline without these cannot be drawn with: size, seed, steps, progress and pixels are ours to say.
_NEEDED = ("prompt", "height", "width", "num_inference_steps", "generator", "callback_on_step_end", "output_type")
# One with parameters of these kinds draws from something else than words, or draws no pictures.
_OTHER_WORK = ("image", "mask_image", "control_image", "num_frames", "video", "audio_start_in_s")


@dataclass(frozen=True, slots=True)
class Along:
    """How a family's ControlNets, of the class `net`, are followed: by `words` without a mask, by `masked` with one,
    and from noise alone by both.

    `masks` says of the configs of a net and of the transformer whether the net reads a mask; `only` that one which does
    reads nothing else: what it follows is the picture to fill. `spans`: a control may count for a part of the steps.
    `shares`: the net borrows parts of the transformer, so none of the two may be moved in pieces.
    """

    net: str
    words: str
    masked: str
    masks: Callable[[Any, Any], bool]
    only: bool
    spans: bool
    shares: bool


@dataclass(frozen=True, slots=True)
class Manner:
    """How a pipeline is called.

    `img2img` and `inpaint` are the classes that draw over a picture with the same components, `along` those that follow
    ControlNets. With `references` it changes at least one picture and at most so many. `guidance` names the parameter
    for the guidance scale, if there is one; above `unguided` it costs a second row. `tokens` counts those of a prompt
    as the pipeline reads it; without it, prompts are cut as the pipeline cuts them. `proven`: tested here to draw the
    same picture in company as alone.
    """

    pipeline: str
    img2img: str | None = None
    inpaint: str | None = None
    guidance: str | None = "guidance_scale"
    unguided: float = 1.0
    negative_prompt: bool = True
    text_length: bool = True
    fixed: Mapping[str, Any] = field(default_factory=dict)
    tokens: Callable[[Any, str], int] | None = None
    proven: bool = False
    references: int = 0
    along: Along | None = None


def _qwen_tokens(pipeline: Any, prompt: str) -> int:
    """What is left of the prompt in its template, without the instruction that the pipeline drops."""
    ids = pipeline.tokenizer(pipeline.prompt_template_encode.format(prompt)).input_ids
    return len(ids) - int(pipeline.prompt_template_encode_start_idx)


def _z_tokens(pipeline: Any, prompt: str) -> int:
    """The prompt as a message, as the pipeline writes it."""
    message = [{"role": "user", "content": prompt}]
    text = pipeline.tokenizer.apply_chat_template(
        message, tokenize=False, add_generation_prompt=True, enable_thinking=True
    )
    return len(pipeline.tokenizer(text).input_ids)


_QWEN = Manner(
    "QwenImagePipeline",
    img2img="QwenImageImg2ImgPipeline",
    inpaint="QwenImageInpaintPipeline",
    guidance="true_cfg_scale",
    tokens=_qwen_tokens,
    proven=True,
    along=Along(
        "QwenImageControlNetModel",
        words="QwenImageControlNetPipeline",
        masked="QwenImageControlNetInpaintPipeline",
        masks=lambda net, _: net.extra_condition_channels > 0,
        only=True,
        spans=True,
        shares=False,
    ),
)
_QWEN_EDIT = replace(_QWEN, pipeline="QwenImageEditPlusPipeline", img2img=None, inpaint=None, along=None, references=3)
_Z = Manner(
    "ZImagePipeline",
    img2img="ZImageImg2ImgPipeline",
    inpaint="ZImageInpaintPipeline",
    unguided=0.0,
    tokens=_z_tokens,
    proven=True,
    along=Along(
        "ZImageControlNetModel",
        words="ZImageControlNetPipeline",
        masked="ZImageControlNetInpaintPipeline",
        masks=lambda net, transformer: net.control_in_dim != transformer.in_channels,
        only=False,
        spans=False,
        shares=True,
    ),
)
_KNOWN = {
    ("qwen-image", "base"): _QWEN,
    ("qwen-image", "edit"): _QWEN_EDIT,
    ("z-image", "base"): _Z,
    ("z-image", "turbo"): _Z,
}


def manner_of(config: ModelConfig) -> Manner:
    """How the pipeline of `config` is called. Raises ConfigError for a class that is none, or does other work."""
    known = _KNOWN.get((config.family, config.variant))
    if known is not None:
        if config.pipeline not in (None, known.pipeline):
            raise _wrong(config, f"family '{config.family}' is {known.pipeline}: leave 'pipeline' out")
        return known
    if config.pipeline is None:
        raise _wrong(config, f"family '{config.family}' needs 'pipeline', the name of a diffusers class")
    return _read_off(config, config.pipeline)


def _read_off(config: ModelConfig, name: str) -> Manner:
    """The manner of a class that nobody described: from its signature."""
    import diffusers

    library: Any = diffusers
    cls = getattr(library, name, None)
    if not inspect.isclass(cls) or not issubclass(cls, library.DiffusionPipeline):
        raise _wrong(config, f"the installed diffusers has no pipeline '{name}'")
    parameters = inspect.signature(cls.__call__).parameters
    missing = [needed for needed in _NEEDED if needed not in parameters]
    if missing:
        raise _wrong(config, f"{name} cannot be asked for '{missing[0]}', which every request needs")
    other = [foreign for foreign in _OTHER_WORK if foreign in parameters]
    if other:
        raise _wrong(config, f"{name} takes '{other[0]}': only pipelines that draw from words alone can be named")
    guidance = next((name for name in ("guidance_scale", "true_cfg_scale") if name in parameters), None)
    return Manner(
        name,
        guidance=guidance,
        negative_prompt="negative_prompt" in parameters,
        text_length="max_sequence_length" in parameters,
        # The size that is asked for is the size that is drawn: no nearest bin, no resizing afterwards.
        fixed={"use_resolution_binning": False} if "use_resolution_binning" in parameters else {},
    )


def _wrong(config: ModelConfig, what: str) -> ConfigError:
    return ConfigError(f"model '{config.id}': {what}. Correct 'pipeline' in its YAML.", "pipeline")
