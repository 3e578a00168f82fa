"""One generator's life on a real cluster: woken, doubled, fed by its LoRAs, drained in the middle of a picture.

`python -m tests.bench.scaling` starts a studio in which mini has no replica while nobody needs it and two at most,
asks it for pictures, and prints what was seen. `tests/cluster/test_scaling.py` holds it to that.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from ray import serve as ray_serve
from rich.console import Console

from configs.catalog import Installation
from configs.fitness import TRAINING_DATA
from configs.load import ROOT
from configs.replicas import GeneratorReplicas
from configs.schema import Address, LicencePart, Limits, LoraConfig, Weights
from deployments.messages import ModelState
from serve.launch import APPLICATION
from tests.bench.launched import launched
from tests.bench.sightings import Moment, Sightings, describe
from tests.ports import free_port
from tests.studio import local_installation

GENERATOR = "generator-mini"
LORAS = ("ink", "wool", "paper", "night")
_TARGET_SECONDS = 8.0
_PATIENCE_SECONDS = 360.0
_ENDED = ("complete", "failed", "canceled")


@dataclass
class Watch:
    """Counts the generator's replicas from a thread, by state, for as long as it is open."""

    moments: list[Moment] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def open(self) -> Iterator[Watch]:
        thread = threading.Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()

    def _look(self) -> None:
        began = time.monotonic()
        while not self._stop.wait(0.1):
            states = ray_serve.status().applications[APPLICATION].deployments[GENERATOR].replica_states
            counts = {str(getattr(state, "value", state)): count for state, count in states.items()}
            running, starting, stopping = (counts.get(name, 0) for name in ("RUNNING", "STARTING", "STOPPING"))
            self.moments.append(Moment(time.monotonic() - began, running, starting, stopping))

    @property
    def now(self) -> Moment:
        return self.moments[-1] if self.moments else Moment(0, 0, 0, 0)


class Customer:
    """Asks a studio for pictures over HTTP."""

    def __init__(self, api: httpx.Client) -> None:
        self._api, self._number = api, 0

    def ask(self, pictures: int = 1, steps: int = 12, lora: str | None = None) -> dict[str, Any]:
        """The answer to POST /generate. No two pictures are alike."""
        self._number += 1
        body: dict[str, Any] = {"prompt": f"a red bicycle icon, number {self._number}", "asset_type": "icon"}
        body |= {"quality": "draft", "formats": ["png"], "num_variations": pictures, "num_inference_steps": steps}
        body |= {"loras": [{"id": lora, "strength": 0.5}]} if lora else {}
        answer: dict[str, Any] = self._api.post("/generate", json=body).raise_for_status().json()
        return answer

    def read(self, job_id: str) -> dict[str, Any]:
        job: dict[str, Any] = self._api.get(f"/jobs/{job_id}").raise_for_status().json()
        return job

    def wait(self, job_id: str) -> dict[str, Any]:
        until(lambda: self.read(job_id)["status"] in _ENDED, f"the end of {job_id}")
        return self.read(job_id)

    def cancel(self, job_id: str) -> None:
        self._api.delete(f"/jobs/{job_id}").raise_for_status()

    def retries(self, job_id: str) -> int:
        return self._api.get(f"/jobs/{job_id}/events").text.count("event: job.retried")


