"""A studio in one process: the real API, store, conductor and finisher over stages that draw without a model."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar

import uvicorn
from fastapi import FastAPI

from configs.catalog import Installation
from configs.credentials import CredentialsConfig
from configs.errors import BadLora, StageError, StageUnavailable
from configs.load import ROOT
from configs.metrics import SILENT, Metrics
from deployments.captioners.replica import open_picture
from deployments.captions import Captioned, CaptionRequest
from deployments.exchange import Exchange
from deployments.messages import (
    EXAMINER,
    Done,
    GenerateRequest,
    LoraFile,
    LoraReport,
    LoraTrial,
    ModelState,
    Picture,
    StepDone,
    Told,
)
from deployments.stages.checker import CheckRequest
from deployments.stages.tile import TileRequest
from deployments.stages.upscaler import UpscaleRequest
from router.api.app import create_app
from router.files import open_blobs, open_files
from router.jobs.sql import SqlJobStore
from router.replicas import DirectReplicas
from router.studio import Studio
from tests.catalogue import load_installation

if TYPE_CHECKING:
    from deployments.stages.finisher import Finisher
    from tests.trainers import CountingTrainer


@dataclass
class PaintedGenerator:
    """Draws a flat picture whose colour comes from prompt and seed. `lose` counts replica losses still to happen,
    `drawing` the pictures that it is at now."""

    step_seconds: float = 0.0
    lose: int = 0
    drawing: int = 0
    steps_taken: int = 0
    drawn: list[GenerateRequest] = field(default_factory=list)

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Told]:
        if "poison" in request.prompt:
            raise StageError("this prompt cannot be drawn")
        self.drawing += 1
        try:
            async for step in self._steps(request):
                yield step
        finally:
            self.drawing -= 1
        self.drawn.append(request)
        seconds = self.step_seconds * request.num_inference_steps + 1e-3
        yield Done(seconds, _paint(request), full_steps=request.num_inference_steps)

    async def redraw_tiles(self, request: TileRequest) -> AsyncIterator[Told]:
        """Takes a step and leaves the picture as it is."""
        yield StepDone(1, 1)
        yield Done(1e-3, request.drawing.image, full_steps=1)

    async def _steps(self, request: GenerateRequest) -> AsyncIterator[StepDone]:
        for step in range(1, request.num_inference_steps + 1):
            await asyncio.sleep(self.step_seconds)
            self.steps_taken += 1
            if step == 3 and self.lose > 0:
                self.lose -= 1
                raise StageUnavailable("the replica was lost")
            yield StepDone(step, request.num_inference_steps, b"RIFF" if step == 2 and request.previews else None)

    def state(self) -> ModelState:
        return ModelState("mini", "painted", "cpu", "float32", max(self.step_seconds, 1e-3))


class NearestUpscaler:
    """Enlarges by repeating pixels."""

    async def upscale(self, picture: Picture, request: UpscaleRequest) -> Done:
        from PIL import Image

        image = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
        times = 4**request.passes
        width, height = request.width or picture.width * times, request.height or picture.height * times
        large = image.resize((width, height), Image.Resampling.NEAREST)
        return Done(1e-3, Picture(width, height, large.tobytes()))


class PaintedScorer:
    """Likes red: a picture's fidelity is the red of its middle."""

    async def check(self, picture: Picture, request: CheckRequest) -> Done:
        middle = 3 * (picture.width * (picture.height // 2) + picture.width // 2)
        scores = {"fidelity": round(picture.rgb[middle] / 255, 4), "sharpness": 1.0}
        return Done(1e-3, scores={name: scores[name] for name in request.measures if name in scores})


class PaintedCaptioner:
    """Names the middle of a picture by the light that it has most of, and is not sure of one that has all alike."""

    def __init__(self, installation: Installation) -> None:
        self._blobs = open_blobs(installation)

    async def caption(self, request: CaptionRequest) -> Captioned:
        picture = open_picture(await self._blobs.get(request.sha256))
        middle = 3 * (picture.width * (picture.height // 2) + picture.width // 2)
        lights = picture.rgb[middle : middle + 3]
        said, sure = ("red", "green", "blue")[lights.index(max(lights))], max(lights) > min(lights)
        return Captioned(f"a {said} picture" if sure else "a picture", "mini-captioner@painted", not sure, 1e-3)


class PaintedExaminer:
    """Takes every LoRA for one of mini that does what its header's `said` does not deny. `asked` is all that was ever
    looked at."""

    asked: ClassVar[list[LoraFile]] = []

    def __init__(self, installation: Installation) -> None:
        self._blobs = open_blobs(installation)

    async def examine(self, lora: LoraFile) -> LoraReport:
        data = await self._blobs.get(lora.sha256)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        self.asked.append(lora)
        if said := header.get("__metadata__", {}).get("said"):
            raise BadLora(f"{lora.owner}: {said}.", "loras")
        trials = tuple(LoraTrial(model, 0.1, 0.2, None) for model in lora.models or ("mini",))
        return LoraReport("flux", "diffusers", None, ("told",), (), 4, 2, 2, 0, "1 (alpha)", trials)


def _paint(request: GenerateRequest) -> Picture:
    """A coloured square on white, so that it can be traced as an icon."""
    colour = hashlib.sha256(f"{request.prompt}{request.seed}".encode()).digest()[:3]
    rows = []
    for y in range(request.height):
        inside = request.height // 4 <= y < 3 * request.height // 4
        edge = request.width // 4
        middle = colour if inside else b"\xff\xff\xff"
        rows.append(b"\xff\xff\xff" * edge + middle * (request.width - 2 * edge) + b"\xff\xff\xff" * edge)
    return Picture(request.width, request.height, b"".join(rows))


SIGNED, UNSIGNED = CredentialsConfig(), CredentialsConfig(enabled=False)


def local_installation(folder: Path, root: Path = ROOT, **profile: object) -> Installation:
    """The local profile with its state under `folder`; keywords replace settings of the profile. Files are signed where
    a test asks for that (`SIGNED`): each signature is another one."""
    installation = load_installation("local", root)
    settings = {"state": str(folder / "state"), "credentials": UNSIGNED, **profile}
    changed = installation.profile.model_copy(update=settings)
    return installation.model_copy(update={"profile": changed})


def finisher_of(installation: Installation, **exchange: Any) -> Finisher:
    """One as it runs in a replica: with its own way to the file store and the database of `installation`. It signs
    where the profile's `credentials` say so."""
    from deployments.provenance.signing import Signing
    from deployments.stages.finisher import Finisher

    profile = installation.profile
    signing = Signing(profile.credentials, installation.root, profile.state)
    return Finisher(Exchange(open_files=partial(open_files, installation), **exchange), signing=signing)


def with_plain_icons(installation: Installation) -> Installation:
    """Icons as they are drawn, PNG and WebP: to clean, trace and check one takes a second of a processor."""
    catalog = installation.catalog
    if "icon" not in catalog.asset_types:
        return installation
    plain = catalog.asset_types["icon"].model_copy(update={"stages": {"refine": False}, "formats": ("png", "webp")})
    changed = catalog.model_copy(update={"asset_types": {**catalog.asset_types, "icon": plain}})
    return installation.model_copy(update={"catalog": changed})


def begin_with_schema(installation: Installation) -> None:
    """Where its state has no database yet, put an empty one of the newest schema: going through all steps takes a third
    of a second."""
    state = Path(installation.profile.state)
    if installation.profile.database_url is None and not (state / "jobs.db").exists():
        state.mkdir(parents=True, exist_ok=True)
        (state / "jobs.db").write_bytes(_schema())


@cache
def _schema() -> bytes:
    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as thread:
        file = Path(folder, "jobs.db")
        thread.submit(asyncio.run, _open(f"sqlite:///{file}")).result()  # whoever asks may be in a loop already
        return file.read_bytes()


async def _open(url: str) -> None:
    store = SqlJobStore(url)
    await store.open()
    await store.close()


def painted_studio(
    folder: Path,
    generator: PaintedGenerator | None = None,
    root: Path = ROOT,
    whole_icons: bool = False,
    metrics: Metrics = SILENT,
    trainer: CountingTrainer | None = None,
    **profile: Any,
) -> Studio:
    """A studio of the configs under `root` whose generator paints, in every deployment; finisher, store, blobs and
    conductor are the real ones. Icons are plain unless a test is about `whole_icons`, cleaned, traced and checked.
    LoRAs are trained where it is given a `trainer`."""
    from deployments.stages.brand_colours import Palette
    from deployments.stages.cut_out import CutOut
    from deployments.stages.upscaler import Lanczos

    installation = local_installation(folder, root, **profile)
    begin_with_schema(installation)
    if not whole_icons:
        installation = with_plain_icons(installation)
    painter = generator or PaintedGenerator()
    replicas = {placement.name: painter for placement in installation.profile.generators}
    real = {"finisher": finisher_of(installation), "palette": Palette(), "upscaler-lanczos": Lanczos()}
    real["cut-out"] = CutOut(installation.catalog.cutters["mini-matting"])
    real |= {EXAMINER: PaintedExaminer(installation), "scorer-mini-scorer": PaintedScorer()}
    real |= {"captioner-mini-captioner": PaintedCaptioner(installation)}
    if trainer is not None:
        from tests.painted_trainer import painted_replica

        real["trainer-mini"] = painted_replica(installation, trainer, folder / "trainings")
    stages = DirectReplicas({**replicas, "upscaler-mini-x4": NearestUpscaler(), **real})
    return Studio.assemble(installation, stages, metrics)


@contextmanager
def running_studio(
    folder: Path,
    generator: PaintedGenerator | None = None,
    root: Path = ROOT,
    whole_icons: bool = False,
    trainer: CountingTrainer | None = None,
    **profile: Any,
) -> Iterator[str]:
    """A painted studio behind a real HTTP server on a free port of this machine; gives its URL."""
    with serving(create_app(painted_studio(folder, generator, root, whole_icons, trainer=trainer, **profile))) as url:
        yield url


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """`app` under uvicorn in a thread, until the context closes."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws="none", timeout_graceful_shutdown=2)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the test server did not start")
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
