"""Vision-language models of a few thousand random weights, in folders as the hub has them: BLIP, which begins a caption
with what it is given, and LLaVA, which chats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

HUB: Any = transformers
BlipPixels: Any = BlipImageProcessorPil
ClipPixels: Any = CLIPImageProcessorPil
WORDS = ("a", "picture", "of", "mug", "red", "blue", "kestrel", "describe", "use", "user", "assistant", ".")
LAYERS = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
SEEN = {**LAYERS, "image_size": 32, "patch_size": 16}
TEMPLATE = (
    "{% for m in messages %}{{ m.role }} {% for c in m.content %}"
    "{% if c.type == 'image' %}<image>{% else %} {{ c.text }}{% endif %}{% endfor %} {% endfor %}assistant"
)


def blip(folder: Path) -> None:
    torch.manual_seed(0)
    words = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", *WORDS)
    marks = {"bos_token_id": 5, "eos_token_id": 3, "sep_token_id": 3, "pad_token_id": 0}
    text = {**LAYERS, "vocab_size": len(words), "encoder_hidden_size": 16, "projection_dim": 8, **marks}
    config = HUB.BlipConfig(text_config=text, vision_config=SEEN, projection_dim=8, image_text_hidden_size=8)
    HUB.BlipForConditionalGeneration(config).save_pretrained(folder)
    tokens = HUB.BertTokenizerFast(vocab={word: at for at, word in enumerate(words)}, bos_token="[DEC]")
    HUB.BlipProcessor(BlipPixels(size={"height": 32, "width": 32}), tokens).save_pretrained(folder)


def llava(folder: Path) -> None:
    torch.manual_seed(0)
    words = ("<pad>", "<s>", "</s>", "<image>", "[UNK]", *WORDS)
    split = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="[UNK]"))
    split.pre_tokenizer = pre_tokenizers.Whitespace()
    marks = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    tokens = HUB.PreTrainedTokenizerFast(tokenizer_object=split, additional_special_tokens=["<image>"], **marks)
    ids = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    text = HUB.LlamaConfig(vocab_size=len(words), max_position_embeddings=256, num_key_value_heads=2, **LAYERS, **ids)
    seen = HUB.CLIPVisionConfig(projection_dim=8, **SEEN)
    config = HUB.LlavaConfig(text_config=text, vision_config=seen, image_token_index=3, image_seq_length=4)
    HUB.LlavaForConditionalGeneration(config).save_pretrained(folder)
    HUB.LlavaProcessor(
        ClipPixels(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}),
        tokens,
        patch_size=16,
        vision_feature_select_strategy="default",
        chat_template=TEMPLATE,
        num_additional_image_tokens=1,
    ).save_pretrained(folder)