def until(holds: Callable[[], bool], what: str) -> float:
    """Seconds until it holds. Raises TimeoutError."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > _PATIENCE_SECONDS:
            raise TimeoutError(f"waited {_PATIENCE_SECONDS:.0f} s for {what}")
        time.sleep(0.05)
    return time.monotonic() - began


def replicas() -> list[ModelState]:
    """What each replica says of itself."""
    handle: Any = ray_serve.get_deployment_handle(GENERATOR, APPLICATION)
    states: list[ModelState] = handle.broadcast("state").results(timeout_s=30)
    return states


def live(customer: Customer, watch: Watch) -> Sightings:
    """One life, from nothing to a single replica again."""
    seen = Sightings(target_seconds=_TARGET_SECONDS)
    wake(customer, seen)
    grow(customer, watch, seen)
    mine = settle(customer, seen)
    shrink(customer, watch, mine, seen)
    abandon(customer, seen)
    seen.moments = [*watch.moments]
    return seen


def wake(customer: Customer, seen: Sightings) -> None:
    """From nothing: the answer counts the start, and the first LoRA is now known to lie in the first replica."""
    cold = customer.ask(lora=LORAS[0])
    seen.cold_estimate = cold["estimated_time_seconds"]
    began = time.monotonic()
    seen.woken = customer.wait(cold["job_id"])["status"] == "complete"
    seen.wake_seconds = time.monotonic() - began
    warm = customer.ask()
    seen.warm_estimate = warm["estimated_time_seconds"]
    customer.wait(warm["job_id"])


def grow(customer: Customer, watch: Watch, seen: Sightings) -> None:
    """Two: what the replica holds would not ask for another, what waits in the database does."""
    jobs = [customer.ask(pictures=2)["job_id"] for _ in range(60)]

    def doubled() -> bool:
        seen.held_seconds = max([seen.held_seconds, *(state.backlog_seconds for state in replicas())])
        return watch.now.running == 2

    seen.grow_seconds = until(doubled, "a second replica")
    for job in reversed(jobs):
        customer.cancel(job)
    ended = [customer.wait(job) for job in jobs]
    seen.waited = sum(job["images_completed"] == 0 for job in ended)


def settle(customer: Customer, seen: Sightings) -> str:
    """Each LoRA finds a home and keeps it: returns one whose home is the newer replica."""
    mine = _settle_in_the_newer(customer)
    jobs = [customer.ask(pictures=2, lora=lora)["job_id"] for _ in range(15) for lora in LORAS]
    seen.lora_pictures = sum(customer.wait(job)["images_completed"] for job in jobs[:16])
    seen.homes = [state.loras for state in replicas()]
    for job in reversed(jobs):  # what waits has kept both
        customer.cancel(job)
    return mine


def _settle_in_the_newer(customer: Customer) -> str:
    """While the first replica draws something long, what needs a LoRA that nobody holds goes to the other."""
    for lora in LORAS[1:]:
        long = customer.ask(steps=100, lora=LORAS[0])["job_id"]
        until(lambda job=long: customer.read(job)["progress"] > 0, "the first step")  # type: ignore[misc]
        customer.wait(customer.ask(lora=lora)["job_id"])
        customer.wait(long)
        if any(lora in state.loras and LORAS[0] not in state.loras for state in replicas()):
            return lora
    raise RuntimeError("no LoRA has found its way to the second replica")


def shrink(customer: Customer, watch: Watch, lora: str, seen: Sightings) -> None:
    """One picture after the other, which never leaves it idle, is no work for two: the newer has to go meanwhile."""
    jobs = [customer.ask(steps=100, lora=lora)["job_id"]]
    while watch.now.running == 2:
        progress = customer.read(jobs[-1])["progress"]
        if progress > 0.6:
            jobs.append(customer.ask(steps=100, lora=lora)["job_id"])
        time.sleep(0.02)
    seen.drained_at = max((job["progress"] for job in map(customer.read, jobs) if job["progress"] < 1), default=None)
    seen.streamed = [customer.wait(job)["status"] for job in jobs]
    seen.stream_retries = sum(customer.retries(job) for job in jobs)
    until(lambda: watch.now.stopping == 0, "the end of the newer replica")
    after = customer.wait(customer.ask(lora=lora)["job_id"])
    seen.drawn_after = after["status"] == "complete"


def abandon(customer: Customer, seen: Sightings) -> None:
    """Eight pictures of a hundred steps are taken back when they have begun: the replica is free at once."""
    job_id = customer.ask(pictures=8, steps=100)["job_id"]
    until(lambda: customer.read(job_id)["progress"] > 0, "the first step")
    seen.abandoned_seconds = sum(state.backlog_seconds for state in replicas())
    began = time.monotonic()
    customer.cancel(job_id)
    until(lambda: not any(state.backlog_seconds for state in replicas()), "a free replica")
    seen.freed_seconds = time.monotonic() - began


def scaling_installation(folder: Path) -> Installation:
    """The local profile with four LoRAs and a generator that comes and goes quickly."""
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
        downscale_delay_s=15,
    )
    placements = [one.model_copy(update={"replicas": replicas}) for one in installation.profile.generators]
    profile = installation.profile.model_copy(update={"generators": tuple(placements)})
    loras = {name: mini_lora(folder, name, seed) for seed, name in enumerate(LORAS)}
    catalog = installation.catalog.model_copy(update={"loras": loras})
    return installation.model_copy(update={"profile": profile, "catalog": catalog})


def mini_lora(folder: Path, name: str, seed: int) -> LoraConfig:
    """Random, of rank 4, for mini's queries."""
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    draw, tensors = torch.Generator().manual_seed(seed), {}
    with safe_open(next((ROOT / "deployments/weights/mini/transformer").glob("*.safetensors")), "pt") as file:
        for key in (key for key in file.keys() if key.endswith("attn.to_q.weight")):  # noqa: SIM118 - not a dict
            outputs, inputs = file.get_slice(key).get_shape()
            layer = f"transformer.{key.removesuffix('.weight')}"
            tensors[f"{layer}.lora_A.weight"] = torch.randn(4, inputs, generator=draw) * 0.05
            tensors[f"{layer}.lora_B.weight"] = torch.randn(outputs, 4, generator=draw) * 0.05
    path = folder / f"{name}.safetensors"
    save_file(tensors, path)
    licences = tuple(LicencePart(part=part, licence="apache-2.0") for part in ("adapter", TRAINING_DATA))
    return LoraConfig(id=name, name=name, family="flux", weights=Weights(path=str(path)), licence_parts=licences)


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
            Watch().open() as watch,
        ):
            seen = live(Customer(api), watch)
    if chosen.json is not None:
        chosen.json.write_text(seen.model_dump_json(indent=2))
    Console().print(describe(seen))


if __name__ == "__main__":
    main()
