"""A copy of the configs that a test may change, with LoRAs in it: tiny files and the YAML that names them."""

from __future__ import annotations

import json
import shutil
import struct
from functools import cache
from pathlib import Path

from configs import load
from configs.capabilities import CapabilityTable
from configs.catalog import Installation
from configs.load import ROOT
from deployments.families.registry import FAMILIES

FLUX = FAMILIES.table().families["flux"]["base"]
GUIDED = FLUX.model_copy(update={"guidance": "classifier-free", "negative_prompt": True})
TABLE = CapabilityTable(families={**FAMILIES.table().families, "paint": {"base": GUIDED}})
"""The families as they are, but that the other one in these tests can do what flux can, and takes negative prompts."""


_LEFT = ("*.py", "__pycache__", "loras")
"""Not copied: code, and the LoRAs that ship, in whose place tests put their own."""


def load_installation(profile: str, root: Path = ROOT) -> Installation:
    """A profile of the configs under `root`, which may have models of both families."""
    return _as_shipped(profile) if root == ROOT else load.load_installation(profile, TABLE, root)


@cache
def _as_shipped(profile: str) -> Installation:
    """Read once: nothing in it can be changed, and no test changes the files."""
    return load.load_installation(profile, TABLE)


def copy_configs(folder: Path, trained: bool = False) -> Path:
    """The YAML of this repository under `folder`, which is returned: the root of an installation. Every entry of the
    library in it is at its first version. Unless `trained`, nothing says how LoRAs of its models are trained: tests
    change what those can do, or take some away."""
    left = _LEFT if trained else (*_LEFT, "training")
    shutil.copytree(ROOT / "configs", folder / "configs", ignore=shutil.ignore_patterns(*left))
    for file in () if trained else (folder / "configs" / "models").glob("*.yaml"):
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(line for line in lines if not line.startswith(("train_on:", "training_"))))
    for file in (file for kind in ("asset_types", "brand_kits") for file in (folder / "configs" / kind).glob("*.yaml")):
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(line for line in lines if not line.startswith("version:")))
    return folder


def add_lora(root: Path, id: str, *lines: str, family: str = "flux", data_licence: str = "apache-2.0") -> Path:
    """A LoRA in the catalogue under `root`, with further `lines` of YAML; returns its YAML file."""
    weights = root / "loras" / f"{id}.safetensors"
    weights.parent.mkdir(exist_ok=True)
    weights.write_bytes(_tiny_safetensors())
    file = root / "configs" / "loras" / f"{id}.yaml"
    file.parent.mkdir(exist_ok=True)
    parts = ["{part: adapter, licence: apache-2.0}", f"{{part: training data, licence: {data_licence}}}"]
    text = [
        f"id: {id}",
        f"name: The {id} style",
        f"family: {family}",
        f"weights: {{path: {weights}}}",
        f"licence_parts: [{', '.join(parts)}]",
        *lines,
    ]
    file.write_text("\n".join(text) + "\n")
    return file


def add_model(root: Path, id: str, family: str) -> Path:
    """A copy of mini under another id, and of another family, on which no LoRAs are trained; returns its YAML file."""
    lines = (root / "configs" / "models" / "mini.yaml").read_text().splitlines(keepends=True)
    text = "".join(line for line in lines if not line.startswith(("train_on:", "training_")))
    file = root / "configs" / "models" / f"{id}.yaml"
    file.write_text(text.replace("id: mini\n", f"id: {id}\n").replace("family: flux\n", f"family: {family}\n"))
    return file


def edit(file: Path, old: str, new: str) -> None:
    """Replace `old`, which must be there."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def _tiny_safetensors() -> bytes:
    """One LoRA layer of rank 1 and width 2, all zeros, without torch."""
    tensors = {
        "transformer.x.lora_A.weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]},
        "transformer.x.lora_B.weight": {"dtype": "F32", "shape": [2, 1], "data_offsets": [8, 16]},
    }
    header = json.dumps(tensors).encode()
    return struct.pack("<Q", len(header)) + header + bytes(16)
