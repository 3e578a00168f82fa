"""The shapes of mini's networks: FLUX's transformer and two text encoders, small."""

from dataclasses import dataclass
from typing import Any

import torch
from diffusers import FluxTransformer2DModel
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, T5Config, T5EncoderModel

from training.mini.tokenizers import TEXT_LENGTH

NEIGHBOUR = 5.0
TRANSFORMER: Any = FluxTransformer2DModel  # diffusers has no types


@dataclass(frozen=True)
class Shape:
    """Widths and depths; the defaults are the model that ships."""

    heads: int = 4
    head_width: int = 64
    rope_axes: tuple[int, int, int] = (16, 24, 24)
    double_blocks: int = 2
    single_blocks: int = 5
    clip_width: int = 128
    clip_layers: int = 2
    t5_width: int = 192
    t5_layers: int = 2


class Networks(nn.Module):
    """Everything that is trained together: transformer, T5 encoder, CLIP encoder."""

    def __init__(self, shape: Shape, clip_vocabulary: int, t5_vocabulary: int) -> None:
        super().__init__()
        self.transformer = build_transformer(shape)
        self.t5 = build_t5(shape, t5_vocabulary)
        self.clip = build_clip(shape, clip_vocabulary)

    def encode(self, clip_ids: Tensor, t5_ids: Tensor) -> tuple[Tensor, Tensor]:
        """Pooled CLIP output (n × clip_width) and T5 states (n × 64 × t5_width), as FluxPipeline computes them."""
        pooled = self.clip(clip_ids, output_hidden_states=False).pooler_output
        return pooled, self.t5(t5_ids, output_hidden_states=False)[0]


def build_transformer(shape: Shape) -> Any:
    """FLUX's transformer, begun as the identity: every modulation and the last layer are zero (adaLN-Zero)."""
    model = TRANSFORMER(
        patch_size=1,
        in_channels=64,
        num_layers=shape.double_blocks,
        num_single_layers=shape.single_blocks,
        attention_head_dim=shape.head_width,
        num_attention_heads=shape.heads,
        joint_attention_dim=shape.t5_width,
        pooled_projection_dim=shape.clip_width,
        guidance_embeds=True,
        axes_dims_rope=shape.rope_axes,
    )
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear):
            modulates = name.endswith(("norm.linear", "norm1.linear", "norm1_context.linear", "norm_out.linear"))
            nn.init.zeros_(module.weight) if modulates or name == "proj_out" else nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return model


def build_t5(shape: Shape, vocabulary: int) -> T5EncoderModel:
    config = T5Config(
        vocab_size=vocabulary,
        d_model=shape.t5_width,
        d_kv=32,
        d_ff=2 * shape.t5_width,
        num_layers=shape.t5_layers,
        num_heads=shape.t5_width // 32,
        dropout_rate=0.0,
        feed_forward_proj="gated-gelu",
        is_encoder_decoder=False,
        use_cache=False,
        pad_token_id=0,
        eos_token_id=1,
    )
    encoder = T5EncoderModel(config)
    for name, weight in encoder.named_parameters():
        if name.endswith("relative_attention_bias.weight"):
            _look_beside(weight)
    return encoder


@torch.no_grad()
def _look_beside(bias: Tensor) -> None:
    """Begin with a head that looks at the word before and one that looks at the word behind.

    `bias` is distances × heads; in T5's order 1 is one before, half of all + 1 one behind. It learns slowly: after
    10,000 steps without this no head looked beside itself, and "red" had never met "coat".
    """
    bias[1, 0] += NEIGHBOUR
    bias[len(bias) // 2 + 1, -1] += NEIGHBOUR


def build_clip(shape: Shape, vocabulary: int) -> CLIPTextModel:
    config = CLIPTextConfig(
        vocab_size=vocabulary,
        hidden_size=shape.clip_width,
        intermediate_size=4 * shape.clip_width,
        projection_dim=shape.clip_width,
        num_hidden_layers=shape.clip_layers,
        num_attention_heads=4,
        max_position_embeddings=TEXT_LENGTH,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    return CLIPTextModel(config)


def image_ids(height: int, width: int) -> Tensor:
    """FLUX's position of each image token, for a grid of height × width tokens."""
    ids = torch.zeros(height, width, 3)
    ids[..., 1] += torch.arange(height)[:, None]
    ids[..., 2] += torch.arange(width)[None, :]
    return ids.reshape(height * width, 3)
