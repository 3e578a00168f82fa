"""What the tiny pipelines of several families are put together from: text encoders of random weights, tokenizers that
read letter by letter, and an autoencoder."""

from __future__ import annotations

from typing import Any

import diffusers
import transformers

# Neither is typed as mypy could follow it; through these names it does not try.
parts: Any = diffusers
models: Any = transformers

LETTERS = [chr(code) for code in range(33, 127)]
_PIECES = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), *((letter, -3.0) for letter in LETTERS)]
_TOKENS = [*LETTERS, *(letter + "</w>" for letter in LETTERS), "<|startoftext|>", "<|endoftext|>"]


def clip_tokenizer() -> Any:
    vocabulary = {token: index for index, token in enumerate(_TOKENS)}
    return models.CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=77)


def clip_config(**changes: Any) -> Any:
    """Of a CLIP text encoder that `clip_tokenizer` reads for."""
    fields: dict[str, Any] = {
        "vocab_size": len(_TOKENS),
        "hidden_size": 32,
        "intermediate_size": 37,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "projection_dim": 32,
        "bos_token_id": len(_TOKENS) - 2,
        "eos_token_id": len(_TOKENS) - 1,
        "pad_token_id": 1,
    }
    return models.CLIPTextConfig(**{**fields, **changes})


def t5_tokenizer() -> Any:
    return models.T5Tokenizer(vocab=_PIECES, extra_ids=0)


def t5(width: int) -> Any:
    """A T5 encoder that `t5_tokenizer` reads for."""
    config = models.T5Config(vocab_size=len(_PIECES), d_model=width, d_kv=8, d_ff=37, num_layers=2, num_heads=4)
    return models.T5EncoderModel(config)


def autoencoder(levels: int = 4, **changes: Any) -> Any:
    """One that shrinks pictures by 2 ** (`levels` - 1), made as those of flow models are."""
    fields: dict[str, Any] = {
        "block_out_channels": (4,) * levels,
        "layers_per_block": 1,
        "latent_channels": 4,
        "norm_num_groups": 1,
        "down_block_types": ("DownEncoderBlock2D",) * levels,
        "up_block_types": ("UpDecoderBlock2D",) * levels,
        "use_quant_conv": False,
        "use_post_quant_conv": False,
        "shift_factor": 0.06,
        "scaling_factor": 1.5,
    }
    return parts.AutoencoderKL(**{**fields, **changes})
