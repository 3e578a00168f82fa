"""Pipelines of random weights that are called whole, small enough to build in every test, tokenizers included."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import torch
from transformers.models.qwen2_vl import image_processing_pil_qwen2_vl

from configs.schema import ControlConfig, LicencePart, ModelConfig, Size
from configs.weights import Weights
from deployments.families.pictures import opened
from deployments.messages import GenerateRequest
from tests.deployments import tiny
from tests.deployments.tiny_components import LETTERS, autoencoder, clip_config, clip_tokenizer, parts, t5_tokenizer
from tests.deployments.tiny_components import models as texts

Qwen2VLImageProcessorPil: Any = image_processing_pil_qwen2_vl.Qwen2VLImageProcessorPil
QWEN_CONTROLS = {"canny": 0, "inpaint": 4}
"""Kinds, and the numbers that the net reads of a mask."""
Z_CONTROLS = {"old": 4, "depth": 9}
"""Kinds, and the numbers that the net reads: of a picture, and of a mask with what it keeps."""
SIDE = 32
_TEMPLATE = (
    "{%- for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{%- endfor %}"
    "{%- if add_generation_prompt %}<|im_start|>assistant\n{%- endif %}"
)


_QWEN: dict[str, Any] = {
    "in_channels": 16,
    "out_channels": 4,
    "num_layers": 2,
    "attention_head_dim": 16,
    "num_attention_heads": 2,
    "joint_attention_dim": 16,
    "axes_dims_rope": (8, 4, 4),
}


def save_qwen(folder: Path, seed: int = 0) -> Path:
    """Qwen-Image, and below `controls` two ControlNets: one for edges, and one that fills what a mask marks."""
    _qwen(seed).save_pretrained(folder)
    for kind, extra in QWEN_CONTROLS.items():
        net = parts.QwenImageControlNetModel(**_QWEN | {"num_layers": 1}, extra_condition_channels=extra)
        _wake(net).save_pretrained(folder / "controls" / kind)
    return folder


def save_qwen_edit(folder: Path, seed: int = 0) -> Path:
    """Qwen-Image-Edit: the references are as they are at time zero, as in its newest release."""
    like = _qwen(seed, zero_cond_t=True)
    components = {name: part for name, part in like.components.items() if name != "tokenizer"}
    tokenizer = _qwen_tokenizer()
    edit = parts.QwenImageEditPlusPipeline(**components, tokenizer=tokenizer, processor=None)
    edit.save_pretrained(folder)
    tokenizer.save_pretrained(folder / "processor")
    Qwen2VLImageProcessorPil(patch_size=14).save_pretrained(folder / "processor")
    index = folder / "model_index.json"
    named = json.loads(index.read_text()) | {"processor": ["transformers", "Qwen2VLProcessor"]}
    index.write_text(json.dumps(named))
    return folder


def read_edit(folder: Path) -> Any:
    """diffusers' own, with transformers' own processor; that of videos, which wants torchvision, is left out of it."""
    tokenizer = texts.AutoTokenizer.from_pretrained(folder / "processor")
    processor = object.__new__(texts.Qwen2VLProcessor)
    processor.image_processor = Qwen2VLImageProcessorPil.from_pretrained(folder / "processor")
    processor.tokenizer, processor.video_processor, processor.chat_template = tokenizer, None, None
    for kind in ("image", "video"):
        setattr(processor, f"{kind}_token", f"<|{kind}_pad|>")
        setattr(processor, f"{kind}_token_id", tokenizer.convert_tokens_to_ids(f"<|{kind}_pad|>"))
    pipeline = parts.QwenImageEditPlusPipeline.from_pretrained(folder, dtype=torch.float32, processor=None)
    pipeline.register_modules(processor=processor)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def stock_edited(pipeline: Any, asked: GenerateRequest) -> torch.Tensor:
    """What diffusers' own pipeline makes of the references: [1, 3, H, W] in 0..1."""
    pixels: torch.Tensor = pipeline(
        image=[opened(picture) for picture in asked.references],
        prompt=asked.prompt,
        negative_prompt=asked.negative_prompt,
        true_cfg_scale=asked.guidance_scale,
        width=asked.width,
        height=asked.height,
        num_inference_steps=asked.num_inference_steps,
        generator=torch.Generator("cpu").manual_seed(asked.seed),
        output_type="pt",
    ).images
    return pixels


