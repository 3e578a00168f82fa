"""Files are named for content and seed, and nothing is ever overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from atelier.naming import slug, write_picture
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a red bicycle icon", "red-bicycle-icon"),
        ("A Red Bicycle, on the moon!", "red-bicycle-moon"),
        ("the of and", "the-of-and"),
        ("Café crème", "cafe-creme"),
        ("a designer's lamp", "designers-lamp"),
        ("赤い自転車", "赤い自転車"),
        ("../../etc/passwd", "etc-passwd"),
        ("!?", "picture"),
        ("", "picture"),
    ],
)
def test_a_slug_keeps_the_words_that_tell(prompt: str, expected: str) -> None:
    assert slug(prompt) == expected


@given(st.text(max_size=300))
def test_a_slug_is_always_a_plain_file_name(prompt: str) -> None:
    name = slug(prompt)
    assert 0 < len(name) <= 48
    assert not set(name) & set('/\\:*?"<>|\0\n\r\t .')


def test_a_long_prompt_is_cut_between_words() -> None:
    assert slug("an extraordinarily complicated mechanical contraption made of brass and glass") == (
        "extraordinarily-complicated-mechanical"
    )


def test_a_clash_with_other_content_gets_a_number_for_all_formats(tmp_path: Path) -> None:
    write_picture(tmp_path, "a lamp", 7, {"png": b"one", "svg": b"one"})
    paths = write_picture(tmp_path, "a lamp", 7, {"png": b"one", "svg": b"two"})
    assert [path.name for path in paths] == ["lamp-7-2.png", "lamp-7-2.svg"]
    assert (tmp_path / "lamp-7.svg").read_bytes() == b"one"


def test_the_same_content_is_written_once(tmp_path: Path) -> None:
    first = write_picture(tmp_path / "new" / "folder", "a lamp", 7, {"png": b"one"})
    assert write_picture(tmp_path / "new" / "folder", "a lamp", 7, {"png": b"one"}) == first
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["lamp-7.png"]


def test_a_further_size_stands_in_the_name_and_leads_nowhere_else(tmp_path: Path) -> None:
    paths = write_picture(tmp_path, "a lamp", 7, {"png": b"one", "png@64x64": b"two", "png@../../x": b"three"})
    assert [path.name for path in paths] == ["lamp-7.png", "lamp-7-64x64.png", "lamp-7-x.png"]
    assert {path.parent for path in paths} == {tmp_path}
