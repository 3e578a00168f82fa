"""The screens that are shown to people outside and held to how they looked, with something on each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from playwright.sync_api import FilePayload, Page, expect

PROMPTS = (
    ("a woman in a blue coat", "product_illustration"),
    ("a yellow house in the snow", "premium_illustration"),
    ("a green watering can", "logo_illustration"),
    ("a red bicycle", "icon"),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """One screen: where it is, and what is done there before it is looked at."""

    name: str
    path: str
    act: Callable[[Page], None] = lambda page: None
    is_shuffled: bool = False
    """Its pictures come in the order in which they were finished."""


def _write(page: Page) -> None:
    page.get_by_role("textbox", name="What should it show?").fill("a red bicycle")
    expect(page.get_by_text(re.compile(r"^About \d"))).to_be_visible()


def _ask_for_help(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def _choose_a_file(page: Page) -> None:
    """Of the icon with the smallest seed, whatever came first."""
    studio = "/".join(page.url.split("/")[:3])
    found = page.request.get(f"{studio}/images?asset_type=icon&limit=50").json()["images"]
    bicycles = [one for one in found if one["prompt"] == PROMPTS[-1][0]]
    (file, *_) = (one for one in min(bicycles, key=lambda one: one["seed"])["files"] if one["format"] == "png")
    picture = page.request.get(file["url"]).body()
    payload: FilePayload = {"name": "red-bicycle.png", "mimeType": "image/png", "buffer": picture}
    page.get_by_label(re.compile("^Drop a file here")).set_input_files(payload)
    expect(page.get_by_role("region", name="What it is")).to_be_visible()


SCENES = (
    Scene("create", "/", _write),
    Scene("results", "/app/jobs/{job}"),
    Scene("work", "/app/work", is_shuffled=True),
    Scene("picture", "/app/images/{asset}"),
    Scene("compare", "/app/compare?ids={pair}"),
    Scene("collection", "/app/collections/{collection}"),
    Scene("batch", "/app/batches/{batch}"),
    Scene("verify", "/app/verify", _choose_a_file),
    Scene("library", "/app/library"),
    Scene("me", "/app/me"),
    Scene("keys", "/app/batches", _ask_for_help),
)


def prepare(web: httpx.Client, quality: str = "draft") -> dict[str, str]:
    """Draw what the scenes show; the same seeds each time. What an address may name, by its name there."""
    rows = {"prompts": ["cloud computing", "a rocket", "a cup of tea"], "name": "Clouds", "seeds": [3]}
    batch = web.post("/batches", json={**rows, "qualities": [quality], "asset_types": ["icon"]}).json()["batch_id"]
    _wait(web, f"/batches/{batch}")
    jobs = [_draw(web, prompt, kind, quality, seed) for seed, (prompt, kind) in enumerate(PROMPTS, start=11)]
    drawn = (web.get(f"/jobs/{job}").json()["images"] for job in reversed(jobs))
    assets = [image["asset_id"] for images in drawn for image in images]
    collection = web.post("/collections", json={"name": "Spring campaign", "notes": "For the shop's first page."})
    where = collection.json()["id"]
    web.post(f"/collections/{where}/items", json={"asset_ids": assets[::3]}).raise_for_status()
    web.put(f"/images/{assets[0]}/favourite").raise_for_status()
    return {
        "job": jobs[-1],
        "asset": assets[0],
        "pair": f"{assets[0]},{assets[1]}",
        "collection": where,
        "batch": batch,
    }


def _draw(web: httpx.Client, prompt: str, kind: str, quality: str, seed: int) -> str:
    order = {"prompt": prompt, "asset_type": kind, "quality": quality, "num_variations": 4, "seed": seed}
    job: str = web.post("/generate", json=order).raise_for_status().json()["job_id"]
    _wait(web, f"/jobs/{job}")
    return job


def _wait(web: httpx.Client, path: str) -> None:
    """Until it has ended, however that is told: a job's events end with it; a batch's jobs each do."""
    jobs = [path] if path.startswith("/jobs") else [f"/jobs/{one['job_id']}" for one in _jobs(web, path)]
    for job in jobs:
        events = web.get(f"{job}/events").text
        assert "job.complete" in events, events[-500:]


def _jobs(web: httpx.Client, path: str) -> list[dict[str, str]]:
    batch = path.rsplit("/", 1)[1]
    found: list[dict[str, str]] = web.get("/jobs", params={"batch": batch, "limit": 200}).json()["jobs"]
    return found


def show(page: Page, studio: str, scene: Scene, known: dict[str, str]) -> None:
    """Open a scene and wait until all that it shows is there."""
    page.goto(studio + scene.path.format(**known))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    scene.act(page)
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)
    page.wait_for_function("() => document.fonts.status === 'loaded' && [...document.images].every(i => i.complete)")
