"""A file that is not safetensors is refused for what it is, and one that lies about itself for where it lies."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from configs.errors import ConfigError
from deployments.checkpoints.headers import read_header
from tests.short_form import examples
from tests.strangers import hidden

TENSORS = {"a": torch.ones(4, 4), "b": torch.ones(3, dtype=torch.bfloat16), "c": torch.ones(())}
WHOLE = save(TENSORS, {"format": "pt"})
LENGTH = struct.unpack("<Q", WHOLE[:8])[0]


def written(data: bytes) -> Callable[[Path], object]:
    return lambda file: file.write_bytes(data)


def _zip(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("lora.safetensors", WHOLE)


def _cut_checkpoint(file: Path) -> None:
    torch.save(TENSORS, file)
    file.write_bytes(file.read_bytes()[:200])


KINDS: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (lambda _: None, "does not exist: check the path"),
    "folder": (Path.mkdir, "is a folder: give the .safetensors file in it"),
    "dangling link": (lambda file: file.symlink_to(file.with_name("gone")), "is a link to a file that is not there"),
    "pipe": (os.mkfifo, "is not a file"),
    "empty": (Path.touch, "is empty: its download or its copy broke off"),
    "page": (written(b"<!DOCTYPE html>\n<html><body>Sign in</body>"), "is a web page"),
    "page with a mark": (written(b"\xef\xbb\xbf\n <HTML><head>"), "is a web page"),
    "storage's error": (written(b'<?xml version="1.0"?><Error><Code>AccessDenied'), "is a web page"),
    "JSON": (written(b'{"error":"Unauthorized","message":"The creator requires you to be logged in"}'), "is JSON"),
    "text": (written(b"Invalid username or password."), "is a text that begins 'Invalid username or password.'"),
    "short text": (written(b"x"), "is a text that begins 'x'"),
    "pointer": (written(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "is a Git LFS pointer"),
    "checkpoint": (lambda file: torch.save(TENSORS, file), "is a pickle"),
    "checkpoint of old": (
        lambda file: torch.save(TENSORS, file, _use_new_zipfile_serialization=False),
        "is a pickle",
    ),
    "cut checkpoint": (_cut_checkpoint, "is a pickle"),
    **{f"pickle {p}": (written(pickle.dumps({"a": [1.0] * 9}, protocol=p)), "is a pickle") for p in range(6)},
    "zip": (_zip, "is a zip archive"),
    "gzip": (written(gzip.compress(WHOLE)), "is a gzip archive"),
    "7z": (written(b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(99)), "is a 7z archive"),
    "RAR": (written(b"Rar!\x1a\x07\x01\x00" + bytes(99)), "is a RAR archive"),
    "GGUF": (written(b"GGUF\x03\x00\x00\x00" + bytes(99)), "is a GGUF file"),
    "PNG": (lambda file: Image.new("RGB", (8, 8)).save(file, "PNG"), r"is a picture \(PNG\)"),
    "JPEG": (lambda file: Image.new("RGB", (8, 8)).save(file, "JPEG"), r"is a picture \(JPEG\)"),
    "WebP": (lambda file: Image.new("RGB", (8, 8)).save(file, "WEBP"), r"is a picture \(WebP\)"),
    "noise": (written(bytes(range(200, 256)) * 4), "is not a safetensors file"),
    "zeros": (written(bytes(512)), "is not a safetensors file"),
    "cut in its header": (written(WHOLE[: LENGTH // 2]), "is cut short in its header"),
    "cut": (written(WHOLE[:-1]), "bytes where its header promises"),
    "with more": (written(WHOLE + b"\0"), "bytes where its header promises"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_reason_is_that_of_its_cause_and_of_no_other(kind: str, tmp_path: Path) -> None:
    make, reason = KINDS[kind]
    file = tmp_path / "x.safetensors"
    make(file)
    with pytest.raises(ConfigError, match=reason) as refused:
        read_header(file, "LoRA 'x'")
    message = str(refused.value)
    assert message.startswith("LoRA 'x': ")
    assert hidden(message) == []
    others = {other for _, other in KINDS.values()} - {reason, "is not a file", "is not a safetensors file"}
    assert [other for other in others if other.replace("\\", "") in message and other not in reason] == []


ODD: list[Any] = [None, 3, "x", [], {}, {"dtype": "F32"}]


def packed(header: Any, data: bytes) -> bytes:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw)) + raw + data


def entry(first: Any = 0, end: Any = 16, dtype: Any = "F32", shape: Any = (4,)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape) if isinstance(shape, tuple) else shape, "data_offsets": [first, end]}


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"a": entry(shape=(5,))}, "gives tensor 'a' 16 bytes where it needs 20"),
        ({"a": entry(dtype="BF16")}, "gives tensor 'a' 16 bytes where it needs 8"),
        ({"a": entry(4), "b": entry(0, 4, shape=())}, "gives tensor 'a' 12 bytes where it needs 16"),
        ({"a": entry(), "b": entry()}, "tensor 'b' does not follow the one before it"),
        ({"a": entry(4, 16, shape=(3,))}, "tensor 'a' does not follow the one before it"),
        ({"a": entry(), "b": entry(8, 16, shape=(2,))}, "tensor 'b' does not follow the one before it"),
        ({"a": entry(0, 2**62)}, "bytes where its header promises"),
        *(({"a": entry(first)}, "has a corrupt header") for first in (-4, "0", None, 1.5, True, 17, 2**70)),
        *(({"a": entry(shape=shape)}, "has a corrupt header") for shape in (None, 4, (-4,), ("4",), {"0": 4})),
        *(({"a": value}, "has a corrupt header") for value in ODD),
        ({"a": entry(), "__metadata__": {"x": 3}}, "has a corrupt header"),
        ({"a": entry(), "__metadata__": "x"}, "has a corrupt header"),
        *((raw, "has a corrupt header") for raw in (b"[]", b"{}x", b"\xff\xff", b'{"a"', b"[" * 5000, b"null")),
    ],
)
def test_a_header_that_lies_is_refused_where_it_lies(header: Any, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "x.safetensors"
    file.write_bytes(packed(header, bytes(16)))
    with pytest.raises(ConfigError, match=reason):
        read_header(file, "x")


@given(st.data())
@settings(max_examples=examples(400), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_read_is_read_by_the_format_too(tmp_path: Path, data: st.DataObject) -> None:
    """Whole files with bytes changed, cut or added: refused in words, or the library reads the same of it."""
    damaged = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    whole = bytes(damaged)[: data.draw(st.integers(0, len(damaged)))] if data.draw(st.booleans()) else bytes(damaged)
    file = tmp_path / "x.safetensors"
    file.write_bytes(whole)
    try:
        header = read_header(file, "x")
    except ConfigError:
        return
    with suppress(SafetensorError), safe_open(file, "pt") as opened:  # it may know more reasons, which are told too
        shapes = {name: tuple(opened.get_slice(name).get_shape()) for name in opened.offset_keys()}
        assert shapes == {name: one.shape for name, one in header.items()}