def _qwen(seed: int, **changes: Any) -> Any:
    torch.manual_seed(seed)
    tokenizer = _qwen_tokenizer()
    text = texts.Qwen2_5_VLForConditionalGeneration(
        texts.Qwen2_5_VLConfig(
            text_config={
                "vocab_size": len(tokenizer),
                "hidden_size": 16,
                "intermediate_size": 16,
                "num_hidden_layers": 2,
                "num_attention_heads": 2,
                "num_key_value_heads": 2,
                "rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1e6},
            },
            image_token_id=tokenizer.convert_tokens_to_ids("<|image_pad|>"),
            vision_start_token_id=tokenizer.convert_tokens_to_ids("<|vision_start|>"),
            vision_end_token_id=tokenizer.convert_tokens_to_ids("<|vision_end|>"),
            vision_config={
                "depth": 1,
                "hidden_size": 16,
                "intermediate_size": 16,
                "num_heads": 2,
                "out_hidden_size": 16,
                "fullatt_block_indexes": [0],
            },
        )
    )
    return parts.QwenImagePipeline(
        scheduler=parts.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=parts.AutoencoderKLQwenImage(
            base_dim=8,
            z_dim=4,
            dim_mult=[1, 2],
            num_res_blocks=1,
            temperal_downsample=[False],
            latents_mean=[0.1] * 4,
            latents_std=[1.5] * 4,
        ),
        text_encoder=text.eval(),
        tokenizer=tokenizer,
        transformer=parts.QwenImageTransformer2DModel(**_QWEN | changes),
    )


def save_z(folder: Path, seed: int = 0) -> Path:
    """Z-Image, and below `controls` two ControlNets: the older kind, and one that reads masks, too."""
    torch.manual_seed(seed)
    tokenizer = _qwen_tokenizer()
    text = texts.Qwen3Model(
        texts.Qwen3Config(
            vocab_size=len(tokenizer),
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=2,
            head_dim=8,
        )
    )
    pipeline = parts.ZImagePipeline(
        scheduler=parts.FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=autoencoder(2, use_quant_conv=True, use_post_quant_conv=True),
        text_encoder=text.eval(),
        tokenizer=tokenizer,
        transformer=parts.ZImageTransformer2DModel(
            in_channels=4,
            dim=32,
            n_layers=2,
            n_refiner_layers=1,
            n_heads=2,
            n_kv_heads=2,
            cap_feat_dim=16,
            axes_dims=[8, 4, 4],
            axes_lens=[256, 32, 32],
        ),
    )
    _settle(pipeline.transformer)
    pipeline.save_pretrained(folder)
    for kind, channels in Z_CONTROLS.items():
        net = parts.ZImageControlNetModel(
            control_layers_places=[0],
            control_refiner_layers_places=[0],
            control_in_dim=channels,
            add_control_noise_refiner="control_noise_refiner" if channels > 4 else None,
            dim=32,
            n_refiner_layers=1,
            n_heads=2,
            n_kv_heads=2,
        )
        _wake(net).save_pretrained(folder / "controls" / kind)
    return folder


def save_sana(folder: Path, seed: int = 0) -> Path:
    """Sana: a pipeline that nobody described to the families."""
    torch.manual_seed(seed)
    tokenizer = t5_tokenizer()
    text = texts.Gemma2Model(
        texts.Gemma2Config(
            vocab_size=len(tokenizer),
            hidden_size=8,
            head_dim=8,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=2,
        )
    )
    pipeline = parts.SanaPipeline(
        scheduler=parts.FlowMatchEulerDiscreteScheduler(shift=7.0),
        vae=parts.AutoencoderDC(
            latent_channels=4,
            attention_head_dim=2,
            encoder_block_out_channels=(8, 8),
            decoder_block_out_channels=(8, 8),
            encoder_qkv_multiscales=((), ()),
            decoder_qkv_multiscales=((), ()),
            encoder_layers_per_block=(1, 1),
            decoder_layers_per_block=(1, 1),
            upsample_block_type="interpolate",
            downsample_block_type="conv",
            scaling_factor=0.41,
        ),
        text_encoder=text.eval(),
        tokenizer=tokenizer,
        transformer=parts.SanaTransformer2DModel(
            in_channels=4,
            out_channels=4,
            num_layers=1,
            num_attention_heads=2,
            attention_head_dim=4,
            num_cross_attention_heads=2,
            cross_attention_head_dim=4,
            cross_attention_dim=8,
            caption_channels=8,
            sample_size=SIDE,
        ),
    )
    pipeline.save_pretrained(folder)
    return folder


