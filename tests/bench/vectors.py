"""How many icons come as SVG, and how close: `python -m tests.bench.vectors` draws with mini and prints the table.

Pictures are kept in a folder (`--keep`), so that another tracing of the same ones is a matter of a minute.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.table import Table

from configs.errors import StageError
from configs.load import ROOT, load_installation
from deployments.families.registry import FAMILIES
from deployments.generator import Generator
from deployments.messages import Done, GenerateRequest, Picture
from deployments.stages.upscaler import Upscaler, UpscaleRequest
from deployments.stages.vector import measure_fidelity, write_svg
from router.job_request import JobRequest
from router.plan import Plan
from router.planning.making import make_plan
from router.rates import Rates
from tests.deployments.pictures import RECIPE

SUBJECTS = (
    "house", "cat", "tree", "cloud", "star", "heart", "camera", "umbrella", "lamp", "mug", "book", "car", "fish",
    "bird", "flower", "key", "bell", "envelope", "gear", "lock", "rocket", "crown", "guitar", "mushroom", "clock",
    "gift", "shoe", "leaf",
)  # fmt: skip
COLOURS = ("red", "blue", "green", "yellow", "orange", "purple")
PROMPTS = (
    "a red bicycle icon",
    "a red bicycle",
    *(f"a {COLOURS[i % len(COLOURS)]} {subject}" for i, subject in enumerate(SUBJECTS)),
)
SEEDS = 4


@dataclass(frozen=True)
class Traced:
    """What became of a picture: its paths and its PSNR to the picture (dB), or why it has no SVG."""

    paths: int = 0
    fidelity: float = 0.0
    reason: str = ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw what is not there yet, trace all, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, default=ROOT / ".atelier" / "bench" / "vectors")
    folder = parser.parse_args(arguments).keep
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(draw(folder))
    show({prompt: [trace(path) for path in sorted(folder.glob(f"{_stem(prompt)}-[0-9].png"))] for prompt in PROMPTS})


async def draw(folder: Path) -> None:
    """The pictures that are not there yet, as the studio draws them: base and enlarged, before they are finished."""
    missing = [prompt for prompt in PROMPTS if len(list(folder.glob(f"{_stem(prompt)}-[0-9].png"))) < SEEDS]
    if not missing:
        return
    installation = load_installation("local", FAMILIES.table())
    generator = Generator(installation.catalog.models["mini"])
    rates = Rates()
    upscaler = Upscaler(installation.catalog.upscalers["mini-x4"])

    async def one(prompt: str, index: int) -> None:
        request = _request(
            make_plan(JobRequest(prompt=prompt, seed=0, num_variations=SEEDS), installation, rates, 0), index
        )
        async for told in generator.generate(request):
            if isinstance(told, Done):
                large = (await upscaler.upscale(told.picture, UpscaleRequest(1))).picture
                _image(large).save(folder / f"{_stem(prompt)}-{index}.png")

    for prompt in missing:
        await asyncio.gather(*(one(prompt, index) for index in range(SEEDS)))
    generator.close()


def trace(path: Path) -> Traced:
    """What the finisher makes of a picture."""
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    try:
        svg = write_svg(image, RECIPE, image.width, image.height).decode()
    except StageError as error:
        return Traced(reason=error.message)
    return Traced(svg.count("<path"), measure_fidelity(svg, image))


def show(results: dict[str, list[Traced]]) -> None:
    """A row for each prompt, and all of them."""
    table = Table(title="icons of mini as SVG")
    for column in ("prompt", "SVG", "paths", "dB", "why not"):
        table.add_column(column, justify="left" if column in ("prompt", "why not") else "right")
    for prompt, traced in results.items():
        table.add_row(prompt, *_cells(traced))
    everything = [one for traced in results.values() for one in traced]
    table.add_section()
    table.add_row("all", *_cells(everything)[:-1], "")
    Console().print(table)


def _cells(traced: list[Traced]) -> tuple[str, str, str, str]:
    done = [one for one in traced if not one.reason]
    paths = f"{statistics.median(one.paths for one in done):.0f}" if done else ""
    fidelity = f"{statistics.median(one.fidelity for one in done):.1f}" if done else ""
    reasons = "; ".join(re.sub(r".*flat enough, ", "", one.reason) for one in traced if one.reason)
    return f"{len(done)} of {len(traced)}", paths, fidelity, reasons


def _request(plan: Plan, index: int) -> GenerateRequest:
    base = plan.base
    return GenerateRequest(
        request_id=f"{plan.prompt}/{index}",
        prompt=base.full_prompt,
        negative_prompt=base.negative_prompt,
        width=base.size.width,
        height=base.size.height,
        seed=plan.seeds[index],
        num_inference_steps=base.num_inference_steps,
        guidance_scale=base.guidance_scale,
    )


def _stem(prompt: str) -> str:
    return prompt.replace(" ", "-")


def _image(picture: Picture) -> Image.Image:
    return Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)


if __name__ == "__main__":
    main()
