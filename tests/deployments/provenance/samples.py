"""Files as the finisher writes them, and who signs them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, TypeAlias

import c2pa
from PIL import Image

from configs.credentials import CredentialsConfig
from configs.formats import MEDIA_TYPES, Format
from deployments.messages import Recipe, Terms
from deployments.provenance.signatory import Signatory
from deployments.provenance.signing import Signing
from deployments.stages.encode import FinishRequest, encode
from tests.deployments.pictures import RECIPE, icon

Manifest: TypeAlias = dict[str, Any]
TERMS = Terms(reference="allowed", internal="allowed", product="conditional")


def a_signatory(state: Path, **config: Any) -> Signatory:
    """One with a chain of its own below `state`, unless `config` has another."""
    found = Signing(CredentialsConfig(**config), str(state), "state").open()
    assert found is not None
    return found


def written(
    kind: Format, signatory: Signatory | None, recipe: Recipe = RECIPE, parent: bytes | None = None, side: int = 128
) -> bytes:
    """One file of an icon."""
    asked = FinishRequest(side, side, (kind,), recipe, terms=TERMS)
    return encode(icon(side), asked, signatory, parent).files[0].data


def told(file: bytes, kind: Format) -> Manifest:
    """Everything that the project behind C2PA reads of a file."""
    with c2pa.Reader(MEDIA_TYPES[kind], io.BytesIO(file)) as reader:
        read: Manifest = json.loads(reader.json())
        return read


def active(read: Manifest) -> Manifest:
    """The manifest that speaks of the file as it is."""
    manifest: Manifest = read["manifests"][read["active_manifest"]]
    return manifest


def assertion(read: Manifest, label: str) -> Manifest:
    """What the active manifest says under a label."""
    return next(one["data"] for one in active(read)["assertions"] if one["label"] == label)


def pixels(file: bytes) -> bytes:
    """Of a file, as any program shows it."""
    return Image.open(io.BytesIO(file)).convert("RGBA").tobytes()
