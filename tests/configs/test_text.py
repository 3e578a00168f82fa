"""Text of strangers: whatever it was, what is left can be stored, printed and read, and says the same."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given

from configs.errors import ConfigError
from configs.text import LONGEST_QUOTE, lines, one_line, quoted
from tests.strangers import hidden, texts


@given(texts)
def test_one_line_is_one_line_without_anything_hidden(text: str) -> None:
    line = one_line(text)
    assert hidden(line) == []
    assert line.splitlines() in ([line], [])
    assert line == line.strip() == one_line(line)
    line.encode()


@given(texts)
def test_lines_keep_their_breaks_and_nothing_else_that_is_hidden(text: str) -> None:
    cleaned = lines(text)
    assert set(hidden(cleaned)) <= {"\n"}
    assert lines(cleaned) == cleaned
    cleaned.encode()


@given(texts)
def test_messages_of_errors_are_plain_however_they_are_made(text: str) -> None:
    assert set(hidden(str(ConfigError(f"x: {text}")))) <= {"\n"}
    name = quoted(text)
    assert hidden(name) == []
    assert len(name) <= LONGEST_QUOTE + 2


@pytest.mark.slow
def test_every_character_that_is_hidden_goes_and_every_other_one_stays() -> None:
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    assert hidden(one_line("".join(every))) == []
    for text in ("élan ☕ 漢字 ابجد ก็ 🎨 ❤\ufe0f [red] :smile: \\u001b", "plain"):
        assert one_line(text) == lines(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07a", "a"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b1;31mred", "red"),
        ("a\x1b[2", "a[2"),
        ("pass\rfail", "pass fail"),
        ("ab\b\bcd", "abcd"),
        ("fluent\u200bicon", "fluenticon"),
        ("\u202egnp.exe", "gnp.exe"),
        ("  a \t\n b\u00a0c ", "a b c"),
    ],
)
def test_sequences_go_as_a_whole_and_blanks_become_one(text: str, shown: str) -> None:
    assert one_line(text) == shown


@pytest.mark.slow
def test_long_text_is_cut_and_takes_no_longer_than_its_length() -> None:
    assert one_line("a" * 30, 10) == "a" * 9 + "…"
    for hostile in ("\x9d", "\x1b[", "\x1b]", "\x1b[0;", "\x1b "):
        assert hidden(one_line(hostile * 200_000)) == []
