"""Stored documents: read whatever version wrote them, or fail alone."""

from __future__ import annotations

import json
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from configs.frozen import Frozen
from router.storage.documents import Document, UnreadableDocument


class Point(Frozen):
    x: int
    y: int = 0


def _split(body: dict[str, Any]) -> dict[str, Any]:
    x, y = body.pop("at")
    return body | {"x": x, "y": y}


def _to_metres(body: dict[str, Any]) -> dict[str, Any]:
    return body | {"x": body["x"] * 100, "y": body["y"] * 100}


POINT: Document[Point] = Document("point", Point, {1: _split, 2: _to_metres})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


def test_what_is_written_is_read_and_says_its_version() -> None:
    text = POINT.write(Point(x=1, y=2))
    assert json.loads(text)["document_version"] == POINT.version == 3
    assert POINT.read(text) == Point(x=1, y=2)


def test_older_versions_are_converted_one_by_one() -> None:
    assert POINT.read('{"at": [1, 2]}') == Point(x=100, y=200)
    assert POINT.read('{"document_version": 2, "x": 1, "y": 2}') == Point(x=100, y=200)


def test_what_a_newer_release_added_is_passed_over() -> None:
    assert POINT.read('{"document_version": 7, "x": 1, "y": 2, "z": {"deep": 1}}') == Point(x=1, y=2)


def _read(text: str) -> Point | str:
    try:
        return POINT.read(text)
    except UnreadableDocument as error:
        return str(error)


@given(JSON)
def test_whatever_is_stored_is_read_or_named_unreadable(value: object) -> None:
    read = _read(json.dumps(value))
    if isinstance(read, str):
        assert read.startswith("the point cannot be read by this release: ")
        assert "\n" not in read


@given(st.text(max_size=30))
def test_whatever_text_is_stored_is_read_or_named_unreadable(text: str) -> None:
    with pytest.raises(UnreadableDocument):
        POINT.read("{" + text)


def test_a_gap_between_versions_is_a_mistake_of_the_code() -> None:
    with pytest.raises(ValueError, match="one by one"):
        Document("point", Point, {2: _to_metres})
