"""Captions without pictures: what they say which word belongs to."""

from __future__ import annotations

import random
from pathlib import Path

from transformers import CLIPTokenizer, T5Tokenizer

from training.mini.exercises import PARTNERS, draw_exercise
from training.mini.judges import IGNORED

WEIGHTS = Path("deployments/weights/mini")
clip = CLIPTokenizer.from_pretrained(WEIGHTS / "tokenizer")
t5 = T5Tokenizer.from_pretrained(WEIGHTS / "tokenizer_2")


def test_a_garments_word_belongs_to_its_colour_and_a_colours_word_to_its_garment() -> None:
    exercise = draw_exercise(random.Random(3), 40, 40, clip, t5)
    assert bool(exercise.people.all())
    found = set()
    for ids, partners in zip(exercise.t5_ids.tolist(), exercise.partners.tolist(), strict=True):
        words = [word.removeprefix("▁") for word in t5.convert_ids_to_tokens(ids)]
        for before, (word, partner) in zip(words, zip(words[1:], partners[1:], strict=True), strict=False):
            if partner != IGNORED and word == "coat" and before in PARTNERS:
                assert PARTNERS[partner] == before
                found.add(before)
    assert len(found) > 3


def test_every_caption_about_a_person_holds_a_pair() -> None:
    exercise = draw_exercise(random.Random(4), 40, 20, clip, t5)
    assert bool((exercise.partners[:20] != IGNORED).any(1).all())
    assert not bool((exercise.partners[:, -1] != IGNORED).any())  # padding belongs to nothing
