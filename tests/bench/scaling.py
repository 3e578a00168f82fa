"""One generator's life on a real cluster: woken, doubled, fed by its LoRAs, drained in the middle of a picture.

`python -m tests.bench.scaling` starts a studio in which mini has no replica while nobody needs it and two at most,
asks it for pictures, and prints what was seen. `tests/cluster/test_scaling.py` holds it to that.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from pathlib import Path

import httpx
from rich.console import Console

from configs.catalog import Installation
from configs.replicas import GeneratorReplicas
from configs.service import Address, Limits
from tests.bench.customer import Customer, until
from tests.bench.launched import launched
from tests.bench.mini_loras import mini_lora
from tests.bench.sightings import Sightings, describe
from tests.bench.watch import Watch
from tests.ports import free_port
from tests.studio import local_installation

GENERATOR = "generator-mini"
FIRST = "ink"
"""The LoRA that the first replica holds from its first picture on."""
OTHERS = (("wool", "paper", "night"), ("chalk", "clay", "moss"), ("felt", "brass", "glass"), ("silk", "stone", "rust"))
"""Those that find a home while there are two: the next three where a try has come to nothing."""
_TARGET_SECONDS = 20.0
_CROWD = 40  # jobs of two pictures


def live(customer: Customer, watch: Watch) -> Sightings:
    """One life, from nothing to a single replica again."""
    seen = Sightings(target_seconds=_TARGET_SECONDS)
    wake(customer, seen)
    crowd = grow(customer, watch, seen)
    mine = settle(customer, watch, crowd, seen)
    shrink(customer, watch, mine, seen)
    abandon(customer, watch, seen)
    seen.moments = [*watch.moments]
    return seen


def wake(customer: Customer, seen: Sightings) -> None:
    """From nothing: the answer counts the start, and the first LoRA is now known to lie in the first replica."""
    seen.cold_start = customer.announced_start()
    cold = customer.ask(lora=FIRST)
    seen.cold_estimate = cold["estimated_time_seconds"]
    began = time.monotonic()
    seen.woken = customer.wait(cold["job_id"])["status"] == "complete"
    seen.wake_seconds = time.monotonic() - began
    seen.warm_start = customer.announced_start()


def grow(customer: Customer, watch: Watch, seen: Sightings) -> list[str]:
    """Two: what the replica holds would not ask for another, what waits in the database does. Returns what waits."""
    crowd = customer.ask_many(_CROWD, 2, paced(watch, 2))

    def doubled() -> bool:
        seen.held_seconds = max([seen.held_seconds, *(state.backlog_seconds for state in watch.states())])
        return watch.now.running == 2

    seen.grow_seconds = until(doubled, "a second replica")
    seen.waited = sum(customer.read(job)["status"] == "queued" for job in crowd)
    return crowd


def paced(watch: Watch, seconds: float) -> int:
    """Steps of a picture that take about so long on this machine, as busy as it is."""
    return max(8, min(100, round(seconds / max(state.seconds_per_step for state in watch.states()))))


def settle(customer: Customer, watch: Watch, crowd: list[str], seen: Sightings) -> str:
    """Each LoRA finds a home and keeps it: returns one whose home is the newer replica.

    Where the newer one has gone meanwhile, because the machine was too busy for what waits to be told in time, there
    has to be another one first.
    """
    for others in OTHERS:
        if watch.now.running < 2:
            crowd += customer.ask_many(_CROWD, 2, paced(watch, 2))
            until(lambda: watch.now.running == 2, "a second replica again")
        customer.cancel(crowd)
        began, seen.loras = watch.now, [FIRST, *others]
        crowd = _spread(customer, watch, others, seen)
        if crowd and watch.fewest(began) == 2:
            customer.cancel(crowd)
            return others[0]
    raise RuntimeError(f"no LoRA has found its way to the second replica: {[state.loras for state in watch.states()]}")


def _spread(customer: Customer, watch: Watch, others: tuple[str, ...], seen: Sightings) -> list[str]:
    """While the first replica draws something long, what needs a LoRA that nobody holds goes to the other; then come
    jobs with each of the LoRAs, and what keeps both by waiting. Returns what waits, nothing where the first had all."""
    long = customer.ask(2, paced(watch, 3), FIRST)["job_id"]
    until(lambda: customer.has_begun(long), "the first step")
    new = customer.ask(lora=others[0])["job_id"]
    jobs = [customer.ask(2, lora=lora)["job_id"] for _ in range(4) for lora in (FIRST, *others)]
    crowd = customer.ask_many(_CROWD // 2, 2, paced(watch, 2))
    customer.wait(new)
    if not any(others[0] in state.loras and FIRST not in state.loras for state in watch.states()):
        customer.cancel([long, *jobs, *crowd])
        return []
    seen.lora_pictures = sum(customer.wait(job)["images_completed"] for job in jobs)
    seen.homes = [tuple({*state.loras} & {*seen.loras}) for state in watch.states()]
    return [long, *crowd]


def shrink(customer: Customer, watch: Watch, lora: str, seen: Sightings) -> None:
    """One picture after the other, which never leaves it idle, is no work for two: the newer has to go meanwhile."""
    steps = paced(watch, 2)
    jobs = [customer.ask(steps=steps, lora=lora)["job_id"]]

    def halved() -> bool:
        if customer.read(jobs[-1])["progress"] > 0.5:
            jobs.append(customer.ask(steps=steps, lora=lora)["job_id"])
        return watch.now.running < 2

    until(halved, "the newer replica to have to go")
    seen.drained_at = max((job["progress"] for job in map(customer.read, jobs) if job["progress"] < 1), default=None)
    seen.streamed = [customer.wait(job)["status"] for job in jobs]
    seen.stream_retries = sum(customer.retries(job) for job in jobs)
    until(lambda: watch.now.stopping == 0, "the end of the newer replica")
    after = customer.wait(customer.ask(lora=lora)["job_id"])
    seen.drawn_after = after["status"] == "complete"


def abandon(customer: Customer, watch: Watch, seen: Sightings) -> None:
    """Eight pictures of a hundred steps are taken back when they have begun: the replica is free at once."""
    job_id = customer.ask(pictures=8, steps=100)["job_id"]
    until(lambda: customer.has_begun(job_id), "the first step")
    seen.abandoned_seconds = sum(state.backlog_seconds for state in watch.states())
    began = time.monotonic()
    customer.cancel([job_id])
    until(lambda: not any(state.backlog_seconds for state in watch.states()), "a free replica")
    seen.freed_seconds = time.monotonic() - began


def scaling_installation(folder: Path) -> Installation:
    """The local profile with some LoRAs and a generator that comes and goes quickly."""
    installation = local_installation(
        folder,
        http=Address(port=free_port()),
        dashboard=None,
        parallel_jobs=2,
        limits=Limits(max_queued_jobs_per_owner=1000),
    )
    replicas = GeneratorReplicas(
        min_replicas=0,
        max_replicas=2,
        num_cpus=0.5,
        target_backlog_seconds=_TARGET_SECONDS,
        upscale_delay_s=1,
        downscale_delay_s=10,
    )
    placements = [one.model_copy(update={"replicas": replicas}) for one in installation.profile.generators]
    profile = installation.profile.model_copy(update={"generators": tuple(placements)})
    names = [FIRST, *(name for others in OTHERS for name in others)]
    loras = {name: mini_lora(folder, name, seed) for seed, name in enumerate(names)}
    catalog = installation.catalog.model_copy(update={"loras": loras})
    return installation.model_copy(update={"profile": profile, "catalog": catalog})


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", type=Path, help="write what was seen to this file, too")
    chosen = options.parse_args()
    logging.getLogger("ray.serve").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        installation = scaling_installation(Path(folder))
        with (
            launched(installation) as url,
            httpx.Client(base_url=url, timeout=60) as api,
            Watch(GENERATOR).open() as watch,
        ):
            seen = live(Customer(api), watch)
    if chosen.json is not None:
        chosen.json.write_text(seen.model_dump_json(indent=2))
    Console().print(describe(seen))


if __name__ == "__main__":
    main()
