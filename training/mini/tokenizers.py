"""Tokenizers made for mini's captions, in the formats that `CLIPTokenizer` and `T5Tokenizer` load."""

import io
import json
import math
import random
import re
import string
from collections import Counter
from collections.abc import Iterator
from typing import Any

import sentencepiece
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer, T5Tokenizer

from training.mini.captions import caption
from training.mini.dataset import scene_at
from training.mini.wordings import ADJECTIVES, TAILS

TEXT_LENGTH = 64
VOCABULARY = 1200
SAMPLE = 20_000
RARE = -18.0
CLIP_WORDS = r"""<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""


def sample_captions(seed: int, count: int = SAMPLE) -> Iterator[str]:
    """Captions of the training world, then every letter and mark alone so that none is unknown."""
    for index in range(count):
        text = caption(scene_at(seed, index), random.Random(f"{seed}-{index}"))
        if text:
            yield text.lower()
    yield from (*ADJECTIVES, *TAILS)
    for mark in string.ascii_lowercase + string.digits + string.punctuation:
        yield f"{mark} {mark}{mark} a{mark} {mark}a"


def train_clip_tokenizer(texts: list[str]) -> CLIPTokenizer:
    """Byte-level BPE with CLIP's word pattern; lower-cases by itself, 64 tokens at most."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY + 2 * len(alphabet),
        special_tokens=["<|startoftext|>", "<|endoftext|>"],
        end_of_word_suffix="</w>",
        initial_alphabet=alphabet,
        show_progress=False,
    )
    raw = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token="<|endoftext|>"))
    raw.normalizer = normalizers.Lowercase()
    words = pre_tokenizers.Split(Regex(CLIP_WORDS), behavior="removed", invert=True)
    raw.pre_tokenizer = pre_tokenizers.Sequence([words, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    raw.train_from_iterator(texts, trainer)
    model = json.loads(raw.to_str())["model"]
    vocabulary = dict(model["vocab"])
    for byte in alphabet:  # a word may end in any byte
        vocabulary.setdefault(f"{byte}</w>", len(vocabulary))
    merges: Any = [tuple(pair) for pair in model["merges"]]
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=TEXT_LENGTH)


def train_t5_tokenizer(texts: list[str]) -> T5Tokenizer:
    """Unigram pieces: every word of the captions whole, single characters for the rest; 64 tokens at most.

    SentencePiece's own trainer cuts such a repetitive corpus into needlessly short pieces (92 tokens for the longest
    template); it serves here for its case-folding character map, the one normalizer that T5's loader keeps.
    """
    words = Counter(word for text in texts for word in re.findall(r"[\w-]+|[^\w\s]", text))
    total = sum(words.values())
    scores = {("▁" + word if word[0].isalnum() else word): math.log(n / total) for word, n in words.items() if n > 1}
    for word, n in words.items():  # also after a hyphen, where no space mark stands
        if n > 1:
            scores.setdefault(word, math.log(n / total) - 4)
    for mark in ("▁", *string.ascii_lowercase, *string.digits, *string.punctuation):
        scores.setdefault(mark, RARE)
    pieces = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return T5Tokenizer(
        vocab=[("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *pieces],
        _spm_precompiled_charsmap=_case_folding(texts[:1000]),
        extra_ids=0,
        model_max_length=TEXT_LENGTH,
    )


def _case_folding(texts: list[str]) -> bytes:
    """SentencePiece's compiled NFKC and case-folding map."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=written,
        vocab_size=VOCABULARY,
        hard_vocab_limit=False,
        normalization_rule_name="nmt_nfkc_cf",
        num_threads=1,
        minloglevel=2,
    )
    proto = _messages().ModelProto.FromString(written.getvalue())
    return bytes(proto.normalizer_spec.precompiled_charsmap)


def _messages() -> Any:
    """SentencePiece's generated protobuf module, which has no types."""
    from sentencepiece import sentencepiece_model_pb2

    return sentencepiece_model_pb2
