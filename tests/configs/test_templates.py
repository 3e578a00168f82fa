"""Templates: slots that are empty take their phrase with them, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.load import load_catalog
from configs.templates import Template

WORDS = st.text("abc xyz{}%,", min_size=1, max_size=12).filter(str.strip)


def written(text: str, **words: str) -> str:
    before, after = Template.parse(text).around(words)
    return f"{before}SUBJECT{after}"


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("{subject}", {}, "SUBJECT"),
        ("{prompt}, flat", {}, "SUBJECT, flat"),
        ("{subject}, in {setting}, flat", {}, "SUBJECT, flat"),
        ("{subject}, in {setting}, flat", {"setting": "a forest"}, "SUBJECT, in a forest, flat"),
        ("{subject}, flat, {mood} mood", {}, "SUBJECT, flat"),
        ("{mood}, an icon of {subject} on white", {}, "an icon of SUBJECT on white"),
        ("{mood}, an icon of {subject} on white", {"mood": "calm"}, "calm, an icon of SUBJECT on white"),
        ("{subject}, {a} and {b}", {"a": "one"}, "SUBJECT"),
        ("{subject}, {a} and {b}", {"a": "one", "b": "two"}, "SUBJECT, one and two"),
    ],
)
def test_a_phrase_goes_with_its_empty_slot(text: str, words: dict[str, str], expected: str) -> None:
    assert written(text, **words) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("an icon", "exactly once"),
        ("{subject}, {subject}", "exactly once"),
        ("{subject} {prompt}", "exactly once"),
        ("{subject} in {setting}", "{setting} stands in one phrase with {subject}"),
        ("{subject", "stray brace"),
        ("subject}", "stray brace"),
        ("{{subject}}, {subject}", "stray brace"),
        ("{subject}, {}", "stray brace"),
        ("{subject:>9}", "stray brace"),
        ("{subject!r}", "stray brace"),
        ("{subject.__class__}", "stray brace"),
        ("{subject}, {a[0]}", "stray brace"),
    ],
)
def test_what_is_no_template_is_refused_with_a_reason(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="prompt_template|phrase") as refused:
        Template.parse(text)
    assert said in str(refused.value)


@given(WORDS)
def test_words_are_words_whatever_is_in_them(words: str) -> None:
    assert written("{subject}, in {setting}, flat", setting=words) == f"SUBJECT, in {words}, flat"


def test_the_templates_that_ship_read_without_their_slots_as_a_sentence_of_phrases() -> None:
    for asset_type in load_catalog().asset_types.values():
        text = written(asset_type.prompt_template)
        assert not set("{}") & set(text)
        assert ", ," not in text
        assert not text.rstrip().endswith((",", "mood"))
