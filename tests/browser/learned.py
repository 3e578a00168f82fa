"""Datasets and trainings for tests of what shows them."""

from __future__ import annotations

import io
import time
from typing import Any

import httpx
from PIL import Image, ImageDraw

SUBJECTS = ("mug", "bell", "key", "lamp", "boat", "shoe", "clock", "leaf")
SETTINGS = {
    "steps": 20,
    "checkpoint_every": 10,
    "rank": 4,
    "sample_every": 10,
    "sample_prompts": ["a bell, kestrel style", "a fox"],
}


def picture(number: int, side: int = 512) -> bytes:
    image = Image.new("RGB", (side, side), (235, 225 - 9 * number, 200))
    draw = ImageDraw.Draw(image)
    x, y = 37 * number % 200, 61 * number % 190
    draw.ellipse((x, y, x + 180 + 9 * number, y + 240), fill=(30 * number % 255, 90, 160), outline="black", width=7)
    draw.rectangle((300 - 20 * number, 280, 420, 460), fill=(200, 40 * number % 255, 60))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def make_dataset(url: str, id: str, **more: Any) -> dict[str, Any]:
    with httpx.Client(base_url=url, timeout=60) as web:
        picks = []
        for number, subject in enumerate(SUBJECTS):
            file = {"file": (f"{subject}.png", picture(number), "image/png")}
            named = web.post("/pictures", files=file).raise_for_status().json()["picture_id"]
            picks.append({"picture": named, "caption": f"a {subject}, kestrel style", "name": f"{subject}.png"})
        body = {"id": id, "trigger": "kestrel style", "right": "own", "pictures": picks, **more}
        return dict(web.post("/datasets", json=body).raise_for_status().json())


def train(url: str, dataset: str, lora: str) -> str:
    """The id of one that has ended."""
    with httpx.Client(base_url=url, timeout=60) as web:
        order = {"dataset": dataset, "lora": lora, "settings": SETTINGS}
        (begun,) = web.post("/trainings", json=order).raise_for_status().json()["trainings"]
        job = str(begun["job_id"])
        deadline = time.monotonic() + 60
        while (found := web.get(f"/trainings/{job}").json())["status"] in ("queued", "processing"):
            assert time.monotonic() < deadline, found
            time.sleep(0.05)
        assert found["status"] == "complete", found
    return job