def save_stable_diffusion(folder: Path, seed: int = 0) -> Path:
    """Stable Diffusion 1, whose scheduler takes more steps than it is asked for and remembers them."""
    torch.manual_seed(seed)
    text = texts.CLIPTextModel(clip_config())
    pipeline = parts.StableDiffusionPipeline(
        scheduler=parts.PNDMScheduler(skip_prk_steps=True, steps_offset=1),
        vae=autoencoder(2, use_quant_conv=True, use_post_quant_conv=True),
        text_encoder=text,
        tokenizer=clip_tokenizer(),
        unet=parts.UNet2DConditionModel(
            sample_size=16,
            block_out_channels=(8, 8),
            layers_per_block=1,
            norm_num_groups=2,
            attention_head_dim=2,
            cross_attention_dim=32,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder)
    return folder


def whole_config(folder: Path, family: str, **changes: Any) -> ModelConfig:
    """The YAML of one of them, as it would be parsed, with the ControlNets that were written below it."""
    sizes = (Size(width=SIDE, height=SIDE), Size(width=2 * SIDE, height=SIDE))
    licence = (LicencePart(part="ControlNet", licence="apache-2.0"),)
    controls = {
        net.name: ControlConfig(weights=Weights(path=str(net)), licence_parts=licence)
        for net in sorted((folder / "controls").glob("*"))
    }
    return tiny.tiny_config(
        folder, family=family, native_sizes=sizes, text_length=512, **{"controls": controls, **changes}
    )


def whole_request(**changes: Any) -> GenerateRequest:
    """A request for one of them."""
    return tiny.request(**{"width": SIDE, "height": SIDE, "num_inference_steps": 3, **changes})


def stock_pixels(pipeline: Any, asked: GenerateRequest, folder: Path | None = None) -> torch.Tensor:
    """What diffusers' own pipeline, or the one with its components that draws over pictures or along the ControlNets in
    `folder`, draws: [1, 3, H, W] in 0..1."""
    kind, net, more = "Pipeline", dict[str, Any](), dict[str, Any]()
    if asked.image is not None:
        kind, more = "Img2ImgPipeline", {"image": opened(asked.image), "strength": asked.strength}
    if asked.mask is not None:
        kind, more = "InpaintPipeline", {**more, "mask_image": opened(asked.mask)}
    if asked.controls and folder is not None:
        kind, net, more = _along(type(pipeline).__name__.startswith("Qwen"), asked, folder)
    cls = getattr(parts, type(pipeline).__name__.replace("Pipeline", kind))
    call = pipeline if kind == "Pipeline" else cls(**pipeline.components, **net)
    call.set_progress_bar_config(disable=True)
    known = inspect.signature(cls.__call__).parameters
    told = {"max_sequence_length": 512, "use_resolution_binning": False}
    torch.manual_seed(asked.seed)  # which Qwen-Image's inpainting along a control leaves to chance
    scale = "true_cfg_scale" if cls.__name__.startswith("Qwen") else "guidance_scale"
    pixels: torch.Tensor = call(
        prompt=asked.prompt,
        negative_prompt=asked.negative_prompt,
        width=asked.width,
        height=asked.height,
        num_inference_steps=asked.num_inference_steps,
        generator=torch.Generator("cpu").manual_seed(asked.seed),
        output_type="pt",
        **{scale: asked.guidance_scale},
        **{name: value for name, value in told.items() if name in known},
        **more,
    ).images
    return pixels


def _along(qwen: bool, asked: GenerateRequest, folder: Path) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The kind of pipeline that follows the request's controls, its net, and what it is told of them."""
    cls = parts.QwenImageControlNetModel if qwen else parts.ZImageControlNetModel
    net = cls.from_pretrained(folder / "controls" / asked.controls[0].kind)
    pictures, scales = ([getattr(each, name) for each in asked.controls] for name in ("image", "scale"))
    shown: Any = [opened(picture) for picture in pictures]
    if len(shown) == 1:
        (shown,), (scales,) = shown, scales
    else:
        net = parts.QwenImageMultiControlNetModel([net])
    told: dict[str, Any] = {"control_image": shown, "controlnet_conditioning_scale": scales}
    if qwen:
        told |= {f"control_guidance_{end}": getattr(asked.controls[0], end) for end in ("start", "end")}
    if asked.mask is None:
        return "ControlNetPipeline", {"controlnet": net}, told
    told |= {"control_mask" if qwen else "mask_image": opened(asked.mask)}
    if asked.image is not None and not qwen:
        told["image"] = opened(asked.image)
    return "ControlNetInpaintPipeline", {"controlnet": net}, told


def _wake(net: Any) -> Any:
    """Numbers where a ControlNet has zeros at first."""
    for parameter in net.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.3)
    return net


def _qwen_tokenizer() -> Any:
    """Letters as tokens; `Ġ` and `Ċ` are how it writes space and newline."""
    vocabulary = {letter: index for index, letter in enumerate([*LETTERS, "Ġ", "Ċ", "<|endoftext|>"])}
    tokenizer = texts.Qwen2Tokenizer(vocab=vocabulary, merges=[], chat_template=_TEMPLATE)
    marks = ("im_start", "im_end", "vision_start", "vision_end", "image_pad", "video_pad")
    tokenizer.add_special_tokens({"additional_special_tokens": [f"<|{mark}|>" for mark in marks]})
    return tokenizer


def _settle(module: torch.nn.Module) -> None:
    """Numbers where the class leaves its padding tokens uninitialised."""
    for name, parameter in module.named_parameters():
        if "pad_token" in name:
            torch.nn.init.normal_(parameter, std=0.02)
