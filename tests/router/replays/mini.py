"""Mini, drawing for real in this process behind the API; and with another sampler than its checkpoint names."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from PIL import Image, ImageDraw

from configs.load import ROOT
from configs.schema import ModelConfig
from router.api.app import create_app
from tests.catalogue import load_installation
from tests.real_studio import real_studio
from tests.router.replays.orders import MASK, UPLOAD
from tests.studio import serving

PROMPT = "a red bicycle"


@contextmanager
def drawing_mini(folder: Path, mini: ModelConfig | None = None) -> Iterator[httpx.Client]:
    """The API of a studio with its state under `folder`, whose mini is that of the configs or the given one."""
    studio = real_studio(folder, {} if mini is None else {"mini": mini})
    with serving(create_app(studio)) as url, httpx.Client(base_url=url, timeout=60) as api:
        yield api


def mini_with_shift(folder: Path, shift: float) -> ModelConfig:
    """Mini as it ships, but for how far its sampler shifts its steps towards noise: 2 in its checkpoint."""
    mini = load_installation("local").catalog.models["mini"]
    own, copy = ROOT / str(mini.weights.path), folder / "mini"
    for file in (one for one in own.rglob("*") if one.is_file()):
        place = copy / file.relative_to(own)
        place.parent.mkdir(parents=True, exist_ok=True)
        os.symlink(file, place)
    settings = copy / "scheduler" / "scheduler_config.json"
    said = json.loads(settings.read_text()) | {"shift": shift}
    settings.unlink()
    settings.write_text(json.dumps(said))
    return mini.model_copy(update={"weights": mini.weights.model_copy(update={"path": str(copy)})})


def bring(api: httpx.Client) -> dict[str, str]:
    """A picture and a mask of its middle, by what stands for them in orders."""
    picture = Image.radial_gradient("L").resize((128, 128)).convert("RGB")
    mask = Image.new("L", (128, 128))
    ImageDraw.Draw(mask).ellipse((32, 32, 96, 96), fill=255)
    return {UPLOAD: _upload(api, picture), MASK: _upload(api, mask)}


def with_pictures(order: dict[str, Any], brought: dict[str, str]) -> dict[str, Any]:
    """An order with the pictures that it means."""
    said = {name: brought.get(value, value) if isinstance(value, str) else value for name, value in order.items()}
    return {"prompt": PROMPT, "quality": "draft", "seed": 11, **said}


def _upload(api: httpx.Client, image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "PNG")
    answer = api.post("/pictures", files={"file": ("a.png", file.getvalue())})
    return str(answer.json()["picture_id"])
