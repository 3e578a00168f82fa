"""Texts that strangers could write into a file: anything, and what terminals, Rich, YAML and readers trip over."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

SNIPPETS = (
    *(
        "\x1b[2J",
        "\x1b[31m",
        "\x1b[0m",
        "\x1b]0;owned\x07",
        "\x1b]8;;http://x\x1b\\",
        "\x1bc",
        "\x1b",
        "\x9b2J",
        "\x9d0;x\x9c",
    ),
    *("\r", "\n", "\r\n", "\t", "\b\b\b", "\x7f", "\x00", "\x0b", "\x85", "\u2028", "\u2029", "\u00a0"),
    *(
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "\u200f",
        "\ufeff",
        "\u00ad",
        "\U000e0041",
        "\u3164",
        "\ufffe",
        "\U0001ffff",
    ),
    *("\ud800", "\udfff", "\udc9b"),
    *("[red]", "[/red]", "[/]", "[link=http://x]", "\\[", ":smile:", "[bold", "]", "[trigger], photo of [name]"),
    *(
        '"',
        "'",
        ": ",
        " #",
        "- ",
        "{",
        "}",
        "&a",
        "*a",
        "!!python/object",
        "---",
        "...",
        "|",
        ">",
        "%",
        "@",
        "`",
        "~",
        "null",
    ),
    *("élan", "☕", "👩‍💻", "漢字", "ابجد", "ก็", "e\u0301"),
)
texts = st.lists(
    st.one_of(st.sampled_from(SNIPPETS), st.text(st.characters(exclude_categories=()), max_size=8)), max_size=8
).map("".join)


def hidden(text: str) -> list[str]:
    """The characters of a text that nobody would see, or that would do something instead of being shown."""
    return [one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") or one in "\u3164\ufffe"]
