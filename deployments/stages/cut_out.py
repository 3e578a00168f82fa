"""Cut-out: a transparent ground. Exact where the ground is of one colour, else by a network where a profile has one."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from PIL import Image
from pydantic import Field

from configs.catalog import Catalog, Installation
from configs.cutters import CutterConfig
from configs.errors import AtelierError, InvalidRequest, StageError
from configs.replicas import Replicas
from configs.schema import Identifier, LicencePart
from deployments.exchange import KEPT, Exchange
from deployments.messages import Done, Picture
from deployments.stages.kind import Deployment, Draft, Learned, Settings, Stage, StageKind, Work

if TYPE_CHECKING:
    from deployments.stages.cut import Cut, Cutter

log = logging.getLogger(__name__)

Method: TypeAlias = Literal["auto", "flat", "network"]
_DEPLOYMENT = "cut-out"
_GUESS_SECONDS = 0.6  # per megapixel of flat ground, until measured
_MEGAPIXEL = 1_000_000


class CutOutSettings(Settings):
    """The subject without its ground; a picture without one that can be told apart is kept whole, with a note."""

    holes: bool = Field(default=False, description="Also where the ground shows through, such as between spokes")
    method: Method = Field(
        default="auto",
        description="flat: a ground of one colour, exactly; network: any ground; auto: flat where it is, else network",
    )


class CutOutStage(Stage):
    """Make the ground transparent; `cutter` is the network for grounds that are not flat."""

    kind: Literal["cut_out"] = "cut_out"
    holes: bool
    method: Method
    cutter: Identifier | None
    megapixels: float = Field(gt=0)


@dataclass(frozen=True, slots=True)
class CutOutRequest:
    """Cut the subject of a picture out, by `method`."""

    method: ClassVar[str] = "cut_out"
    streams: ClassVar[bool] = False
    takes_picture: ClassVar[bool] = True

    by: Method = "auto"
    holes: bool = False


class CutOut:
    """The replica: pictures are cut out one at a time, on a thread of its own. The network is loaded when a picture
    needs it first, and torch with it."""

    def __init__(self, config: CutterConfig | None, exchange: Exchange = KEPT) -> None:
        """`config` is the network's, None for none."""
        self._config, self._put = config, exchange.put
        self._network: Cutter | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=_DEPLOYMENT)

    async def cut_out(self, picture: Picture, request: CutOutRequest) -> Done:
        """The picture with `alpha`; whole, with a note, where no subject can be told apart. Raises `StageError`, and
        `ConfigError` for weights that cannot be used."""
        done = await asyncio.get_running_loop().run_in_executor(self._thread, self._work, picture, request)
        return replace(done, picture=await asyncio.to_thread(self._put, done.picture))

    def check_health(self) -> None:
        """Nothing here can break without the process."""

    def close(self) -> None:
        """Let the picture at hand be finished, and begin no others."""
        self._thread.shutdown(cancel_futures=True)

    def _work(self, picture: Picture, request: CutOutRequest) -> Done:
        started = time.perf_counter()
        try:
            image = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
            cut = self._cut(image, request)
        except AtelierError:
            raise
        except Exception as error:  # noqa: BLE001 - a picture that fails must not take the replica with it
            log.exception("a picture could not be cut out")
            raise StageError(f"the picture could not be cut out ({type(error).__name__})") from None
        seconds = time.perf_counter() - started
        if isinstance(cut, str):
            return Done(seconds, picture, notes=(f"not cut out: {cut}; the picture is whole",))
        return Done(seconds, replace(picture, rgb=cut.rgb.tobytes(), alpha=cut.alpha.tobytes()))

    def _cut(self, image: Image.Image, request: CutOutRequest) -> Cut | str:
        from deployments.stages.flat_ground import FlatGround  # scipy, which only a replica needs

        if request.by != "network":
            cut = FlatGround(request.holes).cut(image)
            if not isinstance(cut, str) or request.by == "flat" or self._config is None:
                return cut
        return self._cutter().cut(image)

    def _cutter(self) -> Cutter:
        from deployments.stages.soft_ground import load_soft_ground

        if self._config is None:
            raise StageError("there is no network here that cuts out")
        if self._network is None:
            self._network = load_soft_ground(self._config)
        return self._network


def _plan(draft: Draft) -> CutOutStage | None:
    """Raises `InvalidRequest` where a network is asked for and there is none."""
    settings = draft.settings
    if not isinstance(settings, CutOutSettings):
        return None
    cutter = None if settings.method == "flat" else draft.installation.profile.cutter
    if settings.method == "network" and cutter is None:
        message = "nothing here cuts out by a network: method may be flat, or auto"
        raise InvalidRequest(message, "stages.cut_out.method", ("flat", "auto"))
    guess = _GUESS_SECONDS
    if settings.method == "network" and cutter is not None:
        guess = draft.installation.catalog.cutters[cutter].seconds_per_megapixel
    megapixels = draft.size.pixels / _MEGAPIXEL
    return CutOutStage(
        deployment=_DEPLOYMENT,
        holes=settings.holes,
        method=settings.method,
        cutter=cutter,
        megapixels=megapixels,
        estimated_seconds=draft.speeds.seconds(_work(settings.method), guess) * megapixels,
    )


def _work(method: Method) -> str:
    return f"{_DEPLOYMENT} {method}"


def _message(stage: CutOutStage, _: Work) -> CutOutRequest:
    return CutOutRequest(stage.method, stage.holes)


def _learned(stage: CutOutStage, done: Done) -> tuple[Learned, ...]:
    return (Learned(_work(stage.method), done.seconds / stage.megapixels),)


def _licence_parts(stage: CutOutStage, catalog: Catalog) -> Iterable[tuple[str, LicencePart]]:
    """Of the network, which any picture may turn out to need."""
    cutter = stage.cutter
    return () if cutter is None else ((cutter, part) for part in catalog.cutters[cutter].licence_parts)


def _deployments(installation: Installation) -> tuple[Deployment, ...]:
    """One that comes when it is asked for, and goes again."""
    cutter = installation.profile.cutter
    config = None if cutter is None else installation.catalog.cutters[cutter]
    return (Deployment(_DEPLOYMENT, CutOut, (config,), Replicas(min_replicas=0)),)


def _written(stage: CutOutStage) -> str:
    where = {"flat": "of a flat ground", "network": f"with {stage.cutter}", "auto": "of a flat ground"}[stage.method]
    other = f", or else with {stage.cutter}" if stage.method == "auto" and stage.cutter else ""
    return f"{where}{other}{', with holes' if stage.holes else ''}"


CUT_OUT = StageKind(
    name="cut_out",
    label="cutting out",
    stage=CutOutStage,
    plan=_plan,
    message=_message,
    written=_written,
    settings=CutOutSettings,
    learned=_learned,
    licence_parts=_licence_parts,
    deployments=_deployments,
)
