"""Tiny random pipelines of every family: what a LoRA can change of them, and one forward of each denoiser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from tests.deployments.tiny import parts

Forward = Callable[[Any], torch.Tensor]


@dataclass(frozen=True)
class Architecture:
    """`build` makes the pipeline; `inputs` what its denoiser is called with, fixed."""

    build: Callable[[], Any]
    inputs: Callable[[], dict[str, Any]]
    denoiser: str = "transformer"

    def forward(self, pipeline: Any) -> torch.Tensor:
        torch.manual_seed(3)
        with torch.inference_mode():
            made = getattr(pipeline, self.denoiser)(**self.inputs(), return_dict=False)[0]
        return made if isinstance(made, torch.Tensor) else torch.stack(made)


def _encoder(cls: Any) -> Any:
    return cls(
        CLIPTextConfig(
            vocab_size=100,
            hidden_size=32,
            intermediate_size=37,
            num_hidden_layers=1,
            num_attention_heads=4,
            projection_dim=32,
            bos_token_id=1,
            eos_token_id=2,
        )
    )


def _bare(cls: Any, **components: Any) -> Any:
    """A pipeline with these components only."""
    import inspect

    names = [name for name, one in inspect.signature(cls.__init__).parameters.items() if one.default is one.empty]
    return cls(**(dict.fromkeys(name for name in names if name != "self") | components))


def sdxl() -> Any:
    torch.manual_seed(0)
    unet = parts.UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=2,
        sample_size=16,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 2),
        projection_class_embeddings_input_dim=80,
        cross_attention_dim=64,
        norm_num_groups=8,
    )
    encoders = {"text_encoder": _encoder(CLIPTextModel), "text_encoder_2": _encoder(CLIPTextModelWithProjection)}
    return _frozen(_bare(parts.StableDiffusionXLPipeline, unet=unet, **encoders))


def _sdxl_inputs() -> dict[str, Any]:
    added = {"text_embeds": torch.randn(2, 32), "time_ids": torch.randn(2, 6)}
    return {
        "sample": torch.randn(2, 4, 16, 16),
        "timestep": torch.tensor([700, 300]),
        "encoder_hidden_states": torch.randn(2, 5, 64),
        "added_cond_kwargs": added,
    }


def sd3() -> Any:
    torch.manual_seed(0)
    transformer = parts.SD3Transformer2DModel(
        sample_size=16,
        patch_size=2,
        in_channels=4,
        num_layers=2,
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=32,
        caption_projection_dim=32,
        pooled_projection_dim=64,
        out_channels=4,
        pos_embed_max_size=16,
        dual_attention_layers=(0,),
        qk_norm="rms_norm",
    )
    encoders = {name: _encoder(CLIPTextModelWithProjection) for name in ("text_encoder", "text_encoder_2")}
    return _frozen(_bare(parts.StableDiffusion3Pipeline, transformer=transformer, **encoders))


def _sd3_inputs() -> dict[str, Any]:
    return {
        "hidden_states": torch.randn(2, 4, 16, 16),
        "timestep": torch.tensor([700.0, 300.0]),
        "encoder_hidden_states": torch.randn(2, 5, 32),
        "pooled_projections": torch.randn(2, 64),
    }


def hidream() -> Any:
    torch.manual_seed(0)
    transformer = parts.HiDreamImageTransformer2DModel(
        patch_size=2,
        in_channels=4,
        out_channels=4,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=8,
        num_attention_heads=4,
        caption_channels=[32, 16],
        text_emb_dim=64,
        num_routed_experts=4,
        num_activated_experts=2,
        axes_dims_rope=(4, 2, 2),
        max_resolution=(32, 32),
        llama_layers=(0, 1),
        force_inference_output=True,
    )
    return _frozen(_bare(parts.HiDreamImagePipeline, transformer=transformer))


def _hidream_inputs() -> dict[str, Any]:
    return {
        "hidden_states": torch.randn(2, 4, 32, 32),
        "timesteps": torch.tensor([700, 300]),
        "encoder_hidden_states_t5": torch.randn(2, 8, 32),
        "encoder_hidden_states_llama3": torch.randn(2, 2, 8, 16),
        "pooled_embeds": torch.randn(2, 64),
    }


def flux2() -> Any:
    torch.manual_seed(0)
    transformer = parts.Flux2Transformer2DModel(
        patch_size=1,
        in_channels=4,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=16,
        timestep_guidance_channels=32,
        axes_dims_rope=(4, 4, 4, 4),
    )
    return _frozen(_bare(parts.Flux2Pipeline, transformer=transformer))


def _flux2_inputs() -> dict[str, Any]:
    return {
        "hidden_states": torch.randn(2, 9, 4),
        "encoder_hidden_states": torch.randn(2, 5, 16),
        "timestep": torch.tensor([0.7, 0.3]),
        "img_ids": torch.randn(9, 4),
        "txt_ids": torch.randn(5, 4),
        "guidance": torch.tensor([4.0, 2.0]),
    }


def qwen_image() -> Any:
    torch.manual_seed(0)
    transformer = parts.QwenImageTransformer2DModel(
        in_channels=16,
        out_channels=4,
        num_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=16,
        axes_dims_rope=(8, 4, 4),
    )
    return _frozen(_bare(parts.QwenImagePipeline, transformer=transformer))


def _qwen_image_inputs() -> dict[str, Any]:
    return {
        "hidden_states": torch.randn(2, 4, 16),
        "encoder_hidden_states": torch.randn(2, 5, 16),
        "encoder_hidden_states_mask": torch.ones(2, 5, dtype=torch.bool),
        "timestep": torch.tensor([0.7, 0.3]),
        "img_shapes": [[(1, 2, 2)]] * 2,
    }


def z_image() -> Any:
    torch.manual_seed(0)
    transformer = parts.ZImageTransformer2DModel(
        in_channels=4,
        dim=32,
        n_layers=1,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        cap_feat_dim=16,
        axes_dims=[8, 4, 4],
        axes_lens=[256, 32, 32],
    )
    for name, parameter in transformer.named_parameters():
        if "pad_token" in name:  # which the class leaves as memory was
            torch.nn.init.zeros_(parameter)
    return _frozen(_bare(parts.ZImagePipeline, transformer=transformer))


def _z_image_inputs() -> dict[str, Any]:
    return {
        "x": [torch.randn(4, 1, 8, 8)],
        "t": torch.tensor([0.7]),
        "cap_feats": [torch.randn(5, 16)],
    }


ARCHITECTURES = {
    "sdxl": Architecture(sdxl, _sdxl_inputs, "unet"),
    "sd3": Architecture(sd3, _sd3_inputs),
    "hidream": Architecture(hidream, _hidream_inputs),
    "flux2": Architecture(flux2, _flux2_inputs),
    "qwen-image": Architecture(qwen_image, _qwen_image_inputs),
    "z-image": Architecture(z_image, _z_image_inputs),
}


def _frozen(pipeline: Any) -> Any:
    for component in pipeline.components.values():
        if isinstance(component, torch.nn.Module):
            component.eval().requires_grad_(False)
    return pipeline
