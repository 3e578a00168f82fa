"""What is not computed twice, and what is not begun in vain."""

from __future__ import annotations

import statistics
from dataclasses import replace
from functools import partial

from deployments.engine.embeddings import EmbeddingCache
from deployments.engine.metrics import Recorded
from deployments.families.family import Conditioning
from tests.bench.engine.models import Subject
from tests.bench.engine.traffic import (
    Arrival,
    EngineServer,
    Server,
    draw_in_turn,
    draw_together,
    play,
    poisson,
    seconds_of,
)


def coalescing(subject: Subject) -> float:
    """How many pictures are computed for eight identical requests at once: counted in rows of the model's calls."""
    ticks, steps = Recorded(), 10
    with subject.engine(ticks) as engine:
        same = [replace(subject.ask, request_id=str(i), num_inference_steps=steps) for i in range(8)]
        draw_together(EngineServer(engine), same)
    return sum(ticks.observed("atelier_engine_batch_rows")) / steps


def embed_cache(subject: Subject, rounds: int) -> float:
    """Seconds to an encoded prompt: not known, so encoded and kept ÷ known. Each prompt is as long as templates make
    them."""
    cache: EmbeddingCache[Conditioning] = EmbeddingCache(2**28)
    missing, known = [], []

    def look_up(prompt: str) -> None:
        key = (subject.family.weights, prompt, "", None)
        if cache.get(key) is None:
            conditioning = subject.family.encode(prompt, "")
            cache.put(key, conditioning, conditioning.nbytes)

    for turn in range(rounds):
        prompt = f"{subject.ask.prompt}, clean vector style, minimal flat design, number {turn}"
        missing.append(seconds_of(partial(look_up, prompt)))
        known.append(seconds_of(partial(look_up, prompt)))
    return statistics.median(missing) / statistics.median(known)


def shedding(subject: Subject, count: int) -> float:
    """Pictures in time at twice what the engine can draw: told the deadline, it refuses what would be late ÷ not told,
    it takes everybody in turn. `count` requests make the overload last many deadlines."""
    requests = [replace(subject.ask, seed=seed, num_inference_steps=8) for seed in range(8)]
    deadline = 10 * draw_in_turn(subject.family, requests) / len(requests)
    with subject.engine() as engine:
        server = EngineServer(engine)
        batched = statistics.median(draw_together(server, requests) for _ in range(3))
        ours, theirs = (
            _in_time(server, poisson(count, 2 * 8 / batched, (8,), one, seed=1), deadline)
            for one in (replace(subject.ask, deadline_seconds=deadline), subject.ask)
        )
    return ours / max(theirs, 1 / count)


def _in_time(server: Server, arrivals: list[Arrival], deadline: float) -> float:
    """The share of pictures that came within `deadline` seconds."""
    latencies = play(server, arrivals)
    return sum(value is not None and value <= deadline for value in latencies) / len(latencies)
