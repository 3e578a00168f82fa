"""Captions without pictures, with what a reader should make of them: who wears what, and which word belongs to which.

Text encoders that have not understood "red coat" here cannot tell the painter.
"""

import random
import re
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import CLIPTokenizer, T5Tokenizer

from training.mini.captions import Mention, describe
from training.mini.judges import COLOUR_NAMES, IGNORED, answers_of
from training.mini.tokenizers import TEXT_LENGTH
from training.mini.wordings import COLOUR_WORDS, GARMENT_WORDS
from training.mini.world.people import GARMENTS
from training.mini.world.scene import Scene, sample

EVERYTHING = Mention(all_worn=True)
PARTNERS = (*COLOUR_NAMES, *GARMENTS)
"""What a word of a garment can belong to: a garment's word to its colour, a colour's word to its garment."""
_COLOURS = {word: colour for colour, words in COLOUR_WORDS.items() for word in words}
_GARMENTS = {word: kind for kind, words in GARMENT_WORDS.items() for word in words}


def _one_of(words: dict[str, str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_WORN = re.compile(rf"\b({_one_of(_COLOURS)}) ({_one_of(_GARMENTS)})\b")


@dataclass(frozen=True)
class Exercise:
    """Token ids of both encoders (n × length), answers (n × questions), the partner of each of T5's tokens
    (n × length, into PARTNERS or IGNORED), and which captions are about people."""

    clip_ids: Tensor
    t5_ids: Tensor
    answers: Tensor
    partners: Tensor
    people: Tensor


def draw_exercise(
    rng: random.Random, count: int, people: int, clip: CLIPTokenizer, t5: T5Tokenizer, length: int = TEXT_LENGTH
) -> Exercise:
    """`count` captions of training scenes that name everything; the first `people` of them are about people."""
    scenes = [_scene(rng, index < people) for index in range(count)]
    texts = [describe(scene, EVERYTHING, rng) for scene in scenes]
    padded = {"padding": "max_length", "max_length": length, "truncation": True, "return_tensors": "pt"}
    read = t5(texts, return_offsets_mapping=True, **padded)
    partners = [_partners(text.lower(), spans) for text, spans in zip(texts, read.offset_mapping.tolist(), strict=True)]
    return Exercise(
        clip(texts, **padded).input_ids,
        read.input_ids,
        torch.tensor([answers_of(scene) for scene in scenes]),
        torch.tensor(partners),
        torch.tensor([bool(scene.garments) for scene in scenes]),
    )


def _scene(rng: random.Random, person: bool) -> Scene:
    while True:
        scene = sample(rng)
        if scene.garments or not person:
            return scene


def _partners(text: str, spans: list[tuple[int, int]]) -> list[int]:
    """What each token, given by the characters it spans, belongs to."""
    found = [IGNORED] * len(spans)
    for match in _WORN.finditer(text):
        for group, partner in ((1, _GARMENTS[match[2]]), (2, _COLOURS[match[1]])):
            begin, end = match.span(group)
            for token, (first, last) in enumerate(spans):
                if first < last and first < end and last > begin:
                    found[token] = PARTNERS.index(partner)
    return found
