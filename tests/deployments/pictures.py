"""Pictures and recipes for the tests of the stages: flat art, and a picture that no tracer can follow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from configs.schema import AppliedLora
from deployments.messages import Picture, Recipe
from deployments.stages.encode import FinishRequest

RECIPE = Recipe(
    atelier="0.1.0",
    job_id="job-1",
    index=2,
    model="mini",
    weights="ab" * 32,
    loras=(AppliedLora(lora="icons", strength=0.8),),
    asset_type="icon",
    quality="standard",
    prompt="a red bicycle icon",
    full_prompt="a red bicycle icon, minimal vector style",
    negative_prompt="blurry",
    seed=2**63 + 1,
    num_inference_steps=20,
    guidance_scale=3.5,
    base_size="128x128",
    upscaler="mini-x4",
    size="512x512",
    licence="product: allowed",
    created_at="2026-11-21T12:00:00Z",
    sampler="dpmpp_2m",
    schedule="karras",
)


def asked(*formats: Any, size: tuple[int, int] = (256, 256), **changes: Any) -> FinishRequest:
    """A request to finish RECIPE, with `changes` made to it."""
    return FinishRequest(size[0], size[1], formats, replace(RECIPE, **changes))


def icon(side: int = 256, noise: float = 0.0) -> Picture:
    """A circle and a roof on a plain ground, edges antialiased, with some sensor-like noise if asked for."""
    large = Image.new("RGB", (side * 4, side * 4), (245, 240, 230))
    pen = ImageDraw.Draw(large)
    pen.ellipse([side * 0.5, side * 1.6, side * 2.2, side * 3.3], fill=(200, 30, 40))
    pen.polygon([(side * 2, side * 2), (side * 2.8, side * 0.6), (side * 3.6, side * 2)], fill=(30, 90, 200))
    levels = np.asarray(large.resize((side, side), Image.Resampling.LANCZOS), np.float32)
    levels = levels + np.random.default_rng(0).normal(0, noise, levels.shape).astype(np.float32)
    return Picture(side, side, levels.round().clip(0, 255).astype(np.uint8).tobytes())


def static(side: int = 128) -> Picture:
    """White noise."""
    levels = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    return Picture(side, side, levels.tobytes())


def soft_icon(seed: int, side: int = 512) -> Picture:
    """Thin rings and bars as a small model draws them: soft at their edges, their colours running into one another."""
    rng = np.random.default_rng(seed)
    small = Image.new("RGB", (side // 4, side // 4), (20, 24, 30))
    pen = ImageDraw.Draw(small)
    for index in range(5):
        x, y, r = (int(one) for one in (*rng.integers(20, 90, 2), rng.integers(12, 28)))
        pen.ellipse([x, y, x + r, y + r], outline=((250, 250, 250), (220, 30, 40))[index % 2], width=5)
        pen.line([x, y, *(int(one) for one in rng.integers(20, 100, 2))], fill=(250, 250, 250), width=4)
    mottled = Image.fromarray(rng.integers(0, 256, (24, 24, 3), np.uint8)).resize(small.size, Image.Resampling.BICUBIC)
    soft = Image.blend(small.filter(ImageFilter.GaussianBlur(1.0)), mottled, 0.06)
    large = soft.resize((side, side), Image.Resampling.BICUBIC)
    return Picture(side, side, large.tobytes())
