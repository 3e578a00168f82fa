"""A Janus of random weights, small enough to build in every test: 16 tokens are a picture of 32 pixels a side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tokenizers
import torch
import transformers
from tokenizers import models, pre_tokenizers, processors

from configs.schema import ModelConfig, Size
from configs.weights import Weights
from deployments.messages import GenerateRequest
from tests.deployments import tiny
from tests.deployments.tiny import LETTERS

# transformers' constructors are typed by decorators that mypy cannot follow.
texts: Any = transformers
SIDE, LINES = 32, 4
_SPECIAL = ("<bos>", "<eos>", "<pad>", "<image_placeholder>", "<begin_of_image>", "<end_of_image>")
TEMPLATE = (
    "{%- for message in messages %}<|User|>: {{ message.content[0].text + '\n\n' }}{%- endfor %}"
    "{%- if add_generation_prompt %}<|Assistant|>:{%- endif %}"
)


def save_janus(folder: Path, seed: int = 0, **generation: Any) -> Path:
    """Write a whole checkpoint in transformers' layout to `folder`."""
    torch.manual_seed(seed)
    tokenizer = _tokenizer()
    config = texts.JanusConfig(
        text_config=texts.LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=2,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        ),
        vision_config=texts.JanusVisionConfig(
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            image_size=SIDE,
            patch_size=SIDE // LINES,
            projection_dim=32,
            num_image_tokens=LINES * LINES,
        ),
        vq_config=texts.JanusVQVAEConfig(
            num_embeddings=64,
            latent_channels=32,
            base_channels=32,
            channel_multiplier=[1, 1, 1, 1],
            num_res_blocks=1,
            projection_dim=32,
            image_token_embed_dim=32,
        ),
        image_token_id=tokenizer.convert_tokens_to_ids("<image_placeholder>"),
    )
    model = texts.JanusForConditionalGeneration(config)
    with torch.no_grad():
        model.model.generation_head.vision_head.weight.mul_(20)  # a model that has preferences
    model.generation_config._from_model_config = False
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.generation_config.generation_kwargs = {"boi_token_id": tokenizer.convert_tokens_to_ids("<begin_of_image>")}
    model.generation_config.update(**generation)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    pixels = {"image_processor_type": "JanusImageProcessor", "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(pixels))
    return folder


def janus_config(folder: Path, **changes: Any) -> ModelConfig:
    """The YAML of a tiny Janus, as it would be parsed."""
    fields: dict[str, Any] = {
        "family": "janus",
        "weights": Weights(path=str(folder), layout="model"),
        "native_sizes": (Size(width=SIDE, height=SIDE),),
        "steps": {"draft": LINES},
        "guidance_scale": 5.0,
        "text_length": 100,
    }
    return tiny.tiny_config(folder, **{**fields, **changes})


def janus_request(**changes: Any) -> GenerateRequest:
    """A request for a tiny Janus."""
    fields = {"width": SIDE, "height": SIDE, "num_inference_steps": LINES, "guidance_scale": 5.0}
    return tiny.request(**{**fields, **changes})


def read(folder: Path) -> Any:
    """transformers' own model."""
    return texts.JanusForConditionalGeneration.from_pretrained(folder)


def alone(stock: Any, folder: Path, asked: GenerateRequest) -> torch.Tensor:
    """As transformers' documentation draws a picture, with the seed where its sampling looks."""
    tokenizer = texts.AutoTokenizer.from_pretrained(folder)
    words = tokenizer(f"<|User|>: {asked.prompt}\n\n<|Assistant|>:<begin_of_image>", return_tensors="pt")
    torch.manual_seed(asked.seed)
    tokens = stock.generate(
        **{name: words[name] for name in ("input_ids", "attention_mask")},
        generation_mode="image",
        do_sample=True,
        guidance_scale=asked.guidance_scale,
    )
    pixels: torch.Tensor = stock.decode_image_tokens(tokens)
    return pixels.detach()


def _tokenizer() -> Any:
    """Letters as tokens, with a first token in front, as Llama's does."""
    vocabulary = {letter: index for index, letter in enumerate([*_SPECIAL, *LETTERS, "Ġ", "Ċ"])}
    letters = tokenizers.Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    letters.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    letters.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 0)])
    return texts.PreTrainedTokenizerFast(
        tokenizer_object=letters,
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<pad>",
        extra_special_tokens={
            "image_token": "<image_placeholder>",
            "boi_token": "<begin_of_image>",
            "eoi_token": "<end_of_image>",
        },
        chat_template=TEMPLATE,
    )
