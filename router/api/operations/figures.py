"""GET /operations/figures: the last day in numbers, for those who look after the studio."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field

from configs.catalog import Installation
from configs.frozen import Frozen
from configs.sharing import split_name
from router.api.deps import StudioDep
from router.operations.figures import Hour

routes = APIRouter(tags=["operations"])


class HourBody(Frozen):
    """Of the jobs that were accepted in an hour: how they stand now, how long people waited, what drawing took."""

    at: datetime
    complete: int
    failed: int
    canceled: int
    unfinished: int
    wait_p50: float | None = Field(description="seconds until the first step; of neither batches nor experiments")
    wait_p95: float | None
    drawing_seconds: float = Field(description="of a device, as planned")


class DrawnBody(Frozen):
    """What a deployment has drawn in the day."""

    deployment: str
    drawing_seconds: float
    cost: float | None = Field(
        description="of drawing alone, at the fleet's price; null where it has none, or kinds of several prices"
    )


class FiguresBody(Frozen):
    """The last 24 hours, as the job table has them; Prometheus is not asked."""

    hours: tuple[HourBody, ...] = Field(description="the oldest first, the last one under way")
    wait_p50: float | None
    wait_p95: float | None
    drawn: tuple[DrawnBody, ...]
    currency: str
    partial: bool = Field(description="there were more jobs than are looked at: these are the newest")


@routes.get("/operations/figures")
async def show_figures(studio: StudioDep) -> FiguresBody:
    """How long people waited in the last day, how jobs ended, what drawing took and cost, hour by hour."""
    seen, installation = await studio.workload.figures(), studio.installation
    drawn = sorted(seen.drawn.items(), key=lambda one: -one[1])
    return FiguresBody(
        hours=tuple(map(_hour_body, seen.hours)),
        wait_p50=seen.waits.p50,
        wait_p95=seen.waits.p95,
        drawn=tuple(
            DrawnBody(deployment=name, drawing_seconds=round(seconds, 2), cost=_cost(installation, name, seconds))
            for name, seconds in drawn
        ),
        currency="USD" if installation.fleet is None else installation.fleet.currency,
        partial=seen.partial,
    )


def _hour_body(hour: Hour) -> HourBody:
    return HourBody(
        at=hour.at,
        complete=hour.outcomes["complete"],
        failed=hour.outcomes["failed"],
        canceled=hour.outcomes["canceled"],
        unfinished=hour.outcomes["queued"] + hour.outcomes["processing"],
        wait_p50=hour.waits.p50,
        wait_p95=hour.waits.p95,
        drawing_seconds=round(hour.drawn_seconds, 2),
    )


def _cost(installation: Installation, deployment: str, seconds: float) -> float | None:
    """Of a share of a GPU for so long, where one price holds for whatever it ran on."""
    fleet, name = installation.fleet, split_name(deployment)[0]
    prices = set() if fleet is None else {kind.price_per_gpu_hour for kind in fleet.kinds.values()}
    share = next((entry.share for entry in installation.ledger if entry.deployment == name), 0.0)
    if len(prices) != 1:
        return None
    return round(seconds * share * prices.pop() / 3600, 4)
