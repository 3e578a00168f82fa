"""Experiments whose arms have drawn prompts already, without a model: squares whose colour is the arm's."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from PIL import Image, PngImagePlugin
from sqlalchemy import Connection

from configs.experiments import ArmConfig, BallotsConfig, ExperimentConfig, GuardrailConfig, Overlay, StopConfig
from router.experiments.model import FrozenArm, Phase
from router.jobs import transactions
from router.jobs.model import ImageRecord, NewJob, StoredFile
from router.jobs.sql import SqlJobStore
from router.plan import Routed
from router.studio import Studio
from tests.contract.job_samples import LEASE_SECONDS, LICENCE, a_plan

ARMS = ("champion", "klein", "dev", "turbo")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CRITERIA = ("style", "artefacts")


def a_phase(id: str, arms: Sequence[str] = ARMS[:2], stop: StopConfig | None = None, **ballots: object) -> Phase:
    config = ExperimentConfig(
        id=id,
        name=id,
        mode="paired",
        unit="job",
        criteria=CRITERIA,
        guardrails=(GuardrailConfig(metric="failure", max=0.02),),
        stop=stop or StopConfig(),
        ballots=BallotsConfig.model_validate(ballots),
        arms=tuple(
            ArmConfig(id=arm, overlay=Overlay() if arm == "champion" else Overlay(guidance_scale=place + 1))
            for place, arm in enumerate(arms)
        ),
    )
    frozen = tuple(FrozenArm(id=arm.id, weight=arm.weight, overlay=arm.overlay) for arm in config.arms)
    return Phase(id, 1, config, "0" * 64, frozen, NOW)


def a_png(arm: str, number: int, size: tuple[int, int] = (96, 64)) -> bytes:
    """Noise, more of it with each arm, in a file that tells whose it is in every way that it can."""
    rng = np.random.default_rng([number, len(arm)])
    pixels = rng.integers(0, 40 + 50 * (ARMS.index(arm) if arm in ARMS else 0), (size[1], size[0], 3), np.uint8)
    told = PngImagePlugin.PngInfo()
    for key in ("parameters", "c2pa", "XML:com.adobe.xmp"):
        told.add_text(key, f"drawn by {arm} with mini")
    exif = Image.Exif()
    exif[0x010E] = f"drawn by {arm}"
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", pnginfo=told, exif=exif)
    return file.getvalue()


def colourfulness(arm: str, number: int) -> float:
    """Of a picture by `a_colourful_png`, 0 to 1: klein's have more of it, mostly."""
    rng = np.random.default_rng([number, len(arm)])
    return float(rng.uniform(0.45, 0.95) if arm == "klein" else rng.uniform(0.25, 0.65))


def a_colourful_png(arm: str, number: int) -> bytes:
    """The same picture from both arms, but for how much colour it has: its light, contrast and detail are alike."""
    pixels = np.random.default_rng(number).uniform(40, 215, (64, 96, 3))
    light = (pixels @ np.array([0.2126, 0.7152, 0.0722]))[..., None]
    file = io.BytesIO()
    coloured = np.clip(light + colourfulness(arm, number) * (pixels - light), 0, 255)
    Image.fromarray(coloured.round().astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


@dataclass(frozen=True)
class Drawn:
    """The only picture of a job."""

    routed: Routed
    prompt: str
    png: bytes
    asset_type: str = "icon"
    size: tuple[int, int] = (96, 64)
    scores: dict[str, float] = field(default_factory=dict)

    def image(self, sha256: str) -> ImageRecord:
        return ImageRecord(
            index=0,
            seed=7,
            width=self.size[0],
            height=self.size[1],
            files=(StoredFile(format="png", media_type="image/png", sha256=sha256, size_bytes=len(self.png)),),
            licence=LICENCE,
            seconds={"base": 1.0 + (self.routed.assigned == "klein")},
            scores=self.scores,
        )


class Gallery:
    """Puts finished jobs into a studio that nobody works in yet."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._jobs = 0

    async def begin(self, phase: Phase) -> None:
        await self._studio.experiments.store.start(phase, 1.0, "ana", "", lambda others: None)

    async def draw(
        self,
        phase: Phase,
        prompts: Iterable[str],
        asset_types: Sequence[str] = ("icon", "logo"),
        paint: Callable[[str, int], bytes] = a_png,
        **scores: float,
    ) -> None:
        """Each prompt by every arm."""
        drawn = list[Drawn]()
        for number, prompt in enumerate(prompts):
            for arm in phase.arms:
                measured = {"sharpness": float(number % 3) + (arm.id == "klein"), **scores}
                routed = self.routed(phase, arm.id, f"pair-{number}")
                kind = asset_types[number % len(asset_types)]
                drawn.append(Drawn(routed, prompt, paint(arm.id, number), kind, scores=measured))
        await self.finish(*drawn)

    def routed(self, phase: Phase, arm: str, pair: str | None, served: str | None = None) -> Routed:
        return Routed(
            reason="replay" if pair else "split",
            experiment=phase.experiment,
            phase=phase.number,
            assigned=arm,
            served=served or arm,
            unit=pair or f"unit-{self._jobs}",
            pair=pair,
        )

    async def finish(self, *drawn: Drawn) -> None:
        """Jobs that are complete, all in one transaction."""
        store, blobs = self._studio.store, self._studio.blobs
        assert isinstance(store, SqlJobStore)
        files = [await blobs.put(one.png) for one in drawn]
        await store.expect_files(*files)
        await store.database.write(self._complete, drawn, files)

    def _complete(self, connection: Connection, drawn: Sequence[Drawn], files: Sequence[str]) -> None:
        for one, sha256 in zip(drawn, files, strict=True):
            self._jobs += 1
            plan = a_plan(pictures=1).model_copy(update={"prompt": one.prompt, "routed": one.routed})
            request = {"prompt": one.prompt, "asset_type": one.asset_type, "quality": "standard"}
            job = NewJob(f"secretjob{self._jobs:06d}", "runs", request, plan, LICENCE)
            transactions.accept(connection, job, None, NOW)
            lease = transactions.lease_next(connection, "worker", NOW, NOW + timedelta(seconds=LEASE_SECONDS))
            assert lease is not None
            transactions.complete(connection, lease, one.image(sha256), NOW)
