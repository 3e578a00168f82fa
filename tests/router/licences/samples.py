"""A studio whose model is under a licence that a test chooses, so that not everything may be done with its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from tests.catalogue import copy_configs, edit
from tests.router.calls import submit, wait
from tests.studio import running_studio

REFERENCE_ONLY, CONDITIONAL = "flux-1-dev-non-commercial", "stability-ai-community"


@contextmanager
def licensed_studio(folder: Path, licence: str, **profile: Any) -> Iterator[httpx.Client]:
    """mini's transformer is under `licence`."""
    root = copy_configs(folder)
    mini = root / "configs" / "models" / "mini.yaml"
    edit(mini, "{part: transformer, licence: apache-2.0}", f"{{part: transformer, licence: {licence}}}")
    with running_studio(folder, root=root, **profile) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def draw(api: httpx.Client, **body: object) -> dict[str, Any]:
    """A finished job of one small picture."""
    job = wait(api, submit(api, quality="draft", **body))
    assert job["status"] == "complete", job
    return job


def photo(colour: tuple[int, int, int] = (30, 90, 160)) -> bytes:
    """A picture that nothing here has drawn."""
    import io

    image = Image.radial_gradient("L").resize((96, 64))
    tinted = Image.merge("RGB", [image.point(lambda level, c=c: (level + c) % 256) for c in colour])
    file = io.BytesIO()
    tinted.save(file, "PNG")
    return file.getvalue()


def upload(api: httpx.Client, file: bytes, **said: str) -> dict[str, Any]:
    answer = api.post("/pictures", files={"file": ("photo.png", file)}, data=said)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body
