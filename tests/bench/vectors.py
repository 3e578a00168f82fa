"""How many flat pictures come as SVG, and how close: `python -m tests.bench.vectors` draws with mini, prints a table.

Every subject of mini's world, as icon and as logo. Pictures are kept in a folder (`--keep`), so that another tracing of
the same ones is a matter of minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.table import Table

from configs.errors import StageError
from configs.load import ROOT, load_installation
from deployments.families.registry import FAMILIES
from deployments.generator import Generator
from deployments.messages import Done, GenerateRequest, Picture
from deployments.stages.clean import CleanRequest
from deployments.stages.similarity import measure_psnr, measure_ssim
from deployments.stages.tracing import count_nodes
from deployments.stages.upscaler import Upscaler, UpscaleRequest
from deployments.stages.vector import MAX_PATHS, MIN_PSNR, rasterise, write_svg
from router.job_request import JobRequest
from router.plan import Plan
from router.planning.making import make_plan
from router.rates import Rates
from tests.deployments.pictures import RECIPE
from training.mini.world.palette import COLOURS, PLAIN
from training.mini.world.scene import clashes
from training.mini.world.subjects import PEOPLE, THINGS

FLAT = ("icon", "logo_illustration")
BICYCLES = 12
PROMISED = 0.98  # share of pictures that come as an SVG that people can use
GARMENTS = ("a red coat", "a blue dress", "a green top and black trousers")


@dataclass(frozen=True)
class Order:
    """One picture to draw."""

    asset_type: str
    subject: str
    prompt: str
    seed: int

    @property
    def file(self) -> str:
        return f"{self.asset_type}-{self.prompt.replace(' ', '-')}-{self.seed}.png"


@dataclass(frozen=True)
class Traced:
    """What became of a picture: paths and nodes of its SVG, how like it is to the PNG beside it (dB and SSIM, at its
    own size), how far cleaning went from what was drawn (dB), and the seconds of both; or why it has no SVG."""

    paths: int = 0
    nodes: int = 0
    psnr: float = 0.0
    ssim: float = 0.0
    cleaned: float = 0.0
    seconds: float = 0.0
    reason: str = ""


def orders() -> Iterator[Order]:
    """Bicycles, whose spokes are the hardest to trace; then all else, on a ground of the model's choice and on named
    ones."""
    for seed in range(BICYCLES):
        yield Order(FLAT[seed % 4 == 3], "bicycle", "a red bicycle icon", seed)
    grounds = cycle(PLAIN)
    for index, subject in enumerate(THINGS):
        first, second = (list(COLOURS)[(index * 5 + shift) % len(COLOURS)] for shift in (0, 7))
        ground = next(one for one in grounds if not clashes((second,), one))
        yield Order(FLAT[0], subject, f"a {first} {subject}", 0)
        yield Order(FLAT[1], subject, f"a {first} {subject}", 1)
        yield Order(FLAT[index % 2], subject, f"a {second} {subject} on a {ground} background", 2)
    for subject in PEOPLE:
        for seed, worn in enumerate(GARMENTS):
            yield Order(FLAT[0], subject, f"a {subject} wearing {worn}", seed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw what is not there yet, trace all, print; exit status 1 where less than is promised come as SVG."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, default=ROOT / ".atelier" / "bench" / "vectors")
    parser.add_argument("--only", default="", help="subjects to trace, separated by commas (default: all)")
    parser.add_argument("--raw", action="store_true", help="trace pictures as they were drawn, without cleaning them")
    options = parser.parse_args(arguments)
    options.keep.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in orders() if not options.only or one.subject in options.only.split(",")]
    asyncio.run(draw(wanted, options.keep))
    kept = show([(order, trace(options.keep / order.file, options.raw)) for order in wanted])
    return 0 if kept or options.raw else 1


async def draw(wanted: Iterable[Order], folder: Path) -> None:
    """The pictures that are not there yet, as the studio draws them: base and enlarged, before they are finished."""
    missing = [order for order in wanted if not (folder / order.file).exists()]
    if not missing:
        return
    installation = load_installation("local", FAMILIES.table())
    generator = Generator(installation.catalog.models["mini"])
    upscaler = Upscaler(installation.catalog.upscalers["mini-x4"])
    rates = Rates()

    async def one(order: Order) -> None:
        asked = JobRequest(prompt=order.prompt, asset_type=order.asset_type, seed=order.seed, num_variations=1)
        async for told in generator.generate(_request(make_plan(asked, installation, rates, 0))):
            if isinstance(told, Done):
                large = (await upscaler.upscale(told.picture, UpscaleRequest(1))).picture
                _image(large).save(folder / order.file)

    for start in range(0, len(missing), 4):
        await asyncio.gather(*(one(order) for order in missing[start : start + 4]))
    generator.close()
    upscaler.close()


def trace(path: Path, raw: bool) -> Traced:
    """What cleaning, unless the picture is to stay `raw`, and the finisher make of a picture."""
    with Image.open(path) as opened:
        drawn = opened.convert("RGB")
    begun = time.process_time()
    image, note = drawn, ""
    if not raw:
        done = CleanRequest().apply(Picture(drawn.width, drawn.height, drawn.tobytes()))
        image, note = _image(done.picture), " ".join(done.notes)
    try:
        svg = write_svg(image, RECIPE, image.width, image.height).decode()
    except StageError as error:
        return Traced(reason=note or error.message)
    seconds = time.process_time() - begun
    seen = rasterise(svg, *image.size)
    return Traced(
        svg.count("<path"),
        count_nodes(svg),
        measure_psnr(seen, image),
        measure_ssim(seen, image),
        measure_psnr(image, drawn),
        seconds,
        note,
    )


def show(results: Sequence[tuple[Order, Traced]]) -> bool:
    """A row for bicycles and each kind, and all of them; whether what is promised is kept."""
    table = Table(title="flat pictures of mini as SVG: medians, and the worst in brackets")
    for column in ("what", "SVG", "paths", "nodes a path", "dB to PNG", "SSIM", "PNG to drawn", "seconds"):
        table.add_column(column, justify="left" if column == "what" else "right")
    table.add_row("bicycle", *_cells([traced for order, traced in results if order.subject == "bicycle"]))
    for kind in FLAT:
        table.add_row(kind, *_cells([traced for order, traced in results if order.asset_type == kind]))
    table.add_section()
    table.add_row("all", *_cells([traced for _, traced in results]))
    console = Console(highlight=False, width=120)
    console.print(table)
    for order, traced in results:
        if traced.reason:
            console.print(f"{order.file}: {traced.reason}")
    good = [one for _, one in results if not one.reason and one.paths <= MAX_PATHS and one.psnr >= MIN_PSNR]
    console.print(f"at most {MAX_PATHS} paths and at least {MIN_PSNR:.0f} dB: {len(good)} of {len(results)}")
    return len(good) >= PROMISED * len(results)


def _cells(traced: list[Traced]) -> tuple[str, ...]:
    done = [one for one in traced if not one.reason]
    if not done:
        return (f"0 of {len(traced)}", *[""] * 6)
    nodes = sum(one.nodes for one in done) / max(1, sum(one.paths for one in done))
    return (
        f"{len(done)} of {len(traced)}",
        f"{statistics.median(one.paths for one in done):.0f} ({max(one.paths for one in done)})",
        f"{nodes:.1f}",
        f"{statistics.median(one.psnr for one in done):.1f} ({min(one.psnr for one in done):.1f})",
        f"{statistics.median(one.ssim for one in done):.3f} ({min(one.ssim for one in done):.3f})",
        f"{statistics.median(one.cleaned for one in done):.1f} ({min(one.cleaned for one in done):.1f})",
        f"{statistics.median(one.seconds for one in done):.1f} ({max(one.seconds for one in done):.1f})",
    )


def _request(plan: Plan) -> GenerateRequest:
    base = plan.base
    return GenerateRequest(
        request_id=plan.prompt,
        prompt=base.full_prompt,
        negative_prompt=base.negative_prompt,
        width=base.size.width,
        height=base.size.height,
        seed=plan.seeds[0],
        num_inference_steps=base.num_inference_steps,
        guidance_scale=base.guidance_scale,
    )


def _image(picture: Picture) -> Image.Image:
    return Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)


if __name__ == "__main__":
    raise SystemExit(main())
